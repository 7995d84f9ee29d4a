"""Charts of number sequences: predicted against expected, the loss, and many networks at once."""

from __future__ import annotations

from typing import NamedTuple

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES, thinned
from elman.studies.number_answers import ACTIVATION_NAMES, SCALING_NAMES, predictions
from elman.studies.numbers import NumberRun, windows


class Look(NamedTuple):
    """How a series is drawn."""

    role: str
    shape: str
    size: int
    filled: bool
    dash: list[int]


SERIES = {
    "sequence": Look("target", "circle", 170, False, [1, 0]),
    "straight line": Look("baseline", "square", 45, True, [2, 3]),
    "network": Look("output", "triangle-up", 60, True, [6, 3]),
}

BEYOND = "beyond"


def predicted_against_expected(
    sequence: tuple[float, ...], table: pd.DataFrame, *, height: int = 320
) -> alt.LayerChart:
    """The sequence, the network's number at each place and the straight-line fit's.

    `table` as made by `analysis.numbers.predictions`; what lies beyond the sequence is shaded.
    """
    rows = [
        pd.DataFrame(
            {"place": np.arange(1, len(sequence) + 1), "number": sequence, "by": "sequence"}
        )
    ]
    further = table[table["where"] == "beyond"]
    rows.append(_series(further, "expected", "sequence"))
    rows += [_series(table, "line", "straight line"), _series(table, "network", "network")]
    frame = pd.concat(rows, ignore_index=True).replace([np.inf, -np.inf], np.nan).dropna()
    last = int(max(frame["place"].max(), len(sequence)))
    x = alt.X(
        "place:Q",
        title="Place in the sequence",
        axis=alt.Axis(values=list(range(1, last + 1, -(-last // 20))), format="d"),
        scale=alt.Scale(domain=[0.5, last + 0.5], nice=False),
    )
    base = alt.Chart(frame).encode(
        x=x,
        y=alt.Y("number:Q", title="Number", scale=alt.Scale(zero=False)),
        tooltip=[
            alt.Tooltip("place:Q", title="Place", format="d"),
            alt.Tooltip("by:N", title="From"),
            alt.Tooltip("number:Q", title="Number", format=",.4~g"),
        ],
    )
    layers = []
    if len(further):
        edge = pd.DataFrame({"start": [len(sequence) + 0.5], "end": [last + 0.5], "words": BEYOND})
        shade = alt.Chart(edge).mark_rect(color=ROLES["floor"], opacity=0.14)
        layers.append(shade.encode(x=alt.X("start:Q"), x2=alt.X2("end:Q")))
        label = alt.Chart(edge).mark_text(
            align="left", baseline="top", dx=6, color=ROLES["floor"], fontSize=12
        )
        layers.append(label.encode(x=alt.X("start:Q"), y=alt.YValue(6), text=alt.Text("words:N")))
    colour = alt.Color(
        "by:N",
        scale=alt.Scale(domain=list(SERIES), range=[ROLES[s.role] for s in SERIES.values()]),
        legend=alt.Legend(title=None, orient="top"),
    )
    shape = alt.Shape(
        "by:N", scale=alt.Scale(domain=list(SERIES), range=[s.shape for s in SERIES.values()])
    )
    for name, look in SERIES.items():
        part = base.transform_filter(alt.datum["by"] == name)
        # Without an encoding of their own the lines stay out of the legend.
        line = part.mark_line(color=ROLES[look.role], strokeDash=look.dash, strokeWidth=1.5)
        # Where the three agree, each must still be seen: the largest is hollow, the last on top.
        points = part.mark_point(
            filled=look.filled, size=look.size if len(sequence) <= 60 else look.size / 3, opacity=1
        )
        layers += [line, points.encode(color=colour, shape=shape)]
    return alt.layer(*layers).properties(height=height)


def _series(table: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
    return pd.DataFrame({"place": table["place"], "number": table[column], "by": name})


def number_loss(losses: np.ndarray, mean_loss: float, *, height: int = 280) -> alt.LayerChart:
    """Mean squared error after each epoch on a logarithmic scale.

    `mean_loss` is that of always answering the mean of the targets; zero is not drawn.
    """
    index = thinned(losses) if len(losses) else np.array([], dtype=int)
    frame = pd.DataFrame({"epoch": index + 1, "loss": np.asarray(losses)[index]})
    frame = frame[frame["loss"] > 0.0]
    x = alt.X(
        "epoch:Q",
        title="Epoch",
        axis=alt.Axis(tickCount=5),
        scale=alt.Scale(domain=[0, max(len(losses), 1)], nice=False),
    )
    y = alt.Y(
        "loss:Q",
        title="Mean squared error (logarithmic)",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(format="~g", tickCount=5),
    )
    tooltip = [
        alt.Tooltip("epoch:Q", title="Epoch"),
        alt.Tooltip("loss:Q", title="Loss", format=".3~g"),
    ]
    curve = (
        alt.Chart(frame)
        .mark_line(color=ROLES["error"], strokeWidth=2.5, point=len(frame) == 1)
        .encode(x=x, y=y, tooltip=tooltip)
    )
    layers = [curve]
    if mean_loss > 0.0:
        mean = pd.DataFrame(
            {"x": [max(len(losses), 1)], "y": [mean_loss], "words": ["always answering the mean"]}
        )
        rule = alt.Chart(mean).mark_rule(color=ROLES["floor"], strokeDash=[6, 4], strokeWidth=1.5)
        text = alt.Chart(mean).mark_text(align="right", dy=-8, dx=-4, color=ROLES["floor"])
        layers += [
            rule.encode(y=alt.Y("y:Q")),
            text.encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), text=alt.Text("words:N")),
        ]
    return alt.layer(*layers).properties(height=height)


def run_figure(trained: NumberRun, settings: list[str]) -> alt.VConcatChart:
    """Predicted against expected above the loss curve; `settings` are the lines under its title."""
    experiment = trained.experiment
    targets = windows(experiment.sequence, experiment.window_size)[1]
    above = predicted_against_expected(experiment.sequence, predictions(trained))
    below = number_loss(trained.losses, float(targets.var()), height=220)
    title = alt.Title("Number sequences", subtitle=settings)
    return alt.vconcat(*(part.properties(width=480) for part in (above, below)), title=title)


def spread(
    compared: pd.DataFrame, line: float, expected: float | None, *, height: int = 220
) -> alt.LayerChart:
    """One point a network: its number after the window, by activation and scaling.

    `compared` as made by `analysis.numbers.compare`; upright lines at the straight-line fit's
    number and, where it is known, at the right one.
    """
    frame = compared.assign(kind=kinds_of(compared)).replace([np.inf, -np.inf], np.nan)
    references = [("straight-line fit", line, "baseline")]
    if expected is not None:
        references.append(("right", expected, "target"))
    x = alt.X("prediction:Q", title="Number predicted after the window", scale=_padded())
    y = alt.Y("kind:N", sort=None, title=None, axis=alt.Axis(labelLimit=160))
    points = (
        alt.Chart(frame.dropna(subset="prediction"))
        .mark_point(filled=True, size=70, opacity=0.6, color=ROLES["output"])
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("kind:N", title="Networks"),
                alt.Tooltip("seed:Q", title="Seed", format="d"),
                alt.Tooltip("prediction:Q", title="Number predicted", format=",.4~g"),
            ],
        )
    )
    return alt.layer(*_upright(references), points).properties(height=height)


def inside_and_beyond(
    summary: pd.DataFrame, line: tuple[float, float | None], *, height: int = 220
) -> alt.LayerChart:
    """Typical error inside and beyond the sequence, by activation and scaling.

    `summary` as made by `analysis.numbers.summary`; `line` holds the straight-line fit's errors.
    """
    rows = [
        {"kind": kind, "where": where, "error": value}
        for kind, *values in zip(
            [*kinds_of(summary), "straight-line fit"],
            [*summary["inside"], line[0]],
            [*summary["beyond"], np.nan if line[1] is None else line[1]],
            strict=True,
        )
        for where, value in zip(("inside", "beyond"), values, strict=True)
    ]
    frame = pd.DataFrame(rows).replace([np.inf, -np.inf], np.nan).dropna()
    colour = alt.Color(
        "where:N",
        scale=alt.Scale(domain=["inside", "beyond"], range=[ROLES["hidden"], ROLES["error"]]),
        legend=alt.Legend(title=None, orient="top"),
    )
    shape = alt.Shape(
        "where:N", scale=alt.Scale(domain=["inside", "beyond"], range=["circle", "triangle-right"])
    )
    base = alt.Chart(frame).encode(
        x=alt.X("error:Q", title="Typical error (root mean square)", scale=alt.Scale(zero=True)),
        y=alt.Y("kind:N", sort=None, title=None, axis=alt.Axis(labelLimit=160)),
    )
    links = base.mark_line(color=ROLES["floor"], strokeWidth=1.5).encode(
        detail=alt.Detail("kind:N")
    )
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        color=colour,
        shape=shape,
        tooltip=[
            alt.Tooltip("kind:N", title="From"),
            alt.Tooltip("where:N", title="Where"),
            alt.Tooltip("error:Q", title="Typical error", format=".3~g"),
        ],
    )
    return alt.layer(links, points).properties(height=height)


def kinds_of(table: pd.DataFrame) -> list[str]:
    """Activation and scaling of each row in words."""
    return [
        f"{ACTIVATION_NAMES[a]}, {SCALING_NAMES[s]}"
        for a, s in zip(table["activation"], table["scaling"], strict=True)
    ]


def _padded() -> alt.Scale:
    return alt.Scale(zero=False, padding=20)


def _upright(references: list[tuple[str, float, str]]) -> list[alt.LayerChart]:
    layers = []
    for place, (words, value, role) in enumerate(references):
        frame = pd.DataFrame({"prediction": [value], "words": [words]})
        dash = [2, 3] if role == "baseline" else [1, 0]
        rule = alt.Chart(frame).mark_rule(color=ROLES[role], strokeDash=dash, strokeWidth=2)
        # The two often stand at the same number; their names stand on either side of it.
        side = {"align": "right", "dx": -5} if place == 0 else {"align": "left", "dx": 5}
        text = alt.Chart(frame).mark_text(color=ROLES[role], baseline="top", **side)
        x = alt.X("prediction:Q", scale=_padded())
        layers.append(
            rule.encode(x=x) + text.encode(x=x, y=alt.YValue(2), text=alt.Text("words:N"))
        )
    return layers
