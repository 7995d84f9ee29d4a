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
from elman.tasks import TASKS, new_sequence, ngrams, reber, task_of, training_sequence, words

LETTERS = TASKS["letters"]


def some_answers(task, *, seed=0, length=60):
    sequence = training_sequence(Experiment(task=task, length=length))
    outputs = np.random.default_rng(seed).uniform(size=sequence.targets.shape)
    return Answers(outputs, sequence, TASKS[task])


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
    assert table["rms_floor"].tolist() == table["rate_floor"].tolist() == [0.5, 0.0, 0.5]
    assert errors.accuracy(two_triples()) == pytest.approx((3 / 6, 2 / 2, 2 / 3))


def test_outputs_with_their_sequence_and_task_are_answers_as_well():
    """As exported scripts and notebooks give them."""
    answers = two_triples()
    parts = answers.outputs, answers.sequence, answers.task
    pd.testing.assert_frame_equal(errors.by_position(*parts), errors.by_position(answers))
    for part in (parts[:1], parts[:2]):
        with pytest.raises(TypeError, match="outputs with their sequence and task"):
            errors.by_position(*part)
    shape = r"^outputs: allowed is an array of shape \(6, 1\).*\(5, 1"
    for taker in (Answers, errors.by_position):
        with pytest.raises(ValueError, match=shape):
            taker(answers.outputs[:5], *parts[1:])


def test_one_wrong_feature_makes_a_step_wrong_and_its_answer_no_letter():
    sequence = training_sequence(Experiment(task="letters", length=60))
    right = sequence.targets * 0.8 + 0.1
    right[7, 2] = 1.0 - right[7, 2]
    answers, wrong = Answers(right, sequence, LETTERS), np.arange(len(sequence)) == 7
    assert errors.accuracy(answers).everywhere == pytest.approx(1 - wrong.mean())
    by_feature = errors.by_feature(answers).set_index("feature")
    rates = dict.fromkeys(LETTERS.features, 0.0) | {"Interrupted": pytest.approx(wrong.mean())}
    assert by_feature["rate"].to_dict() == rates
    np.testing.assert_allclose(by_feature["squared"].drop("Interrupted"), 0.01)
    table = errors.predictions(answers, 10)
    letters = [LETTERS.symbols[s] for s in sequence.symbols[1:11]]
    assert table["expected"].tolist() == letters
    assert table["rounded"].tolist() == [*letters[:7], "?", *letters[8:]]
    assert table["match"].tolist() == (~wrong[:10]).tolist()
    np.testing.assert_allclose(table[list(LETTERS.features)], right[:10])


def test_a_cycle_averages_whole_windows_and_ends_with_the_sequence():
    answers = two_triples()
    by_position, by_cycle = errors.by_position(answers), errors.by_cycle(answers, 3)
    columns = errors.WITH_FLOORS
    np.testing.assert_allclose(by_cycle[columns], by_position[columns])
    assert by_cycle["predictable"].tolist() == [False, True, False]
    by_step = [0.25, 0.01, 0.36, 0.64, 0.09, 0.25]
    for cycle, steps in ((4, 4), (12, 6)):
        table = errors.by_cycle(answers, cycle)
        np.testing.assert_allclose(table["squared"], by_step[:steps])
        assert table["step"].tolist() == list(range(1, steps + 1))


def test_steps_and_predictions_as_worked_out_by_hand():
    table = errors.by_step(two_triples(), 4)
    assert "".join(table["input"]) == "0111"
    assert "".join(table["expected"]) == "1111"
    np.testing.assert_allclose(table["rms"], [0.5, 0.1, 0.6, 0.8])
    assert table["rate"].tolist() == [0, 0, 1, 1]
    assert table["rate_floor"].tolist() == [0.5, 0, 0.5, 0.5]
    assert errors.predictions(two_triples(), 100).to_dict("list") == {
        "step": [1, 2, 3, 4, 5, 6],
        "input": [*"011110"],
        "output": [0.5, 0.9, 0.4, 0.2, 0.3, 0.5],
        "rounded": [*"110001"],
        "expected": [*"111100"],
        "match": [True, True, False, False, True, False],
        "predictable": [False, True, False] * 2,
    }


