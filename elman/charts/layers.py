"""Recurrent layers as Altair pictures: the stack, the stack unrolled, and the numbers in it.

Inputs, hidden states, states carried along and outputs have the colours of their roles in
`elman.charts`. Arrows run upright or level only, so that many of them stay readable.
"""

from __future__ import annotations

import itertools
import json

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES
from elman.studies.layer_pass import LayerArguments

# More columns or rows than these would shrink below what can be read; the first and last are shown.
MOST_STEPS = 8
MOST_UNITS = 8

ROW_HEIGHT = 42
HALF_WIDTH, HALF_HEIGHT = 0.38, 0.26

_COLOURS = {
    "input": ROLES["input"],
    "hidden": ROLES["hidden"],
    "state": ROLES["context"],
    "output": ROLES["output"],
}
_HEADS = {(1, 0): "triangle-right", (-1, 0): "triangle-left", (0, 1): "triangle-up"}


class Picture:
    """Boxes and arrows, collected and then drawn as one chart."""

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
        half_height: float = HALF_HEIGHT,
        faint: bool = False,
    ) -> None:
        """A box around (x, y); `says` is its tooltip, `faint` marks padding."""
        self._boxes.append(
            {
                "x": x,
                "left": x - half_width,
                "right": x + half_width,
                "y": y,
                "bottom": y - half_height,
                "top": y + half_height,
                "role": role,
                "what": says,
                "text": text,
                "opacity": 0.12 if faint else 1.0,
                # Either one has a contrast of at least 5 to 1 on the colours it stands on.
                "ink": "white" if role == "input" else "black",
            }
        )

    def arrow(self, x: float, y: float, x2: float, y2: float, role: str = "hidden") -> None:
        """An arrow to (x2, y2), level or upward."""
        direction = (int(np.sign(x2 - x)), int(np.sign(y2 - y)))
        self._arrows.append(
            {"x": x, "y": y, "x2": x2, "y2": y2, "role": role, "head": _HEADS[direction]}
        )

    def chart(self, x: alt.X, y: alt.Y, *, height: int, font_size: int = 12) -> alt.LayerChart:
        """Everything collected, arrows below boxes; `x` and `y` are the axes, on "x:Q", "y:Q"."""
        colour = alt.Color(
            "role:N",
            legend=None,
            scale=alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values())),
        )
        arrows, boxes = pd.DataFrame(self._arrows), pd.DataFrame(self._boxes)
        rules = (
            alt.Chart(arrows)
            .mark_rule(strokeWidth=1.5, tooltip=None)
            .encode(x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"), color=colour)
        )
        heads = (
            alt.Chart(arrows)
            .mark_point(filled=True, size=60, opacity=1, tooltip=None)
            .encode(
                x=alt.X("x2:Q"),
                y=alt.Y("y2:Q"),
                color=colour,
                shape=alt.Shape("head:N", scale=None),
            )
        )
        rectangles = (
            alt.Chart(boxes)
            .mark_rect(cornerRadius=3, stroke=ROLES["floor"], strokeWidth=1)
            .encode(
                x=alt.X("left:Q"),
                x2=alt.X2("right:Q"),
                y=alt.Y("bottom:Q"),
                y2=alt.Y2("top:Q"),
                color=colour,
                fillOpacity=alt.Opacity("opacity:Q", scale=None, legend=None),
                tooltip=[alt.Tooltip("what:N", title="Here")],
            )
        )
        words = (
            alt.Chart(boxes)
            .mark_text(fontSize=font_size, fontWeight="bold", tooltip=None)
            .encode(
                x=alt.X("x:Q"),
                y=alt.Y("y:Q"),
                text=alt.Text("text:N"),
                color=alt.Color("ink:N", scale=None),
            )
        )
        layers = [rules, rectangles, heads, words]
        if self._notes:
            note = alt.Chart(pd.DataFrame(self._notes))
            grey = note.mark_text(fontSize=13, color=ROLES["floor"], tooltip=None)
            layers.append(grey.encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), text=alt.Text("text:N")))
        return alt.layer(*layers).properties(height=height)


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
    rows, picture = _rows(arguments), Picture()
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
            picture.box(at, y, role, says, faint=faint)
    for number in range(arguments.num_layers * directions):
        layer, backward = divmod(number, directions)
        row = f"layer {layer + 1} {'←' if backward else '→'}"
        y, below = rows.index(row), layer * (1 + directions) if directions == 2 else layer
        above = below + (3 if directions == 2 else 2)
        shift = off if backward else -off
        ends = (right, left) if backward else (left, right)
        for at, name, word in zip(ends, ("h0", "h_n"), ("initial", "final"), strict=True):
            says = f"{word} state {name}[{number}]: {arguments.hidden_size} numbers"
            picture.box(at, y, "state", says, text=f"{name}[{number}]", half_width=0.48)
        for t in steps:
            says = f"{row[:-2]}, {'backward' if backward else 'forward'}, step {t}: "
            says = "padding" if t > length else says + f"{arguments.hidden_size} numbers"
            picture.box(places[t] + shift, y, "hidden", says, half_width=half, faint=t > length)
        for t in running:
            x = places[t] + shift
            picture.arrow(x, below + HALF_HEIGHT, x, y - HALF_HEIGHT - 0.08)
            if directions == 2 or layer == arguments.num_layers - 1:
                picture.arrow(x, y + HALF_HEIGHT, x, above - HALF_HEIGHT - 0.08)
        sign = -1 if backward else 1
        chain = [ends[0], *(places[t] + shift for t in running[::sign]), ends[1]]
        for k, (a, b) in enumerate(itertools.pairwise(chain)):
            out = 0.48 if k == 0 else half
            into = 0.48 if k == len(chain) - 2 else half
            picture.arrow(a + sign * out, y, b - sign * (into + 0.07), y, "state")
    labels = {at: str(t) for t, at in places.items()}
    marks = json.dumps({str(at): text for at, text in labels.items()})
    x = alt.X(
        "x:Q",
        title="Step" if arguments.steps <= MOST_STEPS else f"Step ({len(steps)} of them shown)",
        axis=alt.Axis(
            values=sorted(labels), labelExpr=f"{marks}[datum.value]", grid=False, ticks=False
        ),
        scale=alt.Scale(domain=[left - 0.6, right + 0.6], nice=False),
    )
    y = alt.Y(
        "y:Q",
        title=None,
        axis=alt.Axis(
            values=list(range(len(rows))),
            labelExpr=f"{json.dumps(rows)}[datum.value]",
            labelFontSize=12,
            labelLimit=90,
            grid=False,
            ticks=False,
            domain=False,
        ),
        scale=alt.Scale(domain=[-0.5, len(rows) - 0.5], nice=False),
    )
    return picture.chart(x, y, height=ROW_HEIGHT * len(rows) + 40, font_size=10)


