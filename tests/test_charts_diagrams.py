"""Pictures of the network and the strip of symbols, read back from what is drawn."""

import re

import numpy as np
import pytest
from drawing import Drawing

from elman import charts
from elman.charts import diagrams
from elman.network import initial_weights

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
