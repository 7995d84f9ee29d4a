"""Where a network errs: by position, by feature, step by step, and how often it is right.

Three measures, each with the value that the ideal predictor would reach (its floor):

    squared   squared error, averaged over outputs as the loss is
    rms       its root: of the mean, never a mean of roots
    rate      share of steps whose answer is wrong: some output, rounded, misses its target; with
              one-hot codes, the largest output is not that of the next symbol

The captions of Figures 3 to 6 in Elman (1990) say root mean squared, the text says squared. For a
fair coin the root mean squared error of any answer is at least 0.5, so Figure 3 (0.16 to 0.34)
must show squared errors.

Where nobody knows the rule of a task, floors are not-a-number. Where those of pinned runs stand
beside the answers tested, a table that says so has each measure of run 1 as `_pinned1`, and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec

import numpy as np
import pandas as pd

from elman.analysis.replay import Answers, Tested
from elman.tasks import Sequence, Task, ngrams, words

MEASURES = {"squared": "Squared error", "rms": "RMS error", "rate": "Error rate"}

# Columns of every measure, each beside its floor.
WITH_FLOORS = [column for name in MEASURES for column in (name, f"{name}_floor")]

P = ParamSpec("P")


def squared_errors(answers: Answers) -> np.ndarray:
    """Squared error (steps, n_out) of every output at every step."""
    return (answers.outputs - answers.sequence.targets) ** 2


def misses(answers: Answers) -> np.ndarray:
    """Whether each rounded output (steps, n_out) misses its target; 0.5 rounds up."""
    return (answers.outputs >= 0.5) != (answers.sequence.targets >= 0.5)


def wrong(answers: Answers) -> np.ndarray:
    """Whether the answer at each step (steps,) is wrong.

    It is if a rounded output misses its target. With one-hot codes rounding says little, as every
    likelihood may be below one half; there the answer is the symbol of the largest output.
    """
    if answers.task.one_hot:
        return answers.outputs.argmax(axis=1) != answers.sequence.targets.argmax(axis=1)
    return np.any(misses(answers), axis=1)


class Accuracy(NamedTuple):
    """Share of right answers: over all steps, where the rule makes the next symbol certain
    (`where_certain`), and the best that is possible over all steps: how often the likeliest symbol
    comes. None where there is no such step, or where nobody knows the rule."""

    everywhere: float
    where_certain: float | None
    ceiling: float | None


def accuracy(answers: Answers) -> Accuracy:
    """How often an answer is right; `wrong` says what counts as an answer."""
    sequence, right = answers.sequence, ~wrong(answers)
    sure = sequence.predictable
    return Accuracy(
        everywhere=float(right.mean()),
        where_certain=float(right[sure].mean()) if sure.any() else None,
        ceiling=float(1.0 - sequence.rate_floor.mean()) if sequence.has_rule else None,
    )


def remembered(answers: Answers) -> float | None:
    """Share of right answers at the position that only a memory of the group's beginning foretells.

    None in a task without such a position, or if it does not occur.
    """
    sequence, task = answers.sequence, answers.task
    if not task.remembered:
        return None
    here = sequence.position == task.positions.index(task.remembered)
    return float((~wrong(answers))[here].mean()) if here.any() else None


def _each_step(answers: Answers) -> dict[str, np.ndarray]:
    """The measures that can be averaged, with their floors, at every step."""
    return {
        "squared": squared_errors(answers).mean(axis=1),
        "squared_floor": answers.sequence.floor.mean(axis=1),
        "rate": wrong(answers).astype(float),
        "rate_floor": answers.sequence.rate_floor,
    }


def _with_roots(means: Mapping[str, Any]) -> dict[str, Any]:
    """All measures with their floors from averages of `_each_step`."""
    roots = {f"rms{end}": np.sqrt(means[f"squared{end}"]) for end in ("", "_floor")}
    return {name: roots[name] if name in roots else means[name] for name in WITH_FLOORS}


def _mean_where(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean over the steps of `mask` (steps,); not-a-number if there are none."""
    return values[mask].mean(axis=0) if mask.any() else np.full(values.shape[1:], np.nan)


