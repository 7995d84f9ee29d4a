"""From the settings of the page on shapes to trained networks: at once, or as a job."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from elman.charts import shapes as charts
from elman.studies import alignment_training
from elman.studies.alignment_training import AlignmentRun, AlignmentSetting
from elman.studies.alignments import TASKS
from elman.studies.layer_pass import KINDS
from elman.ui import links, page, runs

PREFIX = "s_"

HIDDEN = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128)
EPOCHS = (5, 10, 20, 30, 60, 100, 150, 200, 300, 600)
SEEDS = tuple(range(20))

# Below this many seeds a spread says little.
SEED_COUNTS = (5, 10, 20)


def apply(**changes: Any) -> None:
    """Set controls, by the names of `AlignmentSetting`, and "seed"; for buttons' callbacks."""
    for name, value in changes.items():
        st.session_state[PREFIX + name] = value


def _form_chosen() -> None:
    task = TASKS[st.session_state[f"{PREFIX}form"]]
    apply(hidden=task.hidden, epochs=task.epochs, direction="forward")


def setting() -> tuple[AlignmentSetting, int]:
    """Draw the controls; what to train, and the seed."""
    form = links.choose(
        st.segmented_control,
        "How inputs and answers line up",
        tuple(TASKS),
        key=f"{PREFIX}form",
        default="many-to-one",
        on_change=_form_chosen,
        required=True,
    )
    task = TASKS[form]
    st.markdown(f"**{task.title}.** {task.words}")
    columns = st.columns(4)
    with columns[0]:
        kind = links.choose(
            st.segmented_control,
            "Cell",
            tuple(KINDS),
            key=f"{PREFIX}kind",
            default="RNN",
            required=True,
            help="**RNN**: the simple recurrent layer, Elman's. **LSTM** and **GRU** add gates.",
        )
    sizes = {}
    for column, name, options, label, words in (
        (columns[1], "hidden", HIDDEN, "Hidden units", "How much the network can keep in mind."),
        (columns[2], "epochs", EPOCHS, "Epochs", "Passes through all training examples."),
    ):
        with column:
            sizes[name] = links.choose(
                st.select_slider,
                label,
                options,
                key=PREFIX + name,
                default=getattr(task, name),
                help=words,
            )
    with columns[3]:
        seed = links.choose(
            st.select_slider,
            "Seed",
            SEEDS,
            key=f"{PREFIX}seed",
            default=0,
            help="Draws the training and the unseen examples, and the first weights.",
        )
    both = False
    if AlignmentSetting.may_read_both_ways(form):
        both = (
            links.choose(
                st.segmented_control,
                "Reads",
                ("forward", "both directions"),
                key=f"{PREFIX}direction",
                default="forward",
                required=True,
                help="With both directions a second set of hidden units reads from the end, so "
                "that an answer can depend on what comes later, too.",
            )
            == "both directions"
        )
    return AlignmentSetting(form, kind, both_directions=both, **sizes), seed


@st.cache_data(max_entries=256, show_spinner=False)
def predicted_seconds(made: AlignmentSetting) -> float:
    """About how long one seed takes on this machine."""
    return alignment_training.predicted_seconds(made)


@st.cache_resource(max_entries=64, show_spinner=False)
def _instant_run(made: AlignmentSetting, seed: int) -> AlignmentRun:
    return alignment_training.train(made, seed)


def current_run(made: AlignmentSetting, seed: int) -> AlignmentRun | None:
    """The trained network, or None while there is none; draws what to do or wait for."""
    seconds = predicted_seconds(made)
    if seconds <= runs.limits().instant_seconds:
        return _instant_run(made, seed)
    work = partial(alignment_training.train, made, seed)
    key = ("shapes", made, seed)
    run = runs.background(key, "s_train", "Train", seconds, work, partial(_draw, made.epochs))
    if run is not None and run.status == "stopped":
        st.info(f"Stopped after {len(run.losses)} of {made.epochs} epochs.")
        runs.start_again(key, work, "Train again")
    return run


def _draw(epochs: int, losses: np.ndarray) -> None:
    page.figure(
        charts.learning_curve(losses, epochs=epochs),
        f"Loss so far: {losses[-1]:.4f} after {len(losses)} epochs.",
    )


def many_seeds(made: AlignmentSetting) -> pd.DataFrame | None:
    """The scores of several seeds, or None while there are none; draws the choice and the job."""
    count = links.choose(
        st.segmented_control,
        "Networks",
        SEED_COUNTS,
        key=f"{PREFIX}count",
        default=10,
        required=True,
        help="Each from a seed of its own: other examples and other first weights.",
    )
    work = partial(alignment_training.train_seeds, made, list(range(count)))
    key = ("shapes", made, "seeds", count)
    label = f"Train {count} networks"
    table = runs.background(key, "s_seeds", label, predicted_seconds(made) * count, work)
    if table is not None and len(table) < count:
        st.info(f"Stopped after {len(table)} of {count} networks.")
        runs.start_again(key, work, label)
    return table
