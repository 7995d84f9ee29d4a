"""Charts and the picture of the network, read back from what is drawn."""

import re

import numpy as np
import pytest
from drawing import Drawing, contrast
from hypothesis import given
from hypothesis import strategies as st

from elman import Experiment, charts, diagrams, run
from elman.analysis import errors
from elman.analysis.references import Reference, references
from elman.analysis.replay import replay
from elman.loss_chart import LABEL_HEIGHT, loss_curve
from elman.tasks import TASKS, training_sequence, words

PAGES = {"light": "#ffffff", "dark": "#0e1117"}


@pytest.fixture(scope="module", params=["xor", "letters"])
def tested(request):
    trained = run(Experiment(task=request.param, length=120, epochs=5, weight_scale=1.0))
    outputs, _ = replay(trained, trained.sequence)
    return outputs, trained.sequence, TASKS[request.param]


def error_charts(tested, measure):
    """Every chart of errors with the table that it shows."""
    title = errors.MEASURES[measure]
    by_cycle = errors.by_cycle(*tested, 12)
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
    assert len(curve.points) <= charts.MAX_POINTS
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


def answers_of(task, *, length=600):
    sequence = training_sequence(Experiment(task=task, length=length))
    outputs = np.random.default_rng(0).uniform(size=sequence.targets.shape)
    return outputs, sequence, TASKS[task]


def test_without_a_rule_errors_are_drawn_and_no_floor():
    tested = answers_of("own")
    for chart in (
        charts.errors_by_position(errors.by_position(*tested), "squared", "Squared error"),
        charts.error_by_step(errors.by_step(*tested, 20), "squared", "Squared error"),
    ):
        drawing = Drawing(chart)
        assert drawing.of("bar") or drawing.of("point")
        assert drawing.of("tick") == []


def test_the_best_bigram_is_a_narrower_tick_of_its_colour():
    tested = answers_of("letters")
    table = errors.with_bigram(errors.by_position(*tested), *tested[1:], tested[1])
    drawing = Drawing(
        charts.errors_by_position(table, "squared", "Squared error").properties(width=600)
    )
    ticks = {role: [] for role in ("floor", "baseline")}
    for tick in drawing.of("tick"):
        role = next(role for role in ticks if charts.ROLES[role] == tick.colour)
        ticks[role].append(tick)
    middles = [np.mean([y for _, y in tick.points]) for tick in ticks["baseline"]]
    values = [drawing.value("Y", middle) for middle in middles]
    np.testing.assert_allclose(values, table["squared_bigram"], atol=2e-3)

    def width(tick):
        return np.ptp([x for x, _ in tick.points])

    for narrow, wide in zip(ticks["baseline"], ticks["floor"], strict=True):
        assert width(narrow) < 0.7 * width(wide)


def test_the_number_of_a_bar_stands_clear_of_the_marks_just_above_it():
    tested = answers_of("letters")
    table = errors.with_bigram(errors.by_position(*tested), *tested[1:], tested[1]).assign(
        squared=[0.2, 0.2, 0.2, 0.2],
        squared_floor=[0.1, 0.21, 0.3, 0.205],
        squared_bigram=[0.1, 0.1, 0.1, 0.22],
    )
    drawing = Drawing(charts.errors_by_position(table, "squared", "Squared error"))
    numbers = drawing.of("text mark")
    heights = [drawing.value("Y", mark.points[0][1] + 8) for mark in numbers]
    np.testing.assert_allclose(heights, [0.2, 0.21, 0.2, 0.22], atol=5e-3)
    assert {mark.element.text for mark in numbers} == {"0.200"}


def test_many_bars_have_their_names_in_lines():
    tested = answers_of("reber")
    table = errors.by_position(*tested)
    drawing = Drawing(
        charts.errors_by_position(table, "squared", "Squared error").properties(width=300)
    )
    labels = drawing.tick_labels("X")
    assert len(labels) == len(table)
    # The first line of each name; no line is longer than its bar is wide.
    assert {"B", "E"} <= set(drawing.texts)
    assert "T or P (node 0)" not in drawing.texts


