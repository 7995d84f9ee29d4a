"""The loss curve and its lines, read back from what is drawn."""

import numpy as np
import pytest
from drawing import Drawing

from elman import Experiment, charts
from elman.analysis.references import Reference, references
from elman.charts.loss import LABEL_HEIGHT, loss_curve
from elman.charts.parts import MAX_POINTS
from elman.tasks import TASKS, training_sequence


def lines(floor):
    return (
        Reference("floor: all that can be known", "floor", floor, "floor"),
        Reference("always answering 0.5", "always 0.5", 0.25, "baseline"),
    )


def test_the_loss_curve_has_its_two_lines_at_the_floor_and_one_quarter():
    drawing = Drawing(loss_curve(np.linspace(0.27, 0.18, 30), lines(1 / 6)).properties(width=400))
    assert drawing.axes == {"X": "Epoch", "Y": "Mean squared error"}
    heights = {
        charts.ROLES["baseline"]: (0.25, "always answering 0.5"),
        charts.ROLES["floor"]: (1 / 6, "floor"),
    }
    rules = drawing.of("rule mark")
    assert len(rules) == 2
    for rule in rules:
        value, name = heights[rule.colour]
        (left, height), (right, end) = sorted(rule.points)
        assert height == end
        assert drawing.value("Y", height) == pytest.approx(value, abs=1e-3)
        assert (drawing.value("X", left), drawing.value("X", right)) == pytest.approx(
            (0, 30), abs=0.01
        )
        # Its name stands close above it, in its colour.
        label = next(t for t in drawing.of("text mark") if t.element.text.startswith(name))
        assert 0 < height - label.points[0][1] < 10
        assert label.colour == rule.colour


def test_the_loss_curve_goes_through_the_losses():
    losses = np.array([0.26, 0.24, 0.12, 0.08])
    drawing = Drawing(loss_curve(losses, lines(0.05), epochs=10).properties(width=400))
    (curve,) = drawing.of("line mark")
    for epoch, (loss, (x, y)) in enumerate(zip(losses, curve.points, strict=True), start=1):
        assert drawing.value("X", x) == pytest.approx(epoch, abs=0.01)
        assert drawing.value("Y", y) == pytest.approx(loss, abs=1e-3)


def test_a_high_loss_stays_inside_the_figure():
    drawing = Drawing(loss_curve(np.array([0.9, 0.4]), lines(0.1)))
    (curve,) = drawing.of("line mark")
    top = min(y for _, _, y in drawing.tick_labels("Y"))
    assert drawing.value("Y", curve.points[0][1]) == pytest.approx(0.9, abs=2e-3)
    assert curve.points[0][1] > top - 30


def test_a_long_loss_curve_is_thinned_to_its_ends():
    losses = np.geomspace(0.27, 0.02, 5000)
    drawing = Drawing(loss_curve(losses, lines(0.0)).properties(width=400))
    (curve,) = drawing.of("line mark")
    assert len(curve.points) <= MAX_POINTS
    assert drawing.value("X", curve.points[-1][0]) == pytest.approx(5000, rel=1e-3)
    assert drawing.value("Y", curve.points[-1][1]) == pytest.approx(0.02, abs=1e-3)


def test_a_single_epoch_is_a_point():
    drawing = Drawing(loss_curve(np.array([0.2]), lines(0.1), epochs=5).properties(width=400))
    (point,) = drawing.of("point")
    assert drawing.value("X", point.points[0][0]) == pytest.approx(1, abs=0.01)
    assert drawing.value("Y", point.points[0][1]) == pytest.approx(0.2, abs=1e-3)


def test_before_the_first_epoch_only_the_two_lines_are_drawn():
    drawing = Drawing(loss_curve(np.array([]), lines(0.1), epochs=5))
    assert drawing.axes == {"X": "Epoch", "Y": "Mean squared error"}
    assert len(drawing.of("rule mark")) == 2
    assert drawing.of("point") == []


def test_a_marked_epoch_is_an_upright_line_there():
    chart = loss_curve(np.linspace(0.27, 0.18, 30), lines(0.1), marked_epoch=12)
    drawing = Drawing(chart.properties(width=400))
    (mark,) = (m for m in drawing.of("rule mark") if m.colour == charts.ROLES["target"])
    (x, top), (end, bottom) = mark.points
    assert x == end
    assert top != bottom
    assert drawing.value("X", x) == pytest.approx(12, abs=0.05)


