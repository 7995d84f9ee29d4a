"""Charts of hidden states and their tree, read back from what is drawn or their specification."""

import itertools

import altair as alt
import numpy as np
import pandas as pd
import pytest
from drawing import Drawing, linear, rgb
from hypothesis import given
from hypothesis import strategies as st

from elman import Experiment, run
from elman.analysis import states as hidden_states
from elman.analysis import surgery
from elman.analysis.clusters import tree
from elman.analysis.replay import replay
from elman.charts import ROLES
from elman.charts import states as charts
from elman.charts import tree as trees
from elman.charts.tree import CLASS_COLOURS, branch_lines, dendrogram, leaf_rows

KINDS = dict(zip("bdgaiu", ["consonant"] * 3 + ["vowel"] * 3, strict=True))
TITLES = ("First", "Second")


@pytest.fixture(scope="module")
def tested():
    trained = run(Experiment(task="letters", length=90, hidden=5, epochs=4, weight_scale=0.8))
    return replay(trained, trained.sequence)


@pytest.fixture(scope="module")
def components(tested):
    return hidden_states.principal_components(tested.states)


def test_heat_map_draws_every_unit_at_every_step_under_its_symbol(tested):
    table = hidden_states.heat_map(tested, first=11, steps=20, order="spread")
    drawing = Drawing(charts.heat_map(table))
    says = [mark.says for mark in drawing.of("rect mark")]
    cells = {(int(words["Step"]), int(words["Unit"])): words for words in says}
    assert len(cells) == 20 * 5
    for row in table.itertuples():
        says = cells[row.step, row.unit]
        assert float(says["Activation"]) == pytest.approx(row.activation, abs=5e-4)
        assert says["Symbol"] == row.symbol
    steps = table.drop_duplicates("step")
    assert drawing.ticks("X") == steps["symbol"].tolist()
    units = table.drop_duplicates("row").sort_values("row")["unit"]
    assert drawing.ticks("Y") == [str(unit) for unit in units]
    assert drawing.axes == {"X": "Symbol read", "Y": "Hidden unit"}
    # A line before every group that begins inside the window.
    inside = steps[steps["group_start"] & (steps["step"] > 11)]
    assert len(drawing.of("rule mark")) == len(inside)


def test_heat_map_colours_have_the_scale_of_the_activation_and_wide_networks_can_be_drawn(tested):
    # Not of the window: a few steps.
    table = hidden_states.heat_map(tested, steps=3)
    for name, top, domain in (
        ("sigmoid", 0.5, [0, 1]),
        ("tanh", 0.5, [-1, 1]),
        ("relu", 15, [0, 15]),
    ):
        spec = charts.heat_map(table.assign(activation=table["unit"] * top / 5), name).to_dict()
        scale = spec["layer"][0]["encoding"]["color"]["scale"]
        assert scale["domain"] == domain
        # Only what goes below 0 has a scale with a middle.
        assert (scale["scheme"] == charts.TWO_SIDED) == (name == "tanh")
    steps, units = (axis.ravel() + 1 for axis in np.indices((60, 500)))
    table = pd.DataFrame({"step": steps, "unit": units, "row": units, "activation": 0.5})
    chart = charts.heat_map(table.assign(symbol="a", group_start=False))
    assert chart.height == 500 + charts.FRAME_HEIGHT
    # For a file Altair's limit of 5,000 rows has to be lifted.
    with alt.data_transformers.enable("default", max_rows=None):
        assert max(map(len, chart.to_dict()["datasets"].values())) == 60 * 500


