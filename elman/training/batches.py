"""Runs of one shape trained side by side: `run_batch(experiments) -> [Run, ...]`.

`blocks` says which runs of a sweep go together. A batch gives each run the weights that
`training.run` gives it but for rounding, in a fraction of the time; see `training.lanes`.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from elman.experiment import Experiment
from elman.network import Weights
from elman.settings import refuse
from elman.tasks import Sequence as TaskSequence
from elman.tasks import task_of, training_sequence
from elman.training import compiling
from elman.training.kernel_arguments import ACTIVATION_CODES, LANES
from elman.training.loop import (
    PROGRESS_SECONDS,
    STRETCH_WORK,
    Run,
    run,
)
from elman.training.resets import reset_schedule
from elman.training.sizes import snapshot_epochs
from elman.training.trainers import Snapshot, first_weights

# A block takes its time however many of its lanes are in use, and then costs less than this many
# single runs: the vectorised single kernel of wide networks has less to gain.
FEWEST, FEWEST_WIDE, WIDE = 3, 5, 12

# Beyond this many hidden units the weights of all lanes no longer fit into the processor's caches,
# and single runs are as fast.
WIDEST = 160

# The training sequences of a block's runs may take this many bytes, unless the caller says another.
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

    Those are runs with momentum or a deeper gradient, which are rare, very wide networks, and
    branches, which begin with another run.
    """
    alone = experiment.branch or experiment.depth > 1 or experiment.momentum > 0.0
    if alone or experiment.hidden > WIDEST:
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


def blocks(experiments: Sequence[Experiment], max_bytes: int = BLOCK_BYTES) -> list[list[int]]:
    """The places of the experiments in blocks to be trained together, in order of appearance.

    Experiments of one shape come together, at most `LANES` of them and as many as `max_bytes` hold;
    what is not worth a batch, or is all that can be done without Numba, is a block of one.
    """
    groups: dict[Shape | int, list[int]] = {}
    for index, experiment in enumerate(experiments):
        shape = shape_of(experiment) if compiling.available() else None
        groups.setdefault(index if shape is None else shape, []).append(index)
    found = []
    for key, members in groups.items():
        size, fewest = (
            (lanes_of(key, max_bytes), _fewest(key)) if isinstance(key, Shape) else (1, 1)
        )
        for first in range(0, len(members), size):
            block = members[first : first + size]
            found += [block] if len(block) >= fewest else [[index] for index in block]
    return sorted(found)


