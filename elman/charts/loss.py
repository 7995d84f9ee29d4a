"""The loss of a run after each epoch, over the lines that it can be compared with."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import PINNED_DASH, ROLES, thinned

# Pixels that a line of text takes; labels closer than that would lie over each other.
LABEL_HEIGHT = 16

# Pixels of a legend with two lines of text.
LEGEND_HEIGHT = 44

TITLE = "Mean squared error"

# Lines across the figure; "target" is a level that the reader chose.
DASHES = {"baseline": [2, 3], "floor": [6, 4], "target": [9, 3, 2, 3]}


def _labelled(
    references: Sequence[Any], low: float, top: float, height: int
) -> list[tuple[float, str, str]]:
    """Where labels of reference lines go: (value, text, role), none over another.

    Lines too close for a label each share one, above the highest of them.
    """
    groups: list[list[Any]] = []
    for line in sorted(references, key=lambda line: -line.value):
        close = groups and (groups[-1][-1].value - line.value) / (top - low) * height < LABEL_HEIGHT
        if close:
            groups[-1].append(line)
        else:
            groups.append([line])
    return [
        (
            group[0].value,
            group[0].name if len(group) == 1 else ", ".join(line.short for line in group),
            "floor" if any(line.role == "floor" for line in group) else group[0].role,
        )
        for group in groups
    ]


def _side(
    value: float, lines: pd.Series, curves: pd.DataFrame, epochs: int, band: float
) -> tuple[bool, bool]:
    """Whether the name of a line stands below it, and whether at its left end.

    It stands above at the right, or at the first other place that is free: above at the left,
    below at the right, below at the left; if none is, where fewest points lie in its way. `band`
    is the height of a name.
    """
    losses, place = curves["loss"].to_numpy(), curves["epoch"].to_numpy() / epochs

    def in_the_way(side: tuple[bool, bool]) -> int:
        below, left = side
        # Above the next line lower down stands that one's name.
        if below and ((lines < value) & (lines > value - 2 * band)).any():
            return len(losses) + 1
        bottom = value - (band if below else band / 4)
        points = losses[place <= 0.4 if left else place >= 0.6]
        return np.count_nonzero((points > bottom) & (points < bottom + 1.25 * band))

    return min(itertools.product((False, True), repeat=2), key=in_the_way)


def reference_lines(
    references: Sequence[Any],
    scale: alt.Scale,
    height: int,
    curves: pd.DataFrame,
    epochs: int,
) -> list[alt.Chart]:
    """Horizontal lines across the figure with their names at one of their ends.

    `curves` has the points (epoch, loss) of all curves, which the names avoid.
    """
    low, top = scale.domain
    y = alt.Y("value:Q", title=TITLE, scale=scale)
    labels = pd.DataFrame(
        _labelled(references, low, top, height), columns=["value", "label", "role"]
    )
    band = LABEL_HEIGHT / height * (top - low)
    sides = [_side(value, labels["value"], curves, epochs, band) for value in labels["value"]]
    labels["below"], labels["left"] = np.array(sides, dtype=bool).reshape(-1, 2).T
    labels["x"] = np.where(labels["left"], 0, epochs)
    lines = pd.DataFrame(
        [(line.name, line.value, line.role) for line in references],
        columns=["name", "value", "role"],
    )
    tooltip = [
        alt.Tooltip("name:N", title="Line"),
        alt.Tooltip("value:Q", title="Squared error", format=".4f"),
    ]
    layers = []
    for role, dash in DASHES.items():
        rules = lines[lines["role"] == role]
        if len(rules):
            rule = alt.Chart(rules).mark_rule(color=ROLES[role], strokeDash=dash, strokeWidth=1.5)
            layers.append(rule.encode(y=y, tooltip=tooltip))
        for (left, below), words in labels[labels["role"] == role].groupby(["left", "below"]):
            text = alt.Chart(words).mark_text(
                align="left" if left else "right",
                dx=4 if left else 0,
                dy=9 if below else -7,
                color=ROLES[role],
            )
            layers.append(text.encode(x=alt.X("x:Q"), y=y, text=alt.Text("label:N")))
    return layers


def axes(epochs: int, values: Sequence[float], from_zero: float = 0.7) -> tuple[alt.X, alt.Scale]:
    """The axis of so many epochs, and the scale of losses with room for all `values`.

    It begins at zero where the lowest is below a share `from_zero` of the highest.
    """
    x = alt.X(
        "epoch:Q",
        title="Epoch",
        axis=alt.Axis(tickCount=6),
        scale=alt.Scale(domain=[0, epochs], nice=False),
    )
    low, top = min(values, default=0.0), max(values, default=0.25) * 1.12
    # Where all happens in a narrow band far from zero, an axis from zero would hide it.
    low = 0.0 if low < from_zero * top else low - (top - low) / 3
    return x, alt.Scale(domain=[low, top], nice=False)


def loss_curve(
    losses: np.ndarray,
    references: Sequence[Any],
    *,
    epochs: int | None = None,
    marked_epoch: int | None = None,
    pinned: tuple[str, np.ndarray] | None = None,
    height: int = 300,
) -> alt.LayerChart:
    """Loss after each epoch, with the lines it can be compared with.

    `references` as made by `analysis.references.references`. `epochs` fixes the axis for a run
    that goes on; `marked_epoch` draws an upright line; `pinned` is the name and the losses of
    another run to lay over this one.
    """
    frame = _points(losses)
    curves = frame
    epochs = epochs or max(len(losses), 1)
    if pinned is not None:
        other = _points(pinned[1]).assign(name=f"pinned: {pinned[0]}")
        curves = pd.concat([frame, other])
        epochs = max(epochs, len(pinned[1]))
    x, scale = axes(epochs, [*curves["loss"], *(line.value for line in references)])
    y = alt.Y("loss:Q", title=TITLE, scale=scale)
    tooltip = [
        alt.Tooltip("epoch:Q", title="Epoch"),
        alt.Tooltip("loss:Q", title="Loss", format=".4f"),
    ]
    layers = [*reference_lines(references, scale, height, curves, epochs)]
    if pinned is None:
        curve = alt.Chart(frame).mark_line(
            color=ROLES["error"], strokeWidth=2.5, point=len(frame) == 1
        )
        layers.append(curve.encode(x=x, y=y, tooltip=tooltip))
    else:
        names = ["this run", other["name"].iloc[0]]
        legend = alt.Legend(orient="top", labelLimit=600, columns=1)
        colours = alt.Scale(domain=names, range=[ROLES["error"], ROLES["pinned"]])
        dashes = alt.Scale(domain=names, range=[[1, 0], PINNED_DASH])
        both = alt.Chart(pd.concat([other, frame.assign(name=names[0])]))
        layers.append(
            both.mark_line(strokeWidth=2.5, point=len(frame) == 1).encode(
                x=x,
                y=y,
                color=alt.Color("name:N", title=None, legend=legend, scale=colours),
                strokeDash=alt.StrokeDash("name:N", title=None, legend=legend, scale=dashes),
                tooltip=["name:N", *tooltip],
            )
        )
    if marked_epoch:
        mark = alt.Chart(pd.DataFrame({"epoch": [marked_epoch]}))
        layers.append(
            mark.mark_rule(color=ROLES["target"], strokeWidth=2).encode(x=alt.X("epoch:Q"))
        )
    # The legend takes its room from the figure.
    return alt.layer(*layers).properties(height=height + (LEGEND_HEIGHT if pinned else 0))


def _points(losses: np.ndarray) -> pd.DataFrame:
    """Epochs and losses of a curve, thinned."""
    index = thinned(losses) if len(losses) else np.array([], dtype=int)
    return pd.DataFrame({"epoch": index + 1, "loss": np.asarray(losses, dtype=float)[index]})
