"""The menu: every page of the app, in order."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from elman.ui import lessons, reduced, session


class Entry(NamedTuple):
    """A page: its file, its title, whether it shows the sidebar's experiment, and its section.

    Pages of the section "" stand in the menu itself, those of the others in a list that opens.
    """

    file: str
    title: str
    shows_experiment: bool
    section: str = ""


CLOSER, MODERN, BACKGROUND = "Look closer", "Beyond Elman", "Background"

# In the order of a path: predict, watch, be guided, then train and look.
PAGES = (
    Entry("start", "Start here", False),
    Entry("lesson", "Lesson", False),
    Entry("watch", "Watch it learn", True),
    Entry("labs", "Labs", True),
    Entry("train", "Train", True),
    Entry("errors", "Errors", True),
    Entry("states", "Hidden states", True),
    Entry("step", "Inside one step", True, CLOSER),
    Entry("compare", "Compare", True, CLOSER),
    Entry("generate", "Generate", True, CLOSER),
    Entry("gradients", "Gradients", True, MODERN),
    Entry("memory", "Memory", False, MODERN),
    Entry("numbers", "Number sequences", False, MODERN),
    Entry("table", "Own table", False, MODERN),
    Entry("layers", "Layers", False, MODERN),
    Entry("shapes", "Inputs and answers", False, MODERN),
    Entry("paper", "The paper", False, BACKGROUND),
    Entry("about", "About", False, BACKGROUND),
    Entry("teach", "For teachers", True, BACKGROUND),
)


# The pages that a reduced view can show; a lesson brings its own.
LISTED = tuple(entry.file for entry in PAGES if entry.file != "lesson")

# The parameters that the first page has for itself, or beside a lesson.
OF_START = {"stream", lessons.LESSON, lessons.STATION}


class Chosen(NamedTuple):
    """The page that the visitor is on, as Streamlit knows it, its entry, and what of the link the
    menu could not use."""

    page: StreamlitPage
    entry: Entry
    problems: list[str]


_FROM_ENTRY = session.Kept("from_entry", False)
_CURRENT = session.Kept("menu_entry", PAGES[0])


def choose_page() -> Chosen:
    """Draw the menu, as far as this session's link shows it."""
    view, problems = reduced.read(LISTED)
    sections: dict[str, list[StreamlitPage]] = {}
    entries = {}
    for entry in PAGES:
        page = st.Page(
            f"pages/{entry.file}.py",
            title=entry.title,
            default=entry is PAGES[0],
            # Hidden, not left out: other pages lead there.
            visibility="visible" if _in_menu(entry, view) else "hidden",
        )
        sections.setdefault(entry.section, []).append(page)
        entries[page] = entry
    page = st.navigation(sections, position="top")
    # Without the menu no page is known to lead to.
    session.go_on()
    _CURRENT.set(entries[page])
    if page.url_path == "" and not session.begun() and {*session.query()} - OF_START:
        # Links of before Start here name no page and mean Train.
        train = next(page for page, entry in entries.items() if entry.file == "train")
        st.switch_page(train, query_params=session.query())
    return Chosen(page, entries[page], problems)


def _in_menu(entry: Entry, view: reduced.Reduced) -> bool:
    if entry.file == "lesson":
        return lessons.asked_for()
    return view.pages is None or entry.file in view.pages


def run_page(page: StreamlitPage) -> None:
    """Run the chosen page, and let it know that the entry file did; see `hand_over`."""
    _FROM_ENTRY.set(True)
    page.run()


def hand_over() -> None:
    """Let the entry file run the page; every page calls this first.

    Until `st.navigation` has been called once on a server, Streamlit runs a file of a folder named
    pages/ by itself: the first visitor of all, with a link to a page, would get it without sidebar.
    """
    if not _FROM_ENTRY.pop():
        choose_page()
        st.rerun()


def app_address() -> str:
    """Where the app is: the address of this page without its last part."""
    here = urlsplit(st.context.url or "")
    folder = here.path.rstrip("/").rpartition("/")[0]
    return urlunsplit(here._replace(path=folder, query="", fragment=""))


def current() -> Entry:
    """The entry of the page that is shown."""
    return _CURRENT.get()
