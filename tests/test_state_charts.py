"""Charts of hidden states, read back from what is drawn."""

import altair as alt
import numpy as np
import pandas as pd
import pytest
from drawing import Drawing
from hand_made import with_states

from elman import Experiment, run
from elman.analysis import states as hidden_states
from elman.analysis import surgery
from elman.analysis.replay import replay
from elman.charts import ROLES
from elman.charts import states as state_charts
from elman.charts.tree import CLASS_COLOURS
from elman.tasks import TASKS

TASK = TASKS["letters"]
KINDS = dict(zip("bdgaiu", ["consonant"] * 3 + ["vowel"] * 3, strict=True))


@pytest.fixture(scope="module")
def trained():
    return run(Experiment(task="letters", length=90, hidden=5, epochs=4, weight_scale=0.8))


@pytest.fixture(scope="module")
def states(trained):
    return replay(trained, trained.sequence).states


@pytest.fixture(scope="module")
def components(states):
    return hidden_states.principal_components(states)


def projected(states, components, sequence, **shown):
    return hidden_states.projections(with_states(states, sequence, TASK), components, **shown)


def test_heat_map_draws_every_unit_at_every_step_under_its_symbol(trained, states):
    table = hidden_states.heat_map(
        with_states(states, trained.sequence, TASK), first=11, steps=20, order="spread"
    )
    drawing = Drawing(state_charts.heat_map(table))
    cells = {
        (int(mark.says["Step"]), int(mark.says["Unit"])): mark for mark in drawing.of("rect mark")
    }
    assert len(cells) == 20 * 5
    for row in table.itertuples():
        mark = cells[row.step, row.unit]
        assert float(mark.says["Activation"]) == pytest.approx(row.activation, abs=5e-4)
        assert mark.says["Symbol"] == row.symbol
    steps = table.drop_duplicates("step")
    assert [text for text, *_ in drawing.tick_labels("X")] == steps["symbol"].tolist()
    units = table.drop_duplicates("row").sort_values("row")["unit"]
    assert [text for text, *_ in drawing.tick_labels("Y")] == [str(unit) for unit in units]
    assert drawing.axes == {"X": "Symbol read", "Y": "Hidden unit"}
    # A line before every group that begins inside the window.
    inside = steps[steps["group_start"] & (steps["step"] > 11)]
    assert len(drawing.of("rule mark")) == len(inside)


def test_heat_map_colours_have_the_scale_of_the_activation_not_of_the_window(trained, states):
    """The same activation looks the same in another window, and tanh has its middle at 0."""
    full = hidden_states.heat_map(with_states(states, trained.sequence, TASK), steps=3)
    colours = []
    for table in (full, full[full["step"] == 2]):
        (mark,) = [
            mark
            for mark in Drawing(state_charts.heat_map(table)).of("rect mark")
            if mark.says["Step"] == "2" and mark.says["Unit"] == "1"
        ]
        colours.append(mark.element.get("fill"))
    assert colours[0] == colours[1]
    opposite = full.assign(activation=np.where(full["unit"] == 1, 0.5, -0.5))
    scale = state_charts.heat_map(opposite, "tanh").to_dict()["layer"][0]["encoding"]["color"]
    assert scale["scale"]["domain"] == [-1, 1]
    relu = state_charts.heat_map(full.assign(activation=3.0 * full["unit"]), "relu").to_dict()
    assert relu["layer"][0]["encoding"]["color"]["scale"]["domain"] == [0, 15]


def test_a_wide_network_can_be_drawn():
    """500 units at 60 steps: a page sends such a table as it is; for a file Altair's limit of
    5,000 rows has to be lifted."""
    table = pd.DataFrame(
        {
            "step": np.repeat(np.arange(1, 61), 500),
            "symbol": "a",
            "group_start": False,
            "unit": np.tile(np.arange(1, 501), 60),
            "row": np.tile(np.arange(1, 501), 60),
            "activation": 0.5,
        }
    )
    chart = state_charts.heat_map(table)
    assert chart.height == 500 + state_charts.FRAME_HEIGHT
    with alt.data_transformers.enable("default", max_rows=None):
        (cells,) = [d for d in chart.to_dict()["datasets"].values() if len(d) > 60]
    assert len(cells) == 60 * 500


def test_component_titles_carry_the_share_of_the_variance(components):
    first, third = state_charts.component_titles(components, (1, 3))
    assert first == f"Component 1 ({components.ratios[0]:.1%} of the variance)"
    assert third == f"Component 3 ({components.ratios[2]:.1%} of the variance)"


