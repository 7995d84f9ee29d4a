"""The app: page settings, navigation, the shared sidebar, and the chosen page."""

import contextlib

import streamlit as st

from elman.ui import links, sidebar
from elman.ui.page import PageEnds

st.set_page_config(page_title="Finding Structure in Time", layout="wide")

train = st.Page("app_pages/train.py", title="Train", default=True)
errors = st.Page("app_pages/errors.py", title="Errors")
about = st.Page("app_pages/about.py", title="About")

page = st.navigation([train, errors, about], position="top")

links.read_link(page.url_path)
if page != about:
    sidebar.experiment_sidebar()
links.show_problems()

with contextlib.suppress(PageEnds):
    page.run()
