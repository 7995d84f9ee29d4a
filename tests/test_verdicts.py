"""What the errors of a tested network say in words."""

import re

import numpy as np
import pandas as pd
import pytest
from hand_made import two_triples

from elman import Experiment, shipped
from elman.analysis import verdicts
from elman.analysis.replay import Answers, replay
from elman.tasks import TASKS, new_sequence, ngrams, training_sequence


def in_words(outputs, sequence, task, training=None):
    answers = Answers(outputs, sequence, TASKS[task])
    return verdicts.describe_result(answers, training or sequence)


@pytest.mark.parametrize("task", [task for task in TASKS if task != "own"])
def test_the_ideal_answers_have_learned_the_rule_and_a_guess_without_memory_has_not(task):
    experiment = Experiment(task=task)
    training, sequence = training_sequence(experiment), new_sequence(experiment)
    # Of sentences nothing is certain.
    if task != "sentences":
        assert in_words(sequence.ideal, sequence, task).startswith("It has learned the rule.")
    guesses = [ngrams.answers(1, training, sequence)]
    if task in ("xor", "letters"):
        guesses += [np.full_like(guesses[0], 0.5)]
        guesses += [np.broadcast_to(sequence.targets.mean(axis=0), guesses[0].shape)]
        # Right answers near one half are not sure.
        near = in_words(0.5 + 0.1 * (sequence.ideal - 0.5), sequence, task)
        assert "is not sure of its answers yet" in near
    for outputs in guesses:
        words = in_words(outputs, sequence, task, training)
        no_better, not_learned = "It does not do clearly better", "It has not learned the rule."
        assert words.startswith(no_better if task == "sentences" else not_learned)


def test_half_of_the_rule_is_a_part_of_it():
    sequence = new_sequence(Experiment(task="xor"))
    # Right where the exclusive-or is 1, undecided where it is 0: no more right than always 1.
    ones = sequence.predictable[:, np.newaxis] & (sequence.targets == 1)
    outputs = np.where(ones, 0.9, 0.5)
    words = in_words(outputs, sequence, "xor")
    assert words.startswith("It has not learned the rule yet, but its answers lean the right way.")
    # Right at some of the zeros, too.
    outputs[::2] = np.where(sequence.predictable[::2, np.newaxis] & ~ones[::2], 0.1, outputs[::2])
    assert in_words(outputs, sequence, "xor").startswith("It has learned part of the rule.")


def test_the_sentence_gives_the_numbers_of_the_tables():
    answers = two_triples()
    numbers = re.findall(r"\d[\d.]*\d%?", verdicts.describe_result(answers, answers.sequence))
    # At the XOR bit; right there; at the other two bits (0.445 and 0.305); their floor. Then the
    # loss, beside two n-grams: four of six bits are 1; after 0 comes 1, after 1 in two of four.
    assert numbers == ["0.050", "100%", "0.375", "0.250", "0.267", "0.222", "0.208"]


def test_certain_letters_alone_are_not_the_rule_of_the_reber_grammar():
    sequence = new_sequence(Experiment(task="reber"))
    sure = sequence.predictable[:, np.newaxis]
    words = in_words(
        np.where(sure, sequence.ideal, sequence.targets.mean(axis=0)), sequence, "reber"
    )
    assert "where that is certain, but not yet what is likely elsewhere" in words


def test_where_nothing_is_certain_no_position_is_named():
    experiment = Experiment(task="sentences")
    training, sequence = training_sequence(experiment), new_sequence(experiment)
    halfway = (ngrams.answers(1, training, sequence) + sequence.ideal) / 2
    words = in_words(halfway, sequence, "sentences", training)
    # Squares of errors: halfway in the answers is three quarters of the way in the error.
    share = re.match(r"It has bridged (\d+)% of .* ideal predictor. Nothing is certain here", words)
    assert int(share[1]) == pytest.approx(75, abs=3)
    squared = ((halfway - sequence.targets) ** 2).mean()
    average = f"On average over this test the squared error is {squared:.4f}, against"
    assert f"below {sequence.floor.mean():.4f}. {average}" in words
    assert "nan" not in words


@pytest.mark.parametrize(("n", "sentence"), [
    (1, "It does not do clearly better than a guess without memory."),
    (2, "It does better than a guess without memory, but not clearly better than the "),
    (3, "It does better than the best answer to the last symbol alone."),
    (4, "It does better than the best answer to the last two symbols."),
])  # fmt: skip
def test_without_a_rule_the_network_is_compared_with_n_grams(n, sentence):
    training = training_sequence(Experiment(task="own"))
    words = in_words(ngrams.answers(n, training, training), training, "own")
    assert words.startswith(sentence)
    assert "no floor" in words
    assert "nan" not in words


def test_a_short_text_proves_little():
    training = training_sequence(Experiment(task="own"))
    for steps, said in ((verdicts.FEW_STEPS - 1, True), (verdicts.FEW_STEPS, False)):
        part = training_sequence(Experiment(task="own", length=steps))
        words = in_words(ngrams.answers(4, training, part), part, "own", training)
        assert (f"only {steps} symbols were tested" in words) == said


def test_numbers_that_differ_are_not_printed_as_equal():
    experiment = Experiment(task="own", group_length=3)
    training = training_sequence(experiment)
    outputs = ngrams.answers(2, training, training) + 1e-3
    loss, *others = re.findall(r"0\.\d+", in_words(outputs, training, "own", training))
    assert loss not in others


@pytest.mark.parametrize("task", ["xor", "sentences"])
def test_no_error_below_the_floor_is_said_to_be_impossible(task):
    sequence = new_sequence(Experiment(task=task))
    # Leaning to what comes.
    lucky = 0.9 * sequence.ideal + 0.1 * sequence.targets
    assert "is the floor in the long run" in in_words(lucky, sequence, task)
    assert "no answer can" not in in_words(lucky, sequence, task)
    assert "in the long run no answer can" in in_words(sequence.ideal * 0.9, sequence, task)


def test_what_lies_below_its_floor_says_why():
    run = shipped.run_of(Experiment())
    table = pd.DataFrame(
        {"position": ["a", "b", "c"], "steps": 100, "squared": [0.2, 0.26, 0.0], "rate": 0.4}
    ).assign(squared_floor=[0.25, 0.25, 0.0], rate_floor=0.5)
    new = replay(run, new_sequence(run.experiment))
    words = verdicts.below_floor(new, table, "position", "squared")
    assert words.startswith("Below its floor: a (0.200, floor 0.250). ")
    assert "on the 100 steps tested here luck" in words
    # Twice the standard deviation of a share of 100 coin flips.
    assert "varies by 10% either way" in verdicts.below_floor(new, table, "position", "rate")
    trained = replay(run, run.sequence)
    assert "this very sequence" in verdicts.below_floor(trained, table, "position", "squared")
    assert verdicts.below_floor(new, table[1:], "position", "squared") == ""
