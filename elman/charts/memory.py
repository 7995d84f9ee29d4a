"""Charts of the Memory page: recall against lag."""

from __future__ import annotations

import altair as alt
import pandas as pd

from elman.charts import ROLES
from elman.studies.recall import LEARNERS

COLOURS = {
    "one-step": ROLES["context"],
    "full": ROLES["hidden"],
    "lstm": ROLES["output"],
    "gru": ROLES["input"],
}
SHAPES = ("diamond", "circle", "square", "triangle-up")
DASHES = ([2, 2], [1, 0], [8, 3], [5, 3])

# Learners stand side by side at each lag, so that their ranges do not hide each other.
APART = 0.11


def recall_by_lag(
    table: pd.DataFrame, results: pd.DataFrame, lags: tuple[int, ...], chance: float
) -> alt.LayerChart:
    """Mean accuracy at each lag as a line, every seed as a faint point, and the range of seeds.

    `table` from `analysis.memory.summary`, `results` its trainings as a frame; `lags` are all
    that will be tested, so that the axis stays while results come in; `chance` is drawn as a line.
    """
    place = {lag: index for index, lag in enumerate(lags)}
    aside = {learner: (k - 1.5) * APART for k, learner in enumerate(LEARNERS)}

    def placed(frame: pd.DataFrame) -> pd.DataFrame:
        x = frame["lag"].map(place) + frame["learner"].map(aside)
        return frame.assign(x=x, name=frame["learner"].map(LEARNERS))

    table, results = placed(table), placed(results)
    names = list(LEARNERS.values())
    shown = "[" + ", ".join(str(lag) for lag in lags) + "][datum.value]"
    x = alt.X(
        "x:Q",
        title="Lag, in steps",
        scale=alt.Scale(domain=[-0.5, len(lags) - 0.5], nice=False),
        axis=alt.Axis(values=list(place.values()), labelExpr=shown, grid=False),
    )
    y = alt.Y(
        "mean:Q",
        title="Right answers",
        scale=alt.Scale(domain=[0, 1.02], nice=False),
        axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    # In one row where there is room, one below the other on a phone.
    columns = alt.ExprRef("width > 560 ? 4 : 1")
    # Without an outline, which the dashes of the lines would tear apart.
    legend = alt.Legend(
        orient="top", columns=columns, symbolSize=110, symbolStrokeWidth=0, labelLimit=320
    )
    colour = alt.Color(
        "name:N",
        title=None,
        legend=legend,
        scale=alt.Scale(domain=names, range=[COLOURS[learner] for learner in LEARNERS]),
    )
    shape = alt.Shape(
        "name:N", title=None, legend=legend, scale=alt.Scale(domain=names, range=SHAPES)
    )
    dash = alt.StrokeDash("name:N", legend=None, scale=alt.Scale(domain=names, range=DASHES))
    tooltip = [
        alt.Tooltip("name:N", title="Learner"),
        alt.Tooltip("lag:Q", title="Lag"),
        alt.Tooltip("seeds:Q", title="Seeds"),
        alt.Tooltip("mean:Q", title="Mean", format=".1%"),
        alt.Tooltip("low:Q", title="Lowest", format=".1%"),
        alt.Tooltip("high:Q", title="Highest", format=".1%"),
    ]
    means = alt.Chart(table).encode(x=x, color=colour, tooltip=tooltip)
    guess = pd.DataFrame(
        {"y": [chance], "x": [len(lags) - 0.52], "label": [f"guessing: {chance:.0%}"]}
    )
    layers = [
        alt.Chart(guess)
        .mark_rule(color=ROLES["baseline"], strokeDash=[2, 3], strokeWidth=1.5)
        .encode(y=alt.Y("y:Q")),
        alt.Chart(guess)
        .mark_text(align="right", dy=10, color=ROLES["baseline"])
        .encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), text=alt.Text("label:N")),
        alt.Chart(results)
        .mark_point(filled=True, size=35, fillOpacity=0.35)
        .encode(
            x=x,
            y=alt.Y("accuracy:Q"),
            color=colour,
            shape=shape,
            tooltip=[
                alt.Tooltip("name:N", title="Learner"),
                alt.Tooltip("lag:Q", title="Lag"),
                alt.Tooltip("seed:Q", title="Seed"),
                alt.Tooltip("accuracy:Q", title="Right", format=".1%"),
            ],
        ),
        means.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        means.mark_line(strokeWidth=2).encode(y=y, strokeDash=dash),
        means.mark_point(filled=True, size=110, opacity=1).encode(y=y, shape=shape),
    ]
    return alt.layer(*layers).properties(height=320)
