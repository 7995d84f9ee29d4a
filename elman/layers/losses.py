"""Losses with their gradients: `loss(output, target) -> (value, gradient for output)`.

    y   output, any shape; for categories the last axis holds their scores or probabilities
    d   target, the same shape

Values are means over all entries of y (for categories over all but the last axis), as PyTorch's
are, so that learning rates mean the same for every batch size. A target of another shape raises
ValueError.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from elman.settings import checked_array

# Keeps logarithms and quotients of probabilities finite.
SMALLEST = 1e-12

Loss = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]


def mean_squared_error(output: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean of (y - d)², and its gradient 2 (y - d) / n."""
    error = output - _matching(output, target)
    return float(np.vdot(error, error)) / error.size, 2.0 / error.size * error


def binary_cross_entropy(
    output: np.ndarray, target: np.ndarray, *, from_logits: bool = False
) -> tuple[float, np.ndarray]:
    """Mean of -d log y - (1 - d) log(1 - y), for yes-or-no outputs, and its gradient.

    y are probabilities or, `from_logits`, the values before the logistic function; that form
    learns even from outputs that are wrong with certainty. Targets from 0 to 1.
    """
    target = _matching(output, target)
    if from_logits:
        # log(1 + exp(y)) without overflow.
        value = np.maximum(output, 0.0) + np.log1p(np.exp(-np.abs(output))) - target * output
        probability = 0.5 * (1.0 + np.tanh(0.5 * output))
        return float(value.mean()), (probability - target) / output.size
    yes, no = np.maximum(output, SMALLEST), np.maximum(1.0 - output, SMALLEST)
    value = -target * np.log(yes) - (1.0 - target) * np.log(no)
    return float(value.mean()), (output - target) / np.maximum(yes * no, SMALLEST) / output.size


def categorical_cross_entropy(
    output: np.ndarray, target: np.ndarray, *, from_logits: bool = False
) -> tuple[float, np.ndarray]:
    """Mean of -Σ d log y over the categories of the last axis, and its gradient.

    y are probabilities that sum to 1 or, `from_logits`, the values before softmax. Targets are
    distributions; a known category is one-hot.
    """
    target = _matching(output, target)
    count = output.size // output.shape[-1]
    if from_logits:
        shifted = output - output.max(axis=-1, keepdims=True)
        total = np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        value = (target * (total - shifted)).sum()
        weight = target.sum(axis=-1, keepdims=True)
        return float(value) / count, (weight * np.exp(shifted - total) - target) / count
    kept = np.maximum(output, SMALLEST)
    return -float((target * np.log(kept)).sum()) / count, -target / kept / count


LOSSES: dict[str, Loss] = {
    "mean_squared_error": mean_squared_error,
    "binary_cross_entropy": binary_cross_entropy,
    "categorical_cross_entropy": categorical_cross_entropy,
}


def _matching(output: np.ndarray, target: np.ndarray) -> np.ndarray:
    return checked_array("target", target, np.shape(output))
