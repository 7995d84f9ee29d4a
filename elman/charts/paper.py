"""Charts of the reproduction: Elman's printed values against ours over the seeds.

Blue diamonds are his, orange is ours: seed 0 in full, all seeds pale or hollow. Grey is allowed.
"""

from __future__ import annotations

import altair as alt
import pandas as pd

from elman.charts import ROLES

ELMAN, OURS = ROLES["target"], ROLES["output"]
# Of a row of dots with its name above it, and of the axis below all rows.
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
    names = {"labelExpr": f"'{labels}'[datum.value - 1]"} if labels else {}
    # A phone has no room for every letter of a long passage.
    overlap = "parity" if len(curve) > 30 else False
    axis = alt.Axis(labelAngle=0, labelOverlap=overlap, ticks=False, **names)
    top = max(float(curve[["paper", "high"]].max().max()), printed_top or 0.0) * 1.1
    scale = alt.Scale(domain=[0, max(top, 0.05)], nice=False)

    def y(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", title=y_title, scale=scale)

    base = alt.Chart().encode(
        x=alt.X("step:O", title=x_title, axis=axis),
        tooltip=[
            alt.Tooltip("step:O", title="Step"),
            alt.Tooltip("paper:Q", title="Elman (1990)", format=".2f"),
            alt.Tooltip("ours:Q", title="Ours, seed 0", format=".3f"),
            alt.Tooltip("low:Q", title="Lowest seed", format=".3f"),
            alt.Tooltip("high:Q", title="Highest seed", format=".3f"),
        ],
    )
    spread = base.mark_bar(color=OURS, opacity=0.28, width=alt.RelativeBandSize(0.7))
    line = base.mark_line(color=OURS, strokeWidth=2, point=alt.OverlayMarkDef(color=OURS, size=28))
    layers = [spread.encode(y=y("low"), y2=alt.Y2("high:Q")), line.encode(y=y("ours"))]
    if printed_top is not None:
        mark = pd.DataFrame(
            {"value": [printed_top], "label": [f"Elman's largest: {printed_top:g}"]}
        )
        rule = alt.Chart(mark).mark_rule(color=ELMAN, strokeDash=[6, 4], strokeWidth=1.5)
        text = alt.Chart(mark).mark_text(color=ELMAN, align="left", dy=-8)
        layers += [
            rule.encode(y=y("value")),
            text.encode(x=alt.XValue(6), y=y("value"), text=alt.Text("label:N")),
        ]
    if curve["paper"].notna().any():
        his = base.transform_filter("isValid(datum.paper)")
        layers.append(_diamonds(his).encode(y=y("paper")))
    return alt.layer(*layers, data=curve, height=height)


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
    scale = alt.Scale(domain=list(domain), nice=False, zero=False)

    def x(column: str) -> alt.X:
        return alt.X(f"{column}:Q", title=x_title, scale=scale, axis=alt.Axis(tickCount=5))

    def tooltip(whose: str, *more: alt.Tooltip) -> list[alt.Tooltip]:
        return [
            alt.Tooltip("row:N", title="Compared"),
            alt.Tooltip("value:Q", title=whose, format=format),
            *more,
        ]

    inside = limits.assign(low=limits["low"].clip(*domain), high=limits["high"].clip(*domain))
    allowed = (
        alt.Chart(inside)
        .mark_bar(color=ROLES["floor"], opacity=0.25, yOffset=8, height=16)
        .encode(x=x("low"), x2=alt.X2("high:Q"), y=y)
    )
    ours = alt.Chart(values)
    seeds = ours.mark_point(color=OURS, size=50, opacity=0.8, yOffset=8).encode(
        x=x("value"), y=y, tooltip=tooltip("Ours", alt.Tooltip("seed:N", title="Seed"))
    )
    full = alt.FieldOneOfPredicate(field="seed", oneOf=["0", "all"])
    first = (
        ours.transform_filter(full)
        .mark_point(color=OURS, size=50, filled=True, opacity=1, yOffset=8)
        .encode(x=x("value"), y=y, tooltip=tooltip("Ours", alt.Tooltip("seed:N", title="Seed")))
    )
    his = _diamonds(alt.Chart(printed), yOffset=8).encode(
        x=x("value"), y=y, tooltip=tooltip("Elman (1990)")
    )
    return alt.layer(allowed, _names(rows, y), seeds, first, his).properties(
        height=AXIS_HEIGHT + ROW_HEIGHT * len(rows)
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
    scale = alt.Scale(type="log", domain=list(domain), nice=False, clamp=True)
    axis = alt.Axis(values=[0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20], format="~g")
    base = alt.Chart(rows).encode(
        tooltip=[
            alt.Tooltip("row:N", title="Measure"),
            alt.Tooltip("network:Q", title="Network", format=".3f"),
            alt.Tooltip("best:Q", title=best.capitalize(), format=".3f"),
            alt.Tooltip("paper:Q", title="Elman (1990)", format=".3f"),
        ]
    )

    def x(column: str) -> alt.X:
        return alt.X(f"{column}:Q", title="Mean over all words", scale=scale, axis=axis)

    ideal = base.mark_tick(color=ROLES["floor"], thickness=3, size=20, yOffset=8)
    ours = base.mark_point(color=OURS, size=90, filled=True, opacity=1, yOffset=8)
    his = _diamonds(base.transform_filter("isValid(datum.paper)"), yOffset=8)
    return alt.layer(
        _names(list(rows["row"]), y),
        ideal.encode(x=x("best"), y=y),
        ours.encode(x=x("network"), y=y),
        his.encode(x=x("paper"), y=y),
    ).properties(height=AXIS_HEIGHT + ROW_HEIGHT * len(rows))


def _rows(names: list[str]) -> alt.Y:
    # The names stand above their rows, so that long ones fit on a phone.
    return alt.Y("row:N", sort=names, axis=None, scale=alt.Scale(paddingInner=0.3))


def _names(names: list[str], y: alt.Y) -> alt.Chart:
    return (
        alt.Chart(pd.DataFrame({"row": names}))
        .mark_text(align="left", baseline="bottom", dy=-3, fontSize=12, color=ROLES["floor"])
        .encode(x=alt.XValue(2), y=y, text=alt.Text("row:N"))
    )


def _diamonds(chart: alt.Chart, **settings: float) -> alt.Chart:
    return chart.mark_point(
        shape="diamond", color=ELMAN, size=80, filled=True, opacity=1, **settings
    )
