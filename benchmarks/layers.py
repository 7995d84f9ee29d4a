"""How fast the recurrent layers are, forward and backward, beside PyTorch on one thread.

    python benchmarks/layers.py

PyTorch is no dependency of the project: run this with a Python that has it, and NumPy. Without it
only this library's own times are printed, and the report says so.

Both sides compute the same numbers in double precision, checked first, and take turns, so that a
busy machine slows both. A ratio is this library's time over PyTorch's, printed as its minimum and
median over the rounds; the median is held against the target. PyTorch's own default, single
precision, is half the work; its ratio stands beside for orientation. The exit code is always 0:
this is a report.
"""

from __future__ import annotations

import os

# Read when NumPy and PyTorch load their libraries.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from elman.layers import RNN
from elman.layers.dense import Dense
from elman.layers.gated import GRU, LSTM
from elman.layers.members import SimpleRNN
from elman.layers.recurrent import RecurrentLayer
from elman.layers.sequential import Sequential
from elman.layers.weights import keras_parameters

try:
    import torch
except ImportError:
    torch = None

# (input, hidden, layers, batch, steps), the largest ratio allowed, rounds
SIZES = (
    ((10, 20, 2, 3, 5), 1.0, 200),
    ((6, 20, 1, 32, 100), 1.0, 30),
    ((64, 128, 2, 32, 100), 2.0, 15),
)

NUMBERS_SECONDS = 0.1


def own_call(layer: RecurrentLayer, x: np.ndarray, grad: np.ndarray) -> Callable[[], None]:
    """Forward and backward by this library."""

    def call() -> None:
        layer(x)
        layer.backward(grad)

    return call


def their_call(
    kind: str, layer: RecurrentLayer, x: np.ndarray, grad: np.ndarray, dtype: str
) -> Callable[[], None]:
    """The same by PyTorch, with the same parameters; gradients start anew in every call."""
    dtype = getattr(torch, dtype)
    theirs = getattr(torch.nn, kind)(layer.input_size, layer.hidden_size, layer.num_layers)
    theirs = theirs.to(dtype)
    theirs.load_state_dict({name: torch.tensor(p) for name, p in layer.parameters.items()})
    their_x = torch.tensor(x, dtype=dtype, requires_grad=True)
    their_grad = torch.tensor(grad, dtype=dtype)

    def call() -> None:
        theirs.zero_grad()
        their_x.grad = None
        output, _ = theirs(their_x)
        output.backward(their_grad)

    if dtype == torch.float64:
        call()
        output, _ = layer(x)
        grad_x, _ = layer.backward(grad)
        same = np.allclose(grad_x, their_x.grad.numpy(), rtol=1e-9, atol=1e-12)
        if not (same and np.allclose(output, theirs(their_x)[0].detach().numpy())):
            sys.exit(f"{kind}: the two sides do not compute the same numbers.")
    return call


def take_turns(rounds: int, *calls: Callable[[], None]) -> np.ndarray:
    """Seconds (calls, rounds) of the calls, made one after the other in every round."""
    seconds = np.empty((len(calls), rounds))
    for _ in range(3):
        for call in calls:
            call()
    for r in range(rounds):
        for k, call in enumerate(calls):
            began = time.perf_counter()
            call()
            seconds[k, r] = time.perf_counter() - began
    return seconds


def compare(kind: type[RecurrentLayer], size: tuple[int, ...], target: float, rounds: int) -> str:
    """One line of the report."""
    inputs, hidden, layers, batch, steps = size
    rng = np.random.default_rng(0)
    layer = kind(inputs, hidden, layers, rng=rng)
    x = rng.normal(size=(steps, batch, inputs))
    grad = rng.normal(size=(steps, batch, hidden))
    name = kind.__name__
    calls = [own_call(layer, x, grad)]
    if torch is not None:
        calls += [their_call(name, layer, x, grad, dtype) for dtype in ("float64", "float32")]
    seconds = take_turns(rounds, *calls)
    line = f"{name:5} {size!s:23} {np.median(seconds[0]) * 1e3:8.2f} ms"
    if torch is None:
        return line
    double, single = seconds[0] / seconds[1], seconds[0] / seconds[2]
    met = "met" if np.median(double) <= target else "MISSED"
    return (
        f"{line}   {double.min():.2f} min, {np.median(double):.2f} median, at most {target:.2f}: "
        f"{met:6}   single precision {np.median(single):.2f}"
    )


def numbers_seconds() -> np.ndarray:
    """Times of the number-sequence exercise: 200 passes over the seven windows of 0..9."""
    windows = np.arange(7.0)[:, np.newaxis] + np.arange(3.0)
    x, y = windows[..., np.newaxis], windows[:, -1:] + 1.0
    seconds = []
    for seed in range(15):
        rng = np.random.default_rng(seed)
        model = Sequential([SimpleRNN(1, 50, "relu", rng=rng), Dense(50, 1, rng=rng)])
        model.set_parameters(keras_parameters(model.parameters, rng=rng))
        seconds.append(model.fit(x, y, epochs=200).seconds)
    return np.array(seconds)


def main() -> None:
    """Print the report."""
    if torch is None:
        print("PyTorch is not installed here: no ratios, only this library's own times.\n")
    else:
        torch.set_num_threads(1)
        print(f"NumPy {np.__version__}, PyTorch {torch.__version__}, one thread.")
        print("Time, then the ratio to PyTorch in double precision.\n")
    print("layer (input, hidden, layers, batch, steps)")
    for size, target, rounds in SIZES:
        for kind in (RNN, LSTM, GRU):
            print(compare(kind, size, target, rounds), flush=True)
    seconds = numbers_seconds()
    met = "met" if np.median(seconds) <= NUMBERS_SECONDS else "MISSED"
    print(
        f"\nnumber sequence, 200 epochs: {seconds.min():.3f} s min, {np.median(seconds):.3f} s "
        f"median, at most {NUMBERS_SECONDS} s: {met}"
    )


if __name__ == "__main__":
    main()
