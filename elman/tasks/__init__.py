"""The catalogue of tasks, and the sequences of an experiment."""

from __future__ import annotations

import numpy as np

from elman.experiment import Experiment
from elman.tasks import letters, own, reber, sentences, words, xor
from elman.tasks.sequence import Sequence, Task

# Each task as it is without options.
TASKS: dict[str, Task] = {
    module.TASK.name: module.TASK for module in (xor, letters, words, sentences, reber, own)
}

# Tasks with options of their own: what makes them, and from which fields of Experiment.
_MADE = {module.TASK.name: (module.task, module.OPTIONS) for module in (words, reber, own)}

TEST_STEPS = 3000


def task_of(experiment: Experiment) -> Task:
    """The task of an experiment, with the experiment's options."""
    if experiment.task not in _MADE:
        return TASKS[experiment.task]
    make, options = _MADE[experiment.task]
    return make(**{name: getattr(experiment, name) for name in options})


def _generators(experiment: Experiment) -> tuple[np.random.Generator, np.random.Generator]:
    training, test = np.random.SeedSequence(experiment.data_seed).spawn(2)
    return np.random.default_rng(training), np.random.default_rng(test)


def training_sequence(experiment: Experiment) -> Sequence:
    """The sequence that this experiment learns from.

    Raises ValueError naming `length` where not even one group fits.
    """
    rng, _ = _generators(experiment)
    return task_of(experiment).generate(experiment.length, rng=rng)


def new_sequence(experiment: Experiment) -> Sequence:
    """A new sequence of the same rule, from a stream of random numbers of its own.

    It has up to `TEST_STEPS` steps however short the training sequence is, so that its averages
    are worth reading. Of the reader's own text it is what training leaves unseen.
    """
    _, rng = _generators(experiment)
    task = task_of(experiment)
    if task.unseen is not None:
        return task.unseen(experiment.length, TEST_STEPS)
    return task.generate(TEST_STEPS, rng=rng)


def preset(task: str, name: str) -> Experiment:
    """The experiment of a task's preset; ValueError names the presets there are."""
    presets = TASKS[task].presets
    if name not in presets:
        raise ValueError(f"preset: allowed is one of {', '.join(presets)}; {name!r} was given.")
    return Experiment(task=task, **presets[name])


__all__ = [
    "TASKS",
    "Sequence",
    "Task",
    "new_sequence",
    "preset",
    "task_of",
    "training_sequence",
]