def lanes_of(shape: Shape, max_bytes: int = BLOCK_BYTES) -> int:
    """How many runs of a shape are trained together."""
    # A sequence keeps its inputs, targets and ideal answers as doubles.
    bytes_each = 3 * 8 * shape.length * shape.features
    return int(np.clip(max_bytes // bytes_each, 1, LANES))


def _fewest(shape: Shape) -> int:
    return FEWEST_WIDE if shape.hidden >= WIDE else FEWEST


def work_of(experiment: Experiment) -> int:
    """Multiplications of one step of one run, roughly."""
    hidden = experiment.hidden
    return hidden * (hidden + 2 * _features_of(experiment)) * experiment.depth + 20


def total_work(experiment: Experiment) -> int:
    """Multiplications of a whole run, roughly."""
    first, parent = experiment.branch_epoch or 0, experiment.parent
    before = total_work(parent) * first / parent.epochs if parent is not None else 0
    return int(before) + experiment.length * (experiment.epochs - first) * work_of(experiment)


def stretch_of(experiment: Experiment) -> int:
    """Steps of a whole block that take as long as a stretch of `training.run`."""
    return max(1, STRETCH_WORK // work_of(experiment) // LANES)


def _aligned(*shape: int) -> np.ndarray:
    """Zeros at an address that is a multiple of 64, so that no vector lies on two cache lines."""
    flat = np.zeros(math.prod(shape) + 8)
    start = -flat.ctypes.data // 8 % 8
    return flat[start : start + flat.size - 8].reshape(shape)


class _Lanes:
    """Weights, memory and data of a batch, lanes innermost, and the kernel that trains them."""

    def __init__(self, experiments: Sequence[Experiment], sequences: list[TaskSequence]) -> None:
        first, sequence = experiments[0], sequences[0]
        steps = max(map(len, sequences))
        n_input, n_output = sequence.inputs.shape[1], sequence.targets.shape[1]
        initial = [first_weights(e, its) for e, its in zip(experiments, sequences, strict=True)]
        shapes = {name: w.shape for name, w in initial[0].items()}
        # One array, so that copying and checking all weights takes one call each.
        self.state = _aligned(sum(map(math.prod, shapes.values())) + first.hidden, LANES)
        self.weights, self.context = _parts(self.state, shapes)
        for lane, weights in enumerate(initial):
            for name, w in weights.items():
                self.weights[name][..., lane] = w
        self.resets = np.zeros((steps, LANES), dtype=bool)
        starts = _per_lane([experiment.context_start for experiment in experiments])
        self.context[:] = starts
        # The rate of a lane that has nothing to learn at present is zero.
        self.rates, self.squared = _aligned(LANES), _aligned(LANES)
        self._data = (
            _bits([sequence.inputs for sequence in sequences], (steps, n_input)),
            _bits([sequence.targets for sequence in sequences], (steps, n_output)),
        )
        self._rest = (
            self.resets, starts, self.rates, ACTIVATION_CODES[first.activation],
            *self.weights.values(), self.context,
            *(_aligned(first.hidden, LANES) for _ in range(4)), self.squared,
        )  # fmt: skip
        # Compiled, or loaded, before the clock starts.
        self._train = compiling.kernel("train_lanes")

    def train(self, first: int, last: int) -> None:
        """Train steps `first` to `last` of every lane whose rate is not zero."""
        self._train(first, last, *self._data, *self._rest)

    def finite(self) -> np.ndarray:
        """Whether all weights of a lane are finite: (LANES,)."""
        return np.isfinite(self.state[: -len(self.context)].sum(axis=0))

    def copy(self) -> tuple[Weights, np.ndarray]:
        """Weights and context as they are now."""
        return _parts(self.state.copy(), {name: w.shape[:-1] for name, w in self.weights.items()})


def _parts(state: np.ndarray, shapes: Mapping[str, tuple[int, ...]]) -> tuple[Weights, np.ndarray]:
    """Weights of these shapes and context, lanes innermost, as views of a state (rows, LANES)."""
    weights, row = {}, 0
    for name, shape in shapes.items():
        weights[name] = state[row : row + math.prod(shape)].reshape(*shape, LANES)
        row += math.prod(shape)
    return weights, state[row:]


def _per_lane(values: Sequence[float]) -> np.ndarray:
    found = _aligned(LANES)
    found[: len(values)] = values
    return found


def _bits(arrays: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Codes of every lane (steps, features, LANES); they are zeros and ones, so a byte will do."""
    found = np.zeros((*shape, LANES), dtype=np.uint8)
    for lane, array in enumerate(arrays):
        found[: len(array), :, lane] = array
    return found


def run_batch(
    experiments: Sequence[Experiment],
    on_progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[Run]:
    """Train at most `LANES` experiments of one `shape_of` side by side; a `Run` for each.

    `on_progress(share)` and `should_stop()` are called as `training.run` calls them, `seconds` of
    each run is its share of the time. A single experiment, and every one without Numba, goes to
    `training.run`. Raises ValueError if the shapes differ.
    """
    if len(experiments) == 1 or not compiling.available():
        return _one_by_one(experiments, on_progress, should_stop)
    shapes = {shape_of(experiment) for experiment in experiments}
    if len(experiments) > LANES or len(shapes) > 1 or None in shapes:
        raise refuse(
            "experiments",
            f"at most {LANES} of one shape",
            verb="are",
            words=f"{len(experiments)} of {len(shapes)} were given",
        )
    return _Batch(experiments).train(on_progress, should_stop)


def _one_by_one(
    experiments: Sequence[Experiment],
    on_progress: Callable[[float], None] | None,
    should_stop: Callable[[], bool] | None,
) -> list[Run]:
    runs: list[Run] = []
    for experiment in experiments:

        def report(share: float, losses: np.ndarray) -> None:
            if on_progress is not None:
                on_progress((len(runs) + share) / len(experiments))

        runs.append(run(experiment, report, should_stop))
    return runs


class _Batch:
    """The training of a batch, epoch by epoch."""

    def __init__(self, experiments: Sequence[Experiment]) -> None:
        self._experiments = experiments
        self._sequences = [training_sequence(experiment) for experiment in experiments]
        self._lanes = _Lanes(experiments, self._sequences)
        self._sizes = np.array([sequence.targets.size for sequence in self._sequences])
        self._lengths = np.array([len(sequence) for sequence in self._sequences])
        self._rates = np.array([experiment.learning_rate for experiment in experiments])
        self._epochs = experiments[0].epochs
        self._stages = [
            {
                stage.first_epoch: stage
                for stage in reset_schedule(
                    e.reset, sequence.group_starts, e.epochs, e.reset_every, sequence.seams
                )
            }
            for e, sequence in zip(experiments, self._sequences, strict=True)
        ]
        self._losses = np.empty((self._epochs, len(experiments)))
        # Lanes that have not diverged.
        self._alive = np.ones(len(experiments), dtype=bool)
        self._done = np.zeros(len(experiments), dtype=int)
        self._snapshots: list[list[Snapshot]] = [[] for _ in experiments]

    def train(
        self,
        on_progress: Callable[[float], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> list[Run]:
        """Train all epochs and return a `Run` for each experiment; see `run_batch`."""
        keep = set(snapshot_epochs(self._experiments[0]).tolist())
        stretch = stretch_of(self._experiments[0])
        steps, stopped, share = int(self._lengths.max()), False, 0.0
        self._copy_state()
        self._snapshot(0, self._alive)
        began = reported = time.perf_counter()
        for epoch in range(self._epochs):
            self._begin(epoch)
            first = 0
            # Sequences of whole groups differ by a few steps: a lane whose own has ended waits.
            for end in np.unique(self._lengths[self._alive]):
                while first < end and not stopped:
                    last = min(first + stretch, end)
                    self._lanes.train(first, last)
                    first = last
                    stopped = should_stop is not None and should_stop()
                    now = time.perf_counter()
                    if on_progress is not None and now - reported >= PROGRESS_SECONDS:
                        reported = now
                        share = (epoch + last / steps) / self._epochs
                        on_progress(share)
                if first == end:
                    self._end_of_sequence(self._lengths == end)
            if first < self._lengths[self._alive].max():
                break
            self._complete(epoch, epoch + 1 in keep)
            if stopped or not self._alive.any():
                break
        seconds = time.perf_counter() - began
        if on_progress is not None:
            on_progress(1.0 if not stopped else share)
        return [self._run(lane, seconds) for lane in range(len(self._experiments))]

    def _begin(self, epoch: int) -> None:
        for lane, stages in enumerate(self._stages):
            if epoch in stages:
                stage = stages[epoch]
                self._lanes.resets[: len(stage.resets), lane] = stage.resets
        count = len(self._experiments)
        self._lanes.rates[:count] = np.where(self._alive, self._rates, 0.0)
        self._lanes.squared[:] = 0.0
        self._ended_context = self._lanes.context.copy()
        self._ended_squared = np.zeros(count)

    def _end_of_sequence(self, ended: np.ndarray) -> None:
        (places,) = np.nonzero(ended)
        self._lanes.rates[places] = 0.0
        self._ended_context[:, places] = self._lanes.context[:, places]
        self._ended_squared[places] = self._lanes.squared[places]

    def _complete(self, epoch: int, keep: bool) -> None:
        count = len(self._experiments)
        self._lanes.context[:] = self._ended_context
        losses = self._ended_squared / self._sizes
        self._losses[epoch] = losses
        finite = np.isfinite(losses) & self._lanes.finite()[:count]
        for lane in np.flatnonzero(self._alive & ~finite).tolist():
            # As the last epoch that was finite left it.
            self._add_snapshot(lane, int(self._done[lane]))
        self._alive &= finite
        self._done[self._alive] = epoch + 1
        self._copy_state()
        if keep:
            self._snapshot(epoch + 1, self._alive)

    def _copy_state(self) -> None:
        self._latest, self._latest_context = self._lanes.copy()

    def _snapshot(self, epoch: int, lanes: np.ndarray) -> None:
        for lane in np.flatnonzero(lanes).tolist():
            self._add_snapshot(lane, epoch)

    def _add_snapshot(self, lane: int, epoch: int) -> None:
        snapshots = self._snapshots[lane]
        if not snapshots or snapshots[-1].epoch != epoch:
            weights = {name: w[..., lane].copy() for name, w in self._latest.items()}
            snapshots.append(Snapshot(int(epoch), weights, self._latest_context[:, lane].copy()))

    def _run(self, lane: int, seconds: float) -> Run:
        done = int(self._done[lane])
        status = "diverged"
        if self._alive[lane]:
            status = "finished" if done == self._epochs else "stopped"
            self._add_snapshot(lane, done)
        return Run(
            experiment=self._experiments[lane],
            sequence=self._sequences[lane],
            losses=self._losses[:done, lane].copy(),
            snapshots=tuple(self._snapshots[lane]),
            status=status,
            seconds=seconds / len(self._experiments),
            compiled=True,
        )
