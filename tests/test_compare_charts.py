"""Charts of comparisons, as a reader gets them."""

import numpy as np
import pandas as pd
import pytest
from drawing import Drawing, contrast

from elman import Experiment, charts
from elman.analysis import comparison
from elman.analysis.references import Reference
from elman.charts import compare as compare_charts
from elman.charts import errors as error_charts
from elman.charts import loss as loss_chart
from elman.sweeps import Outcome, variations

PAGES = ("#FFFFFF", "#0E1117")
LINES = (Reference("floor: all", "floor", 0.1, "floor"),)
LEVEL = 0.23


def found(vary=None, seeds=3, epochs=500):
    experiments = variations(Experiment(), vary or {"hidden": [2, 8]}, seeds)
    rng = np.random.default_rng(1)
    return [
        Outcome(
            experiment,
            0.3 - 0.001 * experiment.hidden * np.linspace(0, 10, epochs) + 0.001 * rng.random(),
            "finished",
            0.0,
            {"right where certain": float(experiment.hidden == 8)},
        )
        for experiment in experiments
    ]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("colour", compare_charts.RAMP)
def test_every_colour_of_the_ramp_stands_out_from_the_page(colour, page):
    assert contrast(colour, page) >= 3


def test_values_get_colours_of_their_own():
    for count in range(1, compare_charts.MOST_VALUES + 1):
        assert len(set(compare_charts.colours(range(count)))) == count


def test_curves_have_a_line_and_a_band_for_each_value_and_few_points():
    outcomes = found()
    table = comparison.curves(outcomes, ["hidden"])
    chart = compare_charts.curves(
        table, "hidden", (2, 8, 16), LINES, label="Hidden units", epochs=500
    )
    drawing = Drawing(chart)
    curves = [mark for mark in drawing.of("line mark") if len(mark.points) > 2]
    assert len(curves) == len(drawing.of("area mark")) == 2
    # The third value has not come in yet, and keeps its colour for when it does.
    expected = compare_charts.colours((2, 8, 16))[:2]
    assert [curve.colour.lower() for curve in curves] == [colour.lower() for colour in expected]
    assert all(len(curve.points) <= comparison.POINTS for curve in curves)
    end = curves[1].points[-1]
    last = [outcome.losses[-1] for outcome in outcomes if outcome.experiment.hidden == 8]
    assert drawing.value("X", end[0]) == pytest.approx(500, abs=2)
    assert drawing.value("Y", end[1]) == pytest.approx(np.median(last), abs=2e-3)
    assert drawing.axes == {"X": "Epoch", "Y": "Mean squared error"}
    # The legend names what is drawn.
    assert {"2", "8", "floor: all"} <= set(drawing.texts)
    assert "16" not in drawing.texts


def test_successes_lie_at_their_shares_with_their_counts():
    table = comparison.successes(comparison.runs_table(found(), ["hidden"], LEVEL), ["hidden"])
    drawing = Drawing(
        compare_charts.success_shares(
            table, "hidden", (2, 8), label="Hidden units", title="Runs that learned"
        )
    )
    assert [mark.says["Runs"] for mark in drawing.of("point")] == ["0 of 3", "3 of 3"]
    assert {"0 of 3", "3 of 3"} <= set(drawing.texts)
    left, right = (mark.points[0][0] for mark in drawing.of("point"))
    ticks = {text: x for text, x, _ in drawing.tick_labels("X")}
    assert (left, right) == pytest.approx((ticks["0%"], ticks["100%"]), abs=1)


def test_the_grid_has_a_cell_for_each_pair():
    vary = {"hidden": [2, 8], "reset": ["epoch", "step", "never"]}
    table = comparison.runs_table(found(vary), list(vary), LEVEL)
    drawing = Drawing(
        compare_charts.success_grid(
            comparison.successes(table, list(vary)),
            vary,
            {"hidden": "Hidden units", "reset": "Context reset"},
            "Runs that learned",
        )
    )
    assert sum(text == "3 of 3" for text in drawing.texts) == 3
    assert sum(text == "0 of 3" for text in drawing.texts) == 3
    assert drawing.axes == {"X": "Hidden units", "Y": "Context reset"}


def test_every_run_is_a_point_above_its_value():
    table = comparison.runs_table(found(), ["hidden"], LEVEL)
    drawing = Drawing(
        compare_charts.run_points(
            table, "hidden", (2, 8), "final loss", label="Hidden units", level=LEVEL
        )
    )
    points = drawing.of("point")
    assert len(points) == len(table)
    heights = [drawing.value("Y", mark.points[0][1]) for mark in points]
    assert heights == pytest.approx(list(table["loss"]), abs=1e-3)
    assert len({round(mark.points[0][0]) for mark in points}) == len(table)
    assert f"level {LEVEL}" in drawing.texts


def test_runs_that_never_reached_the_level_stand_on_top_and_say_so():
    # Only the runs with 8 hidden units get down to the level.
    table = comparison.runs_table(found(), ["hidden"], LEVEL)
    assert table["passes"].isna().sum() == 3
    drawing = Drawing(
        compare_charts.run_points(
            table, "hidden", (2, 8), "epochs to the level", label="Hidden units", level=LEVEL
        )
    )
    heights = [mark.points[0][1] for mark in drawing.of("point")]
    assert max(heights[:3]) < min(heights[3:])
    assert "never" in drawing.texts


def test_no_run_at_the_level_can_be_drawn_too():
    table = comparison.runs_table(found(), ["hidden"], 0.01)
    drawing = Drawing(
        compare_charts.run_points(
            table, "hidden", (2, 8), "epochs to the level", label="Hidden units", level=0.01
        )
    )
    assert len(drawing.of("point")) == len(table)


def test_the_curve_of_a_pinned_run_is_dashed_named_and_in_its_colour():
    losses = np.linspace(0.3, 0.2, 50)
    pinned = ("hidden 4", np.linspace(0.3, 0.1, 80))
    drawing = Drawing(loss_chart.loss_curve(losses, LINES, pinned=pinned))
    dashed, own = (mark for mark in drawing.of("line mark") if len(mark.points) > 2)
    assert dashed.colour.lower() == charts.ROLES["pinned"].lower()
    assert own.colour.lower() == charts.ROLES["error"].lower()
    assert dashed.element.get("stroke-dasharray") == "6,3"
    # A dash without a gap.
    assert own.element.get("stroke-dasharray") == "1,0"
    assert {"this run", "pinned: hidden 4"} <= set(drawing.texts)
    # The axis has room for the longer of the two.
    assert drawing.value("X", dashed.points[-1][0]) == pytest.approx(80, abs=0.5)
    assert drawing.value("X", own.points[-1][0]) == pytest.approx(50, abs=0.5)


def test_errors_of_a_pinned_run_are_outlines_at_their_heights():
    table = pd.DataFrame(
        {
            "position": ["a", "b"],
            "squared": [0.2, 0.1],
            "squared_floor": [0.1, 0.0],
            "squared_pinned": [0.25, 0.05],
        }
    )
    drawing = Drawing(error_charts.errors_by_position(table, "squared", "Squared error"))
    outlines = [
        mark
        for mark in drawing.of("bar")
        if (mark.element.get("stroke") or "").lower() == charts.ROLES["pinned"].lower()
    ]
    heights = [drawing.value("Y", min(y for _, y in mark.points)) for mark in outlines]
    assert heights == pytest.approx([0.25, 0.05], abs=0.005)
    assert {mark.says["Pinned run"] for mark in outlines} == {"0.2500", "0.0500"}
