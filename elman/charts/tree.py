"""A tree of clusters as an Altair chart: leaves on the right, one a row, the root on the left."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterable, Mapping

import altair as alt
import numpy as np
import pandas as pd

from elman.analysis.clusters import Tree
from elman.charts import ROLES
from elman.charts.parts import as_given, by_name, layered, named_ticks, span, tips

# A contrast of at least 3 to 1 on white and on the dark page; apart from one another for readers
# with any of the three colour blindnesses too (CIE distance above 20). Shapes differ as well, so
# that no class is told by its colour alone.
CLASS_COLOURS = ("#0072B2", "#D55E00", "#739468", "#9A0CF0", "#944A6F", "#E00B41")
CLASS_SHAPES = (
    "circle", "square", "triangle-up", "diamond",
    "cross", "triangle-down", "triangle-right", "triangle-left",
)  # fmt: skip

ROW_STEP = 19
FONT_SIZE = 13
MOST_HEIGHT = 1600

# Tooltips name the leaves of a branch up to about this many characters.
MOST_NAMED = 70

# Zooming asks for a key and dragging for a mouse, so that a page still scrolls over the chart.
ZOOM_EVENTS = "wheel![event.ctrlKey || event.metaKey]"
PAN_EVENTS = "[pointerdown[event.pointerType === 'mouse'], window:pointerup] > window:pointermove!"


# Pixels for the distance axis below the leaves and the legend above them.
AROUND = 150


def class_looks(classes: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The colour and the shape of each class, in their order; 24 of them differ in the two."""
    names = list(dict.fromkeys(classes))
    colours = dict(zip(names, itertools.cycle(CLASS_COLOURS), strict=False))
    shapes = dict(zip(names, itertools.cycle(CLASS_SHAPES), strict=False))
    return colours, shapes


def leaf_rows(tree: Tree, classes: Mapping[str, str] | None = None) -> pd.DataFrame:
    """A row for every leaf, from the top of the figure down.

    Columns: row (from 0), leaf (index), label, class ("" without one) and joins_at (distance of
    its first join).
    """
    joins_at = np.where(np.eye(len(tree.labels), dtype=bool), np.inf, tree.joins).min(axis=1)
    labels = [tree.labels[leaf] for leaf in tree.order]
    return pd.DataFrame(
        {
            "row": np.arange(len(labels)),
            "leaf": tree.order,
            "label": labels,
            "class": [(classes or {}).get(label, "") for label in labels],
            "joins_at": joins_at[tree.order],
        }
    )


