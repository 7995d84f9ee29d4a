"""For teachers: a link to a part of this app, made by a small form."""

import streamlit as st

from elman import report
from elman.tasks import training_sequence
from elman.ui import menu, own_text, page, prose, reduced, sidebar
from elman.ui.views import teaching

menu.hand_over()

page.header(
    "For teachers", "What should your students see first, and what would only distract?", keep=False
)
prose.say(
    "Set the **experiment** in the sidebar, choose the rest here, and give the link to your "
    "students. What is hidden still works, with the values that the link gives, and one press "
    "shows everything."
)

experiment = sidebar.current()
start = teaching.choose_start()
left, right = st.columns(2)
with left:
    pages = teaching.choose_pages(start.page)
with right:
    hidden = teaching.choose_controls(experiment)
view = reduced.Reduced(hidden, pages)
address = teaching.address(start, experiment, view)

prose.say("##### The link")
st.code(address, language=None, wrap_lines=True)
prose.say(f"**{teaching.describe_link(start, experiment, view)}**")
if not start.lab:
    prose.caption(report.heading(experiment, training_sequence(experiment)))
    if words := own_text.too_long(experiment.text):
        st.warning(words)
st.link_button("See what students see", address)
