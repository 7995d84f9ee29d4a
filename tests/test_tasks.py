"""The sequences of all tasks; those of XOR and letters against independent ways to check them."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import drawn, places, read

from elman import Experiment, tasks
from elman.tasks import TASKS, letters, new_sequence, preset, training_sequence, xor

BOTH = ("xor", "letters")
lengths = st.integers(4, 400)
seeds = st.integers(0, 2**32 - 1)


@given(lengths, seeds)
def test_xor_is_whole_triples_whose_third_bit_is_odd_parity(length, seed):
    """A fair bit costs 0.25 and the XOR bit nothing."""
    sequence = drawn(xor, length, seed)
    triples = length // 3
    assert not (sequence.symbols.reshape(triples, 3).sum(axis=1) % 2).any()
    assert {*sequence.symbols} <= {0, 1}
    np.testing.assert_array_equal(sequence.inputs, sequence.symbols[:, np.newaxis])
    place = np.tile([0, 1, 2], triples)
    np.testing.assert_array_equal(sequence.group_starts, place == 0)
    np.testing.assert_array_equal(sequence.position, place)
    np.testing.assert_array_equal(sequence.predictable, place == 1)
    certain = place[:, np.newaxis] == 1
    np.testing.assert_array_equal(sequence.ideal, np.where(certain, sequence.targets, 0.5))
    np.testing.assert_array_equal(sequence.floor.ravel(), [0.25, 0, 0.25] * triples)
    np.testing.assert_array_equal(sequence.rate_floor, [0.5, 0, 0.5] * triples)


@given(lengths, seeds)
def test_letters_are_whole_syllables(length, seed):
    """Of a consonant only High and Back are open, at one in three each, and rounded to "no" they
    are right for b alone."""
    sequence = drawn(letters, length, seed)
    written = "".join(read(sequence, letters.LETTERS))
    assert re.fullmatch("(ba|dii|guuu)+", written)
    assert length - 4 < len(sequence) <= length
    starts = {match.start() for match in re.finditer("[bdg]", written)}
    assert {*np.flatnonzero(sequence.group_starts)} == starts
    open_ = np.isin([*written[1:], written[0]], [*"bdg"])[:, np.newaxis]
    np.testing.assert_array_equal(sequence.predictable, ~open_.ravel())
    mean = np.array([1, 0, 1, 1 / 3, 1 / 3, 1])
    np.testing.assert_allclose(sequence.ideal, np.where(open_, mean, sequence.targets))
    np.testing.assert_allclose(sequence.floor, np.where(open_, mean * (1 - mean), 0), atol=1e-12)
    np.testing.assert_allclose(sequence.rate_floor, np.where(open_.ravel(), 2 / 3, 0))


def test_letter_codes_are_table_1():
    """Consonant Vowel Interrupted High Back Voiced (Elman 1990, p. 188)."""
    table = {
        "b": "101001", "d": "101101", "g": "101011",
        "a": "010011", "i": "010101", "u": "010111",
    }  # fmt: skip
    assert letters.FEATURES == ("Consonant", "Vowel", "Interrupted", "High", "Back", "Voiced")
    codes = ["".join(map(str, row)) for row in letters.CODES.astype(int)]
    assert dict(zip(letters.LETTERS, codes, strict=True)) == table


def choices(task, sequence):
    """The free choices of a sequence: the first two bits of a triple, or the consonant."""
    if task == "xor":
        return sequence.symbols.reshape(-1, 3)[:, :2] @ [2, 1]
    return sequence.symbols[sequence.group_starts]


@pytest.mark.parametrize("task", TASKS)
@given(length=st.integers(60, 400), seed=seeds)
@settings(max_examples=30)
def test_a_target_is_the_next_input_and_the_last_one_s_is_the_first(task, length, seed):
    sequence = training_sequence(Experiment(task=task, length=length, data_seed=seed))
    np.testing.assert_array_equal(sequence.targets[:-1], sequence.inputs[1:])
    np.testing.assert_array_equal(sequence.targets[-1], sequence.inputs[0])
    np.testing.assert_array_equal(sequence.inputs, TASKS[task].codes[sequence.symbols])
    for array in (sequence.group_starts, sequence.position, sequence.ideal, sequence.rate_floor):
        assert len(array) == len(sequence)
    if task in ("letters", "words", "sentences"):
        # The position is the place, in its group, of what is predicted.
        placed = places(sequence, TASKS[task].symbols)
        np.testing.assert_array_equal(sequence.position, placed)


@pytest.mark.parametrize("task", BOTH)
def test_a_sequence_depends_on_its_data_seed_and_a_new_one_on_no_length(task):
    experiment = Experiment(task=task, length=300)
    made = new_sequence(experiment)
    assert tasks.TEST_STEPS - 4 < len(made) <= tasks.TEST_STEPS
    for make in (training_sequence, new_sequence):
        one, other = (make(experiment.replace(data_seed=seed)).symbols[:100] for seed in (42, 43))
        assert not np.array_equal(one, other)
    for length in (4, 50, 7000):
        again = new_sequence(experiment.replace(length=length))
        np.testing.assert_array_equal(again.symbols, made.symbols)


@pytest.mark.parametrize("task", BOTH)
@pytest.mark.parametrize("data_seed", [0, 42])
def test_choices_are_fair_and_the_new_sequence_is_no_shifted_copy(task, data_seed):
    """Free choices (first two bits, consonants) are as frequent as each other, and laid over each
    other at every shift agree no more often than chance: by 5 standard errors more at most."""
    experiment = Experiment(task=task, data_seed=data_seed, length=30_000)
    made = training_sequence(experiment), new_sequence(experiment)
    old, new = (choices(task, sequence) for sequence in made)
    counts = np.unique(old, return_counts=True)[1]
    chance, count = 1 / len(counts), min(len(old), len(new))
    assert np.abs(counts / len(old) - chance).max() < 5 * np.sqrt(chance * (1 - chance) / len(old))
    agreement = [(np.roll(old[:count], shift) == new[:count]).mean() for shift in range(count)]
    assert max(agreement) < chance + 5 * np.sqrt(chance * (1 - chance) / count)


UNBROKEN = {"reset": "never", "context_start": 0.5}
PAPER = dict.fromkeys(TASKS, UNBROKEN)
PAPER |= {"xor": UNBROKEN | {"hidden": 2}, "reber": {"hidden": 3, "reset": "group"}}


@pytest.mark.parametrize("task", TASKS)
def test_presets_are_experiments_of_their_task(task):
    assert preset(task, "textbook") == Experiment(task=task)
    assert preset(task, "paper") == Experiment(task=task, **PAPER[task])
    with pytest.raises(ValueError, match=r"^preset: allowed is one of textbook, paper; 'other' w"):
        preset(task, "other")


@pytest.mark.parametrize("task", TASKS)
def test_a_task_names_everything_it_numbers(task):
    described = TASKS[task]
    sequence = training_sequence(Experiment(task=task))
    assert described.name == task
    assert described.codes.shape == (len(described.symbols), len(described.features))
    # Two of the 31 words are kept for words that training does not have.
    used = len(described.symbols) - 2 * (task == "sentences")
    assert {*sequence.symbols} == {*range(used)}
    assert {*sequence.position} == {*range(len(described.positions))}
    kinds = {"xor": "one_bit", "letters": "has_features", "words": "has_features"}
    for kind in ("one_bit", "has_features", "one_hot"):
        assert getattr(described, kind) == (kinds.get(task, "one_hot") == kind)


SHOWN = {
    ("words", "codes", "random"): lambda task: list(task.codes[0]) != [0, 0, 0, 0, 1],
    ("reber", "grammar", "embedded"): lambda task: "inner B" in task.positions,
    ("own", "text", "abababab"): lambda task: task.symbols == ("a", "b"),
    ("own", "group_length", 3): lambda task: len(task.positions) == 3,
    ("own", "boundary", "space"): lambda task: task.positions[0] == "1st",
}


@pytest.mark.parametrize(("task", "option", "value"), SHOWN)
def test_the_options_of_an_experiment_reach_its_task_and_sequences(task, option, value):
    shown, changed = SHOWN[task, option, value], Experiment(task=task, **{option: value})
    described = tasks.task_of(changed)
    assert shown(described)
    assert not shown(TASKS[task])
    for make in (training_sequence, new_sequence):
        sequence = make(changed)
        np.testing.assert_array_equal(sequence.inputs, described.codes[sequence.symbols])
        assert sequence.position.max() < len(described.positions)
