"""Errors as Altair charts: by position and feature, step by step, through a text, by n-gram.

And how surely a network foresaw the weakest letter of each string that it accepts or not.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import DASHES, PINNED, ROLES, SHORT_NAME
from elman.charts.parts import by_name, layered, named_ticks, row_names, rule, span, tips

# What else a table may know of a measure: the end of the column's name, and its title.
FURTHER = {
    "floor": "Floor",
    "bigram": "Best bigram",
    **{kind: f"Pinned {number}" for number, kind in enumerate(PINNED, 1)},
}

# What the figures name each kind of mark, and its role.
MARKS = {
    "network": ("Network", "error"),
    "floor": ("Floor", "floor"),
    "bigram": ("Best bigram", "baseline"),
}

# Pixels of the line that names the marks.
NAMES_HEIGHT = 30

# Pixels of a figure of bars, so that what it says stands in the first screen with it.
BARS_HEIGHT = 250

# More bars than this leave their names so little room that they are broken into lines.
ROOMY_BARS = 4

# Pixels of a row of strings, and of the axis, its title and the legend around all rows.
ROW_HEIGHT, AXIS_HEIGHT = 95, 95
# The share of a row of strings that its tallest bar fills, below the name of the row.
ROOM = 0.7
VERDICTS = {"judged rightly": "target", "judged wrongly": "error"}


class BarsFigure(NamedTuple):
    """All of a figure of bars but their heights, which most epochs of a run have in common.

    category, axis_title   the column that names the bars, and what the axis calls it
    names                  of the bars, in order
    measure, title         the measure of error, and what the axis calls it
    known                  which of `FURTHER` the table knows
    top                    the upper end of the scale
    """

    category: str
    axis_title: str
    names: tuple[str, ...]
    measure: str
    title: str
    known: tuple[str, ...]
    top: float


def position_bars(table: pd.DataFrame, measure: str, title: str) -> tuple[BarsFigure, pd.DataFrame]:
    """The figure of `errors_by_position` that `draw_bars` draws, and the bars in it."""
    return _bars(table, "position", "Position of the symbol to be predicted", measure, title)


def feature_bars(table: pd.DataFrame, measure: str, title: str) -> tuple[BarsFigure, pd.DataFrame]:
    """The same of `errors_by_feature`."""
    return _bars(table, "feature", "Feature", measure, title)


def errors_by_position(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """One bar a position, the floor as a dashed tick across it.

    `table` as made by `analysis.errors.by_position`; `measure` one of its measures. Made by
    `by_position_with_bigram`, it also has narrower ticks at the error of the best bigram, and
    dashed outlines of the bars of each pinned run.
    """
    return draw_bars(*position_bars(table, measure, title))


def errors_by_feature(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """One bar a feature, the floor as a tick; `table` from `analysis.errors.by_feature`."""
    return draw_bars(*feature_bars(table, measure, title))


def _bars(
    table: pd.DataFrame, category: str, axis_title: str, measure: str, title: str
) -> tuple[BarsFigure, pd.DataFrame]:
    known = _known(table, measure)
    columns = [f"{measure}_{kind}" for kind in known]
    top = upper_end(table, [measure, *columns], 1.2)
    figure = BarsFigure(
        category, axis_title, tuple(table[category]), measure, title, tuple(known), top
    )
    return figure, _with_marks(table, above=_clear(table, measure, columns, top))


def draw_bars(figure: BarsFigure, bars: pd.DataFrame) -> alt.LayerChart:
    """The figure of `position_bars` or `feature_bars` with its bars."""
    category, axis_title, names, measure, title, known, top = figure
    axis = _broken_names(names, labelAngle=0, labelLimit=90)
    x = alt.X(f"{category}:N", sort=None, title=axis_title, axis=axis)
    tooltip = tips(
        (f"{category}:N", category.capitalize()),
        (f"{measure}:Q", title, ".4f"),
        *((f"{measure}_{kind}:Q", FURTHER[kind], ".4f") for kind in known),
    )
    base = alt.Chart().encode(x=x, tooltip=tooltip)
    # Narrower than an outline, so that its end is seen on both sides of a longer bar.
    pinned = _pinned(known)
    slim = alt.RelativeBandSize(0.6) if pinned else alt.Undefined
    marks = ["network", *(kind for kind in ("floor", "bigram") if kind in known)]
    filled = base.mark_bar(fillOpacity=0.85, width=slim)
    y = alt.Y(f"{measure}:Q", title=title, scale=span(0, top))
    layers = [filled.encode(y=y, fill=_marked("network", marks))]
    for place, kind in enumerate(pinned):
        # One within the other, so that of equal ones each is seen.
        outlines = base.mark_bar(
            fillOpacity=0,
            strokeWidth=2.5,
            strokeDash=DASHES[kind],
            width=alt.RelativeBandSize(0.84 - 0.06 * place),
        )
        layers.append(outlines.encode(y=alt.Y(f"{measure}_{kind}:Q"), stroke=_stroke(kind, pinned)))
    for kind, share in (("floor", 0.9), ("bigram", 0.5)):
        if kind in known:
            # A light edge sets the tick apart from the bar that it lies on.
            ticks = base.mark_tick(
                stroke="white",
                strokeWidth=1,
                opacity=1,
                thickness=4,
                width=alt.RelativeBandSize(share),
            )
            layers.append(ticks.encode(y=alt.Y(f"{measure}_{kind}:Q"), fill=_marked(kind, marks)))
    numbers = base.mark_text(dy=-8, color=ROLES["error"], fontWeight="bold")
    layers.append(numbers.encode(y=alt.Y("above:Q"), text=_number(measure, top)))
    return layered(*layers, data=bars, height=BARS_HEIGHT)


def _marked(kind: str, marks: Sequence[str], *, named: bool = True) -> alt.Fill:
    """The fill of a kind of mark, which a line above the figure names beside the other `marks`."""
    looks = {MARKS[one][0]: MARKS[one][1] for one in marks}
    legend = alt.Legend(orient="top", title=None, symbolType="square") if named else None
    return by_name(alt.Fill, f"mark_{kind}", looks, legend=legend)


def _pinned(known: Sequence[str]) -> list[str]:
    """Those of the kinds that are pinned runs."""
    return [kind for kind in known if kind in PINNED]


def _stroke(kind: str, kinds: Sequence[str], *, named: bool = True) -> alt.Stroke:
    """The colour of a pinned run, which a line above the figure names beside the other `kinds`."""
    looks = {FURTHER[one]: one for one in kinds}
    legend = alt.Legend(orient="top", title=None, symbolType="stroke") if named else None
    return by_name(alt.Stroke, f"mark_{kind}", looks, legend=legend)


def _pinned_lines(
    base: alt.Chart, known: Sequence[str], measure: str, *, named: bool = True
) -> list[alt.Chart]:
    """A dashed line for each pinned run of a table that `_with_marks` made."""
    pinned = _pinned(known)
    return [
        base.mark_line(strokeWidth=2, strokeDash=DASHES[kind]).encode(
            y=alt.Y(f"{measure}_{kind}:Q"), stroke=_stroke(kind, pinned, named=named)
        )
        for kind in pinned
    ]


def _with_marks(table: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """The table with more columns, and those that `_marked` and `_stroke` read: in each row the
    name of every mark that it has a column for."""
    names = {kind: name for kind, (name, _) in MARKS.items()} | {k: FURTHER[k] for k in PINNED}
    had = {column.rpartition("_")[2] for column in table} | {"network"}
    names = {kind: name for kind, name in names.items() if kind in had}
    return table.assign(**{f"mark_{kind}": name for kind, name in names.items()}, **columns)


def _number(measure: str, top: float) -> alt.Text:
    """The number of a bar, with as many decimals as the scale up to `top` asks for."""
    return alt.Text(f"{measure}:Q", format=".4f" if top < 0.1 else ".3f")


def _clear(table: pd.DataFrame, measure: str, ticks: list[str], top: float) -> np.ndarray:
    """Heights (bars,) above which the number of each bar stands clear of its ticks."""
    heights = table[measure].to_numpy(dtype=float)
    label = 0.1 * top
    for _ in ticks:
        for column in ticks:
            tick = table[column].to_numpy(dtype=float)
            hits = (tick > heights - 0.01 * top) & (tick < heights + label)
            heights = np.where(hits, np.maximum(tick, heights), heights)
    return heights


def _known(table: pd.DataFrame, measure: str) -> list[str]:
    """Which of `FURTHER` a table knows of a measure: the column is there and holds numbers."""
    columns = {kind: f"{measure}_{kind}" for kind in FURTHER}
    return [k for k, column in columns.items() if column in table and table[column].notna().any()]


def upper_end(table: pd.DataFrame, columns: list[str], room: float) -> float:
    """The upper end of an axis with room for all `columns`, and not tiny where all is near 0.

    A round number, so that it is the same at most of the epochs looked at.
    """
    least = max(float(np.nanmax(table[columns].to_numpy())) * room, 0.02)
    step = 10.0 ** np.floor(np.log10(least)) / 4
    return float(np.ceil(least / step) * step)


def _broken_names(names: Sequence[str], roomy: int = ROOMY_BARS, **settings: Any) -> alt.Axis:
    """An axis of categories whose long names are in lines where there are more than `roomy`."""
    if len(names) <= roomy:
        return alt.Axis(**settings)
    lines = {name: textwrap.wrap(name, 8, break_long_words=False) for name in names}
    return named_ticks(lines, **settings)


def errors_against_ngrams(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """One bar each for the network, the n-grams and, where it is known, the floor.

    `table` as made by `analysis.errors.against_ngrams`.
    """
    own = {"network": "error", "floor": "floor"} | {FURTHER[k].lower(): k for k in PINNED}
    table = table.assign(role=table["predictor"].map(own).fillna("baseline"))
    top = upper_end(table, [measure], 1.2)
    base = alt.Chart().encode(
        x=alt.X(
            "predictor:N",
            sort=None,
            title="Who predicts",
            axis=_broken_names(table["predictor"], roomy=0, labelAngle=0),
        ),
        y=alt.Y(f"{measure}:Q", title=title, scale=span(0, top)),
        color=by_name(alt.Color, "role", {role: role for role in (*own.values(), "baseline")}),
        tooltip=tips(("predictor:N", "Predictor"), (f"{measure}:Q", title, ".4f")),
    )
    numbers = base.mark_text(dy=-8, fontWeight="bold").encode(text=_number(measure, top))
    return layered(base.mark_bar(fillOpacity=0.85), numbers, data=table, height=280)


def error_by_cycle(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """The Figure 3 view: error at each step of a cycle, averaged over all cycles."""
    x = alt.X("step:O", title="Step of the cycle", axis=alt.Axis(labelAngle=0))
    return layered(
        *_line_over_floor(table, x, measure, title),
        data=_with_marks(table),
        height=280 + NAMES_HEIGHT,
    )


def error_by_step(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """The Figure 4 view: error at each step, every point labelled with the symbol expected.

    Symbols with long names, such as words, stand below the axis instead.
    """
    if table["expected"].map(len).max() > SHORT_NAME:
        axis = _expected_names(table, labelAngle=-60, labelOverlap=False)
        x = alt.X("step:O", title="Symbol expected at each step", axis=axis)
        layers = _line_over_floor(table, x, measure, title)
    else:
        x = alt.X("step:O", title="Step of the sequence", axis=alt.Axis(labelAngle=0))
        layers = _line_over_floor(table, x, measure, title)
        above = alt.Y(f"{measure}:Q")
        layers.append(_symbols(layers[-1], above, dy=-12, fontSize=14))
    return layered(*layers, data=_with_marks(table), height=280 + NAMES_HEIGHT)


def _symbols(points: alt.Chart, y: alt.Y | alt.YValue, **look: Any) -> alt.Chart:
    """The symbol expected at each of the points, at the height `y`."""
    text = points.mark_text(fontWeight="bold", color=ROLES["target"], **look)
    return text.encode(y=y, text=alt.Text("expected:N"))


def error_through_text(
    table: pd.DataFrame,
    measure: str,
    title: str,
    top: float,
    letters: int | None = None,
    *,
    cut: float | None = None,
) -> alt.LayerChart:
    """The Figure 6 view: error at each letter of a text, with a line before each new word.

    The letters stand below the axis, where no line crosses them. `cut` draws a line at that error,
    with its name at the right end.

    `table` is a part of `analysis.errors.by_step`; `top` is the common upper end of the scale,
    and `letters` how many letters have room, by default those of the table.
    """
    first = int(table["step"].min())
    frame = _with_marks(table).assign(left=table["step"] - 0.4, right=table["step"] + 0.4)
    scale = span(first - 0.8, first + (letters or len(table)) - 0.2)
    axis = alt.Axis(labels=False, ticks=False, grid=False, titlePadding=26)

    def x(field: str) -> alt.X:
        return alt.X(field, title="Letters of the text", axis=axis, scale=scale)

    y = alt.Y(f"{measure}:Q", title=title, scale=span(0, top))
    known = _known(table, measure)
    tooltip = tips(("expected:N", "Letter"), *_step_tips(measure, title, known))
    base = alt.Chart(frame).encode(x=x("step:Q"), tooltip=tooltip)
    starts = frame[frame["begins"]].assign(edge=lambda f: f["step"] - 0.5)
    before = alt.Chart(starts).mark_rule(color=ROLES["target"], strokeDash=[3, 3], strokeWidth=1.2)
    layers = [before.encode(x=x("edge:Q"))]
    if "floor" in known:
        floors = alt.Chart(frame).mark_rule(color=ROLES["floor"], strokeWidth=3)
        layers.append(
            floors.encode(
                x=x("left:Q"), x2=alt.X2("right:Q"), y=alt.Y(f"{measure}_floor:Q"), tooltip=tooltip
            )
        )
    layers += _pinned_lines(base, known, measure, named=False)
    points = base.mark_point(color=ROLES["error"], filled=True, size=45, opacity=1).encode(y=y)
    if cut is not None and cut < top:
        layers += rule(cut, "target", "cut above", at="width", dash=[1, 0], dx=-4, dy=-7)
    layers += [
        base.mark_line(color=ROLES["error"], strokeWidth=2).encode(y=y),
        points,
        _symbols(base, alt.YValue("height"), dy=13, fontSize=13),
    ]
    return layered(*layers, height=220)


def feature_panel(table: pd.DataFrame, measure: str, title: str, top: float) -> alt.LayerChart:
    """One panel of the Figure 5 view; `top` is the common upper end of the scale."""
    x = alt.X("step:O", title="Letter expected", axis=_expected_names(table, labelAngle=0))
    layers = _line_over_floor(table, x, measure, title, top=top)
    return layered(*layers, data=_with_marks(table), height=170)


def _expected_names(table: pd.DataFrame, **settings: Any) -> alt.Axis:
    """An axis that shows a step by its expected symbol."""
    return named_ticks(
        dict(zip(table["step"].tolist(), table["expected"], strict=True)), **settings
    )


def _step_tips(measure: str, title: str, known: Sequence[str]) -> list[tuple[str, ...]]:
    """The lines of a step's tooltip: its error and what else is `known` there."""
    further = [(f"{measure}_{kind}:Q", FURTHER[kind], ".4f") for kind in known if kind != "bigram"]
    return [("step:O", "Step"), (f"{measure}:Q", title, ".4f"), *further]


