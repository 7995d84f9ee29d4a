"""Labs: guided exercises that ask for a prediction before they show what happens."""

import streamlit as st

from elman.ui import menu, page, set_aside
from elman.ui.views import lab_end, lab_file, lab_session, labs

menu.hand_over()

lab = lab_session.shown()
page.header("Labs", "What did you predict, and what came?" if lab is None else lab.question)

choice = st.container()
if lab is None:
    lab_end.draw()
else:
    labs.DRAW[lab_session.step()](lab)
# Drawn last, so that a lab that has just been done is marked.
with choice:
    lab_session.choose_lab()

st.space("small")
set_aside.say_and_offer(st)
lab_file.keep_or_restore()
