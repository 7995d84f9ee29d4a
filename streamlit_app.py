"""The app: page settings, menu, the shared sidebar, and the chosen page."""

import contextlib

import streamlit as st
from altair.utils import schemapi

from elman.ui import links, menu, reduced, sidebar
from elman.ui.page import PageEnds

# Charts are checked in the tests, not once more with every part that is put together.
schemapi.disable_debug_mode()

page, shows_experiment = menu.choose_page()

# Elsewhere the sidebar is there, but closed: it keeps the experiment in the address bar.
st.set_page_config(
    page_title="Finding Structure in Time",
    layout="wide",
    initial_sidebar_state="auto" if shows_experiment else "collapsed",
)

links.read_link(page.url_path)
reduced.keep_in_link()
reduced.notice()
sidebar.experiment_sidebar(shows_experiment)
links.keep_choices_on_the_way_back()
links.show_problems()

with contextlib.suppress(PageEnds):
    menu.run_page(page)