def _line_over_floor(
    table: pd.DataFrame, x: alt.X, measure: str, title: str, *, top: float | None = None
) -> list[alt.Chart]:
    """Layers of the floors, the lines of pinned runs, the line of errors and its points."""
    known = [kind for kind in _known(table, measure) if kind != "bigram"]
    top_given = top
    top = top or upper_end(table, [measure, *(f"{measure}_{kind}" for kind in known)], 1.15)
    named = [("expected:N", "Expected")] if "expected" in table else []
    base = alt.Chart().encode(x=x, tooltip=tips(*named, *_step_tips(measure, title, known)))
    y = alt.Y(f"{measure}:Q", title=title, scale=span(0, top))
    layers = []
    if "floor" in known:
        floors = base.mark_tick(opacity=1, thickness=3, width=alt.RelativeBandSize(0.8))
        # Of panels side by side each would repeat the name.
        name = _marked("floor", ["floor"], named=top_given is None)
        layers.append(floors.encode(y=alt.Y(f"{measure}_floor:Q"), fill=name))
    return [
        *layers,
        *_pinned_lines(base, known, measure, named=top_given is None),
        base.mark_line(color=ROLES["error"], strokeWidth=2).encode(y=y),
        base.mark_point(color=ROLES["error"], filled=True, size=55, opacity=1).encode(y=y),
    ]


