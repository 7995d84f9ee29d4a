"""The catalogue of tasks: `TASKS` by name, and the sequences of an experiment."""

from __future__ import annotations

import numpy as np

from elman.experiment import Experiment
from elman.tasks import letters, xor
from elman.tasks.sequence import Sequence, Task

TASKS: dict[str, Task] = {module.TASK.name: module.TASK for module in (xor, letters)}

TEST_STEPS = 3000


def _generators(experiment: Experiment) -> tuple[np.random.Generator, np.random.Generator]:
    training, test = np.random.SeedSequence(experiment.data_seed).spawn(2)
    return np.random.default_rng(training), np.random.default_rng(test)


def training_sequence(experiment: Experiment) -> Sequence:
    """The sequence that this experiment learns from."""
    rng, _ = _generators(experiment)
    return TASKS[experiment.task].generate(experiment.length, rng=rng)


def new_sequence(experiment: Experiment) -> Sequence:
    """A new sequence of the same rule, from a stream of random numbers of its own.

    It has `TEST_STEPS` steps however short the training sequence is, so that its averages are
    worth reading.
    """
    _, rng = _generators(experiment)
    return TASKS[experiment.task].generate(TEST_STEPS, rng=rng)


def preset(task: str, name: str) -> Experiment:
    """The experiment of a task's preset; ValueError names the presets there are."""
    presets = TASKS[task].presets
    if name not in presets:
        raise ValueError(f"preset: allowed is one of {', '.join(presets)}; {name!r} was given.")
    return Experiment(task=task, **presets[name])


__all__ = ["TASKS", "Sequence", "Task", "new_sequence", "preset", "training_sequence"]