def folded_stack(arguments: LayerArguments) -> alt.LayerChart:
    """The stack as one column: what each layer reads, its units, and the loop through time."""
    picture, top = Picture(), arguments.num_layers + 1
    hidden = f"{arguments.directions} × {arguments.hidden_size}"
    hidden = hidden if arguments.bidirectional else str(arguments.hidden_size)
    picture.box(0, 0, "input", "what comes in at a step", text=f"x: {arguments.input_size}")
    for layer in range(1, top):
        says = f"layer {layer}: {hidden} hidden units"
        picture.box(0, layer, "hidden", says, text=f"{arguments.kind} {layer}: {hidden}")
    features = arguments.directions * arguments.hidden_size
    picture.box(0, top, "output", "what goes out at a step", text=f"output: {features}")
    for y in range(top):
        picture.arrow(0, y + HALF_HEIGHT, 0, y + 1 - HALF_HEIGHT - 0.08)
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.6, 0.6], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.5, top + 0.5], nice=False))
    column = picture.chart(x, y, height=ROW_HEIGHT * (top + 1) + 40)
    loops = pd.DataFrame(
        [
            {"x": HALF_WIDTH + dx, "y": layer + dy, "order": order, "layer": layer}
            for layer in range(1, top)
            for order, (dx, dy) in enumerate(
                [(0, 0.15), (0.07, 0.3), (0.14, 0.0), (0.07, -0.3), (0, -0.15)]
            )
        ]
    )
    loop = (
        alt.Chart(loops)
        .mark_line(interpolate="basis", strokeDash=[4, 3], color=ROLES["context"], strokeWidth=2)
        .encode(
            x=alt.X("x:Q"), y=alt.Y("y:Q"), order=alt.Order("order:O"), detail=alt.Detail("layer:N")
        )
    )
    return alt.layer(loop, column).properties(height=ROW_HEIGHT * (top + 1) + 40)


