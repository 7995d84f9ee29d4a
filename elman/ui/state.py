"""The controls of pages: each declared once, drawn from its declaration, and set by its name.

From a `Control` follow its place in links, the note about a linked value that is not offered, the
default, the value that it keeps when the reader goes to another page, and what messages call it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from elman.experiment import DEFAULTS, SETTINGS
from elman.settings import Setting, refuse
from elman.tasks import packed
from elman.ui import fields, session

T = TypeVar("T")


@dataclass(frozen=True)
class Control:
    """A choice of the reader, which is part of the link.

    name     in links, and the widget's key
    label    on the page; messages use it as far as a colon
    widget   of Streamlit: `st.select_slider`, say
    options  what may be chosen; a range for whole numbers, a `Setting` for any number or text
    default  what is chosen at first, and is left out of the link
    help     what the reader sees on hovering
    of_task  whether another task sets it back to its default

    Options, default, label and help that depend on a run are given when the control is drawn.
    """

    name: str
    label: str
    widget: Callable[..., Any]
    options: Sequence[Any] | Setting = ()
    default: Any = None
    help: str | None = None
    of_task: bool = False

    def __post_init__(self) -> None:
        if CONTROLS.setdefault(self.name, self) != self:
            raise refuse(self.name, "a declaration of its own", words="it was declared before")
        session.declare(self.name, self.label)


# All controls that are declared in the modules read so far, by name.
CONTROLS: dict[str, Control] = {}


def choose(
    control: Control,
    where: Any = None,
    *,
    options: Sequence[Any] | None = None,
    default: Any = None,
    label: str | None = None,
    on_every_page: bool = False,
    **settings: Any,
) -> Any:
    """Draw a control that offers options, in the container `where`; what is chosen.

    A linked value that is not among the options is reported. The choice stays when the reader
    changes the page; `on_every_page` tells that the widget does so by itself. A number that was
    chosen from a longer range, on another run, becomes the nearest of this one.
    """
    options = control.options if options is None else options
    assert not isinstance(options, Setting)
    default = control.default if default is None else default
    name, numbers = control.name, isinstance(options, range)
    asked = session.pending(name)
    offered = linked_value(name, options)
    if offered is None and asked is not None and numbers:
        _leave_out(name)
    if offered is not None and name not in st.query_params:
        # The reader went to another page before this was drawn.
        st.session_state[name] = next(one for one in options if str(one) == offered)
        session.write(name, offered)
    if not on_every_page:
        _restore(name, options, default)
    held = st.session_state.get(name, default)
    if numbers and name in st.session_state and held is not None:
        st.session_state[name] = min(max(held, options[0]), options[-1])
    elif not numbers and held not in options:
        # What was chosen is not offered any more: the view of another task, say.
        held = st.session_state[name] = default
    if not numbers and held != default and name not in st.query_params:
        # A suggestion set a control that was not drawn before, of which the URL knows nothing.
        session.write(name, held)
    arguments: dict[str, Any] = {"label": label or control.label, "help": control.help}
    if numbers:
        low, high = options[0], options[-1]
        arguments |= {"min_value": low, "max_value": high, "value": default, "step": 1}
    else:
        arguments |= {"options": options} | _first(control.widget, options, default)
    value = bound(control.widget, name, where, **arguments | settings)
    # An empty value in the URL leaves a segmented control with nothing chosen.
    return _remember(name, default if value is None else value)


def _first(widget: Callable[..., Any], options: Sequence[Any], default: Any) -> dict[str, Any]:
    """The arguments by which a widget knows its default."""
    if widget is st.selectbox:
        return {"index": options.index(default)}
    if widget is st.select_slider:
        return {"value": default}
    return {"default": default, "required": True}


def enter(
    control: Control,
    where: Any = None,
    *,
    first: Any = "",
    **settings: Any,
) -> Any:
    """Draw a control that has no default, so that whatever it holds stands in the link.

    It begins with `first`, or with what a link asked for, and keeps its value when the reader
    changes the page.
    """
    here, name = session.current(), control.name
    asked = session.take(name)
    another_page = name in here.to_restore
    here.to_restore.discard(name)
    if asked is None and (another_page or name not in st.session_state):
        value = here.chosen.get(name, first)
        st.session_state[name] = value
        if value:
            session.write(name, value)
    arguments = {"label": control.label, "help": control.help} | settings
    return _remember(name, bound(control.widget, name, where, **arguments))


def type_in(control: Control, where: Any = None, **settings: Any) -> str:
    """Draw a field for text; what stands in it."""
    arguments = {"label": control.label, "help": control.help, "value": control.default or ""}
    return bound(control.widget, control.name, where, **arguments | settings) or ""


def choose_number(control: Control, where: Any = None, **settings: Any) -> Any:
    """Draw a control for any number that its `Setting` allows; a linked one that it does not
    allow is reported."""
    setting = control.options
    assert isinstance(setting, Setting)
    asked = session.take(control.name)
    if asked is not None:
        try:
            setting.check(control.name, asked)
        except ValueError as error:
            session.report(str(error))
            _leave_out(control.name)
    return bound(
        control.widget,
        control.name,
        where,
        **{"label": control.label, "help": control.help, "value": control.default}
        | number_arguments(setting)
        | settings,
    )


def number_arguments(setting: Setting) -> dict[str, Any]:
    """What `st.number_input` needs to know of a setting."""
    whole = setting.kind is int
    return {
        "min_value": setting.kind(setting.low),
        "max_value": setting.kind(setting.high),
        "format": "%d" if whole else "%g",
    }


def bound(widget: Callable[..., Any], name: str, where: Any = None, **settings: Any) -> Any:
    """Draw a widget whose value is the parameter `name` of the link."""
    assert session.known(name), name
    put_back(name, _default_of(widget, settings))
    with contextlib.nullcontext() if where is None else where:
        return widget(key=name, bind="query-params", **settings)


def put_back(name: str, default: Any) -> None:
    """Let the URL have what a bound widget holds, before it is drawn.

    On the way to another page Streamlit can lose it: the browser forgets a widget that is at
    another place of its container while half of the page is drawn, and takes the parameter for one
    that nothing is bound to any more.
    """
    session.current().bound[name] = default
    held, context = st.session_state.get(name, default), get_script_run_ctx()
    back = context is not None and context.is_history_navigation
    if held is None or held == default or back or name in st.query_params:
        return
    session.write(name, held)
    if name not in st.query_params:
        # Streamlit writes what is set here.
        st.session_state[name] = held


def on_page() -> dict[str, list[str]]:
    """The parameters of the page that is shown, beside those of the experiment and its preset.

    They are made of what the controls hold, and not read from the URL.
    """
    here, found = session.current(), {}
    for name in dict.fromkeys([*here.written, *here.bound]):
        texts = here.written.get(name, [])
        if name in here.bound:
            held = st.session_state.get(name)
            texts = [] if held == here.bound[name] else session.as_texts(held)
        if texts and name != "preset" and (name not in SETTINGS or name == packed.TEXT):
            found[name] = texts
    return found


def _default_of(widget: Callable[..., Any], settings: dict[str, Any]) -> Any:
    """What a widget with these settings holds at first."""
    if widget is st.expander:
        return False
    if "index" in settings:
        return settings["options"][settings["index"]]
    return settings.get("value", settings.get("default"))


def _restore(name: str, options: Sequence[Any], default: Any) -> None:
    """Let a widget begin with what was chosen on the page before.

    To Streamlit it is another widget there, with nothing chosen and nothing in the URL. Once only:
    a fragment that is drawn again has a choice of its own by then.
    """
    here = session.current()
    if name not in here.to_restore:
        return
    here.to_restore.discard(name)
    chosen = here.chosen[name]
    if chosen in options:
        st.session_state[name] = chosen
        if chosen != default:
            here.restored[name] = session.as_texts(chosen)
            session.write(name, chosen)


def _remember(name: str, value: T) -> T:
    session.current().chosen[name] = value
    return value


def _leave_out(name: str) -> None:
    """Take a number that is not allowed out of the link, and begin anew without it.

    Streamlit would round a fraction and break at infinity, and reads the link as it was when the
    run began.
    """
    session.write(name, None)
    st.rerun()


def linked_value(name: str, options: Sequence[Any]) -> Any:
    """What the link asks of a control, at the first call; None, with a note, if not offered."""
    given = session.take(name)
    if given is None or given in map(str, options):
        return given
    if isinstance(options, range):
        allowed = f"a whole number from {options[0]} to {options[-1]}"
    elif len(options) <= 12 or isinstance(options[0], str):
        allowed = f"one of {', '.join(map(str, options))}"
    else:
        allowed = f"one of {options[0]} to {options[-1]}, as offered"
    session.report(str(refuse(name, allowed, given)))
    session.show_problems()
    return None


def put(**values: Any) -> None:
    """Set controls by name, drawn here or on a page that is opened next.

    In a callback, or before the controls are drawn.
    """
    for name, value in values.items():
        if name not in SETTINGS:
            session.current().chosen[name] = value
        st.session_state[name] = value


def value(name: str, default: Any = None) -> Any:
    """What a control holds that was drawn on this page or is shared by all."""
    return st.session_state.get(name, default)


def begin(name: str, first: Any) -> Any:
    """What a control holds; `first`, from now on, if it holds nothing yet."""
    return st.session_state.setdefault(name, first)


def chosen(control: Control) -> Any:
    """What the reader has chosen, here or on another page; None if nothing."""
    return st.session_state.get(control.name, session.current().chosen.get(control.name))


def label(name: str) -> str:
    """How a control is called in messages."""
    declared = CONTROLS[name].label if name in CONTROLS else fields.label(name)
    return declared.partition(":")[0]


def values(names: Sequence[str]) -> dict[str, Any]:
    """What is held by those of these controls that hold something a message can name."""
    held = {name: st.session_state.get(name, DEFAULTS.get(name)) for name in names}
    return {
        name: one
        for name, one in held.items()
        if name in DEFAULTS or isinstance(one, str | int | float)
    }
