"""Generate: the network reads its own answers, and so writes by itself."""

import streamlit as st

from elman.tasks import task_of
from elman.ui import menu, page, prose, sidebar
from elman.ui.views import generation

menu.hand_over()

experiment = sidebar.current()
task = task_of(experiment)

page.header("Generate", "What does the network write when it reads its own answers?")

run = page.require_run()

controls, figure, further = st.container(), st.container(), st.container()
with controls:
    request = generation.choose(run, further)
with figure:
    if request.epoch < run.epochs_done:
        prose.say(f"##### {page.network_at(run, request.epoch)}")
    generation.show(run, request)

st.subheader("A string of your own")
generation.try_string(run, request.epoch)

page.try_next(
    ("Before training", "What does an untrained network write?", {"epoch": 0}),
    (
        "The likeliest symbol only" if request.how != "likeliest" else "Draw again",
        "Without chance: does it end in a loop?"
        if request.how != "likeliest"
        else "With chance again: what else can it write?",
        {"g_how": "likeliest" if request.how != "likeliest" else "draw"},
    ),
    (
        "Read the raw answer",
        "Not rounded to a symbol: what does the context do then?",
        {"g_how": "raw"},
    ),
)
