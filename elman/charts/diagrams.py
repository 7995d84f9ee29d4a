"""Pictures of a network and what it reads: its units and weights, unrolled in time, its symbols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES, SHORT_NAME
from elman.charts.parts import INK, Picture, by_name, by_sign, tips
from elman.network import Weights

MOST_UNITS = 8

# Where each layer lies (height, left end, right end), as in Elman's Figure 2.
LAYERS = {
    "output": (2.0, 0.31, 0.91),
    "hidden": (1.0, 0.26, 0.96),
    "input": (0.0, 0.0, 0.36),
    "context": (0.0, 0.5, 1.0),
}
CONNECTIONS = (
    ("W_ih", "input", "hidden"),
    ("W_hh", "context", "hidden"),
    ("W_ho", "hidden", "output"),
)
# The ends of the whole drawing, with room on the right for the line that copies the hidden layer.
WIDTH = (-0.05, 1.12)


def network_sizes(weights: Weights) -> dict[str, int]:
    """The units of each layer."""
    n_hidden, n_input = weights["W_ih"].shape
    return {
        "input": n_input,
        "context": n_hidden,
        "hidden": n_hidden,
        "output": len(weights["b_o"]),
    }


def network_lines(weights: Weights, *, silent_context: bool = False) -> pd.DataFrame:
    """The lines that `network_diagram` draws; `weights` as a Run holds them.

    Where the context is always zero, `silent_context`, its lines are as faint as those of weights
    of zero: they play no part.
    """
    lines = weight_lines(_shown(network_sizes(weights)), weight=weights)
    lines["size"] = relative_sizes(lines)
    if silent_context:
        lines.loc[lines["matrix"] == "W_hh", "size"] = 0.0
    return lines


def _shown(sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
    """The units of each layer that are drawn."""
    return {layer: np.arange(min(size, MOST_UNITS)) for layer, size in sizes.items()}


def network_diagram(
    sizes: Mapping[str, int], lines: pd.DataFrame, *, height: int = 300
) -> alt.LayerChart:
    """Input and context below, hidden layer, output above: `network_sizes` and `network_lines`.

    Of a layer with more than `MOST_UNITS` units the first ones are drawn, and its name says so.
    """
    shown = _shown(sizes)
    units = pd.concat(
        [
            pd.DataFrame(
                {
                    "role": layer,
                    "x": unit_places(layer, len(chosen)),
                    "y": LAYERS[layer][0],
                    "unit": [f"{layer} {k + 1}" for k in chosen],
                }
            )
            for layer, chosen in shown.items()
        ]
    )
    names = [(layer, *_name_place(layer), _name(layer, size)) for layer, size in sizes.items()]
    loop = pd.DataFrame(
        {"x": [0.97, 1.07, 1.07, 1.01], "y": [1.0, 0.85, 0.25, 0.02], "order": range(4)}
    )
    widths, opacities = (alt.Scale(domain=[0, 1], range=ends) for ends in ([0.2, 5], [0.25, 0.9]))
    picture = Picture(WIDTH, (-0.45, 2.45))
    picture.draw(
        "rule",
        lines,
        tips(("connection:N", "Weight"), ("weight:Q", "Value", "+.3f")),
        channels={
            "color": by_sign("weight"),
            "strokeWidth": alt.StrokeWidth("size:Q", legend=None, scale=widths),
            "opacity": alt.Opacity("size:Q", legend=None, scale=opacities),
        },
    )
    picture.loop(loop)
    picture.draw("circle", units, tips(("unit:N", "Unit")), size=260, opacity=1)
    table = pd.DataFrame(names, columns=["role", "x", "y", "name"])
    picture.words(table, "name", fontSize=13, fontWeight="bold")
    return picture.chart(height)


def unit_places(layer: str, count: int) -> np.ndarray:
    """Where `count` units of a layer stand from left to right: (count,)."""
    _, left, right = LAYERS[layer]
    return left + (right - left) * (np.arange(count) + 0.5) / count


def weight_lines(shown: dict[str, np.ndarray], **values: Weights) -> pd.DataFrame:
    """The lines between shown units, one for each weight, with their `values` in columns.

    `shown` has the indices of the shown units by layer. Further columns: x, y, x2, y2 (from the
    sending to the receiving unit), matrix, connection (such as W_ih[0, 1]).
    """
    columns: dict[str, list[Any]] = {}
    for name, source, target in CONNECTIONS:
        of, to = shown[source], shown[target]
        row, column = (axis.ravel() for axis in np.indices((len(to), len(of))))
        part: dict[str, Any] = {
            "x": unit_places(source, len(of))[column],
            "y": np.full(len(row), LAYERS[source][0]),
            "x2": unit_places(target, len(to))[row],
            "y2": np.full(len(row), LAYERS[target][0]),
            "matrix": [name] * len(row),
            "connection": [f"{name}[{i}, {j}]" for i, j in zip(to[row], of[column], strict=True)],
        }
        part |= {key: weights[name][np.ix_(to, of)].ravel() for key, weights in values.items()}
        for key, entries in part.items():
            columns.setdefault(key, []).extend(entries)
    return pd.DataFrame(columns)


def relative_sizes(lines: pd.DataFrame) -> np.ndarray:
    """The size (lines,) of each of `weight_lines`, as a share of the largest in its matrix."""
    sizes, matrices = lines["weight"].abs().to_numpy(), lines["matrix"].to_numpy()
    shares = np.zeros(len(sizes))
    for name in {*matrices}:
        here = sizes[matrices == name]
        # A network that overflowed holds values that are not finite.
        largest = max(here[np.isfinite(here)], default=0.0)
        shares[matrices == name] = np.minimum(here / max(largest, 1e-300), 1.0)
    return shares


def _name_place(layer: str) -> tuple[float, float]:
    height, left, right = LAYERS[layer]
    # Above or below its units the hidden layer's name would lie on lines; it stands beside them.
    if layer == "hidden":
        return 0.08, height
    return (left + right) / 2, height + (-0.3 if height == 0.0 else 0.3)


def _name(layer: str, size: int) -> str:
    name = layer.capitalize()
    return f"{name}, {MOST_UNITS} of {size}" if size > MOST_UNITS else f"{name} ({size})"


# The network unrolled

ROWS = {"output": 2.0, "hidden": 1.0, "input": 0.0}

# Lines end short of the circles that they join, and the error flows beside the signal.
GAP = 0.17
BESIDE = 0.13


def unrolled_network(
    shares: Sequence[float], depth: int, symbols: Sequence[str] = ()
) -> alt.LayerChart:
    """A network unrolled over len(shares) steps, the last on the right, with its error's way back.

    `shares[k]` is the gradient at lag k relative to lag 0 (not-a-number where a reset cuts it
    off), `depth` the number of lags that the gradient uses, `symbols` the inputs, oldest first.
    """
    last = len(shares) - 1
    columns = range(last + 1)
    places = [(c, y, layer) for c in columns for layer, y in ROWS.items()]
    units = pd.DataFrame(places, columns=["x", "y", "role"]).assign(
        unit=[f"{layer.capitalize()} at {_step_name(c - last)}" for c, _, layer in places]
    )
    signal: list[tuple[float, float, float, float]]
    signal = [(c, y, c, y + 1.0) for c in columns for y in (0.0, 1.0)]
    signal += [(c, 1.0, c + 1, 1.0) for c in columns[:-1]]
    error = [(last, 2.0, last, 1.0), *((c + 1, 1.0, c, 1.0) for c in reversed(columns[:-1]))]
    errors = _between_circles(error, beside=BESIDE).assign(
        lag=columns,
        share=list(shares),
        size=[_size(share) for share in shares],
        label=[_percent(share) if k < depth else "" for k, share in enumerate(shares)],
        middle=lambda lines: (lines["x"] + lines["x2"]) / 2.0,
    )
    used = np.isfinite(errors["share"]) & (errors["lag"] < depth)
    notes = [(float(c), -0.28, _step_name(c - last)) for c in columns]
    notes += [(-0.62, y, layer) for layer, y in ROWS.items()]
    codes = pd.DataFrame({"x": list(columns)[: len(symbols)], "y": 0.0, "symbol": list(symbols)})

    picture = Picture((-0.95, last + 0.5), (-0.4, 2.3))
    grey, red = ROLES["floor"], ROLES["error"]
    tooltip = tips(("lag:Q", "Lag"), ("share:Q", "Gradient, relative to lag 0", ".3g"))
    widths = alt.Scale(domain=[0, 1], range=[0.6, 9], clamp=True)
    width = alt.StrokeWidth("size:Q", legend=None, scale=widths)
    picture.arrows(_between_circles(signal), head=40, color=grey)
    picture.draw("rule", errors[~used], tooltip, color=red, strokeDash=[2, 4], opacity=0.6)
    picture.arrows(errors[used], tooltip, head=320, channels={"strokeWidth": width}, color=red)
    labels = errors[errors["lag"] > 0].assign(x=errors["middle"])
    picture.words(labels, "label", color=red, dy=16, fontSize=11)
    picture.draw("circle", units, tips(("unit:N", "Layer")), size=520, opacity=1)
    picture.words(codes, "symbol", color="white", fontSize=12, fontWeight="bold")
    table = pd.DataFrame(notes, columns=["x", "y", "name"])
    picture.words(table, "name", color=grey, fontSize=12)
    return picture.chart(300)


def _step_name(offset: int) -> str:
    return f"t − {-offset}" if offset else "t"


def _size(share: float) -> float:
    """0 for nothing, 1 for all of the gradient or more; a thousandth still shows, as 0.1."""
    if not np.isfinite(share) or share <= 0.0:
        return 0.0
    return float(min(np.cbrt(share), 1.0))


def _percent(share: float) -> str:
    if not np.isfinite(share):
        return "reset"
    if share == 0.0:
        return "0%"
    return "<0.01%" if share < 1e-4 else f"{100.0 * share:.3g}%"


def _between_circles(
    ends: Sequence[tuple[float, float, float, float]], beside: float = 0.0
) -> pd.DataFrame:
    """Lines between circles at (x, y, x2, y2); `beside` moves them to the right or down."""
    x, y, x2, y2 = np.array(ends, dtype=float).T
    dx, dy = np.sign(x2 - x), np.sign(y2 - y)
    right, down = np.where(dx == 0, beside, 0.0), np.where(dx == 0, 0.0, beside)
    return pd.DataFrame(
        {
            "x": x + GAP * dx + right,
            "y": y + GAP * dy - down,
            "x2": x2 - GAP * dx + right,
            "y2": y2 - GAP * dy - down,
        }
    )


# The symbols that it reads

STRIP_HEIGHT = 42

# How well a symbol could be foretold by someone who knows the rule, and the role that colours it.
KINDS = {"can be predicted": "hidden", "is open": "floor", "not known": "input"}


def symbol_strip(
    names: Sequence[str],
    group_starts: np.ndarray,
    expected_certain: Sequence[bool] | np.ndarray | None,
    *,
    columns: int | None = None,
) -> alt.LayerChart:
    """The first symbols of a sequence in rows of `columns`, with a gap before each group.

    `expected_certain` marks symbols that someone who knows the rule could have foretold; None
    where nobody knows the rule. By default all symbols stand in one row.
    """
    columns = columns or len(names)
    steps = np.arange(len(names))
    rows, places = steps // columns, steps % columns
    gaps = np.array(
        [
            np.count_nonzero(group_starts[step - place + 1 : step + 1])
            for step, place in zip(steps, places, strict=True)
        ]
    )
    x = places + 0.6 * gaps
    predictable, is_open, not_known = KINDS
    kind = np.full(len(names), not_known)
    if expected_certain is not None:
        kind = np.where(expected_certain, predictable, is_open)
    # Rows go downward.
    ends = {"x": x, "x2": x + 0.92, "y": 0.04 - rows, "y2": 0.96 - rows}
    boxes = pd.DataFrame({**ends, "symbol": names, "kind": kind, "step": steps + 1})
    texts = boxes.assign(x=x + 0.46, y=0.5 - rows)
    picture = Picture((0, float(x.max()) + 1), (-float(rows.max()), 1))
    colour = by_name(alt.Color, "kind", KINDS)
    picture.on_white(boxes, cornerRadius=3)
    picture.draw(
        "rect",
        boxes,
        tips(("step:Q", "Step"), ("symbol:N", "symbol"), ("kind:N", "It")),
        channels={"color": colour, "stroke": by_name(alt.Stroke, "kind", KINDS)},
        cornerRadius=3,
        fillOpacity=0.18,
        strokeWidth=1.5,
    )
    size = 15 if max(map(len, names)) <= SHORT_NAME else 12
    picture.words(texts, "symbol", color=INK, fontSize=size, fontWeight="bold")
    return picture.chart(STRIP_HEIGHT * (1 + int(rows.max())))
