"""Where a network errs: by position, by feature, step by step, and how often it is right.

Three measures, each with the value that the ideal predictor would reach (its floor):

    squared   squared error, averaged over outputs as the loss is
    rms       its root: of the mean, never a mean of roots
    rate      share of steps at which some output, rounded, misses its target

The captions of Figures 3 to 6 in Elman (1990) say root mean squared, the text says squared. For a
fair coin the root mean squared error of any answer is at least 0.5, so Figure 3 (0.16 to 0.34)
must show squared errors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.tasks import Sequence, Task

MEASURES = {"squared": "Squared error", "rms": "RMS error", "rate": "Error rate"}


def squared_errors(outputs: np.ndarray, sequence: Sequence) -> np.ndarray:
    """Squared error (steps, n_out) of every output at every step."""
    return (outputs - sequence.targets) ** 2


def misses(outputs: np.ndarray, sequence: Sequence) -> np.ndarray:
    """Whether each rounded output (steps, n_out) misses its target; 0.5 rounds up."""
    return (outputs >= 0.5) != (sequence.targets >= 0.5)


class Accuracy(NamedTuple):
    """Share of steps whose rounded outputs all match: over all steps, where the rule makes the
    next symbol certain (`predictable`), and the best that is possible over all steps."""

    everywhere: float
    predictable: float
    ceiling: float


def accuracy(outputs: np.ndarray, sequence: Sequence) -> Accuracy:
    """How often the network's rounded answer is right."""
    right = ~misses(outputs, sequence).any(axis=1)
    return Accuracy(
        everywhere=float(right.mean()),
        predictable=float(right[sequence.predictable].mean()),
        ceiling=float(1.0 - sequence.rate_floor.mean()),
    )


def by_position(outputs: np.ndarray, sequence: Sequence, task: Task) -> pd.DataFrame:
    """Errors by the position being predicted: one row each, in the order of the steps.

    Columns: position (name), steps, and squared, rms, rate, each with its `_floor`.
    """
    squared = squared_errors(outputs, sequence).mean(axis=1)
    frame = pd.DataFrame(
        {
            "position": sequence.position,
            "squared": squared,
            "squared_floor": sequence.floor.mean(axis=1),
            "rate": misses(outputs, sequence).any(axis=1),
            "rate_floor": sequence.rate_floor,
        }
    )
    grouped = frame.groupby("position")
    table = grouped.mean().assign(
        rms=lambda t: np.sqrt(t["squared"]),
        rms_floor=lambda t: np.sqrt(t["squared_floor"]),
        steps=grouped.size(),
    )
    table.insert(0, "position", [task.positions[index] for index in table.index])
    measures = [column for name in MEASURES for column in (name, f"{name}_floor")]
    return table[["position", "steps", *measures]].reset_index(drop=True)


def by_feature(outputs: np.ndarray, sequence: Sequence, task: Task) -> pd.DataFrame:
    """Errors of each output feature over all steps: one row each.

    Columns: feature, and squared, rms, rate, each with its `_floor`; and the squared error where
    the next symbol is certain (`squared_predictable`) and where it is open (`squared_open`), with
    the floor there (`squared_open_floor`).
    """
    squared = squared_errors(outputs, sequence)
    missed = misses(outputs, sequence)
    least_missed = np.minimum(sequence.ideal, 1.0 - sequence.ideal)
    sure = sequence.predictable
    return pd.DataFrame(
        {
            "feature": task.features,
            "squared": squared.mean(axis=0),
            "squared_floor": sequence.floor.mean(axis=0),
            "rms": np.sqrt(squared.mean(axis=0)),
            "rms_floor": np.sqrt(sequence.floor.mean(axis=0)),
            "rate": missed.mean(axis=0),
            "rate_floor": least_missed.mean(axis=0),
            "squared_predictable": squared[sure].mean(axis=0),
            "squared_open": squared[~sure].mean(axis=0),
            "squared_open_floor": sequence.floor[~sure].mean(axis=0),
        }
    )


