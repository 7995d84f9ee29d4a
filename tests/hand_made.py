"""Small sequences whose errors can be worked out by hand, and tests of networks made by hand."""

import numpy as np

from elman import Experiment, run
from elman.analysis.replay import Answers, Tested
from elman.analysis.step import training_step
from elman.tasks import TASKS, Sequence, task_of
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


def played(trained, sequence, before, epoch=None):
    """Outputs and states of a trained network of sigmoid units, step by step as its equations say.

    The context is set back before each of the steps `before`, counted from 0.
    """
    kept = trained.at(trained.epochs_done if epoch is None else epoch)
    w, context, outputs, states = kept.weights, kept.context, [], []
    for t, x in enumerate(sequence.inputs):
        if t in before:
            context = np.full_like(context, trained.experiment.context_start)
        context = 1 / (1 + np.exp(-(w["W_ih"] @ x + w["W_hh"] @ context + w["b_h"])))
        states.append(context)
        outputs.append(1 / (1 + np.exp(-(w["W_ho"] @ context + w["b_o"]))))
    return np.array(outputs), np.array(states)


# Grows without bound in the first passes.
DIVERGING = {
    "task": "letters", "length": 60, "epochs": 20, "hidden": 14, "reset": "never",
    "activation": "relu", "weight_scale": 3,
}  # fmt: skip


def seen_step(epoch=1, step=5, **settings):
    """A run, its task, and one of the steps of its training; of a run that diverges, the last."""
    trained = run(Experiment(**{"length": 60, "epochs": 1} | settings))
    if trained.status == "diverged":
        epoch, step = trained.epochs_done, len(trained.sequence) - 1
    return trained, task_of(trained.experiment), training_step(trained, epoch, step)
