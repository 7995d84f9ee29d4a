"""What a lab is: a question, a prediction, runs that answer it, and the words for the answer."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from elman.experiment import Experiment
from elman.settings import refuse
from elman.sweeps import with_seed

# Runs over which a lab is judged: the student's and others, each with seeds of its own.
SEEDS = 20

# Name of the only condition, in a lab that compares no conditions.
ALONE = ""

# What a lab measures: a network with its seeds, or, where it trains none of the sidebar's, a
# condition and a seed.
Case = Experiment | tuple[str, int]
# Numbers by their names.
Values = Mapping[str, float]


class Quantity(NamedTuple):
    """What a lab measures: title of its axis, ends and grain of a guess, and how to spell it.

    A missing value means `missing`; where that is "never" it counts as longer than any other.
    """

    title: str
    low: float
    high: float
    step: float
    spec: str = ".2f"
    unit: str = ""
    missing: str = "not measured"

    def spell(self, value: float) -> str:
        """A value as a sentence has it."""
        if not math.isfinite(value):
            return self.missing
        return f"{value:{self.spec}}" + (f" {self.unit}" if self.unit else "")

    @property
    def entered(self) -> float:
        """How many times its value a number is that a reader enters: 100 for a share."""
        return 100.0 if self.spec.endswith("%") else 1.0

    def ordered(self, values: Iterable[float]) -> np.ndarray:
        """The values from lowest to highest; "never" last, other missing ones left out."""
        a = np.asarray(list(values), dtype=float)
        a = np.where(np.isnan(a), np.inf, a) if self.missing == "never" else a[np.isfinite(a)]
        return np.sort(a)


class Spread(NamedTuple):
    """Lowest, middle and highest of some values; infinite where that is "never"."""

    low: float
    middle: float
    high: float


def spread(quantity: Quantity, values: Iterable[float]) -> Spread:
    """The spread of values; all not-a-number if none was measured."""
    a = quantity.ordered(values)
    if not len(a):
        return Spread(math.nan, math.nan, math.nan)
    # Of two in the middle the lower one, so that it is the value of a run and no average.
    return Spread(float(a[0]), float(a[(len(a) - 1) // 2]), float(a[-1]))


class Row(NamedTuple):
    """A measured number that a lab shows: its label, the value's name, and of which condition.

    `best` names the value that holds what is possible at best, where there is such a limit.
    """

    label: str
    value: str
    condition: str = ALONE
    best: str = ""


@dataclass(frozen=True)
class Evidence:
    """What the runs of a lab gave: condition -> name of a value -> one number a seed.

    The first seed is the student's own run. A number that could not be measured is not-a-number.
    `experiment` is None where the lab has none.
    """

    experiment: Experiment | None
    table: Mapping[str, Mapping[str, tuple[float, ...]]]

    @property
    def seeds(self) -> int:
        """How many seeds there are."""
        return len(next(iter(next(iter(self.table.values())).values())))

    def all(self, value: str, condition: str = ALONE) -> np.ndarray:
        """A value of every seed (seeds,)."""
        return np.array(self.table[condition][value], dtype=float)

    def own(self, value: str, condition: str = ALONE) -> float:
        """A value of the student's own run."""
        return float(self.table[condition][value][0])

    def of(self, row: Row) -> np.ndarray:
        """The numbers of a row (seeds,)."""
        return self.all(row.value, row.condition)


@dataclass(frozen=True)
class Choice:
    """A prediction among `options`, name -> words; `decide` tells which came true for a seed.

    `meaning` says what words such as "clearly" mean in the options.
    """

    prompt: str
    options: Mapping[str, str]
    decide: Callable[[Evidence, int], str]
    meaning: str = ""

    def check(self, prediction: Any) -> str:
        """The prediction, if it is one of the options; else ValueError."""
        if prediction in (name for name in self.options if isinstance(prediction, str)):
            return prediction
        allowed = ", ".join(self.options)
        raise refuse("prediction", f"one of {allowed}", prediction)


