"""Where a network errs: by position, by feature, step by step, and how often it is right.

Three measures, each with the value that the ideal predictor would reach (its floor):

    squared   squared error, averaged over outputs as the loss is
    rms       its root: of the mean, never a mean of roots
    rate      share of steps whose answer is wrong: some output, rounded, misses its target; with
              one-hot codes, the largest output is not that of the next symbol

The captions of Figures 3 to 6 in Elman (1990) say root mean squared, the text says squared. For a
fair coin the root mean squared error of any answer is at least 0.5, so Figure 3 (0.16 to 0.34)
must show squared errors.

Where nobody knows the rule of a task, floors are not-a-number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.tasks import Sequence, Task, ngrams, words

MEASURES = {"squared": "Squared error", "rms": "RMS error", "rate": "Error rate"}

# Columns of every measure, each beside its floor.
WITH_FLOORS = [column for name in MEASURES for column in (name, f"{name}_floor")]


def squared_errors(outputs: np.ndarray, sequence: Sequence) -> np.ndarray:
    """Squared error (steps, n_out) of every output at every step."""
    return (outputs - sequence.targets) ** 2


def misses(outputs: np.ndarray, sequence: Sequence) -> np.ndarray:
    """Whether each rounded output (steps, n_out) misses its target; 0.5 rounds up."""
    return (outputs >= 0.5) != (sequence.targets >= 0.5)


def wrong(outputs: np.ndarray, sequence: Sequence, task: Task) -> np.ndarray:
    """Whether the answer at each step (steps,) is wrong.

    It is if a rounded output misses its target. With one-hot codes rounding says little, as every
    likelihood may be below one half; there the answer is the symbol of the largest output.
    """
    if task.one_hot:
        return outputs.argmax(axis=1) != sequence.targets.argmax(axis=1)
    return misses(outputs, sequence).any(axis=1)


def wrong_floor(sequence: Sequence, task: Task) -> np.ndarray:
    """How often (steps,) the ideal predictor's answer is wrong, exactly; not-a-number if unknown.

    With one-hot codes that is 1 less the likelihood of the likeliest symbol.
    """
    return 1.0 - sequence.ideal.max(axis=1) if task.one_hot else sequence.rate_floor


class Accuracy(NamedTuple):
    """Share of right answers: over all steps, where the rule makes the next symbol certain
    (`predictable`), and the best that is possible over all steps. None where there is no such
    step, or where nobody knows the rule."""

    everywhere: float
    predictable: float | None
    ceiling: float | None


def accuracy(outputs: np.ndarray, sequence: Sequence, task: Task) -> Accuracy:
    """How often the network's answer is right; `wrong` says what counts as an answer."""
    right = ~wrong(outputs, sequence, task)
    sure = sequence.predictable
    return Accuracy(
        everywhere=float(right.mean()),
        predictable=float(right[sure].mean()) if sure.any() else None,
        ceiling=float(1.0 - wrong_floor(sequence, task).mean()) if sequence.has_rule else None,
    )


def _by_step(outputs: np.ndarray, sequence: Sequence, task: Task) -> pd.DataFrame:
    """The measures that can be averaged, with their floors, at every step."""
    return pd.DataFrame(
        {
            "squared": squared_errors(outputs, sequence).mean(axis=1),
            "squared_floor": sequence.floor.mean(axis=1),
            "rate": wrong(outputs, sequence, task).astype(float),
            "rate_floor": wrong_floor(sequence, task),
        }
    )


def _with_roots(means: pd.DataFrame) -> pd.DataFrame:
    """All measures with their floors from averages of `_by_step`."""
    roots = {"rms": np.sqrt(means["squared"]), "rms_floor": np.sqrt(means["squared_floor"])}
    return means.assign(**roots)[WITH_FLOORS]


