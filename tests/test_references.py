"""What a loss can be compared with, and where in a training it falls."""

import numpy as np
import pytest

from elman import Experiment
from elman.analysis import pace, references
from elman.tasks import TASKS, task_of, training_sequence

# A plateau of 40 passes, a fall over ten, and a plateau again.
STEP = np.concatenate([np.full(40, 1.0), np.linspace(1.0, 0.0, 11), np.zeros(49)])


def references_of(**settings):
    experiment = Experiment(**settings)
    return references.references(training_sequence(experiment), task_of(experiment))


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_its_lines(task):
    lines = {line.short: line for line in references_of(task=task)}
    own, half = task == "own", task in ("xor", "letters", "words")
    wanted = ["floor"] * (not own) + ["always 0.5"] * half + ["memoryless", "bigram"]
    assert list(lines) == wanted + ["trigram"] * own
    assert not half or lines["always 0.5"].value == 0.25
    for short, line in lines.items():
        assert line.role == ("floor" if short == "floor" else "baseline")
        assert np.isfinite(line.value)
    # Whoever knows more errs less; n-grams counted in the sequence itself may gain by chance.
    assert lines["bigram"].value <= lines["memoryless"].value
    assert own or lines["floor"].value < lines["bigram"].value


def test_they_are_told_with_the_decimals_that_their_size_asks_for():
    said = references.describe_references(references_of(task="sentences"))
    assert said.startswith("floor: all that can be known 0.0259; best memoryless guess 0.0306")
    # Where each letter tells the next.
    said = references.describe_references(references_of(task="own", text="ab" * 20))
    assert said == "best memoryless guess 0.250; best bigram 0.0000; best trigram 0.0000"


def test_the_fall_is_from_a_tenth_to_nine_tenths_of_the_way():
    assert pace.fall(STEP) == pytest.approx((41, 50, 1.0, 0.1))
    assert "falls most between 41 and 50" in pace.describe(STEP)
    for flat in (np.full(9, 0.25), np.linspace(0.25, 0.24, 9), np.linspace(0.1, 0.5, 9), []):
        assert pace.fall(np.asarray(flat, dtype=float)) is None
    assert "hardly falls" in pace.describe(np.full(9, 0.25))


def test_frames_pass_over_what_stands_still_and_show_each_step_of_a_fall():
    shown = pace.frames(STEP, range(101))
    assert (shown[0], shown[-1], np.diff(shown).max()) == (0, 100, pace.MOST_PASSED_OVER)
    assert {*range(42, 52)} <= {*shown}
    assert len([epoch for epoch in shown if epoch <= 40]) == 6
    assert pace.frames(STEP, range(0, 96, 5)) == [*range(0, 96, 5)]
    diverged = np.append(STEP[:99], np.inf)
    assert pace.frames(diverged, range(101))[-1] == 100
    assert pace.fall(diverged) == pace.fall(STEP)
