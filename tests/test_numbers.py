"""Number sequences: reading them, their windows, the network, rules, baseline, comparison."""

import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from drawing import Drawing
from hypothesis import given
from hypothesis import strategies as st
from same import assert_same

from elman.charts import numbers as charts
from elman.layers import sequential
from elman.studies import number_answers as analysis
from elman.studies import number_sizes, numbers
from elman.studies.numbers import NumberExperiment, read_numbers, run

COUNTING = tuple(map(float, range(10)))
AFTER = (7.0, 8.0, 9.0)
FEW = {"units": 5, "epochs": 3}


@pytest.fixture(scope="module")
def default():
    return run(NumberExperiment())


def test_numbers_are_read_from_text_with_one_separator_and_from_iterables():
    for one_two in (
        "1, 2.5, -3", "1 2.5 -3", "[1; 2.5; -3]", " (1,2.5,−3) ", "1\n2.5e0\n-.3e1", [1, 2.5, -3],
        np.array([1, 2.5, -3]), (np.int64(1), np.float32(2.5), -3), (n for n in (1, 2.5, -3)),
    ):  # fmt: skip
        read = read_numbers("sequence", one_two)
        assert read == (1.0, 2.5, -3.0)
        assert {type(number) for number in read} == {float}
    for text, row in {
        "1,5": (1, 5), "10,100,200": (10, 100, 200), "100 200 300": (100, 200, 300),
        "1,2,3 4,5,6": (1, 2, 3, 4, 5, 6), "100, 200, 300": (100, 200, 300),
        "0,0,0": (0, 0, 0), "-0.1,-1.3": (-0.1, -1.3), "007 008": (7, 8),
    }.items():  # fmt: skip
        assert read_numbers("window", text) == row


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_what_is_written_is_read_and_a_lone_number_is_a_row_of_one(row):
    assert read_numbers("x", ", ".join(map(repr, row))) == tuple(row)
    assert read_numbers("x", row[0]) == (row[0],)


@pytest.mark.parametrize(("given", "shown"), [
    ("1, two, 3", "'two'"), ("1, nan, 3", "'nan'"), ("1, inf", "'inf'"), ("1, 1e999", "'1e999'"),
    ("1, 1000001", "'1000001'"), ("1_000", "'1_000'"), ("１２", "'１２'"), ("1.2.3", "'1.2.3'"),
    ([1, math.nan], "nan"), ([1, -math.inf], "-inf"), ([1, 10**400], "1000"), ([1, True], "True"),
    ([1, None], "None"), ([1, "2"], "'2'"), ([[1, 2], [3, 4]], "[1, 2]"),
])  # fmt: skip
def test_what_is_no_number_is_refused_by_name(given, shown):
    with pytest.raises(ValueError, match=r"^window: allowed are numbers from -1,000,000 to ") as no:
        read_numbers("window", given)
    assert f"; {shown}" in str(no.value)
    assert str(no.value).endswith(" was given.")
    assert len(str(no.value)) < 200


@pytest.mark.parametrize(("given", "read", "told"), [
    ("1,000 2,000 3,000", "'1,000'", "one number (write 1000 or 1.000) or two (write 1, 0)"),
    ("1,5; 2,5", "'1,5'", "one number (write 1.5) or two (write 1, 5)"),
    ("1, 2, -3,4", "'-3,4'", "one number (write -3.4) or two (write -3, 4)"),
    ("1,234.5 2,345.6", "'1,234.5'", "one number (write 1234.5) or two (write 1, 234.5)"),
    ("1.234,5 2.345,6", "'1.234,5'", "one number (write 1234.5) or two (write 1.234, 5)"),
    ("1,000,2,000", "'1,000'", ""),
    ("1 000 2 000", "'1 000'", "one number (write 1000) or two (write 1, 0)"),
    ("1\u202f500; 2\u202f500", "'1 500'", "one number (write 1500) or two (write 1, 500)"),
    ("1,000,000 5", "'1,000,000'", "one number (write 1000000) or three (write 1, 0, 0)"),
])  # fmt: skip
def test_what_can_be_read_in_two_ways_is_refused_with_both(given, read, told):
    with pytest.raises(ValueError, match=r"^window: .* read in one way") as no:
        read_numbers("window", given)
    assert f"{read}, which may be {told}" in str(no.value)


