"""Start here: who Elman was, what is asked, and the reader as the first to answer it."""

import streamlit as st

from elman.experiment import Experiment
from elman.labs import LABS
from elman.ui import menu, page, prose, state
from elman.ui.views import guessing, lab_browser, lab_session

menu.hand_over()

page.header("Start here", "Can you tell what comes next?", keep=False)
prose.say(
    "Words, tunes and steps come one after another, and whoever understands them knows what may "
    "come next. In 1990 the linguist **Jeffrey Elman** asked whether a network of simple units "
    "could find such structure in time by itself, only from guessing the next symbol again and "
    "again. He gave it a copy of its own hidden layer, the **context**, as a memory; this is the "
    "network that you can train, take apart and question here."
)
st.subheader("First, you are the predictor")
name = guessing.STREAMS[state.choose(guessing.STREAM)]
done = guessing.play(Experiment(task=name))

st.subheader("Then it is the network's turn" if done else "Or let the network begin")
learned = len([entry for entry in lab_session.progress().values() if entry.done])
WAYS = (
    (
        "watch",
        "Watch it learn",
        "The same stream, from the first pass through it to the last.",
        {"task": name},
    ),
    (
        "labs",
        f"{'Go on with' if learned else 'Open'} the labs",
        f"{learned} of {len(LABS)} done: you predict, it runs, and you see why."
        if learned
        else f"{len(LABS)} guided exercises: you predict, it runs, and you see why.",
        {},
    ),
    (
        "train",
        "Train a network yourself",
        "Choose everything in the sidebar, and see at once what it learns.",
        {"task": name},
    ),
)
for column, (file, words, look, query) in zip(st.columns(3), WAYS, strict=True):
    with column:
        st.page_link(f"pages/{file}.py", label=f":primary[**{words} →**]", query_params=query)
        prose.caption(look)
lab_browser.keep()
