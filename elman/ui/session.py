"""What a session remembers, and what stands in its URL.

This module and `state`, which has the controls, are the only ones that touch the session state
and the query: others declare what they remember as `Kept`, and write to the URL by `write`.

Streamlit binds widgets to the URL, and drops a bad value silently. So the query is read once,
before the first widget: to tell the reader what was left out, and to let sliders offer a linked
value that is not among their usual stops.
"""

from __future__ import annotations

import contextlib
import copy
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from elman import tasks
from elman.experiment import SETTINGS, Experiment
from elman.settings import refuse
from elman.tasks import packed
from elman.tasks.links import described
from elman.ui import fields
from elman.ui.show import literal, named

T = TypeVar("T")


# The names of what a session remembers when it follows a link.
_LASTING: set[str] = set()


class Kept(Generic[T]):
    """Something that a session remembers beside its controls; if `lasting`, also when it follows a
    link, which changes all else."""

    def __init__(self, name: str, default: T, *, lasting: bool = False) -> None:
        self.name = name
        self._default = default
        if lasting:
            _LASTING.add(name)

    def get(self) -> T:
        """What was set last; at first a copy of the default, which the session then has."""
        if self.name not in st.session_state:
            st.session_state[self.name] = copy.copy(self._default)
        return st.session_state[self.name]

    def set(self, value: T) -> None:
        """Remember another value."""
        st.session_state[self.name] = value

    def pop(self) -> T:
        """What was set last, which is the default again from now on."""
        value = self.get()
        del st.session_state[self.name]
        return value


@dataclass
class Session:
    """What the link of a session asked for, and what was chosen since."""

    linked: Experiment
    problems: list[str]
    # What the link asks of controls that were not drawn yet.
    unread: dict[str, Any]
    page: str | None
    page_changed: bool = False
    chosen: dict[str, Any] = field(default_factory=dict)
    # Choices made on earlier pages, each to be restored when its control is first drawn here.
    to_restore: set[str] = field(default_factory=set)
    # Characters of the own text that the link was too short for; 0 if none is missing.
    missing: int = 0
    # Where the note about the link has room, and its words when it is drawn.
    note: Any = None
    words: Any = None
    # Of the page that is shown: the URL's parameters when it was opened, the choices of other pages
    # that were restored to it, what was written to the URL, and the defaults of bound widgets.
    entered: dict[str, list[str]] = field(default_factory=dict)
    restored: dict[str, list[str]] = field(default_factory=dict)
    written: dict[str, list[str]] = field(default_factory=dict)
    bound: dict[str, Any] = field(default_factory=dict)


_SESSION: Kept[Session | None] = Kept("link", None)

# What the sidebar describes; set by it.
EXPERIMENT: Kept[Experiment | None] = Kept("experiment", None)


# The names that a link may have beside the fields of an experiment, and how pages call them.
_DECLARED = {name: fields.label(packed.TEXT) for name in (packed.TEXT, packed.PACKED)}
_DECLARED[packed.MISSING] = ""

# Those of them that may stand there several times.
_SEVERAL: set[str] = set()

# More unknown names than these are counted, not listed.
MOST_NAMED = 8


def declare(name: str, label: str = "", *, several: bool = False) -> str:
    """Let links have a parameter of this name, which is returned; at import, not when drawn.

    `label` is how the page calls it, as far as a colon. `several` tells that it may stand there
    several times, each time with a value of its own.
    """
    _DECLARED[name] = label.partition(":")[0]
    if several:
        _SEVERAL.add(name)
    return name


def declared() -> frozenset[str]:
    """The names that links may have beside fields, of all modules that were imported so far."""
    return frozenset(_DECLARED)


def known(name: str) -> bool:
    """Whether a link may have a parameter of this name."""
    return name in SETTINGS or name in _DECLARED


def current() -> Session:
    """This session's link and choices."""
    session = _SESSION.get()
    if session is None:
        raise RuntimeError("The entry file calls session.read_link before the first control.")
    return session


