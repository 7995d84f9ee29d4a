"""Write torch_fixtures.npz: PyTorch's values and gradients, in double precision.

Run by hand where PyTorch is installed, from the root of the project:

    python tests/data/make_torch_fixtures.py

Neither the app nor its tests need PyTorch. Dropout cases run in evaluation mode: its random
masks cannot be the same here and there.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

import torch_fixtures as fixtures

KINDS = (("RNN", "tanh", 1, 1), ("RNN", "relu", 1, 1), ("LSTM", None, 4, 2), ("GRU", None, 3, 1))
SWITCHES = (True, False)


Made = Iterator[tuple[dict, dict[str, np.ndarray]]]


def layer_cases() -> Made:
    """Every combination of arguments, with small sizes that differ from case to case."""
    product = itertools.product(KINDS, (1, 2, 3), *[SWITCHES] * 5)
    for seed, (kind, layers, bias, batch_first, both, padded, given) in enumerate(product):
        layer, nonlinearity, gates, states = kind
        draw = np.random.Generator(np.random.PCG64(seed))
        steps, batch = int(draw.integers(2, 6)), int(draw.integers(1, 5))
        arguments = {
            "input_size": int(draw.integers(1, 4)), "hidden_size": int(draw.integers(1, 5)),
            "num_layers": layers, "bias": bias, "batch_first": batch_first, "bidirectional": both,
            "dropout": 0.3 if layers > 1 and seed % 3 == 0 else 0.0,
        }  # fmt: skip
        if nonlinearity:
            arguments["nonlinearity"] = nonlinearity
        case = {
            "kind": "layer", "layer": layer, "arguments": arguments, "seed": seed,
            "steps": steps, "batch": batch, "gates": gates, "states": states,
            "lengths": draw.integers(1, steps + 1, batch).tolist() if padded else None,
            "h0_given": given, "grad_h_n_given": seed % 4 != 1,
        }  # fmt: skip
        yield case, run_layer(case)


def run_layer(case: dict) -> dict[str, np.ndarray]:
    """Outputs, final states and all gradients of one layer case."""
    made, arguments = fixtures.layer_inputs(case), case["arguments"]
    layer = getattr(torch.nn, case["layer"])(**arguments).double().eval()
    layer.load_state_dict({name: torch.tensor(a) for name, a in made["parameters"].items()})
    x = torch.tensor(made["x"], requires_grad=True)
    start = [torch.tensor(h if case["h0_given"] else 0.0 * h) for h in made["states"]]
    start = [h.requires_grad_() for h in start]
    state = start[0] if len(start) == 1 else tuple(start)
    if case["lengths"]:
        first = arguments["batch_first"]
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            x, torch.tensor(case["lengths"]), first, enforce_sorted=False
        )
        output, end = layer(packed, state)
        output, _ = torch.nn.utils.rnn.pad_packed_sequence(
            output, first, total_length=case["steps"]
        )
    else:
        output, end = layer(x, state)
    ends = end if isinstance(end, tuple) else (end,)
    loss = (output * torch.tensor(made["grad_output"])).sum()
    if case["grad_h_n_given"]:
        loss = loss + sum(
            (h * torch.tensor(g)).sum() for h, g in zip(ends, made["grad_states"], strict=True)
        )
    loss.backward()
    result = {"output": output, "grad_x": x.grad}
    for k, (h, h0) in enumerate(zip(ends, start, strict=True)):
        result |= {f"end_{k}": h, f"grad_start_{k}": h0.grad}
    result |= {name: p.grad for name, p in layer.named_parameters()}
    return {name: a.detach().numpy() for name, a in result.items()}


SGD, RMSPROP, ADAM = torch.optim.SGD, torch.optim.RMSprop, torch.optim.Adam
OPTIMIZERS = (
    ("sgd", {"learning_rate": 0.1}, SGD, {"lr": 0.1}),
    ("sgd", {"learning_rate": 0.05, "momentum": 0.9}, SGD, {"lr": 0.05, "momentum": 0.9}),
    ("rmsprop", {}, RMSPROP, {}),
    ("rmsprop", {"learning_rate": 0.001, "decay": 0.9, "epsilon": 1e-7}, RMSPROP,
     {"lr": 0.001, "alpha": 0.9, "eps": 1e-7}),
    ("adam", {}, ADAM, {}),
    ("adam", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}, ADAM,
     {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-3}),
)  # fmt: skip


def optimizer_cases() -> Made:
    """The parameters after each of 20 steps."""
    for seed, (name, arguments, theirs, their_arguments) in enumerate(OPTIMIZERS, start=1000):
        case = {
            "kind": "optimizer", "name": name, "arguments": arguments, "seed": seed, "steps": 20,
        }  # fmt: skip
        first, gradients = fixtures.optimizer_inputs(case)
        parameters = {n: torch.tensor(a, requires_grad=True) for n, a in first.items()}
        optimizer = theirs(list(parameters.values()), **their_arguments)
        path = {n: [] for n in parameters}
        for gradient in gradients:
            for n, p in parameters.items():
                p.grad = torch.tensor(gradient[n])
            optimizer.step()
            for n, p in parameters.items():
                path[n].append(p.detach().numpy().copy())
        yield case, {n: np.array(steps) for n, steps in path.items()}


def clip_cases() -> Made:
    """Gradients clipped by norm and by value, to limits that bind and that do not."""
    product = itertools.product(("norm", "value"), (0.2, 100.0))
    for seed, (name, limit) in enumerate(product, start=2000):
        case = {"kind": "clip", "name": name, "limit": limit, "seed": seed, "steps": 1}
        first, (gradient,) = fixtures.optimizer_inputs(case)
        parameters = [torch.tensor(a, requires_grad=True) for a in first.values()]
        for p, g in zip(parameters, gradient.values(), strict=True):
            p.grad = torch.tensor(g)
        clip = torch.nn.utils
        result = {}
        if name == "norm":
            result["total"] = clip.clip_grad_norm_(parameters, limit).numpy()
        else:
            clip.clip_grad_value_(parameters, limit)
        grads = {n: p.grad.numpy() for n, p in zip(gradient, parameters, strict=True)}
        yield case, result | grads


LOSSES = (
    ("mean_squared_error", {}, "numbers", "numbers", torch.nn.functional.mse_loss),
    ("binary_cross_entropy", {}, "probabilities", "probabilities",
     torch.nn.functional.binary_cross_entropy),
    ("binary_cross_entropy", {"from_logits": True}, "numbers", "probabilities",
     torch.nn.functional.binary_cross_entropy_with_logits),
    ("categorical_cross_entropy", {"from_logits": True}, "numbers", "distribution",
     torch.nn.functional.cross_entropy),
)  # fmt: skip


def loss_cases() -> Made:
    """Value and gradient of each loss."""
    for seed, (name, arguments, output, target, theirs) in enumerate(LOSSES, start=3000):
        case = {
            "kind": "loss", "name": name, "arguments": arguments, "seed": seed,
            "output": output, "target": target,
        }  # fmt: skip
        y, d = fixtures.loss_inputs(case)
        y = torch.tensor(y, requires_grad=True)
        loss = theirs(y, torch.tensor(d))
        loss.backward()
        yield case, {"value": loss.detach().numpy(), "gradient": y.grad.numpy()}


def main() -> None:
    """Write the file and say what is in it."""
    made = (layer_cases(), optimizer_cases(), clip_cases(), loss_cases())
    cases, results = zip(*itertools.chain(*made), strict=True)
    fixtures.write(cases, results)
    size = fixtures.PATH.stat().st_size / 1e6
    print(f"{len(cases)} cases, {size:.2f} MB, PyTorch {torch.__version__}: {fixtures.PATH.name}")


if __name__ == "__main__":
    main()
