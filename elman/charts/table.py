"""Charts of networks on a table: what came beside what was forecast, and how they learned."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES
from elman.charts.loss import epoch_axis, loss_points
from elman.charts.parts import by_name, layered, tips
from elman.studies import table_answers as answers
from elman.studies.table_answers import CAME, called, errors
from elman.studies.table_experiment import ELMAN
from elman.studies.table_training import Curve, TableRun

# Predicted columns in one file.
MOST_DRAWN = 6

# The layer that stands beside Elman's network has another shade of an output.
ELMANS, LAYERS = ROLES["output"], ROLES["hidden"]


def _colour(name: str) -> str:
    if name == called(ELMAN):
        return ELMANS
    return ROLES["target"] if name == CAME else LAYERS


def held_out(drawn: pd.DataFrame, column: str, *, height: int = 320) -> alt.LayerChart:
    """A predicted column over held-out rows: what came, each network's median in the band of its
    seeds, and the best naive forecast.

    `drawn` from `studies.table_answers.held_out`.
    """
    names = list(dict.fromkeys(drawn["by"]))
    *others, naive = names
    looks = {name: _colour(name) for name in others} | {naive: ROLES["baseline"]}
    dashes = dict(zip(names, ([1, 0], [1, 0], [6, 3]), strict=False)) | {naive: [2, 3]}
    x = alt.X(
        "row:Q",
        title="Row of the table",
        axis=alt.Axis(tickMinStep=1, format="d"),
        scale=alt.Scale(zero=False, nice=False),
    )
    title = f"{column}, in its own units"
    y, low = (alt.Y(f"{n}:Q", title=title, scale=alt.Scale(zero=False)) for n in ("number", "low"))
    legend = alt.Legend(orient="top", title=None, columns=2, labelLimit=260, symbolStrokeWidth=2)
    bands = [
        alt.Chart(part)
        .mark_area(opacity=0.2, color=looks[str(by)])
        .encode(x=x, y=low, y2=alt.Y2("high:Q"))
        for by, part in drawn.dropna(subset=["low"]).groupby("by", sort=False)
    ]
    lines = (
        alt.Chart(drawn)
        .mark_line(strokeWidth=2, point=len(drawn) <= 12 * len(names))
        .encode(
            x=x,
            y=y,
            color=by_name(alt.Color, "by", looks, legend=legend),
            strokeDash=by_name(alt.StrokeDash, "by", dashes, legend=legend),
            tooltip=tips(("row:Q", "Row", "d"), ("by:N", "From"), ("number:Q", column, ",.4~g")),
        )
    )
    return layered(*bands, lines, height=height)


def error_bars(table: pd.DataFrame, column: str) -> alt.LayerChart:
    """The root mean squared error of each forecast of a column in the test, with the range of the
    seeds; an upright stroke stands at that over the training rows.

    `table` from `studies.table_answers.errors`.
    """
    table = table[table["column"] == column]
    names = [
        called(forecast) if seeds else forecast
        for forecast, seeds in zip(table["forecast"], table["seeds"], strict=True)
    ]
    table = table.assign(name=names)
    looks = {
        name: _colour(name) if seeds else ROLES["baseline"]
        for name, seeds in zip(names, table["seeds"], strict=True)
    }
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=160, labelOverlap=False))
    shown = tips(
        ("name:N", "Forecast"),
        ("rmse:Q", "RMSE in the test", ",.4~g"),
        ("rmse_training:Q", "RMSE in training", ",.4~g"),
        ("mae:Q", "MAE in the test", ",.4~g"),
    )
    bars = (
        alt.Chart(table)
        .mark_bar(height=14)
        .encode(
            x=alt.X("rmse:Q", title=f"Typical error (RMSE) of {column}"),
            y=y,
            color=by_name(alt.Color, "name", looks),
            tooltip=shown,
        )
    )
    spread = alt.Chart(table[table["seeds"] > 0]).mark_rule(strokeWidth=2, color=ROLES["floor"])
    spread = spread.encode(x=alt.X("rmse_low:Q"), x2=alt.X2("rmse_high:Q"), y=y)
    stroke = alt.Chart(table.dropna(subset="rmse_training")).mark_tick(
        size=22, thickness=3, color=ROLES["target"]
    )
    stroke = stroke.encode(x=alt.X("rmse_training:Q"), y=y, tooltip=shown)
    return layered(bars, spread, stroke, height=30 * len(table) + 40)


def learning(curves: list[Curve], epochs: int, *, height: int = 260) -> alt.LayerChart:
    """The loss of every network so far, beside that of always answering the mean, which is 1."""
    parts = [
        loss_points(curve.losses).assign(by=called(curve.network), one=f"{place}")
        for place, curve in enumerate(curves)
        if len(curve.losses)
    ]
    empty = pd.DataFrame({"epoch": [], "loss": [], "by": [], "one": []})
    table = pd.concat(parts, ignore_index=True) if parts else empty
    table = table[np.isfinite(table["loss"].astype(float)) & (table["loss"] > 0)]
    looks = {called(curve.network): _colour(called(curve.network)) for curve in curves}
    drawn = (
        alt.Chart(table)
        .mark_line(strokeWidth=1.5, point=len(table) <= len(curves))
        .encode(
            x=epoch_axis(epochs),
            y=alt.Y("loss:Q", title="Loss (the mean: 1)", scale=alt.Scale(type="log")),
            color=by_name(alt.Color, "by", looks, legend=alt.Legend(orient="top", title=None)),
            detail=alt.Detail("one:N"),
            tooltip=tips(("epoch:Q", "Epoch"), ("by:N", "Network"), ("loss:Q", "Loss", ".3~g")),
        )
    )
    return layered(drawn, height=height)


def run_figure(run: TableRun, settings: list[str]) -> alt.VConcatChart:
    """The first predicted columns in the test, and the errors of all forecasts; for a file."""
    sequence = run.rows.sequences[run.rows.sequence[run.rows.test][0]]
    parts: list[Any] = []
    table = errors(run)
    for column in run.rows.predict[:MOST_DRAWN]:
        drawn = answers.held_out(run, table, column, sequence)
        parts.append(held_out(drawn, column).properties(width=640))
        parts.append(error_bars(table, column).properties(width=480))
    title = alt.TitleParams("Own table", subtitle=settings, anchor="start")
    return alt.vconcat(*parts, title=title).resolve_scale(
        color="independent", strokeDash="independent"
    )
