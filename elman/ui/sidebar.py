"""The sidebar that all experiment pages share: widgets in, `Experiment` out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from elman import tasks
from elman.experiment import ACTIVATIONS, DEFAULTS, RESETS, SETTINGS, WEIGHT_INITS, Experiment
from elman.ui import links, own_text, reduced

STOPS = {
    "hidden": (*range(1, 13), 14, 16, 20, 24, 30, 40, 50, 75, 100, 150, 200, 300, 500),
    "epochs": (
        *(1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 50, 75, 100, 150, 200, 300, 400, 500, 600, 800),
        *(1000, 1500, 2000, 3000, 5000, 10_000, 20_000, 50_000, 100_000),
    ),
    "length": (
        *(12, 30, 60, 90, 150, 300, 600, 900, 1200, 1500, 2000, 3000, 4963, 6000, 10_000),
        *(20_000, 27_534, 50_000, 100_000, 300_000, 1_000_000),
    ),
}

RESET_WORDS = {
    "epoch": "Set back before each pass through the sequence.",
    "never": "Never set back: one unbroken stream, as in the paper.",
    "every": "Set back after a fixed number of steps.",
    "group": "Set back before each {group}: no memory of earlier ones.",
    "step": "Set back before every step: a network without memory.",
    "growing": "Windows of three or four {group}s at first, longer in stages, at last no reset.",
}

# What a link means that names no preset.
PRESET = "textbook"

PRESET_WORDS = {
    "textbook": "small and quick to learn: the context is cleared before each pass",
    "paper": "sizes and unbroken context as Elman gives them; he states no learning rate",
}


def current() -> Experiment:
    """The experiment that the sidebar shows."""
    return st.session_state["experiment"]


def apply(**changes: Any) -> None:
    """Change fields of the current experiment, or other bound widgets; for buttons' callbacks."""
    fields = {name: value for name, value in changes.items() if name in SETTINGS}
    show(current().replace(**fields))
    for name in changes.keys() - fields.keys():
        st.session_state[name] = changes[name]


def open_preset(task: str, preset: str, **views: Any) -> None:
    """Show the run of a preset, tested as it was trained; for buttons' callbacks.

    `views` are what to look at on the page that the button leads to.
    """
    st.session_state["preset"] = preset
    experiment = tasks.preset(task, preset)
    show(experiment)
    links.look_at(epoch=experiment.epochs, sequence="new", test_reset="as trained", **views)


def show(experiment: Experiment, leave: tuple[str, ...] = ()) -> None:
    """Set all controls but those to `leave` to `experiment`; in a callback."""
    for name in SETTINGS:
        if name in leave:
            continue
        value = getattr(experiment, name)
        st.session_state[name] = value
        _offer(name, value)


def _offer(name: str, value: Any) -> None:
    """Let a slider stop at `value` from now on in this session."""
    if name in STOPS and value not in STOPS[name]:
        st.session_state.setdefault("extra_stops", {}).setdefault(name, set()).add(value)


def _task_chosen() -> None:
    task = st.session_state["task"]
    for name, value in tasks.TASKS[task].settings.defaults._asdict().items():
        st.session_state[name] = value


def _preset_chosen() -> None:
    # What is hidden keeps the value that its link gives.
    preset = tasks.preset(st.session_state["task"], st.session_state["preset"])
    show(preset, leave=reduced.fields())


def experiment_sidebar(shown_here: bool = True) -> Experiment:
    """Draw the sidebar and return the experiment it describes.

    Pages that do not show it, for which `shown_here` is false, have it too: its widgets keep the
    experiment in the URL.
    """
    linked = links.linked()
    for name in STOPS:
        _offer(name, getattr(linked, name))
    with st.sidebar:
        if not shown_here:
            st.info("The open page does not use these settings. They wait for the next that does.")
        task = _task()
        rule = st.empty()
        chosen = _preset(task)
        preset = tasks.preset(task, chosen)
        values = _settings(preset)
        problem = None
        try:
            experiment = Experiment(task=task, **values)
            # A sequence too short for a single group shows only when it is made.
            tasks.training_sequence(experiment)
        except ValueError as error:
            problem = f"{error} The last setting that works stays."
            experiment = st.session_state.get("experiment", Experiment(task=task))
        rule.caption(tasks.task_of(experiment).rule)
        changed = experiment.differences(preset).keys() - {*reduced.fields()}
        if changed and not reduced.hides("preset"):
            st.button(f"Back to {chosen}", on_click=_preset_chosen, width="stretch")
    if problem:
        # In the page, for the end of the sidebar is out of sight, and on a phone all of it.
        (st if shown_here else st.sidebar).error(problem)
    if task != "own":
        own_text.link_text(None)
    st.session_state["experiment"] = experiment
    _hold_hidden(experiment, preset, chosen)
    return experiment


