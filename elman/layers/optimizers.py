"""Optimizers as pure functions, and gradient clipping.

    p       a parameter, any shape, in a mapping name -> array
    g       the loss's gradient for it, the same shape
    v, m    running memories of g, the same shape
    lr      learning_rate

An optimizer is a pair of functions without memory of their own:

    state = optimizer.init(parameters)
    parameters, state = optimizer.update(gradients, state, parameters)

Nothing given is changed; what the next step needs is in the returned state. Formulas are
PyTorch's; where Keras differs the function says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from elman.settings import Setting

Arrays = Mapping[str, np.ndarray]

_POSITIVE = Setting(float, "above zero", low=1e-12, high=1e12)
_SHARE = Setting(float, "a share below one", low=0, high=0.999999)
LEARNING_RATE = Setting(float, "size of each step", low=0, high=1e6)


class Optimizer(NamedTuple):
    """`init(parameters) -> state` and `update(gradients, state, parameters) -> both anew`."""

    init: Callable[[Arrays], Any]
    update: Callable[[Arrays, Any, Arrays], tuple[dict[str, np.ndarray], Any]]


def sgd(learning_rate: float = 0.01, momentum: float = 0.0) -> Optimizer:
    """Gradient descent with momentum: v = momentum · v + g; p = p - lr · v.

    Keras keeps lr inside v (v = momentum · v - lr · g; p = p + v), which is the same while the
    learning rate stays the same. Raises ValueError for a momentum outside 0 to 0.999999.

    Source: Polyak (1964); Rumelhart, Hinton and Williams (1986), Nature 323:533-536.
    """
    learning_rate = LEARNING_RATE.check("learning_rate", learning_rate)
    momentum = _SHARE.check("momentum", momentum)

    def init(parameters: Arrays) -> dict[str, np.ndarray]:
        return {name: np.zeros_like(p) for name, p in parameters.items()}

    def update(gradients: Arrays, state: Arrays, parameters: Arrays) -> tuple[dict, dict]:
        state = {name: momentum * state[name] + g for name, g in gradients.items()}
        return {name: p - learning_rate * state[name] for name, p in parameters.items()}, state

    return Optimizer(init, update)


def rmsprop(learning_rate: float = 0.01, decay: float = 0.99, epsilon: float = 1e-8) -> Optimizer:
    """Steps scaled by a running mean square: v = decay · v + (1 - decay) g²; p -= lr g / (√v + ε).

    Keras starts from other values (0.001, 0.9, 1e-7) and takes √(v + ε). Raises ValueError for a
    decay outside 0 to 0.999999 or an epsilon that is not positive.

    Source: Tieleman and Hinton (2012), Coursera lecture 6.5.
    """
    learning_rate = LEARNING_RATE.check("learning_rate", learning_rate)
    decay = _SHARE.check("decay", decay)
    epsilon = _POSITIVE.check("epsilon", epsilon)

    def init(parameters: Arrays) -> dict[str, np.ndarray]:
        return {name: np.zeros_like(p) for name, p in parameters.items()}

    def update(gradients: Arrays, state: Arrays, parameters: Arrays) -> tuple[dict, dict]:
        state = {n: decay * state[n] + (1.0 - decay) * g * g for n, g in gradients.items()}
        new = {
            name: p - learning_rate * gradients[name] / (np.sqrt(state[name]) + epsilon)
            for name, p in parameters.items()
        }
        return new, state

    return Optimizer(init, update)


class AdamState(NamedTuple):
    """Steps taken, and the running means of g and of g²."""

    step: int
    m: dict[str, np.ndarray]
    v: dict[str, np.ndarray]


def adam(
    learning_rate: float = 0.001,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-8,
) -> Optimizer:
    """Adaptive moments: steps of the mean gradient over the root of its mean square.

    m = β₁ m + (1 - β₁) g;  v = β₂ v + (1 - β₂) g²;  after step t, which makes up for starting
    both at zero,  p -= lr · m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε).

    Keras adds its ε (1e-7) to √v before that correction, so that it counts 1 / √(1 - β₂ᵗ) times
    as much: some 30 times in the first step, and less and less later. Raises ValueError for a
    beta outside 0 to 0.999999 or an epsilon that is not positive.

    Source: Kingma and Ba (2015), ICLR, algorithm 1.
    """
    learning_rate = LEARNING_RATE.check("learning_rate", learning_rate)
    beta_1, beta_2 = _SHARE.check("beta_1", beta_1), _SHARE.check("beta_2", beta_2)
    epsilon = _POSITIVE.check("epsilon", epsilon)

    def init(parameters: Arrays) -> AdamState:
        zeros = {name: np.zeros_like(p) for name, p in parameters.items()}
        return AdamState(0, zeros, zeros)

    def update(gradients: Arrays, state: AdamState, parameters: Arrays) -> tuple[dict, AdamState]:
        step = state.step + 1
        m = {n: beta_1 * state.m[n] + (1.0 - beta_1) * g for n, g in gradients.items()}
        v = {n: beta_2 * state.v[n] + (1.0 - beta_2) * g * g for n, g in gradients.items()}
        rate = learning_rate / (1.0 - beta_1**step)
        root = 1.0 / math.sqrt(1.0 - beta_2**step)
        new = {
            name: p - rate * m[name] / (root * np.sqrt(v[name]) + epsilon)
            for name, p in parameters.items()
        }
        return new, AdamState(step, m, v)

    return Optimizer(init, update)


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {"sgd": sgd, "rmsprop": rmsprop, "adam": adam}


def global_norm(gradients: Arrays) -> float:
    """Euclidean length of all gradients taken as one vector; finite whenever they are."""
    with np.errstate(over="ignore"):
        squared = sum(float(np.vdot(g, g)) for g in gradients.values())
    if math.isfinite(squared) or not all(np.isfinite(g).all() for g in gradients.values()):
        return math.sqrt(squared)
    # Squares of exploding gradients overflow long before the gradients do.
    largest = max(float(np.abs(g).max()) for g in gradients.values())
    return largest * math.sqrt(sum(float(np.sum((g / largest) ** 2)) for g in gradients.values()))


def clip_by_norm(gradients: Arrays, max_norm: float) -> tuple[dict[str, np.ndarray], float]:
    """Shorten all gradients together so that their `global_norm` is at most `max_norm`.

    Returns the clipped gradients and the norm before. As PyTorch does, divides by norm + 1e-6.
    Raises ValueError for a limit that is not positive.

    Source: Pascanu, Mikolov and Bengio (2013), ICML, 1310-1318.
    """
    max_norm = _POSITIVE.check("max_norm", max_norm)
    norm = global_norm(gradients)
    factor = min(1.0, max_norm / (norm + 1e-6))
    return {name: factor * g for name, g in gradients.items()}, norm


def clip_by_value(gradients: Arrays, limit: float) -> dict[str, np.ndarray]:
    """Every entry brought to within ±`limit`; ValueError for a limit that is not positive.

    Source: Mikolov (2012), Statistical Language Models Based on Neural Networks (thesis).
    """
    limit = _POSITIVE.check("limit", limit)
    return {name: np.clip(g, -limit, limit) for name, g in gradients.items()}
