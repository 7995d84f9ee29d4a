"""A run's result in words, computed from its numbers."""

from __future__ import annotations

import numpy as np

from elman.analysis.errors import accuracy, squared_errors
from elman.tasks import Sequence, Task


def result_in_words(outputs: np.ndarray, sequence: Sequence, task: Task) -> str:
    """What the network has and has not learned, against what anybody could."""
    squared = squared_errors(outputs, sequence).mean(axis=1)
    sure = sequence.predictable
    known, unknown = float(squared[sure].mean()), float(squared[~sure].mean())
    floor = float(sequence.floor[~sure].mean())
    right = accuracy(outputs, sequence).predictable
    average = (sequence.targets - sequence.targets.mean(axis=0)) ** 2
    first = verdict(right, known, float(average[sure].mean()))
    return (
        f"{first} At {task.predictable} the squared error is {known:.3f} and "
        f"{right:.0%} of the answers are right. At {task.open} it is {unknown:.3f}, and no answer "
        f"can bring that below {floor:.3f}."
    )


def verdict(right: float, squared: float, average: float) -> str:
    """One short sentence on how much of the predictable part was learned.

    `right` is the share of right answers there and `squared` the mean squared error; `average` is
    that of always answering the mean of the targets, which takes no memory and no rule.
    """
    if right > 0.95 and squared < 0.2 * average:
        return "It has learned the rule."
    if right > 0.95:
        return "It gives the right answers, but is not sure of them yet."
    if right > 0.7 or squared < 0.8 * average:
        return "It has learned part of the rule."
    return "It has not learned the rule."