def _hold_hidden(experiment: Experiment, preset: Experiment, chosen: str) -> None:
    """Keep the values of hidden controls in the URL, as their widgets would."""
    if reduced.hides("preset"):
        reduced.hold("preset", None if chosen == PRESET else chosen)
    for name in reduced.fields():
        value = getattr(experiment, name)
        if name == "task":
            reduced.hold(name, None if value == DEFAULTS["task"] else value)
        elif name != "text":
            same = value is None or value == getattr(preset, name)
            reduced.hold(name, None if same else str(value))


def _held(name: str) -> Any:
    """The value of a field whose control is hidden."""
    return st.session_state.setdefault(name, getattr(links.linked(), name))


def _text() -> dict[str, Any]:
    values = {name: _held(name) for name in reduced.TOGETHER["text"]}
    own_text.link_text(values["text"])
    return values


def _task() -> str:
    if reduced.hides("task"):
        return _held("task")
    return st.selectbox(
        links.LABELS["task"],
        tuple(tasks.TASKS),
        key="task",
        bind="query-params",
        on_change=_task_chosen,
        help="What the network learns to predict, one symbol at a time.",
    )


def _preset(task: str) -> str:
    presets = tuple(tasks.TASKS[task].presets)
    if reduced.hides("preset"):
        asked = st.session_state["link_views"].get("preset")
        return st.session_state.setdefault("preset", asked if asked in presets else PRESET)
    return links.choose(
        st.segmented_control,
        "Start from",
        presets,
        key="preset",
        default=PRESET,
        on_every_page=True,
        on_change=_preset_chosen,
        required=True,
        width="stretch",
        help=" ".join(f"**{name}**: {PRESET_WORDS[name]}." for name in presets),
    )


def _settings(preset: Experiment) -> dict[str, Any]:
    """The widgets below the preset; the value of each field but `task`.

    The preset's values are their defaults, so that the URL holds what differs from it.
    """

    def describe(name: str) -> dict[str, Any]:
        value = st.session_state.get(name, getattr(links.linked(), name))
        differs = value != getattr(preset, name)
        shown = getattr(preset, name)
        # Plain text: a screen reader would speak the signs of coloured text.
        mark = f" ● {'changed' if shown in (None, '') else f'preset: {shown}'}" if differs else ""
        words = SETTINGS[name].help[:1].upper() + SETTINGS[name].help[1:] + "."
        if name == "reset":
            listed = "; ".join(f"**{policy}**: {text}" for policy, text in RESET_WORDS.items())
            words += f" {listed}".format(group=tasks.TASKS[preset.task].group)
        if differs:
            words += " The dot marks a difference from the preset."
        return {
            "label": links.LABELS[name] + mark,
            "help": words,
            "key": name,
            "bind": "query-params",
        }

    def slide(name: str) -> int:
        if reduced.hides(name):
            return _held(name)
        extra = st.session_state.get("extra_stops", {}).get(name, set())
        stops = sorted({*STOPS[name], *extra, getattr(preset, name)})
        return st.select_slider(options=stops, value=getattr(preset, name), **describe(name))

    def number(name: str, step: float | int, **more: Any) -> Any:
        if reduced.hides(name):
            return _held(name)
        setting = SETTINGS[name]
        return st.number_input(
            min_value=setting.kind(setting.low),
            max_value=setting.kind(setting.high),
            value=getattr(preset, name),
            step=step,
            format="%d" if setting.kind is int else "%g",
            **describe(name),
            **more,
        )

    def select(name: str, options: tuple[str, ...]) -> str:
        if reduced.hides(name):
            return _held(name)
        first = options.index(getattr(preset, name))
        return st.selectbox(options=options, index=first, **describe(name))

    values: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        if setting.only_with == ("task", preset.task) and setting.choices:
            values[name] = select(name, setting.choices)
    if preset.task == "own":
        values |= _text() if reduced.hides("text") else own_text.controls()
    values |= {name: slide(name) for name in ("hidden", "epochs", "length")}
    values["reset"] = select("reset", RESETS)
    if not reduced.hides("reset"):
        st.caption(RESET_WORDS[values["reset"]].format(group=tasks.TASKS[preset.task].group))
    if values["reset"] == "every":
        # Without a default of its own, so that every value it has stands in the link.
        if st.session_state.get("reset_every") is None:
            st.session_state["reset_every"] = links.linked().reset_every or 3
        values["reset_every"] = number("reset_every", 1)
    folded = not all(map(reduced.hides, reduced.MORE))
    with st.expander("More settings") if folded else st.container():
        values["context_start"] = number("context_start", 0.1)
        values["learning_rate"] = number("learning_rate", 0.05)
        values["momentum"] = number("momentum", 0.1)
        values["depth"] = number("depth", 1)
        values["activation"] = select("activation", ACTIVATIONS)
        values["weight_init"] = select("weight_init", WEIGHT_INITS)
        values["weight_scale"] = number("weight_scale", 0.1)
        values["seed"] = number("seed", 1)
        values["data_seed"] = number("data_seed", 1)
    return values
