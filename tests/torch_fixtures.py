"""PyTorch's numbers for the tests, and the inputs that they were made from.

`tests/data/torch_fixtures.npz` holds the description of every case as JSON and, one after the
other, the arrays that PyTorch computed for it. Inputs are not stored: `Numbers` makes them again
from the case's seed. `tests/data/make_torch_fixtures.py` wrote the file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

PATH = Path(__file__).parent / "data" / "torch_fixtures.npz"


class Numbers:
    """Numbers between -1 and 1 from a seed.

    Made from the bit stream of PCG64, which NumPy promises never to change, unlike what its
    `Generator` makes of it.
    """

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def __call__(self, *shape: int) -> np.ndarray:
        raw = self._bits.random_raw(math.prod(shape)) >> np.uint64(11)
        return (raw * 2.0**-52 - 1.0).reshape(shape)


def layer_inputs(case: dict[str, Any]) -> dict[str, Any]:
    """x, states, upstream gradients and parameters of a layer case, as NumPy arrays."""
    arguments, numbers = case["arguments"], Numbers(case["seed"])
    steps, batch, gates = case["steps"], case["batch"], case["gates"]
    hidden, inputs = arguments["hidden_size"], arguments["input_size"]
    directions = 2 if arguments["bidirectional"] else 1
    features = directions * hidden
    first = (batch, steps) if arguments["batch_first"] else (steps, batch)
    state = (arguments["num_layers"] * directions, batch, hidden)
    made = {
        "x": numbers(*first, inputs),
        "grad_output": numbers(*first, features),
        "states": [numbers(*state) for _ in range(case["states"])],
        "grad_states": [numbers(*state) for _ in range(case["states"])],
        "parameters": {},
    }
    for layer in range(arguments["num_layers"]):
        for direction in ("", "_reverse")[:directions]:
            suffix = f"_l{layer}{direction}"
            width = features if layer else inputs
            shapes = {"weight_ih": (gates * hidden, width), "weight_hh": (gates * hidden, hidden)}
            if arguments["bias"]:
                shapes |= {"bias_ih": (gates * hidden,), "bias_hh": (gates * hidden,)}
            for name, shape in shapes.items():
                made["parameters"][name + suffix] = numbers(*shape)
    return made


def optimizer_inputs(case: dict[str, Any]) -> tuple[dict, list[dict]]:
    """First parameters and one set of gradients for every step of an optimizer case."""
    numbers = Numbers(case["seed"])
    shapes = {"weight": (3, 2), "bias": (3,)}
    first = {name: numbers(*shape) for name, shape in shapes.items()}
    return first, [
        {name: numbers(*shape) for name, shape in shapes.items()} for _ in range(case["steps"])
    ]


def loss_inputs(case: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Output and target (4, 3) of a loss case; the output becomes what the loss asks for."""
    numbers = Numbers(case["seed"])
    output, target = 3.0 * numbers(4, 3), numbers(4, 3)
    if case["output"] == "probabilities":
        output = 1.0 / (1.0 + np.exp(-output))
    if case["target"] == "probabilities":
        target = 0.5 * (target + 1.0)
    if case["target"] == "distribution":
        target = np.exp(target) / np.exp(target).sum(axis=1, keepdims=True)
    return output, target


def write(cases: Sequence[dict[str, Any]], results: Sequence[dict[str, np.ndarray]]) -> None:
    """Write all cases with their results; each case also keeps its results' shapes."""
    for case, result in zip(cases, results, strict=True):
        case["results"] = {name: list(a.shape) for name, a in result.items()}
    values = np.concatenate([a.ravel() for result in results for a in result.values()])
    np.savez_compressed(PATH, cases=np.array(json.dumps(cases)), values=values)


def read(kind: str) -> list[dict[str, Any]]:
    """The cases of one kind (layer, optimizer, clip, loss), with arrays in `results`."""
    with np.load(PATH, allow_pickle=False) as archive:
        cases, values = json.loads(str(archive["cases"])), archive["values"]
    place = 0
    for case in cases:
        for name, shape in case["results"].items():
            size = math.prod(shape)
            case["results"][name] = values[place : place + size].reshape(shape)
            place += size
    return [case for case in cases if case["kind"] == kind]


def case_name(case: dict[str, Any]) -> str:
    """A short name for the test's report."""
    return f"{case.get('layer', case.get('name'))}-{case['seed']}"


def relative_differences(layer: Any, case: dict[str, Any]) -> dict[str, float]:
    """Largest difference of each result of `layer` from PyTorch's, over PyTorch's largest entry.

    `layer` gets the case's parameters and runs forward and backward on its inputs.
    """
    made = layer_inputs(case)
    layer.parameters = made["parameters"]
    single = case["states"] == 1

    def packed(states: list[np.ndarray]) -> Any:
        return states[0] if single else tuple(states)

    h0 = packed(made["states"]) if case["h0_given"] else None
    output, ends = layer(made["x"], h0, case["lengths"])
    grad_ends = packed(made["grad_states"]) if case["grad_h_n_given"] else None
    grad_x, grad_starts = layer.backward(made["grad_output"], grad_ends)
    got = {"output": output, "grad_x": grad_x} | layer.gradients
    for name, states in (("end", ends), ("grad_start", grad_starts)):
        got |= {f"{name}_{k}": a for k, a in enumerate([states] if single else states)}
    expected = case["results"]
    assert got.keys() == expected.keys()
    return {
        name: float(np.abs(got[name] - a).max() / max(np.abs(a).max(), 1e-300))
        for name, a in expected.items()
    }
