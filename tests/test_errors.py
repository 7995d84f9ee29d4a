"""Errors of a tested network by position, feature and step, their floors, and the words on them."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman import Experiment
from elman.analysis import errors, reading
from elman.tasks import TASKS, Sequence, new_sequence, training_sequence

XOR, LETTERS = TASKS["xor"], TASKS["letters"]


def two_triples():
    """0 1 1 and 1 1 0, with the answers of an imagined network."""
    symbols = np.array([0, 1, 1, 1, 1, 0])
    targets = np.array([1, 1, 1, 1, 0, 0.0])[:, np.newaxis]
    certain = np.array([False, True, False] * 2)
    sequence = Sequence(
        symbols=symbols,
        inputs=symbols[:, np.newaxis].astype(float),
        targets=targets,
        group_starts=np.array([True, False, False] * 2),
        position=np.array([0, 1, 2] * 2),
        ideal=np.where(certain[:, np.newaxis], targets, 0.5),
        rate_floor=np.where(certain, 0.0, 0.5),
    )
    return np.array([[0.5], [0.9], [0.4], [0.2], [0.3], [0.5]]), sequence


def some_answers(task, *, seed=0, length=60):
    sequence = training_sequence(Experiment(task=task, length=length))
    rng = np.random.default_rng(seed)
    return rng.uniform(size=sequence.targets.shape), sequence


def test_by_position_as_worked_out_by_hand():
    table = errors.by_position(*two_triples(), XOR)
    assert table["position"].tolist() == ["2nd bit", "XOR bit", "next 1st bit"]
    assert table["steps"].tolist() == [2, 2, 2]
    squared = [(0.25 + 0.64) / 2, (0.01 + 0.09) / 2, (0.36 + 0.25) / 2]
    np.testing.assert_allclose(table["squared"], squared)
    # The root of the mean; the mean of the roots would be 0.65, 0.2 and 0.55.
    np.testing.assert_allclose(table["rms"], [0.667083, 0.223607, 0.552268], atol=1e-6)
    # 0.5 counts as 1.
    assert table["rate"].tolist() == [0.5, 0.0, 1.0]
    assert table["squared_floor"].tolist() == [0.25, 0.0, 0.25]
    assert table["rms_floor"].tolist() == [0.5, 0.0, 0.5]
    assert table["rate_floor"].tolist() == [0.5, 0.0, 0.5]


def test_accuracy_as_worked_out_by_hand():
    right = errors.accuracy(*two_triples())
    assert right.everywhere == 3 / 6
    assert right.predictable == 2 / 2
    assert right.ceiling == pytest.approx(2 / 3)


def test_one_wrong_feature_makes_a_step_wrong():
    sequence = training_sequence(Experiment(task="letters", length=60))
    outputs = sequence.targets.copy()
    outputs[7, 2] = 1.0 - outputs[7, 2]
    steps = len(sequence)
    assert errors.accuracy(outputs, sequence).everywhere == pytest.approx(1 - 1 / steps)
    by_feature = errors.by_feature(outputs, sequence, LETTERS).set_index("feature")
    assert by_feature["rate"]["Interrupted"] == pytest.approx(1 / steps)
    assert by_feature["squared"].drop("Interrupted").eq(0).all()


def test_a_cycle_of_one_group_has_the_errors_by_position():
    answers = two_triples()
    by_position, by_cycle = errors.by_position(*answers, XOR), errors.by_cycle(*answers, 3)
    for measure in errors.MEASURES:
        for column in (measure, f"{measure}_floor"):
            np.testing.assert_allclose(by_cycle[column], by_position[column])
    assert by_cycle["predictable"].tolist() == [False, True, False]


def test_a_cycle_leaves_out_the_steps_after_its_last_whole_window():
    by_cycle = errors.by_cycle(*two_triples(), 4)
    np.testing.assert_allclose(by_cycle["squared"], [0.25, 0.01, 0.36, 0.64])
    assert by_cycle["step"].tolist() == [1, 2, 3, 4]


def test_a_cycle_longer_than_the_sequence_ends_with_it():
    by_cycle = errors.by_cycle(*two_triples(), 12)
    np.testing.assert_allclose(by_cycle["squared"], [0.25, 0.01, 0.36, 0.64, 0.09, 0.25])


def test_by_step_gives_each_step_with_the_symbol_it_should_predict():
    table = errors.by_step(*two_triples(), XOR, 4)
    assert table["input"].tolist() == ["0", "1", "1", "1"]
    assert table["expected"].tolist() == ["1", "1", "1", "1"]
    np.testing.assert_allclose(table["squared"], [0.25, 0.01, 0.36, 0.64])
    np.testing.assert_allclose(table["rms"], [0.5, 0.1, 0.6, 0.8])
    assert table["rate"].tolist() == [0, 0, 1, 1]
    assert table["rate_floor"].tolist() == [0.5, 0, 0.5, 0.5]


def test_predictions_as_worked_out_by_hand():
    table = errors.predictions(*two_triples(), XOR, 100)
    assert table["step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert table["output"].tolist() == [0.5, 0.9, 0.4, 0.2, 0.3, 0.5]
    assert table["rounded"].tolist() == ["1", "1", "0", "0", "0", "1"]
    assert table["expected"].tolist() == ["1", "1", "1", "1", "0", "0"]
    assert table["match"].tolist() == [True, True, False, False, True, False]
    assert table["predictable"].tolist() == [False, True, False] * 2


def test_predictions_name_the_letter_of_the_rounded_features_or_none():
    sequence = training_sequence(Experiment(task="letters", length=60))
    outputs = sequence.targets * 0.8 + 0.1
    outputs[1] = 0.1
    table = errors.predictions(outputs, sequence, LETTERS, 10)
    letters = [LETTERS.symbols[s] for s in sequence.symbols[1:11]]
    assert table["expected"].tolist() == letters
    assert table["rounded"].tolist() == [letters[0], "?", *letters[2:]]
    assert table["match"].tolist() == [True, False, *[True] * 8]
    np.testing.assert_allclose(table[list(LETTERS.features)], outputs[:10])


def test_features_by_step_puts_every_error_at_its_step_and_feature():
    outputs, sequence = some_answers("letters")
    table = errors.features_by_step(outputs, sequence, LETTERS, 20)
    assert len(table) == 20 * 6
    for step in (1, 8, 20):
        for place, feature in enumerate(LETTERS.features):
            row = table[(table["step"] == step) & (table["feature"] == feature)].iloc[0]
            error = (outputs[step - 1, place] - sequence.targets[step - 1, place]) ** 2
            assert row["squared"] == pytest.approx(error)
            assert row["rms"] == pytest.approx(error**0.5)
            assert row["expected"] == LETTERS.symbols[sequence.symbols[step]]


def test_by_feature_separates_vowels_from_consonants():
    outputs, sequence = some_answers("letters")
    table = errors.by_feature(outputs, sequence, LETTERS)
    squared = (outputs - sequence.targets) ** 2
    consonant_next = sequence.targets[:, 0] == 1
    assert table["feature"].tolist() == list(LETTERS.features)
    np.testing.assert_allclose(table["squared"], squared.mean(axis=0))
    np.testing.assert_allclose(table["squared_open"], squared[consonant_next].mean(axis=0))
    np.testing.assert_allclose(table["squared_predictable"], squared[~consonant_next].mean(axis=0))


def test_only_high_and_back_are_open_at_a_consonant_at_two_ninths():
    """Elman (1990, p. 189): which consonant comes is random, that one comes is not."""
    outputs, sequence = some_answers("letters")
    table = errors.by_feature(outputs, sequence, LETTERS).set_index("feature")
    floors = dict.fromkeys(LETTERS.features, 0.0) | {"High": 2 / 9, "Back": 2 / 9}
    assert table["squared_open_floor"].to_dict() == pytest.approx(floors)
    share = (sequence.position == 0).mean()
    assert table["squared_floor"].to_dict() == pytest.approx(
        {name: floor * share for name, floor in floors.items()}
    )
    assert table["rate_floor"]["High"] == pytest.approx(share / 3)


def test_the_ideal_answers_reach_the_floors_of_xor_exactly():
    sequence = new_sequence(Experiment(task="xor"))
    table = errors.by_position(sequence.ideal, sequence, XOR)
    assert table["squared"].tolist() == table["squared_floor"].tolist() == [0.25, 0.0, 0.25]
    # A fair coin's root mean squared error is 0.5 at best, so Figure 3 cannot show it.
    assert table["rms"].tolist() == [0.5, 0.0, 0.5]
    np.testing.assert_allclose(table["rate"], table["rate_floor"], atol=0.05)


def test_the_ideal_answers_come_close_to_the_floors_of_the_letters():
    """999 syllables: a standard error of 0.0017 for squared errors, and of 0.015 for rates."""
    sequence = new_sequence(Experiment(task="letters"))
    table = errors.by_position(sequence.ideal, sequence, LETTERS)
    np.testing.assert_allclose(table["squared_floor"], [2 * (2 / 9) / 6, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(table["squared"], table["squared_floor"], atol=0.006)
    np.testing.assert_allclose(table["rate_floor"], [2 / 3, 0, 0, 0])
    np.testing.assert_allclose(table["rate"], table["rate_floor"], atol=0.05)
    right = errors.accuracy(sequence.ideal, sequence)
    assert right.predictable == 1.0
    assert right.everywhere == pytest.approx(right.ceiling, abs=0.02)


@pytest.mark.parametrize("task", ["xor", "letters"])
@given(seed=st.integers(0, 2**32 - 1), length=st.integers(9, 90))
def test_every_table_averages_the_same_errors(task, seed, length):
    outputs, sequence = some_answers(task, seed=seed, length=length)
    loss = float(((outputs - sequence.targets) ** 2).mean())
    by_position = errors.by_position(outputs, sequence, TASKS[task])
    by_feature = errors.by_feature(outputs, sequence, TASKS[task])
    by_step = errors.by_step(outputs, sequence, TASKS[task], length)
    shares = by_position["steps"] / len(sequence)
    assert (by_position["squared"] * shares).sum() == pytest.approx(loss)
    assert by_feature["squared"].mean() == pytest.approx(loss)
    assert by_step["squared"].mean() == pytest.approx(loss)
    wrong = 1 - errors.accuracy(outputs, sequence).everywhere
    assert (by_position["rate"] * shares).sum() == pytest.approx(wrong, abs=1e-12)
    assert by_step["rate"].mean() == pytest.approx(wrong, abs=1e-12)
    for table in (by_position, by_feature, by_step):
        np.testing.assert_allclose(table["rms"] ** 2, table["squared"])


def in_words(outputs, sequence, task):
    return reading.result_in_words(outputs, sequence, TASKS[task])


@pytest.mark.parametrize("task", ["xor", "letters"])
def test_the_ideal_answers_have_learned_the_rule(task):
    sequence = new_sequence(Experiment(task=task))
    assert in_words(sequence.ideal, sequence, task).startswith("It has learned the rule.")


@pytest.mark.parametrize("task", ["xor", "letters"])
@pytest.mark.parametrize("answer", ["always 0.5", "always the average"])
def test_an_answer_that_is_always_the_same_has_not_learned_the_rule(task, answer):
    sequence = new_sequence(Experiment(task=task))
    constant = 0.5 if answer == "always 0.5" else sequence.targets.mean(axis=0)
    outputs = np.broadcast_to(constant, sequence.targets.shape)
    assert in_words(outputs, sequence, task).startswith("It has not learned the rule.")


@pytest.mark.parametrize("task", ["xor", "letters"])
def test_right_answers_near_one_half_are_not_sure(task):
    sequence = new_sequence(Experiment(task=task))
    outputs = 0.5 + 0.1 * (sequence.ideal - 0.5)
    assert "is not sure of them yet" in in_words(outputs, sequence, task)


def test_half_of_the_rule_is_a_part_of_it():
    sequence = new_sequence(Experiment(task="xor"))
    # Right where the exclusive-or is 1, undecided where it is 0.
    outputs = np.where(sequence.predictable[:, np.newaxis] & (sequence.targets == 1), 0.9, 0.5)
    assert in_words(outputs, sequence, "xor").startswith("It has learned part of the rule.")


def test_the_sentence_gives_the_numbers_of_the_tables():
    outputs, sequence = two_triples()
    numbers = re.findall(r"\d[\d.]*\d%?", in_words(outputs, sequence, "xor"))
    # At the XOR bit; right there; at the other two bits (0.445 and 0.305); their floor.
    assert numbers == ["0.050", "100%", "0.375", "0.250"]
