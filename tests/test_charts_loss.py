"""The loss curve and its lines, read back from what is drawn."""

import numpy as np
import pytest
from drawing import Drawing

from elman import Experiment, charts
from elman.analysis.references import Reference, references
from elman.charts.loss import LABEL_HEIGHT, loss_curve, loss_figure, marked_epochs
from elman.charts.parts import MAX_POINTS
from elman.tasks import TASKS, training_sequence

FLOOR, BASELINE = charts.ROLES["floor"], charts.ROLES["baseline"]


def lines(floor):
    return (
        Reference("floor: all that can be known", "floor", floor, "floor"),
        Reference("always answering 0.5", "always 0.5", 0.25, "baseline"),
    )


def drawn(losses, floor=0.1, **settings):
    references = floor if isinstance(floor, tuple) else lines(floor)
    chart = loss_curve(np.asarray(losses, dtype=float), references, **settings)
    return Drawing(chart.properties(width=600))


def named(drawing, start):
    """The only text that starts so, and the line in its colour."""
    (label,) = (t for t in drawing.of("text mark") if t.element.text.startswith(start))
    (line,) = (m for m in drawing.of("rule mark") if m.colour == label.colour)
    return label, line


def test_the_loss_curve_has_its_two_lines_at_the_floor_and_one_quarter():
    drawing = drawn(np.linspace(0.27, 0.18, 30), 1 / 6)
    assert drawing.axes == {"X": "Epoch", "Y": "Mean squared error"}
    assert len(drawing.of("rule mark")) == 2
    for value, name, colour in ((0.25, "always", BASELINE), (1 / 6, "floor", FLOOR)):
        label, line = named(drawing, name)
        assert line.colour == colour
        assert drawing.values("Y", [line]) == pytest.approx([value], abs=1e-3)
        (_, height), (_, end) = line.points
        assert height == end
        assert sorted(drawing.along("X", line)) == pytest.approx([0, 30], abs=0.01)
        # Its name stands close above it.
        assert 0 < height - label.points[0][1] < 10


@pytest.mark.parametrize(
    ("losses", "epochs"),
    [([0.26, 0.24, 0.12, 0.08], 10), ([0.9, 0.4], None), (np.geomspace(0.27, 0.02, 5000), None)],
)
def test_the_loss_curve_goes_through_the_losses_and_few_of_many(losses, epochs):
    drawing = drawn(losses, 0.05, epochs=epochs)
    (curve,) = drawing.of("line mark")
    assert len(curve.points) == min(len(losses), MAX_POINTS)
    places = drawing.along("X", curve)
    assert (places[0], places[-1]) == pytest.approx((1, len(losses)), abs=0.01, rel=1e-3)
    expected = np.interp(places, range(1, len(losses) + 1), losses)
    np.testing.assert_allclose(drawing.along("Y", curve), expected, atol=2e-3)
    # The last one, too, stands inside the figure.
    top = min(y for _, _, y in drawing.tick_labels("Y"))
    assert min(y for _, y in curve.points) > top - 30


def test_a_single_epoch_is_a_point_none_only_lines_and_a_marked_one_an_upright_line():
    drawing = drawn([0.2], epochs=5)
    (point,) = drawing.of("point")
    assert drawing.values("X", [point]) == pytest.approx([1], abs=0.01)
    assert drawing.values("Y", [point]) == pytest.approx([0.2], abs=1e-3)
    drawing = drawn([], epochs=5)
    assert drawing.axes == {"X": "Epoch", "Y": "Mean squared error"}
    assert len(drawing.of("rule mark")) == 2
    assert drawing.of("point") == []
    drawing = drawn(np.linspace(0.27, 0.18, 30), marked=marked_epochs(12))
    (mark,) = drawing.lines(charts.ROLES["target"])
    assert drawing.along("X", mark) == pytest.approx([12, 12], abs=0.05)
    assert mark.points[0][0] == mark.points[1][0]
    assert mark.points[0][1] != mark.points[1][1]


@pytest.mark.parametrize("task", TASKS)
def test_the_lines_of_every_task_are_named_and_no_label_lies_over_another(task):
    compared = references(training_sequence(Experiment(task=task)), TASKS[task])
    drawing = drawn(np.linspace(compared[-1].value, compared[0].value, 5), compared)
    heights = sorted(drawing.values("Y", drawing.of("rule mark")))
    np.testing.assert_allclose(heights, sorted(line.value for line in compared), rtol=0.01)
    places = sorted(label.points[0][1] for label in drawing.of("text mark"))
    assert all(np.diff(places) >= LABEL_HEIGHT)
    written = ", ".join(drawing.words())
    assert all(line.name in written or line.short in written for line in compared)