def _mean_where(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean over the steps of `mask` (steps,); not-a-number if there are none."""
    return values[mask].mean(axis=0) if mask.any() else np.full(values.shape[1:], np.nan)


def by_position(outputs: np.ndarray, sequence: Sequence, task: Task) -> pd.DataFrame:
    """Errors by the position being predicted: one row each, in the order of the steps.

    Columns: position (name), steps, and squared, rms, rate, each with its `_floor`.
    """
    grouped = _by_step(outputs, sequence, task).groupby(sequence.position)
    table = _with_roots(grouped.mean())
    table.insert(0, "position", [task.positions[index] for index in table.index])
    table.insert(1, "steps", grouped.size())
    return table.reset_index(drop=True)


def with_bigram(
    table: pd.DataFrame, sequence: Sequence, task: Task, training: Sequence
) -> pd.DataFrame:
    """`by_position` of the same sequence with each measure's `_bigram`: that of the best bigram.

    The bigram is counted in `training`; see `elman.tasks.ngrams`.
    """
    guesses = by_position(ngrams.answers(2, training, sequence), sequence, task)
    return table.assign(**{f"{name}_bigram": guesses[name] for name in MEASURES})


def with_pinned(
    make: Callable[[np.ndarray], pd.DataFrame], outputs: np.ndarray, pinned: np.ndarray | None
) -> pd.DataFrame:
    """The errors that `make` finds in `outputs`, with each measure's `_pinned` beside it.

    That is the same of the outputs `pinned` of another run, if there are any.
    """
    table = make(outputs)
    if pinned is None:
        return table
    others = make(pinned)
    return table.assign(**{f"{name}_pinned": others[name] for name in MEASURES})


def against_ngrams(
    outputs: np.ndarray,
    sequence: Sequence,
    task: Task,
    training: Sequence,
    largest: int = 3,
    pinned: np.ndarray | None = None,
) -> pd.DataFrame:
    """The network beside the n-grams up to `largest`, counted in `training`.

    Columns: predictor (name), and squared, rms, rate over the whole sequence. The first row is
    the network, followed by the one with the outputs `pinned`, if any; the last, where the rule
    is known, the floor.
    """
    answers = {"network": outputs} | ({} if pinned is None else {"pinned run": pinned})
    answers |= {
        ngrams.NAMES[n]: ngrams.answers(n, training, sequence) for n in range(1, largest + 1)
    }
    rows = {}
    for name, answer in answers.items():
        rows[name] = _with_roots(_by_step(answer, sequence, task).mean().to_frame().T).iloc[0]
    if sequence.has_rule:
        rows["floor"] = rows["network"].drop(list(MEASURES)).rename(lambda n: n.split("_")[0])
    table = pd.DataFrame(rows).T[list(MEASURES)].astype(float)
    return table.rename_axis("predictor").reset_index()


def by_part(
    outputs: np.ndarray, sequence: Sequence, task: Task, parts: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Errors over parts of the sequence, given by name as masks (steps,); one row each.

    Columns: part, steps, and squared, rms, rate, each with its `_floor`. A part without steps is
    left out.
    """
    each = _by_step(outputs, sequence, task)
    parts = {name: mask for name, mask in parts.items() if mask.any()}
    means = pd.DataFrame([each[mask].mean() for mask in parts.values()])
    table = _with_roots(means)
    table.insert(0, "part", list(parts))
    table.insert(1, "steps", [int(mask.sum()) for mask in parts.values()])
    return table


def by_place_in_word(outputs: np.ndarray, sequence: Sequence, task: Task) -> pd.DataFrame:
    """`by_part` of the words task: at the first, at the last and at the other letters of words.

    The single letter of "a" counts as a first and as a last one.
    """
    first, last = words.word_initial(sequence), words.word_final(sequence)
    parts = {
        "first letter of a word": first,
        "letter in between": ~first & ~last,
        "last letter of a word": last,
    }
    return by_part(outputs, sequence, task, parts)


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
            "squared_predictable": _mean_where(squared, sure),
            "squared_open": _mean_where(squared, ~sure),
            "squared_open_floor": _mean_where(sequence.floor, ~sure),
        }
    )


def by_cycle(outputs: np.ndarray, sequence: Sequence, task: Task, cycle: int) -> pd.DataFrame:
    """Errors averaged over all windows of `cycle` steps, as in Elman's Figure 3 (cycle 12).

    Columns: step (from 1), predictable, and squared, rms, rate, each with its `_floor`. A cycle
    of whole groups lines up equal positions; one longer than the sequence ends with it.
    """
    cycle = min(cycle, len(sequence))
    used = len(sequence) // cycle * cycle
    each = _by_step(outputs, sequence, task)[:used]
    table = _with_roots(each.groupby(np.arange(used) % cycle).mean())
    table.insert(0, "step", np.arange(1, cycle + 1))
    table.insert(1, "predictable", sequence.predictable[:cycle])
    return table


def by_step(outputs: np.ndarray, sequence: Sequence, task: Task, steps: int) -> pd.DataFrame:
    """Error of the whole output vector at each of the first `steps`, as in Elman's Figure 4.

    Columns: step (from 1), input and expected (symbols), begins (whether the expected symbol
    begins a group), and squared, rms, rate, each with its `_floor`. At a single step `rate` is 0
    or 1.
    """
    steps = min(steps, len(sequence))
    table = _with_roots(_by_step(outputs, sequence, task)[:steps])
    table.insert(0, "step", np.arange(1, steps + 1))
    table.insert(1, "input", _names(task, sequence.symbols[:steps]))
    table.insert(2, "expected", _names(task, _expected(sequence)[:steps]))
    table.insert(3, "begins", np.roll(sequence.group_starts, -1)[:steps])
    return table


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

    With one-hot codes there are as many outputs as symbols, and the columns in their place are:
    answer (symbol of the largest output), answer_output (its value), expected, and
    expected_output (the value that the expected symbol had). Where no symbol of the sequence is
    certain, or nobody knows the rule, there is no column predictable.
    """
    steps = min(steps, len(sequence))
    shown, following = outputs[:steps], _expected(sequence)[:steps]
    columns = {
        "step": np.arange(1, steps + 1),
        "input": _names(task, sequence.symbols[:steps]),
    }
    expected = _names(task, following)
    if task.one_hot:
        columns |= {
            "answer": _names(task, shown.argmax(axis=1)),
            "answer_output": shown.max(axis=1),
            "expected": expected,
            "expected_output": shown[np.arange(steps), following],
        }
    else:
        rounded = (shown >= 0.5).astype(float)
        same = (rounded[:, np.newaxis, :] == task.codes[np.newaxis]).all(axis=2)
        names = ("output",) if task.one_bit else task.features
        columns |= dict(zip(names, shown.T, strict=True))
        columns |= {
            "rounded": np.where(same.any(axis=1), _names(task, same.argmax(axis=1)), "?"),
            "expected": expected,
        }
    columns["match"] = ~wrong(outputs, sequence, task)[:steps]
    if sequence.predictable.any():
        columns["predictable"] = sequence.predictable[:steps]
    return pd.DataFrame(columns)


def _expected(sequence: Sequence) -> np.ndarray:
    return np.roll(sequence.symbols, -1)


def _names(task: Task, symbols: np.ndarray) -> np.ndarray:
    return np.array(task.symbols)[symbols]
