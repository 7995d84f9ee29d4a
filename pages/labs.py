"""Labs: guided exercises that ask for a prediction before they show what happens."""

import streamlit as st

from elman.ui import menu, page
from elman.ui.views import lab_file, lab_session, labs

menu.hand_over()

lab = lab_session.shown()
page.header("Labs", lab.question)

choice = st.container()
labs.DRAW[lab_session.step()](lab)
# Drawn last, so that a lab that has just been done is marked.
with choice:
    lab_session.choose_lab(lab)

st.space("small")
lab_file.keep_or_restore()