def beside_pinned(
    make: Callable[Concatenate[Answers, P], pd.DataFrame],
) -> Callable[Concatenate[Answers, P], pd.DataFrame]:
    """A table of errors that has those of each pinned run, as `_pinned1` and so on."""

    @wraps(make)
    def table(answers: Answers, *args: P.args, **settings: P.kwargs) -> pd.DataFrame:
        own = make(answers, *args, **settings)
        if not isinstance(answers, Tested):
            return own
        for number, pinned in answers.pinned.items():
            others = make(pinned, *args, **settings)
            own = own.assign(**{f"{name}_pinned{number}": others[name] for name in MEASURES})
        return own

    return table


def by_position(
    answers: Answers | np.ndarray, sequence: Sequence | None = None, task: Task | None = None
) -> pd.DataFrame:
    """Errors by the position being predicted: one row each, in the order of the steps.

    Columns: position (name), steps, and squared, rms, rate, each with its `_floor`. Instead of a
    test one may give its outputs (steps, n_out), sequence and task.
    """
    if not isinstance(answers, Answers):
        if sequence is None or task is None:
            raise TypeError("by_position takes a test, or outputs with their sequence and task")
        answers = Answers(answers, sequence, task)
    places, which, steps = np.unique(
        answers.sequence.position, return_inverse=True, return_counts=True
    )
    each = _each_step(answers)
    means = {name: np.bincount(which, values) / steps for name, values in each.items()}
    names = [answers.task.positions[place] for place in places]
    return pd.DataFrame({"position": names, "steps": steps} | _with_roots(means))


@beside_pinned
def by_position_with_bigram(answers: Answers, training: Sequence) -> pd.DataFrame:
    """`by_position` with each measure's `_bigram`: that of the best bigram; and any pinned runs.

    The bigram is counted in `training`; see `elman.tasks.ngrams`.
    """
    guesses = by_position(of_ngram(2, answers, training))
    return by_position(answers).assign(**{f"{name}_bigram": guesses[name] for name in MEASURES})


def of_ngram(n: int, answers: Answers, training: Sequence) -> Answers:
    """The answers of an n-gram, counted in `training`, to the same sequence."""
    outputs = ngrams.answers(n, training, answers.sequence)
    return Answers(outputs, answers.sequence, answers.task)


def against_ngrams(answers: Answers, training: Sequence, largest: int = 3) -> pd.DataFrame:
    """The network beside the n-grams up to `largest`, counted in `training`.

    Columns: predictor (name), and squared, rms, rate over the whole sequence. The first row is
    the network, followed by pinned runs, if any; the last, where the rule is known, the floor.
    """
    predictors = {"network": answers}
    if isinstance(answers, Tested):
        predictors |= {f"pinned {number}": one for number, one in answers.pinned.items()}
    predictors |= {ngrams.NAMES[n]: of_ngram(n, answers, training) for n in range(1, largest + 1)}
    rows = {}
    for name, one in predictors.items():
        means = {measure: values.mean() for measure, values in _each_step(one).items()}
        rows[name] = _with_roots(means)
    if answers.sequence.has_rule:
        rows["floor"] = {name: rows["network"][f"{name}_floor"] for name in MEASURES}
    columns = {name: [row[name] for row in rows.values()] for name in MEASURES}
    return pd.DataFrame({"predictor": list(rows)} | columns)


