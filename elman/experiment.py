"""One run, described completely by one value.

The sidebar, links, cache keys, command-line flags and saved files are all made from the fields
of `Experiment`, so a setting that is missing here does not exist anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

from elman import text as texts

RESETS = ("epoch", "never", "every", "group", "step", "growing")
ACTIVATIONS = ("sigmoid", "tanh", "relu")
WEIGHT_INITS = ("normal", "uniform")


class TaskDefaults(NamedTuple):
    """What a task uses for the fields whose default depends on it (steps, units, passes)."""

    length: int
    hidden: int
    epochs: int


TASK_DEFAULTS: dict[str, TaskDefaults] = {
    "xor": TaskDefaults(length=3000, hidden=4, epochs=600),
    "letters": TaskDefaults(length=3000, hidden=20, epochs=200),
    "words": TaskDefaults(length=4963, hidden=20, epochs=10),
    "sentences": TaskDefaults(length=27_534, hidden=150, epochs=6),
    "reber": TaskDefaults(length=10_000, hidden=10, epochs=50),
    "own": TaskDefaults(length=20_000, hidden=20, epochs=500),
}


class Setting(NamedTuple):
    """What a field accepts, and the sentence that explains it to a reader.

    `only_with` names the field and its value beside which alone this one may be set.
    """

    kind: type
    help: str
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    only_with: tuple[str, str] | None = None

    @property
    def allowed(self) -> str:
        """The accepted values in words, as error messages and help texts print them."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.kind is str:
            return f"a text of at most {self.high:,} characters"
        if self.kind is int:
            return f"a whole number from {self.low:,} to {self.high:,}"
        low = f"{self.low:f}".rstrip("0").rstrip(".")
        return f"a number from {low} to {self.high:g}"

    def check(self, name: str, value: Any) -> Any:
        """Return `value` as this setting's plain type; ValueError names field, allowed, arrived."""
        if self.choices:
            if isinstance(value, str) and value in self.choices:
                return value
            raise self._error(name, value)
        if self.kind is str:
            if isinstance(value, str) and len(value) <= self.high:
                return value
            raise self._error(name, value)
        if isinstance(value, bool):
            raise self._error(name, value)
        try:
            number = float(value)
            exact = self.kind(number) if self.kind is float else int(value)
        except (TypeError, ValueError, OverflowError):
            raise self._error(name, value) from None
        if not math.isfinite(number) or exact != number:
            raise self._error(name, value)
        if not self.low <= number <= self.high:
            raise self._error(name, value)
        return exact

    def _error(self, name: str, value: Any) -> ValueError:
        return ValueError(f"{name}: allowed is {self.allowed}; {_shown(value)} was given.")


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _setting(default: Any, kind: type, help: str, **limits: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(kind, help, **limits)})


