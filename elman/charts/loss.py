"""The loss after each epoch, over the lines that it can be compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import DASHES, PINNED, ROLES
from elman.charts.parts import by_name, layered, span, thinned, tips

# Pixels that a line of text takes; labels closer than that would overlap.
LABEL_HEIGHT = 16

# Pixels of a line of the legend.
LEGEND_ROW = 22

TITLE = "Mean squared error"

# The roles that lines across the figure may have, in the order of drawing.
REFERENCE_ROLES = ("baseline", "floor", "target")


def epoch_axis(epochs: int, ticks: int = 6) -> alt.X:
    """The axis of a training of `epochs`, with about `ticks` ticks."""
    axis = alt.Axis(tickCount=ticks)
    return alt.X("epoch:Q", title="Epoch", axis=axis, scale=span(0, epochs))


def loss_points(losses: Sequence[float] | np.ndarray) -> pd.DataFrame:
    """Epochs and losses of a curve, thinned; columns epoch (from 1) and loss."""
    losses = np.asarray(losses, dtype=float)
    index = thinned(losses) if len(losses) else np.array([], dtype=int)
    return pd.DataFrame({"epoch": index + 1, "loss": losses[index]})


def loss_line(
    points: pd.DataFrame, x: alt.X, y: alt.Y, format: str = ".4f", *, single: bool | None = None
) -> alt.Chart:
    """A curve through `loss_points`, or the point if there is but one.

    `single` tells which, for points that others will take the place of.
    """
    single = len(points) == 1 if single is None else single
    return (
        alt.Chart(points)
        .mark_line(color=ROLES["error"], strokeWidth=2.5, point=single)
        .encode(x=x, y=y, tooltip=tips(("epoch:Q", "Epoch"), ("loss:Q", "Loss", format)))
    )


def loss_axes(
    epochs: int, values: Sequence[float], from_zero: float = 0.7
) -> tuple[alt.X, alt.Scale]:
    """The axis of so many epochs, and the scale of losses with room for all `values`.

    It begins at zero where the lowest is below a share `from_zero` of the highest.
    """
    low, top = min(values, default=0.0), max(values, default=0.25) * 1.12
    if low < from_zero * top:
        low = 0.0
        # A round number, so that other runs of the task mostly have the same axis.
        step = 10.0 ** np.floor(np.log10(top)) / 20 if top > 0 else 1.0
        top = float(np.ceil(top / step) * step)
    else:
        # An axis from zero would hide changes in a narrow band far from zero.
        low -= (top - low) / 3
    return epoch_axis(epochs), span(low, top)


class Label(NamedTuple):
    """The name of a line, or of several: below it or above, at its left end or its right."""

    value: float
    text: str
    role: str
    below: bool
    left: bool


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
    value: float, lines: np.ndarray, curves: pd.DataFrame, epochs: int, band: float
) -> tuple[bool, bool]:
    """Whether the name of a line stands below it, and whether at its left end.

    It stands above at the right, or at the first other place that is free: above at the left,
    below at the right, below at the left; if none is, where fewest points lie in its way. `band`
    is the height of a name.
    """
    losses, place = curves["loss"].to_numpy(), curves["epoch"].to_numpy() / epochs

    def in_the_way(side: tuple[bool, bool]) -> int:
        below, left = side
        # The next line further down has its own name above it.
        if below and ((lines < value) & (lines > value - 2 * band)).any():
            return len(losses) + 1
        bottom = value - (band if below else band / 4)
        points = losses[place <= 0.4 if left else place >= 0.6]
        return int(np.count_nonzero((points > bottom) & (points < bottom + 1.25 * band)))

    sides = [(below, left) for below in (False, True) for left in (False, True)]
    return min(sides, key=in_the_way)


def labels_of(
    references: Sequence[Any], scale: alt.Scale, height: int, curves: pd.DataFrame, epochs: int
) -> tuple[Label, ...]:
    """Where the names of lines stand in a figure: none over another, and away from all curves.

    `curves` has the points (epoch, loss) of all curves.
    """
    low, top = scale.domain
    names = _labelled(references, low, top, height)
    values = np.array([value for value, _, _ in names])
    band = LABEL_HEIGHT / height * (top - low)
    return tuple(Label(*name, *_side(name[0], values, curves, epochs, band)) for name in names)


def reference_lines(
    references: Sequence[Any], labels: Sequence[Label], scale: alt.Scale, epochs: int
) -> list[alt.Chart]:
    """Horizontal lines across the figure with their names, `labels_of`, at one of their ends."""
    y = alt.Y("value:Q", title=TITLE, scale=scale)
    names = pd.DataFrame(labels, columns=Label._fields)
    names["x"] = np.where(names["left"], 0, epochs)
    lines = pd.DataFrame(
        [(line.name, line.value, line.role) for line in references],
        columns=["name", "value", "role"],
    )
    tooltip = tips(("name:N", "Line"), ("value:Q", "Squared error", ".4f"))
    layers = []
    for role in REFERENCE_ROLES:
        look: dict[str, Any] = {
            "color": ROLES[role],
            "strokeDash": DASHES[role],
            "strokeWidth": 1.5,
        }
        here = lines[lines["role"] == role]
        if len(here):
            layers.append(alt.Chart(here).mark_rule(**look).encode(y=y, tooltip=tooltip))
        for (left, below), words in names[names["role"] == role].groupby(["left", "below"]):
            text = alt.Chart(words).mark_text(
                align="left" if left else "right",
                dx=4 if left else 0,
                dy=9 if below else -7,
                color=ROLES[role],
            )
            layers.append(text.encode(x=alt.X("x:Q"), y=y, text=alt.Text("text:N")))
    return layers


def marked_epochs(*epochs: int) -> pd.DataFrame:
    """Epochs at which `loss_curve` draws an upright line; column epoch."""
    return pd.DataFrame({"epoch": epochs}, dtype=float)


class LossFigure(NamedTuple):
    """All of a loss curve but its points and marks, which most runs of one kind have in common.

    epochs        the end of the axis
    losses        the ends of the scale
    references    the lines to compare with, and `labels`, their names
    roles         the name and role of each curve; the last is that of the run itself
    single        whether the run has but one point
    branch_epochs, height as of `loss_curve`
    """

    epochs: int
    losses: tuple[float, float]
    references: tuple[Any, ...]
    labels: tuple[Label, ...]
    roles: tuple[tuple[str, str], ...]
    single: bool
    branch_epochs: tuple[int, ...]
    height: int


def loss_figure(
    losses: np.ndarray,
    references: Sequence[Any],
    *,
    epochs: int | None = None,
    branch_epochs: Sequence[int] = (),
    pinned: Mapping[int, tuple[str, np.ndarray]] = MappingProxyType({}),
    height: int = 300,
) -> tuple[LossFigure, pd.DataFrame]:
    """The figure that `draw_losses` draws, and the points in it; arguments as of `loss_curve`."""
    points = loss_points(losses)
    single = len(points) == 1
    epochs = epochs or max(len(losses), 1)
    roles = []
    if pinned:
        others = []
        for number, (words, other) in pinned.items():
            name = f"pinned {number}: {words}"
            roles.append((name, PINNED[number - 1]))
            others.append(loss_points(other).assign(name=name))
            epochs = max(epochs, len(other))
        points = pd.concat([*others, points.assign(name="this run")])
    roles.append(("this run", "error"))
    _, scale = loss_axes(epochs, [*points["loss"], *(line.value for line in references)])
    labels = labels_of(references, scale, height, points, epochs)
    low, top = scale.domain
    figure = LossFigure(
        epochs,
        (low, top),
        tuple(references),
        labels,
        tuple(roles),
        single,
        tuple(branch_epochs),
        height,
    )
    return figure, points


def draw_losses(
    figure: LossFigure, points: pd.DataFrame, marked: pd.DataFrame | None = None
) -> alt.LayerChart:
    """The loss curve of a `loss_figure` with its points, and upright lines at `marked_epochs`."""
    scale = span(*figure.losses)
    x, y = epoch_axis(figure.epochs), alt.Y("loss:Q", title=TITLE, scale=scale)
    layers = reference_lines(figure.references, figure.labels, scale, figure.epochs)
    curve = loss_line(points, x, y, single=figure.single)
    alone = len(figure.roles) == 1
    if not alone:
        legend = alt.Legend(orient="top", labelLimit=600, columns=1)
        dashes = {name: DASHES.get(role, [1, 0]) for name, role in figure.roles}
        curve = (
            alt.Chart(points)
            .mark_line(strokeWidth=2.5, point=figure.single)
            .encode(
                x=x,
                y=y,
                color=by_name(alt.Color, "name", dict(figure.roles), legend=legend),
                strokeDash=by_name(alt.StrokeDash, "name", dashes, legend=legend),
                tooltip=["name:N", *curve.encoding.tooltip],
            )
        )
    if marked is not None:
        # Not read aloud: without a line there is nothing to read, and with one the page names it.
        mark = alt.Chart(marked).mark_rule(color=ROLES["target"], strokeWidth=2, aria=False)
        layers.append(mark.encode(x=alt.X("epoch:Q")))
    if figure.branch_epochs:
        begins = alt.Chart(pd.DataFrame({"epoch": figure.branch_epochs, "name": "branch"}))
        at = alt.X("epoch:Q")
        layers.append(begins.mark_rule(color=ROLES["context"], strokeDash=[2, 2]).encode(x=at))
        named = begins.mark_text(align="left", dx=4, y=8, color=ROLES["context"])
        layers.append(named.encode(x=at, text=alt.Text("name:N")))
    layers.append(curve)
    # The legend takes its room from the figure.
    room = 0 if alone else len(figure.roles) * LEGEND_ROW
    return layered(*layers, height=figure.height + room)


def loss_curve(
    losses: np.ndarray,
    references: Sequence[Any],
    marked: pd.DataFrame | None = None,
    **settings: Any,
) -> alt.LayerChart:
    """Loss after each epoch, with the lines it can be compared with.

    `references` as made by `analysis.references.references`; `marked` has upright lines, as of
    `marked_epochs`. Of the `settings`, `epochs` fixes the axis for a run that goes on,
    `branch_epochs` has dotted lines with a name, where the run went on with other settings, and
    `pinned` the names and the losses of other runs to lay over this one, by their numbers from 1;
    `height` is in pixels.
    """
    return draw_losses(*loss_figure(losses, references, **settings), marked)
