"""One training step as a picture: the network, with the numbers of one stage of the step."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from elman.analysis.step import Step, Units
from elman.charts import NEGATIVE, POSITIVE, ROLES
from elman.charts.diagrams import LAYERS, WIDTH, relative_sizes, unit_places, weight_lines
from elman.charts.parts import Picture, as_given, by_role, by_sign, tips

TARGET_HEIGHT = 2.9

LARGEST_CIRCLE = 42  # pixels
SMALLEST_WITH_NUMBER = 24

# What a stage is about stands out; the rest stays where it is, faintly.
_BRIGHT_UNITS = {
    "forward": ("input", "context", "hidden", "output"),
    "error": ("output", "target"),
    "backward": ("hidden", "output"),
    "update": ("input", "context", "hidden", "output"),
    "copy": ("hidden", "context"),
}
_BRIGHT_LINES = {
    "forward": ("W_ih", "W_hh", "W_ho"),
    "error": (),
    "backward": ("W_ho",),
    "update": ("W_ih", "W_hh", "W_ho"),
    "copy": (),
}
FAINT = 0.25

# The filling of a unit at zero: the colour of the page that the drawing lies on.
WHITE, DARK = "#FFFFFF", "#171614"

# Luminance at which white and black ink are equally easy to read.
_INK_TURNS = 0.179


def step_drawing(
    step: Step, units: Units, stage: str, *, ground: str = WHITE, height: int = 400
) -> alt.LayerChart:
    """The network at one `stage` of a step: units by activation or delta, lines by weight.

    Of wide layers it has the chosen `units`. At the stage "update" lines are weight changes.
    `ground` is the colour of a unit at zero, by default `WHITE`.
    """
    frame = _unit_frame(step, units, stage, ground)
    # Circles are as large as the fullest row lets them be, on any screen.
    pitch = min(
        (LAYERS[layer][2] - LAYERS[layer][1]) / count
        for layer, count in frame[frame["role"] != "target"]["role"].value_counts().items()
    ) / (WIDTH[1] - WIDTH[0])
    diameter = f"min({LARGEST_CIRCLE}, {0.88 * pitch:.4f} * width)"
    readable = alt.expr(f"{diameter} < {SMALLEST_WITH_NUMBER} ? 0 : 1")
    opacity = as_given(alt.Opacity, "opacity")

    picture = Picture(WIDTH, (-0.85, 3.4))
    picture.draw(
        "rule",
        _line_frame(step, units, stage),
        tips(
            ("connection:N", "Weight"),
            ("before:Q", "In this step", "+.5f"),
            ("change:Q", "Its change", "+.2e"),
        ),
        channels={
            "color": by_sign("weight"),
            "strokeWidth": as_given(alt.StrokeWidth, "width"),
            "opacity": opacity,
        },
    )
    copying = stage == "copy"
    begin, end = (
        unit_places(layer, len(units.hidden))[-1] + 0.05 for layer in ("hidden", "context")
    )
    copies = pd.DataFrame(
        {"x": [begin, 1.1, 1.1, end], "y": [1.0, 0.95, 0.1, 0.05], "order": range(4)}
    )
    width, faded, head = (4, 1.0, 140) if copying else (1.5, 0.6, 50)
    picture.loop(copies, strokeDash=[6, 3], strokeWidth=width, opacity=faded)
    arrow: dict[str, Any] = {"shape": "triangle-left", "color": ROLES["context"], "size": head}
    picture.draw("point", copies.tail(1), filled=True, opacity=1, **arrow)
    picture.draw(
        "point",
        frame,
        tips(
            ("unit:N", "Unit"), ("holds:N", "Holds"), ("net:N", "Net input"), ("delta:N", "Delta")
        ),
        channels={
            "fill": as_given(alt.Fill, "fill"),
            "stroke": by_role(alt.Stroke),
            "opacity": opacity,
            "shape": as_given(alt.Shape, "shape"),
        },
        filled=True,
        strokeWidth=1.5,
        size=alt.expr(f"pow({diameter}, 2)"),
    )
    size = alt.expr(f"0.28 * {diameter}")
    ink = {"color": as_given(alt.Color, "ink")}
    picture.words(frame, "number", channels=ink, fontSize=size, opacity=readable)
    # Between shorter neighbours a name has a little more room than its circle.
    room = alt.expr(f"{1.25 * pitch:.4f} * width")
    names = frame[frame["name"] != ""].assign(y=frame["name_y"])
    picture.words(names, "name", fontSize=11, opacity=readable, limit=room)
    picture.words(_layer_names(step, units), "name", fontSize=13, fontWeight="bold")
    if stage in ("error", "backward"):
        errors = frame[frame["error"] != ""].assign(y=(TARGET_HEIGHT + LAYERS["output"][0]) / 2)
        bold: dict[str, Any] = {"fontSize": 12, "fontWeight": "bold", "color": ROLES["error"]}
        picture.words(errors, "error", opacity=readable, **bold)
    return picture.chart(height)


def _unit_frame(step: Step, units: Units, stage: str, ground: str) -> pd.DataFrame:
    nothing = {"net": None, "delta": None}
    contexts = step.new_context if stage == "copy" else step.context
    holds = {
        "input": (units.inputs, step.x, nothing),
        "context": (units.hidden, contexts, nothing),
        "hidden": (
            units.hidden,
            step.hidden,
            {"net": step.hidden_net_input, "delta": step.hidden_deltas[0]},
        ),
        "output": (
            units.outputs,
            step.output,
            {"net": step.output_net_input, "delta": step.output_delta},
        ),
        "target": (units.outputs, step.target, nothing),
    }
    rows = []
    for layer, (chosen, values, further) in holds.items():
        height = TARGET_HEIGHT if layer == "target" else LAYERS[layer][0]
        bright = layer in _BRIGHT_UNITS[stage]
        shows_delta = stage == "backward" and bright
        shown = further["delta"] if shows_delta else values
        scale = _scale(shown) if shows_delta else max(_scale(values), 1.0)
        places = unit_places("output" if layer == "target" else layer, len(chosen))
        for place, unit in zip(places, chosen, strict=True):
            fill, ink = _paint(float(shown[unit]) / scale, layer, shows_delta, ground)
            number = _short(shown[unit], scale) if shows_delta else f"{shown[unit]:.3g}"
            if not shows_delta and abs(shown[unit]) < 10:
                number = f"{shown[unit]:.2f}"
            name = units.names[unit] if layer in ("input", "target") else ""
            rows.append(
                {
                    "role": layer,
                    "x": place,
                    "y": height,
                    "fill": fill,
                    "ink": ink,
                    "shape": "square" if layer == "target" else "circle",
                    "opacity": 1.0 if bright else FAINT,
                    "number": number if bright else "",
                    "name": name,
                    "name_y": height + (0.36 if layer == "target" else -0.36),
                    "unit": f"{layer} {unit + 1}" + (f", {units.names[unit]}" if name else ""),
                    "holds": f"{values[unit]:.4f}",
                    "net": "" if further["net"] is None else f"{further['net'][unit]:+.4f}",
                    "delta": "" if further["delta"] is None else f"{further['delta'][unit]:+.2e}",
                    "error": _short_error(step.error[unit]) if layer == "target" else "",
                }
            )
    return pd.DataFrame(rows)


def _scale(values: np.ndarray) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return max(float(finite.max(initial=0.0)), 1e-300)


def _paint(share: float, layer: str, signed: bool, ground: str) -> tuple[str, str]:
    """Filling and ink of a unit that holds this share of the most there is."""
    colour = ROLES[layer]
    if signed:
        colour = NEGATIVE if share < 0.0 else POSITIVE
    elif share < 0.0:
        colour = ROLES["floor"]
    share = min(abs(share), 1.0) if np.isfinite(share) else 0.0
    mixed = _channels(ground) * (1.0 - share) + _channels(colour) * share
    fill = "#" + "".join(f"{round(part):02X}" for part in mixed)
    return fill, "black" if _luminance(mixed) > _INK_TURNS else "white"


def _channels(colour: str) -> np.ndarray:
    """Red, green and blue of a colour like #0072B2: (3,) in 0..255."""
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], dtype=float)


