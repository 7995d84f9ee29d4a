"""Charts of the reproduction: Elman's printed values against ours over the seeds.

Blue diamonds are his, orange is ours: seed 0 in full, all seeds pale or hollow. Grey is allowed.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from elman.charts import DASHES, ROLES
from elman.charts.parts import layered, named_ticks, rule, span, tips

ELMAN, OURS = "target", "output"
# Pixels of a row of dots with its name above it, and of the axis below all rows.
ROW_HEIGHT, AXIS_HEIGHT = 50, 50


def curve_chart(
    curve: pd.DataFrame,
    x_title: str,
    y_title: str,
    *,
    labels: str = "",
    printed_top: float | None = None,
    height: int = 260,
) -> alt.LayerChart:
    """The printed curve and ours, with bars from the lowest to the highest of all seeds.

    Columns of `curve`: step (from 1), paper (missing where it cannot be read), ours, low, high.
    `labels` gives one character a step, to stand in place of its number; `printed_top` draws the
    largest printed value as a line where the others cannot be read.
    """
    # A phone has no room for every letter of a long passage.
    overlap = "parity" if len(curve) > 30 else False
    settings: dict[str, Any] = {"labelAngle": 0, "labelOverlap": overlap, "ticks": False}
    names = dict(enumerate(labels, start=1))
    axis = named_ticks(names, **settings) if labels else alt.Axis(**settings)
    top = max(float(curve[["paper", "high"]].max().max()), printed_top or 0.0) * 1.1
    scale = span(0, max(top, 0.05))

    def y(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", title=y_title, scale=scale)

    base = alt.Chart().encode(
        x=alt.X("step:O", title=x_title, axis=axis),
        tooltip=tips(
            ("step:O", "Step"),
            ("paper:Q", "Elman (1990)", ".2f"),
            ("ours:Q", "Ours, seed 0", ".3f"),
            ("low:Q", "Lowest seed", ".3f"),
            ("high:Q", "Highest seed", ".3f"),
        ),
    )
    spread = base.mark_bar(color=ROLES[OURS], opacity=0.28, width=alt.RelativeBandSize(0.7))
    line = base.mark_line(
        color=ROLES[OURS], strokeWidth=2, point=alt.OverlayMarkDef(color=ROLES[OURS], size=28)
    )
    layers = [spread.encode(y=y("low"), y2="high:Q"), line.encode(y=y("ours"))]
    if printed_top is not None:
        label = f"Elman's largest: {printed_top:g}"
        layers += rule(printed_top, ELMAN, label, at=6, dy=-8, dash=DASHES["floor"])
    if curve["paper"].notna().any():
        his = base.transform_filter("isValid(datum.paper)")
        layers.append(_diamonds(his).encode(y=y("paper")))
    return layered(*layers, data=curve, height=height)


def dots_chart(
    values: pd.DataFrame,
    limits: pd.DataFrame,
    printed: pd.DataFrame,
    x_title: str,
    domain: tuple[float, float],
    *,
    format: str = ".2f",
) -> alt.LayerChart:
    """Rows of single numbers: ours over the seeds, the allowed range and what the paper prints.

    Columns: `values` row, value, seed ("all" for a share of seeds); `limits` row, low, high;
    `printed` row, value. `domain` gives the ends of the axis.
    """
    rows = list(dict.fromkeys(values["row"]))
    y = _rows(rows)
    scale = span(*domain, zero=False)

    def x(column: str) -> alt.X:
        return alt.X(f"{column}:Q", title=x_title, scale=scale, axis=alt.Axis(tickCount=5))

    row, seed = ("row:N", "Compared"), ("seed:N", "Seed")
    inside = limits.assign(low=limits["low"].clip(*domain), high=limits["high"].clip(*domain))
    allowed = (
        alt.Chart(inside)
        .mark_bar(color=ROLES["floor"], opacity=0.25, yOffset=8, height=16)
        .encode(x=x("low"), x2="high:Q", y=y)
    )
    ours = alt.Chart(values).encode(
        x=x("value"), y=y, tooltip=tips(row, ("value:Q", "Ours", format), seed)
    )
    look: dict[str, Any] = {"color": ROLES[OURS], "size": 50, "yOffset": 8}
    full = alt.FieldOneOfPredicate(field="seed", oneOf=["0", "all"])
    his = _diamonds(alt.Chart(printed), yOffset=8).encode(
        x=x("value"), y=y, tooltip=tips(row, ("value:Q", "Elman (1990)", format))
    )
    return layered(
        allowed,
        _names(rows, y),
        ours.mark_point(opacity=0.8, **look),
        ours.transform_filter(full).mark_point(filled=True, opacity=1, **look),
        his,
        height=AXIS_HEIGHT + ROW_HEIGHT * len(rows),
    )


def measures_chart(
    rows: pd.DataFrame, best: str, domain: tuple[float, float] = (0.02, 20.0)
) -> alt.LayerChart:
    """Sizes of several measures, a row each: the network's, the best answer's and the printed one.

    Columns of `rows`: row (name of the measure), network, best, paper (missing where the paper
    prints none). `best` names what the best answer is; `domain` gives the ends of the axis, on
    which equal distances are equal factors.
    """
    y = _rows(list(rows["row"]))
    scale = span(*domain, type="log", clamp=True)
    axis = alt.Axis(values=[0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20], format="~g")
    base = alt.Chart(rows).encode(
        tooltip=tips(
            ("row:N", "Measure"),
            ("network:Q", "Network", ".3f"),
            ("best:Q", best.capitalize(), ".3f"),
            ("paper:Q", "Elman (1990)", ".3f"),
        )
    )

    def x(column: str) -> alt.X:
        return alt.X(f"{column}:Q", title="Mean over all words", scale=scale, axis=axis)

    ideal = base.mark_tick(color=ROLES["floor"], thickness=3, size=20, yOffset=8)
    ours = base.mark_point(color=ROLES[OURS], size=90, filled=True, opacity=1, yOffset=8)
    his = _diamonds(base.transform_filter("isValid(datum.paper)"), yOffset=8)
    return layered(
        _names(list(rows["row"]), y),
        ideal.encode(x=x("best"), y=y),
        ours.encode(x=x("network"), y=y),
        his.encode(x=x("paper"), y=y),
        height=AXIS_HEIGHT + ROW_HEIGHT * len(rows),
    )


def _rows(names: list[str]) -> alt.Y:
    # The names stand above their rows, so that long ones fit on a phone.
    return alt.Y("row:N", sort=names, axis=None, scale=alt.Scale(paddingInner=0.3))


def _names(names: list[str], y: alt.Y) -> alt.Chart:
    return (
        alt.Chart(pd.DataFrame({"row": names}))
        .mark_text(align="left", baseline="bottom", dy=-3, fontSize=12, color=ROLES["floor"])
        .encode(x=alt.XValue(2), y=y, text="row:N")
    )


def _diamonds(chart: alt.Chart, **settings: Any) -> alt.Chart:
    return chart.mark_point(
        shape="diamond", color=ROLES[ELMAN], size=80, filled=True, opacity=1, **settings
    )