@pytest.mark.parametrize(("field", "bad", "given"), [
    ("sequence", "1 " * 6000, "12,000 were"), ("sequence", "", "none was"),
    ("sequence", "1", "1 was"), ("sequence", "1 2 3", "3 were"),
    ("sequence", range(301), "of more, take 300; 301 were given"),
    ("window_size", 0, "0 was"), ("window_size", 51, "51 was"), ("units", 2.5, "2.5 was"),
    ("activation", "sigmoid", "'sigmoid' was"), ("optimizer", "lion", "'lion' was"),
    ("learning_rate", math.nan, "nan was"), ("epochs", "many", "'many' was"),
    ("batch_size", -1, "-1 was"), ("scaling", "log", "'log' was"), ("weight_init", None, "None w"),
    ("seed", True, "True was"), ("window", "1 2", "2 were"), ("window", [], "0 were"),
    ("window", "1 2 x", "'x' was"),
])  # fmt: skip
def test_a_bad_setting_is_refused_naming_field_and_value(field, bad, given):
    with pytest.raises(ValueError, match=f"^{field}: allowed .*; {given}"):
        NumberExperiment().window(bad) if field == "window" else NumberExperiment(**{field: bad})


def test_what_is_too_large_may_be_counted_in_other_units():
    with pytest.raises(ValueError, match="count larger ones in thousands or millions"):
        read_numbers("sequence", "7800000000")


def test_settings_and_windows_from_text_and_numbers_are_equal():
    plain = NumberExperiment(sequence="0 1 2 3 4 5 6 7 8 9", units="50", learning_rate="1e-3")
    assert plain == NumberExperiment(units=50.0)
    assert hash(plain) == hash(NumberExperiment())
    experiment = NumberExperiment(sequence=range(300))
    assert experiment.window() == experiment.window("  ") == (297.0, 298.0, 299.0)
    assert experiment.window("[1, 2, 3]") == experiment.window([1, 2, 3]) == (1.0, 2.0, 3.0)


def test_windows_and_scalings_by_hand():
    x, y = numbers.windows((1, 2, 4, 8, 16), 3)
    np.testing.assert_array_equal(x, [[[1], [2], [4]], [[2], [4], [8]]])
    np.testing.assert_array_equal(y, [[8], [16]])
    with pytest.raises(ValueError, match="sequence: allowed are more than 5 numbers; 3"):
        numbers.windows((1, 2, 3), 5)
    raw, end = np.array([2.0, 4.0, 6.0]), 1.5**0.5
    by_hand = {"none": raw, "minmax": [0, 0.5, 1], "standard": [-end, 0, end]}
    for scaling, expected in by_hand.items():
        made = numbers.scaling_of(NumberExperiment(sequence=raw, window_size=2, scaling=scaling))
        np.testing.assert_allclose(made.scaled(raw), expected, atol=1e-15)
        np.testing.assert_allclose(made.raw(made.scaled(raw)), raw)
        without_spread = run(NumberExperiment(sequence=[5] * 6, scaling=scaling, **FEW))
        assert without_spread.status == "finished"
        assert np.isfinite(without_spread.next_after())


