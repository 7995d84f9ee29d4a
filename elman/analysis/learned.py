"""When a network counts as having learned the rule of its task: one meaning, everywhere.

It has if it is right in more than 95 % of the steps whose next symbol the rule makes certain, and
in more of them than the best answer to the last symbol alone. How sure it is of its answers, and
how well it knows what is likely at the other steps, is another question.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import numpy as np

from elman.analysis import errors
from elman.analysis.replay import Answers
from elman.experiment import Experiment
from elman.tasks import Sequence, new_sequence, task_of, training_sequence

# The share of right answers that has to be exceeded.
ENOUGH = 0.95

# The definition as pages and the command line print it.
MEANS = (
    f"right in more than {ENOUGH:.0%} of the steps whose next symbol the rule makes certain, and "
    "in more of them than the best answer to the last symbol alone"
)


def is_learned(right: float, last_symbol: float) -> bool:
    """Whether the share `right` where the rule makes the next symbol certain means a rule learned.

    `last_symbol` is the share that the best answer to the last symbol alone gets right there. Both
    are not-a-number where no step is certain, and then nothing can be called learned.
    """
    return right > ENOUGH and right > last_symbol


def by_last_symbol(answers: Answers, training: Sequence) -> float:
    """The share that the best bigram, counted in `training`, gets right in the same test where
    the rule makes the next symbol certain; not-a-number where no step is."""
    found = errors.accuracy(errors.of_ngram(2, answers, training)).where_certain
    return np.nan if found is None else found


def which_learned(experiments: Iterable[Experiment], right: Iterable[float]) -> np.ndarray:
    """Which of some runs (runs,) have learned their rule, tested on their new sequences.

    `right` holds each one's share of right answers where the rule makes the next symbol certain.
    """
    known: dict[Hashable, float] = {}

    def last_symbol(experiment: Experiment) -> float:
        # Of all settings only those of the sequences matter.
        key = (experiment.task, experiment.options, experiment.data_seed, experiment.length)
        if key not in known:
            sequence = new_sequence(experiment)
            answers = Answers(sequence.targets, sequence, task_of(experiment))
            known[key] = by_last_symbol(answers, training_sequence(experiment))
        return known[key]

    pairs = zip(experiments, right, strict=True)
    # What falls short of the share needs no comparison.
    return np.array(
        [share > ENOUGH and is_learned(share, last_symbol(one)) for one, share in pairs], dtype=bool
    )
