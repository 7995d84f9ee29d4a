"""Pictures of the network and of a training step, and the strip of symbols, as they are drawn."""

import functools
import re
from collections import Counter

import numpy as np
import pytest
from drawing import Drawing, contrast, rgb
from pairwise import pairwise

from elman import Experiment, charts, run, tasks
from elman.analysis.step import choose_units, training_step
from elman.analysis.step_equations import STAGES
from elman.charts import NEGATIVE, POSITIVE, diagrams
from elman.charts import step as chart
from elman.network import initial_weights


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


@pytest.mark.parametrize(("stage", "bright"), [
    ("forward", ALL), ("error", {"output", "target"}), ("backward", {"hidden", "output"}),
    ("update", ALL), ("copy", {"hidden", "context"}),
])  # fmt: skip
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


ENDS = {name: ends for name, *ends in diagrams.CONNECTIONS}


def network(hidden, inputs, scale=1.0, **settings):
    """The weights of a network, its drawing and the drawn weights: (matrix, row, column)."""
    weights = initial_weights(inputs, hidden, inputs, rng=np.random.default_rng(0), scale=1.0)
    weights = {name: scale * w for name, w in weights.items()}
    drawn = diagrams.network_lines(weights, **settings)
    drawing, lines = Drawing(diagrams.network_diagram(diagrams.network_sizes(weights), drawn)), {}
    for mark in drawing.of("rule mark"):
        name, row, column = re.match(r"(\w+)\[(\d+), (\d+)\]", mark.says["Weight"]).groups()
        lines[name, int(row), int(column)] = mark
    return weights, drawing, lines


def test_the_lines_of_a_context_that_is_always_zero_are_as_faint_as_no_weight():
    lines = network(3, 1, silent_context=True)[2]
    assert {mark.opacity for (name, *_), mark in lines.items() if name == "W_hh"} == {0.25}
    assert max(mark.opacity for (name, *_), mark in lines.items() if name == "W_ih") == 0.9
    assert len(network(2, 1, scale=0.0)[2]) == 2 + 4 + 2, "one without weights can be drawn"


@pytest.mark.parametrize("hidden", [1, 8, 20])
def test_every_weight_between_drawn_units_is_a_line_of_its_sign_and_size(hidden):
    weights, drawing, lines = network(hidden, 6)
    count = min(hidden, diagrams.MOST_UNITS)
    shown = {"input": 6, "context": count, "hidden": count, "output": 6}
    units = {mark.says["Unit"]: mark.points[0] for mark in drawing.of("circle")}
    assert set(units) == {f"{name} {k + 1}" for name, size in shown.items() for k in range(size)}
    for mark in drawing.of("circle"):
        assert mark.colour == charts.ROLES[mark.says["Unit"].split()[0]]
    # The name of a layer says how many of its units are drawn.
    size = f", 8 of {hidden}" if hidden > 8 else f" ({hidden})"
    assert {*drawing.texts} == {"Input (6)", f"Context{size}", f"Hidden{size}", "Output (6)"}
    assert len(lines) == 2 * 6 * count + count**2
    for (name, row, column), line in lines.items():
        weight, (source, target) = weights[name][row, column], ENDS[name]
        assert line.colour == (charts.NEGATIVE if weight < 0 else charts.POSITIVE)
        assert line.says["Value"].replace("−", "-") == f"{weight:+.3f}"
        ends = [units[f"{source} {column + 1}"], units[f"{target} {row + 1}"]]
        np.testing.assert_allclose(line.points, ends, atol=1e-6)
    for matrix in ENDS:
        keys = [key for key in lines if key[0] == matrix]
        sizes = [abs(weights[name][row, column]) for name, row, column in keys]
        widths = [float(lines[key].element.get("stroke-width")) for key in keys]
        assert np.argsort(sizes).tolist() == np.argsort(widths).tolist()


def strip(names, starts, certain, **settings):
    """The edges of the boxes of a strip as they are drawn, and where its symbols stand."""
    chart = diagrams.symbol_strip(names, np.array(starts, dtype=bool), certain, **settings)
    drawing = Drawing(chart.properties(width=600))
    texts = drawing.of("text mark")
    assert [text.element.text for text in texts] == names
    # White boxes lie under those that tell what a symbol is.
    edges = [box.element.get("stroke") for box in drawing.of("rect mark")][len(names) :]
    return edges, *np.transpose([text.points[0] for text in texts])


def test_the_strip_shows_symbols_in_order_with_gaps_between_groups():
    certain = np.array([0, 1, 0, 1, 1, 1], dtype=bool)
    edges, x, _ = strip([*"baguuu"], [1, 0, 1, 0, 0, 0], certain)
    gaps = np.diff(x)
    assert gaps[1] > 1.3 * gaps[0]
    np.testing.assert_allclose(gaps[[0, 2, 3, 4]], gaps[0])
    colours = {True: charts.ROLES["hidden"], False: charts.ROLES["floor"]}
    assert edges == [colours[sure] for sure in certain.tolist()]
    # Without a known rule it is neither green nor grey.
    assert {*strip([*"abcd"], [0] * 4, None)[0]} == {charts.ROLES["input"]}
    # A long one goes on in a second row.
    names = ["woman", "sleep", "cat", "chase", "mouse", "lion", "eat", "man"]
    _, x, rows = strip(names, [1, 0, 1, 0, 0, 1, 0, 0], np.zeros(8, dtype=bool), columns=5)
    assert rows.tolist() == [rows[0]] * 5 + [rows[5]] * 3
    assert rows[5] - rows[0] == pytest.approx(diagrams.STRIP_HEIGHT, rel=0.05)
    # Both rows begin at the same place, and the gaps are within them.
    assert x[0] == x[5]
    assert x[2] - x[1] > 1.3 * (x[1] - x[0])
