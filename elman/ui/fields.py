"""The fields of `Experiment` as a reader meets them: one row for each.

Sidebar, links, teacher's links and comparisons take their names and values from here. A setting
that is added to `Experiment` needs a row; an option of a task brings its label itself.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from elman.experiment import SETTINGS


class Field(NamedTuple):
    """How a field is called, and how its value is chosen.

    label     on the page, in short
    stops     of its slider; a field with choices has a list, any other a number to type
    step      of the number to type
    folded    whether it stands under More settings
    compared  whether a comparison can vary it
    start     values with which a comparison of it begins, or
    factors   multiples of the sidebar's value to begin with
    """

    label: str
    stops: tuple[int, ...] = ()
    step: float = 1
    folded: bool = False
    compared: bool = True
    start: tuple[Any, ...] = ()
    factors: tuple[float, ...] = (0.5, 1, 2)


# In the order of the sidebar. Options of tasks that are not listed stand below the preset.
FIELDS = {
    "task": Field("Task", compared=False),
    "text": Field("Your own text", compared=False),
    "group_length": Field("Group length", compared=False),
    "boundary": Field("Boundary character", compared=False),
    "read_as": Field("Symbols", compared=False),
    "documents": Field("Documents", compared=False),
    "hidden": Field(
        "Hidden units",
        stops=(*range(1, 13), 14, 16, 20, 24, 30, 40, 50, 75, 100, 150, 200, 300, 500),
    ),
    "epochs": Field(
        "Epochs",
        stops=(
            *(1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 50, 75, 100, 150, 200, 300, 400, 500, 600, 800),
            *(1000, 1500, 2000, 3000, 5000, 10_000, 20_000, 50_000, 100_000),
        ),
    ),
    "length": Field(
        "Sequence length",
        stops=(
            *(12, 30, 60, 90, 150, 300, 600, 900, 1200, 1500, 2000, 3000, 4963, 6000, 10_000),
            *(20_000, 27_534, 50_000, 100_000, 300_000, 1_000_000),
        ),
    ),
    "reset": Field("Context reset"),
    "reset_every": Field("Steps between resets"),
    "context_start": Field("Context after a reset", step=0.1, folded=True, start=(0.0, 0.5)),
    "learning_rate": Field("Learning rate", step=0.05, folded=True, factors=(0.3, 1, 3)),
    "momentum": Field("Momentum", step=0.1, folded=True, start=(0.0, 0.5, 0.9)),
    "depth": Field("Gradient depth", folded=True, start=(1, 2, 4)),
    "activation": Field("Hidden activation", folded=True),
    "weight_init": Field("First weights", folded=True),
    "weight_scale": Field("Scale of the first weights", step=0.1, folded=True, factors=(0.3, 1, 3)),
    "seed": Field("Seed of the weights", folded=True, start=tuple(range(8))),
    "data_seed": Field("Seed of the sequence", folded=True, compared=False),
    "branch": Field("Goes on from", compared=False),
}

# Fields that one control of the sidebar stands for.
TOGETHER = {
    "reset": ("reset", "reset_every"),
    "text": ("text", "read_as", "documents", "group_length", "boundary"),
}

# Those that the sidebar folds away; links and notes name them together.
MORE = tuple(name for name, field in FIELDS.items() if field.folded)

# The fields that a comparison offers first; the others follow in the order of `SETTINGS`.
_COMPARED_FIRST = (
    *("hidden", "reset", "learning_rate", "depth", "activation", "epochs", "length", "momentum"),
    *("context_start", "weight_init", "weight_scale", "reset_every"),
)


def of(name: str) -> Field:
    """The row of a field."""
    return FIELDS.get(name) or Field(SETTINGS[name].label or name.replace("_", " ").capitalize())


def label(name: str) -> str:
    """How a field, or the choice of a preset, is called on the page."""
    return "Start from" if name == "preset" else of(name).label


def options(task: str) -> tuple[str, ...]:
    """The task's own fields that have no row here."""
    return tuple(
        name
        for name, setting in SETTINGS.items()
        if name not in FIELDS and setting.only_with == ("task", task)
    )


def controls(task: str | None = None) -> tuple[str, ...]:
    """The controls of the sidebar, in its order; those of all tasks unless one is named.

    The name of a control is that of its field, of the first of `TOGETHER`, or "preset".
    """
    parts = {part for name, fields in TOGETHER.items() for part in fields if part != name}
    own = [name for name in SETTINGS if name not in FIELDS]
    listed = ["task", "preset", *own, *(name for name in FIELDS if name != "task")]
    return tuple(name for name in listed if name not in parts and _applies(name, task))


def _applies(name: str, task: str | None) -> bool:
    needs = SETTINGS[name].only_with if name in SETTINGS else None
    return task is None or needs is None or needs[0] != "task" or needs[1] == task


def compared() -> tuple[str, ...]:
    """The fields that a comparison can vary, those first that are asked for most."""
    rest = [name for name in SETTINGS if name not in _COMPARED_FIRST and of(name).compared]
    return (*_COMPARED_FIRST, *rest)