@dataclass(frozen=True)
class Experiment:
    """Every setting of a run; frozen, self-checking, hashable.

    Fields left at None take the task's default (`length`, `hidden`, `epochs`), so that an
    Experiment always holds the numbers it will run with. A value that is not allowed raises
    ValueError naming the field, what is allowed and what was given.

    Source of the setting names: Elman (1990), "Finding Structure in Time", Cognitive Science 14.
    """

    task: str = _setting("xor", str, "what the network learns", choices=tuple(TASK_DEFAULTS))
    length: int = _setting(
        None,
        int,
        "steps of the training sequence, rounded down to whole groups",
        low=4,
        high=1_000_000,
    )
    hidden: int = _setting(None, int, "hidden units, and as many context units", low=1, high=500)
    epochs: int = _setting(None, int, "passes through the sequence", low=1, high=100_000)
    codes: str = _setting(
        "binary",
        str,
        "5-bit codes of the letters: place in the alphabet, or random",
        choices=("binary", "random"),
        only_with=("task", "words"),
    )
    grammar: str = _setting(
        "plain",
        str,
        "Reber grammar alone, or embedded between two equal letters",
        choices=("plain", "embedded"),
        only_with=("task", "reber"),
    )
    text: str = _setting(
        "",
        str,
        "the reader's own text; a built-in example if empty",
        high=texts.MAX_CHARACTERS,
        only_with=("task", "own"),
    )
    group_length: int | None = _setting(
        None,
        int,
        "characters in a group of the own text",
        low=2,
        high=texts.MAX_GROUP_LENGTH,
        only_with=("task", "own"),
    )
    boundary: str = _setting(
        "",
        str,
        "character that ends a group of the own text, or space, newline, tab",
        high=10,
        only_with=("task", "own"),
    )
    reset: str = _setting(
        "epoch",
        str,
        "when the context is set back to its start value",
        choices=RESETS,
    )
    reset_every: int | None = _setting(
        None,
        int,
        "steps between resets, with reset every",
        low=1,
        high=1_000_000,
        only_with=("reset", "every"),
    )
    context_start: float = _setting(
        0.0, float, "value of every context unit after a reset (Elman used 0.5)", low=-1, high=1
    )
    learning_rate: float = _setting(0.1, float, "size of each gradient step", low=1e-6, high=100)
    momentum: float = _setting(
        0.0,
        float,
        "share of the previous weight change added to the next",
        low=0,
        high=0.999,
    )
    depth: int = _setting(
        1, int, "steps back in time the gradient flows; 1 is Elman's gradient", low=1, high=100
    )
    activation: str = _setting(
        "sigmoid", str, "activation function of the hidden units", choices=ACTIVATIONS
    )
    weight_init: str = _setting(
        "normal",
        str,
        "distribution of the first weights: normal(0, scale) or uniform(-scale, scale)",
        choices=WEIGHT_INITS,
    )
    weight_scale: float = _setting(0.1, float, "scale of the first weights", low=0, high=10)
    seed: int = _setting(0, int, "random seed of the first weights", low=0, high=2**32 - 1)
    data_seed: int = _setting(
        42, int, "random seed of the training and test sequences", low=0, high=2**32 - 1
    )

    def __post_init__(self) -> None:
        for name, setting in SETTINGS.items():
            value = getattr(self, name)
            if value is None and name in TaskDefaults._fields:
                value = getattr(TASK_DEFAULTS[self.task], name)
            if value is None and DEFAULTS[name] is None:
                continue
            object.__setattr__(self, name, setting.check(name, value))
        for name, setting in SETTINGS.items():
            if not self._may_set(name) and getattr(self, name) != DEFAULTS[name]:
                field, needed = setting.only_with
                raise ValueError(
                    f"{name}: allowed only with {field} {needed}; {_shown(getattr(self, name))} "
                    f"was given with {field} {getattr(self, field)}."
                )
        if self.reset == "every" and self.reset_every is None:
            raise ValueError(
                f"reset_every: allowed with reset every is {SETTINGS['reset_every'].allowed}; "
                "nothing was given."
            )
        if self.task == "own":
            if self.text:
                object.__setattr__(self, "text", texts.normalise(self.text))
            texts.places(self.text or texts.EXAMPLE, self.group_length, self.boundary)

    def _may_set(self, name: str) -> bool:
        """Whether a field may be off its default beside the others."""
        needed = SETTINGS[name].only_with
        return needed is None or getattr(self, needed[0]) == needed[1]

    def replace(self, **changes: Any) -> Experiment:
        """A copy with `changes`, checked again.

        A change of `task` brings that task's length, hidden and epochs unless they are given,
        and a field that the changes leave without use goes back to its default.
        """
        if changes.get("task", self.task) != self.task:
            changes = dict.fromkeys(TaskDefaults._fields) | changes
        for name, setting in SETTINGS.items():
            if setting.only_with:
                field, needed = setting.only_with
                if changes.get(field, getattr(self, field)) != needed:
                    changes = {name: DEFAULTS[name]} | changes
        return replace(self, **changes)

    def differences(self, other: Experiment) -> dict[str, tuple[Any, Any]]:
        """Fields whose values differ, as name -> (here, there)."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in SETTINGS}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    def to_query(self) -> dict[str, str]:
        """The URL parameters of this experiment: the task and every field off its default."""
        changed = self.differences(Experiment(task=self.task))
        return {"task": self.task} | {
            name: str(value) for name, (value, _) in changed.items() if value is not None
        }

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Experiment:
        """The experiment of URL parameters; unknown names are left to others.

        Raises ValueError for the first value that is not allowed.
        """
        return cls(**{name: query[name] for name in SETTINGS if name in query})


SETTINGS: dict[str, Setting] = {f.name: f.metadata["setting"] for f in fields(Experiment)}
DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Experiment)}


def forgiving_query(
    query: Mapping[str, str], base: Mapping[str, str] | None = None
) -> tuple[Experiment, list[str]]:
    """The nearest valid experiment of URL parameters, and a sentence for each value left out.

    Every field that is not allowed falls back to its default, so a mistyped link still opens.
    `base` are the parameters of a valid experiment that stand for fields which are not given.
    """
    given = {name: query[name] for name in SETTINGS if name in query}
    problems = []
    while True:
        try:
            return Experiment.from_query({**(base or {}), **given}), problems
        except ValueError as error:
            name = str(error).partition(":")[0]
            problems.append(str(error))
            # reset=every without its number cannot stand alone, whichever of the two is wrong.
            if name not in given:
                name = "reset"
            del given[name]
