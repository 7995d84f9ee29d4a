"""Errors of a tested network by position, feature and step, and their floors."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hand_made import ideal, two_triples, with_states
from hypothesis import given, settings
from hypothesis import strategies as st

from elman import Experiment
from elman.analysis import errors
from elman.analysis.replay import Answers
from elman.tasks import TASKS, Sequence, new_sequence, task_of, training_sequence, words

XOR, LETTERS, SENTENCES = TASKS["xor"], TASKS["letters"], TASKS["sentences"]


def some_answers(task, *, seed=0, length=60):
    sequence = training_sequence(Experiment(task=task, length=length))
    rng = np.random.default_rng(seed)
    return Answers(rng.uniform(size=sequence.targets.shape), sequence, TASKS[task])


def test_by_position_as_worked_out_by_hand():
    table = errors.by_position(two_triples())
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
    right = errors.accuracy(two_triples())
    assert right.everywhere == 3 / 6
    assert right.where_certain == 2 / 2
    assert right.ceiling == pytest.approx(2 / 3)


def test_one_wrong_feature_makes_a_step_wrong():
    sequence = training_sequence(Experiment(task="letters", length=60))
    outputs = sequence.targets.copy()
    outputs[7, 2] = 1.0 - outputs[7, 2]
    steps = len(sequence)
    answers = Answers(outputs, sequence, LETTERS)
    assert errors.accuracy(answers).everywhere == pytest.approx(1 - 1 / steps)
    by_feature = errors.by_feature(answers).set_index("feature")
    assert by_feature["rate"]["Interrupted"] == pytest.approx(1 / steps)
    assert by_feature["squared"].drop("Interrupted").eq(0).all()


def test_a_cycle_of_one_group_has_the_errors_by_position():
    answers = two_triples()
    by_position, by_cycle = errors.by_position(answers), errors.by_cycle(answers, 3)
    for measure in errors.MEASURES:
        for column in (measure, f"{measure}_floor"):
            np.testing.assert_allclose(by_cycle[column], by_position[column])
    assert by_cycle["predictable"].tolist() == [False, True, False]


def test_a_cycle_leaves_out_the_steps_after_its_last_whole_window():
    by_cycle = errors.by_cycle(two_triples(), 4)
    np.testing.assert_allclose(by_cycle["squared"], [0.25, 0.01, 0.36, 0.64])
    assert by_cycle["step"].tolist() == [1, 2, 3, 4]


def test_a_cycle_longer_than_the_sequence_ends_with_it():
    by_cycle = errors.by_cycle(two_triples(), 12)
    np.testing.assert_allclose(by_cycle["squared"], [0.25, 0.01, 0.36, 0.64, 0.09, 0.25])


def test_by_step_gives_each_step_with_the_symbol_it_should_predict():
    table = errors.by_step(two_triples(), 4)
    assert table["input"].tolist() == ["0", "1", "1", "1"]
    assert table["expected"].tolist() == ["1", "1", "1", "1"]
    np.testing.assert_allclose(table["squared"], [0.25, 0.01, 0.36, 0.64])
    np.testing.assert_allclose(table["rms"], [0.5, 0.1, 0.6, 0.8])
    assert table["rate"].tolist() == [0, 0, 1, 1]
    assert table["rate_floor"].tolist() == [0.5, 0, 0.5, 0.5]


def test_predictions_as_worked_out_by_hand():
    table = errors.predictions(two_triples(), 100)
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
    table = errors.predictions(Answers(outputs, sequence, LETTERS), 10)
    letters = [LETTERS.symbols[s] for s in sequence.symbols[1:11]]
    assert table["expected"].tolist() == letters
    assert table["rounded"].tolist() == [letters[0], "?", *letters[2:]]
    assert table["match"].tolist() == [True, False, *[True] * 8]
    np.testing.assert_allclose(table[list(LETTERS.features)], outputs[:10])


def test_features_by_step_puts_every_error_at_its_step_and_feature():
    answers = some_answers("letters")
    outputs, sequence = answers.outputs, answers.sequence
    table = errors.features_by_step(answers, 20)
    assert len(table) == 20 * 6
    for step in (1, 8, 20):
        for place, feature in enumerate(LETTERS.features):
            row = table[(table["step"] == step) & (table["feature"] == feature)].iloc[0]
            error = (outputs[step - 1, place] - sequence.targets[step - 1, place]) ** 2
            assert row["squared"] == pytest.approx(error)
            assert row["rms"] == pytest.approx(error**0.5)
            assert row["expected"] == LETTERS.symbols[sequence.symbols[step]]


def test_by_feature_separates_vowels_from_consonants():
    answers = some_answers("letters")
    outputs, sequence = answers.outputs, answers.sequence
    table = errors.by_feature(answers)
    squared = (outputs - sequence.targets) ** 2
    consonant_next = sequence.targets[:, 0] == 1
    assert table["feature"].tolist() == list(LETTERS.features)
    np.testing.assert_allclose(table["squared"], squared.mean(axis=0))
    np.testing.assert_allclose(table["squared_open"], squared[consonant_next].mean(axis=0))
    np.testing.assert_allclose(table["squared_predictable"], squared[~consonant_next].mean(axis=0))


def test_only_high_and_back_are_open_at_a_consonant_at_two_ninths():
    """Elman (1990, p. 189): which consonant comes is random, that one comes is not."""
    answers = some_answers("letters")
    table = errors.by_feature(answers).set_index("feature")
    floors = dict.fromkeys(LETTERS.features, 0.0) | {"High": 2 / 9, "Back": 2 / 9}
    assert table["squared_open_floor"].to_dict() == pytest.approx(floors)
    share = (answers.sequence.position == 0).mean()
    assert table["squared_floor"].to_dict() == pytest.approx(
        {name: floor * share for name, floor in floors.items()}
    )
    assert table["rate_floor"]["High"] == pytest.approx(share / 3)


def test_the_ideal_answers_reach_the_floors_of_xor_exactly():
    sequence = new_sequence(Experiment(task="xor"))
    table = errors.by_position(ideal(sequence, "xor"))
    assert table["squared"].tolist() == table["squared_floor"].tolist() == [0.25, 0.0, 0.25]
    # A fair coin's root mean squared error is 0.5 at best, so Figure 3 cannot show it.
    assert table["rms"].tolist() == [0.5, 0.0, 0.5]
    np.testing.assert_allclose(table["rate"], table["rate_floor"], atol=0.05)


def test_the_ideal_answers_come_close_to_the_floors_of_the_letters():
    """999 syllables: a standard error of 0.0017 for squared errors, and of 0.015 for rates."""
    sequence = new_sequence(Experiment(task="letters"))
    table = errors.by_position(ideal(sequence, "letters"))
    np.testing.assert_allclose(table["squared_floor"], [2 * (2 / 9) / 6, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(table["squared"], table["squared_floor"], atol=0.006)
    np.testing.assert_allclose(table["rate_floor"], [2 / 3, 0, 0, 0])
    np.testing.assert_allclose(table["rate"], table["rate_floor"], atol=0.05)
    right = errors.accuracy(ideal(sequence, "letters"))
    assert right.where_certain == 1.0
    assert right.everywhere == pytest.approx(right.ceiling, abs=0.02)


@pytest.mark.parametrize("task", TASKS)
@given(seed=st.integers(0, 2**32 - 1), length=st.integers(60, 150))
@settings(max_examples=30)
def test_every_table_averages_the_same_errors(task, seed, length):
    tested = some_answers(task, seed=seed, length=length)
    sequence = tested.sequence
    loss = float(((tested.outputs - sequence.targets) ** 2).mean())
    wrong = 1 - errors.accuracy(tested).everywhere
    by_position = errors.by_position(tested)
    shares = by_position["steps"] / len(sequence)
    assert (by_position["squared"] * shares).sum() == pytest.approx(loss)
    assert (by_position["rate"] * shares).sum() == pytest.approx(wrong, abs=1e-12)
    by_step = errors.by_step(tested, length)
    assert by_step["squared"].mean() == pytest.approx(loss)
    assert by_step["rate"].mean() == pytest.approx(wrong, abs=1e-12)
    network = errors.against_ngrams(tested, sequence).iloc[0]
    assert (network["squared"], network["rate"]) == pytest.approx((loss, wrong), abs=1e-12)
    tables = [by_position, by_step]
    if tested.task.has_features:
        tables.append(errors.by_feature(tested))
        assert tables[-1]["squared"].mean() == pytest.approx(loss)
    for table in tables:
        np.testing.assert_allclose(table["rms"] ** 2, table["squared"])


# Answers to one-hot codes


def three_sentences():
    """Two sentences and the answers of an imagined network: word after word and its output."""
    words = ["cat", "eat", "bread", "man", "think"]
    symbols = np.array([SENTENCES.symbols.index(word) for word in words])
    likelihoods = np.zeros((5, len(SENTENCES.symbols)))
    likelihoods[:, :5] = [0.5, 0.25, 0.25, 0, 0]
    likelihoods[0] = np.roll(likelihoods[0], 7)
    sequence = Sequence(
        symbols=symbols,
        inputs=SENTENCES.codes[symbols],
        targets=SENTENCES.codes[np.roll(symbols, -1)],
        group_starts=np.array([1, 0, 0, 1, 0], dtype=bool),
        position=np.array([1, 2, 0, 1, 0]),
        ideal=likelihoods,
        rate_floor=np.ones(5),
    )
    outputs = np.full(sequence.targets.shape, 0.01)
    for step, (word, value) in enumerate(
        [("eat", 0.4), ("dog", 0.3), ("man", 0.2), ("see", 0.45), ("cat", 0.1)]
    ):
        outputs[step, SENTENCES.symbols.index(word)] = value
    return Answers(outputs, sequence, SENTENCES)


def test_an_answer_to_one_hot_codes_is_the_largest_output():
    """Below one half, too: rounded, every one of these answers would be no word at all."""
    answers = three_sentences()
    assert errors.wrong(answers).tolist() == [False, True, False, True, False]
    right = errors.accuracy(answers)
    assert right.everywhere == 3 / 5
    # The likeliest word has a likelihood of one half; no word is certain.
    assert right.ceiling == 0.5
    assert right.where_certain is None


def test_predictions_of_one_hot_codes_name_answer_and_expectation_with_their_outputs():
    table = errors.predictions(three_sentences(), 100)
    assert table.columns.tolist() == [
        "step", "input", "answer", "answer_output", "expected", "expected_output", "match",
    ]  # fmt: skip
    assert table["input"].tolist() == ["cat", "eat", "bread", "man", "think"]
    assert table["answer"].tolist() == ["eat", "dog", "man", "see", "cat"]
    assert table["answer_output"].tolist() == [0.4, 0.3, 0.2, 0.45, 0.1]
    assert table["expected"].tolist() == ["eat", "bread", "man", "think", "cat"]
    assert table["expected_output"].tolist() == [0.4, 0.01, 0.2, 0.01, 0.1]
    assert table["match"].tolist() == [True, False, True, False, True]


@pytest.mark.parametrize("task", ["sentences", "reber"])
def test_the_ceiling_is_how_often_the_likeliest_symbol_comes(task):
    """Of the ideal predictor on 3,000 steps, within five standard errors (0.046 at most)."""
    sequence = new_sequence(Experiment(task=task))
    right = errors.accuracy(ideal(sequence, task))
    spread = sequence.ideal.max(axis=1) * (1 - sequence.ideal.max(axis=1))
    assert right.everywhere == pytest.approx(
        right.ceiling, abs=5 * np.sqrt(spread.sum()) / len(sequence)
    )
    table = errors.by_position(ideal(sequence, task))
    np.testing.assert_allclose(
        (table["rate_floor"] * table["steps"]).sum() / len(sequence), 1 - right.ceiling
    )


def test_at_a_fork_of_the_reber_grammar_every_second_answer_is_right_at_best():
    sequence = new_sequence(Experiment(task="reber"))
    table = errors.by_position(ideal(sequence, "reber")).set_index("position")
    assert table["rate_floor"].to_dict() == {
        name: 0.0 if name in "BE" else 0.5 for name in TASKS["reber"].positions
    }


# Without a rule, and beside n-grams


def test_where_nobody_knows_the_rule_there_is_no_floor_and_no_ceiling():
    answers = some_answers("own")
    right = errors.accuracy(answers)
    assert right.where_certain is None
    assert right.ceiling is None
    table = errors.by_position(answers)
    assert table[["squared_floor", "rms_floor", "rate_floor"]].isna().all(axis=None)
    assert table[["squared", "rms", "rate"]].notna().all(axis=None)
    assert "predictable" not in errors.predictions(answers, 5)
    beside = errors.against_ngrams(answers, answers.sequence)
    assert "floor" not in beside["predictor"].tolist()


def test_n_grams_beside_the_network_as_worked_out_by_hand():
    """abababab...: without memory each letter has probability one half, and its two outputs a
    squared error of 0.25; the last letter tells the next."""
    task = task_of(alternating := Experiment(task="own", text="ab" * 30))
    training, sequence = training_sequence(alternating), new_sequence(alternating)
    outputs = np.full(sequence.targets.shape, 0.6)
    table = errors.against_ngrams(Answers(outputs, sequence, task), training).set_index("predictor")
    assert table["squared"].to_dict() == pytest.approx(
        {"network": 0.26, "best memoryless guess": 0.25, "bigram": 0.0, "trigram": 0.0}
    )
    assert table["rate"]["bigram"] == 0.0


def test_the_bigram_beside_each_position_is_counted_in_training():
    experiment = Experiment(task="letters", length=600)
    training, sequence = training_sequence(experiment), new_sequence(experiment)
    table = errors.by_position_with_bigram(ideal(sequence, "letters"), training).set_index(
        "position"
    )
    # After b comes a, after d comes i: a first vowel needs no more than the last letter.
    assert table["squared_bigram"]["1st vowel"] == 0.0
    # After i and u another vowel or any consonant may come.
    assert table["squared_bigram"]["2nd vowel"] > 0.01
    follow_a = training.targets[training.symbols == 3].mean(axis=0)
    after_a = sequence.targets[(sequence.symbols == 3) & (sequence.position == 0)]
    assert ((after_a - follow_a) ** 2).mean() < table["squared_bigram"]["consonant"]


def test_the_errors_of_another_run_stand_beside_those_of_this_one():
    sequence = new_sequence(Experiment(task="letters", length=60))
    half = Answers(np.full_like(sequence.ideal, 0.5), sequence, LETTERS)
    own = replace(
        with_states(np.zeros((len(sequence), 1)), sequence, LETTERS), outputs=sequence.ideal
    )
    both = replace(own, pinned=half)
    tables = {
        "step": lambda tested: errors.by_step(tested, 20),
        "cycle": lambda tested: errors.by_cycle(tested, 12),
        "feature": errors.by_feature,
        "features": lambda tested: errors.features_by_step(tested, 20),
        "position": lambda tested: errors.by_position_with_bigram(tested, sequence),
    }
    for make in tables.values():
        table, alone = make(both), make(own)
        pd.testing.assert_frame_equal(table[alone.columns], alone)
        # Of a bit 0.5 is always off by a half.
        assert (table["squared_pinned"] == 0.25).all()
        assert (table["rms_pinned"] == 0.5).all()
        wanted = make(half)
        np.testing.assert_array_equal(table["rate_pinned"], wanted["rate"])
    rows = errors.against_ngrams(both, sequence).set_index("predictor")["squared"]
    assert rows["pinned run"] == 0.25


def test_places_in_the_words_of_the_papers_passage():
    """many years ago | a | boy ...: 14 words, "a" with one letter and "by" without a middle."""
    passage = words.paper_passage()
    outputs = np.zeros(passage.targets.shape)
    outputs[12] = 1.0
    table = errors.by_place_in_word(Answers(outputs, passage, TASKS["words"])).set_index("part")
    letters_of = [len(word) for word in words.PAPER_PASSAGE.split()]
    assert table["steps"].to_dict() == {
        "first letter of a word": 14,
        "letter in between": sum(letters_of) - 28 + 1,
        "last letter of a word": 14,
    }
    # Codes have 5 bits: the mean share of ones among the letters that end words.
    ends = [word[-1] for word in words.PAPER_PASSAGE.split()]
    ones = [f"{ord(letter) - 96:05b}".count("1") / 5 for letter in ends]
    # Step 12 predicts the b of "boy", which is a first letter.
    assert table["squared"]["last letter of a word"] == pytest.approx(np.mean(ones))
    assert table["squared_floor"]["last letter of a word"] <= 0.25


def test_a_part_without_steps_is_left_out():
    answers = two_triples()
    nothing = np.zeros(6, dtype=bool)
    table = errors.by_part(answers, {"none": nothing, "all": ~nothing})
    assert table["part"].tolist() == ["all"]
    assert table["squared"][0] == pytest.approx(errors.squared_errors(answers).mean())