def begun() -> bool:
    """Whether this session's link was read."""
    return _SESSION.get() is not None


def read_link(page: str, problems: Sequence[str], load: Callable[[], None]) -> None:
    """Read the URL of a new session into its state, and leave room for a note about it.

    Call at the start of every run, before the first widget, with the chosen page's path and what
    is wrong with those parts of the link that others read. `load()` imports all modules that
    declare names; it is called where a name is not known yet.
    """
    session = _SESSION.get()
    if session is not None:
        session.note, session.words = st.empty(), None
        session.page_changed = session.page != page
        if session.page_changed:
            session.to_restore = set(session.chosen)
            session.problems.clear()
            session.written, session.bound = {}, {}
            session.restored = {}
            if session.page is not None:
                session.entered = query()
        session.page = page
        return
    given, before = st.query_params.to_dict(), query()
    given, missing, unreadable = packed.out_of_link(given)
    experiment, wrong = described(given)
    told = [*unreadable, *wrong, *problems, *wrong_names(before, load)]
    session = Session(experiment, told, {}, page, note=st.empty(), missing=missing)
    _SESSION.set(session)
    if "preset" not in given and _is_papers(experiment):
        # The sidebar measures its marks by it, and writes into the URL what differs from it.
        given["preset"] = "paper"
    write_text(experiment.text)
    for name, text in given.items():
        if name == packed.TEXT:
            continue
        if name in SETTINGS:
            write(name, getattr(experiment, name))
        elif not known(name):
            write(name, None)
        else:
            session.unread[name] = before[name] if may_be_several(name) else text
            write(name, session.unread[name] or None)
    if query() != before:
        # Widgets read the URL as it was when the run began, and some accept what no experiment
        # does, such as a policy without its number, or no choice at all.
        st.rerun()


def wrong_names(query: Mapping[str, list[str]], load: Callable[[], None]) -> list[str]:
    """A sentence for each name of a link that is unknown, or that is there more than once."""
    if not all(map(known, query)):
        load()
    unknown = [name for name in query if not known(name)]
    found = [str(_no_such_name(name)) for name in unknown[:MOST_NAMED]]
    if more := unknown[MOST_NAMED:]:
        found.append(f"{len(more)} more names are unknown, too.")
    for name, values in query.items():
        if len(values) > 1 and known(name) and not may_be_several(name):
            words = f"{len(values)} were given, and the last counts"
            found.append(str(refuse(name, "one value", words=words)))
    return found


def _no_such_name(name: str) -> ValueError:
    near = difflib.get_close_matches(name, {*SETTINGS, *_DECLARED}, 1)
    allowed = "names of settings and controls" + (f", such as {near[0]}" if near else "")
    return refuse("A name in the link", allowed, name, verb="are")


def may_be_several(name: str) -> bool:
    """Whether a name may stand in a link several times, each with a value of its own.

    The choices of a comparison may, too.
    """
    if name in _SEVERAL:
        return True
    field = name.removeprefix("c_")
    return name != field and field in SETTINGS and bool(SETTINGS[field].choices)


def _is_papers(experiment: Experiment) -> bool:
    if "paper" not in tasks.TASKS[experiment.task].presets:
        return False
    paper = tasks.preset(experiment.task, "paper")
    return experiment == paper != tasks.preset(experiment.task, "textbook")


class _Way(NamedTuple):
    """A link to follow; `left` once the page before, whose controls hold places in the URL, is."""

    page: str
    query: dict[str, list[str]]
    left: bool = False


_WAY: Kept[_Way | None] = Kept("link_to_follow", None, lasting=True)
_FOLLOWED = Kept("link_followed", False)


def follow(page: str, query: Mapping[str, list[str]]) -> None:
    """Open a link to another page, as a new session would; for callbacks."""
    _WAY.set(_Way(page, dict(query)))