def branch_lines(tree: Tree, classes: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The right-angled lines of the joins: four corners each, from one branch to the other.

    Columns: join (from 0), corner (0 to 3), distance and row (where the corner lies), joined_at,
    leaves (how many), class (of all leaves below if they share one, else "") and below (their
    labels).
    """
    n = len(tree.labels)
    class_of = [(classes or {}).get(label, "") for label in tree.labels]
    row = np.empty(2 * n - 1)
    row[tree.order] = np.arange(n)
    height = np.concatenate([np.zeros(n), tree.linkage[:, 2]])
    for join, (left, right) in enumerate(tree.linkage[:, :2].astype(int)):
        row[n + join] = (row[left] + row[right]) / 2
    corners = []
    for join, (left, right) in enumerate(tree.linkage[:, :2].astype(int)):
        members = tree.members[n + join]
        shared = {class_of[leaf] for leaf in members}
        above = height[n + join]
        about = (
            above,
            len(members),
            shared.pop() if len(shared) == 1 else "",
            _shortened(tree.labels[leaf] for leaf in members),
        )
        places = ((height[left], left), (above, left), (above, right), (height[right], right))
        corners += [
            (join, corner, distance, row[node], *about)
            for corner, (distance, node) in enumerate(places)
        ]
    columns = ["join", "corner", "distance", "row", "joined_at", "leaves", "class", "below"]
    return pd.DataFrame(corners, columns=columns)


def dendrogram(
    tree: Tree,
    classes: Mapping[str, str] | None = None,
    *,
    marked: Collection[str] = (),
    class_title: str = "Class",
    row_step: int = ROW_STEP,
    font_size: int = FONT_SIZE,
) -> alt.LayerChart:
    """The tree, a leaf every `row_step` pixels, as wide as its place allows.

    `classes` maps labels to classes: they colour and shape the leaves, and the branches whose
    leaves all share one. `marked` labels are set in bold. A tree of more than `MOST_HEIGHT`
    pixels is drawn to that height, with as many labels as fit; Ctrl and the wheel, or dragging,
    bring the others out.
    """
    leaves, lines = leaf_rows(tree, classes), branch_lines(tree, classes)
    # In the caller's order, so that a class keeps its colour from tree to tree.
    colours, shapes = class_looks((classes or {}).values())
    lines["colour"] = [colours.get(name, ROLES["floor"]) for name in lines["class"]]
    # Equal vectors join at distance 0, which needs a scale all the same.
    top = float(tree.linkage[:, 2].max()) or 1.0
    x = alt.X(
        "distance:Q",
        title="Distance",
        axis=alt.Axis(tickCount=6),
        # Room for the marks at distance 0.
        scale=span(-0.015 * top, 1.03 * top, reverse=True),
    )
    y = alt.Y(
        "row:Q",
        title=None,
        axis=_label_axis(leaves, colours, marked, font_size),
        scale=span(-0.7, len(leaves) - 0.3, reverse=True),
    )
    branches = alt.Chart(lines).encode(
        x=x,
        y=y,
        detail=alt.Detail("join:N"),
        order=alt.Order("corner:O"),
        tooltip=tips(
            ("joined_at:Q", "Joined at distance", ".3f"),
            ("leaves:Q", "Leaves"),
            ("below:N", "They are"),
        ),
    )
    zoom = alt.selection_interval(
        name="zoom", bind="scales", encodings=["y"], zoom=ZOOM_EVENTS, translate=PAN_EVENTS
    )
    drawn = branches.mark_line(strokeWidth=1.8, strokeJoin="miter", clip=True).encode(
        color=as_given(alt.Color, "colour")
    )
    # A thin line is hard to hit with a pointer; a wide invisible one shows the tooltip for it.
    touched = branches.mark_line(strokeWidth=11, opacity=0, clip=True)

    def ends(chosen: pd.DataFrame, *more: tuple[str, str]) -> alt.Chart:
        marks = alt.Chart(chosen.assign(distance=0.0)).mark_point(
            filled=True, opacity=1, size=55, clip=True, color=ROLES["floor"]
        )
        joins = ("joins_at:Q", "Joins at distance", ".3f")
        return marks.encode(x=x, y=y, tooltip=tips(("label:N", "Leaf"), *more, joins))

    layers = [drawn.add_params(zoom), touched]
    has_class = leaves["class"] != ""
    if has_class.any():
        legend = alt.Legend(orient="top", columns=4, symbolSize=80, labelLimit=240)
        classed = ends(leaves[has_class], ("class:N", class_title))
        layers.append(
            classed.encode(
                color=by_name(alt.Color, "class", colours, title=class_title, legend=legend),
                shape=by_name(alt.Shape, "class", shapes),
            )
        )
    if not has_class.all():
        layers.append(ends(leaves[~has_class]))
    # The axis and the legend are part of the height where a page fits a chart to its place.
    height = min(max(len(leaves) * row_step, 60), MOST_HEIGHT) + AROUND
    return layered(*layers, height=height)


def _label_axis(
    leaves: pd.DataFrame, colours: dict[str, str], marked: Collection[str], font_size: int
) -> alt.Axis:
    """Leaf labels as an axis on the right: it makes room for them, and they follow a zoom."""

    def rows(chosen: pd.Series) -> str:
        return f"indexof({json.dumps(leaves.loc[chosen, 'row'].tolist())}, datum.value) >= 0"

    by_class = [
        {"test": rows(leaves["class"] == name), "value": colour} for name, colour in colours.items()
    ]
    bold = {"test": rows(leaves["label"].isin(list(marked))), "value": "bold"}
    settings = {"labelColor": {"condition": by_class, "value": ROLES["floor"]}} if by_class else {}
    return named_ticks(
        dict(zip(leaves["row"].tolist(), leaves["label"], strict=True)),
        orient="right",
        labelFontSize=font_size,
        labelFontWeight={"condition": [bold], "value": "normal"},
        labelLimit=320,
        labelOverlap="greedy" if len(leaves) * ROW_STEP > MOST_HEIGHT else False,
        labelPadding=8,
        ticks=False,
        domain=False,
        **settings,
    )


def _shortened(labels: Iterable[str]) -> str:
    text = ""
    for label in labels:
        if len(text) + len(label) > MOST_NAMED:
            return f"{text}, …"
        text = f"{text}, {label}" if text else label
    return text
