"""Errors: where the network fails, by position, step by step, and feature by feature."""

import streamlit as st

from elman import charts
from elman.analysis import errors, reading
from elman.tasks import task_of
from elman.ui import links, page, sidebar

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
    help="**squared**: mean of the squared errors; **rms**: its root; **rate**: share of rounded "
    "answers that are wrong.",
)
title = errors.MEASURES[measure]
main = st.container()
result = st.container()
epoch = page.choose_epoch(run)
sequence, reset = page.choose_test(run)
outputs, _ = page.tested(run, sequence, epoch, reset)
by_position = errors.by_position(outputs, sequence, task)

with main:
    page.figure(
        charts.errors_by_position(by_position, measure, title),
        f"{title} by predicted position: "
        + "; ".join(
            f"{row.position} {getattr(row, measure):.3f}, floor "
            f"{getattr(row, measure + '_floor'):.3f}"
            for row in by_position.itertuples()
        )
        + ".",
    )
with result:
    st.markdown(f"**{reading.result_in_words(outputs, sequence, task)}**")
    st.caption(
        "Bars are the network, grey marks the floor: what is left for a predictor that knows the "
        "rule. Only the part of a bar above its mark can be unlearned."
    )

positions, steps, features = st.tabs(["By position", "Step by step", "By feature"])

with positions:
    page.table(by_position)

with steps:
    if task.one_bit:
        st.markdown("##### As in Figure 3: a cycle of 12 steps, averaged over the sequence")
        cycle = errors.by_cycle(outputs, sequence, 12)
        page.figure(
            charts.error_by_cycle(cycle, measure, title),
            f"{title} at steps 1 to 12: " + ", ".join(f"{v:.2f}" for v in cycle[measure]) + ".",
        )
        st.info(
            "Elman's caption calls his Figure 3 root mean squared error. It cannot be: its values "
            "lie between 0.16 and 0.34, and for a fair coin the RMS error of any answer is at "
            "least 0.5. Squared error fits, so that is shown first here; choose rms to compare."
        )
        page.table(cycle)
    else:
        st.markdown("##### As in Figure 4: the first 20 letters, each point named by its letter")
        letters = errors.by_step(outputs, sequence, task, 20)
        page.figure(
            charts.error_by_step(letters, measure, title),
            f"{title} of the first 20 letters: "
            + ", ".join(
                f"{letter} {value:.2f}"
                for letter, value in zip(letters["expected"], letters[measure], strict=True)
            )
            + ".",
        )
        st.caption(
            "Averaged over the six features. The paper's text calls its figure squared error, its "
            "caption root mean squared; neither fits all of its values."
        )
        page.table(letters)

with features:
    by_feature = errors.by_feature(outputs, sequence, task)
    if task.one_bit:
        st.markdown("A bit has no features. Choose the task **letters** to see errors by feature.")
        st.button("Show the letters", on_click=sidebar.apply, kwargs={"task": "letters"})
    else:
        st.markdown("##### As in Figure 5: one panel a feature, on one scale")
        by_letter = errors.features_by_step(outputs, sequence, task, 20)
        top = max(float(by_letter[measure].max()) * 1.1, 0.1)
        for left, right in zip(task.features[::2], task.features[1::2], strict=True):
            for column, name in zip(st.columns(2), (left, right), strict=True):
                panel = by_letter[by_letter["feature"] == name]
                with column:
                    st.markdown(f"**{name}**")
                    page.figure(
                        charts.feature_panel(panel, measure, title, top),
                        f"{title} of {name}: mean {panel[measure].mean():.3f}.",
                    )
        st.markdown("##### On average over the whole test sequence")
        page.figure(
            charts.errors_by_feature(by_feature, measure, title),
            f"{title} by feature: "
            + "; ".join(
                f"{name} {value:.3f}"
                for name, value in zip(by_feature["feature"], by_feature[measure], strict=True)
            )
            + ".",
        )
        page.table(by_feature)

page.try_next(
    ("Do not reset for testing", "Does a context from before do harm?", {"test_reset": "never"}),
    ("Before training", "Where does an untrained network fail?", {"epoch": 0}),
    (
        "The letters" if experiment.task == "xor" else "XOR in time",
        "The same questions on the other task.",
        {"task": "letters" if experiment.task == "xor" else "xor"},
    ),
)
