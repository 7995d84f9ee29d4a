"""The controls of the page Memory: what is asked, how often, and how each learner learns."""

from __future__ import annotations

from typing import Any

import streamlit as st

from elman.ui import state

# The longest lag -> all that are tried with it.
LAGS = {
    4: (1, 2, 4),
    8: (1, 2, 4, 8),
    16: (1, 2, 4, 8, 16),
    32: (1, 2, 4, 8, 16, 32),
    64: (1, 2, 4, 8, 16, 32, 64),
}

LONGEST = state.Control(
    "longest_lag",
    "Longest lag",
    st.select_slider,
    tuple(LAGS),
    default=16,
    help="How many letters stand between the first one and the answer, at most; shorter lags are "
    "tried as well.",
)
SEEDS = state.Control(
    "recall_seeds",
    "Seeds",
    st.select_slider,
    (1, 2, 3, 5, 10, 20),
    default=3,
    help="Every learner is trained so often at each lag, each time from other weights.",
)
ASK = state.Control(
    "ask",
    "Ask for the first symbol",
    st.segmented_control,
    ("end", "every"),
    default="end",
    help="**end**: once, after the last letter; **every**: after each letter, so that there is an "
    "error to learn from at every step. Elman (1990, p. 204) saw networks learn worse when errors "
    "came late.",
)

# Under the names of `MemoryTest`.
LEARNERS = {
    "gate_bias": state.Control(
        "gate_bias",
        "First bias of the gates that keep",
        st.select_slider,
        (0.0, 1.0, 2.0, 3.0, 4.0, 5.0),
        default=3.0,
        help="The LSTM's forget gate and the GRU's update gate start nearly open: with 3 they let "
        "95% of the old state pass at each step, with 0 only half.",
    ),
    "hidden": state.Control(
        "recall_hidden",
        "Hidden units of the simple network",
        st.select_slider,
        (5, 10, 15, 20, 30, 40, 60),
        default=20,
        help="LSTM and GRU get as many units as bring them closest to its parameters.",
    ),
    "symbols": state.Control(
        "recall_symbols",
        "Symbols",
        st.select_slider,
        (2, 3, 4, 6, 8),
        default=4,
        help="Different letters. Guessing is right once in so many times.",
    ),
    "updates": state.Control(
        "recall_updates",
        "Updates at most",
        st.select_slider,
        (50, 100, 200, 300, 500, 1000, 2000),
        default=300,
        help="Changes of the weights, each after a batch of new sequences. A training ends before "
        "that after ten batches in a row without a mistake.",
    ),
    "learning_rate": state.Control(
        "recall_rate",
        "Learning rate",
        st.select_slider,
        (0.001, 0.003, 0.01, 0.03, 0.1),
        default=0.01,
        help="Size of each step of the optimizer, Adam.",
    ),
}


def choose_task() -> dict[str, Any]:
    """The controls of what is asked, and how often; fields of `MemoryTest`."""
    first, second, third = st.columns(3)
    return {
        "lags": LAGS[state.choose(LONGEST, first)],
        "seeds": state.choose(SEEDS, second),
        "ask": state.choose(ASK, third),
    }


def choose_learners() -> dict[str, Any]:
    """The further controls: sizes, and how each learner learns; fields of `MemoryTest`."""
    columns = st.columns(3)
    return {
        name: state.choose(control, columns[place % 3])
        for place, (name, control) in enumerate(LEARNERS.items())
    }
