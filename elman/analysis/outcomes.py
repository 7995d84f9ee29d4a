"""What a sweep asks of each run, and what many runs together tell: shares, intervals, epochs."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from elman.analysis import errors
from elman.analysis.replay import replay
from elman.tasks import new_sequence, task_of
from elman.training import Run

# From this share of right answers, where the rule makes the next symbol certain, it is learned.
LEARNED = 0.95


def scores(run: Run) -> dict[str, float]:
    """Errors of a run's last network on a new sequence of its rule, the context reset as trained.

    squared and rate over all steps, `squared at P` and `rate at P` for each position P of the
    task, and `right where certain`, the share of right answers where the rule makes the next
    symbol certain; not-a-number where no step is, or nobody knows the rule.
    """
    task, sequence = task_of(run.experiment), new_sequence(run.experiment)
    outputs = replay(run, sequence).outputs
    accuracy = errors.accuracy(outputs, sequence, task)
    values = {
        "squared": float(errors.squared_errors(outputs, sequence).mean()),
        "rate": 1.0 - accuracy.everywhere,
        "right where certain": math.nan if accuracy.predictable is None else accuracy.predictable,
    }
    if len(task.positions) > 1:
        for row in errors.by_position(outputs, sequence, task).to_dict("records"):
            values[f"squared at {row['position']}"] = row["squared"]
            values[f"rate at {row['position']}"] = row["rate"]
    return values


def epochs_until(losses: np.ndarray, level: float) -> int | None:
    """The first epoch (from 1) whose loss is at most `level`; None if there is none."""
    below = np.flatnonzero(losses <= level)
    return int(below[0]) + 1 if len(below) else None


class Share(NamedTuple):
    """`successes` among `runs`, and the 95 % interval (low, high) of the true share."""

    successes: int
    runs: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The observed share; not-a-number without runs."""
        return self.successes / self.runs if self.runs else math.nan


def share(successes: int, runs: int) -> Share:
    """A share with its 95 % interval.

    Source: Wilson (1927), Journal of the American Statistical Association 22:209-212; unlike the
    normal approximation it stays between 0 and 1 and says something of 0 and of all.
    """
    if runs == 0:
        return Share(0, 0, 0.0, 1.0)
    z = 1.959963984540054
    p = successes / runs
    middle = (p + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z / (1 + z * z / runs) * math.sqrt(p * (1 - p) / runs + z * z / (4 * runs * runs))
    return Share(successes, runs, max(0.0, middle - half), min(1.0, middle + half))
