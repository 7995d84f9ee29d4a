"""Which runs of a sweep are trained together: `blocks(experiments)`."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from elman.experiment import Experiment
from elman.tasks import task_of
from elman.training import kernels
from elman.training.kernels import LANES
from elman.training.loop import STRETCH_WORK

# A block takes its time however many of its lanes are in use, and then costs less than this many
# single runs: the vectorised single kernel of wide networks has less to gain.
FEWEST, FEWEST_WIDE = 3, 5

# Beyond this many hidden units the weights of all lanes no longer fit into the processor's caches,
# and single runs are as fast.
WIDEST = 160

# The training sequences of a block's runs may take this many bytes.
BLOCK_BYTES = 256 * 2**20


class Shape(NamedTuple):
    """What runs must have in common to be trained side by side."""

    features: int
    hidden: int
    activation: str
    length: int
    epochs: int


def shape_of(experiment: Experiment) -> Shape | None:
    """The shape of an experiment; None for one that is trained by itself.

    Those are runs with momentum or a deeper gradient, which are rare, and very wide networks.
    """
    if experiment.depth > 1 or experiment.momentum > 0.0 or experiment.hidden > WIDEST:
        return None
    return Shape(
        features=_features_of(experiment),
        hidden=experiment.hidden,
        activation=experiment.activation,
        length=experiment.length,
        epochs=experiment.epochs,
    )


def _features_of(experiment: Experiment) -> int:
    return _features(experiment.task, experiment.options)


@functools.lru_cache
def _features(task: str, options: tuple[tuple[str, Any], ...]) -> int:
    return task_of(Experiment(task=task, **dict(options))).codes.shape[1]


def blocks(experiments: Sequence[Experiment]) -> list[list[int]]:
    """The places of the experiments in blocks to be trained together, in order of appearance.

    Experiments of one shape come together, at most `LANES` of them and as many as memory allows;
    what is not worth a batch, or is all that can be done without Numba, is a block of one.
    """
    groups: dict[Shape | int, list[int]] = {}
    for index, experiment in enumerate(experiments):
        shape = None if kernels.numba is None else shape_of(experiment)
        groups.setdefault(index if shape is None else shape, []).append(index)
    found = []
    for shape, members in groups.items():
        size = lanes_of(shape) if isinstance(shape, Shape) else 1
        for first in range(0, len(members), size):
            block = members[first : first + size]
            worth = isinstance(shape, Shape) and len(block) >= _fewest(shape)
            found += [block] if worth else [[index] for index in block]
    return sorted(found)


def lanes_of(shape: Shape) -> int:
    """How many runs of a shape are trained together."""
    # A sequence keeps its inputs, targets and ideal answers as doubles.
    bytes_each = 3 * 8 * shape.length * shape.features
    return int(np.clip(BLOCK_BYTES // bytes_each, 1, LANES))


def _fewest(shape: Shape) -> int:
    return FEWEST_WIDE if shape.hidden >= kernels.WIDE else FEWEST


def work_of(experiment: Experiment) -> int:
    """Multiplications of one step of one run, roughly."""
    hidden = experiment.hidden
    return hidden * (hidden + 2 * _features_of(experiment)) * experiment.depth + 20


def stretch_of(experiment: Experiment) -> int:
    """Steps of a whole block that take as long as a stretch of `training.run`."""
    return max(1, STRETCH_WORK // work_of(experiment) // LANES)
