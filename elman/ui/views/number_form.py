"""The controls of the page on number sequences: widgets in, `NumberExperiment` out."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from elman.studies import numbers
from elman.studies.number_answers import example, spelled
from elman.studies.numbers import DEFAULTS, PATTERNS, SETTINGS, NumberExperiment
from elman.ui import links, runs

# Every widget's name in the link; the sidebar's experiment has some of the bare names.
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


def apply(**changes: Any) -> None:
    """Set controls, by the names of their fields, `sequence` as text; for buttons' callbacks."""
    for name, value in changes.items():
        st.session_state[PREFIX + name] = value


def experiment() -> NumberExperiment:
    """Draw the controls; the experiment they describe, or the last one that worked."""
    with st.container(horizontal=True):
        for name in PATTERNS:
            st.button(
                name[0].upper() + name[1:],
                key=f"pattern_{name.replace(' ', '_')}",
                on_click=apply,
                kwargs={"sequence": spelled(example(name)), "ask": ""},
            )
    sequence = st.text_input(
        "Your numbers, or one of the sequences above",
        spelled(DEFAULTS["sequence"]),
        key=f"{PREFIX}sequence",
        bind="query-params",
        help="Separated by commas or spaces; a decimal point, not a comma, inside a number.",
    )
    values = {}
    pair = st.columns(2)
    for place, name in enumerate(("window_size", "epochs", "units", "activation")):
        with pair[place % 2]:
            values[name] = _control(name)
    with st.expander("More settings"):
        pair = st.columns(2)
        names = ("scaling", "optimizer", "learning_rate", "weight_init", "batch_size", "seed")
        for place, name in enumerate(names):
            with pair[place % 2]:
                values[name] = _control(name)
    key = "number_experiment"
    try:
        st.session_state[key] = NumberExperiment(sequence=sequence, **values)
    except ValueError as error:
        st.error(links.literal(f"{error} The last numbers that work stay."))
    return st.session_state.get(key, NumberExperiment())


def _control(name: str) -> Any:
    setting, key = SETTINGS[name], PREFIX + name
    words = f"{setting.help.capitalize()}: {setting.allowed}."
    if setting.choices:
        return links.choose(
            st.selectbox, LABELS[name], setting.choices, key=key, default=DEFAULTS[name], help=words
        )
    _report(name)
    return st.number_input(
        LABELS[name],
        min_value=setting.kind(setting.low),
        max_value=setting.kind(setting.high),
        value=DEFAULTS[name],
        step=0.001 if setting.kind is float else 1,
        format="%g" if setting.kind is float else "%d",
        key=key,
        bind="query-params",
        help=words,
    )


def _report(name: str) -> None:
    """Report a linked number that is not allowed, and leave it out of the link."""
    asked = st.session_state["link_views"].pop(PREFIX + name, None)
    if asked is None:
        return
    try:
        SETTINGS[name].check(PREFIX + name, asked)
    except ValueError as error:
        st.session_state["link_problems"].append(str(error))
        # Streamlit would round a fraction, and reads the link as it was when the run began.
        st.query_params.pop(PREFIX + name, None)
        st.rerun()


def asked_window(experiment: NumberExperiment) -> tuple[float, ...]:
    """Draw the question; the window that the reader asks for, by default the last one."""
    text = st.text_input(
        "Ask for the number after",
        key=f"{PREFIX}ask",
        placeholder=spelled(experiment.window()),
        bind="query-params",
        help=f"Any {experiment.window_size} numbers; empty asks for the end of the sequence.",
    )
    try:
        return experiment.window(text)
    except ValueError as error:
        st.error(links.literal(f"{error} The end of the sequence is shown."))
        return experiment.window()


@st.cache_data(max_entries=256, show_spinner=False)
def predicted_seconds(experiment: NumberExperiment) -> float:
    """About how long training takes on this machine."""
    return numbers.predicted_seconds(experiment)


@st.cache_resource(max_entries=64, show_spinner=False)
def _instant_run(experiment: NumberExperiment) -> numbers.NumberRun:
    return numbers.run(experiment)


def current_run(experiment: NumberExperiment) -> numbers.NumberRun | None:
    """The run of the experiment, or None while there is none; draws what to do or wait for."""
    seconds = predicted_seconds(experiment)
    work = partial(numbers.run, experiment)
    if seconds <= runs.limits().instant_seconds:
        run = _instant_run(experiment)
    else:
        run = runs.background(experiment, "n_train", "Train", seconds, work)
    if run is None:
        return None
    if run.status == "stopped":
        st.info(run.message)
        runs.start_again(experiment, work, "Train again")
    elif run.status == "diverged":
        st.error(run.message)
    return run if len(run.losses) else None
