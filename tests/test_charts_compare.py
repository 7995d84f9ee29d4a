"""Charts of comparisons, as a reader gets them."""

import numpy as np
import pytest
from drawing import Drawing

from elman import Experiment
from elman.analysis import comparison
from elman.analysis.references import Reference
from elman.charts import compare
from elman.sweeps import Outcome, variations

LEVEL = 0.23


def outcomes(vary=None):
    rng = np.random.default_rng(1)
    return [
        Outcome(
            experiment,
            0.3 - 0.001 * experiment.hidden * np.linspace(0, 10, 500) + 0.001 * rng.random(),
            "finished",
            0.0,
            {"right where certain": float(experiment.hidden == 8)},
        )
        for experiment in variations(Experiment(), vary or {"hidden": [2, 8]}, 3)
    ]


def test_curves_have_a_line_and_a_band_for_each_value_and_few_points():
    for count in range(1, compare.MOST_VALUES + 1):
        assert len(set(compare.colours(range(count)))) == count
    table, values = comparison.curves(outcomes(), ["hidden"]), (2, 8, 16)
    lines = (Reference("floor: all", "floor", 0.1, "floor"),)
    chart = compare.curves(table, "hidden", values, lines, label="Hidden units", epochs=500)
    drawing = Drawing(chart)
    curves = [mark for mark in drawing.of("line mark") if len(mark.points) > 2]
    assert len(curves) == len(drawing.of("area mark")) == 2
    # The third value has not come in yet, and keeps its colour for when it does.
    assert [curve.colour for curve in curves] == compare.colours(values)[:2]
    assert all(len(curve.points) <= comparison.POINTS for curve in curves)
    last = [outcome.losses[-1] for outcome in outcomes() if outcome.experiment.hidden == 8]
    assert drawing.along("X", curves[1])[-1] == pytest.approx(500, abs=2)
    assert drawing.along("Y", curves[1])[-1] == pytest.approx(np.median(last), abs=2e-3)
    assert drawing.axes == {"X": "Epoch", "Y": "Mean squared error"}
    # The legend names what is drawn.
    assert {"2", "8", "floor: all"} <= {*drawing.texts}
    assert "16" not in drawing.texts


def test_successes_lie_at_their_shares_with_their_counts():
    runs = comparison.runs_table(outcomes(), ["hidden"], LEVEL)
    table = comparison.successes(runs, ["hidden"])
    settings = {"label": "Hidden units", "title": "Learned"}
    drawing = Drawing(compare.success_shares(table, "hidden", (2, 8), **settings))
    assert [mark.says["Runs"] for mark in drawing.of("point")] == ["0 of 3", "3 of 3"]
    assert {"0 of 3", "3 of 3"} <= {*drawing.texts}
    ticks = {text: x for text, x, _ in drawing.tick_labels("X")}
    shares = [mark.points[0][0] for mark in drawing.of("point")]
    assert shares == pytest.approx([ticks["0%"], ticks["100%"]], abs=1)
    # Of two settings, in a grid with a cell for each pair.
    vary = {"hidden": [2, 8], "reset": ["epoch", "step", "never"]}
    labels = {"hidden": "Hidden units", "reset": "Context reset"}
    runs = comparison.runs_table(outcomes(vary), list(vary), LEVEL)
    table = comparison.successes(runs, list(vary))
    drawing = Drawing(compare.success_grid(table, vary, labels, "Learned"))
    assert sorted(drawing.words()) == ["0 of 3"] * 3 + ["3 of 3"] * 3
    assert drawing.axes == {"X": "Hidden units", "Y": "Context reset"}


def test_every_run_is_a_point_above_its_value_and_what_never_reached_the_level_on_top():
    def points(measure, level):
        table = comparison.runs_table(outcomes(), ["hidden"], level)
        chart = compare.run_points(table, "hidden", (2, 8), measure, label="Hidden", level=level)
        drawing = Drawing(chart)
        return table, drawing, drawing.of("point")

    table, drawing, marks = points("final loss", LEVEL)
    assert drawing.values("Y", marks) == pytest.approx(list(table["loss"]), abs=1e-3)
    assert len({round(mark.points[0][0]) for mark in marks}) == len(table)
    assert drawing.ticks("X") == ["2", "8"]
    assert f"level {LEVEL}" in drawing.texts
    # Only the runs with 8 hidden units get down to the level.
    table, drawing, marks = points("epochs to the level", LEVEL)
    assert table["passes"].isna().tolist() == [True] * 3 + [False] * 3
    heights = [mark.points[0][1] for mark in marks]
    assert max(heights[:3]) < min(heights[3:])
    assert "never" in drawing.texts
    # None of them gets down to this one.
    table, _, marks = points("epochs to the level", 0.01)
    assert len(marks) == len(table)
