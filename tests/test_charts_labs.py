"""Charts of the labs: every run a mark of its own, and the prediction among them."""

import numpy as np
import pandas as pd
import pytest
from drawing import Drawing

from elman.charts import ROLES
from elman.charts import labs as lab_charts

TITLE = "Right answers"


def points(values, **others):
    """One row of runs, the first the student's, with other kinds of marks."""
    lines = [("row", value, "another seed", "") for value in values]
    lines[0] = ("row", values[0], "your run", "")
    lines += [("row", value, kind.replace("_", " "), "") for kind, value in others.items()]
    return pd.DataFrame(lines, columns=["row", "value", "kind", "words"])


def drawn(frame, **settings):
    return Drawing(lab_charts.among_seeds(frame, TITLE, (0, 1), ".2f", **settings))


def of_kind(drawing, kind):
    return [mark for mark in drawing.of("point") if mark.says["Mark"] == kind]


def test_equal_runs_stand_above_each_other_and_none_is_hidden():
    drawing = drawn(points([1.0] * 20))
    (own,) = of_kind(drawing, "your run")
    x, y = zip(
        *(mark.points[0] for mark in drawing.of("point") if "Mark" in mark.says), strict=True
    )
    assert len(x) == len({round(height, 3) for height in y}) == 20
    assert len(set(x)) == 1
    assert own.points[0][1] == max(y)


def test_marks_stand_at_their_values_with_a_colour_for_each_kind():
    drawing = drawn(points([0.2, 0.4], your_prediction=0.6, expected_at_best=0.8))
    expected = {
        "your run": 0.2,
        "another seed": 0.4,
        "your prediction": 0.6,
        "expected at best": 0.8,
    }
    for kind, value in expected.items():
        (mark,) = of_kind(drawing, kind)
        assert drawing.values("X", [mark]) == pytest.approx([value], abs=0.01)
        assert mark.element.get("stroke") == ROLES[lab_charts.POINTS[kind].role]
        assert kind in drawing.texts
    assert TITLE in drawing.axes.values()


def test_a_row_without_a_number_keeps_its_name():
    frame = pd.concat([points([0.5]), points([np.nan]).assign(row="none: all of 1")])
    assert {"row", "none: all of 1"} <= set(drawn(frame).texts)


def test_a_number_beyond_the_axis_widens_it():
    drawing = drawn(points([0.5, 3.0]))
    (mark,) = of_kind(drawing, "another seed")
    assert drawing.values("X", [mark]) == pytest.approx([3.0], abs=0.05)


def test_counted_runs_stand_in_line():
    frame = points([1.0, 2.0, 3.0], your_prediction=4.0)
    drawing = Drawing(lab_charts.among_seeds(frame, "Seeds", (0, 5), "d", stacked=False))
    x, y = zip(
        *(mark.points[0] for mark in drawing.of("point") if "Mark" in mark.says), strict=True
    )
    assert (len(set(x)), len(set(y))) == (4, 1)


def test_bars_are_as_long_as_the_guesses():
    guesses = pd.DataFrame({"row": ["a", "b"], "value": [0.25, 1.0]})
    drawing = Drawing(lab_charts.guess_bars(guesses, TITLE, (0.0, 1.0), ".0%"))
    widths = [np.ptp([x for x, _ in mark.points]) for mark in drawing.of("rect mark")]
    assert widths[1] == pytest.approx(4 * widths[0], rel=0.01)
    assert {"a", "b"} <= set(drawing.texts)
