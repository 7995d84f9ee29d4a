"""The catalogue of tasks, and the sequences of an experiment."""

from __future__ import annotations

from collections.abc import Hashable
from importlib import import_module

import numpy as np

from elman.experiment import Experiment, register
from elman.settings import refuse
from elman.tasks.cache import SequenceCache
from elman.tasks.sequence import Sequence, Task

# In the order of every menu: modules of this package, each with its `TASK`.
CATALOGUE = ("xor", "letters", "words", "sentences", "reber", "own")

# Each task as it is without options.
TASKS: dict[str, Task] = {}

# Six training sequences of sentences, the longest that a preset has.
KEPT_BYTES = 128 * 2**20
_sequences = SequenceCache(KEPT_BYTES)


def add(task: Task) -> None:
    """Let the catalogue, and every `Experiment`, have a task."""
    register(task.name, task.settings)
    TASKS[task.name] = task
    # Another task may have had the name before.
    _sequences.clear()


for _name in CATALOGUE:
    add(import_module(f"elman.tasks.{_name}").TASK)

TEST_STEPS = 3000


def task_of(experiment: Experiment) -> Task:
    """The task of an experiment, with the experiment's options."""
    task = TASKS[experiment.task]
    options = {name: getattr(experiment, name) for name in task.settings.options}
    return task if task.with_options is None else task.with_options(**options)


def _generators(experiment: Experiment) -> tuple[np.random.Generator, np.random.Generator]:
    training, test = np.random.SeedSequence(experiment.data_seed).spawn(2)
    return np.random.default_rng(training), np.random.default_rng(test)


def training_sequence(experiment: Experiment) -> Sequence:
    """The sequence that this experiment learns from; its arrays are read-only.

    It is made once for all experiments that differ only in how they learn, and kept while it is
    in use or among the latest `KEPT_BYTES`. Raises ValueError naming `length` where not even one
    group fits.
    """

    def make() -> Sequence:
        rng, _ = _generators(experiment)
        return task_of(experiment).generate(experiment.length, rng=rng)

    return _sequences.get(("training", *_source(experiment), experiment.length), make)


def new_sequence(experiment: Experiment) -> Sequence:
    """A new sequence of the same rule, from a stream of random numbers of its own.

    It has up to `TEST_STEPS` steps however short the training sequence is, so that its averages
    are worth reading. Of the reader's own text it is what training leaves unseen. Kept as the
    training sequence is.
    """
    task = task_of(experiment)

    def make() -> Sequence:
        _, rng = _generators(experiment)
        if task.unseen is not None:
            return task.unseen(experiment.length, TEST_STEPS)
        return task.generate(TEST_STEPS, rng=rng)

    length = None if task.unseen is None else experiment.length
    return _sequences.get(("new", *_source(experiment), length), make)


def _source(experiment: Experiment) -> tuple[Hashable, ...]:
    """What the symbols of an experiment depend on, beside their number."""
    return experiment.task, experiment.options, experiment.data_seed


def preset(task: str, name: str) -> Experiment:
    """The experiment of a task's preset; ValueError names the presets there are."""
    presets = TASKS[task].presets
    if name not in presets:
        raise refuse("preset", f"one of {', '.join(presets)}", name)
    return Experiment(task=task, **presets[name])


__all__ = [
    "TASKS",
    "Sequence",
    "Task",
    "add",
    "new_sequence",
    "preset",
    "task_of",
    "training_sequence",
]
