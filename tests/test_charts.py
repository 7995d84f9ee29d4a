"""Charts of errors and the strip of symbols, read back from what is drawn."""

import numpy as np
import pytest
from drawing import Drawing, contrast
from hypothesis import given
from hypothesis import strategies as st

from elman import Experiment, charts, run
from elman.analysis import errors
from elman.analysis.replay import Answers, replay
from elman.charts import errors as error_charts
from elman.charts import parts
from elman.charts.diagrams import STRIP_HEIGHT, symbol_strip
from elman.tasks import TASKS, training_sequence, words

PAGES = {"light": "#ffffff", "dark": "#0e1117"}


@pytest.fixture(scope="module", params=["xor", "letters"])
def tested(request):
    trained = run(Experiment(task=request.param, length=120, epochs=5, weight_scale=1.0))
    return replay(trained, trained.sequence)


def every_chart(tested, measure):
    """Every chart of errors with the table that it shows."""
    title = errors.MEASURES[measure]
    by_cycle = errors.by_cycle(tested, 12)
    by_step = errors.by_step(tested, 20)
    by_position = errors.by_position(tested)
    by_feature = errors.by_feature(tested)
    of_features = errors.features_by_step(tested, 20)
    one_feature = of_features[of_features["feature"] == tested.task.features[-1]]
    return {
        "position": (error_charts.errors_by_position(by_position, measure, title), by_position),
        "feature": (error_charts.errors_by_feature(by_feature, measure, title), by_feature),
        "cycle": (error_charts.error_by_cycle(by_cycle, measure, title), by_cycle),
        "step": (error_charts.error_by_step(by_step, measure, title), by_step),
        "panel": (error_charts.feature_panel(one_feature, measure, title, 1.2), one_feature),
    }


ERROR_CHARTS = ("position", "feature", "cycle", "step", "panel")


# Thinning and colours


@given(size=st.integers(1, 5000), most=st.integers(2, 700))
def test_thinning_keeps_both_ends_and_even_gaps(size, most):
    index = parts.thinned(range(size), most)
    assert index[0] == 0
    assert index[-1] == size - 1
    assert len(index) == min(size, most)
    gaps = np.diff(index)
    assert len(gaps) == 0 or (gaps.min() >= 1 and np.ptp(gaps) <= 1)


def test_thinning_nothing_gives_nothing():
    assert parts.thinned([]).tolist() == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", charts.ROLES)
def test_a_role_stands_out_from_the_page(role, page):
    assert contrast(charts.ROLES[role], PAGES[page]) >= 3


def test_no_two_roles_share_a_colour():
    assert len({colour.lower() for colour in charts.ROLES.values()}) == len(charts.ROLES)


@pytest.mark.parametrize("name", ERROR_CHARTS)
def test_errors_and_floors_are_drawn_in_their_colours_and_stand_out(name, tested):
    drawing = Drawing(every_chart(tested, "squared")[name][0])
    drawn = drawing.of("bar") + drawing.of("line mark") + drawing.of("point")
    assert {mark.colour for mark in drawn} == {charts.ROLES["error"]}
    assert {mark.colour for mark in drawing.of("tick")} == {charts.ROLES["floor"]}
    for mark in drawing.marks:
        for page in PAGES.values():
            assert contrast(mark.colour, page, mark.opacity) >= 3, mark


# Errors


@pytest.mark.parametrize("measure", errors.MEASURES)
@pytest.mark.parametrize("name", ERROR_CHARTS)
def test_errors_and_floors_lie_at_their_values_on_titled_axes(name, measure, tested):
    chart, table = every_chart(tested, measure)[name]
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
    chart, table = every_chart(tested, "squared")[name]
    drawing = Drawing(chart.properties(width=600))
    labels = sorted(drawing.tick_labels("X"), key=lambda label: label[1])
    assert [text for text, *_ in labels] == table[name].tolist()
    values = sorted(drawing.of("text mark"), key=lambda mark: mark.points[0][0])
    assert [v.element.text for v in values] == [f"{error:.3f}" for error in table["squared"]]


def test_each_point_of_the_figure_4_view_is_named_by_the_symbol_expected(tested):
    chart, table = every_chart(tested, "squared")["step"]
    drawing = Drawing(chart)
    points, names = drawing.of("point"), drawing.of("text mark")
    assert [name.element.text for name in names] == table["expected"].tolist()
    for point, name in zip(points, names, strict=True):
        assert point.points[0][0] == name.points[0][0]
        assert 0 < point.points[0][1] - name.points[0][1] < 20


def test_a_feature_panel_has_the_letters_below_it_and_the_common_scale(tested):
    chart, table = every_chart(tested, "squared")["panel"]
    drawing = Drawing(chart.properties(width=600))
    assert [text for text, *_ in drawing.tick_labels("X")] == table["expected"].tolist()
    highest = max(float(text) for text, *_ in drawing.tick_labels("Y"))
    assert highest == pytest.approx(1.2)


def answers_of(task, *, length=600):
    sequence = training_sequence(Experiment(task=task, length=length))
    outputs = np.random.default_rng(0).uniform(size=sequence.targets.shape)
    return Answers(outputs, sequence, TASKS[task])