def test_patterns_by_hand():
    begin = {"counting": COUNTING, "even numbers": (0, 2, 4, 6), "alternating": (0, 1, 0, 1, 0)}
    begin |= {"Fibonacci": (0, 1, 1, 2, 3, 5, 8, 13), "sine": (0, 0.5, 0.866, 1)}
    for name, first in begin.items():
        assert analysis.example(name, len(first)) == first
        assert NumberExperiment(sequence=analysis.example(name)).sequence[: len(first)] == first
    noisy = np.array(analysis.example("noisy line", 200))
    assert np.std(noisy - np.arange(200)) == pytest.approx(0.5, abs=0.1)
    assert analysis.example("noisy line", 50) == tuple(noisy[:50])
    # It goes on as its line.
    first, *others = line = analysis.example("noisy line")
    assert analysis.rule(line)[0] == "a line that rises by 1, with noise"
    np.testing.assert_array_equal(analysis.beyond(line)[:3], [20, 21, 22])
    assert analysis.rule((first + 1, *others))[0] == "no rule is known"
    assert max(analysis.example("Fibonacci", 31)) <= numbers.LARGEST
    with pytest.raises(ValueError, match="length: allowed is a whole number from 2 to 31"):
        analysis.example("Fibonacci", 32)
    with pytest.raises(ValueError, match="sequence: allowed is one of counting"):
        analysis.example("primes")


def test_the_default_network_and_its_loss(default):
    rows = [("SimpleRNN", (None, 50), 2600), ("Dense", (None, 1), 51)]
    assert [tuple(row) for row in default.summary] == rows
    assert default.parameter_count == 2651
    assert len(default.losses) == 200
    assert default.final_loss == default.losses[-1] < 0.3 < default.losses[0]
    again = run(NumberExperiment())
    np.testing.assert_array_equal(again.losses, default.losses)
    # Asking changes nothing.
    again.next_after([100, 200, 300])
    assert_same(again.parameters, default.parameters)
    with_two = run(NumberExperiment(epochs=20, batch_size=2))
    assert with_two.final_loss < default.losses[19], "small batches take more steps"
    few, many = (numbers.work(NumberExperiment(epochs=n)) for n in (1, 1000))
    assert 0 < 1000 * few == many
    # Its chart leaves out what a logarithm cannot show.
    drawn = Drawing(charts.number_loss(np.array([4.0, 0.0, 1.0]), 2.0))
    assert drawn.axes == {"X": "Epoch", "Y": "Mean squared error (logarithmic)"}
    assert "always answering the mean" in drawn.texts


def test_first_weights_are_keras_s_or_pytorch_s():
    both = (NumberExperiment(weight_init=name) for name in ("keras", "torch"))
    keras, torch = (numbers.network(e, rng=np.random.default_rng(1)).parameters for e in both)
    recurrent = keras["0.weight_hh_l0"]
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(50), atol=1e-12)
    assert not keras["0.bias_ih_l0"].any()
    assert np.abs(torch["0.weight_hh_l0"]).max() <= 50**-0.5
    assert torch["0.bias_ih_l0"].any()


def test_after_789_most_networks_say_somewhat_more_than_ten(default):
    """Keras gave 10.3 to 10.6; the exact value depends on the first weights alone."""
    answers = [run(NumberExperiment(seed=seed)).next_after([7, 8, 9]) for seed in range(6)]
    assert answers[0] == default.next_after()
    assert len(set(answers)) == 6
    assert 9.8 < min(answers) < max(answers) < 11.0
    assert 10.0 < np.median(answers) < 10.7
    # Beyond the training range networks of tanh fall short.
    tanh = run(NumberExperiment(activation="tanh"))
    assert tanh.next_after([97, 98, 99]) < 12 < 90 < default.next_after([97, 98, 99])


def test_losses_are_in_units_of_the_sequence():
    """Scaling numbers and weights alike: tenfold numbers have a hundredfold loss."""
    small = NumberExperiment(scaling="standard", **FEW)
    large = replace(small, sequence=[10 * n for n in small.sequence])
    np.testing.assert_allclose(run(large).losses, 100 * run(small).losses)
    np.testing.assert_allclose(run(large).next_after(), 10 * run(small).next_after())


