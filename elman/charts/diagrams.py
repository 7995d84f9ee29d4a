"""The network as a picture: units as circles, weights as lines, by their sign and size."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import NEGATIVE, POSITIVE, ROLES
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


def network_diagram(weights: Weights, *, height: int = 300) -> alt.LayerChart:
    """Input and context below, hidden layer, output above; `weights` as a Run holds them.

    Of a layer with more than `MOST_UNITS` units the first ones are drawn, and its name says so.
    """
    n_hidden, n_input = weights["W_ih"].shape
    sizes = {
        "input": n_input,
        "context": n_hidden,
        "hidden": n_hidden,
        "output": len(weights["b_o"]),
    }
    units = pd.concat([_units(layer, size) for layer, size in sizes.items()])
    lines = pd.concat([_lines(weights[name], name, *ends) for name, *ends in CONNECTIONS])
    names = pd.DataFrame(
        [
            {
                "layer": layer,
                "x": LAYERS[layer][1:],
                "y": LAYERS[layer][0],
                "name": _name(layer, size),
            }
            for layer, size in sizes.items()
        ]
    )
    names["x"] = [(left + right) / 2 for left, right in names["x"]]
    names["y"] += np.where(names["y"] == 0.0, -0.3, 0.3)
    # Above or below its units the hidden layer's name would lie on lines; it stands beside them.
    hidden = names["layer"] == "hidden"
    names.loc[hidden, ["x", "y"]] = [0.08, 1.0]
    copies = pd.DataFrame(
        {"x": [0.97, 1.07, 1.07, 1.01], "y": [1.0, 0.85, 0.25, 0.02], "order": range(4)}
    )

    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.05, 1.12], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.45, 2.45], nice=False))
    colour = alt.Color(
        "layer:N",
        legend=None,
        scale=alt.Scale(domain=list(LAYERS), range=[ROLES[n] for n in LAYERS]),
    )
    weight_lines = (
        alt.Chart(lines)
        .mark_rule()
        .encode(
            x=x,
            y=y,
            x2=alt.X2("x2:Q"),
            y2=alt.Y2("y2:Q"),
            color=alt.ColorValue(
                POSITIVE, condition={"test": "datum.weight < 0", "value": NEGATIVE}
            ),
            strokeWidth=alt.StrokeWidth(
                "size:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.2, 5])
            ),
            opacity=alt.Opacity(
                "size:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.25, 0.9])
            ),
            tooltip=[
                alt.Tooltip("connection:N", title="Weight"),
                alt.Tooltip("weight:Q", title="Value", format="+.3f"),
            ],
        )
    )
    copy_line = (
        alt.Chart(copies)
        .mark_line(interpolate="basis", strokeDash=[4, 3], color=ROLES["context"], strokeWidth=2)
        .encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), order=alt.Order("order:O"))
    )
    circles = (
        alt.Chart(units)
        .mark_circle(size=260, opacity=1)
        .encode(
            x=alt.X("x:Q"),
            y=alt.Y("y:Q"),
            color=colour,
            tooltip=[alt.Tooltip("unit:N", title="Unit")],
        )
    )
    labels = (
        alt.Chart(names)
        .mark_text(fontSize=13, fontWeight="bold")
        .encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), text=alt.Text("name:N"), color=colour)
    )
    return alt.layer(weight_lines, copy_line, circles, labels).properties(height=height)


def _places(layer: str, size: int) -> np.ndarray:
    _, left, right = LAYERS[layer]
    shown = min(size, MOST_UNITS)
    return left + (right - left) * (np.arange(shown) + 0.5) / shown


def _units(layer: str, size: int) -> pd.DataFrame:
    x = _places(layer, size)
    names = [f"{layer} {k + 1}" for k in range(len(x))]
    return pd.DataFrame({"layer": layer, "x": x, "y": LAYERS[layer][0], "unit": names})


def _lines(weight: np.ndarray, name: str, source: str, target: str) -> pd.DataFrame:
    to, of = (min(size, MOST_UNITS) for size in weight.shape)
    target_unit, source_unit = (axis.ravel() for axis in np.indices((to, of)))
    values = weight[:to, :of].ravel()
    largest = max(float(np.abs(values).max()), 1e-12)
    return pd.DataFrame(
        {
            "x": _places(source, weight.shape[1])[source_unit],
            "y": LAYERS[source][0],
            "x2": _places(target, weight.shape[0])[target_unit],
            "y2": LAYERS[target][0],
            "weight": values,
            "size": np.abs(values) / largest,
            "connection": [
                f"{name}[{i}, {j}]" for i, j in zip(target_unit, source_unit, strict=True)
            ],
        }
    )


def _name(layer: str, size: int) -> str:
    name = layer.capitalize()
    return f"{name}, {MOST_UNITS} of {size}" if size > MOST_UNITS else f"{name} ({size})"
