"""What a loss can be compared with."""

import numpy as np
import pytest

from elman import Experiment
from elman.analysis import references
from elman.tasks import TASKS, task_of, training_sequence


def lines_of(experiment):
    lines = references.references(training_sequence(experiment), task_of(experiment))
    return {line.short: line for line in lines}


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_its_lines(task):
    lines = lines_of(Experiment(task=task))
    own, half = task == "own", task in ("xor", "letters", "words")
    wanted = ["floor"] * (not own) + ["always 0.5"] * half + ["memoryless", "bigram"]
    assert list(lines) == wanted + ["trigram"] * own
    if half:
        assert lines["always 0.5"].value == 0.25
    for short, line in lines.items():
        assert line.role == ("floor" if short == "floor" else "baseline")
        assert np.isfinite(line.value)
    # Whoever knows more errs less; n-grams counted in the sequence itself may gain by chance.
    assert lines["bigram"].value <= lines["memoryless"].value
    if not own:
        assert lines["floor"].value < lines["bigram"].value


def test_a_text_in_which_each_letter_tells_the_next():
    lines = lines_of(Experiment(task="own", text="ab" * 20))
    assert lines["memoryless"].value == pytest.approx(0.25)
    assert lines["bigram"].value == lines["trigram"].value == 0.0


def test_values_have_the_decimals_that_their_size_asks_for():
    assert references.decimals(0.25) == "0.250"
    assert references.decimals(0.02593) == "0.0259"
    words = references.describe_references(tuple(lines_of(Experiment(task="sentences")).values()))
    assert words.startswith("floor: all that can be known 0.0259; best memoryless guess 0.0306")
