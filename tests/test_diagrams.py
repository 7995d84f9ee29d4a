"""The picture of the network, read back from what is drawn."""

import re

import numpy as np
import pytest
from drawing import Drawing

from elman import Experiment, charts, run
from elman.charts import diagrams


def weights_of(hidden, task="letters", scale=1.0):
    experiment = Experiment(task=task, hidden=hidden, length=30, epochs=1, weight_scale=scale)
    return run(experiment).final


def weight_lines(drawing):
    """The drawn weights: (matrix, row, column) -> mark."""
    lines = {}
    for mark in drawing.of("rule mark"):
        name, row, column = re.match(r"(\w+)\[(\d+), (\d+)\]", mark.says["Weight"]).groups()
        lines[name, int(row), int(column)] = mark
    return lines


@pytest.mark.parametrize("hidden", [1, 4, 8, 20])
def test_every_weight_between_drawn_units_is_a_line_of_its_sign_and_ends(hidden):
    weights = weights_of(hidden)
    drawing = Drawing(diagrams.network_diagram(weights))
    shown = {
        layer: min(size, diagrams.MOST_UNITS)
        for layer, size in {"input": 6, "context": hidden, "hidden": hidden, "output": 6}.items()
    }
    units = {mark.says["Unit"]: mark.points[0] for mark in drawing.of("circle")}
    assert set(units) == {f"{name} {k + 1}" for name, size in shown.items() for k in range(size)}
    ends = {
        "W_ih": ("input", "hidden"),
        "W_hh": ("context", "hidden"),
        "W_ho": ("hidden", "output"),
    }
    lines = weight_lines(drawing)
    assert set(lines) == {
        (name, row, column)
        for name, (source, target) in ends.items()
        for row in range(shown[target])
        for column in range(shown[source])
    }
    for (name, row, column), line in lines.items():
        weight, (source, target) = weights[name][row, column], ends[name]
        assert line.colour == (charts.NEGATIVE if weight < 0 else charts.POSITIVE)
        assert line.says["Value"].replace("−", "-") == f"{weight:+.3f}"
        np.testing.assert_allclose(line.points[0], units[f"{source} {column + 1}"], atol=1e-6)
        np.testing.assert_allclose(line.points[1], units[f"{target} {row + 1}"], atol=1e-6)


def test_a_stronger_weight_is_a_thicker_line():
    weights = weights_of(4)
    lines = weight_lines(Drawing(diagrams.network_diagram(weights)))
    for name in ("W_ih", "W_hh", "W_ho"):
        drawn = [(key, line) for key, line in lines.items() if key[0] == name]
        sizes = [abs(weights[name][row, column]) for (_, row, column), _ in drawn]
        widths = [float(line.element.get("stroke-width")) for _, line in drawn]
        assert np.argsort(sizes).tolist() == np.argsort(widths).tolist()


@pytest.mark.parametrize(
    ("hidden", "names"),
    [
        (4, {"Input (6)", "Context (4)", "Hidden (4)", "Output (6)"}),
        (20, {"Input (6)", "Context, 8 of 20", "Hidden, 8 of 20", "Output (6)"}),
    ],
)
def test_the_name_of_a_layer_says_how_many_of_its_units_are_drawn(hidden, names):
    drawing = Drawing(diagrams.network_diagram(weights_of(hidden)))
    assert set(drawing.texts) == names


def test_a_network_without_weights_can_be_drawn():
    weights = {name: np.zeros_like(w) for name, w in weights_of(2, "xor").items()}
    assert len(weight_lines(Drawing(diagrams.network_diagram(weights)))) == 2 + 4 + 2


def test_units_have_the_colour_of_their_layer():
    drawing = Drawing(diagrams.network_diagram(weights_of(4)))
    for mark in drawing.of("circle"):
        assert mark.colour == charts.ROLES[mark.says["Unit"].split()[0]]
