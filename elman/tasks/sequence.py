"""What every task gives: a sequence to predict, and what is known about each of its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np

from elman.experiment import TaskSettings
from elman.tasks.automaton import Automaton


@dataclass(frozen=True)
class Sequence:
    """Inputs, the targets that follow them, and the rule's own knowledge of each step.

    The last step's target is the first symbol: the sequence wraps round, as Elman's letter
    sequence did (1990, p. 188).

    symbols        (steps,)         index of the input symbol, into the task's symbols
    inputs         (steps, n_in)    its code
    targets        (steps, n_out)   code of the next symbol
    group_starts   (steps,)         whether a group (triple, syllable) begins with this input
    position       (steps,)         which of the task's positions is being predicted
    ideal          (steps, n_out)   what the predictor that knows the rule answers: the mean of
                                    the target, given everything before it
    rate_floor     (steps,)         how often even the likeliest next symbol is not the one that
                                    comes, given everything before it
    seams          (steps,)         whether a new document begins with this input, before which the
                                    context is reset whatever the policy; empty where there are none

    Where nobody knows the rule, `ideal` and `rate_floor` are not-a-number.
    """

    symbols: np.ndarray
    inputs: np.ndarray
    targets: np.ndarray
    group_starts: np.ndarray
    position: np.ndarray
    ideal: np.ndarray
    rate_floor: np.ndarray
    seams: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def part(self, steps: slice | np.ndarray) -> Sequence:
        """Those steps alone."""
        arrays = {one.name: getattr(self, one.name) for one in fields(self)}
        return Sequence(**{name: a[steps] if len(a) else a for name, a in arrays.items()})

    @property
    def floor(self) -> np.ndarray:
        """Expected squared error (steps, n_out) of the ideal predictor: p (1 - p) for a bit."""
        return self.ideal * (1.0 - self.ideal)

    @property
    def has_rule(self) -> bool:
        """Whether the ideal predictor, and with it the floor, is known."""
        return not np.isnan(self.rate_floor).any()

    @property
    def predictable(self) -> np.ndarray:
        """Steps (steps,) whose next symbol is certain to someone who knows the rule."""
        return (self.floor == 0.0).all(axis=1)

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Task:
    """A sequence task and the words that pages and tables use for it.

    `codes` (n_symbols, n_features) holds the code of each of `symbols`; `features` names its
    columns. `positions` names the values of `Sequence.position` in the order of the steps;
    `predictable_words` and `open_words` name the symbols that the rule does and does not foretell.
    `generate(length, rng=...)` makes a `Sequence` of at most `length` steps, and where new ones
    cannot be drawn `unseen(length, steps)` gives what training with that length leaves unseen.
    `longest` is how many steps there can be, where not any number.
    Where earlier versions made another training sequence of that length, `formerly(length)` is that
    of their saved runs. `presets` maps a name, "textbook" for one, to the fields in which it
    departs from the defaults.
    `settings` are its defaults and the options of its own; `with_options(**options)` is the task
    with other values of them. `classes` gives the kind of a symbol, where symbols have kinds;
    `own_analyses` names what can be asked of this task and of few others: "word boundaries",
    "likelihoods" of words, "accepted strings". `remembered` names the position, if there is one,
    whose symbol only a memory of a group's beginning foretells. `source` is the automaton that
    writes the sequence, where there is one, and `units` that of its groups where these are not the
    strings of `source`. `split` makes the names of symbols of a prompt, where its characters or
    what stands between spaces would not do. `mark` is the symbol that begins every document, and
    `group_words` says what a `group` is.
    """

    name: str
    title: str
    question: str
    rule: str
    group: str
    symbols: tuple[str, ...]
    features: tuple[str, ...]
    codes: np.ndarray
    positions: tuple[str, ...]
    predictable_words: str
    open_words: str
    generate: Callable[..., Sequence]
    presets: dict[str, dict[str, Any]]
    settings: TaskSettings
    unseen: Callable[[int, int], Sequence] | None = None
    longest: int | None = None
    formerly: Callable[[int], Sequence] | None = None
    with_options: Callable[..., Task] | None = None
    classes: Mapping[str, str] | None = None
    own_analyses: tuple[str, ...] = ()
    remembered: str = ""
    source: Automaton | None = None
    units: Automaton | None = None
    split: Callable[[str], list[str]] | None = None
    mark: int | None = None
    group_words: str = ""

    @property
    def one_bit(self) -> bool:
        """Whether a symbol is a single bit, so that output and expectation are plain numbers."""
        return len(self.features) == 1

    @cached_property
    def one_hot(self) -> bool:
        """Whether every symbol has an output of its own, so that outputs are its likelihoods."""
        return np.array_equal(self.codes, np.eye(len(self.symbols)))

    @property
    def has_features(self) -> bool:
        """Whether symbols share features whose errors mean something one by one."""
        return not self.one_bit and not self.one_hot


def predict_next(codes: np.ndarray, symbols: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets (steps, n_features): every symbol's code, and the following one's."""
    inputs = codes[symbols]
    return inputs, np.roll(inputs, -1, axis=0)


def since(starts: np.ndarray) -> np.ndarray:
    """How many steps ago the latest of `starts` (steps,) was, the first step being one."""
    steps = np.arange(len(starts))
    return steps - np.maximum.accumulate(np.where(starts, steps, 0))
