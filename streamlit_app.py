"""The app: page settings, menu, the shared sidebar, and the chosen page."""

import contextlib

import streamlit as st
from altair.utils import schemapi

from elman.ui import (
    jobs,
    lessons,
    menu,
    own_text,
    pins,
    reduced,
    runs,
    session,
    sidebar,
    views,
    way_back,
)
from elman.ui.ends import PageEnds

# Charts are checked in the tests, not once more with every part that is put together.
schemapi.disable_debug_mode()

# Each of these needs what the one before it has settled.
chosen = menu.choose_page()
shows_experiment = chosen.entry.shows_experiment

# Elsewhere the sidebar is there, but closed: it keeps the experiment in the address bar.
st.set_page_config(
    page_title="Finding Structure in Time",
    layout="wide",
    # So narrow that the whole menu stands beside it on a small laptop.
    initial_sidebar_state=250 if shows_experiment else "collapsed",
)

# The menu is one line; Streamlit leaves room for three.
st.html(
    "<style>.stMainBlockContainer { padding-top: 4.5rem; }"
    # White, as Streamlit has it, could hardly be read on the light blue of dark pages.
    "button[data-testid='stBaseButton-primary'] { color: light-dark(white, #14161c); }"
    # Equations and heads of tables that fit are not taken for boxes that scroll.
    ".katex-display { overflow: auto hidden; padding: 0.25rem 0.125rem; }"
    "[data-testid='stTable'] th [data-testid='stMarkdownContainer'] { overflow: visible; }"
    # Who asks for no motion gets none, neither of Streamlit's nor of ours.
    "@media (prefers-reduced-motion: reduce) { *, *::before, *::after {"
    "animation: none !important; transition: none !important; scroll-behavior: auto !important;"
    "} }</style>"
)

try:
    jobs.limits()
except ValueError as error:
    st.error(f"This server cannot start as it is set up. {error}")
    st.stop()

session.read_link(chosen.page.url_path, chosen.problems, views.load_all)
lessons.read_link()
reduced.keep_in_link()
lessons.keep_in_link()
reduced.notice(len(menu.LISTED))
if lessons.current() is not None:
    # Who takes no lesson does not wait for this.
    from elman.ui.views import lesson

    lesson.bar()
pins.follow_link(sidebar.experiment_sidebar(shows_experiment))
session.keep_choices_on_the_way_back()
session.show_problems()

if not (shows_experiment and own_text.asks_for_missing()):
    with runs.kernels_afterwards(), contextlib.suppress(PageEnds):
        menu.run_page(chosen.page)
way_back.join_entries()
