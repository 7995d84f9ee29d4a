"""Arrays by name against others, and gradients against central differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np


def generator(seed: int = 0) -> np.random.Generator:
    """Random numbers that are the same in every run."""
    return np.random.default_rng(seed)


def numbers(*shape: int, seed: int = 1) -> np.ndarray:
    """Normal random numbers, the same in every run."""
    return generator(seed).normal(size=shape)


def copies(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same names with copies of the arrays."""
    return {name: a.copy() for name, a in arrays.items()}


def assert_close(found: Mapping[str, Any], wanted: Mapping[str, Any], **tolerance: float) -> None:
    """The same names with the same arrays, bit for bit unless there is a tolerance."""
    assert found.keys() == wanted.keys()
    for name, a in found.items():
        np.testing.assert_allclose(a, wanted[name], **{"rtol": 0.0, "err_msg": name} | tolerance)


def central_differences(
    value: Callable[[], float], a: np.ndarray, step: float = 1e-6
) -> np.ndarray:
    """The gradient of `value()` for every entry of `a`, which is moved in place and put back."""
    gradient = np.empty_like(a)
    for index in np.ndindex(a.shape):
        kept = a[index]
        a[index] = kept + step
        above = value()
        a[index] = kept - step
        below = value()
        a[index] = kept
        gradient[index] = (above - below) / (2.0 * step)
    return gradient


def assert_gradients(
    value: Callable[[], float], pairs: Iterable[tuple[np.ndarray, np.ndarray]]
) -> None:
    """Each pair is an array that `value()` depends on, and its gradient as it should be."""
    for a, gradient in pairs:
        np.testing.assert_allclose(gradient, central_differences(value, a), rtol=2e-6, atol=5e-8)


def check_model(model: Any, x: np.ndarray) -> None:
    """Compare every gradient of a layer or stack of one input with central differences."""
    weights = numbers(*model(x).shape, seed=7)
    grad_x, gradients = model.backward(weights), dict(model.gradients)
    assert gradients.keys() == model.parameters.keys()
    pairs = [(p, gradients[name]) for name, p in model.parameters.items()]
    assert_gradients(lambda: float(np.vdot(weights, model(x))), [(x, grad_x), *pairs])


def check_layer(layer: Any, steps: int, batch: int, lengths: Any = None) -> None:
    """The same of a recurrent layer, for first states and through last states, too.

    Random masks are the same in every call: the layer's generator is put back each time.
    """
    inputs = (batch, steps) if layer.batch_first else (steps, batch)
    x, weight_output = numbers(*inputs, layer.input_size), numbers(*inputs, layer.output_size)
    shape = (layer.num_layers * layer.num_directions, batch, layer.hidden_size)
    count = len(layer.state_names)
    starts, weight_ends = (list(numbers(count, *shape, seed=seed)) for seed in (2, 3))
    pack, unpack = (tuple, list) if count > 1 else (lambda states: states[0], lambda state: [state])
    before = layer.rng.bit_generator.state

    def value() -> float:
        layer.rng.bit_generator.state = before
        output, ends = layer(x, pack(starts), lengths)
        pairs = zip([weight_output, *weight_ends], [output, *unpack(ends)], strict=True)
        return float(sum(np.vdot(weight, a) for weight, a in pairs))

    value()
    grad_x, grad_starts = layer.backward(weight_output, pack(weight_ends))
    pairs = [(x, grad_x), *zip(starts, unpack(grad_starts), strict=True)]
    pairs += [(p, layer.gradients[name]) for name, p in layer.parameters.items()]
    assert_gradients(value, pairs)
