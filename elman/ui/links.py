"""Links: what the URL asked for when a session began, and what of it could not be used.

Widgets are bound to the URL by Streamlit itself. It drops a bad value silently, so the query is
read once, before the first widget, to tell the reader what was left out and to let sliders offer
a linked value that is not among their usual stops.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from elman import tasks
from elman.experiment import SETTINGS, Experiment, forgiving_query
from elman.ui import reduced

LABELS = {
    "task": "Task",
    "hidden": "Hidden units",
    "epochs": "Epochs",
    "length": "Sequence length",
    "codes": "Letter codes",
    "grammar": "Grammar",
    "reset": "Context reset",
    "reset_every": "Steps between resets",
    "context_start": "Context after a reset",
    "learning_rate": "Learning rate",
    "momentum": "Momentum",
    "depth": "Gradient depth",
    "activation": "Hidden activation",
    "weight_init": "First weights",
    "weight_scale": "Scale of the first weights",
    "seed": "Seed of the weights",
    "data_seed": "Seed of the sequence",
}

# Longer texts would make a link that some servers and messengers cut off.
LINKED_CHARACTERS = 1000

# Names that may stand in a link several times, each with a value of its own.
SEVERAL = tuple(f"c_{name}" for name, setting in SETTINGS.items() if setting.choices)


def read_link(page: str) -> None:
    """Read the URL of a new session into its state, and leave room for a note about it.

    Call at the start of every run, before the first widget.
    """
    st.session_state["link_note"] = st.empty()
    st.session_state["page_changed"] = st.session_state.get("page", page) != page
    if st.session_state["page_changed"]:
        # Choices made on earlier pages, each to be taken up when its widget is first drawn here.
        st.session_state["to_take_up"] = set(st.session_state.get("chosen", {}))
    st.session_state["page"] = page
    if "linked" in st.session_state:
        return
    query = st.query_params.to_dict()
    experiment, problems = _described(query)
    st.session_state["linked"] = experiment
    corrected = False
    if "preset" not in query and _is_papers(experiment):
        # The sidebar measures its marks by it, and writes into the URL what differs from it.
        query["preset"] = st.query_params["preset"] = "paper"
        corrected = True
    for name, given in query.items():
        if name in SEVERAL:
            continue
        value = getattr(experiment, name) if name in SETTINGS else given or None
        if st.query_params.get_all(name) != [str(value)]:
            corrected = True
            if value is None:
                del st.query_params[name]
            else:
                st.query_params[name] = value
    st.session_state["link_problems"] = problems + reduced.problems()
    st.session_state["link_views"] = {
        name: st.query_params.get_all(name) if name in SEVERAL else value
        for name, value in query.items()
        if name not in SETTINGS
    }
    if corrected:
        # Widgets read the URL as it was when the run began, and some accept what no experiment
        # does, such as a policy without its number, or no choice at all.
        st.rerun()


def _described(query: Mapping[str, str]) -> tuple[Experiment, list[str]]:
    """The experiment of a query, and its problems.

    Fields that are not given are those of the preset, or the task's defaults where none is named.
    """
    experiment, problems = forgiving_query(query)
    name = query.get("preset")
    if name not in tasks.TASKS[experiment.task].presets:
        return experiment, problems
    return forgiving_query(query, tasks.preset(experiment.task, name).to_query())


def _is_papers(experiment: Experiment) -> bool:
    paper = tasks.preset(experiment.task, "paper")
    return experiment == paper != tasks.preset(experiment.task, "textbook")


def label(key: str) -> str:
    """How a control is called on the page, in short."""
    known = LABELS | st.session_state.get("labels", {})
    # The controls of a page of its own begin with a letter of that page.
    return known.get(key, re.sub("^[a-z]_", "", key).replace("_", " ").capitalize()).partition(":")[
        0
    ]


def look_at(**views: Any) -> None:
    """Choose these views, by their keys, for a page that is opened next."""
    st.session_state.setdefault("chosen", {}).update(views)
    for name, value in views.items():
        st.session_state[name] = value


def chosen(key: str) -> Any:
    """What the reader has chosen by the control of this key, here or on another page."""
    return st.session_state.get(key, st.session_state.get("chosen", {}).get(key))


def keep_choices_on_the_way_back() -> None:
    """Show a page that the browser's Back button brings again as it was left.

    Streamlit takes a page's own parameters out of its entry in the history, and there lets the
    URL decide, so that every choice would be the default again. A second run is one like any
    other change of the page. Call after the widgets that all pages share.
    """
    context = get_script_run_ctx()
    if st.session_state["page_changed"] and context and context.is_history_navigation:
        st.session_state["page"] = None
        st.rerun()


def linked() -> Experiment:
    """The experiment of the link that opened this session."""
    return st.session_state["linked"]


def show_problems() -> None:
    """Say what of the link could not be used, until the reader changes the experiment."""
    problems = st.session_state["link_problems"]
    if problems and st.session_state.get("experiment", linked()) == linked():
        st.session_state["link_note"].warning(
            "Part of this link could not be used; defaults stand in for it.\n\n"
            + "\n".join(f"- {literal(problem)}" for problem in problems)
        )


def literal(problem: str) -> str:
    """A sentence about a bad value, with the value as code, so that none of it is Markdown."""
    rule, _, rest = problem.partition("; ")
    given, was, where = rest.rpartition(" was given")
    if not given.startswith(("'", '"')):
        return problem
    longest = max(map(len, re.findall("`+", given)), default=0)
    fence = "`" * (longest + 1)
    return f"{rule}; {fence}{given}{fence}{was}{where}"


def choose(
    widget: Callable[..., Any],
    label: str,
    options: Sequence[Any],
    *,
    key: str,
    default: Any,
    on_every_page: bool = False,
    **settings: Any,
) -> Any:
    """A choice among `options` that is part of the link, under the name `key`.

    `widget` is one of Streamlit's choice widgets. A linked value that is not among the options is
    reported like any other part of the link that could not be used. The choice stays when the
    reader changes the page; `on_every_page` tells that the widget does so by itself.
    """
    asked(key, options)
    st.session_state.setdefault("labels", {})[key] = label
    if not on_every_page:
        _take_up(key, options, default)
    if st.session_state.get(key, default) not in options:
        # What was chosen is not offered any more: the view of another task, say.
        st.session_state[key] = default
    if (held := st.session_state.get(key, default)) != default and key not in st.query_params:
        # A suggestion set a widget that was not drawn before, of which the URL knows nothing.
        with contextlib.suppress(StreamlitAPIException):  # bound, so the URL has it
            st.query_params[key] = held
    first = {"index": options.index(default)} if widget is st.selectbox else {"default": default}
    if widget is st.select_slider:
        first = {"value": default}
    value = widget(label, options, key=key, bind="query-params", **first, **settings)
    # An empty value in the URL leaves a segmented control with nothing chosen.
    return _remember(key, default if value is None else value)


def asked(key: str, options: Sequence[Any]) -> str | None:
    """What the link asks for under `key`, told once; None, with a note, if it is not offered."""
    listed = [str(option) for option in options]
    few = ", ".join(listed) if len(listed) <= 12 else f"{listed[0]} to {listed[-1]}, as offered"
    return _check_link(key, options, f"one of {few}")


def choose_number(
    label: str, low: int, high: int, *, key: str, default: int, **settings: Any
) -> int:
    """A whole number from `low` to `high` that is part of the link, under the name `key`.

    Otherwise as `choose`. A number that was chosen from a longer range, on another run, becomes
    the nearest of this one.
    """
    options = range(low, high + 1)
    _check_link(key, options, f"a whole number from {low} to {high}")
    st.session_state.setdefault("labels", {})[key] = label
    _take_up(key, options, default)
    if st.session_state.get(key) is not None:
        st.session_state[key] = min(max(st.session_state[key], low), high)
    value = st.number_input(
        label, low, high, default, step=1, key=key, bind="query-params", **settings
    )
    return _remember(key, default if value is None else value)


def hold(
    widget: Callable[..., Any], label: str, *args: Any, key: str, first: Any, **settings: Any
) -> Any:
    """A widget that has no default, so that whatever it holds stands in the link under `key`.

    It begins with `first`, or with what a link asked for, and keeps its value when the reader
    changes the page.
    """
    asked = st.session_state["link_views"].pop(key, None)
    st.session_state.setdefault("labels", {})[key] = label
    another_page = key in st.session_state.get("to_take_up", ())
    if another_page:
        st.session_state["to_take_up"].discard(key)
    if asked is None and (another_page or key not in st.session_state):
        value = st.session_state.get("chosen", {}).get(key, first)
        st.session_state[key] = value
        if value:
            with contextlib.suppress(StreamlitAPIException):  # still bound, so the URL has it
                st.query_params[key] = value
    return _remember(key, widget(label, *args, key=key, bind="query-params", **settings))


def _check_link(key: str, options: Sequence[Any], allowed: str) -> str | None:
    """A linked value, told once; one that is not among the options is reported, and None."""
    given = st.session_state["link_views"].pop(key, None)
    if given is None or given in map(str, options):
        return given
    st.session_state["link_problems"].append(
        f"{key}: allowed is {allowed}; {given[:60]!r} was given."
    )
    show_problems()
    return None


def _take_up(key: str, options: Sequence[Any], default: Any) -> None:
    """Let a widget begin with what was chosen on the page before.

    To Streamlit it is another widget there, with nothing chosen and nothing in the URL. Once only:
    a fragment that is drawn again has a choice of its own by then.
    """
    if key not in st.session_state.get("to_take_up", ()):
        return
    st.session_state["to_take_up"].discard(key)
    chosen = st.session_state["chosen"][key]
    if chosen in options:
        st.session_state[key] = chosen
        if chosen != default:
            with contextlib.suppress(StreamlitAPIException):  # still bound, so the URL has it
                st.query_params[key] = chosen


def _remember(key: str, value: Any) -> Any:
    st.session_state.setdefault("chosen", {})[key] = value
    return value
