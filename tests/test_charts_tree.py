"""The drawn tree: its corners, labels, colours and classes, read back from the figure."""

import itertools

import numpy as np
from drawing import Drawing, linear, rgb
from hypothesis import given
from hypothesis import strategies as st

from elman.analysis.clusters import tree
from elman.charts import ROLES
from elman.charts import tree as charts
from elman.charts.tree import CLASS_COLOURS, branch_lines, dendrogram, leaf_rows

# On a line at 0, 1, 4 and 9: a joins b at 1, c joins them at 4, d at 9.
LINE = tree(np.array([[0.0], [1.0], [4.0], [9.0]]), "abcd", method="complete")
CLASSES = {"a": "X", "b": "X", "c": "Y"}

# Machado, Oliveira and Fernandes (2009), full severity, on linear red, green and blue.
SEEN_BY = {
    "all cones": [1, 0, 0, 0, 1, 0, 0, 0, 1],
    "protanopia": [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216,
                   -0.003882, -0.048116, 1.051998],
    "deuteranopia": [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413,
                     -0.011820, 0.042940, 0.968881],
    "tritanopia": [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602,
                   0.004733, 0.691367, 0.303900],
}  # fmt: skip


def lab(colour, eyes):
    """CIE 1976 L*a*b* (D65) of a colour as these eyes see it."""
    seen = np.clip(np.reshape(SEEN_BY[eyes], (3, 3)) @ linear(rgb(colour)), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = to_xyz @ seen / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_classes_stay_apart_for_all_eyes_and_many_differ_in_colour_or_shape():
    for eyes, (one, other) in itertools.product(SEEN_BY, itertools.combinations(CLASS_COLOURS, 2)):
        assert np.linalg.norm(lab(one, eyes) - lab(other, eyes)) > 20, eyes
    colours, shapes = charts.class_looks(f"class {n}" for n in range(24))
    pairs = set(zip(colours.values(), shapes.values(), strict=True))
    assert len(pairs) == 24
    assert {colour for colour, _ in pairs} == set(CLASS_COLOURS)
    assert {shape for _, shape in pairs} == set(charts.CLASS_SHAPES)


def test_leaves_and_branches_of_a_tree_on_a_line():
    """Rows of the joins are halfway between their branches: b and a, then c, then d."""
    leaves = leaf_rows(LINE, CLASSES).set_index("label")
    assert leaves["joins_at"].to_dict() == {"a": 1, "b": 1, "c": 4, "d": 9}
    assert leaves["class"].to_dict() == {"a": "X", "b": "X", "c": "Y", "d": ""}
    assert [LINE.labels[leaf] for leaf in leaves["leaf"]] == leaves.index.tolist()
    a, b, c, d = (leaves["row"][name] for name in "abcd")
    assert abs(a - b) == 1
    ab = (a + b) / 2
    abc = (ab + c) / 2
    corners = {
        0: {(0, a), (1, a), (1, b), (0, b)},
        1: {(1, ab), (4, ab), (4, c), (0, c)},
        2: {(4, abc), (9, abc), (9, d), (0, d)},
    }
    table = branch_lines(LINE, CLASSES)
    for join, lines in table.groupby("join"):
        assert set(zip(lines["distance"], lines["row"], strict=True)) == corners[join]
        # Right angles: one of two neighbouring corners' coordinates is the same.
        steps = np.diff(lines[["distance", "row"]].to_numpy(), axis=0)
        assert (steps == 0).sum(axis=1).tolist() == [1, 1, 1]
    joins = table.drop_duplicates("join")
    assert joins["class"].tolist() == ["X", "", ""]
    assert joins["leaves"].tolist() == [2, 3, 4]
    assert set(joins["below"].iloc[1].split(", ")) == {"a", "b", "c"}


@given(leaves=st.integers(2, 30), seed=st.integers(0, 300))
def test_no_branch_crosses_another(leaves, seed):
    """Below every join the leaves take neighbouring rows."""
    rng = np.random.default_rng(seed)
    found = tree(rng.normal(size=(leaves, 3)), [str(n) for n in range(leaves)])
    row = leaf_rows(found).set_index("leaf")["row"]
    for members in found.members:
        assert np.ptp(row[members]) == len(members) - 1


def test_what_is_drawn():
    drawing = Drawing(dendrogram(LINE, CLASSES, class_title="Kind"))
    assert drawing.axes["X"] == "Distance"
    assert {"Kind", "X", "Y"} <= set(drawing.texts)
    labels = {text: y for text, _, y in drawing.tick_labels("Y")}
    assert list(labels) == leaf_rows(LINE)["label"].tolist()
    first, second, neutral = *CLASS_COLOURS[:2], ROLES["floor"].upper()
    looks = {"a": ("X", first), "b": ("X", first), "c": ("Y", second), "d": (None, neutral)}
    points = drawing.of("point")
    shown = {m.says["Leaf"]: (m.says.get("Kind"), m.colour.upper()) for m in points}
    assert shown == looks
    np.testing.assert_allclose(drawing.values("X", points), 0, atol=0.05)
    # Beside its label, whose baseline lies a few pixels lower.
    assert all(0 < labels[mark.says["Leaf"]] - mark.points[0][1] < 8 for mark in points)
    # Lines lie at their distances; those of one class have its colour.
    colours = {}
    for line in drawing.of("line mark"):
        joined_at = float(line.says["Joined at distance"])
        ends = drawing.along("X", line)
        np.testing.assert_allclose(ends[1:3], joined_at, atol=0.05)
        assert max(ends[0], ends[3]) < joined_at
        if line.opacity == 1:
            colours[joined_at] = line.colour.upper()
    assert colours == {1: first, 4: neutral, 9: neutral}
    # A class keeps its colour when its leaves are missing; a marked label is bold.
    drawing = Drawing(dendrogram(LINE, {"z": "W", **CLASSES}, marked=["c"]))
    colours = {mark.says["Leaf"]: mark.colour.upper() for mark in drawing.of("point")}
    assert colours["a"] == second
    assert drawing.bold & {*"abcd"} == {"c"}


def test_rows_are_readable_until_the_figure_would_grow_too_high_and_equal_leaves_are_drawn():
    def of_leaves(vectors):
        return dendrogram(tree(vectors, [f"word {n}" for n in range(len(vectors))]))

    few, many = (np.random.default_rng(0).normal(size=(leaves, 2)) for leaves in (29, 400))
    assert of_leaves(few).height == 29 * charts.ROW_STEP + charts.AROUND
    assert of_leaves(many).height == charts.MOST_HEIGHT + charts.AROUND
    assert len(Drawing(of_leaves(np.ones((3, 2)))).of("point")) == 3