def weakest_outputs(histogram: pd.DataFrame, threshold: float) -> alt.LayerChart:
    """A row of bars for each kind of strings, and the line above which a string is accepted.

    `histogram` from `analysis.acceptance.histogram`. Bars of a row are drawn to its tallest.
    """
    rows = list(dict.fromkeys(histogram["strings"]))
    base = -histogram["strings"].map(rows.index).astype(float)
    above = histogram["below"] + histogram["share"]
    scale = ROOM / above.groupby(histogram["strings"]).transform("max")
    right, wrong = VERDICTS
    frame = histogram.assign(
        bottom=base + histogram["below"] * scale,
        top=base + above * scale,
        verdict=histogram["right"].map({True: right, False: wrong}),
    )
    y_scale = span(1 - len(rows), 1)
    bars = (
        alt.Chart(frame)
        .mark_rect()
        .encode(
            x=alt.X(
                "low:Q",
                title="Smallest output that a letter of the string had before it came",
                scale=span(0, 1),
                axis=alt.Axis(tickCount=6),
            ),
            x2=alt.X2("high:Q"),
            y=alt.Y("bottom:Q", axis=None, scale=y_scale),
            y2=alt.Y2("top:Q"),
            color=by_name(alt.Color, "verdict", VERDICTS, legend=alt.Legend(orient="top")),
            tooltip=tips(
                ("strings:N", "Strings"),
                ("verdict:N", "They are"),
                ("number:Q", "Number", ","),
                ("share:Q", "Share of their kind", ".1%"),
            ),
        )
    )
    line = rule(
        threshold,
        "floor",
        "accepted from here on",
        upright=True,
        at=alt.YDatum(0.86, axis=None, scale=y_scale),
        align="left",
        dx=6,
        fontSize=12.5,
    )
    return layered(
        bars, *line, row_names(rows, y_scale), height=AXIS_HEIGHT + ROW_HEIGHT * len(rows)
    )