def test_scatter_puts_states_where_they_are_and_writes_the_way(trained, states, components):
    cloud = projected(states, components, trained.sequence)
    path = projected(states, components, trained.sequence, first=5, steps=4)
    chart = state_charts.component_scatter(cloud, path, ("First", "Second"), classes=KINDS)
    drawing = Drawing(chart)
    assert drawing.axes == {"X": "First", "Y": "Second"}
    points = [m for m in drawing.of("point") if "Class" in m.says and "Step" in m.says]
    assert len(points) == len(cloud)
    by_step = cloud.set_index("step")
    wide = np.ptp(cloud["x"]), np.ptp(cloud["y"])
    for mark in points:
        row = by_step.loc[int(mark.says["Step"])]
        ((x, y),) = mark.points
        assert drawing.value("X", x) == pytest.approx(row["x"], abs=0.03 * wide[0])
        assert drawing.value("Y", y) == pytest.approx(row["y"], abs=0.03 * wide[1])
        assert mark.says["Class"] == KINDS[row["symbol"]]
        assert mark.colour.upper() == CLASS_COLOURS[mark.says["Class"] == "vowel"]
    written = [mark.element.text for mark in drawing.of("text mark")]
    # Each twice: its white edge, and the letter.
    assert sorted(written) == sorted(2 * path["symbol"].tolist())
    assert len(drawing.of("line mark")) == 1


def test_scatter_thins_a_large_cloud_and_draws_nothing_for_an_empty_one(components):
    many = pd.DataFrame(
        {
            "step": np.arange(1, 9001),
            "symbol": "b",
            "expected": "a",
            "group": 1,
            "place": 1,
            "content": "ba",
            "x": np.linspace(0, 1, 9000),
            "y": 0.0,
        }
    )
    drawing = Drawing(state_charts.component_scatter(many, many.head(0), ("First", "Second")))
    assert len(drawing.of("point")) == state_charts.CLOUD_POINTS
    assert not drawing.of("line mark")
    empty = Drawing(state_charts.component_scatter(many.head(0), many.head(0), ("First", "Second")))
    assert not empty.of("point")


def test_variance_bars(components):
    bars = Drawing(state_charts.variance_chart(components, 3)).of("bar")
    shares = [float(bar.says["Share"].rstrip("%")) / 100 for bar in bars]
    np.testing.assert_allclose(shares, components.ratios[:3], atol=6e-4)


def test_surgery_draws_both_errors_of_every_step(trained):
    tested = replay(trained, trained.sequence)
    table = surgery.changes_by_step(surgery.operate(tested, 8, surgery.Operation("zero"), after=5))
    drawing = Drawing(state_charts.surgery_effect(table))
    assert drawing.axes == {"X": "Symbol read", "Y": "Squared error"}
    assert [text for text, *_ in drawing.tick_labels("X")] == table["symbol"].tolist()
    for name, column in (("after the operation", "squared"), ("left alone", "squared_before")):
        marks = [mark for mark in drawing.of("point") if mark.says.get("Network") == name]
        shown = {int(mark.says["Step"]): float(mark.says["Error"]) for mark in marks}
        expected = dict(zip(table["step"], table[column], strict=True))
        assert shown == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize(
    ("score", "chance"), [("cophenetic_auc", 0.5), ("adjusted_rand", 0.0), ("purity", None)]
)
def test_every_seed_and_network_is_a_point_beside_chance(score, chance):
    table = pd.DataFrame(
        {
            "seed": [0, 0, 1, 1],
            "network": ["untrained", "trained"] * 2,
            "grouping": "kinds",
            "cophenetic_auc": [0.4, 0.9, 0.5, 0.8],
            "adjusted_rand": [-0.1, 0.9, 0.0, 0.8],
            "purity": [0.5, 0.9, 0.6, 0.8],
        }
    )
    drawing = Drawing(state_charts.class_score_points(table, score))
    points = [mark for mark in drawing.of("point") if "Seed" in mark.says]
    assert len(points) == 4
    for mark, row in zip(points, table.itertuples(), strict=True):
        ((_, y),) = mark.points
        assert drawing.value("Y", y) == pytest.approx(getattr(row, score), abs=0.02)
        role = "hidden" if row.network == "trained" else "baseline"
        assert mark.colour.upper() == ROLES[role].upper()
    rules = drawing.of("rule mark")
    assert len(rules) == (chance is not None)
    for rule in rules:
        assert drawing.value("Y", rule.points[0][1]) == pytest.approx(chance, abs=0.02)
