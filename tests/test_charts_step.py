"""The drawing of a training step: what each stage shows, and what stands out."""

import functools
from collections import Counter

import numpy as np
import pytest
from drawing import Drawing, contrast, rgb
from pairwise import pairwise

from elman import Experiment, charts, run, tasks
from elman.analysis.step import choose_units, training_step
from elman.analysis.step_equations import STAGES
from elman.charts import NEGATIVE, POSITIVE
from elman.charts import step as chart


@functools.cache
def step_of(hidden_range="", step=5, **settings):
    """A step of a short training, the units of it that are shown, and its task."""
    trained = run(Experiment(**{"length": 60, "epochs": 2} | settings))
    task = tasks.task_of(trained.experiment)
    seen = training_step(trained, trained.epochs_done, step)
    return seen, choose_units(seen, task, hidden_range)


def drawn(stage, hidden_range="", ground=chart.WHITE, **settings):
    """A step, and the marks of its drawing: units by name, lines by name."""
    step, units = step_of(hidden_range, **settings)
    picture = Drawing(chart.step_drawing(step, units, stage, ground=ground))
    circles = {mark.says["Unit"]: mark for mark in picture.saying(Unit=None)}
    lines = {mark.says["Weight"]: mark for mark in picture.saying(Weight=None)}
    return step, picture, circles, lines


LETTERS = {"task": "letters", "hidden": 5, "weight_scale": 2}
ALL = {"input", "context", "hidden", "output"}


@pytest.mark.parametrize(
    ("stage", "bright"),
    [("forward", ALL), ("error", {"output", "target"}), ("backward", {"hidden", "output"}),
     ("update", ALL), ("copy", {"hidden", "context"})],
)  # fmt: skip
def test_every_unit_and_weight_is_there_and_what_a_stage_is_about_stands_out(stage, bright):
    _, _, circles, lines = drawn(stage)
    layers = [name.split()[0] for name in circles]
    assert Counter(layers) == {"input": 1, "context": 4, "hidden": 4, "output": 1, "target": 1}
    assert len(lines) == 4 + 16 + 4
    opacity = dict(zip(layers, (mark.opacity for mark in circles.values()), strict=True))
    assert {layer for layer, light in opacity.items() if light == 1.0} == bright
    assert all(light < 0.5 for layer, light in opacity.items() if layer not in bright)


def test_units_say_what_they_hold():
    step, picture, circles, _ = drawn("forward")
    copied = drawn("copy")[2]

    def said(what, layer, shown=circles):
        return [float(shown[f"{layer} {unit + 1}"].says[what]) for unit in range(4)]

    assert said("Holds", "hidden") == pytest.approx(step.hidden, abs=1e-4)
    assert said("Net input", "hidden") == pytest.approx(step.hidden_net_input, abs=1e-4)
    assert said("Delta", "hidden") == pytest.approx(step.hidden_deltas[0], rel=0.01)
    assert said("Holds", "context") == pytest.approx(step.context, abs=1e-4)
    # After the copy the context holds what the hidden layer does.
    for layer in ("context", "hidden"):
        assert said("Holds", layer, copied) == pytest.approx(step.hidden, abs=1e-4)
    # At its stage the error stands between target and output.
    (error,) = step.error
    assert ("~0" if abs(error) < 0.005 else f"{error:+.2f}") in drawn("error")[1].texts
    assert "+" not in "".join(picture.texts)


def test_the_larger_an_activation_the_fuller_its_colour_and_deltas_are_coloured_by_sign():
    step, _, circles, _ = drawn("forward", **LETTERS)
    order = np.argsort(step.hidden)
    lightness = [rgb(circles[f"hidden {unit + 1}"].colour).sum() for unit in order]
    assert lightness == sorted(lightness, reverse=True)
    assert lightness[0] > lightness[-1]
    # A unit at 0 has the colour of the page, and one at 1 its own.
    assert set(step.x) == {0.0, 1.0}
    for ground in chart.WHITE, chart.DARK:
        circles = drawn("forward", ground=ground, **LETTERS)[2]
        for unit, bit in enumerate(step.x):
            circle = circles[f"input {unit + 1}, {tasks.TASKS['letters'].features[unit]}"]
            assert circle.element.get("fill") == (charts.ROLES["input"] if bit else ground)
    step, _, circles, _ = drawn("backward", **LETTERS)
    for unit, delta in enumerate(step.hidden_deltas[0]):
        if abs(delta) > 0.1 * abs(step.hidden_deltas[0]).max():
            red, _, blue = rgb(circles[f"hidden {unit + 1}"].colour)
            assert (red > blue) == (delta > 0)


@pytest.mark.parametrize(("stage", "array"), [("forward", "before"), ("update", "changes")])
def test_lines_show_weights_or_at_the_update_their_changes(stage, array):
    step, _, _, lines = drawn(stage, **LETTERS)
    for name in ("W_ih", "W_hh", "W_ho"):
        shown = getattr(step, array)[name]
        for i, j in ((0, 1), (4, 2)):
            if shown[i, j]:
                sign = NEGATIVE if shown[i, j] < 0 else POSITIVE
                assert lines[f"{name}[{i}, {j}]"].colour == sign
        places = [place for place in lines if place.startswith(name)]
        widest = max(places, key=lambda at: float(lines[at].element.get("stroke-width")))
        i, j = map(int, widest[5:-1].split(", "))
        assert abs(shown[i, j]) == pytest.approx(abs(shown).max())


def test_of_wide_layers_the_chosen_units_are_drawn_and_named():
    step, picture, circles, lines = drawn("forward", "9 to 12", hidden=12)
    hidden = {name for name in circles if name.startswith("hidden")}
    assert hidden == {f"hidden {unit}" for unit in (9, 10, 11, 12)}
    assert "Hidden, 4 of 12" in picture.texts
    assert float(circles["hidden 9"].says["Holds"]) == pytest.approx(step.hidden[8], abs=1e-4)
    assert "W_hh[8, 11]" in lines
    assert "W_hh[0, 0]" not in lines


@pytest.mark.parametrize(
    ("activation", "stage", "ground"),
    pairwise(["sigmoid", "tanh", "relu"], ["forward", "backward"], [chart.WHITE, chart.DARK]),
)
def test_numbers_can_be_read_on_their_circles(activation, stage, ground):
    step, units = step_of(task="letters", hidden=8, activation=activation, weight_scale=1)
    spec = chart.step_drawing(step, units, stage, ground=ground).to_dict()
    inks = {"black": "#000000", "white": "#FFFFFF"}
    units = max((rows for rows in spec["datasets"].values() if "ink" in rows[0]), key=len)
    written = [row for row in units if row["number"]]
    assert written
    assert all(contrast(inks[row["ink"]], row["fill"]) >= 4.5 for row in written)


@pytest.mark.parametrize("stage", STAGES)
def test_a_network_that_overflows_is_drawn_all_the_same(stage):
    overflows = {"hidden": 14, "reset": "never", "activation": "relu", "weight_scale": 3}
    _, picture, *_ = drawn(stage, step=58, task="letters", epochs=20, **overflows)
    assert picture.marks
