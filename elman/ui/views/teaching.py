"""The form of the page For teachers: where a link leads, what it hides, and the link itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from elman.experiment import Experiment
from elman.labs import LABS, STEPS
from elman.ui import fields, menu, packed, prose, reduced, state

TITLES = {entry.file: entry.title for entry in menu.PAGES}

# Students need no form of their own.
OFFERED = tuple(file for file in TITLES if file != "teach")
# The first page shows streams of its own.
MAY_OPEN = tuple(file for file in OFFERED if file != "start")


class Start(NamedTuple):
    """Where a link leads: a page, in words, and on the page Labs the parameters of a lab."""

    page: str
    words: str
    lab: Mapping[str, str]


def choose_start() -> Start:
    """The page that the link opens, and on the page Labs which lab and which of its steps."""
    left, middle, right = st.columns(3)
    opens = left.selectbox(
        "Page that opens",
        MAY_OPEN,
        index=MAY_OPEN.index("train"),
        format_func=TITLES.__getitem__,
        key="teach_opens",
        persist_state="session",
    )
    if opens != "labs":
        return Start(opens, TITLES[opens], {})
    lab = middle.selectbox(
        "Lab",
        tuple(LABS),
        format_func=lambda name: LABS[name].title,
        key="teach_lab",
        persist_state="session",
    )
    step = right.selectbox("Step", STEPS, key="teach_step", persist_state="session")
    words = f"{TITLES[opens]}: “{LABS[lab].title}”, at its step “{step}”"
    return Start(opens, words, {"lab": lab, "at": step})


def choose_pages(opens: str) -> tuple[str, ...] | None:
    """The pages that students see, with Train and the one that opens; None for all."""
    chosen = st.pills(
        "Pages in the menu",
        OFFERED,
        default=OFFERED,
        format_func=TITLES.__getitem__,
        selection_mode="multi",
        wrap=True,
        key="teach_pages",
        persist_state="session",
        help="Train is always there, and so is the page that opens.",
    )
    _all_or_none("teach_pages", OFFERED)
    shown = tuple(file for file in OFFERED if file in {*chosen, opens, "train"})
    if stays := [TITLES[file] for file in shown if file not in chosen]:
        verb = "stays" if len(stays) == 1 else "stay"
        prose.caption(f"{' and '.join(stays)} {verb}: Train always does, and the page that opens.")
    return None if shown == OFFERED else shown


def choose_controls(experiment: Experiment) -> tuple[str, ...]:
    """The controls that students do not see."""
    offered = fields.controls(experiment.task)
    key = "teach_controls"
    if (held := state.value(key)) is not None:
        # Those of another task are not offered any more.
        state.put(**{key: [name for name in held if name in offered]})
    shown = st.pills(
        "Controls in the sidebar",
        offered,
        default=offered,
        format_func=fields.label,
        selection_mode="multi",
        wrap=True,
        key=key,
        persist_state="session",
    )
    _all_or_none(key, offered)
    return tuple(name for name in offered if name not in shown)


def _all_or_none(key: str, offered: tuple[str, ...]) -> None:
    """Two buttons for a choice of many."""

    def choose(names: tuple[str, ...]) -> None:
        state.put(**{key: list(names)})

    with st.container(horizontal=True):
        for label, names in (("All", offered), ("None", ())):
            st.button(label, on_click=choose, args=(names,), key=f"{key}_{label.lower()}")


def address(start: Start, experiment: Experiment, view: reduced.Reduced) -> str:
    """The link to a page with an experiment, or to a lab, which has its own; and to a view."""
    parts = urlsplit(st.context.url or "")
    folder = parts.path.rpartition("/")[0]
    query = dict(start.lab) or packed.in_link(experiment.to_query())
    text = urlencode(query | reduced.query(view), safe=",")
    return urlunsplit(parts._replace(path=f"{folder}/{start.page}", query=text, fragment=""))


def describe_link(start: Start, experiment: Experiment, view: reduced.Reduced) -> str:
    """What students will see."""
    controls = {name: name not in view.hide for name in fields.controls(experiment.task)}
    pages = {file: view.pages is None or file in view.pages for file in OFFERED}
    seen = (
        _listed("page", pages, TITLES),
        _listed("control", controls, {name: fields.label(name) for name in controls}),
    )
    return f"The link opens {start.words}. Students see {' and '.join(seen)}."


def _listed(unit: str, shown: dict[str, bool], titles: dict[str, str]) -> str:
    """What is shown or, if that is less to read, what is not."""
    there, missing = ([titles[n] for n in shown if shown[n] is wanted] for wanted in (True, False))
    if not there:
        return f"no {unit}"
    if len(missing) < len(there):
        return f"every {unit}" + (f" but {', '.join(missing)}" if missing else "")
    return f"{len(there)} {unit}{'' if len(there) == 1 else 's'} ({', '.join(there)})"
