"""Charts of the Gradients page: gradients against lag, the gradient check, clipping."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from elman.analysis.gradient_check import TOLERANCE
from elman.analysis.gradients import VANISHED
from elman.charts import ROLES
from elman.charts.parts import by_name, layered, rule, span, tips
from elman.studies.clipping import ALWAYS_ZERO, WAYS

WAYS_BACK = {"one-step": "context", "truncated": "target", "full": "error"}

SMALLEST_SHOWN = 1e-12
LARGEST_SHOWN = 1e12


def _powers_of_ten(smallest: float, largest: float) -> tuple[float, float]:
    """The whole powers of ten around two values, inside what a reader can tell apart."""
    ends = np.log10(np.clip([smallest, largest], SMALLEST_SHOWN, LARGEST_SHOWN))
    low, high = np.floor(ends[0]), np.ceil(ends[1])
    return float(10.0**low), float(10.0 ** max(high, low + 1.0))


def _log_axis(field: str, title: str, domain: tuple[float, float]) -> alt.Y:
    low, high = np.log10(domain).round().astype(int)
    # Without values of its own a short logarithmic axis fills with lines.
    powers = range(low, high + 1, 1 + (high - low) // 7)
    return alt.Y(
        f"{field}:Q",
        title=title,
        scale=span(*domain, type="log", clamp=True),
        axis=alt.Axis(format="~g", values=[float(10.0**k) for k in powers]),
    )


def _kinds(field: str, roles: dict[str, str], **settings: Any) -> alt.Color:
    """The colours of a few kinds, with their legend on top."""
    return by_name(alt.Color, field, roles, legend=_legend(), **settings)


def _legend() -> alt.Legend:
    return alt.Legend(orient="top", symbolOpacity=1, symbolSize=110)


def _positive(table: pd.DataFrame, *columns: str) -> np.ndarray:
    """All finite values above zero: those that a logarithmic axis can show."""
    values = table[list(columns)].to_numpy(dtype=float).ravel()
    return values[np.isfinite(values) & (values > 0.0)]


def _whole_numbers(field: str, title: str, low: float, high: float) -> alt.X:
    axis = alt.Axis(tickMinStep=1, grid=False)
    return alt.X(f"{field}:Q", title=title, scale=span(low, high), axis=axis)


def _lag_axis(table: pd.DataFrame) -> alt.X:
    lags = int(table["lag"].max())
    return _whole_numbers("lag", "Lag: steps back in time", -0.5, lags + 0.5)


def _band(table: pd.DataFrame, x: alt.X, role: str) -> alt.Chart:
    """The range from column low to high, where a logarithmic axis can show it."""
    shown = alt.Chart(table[table["low"] > 0.0])
    return shown.mark_area(fillOpacity=0.18, color=ROLES[role]).encode(
        x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q")
    )


def _region(
    low: float, high: float, edge: float, dy: int, role: str, label: str
) -> list[alt.Chart]:
    """A shaded part of the vertical axis, with its name at the right below or above its edge."""
    region = alt.Chart(pd.DataFrame({"low": [low], "high": [high], "edge": [edge]}))
    return [
        region.mark_rect(fillOpacity=0.1, color=ROLES[role]).encode(
            y=alt.Y("low:Q"), y2=alt.Y2("high:Q")
        ),
        region.mark_text(align="right", dx=-4, dy=dy, color=ROLES[role]).encode(
            x=alt.XValue("width"), y=alt.Y("edge:Q"), text=alt.TextValue(label)
        ),
    ]


def gradient_by_lag(table: pd.DataFrame, depth: int) -> alt.LayerChart:
    """Share of the gradient left at each lag, for the three ways of computing it.

    `table` from `analysis.gradients.by_lag`, `depth` the one it was made with.
    """
    values = _positive(table, "relative", "low", "high")
    bottom, top = domain = _powers_of_ten(min([0.001, *values]), max([100.0, *values]))
    x, y = _lag_axis(table), _log_axis("relative", "Gradient, relative to lag 0", domain)
    names = {
        # Short enough for one row on a phone.
        "one-step": "one-step",
        "truncated": f"truncated to {depth}",
        "full": "full",
    }
    reach = {"one-step": 1, "truncated": depth, "full": int(table["lag"].max()) + 1}
    parts = pd.concat(
        [
            table[(table["lag"] < count) & (table["relative"] >= bottom)].assign(way=names[way])
            for way, count in reach.items()
        ]
    )
    base = alt.Chart(parts).encode(
        x=x,
        y=y,
        color=_kinds("way", {names[way]: role for way, role in WAYS_BACK.items()}, sort=None),
        tooltip=tips(
            ("way:N", "Gradient"),
            ("lag:Q", "Lag"),
            ("relative:Q", "Relative to lag 0, median", ".3g"),
            ("full:Q", "Norm, median", ".3g"),
        ),
    )
    full, truncated, one_step = (
        base.transform_filter(alt.datum.way == names[way])
        for way in ("full", "truncated", "one-step")
    )
    vanished = f"below {VANISHED:.0%}: vanished"
    return layered(
        *_region(1.0, top, top, 12, "error", "growing: explodes"),
        *_region(bottom, VANISHED, bottom, -10, "floor", vanished),
        *rule(1.0, "floor", width=1),
        _band(table, x, "error"),
        full.mark_line(strokeWidth=2, point=True),
        truncated.mark_line(strokeWidth=5, strokeOpacity=0.7, point={"size": 90}),
        one_step.mark_point(size=170, filled=True, shape="diamond", opacity=1),
        height=300,
    )


def jacobian_by_lag(table: pd.DataFrame) -> alt.LayerChart:
    """Norm of the product of Jacobians against lag, with the limit that it cannot exceed.

    `table` from `analysis.gradients.jacobian_products`.
    """
    values = _positive(table, "norm", "low", "high")
    low, high = domain = _powers_of_ten(min(values), max([10.0, *values]))
    x, y = _lag_axis(table), _log_axis("norm", "Largest stretch of a vector", domain)
    shown = table[table["norm"] >= low].assign(what="measured")
    limit = table.assign(norm=table["limit"], what="limit")
    limit = limit[(limit["norm"] >= low) & (limit["norm"] <= high)]
    colour = _kinds("what", {"measured": "hidden", "limit": "baseline"})
    tooltip = tips(
        ("what:N", "Product of Jacobians"), ("lag:Q", "Lag"), ("norm:Q", "Stretch", ".3g")
    )
    lines = [
        alt.Chart(part)
        .mark_line(strokeWidth=2.5, strokeDash=dash, point=not dash[1])
        .encode(x=x, y=y, color=colour, tooltip=tooltip)
        for part, dash in ((limit, [6, 4]), (shown, [1, 0]))
    ]
    return layered(_band(shown, x, "hidden"), *lines, height=320)


def angle_by_depth(table: pd.DataFrame, depth: int) -> alt.LayerChart:
    """Angle between a gradient of each depth and the deepest; a mark at `depth`."""
    deepest = float(table["depth"].max())
    top = max(10.0, float(np.nanmax([*table["angle"], 0.0])) * 1.1)
    base = alt.Chart(table.dropna()).encode(
        x=_whole_numbers("depth", "Depth: steps that the gradient uses", 0.5, deepest + 0.5),
        y=alt.Y("angle:Q", title="Angle to the full gradient, degrees", scale=span(0, top)),
        tooltip=tips(
            ("depth:Q", "Depth"),
            ("angle:Q", "Angle, degrees", ".2f"),
            ("share:Q", "Length, relative to full", ".3f"),
        ),
    )
    line = base.mark_line(color=ROLES["error"], strokeWidth=2, point={"color": ROLES["error"]})
    marks = [
        base.transform_filter(alt.datum.depth == place).mark_point(
            color=ROLES[role], filled=True, size=170, shape=shape, opacity=1
        )
        for place, role, shape in ((depth, "target", "circle"), (1, "context", "diamond"))
    ]
    return layered(line, *marks, height=320)


def gradient_check(table: pd.DataFrame) -> alt.LayerChart:
    """Every checked weight's difference, by its array, over the line that it must stay under.

    `table` from `analysis.gradient_check.gradient_check`.
    """
    table = table.assign(
        shown=table["difference"].clip(lower=SMALLEST_SHOWN),
        verdict=np.where(table["right"], "right", "wrong"),
    )
    shapes = {"right": "circle", "wrong": "triangle-up"}
    points = (
        alt.Chart(table)
        .mark_point(filled=True, size=90, opacity=0.8)
        .encode(
            x=alt.X("array:N", sort=None, title="Weights", axis=alt.Axis(labelAngle=0)),
            y=_log_axis("shown", "Relative difference", (SMALLEST_SHOWN, 10.0)),
            color=_kinds("verdict", {"right": "hidden", "wrong": "error"}),
            shape=by_name(alt.Shape, "verdict", shapes, legend=_legend()),
            tooltip=tips(
                ("weight:N", "Weight"),
                ("analytic:Q", "Analytic", ".6g"),
                ("numeric:Q", "Numeric", ".6g"),
                ("difference:Q", "Relative difference", ".2g"),
            ),
        )
    )
    limit = rule(TOLERANCE, "floor", f"{TOLERANCE:g}: must stay below", at=4, dy=-8, width=1)
    return layered(*limit, points, height=280)


def clipping_losses(frame: pd.DataFrame, updates: int) -> alt.LayerChart:
    """Loss of every training, clipped or not; a cross where a loss became infinite.

    `frame` from `studies.clipping.compare`.
    """
    finite = frame[np.isfinite(frame["loss"])]
    finite = finite.assign(shown=finite["loss"].clip(0.01, LARGEST_SHOWN))
    domain = _powers_of_ten(min([0.02, *finite["shown"]]), 1e6)
    tooltip = tips(
        ("way:N", "Training"), ("seed:Q", "Seed"), ("update:Q", "Update"), ("loss:Q", "Loss", ".3g")
    )
    infinite = ~np.isfinite(frame["before"]) | ~np.isfinite(frame["loss"])
    ended = frame[infinite].assign(shown=domain[1], label="infinite")
    x = alt.X("update:Q", title="Update", scale=span(0, updates))
    y = _log_axis("shown", "Mean squared error", domain)
    colour = _kinds("way", dict(zip(WAYS.values(), ("error", "target"), strict=True)))
    lines = (
        alt.Chart(finite)
        .mark_line(strokeWidth=1.5, strokeOpacity=0.8, clip=True)
        .encode(x=x, y=y, color=colour, detail=alt.Detail("seed:N"), tooltip=tooltip)
    )
    crosses = (
        alt.Chart(ended)
        .mark_point(shape="cross", filled=True, size=110, angle=45, opacity=1)
        .encode(x=x, y=y, color=colour, tooltip=tooltip[:3])
    )
    guess = rule(ALWAYS_ZERO, "baseline", "always answering 0", at="width", dy=26, width=1)
    return layered(*guess, lines, crosses, height=320)


def clipping_norms(frame: pd.DataFrame, limit: float) -> alt.LayerChart:
    """Norm of the gradient before and after clipping, in one clipped training.

    `frame` holds one seed's rows with clipping, from `studies.clipping.compare`.
    """
    names = {"before": "before clipping", "after": "after clipping"}
    tidy = frame.melt(["update"], list(names), "way", "norm")
    tidy["way"] = tidy["way"].map(names)
    tidy = tidy[(tidy["norm"] > 0.0) & np.isfinite(tidy["norm"])]
    domain = _powers_of_ten(min([0.1, *tidy["norm"]]), max([10.0, *tidy["norm"]]))
    lines = (
        alt.Chart(tidy)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("update:Q", title="Update", scale=alt.Scale(nice=False)),
            y=_log_axis("norm", "Norm of the gradient", domain),
            color=_kinds("way", dict(zip(names.values(), ("error", "target"), strict=True))),
            tooltip=tips(("way:N", "Gradient"), ("update:Q", "Update"), ("norm:Q", "Norm", ".3g")),
        )
    )
    return layered(*rule(limit, "floor", width=1), lines, height=320)
