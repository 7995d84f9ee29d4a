"""The drawing of a training step: what each stage shows, and what stands out."""

import pytest
from drawing import Drawing, contrast

from elman import Experiment, charts, run, tasks
from elman.analysis.step import training_step
from elman.analysis.step_equations import STAGES
from elman.analysis.step_units import choose_units
from elman.charts import NEGATIVE, POSITIVE
from elman.charts import step as step_chart


def drawn(stage, step=5, hidden_range="", ground=step_chart.WHITE, **settings):
    """A step, and the marks of its drawing: units by name, lines by name."""
    trained = run(Experiment(**{"length": 60, "epochs": 2} | settings))
    task = tasks.task_of(trained.experiment)
    seen = training_step(trained, 2, step)
    units = choose_units(seen, task, hidden_range)
    picture = Drawing(step_chart.step_drawing(seen, units, stage, ground=ground))
    circles = {mark.says["Unit"]: mark for mark in picture.marks if "Unit" in mark.says}
    lines = {mark.says["Weight"]: mark for mark in picture.marks if "Weight" in mark.says}
    return seen, picture, circles, lines


@pytest.mark.parametrize("stage", STAGES)
def test_every_unit_and_weight_is_there_at_every_stage(stage):
    _, _, circles, lines = drawn(stage)
    layers = [name.split(" ")[0] for name in circles]
    assert {layer: layers.count(layer) for layer in layers} == {
        "input": 1,
        "context": 4,
        "hidden": 4,
        "output": 1,
        "target": 1,
    }
    assert len(lines) == 4 + 16 + 4


def test_units_say_what_they_hold():
    step, _, circles, _ = drawn("forward")
    for unit in range(4):
        says = circles[f"hidden {unit + 1}"].says
        assert float(says["Holds"]) == pytest.approx(step.hidden[unit], abs=1e-4)
        assert float(says["Net input"]) == pytest.approx(step.hidden_net_input[unit], abs=1e-4)
        assert float(says["Delta"]) == pytest.approx(step.hidden_deltas[0][unit], rel=0.01)
        held = float(circles[f"context {unit + 1}"].says["Holds"])
        assert held == pytest.approx(step.context[unit], abs=1e-4)


def test_after_the_copy_the_context_holds_what_the_hidden_layer_does():
    step, _, circles, _ = drawn("copy")
    for unit in range(4):
        for layer in ("context", "hidden"):
            held = float(circles[f"{layer} {unit + 1}"].says["Holds"])
            assert held == pytest.approx(step.hidden[unit], abs=1e-4)


def brightness(mark):
    """How light the filling of a circle is, from 0 to 1."""
    colour = mark.element.get("fill")
    return sum(int(colour[at : at + 2], 16) for at in (1, 3, 5)) / (3 * 255)


def test_the_larger_an_activation_the_fuller_its_colour():
    step, _, circles, _ = drawn("forward", task="letters", hidden=5, weight_scale=2)
    order = sorted(range(5), key=lambda unit: step.hidden[unit])
    lightness = [brightness(circles[f"hidden {unit + 1}"]) for unit in order]
    assert lightness == sorted(lightness, reverse=True)
    assert lightness[0] > lightness[-1]


def test_a_unit_at_zero_has_the_colour_of_the_page_and_one_at_one_its_own():
    for ground in (step_chart.WHITE, step_chart.DARK):
        step, _, circles, _ = drawn("forward", ground=ground, task="letters", hidden=5)
        assert set(step.x) == {0.0, 1.0}
        for unit, bit in enumerate(step.x):
            fill = circles[
                f"input {unit + 1}, {tasks.TASKS['letters'].features[unit]}"
            ].element.get("fill")
            assert fill == (charts.ROLES["input"] if bit else ground)


