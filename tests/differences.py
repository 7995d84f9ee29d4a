"""Arrays by name against others, and gradients against central differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np


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


def check_layer(layer: Any, steps: int, batch: int, lengths: Any = None, seed: int = 0) -> None:
    """Compare every gradient of a recurrent layer with central differences.

    Random masks are the same in every call: the layer's generator is put back each time.
    """
    rng = np.random.default_rng(seed)
    inputs = (batch, steps) if layer.batch_first else (steps, batch)
    x = rng.normal(size=(*inputs, layer.input_size))
    count = layer.num_layers * layer.num_directions
    starts = [rng.normal(size=(count, batch, layer.hidden_size)) for _ in layer.state_names]
    weight_output = rng.normal(size=(*inputs, layer.output_size))
    weight_ends = [rng.normal(size=h.shape) for h in starts]
    single = len(starts) == 1

    def packed(states: list[np.ndarray]) -> Any:
        return states[0] if single else tuple(states)

    before = layer.rng.bit_generator.state

    def value() -> float:
        layer.rng.bit_generator.state = before
        output, ends = layer(x, packed(starts), lengths)
        ends = [ends] if single else ends
        return float(
            np.vdot(weight_output, output)
            + sum(np.vdot(w, h) for w, h in zip(weight_ends, ends, strict=True))
        )

    value()
    grad_x, grad_starts = layer.backward(weight_output, packed(weight_ends))
    gradients = dict(layer.gradients)
    pairs = [(x, grad_x)]
    pairs += zip(starts, [grad_starts] if single else grad_starts, strict=True)
    pairs += [(p, gradients[name]) for name, p in layer.parameters.items()]
    assert_gradients(value, pairs)
