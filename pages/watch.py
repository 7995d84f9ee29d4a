"""Watch it learn: any lens at any epoch, by one slider and a play control."""

import streamlit as st

from elman.tasks import task_of
from elman.ui import links, menu, page, sidebar
from elman.ui.views import watch

menu.hand_over()

experiment = sidebar.current()
task = task_of(experiment)

page.header("Watch it learn", "In what order does the network learn, and when?")

run = page.require_run()

lens = links.choose(
    st.segmented_control,
    "Watch",
    tuple(watch.lenses(task)),
    key="lens",
    default="by position",
    required=True,
    help="Every view of the pages Errors and Hidden states, at any epoch.",
)
watch.show(run, task, lens)
