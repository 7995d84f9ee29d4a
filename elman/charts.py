"""Tidy frames to Altair charts: one place for colours, axes and units.

A role has one colour in every figure. The colours keep a contrast of at least 3 to 1 on white and
on the dark page, and stay apart for colour-blind readers; where two lines share a figure, their
dashes and labels differ too.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

ROLES = {
    "input": "#0072B2",
    "context": "#CC79A7",
    "hidden": "#009E73",
    "output": "#C87F00",
    "target": "#1F8FD1",
    "error": "#D55E00",
    "floor": "#7F8790",
    "baseline": "#8D6FD1",
}

# Weights: blue below zero, vermilion above, as the signs of a net input.
NEGATIVE, POSITIVE = ROLES["input"], ROLES["error"]

MAX_POINTS = 600

STRIP_HEIGHT = 42


def thinned(values: Sequence[float], most: int = MAX_POINTS) -> np.ndarray:
    """Indices of at most `most` evenly spaced values, the first and the last among them."""
    return np.unique(np.linspace(0, len(values) - 1, min(len(values), most)).round().astype(int))


def _reference_line(y: float, label: str, role: str, x_end: float) -> alt.LayerChart:
    """A horizontal line across the figure with its name above its right end."""
    frame = pd.DataFrame({"x": [x_end], "y": [y], "label": [label]})
    dash = [2, 3] if role == "baseline" else [6, 4]
    rule = alt.Chart(frame).mark_rule(color=ROLES[role], strokeDash=dash, strokeWidth=1.5)
    text = alt.Chart(frame).mark_text(align="right", dy=-7, color=ROLES[role])
    return rule.encode(y="y:Q") + text.encode(x="x:Q", y="y:Q", text="label:N")


def loss_curve(
    losses: np.ndarray,
    floor: float,
    *,
    epochs: int | None = None,
    marked_epoch: int | None = None,
    height: int = 300,
) -> alt.LayerChart:
    """Loss after each epoch, with the floor and the line of a network that always answers 0.5.

    `epochs` fixes the axis for a run that goes on; `marked_epoch` draws an upright line.
    """
    epochs = epochs or max(len(losses), 1)
    index = thinned(losses) if len(losses) else np.array([], dtype=int)
    frame = pd.DataFrame({"epoch": index + 1, "loss": np.asarray(losses)[index]})
    x = alt.X(
        "epoch:Q",
        title="Epoch",
        axis=alt.Axis(tickCount=6),
        scale=alt.Scale(domain=[0, epochs], nice=False),
    )
    top = max(0.28, float(np.max(losses)) * 1.05 if len(losses) else 0.0)
    y = alt.Y("loss:Q", title="Mean squared error", scale=alt.Scale(domain=[0, top], nice=False))
    tooltip = [
        alt.Tooltip("epoch:Q", title="Epoch"),
        alt.Tooltip("loss:Q", title="Loss", format=".4f"),
    ]
    curve = (
        alt.Chart(frame)
        .mark_line(color=ROLES["error"], strokeWidth=2.5, point=len(frame) == 1)
        .encode(x=x, y=y, tooltip=tooltip)
    )
    layers = [
        _reference_line(0.25, "always answering 0.5", "baseline", epochs),
        _reference_line(floor, "floor: all that can be known", "floor", epochs),
        curve,
    ]
    if marked_epoch:
        mark = alt.Chart(pd.DataFrame({"epoch": [marked_epoch]}))
        layers.append(mark.mark_rule(color=ROLES["target"], strokeWidth=2).encode(x="epoch:Q"))
    return alt.layer(*layers).properties(height=height)


def symbol_strip(
    names: Sequence[str], group_starts: np.ndarray, expected_certain: np.ndarray
) -> alt.LayerChart:
    """The first symbols of a sequence in a row, with a gap before each group.

    `expected_certain` marks symbols that someone who knows the rule could have foretold.
    """
    place = np.arange(len(names)) + 0.6 * (np.cumsum(group_starts) - 1)
    kind = np.where(expected_certain, "can be predicted", "random")
    frame = pd.DataFrame(
        {"place": place, "end": place + 0.92, "middle": place + 0.46, "symbol": names, "kind": kind}
    )
    frame = frame.assign(step=np.arange(1, len(names) + 1), bottom=0.04, center=0.5, top=0.96)
    x = alt.X("place:Q", axis=None, scale=alt.Scale(domain=[0, place[-1] + 1], nice=False))
    colour = alt.Color(
        "kind:N",
        legend=None,
        scale=alt.Scale(
            domain=["can be predicted", "random"], range=[ROLES["hidden"], ROLES["floor"]]
        ),
    )
    tooltip = [alt.Tooltip("step:Q", title="Step"), "symbol:N", alt.Tooltip("kind:N", title="It")]
    base = alt.Chart(frame)
    boxes = base.mark_rect(cornerRadius=3, fillOpacity=0.18, strokeWidth=1.5).encode(
        x=x,
        x2="end:Q",
        y=alt.Y("bottom:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False)),
        y2="top:Q",
        color=colour,
        stroke=colour,
        tooltip=tooltip,
    )
    text = base.mark_text(fontSize=15, fontWeight="bold").encode(
        x="middle:Q", y="center:Q", text="symbol:N", color=colour
    )
    return alt.layer(boxes, text).properties(height=STRIP_HEIGHT)


def errors_by_position(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """One bar a position, the floor as a dashed tick across it.

    `table` as made by `analysis.errors.by_position`; `measure` one of its measures.
    """
    return _bars(table, "position", "Bit or letter to be predicted", measure, title)


def errors_by_feature(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """One bar a feature, the floor as a tick; `table` from `analysis.errors.by_feature`."""
    return _bars(table, "feature", "Feature", measure, title)


def _bars(
    table: pd.DataFrame, category: str, category_title: str, measure: str, title: str
) -> alt.LayerChart:
    floor = f"{measure}_floor"
    x = alt.X(
        f"{category}:N", sort=None, title=category_title, axis=alt.Axis(labelAngle=0, labelLimit=90)
    )
    top = max(float(table[[measure, floor]].to_numpy().max()) * 1.2, 0.05)
    y = alt.Y(f"{measure}:Q", title=title, scale=alt.Scale(domain=[0, top], nice=False))
    tooltip = [
        alt.Tooltip(f"{category}:N", title=category.capitalize()),
        alt.Tooltip(f"{measure}:Q", title=title, format=".4f"),
        alt.Tooltip(f"{floor}:Q", title="Floor", format=".4f"),
    ]
    base = alt.Chart(table).encode(x=x, tooltip=tooltip)
    bars = base.mark_bar(color=ROLES["error"], fillOpacity=0.85).encode(y=y)
    values = base.mark_text(dy=-8, color=ROLES["error"], fontWeight="bold").encode(
        y=alt.Y(f"{measure}:Q"), text=alt.Text(f"{measure}:Q", format=".3f")
    )
    floors = base.mark_tick(
        color=ROLES["floor"], opacity=1, thickness=3, width=alt.RelativeBandSize(0.9)
    )
    return alt.layer(bars, floors.encode(y=f"{floor}:Q"), values).properties(height=280)


def error_by_cycle(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """The Figure 3 view: error at each step of a cycle, averaged over all cycles."""
    base = alt.Chart(table).encode(
        x=alt.X("step:O", title="Step of the cycle", axis=alt.Axis(labelAngle=0)),
        tooltip=_step_tooltip(measure, title),
    )
    return _line_over_floor(table, base, measure, title)


def error_by_step(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """The Figure 4 view: error at each step, every point labelled with the symbol expected."""
    base = alt.Chart(table).encode(
        x=alt.X("step:O", title="Step of the sequence", axis=alt.Axis(labelAngle=0)),
        tooltip=[alt.Tooltip("expected:N", title="Expected"), *_step_tooltip(measure, title)],
    )
    labels = base.mark_text(dy=-12, fontSize=14, fontWeight="bold", color=ROLES["target"]).encode(
        y=f"{measure}:Q", text="expected:N"
    )
    return _line_over_floor(table, base, measure, title) + labels


def feature_panel(table: pd.DataFrame, measure: str, title: str, top: float) -> alt.LayerChart:
    """One panel of the Figure 5 view; `top` is the common upper end of the scale."""
    base = alt.Chart(table).encode(
        x=alt.X(
            "step:O",
            title="Letter expected",
            axis=alt.Axis(labelAngle=0, labelExpr=_letters(table)),
        ),
        tooltip=[alt.Tooltip("expected:N", title="Expected"), *_step_tooltip(measure, title)],
    )
    return _line_over_floor(table, base, measure, title, top=top, height=170)


def _letters(table: pd.DataFrame) -> str:
    """A Vega expression that shows a step by its expected symbol."""
    letters = "".join(table["expected"])
    return f"'{letters}'[datum.value - 1]"


def _step_tooltip(measure: str, title: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("step:O", title="Step"),
        alt.Tooltip(f"{measure}:Q", title=title, format=".4f"),
        alt.Tooltip(f"{measure}_floor:Q", title="Floor", format=".4f"),
    ]


def _line_over_floor(
    table: pd.DataFrame,
    base: alt.Chart,
    measure: str,
    title: str,
    *,
    top: float | None = None,
    height: int = 280,
) -> alt.LayerChart:
    floor = f"{measure}_floor"
    top = top or max(float(table[[measure, floor]].to_numpy().max()) * 1.15, 0.05)
    y = alt.Y(f"{measure}:Q", title=title, scale=alt.Scale(domain=[0, top], nice=False))
    floors = base.mark_tick(
        color=ROLES["floor"], opacity=1, thickness=3, width=alt.RelativeBandSize(0.8)
    )
    line = base.mark_line(color=ROLES["error"], strokeWidth=2).encode(y=y)
    points = base.mark_point(color=ROLES["error"], filled=True, size=55, opacity=1).encode(y=y)
    return alt.layer(floors.encode(y=f"{floor}:Q"), line, points).properties(height=height)
