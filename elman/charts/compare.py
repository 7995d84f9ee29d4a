"""Charts of the Compare page: curves with their spread, successes, and every run as a point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from elman.analysis.comparison import shown_value
from elman.charts import ROLES
from elman.charts import loss as loss_chart
from elman.charts.parts import Channel, by_name, layered, named_ticks, rule, span, tips

# From blue by way of red to olive, all of one lightness, so that each keeps a contrast of 3 to 1
# on white and on the dark page; colour-blind readers see them go from blue to yellow.
RAMP = (
    "#4A7DE2", "#7C72E0", "#AA64D0", "#CC57AB", "#D95A75", "#D0683C", "#AD7C00", "#7F8800",
)  # fmt: skip
MOST_VALUES = len(RAMP)

# The name of the selection that a click on a point makes.
OPENED = "opened"

MEASURES = {
    "final loss": ("loss", "Loss of the last epoch"),
    "epochs to the level": ("passes", "Epochs until the loss was at the level"),
}

_ROW = 46
# The share of the width of a figure of points that names of lines take, beside that of all values.
ROOM_FOR_NAMES = 0.28
_ONLY_NAMES = alt.Axis(labelAngle=0, labelFontSize=12, grid=False, domain=False, ticks=False)


def colours(values: Sequence[Any]) -> list[str]:
    """A colour for each of at most `MOST_VALUES` values, as far apart as the ramp allows."""
    places = np.linspace(0, MOST_VALUES - 1, max(len(values), 2)).round().astype(int)
    return [RAMP[place] for place in places[: len(values)]]


def _colour(values: Sequence[Any], **settings: Any) -> alt.Color:
    looks = dict(zip(map(shown_value, values), colours(values), strict=True))
    return by_name(alt.Color, "value", looks, **settings)


def _named(table: pd.DataFrame, field: str) -> pd.DataFrame:
    return table.assign(value=table[field].map(shown_value))


def _counted(table: pd.DataFrame) -> pd.DataFrame:
    """The table with one more column, count, such as "3 of 8"."""
    pairs = zip(table["successes"], table["runs"], strict=True)
    return table.assign(count=[f"{some} of {every}" for some, every in pairs])


_SHARE_TIPS = (
    ("share:Q", "Share", ".0%"),
    ("low:Q", "Interval from", ".0%"),
    ("high:Q", "to", ".0%"),
)


def _names_on(
    channel: Callable[..., Channel], column: str, values: Sequence[Any], label: str
) -> Channel:
    """An axis that has a row or column for each value."""
    names = [shown_value(value) for value in values]
    scale = alt.Scale(domain=names)
    return channel(f"{column}:N", title=label, sort=names, scale=scale, axis=_ONLY_NAMES)


def curves(
    table: pd.DataFrame,
    field: str,
    values: Sequence[Any],
    references: Sequence[Any],
    *,
    label: str,
    epochs: int,
    losses: Sequence[float] = (),
    height: int = 380,
) -> alt.LayerChart:
    """The median loss of each value of a field as a line, nine of ten runs as a band around it.

    `table` from `analysis.comparison.curves`; `values` are all that are compared, so that colours
    stay while runs come in; `references` are lines across the figure, as in the loss curve;
    `losses` are more values that the scale has room for.
    """
    table = _named(table, field)
    # Names of lines avoid the bands as well.
    points = table.melt("epoch", ["median", "low", "high"], value_name="loss")
    x, scale = loss_chart.loss_axes(
        epochs,
        [*table["low"], *table["high"], *losses, *(line.value for line in references)],
        from_zero=0.35,
    )
    legend = alt.Legend(
        orient="top", titleOrient="left", symbolOpacity=1, values=list(table["value"].unique())
    )
    base = alt.Chart(table).encode(x=x, color=_colour(values, title=label, legend=legend))
    band = base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q", scale=scale), y2=alt.Y2("high:Q"))
    line = base.mark_line(strokeWidth=2.5, point=bool(table["epoch"].max() == 1)).encode(
        y=alt.Y("median:Q", title=loss_chart.TITLE, scale=scale),
        tooltip=tips(
            ("value:N", label),
            ("epoch:Q", "Epoch"),
            ("median:Q", "Median loss", ".4f"),
            ("low:Q", "5% below", ".4f"),
            ("high:Q", "5% above", ".4f"),
            ("runs:Q", "Runs"),
        ),
    )
    labels = loss_chart.labels_of(references, scale, height, points, epochs)
    lines = loss_chart.reference_lines(references, labels, scale, epochs)
    return layered(band, *lines, line, height=height)


def success_shares(
    table: pd.DataFrame, field: str, values: Sequence[Any], *, label: str, title: str
) -> alt.LayerChart:
    """The share of successful runs of each value as a point, its 95% interval as a bar.

    `table` from `analysis.comparison.successes`.
    """
    # A count stands on the side of its point where the row has more room.
    table = _counted(_named(table, field)).assign(side=np.where(table["share"] < 0.5, 1.0, 0.0))
    x = alt.X(
        "share:Q",
        title=title,
        scale=span(0, 1),
        axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    base = alt.Chart(table).encode(
        y=_names_on(alt.Y, "value", values, label),
        color=_colour(values),
        tooltip=tips(("value:N", label), ("count:N", "Runs"), *_SHARE_TIPS),
    )
    interval = base.mark_rule(strokeWidth=3, opacity=0.55).encode(
        x=alt.X("low:Q", title=title), x2=alt.X2("high:Q")
    )
    point = base.mark_point(filled=True, size=130, opacity=1).encode(x=x)
    words = [
        base.transform_filter(alt.datum.side == side)
        .mark_text(align="left" if side else "right", dy=-13, fontWeight="bold")
        .encode(x=alt.X("share:Q"), text=alt.Text("count:N"))
        for side in (1.0, 0.0)
    ]
    return layered(interval, point, *words, height=max(300, _ROW * len(values)))


def success_grid(
    table: pd.DataFrame, values: Mapping[str, Sequence[Any]], labels: Mapping[str, str], title: str
) -> alt.LayerChart:
    """A disc for each pair of values of two fields, filled by the share of successful runs.

    `values` and `labels` by field: the first goes across, the second down.
    """
    first, second = values
    across, down = table[first].map(shown_value), table[second].map(shown_value)
    base = alt.Chart(_counted(table).assign(across=across, down=down, full=1.0)).encode(
        x=_names_on(alt.X, "across", values[first], labels[first]),
        y=_names_on(alt.Y, "down", values[second], labels[second]),
        tooltip=tips(
            ("across:N", labels[first]),
            ("down:N", labels[second]),
            ("count:N", title),
            *_SHARE_TIPS,
        ),
    )
    # A disc covers its share of the ring's area.
    size = alt.Scale(domain=[0, 1], range=[0, 700])
    ring = base.mark_point(
        shape="circle", filled=False, stroke=ROLES["floor"], strokeWidth=1.5, opacity=1
    ).encode(size=alt.Size("full:Q", scale=size, legend=None))
    disc = base.mark_point(shape="circle", filled=True, color=ROLES["hidden"], opacity=1).encode(
        size=alt.Size("share:Q", scale=size, legend=None)
    )
    words = base.mark_text(dy=24, color=ROLES["floor"], fontWeight="bold").encode(
        text=alt.Text("count:N")
    )
    return layered(disc, ring, words, height=50 + 68 * len(values[second]))


def run_points(
    table: pd.DataFrame,
    field: str,
    values: Sequence[Any],
    measure: str,
    *,
    label: str,
    level: float | None = None,
) -> alt.LayerChart:
    """Every run as a point that can be clicked, above its value; the median as a tick.

    `table` from `analysis.comparison.runs_table`, `measure` one of `MEASURES`. Runs without a
    number, those that never reached the level, say, are crosses on top. `level` is a line.
    """
    column, title = MEASURES[measure]
    place = {value: index for index, value in enumerate(values)}
    table = _named(table, field)
    order = table.groupby(field).cumcount()
    seeds = int(order.max()) + 1 if len(table) else 1
    aside = 0.6 * (order / (seeds - 1) - 0.5) if seeds > 1 else 0.0
    known = table[column].dropna()
    high = max([*known, level or 0.0], default=1.0)
    low = min([*known, *([level] if level else [])], default=0.0)
    pad = max(high - low, 0.05 * high, 1e-9)
    never = high + 0.16 * pad
    bottom = 0.0 if measure != "final loss" else max(0.0, low - 0.08 * pad)
    missing = table[column].isna()
    outcome = np.where(missing, "diverged at once" if column == "loss" else "never", "")
    table = table.assign(
        x=table[field].map(place) + aside,
        y=table[column].fillna(never),
        text=[
            word or (f"{value:.4f}" if column == "loss" else f"{value:.0f}")
            for word, value in zip(outcome, table[column], strict=True)
        ],
        kind=np.where(missing | (table["status"] == "diverged"), "failed", "counted"),
    )
    axis = named_ticks({at: shown_value(value) for value, at in place.items()}, labelAngle=0)
    # Beside the last value there is room for the names of lines.
    named = missing.any() or (level is not None and column == "loss")
    end = len(values) - 0.5 + ROOM_FOR_NAMES * len(values) * bool(named)
    x = alt.X("x:Q", title=label, scale=span(-0.5, end), axis=axis)
    top = high + 0.3 * pad if missing.any() else high + 0.1 * pad
    scale = span(bottom, top, zero=False)
    y = alt.Y("y:Q", title=title, scale=scale)
    layers = []
    if level is not None and column == "loss":
        layers += rule(level, "target", f"level {level:.4g}", at="width", dy=-7)
    if missing.any():
        words = pd.DataFrame({"y": [never], "label": [max(outcome)]})
        layers.append(
            alt.Chart(words)
            .mark_text(align="right", color=ROLES["floor"])
            .encode(x=alt.XValue("width"), y=alt.Y("y:Q", scale=scale), text=alt.Text("label:N"))
        )
    medians = table[~missing].groupby(field, sort=False)[["y"]].median().reset_index()
    medians = _named(medians, field).assign(
        left=lambda f: f[field].map(place) - 0.38, right=lambda f: f[field].map(place) + 0.38
    )
    colour = _colour(values)
    layers.append(
        alt.Chart(medians)
        .mark_rule(strokeWidth=3, opacity=0.6)
        .encode(x=alt.X("left:Q"), x2=alt.X2("right:Q"), y=y, color=colour)
    )
    clicked = alt.selection_point(name=OPENED, fields=["run"], on="click", empty=False)
    points = (
        alt.Chart(table)
        .mark_point(filled=True, opacity=0.85, cursor="pointer")
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=by_name(alt.Shape, "kind", {"counted": "circle", "failed": "cross"}),
            size=alt.condition(clicked, alt.value(260), alt.value(90)),
            tooltip=tips(
                ("value:N", label),
                ("seed:Q", "Seed"),
                ("text:N", title),
                ("status:N", "Training"),
            ),
        )
        .add_params(clicked)
    )
    return layered(*layers, points, height=300)