@pytest.mark.parametrize("optimizer", list(numbers.OPTIMIZERS))
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_every_optimizer_and_activation_learns(optimizer, activation):
    trained = run(NumberExperiment(scaling="standard", optimizer=optimizer, activation=activation))
    assert trained.status == "finished"
    assert trained.final_loss < 0.5 * trained.losses[0]


def test_a_run_that_diverges_says_what_to_do_and_any_can_be_watched_and_stopped(monkeypatch):
    trained = run(NumberExperiment(optimizer="sgd", learning_rate=5))
    assert trained.status == "diverged"
    assert f"after {len(trained.losses)} of 200 epochs" in trained.message
    assert "smaller learning rate" in trained.message
    assert "not finite" in analysis.describe_answer(trained, AFTER)
    monkeypatch.setattr(sequential, "PROGRESS_SECONDS", 0.0)
    seen = []
    watch = (lambda share, losses: seen.append((share, len(losses))), lambda: len(seen) > 1)
    trained = run(NumberExperiment(epochs=50), *watch)
    assert trained.status == "stopped"
    assert trained.message == f"Stopped after {len(trained.losses)} of 50 epochs."
    assert seen == sorted(seen)
    at_once = run(NumberExperiment(batch_size=2), should_stop=lambda: True)
    assert len(at_once.losses) == 0
    assert math.isnan(at_once.final_loss)


@pytest.mark.parametrize(("sequence", "words", "further"), [
    (COUNTING, "constant steps of 1", range(10, 19)),
    ((0.1, 0.2, 0.3, 0.4), "constant steps of 0.1", (0.5, 0.6, 0.7)),
    ((9, 7, 5, 3), "constant steps of -2", (1, -1, -3)),
    ((4, 4, 4, 4), "constant steps of 0", (4, 4, 4, 4)),
    ((1, 3, 4, 7, 11), "each number is the sum of the two before", (18, 29, 47)),
    ((3, 6, 12, 24), "each number is 2 times the one before", (48, 96, 192)),
    ((1, 5, 2, 1, 5, 2), "the same 3 numbers again and again", (1, 5, 2, 1, 5, 2)),
    ((2, 3, 5, 7, 11, 13), "no rule is known", ()), ((1, 2), "no rule is known", ()),
    ((1, 1 + 1e-6, 1 + 3e-6, 1), "no rule is known", ()),
    ((0, 5e-324, 1, 2), "no rule is known", ()), ((5, 0, 0, 0), "no rule is known", ()),
    ((0.3, 0.1 + 0.2, 0.3), "constant steps of 0", (0.3, 0.3, 0.3)),
])  # fmt: skip
def test_rules_and_how_they_go_on(sequence, words, further):
    sequence = tuple(map(float, sequence))
    assert analysis.rule(sequence)[0] == words
    np.testing.assert_allclose(analysis.beyond(sequence), list(further), rtol=1e-12)


@pytest.mark.parametrize(("sequence", "window", "expected"), [
    (COUNTING, (7, 8, 9), 10), (COUNTING, (100.5, 101.5, 102.5), 103.5),
    (COUNTING, (1, 2, 4), None), ((0, 1, 1, 2, 3, 5, 8), (3, 5, 8), 13),
    ((0, 1, 1, 2, 3, 5, 8), (1, 1, 2), 3), ((0, 1, 1, 2, 3, 5, 8), (4, 4, 8), None),
    ((2, 3, 5, 7, 11, 13), (3, 5, 7), 11), ((2, 3, 5, 7, 11, 13), (7, 11, 13), None),
    ((1, 2, 3, 9, 1, 2, 3, 8), (1, 2, 3), None),
])  # fmt: skip
def test_what_is_right_is_known_only_where_it_is(sequence, window, expected):
    experiment = NumberExperiment(sequence=sequence)
    assert analysis.expected_after(experiment, tuple(map(float, window))) == expected


