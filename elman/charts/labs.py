"""Charts of the labs: a guess as bars, and a prediction among the runs that it was about."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES
from elman.charts.parts import Channel, by_name, layered, row_names, span, tips


class PointStyle(NamedTuple):
    """How a kind of point is drawn; `inside_opacity` is that of its filling, from 0 to 1."""

    role: str
    shape: str
    size: int
    inside_opacity: float


# The later kinds are drawn over the others.
POINTS = {
    "expected at best": PointStyle("floor", "M0,-1L0,1", 900, 0.0),
    "another seed": PointStyle("output", "circle", 55, 0.3),
    "your run": PointStyle("error", "circle", 110, 1.0),
    "your prediction": PointStyle("target", "diamond", 190, 1.0),
}

ROW_HEIGHT, AXIS_HEIGHT, LEGEND_ROW = 78, 80, 28
LEGEND_COLUMNS = 2
# Dots this close along the axis, as a share of it, stand above each other.
BINS = 50
# In shares of a row: where its dots begin, the most that they fill, the usual step between two.
FIRST, ROOM, APART = 0.1, 0.5, 0.11


def guess_bars(
    guesses: pd.DataFrame, title: str, domain: tuple[float, float], format: str
) -> alt.LayerChart:
    """What a student is about to predict, one bar a row; columns row and value, which may be
    missing."""
    rows = list(guesses["row"])
    bottom = FIRST - np.arange(len(rows), dtype=float)
    frame = guesses.assign(low=bottom, high=bottom + ROOM, start=domain[0])
    frame = frame.dropna(subset="value")
    y_scale = span(1 - len(rows), 1)
    scale = span(*domain, zero=False)
    bars = (
        alt.Chart(frame)
        .mark_rect(color=ROLES["target"], fillOpacity=0.75)
        .encode(
            x=alt.X("start:Q", title=title, scale=scale, axis=alt.Axis(format=format)),
            x2=alt.X2("value:Q"),
            y=alt.Y("low:Q", axis=None, scale=y_scale),
            y2=alt.Y2("high:Q"),
            tooltip=tips(("row:N", "Predicted"), ("value:Q", title, format)),
        )
    )
    return layered(
        bars, row_names(rows, y_scale), height=AXIS_HEIGHT + 0.7 * ROW_HEIGHT * len(rows)
    )


def among_seeds(
    points: pd.DataFrame,
    title: str,
    domain: tuple[float, float],
    format: str,
    *,
    stacked: bool = True,
) -> alt.LayerChart:
    """Rows of dots, one a seed, with the student's prediction and run among them.

    Columns of `points`: row, value, kind (of `POINTS`) and words, for the tooltip. Equal values
    are stacked, or, where the dots are counted along the axis, stand in line.
    """
    rows = list(dict.fromkeys(points["row"]))
    frame = points.dropna(subset="value").reset_index(drop=True)
    domain = (domain[0], max([domain[1], *frame["value"]]))
    frame = frame.assign(y=_heights(frame, rows, domain, stacked))
    present = {kind: style for kind, style in POINTS.items() if kind in set(frame["kind"])}
    y_scale = span(1 - len(rows), 1)
    legend = alt.Legend(
        orient="top", columns=LEGEND_COLUMNS, title=None, symbolSize=110, labelLimit=160
    )

    def by_kind(channel: Callable[..., Channel], look: str) -> Channel:
        looks = {kind: getattr(style, look) for kind, style in present.items()}
        return by_name(channel, "kind", looks, legend=legend)

    axis = alt.Axis(format=format, tickCount=6)
    layers = [
        alt.Chart(frame[frame["kind"] == kind])
        .mark_point(
            size=style.size,
            fillOpacity=style.inside_opacity,
            opacity=1,
            strokeWidth=2 if style.inside_opacity else 3,
        )
        .encode(
            x=alt.X("value:Q", title=title, scale=span(*domain, zero=False), axis=axis),
            y=alt.Y("y:Q", axis=None, scale=y_scale),
            fill=by_kind(alt.Fill, "role"),
            stroke=by_kind(alt.Stroke, "role"),
            shape=by_kind(alt.Shape, "shape"),
            tooltip=tips(
                ("kind:N", "Mark"),
                ("row:N", "Of"),
                ("words:N", title if stacked else "Outcome"),
            ),
        )
        for kind, style in present.items()
    ]
    legend_rows = -(-len(present) // LEGEND_COLUMNS)
    return layered(
        row_names(rows, y_scale),
        *layers,
        height=AXIS_HEIGHT + LEGEND_ROW * legend_rows + ROW_HEIGHT * len(rows),
    )


def _heights(
    frame: pd.DataFrame, rows: list[str], domain: tuple[float, float], stacked: bool
) -> np.ndarray:
    """Where each mark stands: runs above each other where they are close, others mid-row."""
    place = frame["row"].map(rows.index).to_numpy(dtype=float)
    runs = frame["kind"].isin(["your run", "another seed"]).to_numpy()
    heights = -place + FIRST + ROOM / 2
    if not stacked or not runs.any():
        return heights
    width = (domain[1] - domain[0]) / BINS
    bins = np.floor((frame["value"].to_numpy() - domain[0]) / width)
    in_bin = frame.assign(bin=bins)[runs].groupby(["row", "bin"]).cumcount().to_numpy()
    apart = min(APART, ROOM / max(1, in_bin.max()))
    heights[runs] = -place[runs] + FIRST + in_bin * apart
    return heights
