"""Charts of number sequences: predicted against expected, the loss, and many networks at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES
from elman.charts.loss import epoch_axis, loss_line, loss_points
from elman.charts.parts import by_name, layered, rule, span, tips
from elman.studies.number_answers import ACTIVATION_NAMES, SCALING_NAMES, asked_rows, predictions
from elman.studies.numbers import NumberRun, windows


class SeriesStyle(NamedTuple):
    """How a series is drawn."""

    role: str
    shape: str
    size: int
    filled: bool
    dash: list[int]


SERIES = {
    "sequence": SeriesStyle("target", "circle", 170, False, [1, 0]),
    "straight line": SeriesStyle("baseline", "square", 45, True, [2, 3]),
    "network": SeriesStyle("output", "triangle-up", 60, True, [6, 3]),
}

BEYOND, ASKED = "beyond", "asked"


def predicted_against_expected(
    sequence: tuple[float, ...],
    table: pd.DataFrame,
    asked: pd.DataFrame | None = None,
    *,
    height: int = 320,
) -> alt.LayerChart:
    """The sequence, the network's number at each place and the straight-line fit's.

    `table` from `studies.number_answers.predictions`; what lies beyond the sequence is shaded.
    `asked` from `asked_rows`: a window of the reader's own and its answers, drawn behind a gap.
    """
    known = pd.DataFrame({"place": np.arange(1, len(sequence) + 1), "number": sequence})
    further = table[table["where"] == "beyond"]
    frame = _finite(
        pd.concat(
            [
                known.assign(by="sequence"),
                _series(further, "expected", "sequence"),
                _series(table, "line", "straight line"),
                _series(table, "network", "network"),
            ],
            ignore_index=True,
        )
    ).dropna()
    last = int(max(frame["place"].max(), len(sequence)))
    frame["part"], end = "known", last + 0.5
    if asked is not None and len(asked):
        moved = asked.assign(place=asked["place"] + last + 1, part=ASKED)
        frame = pd.concat([frame, _finite(moved).dropna()], ignore_index=True)
        end = moved["place"].max() + 0.5
    x = alt.X(
        "place:Q",
        title="Place in the sequence",
        axis=alt.Axis(values=list(range(1, last + 1, -(-last // 20))), format="d"),
        scale=span(0.5, end),
    )
    base = alt.Chart(frame).encode(
        x=x,
        y=alt.Y("number:Q", title="Number", scale=alt.Scale(zero=False)),
        tooltip=tips(("place:Q", "Place", "d"), ("by:N", "From"), ("number:Q", "Number", ",.4~g")),
    )
    layers = []
    shaded = [(len(sequence) + 0.5, last + 0.5, BEYOND)] if len(further) else []
    shaded += [(last + 1.5, end, ASKED)] if end > last + 0.5 else []
    if shaded:
        edge = pd.DataFrame(shaded, columns=["start", "end", "words"])
        shade = alt.Chart(edge).mark_rect(color=ROLES["floor"], opacity=0.14)
        layers.append(shade.encode(x=alt.X("start:Q"), x2=alt.X2("end:Q")))
        label = alt.Chart(edge).mark_text(
            align="left", baseline="top", dx=6, color=ROLES["floor"], fontSize=12
        )
        layers.append(label.encode(x=alt.X("start:Q"), y=alt.YValue(6), text=alt.Text("words:N")))
    legend = alt.Legend(orient="top")
    roles = {name: style.role for name, style in SERIES.items()}
    shapes = {name: style.shape for name, style in SERIES.items()}
    looks = {
        "color": by_name(alt.Color, "by", roles, legend=legend),
        "shape": by_name(alt.Shape, "by", shapes, legend=legend),
    }
    for name, style in SERIES.items():
        part = base.transform_filter(alt.datum["by"] == name)
        # Without an encoding of their own the lines stay out of the legend.
        line = part.mark_line(
            color=ROLES[style.role], strokeDash=style.dash, strokeWidth=1.5
        ).encode(detail=alt.Detail("part:N"))
        # Where the three agree, each must still be seen: the largest is hollow, the last on top.
        size = style.size if len(sequence) <= 60 else style.size / 3
        points = part.mark_point(filled=style.filled, size=size, opacity=1)
        layers += [line, points.encode(**looks)]
    return layered(*layers, height=height)


def _finite(table: pd.DataFrame) -> pd.DataFrame:
    """Infinite numbers as missing ones, which are not drawn."""
    return table.replace([np.inf, -np.inf], np.nan)


def _series(table: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
    return pd.DataFrame({"place": table["place"], "number": table[column], "by": name})


def number_loss(losses: np.ndarray, mean_loss: float, *, height: int = 280) -> alt.LayerChart:
    """Mean squared error after each epoch on a logarithmic scale.

    `mean_loss` is that of always answering the mean of the targets; zero is not drawn.
    """
    points = loss_points(losses)
    y = alt.Y(
        "loss:Q",
        title="Mean squared error (logarithmic)",
        scale=alt.Scale(type="log"),
        axis=alt.Axis(format="~g", tickCount=5),
    )
    x = epoch_axis(max(len(losses), 1), ticks=5)
    layers = [loss_line(points[points["loss"] > 0.0], x, y, format=".3~g")]
    if mean_loss > 0.0:
        label = "always answering the mean"
        layers += rule(mean_loss, "floor", label, at="width", dx=-4, dy=-8)
    return layered(*layers, height=height)


def run_figure(
    trained: NumberRun, window: tuple[float, ...], settings: list[str]
) -> alt.VConcatChart:
    """Predicted against expected above the loss curve; `settings` are the lines under its title.

    `window` is what was asked for.
    """
    experiment = trained.experiment
    targets = windows(experiment.sequence, experiment.window_size)[1]
    above = predicted_against_expected(
        experiment.sequence, predictions(trained), asked_rows(trained, window)
    )
    below = number_loss(trained.losses, float(targets.var()), height=220)
    title = alt.Title("Number sequences", subtitle=settings)
    return alt.vconcat(*(part.properties(width=480) for part in (above, below)), title=title)


def spread(
    compared: pd.DataFrame, line: float, expected: float | None, *, height: int = 220
) -> alt.LayerChart:
    """One point a network: its number after the window, by activation and scaling.

    `compared` as made by `studies.number_answers.compare`; upright lines at the straight-line fit's
    number, unless that is open (not-a-number), and, where it is known, at the right one.
    """
    frame = _finite(compared.assign(kind=kinds_of(compared)))
    points = (
        alt.Chart(frame.dropna(subset="prediction"))
        .mark_point(filled=True, size=70, opacity=0.6, color=ROLES["output"])
        .encode(
            x=alt.X(
                "prediction:Q",
                title="Number predicted after the window",
                scale=alt.Scale(zero=False, padding=20),
            ),
            y=_kind_axis(),
            tooltip=tips(
                ("kind:N", "Networks"),
                ("seed:Q", "Seed", "d"),
                ("prediction:Q", "Number predicted", ",.4~g"),
            ),
        )
    )
    # The two often stand at the same number; their names stand on either side of it.
    name: dict[str, Any] = {"upright": True, "at": 2, "baseline": "top", "width": 2}
    lines = []
    if np.isfinite(line):
        lines += rule(line, "baseline", "straight-line fit", align="right", dx=-5, **name)
    if expected is not None:
        lines += rule(expected, "target", "right", dash=[1, 0], align="left", dx=5, **name)
    return layered(*lines, points, height=height)


def inside_and_beyond(
    summary: pd.DataFrame, line: tuple[float, float | None], *, height: int = 220
) -> alt.LayerChart:
    """Typical error inside and beyond the sequence, by activation and scaling.

    `summary` from `studies.number_answers.summary`; `line` holds the straight-line fit's errors.
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
    base = alt.Chart(_finite(pd.DataFrame(rows)).dropna()).encode(
        x=alt.X("error:Q", title="Typical error (root mean square)", scale=alt.Scale(zero=True)),
        y=_kind_axis(),
    )
    links = base.mark_line(color=ROLES["floor"], strokeWidth=1.5).encode(
        detail=alt.Detail("kind:N")
    )
    legend = alt.Legend(orient="top")
    roles = {"inside": "hidden", "beyond": "error"}
    shapes = {"inside": "circle", "beyond": "triangle-right"}
    points = base.mark_point(filled=True, size=110, opacity=1).encode(
        color=by_name(alt.Color, "where", roles, legend=legend),
        shape=by_name(alt.Shape, "where", shapes, legend=legend),
        tooltip=tips(
            ("kind:N", "From"), ("where:N", "Where"), ("error:Q", "Typical error", ".3~g")
        ),
    )
    return layered(links, points, height=height)


