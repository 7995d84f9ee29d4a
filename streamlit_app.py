"""The app: page settings, navigation, the shared sidebar, and the chosen page."""

import streamlit as st

from elman.ui import links, sidebar

st.set_page_config(page_title="Finding Structure in Time", layout="wide")

train = st.Page("app_pages/train.py", title="Train", default=True)
errors = st.Page("app_pages/errors.py", title="Errors")
about = st.Page("app_pages/about.py", title="About")

page = st.navigation([train, errors, about], position="top")

links.read_link(page.url_path)
if page != about:
    sidebar.experiment_sidebar()
links.show_problems()

page.run()
