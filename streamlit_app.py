"""The app: page settings, menu, the shared sidebar, and the chosen page."""

import streamlit as st

from elman.ui import links, menu, sidebar

st.set_page_config(page_title="Finding Structure in Time", layout="wide")

page, shows_experiment = menu.choose_page()

links.read_link(page.url_path)
if shows_experiment:
    sidebar.experiment_sidebar()
links.show_problems()

page.run()