def _luminance(channels: np.ndarray) -> float:
    """Relative luminance in 0..1. Source: Web Content Accessibility Guidelines 2.1 (2018)."""
    part = channels / 255
    linear = np.where(part <= 0.03928, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _short(value: float, most: float) -> str:
    """A delta in few signs; ~0 where it is next to nothing beside the largest of its layer."""
    if value == 0.0 or abs(value) >= 0.0005:
        return f"{value:+.3f}"
    if abs(value) < most / 100:
        return "~0"
    return f"{value:+.0e}".replace("e-0", "e-")


def _short_error(error: float) -> str:
    return "~0" if abs(error) < 0.005 else f"{error:+.2f}"


def _line_frame(step: Step, units: Units, stage: str) -> pd.DataFrame:
    shown = {
        "input": units.inputs,
        "context": units.hidden,
        "hidden": units.hidden,
        "output": units.outputs,
    }
    values = step.changes if stage == "update" else step.before
    bright = _BRIGHT_LINES[stage]
    if stage == "backward" and len(step.past_steps):
        bright = (*bright, "W_hh")
    lines = weight_lines(shown, weight=values, before=step.before, change=step.changes)
    size = relative_sizes(lines)
    light = np.where(lines["matrix"].isin(bright), 1.0, FAINT)
    return lines.assign(
        width=np.where(lines["weight"] == 0.0, 0.0, 0.3 + 4.7 * size),
        opacity=light * (0.25 + 0.65 * size),
    )


def _layer_names(step: Step, units: Units) -> pd.DataFrame:
    counts = {
        "input": (len(units.inputs), len(step.x)),
        "context": (len(units.hidden), len(step.hidden)),
        "hidden": (len(units.hidden), len(step.hidden)),
        "output": (len(units.outputs), len(step.output)),
        "target": (len(units.outputs), len(step.target)),
    }
    rows = []
    for layer, (some, every) in counts.items():
        height, left, right = LAYERS["output" if layer == "target" else layer]
        bottom = layer in ("input", "context")
        rows.append(
            {
                # Above or below its units a name would lie on lines; it stands beside them.
                "x": (left + right) / 2 if bottom else 0.1,
                "y": -0.7 if bottom else TARGET_HEIGHT if layer == "target" else height,
                "name": layer.capitalize() + (f", {some} of {every}" if some < every else ""),
                "role": layer,
            }
        )
    return pd.DataFrame(rows)