@pytest.mark.parametrize("task", TASKS)
def test_the_lines_of_every_task_are_named_and_no_label_lies_over_another(task):
    training = training_sequence(Experiment(task=task))
    compared = references(training, TASKS[task])
    losses = np.linspace(compared[-1].value, compared[0].value, 5)
    drawing = Drawing(loss_curve(losses, compared).properties(width=600))
    rules = drawing.of("rule mark")
    heights = sorted(drawing.value("Y", rule.points[0][1]) for rule in rules)
    np.testing.assert_allclose(heights, sorted(line.value for line in compared), rtol=0.01)
    labels = drawing.of("text mark")
    places = sorted(label.points[0][1] for label in labels)
    assert all(np.diff(places) >= LABEL_HEIGHT)
    written = ", ".join(label.element.text for label in labels)
    for line in compared:
        assert line.name in written or line.short in written


def test_lines_that_nearly_coincide_share_a_label():
    drawing = Drawing(
        loss_curve(
            np.array([0.25, 0.2]),
            (
                Reference("floor: all that can be known", "floor", 0.1, "floor"),
                Reference("best memoryless guess", "memoryless", 0.25, "baseline"),
                Reference("best bigram", "bigram", 0.249, "baseline"),
                Reference("best trigram", "trigram", 0.101, "baseline"),
            ),
        )
    )
    labels = {label.element.text: label.colour for label in drawing.of("text mark")}
    # A label that names the floor has its colour.
    assert labels == {
        "memoryless, bigram": charts.ROLES["baseline"],
        "trigram, floor": charts.ROLES["floor"],
    }
    assert len(drawing.of("rule mark")) == 4


def test_a_label_between_lines_goes_below_its_own_where_the_curve_runs_through_it():
    drawing = Drawing(loss_curve(np.full(40, 0.255), lines(0.1)).properties(width=600))
    (label,) = (t for t in drawing.of("text mark") if t.element.text.startswith("always"))
    (line,) = (m for m in drawing.of("rule mark") if m.colour == charts.ROLES["baseline"])
    assert label.points[0][1] > line.points[0][1]
    # Not where the name of the next line is.
    drawing = Drawing(loss_curve(np.full(40, 0.255), lines(0.23)).properties(width=600))
    (label,) = (t for t in drawing.of("text mark") if t.element.text.startswith("always"))
    (line,) = (m for m in drawing.of("rule mark") if m.colour == charts.ROLES["baseline"])
    assert label.points[0][1] < line.points[0][1]


@pytest.mark.parametrize(
    ("losses", "side"),
    [
        # Ends just above the line, after a beginning far above it.
        (np.geomspace(0.27, 0.105, 40), "left"),
        (np.linspace(0.27, 0.2, 40), "right"),
        # In the way at both ends: below the line, under which there is nothing.
        (np.full(40, 0.105), "below"),
    ],
)
def test_a_label_stands_where_the_curve_does_not_run_through_it(losses, side):
    drawing = Drawing(loss_curve(losses, lines(0.1)).properties(width=600))
    (label,) = (t for t in drawing.of("text mark") if t.element.text.startswith("floor"))
    x = drawing.value("X", label.points[0][0])
    assert x == pytest.approx(0 if side == "left" else 40, abs=0.5)
    assert label.element.get("text-anchor", "start") == ("start" if side == "left" else "end")
    (line,) = (m for m in drawing.of("rule mark") if m.colour == charts.ROLES["floor"])
    assert (label.points[0][1] > line.points[0][1]) == (side == "below")


def test_small_losses_in_a_narrow_band_fill_the_figure():
    """The sentences: from 0.0306, the best memoryless guess, to the floor of 0.0259."""
    compared = references(
        training_sequence(Experiment(task="sentences", length=3000)), TASKS["sentences"]
    )
    drawing = Drawing(loss_curve(np.linspace(0.0306, 0.0262, 20), compared))
    (curve,) = drawing.of("line mark")
    heights = [y for _, y in curve.points]
    ticks = [y for _, _, y in drawing.tick_labels("Y")]
    assert max(heights) - min(heights) > 0.3 * 300
    assert min(ticks) - 30 < min(heights) < max(heights) < max(ticks) + 30
