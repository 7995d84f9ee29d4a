"""Labs: guided exercises that ask for a prediction before they show what happens."""

import streamlit as st

from elman.ui import lab_file, lab_state, lab_steps, page

lab = lab_state.shown()
page.header("Labs", lab.question)

choice = st.container()
lab_steps.DRAW[lab_state.step()](lab)
# Drawn last, so that a lab that has just been done is marked.
with choice:
    lab_state.choose_lab(lab)

st.space("small")
lab_file.keep_or_restore()