def go_on() -> None:
    """Follow the link that `follow` was told; call before the link is read or anything drawn."""
    way = _WAY.get()
    if way is None:
        return
    for name in [name for name in st.session_state if name not in _LASTING]:
        del st.session_state[name]
    if not way.left:
        _WAY.set(way._replace(left=True))
        st.switch_page(f"pages/{way.page}.py", query_params={})
    _WAY.set(None)
    _FOLLOWED.set(True)
    st.query_params.from_dict(way.query)
    st.rerun()


def followed() -> bool:
    """Whether this run is the first after a link was followed; once only.

    The controls that all pages share never went from the screen, and the browser has in them what
    they held before.
    """
    return _FOLLOWED.pop()


def linked() -> Experiment:
    """The experiment of the link that opened this session."""
    return current().linked


def open_as(experiment: Experiment) -> None:
    """Let the link have asked for this experiment, which its page makes of what it says."""
    current().linked = experiment


def query() -> dict[str, list[str]]:
    """All parameters of the URL."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def write(name: str, value: Any) -> None:
    """Let the URL have this parameter; None takes it out.

    For what no widget is bound to, and for widgets that are drawn later in this run.
    """
    wanted = as_texts(value)
    current().written[name] = wanted
    if st.query_params.get_all(name) == wanted:
        return
    # What is bound the URL has; see `state.put_back`.
    with contextlib.suppress(StreamlitAPIException):
        if wanted:
            st.query_params[name] = wanted if len(wanted) > 1 else wanted[0]
        else:
            del st.query_params[name]


def as_texts(value: Any) -> list[str]:
    """A value as a link has it, once or several times; none for None."""
    if value is None:
        return []
    several = isinstance(value, list | tuple)
    return [
        str(one).lower() if isinstance(one, bool) else str(one)
        for one in (value if several else [value])
    ]


def write_text(text: str | None) -> None:
    """Let the URL have the own text, or as much of it as fits; None takes it out."""
    session = current()
    if text:
        session.missing = 0
    wanted = packed.parameters(text or "")
    if text is not None and session.missing:
        wanted = {packed.MISSING: str(session.missing)}
    for name in (packed.TEXT, packed.PACKED, packed.MISSING):
        write(name, wanted.get(name))


def report(problem: str) -> None:
    """Note something of the link that cannot be used."""
    current().problems.append(problem)


def show_problems() -> None:
    """Say what of the link could not be used, until the reader has read it or goes on."""
    session = current()
    if session.problems and EXPERIMENT.get() in (None, session.linked):
        if session.words is None:
            with session.note.container():
                session.words = st.empty()
                st.button("Close this note", on_click=session.problems.clear, key="close_note")
        lines = [literal(named(problem, called, in_link=True)) for problem in session.problems]
        session.words.warning(
            "Part of this link could not be used; defaults stand in for it.\n\n"
            + "\n".join(f"- {line}" for line in lines)
        )


def called(name: str) -> str | None:
    """How pages call what has this name in links; None if they do not."""
    return fields.label(name) if name in (*SETTINGS, "preset") else _DECLARED.get(name)


def keep_choices_on_the_way_back() -> None:
    """Show a page that the browser's Back button brings again as it was left.

    Streamlit takes a page's own parameters out of its entry in the history, and there lets the
    URL decide, so that every choice would be the default again. So would it where Back leads to
    the page as it was opened, before all choices were restored to it. A second run is one like
    any other change of the page. Call after the widgets that all pages share.
    """
    session, context = current(), get_script_run_ctx()
    now, restored = query(), session.restored
    present = {name: texts for name, texts in now.items() if name in restored}
    as_opened = present != restored and now == session.entered | present
    as_opened = as_opened and all(restored[name] == texts for name, texts in present.items())
    if (session.page_changed or as_opened) and context and context.is_history_navigation:
        session.page = None
        st.rerun()


def take(name: str) -> Any:
    """What the link asks of a control, unchecked; None if nothing, and from the second call on."""
    return current().unread.pop(name, None)


def pending(name: str) -> Any:
    """What the link asks of a control that was not drawn yet; None if nothing."""
    return current().unread.get(name)
