"""Charts of comparisons, as a reader gets them."""

import numpy as np
import pytest
from drawing import Drawing

from elman import Experiment
from elman.analysis import comparison
from elman.analysis.references import Reference
from elman.charts import compare
from elman.sweeps import Outcome, variations

LINES = (Reference("floor: all", "floor", 0.1, "floor"),)
LEVEL = 0.23


def outcomes(vary=None, seeds=3, epochs=500):
    rng = np.random.default_rng(1)
    return [
        Outcome(
            experiment,
            0.3 - 0.001 * experiment.hidden * np.linspace(0, 10, epochs) + 0.001 * rng.random(),
            "finished",
            0.0,
            {"right where certain": float(experiment.hidden == 8)},
        )
        for experiment in variations(Experiment(), vary or {"hidden": [2, 8]}, seeds)
    ]


def test_values_get_colours_of_their_own():
    for count in range(1, compare.MOST_VALUES + 1):
        assert len(set(compare.colours(range(count)))) == count


def test_curves_have_a_line_and_a_band_for_each_value_and_few_points():
    table = comparison.curves(outcomes(), ["hidden"])
    values = (2, 8, 16)
    drawing = Drawing(
        compare.curves(table, "hidden", values, LINES, label="Hidden units", epochs=500)
    )
    curves = [mark for mark in drawing.of("line mark") if len(mark.points) > 2]
    assert len(curves) == len(drawing.of("area mark")) == 2
    # The third value has not come in yet, and keeps its colour for when it does.
    assert [curve.colour for curve in curves] == compare.colours(values)[:2]
    assert all(len(curve.points) <= comparison.POINTS for curve in curves)
    x, y = curves[1].points[-1]
    last = [outcome.losses[-1] for outcome in outcomes() if outcome.experiment.hidden == 8]
    assert drawing.value("X", x) == pytest.approx(500, abs=2)
    assert drawing.value("Y", y) == pytest.approx(np.median(last), abs=2e-3)
    assert drawing.axes == {"X": "Epoch", "Y": "Mean squared error"}
    # The legend names what is drawn.
    assert {"2", "8", "floor: all"} <= set(drawing.texts)
    assert "16" not in drawing.texts


def test_successes_lie_at_their_shares_with_their_counts():
    runs = comparison.runs_table(outcomes(), ["hidden"], LEVEL)
    table = comparison.successes(runs, ["hidden"])
    drawing = Drawing(
        compare.success_shares(table, "hidden", (2, 8), label="Hidden units", title="Learned")
    )
    assert [mark.says["Runs"] for mark in drawing.of("point")] == ["0 of 3", "3 of 3"]
    assert {"0 of 3", "3 of 3"} <= set(drawing.texts)
    shares = [mark.points[0][0] for mark in drawing.of("point")]
    ticks = {text: x for text, x, _ in drawing.tick_labels("X")}
    assert shares == pytest.approx([ticks["0%"], ticks["100%"]], abs=1)


def test_the_grid_has_a_cell_for_each_pair():
    vary = {"hidden": [2, 8], "reset": ["epoch", "step", "never"]}
    labels = {"hidden": "Hidden units", "reset": "Context reset"}
    table = comparison.runs_table(outcomes(vary), list(vary), LEVEL)
    successes = comparison.successes(table, list(vary))
    drawing = Drawing(compare.success_grid(successes, vary, labels, "Learned"))
    assert sorted(drawing.words()) == ["0 of 3"] * 3 + ["3 of 3"] * 3
    assert drawing.axes == {"X": "Hidden units", "Y": "Context reset"}


def points(measure, level):
    table = comparison.runs_table(outcomes(), ["hidden"], level)
    chart = compare.run_points(table, "hidden", (2, 8), measure, label="Hidden", level=level)
    return table, Drawing(chart)


def test_every_run_is_a_point_above_its_value():
    table, drawing = points("final loss", LEVEL)
    marks = drawing.of("point")
    assert drawing.values("Y", marks) == pytest.approx(list(table["loss"]), abs=1e-3)
    assert len({round(mark.points[0][0]) for mark in marks}) == len(table)
    assert drawing.ticks("X") == ["2", "8"]
    assert f"level {LEVEL}" in drawing.texts


def test_runs_that_never_reached_the_level_stand_on_top_and_say_so():
    # Only the runs with 8 hidden units get down to the level.
    table, drawing = points("epochs to the level", LEVEL)
    assert table["passes"].isna().tolist() == [True] * 3 + [False] * 3
    heights = [mark.points[0][1] for mark in drawing.of("point")]
    assert max(heights[:3]) < min(heights[3:])
    assert "never" in drawing.texts
    # None of them gets down to this one.
    table, drawing = points("epochs to the level", 0.01)
    assert len(drawing.of("point")) == len(table)
