"""A run that the reader pinned: its curve and errors are laid over those of later runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from elman.analysis.comparison import difference, why_not
from elman.analysis.replay import Tested, replay
from elman.training import Run

_STATE = "pinned_run"


def buttons(run: Run) -> None:
    """Pin this run, or unpin the one that is pinned; one run can be pinned at a time."""
    pinned = st.session_state.get(_STATE)
    same = pinned is not None and pinned.experiment == run.experiment
    if pinned is not None:
        st.button(
            "Unpin",
            on_click=_pin,
            args=(None,),
            key="unpin",
            help="This run is pinned." if same else f"Pinned is the run with {name(run)}.",
        )
    if not same:
        st.button(
            "Pin this run" if pinned is None else "Pin this instead",
            on_click=_pin,
            args=(run,),
            key="pin",
            help="Keeps its loss curve and its errors, and lays them over those of later runs, on "
            "Train and on Errors.",
        )


def _pin(run: Run | None) -> None:
    st.session_state[_STATE] = run


def name(run: Run) -> str:
    """The pinned run, by what is different from `run`."""
    return difference(st.session_state[_STATE].experiment, run.experiment)


def beside(run: Run) -> Run | None:
    """The pinned run, if it is another one and can stand beside `run`; says why it cannot."""
    pinned = st.session_state.get(_STATE)
    if pinned is None or pinned.experiment == run.experiment:
        return None
    if reason := why_not(pinned.experiment, run.experiment):
        st.caption(f"The pinned run is not shown: {reason}.")
        return None
    return pinned


def joined(tested: Tested) -> Tested:
    """The test with the answers of the pinned run's last network to the same sequence.

    Unchanged if no pinned run can stand beside it; says why it cannot.
    """
    pinned = beside(tested.run)
    if pinned is None:
        return tested
    answers = replay(pinned, tested.sequence, reset=tested.reset)
    if np.isfinite(answers.outputs).all():
        return replace(tested, pinned=answers)
    st.caption("The pinned run is not shown: its activations overflow on this sequence.")
    return tested


def explain(run: Run, table: pd.DataFrame, marks: str) -> None:
    """Which run the dashed `marks` of a figure are, if its table has a pinned run's errors."""
    if "squared_pinned" in table:
        done = st.session_state[_STATE].epochs_done
        epochs = "1 epoch" if done == 1 else f"{done:,} epochs"
        # By their colour: other dashed lines may stand beside them.
        st.caption(
            f"Dashed olive {marks} are the pinned run: {name(run)}. It is shown as it ended, "
            f"after {epochs}."
        )
