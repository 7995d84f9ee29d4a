"""Recurrent layers as Altair pictures: the stack, the stack unrolled, and the numbers in it.

Inputs, hidden states, states carried along and outputs have the colours of their roles in
`elman.charts`. Arrows run upright or level only, so that many of them stay readable.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES
from elman.charts.parts import Picture, as_given, named_rows, named_ticks, span, tips
from elman.studies.layer_pass import LayerArguments

# More columns or rows would be too small to read; of more, the first and last are shown.
MOST_STEPS = 8
MOST_UNITS = 8

ROW_HEIGHT = 42
HALF_WIDTH, HALF_HEIGHT = 0.38, 0.26
# The gap between the end of an upright arrow and its box, which the arrow's head fills.
HEAD = 0.08


class Boxes:
    """Boxes and arrows, collected and then drawn as one picture."""

    def __init__(self) -> None:
        self._boxes: list[dict[str, object]] = []
        self._arrows: list[dict[str, object]] = []
        self._notes: list[dict[str, object]] = []

    def note(self, x: float, y: float, text: str) -> None:
        """A word beside the boxes."""
        self._notes.append({"x": x, "y": y, "text": text})

    def box(
        self,
        x: float,
        y: float,
        role: str,
        says: str,
        *,
        text: str = "",
        half_width: float = HALF_WIDTH,
        faint: bool = False,
    ) -> None:
        """A box around (x, y); `says` is its tooltip, `faint` marks padding."""
        self._boxes.append(
            {
                "x": x - half_width,
                "x2": x + half_width,
                "y": y - HALF_HEIGHT,
                "y2": y + HALF_HEIGHT,
                "role": role,
                "what": says,
                "text": text,
                "opacity": 0.12 if faint else 1.0,
                # Either one has a contrast of at least 5 to 1 on the colours it stands on.
                "ink": "white" if role == "input" else "black",
            }
        )

    def arrow(self, x: float, y: float, x2: float, y2: float, role: str = "hidden") -> None:
        """An arrow to (x2, y2), level or upright."""
        self._arrows.append({"x": x, "y": y, "x2": x2, "y2": y2, "role": role})

    def draw_on(self, picture: Picture, font_size: int = 12) -> None:
        """Everything collected as layers of a picture."""
        boxes = pd.DataFrame(self._boxes)
        picture.draw(
            "rect",
            boxes,
            tips(("what:N", "Here")),
            channels={"fillOpacity": as_given(alt.FillOpacity, "opacity")},
            cornerRadius=3,
            stroke=ROLES["floor"],
            strokeWidth=1,
        )
        picture.arrows(pd.DataFrame(self._arrows), head=60, strokeWidth=1.5)
        middles = boxes.assign(x=(boxes["x"] + boxes["x2"]) / 2, y=(boxes["y"] + boxes["y2"]) / 2)
        ink = {"color": as_given(alt.Color, "ink")}
        picture.words(middles, "text", channels=ink, fontSize=font_size, fontWeight="bold")
        if self._notes:
            grey = ROLES["floor"]
            picture.words(pd.DataFrame(self._notes), "text", fontSize=13, color=grey)


def shown_steps(steps: int) -> list[int]:
    """The steps that a picture has room for, counted from 1: all, or the first and last few."""
    if steps <= MOST_STEPS:
        return list(range(1, steps + 1))
    last = (MOST_STEPS - 1) // 2
    return [*range(1, MOST_STEPS - last), *range(steps - last + 1, steps + 1)]


def _rows(arguments: LayerArguments) -> list[str]:
    rows = ["x"]
    for layer in range(1, arguments.num_layers + 1):
        rows.append(f"layer {layer} →")
        if arguments.bidirectional:
            rows += [f"layer {layer} ←", f"both, {2 * arguments.hidden_size}"]
    if not arguments.bidirectional:
        return [*rows, "output"]
    return [*rows[:-1], "output"]


def unrolled_stack(arguments: LayerArguments, sequence: int) -> alt.LayerChart:
    """A box for every layer, direction and step of one sequence, counted from 0.

    States move along each row, from its initial state to the final one; results move up. Steps
    beyond the sequence's length are faint, and nothing passes through them.
    """
    length, steps = arguments.length_of(sequence), shown_steps(arguments.steps)
    # A gap stands for the steps left out.
    places = {t: t - 1 if t == k + 1 else k + 1 for k, t in enumerate(steps)}
    left, right = -1, max(places.values()) + 1
    rows, boxes = _rows(arguments), Boxes()
    running = [t for t in steps if t <= length]
    directions = arguments.directions
    off = 0.2 if arguments.bidirectional else 0.0
    half = 0.17 if arguments.bidirectional else HALF_WIDTH
    for t in steps:
        at, faint = places[t], t > length
        for y, row in enumerate(rows):
            if row.startswith("layer"):
                continue
            role = "input" if row == "x" else "output" if row == "output" else "hidden"
            features = arguments.input_size if row == "x" else directions * arguments.hidden_size
            says = "padding" if faint else f"{row.split(',')[0]}, step {t}: {features} numbers"
            boxes.box(at, y, role, says, faint=faint)
    for number in range(arguments.num_layers * directions):
        layer, backward = divmod(number, directions)
        row = f"layer {layer + 1} {'←' if backward else '→'}"
        y, below = rows.index(row), layer * (1 + directions) if directions == 2 else layer
        above = below + (3 if directions == 2 else 2)
        shift = off if backward else -off
        ends = (right, left) if backward else (left, right)
        for at, name, word in zip(ends, ("h0", "h_n"), ("initial", "final"), strict=True):
            says = f"{word} state {name}[{number}]: {arguments.hidden_size} numbers"
            boxes.box(at, y, "context", says, text=f"{name}[{number}]", half_width=0.48)
        for t in steps:
            says = f"{row[:-2]}, {'backward' if backward else 'forward'}, step {t}: "
            says = "padding" if t > length else says + f"{arguments.hidden_size} numbers"
            boxes.box(places[t] + shift, y, "hidden", says, half_width=half, faint=t > length)
        for t in running:
            middle = places[t] + shift
            boxes.arrow(middle, below + HALF_HEIGHT, middle, y - HALF_HEIGHT - HEAD)
            if directions == 2 or layer == arguments.num_layers - 1:
                boxes.arrow(middle, y + HALF_HEIGHT, middle, above - HALF_HEIGHT - HEAD)
        sign = -1 if backward else 1
        chain = [ends[0], *(places[t] + shift for t in running[::sign]), ends[1]]
        for k, (a, b) in enumerate(itertools.pairwise(chain)):
            out = 0.48 if k == 0 else half
            into = 0.48 if k == len(chain) - 2 else half
            boxes.arrow(a + sign * out, y, b - sign * (into + 0.07), y, "context")
    title = "Step" if arguments.steps <= MOST_STEPS else f"Step ({len(steps)} of them shown)"
    axis = named_ticks({places[t]: str(t) for t in steps}, ticks=False)
    x = alt.X("x:Q", title=title, axis=axis, scale=span(left - 0.6, right + 0.6))
    picture = Picture(x, row_axis(rows))
    boxes.draw_on(picture, font_size=10)
    return picture.chart(ROW_HEIGHT * len(rows) + 40)


def row_axis(names: Sequence[str]) -> alt.Y:
    """The axis of rows with these names, the first at the bottom."""
    axis = named_rows(dict(enumerate(names)), labelLimit=90)
    return alt.Y("y:Q", title=None, axis=axis, scale=span(-0.5, len(names) - 0.5))


def folded_stack(arguments: LayerArguments) -> alt.LayerChart:
    """The stack as one column: what each layer reads, its units, and the loop through time."""
    boxes, top = Boxes(), arguments.num_layers + 1
    hidden = f"{arguments.directions} × {arguments.hidden_size}"
    hidden = hidden if arguments.bidirectional else str(arguments.hidden_size)
    boxes.box(0, 0, "input", "what comes in at a step", text=f"x: {arguments.input_size}")
    for layer in range(1, top):
        says = f"layer {layer}: {hidden} hidden units"
        boxes.box(0, layer, "hidden", says, text=f"{arguments.kind} {layer}: {hidden}")
    features = arguments.directions * arguments.hidden_size
    boxes.box(0, top, "output", "what goes out at a step", text=f"output: {features}")
    for y in range(top):
        boxes.arrow(0, y + HALF_HEIGHT, 0, y + 1 - HALF_HEIGHT - HEAD)
    picture = Picture((-0.6, 0.6), (-0.5, top + 0.5))
    way = [(0, 0.15), (0.07, 0.3), (0.14, 0.0), (0.07, -0.3), (0, -0.15)]
    for layer in range(1, top):
        x, y = np.transpose(way)
        loop = pd.DataFrame({"x": HALF_WIDTH + x, "y": layer + y, "order": range(len(way))})
        picture.loop(loop)
    boxes.draw_on(picture)
    return picture.chart(ROW_HEIGHT * (top + 1) + 40)


def flow_map(table: pd.DataFrame) -> alt.LayerChart:
    """Every number of one sequence by step, a band of rows for each array.

    `table` as made by `studies.layer_pass.flow_table`. Of a band the first `MOST_UNITS` rows are
    shown, of many steps the first and last; states that h_n keeps have a frame; padding is empty.
    """
    steps = shown_steps(int(table["step"].max()))
    shown = table[(table["unit"] <= MOST_UNITS) & table["step"].isin(steps)].copy()
    rows = shown.drop_duplicates(["band", "unit"])[["band", "unit"]]
    band = rows["band"].ne(rows["band"].shift()).cumsum()
    # Bands read upward, as the numbers flow; units of a band read downward.
    counts = rows.groupby(band.to_numpy())["unit"].transform("size").to_numpy()
    base = np.concatenate([[0], np.cumsum(rows.groupby(band.to_numpy())["unit"].size() + 1)[:-1]])
    rows = rows.assign(row=base[band.to_numpy() - 1] + counts - rows["unit"].to_numpy())
    shown = shown.merge(rows, on=["band", "unit"])
    column = {t: k for k, t in enumerate(steps)}
    shown = shown.assign(
        x=shown["step"].map(column) - 0.48,
        x2=shown["step"].map(column) + 0.48,
        y=shown["row"] - 0.48,
        y2=shown["row"] + 0.48,
        what=np.where(shown["value"].isna(), "padding", "value"),
    )
    # Hidden values are small beside inputs; colours are theirs, and numbers are written out.
    hidden = table.loc[table["role"] != "input", "value"]
    largest = max(float(np.nanmax(np.abs(hidden))), 1e-6)
    axis = named_ticks({k: str(t) for t, k in column.items()}, ticks=False)
    x = alt.X("x:Q", title="Step", axis=axis, scale=span(-0.6, len(steps) - 0.4))
    names = _band_names(table)
    centres = rows.groupby("band", sort=False)["row"].mean()
    bands = named_rows({at: names[band] for band, at in centres.items()})
    y = alt.Y("y:Q", title="Array", axis=bands, scale=span(-0.8, float(rows["row"].max()) + 0.8))
    tooltip = (("band:N", "Array"), ("step:Q", "Step"), ("unit:Q", "Unit"))
    numbers = shown.dropna(subset="value")
    colour = alt.Color(
        "value:Q",
        title="Value",
        scale=alt.Scale(scheme="blueorange", domain=[-largest, largest], clamp=True),
        legend=alt.Legend(orient="top", gradientLength=160),
    )
    dark = {"test": f"abs(datum.value) > {0.6 * largest}", "value": "white"}
    empty: dict[str, Any] = {"stroke": ROLES["floor"], "strokeDash": [2, 3], "strokeWidth": 1}
    picture = Picture(x, y)
    value = alt.Tooltip("value:Q", format="+.4f")
    picture.draw("rect", numbers, [*tips(*tooltip), value], channels={"color": colour})
    padding = shown[shown["value"].isna()]
    picture.draw("rect", padding, tips(*tooltip, ("what:N", "Here")), filled=False, **empty)
    kept: dict[str, Any] = {"stroke": ROLES["context"], "strokeWidth": 2.5}
    picture.draw("rect", numbers[numbers["end"]], filled=False, **kept)
    picture.words(
        numbers.assign(x=numbers["step"].map(column), y=numbers["row"]),
        "value",
        channels={
            "text": alt.Text("value:Q", format=".2f"),
            "color": alt.ColorValue("black", condition=dark),
        },
        fontSize=11,
    )
    return picture.chart(int(20 * (rows["row"].max() + 1)) + 90)


def _band_names(table: pd.DataFrame) -> dict[str, list[str]]:
    """The lines of each band's name: with arrows for directions, and how much of it is shown."""
    names = {}
    for band, units in table.groupby("band", sort=False)["unit"].max().items():
        name = band.replace(", forward", " →").replace(", backward", " ←")
        more = [f"{MOST_UNITS} of {units}"] if units > MOST_UNITS else []
        names[band] = [*name.split(", "), *more]
    return names
