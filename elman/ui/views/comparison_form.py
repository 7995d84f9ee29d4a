"""The controls of the page that compares: which fields vary, over which values, how often."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import streamlit as st

from elman.analysis.comparison import default_level, shown_value
from elman.charts.compare import MOST_VALUES
from elman.experiment import SETTINGS, Experiment
from elman.settings import Setting, refuse
from elman.sweeps import variations, with_seed
from elman.ui import fields, runs, server, session, sidebar, state
from elman.ui.ends import PageEnds
from elman.ui.show import literal, named

# In links every name begins so; the sidebar's experiment has the bare names.
PREFIX = "c_"

NONE = "Nothing else"

FIELD = state.Control(
    f"{PREFIX}field", "What changes", st.selectbox, help="All else is as in the sidebar."
)
SECOND = state.Control(f"{PREFIX}second", "And together with it", st.selectbox, default=NONE)
SEEDS = state.Control(
    f"{PREFIX}seeds",
    "Seeds",
    st.select_slider,
    (1, 2, 3, 5, 10, 20, 30, 50),
    default=10,
    help="Every setting is trained so often, each time from other first weights and on another "
    "sequence of the same rule. One run alone may be luck.",
)
LEVELS = Setting(float, "loss that counts as low", low=1e-6, high=10)
LEVEL = state.Control(
    f"{PREFIX}level",
    "Loss level",
    st.text_input,
    LEVELS,
    help="Runs are timed by the epoch at which their loss first was so low. Empty: a third of the "
    "way from the best baseline to the floor, or the best bigram where no floor is known.",
)
# Drawn as a point that one clicks, not as a widget.
OPENED = session.declare(f"{PREFIX}opened")

MOST_RUNS = 400
# Losses of all runs that are kept: 32 megabytes.
MOST_EPOCHS = 4_000_000

# The run that was opened here, and how many seeds it is from the first; None for none.
_OPENED: session.Kept[tuple[Experiment, int] | None] = session.Kept("compare_opened", None)
# For each field the task and the values that were suggested last.
_SUGGESTED: session.Kept[dict[str, tuple[str, str]]] = session.Kept("c_suggested", {})


class Comparison(NamedTuple):
    """A comparison: the experiment, field -> values to compare, seeds each, the loss level."""

    base: Experiment
    varied: Mapping[str, tuple[Any, ...]]
    seeds: int
    level: float
    experiments: tuple[Experiment, ...]

    @property
    def first(self) -> str:
        """The field that has colours."""
        return next(iter(self.varied))

    @property
    def second(self) -> str | None:
        """The other field, if there is one."""
        return list(self.varied)[1] if len(self.varied) > 1 else None


def changes(field: str, second: str = NONE, **values: Any) -> dict[str, Any]:
    """What the controls hold when these fields are compared, some with values as text or a list."""
    chosen = {FIELD.name: _label(field), SECOND.name: _label(second)}
    return chosen | {_values_control(name).name: value for name, value in values.items()}


def fields_of(base: Experiment) -> tuple[str, ...]:
    """The fields that can vary in an experiment, those first that are asked for most."""
    return tuple(
        name
        for name in fields.compared()
        if (needed := SETTINGS[name].only_with) is None or getattr(base, needed[0]) == needed[1]
    )


def suggested(base: Experiment, name: str) -> tuple[Any, ...]:
    """Values of a field to begin with, around that of `base`."""
    if choices := choices_of(name):
        return choices
    if start := fields.of(name).start:
        return start
    setting, value = SETTINGS[name], getattr(base, name)
    found = []
    for factor in fields.of(name).factors:
        near = min(max(value * factor, setting.low), setting.high)
        near = round(near) if setting.kind is int else float(f"{near:.3g}")
        found.append(setting.check(name, near))
    return tuple(dict.fromkeys(found))


def choices_of(name: str) -> tuple[str, ...]:
    """The values of a field that has a list of them; a reset every few steps has a number too."""
    return tuple(choice for choice in SETTINGS[name].choices if choice != "every")


def comparison() -> Comparison:
    """Draw the controls; what to compare. Ends the page where that cannot be done."""
    base = _base()
    possible = fields_of(base)
    varied: dict[str, tuple[Any, ...]] = {}
    problems: list[str] = []
    left, right = st.columns(2)
    with left:
        first = _field(FIELD, possible, possible[0])
    with right:
        varied[first] = _values(base, first, problems)
    others = (NONE, *(name for name in possible if name != first))
    # Without values beside it, the second field shares its row.
    row = [*st.columns(3)]
    with row[0]:
        second = _field(SECOND, others, NONE)
    if second != NONE:
        with row[1]:
            varied[second] = _values(base, second, problems)
        row = [row[0], row[2], *st.columns(1)]
    seeds = state.choose(SEEDS, row[1], disabled="seed" in varied)
    if "seed" in varied:
        # Each is trained once, all on one sequence.
        seeds = 1
    if not problems:
        try:
            # Of the sidebar's values those that vary do not matter.
            wanted = base.replace(**{name: values[0] for name, values in varied.items()})
            server.check_memory(wanted)
            base = wanted
        except ValueError as error:
            problems.append(str(error))
    with row[2]:
        level = _level(default_level(runs.references_of(base)), problems)
    experiments: tuple[Experiment, ...] = ()
    if not problems:
        try:
            experiments = tuple(variations(base, varied, seeds))
            # Runs of other seeds need no more.
            for experiment in variations(base, varied, 1):
                server.check_memory(experiment)
        except ValueError as error:
            problems.append(str(error))
    if len(experiments) > MOST_RUNS:
        problems.append(
            f"Allowed are {MOST_RUNS} trainings at once; this asks for {len(experiments):,}. "
            "Fewer values or seeds bring it down."
        )
    elif sum(experiment.epochs for experiment in experiments) > MOST_EPOCHS:
        problems.append(
            f"Allowed are {MOST_EPOCHS:,} epochs in all trainings together. Fewer epochs, values "
            "or seeds bring it down."
        )
    if problems:
        for problem in problems:
            st.error(literal(named(problem, _called)))
        raise PageEnds
    return Comparison(base, varied, seeds, level, experiments)


def _called(name: str) -> str | None:
    return state.label(LEVEL.name) if name == "level" else session.called(name)


def _label(name: str) -> str:
    return NONE if name == NONE else fields.label(name)


def _field(control: state.Control, names: tuple[str, ...], default: str) -> str:
    """The chosen one of some fields, or `NONE`; they stand in the link as they are labelled."""
    by_label = {_label(name): name for name in names}
    return by_label[state.choose(control, options=tuple(by_label), default=_label(default))]


def _values_control(name: str) -> state.Control:
    widget = st.multiselect if choices_of(name) else st.text_input
    return state.Control(PREFIX + name, f"{fields.label(name)}: values to compare", widget)


for _name in fields.compared():
    _values_control(_name)


def _values(base: Experiment, name: str, problems: list[str]) -> tuple[Any, ...]:
    control, setting, start = _values_control(name), SETTINGS[name], suggested(base, name)
    if choices := choices_of(name):
        found = state.enter(control, first=list(start), options=choices)
        found = sorted(found, key=choices.index)
    else:
        text = ", ".join(map(shown_value, start))
        _follow_task(base, control, text)
        words = f"Separated by commas or spaces; each {setting.allowed}."
        words += " A range is written 1..4." if setting.kind is int else ""
        given = state.enter(control, first=text, help=f"{setting.help.capitalize()}. {words}")
        found = []
        for word in re.split(r"[,;\s]+", given or ""):
            try:
                found += setting.values(name, [word] if word else [])
            except ValueError as error:
                problems.append(str(error))
        found = list(dict.fromkeys(found))
    if not found and not problems:
        problems.append(f"{name}: give at least one value, such as {shown_value(start[0])}.")
    if len(found) > MOST_VALUES:
        words = f"{len(found):,} were given"
        problems.append(str(refuse(name, f"at most {MOST_VALUES} values", verb="are", words=words)))
    return tuple(found)


def _follow_task(base: Experiment, control: state.Control, text: str) -> None:
    """Where the values are still those suggested for another task, take those of this one."""
    told = _SUGGESTED.get()
    task, before = told.get(control.name, (base.task, text))
    if task != base.task and state.chosen(control) == before:
        state.put(**{control.name: text})
    if task != base.task or control.name not in told:
        told[control.name] = (base.task, text)


def _level(default: float, problems: list[str]) -> float:
    given = state.enter(LEVEL, placeholder=f"{default:g}")
    try:
        return LEVELS.check("level", given) if (given or "").strip() else default
    except ValueError as error:
        problems.append(str(error))
        return default


def _base() -> Experiment:
    """The sidebar's experiment, with the seeds from which a run was opened here, if it shows one.

    A run that was opened has seeds of its own; without this the comparison would go on from them.
    """
    current = sidebar.current()
    asked = session.take(OPENED) or ""
    if asked.isdecimal() and int(asked) < max(SEEDS.options):
        _OPENED.set((current, int(asked)))
    opened = _OPENED.get()
    if opened is None:
        return current
    experiment, k = opened
    if (current.task, current.seed, current.data_seed) != (
        experiment.task,
        experiment.seed,
        experiment.data_seed,
    ):
        _OPENED.set(None)
        session.write(OPENED, None)
        return current
    if k:
        session.write(OPENED, k)
    return with_seed(current, -k)


def opened_run() -> Experiment | None:
    """The run of the comparison that all pages show, if one was opened."""
    opened = _OPENED.get()
    return None if opened is None else opened[0]


def open_run(experiment: Experiment, base: Experiment) -> None:
    """Let all pages show a run of the comparison; for callbacks."""
    size = int(SETTINGS["data_seed"].high) + 1
    # The seed of the weights may be what is compared.
    _OPENED.set((experiment, (experiment.data_seed - base.data_seed) % size))
    current = sidebar.current()
    sidebar.apply(**{name: getattr(experiment, name) for name in current.differences(experiment)})
