"""Charts of hidden states, read back from what is drawn or from their specification."""

import altair as alt
import numpy as np
import pandas as pd
import pytest
from drawing import Drawing

from elman import Experiment, run
from elman.analysis import states as hidden_states
from elman.analysis import surgery
from elman.analysis.replay import replay
from elman.charts import ROLES
from elman.charts import states as charts
from elman.charts.tree import CLASS_COLOURS

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


@pytest.mark.parametrize(
    ("score", "scores", "chance"),
    [("cophenetic_auc", [0.4, 0.9, 0.5, 0.8], [0.5]),
     ("adjusted_rand", [-0.1, 0.9, 0.0, 0.8], [0.0]), ("purity", [0.5, 0.9, 0.6, 0.8], [])],
)  # fmt: skip
def test_every_seed_and_network_is_a_point_beside_chance(score, scores, chance):
    networks = ["untrained", "trained"] * 2
    table = pd.DataFrame({"seed": [0, 0, 1, 1], "network": networks, score: scores})
    drawing = Drawing(charts.class_score_points(table.assign(grouping="kinds"), score))
    points = drawing.saying(Seed=None)
    assert drawing.values("Y", points) == pytest.approx(scores, abs=0.02)
    assert [mark.colour for mark in points] == [ROLES["baseline"], ROLES["hidden"]] * 2
    assert drawing.values("Y", drawing.of("rule mark")) == pytest.approx(chance, abs=0.02)
