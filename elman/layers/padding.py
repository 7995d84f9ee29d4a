"""Sequences of different length as one array: padding, and losses that do not see it.

The meaning is that of PyTorch's packed sequences (`pad_sequence`, `pack_padded_sequence`): every
sequence begins at step 0 and has its own length, what stands after its end is never read, and a
loss over steps is that of all steps that there are, each counted once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from elman.layers.losses import Loss
from elman.settings import checked_array, refuse


def padded(sequences: Iterable[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Sequences (steps of its own, features) as x (samples, most steps, features), and lengths.

    Zeros follow the end of the shorter ones. ValueError, naming `sequences`, for none at all and
    for different numbers of features.
    """
    arrays = [checked_array("sequences", one, ("steps", "features")) for one in sequences]
    if not arrays:
        raise refuse("sequences", "at least one", words="none was given")
    features = sorted({a.shape[1] for a in arrays})
    if len(features) > 1:
        words = f"{features[0]} and {features[1]} were given"
        raise refuse("sequences", "one number of features", words=words)
    lengths = np.array([len(a) for a in arrays])
    x = np.zeros((len(arrays), lengths.max(), features[0]))
    for row, a in zip(x, arrays, strict=True):
        row[: len(a)] = a
    return x, lengths


def within(lengths: np.ndarray, steps: int) -> np.ndarray:
    """Whether a step belongs to its sequence: (samples, steps)."""
    return np.arange(steps) < lengths[:, np.newaxis]


def cleared(a: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """A copy of `a` (samples, steps, ..) with zeros where it is not `inside` (samples, steps)."""
    return np.where(inside[..., np.newaxis], a, 0.0)


def masked(
    measure: Loss, output: np.ndarray, target: np.ndarray, inside: np.ndarray
) -> tuple[float, np.ndarray]:
    """`measure` over the steps `inside` (samples, steps) alone, and its gradient for `output`.

    What a loss sees is (steps in all, units), as of PyTorch's `packed.data`; the gradient in the
    padding is zero. A target of another shape than `output` raises ValueError.
    """
    target = checked_array("target", target, output.shape)
    value, seen = measure(output[inside], target[inside])
    gradient = np.zeros_like(output)
    gradient[inside] = seen
    return value, gradient
