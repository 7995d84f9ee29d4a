"""The catalogue of tasks, and the sequences of an experiment."""

from __future__ import annotations

from collections.abc import Hashable
from importlib import import_module

import numpy as np

from elman.experiment import Experiment, register
from elman.settings import refuse
from elman.tasks.cache import Keeper, Latest, SequenceCache
from elman.tasks.sequence import Sequence, Task

# In the order of every menu: modules of this package, each with its `TASK`.
CATALOGUE = ("xor", "letters", "words", "sentences", "reber", "own")

# Each task as it is without options.
TASKS: dict[str, Task] = {}

# Two training sequences of sentences, the longest that a preset has.
KEPT_BYTES = 48 * 2**20
_sequences = SequenceCache(Latest(KEPT_BYTES))


def keep_sequences(keeper: Keeper) -> None:
    """Let a program decide which sequences are kept beyond their use, in place of `KEPT_BYTES`."""
    _sequences.keeper = keeper


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


def steps_of(experiment: Experiment) -> int:
    """The most steps that the training sequence of an experiment can have."""
    longest = task_of(experiment).longest
    return experiment.length if longest is None else min(experiment.length, longest)


def sequence_bytes(experiment: Experiment) -> int:
    """The most bytes that the training sequence of an experiment can have, without making it."""
    # Inputs, targets and the ideal answers; symbol, position and floor; the mark of a group.
    per_step = 8 * (3 * task_of(experiment).codes.shape[1] + 3) + 1
    return per_step * steps_of(experiment)


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
    "keep_sequences",
    "new_sequence",
    "preset",
    "sequence_bytes",
    "steps_of",
    "task_of",
    "training_sequence",
]
