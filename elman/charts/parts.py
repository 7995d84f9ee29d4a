"""What charts repeat: tooltips, scales, named ticks, looks by name, lines with a name, drawings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import DASHES, NEGATIVE, POSITIVE, ROLES

MAX_POINTS = 600

# What is written into a box that is light on both pages.
INK = "#14161C"

Channel = TypeVar("Channel")

# The shape of an arrow's head, by the signs of its direction (to the right, up).
HEADS = {
    (1, 0): "triangle-right",
    (-1, 0): "triangle-left",
    (0, 1): "triangle-up",
    (0, -1): "triangle-down",
}


def thinned(values: Sequence[float] | np.ndarray | pd.Series, most: int = MAX_POINTS) -> np.ndarray:
    """Indices of at most `most` evenly spaced values, the first and the last among them."""
    return np.unique(np.linspace(0, len(values) - 1, min(len(values), most)).round().astype(int))


def tips(*lines: tuple[str, ...]) -> list[alt.Tooltip]:
    """The lines of a tooltip: (field with its type, title) or (field, title, number format)."""
    return [
        alt.Tooltip(field, title=title, format=form[0] if form else alt.Undefined)
        for field, title, *form in lines
    ]


def span(low: float, high: float, **settings: Any) -> alt.Scale:
    """A scale that goes from `low` to `high` exactly."""
    return alt.Scale(domain=[low, high], nice=False, **settings)


def by_name(
    channel: Callable[..., Channel], field: str, looks: Mapping[str, Any], **settings: Any
) -> Channel:
    """A channel that gives each name in a field its look: a role, a colour, a shape or a dash.

    Without a legend or a title, unless `settings` have them.
    """
    values = [ROLES.get(look, look) if isinstance(look, str) else look for look in looks.values()]
    scale = alt.Scale(domain=list(looks), range=values)
    return channel(f"{field}:N", scale=scale, **{"title": None, "legend": None, **settings})


def by_role(channel: Callable[..., Channel]) -> Channel:
    """A channel that gives each name in the field role its colour."""
    return by_name(channel, "role", {role: role for role in ROLES})


def as_given(channel: Callable[..., Channel], field: str) -> Channel:
    """A channel whose field holds the look itself, such as a colour or an opacity."""
    return channel(f"{field}:N", scale=None)


def by_sign(field: str) -> alt.ColorValue:
    """The colours of weights, by their signs."""
    return alt.ColorValue(POSITIVE, condition={"test": f"datum.{field} < 0", "value": NEGATIVE})


def named_ticks(names: Mapping[Any, str | Sequence[str]], **settings: Any) -> alt.Axis:
    """An axis with a tick at each place (a number or a category) that shows the name given to it.

    Names may hold any character; a list of words stands in lines.
    """
    keys = {(at if isinstance(at, str) else f"{at:.15g}"): name for at, name in names.items()}
    shown = f"{json.dumps(keys)}[datum.value]"
    return alt.Axis(values=list(names), labelExpr=shown, **{"grid": False, **settings})


def named_rows(names: Mapping[float, str | Sequence[str]], **settings: Any) -> alt.Axis:
    """An axis of names alone, for the rows of a drawing."""
    return named_ticks(names, labelFontSize=12, ticks=False, domain=False, **settings)


def rule(
    value: float,
    role: str,
    label: str = "",
    *,
    upright: bool = False,
    at: Any = 0,
    dash: Sequence[int] | None = None,
    width: float = 1.5,
    **text: Any,
) -> list[alt.Chart]:
    """A line across the figure at a value, in the colour and dash of its role, and its name.

    `at` is where the name stands along the line: a number of pixels, "width" for the far end, or
    a channel. `text` holds further settings of the name; `dash` replaces the dash of the role.
    """
    frame = alt.Chart(pd.DataFrame({"value": [value], "label": [label]}))
    across, along, pixels = ("x", "y", alt.YValue) if upright else ("y", "x", alt.XValue)
    place = {across: (alt.X if upright else alt.Y)("value:Q")}
    line = frame.mark_rule(color=ROLES[role], strokeDash=dash or DASHES[role], strokeWidth=width)
    layers = [line.encode(**place)]
    if label:
        if isinstance(at, int | float | str):
            text.setdefault("align", "right" if at == "width" else "left")
            at = pixels(at)
        words = frame.mark_text(color=ROLES[role], **text)
        layers.append(words.encode(**place, **{along: at}, text=alt.Text("label:N")))
    return layers


def layered(
    *layers: alt.Chart | alt.LayerChart, height: float, data: Any = alt.Undefined
) -> alt.LayerChart:
    """Layers one over the other, in a figure of `height` pixels; `data` is what they share."""
    if any(layer.params is not alt.Undefined for layer in layers):
        return alt.LayerChart(layer=list(layers), data=data, height=height)
    first = layers[0].data
    if data is alt.Undefined and all(layer.data is first for layer in layers):
        data, layers = first, tuple(_without_data(layer) for layer in layers)
    return _Layers(layer=list(layers), data=data, height=height)


def _without_data(layer: alt.Chart | alt.LayerChart) -> Any:
    bare = layer.copy(deep=False)
    bare.data = alt.Undefined
    return bare


class _Layers(alt.LayerChart):
    """Layers without parameters.

    Altair's own class looks for parameters that layers share, and for that copies all of every
    layer twice, each time such a chart is made or only handed on: half the time of drawing.
    """

    def __init__(self, layer: Sequence[alt.Chart | alt.LayerChart] = (), **settings: Any) -> None:
        super(alt.LayerChart, self).__init__(layer=list(layer), **settings)


def row_names(rows: Sequence[str], scale: alt.Scale) -> alt.Chart:
    """The names of rows that reach from 1 down, each above what its row holds.

    So long ones fit on a phone. `scale` is that of the vertical axis: row r lies from -r to 1 - r.
    """
    frame = pd.DataFrame({"row": rows, "y": [0.86 - r for r in range(len(rows))]})
    return (
        alt.Chart(frame)
        .mark_text(align="left", fontSize=12.5, color=ROLES["floor"])
        .encode(x=alt.XValue(2), y=alt.Y("y:Q", axis=None, scale=scale), text=alt.Text("row:N"))
    )


def heads(ends: np.ndarray, size: float) -> pd.DataFrame:
    """The two lines (x, y, x2, y2) of the head of each arrow, `size` long on both axes.

    `ends` (n, 4) holds the tip of each head, and the direction in which it points.
    """
    tips_at, ways = ends[:, :2], ends[:, 2:]
    ways = ways / np.maximum(np.hypot(*ways.T), 1e-300)[:, np.newaxis]
    aside = 0.5 * np.column_stack([-ways[:, 1], ways[:, 0]])
    tails = np.concatenate([tips_at - size * (ways + side * aside) for side in (1, -1)])
    return pd.DataFrame(
        np.column_stack([np.tile(tips_at, (2, 1)), tails]), columns=["x", "y", "x2", "y2"]
    )


class Picture:
    """A drawing of boxes, circles, arrows and words, made of layers one over the other.

    `x` and `y` are its axes, on "x:Q" and "y:Q"; a pair of ends makes an axis that is not drawn.
    Tables have the columns x and y, those of marks with two ends x2 and y2 as well.
    """

    def __init__(self, x: alt.X | tuple[float, float], y: alt.Y | tuple[float, float]) -> None:
        self.x = alt.X("x:Q", axis=None, scale=span(*x)) if isinstance(x, tuple) else x
        self.y = alt.Y("y:Q", axis=None, scale=span(*y)) if isinstance(y, tuple) else y
        self.layers: list[alt.Chart] = []

    def draw(
        self,
        mark: str,
        table: pd.DataFrame,
        tooltip: list[alt.Tooltip] | None = None,
        *,
        channels: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        """A layer of marks of one kind ("rule", "text", …), one for each row of the table.

        `channels` by Altair's names are what differs from row to row, `settings` what does not. A
        column named role colours the marks, unless they give another colour. Without a row there
        is no layer, for it would be read aloud as a picture without words.
        """
        if table.empty:
            return
        encoded: dict[str, Any] = {"x": self.x, "y": self.y, **(channels or {})}
        if "x2" in table:
            encoded |= {"x2": alt.X2("x2:Q"), "y2": alt.Y2("y2:Q")}
        if "role" in table and not {"color", "fill"} & {*settings, *encoded}:
            encoded["color"] = by_role(alt.Color)
        if tooltip is None:
            settings["tooltip"] = None
        else:
            encoded["tooltip"] = tooltip
        marked = getattr(alt.Chart(table), f"mark_{mark}")(**settings)
        self.layers.append(marked.encode(**encoded))

    def on_white(self, table: pd.DataFrame, **settings: Any) -> None:
        """White boxes, for pale ones to be drawn on: words in `INK` are then read on both pages."""
        self.draw("rect", table[["x", "x2", "y", "y2"]], color="white", **settings)

    def words(self, table: pd.DataFrame, text: str, **more: Any) -> None:
        """The texts in a column, each at its place."""
        places = table.drop(columns=["x2", "y2"], errors="ignore")
        channels = {"text": alt.Text(f"{text}:N"), **more.pop("channels", {})}
        self.draw("text", places, channels=channels, **more)

    def arrows(
        self,
        table: pd.DataFrame,
        tooltip: list[alt.Tooltip] | None = None,
        *,
        head: float,
        channels: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        """Level and upright arrows from (x, y) to (x2, y2), with heads of `head` square pixels."""
        self.draw("rule", table, tooltip, channels=channels, **settings)
        signs = np.sign(table[["x2", "y2"]].to_numpy() - table[["x", "y"]].to_numpy()).astype(int)
        ends = table.assign(
            x=table["x2"], y=table["y2"], head=[HEADS[right, up] for right, up in signs.tolist()]
        ).drop(columns=["x2", "y2"])
        colour = {key: settings[key] for key in ("color",) if key in settings}
        shape = {"shape": as_given(alt.Shape, "head")}
        self.draw("point", ends, channels=shape, filled=True, size=head, opacity=1, **colour)

    def loop(self, table: pd.DataFrame, **settings: Any) -> None:
        """A dashed curve through the places in their order, the way of the context."""
        look = {"interpolate": "basis", "strokeDash": [4, 3], "strokeWidth": 2, **settings}
        self.draw(
            "line", table, channels={"order": alt.Order("order:O")}, color=ROLES["context"], **look
        )

    def chart(self, height: int) -> alt.LayerChart:
        """All layers as one chart of `height` pixels."""
        return layered(*self.layers, height=height)