@pytest.mark.parametrize("name", ["Fibonacci", "alternating", "noisy line"])
def test_the_straight_line_is_least_squares_and_continues_every_linear_rule(name):
    experiment = NumberExperiment(sequence=analysis.example(name))
    assert len(analysis.straight_line(experiment)) == 4
    further = () if name == "noisy line" else analysis.beyond(experiment.sequence)
    x, y = numbers.windows((*experiment.sequence, *further), 3)
    left = y[:, 0] - analysis.line_after(experiment, x)
    if name != "noisy line":
        np.testing.assert_allclose(left, 0, atol=1e-9)
    np.testing.assert_allclose(np.hstack([x[:, :, 0], np.ones((len(x), 1))]).T @ left, 0, atol=1e-6)


def test_predictions_hold_training_and_beyond_and_are_drawn(default):
    table = analysis.predictions(default)
    assert table["where"].tolist() == ["training"] * 7 + ["beyond"] * 9
    assert table["window"][7] == AFTER
    assert table["place"].tolist() == list(range(4, 20))
    assert table["network"][7] == pytest.approx(default.next_after(), rel=1e-12)
    # Counting on, the last value is always one too low.
    assert analysis.rms_errors(table, "last") == (1.0, 1.0)
    inside, outside = analysis.rms_errors(table)
    assert inside == pytest.approx(np.sqrt(np.mean(table["error"][:7] ** 2)))
    assert outside == pytest.approx(np.sqrt(np.mean(table["error"][7:] ** 2)))
    assert inside**2 == pytest.approx(default.final_loss, rel=0.1)
    primes = analysis.predictions(run(NumberExperiment(sequence=(2, 3, 5, 7, 11, 13), **FEW)))
    assert analysis.rms_errors(primes)[1] is None
    # Rounding is not shown as a number.
    wave = analysis.predictions(run(NumberExperiment(sequence="1 0 -1 0 1 0 -1 0 1 0", **FEW)))
    assert wave[wave["expected"] == 0.0]["line"].tolist() == [0.0] * (wave["expected"] == 0.0).sum()
    assert (wave["expected"] == 0.0).sum() > 5
    drawn = Drawing(charts.predicted_against_expected(default.experiment.sequence, table))
    assert drawn.axes == {"X": "Place in the sequence", "Y": "Number"}
    assert {"sequence", "straight line", "network", "beyond"} <= {*drawn.texts}
    assert len(drawn.of("point")) == 19 + 16 + 16
    assert "asked" not in drawn.texts
    asked = analysis.asked_rows(default, (100.0, 101.0, 102.0))
    assert asked["number"].tolist()[:4] == [100, 101, 102, 103]
    drawn = Drawing(charts.predicted_against_expected(default.experiment.sequence, table, asked))
    assert len(drawn.of("point")) == 19 + 16 + 16 + 3 + 3
    assert {"beyond", "asked"} <= set(drawn.texts)


