"""Charts and the picture of the network, read back from what is drawn."""

import re

import numpy as np
import pytest
from drawing import Drawing, contrast
from hypothesis import given
from hypothesis import strategies as st

from elman import Experiment, charts, diagrams, run
from elman.analysis import errors
from elman.analysis.replay import replay
from elman.tasks import TASKS

PAGES = {"light": "#ffffff", "dark": "#0e1117"}


@pytest.fixture(scope="module", params=["xor", "letters"])
def tested(request):
    trained = run(Experiment(task=request.param, length=120, epochs=5, weight_scale=1.0))
    outputs, _ = replay(trained, trained.sequence)
    return outputs, trained.sequence, TASKS[request.param]


def error_charts(tested, measure):
    """Every chart of errors with the table that it shows."""
    title = errors.MEASURES[measure]
    by_cycle = errors.by_cycle(*tested[:2], 12)
    by_step = errors.by_step(*tested, 20)
    by_position = errors.by_position(*tested)
    by_feature = errors.by_feature(*tested)
    of_features = errors.features_by_step(*tested, 20)
    one_feature = of_features[of_features["feature"] == tested[2].features[-1]]
    return {
        "position": (charts.errors_by_position(by_position, measure, title), by_position),
        "feature": (charts.errors_by_feature(by_feature, measure, title), by_feature),
        "cycle": (charts.error_by_cycle(by_cycle, measure, title), by_cycle),
        "step": (charts.error_by_step(by_step, measure, title), by_step),
        "panel": (charts.feature_panel(one_feature, measure, title, 1.2), one_feature),
    }


ERROR_CHARTS = ("position", "feature", "cycle", "step", "panel")


# Thinning and colours


@given(size=st.integers(1, 5000), most=st.integers(2, 700))
def test_thinning_keeps_both_ends_and_even_gaps(size, most):
    index = charts.thinned(range(size), most)
    assert index[0] == 0
    assert index[-1] == size - 1
    assert len(index) == min(size, most)
    gaps = np.diff(index)
    assert len(gaps) == 0 or (gaps.min() >= 1 and np.ptp(gaps) <= 1)


def test_thinning_nothing_gives_nothing():
    assert charts.thinned([]).tolist() == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", charts.ROLES)
def test_a_role_stands_out_from_the_page(role, page):
    assert contrast(charts.ROLES[role], PAGES[page]) >= 3


def test_no_two_roles_share_a_colour():
    assert len({colour.lower() for colour in charts.ROLES.values()}) == len(charts.ROLES)


@pytest.mark.parametrize("name", ERROR_CHARTS)
def test_errors_and_floors_are_drawn_in_their_colours_and_stand_out(name, tested):
    drawing = Drawing(error_charts(tested, "squared")[name][0])
    drawn = drawing.of("bar") + drawing.of("line mark") + drawing.of("point")
    assert {mark.colour for mark in drawn} == {charts.ROLES["error"]}
    assert {mark.colour for mark in drawing.of("tick")} == {charts.ROLES["floor"]}
    for mark in drawing.marks:
        for page in PAGES.values():
            assert contrast(mark.colour, page, mark.opacity) >= 3, mark


# The loss curve


def test_the_loss_curve_has_its_two_lines_at_the_floor_and_one_quarter():
    drawing = Drawing(charts.loss_curve(np.linspace(0.27, 0.18, 30), 1 / 6).properties(width=400))
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
    drawing = Drawing(charts.loss_curve(losses, 0.05, epochs=10).properties(width=400))
    (curve,) = drawing.of("line mark")
    for epoch, (loss, (x, y)) in enumerate(zip(losses, curve.points, strict=True), start=1):
        assert drawing.value("X", x) == pytest.approx(epoch, abs=0.01)
        assert drawing.value("Y", y) == pytest.approx(loss, abs=1e-3)


def test_a_high_loss_stays_inside_the_figure():
    drawing = Drawing(charts.loss_curve(np.array([0.9, 0.4]), 0.1))
    (curve,) = drawing.of("line mark")
    top = min(y for _, _, y in drawing.tick_labels("Y"))
    assert drawing.value("Y", curve.points[0][1]) == pytest.approx(0.9, abs=2e-3)
    assert curve.points[0][1] > top - 30


def test_a_long_loss_curve_is_thinned_to_its_ends():
    losses = np.geomspace(0.27, 0.02, 5000)
    drawing = Drawing(charts.loss_curve(losses, 0.0).properties(width=400))
    (curve,) = drawing.of("line mark")
    assert len(curve.points) <= charts.MAX_POINTS
    assert drawing.value("X", curve.points[-1][0]) == pytest.approx(5000, rel=1e-3)
    assert drawing.value("Y", curve.points[-1][1]) == pytest.approx(0.02, abs=1e-3)


