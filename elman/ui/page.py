"""The parts that every page is made of, so that a reader learns them once."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from elman.analysis.errors import MEASURES, Accuracy
from elman.analysis.replay import TEST_RESETS, replay
from elman.tasks import Sequence, Task
from elman.training import Run
from elman.ui import links, runs, sidebar


def header(title: str, question: str) -> None:
    """Title and the one question that the page answers."""
    st.header(title)
    st.markdown(f"##### {question}")


def new_here() -> None:
    """What a first visitor needs to read this page."""
    st.markdown(
        "The network reads one symbol at a time and guesses the next. Its only memory is the "
        "**context**, a copy of its hidden layer from the step before. Change anything in the "
        "sidebar, and a network is trained from scratch and shown here."
    )


class PageEnds(Exception):
    """Raised where a page has nothing more to show; the entry file ends it there.

    Not `st.stop`, which drops what the reader presses while the script still runs: Stop, say.
    """


def require_run() -> Run:
    """The run of the sidebar's experiment; ends the page while there is none."""
    run = runs.current_run(sidebar.current())
    if run is None:
        raise PageEnds
    return run


def figure(chart: alt.TopLevelMixin, alt_text: str, **settings: Any) -> None:
    """A chart as wide as its column, with its text alternative."""
    st.altair_chart(chart, alt=alt_text, width="stretch", **settings)


def try_next(*suggestions: tuple[str, str, dict[str, Any]]) -> None:
    """Buttons that change the experiment: (label, what to look at, changed fields)."""
    st.markdown("##### Try next")
    for column, (label, look, changes) in zip(
        st.columns(len(suggestions)), suggestions, strict=True
    ):
        column.button(label, on_click=sidebar.apply, kwargs=changes, width="stretch")
        column.caption(look)


def choose_epoch(run: Run) -> int:
    """The epoch to look at: any snapshot, the last unless the reader looks back."""
    epochs = [snapshot.epoch for snapshot in run.snapshots]
    if len(epochs) == 1:
        return epochs[0]
    # Who has not looked back means the end of this run, not the epoch at which another ended.
    last = st.session_state.get("last_epoch", epochs[-1])
    if last != epochs[-1] and st.session_state.get("epoch") == last:
        st.session_state["epoch"] = epochs[-1]
    st.session_state["last_epoch"] = epochs[-1]
    return links.choose(
        st.select_slider,
        "Look back: the network after this many epochs",
        epochs,
        key="epoch",
        default=epochs[-1],
        help="Weights are kept at up to 64 epochs, close together at first, wider apart later.",
    )


def choose_test(run: Run) -> tuple[Sequence, str]:
    """Which sequence to test on and how the context is reset there."""
    left, right = st.columns(2)
    with left:
        kind = links.choose(
            st.segmented_control,
            "Test on",
            ("new", "training"),
            key="sequence",
            default="new",
            required=True,
            help="A new sequence of the same rule, or the one it was trained on.",
        )
    with right:
        reset = links.choose(
            st.selectbox,
            "Context reset while testing",
            tuple(TEST_RESETS),
            key="test_reset",
            default="as trained",
            help="; ".join(f"**{name}**: {words}" for name, words in TEST_RESETS.items()) + ".",
        )
    return runs.sequence_of(run.experiment, kind), reset


def tested(run: Run, sequence: Sequence, epoch: int, reset: str) -> tuple[np.ndarray, np.ndarray]:
    """Outputs and hidden states as `choose_test` asks; ends the page where they overflow."""
    outputs, states = replay(run, sequence, epoch, reset)
    if not np.isfinite(outputs).all():
        st.info(
            f"After epoch {epoch} the activations of this network overflow on the test sequence: "
            "there is no error to measure. Look back to an earlier epoch."
        )
        raise PageEnds
    return outputs, states


def metrics(run: Run, epoch: int, floor: float, correct: Accuracy, task: Task) -> None:
    """Three numbers: loss, right answers everywhere, right answers where they can be known."""
    loss, everywhere, sure = st.columns(3)
    quiet = {"delta_color": "off", "delta_arrow": "off"}
    shown = f"{run.losses[epoch - 1]:.4f}" if epoch else "before training"
    loss.metric(
        f"Loss after {epoch} epochs",
        shown,
        f"floor {floor:.4f}",
        help="Mean squared error over the training sequence, while learning.",
        **quiet,
    )
    everywhere.metric(
        "Right everywhere",
        f"{correct.everywhere:.1%}",
        f"at best {correct.ceiling:.1%}",
        help="Share of test steps at which every rounded output matches.",
        **quiet,
    )
    sure.metric(
        f"Right at {task.predictable}",
        f"{correct.predictable:.1%}",
        "at best 100%",
        help="The same, counting only the steps whose next symbol the rule foretells.",
        **quiet,
    )


def predictions(table: pd.DataFrame, task: Task) -> None:
    """The table of predictions, with a mark at each match."""
    table = table.assign(
        match=table["match"].map({True: "✓", False: "✗"}),
        predictable=table["predictable"].map({True: "yes", False: "no"}),
    )
    outputs = ("output",) if task.one_bit else task.features
    answers = ("rounded", "expected", "match", "predictable")
    # Six outputs would push the answers off a phone's screen; a single one reads first.
    order = (*outputs, *answers) if task.one_bit else (*answers, *outputs)
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        column_order=("step", "input", *order),
        column_config={name: number(name.capitalize(), format="%.3f") for name in outputs}
        | {
            "step": number("Step"),
            "input": "Input",
            "rounded": st.column_config.TextColumn(
                "Rounded", help="The symbol of the rounded outputs; ? if there is none."
            ),
            "expected": "Expected",
            "match": "Match",
            "predictable": st.column_config.TextColumn(
                "Foretold", help="Whether the rule makes this symbol certain."
            ),
        },
    )


def table(frame: pd.DataFrame) -> None:
    """A frame of errors with readable column names."""
    names = {"predictable": "Foretold"}
    for measure, words in MEASURES.items():
        names |= {measure: words, f"{measure}_floor": f"{words}: floor"}
    names |= {
        "squared_predictable": "Squared error where foretold",
        "squared_open": "Squared error where open",
        "squared_open_floor": "Squared error where open: floor",
    }
    numbers = frame.select_dtypes("float").columns
    st.dataframe(
        frame,
        hide_index=True,
        height="content",
        column_config={
            column: st.column_config.NumberColumn(label, format="%.4f")
            if column in numbers
            else label
            for column in frame.columns
            for label in [names.get(column, column.capitalize())]
        },
    )