def test_lines_that_nearly_coincide_share_a_label():
    values = {"memoryless": 0.25, "bigram": 0.249, "trigram": 0.101}
    close = (Reference(f"best {name}", name, at, "baseline") for name, at in values.items())
    drawing = drawn([0.25, 0.2], (*lines(0.1)[:1], *close))
    labels = {label.element.text: label.colour for label in drawing.of("text mark")}
    # A label that names the floor has its colour.
    assert labels == {"memoryless, bigram": BASELINE, "trigram, floor": FLOOR}
    assert len(drawing.of("rule mark")) == 4


@pytest.mark.parametrize(
    ("losses", "floor", "name", "left", "below"),
    # Ends just above the line, after a beginning far above it.
    [(np.geomspace(0.27, 0.105, 40), 0.1, "floor", True, False),
     (np.linspace(0.27, 0.2, 40), 0.1, "floor", False, False),
     # In the way at both ends: below the line, under which there is nothing.
     (np.full(40, 0.105), 0.1, "floor", False, True),
     (np.full(40, 0.255), 0.1, "always", False, True),
     # But not where the name of the next line is.
     (np.full(40, 0.255), 0.23, "always", False, False)],
)  # fmt: skip
def test_a_label_stands_where_the_curve_does_not_run_through_it(losses, floor, name, left, below):
    drawing = drawn(losses, floor)
    label, line = named(drawing, name)
    assert drawing.values("X", [label]) == pytest.approx([0 if left else 40], abs=0.5)
    assert label.element.get("text-anchor", "start") == ("start" if left else "end")
    assert (label.points[0][1] > line.points[0][1]) == below


def test_small_losses_in_a_narrow_band_fill_the_figure():
    """The sentences: from 0.0306, the best memoryless guess, to the floor of 0.0259."""
    training = training_sequence(Experiment(task="sentences", length=3000))
    compared = references(training, TASKS["sentences"])
    spec = loss_curve(np.linspace(0.0306, 0.0262, 20), compared).to_dict()
    low, top = spec["layer"][-1]["encoding"]["y"]["scale"]["domain"]
    assert low < 0.0259 < 0.0306 < top
    assert 0.3 * (top - low) < 0.0306 - 0.0262


def test_the_curves_of_pinned_runs_are_dashed_named_and_in_their_colours():
    longer, same = np.linspace(0.3, 0.1, 80), np.linspace(0.3, 0.25, 50)
    pinned = {1: ("hidden 4", longer), 3: ("mine", same)}
    drawing = drawn(np.linspace(0.3, 0.2, 50), pinned=pinned)
    curves = [mark for mark in drawing.of("line mark") if len(mark.points) > 2]
    roles = ("pinned1", "pinned3", "error")
    assert [curve.colour for curve in curves] == [charts.ROLES[role] for role in roles]
    # The last is a dash without a gap.
    dashes = [curve.element.get("stroke-dasharray") for curve in curves]
    assert dashes == ["6,3", "12,3", "1,0"]
    assert {"this run", "pinned 1: hidden 4", "pinned 3: mine"} <= set(drawing.texts)
    # The axis has room for the longest.
    ends = [drawing.value("X", curve.points[-1][0]) for curve in curves]
    assert ends == pytest.approx([80, 50, 50], abs=0.5)


def test_where_a_run_branched_off_there_is_a_named_line():
    drawing = drawn(np.linspace(0.27, 0.18, 30), branch_epochs=(10, 20))
    names = [text for text in drawing.of("text mark") if text.element.text == "branch"]
    assert len(names) == 2
    rules = [mark for mark in drawing.of("rule mark") if mark.colour == names[0].colour]
    assert len(rules) == 2


@pytest.mark.parametrize("pinned", [{}, {1: ("hidden 4", np.linspace(0.3, 0.1, 80))}])
def test_runs_that_go_about_alike_differ_in_their_points_alone(pinned):
    runs = [np.linspace(0.2701, end, 50) for end in (0.18, 0.19)]
    (one, points), (other, others) = (loss_figure(run, lines(0.1), pinned=pinned) for run in runs)
    assert one == other
    assert not points.equals(others)
    assert loss_figure(runs[0], lines(0.05), pinned=pinned)[0] != one
