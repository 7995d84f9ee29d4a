"""The menu: every page of the app, in order."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

# File, title, and whether the page shows the sidebar's experiment.
PAGES = (
    ("train", "Train", True),
    ("errors", "Errors", True),
    ("states", "Hidden states", True),
    ("watch", "Watch it learn", True),
    ("gradients", "Gradients", True),
    ("memory", "Memory", False),
    ("numbers", "Number sequences", False),
    ("layers", "Layers", False),
    ("shapes", "Shapes", False),
    ("paper", "The paper", False),
    ("about", "About", False),
)


def choose_page() -> tuple[StreamlitPage, bool]:
    """Draw the menu; the page to run, and whether it wants the sidebar."""
    pages = {
        st.Page(f"pages/{file}.py", title=title, default=file == "train"): experiment
        for file, title, experiment in PAGES
    }
    page = st.navigation(list(pages), position="top")
    return page, next(wants for known, wants in pages.items() if known == page)


def enter_by_the_entry_file() -> None:
    """Start over through the entry file if this page was run without it; a page's first call.

    Streamlit runs the files of a folder named pages/ by themselves until `st.navigation` has been
    called once on a server: the first visitor of all may open a link to a page.
    """
    if not st.session_state.pop("entered", False):
        choose_page()
        st.rerun()
