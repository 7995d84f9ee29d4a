"""How much memory an experiment takes, by arithmetic, before anything of it is made."""

from __future__ import annotations

import math

import numpy as np

from elman.experiment import SETTINGS, Experiment
from elman.network import weight_shapes
from elman.settings import refuse, refuse_memory
from elman.tasks import sequence_bytes, steps_of, task_of

# A run keeps its network at so many epochs, or at as many as fit into so many bytes: wide
# networks at fewer, so that the file of any run can be opened in the app.
MAX_SNAPSHOTS, MIN_SNAPSHOTS = 64, 3
SNAPSHOT_BYTES = 16 * 2**20

_FLOAT = 8


def snapshot_bytes(experiment: Experiment) -> int:
    """Bytes of one `Snapshot`: weights and context, and what momentum and depth carry along."""
    hidden, width = experiment.hidden, task_of(experiment).codes.shape[1]
    weights = sum(map(math.prod, weight_shapes(width, hidden, width).values()))
    past = (experiment.depth - 1) * (2 * hidden + 1)
    return _FLOAT * (weights * (2 if experiment.momentum else 1) + hidden + past)


def snapshot_epochs(experiment: Experiment) -> np.ndarray:
    """The epochs whose networks are kept, each a fixed factor after another.

    They go from 0, or from where a branch begins, to the last. There are at most `MAX_SNAPSHOTS`,
    and of wide networks as many of these as `SNAPSHOT_BYTES` hold, but at least `MIN_SNAPSHOTS`.
    """
    first = experiment.branch_epoch or 0
    spaced = np.geomspace(1, experiment.epochs - first, MAX_SNAPSHOTS - 1).round().astype(int)
    epochs = first + np.unique([0, *spaced, experiment.epochs - first])
    most = max(MIN_SNAPSHOTS, SNAPSHOT_BYTES // snapshot_bytes(experiment))
    if len(epochs) <= most:
        return epochs
    return epochs[np.linspace(0, len(epochs) - 1, most).round().astype(int)]


def run_bytes(experiment: Experiment) -> int:
    """Bytes of the snapshots and losses of a run, without its sequence."""
    kept = len(snapshot_epochs(experiment)) * snapshot_bytes(experiment)
    return kept + _FLOAT * experiment.epochs


def needed_bytes(experiment: Experiment) -> int:
    """Bytes of a run, its sequence, and what its network answers to each step of that."""
    answers = experiment.hidden + task_of(experiment).codes.shape[1]
    own = run_bytes(experiment) + sequence_bytes(experiment)
    return own + _FLOAT * answers * steps_of(experiment)


def check_bytes(experiment: Experiment, max_bytes: float) -> None:
    """Raise ValueError if the experiment needs more memory than that.

    It names `length` or `hidden`, whichever takes more and can be small enough, what is allowed
    and what was given; where neither can it names `max_bytes`; and `branch` where it is the run
    that a branch goes on from which needs more.
    """
    if experiment.parent is not None:
        try:
            check_bytes(experiment.parent, max_bytes)
        except ValueError as before:
            raise ValueError(f"branch: of the run before, {before}") from None
    needed = needed_bytes(experiment)
    if needed <= max_bytes:
        return
    long = 2 * run_bytes(experiment) < needed
    for name in ("length", "hidden") if long else ("hidden", "length"):

        def with_value(value: int, name: str = name) -> int:
            return needed_bytes(experiment.replace(**{name: value}))

        low, given = int(SETTINGS[name].low), getattr(experiment, name)
        error = refuse_memory(name, low, given, with_value, max_bytes)
        if error is not None:
            raise error
    raise refuse("max_bytes", f"at least {needed:,} for this experiment", int(max_bytes))
