"""Tidy frames to Altair charts, one module for each lens; here is what they share.

A role has one colour in every figure. The colours keep a contrast of at least 3 to 1 on white and
on the dark page, and stay apart for colour-blind readers; where two lines share a figure, their
dashes and labels differ too.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

ROLES = {
    "input": "#0072B2",
    "context": "#CC79A7",
    "hidden": "#009E73",
    "output": "#C87F00",
    "target": "#1F8FD1",
    "error": "#D55E00",
    "floor": "#7F8790",
    "baseline": "#8D6FD1",
    "pinned": "#7F8500",
}

# Weights: blue below zero, vermilion above, as the signs of a net input.
NEGATIVE, POSITIVE = ROLES["input"], ROLES["error"]

PINNED_DASH = [6, 3]

MAX_POINTS = 600

# A symbol's name up to this length fits above a point or into a narrow cell.
SHORT_NAME = 2


def thinned(values: Sequence[float], most: int = MAX_POINTS) -> np.ndarray:
    """Indices of at most `most` evenly spaced values, the first and the last among them."""
    return np.unique(np.linspace(0, len(values) - 1, min(len(values), most)).round().astype(int))


def row_names(rows: Sequence[str], scale: alt.Scale) -> alt.Chart:
    """The names of rows that reach from 1 down, each above what its row holds.

    So long ones fit on a phone. `scale` is that of the vertical axis: row r lies from -r to 1 - r.
    """
    frame = pd.DataFrame({"row": rows, "y": [0.86 - r for r in range(len(rows))]})
    return (
        alt.Chart(frame)
        .mark_text(align="left", fontSize=12.5, color=ROLES["floor"])
        .encode(x=alt.value(2), y=alt.Y("y:Q", axis=None, scale=scale), text="row:N")
    )