def flow_map(table: pd.DataFrame) -> alt.LayerChart:
    """Every number of one sequence by step, a band of rows for each array.

    `table` as made by `analysis.shapes.flow_table`. Of a band the first `MOST_UNITS` rows are
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
        left=shown["step"].map(column) - 0.48,
        right=shown["step"].map(column) + 0.48,
        middle=shown["step"].map(column),
        bottom=shown["row"] - 0.48,
        top=shown["row"] + 0.48,
        what=np.where(shown["value"].isna(), "padding", "value"),
    )
    # Hidden values are small beside inputs; colours are theirs, and numbers are written out.
    hidden = table.loc[table["role"] != "input", "value"]
    largest = max(float(np.nanmax(np.abs(hidden))), 1e-6)
    x = alt.X(
        "left:Q",
        title="Step",
        axis=alt.Axis(
            values=list(column.values()),
            labelExpr=f"{json.dumps([str(t) for t in steps])}[datum.value]",
            grid=False,
            ticks=False,
        ),
        scale=alt.Scale(domain=[-0.6, len(steps) - 0.4], nice=False),
    )
    names = _band_names(table)
    centres = rows.groupby("band", sort=False)["row"].mean()
    marks = json.dumps({f"{at:g}": names[band] for band, at in centres.items()})
    y = alt.Y(
        "bottom:Q",
        title="Array",
        axis=alt.Axis(
            values=centres.tolist(),
            labelExpr=f"split({marks}[datum.value], ', ')",
            labelFontSize=12,
            grid=False,
            ticks=False,
            domain=False,
        ),
        scale=alt.Scale(domain=[-0.8, float(rows["row"].max()) + 0.8], nice=False),
    )
    numbers = shown.dropna(subset="value")
    tooltip = [
        alt.Tooltip("band:N", title="Array"),
        alt.Tooltip("step:Q", title="Step"),
        alt.Tooltip("unit:Q", title="Unit"),
    ]
    colour = alt.Color(
        "value:Q",
        title="Value",
        scale=alt.Scale(scheme="blueorange", domain=[-largest, largest], clamp=True),
        legend=alt.Legend(orient="top", gradientLength=160),
    )
    spans = {"x": x, "x2": alt.X2("right:Q"), "y": y, "y2": alt.Y2("top:Q")}
    cells = (
        alt.Chart(numbers)
        .mark_rect()
        .encode(**spans, color=colour, tooltip=[*tooltip, alt.Tooltip("value:Q", format="+.4f")])
    )
    empty = (
        alt.Chart(shown[shown["value"].isna()])
        .mark_rect(filled=False, stroke=ROLES["floor"], strokeDash=[2, 3], strokeWidth=1)
        .encode(**spans, tooltip=[*tooltip, alt.Tooltip("what:N", title="Here")])
    )
    kept = (
        alt.Chart(numbers[numbers["end"]])
        .mark_rect(filled=False, stroke=ROLES["context"], strokeWidth=2.5, tooltip=None)
        .encode(**spans)
    )
    written = (
        alt.Chart(numbers)
        .mark_text(fontSize=11, tooltip=None)
        .encode(
            x=alt.X("middle:Q"),
            y=alt.Y("row:Q"),
            text=alt.Text("value:Q", format=".2f"),
            color=alt.ColorValue(
                "black", condition={"test": f"abs(datum.value) > {0.6 * largest}", "value": "white"}
            ),
        )
    )
    height = int(20 * (rows["row"].max() + 1)) + 90
    return alt.layer(cells, empty, kept, written).properties(height=height)


def _band_names(table: pd.DataFrame) -> dict[str, str]:
    names = {}
    for band, units in table.groupby("band", sort=False)["unit"].max().items():
        name = band.replace(", forward", " →").replace(", backward", " ←")
        names[band] = name if units <= MOST_UNITS else f"{name}, {MOST_UNITS} of {units}"
    return names