def _kind_axis() -> alt.Y:
    return alt.Y("kind:N", sort=None, title=None, axis=alt.Axis(labelLimit=160))


def kinds_of(table: pd.DataFrame) -> list[str]:
    """Activation and scaling of each row in words."""
    return [
        f"{ACTIVATION_NAMES[a]}, {SCALING_NAMES[s]}"
        for a, s in zip(table["activation"], table["scaling"], strict=True)
    ]


FORECASTS = {"network": "output", "straight line": "baseline", "right": "target"}


def forecast_band(sequence: tuple[float, ...], horizon: pd.DataFrame) -> alt.LayerChart:
    """The sequence, and how it goes on: the networks' median in the band of all of them, the
    straight line, and where a rule is known the right numbers.

    `horizon` from `studies.forecast.by_horizon`.
    """
    table = _finite(horizon).assign(place=horizon["step"] + len(sequence))
    known = pd.DataFrame({"place": np.arange(1, len(sequence) + 1), "number": sequence})
    names = {"network": "middle", "straight line": "line", "right": "right"}
    lines = pd.concat(
        [
            table[["place", column]].rename(columns={column: "number"}).assign(by=name)
            for name, column in names.items()
        ]
    ).dropna()
    x = alt.X("place:Q", title="Place in the sequence", axis=alt.Axis(tickMinStep=1))
    y = alt.Y("number:Q", title="Number", scale=alt.Scale(zero=False))
    band = (
        alt.Chart(table.dropna(subset=["low", "high"]))
        .mark_area(color=ROLES["output"], opacity=0.2)
        .encode(x=x, y=alt.Y("low:Q", title="Number"), y2=alt.Y2("high:Q"))
    )
    points = alt.Chart(known).mark_circle(color=ROLES["target"], size=40).encode(x=x, y=y)
    drawn = (
        alt.Chart(lines)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=x,
            y=y,
            color=by_name(alt.Color, "by", FORECASTS, legend=alt.Legend(orient="top", title=None)),
            tooltip=tips(("place:Q", "Place"), ("by:N", "From"), ("number:Q", "Number", ",.4~g")),
        )
    )
    return layered(band, points, drawn, height=320)


def error_by_horizon(horizon: pd.DataFrame) -> alt.LayerChart:
    """How far off the networks are, step by step: on their own, and reading what really comes."""
    names = {"on its own output": "free_error", "reads what comes": "one_step_error"}
    lines = pd.concat(
        [
            _finite(horizon)[["step", column]].rename(columns={column: "error"}).assign(by=name)
            for name, column in names.items()
        ]
    ).dropna()
    looks = {"on its own output": "error", "reads what comes": "floor"}
    drawn = (
        alt.Chart(lines)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("step:Q", title="Steps ahead", axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("error:Q", title="Distance from the right number (median)"),
            color=by_name(alt.Color, "by", looks, legend=alt.Legend(orient="top", title=None)),
            tooltip=tips(("step:Q", "Step"), ("by:N", "It"), ("error:Q", "Off by", ",.4~g")),
        )
    )
    return layered(drawn, height=260)
