"""Charts of errors, read back from what is drawn or from their specification."""

import numpy as np
import pytest
from drawing import Drawing, stands_out

from elman import Experiment, run
from elman.analysis import errors
from elman.analysis.replay import Answers, replay
from elman.charts import ROLES
from elman.charts import errors as charts
from elman.tasks import TASKS, training_sequence, words

TITLE = "Squared error"


@pytest.fixture(scope="module")
def tested():
    trained = run(Experiment(task="letters", length=120, epochs=5, weight_scale=1.0))
    return replay(trained, trained.sequence)


def answers_of(task):
    sequence = training_sequence(Experiment(task=task, length=600))
    outputs = np.random.default_rng(0).uniform(size=sequence.targets.shape)
    return Answers(outputs, sequence, TASKS[task])


def one_feature(tested):
    table = errors.features_by_step(tested, 20)
    return table[table["feature"] == tested.task.features[-1]]


# Name -> (the table of a test, its chart).
CHARTS = {
    "position": (errors.by_position, charts.errors_by_position),
    "feature": (errors.by_feature, charts.errors_by_feature),
    "cycle": (lambda tested: errors.by_cycle(tested, 12), charts.error_by_cycle),
    "step": (lambda tested: errors.by_step(tested, 20), charts.error_by_step),
    "panel": (one_feature, lambda *shown: charts.feature_panel(*shown, 1.2)),
}


def drawn(draw, table, *more):
    return Drawing(draw(table, "squared", TITLE, *more).properties(width=700))


def middles(drawing, marks):
    return [np.mean(drawing.along("Y", mark)) for mark in marks]


@pytest.mark.parametrize("name", CHARTS)
def test_errors_and_floors_lie_at_their_values_in_their_colours(name, tested):
    of_test, draw = CHARTS[name]
    table = of_test(tested)
    drawing = drawn(draw, table)
    assert drawing.axes["Y"] == TITLE
    assert drawing.axes["X"]
    bars, ticks = drawing.of("bar"), drawing.of("tick")
    marks = bars or drawing.of("point")
    np.testing.assert_allclose(drawing.values("Y", marks), table["squared"], atol=2e-3)
    np.testing.assert_allclose([drawing.along("Y", bar)[1] for bar in bars], 0, atol=2e-3)
    np.testing.assert_allclose(middles(drawing, ticks), table["squared_floor"], atol=2e-3)
    assert {mark.colour for mark in marks + drawing.of("line mark")} == {ROLES["error"]}
    assert {mark.colour for mark in ticks} == {ROLES["floor"]}
    assert all(stands_out(mark.colour, mark.opacity) for mark in drawing.marks)
    if name in ("position", "feature"):
        # Bars stand in the order of the table, with their values.
        assert drawing.ticks("X") == table[name].tolist()
        assert drawing.words() == [f"{error:.3f}" for error in table["squared"]]
    if name == "panel":
        # The letters stand below it, and the scale is the common one.
        assert drawing.ticks("X") == table["expected"].tolist()
        assert max(map(float, drawing.ticks("Y"))) == pytest.approx(1.2)
    if name == "step":
        # Each point is named by the symbol expected.
        assert drawing.words() == table["expected"].tolist()
        assert drawing.ticks("X") == [*map(str, range(1, 21))]
        for point, word in zip(marks, drawing.of("text mark"), strict=True):
            assert point.points[0][0] == word.points[0][0]
            assert 0 < point.points[0][1] - word.points[0][1] < 20
    for measure, title in errors.MEASURES.items():
        axes = [layer["encoding"]["y"] for layer in draw(table, measure, title).to_dict()["layer"]]
        assert {y["field"] for y in axes} - {"above"} == {measure, f"{measure}_floor"}
        assert {y.get("title") for y in axes} - {None} == {title}
    if name in ("position", "step"):
        # Without a rule errors are drawn and no floor.
        drawing = drawn(draw, of_test(answers_of("own")))
        assert drawing.of("bar") or drawing.of("point")
        assert drawing.of("tick") == []


