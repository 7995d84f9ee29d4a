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
# Pixels of a row of squares in the maps of the grid.
SQUARE_HEIGHT = 13
# Pixels left of the maps for the names of their rows.
GRID_NAMES = 62


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
    layers = [spread.encode(y=y("low"), y2=alt.Y2("high:Q")), line.encode(y=y("ours"))]
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
        .encode(x=x("low"), x2=alt.X2("high:Q"), y=y)
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


def grid_chart(squares: pd.DataFrame) -> alt.LayerChart:
    """A map for each check, one below the other: a square a setting, full where the check holds.

    Columns of `squares`: check, momentum, weights, rate (each square once, in the order of the
    axes), value, allowed, holds ("yes" or "no"), preset (marked by a dot).
    """
    checks, momenta, weights, rates = (
        list(dict.fromkeys(squares[name])) for name in ("check", "momentum", "weights", "rate")
    )
    # Columns in blocks by momentum, rows in blocks by check with a line for its words.
    left = {m: place * (len(rates) + 0.6) for place, m in enumerate(momenta)}
    top = {check: place * (len(weights) + 1.7) + 1.5 for place, check in enumerate(checks)}
    # The names of momenta stand above the first map.
    width, depth = left[momenta[-1]] + len(rates), top[checks[-1]] + len(weights) + 0.1
    frame = squares.assign(
        x=squares["momentum"].map(left) + squares["rate"].map(rates.index) + 0.5,
        y=squares["check"].map(top) + squares["weights"].map(weights.index) + 0.5,
    )
    for name in ("x", "y"):
        frame[f"{name}_low"], frame[f"{name}_high"] = frame[name] - 0.46, frame[name] + 0.46
    # On a phone a square is narrower than "0.03".
    columns = {
        left[m] + n + 0.5: f"{rate:g}".removeprefix("0")
        for m in momenta
        for n, rate in enumerate(rates)
    }
    rows = {top[check] + n + 0.5: name for check in checks for n, name in enumerate(weights)}
    small: dict[str, Any] = {"labelFontSize": 10, "ticks": False, "domain": False}
    across, down = span(0, width, zero=False), span(depth, -1, zero=False)
    x_axis = named_ticks(columns, labelAngle=0, labelOverlap=False, **small)
    # Its title in the corner and the words of the checks above its names leave a phone more room.
    corner = {"titleAngle": 0, "titleAlign": "left", "titleX": -GRID_NAMES, "titleY": 6}
    y_axis = named_ticks(rows, labelOverlap=False, titleFontSize=10, **corner, **small)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", title="Learning rate", scale=across, axis=x_axis)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", title="First weights", scale=down, axis=y_axis)

    def words(rows: dict[str, float], at: alt.X | alt.XValue, **look: Any) -> alt.Chart:
        texts = pd.DataFrame({"words": rows.keys(), "y": rows.values()})
        if "x" in look:
            texts["x"] = look.pop("x")
        look = {"color": ROLES["floor"], "baseline": "middle", **look}
        return alt.Chart(texts).mark_text(**look).encode(x=at, y=y("y"), text=alt.Text("words:N"))

    base = alt.Chart(frame).encode(
        x=x("x_low"),
        x2=alt.X2("x_high:Q"),
        y=y("y_low"),
        y2=alt.Y2("y_high:Q"),
        tooltip=tips(
            ("check:N", "Check"),
            ("rate:Q", "Learning rate"),
            ("momentum:Q", "Momentum"),
            ("weights:N", "First weights"),
            ("value:N", "Here"),
            ("allowed:N", "Allowed"),
            ("holds:N", "Holds"),
        ),
    )
    preset = alt.Chart(frame).transform_filter("datum.preset")
    return layered(
        base.transform_filter("datum.holds == 'no'").mark_rect(color=ROLES["floor"], opacity=0.22),
        base.transform_filter("datum.holds == 'yes'").mark_rect(color=ROLES[OURS]),
        preset.mark_point(
            fill="white", stroke=ROLES["floor"], strokeWidth=1.5, size=40, opacity=1, filled=True
        ).encode(x=x("x"), y=y("y")),
        words(
            {f"momentum {m:g}": -0.4 for m in momenta},
            x("x"),
            x=[left[m] + len(rates) / 2 for m in momenta],
            fontSize=10,
        ),
        words(
            {check: top[check] - 0.55 for check in checks},
            alt.XValue(-GRID_NAMES),
            align="left",
            fontSize=12,
        ),
        height=AXIS_HEIGHT + SQUARE_HEIGHT * (depth + 1),
    )


def _rows(names: list[str]) -> alt.Y:
    # The names stand above their rows, so that long ones fit on a phone.
    return alt.Y("row:N", sort=names, axis=None, scale=alt.Scale(paddingInner=0.3))


def _names(names: list[str], y: alt.Y) -> alt.Chart:
    return (
        alt.Chart(pd.DataFrame({"row": names}))
        .mark_text(align="left", baseline="bottom", dy=-3, fontSize=12, color=ROLES["floor"])
        .encode(x=alt.XValue(2), y=y, text=alt.Text("row:N"))
    )


def _diamonds(chart: alt.Chart, **settings: Any) -> alt.Chart:
    return chart.mark_point(
        shape="diamond", color=ROLES[ELMAN], size=80, filled=True, opacity=1, **settings
    )
