"""Charts of the labs: every run a mark of its own, and the prediction among them."""

import numpy as np
import pandas as pd
import pytest
from drawing import Drawing

from elman.charts import ROLES
from elman.charts import labs as charts

TITLE = "Right answers"


def points(values, **others):
    """One row of runs, the first the student's, with other kinds of marks."""
    kinds = ["your run"] + ["another seed"] * (len(values) - 1)
    kinds += [kind.replace("_", " ") for kind in others]
    marks = {"value": [*values, *others.values()], "kind": kinds}
    return pd.DataFrame(marks).assign(row="row", words="")


def among_seeds(frame, high=1, form=".2f", **settings):
    """The drawing, its marks by kind, and their places across and up."""
    drawing = Drawing(charts.among_seeds(frame, TITLE, (0, high), form, **settings))
    marks = drawing.saying(Mark=None)
    x, y = zip(*(mark.points[0] for mark in marks), strict=True)
    return drawing, {mark.says["Mark"]: mark for mark in marks}, x, y


def test_equal_runs_stand_above_each_other_and_counted_ones_in_line():
    _, marks, x, y = among_seeds(points([1.0] * 20))
    assert len(x) == len({round(height, 3) for height in y}) == 20
    assert len(set(x)) == 1
    assert marks["your run"].points[0][1] == max(y)
    *_, x, y = among_seeds(points([1.0, 2.0, 3.0], your_prediction=4.0), 5, "d", stacked=False)
    assert (len(set(x)), len(set(y))) == (4, 1)


def test_marks_stand_at_their_values_with_a_colour_for_each_kind():
    expected = {
        "your run": 0.2, "another seed": 0.4, "your prediction": 0.6, "expected at best": 0.8,
    }  # fmt: skip
    frame = points([0.2, 0.4], your_prediction=0.6, expected_at_best=0.8)
    nothing = points([np.nan]).assign(row="none: all of 1")
    drawing, marks, *_ = among_seeds(pd.concat([frame, nothing]))
    # A row without a number keeps its name.
    assert {"row", "none: all of 1", *expected} <= {*drawing.texts}
    assert TITLE in drawing.axes.values()
    for kind, value in expected.items():
        assert drawing.values("X", [marks[kind]]) == pytest.approx([value], abs=0.01)
        assert marks[kind].element.get("stroke") == ROLES[charts.POINTS[kind].role]
    # A number beyond the axis widens it.
    drawing, marks, *_ = among_seeds(points([0.5, 3.0]))
    assert drawing.values("X", [marks["another seed"]]) == pytest.approx([3.0], abs=0.05)


def test_bars_are_as_long_as_the_guesses():
    guesses = pd.DataFrame({"row": ["a", "b"], "value": [0.25, 1.0]})
    drawing = Drawing(charts.guess_bars(guesses, TITLE, (0.0, 1.0), ".0%"))
    widths = [np.ptp([x for x, _ in mark.points]) for mark in drawing.of("rect mark")]
    assert widths[1] == pytest.approx(4 * widths[0], rel=0.01)
    assert {"a", "b"} <= {*drawing.texts}
