"""The controls of the page that compares: which fields vary, over which values, how often."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import streamlit as st

from elman import sweeps
from elman.analysis.comparison import default_level, shown_value
from elman.charts.compare import MOST_VALUES
from elman.experiment import SETTINGS, Experiment
from elman.settings import Setting
from elman.sweeps import variations, with_seed
from elman.ui import links, page, runs, sidebar

# Every widget's name in the link; the sidebar's experiment has the bare names.
PREFIX = "c_"

FIELDS = (
    *("hidden", "reset", "learning_rate", "depth", "activation", "epochs", "length", "momentum"),
    *("context_start", "weight_init", "weight_scale", "reset_every", "codes", "grammar"),
)
NONE = "Nothing else"

SEEDS = (1, 2, 3, 5, 10, 20, 30, 50)

MOST_RUNS = 400
# Losses of all runs that are kept: 32 megabytes.
MOST_EPOCHS = 4_000_000

# Values to begin with: these, or these multiples of the sidebar's value.
VALUES = {"depth": (1, 2, 4), "momentum": (0.0, 0.5, 0.9), "context_start": (0.0, 0.5)}
FACTORS = {"learning_rate": (0.3, 1, 3), "weight_scale": (0.3, 1, 3)}

LEVEL = Setting(float, "loss that counts as low", low=1e-6, high=10)


class Asked(NamedTuple):
    """A comparison: the experiment, field -> values to compare, seeds each, the loss level."""

    base: Experiment
    varied: Mapping[str, tuple[Any, ...]]
    seeds: int
    level: float
    experiments: tuple[Experiment, ...]

    @property
    def seconds(self) -> float:
        """About how long all runs take on this machine."""
        return _predicted_seconds(self.experiments)

    @property
    def first(self) -> str:
        """The field that has colours."""
        return next(iter(self.varied))

    @property
    def second(self) -> str | None:
        """The other field, if there is one."""
        return list(self.varied)[1] if len(self.varied) > 1 else None


@st.cache_data(
    max_entries=256,
    show_spinner="Timing a few steps of these trainings.",
    hash_funcs={Experiment: hash},
)
def _predicted_seconds(experiments: tuple[Experiment, ...]) -> float:
    runs.prepare()
    return sweeps.predicted_seconds(experiments)


def apply(field: str, second: str = NONE, **values: Any) -> None:
    """Choose the fields, and the values of some of them as text or a list; for callbacks."""
    labels = {"field": links.LABELS[field], "second": links.LABELS.get(second, second)}
    for name, value in (labels | values).items():
        st.session_state[PREFIX + name] = value


def fields_of(base: Experiment) -> tuple[str, ...]:
    """The fields that can vary in an experiment, those first that are asked for most."""
    return tuple(
        name
        for name in FIELDS
        if (needed := SETTINGS[name].only_with) is None or getattr(base, needed[0]) == needed[1]
    )


def suggested(base: Experiment, name: str) -> tuple[Any, ...]:
    """Values of a field to begin with, around that of `base`."""
    if choices := choices_of(name):
        return choices
    if name in VALUES:
        return VALUES[name]
    setting, value = SETTINGS[name], getattr(base, name)
    found = []
    for factor in FACTORS.get(name, (0.5, 1, 2)):
        near = min(max(value * factor, setting.low), setting.high)
        near = round(near) if setting.kind is int else float(f"{near:.3g}")
        found.append(setting.check(name, near))
    return tuple(dict.fromkeys(found))


def choices_of(name: str) -> tuple[str, ...]:
    """The values of a field that has a list of them; a reset every few steps has a number too."""
    return tuple(choice for choice in SETTINGS[name].choices if choice != "every")


def comparison() -> Asked:
    """Draw the controls; what to compare. Ends the page where that cannot be done."""
    base = _base()
    possible = fields_of(base)
    varied: dict[str, tuple[Any, ...]] = {}
    problems: list[str] = []
    left, right = st.columns(2)
    with left:
        words = "All else is as in the sidebar."
        first = _field("What changes", f"{PREFIX}field", possible, possible[0], words)
    with right:
        varied[first] = _values(base, first, problems)
    others = (NONE, *(name for name in possible if name != first))
    # Without values beside it, the second field shares its row.
    row = [*st.columns(3)]
    with row[0]:
        second = _field("And together with it", f"{PREFIX}second", others, NONE)
    if second != NONE:
        with row[1]:
            varied[second] = _values(base, second, problems)
        row = [row[0], row[2], *st.columns(1)]
    with row[1]:
        seeds = links.choose(
            st.select_slider,
            "Seeds",
            SEEDS,
            key=f"{PREFIX}seeds",
            default=10,
            help="Every setting is trained so often, each time from other first weights and on "
            "another sequence of the same rule. One run alone may be luck.",
        )
    if not problems:
        try:
            # Of the sidebar's values those that vary do not matter.
            base = base.replace(**{name: values[0] for name, values in varied.items()})
        except ValueError as error:
            problems.append(str(error))
    with row[2]:
        level = _level(default_level(runs.references_of(base)), problems)
    experiments: tuple[Experiment, ...] = ()
    if not problems:
        try:
            experiments = tuple(variations(base, varied, seeds))
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
            st.error(links.literal(problem))
        raise page.PageEnds
    return Asked(base, varied, seeds, level, experiments)


def _field(
    label: str, key: str, names: tuple[str, ...], default: str, help: str | None = None
) -> str:
    """The chosen one of some fields, or `NONE`; they stand in the link as they are labelled."""
    by_label = {links.LABELS.get(name, name): name for name in names}
    default = links.LABELS.get(default, default)
    return by_label[
        links.choose(st.selectbox, label, tuple(by_label), key=key, default=default, help=help)
    ]


def _values(base: Experiment, name: str, problems: list[str]) -> tuple[Any, ...]:
    key, label = PREFIX + name, f"{links.LABELS[name]}: values to compare"
    setting, start = SETTINGS[name], suggested(base, name)
    if choices := choices_of(name):
        found = links.hold(st.multiselect, label, choices, key=key, first=list(start))
        found = sorted(found, key=choices.index)
    else:
        text = ", ".join(map(shown_value, start))
        _follow_task(base, key, text)
        given = links.hold(
            st.text_input,
            label,
            key=key,
            first=text,
            help=f"{setting.help.capitalize()}. Separated by commas or spaces; each "
            f"{setting.allowed}.",
        )
        found = []
        for word in re.split(r"[,;\s]+", given or ""):
            try:
                found += [setting.check(name, word)] if word else []
            except ValueError as error:
                problems.append(str(error))
        found = list(dict.fromkeys(found))
    if not found and not problems:
        problems.append(f"{name}: give at least one value, such as {shown_value(start[0])}.")
    if len(found) > MOST_VALUES:
        problems.append(f"{name}: allowed are {MOST_VALUES} values; {len(found)} were given.")
    return tuple(found)


def _follow_task(base: Experiment, key: str, text: str) -> None:
    """Where the values are still those suggested for another task, take those of this one."""
    told = st.session_state.setdefault("c_suggested", {})
    task, before = told.get(key, (base.task, text))
    if task != base.task and st.session_state.get("chosen", {}).get(key) == before:
        st.session_state[key] = text
    if task != base.task or key not in told:
        told[key] = (base.task, text)


def _level(default: float, problems: list[str]) -> float:
    given = links.hold(
        st.text_input,
        "Loss level",
        key=f"{PREFIX}level",
        first="",
        placeholder=f"{default:g}",
        help="Runs are timed by the epoch at which their loss first was so low. Empty: a "
        "third of the way from the best baseline to the floor, or the best bigram where no floor "
        "is known.",
    )
    try:
        return LEVEL.check("level", given) if (given or "").strip() else default
    except ValueError as error:
        problems.append(str(error))
        return default


def _base() -> Experiment:
    """The sidebar's experiment, with the seeds from which a run was opened here, if it shows one.

    A run that was opened has seeds of its own; without this the comparison would go on from them.
    """
    current = sidebar.current()
    asked = st.session_state["link_views"].pop(f"{PREFIX}opened", "")
    if asked.isdecimal() and int(asked) < SEEDS[-1]:
        st.session_state["compare_opened"] = (current, int(asked))
    opened = st.session_state.get("compare_opened")
    if opened is None:
        return current
    experiment, k = opened
    if (current.task, current.seed, current.data_seed) != (
        experiment.task,
        experiment.seed,
        experiment.data_seed,
    ):
        del st.session_state["compare_opened"]
        st.query_params.pop(f"{PREFIX}opened", None)
        return current
    if k:
        st.query_params[f"{PREFIX}opened"] = str(k)
    return with_seed(current, -k)


def open_run(experiment: Experiment, base: Experiment) -> None:
    """Let all pages show a run of the comparison; for callbacks."""
    size = int(SETTINGS["seed"].high) + 1
    st.session_state["compare_opened"] = (experiment, (experiment.seed - base.seed) % size)
    current = sidebar.current()
    sidebar.apply(**{name: getattr(experiment, name) for name in current.differences(experiment)})
