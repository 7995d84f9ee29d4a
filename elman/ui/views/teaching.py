"""The form of the page For teachers: where a link leads, what it hides, and the link itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

import streamlit as st

from elman import report
from elman.experiment import Experiment
from elman.labs import LABS, STEPS
from elman.tasks import packed, training_sequence
from elman.ui import fields, menu, own_text, prose, reduced, sidebar, state

TITLES = {entry.file: entry.title for entry in menu.PAGES}

# Students need no form of their own.
OFFERED = tuple(file for file in menu.LISTED if file != "teach")
# The first page shows streams of its own.
MAY_OPEN = tuple(file for file in OFFERED if file != "start")


class Start(NamedTuple):
    """Where a link leads: a page, in words, and on the page Labs the parameters of a lab."""

    page: str
    words: str
    lab: Mapping[str, str]


def draw() -> None:
    """The form and the link that it makes."""
    experiment = sidebar.current()
    start = choose_start()
    left, right = st.columns(2)
    with left:
        pages = choose_pages(start.page)
    with right:
        hidden = choose_controls(experiment)
    view = reduced.Reduced(hidden, pages)
    link = address(start, experiment, view)
    prose.say("##### The link")
    st.code(link, language=None, wrap_lines=True)
    prose.say(f"**{describe_link(start, experiment, view)}**")
    if not start.lab:
        prose.caption(report.heading(experiment, training_sequence(experiment)))
        if words := own_text.too_long(experiment.text):
            st.warning(words)
    st.link_button("See what students see", link)


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


def query_of(experiment: Experiment) -> dict[str, str]:
    """The parameters of a link to an experiment."""
    return packed.in_link(experiment.to_query())


def address(start: Start, experiment: Experiment, view: reduced.Reduced) -> str:
    """The link to a page with an experiment, or to a lab, which has its own; and to a view."""
    query = (dict(start.lab) or query_of(experiment)) | reduced.query(view)
    return f"{menu.app_address()}/{start.page}?{urlencode(query, safe=',')}"


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
