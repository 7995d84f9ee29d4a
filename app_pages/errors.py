"""Errors: where the network fails, by position, step by step, and in each task's own view."""

import streamlit as st

from elman import charts
from elman.analysis import errors, reading
from elman.tasks import TASKS, task_of
from elman.ui import (
    accepted_strings,
    error_views,
    likelihoods,
    links,
    page,
    sidebar,
    word_boundaries,
)
from elman.ui.state_views import Seen

experiment = sidebar.current()
task = task_of(experiment)

page.header("Errors", "Where does the network fail, and could anybody do better there?")

run = page.require_run()

measure = links.choose(
    st.segmented_control,
    "Measure",
    tuple(errors.MEASURES),
    key="measure",
    default="squared",
    required=True,
    help="**squared**: mean of the squared errors; **rms**: its root; **rate**: share of wrong "
    "answers: "
    + ("the largest output is another symbol's." if task.one_hot else "some output rounds wrong."),
)
title = errors.MEASURES[measure]
main = st.container()
result = st.container()
epoch = page.choose_epoch(run)
sequence, reset = page.choose_test(run)
seen = Seen(run, task, sequence, epoch, reset, page.tested(run, sequence, epoch, reset))
outputs = seen.played.outputs
by_position = errors.with_bigram(
    errors.by_position(outputs, sequence, task), sequence, task, run.sequence
)


def in_words(row) -> str:
    """One position of the figure, for its text alternative."""
    others = {"floor": f"{measure}_floor", "best bigram": f"{measure}_bigram"}
    known = [f"{name} {row[key]:.3f}" for name, key in others.items() if row[key] == row[key]]
    return ", ".join([f"{row['position']} {row[measure]:.3f}", *known])


with main:
    # A text without groups has a single position, and one bar would say little.
    if len(task.positions) > 1:
        page.figure(
            charts.errors_by_position(by_position, measure, title),
            f"{title} by predicted position: "
            + "; ".join(map(in_words, by_position.to_dict("records")))
            + ".",
        )
    else:
        error_views.ngram_figure(seen, measure)
with result:
    st.markdown(f"**{reading.result_in_words(outputs, sequence, task, run.sequence)}**")
    if not sequence.has_rule:
        words = (
            "Orange is the network, violet the best answer to the last symbols alone: a network "
            "above the bigram has not used its memory."
        )
        if len(task.positions) == 1:
            words += (
                " Give a group length or a boundary character in the sidebar, such as space, to "
                "see errors by the place in a group."
            )
    else:
        words = (
            "Bars are the network. Wide grey marks are the floor: what is left for a predictor "
            "that knows the rule; only what rises above its mark is left to learn. Narrow "
            "violet marks are the best bigram, which knows the last symbol and nothing else."
        )
    st.caption(words)

views = {
    "By position": lambda: page.table(by_position),
    "Step by step": lambda: error_views.step_by_step(seen, measure),
}
if not task.one_hot:
    views["By feature"] = lambda: error_views.feature_by_feature(seen, measure)
if task.name == "words":
    views["Through a text"] = lambda: word_boundaries.through_a_text(seen, measure)
elif task.name == "sentences":
    views["Likelihoods"] = lambda: likelihoods.beside_likelihoods(seen)
elif task.name == "reber":
    views["Accepted strings"] = lambda: accepted_strings.accepted_strings(seen)
views["Beside n-grams"] = lambda: error_views.beside_ngrams(seen, measure)
for tab, view in zip(st.tabs(list(views)), views.values(), strict=True):
    with tab:
        view()

# The tasks in the order of the sidebar; after the last comes the first.
names = list(TASKS)
following = TASKS[names[(names.index(task.name) + 1) % len(names)]]
page.try_next(
    ("Do not reset for testing", "Does a context from before do harm?", {"test_reset": "never"}),
    ("Before training", "Where does an untrained network fail?", {"epoch": 0}),
    (
        "The letters" if following.name == "letters" else following.title,
        "The same questions on another task.",
        {"task": following.name},
    ),
)