def test_scatter_puts_states_where_they_are_and_writes_the_way(tested, components):
    cloud = hidden_states.projections(tested, components)
    path = hidden_states.projections(tested, components, first=5, steps=4)
    drawing = Drawing(charts.component_scatter(cloud, path, TITLES, classes=KINDS))
    assert drawing.axes == {"X": "First", "Y": "Second"}
    points = drawing.saying(Class=None, Step=None)
    shown = cloud.set_index("step").loc[[int(mark.says["Step"]) for mark in points]]
    assert len(shown) == len(cloud)
    for axis, column in (("X", "x"), ("Y", "y")):
        room = 0.03 * np.ptp(cloud[column])
        np.testing.assert_allclose(drawing.values(axis, points), shown[column], atol=room)
    for mark, symbol in zip(points, shown["symbol"], strict=True):
        assert mark.says["Class"] == KINDS[symbol]
        assert mark.colour.upper() == CLASS_COLOURS[KINDS[symbol] == "vowel"]
    # Each twice: its white edge, and the letter.
    assert sorted(drawing.words()) == sorted(2 * path["symbol"].tolist())
    assert len(drawing.of("line mark")) == 1


def test_scatter_thins_a_large_cloud_and_draws_nothing_for_an_empty_one():
    fixed = {"symbol": "b", "expected": "a", "group": 1, "place": 1, "content": "ba", "y": 0.0}
    many = pd.DataFrame({"step": np.arange(1, 9001), "x": np.linspace(0, 1, 9000), **fixed})
    for cloud, count in ((many, charts.CLOUD_POINTS), (many.head(0), 0)):
        drawing = Drawing(charts.component_scatter(cloud, many.head(0), TITLES))
        assert (len(drawing.of("point")), len(drawing.of("line mark"))) == (count, 0)


def test_variance_stands_in_bars_and_in_the_titles_of_components(components):
    bars = Drawing(charts.variance_chart(components, 3)).of("bar")
    shares = [float(bar.says["Share"].rstrip("%")) / 100 for bar in bars]
    np.testing.assert_allclose(shares, components.ratios[:3], atol=6e-4)
    titles = [f"Component {n} ({components.ratios[n - 1]:.1%} of the variance)" for n in (1, 3)]
    assert [*charts.component_titles(components, (1, 3))] == titles


def test_surgery_draws_both_errors_of_every_step(tested):
    table = surgery.changes_by_step(surgery.operate(tested, 8, surgery.Operation("zero"), after=5))
    drawing = Drawing(charts.surgery_effect(table))
    assert drawing.axes == {"X": "Symbol read", "Y": "Squared error"}
    assert drawing.ticks("X") == table["symbol"].tolist()
    for name, column in (("after the operation", "squared"), ("left alone", "squared_before")):
        marks = [mark for mark in drawing.saying(Network=name) if mark.kind == "point"]
        shown = {int(mark.says["Step"]): float(mark.says["Error"]) for mark in marks}
        expected = dict(zip(table["step"], table[column], strict=True))
        assert shown == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize(("score", "scores", "chance"), [
    ("cophenetic_auc", [0.4, 0.9, 0.5, 0.8], [0.5]),
    ("adjusted_rand", [-0.1, 0.9, 0.0, 0.8], [0.0]), ("purity", [0.5, 0.9, 0.6, 0.8], []),
])  # fmt: skip
def test_every_seed_and_network_is_a_point_beside_chance(score, scores, chance):
    networks = ["untrained", "trained"] * 2
    table = pd.DataFrame({"seed": [0, 0, 1, 1], "network": networks, score: scores})
    drawing = Drawing(charts.class_score_points(table.assign(grouping="kinds"), score))
    points = drawing.saying(Seed=None)
    assert drawing.values("Y", points) == pytest.approx(scores, abs=0.02)
    assert [mark.colour for mark in points] == [ROLES["baseline"], ROLES["hidden"]] * 2
    assert drawing.values("Y", drawing.of("rule mark")) == pytest.approx(chance, abs=0.02)


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
    colours, shapes = trees.class_looks(f"class {n}" for n in range(24))
    pairs = set(zip(colours.values(), shapes.values(), strict=True))
    assert len(pairs) == 24
    assert {colour for colour, _ in pairs} == set(CLASS_COLOURS)
    assert {shape for _, shape in pairs} == set(trees.CLASS_SHAPES)


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
    assert of_leaves(few).height == 29 * trees.ROW_STEP + trees.AROUND
    assert of_leaves(many).height == trees.MOST_HEIGHT + trees.AROUND
    assert len(Drawing(of_leaves(np.ones((3, 2)))).of("point")) == 3
