"""Chart of the accepted strings: how surely a network foresaw the weakest letter of each."""

from __future__ import annotations

import altair as alt
import pandas as pd

from elman.charts import ROLES, row_names

ROW_HEIGHT, AXIS_HEIGHT = 95, 95
# Of a row: what its tallest bar may fill, below the name of the row.
ROOM = 0.7
VERDICTS = {"judged rightly": ROLES["target"], "judged wrongly": ROLES["error"]}


def weakest_outputs(histogram: pd.DataFrame, threshold: float) -> alt.LayerChart:
    """A row of bars for each kind of strings, and the line above which a string is accepted.

    `histogram` from `analysis.acceptance.histogram`. Bars of a row are drawn to its tallest.
    """
    rows = list(dict.fromkeys(histogram["strings"]))
    base = -histogram["strings"].map(rows.index).astype(float)
    tallest = (
        (histogram["below"] + histogram["share"]).groupby(histogram["strings"]).transform("max")
    )
    scale = ROOM / tallest
    frame = histogram.assign(
        bottom=base + histogram["below"] * scale,
        top=base + (histogram["below"] + histogram["share"]) * scale,
        verdict=histogram["right"].map({True: "judged rightly", False: "judged wrongly"}),
    )
    x = alt.X(
        "low:Q",
        title="Smallest output that a letter of the string had before it came",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(tickCount=6),
    )
    y_scale = alt.Scale(domain=[-len(rows) + 1, 1], nice=False)

    def y(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", axis=None, scale=y_scale)

    bars = (
        alt.Chart(frame)
        .mark_rect()
        .encode(
            x=x,
            x2="high:Q",
            y=y("bottom"),
            y2="top:Q",
            color=alt.Color(
                "verdict:N",
                title=None,
                scale=alt.Scale(domain=list(VERDICTS), range=list(VERDICTS.values())),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("strings:N", title="Strings"),
                alt.Tooltip("verdict:N", title="They are"),
                alt.Tooltip("number:Q", title="Number", format=","),
                alt.Tooltip("share:Q", title="Share of their kind", format=".1%"),
            ],
        )
    )
    line = pd.DataFrame({"x": [threshold], "y": [0.86], "label": ["accepted from here on"]})
    rule = alt.Chart(line).mark_rule(color=ROLES["floor"], strokeDash=[6, 4], strokeWidth=1.5)
    words = alt.Chart(line).mark_text(align="left", dx=6, fontSize=12.5, color=ROLES["floor"])
    return alt.layer(
        bars,
        rule.encode(x="x:Q"),
        row_names(rows, y_scale),
        words.encode(x="x:Q", y=y("y"), text="label:N"),
    ).properties(height=AXIS_HEIGHT + ROW_HEIGHT * len(rows))
