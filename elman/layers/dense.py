"""Layers without memory: `Dense` and `Dropout`, and the activation functions of `Dense`.

    x       input                         (.., input_size)
    W, b    weight and bias               (units, input_size), (units,)
    y       f(x Wᵀ + b)                   (.., units)
    dy      gradient of the loss for y    (.., units)

Calling a layer goes forward; `backward(dy)` returns the gradient for x and replaces `gradients`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, Self

import numpy as np

from elman.layers.recurrent import Parameters, dropout_mask
from elman.settings import RATE, SIZE, Setting, checked_array, checked_rng, refuse


class Activation(NamedTuple):
    """f(z), and the gradient for z from y = f(z) and the gradient dy for y."""

    value: Callable[[np.ndarray], np.ndarray]
    backward: Callable[[np.ndarray, np.ndarray], np.ndarray]


def softmax(z: np.ndarray) -> np.ndarray:
    """exp(z) scaled to sum to 1 along the last axis; taking off the largest z avoids overflow."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(lambda z: z, lambda y, dy: dy),
    "sigmoid": Activation(lambda z: 0.5 + 0.5 * np.tanh(0.5 * z), lambda y, dy: dy * y * (1 - y)),
    "tanh": Activation(np.tanh, lambda y, dy: dy * (1.0 - y * y)),
    "relu": Activation(lambda z: np.maximum(z, 0.0), lambda y, dy: dy * (y > 0.0)),
    "softmax": Activation(softmax, lambda y, dy: y * (dy - (dy * y).sum(axis=-1, keepdims=True))),
}

ACTIVATION = Setting(str, "f of a dense layer", choices=tuple(ACTIVATIONS))


class Dense:
    """y = f(x Wᵀ + b) on the last axis of x, with any axes before it.

    `activation` f is linear, sigmoid, tanh, relu or softmax; first weights and biases are
    uniform within ±sqrt(1/input_size), as in PyTorch. A value that is not allowed raises
    ValueError.
    """

    def __init__(
        self,
        input_size: int,
        units: int,
        activation: str = "linear",
        *,
        rng: np.random.Generator,
    ) -> None:
        self.input_size = SIZE.check("input_size", input_size)
        self.units = SIZE.check("units", units)
        self.activation = ACTIVATION.check("activation", activation)
        bound = math.sqrt(1.0 / self.input_size)
        draw = checked_rng(rng).uniform
        self.parameters: Parameters = {
            "weight": draw(-bound, bound, (self.units, self.input_size)),
            "bias": draw(-bound, bound, self.units),
        }
        self.gradients: Parameters = {}
        self.training = True
        self.keeps_steps = True
        self._record: tuple[np.ndarray, ...] | None = None

    def train(self, mode: bool = True) -> Self:
        """Here without effect, but for `training`; returns the layer."""
        self.training = mode
        return self

    def output_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """The shape that an input of `shape` leads to; ValueError if the input does not fit."""
        if shape[-1] != self.input_size:
            raise refuse(
                "input_size", f"{shape[-1]}", self.input_size, verb="after what comes before is"
            )
        return (*shape[:-1], self.units)

    def __call__(self, x: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """y (.., units) for x (.., input_size), whatever the `lengths`, since steps do not mix.

        ValueError for another last axis.
        """
        leading = tuple("any" for _ in np.shape(x)[:-1])
        x = checked_array("x", x, (*leading, self.input_size))
        weight = self.parameters["weight"]
        z = x @ weight.T
        z += self.parameters["bias"]
        y = ACTIVATIONS[self.activation].value(z)
        self._record = x, y, weight
        return y

    def backward(self, grad_output: np.ndarray) -> np.ndarray:
        """The gradient for x; ValueError for another shape than y's, RuntimeError before a call."""
        if self._record is None:
            raise RuntimeError("backward: call the layer on an input first.")
        x, y, weight = self._record
        dy = checked_array("grad_output", grad_output, y.shape)
        dz = ACTIVATIONS[self.activation].backward(y, dy)
        flat = dz.reshape(-1, self.units)
        self.gradients = {
            "weight": flat.T @ x.reshape(-1, self.input_size),
            "bias": flat.sum(axis=0),
        }
        return dz @ weight


class Dropout:
    """Sets a share `rate` of its input to zero while training, and scales up the rest.

    `rng` draws which; in evaluation the input passes unchanged. A rate outside 0 to 1 raises
    ValueError.

    Source: Srivastava et al. (2014), Journal of Machine Learning Research 15:1929-1958.
    """

    def __init__(self, rate: float, *, rng: np.random.Generator) -> None:
        self.rate = RATE.check("rate", rate)
        self.rng = checked_rng(rng)
        self.parameters: Parameters = {}
        self.gradients: Parameters = {}
        self.training = True
        self.keeps_steps = True
        self._mask: np.ndarray | None = None

    def train(self, mode: bool = True) -> Self:
        """Turn dropout on (or, with mode False, off); returns the layer."""
        self.training = mode
        return self

    def output_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """The same shape."""
        return shape

    def __call__(self, x: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """x, with its share of zeros while training, whatever the `lengths`."""
        self._mask = None
        if self.training and self.rate:
            self._mask = dropout_mask(self.rate, np.shape(x), rng=self.rng)
            return x * self._mask
        return x

    def backward(self, grad_output: np.ndarray) -> np.ndarray:
        """The gradient for x: through the units that the last call kept."""
        return grad_output if self._mask is None else grad_output * self._mask
