"""The menu: every page of the app, in order."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from elman.ui import reduced


class Entry(NamedTuple):
    """A page: its file, its title, whether it shows the sidebar's experiment, and its section.

    Pages of the section "" stand in the menu itself, those of the others in a list that opens.
    """

    file: str
    title: str
    shows_experiment: bool
    section: str = ""


CLOSER, MODERN, BACKGROUND = "Look closer", "Beyond Elman", "Background"

PAGES = (
    Entry("train", "Train", True),
    Entry("errors", "Errors", True),
    Entry("states", "Hidden states", True),
    Entry("labs", "Labs", True),
    Entry("watch", "Watch it learn", True, CLOSER),
    Entry("step", "Step by step", True, CLOSER),
    Entry("compare", "Compare", True, CLOSER),
    Entry("gradients", "Gradients", True, MODERN),
    Entry("memory", "Memory", False, MODERN),
    Entry("numbers", "Number sequences", False, MODERN),
    Entry("layers", "Layers", False, MODERN),
    Entry("shapes", "Shapes", False, MODERN),
    Entry("paper", "The paper", False, BACKGROUND),
    Entry("about", "About", False, BACKGROUND),
    Entry("teach", "For teachers", True, BACKGROUND),
)


def choose_page() -> tuple[StreamlitPage, bool]:
    """Draw the menu; the page to run, and whether it wants the sidebar."""
    reduced.read(tuple(entry.file for entry in PAGES))
    shown = reduced.current().pages
    sections: dict[str, list[StreamlitPage]] = {}
    wanting = []
    for entry in PAGES:
        page = st.Page(
            f"pages/{entry.file}.py",
            title=entry.title,
            default=entry.file == "train",
            # Hidden, not left out: other pages lead there.
            visibility="visible" if shown is None or entry.file in shown else "hidden",
        )
        sections.setdefault(entry.section, []).append(page)
        if entry.shows_experiment:
            wanting.append(page)
    page = st.navigation(sections, position="top")
    return page, page in wanting


def run_page(page: StreamlitPage) -> None:
    """Run the chosen page, and let it know that the entry file did; see `hand_over`."""
    st.session_state["from_entry"] = True
    page.run()


def hand_over() -> None:
    """Let the entry file run the page; every page calls this first.

    Until `st.navigation` has been called once on a server, Streamlit runs a file of a folder named
    pages/ by itself: the first visitor of all, with a link to a page, would get it without sidebar.
    """
    if not st.session_state.pop("from_entry", False):
        choose_page()
        st.rerun()


def current() -> Entry:
    """The entry of the page that is shown."""
    path = st.session_state["page"]
    return next(entry for entry in PAGES if entry.file == (path or "train"))
