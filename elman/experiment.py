"""One run, described completely by one value.

The sidebar, links, cache keys, command-line flags and saved files are all made from the fields
of `Experiment`, so a setting that is missing here does not exist anywhere. Tasks are not known
here: each says by `register` which defaults it has and which options of its own it adds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from elman.settings import Setting, refuse, shown

RESETS = ("epoch", "never", "every", "group", "step", "growing")
ACTIVATIONS = ("sigmoid", "tanh", "relu")
WEIGHT_INITS = ("normal", "uniform")

# In the order of the sidebar and of links, where the options of tasks stand between the two.
_FIRST = {
    "task": Setting(str, "what the network learns", default="xor"),
    "length": Setting(
        int, "steps of the training sequence, rounded down to whole groups", low=4, high=1_000_000
    ),
    "hidden": Setting(int, "hidden units, and as many context units", low=1, high=500),
    "epochs": Setting(int, "passes through the sequence", low=1, high=100_000),
}
_LAST = {
    "reset": Setting(
        str, "when the context is set back to its start value", choices=RESETS, default="epoch"
    ),
    "reset_every": Setting(
        int,
        "steps between resets, with reset every",
        low=1,
        high=1_000_000,
        only_with=("reset", "every"),
    ),
    "context_start": Setting(
        float,
        "value of every context unit after a reset (Elman used 0.5)",
        low=-1,
        high=1,
        default=0.0,
    ),
    "learning_rate": Setting(float, "size of each gradient step", low=1e-6, high=100, default=0.1),
    "momentum": Setting(
        float,
        "share of the previous weight change added to the next",
        low=0,
        high=0.999,
        default=0.0,
    ),
    "depth": Setting(
        int,
        "steps back in time the gradient flows; 1 is Elman's gradient",
        low=1,
        high=100,
        default=1,
    ),
    "activation": Setting(
        str, "activation function of the hidden units", choices=ACTIVATIONS, default="sigmoid"
    ),
    "weight_init": Setting(
        str,
        "distribution of the first weights: normal(0, scale) or uniform(-scale, scale)",
        choices=WEIGHT_INITS,
        default="normal",
    ),
    "weight_scale": Setting(float, "scale of the first weights", low=0, high=10, default=0.1),
    "seed": Setting(int, "random seed of the first weights", low=0, high=2**32 - 1, default=0),
    "data_seed": Setting(
        int, "random seed of the training and test sequences", low=0, high=2**32 - 1, default=42
    ),
    "branch": Setting(
        str,
        "what training goes on from: the epoch, then names and values of what the run was set to "
        "before, with commas between, as in 300,learning_rate,0.5",
        high=600,
        default="",
    ),
}

# What a branch may have otherwise than the run that it goes on from: all that leaves the shapes
# and the meaning of the weights alone, and is not used before the first epoch only.
BRANCHED = (
    *("length", "epochs", "reset", "reset_every", "context_start", "learning_rate", "momentum"),
    *("depth", "activation", "data_seed"),
)
MOST_BRANCHES = 3


class TaskDefaults(NamedTuple):
    """What a task uses for the fields whose default depends on it (steps, units, passes)."""

    length: int
    hidden: int
    epochs: int


class TaskSettings(NamedTuple):
    """What a task adds to an `Experiment`.

    `options` are fields that only this task has. `checked` gets their values and returns them in
    their plain form, or raises ValueError where they do not go together.
    """

    defaults: TaskDefaults
    options: Mapping[str, Setting] = MappingProxyType({})
    checked: Callable[[dict[str, Any]], dict[str, Any]] | None = None


# Filled by `register` while `elman` is imported, and not changed after that.
TASK_SETTINGS: dict[str, TaskSettings] = {}
SETTINGS: dict[str, Setting] = {}
DEFAULTS: dict[str, Any] = {}


def register(task: str, settings: TaskSettings) -> None:
    """Let every `Experiment` know a task. Raises ValueError for a name that is taken."""
    for name in (task, *settings.options):
        if name in TASK_SETTINGS or name in SETTINGS:
            raise ValueError(f"{name}: allowed is a name that no task or setting has already.")
    TASK_SETTINGS[task] = settings
    _list_settings()


def unregister(task: str) -> None:
    """Take back what `register` did; for tests that bring a task of their own."""
    del TASK_SETTINGS[task]
    _list_settings()


def _list_settings() -> None:
    first = _FIRST | {"task": _FIRST["task"]._replace(choices=tuple(TASK_SETTINGS))}
    options = {
        name: setting._replace(only_with=("task", task))
        for task, settings in TASK_SETTINGS.items()
        for name, setting in settings.options.items()
    }
    SETTINGS.clear()
    SETTINGS.update(first | options | _LAST)
    DEFAULTS.clear()
    DEFAULTS.update({name: setting.default for name, setting in SETTINGS.items()})


@dataclass(frozen=True, init=False, repr=False)
class Experiment:
    """Every setting of a run; frozen, self-checking, hashable.

    `Experiment(task="xor", hidden=4)`: any of `SETTINGS` by name. Fields left out take their
    default, and `length`, `hidden` and `epochs` the task's, so that an Experiment always holds
    the numbers it will run with. `options` are the values of the task's own fields that are off
    their defaults; each is an attribute, too. A value that is not allowed raises ValueError
    naming the field, what is allowed and what was given.

    Source of the setting names: Elman (1990), "Finding Structure in Time", Cognitive Science 14.
    """

    task: str
    length: int
    hidden: int
    epochs: int
    options: tuple[tuple[str, Any], ...]
    reset: str
    reset_every: int | None
    context_start: float
    learning_rate: float
    momentum: float
    depth: int
    activation: str
    weight_init: str
    weight_scale: float
    seed: int
    data_seed: int
    branch: str

    def __init__(self, **given: Any) -> None:
        for name in given:
            if name not in SETTINGS:
                raise TypeError(
                    f"Experiment has no setting {name!r}; it has {', '.join(SETTINGS)}."
                )
        values = _checked(DEFAULTS | given)
        own = TASK_SETTINGS[values["task"]].options
        options = [(name, values[name]) for name in own if values[name] != DEFAULTS[name]]
        for name in (*_FIRST, *_LAST):
            object.__setattr__(self, name, values[name])
        object.__setattr__(self, "options", tuple(options))
        if self.branch:
            object.__setattr__(self, "branch", _checked_branch(self))

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is no field: an option of a task.
        if name not in SETTINGS:
            raise AttributeError(f"Experiment has no attribute {name!r}.")
        return dict(self.__dict__["options"]).get(name, DEFAULTS[name])

    def __repr__(self) -> str:
        return f"Experiment({', '.join(f'{k}={v!r}' for k, v in self.to_dict().items())})"

    def to_dict(self) -> dict[str, Any]:
        """All settings by name, those of other tasks at their defaults."""
        return {name: getattr(self, name) for name in SETTINGS}

    def replace(self, **changes: Any) -> Experiment:
        """A copy with `changes`, checked again.

        A change of `task` brings that task's length, hidden and epochs and no branch, unless they
        are given, and a field that the changes leave without use goes back to its default.
        """
        if changes.get("task", self.task) != self.task:
            changes = dict.fromkeys(TaskDefaults._fields) | {"branch": ""} | changes
        for name, setting in SETTINGS.items():
            if setting.only_with:
                field, needed = setting.only_with
                if changes.get(field, getattr(self, field)) != needed:
                    changes = {name: DEFAULTS[name]} | changes
        return Experiment(**self.to_dict() | changes)

    @property
    def branch_epoch(self) -> int | None:
        """The epoch after which this branch goes on from its parent; None if it is no branch."""
        return int(self.branch.partition(",")[0]) if self.branch else None

    @property
    def parent(self) -> Experiment | None:
        """The run that this branch goes on from, as it was set; None if it is no branch."""
        return _parent(self) if self.branch else None

    @property
    def lineage(self) -> tuple[Experiment, ...]:
        """This experiment, its parent, and so on to the one that begins with new weights."""
        parent = self.parent
        return (self,) if parent is None else (self, *parent.lineage)

    def trained_by(self, epoch: int) -> Experiment:
        """The one of the lineage whose settings trained the network that `epoch` passes made."""
        return next(e for e in self.lineage if epoch >= (e.branch_epoch or 0))

    def branched(self, epoch: int, **changes: Any) -> Experiment:
        """The branch that goes on from this experiment's network after `epoch` passes.

        `epochs` counts all passes, those before the branch as well. A change of anything that is
        not in `BRANCHED` raises ValueError naming it.
        """
        for name, value in changes.items():
            if name not in BRANCHED:
                words = f"{shown(value)} was given for a branch"
                kept = shown(getattr(self, name, None))
                raise refuse(name, f"{kept}, as in the run that it goes on from", words=words)
        first = self.branch_epoch or 0
        if (
            isinstance(epoch, bool)
            or not isinstance(epoch, int)
            or not (first <= epoch <= self.epochs)
        ):
            raise refuse("branch", f"an epoch from {first:,} to {self.epochs:,}", epoch)
        return self.replace(**changes, branch=_branch_from(self, epoch))

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


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """All values in their plain form, the task's own defaults filled in; or ValueError."""
    for name, setting in SETTINGS.items():
        if values[name] is None and name in TaskDefaults._fields:
            values[name] = getattr(TASK_SETTINGS[values["task"]].defaults, name)
        elif values[name] is not None or setting.default is not None:
            values[name] = setting.check(name, values[name])
    for name, setting in SETTINGS.items():
        field, needed = setting.only_with or (name, values[name])
        if values[field] != needed and values[name] != setting.default:
            words = f"{shown(values[name])} was given with {field} {values[field]}"
            raise refuse(name, f"with {field} {needed}", verb="only", words=words)
    if values["reset"] == "every" and values["reset_every"] is None:
        allowed = SETTINGS["reset_every"].allowed
        raise refuse("reset_every", allowed, verb="with reset every is", words="nothing was given")
    task = TASK_SETTINGS[values["task"]]
    if task.checked is not None:
        values |= task.checked({name: values[name] for name in task.options})
    return values


