"""Charts of the labs: a guess as bars, and a prediction among the runs that it was about."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES, row_names

# kind -> (colour, shape, size, opacity of its inside); the later ones are drawn over the others.
KINDS = {
    "expected at best": (ROLES["floor"], "M0,-1L0,1", 900, 0.0),
    "another seed": (ROLES["output"], "circle", 55, 0.3),
    "your run": (ROLES["error"], "circle", 110, 1.0),
    "your prediction": (ROLES["target"], "diamond", 190, 1.0),
}

ROW_HEIGHT, AXIS_HEIGHT, LEGEND_ROW = 78, 80, 28
# Dots this close along the axis, as a share of it, stand above each other.
BINS = 50
# Of a row: where its dots begin, the most that they may fill, and the usual way from dot to dot.
FIRST, ROOM, APART = 0.1, 0.5, 0.11


def guess_bars(
    guesses: pd.DataFrame, title: str, domain: tuple[float, float], format: str
) -> alt.LayerChart:
    """What a student is about to predict, one bar a row; columns row and value."""
    rows = list(guesses["row"])
    frame = guesses.assign(
        low=[-float(r) + FIRST for r in range(len(rows))],
        high=[-float(r) + FIRST + ROOM for r in range(len(rows))],
        start=domain[0],
        middle=[-float(r) + FIRST + ROOM / 2 for r in range(len(rows))],
    )
    x = alt.X("start:Q", title=title, scale=_scale(domain), axis=alt.Axis(format=format))
    y_scale = alt.Scale(domain=[-len(rows) + 1, 1], nice=False)
    base = alt.Chart(frame).encode(
        tooltip=[
            alt.Tooltip("row:N", title="Predicted"),
            alt.Tooltip("value:Q", title=title, format=format),
        ]
    )
    bars = base.mark_rect(color=ROLES["target"], fillOpacity=0.75).encode(
        x=x, x2="value:Q", y=alt.Y("low:Q", axis=None, scale=y_scale), y2="high:Q"
    )
    return alt.layer(bars, row_names(rows, y_scale)).properties(
        height=AXIS_HEIGHT + 0.7 * ROW_HEIGHT * len(rows)
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

    Columns of `points`: row, value, kind (of `KINDS`) and words, for the tooltip. Equal values
    are stacked, or, where the dots are counted along the axis, stand in line.
    """
    rows = list(dict.fromkeys(points["row"]))
    frame = points.dropna(subset="value").reset_index(drop=True)
    top = max(domain[1], float(frame["value"].max()) if len(frame) else domain[1])
    domain = (domain[0], top)
    frame = frame.assign(y=_heights(frame, rows, domain, stacked))
    present = [kind for kind in KINDS if kind in set(frame["kind"])]
    y_scale = alt.Scale(domain=[-len(rows) + 1, 1], nice=False)
    columns = 2
    legend = alt.Legend(orient="top", columns=columns, title=None, symbolSize=110, labelLimit=160)

    def by_kind(channel: type, place: int) -> alt.Fill | alt.Stroke | alt.Shape:
        styles = [KINDS[kind][place] for kind in present]
        return channel("kind:N", scale=alt.Scale(domain=present, range=styles), legend=legend)

    layers = [
        alt.Chart(frame[frame["kind"] == kind])
        .mark_point(size=size, fillOpacity=inside, opacity=1, strokeWidth=2 if inside else 3)
        .encode(
            x=alt.X(
                "value:Q",
                title=title,
                scale=_scale(domain),
                axis=alt.Axis(format=format, tickCount=6),
            ),
            y=alt.Y("y:Q", axis=None, scale=y_scale),
            fill=by_kind(alt.Fill, 0),
            stroke=by_kind(alt.Stroke, 0),
            shape=by_kind(alt.Shape, 1),
            tooltip=[
                alt.Tooltip("kind:N", title="Mark"),
                alt.Tooltip("row:N", title="Of"),
                alt.Tooltip("words:N", title=title if stacked else "Outcome"),
            ],
        )
        for kind, (_, _, size, inside) in KINDS.items()
        if kind in present
    ]
    return alt.layer(row_names(rows, y_scale), *layers).properties(
        height=AXIS_HEIGHT + LEGEND_ROW * -(-len(present) // columns) + ROW_HEIGHT * len(rows)
    )


def _scale(domain: tuple[float, float]) -> alt.Scale:
    return alt.Scale(domain=list(domain), nice=False, zero=False)


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