def test_errors_of_features_step_by_step_and_apart_for_vowels_and_consonants():
    """Elman (1990, p. 189): which consonant comes is random, that one comes is not, so that only
    High and Back are open there, at two ninths."""
    answers = some_answers("letters")
    sequence, squared = answers.sequence, (answers.outputs - answers.sequence.targets) ** 2
    long = errors.features_by_step(answers, 20)
    assert long["feature"].tolist() == list(LETTERS.features) * 20
    assert long["step"].tolist() == np.repeat(range(1, 21), 6).tolist()
    np.testing.assert_allclose(long["squared"], squared[:20].ravel())
    np.testing.assert_allclose(long["rms"] ** 2, long["squared"])
    assert long["expected"][::6].tolist() == [LETTERS.symbols[s] for s in sequence.symbols[1:21]]
    table, consonant_next = errors.by_feature(answers), sequence.targets[:, 0] == 1
    assert table["feature"].tolist() == list(LETTERS.features)
    parts = {"": slice(None), "_open": consonant_next, "_predictable": ~consonant_next}
    for part, steps in parts.items():
        np.testing.assert_allclose(table[f"squared{part}"], squared[steps].mean(axis=0))
    floors = np.array([2 / 9 * (name in ("High", "Back")) for name in LETTERS.features])
    np.testing.assert_allclose(table["squared_open_floor"], floors, atol=1e-12)
    share = (sequence.position == 0).mean()
    np.testing.assert_allclose(table["squared_floor"], floors * share, atol=1e-12)
    assert table.set_index("feature")["rate_floor"]["High"] == pytest.approx(share / 3)


@pytest.mark.parametrize(("task", "squared", "rates"), [
    ("xor", [0.25, 0, 0.25], [0.5, 0, 0.5]),
    ("letters", [2 * (2 / 9) / 6, 0, 0, 0], [2 / 3, 0, 0, 0]),
    # At a fork of its grammar every second answer is right at best.
    ("reber", None, [0.5 * (name not in "BE") for name in TASKS["reber"].positions]),
    ("sentences", None, None),
])  # fmt: skip
def test_the_ideal_answers_come_as_close_to_the_floors_as_3000_steps_allow(task, squared, rates):
    answers = ideal(sequence := new_sequence(Experiment(task=task)), task)
    table, right = errors.by_position(answers), errors.accuracy(answers)
    if squared:
        np.testing.assert_allclose(table["squared_floor"], squared, atol=1e-12)
        # A fair coin's is always a quarter, so Figure 3 cannot show the root, which is 0.5.
        # Of 999 syllables the standard error is 0.0017 for squared errors, and 0.015 for rates.
        close = 0.006 if task == "letters" else 0
        np.testing.assert_allclose(table["squared"], squared, rtol=0, atol=close)
        np.testing.assert_allclose(table["rate"], rates, atol=0.05)
    if rates:
        np.testing.assert_allclose(table["rate_floor"], rates, atol=1e-12)
    floor = (table["rate_floor"] * table["steps"]).sum() / len(sequence)
    assert floor == pytest.approx(1 - right.ceiling)
    assert right.everywhere == pytest.approx(right.ceiling, abs=0.02)
    assert right.where_certain in (1.0, None)


@pytest.mark.parametrize("task", TASKS)
@given(seed=st.integers(0, 2**32 - 1), length=st.integers(60, 150))
@settings(max_examples=10)
def test_every_table_averages_the_same_errors(task, seed, length):
    tested = some_answers(task, seed=seed, length=length)
    sequence = tested.sequence
    loss = float(((tested.outputs - sequence.targets) ** 2).mean())
    both = pytest.approx((loss, 1 - errors.accuracy(tested).everywhere), abs=1e-12)
    columns = ["squared", "rate"]
    tables = [errors.by_position(tested), errors.by_step(tested, length)]
    assert (tables[0]["steps"] / len(sequence) @ tables[0][columns]).tolist() == both
    assert tables[1][columns].mean().tolist() == both
    assert errors.against_ngrams(tested, sequence).loc[0, columns].tolist() == both
    if tested.task.has_features:
        tables.append(errors.by_feature(tested))
        assert tables[-1]["squared"].mean() == pytest.approx(loss)
    for table in tables:
        np.testing.assert_allclose(table["rms"] ** 2, table["squared"])


def test_an_answer_to_one_hot_codes_is_the_largest_output():
    """Below one half, too: rounded, every one of these answers would be no letter at all."""
    sequence, task = reber.from_strings(["BTXSE"]), TASKS["reber"]
    outputs = np.full(sequence.targets.shape, 0.01)
    answered = [task.symbols.index(letter) for letter in "TPSEV"]
    outputs[range(5), answered] = [0.4, 0.3, 0.2, 0.45, 0.1]
    answers = Answers(outputs, sequence, task)
    assert errors.wrong(answers).tolist() == [False, True, False, False, True]
    # Before S or X and before T or P the likeliest has a likelihood of one half.
    assert errors.accuracy(answers) == (3 / 5, 1 / 2, pytest.approx(3.5 / 5))
    assert errors.predictions(answers, 100).to_dict("list") == {
        "step": [1, 2, 3, 4, 5],
        "input": [*"BTXSE"],
        "answer": [*"TPSEV"],
        "answer_output": [0.4, 0.3, 0.2, 0.45, 0.1],
        "expected": [*"TXSEB"],
        "expected_output": [0.4, 0.01, 0.2, 0.45, 0.01],
        "match": [True, False, True, True, False],
        "predictable": [False, False, False, True, True],
    }