def _parent(child: Experiment) -> Experiment:
    """What the branch of `child` says of the run before; ValueError if it says nothing allowed."""
    own, _, before = child.branch.partition(",,")
    epoch, *rest = own.split(",")
    given = dict(zip(rest[::2], rest[1::2], strict=False))
    form = f"EPOCH, then ,NAME,VALUE for any of {', '.join(BRANCHED)}"
    if not epoch.isascii() or not epoch.isdecimal() or len(epoch) > 6 or len(rest) % 2:
        raise refuse("branch", form, child.branch)
    for name in rest[::2]:
        if name not in BRANCHED or rest[::2].count(name) > 1:
            raise refuse("branch", form, name)
    usual = Experiment(task=child.task)
    values = {name: getattr(usual, name) for name in BRANCHED} | given
    try:
        return Experiment(**child.to_dict() | values | {"branch": before})
    except ValueError as error:
        if str(error).startswith("branch: "):
            raise
        raise ValueError(f"branch: of the run before, {error}") from None


def _checked_branch(child: Experiment) -> str:
    """The branch of `child` in its one plain form; ValueError if it is not allowed."""
    if child.branch.count(",,") >= MOST_BRANCHES:
        words = f"{child.branch.count(',,') + 1} were given"
        raise refuse("branch", f"at most {MOST_BRANCHES} branches, one from the other", words=words)
    parent = _parent(child)
    epoch = int(child.branch.partition(",")[0])
    last = min(parent.epochs, child.epochs - 1)
    if not (parent.branch_epoch or 0) <= epoch <= last:
        allowed = f"an epoch from {parent.branch_epoch or 0:,} to {last:,}"
        raise refuse("branch", f"{allowed}, with these epochs before and now", epoch)
    return _branch_from(parent, epoch)


def _branch_from(parent: Experiment, epoch: int) -> str:
    """The branch of what goes on from `parent` after `epoch` passes."""
    usual = Experiment(task=parent.task)
    parts = [str(epoch)]
    for name in BRANCHED:
        if getattr(parent, name) != getattr(usual, name):
            parts += [name, str(getattr(parent, name))]
    return ",".join(parts) + (f",,{parent.branch}" if parent.branch else "")


def forgiving_query(
    query: Mapping[str, str], base: Mapping[str, str] | None = None
) -> tuple[Experiment, list[str]]:
    """The nearest valid experiment of URL parameters, and a sentence for each value left out.

    Every field that is not allowed falls back to its default, so a mistyped link still opens.
    `base` are the parameters of a valid experiment that stand for fields which are not given.
    """
    given = {name: query[name] for name in SETTINGS if name in query}
    problems: list[str] = []
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