def test_deltas_are_coloured_by_their_sign():
    step, _, circles, _ = drawn("backward", task="letters", hidden=5, weight_scale=2)
    for unit in range(5):
        red, _, blue = (
            int(circles[f"hidden {unit + 1}"].element.get("fill")[at : at + 2], 16)
            for at in (1, 3, 5)
        )
        if abs(step.hidden_deltas[0][unit]) > 0.1 * abs(step.hidden_deltas[0]).max():
            assert (red > blue) == (step.hidden_deltas[0][unit] > 0)


@pytest.mark.parametrize(("stage", "array"), [("forward", "before"), ("update", "changes")])
def test_lines_show_weights_or_at_the_update_their_changes(stage, array):
    step, _, _, lines = drawn(stage, task="letters", hidden=5)
    shown = getattr(step, array)
    for name in ("W_ih", "W_hh", "W_ho"):
        for (i, j), value in [((0, 1), shown[name][0, 1]), ((4, 2), shown[name][4, 2])]:
            mark = lines[f"{name}[{i}, {j}]"]
            if value:
                assert mark.colour == (NEGATIVE if value < 0 else POSITIVE)
        widest = max(
            (float(mark.element.get("stroke-width")), place)
            for place, mark in lines.items()
            if place.startswith(name)
        )[1]
        i, j = map(int, widest[5:-1].split(", "))
        assert abs(shown[name][i, j]) == pytest.approx(abs(shown[name]).max())


@pytest.mark.parametrize(
    ("stage", "bright"),
    [
        ("forward", {"input", "context", "hidden", "output"}),
        ("error", {"output", "target"}),
        ("backward", {"hidden", "output"}),
        ("copy", {"hidden", "context"}),
    ],
)
def test_what_a_stage_is_about_stands_out(stage, bright):
    _, _, circles, _ = drawn(stage)
    found = {name.split(" ")[0] for name, mark in circles.items() if mark.opacity == 1.0}
    assert found == bright
    faint = [mark.opacity for name, mark in circles.items() if name.split(" ")[0] not in bright]
    assert max(faint) < 0.5


def test_the_error_stands_between_target_and_output():
    step, picture, _, _ = drawn("error")
    error = step.error[0]
    assert ("~0" if abs(error) < 0.005 else f"{error:+.2f}") in picture.texts
    assert "+" not in "".join(filter(None, drawn("forward")[1].texts))


def test_of_wide_layers_the_chosen_units_are_drawn_and_named():
    step, picture, circles, lines = drawn("forward", 5, "9 to 12", hidden=12)
    assert {name for name in circles if name.startswith("hidden")} == {
        f"hidden {unit}" for unit in (9, 10, 11, 12)
    }
    assert "Hidden, 4 of 12" in picture.texts
    assert float(circles["hidden 9"].says["Holds"]) == pytest.approx(step.hidden[8], abs=1e-4)
    assert "W_hh[8, 11]" in lines
    assert "W_hh[0, 0]" not in lines


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("stage", ["forward", "backward"])
@pytest.mark.parametrize("ground", [step_chart.WHITE, step_chart.DARK])
def test_numbers_can_be_read_on_their_circles(ground, stage, activation):
    trained = run(
        Experiment(task="letters", length=60, epochs=2, hidden=8, activation=activation,
                   weight_scale=1)
    )  # fmt: skip
    step = training_step(trained, 2, 5)
    units = choose_units(step, tasks.task_of(trained.experiment))
    frame = step_chart._unit_frame(step, units, stage, ground)
    inks = {"black": "#000000", "white": "#FFFFFF"}
    for row in frame[frame["number"] != ""].itertuples():
        assert contrast(inks[row.ink], row.fill) >= 4.5


def test_a_network_that_overflows_is_drawn_all_the_same():
    trained = run(
        Experiment(task="letters", length=60, epochs=20, hidden=14, reset="never",
                   activation="relu", weight_scale=3)
    )  # fmt: skip
    last = training_step(trained, trained.epochs_done, len(trained.sequence) - 1)
    units = choose_units(last, tasks.task_of(trained.experiment))
    for stage in STAGES:
        assert Drawing(step_chart.step_drawing(last, units, stage)).marks
