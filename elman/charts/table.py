"""Charts of networks on a table: what came beside what was forecast, and how they learned."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES
from elman.charts.loss import epoch_axis, loss_points
from elman.charts.parts import by_name, layered, tips
from elman.studies.table_answers import best_naive, called, errors, forecasts
from elman.studies.table_experiment import ELMAN
from elman.studies.table_training import Curve, TableRun

# Rows that are read apart in a figure as wide as a page.
MOST_ROWS = 240

CAME = "what came"

# The layer that stands beside Elman's network has another shade of an output.
ELMANS, LAYERS = ROLES["output"], ROLES["hidden"]


def _looks(networks: list[str]) -> dict[str, str]:
    return {name: ELMANS if name == called(ELMAN) else LAYERS for name in networks}


def held_out(
    run: TableRun, column: str, sequence: str, *, rows: int = MOST_ROWS, height: int = 320
) -> alt.LayerChart:
    """A predicted column over the first held-out rows of a sequence: what came, each network's
    median in the band of its seeds, and the best naive forecast."""
    table = forecasts(run)
    table = table[(table["column"] == column) & (table["sequence"] == sequence)].head(rows)
    kinds = [kind for kind in dict.fromkeys(name for name, _ in run.experiment.networks)
             if kind in table]  # fmt: skip
    plain = best_naive(run, column)
    naive = f"naive: {plain}"
    lines = {CAME: "value"} | {called(kind): kind for kind in kinds} | {naive: plain}
    long = pd.concat(
        [
            table[["row", of]].rename(columns={of: "number"}).assign(by=name)
            for name, of in lines.items()
        ]
    ).dropna()
    looks = {CAME: ROLES["target"], **_looks([called(kind) for kind in kinds])}
    looks[naive] = ROLES["baseline"]
    dashes = {name: [1, 0] for name in looks} | {naive: [2, 3]}
    if len(kinds) > 1:
        dashes[called(kinds[-1])] = [6, 3]
    x = alt.X("row:Q", title="Row of the table", axis=alt.Axis(tickMinStep=1, format="d"),
              scale=alt.Scale(zero=False, nice=False))  # fmt: skip
    title = f"{column}, in its own units"
    y = alt.Y("number:Q", title=title, scale=alt.Scale(zero=False))
    layers: list[Any] = []
    for kind in kinds:
        band = alt.Chart(table[["row", f"{kind}_low", f"{kind}_high"]].set_axis(
            ["row", "low", "high"], axis="columns"
        )).mark_area(color=looks[called(kind)], opacity=0.2)  # fmt: skip
        low = alt.Y("low:Q", title=title, scale=alt.Scale(zero=False))
        layers.append(band.encode(x=x, y=low, y2=alt.Y2("high:Q")))
    legend = alt.Legend(orient="top", title=None, columns=2, labelLimit=260, symbolStrokeWidth=2)
    drawn = (
        alt.Chart(long)
        .mark_line(strokeWidth=2, point=len(table) <= 60)
        .encode(
            x=x,
            y=y,
            color=by_name(alt.Color, "by", looks, legend=legend),
            strokeDash=by_name(alt.StrokeDash, "by", dashes, legend=legend),
            tooltip=tips(("row:Q", "Row", "d"), ("by:N", "From"), ("number:Q", column, ",.4~g")),
        )
    )
    return layered(*layers, drawn, height=height)


def error_bars(run: TableRun, column: str) -> alt.LayerChart:
    """The root mean squared error of each forecast of a column, with the range of the seeds."""
    table = errors(run)
    table = table[table["column"] == column].assign(
        name=lambda t: [
            called(forecast) if seeds else forecast
            for forecast, seeds in zip(t["forecast"], t["seeds"], strict=True)
        ]
    )
    networks = table.loc[table["seeds"] > 0, "name"].tolist()
    looks = dict.fromkeys(table["name"], ROLES["baseline"]) | _looks(networks)
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=160))
    shown = tips(("name:N", "Forecast"), ("rmse:Q", "RMSE", ",.4~g"), ("mae:Q", "MAE", ",.4~g"))
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
    return layered(bars, spread, height=26 * len(table) + 40)


def learning(curves: list[Curve], epochs: int, *, height: int = 220) -> alt.LayerChart:
    """The loss of every network so far, in scaled numbers, on a logarithmic scale."""
    parts = [
        loss_points(curve.losses).assign(by=called(curve.network), one=f"{place}")
        for place, curve in enumerate(curves)
        if len(curve.losses)
    ]
    empty = pd.DataFrame({"epoch": [], "loss": [], "by": [], "one": []})
    table = pd.concat(parts, ignore_index=True) if parts else empty
    table = table[np.isfinite(table["loss"].astype(float)) & (table["loss"] > 0)]
    looks = _looks(list(dict.fromkeys(called(curve.network) for curve in curves)))
    drawn = (
        alt.Chart(table)
        .mark_line(strokeWidth=1.5, point=len(table) <= len(curves))
        .encode(
            x=epoch_axis(epochs),
            y=alt.Y("loss:Q", title="Loss (scaled numbers)", scale=alt.Scale(type="log")),
            color=by_name(alt.Color, "by", looks, legend=alt.Legend(orient="top", title=None)),
            detail=alt.Detail("one:N"),
            tooltip=tips(("epoch:Q", "Epoch"), ("by:N", "Network"), ("loss:Q", "Loss", ".3~g")),
        )
    )
    return layered(drawn, height=height)


def run_figure(run: TableRun, settings: list[str]) -> alt.VConcatChart:
    """Every predicted column in the test, and the errors of all forecasts; for a file."""
    sequence = run.rows.sequences[run.rows.sequence[run.rows.test][0]]
    parts: list[Any] = []
    for column in run.rows.predict:
        parts.append(held_out(run, column, sequence).properties(width=640))
        parts.append(error_bars(run, column).properties(width=480))
    title = alt.TitleParams("Own table", subtitle=settings, anchor="start")
    return alt.vconcat(*parts, title=title).resolve_scale(
        color="independent", strokeDash="independent"
    )
