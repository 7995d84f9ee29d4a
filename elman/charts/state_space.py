"""The space of hidden states: where a symbol takes a state, and where states come to rest."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from elman.analysis.replay import Tested
from elman.analysis.state_space import KINDS, Space
from elman.analysis.states import symbol_names
from elman.charts import ROLES
from elman.charts.parts import by_name, heads, layered, span, thinned, tips
from elman.charts.states import component_titles

POINTS = 1000

# An attractor is full, a repeller empty, a saddle between them.
SHAPES = {"attractor": "circle", "saddle": "cross", "repeller": "diamond"}


def titles_of(found: Space) -> tuple[str, str]:
    """What the axes are called: the two units, or the components with their shares."""
    components = found.plane.components
    return ("Unit 1", "Unit 2") if components is None else component_titles(components, (1, 2))


def cloud_of(tested: Tested, found: Space) -> pd.DataFrame:
    """Where the states of a test lie in the plane: step (from 1), symbol, x and y."""
    places = found.plane.onto(tested.states)
    return pd.DataFrame(
        {
            "step": np.arange(1, len(places) + 1),
            "symbol": symbol_names(tested.task, tested.sequence.symbols),
            "x": places[:, 0],
            "y": places[:, 1],
        }
    )


def drawing(tested: Tested, found: Space, output: str) -> alt.LayerChart:
    """`state_space` of a test, with the first nine steps as its path."""
    cloud = cloud_of(tested, found)
    return state_space(found, titles_of(found), cloud, cloud.head(9), output)


def state_space(
    found: Space,
    titles: tuple[str, str],
    cloud: pd.DataFrame,
    path: pd.DataFrame,
    output: str,
    *,
    height: int = 460,
) -> alt.LayerChart:
    """Arrows of one symbol's map, its fixed points, states visited, a path, and a line.

    `found` as made by `analysis.state_space.space`; `cloud` and `path` have the columns x, y, step
    and symbol. On the dashed line the output called `output` is one half. Arrows are cut short
    where they would reach the next; their tooltips have the whole way.
    """
    low, high = found.plane.low, found.plane.high
    size = high - low
    scales = [span(*ends, zero=False) for ends in zip(low.tolist(), high.tolist(), strict=True)]
    x = alt.X("x:Q", title=titles[0], scale=scales[0], axis=alt.Axis(tickCount=6))
    y = alt.Y("y:Q", title=titles[1], scale=scales[1], axis=alt.Axis(tickCount=6))
    ends = {"x2": alt.X2("x2:Q"), "y2": alt.Y2("y2:Q")}
    arrows = found.arrows
    short = arrows.assign(
        x2=arrows["across"], y2=arrows["up"], to_x=arrows["x2"], to_y=arrows["y2"]
    )
    tooltip = tips(
        ("x:Q", "From, across", ".2f"),
        ("y:Q", "From, up", ".2f"),
        ("to_x:Q", "To, across", ".2f"),
        ("to_y:Q", "To, up", ".2f"),
    )
    tip = short[["across", "up"]].to_numpy()
    way = (tip - short[["x", "y"]].to_numpy()) / size
    # Heads have one size, whatever the axes count.
    points = heads(np.column_stack([tip / size, way]), 0.016)
    points = points * np.tile(size, 2)
    cloud = cloud.iloc[thinned(cloud["step"], POINTS)]
    steps = tips(("step:Q", "Step"), ("symbol:N", "Symbol"))
    layers = [
        alt.Chart(short)
        .mark_rule(color=ROLES["floor"], strokeWidth=1.3)
        .encode(x=x, y=y, tooltip=tooltip, **ends),
        alt.Chart(points).mark_rule(color=ROLES["floor"], strokeWidth=1.3).encode(x=x, y=y, **ends),
        alt.Chart(cloud)
        .mark_point(filled=True, size=16, opacity=0.35, color=ROLES["hidden"])
        .encode(x=x, y=y, tooltip=steps),
    ]
    if found.half is not None:
        (from_x, from_y), (to_x, to_y) = found.half.tolist()
        line = pd.DataFrame([(from_x, from_y, to_x, to_y)], columns=["x", "y", "x2", "y2"])
        layers.append(
            alt.Chart(line.assign(says=f"{output} is one half"))
            .mark_rule(color=ROLES["output"], strokeDash=[7, 4], strokeWidth=2)
            .encode(x=x, y=y, tooltip=tips(("says:N", "Line")), **ends)
        )
    if len(path):
        walk = alt.Chart(path).encode(x=x, y=y, tooltip=steps)
        text = walk.encode(text=alt.Text("symbol:N"))
        layers += [
            walk.mark_line(color=ROLES["target"], strokeWidth=2).encode(order=alt.Order("step:Q")),
            walk.mark_point(filled=True, size=50, opacity=1, color=ROLES["target"]),
            text.mark_text(dy=-12, fontSize=13, fontWeight="bold", color=ROLES["target"]),
        ]
    if len(found.points):
        # In a plane of many dimensions they may lie far away from all that is drawn.
        clip = found.plane.components is not None
        layers.append(
            alt.Chart(found.points)
            .mark_point(size=230, strokeWidth=3, opacity=1, color=ROLES["error"], clip=clip)
            .encode(
                x=x,
                y=y,
                shape=by_name(
                    alt.Shape,
                    "kind",
                    {kind: SHAPES[kind] for kind in KINDS},
                    title="Fixed point",
                    legend=alt.Legend(orient="top", symbolStrokeColor=ROLES["error"]),
                ),
                tooltip=tips(
                    ("number:Q", "Fixed point"),
                    ("kind:N", "It is"),
                    ("eigenvalues:N", "Eigenvalues"),
                    ("off:Q", "Off the plane", ".2f"),
                ),
            )
        )
    return layered(*layers, height=height)
