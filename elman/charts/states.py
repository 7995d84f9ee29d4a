"""Hidden states as Altair charts: heat map, components, what surgery does, how trees score."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from elman.analysis.separation import SCORES
from elman.analysis.states import Components
from elman.charts import ROLES, SHORT_NAME
from elman.charts.parts import Channel, by_name, layered, named_ticks, rule, span, thinned, tips
from elman.charts.tree import class_looks

# Colour scales safe for colour-blind readers; the second has a middle, which stands for 0.
ONE_SIDED: Final = "viridis"
TWO_SIDED: Final = "blueorange"

CLOUD_POINTS = 1500

# Pixels of the heat map's height that its legend and axes take.
FRAME_HEIGHT = 159

NETWORKS = {"untrained": "baseline", "trained": "hidden"}
NETWORK_SHAPES = {"untrained": "diamond", "trained": "circle"}


def heat_map(table: pd.DataFrame, activation: str = "sigmoid") -> alt.LayerChart:
    """Units by steps, coloured by activation, under the symbols that came in.

    `table` as made by `analysis.states.heat_map`; `activation` is that of the hidden units and
    fixes the scale of the colours: 0 to 1 for sigmoid, -1 to 1 for tanh, from 0 for relu.
    """
    domain = {"sigmoid": [0.0, 1.0], "tanh": [-1.0, 1.0]}.get(
        activation, [0.0, max(float(table["activation"].max()), 1e-6)]
    )
    table = table.sort_values(["step", "row"])
    steps = table.drop_duplicates("step")
    rows = int(table["row"].max())
    first, last = int(steps["step"].min()), int(steps["step"].max())
    units = table["unit"].to_numpy()[:rows]
    long_names = steps["symbol"].str.len().max() > SHORT_NAME
    corners = table.assign(
        activation=table["activation"].round(4),
        left=table["step"] - 0.5,
        right=table["step"] + 0.5,
        top=table["row"] - 0.5,
        bottom=table["row"] + 0.5,
    ).drop(columns=["row", "group_start"])
    x = alt.X(
        "left:Q",
        title="Symbol read",
        axis=named_ticks(
            _symbols(steps),
            labelAngle=-90 if long_names else 0,
            labelOverlap="greedy" if long_names else False,
            labelFontSize=12,
            ticks=False,
        ),
        scale=span(first - 0.5, last + 0.5),
    )
    y = alt.Y(
        "top:Q",
        title="Hidden unit",
        axis=named_ticks(
            dict(enumerate(map(str, units), start=1)), labelOverlap="greedy", ticks=False
        ),
        scale=span(0.5, rows + 0.5, reverse=True),
    )
    cells = (
        alt.Chart(corners)
        .mark_rect()
        .encode(
            x=x,
            x2=alt.X2("right:Q"),
            y=y,
            y2=alt.Y2("bottom:Q"),
            color=alt.Color(
                "activation:Q",
                title="Activation",
                scale=alt.Scale(
                    scheme=TWO_SIDED if domain[0] < 0 else ONE_SIDED, domain=domain, clamp=True
                ),
                legend=alt.Legend(orient="top", gradientLength=160, gradientThickness=10),
            ),
            tooltip=tips(
                ("step:Q", "Step"),
                ("symbol:N", "Symbol"),
                ("unit:Q", "Unit"),
                ("activation:Q", "Activation", ".3f"),
            ),
        )
    )
    # Where a group begins, between two columns.
    starts = steps[steps["group_start"] & (steps["step"] > first)]
    borders = (
        alt.Chart(starts.assign(left=starts["step"] - 0.5)[["left"]])
        .mark_rule(color="white", strokeWidth=2)
        .encode(x=x)
    )
    # Whole pixels a row: with fractions, lines of the page would show between rows.
    height = FRAME_HEIGHT + rows * int(np.clip(400 // rows, 1, 28))
    return layered(cells, borders, height=height)


def _symbols(steps: pd.DataFrame) -> dict[int, str]:
    return dict(zip(steps["step"].tolist(), steps["symbol"], strict=True))


def component_titles(components: Components, pair: tuple[int, int]) -> tuple[str, str]:
    """Axis titles of two components (from 1), each with its share of the variance."""
    first, second = (
        f"Component {number} ({components.ratios[number - 1]:.1%} of the variance)"
        for number in pair
    )
    return first, second


def component_scatter(
    cloud: pd.DataFrame,
    path: pd.DataFrame,
    titles: tuple[str, str],
    *,
    classes: Mapping[str, str] | None = None,
    class_title: str = "Class",
    height: int = 420,
) -> alt.LayerChart:
    """States along two components, and the way of the network through some steps on top.

    `cloud` and `path` as made by `analysis.states.projections`; of the cloud at most
    `CLOUD_POINTS` evenly spaced states are drawn. `classes` maps symbols to what colours and
    shapes them. The path is drawn with the symbol read at each step, its first one ringed; it
    may be empty, as may the cloud.
    """
    cloud = cloud.iloc[thinned(cloud["step"], CLOUD_POINTS)] if len(cloud) else cloud
    both = pd.concat([cloud, path])
    x = _spread_axis(alt.X, both, "x", titles[0])
    y = _spread_axis(alt.Y, both, "y", titles[1])
    tooltip = tips(
        ("step:Q", "Step"),
        ("symbol:N", "Symbol"),
        ("expected:N", "Next"),
        ("content:N", "Group"),
        ("place:Q", "Place in the group"),
    )
    points = alt.Chart(cloud).mark_point(filled=True, size=26, opacity=0.4, color=ROLES["hidden"])
    if classes:
        cloud = cloud.assign(**{"class": cloud["symbol"].map(classes).fillna("other")})
        # Every class stays in the legend, drawn now or not, so that its colour stays too.
        colours, shapes = class_looks([*classes.values(), *cloud["class"]])
        legend = alt.Legend(orient="top", columns=4, symbolSize=80, symbolOpacity=1)
        points = alt.Chart(cloud).mark_point(filled=True, size=30, opacity=0.45)
        points = points.encode(
            color=by_name(alt.Color, "class", colours, title=class_title, legend=legend),
            shape=by_name(alt.Shape, "class", shapes, title=class_title, legend=legend),
        )
    class_tip = tips(("class:N", class_title)) if classes else []
    layers = [points.encode(x=x, y=y, tooltip=[*tooltip, *class_tip])]
    if len(path):
        way = alt.Chart(path).encode(x=x, y=y, tooltip=tooltip)
        names = way.encode(text=alt.Text("symbol:N"))
        text: dict[str, Any] = {"dy": -13, "fontSize": 14, "fontWeight": "bold"}
        layers += [
            way.mark_line(color=ROLES["target"], strokeWidth=2).encode(order=alt.Order("step:Q")),
            alt.Chart(path.head(1))
            .mark_point(size=240, strokeWidth=2, color=ROLES["target"])
            .encode(x=x, y=y),
            way.mark_point(filled=True, size=60, opacity=1, color=ROLES["target"]),
            # Written on a white edge, the symbols can be read over any point and on both pages.
            names.mark_text(stroke="white", strokeWidth=4, strokeJoin="round", **text),
            names.mark_text(color=ROLES["input"], **text),
        ]
    return layered(*layers, height=height)


def _spread_axis(
    channel: Callable[..., Channel], frame: pd.DataFrame, name: str, title: str
) -> Channel:
    values = frame[name]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    room = 0.07 * (high - low) or 0.5
    scale = span(low - room, high + room, zero=False)
    return channel(f"{name}:Q", title=title, scale=scale, axis=alt.Axis(tickCount=6))


def variance_chart(components: Components, shown: int = 10) -> alt.Chart:
    """Share of the variance of each of the first components."""
    ratios = components.ratios[:shown]
    frame = pd.DataFrame({"component": np.arange(1, len(ratios) + 1), "ratio": ratios})
    return (
        alt.Chart(frame)
        .mark_bar(color=ROLES["hidden"], fillOpacity=0.85)
        .encode(
            x=alt.X("component:O", title="Component", axis=alt.Axis(labelAngle=0)),
            y=alt.Y(
                "ratio:Q",
                title="Share of the variance",
                axis=alt.Axis(format="%"),
                scale=span(0, max(float(ratios.max()) * 1.1, 0.01)),
            ),
            tooltip=tips(("component:O", "Component"), ("ratio:Q", "Share", ".1%")),
        )
        .properties(height=220)
    )


def surgery_effect(table: pd.DataFrame) -> alt.LayerChart:
    """Squared error at each step, with the operation and without.

    `table` as made by `analysis.surgery.changes_by_step`.
    """
    networks = {"squared": "after the operation", "squared_before": "left alone"}
    long = table.melt(
        id_vars=["step", "symbol", "expected", "answer", "answer_before", "output_change"],
        value_vars=list(networks),
        var_name="network",
        value_name="error",
    )
    long["network"] = long["network"].map(networks)
    names = networks.values()
    colours = dict(zip(names, ("error", "baseline"), strict=True))
    dashes = dict(zip(names, ([1, 0], [5, 4]), strict=True))
    legend = {"title": "Network", "legend": alt.Legend(orient="top")}
    axis = named_ticks(
        _symbols(table),
        grid=True,
        labelOverlap=False,
        labelAngle=-45 if table["symbol"].str.len().max() > SHORT_NAME else 0,
    )
    scale = alt.Scale(nice=False, zero=False, padding=14)
    base = alt.Chart(long).encode(
        x=alt.X("step:Q", title="Symbol read", axis=axis, scale=scale),
        y=alt.Y("error:Q", title="Squared error"),
        color=by_name(alt.Color, "network", colours, **legend),
        strokeDash=by_name(alt.StrokeDash, "network", dashes, **legend),
        tooltip=tips(
            ("step:Q", "Step"),
            ("symbol:N", "Symbol"),
            ("expected:N", "Expected"),
            ("answer_before:N", "Answer, left alone"),
            ("answer:N", "Answer after the operation"),
            ("network:N", "Network"),
            ("error:Q", "Error", ".4f"),
            ("output_change:Q", "Change of an output (RMS)", ".4f"),
        ),
    )
    return layered(
        base.mark_line(strokeWidth=2), base.mark_point(filled=True, size=55, opacity=1), height=260
    )


def class_score_points(table: pd.DataFrame, score: str = "cophenetic_auc") -> alt.LayerChart:
    """Every seed's score, trained beside untrained, for each division into classes.

    `table` as made by `analysis.separation.class_scores`; `score` one of its `SCORES`. The line
    is chance, for the two scores for which it is one number.
    """
    domain = {"cophenetic_auc": [0.0, 1.0], "purity": [0.0, 1.0]}.get(
        score, [min(0.0, float(table[score].min()) * 1.1), 1.0]
    )
    legend = {"title": "Network", "legend": alt.Legend(orient="top")}
    points = (
        alt.Chart(table)
        .mark_point(filled=True, size=70, opacity=0.75)
        .encode(
            x=alt.X(
                "grouping:N", title=None, sort=None, axis=alt.Axis(labelAngle=0, labelLimit=150)
            ),
            xOffset=alt.XOffset("network:N", scale=alt.Scale(domain=list(NETWORKS), padding=0.4)),
            y=alt.Y(f"{score}:Q", title=SCORES[score], scale=span(*domain)),
            color=by_name(alt.Color, "network", NETWORKS, **legend),
            shape=by_name(alt.Shape, "network", NETWORK_SHAPES, **legend),
            tooltip=tips(
                ("seed:Q", "Seed"),
                ("network:N", "Network"),
                ("grouping:N", "Classes"),
                (f"{score}:Q", SCORES[score], ".3f"),
            ),
        )
    )
    chance = {"cophenetic_auc": 0.5, "adjusted_rand": 0.0}.get(score)
    line = [] if chance is None else rule(chance, "floor", "chance", at="width", dy=-7)
    return layered(points, *line, height=300)
