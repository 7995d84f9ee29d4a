"""From the settings of the page on shapes to trained networks: at once, or as a job."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from elman.charts import shapes as charts
from elman.studies import alignment_training
from elman.studies.alignment_training import AlignmentRun, AlignmentSetting
from elman.studies.alignments import TASKS
from elman.studies.layer_pass import KINDS
from elman.ui import jobs, page, prose, state
from elman.ui.work import Work, stopped_after

PREFIX = "s_"

FORM = state.Control(
    f"{PREFIX}form",
    "How inputs and answers line up",
    st.segmented_control,
    tuple(TASKS),
    default="many-to-one",
)
KIND = state.Control(
    f"{PREFIX}kind",
    "Cell",
    st.segmented_control,
    tuple(KINDS),
    default="RNN",
    help="**RNN**: the simple recurrent layer, Elman's. **LSTM** and **GRU** add gates.",
)
HIDDEN = state.Control(
    f"{PREFIX}hidden",
    "Hidden units",
    st.select_slider,
    (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128),
    help="How much the network can keep in mind.",
)
EPOCHS = state.Control(
    f"{PREFIX}epochs",
    "Epochs",
    st.select_slider,
    (5, 10, 20, 30, 60, 100, 150, 200, 300, 600),
    help="Passes through all training examples.",
)
SEED = state.Control(
    f"{PREFIX}seed",
    "Seed",
    st.select_slider,
    tuple(range(20)),
    default=0,
    help="Draws the training and the unseen examples, and the first weights.",
)
DIRECTION = state.Control(
    f"{PREFIX}direction",
    "Reads",
    st.segmented_control,
    ("forward", "both directions"),
    default="forward",
    help="With both directions a second set of hidden units reads from the end, so that an answer "
    "can depend on what comes later, too.",
)
# Below five seeds a spread says little.
COUNT = state.Control(
    f"{PREFIX}count",
    "Networks",
    st.segmented_control,
    (5, 10, 20),
    default=10,
    help="Each from a seed of its own: other examples and other first weights.",
)


def _form_chosen() -> None:
    task = TASKS[state.value(FORM.name)]
    state.put(
        **{HIDDEN.name: task.hidden, EPOCHS.name: task.epochs, DIRECTION.name: DIRECTION.default}
    )


def setting() -> tuple[AlignmentSetting, int]:
    """Draw the controls; what to train, and the seed."""
    form = state.choose(FORM, on_change=_form_chosen)
    task = TASKS[form]
    prose.say(f"**{task.title}.** {task.words}")
    columns = st.columns(4)
    kind = state.choose(KIND, columns[0])
    hidden = state.choose(HIDDEN, columns[1], default=task.hidden)
    epochs = state.choose(EPOCHS, columns[2], default=task.epochs)
    seed = state.choose(SEED, columns[3])
    both = (
        AlignmentSetting.may_read_both_ways(form) and state.choose(DIRECTION) == "both directions"
    )
    return AlignmentSetting(form, kind, hidden=hidden, epochs=epochs, both_directions=both), seed


def current_run(made: AlignmentSetting, seed: int) -> AlignmentRun | None:
    """The trained network, or None while there is none; draws what to do or wait for."""
    work = Work(
        (made, seed),
        "s_train",
        partial(alignment_training.train, made, seed),
        alignment_training.work(made),
        progress=lambda losses: f"Epoch {len(losses)} of {made.epochs}",
        stopped=lambda run: (
            stopped_after(len(run.losses), made.epochs, "epochs") if run.status == "stopped" else ""
        ),
    )
    return jobs.result(work, partial(_draw, made.epochs))


def _draw(epochs: int, losses: np.ndarray) -> None:
    page.figure(
        partial(charts.learning_curve, losses, epochs=epochs),
        f"Loss so far: {losses[-1]:.4f} after {len(losses)} epochs.",
    )


def many_seeds(made: AlignmentSetting) -> pd.DataFrame | None:
    """The scores of several seeds, or None while there are none; draws the choice and the job."""
    count = state.choose(COUNT)
    label = f"Train {count} networks"
    work = Work(
        (made, count),
        "s_seeds",
        partial(alignment_training.train_seeds, made, list(range(count))),
        count * alignment_training.work(made),
        starts="on a press",
        stopped=lambda table: stopped_after(len(table), count, "networks"),
        label=label,
        again=label,
    )
    return jobs.result(work)