def test_a_single_epoch_is_a_point():
    drawing = Drawing(charts.loss_curve(np.array([0.2]), 0.1, epochs=5).properties(width=400))
    (point,) = drawing.of("point")
    assert drawing.value("X", point.points[0][0]) == pytest.approx(1, abs=0.01)
    assert drawing.value("Y", point.points[0][1]) == pytest.approx(0.2, abs=1e-3)


def test_before_the_first_epoch_only_the_two_lines_are_drawn():
    drawing = Drawing(charts.loss_curve(np.array([]), 0.1, epochs=5))
    assert drawing.axes == {"X": "Epoch", "Y": "Mean squared error"}
    assert len(drawing.of("rule mark")) == 2
    assert drawing.of("point") == []


def test_a_marked_epoch_is_an_upright_line_there():
    chart = charts.loss_curve(np.linspace(0.27, 0.18, 30), 0.1, marked_epoch=12)
    drawing = Drawing(chart.properties(width=400))
    (mark,) = (m for m in drawing.of("rule mark") if m.colour == charts.ROLES["target"])
    (x, top), (end, bottom) = mark.points
    assert x == end
    assert top != bottom
    assert drawing.value("X", x) == pytest.approx(12, abs=0.05)


# Errors


@pytest.mark.parametrize("measure", errors.MEASURES)
@pytest.mark.parametrize("name", ERROR_CHARTS)
def test_errors_and_floors_lie_at_their_values_on_titled_axes(name, measure, tested):
    chart, table = error_charts(tested, measure)[name]
    drawing = Drawing(chart)
    assert drawing.axes["Y"] == errors.MEASURES[measure]
    assert drawing.axes["X"]
    drawn = drawing.of("bar") or drawing.of("point")
    heights = [drawing.value("Y", mark.points[0][1]) for mark in drawn]
    np.testing.assert_allclose(heights, table[measure], atol=2e-3)
    middles = [np.mean([y for _, y in mark.points]) for mark in drawing.of("tick")]
    floors = [drawing.value("Y", middle) for middle in middles]
    np.testing.assert_allclose(floors, table[f"{measure}_floor"], atol=2e-3)
    if drawing.of("bar"):
        bottoms = [drawing.value("Y", mark.points[1][1]) for mark in drawn]
        np.testing.assert_allclose(bottoms, 0, atol=2e-3)


@pytest.mark.parametrize("name", ["position", "feature"])
def test_bars_stand_in_the_order_of_the_table_with_their_values(name, tested):
    chart, table = error_charts(tested, "squared")[name]
    drawing = Drawing(chart.properties(width=600))
    labels = sorted(drawing.tick_labels("X"), key=lambda label: label[1])
    assert [text for text, *_ in labels] == table[name].tolist()
    values = sorted(drawing.of("text mark"), key=lambda mark: mark.points[0][0])
    assert [v.element.text for v in values] == [f"{error:.3f}" for error in table["squared"]]


def test_each_point_of_the_figure_4_view_is_named_by_the_symbol_expected(tested):
    chart, table = error_charts(tested, "squared")["step"]
    drawing = Drawing(chart)
    points, names = drawing.of("point"), drawing.of("text mark")
    assert [name.element.text for name in names] == table["expected"].tolist()
    for point, name in zip(points, names, strict=True):
        assert point.points[0][0] == name.points[0][0]
        assert 0 < point.points[0][1] - name.points[0][1] < 20


def test_a_feature_panel_has_the_letters_below_it_and_the_common_scale(tested):
    chart, table = error_charts(tested, "squared")["panel"]
    drawing = Drawing(chart.properties(width=600))
    assert [text for text, *_ in drawing.tick_labels("X")] == table["expected"].tolist()
    highest = max(float(text) for text, *_ in drawing.tick_labels("Y"))
    assert highest == pytest.approx(1.2)


# The strip of symbols


def test_the_strip_shows_symbols_in_order_with_gaps_between_groups():
    names, starts = list("baguuu"), np.array([1, 0, 1, 0, 0, 0], dtype=bool)
    certain = np.array([0, 1, 0, 1, 1, 1], dtype=bool)
    drawing = Drawing(charts.symbol_strip(names, starts, certain).properties(width=600))
    texts = drawing.of("text mark")
    assert [text.element.text for text in texts] == names
    places = [text.points[0][0] for text in texts]
    gaps = np.diff(places)
    assert gaps[1] > 1.3 * gaps[0]
    np.testing.assert_allclose(gaps[[0, 2, 3, 4]], gaps[0])
    colours = {True: charts.ROLES["hidden"], False: charts.ROLES["floor"]}
    assert [text.colour for text in texts] == [colours[sure] for sure in certain.tolist()]


# The picture of the network


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