def test_words_stand_below_the_axis_and_symbols_at_their_points():
    for task, below in (("sentences", True), ("reber", False)):
        table = errors.by_step(*answers_of(task), 12)
        drawing = Drawing(charts.error_by_step(table, "squared", "Squared error"))
        named = [mark.element.text for mark in drawing.of("text mark")]
        ticks = [text for text, *_ in drawing.tick_labels("X")]
        expected = table["expected"].tolist()
        assert (named, ticks) == (
            ([], expected) if below else (expected, [*map(str, range(1, 13))])
        )


def test_any_character_can_name_a_step():
    table = errors.by_step(*answers_of("sentences"), 4).assign(
        expected=["it's", 'so "said"', "a\\b", "שלום"]
    )
    drawing = Drawing(charts.error_by_step(table, "squared", "Squared error"))
    assert [text for text, *_ in drawing.tick_labels("X")] == table["expected"].tolist()


def test_the_figure_6_view_has_a_line_before_each_word_and_every_letter_named():
    passage = words.paper_passage()
    outputs = np.full(passage.targets.shape, 0.5)
    outputs[::2] = 0.2
    table = errors.by_step(outputs, passage, TASKS["words"], 28)
    chart = charts.error_through_text(table, "squared", "Squared error", 1.0)
    drawing = Drawing(chart.properties(width=700))
    assert drawing.axes["Y"] == "Squared error"
    names = [mark.element.text for mark in drawing.of("text mark")]
    assert "".join(names) == "anyyearsagoaboyandgirllivedb"
    points = [mark.points[0] for mark in drawing.of("point")]
    np.testing.assert_allclose(
        [drawing.value("Y", y) for _, y in points], table["squared"], atol=2e-3
    )
    upright = [m for m in drawing.of("rule mark") if m.points[0][0] == m.points[1][0]]
    before = [sum(x < mark.points[0][0] for x, _ in points) for mark in upright]
    # any | years | ago | a | boy | and | girl | lived | b
    assert sorted(before) == [3, 8, 11, 12, 15, 18, 22, 27]
    level = [m for m in drawing.of("rule mark") if m.points[0][1] == m.points[1][1]]
    assert len(level) == 28
    assert {mark.colour for mark in level} == {charts.ROLES["floor"]}


def test_the_network_stands_beside_the_n_grams():
    outputs, sequence, task = answers_of("letters")
    table = errors.against_ngrams(outputs, sequence, task, sequence)
    drawing = Drawing(charts.errors_against_ngrams(table, "squared", "Squared error"))
    bars = drawing.of("bar")
    heights = [drawing.value("Y", bar.points[0][1]) for bar in bars]
    np.testing.assert_allclose(heights, table["squared"], atol=2e-3)
    roles = ["error", "baseline", "baseline", "baseline", "floor"]
    assert [bar.colour for bar in bars] == [charts.ROLES[role] for role in roles]
    shown = [mark.element.text for mark in drawing.of("text mark")]
    assert shown == [f"{value:.3f}" for value in table["squared"]]


# The strip of symbols


def test_a_long_strip_goes_on_in_a_second_row():
    names = ["woman", "sleep", "cat", "chase", "mouse", "lion", "eat", "man"]
    starts = np.array([1, 0, 1, 0, 0, 1, 0, 0], dtype=bool)
    drawing = Drawing(
        charts.symbol_strip(names, starts, np.zeros(8, dtype=bool), columns=5).properties(width=600)
    )
    texts = drawing.of("text mark")
    assert [text.element.text for text in texts] == names
    rows = [text.points[0][1] for text in texts]
    assert rows[:5] == [rows[0]] * 5
    assert rows[5:] == [rows[5]] * 3
    assert rows[5] - rows[0] == pytest.approx(charts.STRIP_HEIGHT, rel=0.05)
    # Both rows begin at the same place, and the gaps are within them.
    assert texts[0].points[0][0] == texts[5].points[0][0]
    first = np.diff([text.points[0][0] for text in texts[:5]])
    assert first[1] > 1.3 * first[0]


def test_a_strip_without_a_known_rule_is_neither_green_nor_grey():
    drawing = Drawing(charts.symbol_strip(list("abcd"), np.zeros(4, dtype=bool), None))
    assert {text.colour for text in drawing.of("text mark")} == {charts.ROLES["input"]}


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
