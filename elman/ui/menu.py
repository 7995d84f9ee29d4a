"""The menu: every page of the app, in order.

Their folder is not called pages/: Streamlit runs the files of such a folder by themselves until
`st.navigation` has been called once on a server, so that the first visitor of all, with a link to
a page, would get it without the sidebar.
"""

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
        st.Page(f"app_pages/{file}.py", title=title, default=file == "train"): experiment
        for file, title, experiment in PAGES
    }
    page = st.navigation(list(pages), position="top")
    return page, next(wants for known, wants in pages.items() if known == page)
