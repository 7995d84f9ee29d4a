"""The app: page settings, menu, the shared sidebar, and the chosen page."""

import contextlib

import streamlit as st
from altair.utils import schemapi

from elman.ui import links, menu, sidebar
from elman.ui.page import PageEnds

st.set_page_config(page_title="Finding Structure in Time", layout="wide")

# Charts are checked in the tests, not once more with every part that is put together.
schemapi.disable_debug_mode()

page, shows_experiment = menu.choose_page()

links.read_link(page.url_path)
if shows_experiment:
    sidebar.experiment_sidebar()
links.show_problems()

with contextlib.suppress(PageEnds):
    page.run()