# Without a rule, and beside n-grams


def test_where_nobody_knows_the_rule_there_is_no_floor_and_no_ceiling():
    answers = some_answers("own")
    assert errors.accuracy(answers)[1:] == (None, None)
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
    answers = Answers(np.full(sequence.targets.shape, 0.6), sequence, task)
    table = errors.against_ngrams(answers, training).set_index("predictor")
    wanted = {"network": 0.26, "best memoryless guess": 0.25, "bigram": 0.0, "trigram": 0.0}
    assert table["squared"].to_dict() == pytest.approx(wanted)
    assert table["rate"]["bigram"] == 0.0


def test_the_bigram_beside_each_position_is_counted_in_training():
    experiment = Experiment(task="letters", length=600)
    training, sequence = training_sequence(experiment), new_sequence(experiment)
    table = errors.by_position_with_bigram(ideal(sequence, "letters"), training)
    bigram = Answers(ngrams.answers(2, training, sequence), sequence, LETTERS)
    wanted = errors.by_position(bigram)["squared"]
    np.testing.assert_array_equal(table["squared_bigram"], wanted)
    # After b comes a, after d comes i: a first vowel needs no more than the last letter.
    assert table.set_index("position")["squared_bigram"]["1st vowel"] == 0.0


@pytest.mark.parametrize("make", [
    lambda tested: errors.by_step(tested, 20),
    lambda tested: errors.by_cycle(tested, 12),
    errors.by_feature,
    lambda tested: errors.features_by_step(tested, 20),
    lambda tested: errors.by_position_with_bigram(tested, tested.sequence),
])  # fmt: skip
def test_the_errors_of_pinned_runs_stand_beside_those_of_this_one(make):
    sequence = new_sequence(Experiment(task="letters", length=60))
    half = Answers(np.full_like(sequence.ideal, 0.5), sequence, LETTERS)
    own = with_states(np.zeros((len(sequence), 1)), sequence, LETTERS)
    both = replace(own, pinned={1: half, 3: own})
    table, alone, wanted = make(both), make(own), make(half)
    pd.testing.assert_frame_equal(table[alone.columns], alone)
    for measure in errors.MEASURES:
        np.testing.assert_array_equal(table[f"{measure}_pinned1"], wanted[measure])
        np.testing.assert_array_equal(table[f"{measure}_pinned3"], alone[measure])
    beside = errors.against_ngrams(both, sequence).set_index("predictor")["squared"]
    assert beside.iloc[:3].to_dict() == {"network": 0.0, "pinned 1": 0.25, "pinned 3": 0.0}


def test_places_in_the_words_of_the_papers_passage():
    """many years ago | a | boy ...: 14 words, "a" with one letter and "by" without a middle."""
    passage = words.paper_passage()
    outputs = np.zeros(passage.targets.shape)
    # Step 12 predicts the b of "boy", which is a first letter.
    outputs[12] = 1.0
    answers = Answers(outputs, passage, TASKS["words"])
    table = errors.by_place_in_word(answers).set_index("part")
    spelled = words.PAPER_PASSAGE.split()
    between = sum(map(len, spelled)) - 28 + 1
    assert table["steps"].to_dict() == {
        "first letter of a word": 14, "letter in between": between, "last letter of a word": 14
    }  # fmt: skip
    # Codes have 5 bits: the mean share of ones among the letters that end words.
    ones = [f"{ord(word[-1]) - 96:05b}".count("1") / 5 for word in spelled]
    assert table["squared"]["last letter of a word"] == pytest.approx(np.mean(ones))
    assert table["squared_floor"]["last letter of a word"] <= 0.25


def test_a_part_without_steps_is_left_out():
    answers, nothing = two_triples(), np.zeros(6, dtype=bool)
    table = errors.by_part(answers, {"none": nothing, "all": ~nothing})
    assert table["part"].tolist() == ["all"]
    assert table["squared"][0] == pytest.approx(errors.squared_errors(answers).mean())