def test_the_best_bigram_is_a_narrower_tick_and_numbers_stand_clear_of_the_marks_above():
    answers = answers_of("letters")
    table = errors.by_position_with_bigram(answers, answers.sequence)
    drawing, widths = drawn(charts.errors_by_position, table), {}
    for role in ("floor", "baseline"):
        ticks = [tick for tick in drawing.of("tick") if tick.colour == ROLES[role]]
        widths[role] = [np.ptp([x for x, _ in tick.points]) for tick in ticks]
    np.testing.assert_allclose(middles(drawing, ticks), table["squared_bigram"], atol=2e-3)
    assert max(widths["baseline"]) < 0.7 * min(widths["floor"])
    floors, bigrams = [0.1, 0.21, 0.3, 0.205], [0.1, 0.1, 0.1, 0.22]
    table = table.assign(squared=0.2, squared_floor=floors, squared_bigram=bigrams)
    drawing = drawn(charts.errors_by_position, table)
    heights = [drawing.value("Y", mark.points[0][1] + 8) for mark in drawing.of("text mark")]
    np.testing.assert_allclose(heights, [0.2, 0.21, 0.2, 0.22], atol=5e-3)
    assert {*drawing.words()} == {"0.200"}


@pytest.mark.parametrize("name", ["position", "cycle", "step"])
def test_errors_of_pinned_runs_are_dashed_outlines_of_bars_or_dashed_lines(name, tested):
    of_test, draw = CHARTS[name]
    table = of_test(tested)
    pinned = {number: table["squared"] / (1 + number) for number in (1, 2, 3, 4)}
    columns = {f"squared_pinned{number}": values for number, values in pinned.items()}
    drawing = Drawing(draw(table.assign(**columns), "squared", TITLE))
    marks, dashes = drawing.of("bar") + drawing.of("line mark"), set()
    for number, values in pinned.items():
        colour = ROLES[f"pinned{number}"]
        dashed = [mark for mark in marks if mark.element.get("stroke") == colour]
        dashes |= {mark.element.get("stroke-dasharray") for mark in dashed}
        of_bars = name == "position"
        heights = drawing.values("Y", dashed) if of_bars else drawing.along("Y", dashed[0])
        np.testing.assert_allclose(heights, values, atol=5e-3)
        told = drawing.of("bar") or drawing.of("point")
        said = [float(mark.says[f"Pinned {number}"]) for mark in told]
        assert set(np.round(said, 4)) == set(np.round(values, 4))
    assert len(dashes) == 4
    assert None not in dashes
    assert {"Pinned 1", "Pinned 2", "Pinned 3", "Pinned 4"} <= {*drawing.texts}


def test_names_stand_in_lines_below_many_bars_and_words_below_the_axis():
    table = errors.by_position(answers_of("reber"))
    drawing = drawn(charts.errors_by_position, table)
    assert len(drawing.tick_labels("X")) == len(table)
    assert {"B", "E", "T or P", "(node 0)"} <= {*drawing.texts}
    table = errors.by_step(answers_of("sentences"), 12)
    drawing = drawn(charts.error_by_step, table)
    assert (drawing.words(), drawing.ticks("X")) == ([], table["expected"].tolist())


def test_the_figure_6_view_has_a_line_before_each_word_and_every_letter_named():
    passage = words.paper_passage()
    outputs = np.full(passage.targets.shape, 0.5)
    outputs[::2] = 0.2
    table = errors.by_step(Answers(outputs, passage, TASKS["words"]), 28)
    drawing = drawn(charts.error_through_text, table, 1.0)
    assert drawing.axes["Y"] == TITLE
    assert "".join(drawing.words()) == "anyyearsagoaboyandgirllivedb"
    points = drawing.of("point")
    np.testing.assert_allclose(drawing.values("Y", points), table["squared"], atol=2e-3)
    rules = drawing.of("rule mark")
    upright = [rule.points[0][0] for rule in rules if rule.points[0][0] == rule.points[1][0]]
    before = [sum(mark.points[0][0] < x for mark in points) for x in upright]
    # any | years | ago | a | boy | and | girl | lived | b
    assert sorted(before) == [3, 8, 11, 12, 15, 18, 22, 27]
    level = [rule.colour for rule in rules if rule.points[0][1] == rule.points[1][1]]
    assert level == [ROLES["floor"]] * 28


def test_the_network_stands_beside_the_n_grams():
    answers = answers_of("letters")
    table = errors.against_ngrams(answers, answers.sequence)
    drawing = Drawing(charts.errors_against_ngrams(table, "squared", TITLE))
    bars = drawing.of("bar")
    np.testing.assert_allclose(drawing.values("Y", bars), table["squared"], atol=2e-3)
    roles = ["error", "baseline", "baseline", "baseline", "floor"]
    assert [bar.colour for bar in bars] == [ROLES[role] for role in roles]
    assert drawing.words() == [f"{value:.3f}" for value in table["squared"]]
