"""A stack of layers that trains: `Sequential`, with Keras's words and PyTorch's weight names.

    x        inputs    (samples, steps, features), or (samples, features) for a stack without memory
    y        targets   the last layer's output shape: (samples, units) or (samples, steps, units)
    lengths  (samples,) steps of each sequence, where they differ; what follows is padding, which
             is never read: `padding.padded` makes x and lengths of a list of sequences

Parameters of the stack are named by the layer's place and its own name, such as
"0.weight_ih_l0" or "1.bias": the names of a PyTorch state_dict of the same stack.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

import numpy as np

from elman.layers.losses import LOSSES, Loss
from elman.layers.members import Layer
from elman.layers.optimizers import Optimizer, adam, clip_by_norm, clip_by_value
from elman.layers.padding import cleared, masked, within
from elman.layers.recurrent import Parameters
from elman.layers.weights import checked_parameters, from_state_dict, read_npz, to_state_dict
from elman.settings import (
    SIZE,
    Setting,
    checked_array,
    checked_finite,
    checked_lengths,
    refuse,
)

EPOCHS = Setting(int, "passes through the samples", low=1, high=1_000_000)

PROGRESS_SECONDS = 0.05


class SummaryRow(NamedTuple):
    """One layer in a summary; None in a shape stands for any number."""

    layer: str
    output_shape: tuple[int | None, ...]
    parameters: int


@dataclass(frozen=True)
class History:
    """How a `fit` went.

    losses     (epochs done,) mean loss of each pass, measured while it learned
    status     "finished", "stopped" (by `should_stop`) or "diverged" (no longer finite)
    seconds    training time
    """

    losses: np.ndarray
    status: str
    seconds: float


class Sequential:
    """Layers one after the other: `Recurrent`, `SimpleRNN`, `Dense`, `Dropout`, `EncoderDecoder`.

    Raises ValueError for an empty list.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        if not layers:
            raise refuse("layers", "a list of at least one layer", words="none was given")
        self.layers = list(layers)
        # Which steps of the last call's output belong to their sequence; None where all do.
        self._inside: np.ndarray | None = None

    @property
    def keeps_steps(self) -> bool:
        """Whether the output has the steps of the input, each at its place."""
        return all(layer.keeps_steps for layer in self.layers)

    @property
    def parameters(self) -> Parameters:
        """All parameters, as "place.name" -> array."""
        return {f"{k}.{n}": p for k, ly in enumerate(self.layers) for n, p in ly.parameters.items()}

    @property
    def gradients(self) -> Parameters:
        """All gradients of the last `backward`, named as the parameters."""
        return {f"{k}.{n}": g for k, ly in enumerate(self.layers) for n, g in ly.gradients.items()}

    def set_parameters(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Take over a copy of `parameters`; ValueError for other names, shapes or not finite."""
        self._take(checked_parameters(parameters, self.parameters))

    def train(self, mode: bool = True) -> Self:
        """Turn dropout on (or, with mode False, off); returns the model."""
        for layer in self.layers:
            layer.train(mode)
        return self

    def eval(self) -> Self:
        """Turn dropout off; returns the model."""
        return self.train(False)

    def __call__(self, x: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """The last layer's output; zero in the padding, where it has steps.

        ValueError, naming `lengths`, unless they are whole numbers from 1 to the steps of x, one
        for each sample.
        """
        inside = _inside(x, lengths)
        if inside is not None:
            # Not-a-number in the padding would reach gradients as 0 · nan.
            x, lengths = cleared(np.asarray(x), inside), np.count_nonzero(inside, axis=1)
        for layer in self.layers:
            x = layer(x) if lengths is None else layer(x, lengths)
            if not layer.keeps_steps:
                lengths = inside = None
        self._inside = inside
        return x if inside is None else cleared(x, inside)

    def backward(self, grad_output: np.ndarray) -> np.ndarray:
        """Backpropagate through all layers; the gradient for x."""
        if self._inside is not None:
            grad_output = cleared(np.asarray(grad_output), self._inside)
        for layer in reversed(self.layers):
            grad_output = layer.backward(grad_output)
        return grad_output

    def predict(self, x: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """The output without dropout; every layer's mode stays as it was. Errors as of a call."""
        modes = [layer.training for layer in self.layers]
        self.eval()
        try:
            return self(x, lengths)
        finally:
            for layer, mode in zip(self.layers, modes, strict=True):
                layer.train(mode)

    def evaluate(
        self,
        x: np.ndarray,
        y: np.ndarray,
        lengths: np.ndarray | None = None,
        *,
        loss: str | Loss = "mean_squared_error",
    ) -> float:
        """The mean loss without dropout, of all samples at once; arguments as of `fit`."""
        x, y, inside, lengths = self._checked_pair(x, y, lengths)
        return _measured(_checked_loss(loss), self.predict(x, lengths), y, inside)[0]

    def generate(self, x: np.ndarray, steps: int) -> np.ndarray:
        """Continue each sequence on the network's own output: (samples, steps, features).

        `x` is (samples, window, features). Each answer, (samples, features) as of a network that
        reads all and answers once, becomes the last step of the next window. ValueError, naming
        `steps`, unless it is a whole number from 1, and naming `x` where answers have another
        number of features than steps.
        """
        steps = Setting(int, "", low=1, high=1_000_000).check("steps", steps)
        window = _checked_samples("x", x)
        answers = []
        for _ in range(steps):
            answer = self.predict(window)
            if answer.shape != (len(window), window.shape[-1]):
                allowed = f"{answer.shape[-1]} features, as many as an answer has"
                raise refuse("x", allowed, verb="are", words=f"{window.shape[-1]} were given")
            answers.append(answer)
            window = np.concatenate([window[:, 1:], answer[:, np.newaxis]], axis=1)
        return np.stack(answers, axis=1)

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        lengths: np.ndarray | None = None,
        *,
        epochs: int,
        batch_size: int = 32,
        loss: str | Loss = "mean_squared_error",
        optimizer: Optimizer | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        rng: np.random.Generator | None = None,
        on_progress: Callable[[float, np.ndarray], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> History:
        """Train on samples x with targets y.

        `optimizer` is Adam by default; `clip_norm` and `clip_value` limit the gradients before it
        sees them. With `rng` the samples are shuffled before every pass. `on_progress(share,
        losses)` is called now and then, `should_stop()` after every batch; a stopped pass is
        undone, and so is one that is no longer finite, which ends the training as "diverged".

        With `lengths` (samples,) no step after a sequence's end is read, whatever stands there:
        states at the end are those of its own last step, a reverse direction begins there, and
        the loss of outputs with steps is the mean over all steps of the batch that there are.

        Raises ValueError for arrays that do not fit the model or each other or are not finite.
        """
        epochs, batch_size = EPOCHS.check("epochs", epochs), SIZE.check("batch_size", batch_size)
        x, y, inside, lengths = self._checked_pair(x, y, lengths)
        # A batch counts by its samples, or by its steps where these are what the loss averages.
        counts = np.ones(len(x)) if inside is None else inside.sum(axis=1)
        measure = _checked_loss(loss)
        optimizer = adam() if optimizer is None else optimizer
        samples = len(x)
        # As one long vector, all parameters together take an optimizer no longer than one.
        flat = kept = _joined(self.parameters)
        state = optimizer.init({"all": flat})
        losses = np.empty(epochs)
        done, status = 0, "finished"
        self.train()
        began = reported = time.perf_counter()
        # A diverging run overflows on its way, and its status says so once.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            while done < epochs and status == "finished":
                order = np.arange(samples)
                if rng is not None and samples > batch_size:
                    order = rng.permutation(samples)
                total = 0.0
                for first in range(0, samples, batch_size):
                    rows = order[first : first + batch_size]
                    output = self(x[rows], None if lengths is None else lengths[rows])
                    seen = None if inside is None else inside[rows]
                    value, gradient = _measured(measure, output, y[rows], seen)
                    total += value * counts[rows].sum()
                    self.backward(gradient)
                    joined = _clipped({"all": _joined(self.gradients)}, clip_norm, clip_value)
                    new, state = optimizer.update(joined, state, {"all": flat})
                    flat = new["all"]
                    self._spread(flat)
                    if should_stop is not None and should_stop():
                        status = "stopped"
                        break
                if first + batch_size >= samples:
                    # A sum is not finite when a term is not.
                    if not np.isfinite(total + flat.sum()):
                        status = "diverged"
                        break
                    losses[done] = total / counts.sum()
                    done += 1
                    kept = flat
                if on_progress is not None and time.perf_counter() - reported >= PROGRESS_SECONDS:
                    reported = time.perf_counter()
                    on_progress(done / epochs, losses[:done])
        self._spread(kept)
        if done == epochs:
            status = "finished"
        if on_progress is not None:
            on_progress(done / epochs, losses[:done])
        return History(losses[:done].copy(), status, time.perf_counter() - began)

    def summary(self, input_shape: tuple[int | None, ...]) -> list[SummaryRow]:
        """A row for each layer, for inputs of `input_shape` without the samples' axis.

        Raises ValueError if a layer does not fit what comes before it.
        """
        shape: tuple[Any, ...] = (None, *input_shape)
        rows = []
        for layer in self.layers:
            shape = layer.output_shape(shape)
            name = getattr(layer, "name", type(layer).__name__)
            rows.append(SummaryRow(name, shape, sum(p.size for p in layer.parameters.values())))
        return rows

    def state_dict(self) -> Parameters:
        """Copies of all parameters in the shape of PyTorch's state_dict.

        A layer with a single bias gets the second one that PyTorch expects, of zeros.
        """
        return to_state_dict(self.parameters)

    def load_state_dict(self, mapping: Mapping[str, np.ndarray]) -> None:
        """Take over parameters in the shape of PyTorch's state_dict; ValueError if they differ.

        A layer with a single bias takes the sum of the two.
        """
        self._take(from_state_dict(mapping, self.parameters))

    def save(self, file: str | Path | IO[bytes]) -> None:
        """Write all parameters to an .npz file, a path or an open binary file."""
        np.savez_compressed(file, allow_pickle=False, **self.parameters)

    def load(self, file: str | Path | IO[bytes]) -> None:
        """Take over the parameters of an .npz file written by `save`.

        Raises ValueError if it is no such file or its names or shapes are not this model's;
        nothing is unpickled, and no more is read than this model has room for.
        """
        self._take(read_npz(file, self.parameters))

    def _checked_pair(
        self, x: Any, y: Any, lengths: Any
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]:
        """x and y without their padding, the steps inside where y has steps, and lengths."""
        inside = _inside(x, lengths)
        x, lengths = _checked_samples("x", x, inside), None if inside is None else inside.sum(1)
        if not self.keeps_steps:
            inside = None
        y = _checked_samples("y", y, inside)
        if len(x) != len(y):
            raise refuse(
                "y", f"{len(x)} samples, as in x", verb="are", words=f"{len(y)} were given"
            )
        return x, y, inside, lengths

    def _take(self, parameters: Parameters) -> None:
        for k, layer in enumerate(self.layers):
            for name in layer.parameters:
                layer.parameters[name] = parameters[f"{k}.{name}"]

    def _spread(self, flat: np.ndarray) -> None:
        """Give every layer its part of `flat`, which `_joined` made."""
        place = 0
        for layer in self.layers:
            for name, p in layer.parameters.items():
                layer.parameters[name] = flat[place : place + p.size].reshape(p.shape)
                place += p.size


def _joined(arrays: Parameters) -> np.ndarray:
    return np.concatenate([a.ravel() for a in arrays.values()])


def _clipped(gradients: Parameters, norm: float | None, value: float | None) -> Parameters:
    if norm is not None:
        gradients, _ = clip_by_norm(gradients, norm)
    return gradients if value is None else clip_by_value(gradients, value)


def _inside(x: Any, lengths: Any) -> np.ndarray | None:
    """Which steps of x belong to their sequence (samples, steps); None without `lengths`."""
    if lengths is None:
        return None
    shape = np.shape(x)
    if len(shape) != 3:
        words = f"x of shape {shape} was given"
        raise refuse("lengths", "with x (samples, steps, features)", verb="only", words=words)
    return within(checked_lengths(lengths, shape[1], shape[0]), shape[1])


def _checked_samples(name: str, value: Any, inside: np.ndarray | None = None) -> np.ndarray:
    a = np.asarray(value)
    a = checked_array(name, value, ("samples", *["any"] * max(1, a.ndim - 1)))
    if inside is not None:
        if a.shape[:2] != inside.shape:
            allowed, words = (
                f"{inside.shape} samples and steps, as in x",
                f"{a.shape[:2]} were given",
            )
            raise refuse(name, allowed, verb="are", words=words)
        a = cleared(a, inside)
    return checked_finite(name, a)


def _measured(
    measure: Loss, output: np.ndarray, target: np.ndarray, inside: np.ndarray | None
) -> tuple[float, np.ndarray]:
    """The loss and its gradient for `output`; of the steps `inside` alone, where there are any."""
    if inside is None:
        return measure(output, target)
    return masked(measure, output, target, inside)


def _checked_loss(loss: str | Loss) -> Loss:
    if callable(loss):
        return loss
    return LOSSES[Setting(str, "", choices=tuple(LOSSES)).check("loss", loss)]