def test_the_comparison_trains_and_draws_every_kind_with_every_seed():
    experiment = NumberExperiment(seed=7, **FEW)
    variants = analysis.variants(experiment, 2)
    assert len(set(variants)) == 8
    seen = []
    table = analysis.compare(variants, AFTER, lambda s, p: seen.append((s, len(p))))
    assert seen == [(n / 8, n) for n in range(1, 9)]
    assert table["seed"].tolist() == [7, 8] * 4
    (alone,) = analysis.compare(variants[:1], AFTER)["prediction"]
    assert table["prediction"][0] == alone == run(experiment).next_after()
    short = analysis.summary(table)
    kinds = ["ReLU, raw", "ReLU, standardised", "tanh, raw", "tanh, standardised"]
    assert charts.kinds_of(short) == kinds
    assert short["lowest"][0] == min(table["prediction"][:2])
    words = analysis.describe_kinds(short, experiment, AFTER)
    assert words.startswith("After 7, 8, 9: 2 ReLU networks with raw numbers say ")
    assert words.endswith(" Right is 10.")
    spread = Drawing(charts.spread(table, 10.0, None))
    assert len(spread.of("point")) == 8
    assert "right" not in spread.texts
    assert "right" in Drawing(charts.spread(table, 10.0, 10.0)).texts
    drawn = Drawing(charts.inside_and_beyond(short, (0.1, 0.2)))
    assert len(drawn.of("point")) == 10
    assert {"inside", "beyond", "straight-line fit"} <= {*drawn.texts}
    # Stopped, it keeps what is done.
    seen.clear()
    part = analysis.compare(variants, AFTER, lambda *_: seen.append(1), lambda: len(seen) > 2)
    assert len(part) == 3
    assert analysis.compare(variants, AFTER, should_stop=lambda: True).empty
    # A scaled experiment is compared in its own scaling, and seeds wrap.
    scaled = analysis.variants(NumberExperiment(scaling="minmax", seed=2**32 - 1), 2)
    assert [v.scaling for v in scaled] == ["none", "none", "minmax", "minmax"] * 2
    assert [v.seed for v in scaled] == [2**32 - 1, 0] * 4


def test_the_result_in_words(default):
    words = analysis.describe_answer(default, AFTER)
    assert f"After 7, 8, 9 the network says {default.next_after():.4g}; 10 would be right" in words
    assert "A straight-line fit says 10;" in words
    assert words.endswith(" error of 1 inside the sequence and 1 over the 9 numbers after it.")
    assert "would be right" not in analysis.describe_answer(default, (1.0, 5.0, 9.0))
    shown = {(10.1574, 9): "10.16", (-1e-16, 1): "0", (1e-9, 1e-6): "1e-09"}
    shown[math.inf, 1], shown[123456.7, 2e5] = "not finite", "123457"
    assert {given: analysis.shown(*given) for given in shown} == shown
    words = analysis.describe_answer(default, far := (100.0, 101.0, 102.0))
    off = abs(default.next_after(far) - 103)
    assert f"103 would be right, so this answer is {off:.2g} off" in words


def test_a_straight_line_that_the_sequence_leaves_open_has_no_number():
    """10 20 30 40 is one window for four weights; 1, 5, 9 is no combination of steps of 1."""
    one = run(NumberExperiment(sequence=(10, 20, 30, 40), **FEW))
    table = analysis.predictions(one)
    assert table["line"].isna().tolist() == [False, True, True, True]
    assert analysis.rms_errors(table, "line")[1] is None
    for trained, window in ((one, (20, 30, 40)), (run(NumberExperiment(**FEW)), (1, 5, 9))):
        row = np.reshape(window, (1, 3, 1)).astype(float)
        assert np.isnan(analysis.line_after(trained.experiment, row)).all()
        assert "No straight-line fit can be given" in analysis.describe_answer(trained, window)


def test_the_memory_of_learning_is_known_before_and_too_much_is_refused():
    many = {"sequence": range(120), "epochs": 1}
    for sizes in ({"window_size": 20, "units": 200, "batch_size": 100}, {"units": 300}):
        experiment = NumberExperiment(**many | sizes)
        tracemalloc.start()
        numbers.run(experiment)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert number_sizes.needed_bytes(experiment) == pytest.approx(most, rel=0.3)
    wide = NumberExperiment(**many, window_size=20, units=200, batch_size=100)
    number_sizes.check_bytes(wide, 20 * 2**20)
    with pytest.raises(ValueError, match=r"^batch_size: allowed is .* 9 MB of memory; 100 was"):
        number_sizes.check_bytes(wide, 9 * 2**20)
    with pytest.raises(ValueError, match=r"^units: allowed is .* 1 MB of memory; 200 was"):
        number_sizes.check_bytes(wide, 2**20)
