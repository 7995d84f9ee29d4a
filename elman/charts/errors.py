"""Errors as Altair charts: by position and feature, step by step, through a text, by n-gram."""

from __future__ import annotations

import json
import textwrap

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import PINNED_DASH, ROLES, SHORT_NAME

PINNED_LINE = {"color": ROLES["pinned"], "strokeWidth": 2, "strokeDash": PINNED_DASH}

# More bars than this leave their names so little room that they are broken into lines.
ROOMY_BARS = 4


def errors_by_position(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """One bar a position, the floor as a dashed tick across it.

    `table` as made by `analysis.errors.by_position`; `measure` one of its measures. Made by
    `by_position_with_bigram`, it also has narrower ticks at the error of the best bigram, and
    dashed outlines of the bars of a pinned run, if there is one.
    """
    return _bars(table, "position", "Position of the symbol to be predicted", measure, title)


def errors_by_feature(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """One bar a feature, the floor as a tick; `table` from `analysis.errors.by_feature`."""
    return _bars(table, "feature", "Feature", measure, title)


def _bars(
    table: pd.DataFrame, category: str, category_title: str, measure: str, title: str
) -> alt.LayerChart:
    floor, bigram, pinned = (f"{measure}_{other}" for other in ("floor", "bigram", "pinned"))
    x = alt.X(
        f"{category}:N",
        sort=None,
        title=category_title,
        axis=alt.Axis(labelAngle=0, labelLimit=90, labelExpr=_broken(table[category])),
    )
    known = [column for column in (floor, bigram, pinned) if _has(table, column)]
    top = _top(table, [measure, *known], 1.2)
    y = alt.Y(f"{measure}:Q", title=title, scale=alt.Scale(domain=[0, top], nice=False))
    words = {floor: "Floor", bigram: "Best bigram", pinned: "Pinned run"}
    tooltip = [
        alt.Tooltip(f"{category}:N", title=category.capitalize()),
        alt.Tooltip(f"{measure}:Q", title=title, format=".4f"),
        *(alt.Tooltip(f"{column}:Q", title=words[column], format=".4f") for column in known),
    ]
    base = alt.Chart().encode(x=x, tooltip=tooltip)
    # Inside an outline, so that its end is seen on both sides of a longer bar.
    slim = {"width": alt.RelativeBandSize(0.6)} if pinned in known else {}
    bars = base.mark_bar(color=ROLES["error"], fillOpacity=0.85, **slim).encode(y=y)
    decimals = ".4f" if top < 0.1 else ".3f"
    values = base.mark_text(dy=-8, color=ROLES["error"], fontWeight="bold").encode(
        y=alt.Y("above:Q"), text=alt.Text(f"{measure}:Q", format=decimals)
    )
    layers = [bars]
    if pinned in known:
        outlines = base.mark_bar(
            fillOpacity=0,
            stroke=ROLES["pinned"],
            strokeWidth=2.5,
            strokeDash=PINNED_DASH,
            width=alt.RelativeBandSize(0.8),
        )
        layers.append(outlines.encode(y=alt.Y(f"{pinned}:Q")))
    for column, role, share in ((floor, "floor", 0.9), (bigram, "baseline", 0.5)):
        if column in known:
            # A light edge, for on a bar the colours of both marks would run into its own.
            ticks = base.mark_tick(
                fill=ROLES[role],
                stroke="white",
                strokeWidth=1,
                opacity=1,
                thickness=4,
                width=alt.RelativeBandSize(share),
            )
            layers.append(ticks.encode(y=alt.Y(f"{column}:Q")))
    data = table.assign(above=_clear(table, measure, known, top))
    return alt.layer(*layers, values, data=data, height=280)


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


def _has(table: pd.DataFrame, column: str) -> bool:
    """Whether a table knows a column: it is there and holds numbers."""
    return column in table and bool(table[column].notna().any())


def _top(table: pd.DataFrame, columns: list[str], room: float) -> float:
    """The upper end of an axis with room for all `columns`, and not tiny where all is near 0."""
    return max(float(np.nanmax(table[columns].to_numpy())) * room, 0.02)


def _broken(names: pd.Series, roomy: int = ROOMY_BARS) -> str:
    """A Vega expression that breaks long names into lines where there are more than `roomy`."""
    if len(names) <= roomy:
        return "datum.label"
    lines = {name: "|".join(textwrap.wrap(name, 8, break_long_words=False)) for name in names}
    return f"split({json.dumps(lines)}[datum.label], '|')"


def errors_against_ngrams(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """One bar each for the network, the n-grams and, where it is known, the floor.

    `table` as made by `analysis.errors.against_ngrams`.
    """
    own = {"network": "error", "pinned run": "pinned", "floor": "floor"}
    roles = table["predictor"].map(own).fillna("baseline")
    table = table.assign(role=roles)
    top = _top(table, [measure], 1.2)
    x = alt.X(
        "predictor:N",
        sort=None,
        title="Who predicts",
        axis=alt.Axis(labelAngle=0, labelExpr=_broken(table["predictor"], roomy=0)),
    )
    y = alt.Y(f"{measure}:Q", title=title, scale=alt.Scale(domain=[0, top], nice=False))
    kinds = ["error", "pinned", "baseline", "floor"]
    colour = alt.Color(
        "role:N",
        legend=None,
        scale=alt.Scale(domain=kinds, range=[ROLES[kind] for kind in kinds]),
    )
    tooltip = [
        alt.Tooltip("predictor:N", title="Predictor"),
        alt.Tooltip(f"{measure}:Q", title=title, format=".4f"),
    ]
    base = alt.Chart().encode(x=x, y=y, color=colour, tooltip=tooltip)
    decimals = ".4f" if top < 0.1 else ".3f"
    values = base.mark_text(dy=-8, fontWeight="bold").encode(
        text=alt.Text(f"{measure}:Q", format=decimals)
    )
    return alt.layer(base.mark_bar(fillOpacity=0.85), values, data=table, height=280)


def error_by_cycle(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """The Figure 3 view: error at each step of a cycle, averaged over all cycles."""
    base = alt.Chart().encode(
        x=alt.X("step:O", title="Step of the cycle", axis=alt.Axis(labelAngle=0)),
        tooltip=_step_tooltip(table, measure, title),
    )
    return _line_over_floor(table, base, measure, title)


def error_by_step(table: pd.DataFrame, measure: str, title: str) -> alt.LayerChart:
    """The Figure 4 view: error at each step, every point labelled with the symbol expected.

    Symbols with long names, such as words, stand below the axis instead.
    """
    named_below = table["expected"].map(len).max() > SHORT_NAME
    axis = alt.Axis(labelAngle=0)
    axis_title = "Step of the sequence"
    if named_below:
        axis_title = "Symbol expected at each step"
        axis = alt.Axis(labelAngle=-60, labelOverlap=False, labelExpr=_expected_names(table))
    base = alt.Chart().encode(
        x=alt.X("step:O", title=axis_title, axis=axis),
        tooltip=[
            alt.Tooltip("expected:N", title="Expected"),
            *_step_tooltip(table, measure, title),
        ],
    )
    layers = _line_over_floor(table, base, measure, title)
    if named_below:
        return layers
    labels = base.mark_text(dy=-12, fontSize=14, fontWeight="bold", color=ROLES["target"])
    return layers + labels.encode(y=alt.Y(f"{measure}:Q"), text=alt.Text("expected:N"))


def error_through_text(
    table: pd.DataFrame, measure: str, title: str, top: float, letters: int | None = None
) -> alt.LayerChart:
    """The Figure 6 view: error at each letter of a text, with a line before each new word.

    `table` is a part of `analysis.errors.by_step`; `top` is the common upper end of the scale,
    and `letters` how many letters have room, by default those of the table.
    """
    first = int(table["step"].min())
    frame = table.assign(left=table["step"] - 0.4, right=table["step"] + 0.4)
    scale = alt.Scale(domain=[first - 0.8, first + (letters or len(table)) - 0.2], nice=False)
    axis = alt.Axis(labels=False, ticks=False, grid=False)

    def x(field: str) -> alt.X:
        return alt.X(field, title="Letters of the text", axis=axis, scale=scale)

    y = alt.Y(f"{measure}:Q", title=title, scale=alt.Scale(domain=[0, top], nice=False))
    tooltip = [alt.Tooltip("expected:N", title="Letter"), *_step_tooltip(table, measure, title)]
    base = alt.Chart(frame).encode(x=x("step:Q"), tooltip=tooltip)
    starts = frame[frame["begins"]].assign(edge=lambda f: f["step"] - 0.5)
    before = alt.Chart(starts).mark_rule(color=ROLES["target"], strokeDash=[3, 3], strokeWidth=1.2)
    layers = [before.encode(x=x("edge:Q"))]
    if _has(table, f"{measure}_floor"):
        floors = alt.Chart(frame).mark_rule(color=ROLES["floor"], strokeWidth=3)
        layers.append(
            floors.encode(
                x=x("left:Q"), x2=alt.X2("right:Q"), y=alt.Y(f"{measure}_floor:Q"), tooltip=tooltip
            )
        )
    if _has(table, f"{measure}_pinned"):
        layers.append(base.mark_line(**PINNED_LINE).encode(y=alt.Y(f"{measure}_pinned:Q")))
    layers += [
        base.mark_line(color=ROLES["error"], strokeWidth=2).encode(y=y),
        base.mark_point(color=ROLES["error"], filled=True, size=45, opacity=1).encode(y=y),
        base.mark_text(dy=-11, fontSize=13, fontWeight="bold", color=ROLES["target"]).encode(
            y=y, text=alt.Text("expected:N")
        ),
    ]
    return alt.layer(*layers).properties(height=220)


def feature_panel(table: pd.DataFrame, measure: str, title: str, top: float) -> alt.LayerChart:
    """One panel of the Figure 5 view; `top` is the common upper end of the scale."""
    base = alt.Chart().encode(
        x=alt.X(
            "step:O",
            title="Letter expected",
            axis=alt.Axis(labelAngle=0, labelExpr=_expected_names(table)),
        ),
        tooltip=[
            alt.Tooltip("expected:N", title="Expected"),
            *_step_tooltip(table, measure, title),
        ],
    )
    return _line_over_floor(table, base, measure, title, top=top, height=170)


def _expected_names(table: pd.DataFrame) -> str:
    """A Vega expression that shows a step by its expected symbol."""
    return f"{json.dumps(table['expected'].tolist())}[datum.value - {table['step'].iloc[0]}]"


def _step_tooltip(table: pd.DataFrame, measure: str, title: str) -> list[alt.Tooltip]:
    tooltip = [
        alt.Tooltip("step:O", title="Step"),
        alt.Tooltip(f"{measure}:Q", title=title, format=".4f"),
    ]
    for kind, words in (("floor", "Floor"), ("pinned", "Pinned run")):
        if _has(table, f"{measure}_{kind}"):
            tooltip.append(alt.Tooltip(f"{measure}_{kind}:Q", title=words, format=".4f"))
    return tooltip


def _line_over_floor(
    table: pd.DataFrame,
    base: alt.Chart,
    measure: str,
    title: str,
    *,
    top: float | None = None,
    height: int = 280,
) -> alt.LayerChart:
    floor, pinned = f"{measure}_floor", f"{measure}_pinned"
    known = [column for column in (floor, pinned) if _has(table, column)]
    top = top or _top(table, [measure, *known], 1.15)
    y = alt.Y(f"{measure}:Q", title=title, scale=alt.Scale(domain=[0, top], nice=False))
    line = base.mark_line(color=ROLES["error"], strokeWidth=2).encode(y=y)
    points = base.mark_point(color=ROLES["error"], filled=True, size=55, opacity=1).encode(y=y)
    layers = [line, points]
    if pinned in known:
        layers.insert(0, base.mark_line(**PINNED_LINE).encode(y=alt.Y(f"{pinned}:Q")))
    if floor in known:
        floors = base.mark_tick(
            color=ROLES["floor"], opacity=1, thickness=3, width=alt.RelativeBandSize(0.8)
        )
        layers.insert(0, floors.encode(y=alt.Y(f"{floor}:Q")))
    return alt.layer(*layers, data=table, height=height)
