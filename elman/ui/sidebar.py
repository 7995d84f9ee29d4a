"""The sidebar that all experiment pages share: widgets in, `Experiment` out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from elman import tasks
from elman.experiment import DEFAULTS, SETTINGS, Experiment
from elman.ui import fields, own_text, prose, reduced, server, session, state
from elman.ui.show import literal, named

RESET_WORDS = {
    "epoch": "Set back before each pass through the sequence.",
    "never": "Never set back: one unbroken stream, as in the paper.",
    "every": "Set back after a fixed number of steps.",
    "group": "Set back before each {group}: no memory of earlier ones.",
    "step": "Set back before every step: a network without memory.",
    "growing": "Windows of three or four {group}s at first, longer in stages, at last no reset.",
}

PRESET_WORDS = {
    "textbook": "small and quick to learn: the context is cleared before each pass",
    "paper": "sizes and unbroken context as Elman gives them; he states no learning rate",
}

# What a link means that names no preset is the first.
PRESET = state.Control("preset", "Start from", st.segmented_control, default="textbook")

# Values between the stops of a slider at which it stops all the same, by field.
_EXTRA_STOPS: session.Kept[dict[str, set[int]]] = session.Kept("extra_stops", {})

# What the sidebar shows when it is drawn next.
_NEXT: session.Kept[Experiment | None] = session.Kept("next_experiment", None)


def current() -> Experiment:
    """The experiment that the sidebar shows; the entry file draws it before any page."""
    experiment = session.EXPERIMENT.get()
    assert experiment is not None
    return experiment


def apply(**changes: Any) -> None:
    """Change fields of the current experiment, or other controls by name; for callbacks.

    Another task is looked at from its end and tested as it was trained, unless `changes` say else.
    """
    changed = {name: value for name, value in changes.items() if name in SETTINGS}
    if changed:
        following = current().replace(**changed)
        show(following)
        if following.task != current().task:
            state.put(**tested_anew(following.epochs))
    state.put(**{name: value for name, value in changes.items() if name not in changed})


def tested_anew(epochs: int) -> dict[str, Any]:
    """What another task sets back, so that its run of so many epochs is looked at from its end."""
    back = {one.name: one.default for one in state.CONTROLS.values() if one.of_task}
    return {"epoch": epochs} | back


def open_preset(task: str, preset: str, **views: Any) -> None:
    """Show the run of a preset, tested as it was trained; for buttons' callbacks.

    `views` are what to look at on the page that the button leads to.
    """
    experiment = tasks.preset(task, preset)
    show(experiment, leave=fields.TOGETHER["text"])
    state.put(preset=preset, **tested_anew(experiment.epochs) | views)


def show(experiment: Experiment, leave: tuple[str, ...] = ()) -> None:
    """Set all controls but those to `leave` to `experiment`; in a callback."""
    for name in SETTINGS:
        if name not in leave:
            value = getattr(experiment, name)
            state.put(**{name: value})
            _offer(name, value)


def show_next(experiment: Experiment) -> None:
    """Run the page anew with another experiment; for pages, whose sidebar is drawn already."""
    _NEXT.set(experiment)
    st.rerun()


def _offer(name: str, value: Any) -> None:
    """Let a slider stop at `value` from now on in this session."""
    stops = fields.of(name).stops
    if stops and value not in stops:
        _EXTRA_STOPS.get().setdefault(name, set()).add(value)


def _task_chosen() -> None:
    defaults = tasks.TASKS[state.value("task")].settings.defaults
    # What was looked at of another task's run, and how that was tested, says nothing here.
    state.put(**defaults._asdict(), branch="", **tested_anew(defaults.epochs))


def _preset_chosen() -> None:
    # What is hidden keeps the value that its link gives, and the text is the reader's.
    preset = tasks.preset(state.value("task"), state.value("preset"))
    show(preset, leave=(*reduced.hidden_fields(), *fields.TOGETHER["text"]))


def experiment_sidebar(shown_here: bool = True) -> Experiment:
    """Draw the sidebar and return the experiment it describes.

    Pages that do not show it, for which `shown_here` is false, have it too: its widgets keep the
    experiment in the URL.
    """
    following = _NEXT.pop()
    if following is not None:
        state.put(preset="textbook")
        show(following)
    linked = session.linked()
    if session.followed():
        asked = session.pending(PRESET.name)
        presets = tasks.TASKS[linked.task].presets
        state.put(preset=asked if asked in presets else PRESET.default)
        show(linked)
    for name in SETTINGS:
        _offer(name, getattr(linked, name))
    with st.sidebar:
        # Its place is there on every page: the browser can lose controls that move to another.
        note = st.empty()
        if not shown_here:
            note.info(
                "The open page does not use these settings. They wait for the next that does."
            )
        task = _task()
        rule = st.empty()
        chosen = _preset(task)
        preset = tasks.preset(task, chosen)
        values = _settings(preset)
        problem = None
        try:
            experiment = Experiment(task=task, **values)
            server.check_memory(experiment)
            # A sequence too short for a single group shows only when it is made.
            for one in experiment.lineage:
                tasks.training_sequence(one)
        except ValueError as error:
            problem = f"{error} The last setting that works stays."
            experiment = session.EXPERIMENT.get() or Experiment(task=task)
        prose.caption(tasks.task_of(experiment).rule, rule)
        kept = {*reduced.hidden_fields(), *fields.TOGETHER["text"]}
        changed = experiment.differences(preset).keys() - kept
        if changed and not reduced.hides("preset"):
            st.button(f"Back to {chosen}", on_click=_preset_chosen, width="stretch")
    if problem:
        # In the page, for the end of the sidebar is out of sight, and on a phone all of it.
        (st if shown_here else st.sidebar).error(literal(named(problem, session.called)))
    if task != "own":
        session.write_text(None)
    session.write("branch", experiment.branch or None)
    session.EXPERIMENT.set(experiment)
    _link_hidden(experiment, chosen)
    return experiment


def _link_hidden(experiment: Experiment, chosen: str) -> None:
    """Keep the values of hidden controls in the URL, as their widgets would."""
    parameters = _parameters(experiment, chosen)
    for name in (*(["preset"] if reduced.hides("preset") else []), *reduced.hidden_fields()):
        if name != "text":
            session.write(name, parameters.get(name))


def _parameters(experiment: Experiment, preset: str) -> dict[str, Any]:
    """What a link to an experiment has, beside the text: what differs from its preset."""
    task = experiment.task
    found = {"task": task} if task != DEFAULTS["task"] else {}
    if preset != PRESET.default:
        found["preset"] = preset
    changed = experiment.differences(tasks.preset(task, preset))
    values = {name: value for name, (value, _) in changed.items() if name != "text"}
    return found | {name: value for name, value in values.items() if value is not None}


def link() -> dict[str, list[str]]:
    """The parameters of a link to what is shown, made of what is set, not of the URL."""
    found = _parameters(current(), state.value(PRESET.name, PRESET.default))
    return {name: [str(value)] for name, value in found.items()} | state.on_page()


def _hidden(name: str) -> Any:
    """The value of a field whose control is hidden."""
    return state.begin(name, getattr(session.linked(), name))


def _task() -> str:
    if reduced.hides("task"):
        return _hidden("task")
    return state.bound(
        st.selectbox,
        "task",
        label=fields.label("task"),
        options=tuple(tasks.TASKS),
        on_change=_task_chosen,
        help="What the network learns to predict, one symbol at a time.",
    )


def _preset(task: str) -> str:
    presets = tuple(tasks.TASKS[task].presets)
    if reduced.hides("preset"):
        asked = session.pending(PRESET.name)
        return state.begin(PRESET.name, asked if asked in presets else PRESET.default)
    return state.choose(
        PRESET,
        options=presets,
        on_every_page=True,
        on_change=_preset_chosen,
        width="stretch",
        help=" ".join(f"**{name}**: {PRESET_WORDS[name]}." for name in presets),
    )


def _settings(preset: Experiment) -> dict[str, Any]:
    """The widgets below the preset; the value of each field but `task`."""
    names = [name for name in fields.controls(preset.task) if name not in ("task", "preset")]
    values: dict[str, Any] = {}
    for name in names:
        if name == "text":
            values |= _text()
        elif name == "reset":
            values |= _reset(preset)
        elif name == "branch":
            # No control: Train sets it, and takes it back.
            values[name] = _hidden(name)
        elif name not in fields.MORE:
            values[name] = _choose(name, preset)
    asked = [name for name in fields.MORE if not reduced.hides(name)]
    changed = sum(_differs(name, preset) for name in asked)
    words = "More settings" + (f" · {changed} changed" if changed else "")
    # By its key the browser keeps it open while its words change.
    with st.expander(words, key="more_settings") if asked else st.container():
        values |= {name: _choose(name, preset) for name in fields.MORE}
    return values


def _text() -> dict[str, Any]:
    if not reduced.hides("text"):
        return own_text.controls()
    values = {name: _hidden(name) for name in fields.TOGETHER["text"]}
    session.write_text(values["text"])
    return values


def _reset(preset: Experiment) -> dict[str, Any]:
    policy = _choose("reset", preset)
    if not reduced.hides("reset"):
        prose.caption(_reset_words(policy, tasks.TASKS[preset.task]))
    if policy != "every":
        return {"reset": policy}
    # Without a default of its own, so that every value it has stands in the link.
    if state.value("reset_every") is None:
        state.put(reset_every=session.linked().reset_every or 3)
    return {"reset": policy, "reset_every": _choose("reset_every", preset)}


def _reset_words(policy: str, task: tasks.Task) -> str:
    """What a policy does, and of the one that is named after groups what a group is."""
    words = RESET_WORDS[policy].format(group=task.group)
    if policy == "group" and task.group_words:
        words += f" A {task.group}: {task.group_words}."
    return words


def _choose(name: str, preset: Experiment) -> Any:
    """The widget of a field; its value.

    The preset's value is its default, so that the URL holds what differs from it.
    """
    if reduced.hides(name):
        return _hidden(name)
    field, setting, usual = fields.of(name), SETTINGS[name], getattr(preset, name)
    words = _describe(name, preset)
    if setting.choices:
        first = setting.choices.index(usual)
        return state.bound(st.selectbox, name, options=setting.choices, index=first, **words)
    if field.stops:
        stops = sorted({*field.stops, *_EXTRA_STOPS.get().get(name, set()), usual})
        return state.bound(st.select_slider, name, options=stops, value=usual, **words)
    if setting.kind is str:
        return state.bound(st.text_input, name, value=usual, **words)
    numbers = state.number_arguments(setting)
    step = setting.kind(field.step)
    return state.bound(st.number_input, name, value=usual, step=step, **numbers, **words)


def _differs(name: str, preset: Experiment) -> bool:
    """Whether the control of a field holds something else than the preset has."""
    return bool(state.value(name, getattr(session.linked(), name)) != getattr(preset, name))


def _describe(name: str, preset: Experiment) -> dict[str, str]:
    """Label and help of a field, with a mark where it differs from the preset."""
    usual, differs = getattr(preset, name), _differs(name, preset)
    # Plain text: a screen reader would speak the signs of coloured text.
    mark = f" ● {'changed' if usual in (None, '') else f'preset: {usual}'}" if differs else ""
    words = SETTINGS[name].help[:1].upper() + SETTINGS[name].help[1:] + "."
    if name == "reset":
        task = tasks.TASKS[preset.task]
        listed = (f"- **{policy}**: {_reset_words(policy, task)}" for policy in RESET_WORDS)
        words += "\n\n" + "\n".join(listed) + "\n\n"
    if differs:
        words += " The dot marks a difference from the preset."
    return {"label": fields.label(name) + mark, "help": words}
