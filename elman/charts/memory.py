"""Charts of the Memory page: recall against lag."""

from __future__ import annotations

from typing import NamedTuple

import altair as alt
import pandas as pd

from elman.charts.parts import by_name, layered, named_ticks, rule, span, tips
from elman.studies.recall import LEARNERS


class LearnerStyle(NamedTuple):
    """How a learner's points and line are drawn; `size` is the area of its marks.

    Learners that do equally well stand at one place, so the marks of each fit into the last one's.
    """

    role: str
    shape: str
    dash: list[int]
    size: int


STYLES = {
    "one-step": LearnerStyle("context", "diamond", [2, 2], 420),
    "full": LearnerStyle("hidden", "circle", [1, 0], 230),
    "lstm": LearnerStyle("output", "square", [8, 3], 110),
    "gru": LearnerStyle("input", "triangle-up", [5, 3], 40),
}


def recall_by_lag(
    table: pd.DataFrame, results: pd.DataFrame, lags: tuple[int, ...], chance: float
) -> alt.LayerChart:
    """Mean accuracy at each lag as a line, every seed as a faint point, and the range of seeds.

    `table` from `studies.recall.summary`, `results` its trainings as a frame; `lags` are all
    that will be tested, so that the axis stays while results come in; `chance` is drawn as a line.
    """
    place = {lag: index for index, lag in enumerate(lags)}

    def placed(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(x=frame["lag"].map(place), name=frame["learner"].map(LEARNERS))

    # In one row where there is room, one below the other on a phone; without an outline, which
    # the dashes of the lines would tear apart.
    legend = alt.Legend(
        orient="top",
        columns=alt.ExprRef("width > 560 ? 4 : 1"),
        symbolSize=110,
        symbolStrokeWidth=0,
        labelLimit=320,
    )
    colours, shapes, dashes, sizes = (
        {name: getattr(STYLES[learner], look) for learner, name in LEARNERS.items()}
        for look in LearnerStyle._fields
    )
    colour = by_name(alt.Color, "name", colours, legend=legend)
    shape = by_name(alt.Shape, "name", shapes, legend=legend)
    learner_and_lag = (("name:N", "Learner"), ("lag:Q", "Lag"))
    x = alt.X(
        "x:Q",
        title="Lag, in steps",
        scale=span(-0.5, len(lags) - 0.5),
        axis=named_ticks({at: str(lag) for lag, at in place.items()}),
    )
    y = alt.Y(
        "mean:Q",
        title="Right answers",
        scale=span(0, 1.02),
        axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    seeds = alt.Chart(placed(results)).encode(
        x=x,
        y=alt.Y("accuracy:Q"),
        color=colour,
        shape=shape,
        tooltip=tips(*learner_and_lag, ("seed:Q", "Seed"), ("accuracy:Q", "Right", ".1%")),
    )
    means = alt.Chart(placed(table)).encode(
        x=x,
        color=colour,
        tooltip=tips(
            *learner_and_lag,
            ("seeds:Q", "Seeds"),
            ("mean:Q", "Mean", ".1%"),
            ("low:Q", "Lowest", ".1%"),
            ("high:Q", "Highest", ".1%"),
        ),
    )
    return layered(
        *rule(chance, "baseline", f"guessing: {chance:.0%}", at="width", dx=-2, dy=10),
        seeds.mark_point(filled=True, size=30, fillOpacity=0.35),
        *(
            means.transform_filter(alt.datum.learner == learner)
            .mark_rule(strokeWidth=look.size**0.5 / 3, opacity=0.5)
            .encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
            for learner, look in STYLES.items()
        ),
        means.mark_line(strokeWidth=2).encode(
            y=y, strokeDash=by_name(alt.StrokeDash, "name", dashes)
        ),
        means.mark_point(filled=False, strokeWidth=2.5, opacity=1).encode(
            y=y, shape=shape, size=by_name(alt.Size, "name", sizes)
        ),
        height=320,
    )
