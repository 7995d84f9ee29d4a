"""The unrolled network as a picture: a column for each step, and how far the error flows back."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES

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
    units = pd.DataFrame(
        [
            {"x": c, "y": y, "layer": layer, "unit": f"{layer.capitalize()} at {_name(c - last)}"}
            for c in columns
            for layer, y in ROWS.items()
        ]
    )
    signal = [(c, y, c, y + 1.0) for c in columns for y in (0.0, 1.0)]
    signal += [(c, 1.0, c + 1, 1.0) for c in columns[:-1]]
    signals = pd.DataFrame([_shortened(*ends, beside=0.0) for ends in signal])
    error = [(last, 2.0, last, 1.0), *((c + 1, 1.0, c, 1.0) for c in reversed(columns[:-1]))]
    errors = pd.DataFrame([_shortened(*ends, beside=BESIDE) for ends in error]).assign(
        lag=columns,
        share=list(shares),
        size=[_size(share) for share in shares],
        used=[k < depth and bool(np.isfinite(share)) for k, share in enumerate(shares)],
        label=[_percent(share) if k < depth else "" for k, share in enumerate(shares)],
    )
    errors["middle"] = (errors["x"] + errors["x2"]) / 2.0
    notes = pd.DataFrame(
        [{"x": c, "y": -0.28, "name": _name(c - last)} for c in columns]
        + [{"x": -0.62, "y": y, "name": layer} for layer, y in ROWS.items()]
    )
    codes = pd.DataFrame({"x": list(columns)[: len(symbols)], "y": 0.0, "symbol": list(symbols)})

    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.95, last + 0.5], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.4, 2.3], nice=False))
    ends = {"x2": alt.X2("x2:Q"), "y2": alt.Y2("y2:Q")}
    colour = alt.Color(
        "layer:N",
        legend=None,
        scale=alt.Scale(domain=list(ROWS), range=[ROLES[layer] for layer in ROWS]),
    )
    tooltip = [
        alt.Tooltip("lag:Q", title="Lag"),
        alt.Tooltip("share:Q", title="Gradient, relative to lag 0", format=".3g"),
    ]
    used = alt.Chart(errors).transform_filter("datum.used")
    cut = alt.Chart(errors).transform_filter("!datum.used")
    width = alt.StrokeWidth(
        "size:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.6, 9], clamp=True)
    )
    red = ROLES["error"]
    layers = [
        alt.Chart(signals).mark_rule(color=ROLES["floor"]).encode(x=x, y=y, **ends),
        _heads(signals, ROLES["floor"], 40, x, y),
        cut.mark_rule(color=red, strokeDash=[2, 4], opacity=0.6).encode(
            x=x, y=y, **ends, tooltip=tooltip
        ),
        used.mark_rule(color=red).encode(x=x, y=y, strokeWidth=width, **ends, tooltip=tooltip),
        _heads(errors[errors["used"]], red, 320, x, y),
        alt.Chart(errors[errors["lag"] > 0])
        .mark_text(color=red, dy=16, fontSize=11)
        .encode(x=alt.X("middle:Q", axis=None), y=y, text=alt.Text("label:N")),
        alt.Chart(units)
        .mark_circle(size=520, opacity=1)
        .encode(x=x, y=y, color=colour, tooltip=[alt.Tooltip("unit:N", title="Layer")]),
        alt.Chart(codes)
        .mark_text(color="white", fontSize=12, fontWeight="bold")
        .encode(x=x, y=y, text=alt.Text("symbol:N")),
        alt.Chart(notes)
        .mark_text(color=ROLES["floor"], fontSize=12)
        .encode(x=x, y=y, text=alt.Text("name:N")),
    ]
    return alt.layer(*layers).properties(height=300)


def _name(offset: int) -> str:
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


def _shortened(x: float, y: float, x2: float, y2: float, *, beside: float) -> dict[str, float]:
    """A line between two circles; `beside` moves it to the right or down, and turns its head."""
    dx, dy = np.sign(x2 - x), np.sign(y2 - y)
    right, down = (beside, 0.0) if dx == 0 else (0.0, beside)
    angle = {(0, 1): 0, (1, 0): 90, (0, -1): 180, (-1, 0): 270}[int(dx), int(dy)]
    return {
        "x": x + GAP * dx + right,
        "y": y + GAP * dy - down,
        "x2": x2 - GAP * dx + right,
        "y2": y2 - GAP * dy - down,
        "angle": angle,
    }


def _heads(lines: pd.DataFrame, colour: str, size: int, x: alt.X, y: alt.Y) -> alt.LayerChart:
    ends = lines.assign(x=lines["x2"], y=lines["y2"])
    return alt.layer(
        *(
            alt.Chart(ends[ends["angle"] == angle])
            .mark_point(shape="triangle-up", angle=angle, filled=True, size=size, color=colour)
            .encode(x=x, y=y)
            for angle in (0, 90, 180, 270)
            if (ends["angle"] == angle).any()
        )
    )
