"""Small sequences whose errors can be worked out by hand, and tests of networks made by hand."""

import numpy as np

from elman.analysis.replay import Answers, Tested
from elman.tasks import TASKS, Sequence
from elman.training import Run


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
    outputs = np.array([[0.5], [0.9], [0.4], [0.2], [0.3], [0.5]])
    return Answers(outputs, sequence, TASKS["xor"])


def ideal(sequence, task):
    """The answers of the predictor that knows the rule."""
    return Answers(sequence.ideal, sequence, TASKS[task])


def with_states(states, sequence, task):
    """A test of which only the hidden states are looked at."""
    return Tested(sequence.targets, sequence, task, states, run=None, epoch=0, reset="never")


def run_of_network(snapshot, experiment, sequence):
    """A run that ended with the weights and the context of `snapshot`."""
    losses = np.zeros(snapshot.epoch)
    return Run(experiment, sequence, losses, (snapshot,), "finished", 0.0, compiled=False)
