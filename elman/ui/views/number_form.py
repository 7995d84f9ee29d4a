"""The controls of the page on number sequences: widgets in, `NumberExperiment` out."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from elman.studies import forecast, number_answers, number_sizes, numbers
from elman.studies.number_answers import example, spelled
from elman.studies.numbers import DEFAULTS, PATTERNS, SETTINGS, NumberExperiment
from elman.ui import jobs, server, session, state
from elman.ui.show import literal, named
from elman.ui.work import Work, stopped_after

# In links every name begins so; the sidebar's experiment has some of the bare names.
PREFIX = "n_"

LABELS = {
    "window_size": "Window",
    "units": "Hidden units",
    "activation": "Activation",
    "epochs": "Epochs",
    "scaling": "Scaling",
    "optimizer": "Optimizer",
    "learning_rate": "Learning rate",
    "batch_size": "Batch size",
    "weight_init": "First weights",
    "seed": "Seed",
}

SEQUENCE = state.Control(
    f"{PREFIX}sequence",
    "Your numbers, or one of the sequences above",
    st.text_input,
    default=spelled(DEFAULTS["sequence"]),
    help="Separated by commas or spaces; a decimal point, not a comma, inside a number.",
)
ASK = state.Control(f"{PREFIX}ask", "Ask for the number after", st.text_input)
NETWORKS = state.Control(
    f"{PREFIX}networks", "Networks of each kind", st.segmented_control, (5, 10, 20), default=10
)


AHEAD = state.Control(
    f"{PREFIX}ahead", "Numbers to continue by", st.select_slider, (5, 10, 20, 50, 100), default=20
)


def _control(name: str, label: str) -> state.Control:
    setting = SETTINGS[name]
    words = f"{setting.help.capitalize()}: {setting.allowed}."
    if setting.choices:
        return state.Control(
            PREFIX + name, label, st.selectbox, setting.choices, DEFAULTS[name], words
        )
    return state.Control(PREFIX + name, label, st.number_input, setting, DEFAULTS[name], words)


CONTROLS = {name: _control(name, label) for name, label in LABELS.items()}

_LAST: session.Kept[NumberExperiment | None] = session.Kept("number_experiment", None)


def experiment() -> NumberExperiment:
    """Draw the controls; the experiment they describe, or the last one that worked."""
    with st.container(horizontal=True):
        for name in PATTERNS:
            st.button(
                name[0].upper() + name[1:],
                key=f"pattern_{name.replace(' ', '_')}",
                on_click=state.put,
                kwargs={SEQUENCE.name: spelled(example(name)), ASK.name: ""},
            )
    values: dict[str, Any] = {"sequence": state.type_in(SEQUENCE)}
    # Side by side on a phone, too, so that the figure below is not far.
    for names in (("window_size", "epochs"), ("units", "activation")):
        with st.container(horizontal=True):
            for name in names:
                values[name] = _choose(name, st.container(width="stretch"))
    with st.expander("More settings"):
        pair = st.columns(2)
        more = ("scaling", "optimizer", "learning_rate", "weight_init", "batch_size", "seed")
        for place, name in enumerate(more):
            values[name] = _choose(name, pair[place % 2])
    try:
        wanted = NumberExperiment(**values)
        # Several may be trained at a time.
        number_sizes.check_bytes(wanted, server.store().max_bytes / 2)
        _LAST.set(wanted)
    except ValueError as error:
        st.error(literal(named(f"{error} The last numbers that work stay.", _called)))
    return _LAST.get() or NumberExperiment()


def _choose(name: str, where: Any) -> Any:
    control = CONTROLS[name]
    if control.widget is st.selectbox:
        return state.choose(control, where)
    step = 0.001 if SETTINGS[name].kind is float else 1
    return state.choose_number(control, where, step=step)


def _called(name: str) -> str | None:
    """How the page calls what the library calls so."""
    control = {"sequence": SEQUENCE, "window": ASK}.get(name) or CONTROLS.get(name)
    return None if control is None else state.label(control.name).partition(",")[0]


def asked_window(experiment: NumberExperiment) -> tuple[float, ...]:
    """Draw the question; the window that the reader asks for, by default the last one."""
    text = state.type_in(
        ASK,
        placeholder=spelled(experiment.window()),
        help=f"Any {experiment.window_size} numbers; empty asks for the end of the sequence.",
    )
    try:
        return experiment.window(text)
    except ValueError as error:
        st.error(literal(named(f"{error} The end of the sequence is shown.", _called)))
        return experiment.window()


def current_run(experiment: NumberExperiment) -> numbers.NumberRun | None:
    """The run of the experiment, or None while there is none; draws what to do or wait for."""
    run = jobs.result(training_of(experiment))
    if run is not None and run.status == "diverged":
        st.error(run.message)
    return run if run is not None and len(run.losses) else None


def training_of(experiment: NumberExperiment) -> Work[numbers.NumberRun]:
    """The work that gives the run of an experiment."""
    return Work(
        experiment,
        "n_train",
        partial(numbers.run, experiment),
        numbers.work(experiment),
        stopped=lambda run: run.message if run.status == "stopped" else "",
        progress=lambda losses: f"Epoch {len(losses):,} of {experiment.epochs:,}",
    )


def training_of_many(
    experiment: NumberExperiment, window: tuple[float, ...], networks: int
) -> Work[pd.DataFrame]:
    """The work that trains `networks` of each kind and asks each for the number after `window`."""
    variants = number_answers.variants(experiment, networks)
    count = len(variants)
    return Work(
        (experiment, window, networks),
        "n_compare",
        partial(number_answers.compare, variants, window),
        count * numbers.work(experiment),
        starts="on a press",
        stopped=lambda table: stopped_after(len(table), count, "networks"),
        label=f"Train {count} networks",
        again=f"Train {count} networks",
    )


def forecast_of(experiment: NumberExperiment, steps: int, networks: int) -> Work[pd.DataFrame]:
    """The work that trains so many networks and lets each continue the sequence by itself."""
    experiments = forecast.networks(experiment, networks)
    return Work(
        (experiment, steps, networks),
        "n_forecast",
        partial(forecast.forecast, experiments, steps),
        networks * numbers.work(experiment),
        starts="on a press",
        stopped=lambda table: stopped_after(table["seed"].nunique(), networks, "networks"),
        label=f"Continue with {networks} networks",
        again=f"Continue with {networks} networks",
        part=lambda so_far: so_far,
    )
