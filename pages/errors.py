"""Errors: where the network fails, by position, step by step, and in each task's own view."""

import streamlit as st

from elman.tasks import TASKS, task_of
from elman.ui import menu, page, pins, sidebar
from elman.ui.views import errors, guessing, view

menu.hand_over()

experiment = sidebar.current()
task = task_of(experiment)

page.header("Errors", "Where does the network fail, and could anybody do better there?")

run = page.require_run()

shown = view.choose(errors.VIEW, view.of_task(errors.VIEWS, task))
figure = st.container()
pins.prepare(experiment)
with figure:
    page.look_back(run, shown.draw)
if guessing.offered_for(task):
    page.more(guessing.GAME, lambda: guessing.play(experiment))

# The tasks in the order of the sidebar; after the last comes the first.
names = list(TASKS)
following = TASKS[names[(names.index(task.name) + 1) % len(names)]]
page.try_next(
    (
        "Ten times the epochs",
        "Do the beginnings of words stand out more?",
        {"epochs": 10 * experiment.epochs},
    )
    if "word boundaries" in task.own_analyses and experiment.epochs < 100
    else (
        "Do not reset for testing",
        "Does a context from before do harm?",
        {"test_reset": "never"},
    ),
    ("Before training", "Where does an untrained network fail?", {"epoch": 0}),
    (
        "The letters" if following.name == "letters" else following.title,
        "The same questions on another task.",
        {"task": following.name},
    ),
)