def test_without_a_rule_errors_are_drawn_and_no_floor():
    tested = answers_of("own")
    for chart in (
        error_charts.errors_by_position(errors.by_position(tested), "squared", "Squared error"),
        error_charts.error_by_step(errors.by_step(tested, 20), "squared", "Squared error"),
    ):
        drawing = Drawing(chart)
        assert drawing.of("bar") or drawing.of("point")
        assert drawing.of("tick") == []


def test_the_best_bigram_is_a_narrower_tick_of_its_colour():
    tested = answers_of("letters")
    table = errors.by_position_with_bigram(tested, tested.sequence)
    drawing = Drawing(
        error_charts.errors_by_position(table, "squared", "Squared error").properties(width=600)
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
    table = errors.by_position_with_bigram(tested, tested.sequence).assign(
        squared=[0.2, 0.2, 0.2, 0.2],
        squared_floor=[0.1, 0.21, 0.3, 0.205],
        squared_bigram=[0.1, 0.1, 0.1, 0.22],
    )
    drawing = Drawing(error_charts.errors_by_position(table, "squared", "Squared error"))
    numbers = drawing.of("text mark")
    heights = [drawing.value("Y", mark.points[0][1] + 8) for mark in numbers]
    np.testing.assert_allclose(heights, [0.2, 0.21, 0.2, 0.22], atol=5e-3)
    assert {mark.element.text for mark in numbers} == {"0.200"}


def test_many_bars_have_their_names_in_lines():
    tested = answers_of("reber")
    table = errors.by_position(tested)
    drawing = Drawing(
        error_charts.errors_by_position(table, "squared", "Squared error").properties(width=300)
    )
    labels = drawing.tick_labels("X")
    assert len(labels) == len(table)
    # The first line of each name; no line is longer than its bar is wide.
    assert {"B", "E"} <= set(drawing.texts)
    assert "T or P (node 0)" not in drawing.texts


def test_words_stand_below_the_axis_and_symbols_at_their_points():
    for task, below in (("sentences", True), ("reber", False)):
        table = errors.by_step(answers_of(task), 12)
        drawing = Drawing(error_charts.error_by_step(table, "squared", "Squared error"))
        named = [mark.element.text for mark in drawing.of("text mark")]
        ticks = [text for text, *_ in drawing.tick_labels("X")]
        expected = table["expected"].tolist()
        assert (named, ticks) == (
            ([], expected) if below else (expected, [*map(str, range(1, 13))])
        )


def test_any_character_can_name_a_step():
    table = errors.by_step(answers_of("sentences"), 4).assign(
        expected=["it's", 'so "said"', "a\\b", "שלום"]
    )
    drawing = Drawing(error_charts.error_by_step(table, "squared", "Squared error"))
    assert [text for text, *_ in drawing.tick_labels("X")] == table["expected"].tolist()


def test_the_figure_6_view_has_a_line_before_each_word_and_every_letter_named():
    passage = words.paper_passage()
    outputs = np.full(passage.targets.shape, 0.5)
    outputs[::2] = 0.2
    table = errors.by_step(Answers(outputs, passage, TASKS["words"]), 28)
    chart = error_charts.error_through_text(table, "squared", "Squared error", 1.0)
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
    answers = answers_of("letters")
    table = errors.against_ngrams(answers, answers.sequence)
    drawing = Drawing(error_charts.errors_against_ngrams(table, "squared", "Squared error"))
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
        symbol_strip(names, starts, np.zeros(8, dtype=bool), columns=5).properties(width=600)
    )
    texts = drawing.of("text mark")
    assert [text.element.text for text in texts] == names
    rows = [text.points[0][1] for text in texts]
    assert rows[:5] == [rows[0]] * 5
    assert rows[5:] == [rows[5]] * 3
    assert rows[5] - rows[0] == pytest.approx(STRIP_HEIGHT, rel=0.05)
    # Both rows begin at the same place, and the gaps are within them.
    assert texts[0].points[0][0] == texts[5].points[0][0]
    first = np.diff([text.points[0][0] for text in texts[:5]])
    assert first[1] > 1.3 * first[0]


def test_a_strip_without_a_known_rule_is_neither_green_nor_grey():
    drawing = Drawing(symbol_strip(list("abcd"), np.zeros(4, dtype=bool), None))
    assert {text.colour for text in drawing.of("text mark")} == {charts.ROLES["input"]}


def test_the_strip_shows_symbols_in_order_with_gaps_between_groups():
    names, starts = list("baguuu"), np.array([1, 0, 1, 0, 0, 0], dtype=bool)
    certain = np.array([0, 1, 0, 1, 1, 1], dtype=bool)
    drawing = Drawing(symbol_strip(names, starts, certain).properties(width=600))
    texts = drawing.of("text mark")
    assert [text.element.text for text in texts] == names
    places = [text.points[0][0] for text in texts]
    gaps = np.diff(places)
    assert gaps[1] > 1.3 * gaps[0]
    np.testing.assert_allclose(gaps[[0, 2, 3, 4]], gaps[0])
    colours = {True: charts.ROLES["hidden"], False: charts.ROLES["floor"]}
    assert [text.colour for text in texts] == [colours[sure] for sure in certain.tolist()]