def by_part(answers: Answers, parts: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Errors over parts of the sequence, given by name as masks (steps,); one row each.

    Columns: part, steps, and squared, rms, rate, each with its `_floor`. A part without steps is
    left out.
    """
    parts = {name: mask for name, mask in parts.items() if mask.any()}
    means = {
        name: np.array([values[mask].mean() for mask in parts.values()])
        for name, values in _each_step(answers).items()
    }
    steps = [int(mask.sum()) for mask in parts.values()]
    return pd.DataFrame({"part": list(parts), "steps": steps} | _with_roots(means))


def by_place_in_word(answers: Answers) -> pd.DataFrame:
    """`by_part` of the words task: at the first, at the last and at the other letters of words.

    The single letter of "a" counts as a first and as a last one.
    """
    first, last = words.word_initial(answers.sequence), words.word_final(answers.sequence)
    parts = {
        "first letter of a word": first,
        "letter in between": ~first & ~last,
        "last letter of a word": last,
    }
    return by_part(answers, parts)


@beside_pinned
def by_feature(answers: Answers) -> pd.DataFrame:
    """Errors of each output feature over all steps: one row each; and of any pinned runs.

    Columns: feature, and squared, rms, rate, each with its `_floor`; and the squared error where
    the next symbol is certain (`squared_predictable`) and where it is open (`squared_open`), with
    the floor there (`squared_open_floor`).
    """
    sequence = answers.sequence
    squared = squared_errors(answers)
    missed = misses(answers)
    least_missed = np.minimum(sequence.ideal, 1.0 - sequence.ideal)
    sure = sequence.predictable
    return pd.DataFrame(
        {
            "feature": answers.task.features,
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


@beside_pinned
def by_cycle(answers: Answers, cycle: int) -> pd.DataFrame:
    """Errors averaged over all windows of `cycle` steps, as in Elman's Figure 3 (cycle 12).

    Columns: step (from 1), predictable, and squared, rms, rate, each with its `_floor`; and those
    of any pinned runs. A cycle of whole groups lines up equal positions; one longer than the
    sequence ends with it.
    """
    sequence = answers.sequence
    cycle = min(cycle, len(sequence))
    used = len(sequence) // cycle * cycle
    means = {
        name: values[:used].reshape(-1, cycle).mean(axis=0)
        for name, values in _each_step(answers).items()
    }
    return pd.DataFrame(
        {"step": np.arange(1, cycle + 1), "predictable": sequence.predictable[:cycle]}
        | _with_roots(means)
    )


@beside_pinned
def by_step(answers: Answers, steps: int) -> pd.DataFrame:
    """Error of the whole output vector at each of the first `steps`, as in Elman's Figure 4.

    Columns: step (from 1), input and expected (symbols), begins (whether the expected symbol
    begins a group), and squared, rms, rate, each with its `_floor`; and those of any pinned runs.
    At a single step `rate` is 0 or 1.
    """
    sequence, task = answers.sequence, answers.task
    steps = min(steps, len(sequence))
    each = {name: values[:steps] for name, values in _each_step(answers).items()}
    return pd.DataFrame(
        {
            "step": np.arange(1, steps + 1),
            "input": _names(task, sequence.symbols[:steps]),
            "expected": _names(task, _expected(sequence)[:steps]),
            "begins": np.roll(sequence.group_starts, -1)[:steps],
        }
        | _with_roots(each)
    )


@beside_pinned
def features_by_step(answers: Answers, steps: int) -> pd.DataFrame:
    """Error of each feature at each of the first `steps`, as in Elman's Figure 5, long form.

    Columns: step (from 1), expected (symbol), feature, and squared, rms, rate, each with its
    `_floor`; and those of any pinned runs.
    """
    sequence, task = answers.sequence, answers.task
    steps = min(steps, len(sequence))
    n_out = len(task.features)
    squared = squared_errors(answers)[:steps].ravel()
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
            "rate": misses(answers)[:steps].ravel().astype(float),
            "rate_floor": np.minimum(ideal, 1.0 - ideal),
        }
    )


def predictions(answers: Answers, steps: int) -> pd.DataFrame:
    """What was predicted against what came, for the first `steps`.

    Columns: step (from 1), input, the outputs ("output", or one column a feature), rounded,
    expected (symbols; rounded is "?" where no symbol has that code), match, and predictable.

    With one-hot codes there are as many outputs as symbols, and the columns in their place are:
    answer (symbol of the largest output), answer_output (its value), expected, and
    expected_output (the value that the expected symbol had). Where no symbol of the sequence is
    certain, or nobody knows the rule, there is no column predictable.
    """
    sequence, task = answers.sequence, answers.task
    steps = min(steps, len(sequence))
    shown, following = answers.outputs[:steps], _expected(sequence)[:steps]
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
    columns["match"] = ~wrong(answers)[:steps]
    if sequence.predictable.any():
        columns["predictable"] = sequence.predictable[:steps]
    return pd.DataFrame(columns)


def _expected(sequence: Sequence) -> np.ndarray:
    return np.roll(sequence.symbols, -1)


def _names(task: Task, symbols: np.ndarray) -> np.ndarray:
    return np.array(task.symbols)[symbols]