def by_cycle(outputs: np.ndarray, sequence: Sequence, cycle: int) -> pd.DataFrame:
    """Errors averaged over all windows of `cycle` steps, as in Elman's Figure 3 (cycle 12).

    Columns: step (from 1), predictable, and squared, rms, rate, each with its `_floor`. A cycle
    of whole groups lines up equal positions; one longer than the sequence ends with it.
    """
    cycle = min(cycle, len(sequence))
    windows = len(sequence) // cycle
    used = windows * cycle

    def mean(values: np.ndarray) -> np.ndarray:
        return values[:used].reshape(windows, cycle).mean(axis=0)

    squared = mean(squared_errors(outputs, sequence).mean(axis=1))
    floor = mean(sequence.floor.mean(axis=1))
    return pd.DataFrame(
        {
            "step": np.arange(1, cycle + 1),
            "predictable": sequence.predictable[:cycle],
            "squared": squared,
            "squared_floor": floor,
            "rms": np.sqrt(squared),
            "rms_floor": np.sqrt(floor),
            "rate": mean(misses(outputs, sequence).any(axis=1)),
            "rate_floor": mean(sequence.rate_floor),
        }
    )


def by_step(outputs: np.ndarray, sequence: Sequence, task: Task, steps: int) -> pd.DataFrame:
    """Error of the whole output vector at each of the first `steps`, as in Elman's Figure 4.

    Columns: step (from 1), input and expected (symbols), and squared, rms, rate, each with its
    `_floor`. At a single step `rate` is 0 or 1.
    """
    steps = min(steps, len(sequence))
    squared = squared_errors(outputs, sequence)[:steps].mean(axis=1)
    floor = sequence.floor[:steps].mean(axis=1)
    return pd.DataFrame(
        {
            "step": np.arange(1, steps + 1),
            "input": _names(task, sequence.symbols[:steps]),
            "expected": _names(task, _expected(sequence)[:steps]),
            "squared": squared,
            "squared_floor": floor,
            "rms": np.sqrt(squared),
            "rms_floor": np.sqrt(floor),
            "rate": misses(outputs, sequence)[:steps].any(axis=1).astype(float),
            "rate_floor": sequence.rate_floor[:steps],
        }
    )


def features_by_step(
    outputs: np.ndarray, sequence: Sequence, task: Task, steps: int
) -> pd.DataFrame:
    """Error of each feature at each of the first `steps`, as in Elman's Figure 5, long form.

    Columns: step (from 1), expected (symbol), feature, and squared, rms, rate, each with its
    `_floor`.
    """
    steps = min(steps, len(sequence))
    n_out = len(task.features)
    squared = squared_errors(outputs, sequence)[:steps].ravel()
    floor = sequence.floor[:steps].ravel()
    ideal = sequence.ideal[:steps].ravel()
    return pd.DataFrame(
        {
            "step": np.repeat(np.arange(1, steps + 1), n_out),
            "expected": np.repeat(_names(task, _expected(sequence)[:steps]), n_out),
            "feature": np.tile(task.features, steps),
            "squared": squared,
            "squared_floor": floor,
            "rms": np.sqrt(squared),
            "rms_floor": np.sqrt(floor),
            "rate": misses(outputs, sequence)[:steps].ravel().astype(float),
            "rate_floor": np.minimum(ideal, 1.0 - ideal),
        }
    )


def predictions(outputs: np.ndarray, sequence: Sequence, task: Task, steps: int) -> pd.DataFrame:
    """What was predicted against what came, for the first `steps`.

    Columns: step (from 1), input, the outputs ("output", or one column a feature), rounded,
    expected (symbols; rounded is "?" where no symbol has that code), match, and predictable.
    """
    steps = min(steps, len(sequence))
    rounded = (outputs[:steps] >= 0.5).astype(float)
    same = (rounded[:, np.newaxis, :] == task.codes[np.newaxis]).all(axis=2)
    answers = np.where(same.any(axis=1), _names(task, same.argmax(axis=1)), "?")
    names = ("output",) if task.one_bit else task.features
    return pd.DataFrame(
        {
            "step": np.arange(1, steps + 1),
            "input": _names(task, sequence.symbols[:steps]),
            **dict(zip(names, outputs[:steps].T, strict=True)),
            "rounded": answers,
            "expected": _names(task, _expected(sequence)[:steps]),
            "match": ~misses(outputs, sequence)[:steps].any(axis=1),
            "predictable": sequence.predictable[:steps],
        }
    )


def _expected(sequence: Sequence) -> np.ndarray:
    return np.roll(sequence.symbols, -1)


def _names(task: Task, symbols: np.ndarray) -> np.ndarray:
    return np.array(task.symbols)[symbols]