@dataclass(frozen=True)
class Guess:
    """A prediction of the numbers of `rows`, in the unit of the lab's quantity: one or several."""

    prompt: str
    rows: tuple[Row, ...]
    quantity: Quantity

    def check(self, prediction: Any) -> tuple[float, ...]:
        """The prediction as numbers, one for each row; else ValueError."""
        low, high = self.quantity.low, self.quantity.high
        numbers = isinstance(prediction, list | tuple) and len(prediction) == len(self.rows)
        if numbers and all(
            isinstance(number, int | float)
            and not isinstance(number, bool)
            and low <= number <= high
            for number in prediction
        ):
            return tuple(float(number) for number in prediction)
        raise refuse(
            "prediction", f"a list of {len(self.rows)} numbers from {low:g} to {high:g}", prediction
        )


# What a student commits: the name of an option, or a number for each row.
Prediction = str | tuple[float, ...]


class Pointer(NamedTuple):
    """Where to read more: a page, what to look at there, and its views as in a link."""

    page: str
    words: str
    views: Mapping[str, str] = {}


@dataclass(frozen=True)
class Lab:
    """A guided exercise.

    name         in links and files
    question     what it asks, in a sentence
    background   what a student needs to know before predicting
    experiment   what the sidebar is set to; None in a lab that trains no network of its kind
    measure      `measure(run)` gives the numbers of a run, without an experiment
                 `measure(condition, seed)`; `values` are their names
    rows         what is shown of them, in the unit of `quantity`
    prediction   what the student commits beforehand
    answer       evidence -> the answer in a bold sentence or two, with its numbers
    why          evidence -> the explanation
    pointers        what to read, and on which page
    conditions   name -> fields that it changes, where runs are compared; one alone by default
    """

    name: str
    title: str
    question: str
    background: str
    experiment: Experiment | None
    measure: Callable[..., Values]
    values: tuple[str, ...]
    rows: tuple[Row, ...]
    quantity: Quantity
    prediction: Choice | Guess
    answer: Callable[[Evidence], str]
    why: Callable[[Evidence], str]
    pointers: tuple[Pointer, ...]
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {ALONE: {}})

    def feedback(self, evidence: Evidence) -> tuple[str, str]:
        """The answer and the explanation for this evidence; what is missing in words."""
        answer, why = (
            re.sub(r"\bnan\b%?", "not measured", words(evidence))
            for words in (self.answer, self.why)
        )
        return answer, why

    @property
    def compared(self) -> tuple[str, ...]:
        """The fields that the conditions set, whatever the experiment says."""
        return tuple({name: None for changes in self.conditions.values() for name in changes})

    def studied(self, experiment: Experiment | None) -> Experiment | None:
        """The experiment that the lab makes of the student's: with its own compared fields.

        Raises ValueError for one of another task, which this lab cannot ask about. None in a lab
        that has none.
        """
        if self.experiment is None or experiment is None:
            return self.experiment
        if "task" not in self.compared and experiment.task != self.experiment.task:
            raise refuse("task", f"{self.experiment.task} in this lab", experiment.task)
        return experiment.replace(
            **{name: getattr(self.experiment, name) for name in self.compared}
        )

    def cases(self, experiment: Experiment | None = None, seeds: int = SEEDS) -> list[Case]:
        """All that the lab measures for a student's experiment, by default for its own: at each
        seed in turn every condition."""
        base = self.studied(experiment)
        if base is None:
            return [(condition, k) for k in range(seeds) for condition in self.conditions]
        made = [base.replace(**changes) for changes in self.conditions.values()]
        return [with_seed(one, k) for k in range(seeds) for one in made]

    def evidence(
        self,
        experiment: Experiment | None,
        found: Mapping[Case, Values],
        seeds: int = SEEDS,
    ) -> Evidence | None:
        """What the numbers of `cases` tell, of the seeds that are complete.

        None while the first, which is the student's own run, is not.
        """
        cases, size = self.cases(experiment, seeds), len(self.conditions)
        of_seed = [cases[first : first + size] for first in range(0, len(cases), size)]
        complete = [seed for seed in of_seed if all(case in found for case in seed)]
        if not complete or complete[0] != of_seed[0]:
            return None
        table = {
            condition: {
                value: tuple(float(found[seed[place]].get(value, math.nan)) for seed in complete)
                for value in self.values
            }
            for place, condition in enumerate(self.conditions)
        }
        return Evidence(self.studied(experiment), table)
