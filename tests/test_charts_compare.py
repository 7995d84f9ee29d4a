"""Charts of comparisons, of the labs with every run a mark of its own, and of layers."""

import numpy as np
import pandas as pd
import pytest
from drawing import Drawing

from elman import Experiment
from elman.analysis import comparison
from elman.analysis.references import Reference
from elman.charts import ROLES, compare, labs, layers
from elman.studies import layer_pass
from elman.studies.layer_pass import LayerArguments, run_layer
from elman.sweeps import Outcome, variations

LEVEL = 0.23


def outcomes(vary=None):
    rng, falling = np.random.default_rng(1), 0.001 * np.linspace(0, 10, 500)
    return [
        Outcome(one, 0.3 - one.hidden * falling + 0.001 * rng.random(), "finished", 0.0,
                {"right where certain": float(one.hidden == 8)})
        for one in variations(Experiment(), vary or {"hidden": [2, 8]}, 3)
    ]  # fmt: skip


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


TITLE = "Right answers"


def runs_of(values, **others):
    """One row of runs, the first the student's, with other kinds of marks."""
    kinds = ["your run"] + ["another seed"] * (len(values) - 1)
    kinds += [kind.replace("_", " ") for kind in others]
    marks = {"value": [*values, *others.values()], "kind": kinds}
    return pd.DataFrame(marks).assign(row="row", words="")


def among_seeds(frame, high=1, form=".2f", **settings):
    """The drawing, its marks by kind, and their places across and up."""
    drawing = Drawing(labs.among_seeds(frame, TITLE, (0, high), form, **settings))
    marks = drawing.saying(Mark=None)
    x, y = zip(*(mark.points[0] for mark in marks), strict=True)
    return drawing, {mark.says["Mark"]: mark for mark in marks}, x, y


def test_equal_runs_stand_above_each_other_and_counted_ones_in_line():
    _, marks, x, y = among_seeds(runs_of([1.0] * 20))
    assert len(x) == len({round(height, 3) for height in y}) == 20
    assert len(set(x)) == 1
    assert marks["your run"].points[0][1] == max(y)
    *_, x, y = among_seeds(runs_of([1.0, 2.0, 3.0], your_prediction=4.0), 5, "d", stacked=False)
    assert (len(set(x)), len(set(y))) == (4, 1)


def test_marks_stand_at_their_values_with_a_colour_for_each_kind():
    expected = {
        "your run": 0.2, "another seed": 0.4, "your prediction": 0.6, "expected at best": 0.8,
    }  # fmt: skip
    frame = runs_of([0.2, 0.4], your_prediction=0.6, expected_at_best=0.8)
    nothing = runs_of([np.nan]).assign(row="none: all of 1")
    drawing, marks, *_ = among_seeds(pd.concat([frame, nothing]))
    # A row without a number keeps its name.
    assert {"row", "none: all of 1", *expected} <= {*drawing.texts}
    assert TITLE in drawing.axes.values()
    for kind, value in expected.items():
        assert drawing.values("X", [marks[kind]]) == pytest.approx([value], abs=0.01)
        assert marks[kind].element.get("stroke") == ROLES[labs.POINTS[kind].role]
    # A number beyond the axis widens it.
    drawing, marks, *_ = among_seeds(runs_of([0.5, 3.0]))
    assert drawing.values("X", [marks["another seed"]]) == pytest.approx([3.0], abs=0.05)


def test_bars_are_as_long_as_the_guesses():
    guesses = pd.DataFrame({"row": ["a", "b"], "value": [0.25, 1.0]})
    drawing = Drawing(labs.guess_bars(guesses, TITLE, (0.0, 1.0), ".0%"))
    widths = [np.ptp([x for x, _ in mark.points]) for mark in drawing.of("rect mark")]
    assert widths[1] == pytest.approx(4 * widths[0], rel=0.01)
    (_, upper), (_, lower) = (mark.points[0] for mark in drawing.of("text mark")[:2])
    assert drawing.words()[:2] == ["a", "b"]
    assert upper < lower


BOTH = LayerArguments(num_layers=2, bidirectional=True, batch=2, lengths=(3, 5))


def test_the_unrolled_stack_draws_every_state_and_leaves_padding_out():
    drawing = Drawing(layers.unrolled_stack(BOTH, 0))
    says = [mark.says["Here"] for mark in drawing.saying(Here=None)]
    # x, two directions, both, two directions, output: seven rows, each with two padded steps.
    assert says.count("padding") == 7 * 2
    assert sum("step" in words for words in says) == 7 * 3
    assert {f"{name}[{row}]" for name in ("h0", "h_n") for row in range(4)} <= {*drawing.texts}
    rows = ["x", "layer 1 →", "layer 1 ←", "both, 8", "layer 2 →", "layer 2 ←", "output"]
    assert drawing.ticks("Y") == rows
    # Backward states start on the right.
    drawing = Drawing(layers.unrolled_stack(LayerArguments(bidirectional=True), 0))
    at = {m.says["Here"].split(":")[0]: m.points[0][0] for m in drawing.saying(Here=None)}
    assert at["initial state h0[0]"] < at["final state h_n[0]"]
    assert at["initial state h0[1]"] > at["final state h_n[1]"]


def test_long_sequences_and_wide_layers_show_a_part_of_themselves_and_every_number_of_it():
    ends = {1: [1], 8: [*range(1, 9)], 9: [1, 2, 3, 4, 7, 8, 9], 50: [1, 2, 3, 4, 48, 49, 50]}
    assert {steps: layers.shown_steps(steps) for steps in ends} == ends
    table = layer_pass.flow_table(run_layer(LayerArguments(hidden_size=30)), 0)
    assert "8 of 30" in Drawing(layers.flow_map(table)).texts
    for arguments in BOTH, LayerArguments(kind="GRU", batch_first=True, steps=30):
        made = run_layer(arguments)
        stack = Drawing(layers.folded_stack(arguments)).texts
        assert {f"x: {arguments.input_size}", f"output: {made.layer.output_size}"} <= {*stack}
        flow = layer_pass.flow_table(made, 0)
        drawing = Drawing(layers.flow_map(flow))
        assert drawing.axes["X"] == "Step"
        shown = flow[flow["step"].isin(layers.shown_steps(arguments.steps))]["value"].dropna()
        numbers = [m.says["value"] for m in drawing.of("rect mark") if "value" in m.says]
        assert sorted(numbers) == sorted(f"{value:+.4f}".replace("-", "−") for value in shown)
