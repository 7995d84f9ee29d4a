"""One meaning of "learned", whoever asks."""

import numpy as np
import pytest

from elman import Experiment, run
from elman.analysis import errors, learned, outcomes, verdicts
from elman.analysis.comparison import describe_remembered, runs_table
from elman.analysis.replay import Answers, replay
from elman.labs import words
from elman.labs.lab import ALONE, Evidence
from elman.report import values
from elman.sweeps import sweep, variations
from elman.tasks import new_sequence, ngrams, task_of, training_sequence


def test_more_than_95_percent_and_more_than_the_last_symbol_explains():
    cases = {(0.96, 0.5): True, (0.95, 0.5): False, (0.99, 0.99): False, (1.0, 0.99): True}
    assert {pair: learned.is_learned(*pair) for pair in cases} == cases
    assert not learned.is_learned(np.nan, np.nan)


def test_page_comparison_sweep_labs_and_json_count_the_same_runs():
    def judged(run):
        tested = replay(run, new_sequence(run.experiment))
        said = verdicts.describe_result(tested, run.sequence)
        return outcomes.scores(run) | {
            "said": float(said.startswith("It has learned the rule")),
            "json": float(values(tested, 1)["learned"]),
        }

    base = Experiment(length=600, epochs=400, learning_rate=0.3)
    found = sweep(variations(base, {"hidden": [2, 6]}, seeds=6), judged, workers=1)
    table = runs_table(found, ["hidden"], 0.2)
    right = tuple(table["right"])
    lab = words.learned(Evidence(base, {ALONE: {"certain": right}}), "certain")
    for said in ([o.values["said"] for o in found], [o.values["json"] for o in found], lab):
        assert list(table["learned"]) == [bool(one) for one in said]
    summary = outcomes.summary(found, ["hidden"])
    assert (summary["learned"] * summary["runs"]).sum() == pytest.approx(table["learned"].sum())
    # Some do and some do not, or this would show nothing.
    assert 0 < table["learned"].sum() < len(table)


def test_what_the_last_symbol_explains_is_not_learned():
    # Of the vowels the bigram gets 84 %: all but the second of "dii".
    experiment = Experiment(task="letters", length=600)
    training, sequence = training_sequence(experiment), new_sequence(experiment)
    bigram = Answers(ngrams.answers(2, training, sequence), sequence, task_of(experiment))
    words = verdicts.describe_result(bigram, training)
    assert words.startswith("It has not learned the rule: the last symbol alone explains as many")


def test_the_letter_to_remember_is_reported_by_itself():
    """Answers that know the grammar, but half of the time took the first letter for the other."""
    experiment = Experiment(task="reber", grammar="embedded", length=600)
    sequence, task = new_sequence(experiment), task_of(experiment)
    here = sequence.position == task.positions.index("the same T or P")
    outputs = sequence.ideal.copy()
    forgotten = np.flatnonzero(here)[::2]
    outputs[forgotten] = np.roll(outputs[forgotten], 3, axis=1)
    share = 1 - len(forgotten) / here.sum()
    answers = Answers(outputs, sequence, task)
    assert errors.remembered(answers) == pytest.approx(share)
    plain = new_sequence(Experiment(task="reber"))
    assert errors.remembered(Answers(plain.ideal, plain, task_of(Experiment(task="reber")))) is None
    said = verdicts.describe_result(answers, training_sequence(experiment))
    assert f"where it has to remember the first letter, {share:.0%} are right" in said

    asked = variations(experiment.replace(epochs=1), {"hidden": [2, 3]}, 2)
    table = runs_table(sweep(asked, outcomes.scores, workers=1), ["hidden"], 0.2)
    for one, shown in zip(asked, table["remembered"], strict=True):
        kept = values(replay(run(one), new_sequence(one)), 1)["accuracy"]
        assert shown == pytest.approx(kept["remembered"])
    median = table[table["hidden"] == 2]["remembered"].median()
    assert f"right in {median:.0%} with 2 hidden units" in describe_remembered(table, ["hidden"])
