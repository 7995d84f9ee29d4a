"""What a network wrote, symbol by symbol, and how it parts from the sequence it was told."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES, SHORT_NAME
from elman.charts.parts import INK, Picture, by_name, layered, span, tips

# Symbols in a row: letters, and words, which need wider cells.
LETTERS_A_ROW, WORDS_A_ROW = 30, 5
ROW_HEIGHT = 34

NETWORK, RULE = "Network", "True rule"
ALONE, TOLD = "reads its own answers", "is told what comes"
LOOKS = {ALONE: "output", TOLD: "target"}


def written_text(table: pd.DataFrame) -> alt.LayerChart:
    """The symbols in rows, the fuller their boxes the surer the network was of them.

    `table` has one row for each: step, symbol, chance (0 to 1), and possible (whether the rule
    allows it; True where no rule is known). What the rule does not allow is crossed out.
    """
    wide = table["symbol"].map(len).max() > SHORT_NAME
    columns = WORDS_A_ROW if wide else LETTERS_A_ROW
    steps = np.arange(len(table))
    rows, places = steps // columns, steps % columns
    ends = {"x": places, "x2": places + 0.94, "y": 0.06 - rows, "y2": 0.94 - rows}
    boxes = table.assign(**ends)
    middle = boxes.assign(x=places + 0.47, y=0.5 - rows)
    picture = Picture((0, columns), (-float(rows.max()), 1))
    tooltip = tips(("step:Q", "Step"), ("symbol:N", "Symbol"), ("chance:Q", "Likelihood", ".2f"))
    sure = alt.FillOpacity("chance:Q", scale=span(0, 1, range=[0.02, 0.4]), legend=None)
    picture.on_white(boxes, cornerRadius=3)
    picture.draw(
        "rect",
        boxes,
        tooltip,
        channels={"fillOpacity": sure},
        color=ROLES["output"],
        stroke=ROLES["output"],
        strokeOpacity=0.5,
        cornerRadius=3,
    )
    size = 12 if wide else 14
    picture.words(middle, "symbol", color=INK, fontSize=size, fontWeight="bold")
    wrong = boxes[~boxes["possible"].astype(bool)]
    if len(wrong):
        crossed = wrong.assign(y=0.5 - rows[wrong.index], y2=0.5 - rows[wrong.index])
        picture.draw("rule", crossed, tooltip, color=ROLES["error"], strokeWidth=3)
    return picture.chart(ROW_HEIGHT * (1 + int(rows.max())))


def next_symbols(table: pd.DataFrame) -> alt.LayerChart:
    """What the network, and where it is known the rule, expect next: a bar and a mark a symbol.

    `table` has the columns symbol, network and, where known, rule; rows keep their order.
    """
    heard = {"network": (NETWORK, "output"), "rule": (RULE, "floor")}
    rows = [
        table.assign(who=name, likelihood=table[column])
        for column, (name, _) in heard.items()
        if column in table
    ]
    looks = {name: role for column, (name, role) in heard.items() if column in table}
    tooltip = tips(
        ("symbol:N", "Next"),
        ("network:Q", NETWORK, ".3f"),
        *([("rule:Q", RULE, ".3f")] if "rule" in table else []),
    )
    legend = alt.Legend(orient="top", title=None)
    wide = table["symbol"].map(len).max() > SHORT_NAME
    axis = alt.Axis(labelAngle=-45 if wide else 0)
    across = alt.X("symbol:N", title="Next symbol", sort=list(table["symbol"]), axis=axis)
    layers = [
        alt.Chart(part).encode(
            x=across,
            y=alt.Y("likelihood:Q", title="Likelihood", scale=span(0, 1)),
            color=by_name(alt.Color, "who", looks, legend=legend),
            tooltip=tooltip,
        )
        for part in rows
    ]
    marks = [layers[0].mark_bar(opacity=0.85)]
    marks += [part.mark_tick(thickness=4, width={"band": 0.95}, opacity=1) for part in layers[1:]]
    return layered(*marks, height=230)


def states_apart(distances: np.ndarray) -> alt.LayerChart:
    """How far the hidden states of the two runs are from each other at each step."""
    table = pd.DataFrame({"step": np.arange(1, len(distances) + 1), "distance": distances})
    line = (
        alt.Chart(table)
        .mark_line(color=ROLES["hidden"], point=True)
        .encode(
            x=alt.X("step:Q", title="Step after the beginning", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("distance:Q", title="Distance of the states", scale=span(0, _top(distances))),
            tooltip=tips(("step:Q", "Step"), ("distance:Q", "Distance", ".3f")),
        )
    )
    return layered(line, height=220)


def _top(values: np.ndarray) -> float:
    return max(float(values.max()) * 1.1, 0.1)


def paths(table: pd.DataFrame) -> alt.LayerChart:
    """The hidden states of both runs in the plane of the first two components.

    `table` has the columns way (one of `LOOKS`), step, symbol, x and y.
    """
    legend = alt.Legend(orient="top", title=None, symbolType="stroke")
    base = alt.Chart(table).encode(
        x=alt.X("x:Q", title="Component 1", scale=alt.Scale(zero=False, padding=20)),
        y=alt.Y("y:Q", title="Component 2", scale=alt.Scale(zero=False, padding=20)),
        color=by_name(alt.Color, "way", LOOKS, legend=legend),
        tooltip=tips(("way:N", "The network"), ("step:Q", "Step"), ("symbol:N", "Next")),
    )
    lines = base.mark_line(strokeWidth=2, opacity=0.8).encode(order=alt.Order("step:Q"))
    points = base.mark_point(filled=True, size=40, opacity=1)
    return layered(lines, points, height=320)
