"""Charts of the Gradients page: gradients against lag, the gradient check, clipping."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from elman.analysis.gradient_check import TOLERANCE
from elman.analysis.gradients import VANISHED
from elman.charts import ROLES
from elman.studies.clipping import ALWAYS_ZERO, WAYS

WAYS_BACK = {"one-step": "context", "truncated": "target", "full": "error"}

SMALLEST_SHOWN = 1e-12
LARGEST_SHOWN = 1e12


def _powers_of_ten(smallest: float, largest: float) -> list[float]:
    """The whole powers of ten around two values, inside what a reader can tell apart."""
    ends = np.log10(np.clip([smallest, largest], SMALLEST_SHOWN, LARGEST_SHOWN))
    low, high = np.floor(ends[0]), np.ceil(ends[1])
    return [float(10.0**low), float(10.0 ** max(high, low + 1.0))]


def _log_axis(field: str, title: str, domain: list[float]) -> alt.Y:
    low, high = np.log10(domain).round().astype(int)
    # Without values of its own a short logarithmic axis fills with lines.
    powers = range(low, high + 1, 1 + (high - low) // 7)
    return alt.Y(
        f"{field}:Q",
        title=title,
        scale=alt.Scale(type="log", domain=domain, nice=False, clamp=True),
        axis=alt.Axis(format="~g", values=[float(10.0**k) for k in powers]),
    )


def _legend() -> alt.Legend:
    return alt.Legend(orient="top", symbolOpacity=1, symbolSize=110)


def _positive(table: pd.DataFrame, *columns: str) -> np.ndarray:
    """All finite values above zero: those that a logarithmic axis can show."""
    values = table[list(columns)].to_numpy(dtype=float).ravel()
    return values[np.isfinite(values) & (values > 0.0)]


def _lag_axis(lags: int) -> alt.X:
    return alt.X(
        "lag:Q",
        title="Lag: steps back in time",
        scale=alt.Scale(domain=[-0.5, lags + 0.5], nice=False),
        axis=alt.Axis(tickMinStep=1, grid=False),
    )


def gradient_by_lag(table: pd.DataFrame, depth: int) -> alt.LayerChart:
    """Share of the gradient left at each lag, for the three ways of computing it.

    `table` from `analysis.gradients.by_lag`, `depth` the one it was made with.
    """
    lags = int(table["lag"].max())
    values = _positive(table, "relative", "low", "high")
    low, high = min([0.001, *values]), max([100.0, *values])
    bottom, top = domain = _powers_of_ten(low, high)
    y = _log_axis("relative", "Gradient, relative to lag 0", domain)
    x = _lag_axis(lags)
    names = {
        # Short enough for one row on a phone.
        "one-step": "one-step",
        "truncated": f"truncated to {depth}",
        "full": "full",
    }
    colour = alt.Color(
        "way:N",
        title=None,
        sort=None,
        legend=_legend(),
        scale=alt.Scale(
            domain=list(names.values()), range=[ROLES[role] for role in WAYS_BACK.values()]
        ),
    )
    seen = {"one-step": 1, "truncated": depth, "full": lags + 1}
    parts = pd.concat(
        [
            table[(table["lag"] < count) & (table["relative"] >= bottom)].assign(way=names[way])
            for way, count in seen.items()
        ]
    )
    regions = []
    for ends, edge, dy, role, words in (
        ((1.0, top), top, 12, "error", "growing: explodes"),
        ((bottom, VANISHED), bottom, -10, "floor", f"below {VANISHED:.0%}: vanished"),
    ):
        region = pd.DataFrame(
            {"low": [ends[0]], "high": [ends[1]], "edge": [edge], "x": [lags + 0.4], "label": words}
        )
        regions += [
            alt.Chart(region)
            .mark_rect(fillOpacity=0.1, color=ROLES[role])
            .encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
            alt.Chart(region)
            .mark_text(align="right", dy=dy, color=ROLES[role])
            .encode(x=alt.X("x:Q"), y=alt.Y("edge:Q"), text=alt.Text("label:N")),
        ]
    same = alt.Chart(pd.DataFrame({"y": [1.0]})).mark_rule(color=ROLES["floor"], strokeDash=[6, 4])
    tooltip = [
        alt.Tooltip("way:N", title="Gradient"),
        alt.Tooltip("lag:Q", title="Lag"),
        alt.Tooltip("relative:Q", title="Relative to lag 0, median", format=".3g"),
        alt.Tooltip("full:Q", title="Norm, median", format=".3g"),
    ]
    base = alt.Chart(parts).encode(x=x, y=y, color=colour, tooltip=tooltip)
    band = (
        alt.Chart(table[table["low"] > 0.0])
        .mark_area(fillOpacity=0.18, color=ROLES["error"])
        .encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    )
    layers = [
        *regions,
        same.encode(y=alt.Y("y:Q")),
        band,
        base.transform_filter(alt.datum.way == names["full"]).mark_line(strokeWidth=2, point=True),
        base.transform_filter(alt.datum.way == names["truncated"]).mark_line(
            strokeWidth=5, strokeOpacity=0.7, point={"size": 90}
        ),
        base.transform_filter(alt.datum.way == names["one-step"]).mark_point(
            size=170, filled=True, shape="diamond", opacity=1
        ),
    ]
    return alt.layer(*layers).properties(height=300)


def jacobian_by_lag(table: pd.DataFrame) -> alt.LayerChart:
    """Norm of the product of Jacobians against lag, with the limit that it cannot exceed.

    `table` from `analysis.gradients.jacobian_products`.
    """
    lags = int(table["lag"].max())
    values = _positive(table, "norm", "low", "high")
    low, high = domain = _powers_of_ten(min(values), max([10.0, *values]))
    y = _log_axis("norm", "Largest stretch of a vector", domain)
    x = _lag_axis(lags)
    names = ("measured", "limit")
    shown = table[table["norm"] >= low].assign(what=names[0])
    limit = table.assign(norm=table["limit"], what=names[1])
    limit = limit[(limit["norm"] >= low) & (limit["norm"] <= high)]
    colour = alt.Color(
        "what:N",
        title=None,
        legend=_legend(),
        scale=alt.Scale(domain=names, range=[ROLES["hidden"], ROLES["baseline"]]),
    )
    tooltip = [
        alt.Tooltip("what:N", title="Product of Jacobians"),
        alt.Tooltip("lag:Q", title="Lag"),
        alt.Tooltip("norm:Q", title="Stretch", format=".3g"),
    ]
    band = (
        alt.Chart(shown[shown["low"] > 0.0])
        .mark_area(fillOpacity=0.18, color=ROLES["hidden"])
        .encode(x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    )
    lines = [
        alt.Chart(part)
        .mark_line(strokeWidth=2.5, strokeDash=dash, point=not dash[1])
        .encode(x=x, y=y, color=colour, tooltip=tooltip)
        for part, dash in ((limit, [6, 4]), (shown, [1, 0]))
    ]
    return alt.layer(band, *lines).properties(height=320)


def angle_by_depth(table: pd.DataFrame, depth: int) -> alt.LayerChart:
    """Angle between a gradient of each depth and the deepest; a mark at `depth`."""
    x = alt.X(
        "depth:Q",
        title="Depth: steps that the gradient uses",
        scale=alt.Scale(domain=[0.5, float(table["depth"].max()) + 0.5], nice=False),
        axis=alt.Axis(tickMinStep=1, grid=False),
    )
    top = max(10.0, float(np.nanmax([*table["angle"], 0.0])) * 1.1)
    y = alt.Y(
        "angle:Q",
        title="Angle to the full gradient, degrees",
        scale=alt.Scale(domain=[0, top], nice=False),
    )
    tooltip = [
        alt.Tooltip("depth:Q", title="Depth"),
        alt.Tooltip("angle:Q", title="Angle, degrees", format=".2f"),
        alt.Tooltip("share:Q", title="Length, relative to full", format=".3f"),
    ]
    base = alt.Chart(table.dropna()).encode(x=x, y=y, tooltip=tooltip)
    line = base.mark_line(color=ROLES["error"], strokeWidth=2, point={"color": ROLES["error"]})
    marks = [
        base.transform_filter(alt.datum.depth == place).mark_point(
            color=ROLES[role], filled=True, size=170, shape=shape, opacity=1
        )
        for place, role, shape in ((depth, "target", "circle"), (1, "context", "diamond"))
    ]
    return alt.layer(line, *marks).properties(height=320)


def gradient_check(table: pd.DataFrame) -> alt.LayerChart:
    """Every checked weight's difference, by its array, over the line that it must stay under.

    `table` from `analysis.gradient_check.gradient_check`.
    """
    table = table.assign(
        shown=table["difference"].clip(lower=SMALLEST_SHOWN),
        verdict=np.where(table["right"], "right", "wrong"),
    )
    y = _log_axis("shown", "Relative difference", [SMALLEST_SHOWN, 10.0])
    colour = alt.Color(
        "verdict:N",
        title=None,
        legend=_legend(),
        scale=alt.Scale(domain=["right", "wrong"], range=[ROLES["hidden"], ROLES["error"]]),
    )
    points = (
        alt.Chart(table)
        .mark_point(filled=True, size=90, opacity=0.8)
        .encode(
            x=alt.X("array:N", sort=None, title="Weights", axis=alt.Axis(labelAngle=0)),
            y=y,
            color=colour,
            shape=alt.Shape(
                "verdict:N",
                title=None,
                legend=_legend(),
                scale=alt.Scale(domain=["right", "wrong"], range=["circle", "triangle-up"]),
            ),
            tooltip=[
                alt.Tooltip("weight:N", title="Weight"),
                alt.Tooltip("analytic:Q", title="Analytic", format=".6g"),
                alt.Tooltip("numeric:Q", title="Numeric", format=".6g"),
                alt.Tooltip("difference:Q", title="Relative difference", format=".2g"),
            ],
        )
    )
    line = pd.DataFrame({"y": [TOLERANCE], "label": [f"{TOLERANCE:g}: must stay below"]})
    rule = alt.Chart(line).mark_rule(color=ROLES["floor"], strokeDash=[6, 4]).encode(y=alt.Y("y:Q"))
    text = (
        alt.Chart(line)
        .mark_text(align="left", dy=-8, color=ROLES["floor"])
        .encode(x=alt.XValue(4), y=alt.Y("y:Q"), text=alt.Text("label:N"))
    )
    return alt.layer(rule, text, points).properties(height=280)


def _way_colour(names: tuple[str, str]) -> alt.Color:
    return alt.Color(
        "way:N",
        title=None,
        legend=_legend(),
        scale=alt.Scale(domain=names, range=[ROLES["error"], ROLES["target"]]),
    )


def clipping_losses(frame: pd.DataFrame, updates: int) -> alt.LayerChart:
    """Loss of every training, clipped or not; a cross where a loss became infinite.

    `frame` from `analysis.clipping.compare`.
    """
    finite = frame[np.isfinite(frame["loss"])]
    finite = finite.assign(shown=finite["loss"].clip(0.01, LARGEST_SHOWN))
    domain = _powers_of_ten(min([0.02, *finite["shown"]]), 1e6)
    y = _log_axis("shown", "Mean squared error", domain)
    x = alt.X("update:Q", title="Update", scale=alt.Scale(domain=[0, updates], nice=False))
    colour = _way_colour(tuple(WAYS.values()))
    tooltip = [
        alt.Tooltip("way:N", title="Training"),
        alt.Tooltip("seed:Q", title="Seed"),
        alt.Tooltip("update:Q", title="Update"),
        alt.Tooltip("loss:Q", title="Loss", format=".3g"),
    ]
    lines = (
        alt.Chart(finite)
        .mark_line(strokeWidth=1.5, strokeOpacity=0.8, clip=True)
        .encode(x=x, y=y, color=colour, detail=alt.Detail("seed:N"), tooltip=tooltip)
    )
    ended = frame[~np.isfinite(frame["before"]) | ~np.isfinite(frame["loss"])]
    ended = ended.assign(shown=domain[1], label="infinite")
    crosses = (
        alt.Chart(ended)
        .mark_point(shape="cross", filled=True, size=110, angle=45, opacity=1)
        .encode(x=x, y=y, color=colour, tooltip=tooltip[:3])
    )
    guess = pd.DataFrame({"y": [ALWAYS_ZERO], "x": [updates], "label": ["always answering 0"]})
    rule = (
        alt.Chart(guess)
        .mark_rule(color=ROLES["baseline"], strokeDash=[2, 3])
        .encode(y=alt.Y("y:Q"))
    )
    text = (
        alt.Chart(guess)
        .mark_text(align="right", dy=26, color=ROLES["baseline"])
        .encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), text=alt.Text("label:N"))
    )
    return alt.layer(rule, text, lines, crosses).properties(height=320)


def clipping_norms(frame: pd.DataFrame, limit: float) -> alt.LayerChart:
    """Norm of the gradient before and after clipping, in one clipped training.

    `frame` holds one seed's rows with clipping, from `analysis.clipping.compare`.
    """
    names = ("before clipping", "after clipping")
    tidy = frame.melt(["update"], ["before", "after"], "way", "norm")
    tidy["way"] = tidy["way"].map({"before": names[0], "after": names[1]})
    tidy = tidy[(tidy["norm"] > 0.0) & np.isfinite(tidy["norm"])]
    domain = _powers_of_ten(min([0.1, *tidy["norm"]]), max([10.0, *tidy["norm"]]))
    y = _log_axis("norm", "Norm of the gradient", domain)
    lines = (
        alt.Chart(tidy)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("update:Q", title="Update", scale=alt.Scale(nice=False)),
            y=y,
            color=_way_colour(names),
            tooltip=[
                alt.Tooltip("way:N", title="Gradient"),
                alt.Tooltip("update:Q", title="Update"),
                alt.Tooltip("norm:Q", title="Norm", format=".3g"),
            ],
        )
    )
    rule = alt.Chart(pd.DataFrame({"y": [limit]})).mark_rule(
        color=ROLES["floor"], strokeDash=[6, 4]
    )
    return alt.layer(rule.encode(y=alt.Y("y:Q")), lines).properties(height=320)
