"""One run under way: weights and memory that are trained a stretch of steps at a time.

`trainer_of` gives the compiled kernel or the NumPy reference, which have the same methods:
`train(first, last, resets)`, `snapshot(epoch)` and `resume(snapshot)`.
"""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass, replace

import numpy as np

from elman.experiment import Experiment
from elman.network import ElmanNetwork, Weights, initial_weights
from elman.settings import refuse
from elman.tasks import Sequence
from elman.training import compiling
from elman.training.kernel_arguments import ACTIVATION_CODES, new_memory, read_only


@dataclass(frozen=True)
class Past:
    """The steps that a gradient of some depth still reaches, newest first.

    `step` (lags,) is their place in the sequence; `context` and `hidden` (lags, n_hidden) are
    what they used and computed.
    """

    step: np.ndarray
    context: np.ndarray
    hidden: np.ndarray


@dataclass(frozen=True)
class Snapshot:
    """Weights after `epoch` passes (0: before training) and the context (hidden,) then.

    Where training carries more from step to step it is here, too: `velocity`, the latest weight
    changes, with momentum, and `past` with a depth above 1. They are None otherwise.
    """

    epoch: int
    weights: Weights
    context: np.ndarray
    velocity: Weights | None = None
    past: Past | None = None


@functools.cache
def compiled_available() -> bool:
    """Whether the compiled kernel can be used; warns, once, if Numba is not installed."""
    if not compiling.available():
        warnings.warn(
            "Numba is not installed: training runs on the NumPy reference, with the same "
            "results, only slower.",
            RuntimeWarning,
            stacklevel=4,
        )
    return compiling.available()


def use_compiled(wanted: bool | None) -> bool:
    """Whether to compile: as `wanted`, by default if Numba is there; ValueError without it."""
    if wanted and not compiling.available():
        raise refuse("compiled", "True only with Numba installed", True)
    return compiled_available() if wanted is None else wanted


def kernel_of(experiment: Experiment) -> str:
    """The name of the kernel that trains an experiment alone."""
    plain = experiment.depth == 1 and experiment.momentum == 0.0
    return "train_elman" if plain else "train_through_time"


class CompiledTrainer:
    """Weights and memory of one run, trained by the compiled kernel."""

    def __init__(self, experiment: Experiment, sequence: Sequence) -> None:
        n_output = sequence.targets.shape[1]
        self._experiment = experiment
        self.weights = first_weights(experiment, sequence)
        self._velocity = {name: np.zeros_like(w) for name, w in self.weights.items()}
        self._memory = new_memory(
            experiment.hidden, n_output, experiment.depth, experiment.context_start
        )
        x, d = read_only(sequence.inputs), read_only(sequence.targets)
        start, rate = experiment.context_start, experiment.learning_rate
        activation = ACTIVATION_CODES[experiment.activation]
        weights = tuple(self.weights.values())
        memory = self._memory
        name = kernel_of(experiment)
        train = compiling.kernel(name)
        if name == "train_elman":
            self._train = lambda first, last, resets, squared: train(
                first, last, x, d, resets, start, rate, activation, *weights, *memory[:3], squared
            )
        else:
            changes = tuple(self._velocity.values())
            self._train = lambda first, last, resets, squared: train(
                first, last, x, d, resets, start, rate, experiment.momentum, activation,
                *weights, *changes, *memory, squared,
            )  # fmt: skip

    def train(
        self, first: int, last: int, resets: np.ndarray, squared: np.ndarray | None = None
    ) -> None:
        """Train steps `first` to `last` (excluded), counted from the start of the pass under way.

        Past the end of the sequence the next pass begins. `resets` (steps,) marks the steps of
        every pass before which the context is reset. The squared errors of all steps and outputs
        are added, one after the other, to `squared`, a number for each pass.
        """
        if squared is None:
            squared = np.zeros(last // len(resets) + 1)
        self._train(first, last, resets, squared)

    def snapshot(self, epoch: int) -> Snapshot:
        """A copy of all that training goes on from."""
        memory, depth = self._memory, self._experiment.depth
        now, since_reset = memory.ring
        past = None
        if depth > 1:
            slots = (now - 1 - np.arange(min(since_reset, depth - 1))) % depth
            past = Past(memory.step[slots], memory.context[slots], memory.hidden[slots])
        return Snapshot(
            epoch,
            _copy(self.weights),
            memory.context[now].copy(),
            _copy(self._velocity) if self._experiment.momentum else None,
            past,
        )

    def resume(self, snapshot: Snapshot) -> None:
        """Go on from `snapshot`."""
        _overwrite(self.weights, snapshot.weights)
        if snapshot.velocity is not None:
            _overwrite(self._velocity, snapshot.velocity)
        memory, lags = self._memory, 0
        if snapshot.past is not None:
            lags = len(snapshot.past.step)
            for name in ("step", "context", "hidden"):
                getattr(memory, name)[:lags] = getattr(snapshot.past, name)[::-1]
        memory.context[lags] = snapshot.context
        # More steps since the last reset than the gradient reaches make no difference.
        memory.ring[:] = lags


class ReferenceTrainer:
    """The same as `CompiledTrainer` by `ElmanNetwork`, step by step."""

    def __init__(self, experiment: Experiment, sequence: Sequence) -> None:
        self._sequence = sequence
        self._network = reference_network(experiment, sequence)
        self._next = 0
        self.weights = self._network.weights

    def train(
        self, first: int, last: int, resets: np.ndarray, squared: np.ndarray | None = None
    ) -> None:
        """As `CompiledTrainer.train` does."""
        # A diverging run overflows on its way; `run` reports it once, in words.
        with np.errstate(over="ignore", invalid="ignore"):
            for step in range(first, last):
                done, t = divmod(step, len(resets))
                if resets[t]:
                    self._network.reset_context()
                _, error = self._network.train_step(
                    self._sequence.inputs[t], self._sequence.targets[t]
                )
                if squared is not None:
                    squared[done] += float(error @ error)
        self._next = last

    def snapshot(self, epoch: int) -> Snapshot:
        """A copy of all that training goes on from."""
        network = self._network
        past = None
        if network.depth > 1:
            shape = len(network.history), len(network.context)
            past = Past(
                (self._next - 1 - np.arange(shape[0])) % len(self._sequence),
                np.array([context for _, context, _ in network.history]).reshape(shape),
                np.array([hidden for _, _, hidden in network.history]).reshape(shape),
            )
        return Snapshot(
            epoch,
            _copy(self.weights),
            network.context.copy(),
            _copy(network.velocity) if network.momentum else None,
            past,
        )

    def resume(self, snapshot: Snapshot) -> None:
        """Go on from `snapshot`."""
        set_state(self._network, snapshot, self._sequence)


def _copy(weights: Weights) -> Weights:
    return {name: w.copy() for name, w in weights.items()}


def _overwrite(weights: Weights, values: Weights) -> None:
    for name, w in weights.items():
        w[...] = values[name]


def reference_network(experiment: Experiment, sequence: Sequence) -> ElmanNetwork:
    """The `ElmanNetwork` that an experiment describes, before training."""
    return ElmanNetwork(
        sequence.inputs.shape[1],
        experiment.hidden,
        sequence.targets.shape[1],
        experiment.learning_rate,
        rng=np.random.default_rng(experiment.seed),
        activation=experiment.activation,
        momentum=experiment.momentum,
        depth=experiment.depth,
        context_start=experiment.context_start,
        weight_init=experiment.weight_init,
        weight_scale=experiment.weight_scale,
    )


def set_state(network: ElmanNetwork, snapshot: Snapshot, sequence: Sequence) -> None:
    """Let `network` go on from a snapshot of its training on `sequence`."""
    _overwrite(network.weights, snapshot.weights)
    if snapshot.velocity is not None:
        network.velocity = _copy(snapshot.velocity)
    network.reset_context()
    network.context = snapshot.context.copy()
    if snapshot.past is not None:
        past = snapshot.past
        network.history.extend(
            zip(sequence.inputs[past.step], past.context, past.hidden, strict=True)
        )


def adopted(snapshot: Snapshot, experiment: Experiment, past: Past | None) -> Snapshot:
    """A snapshot of another training as one that `experiment` goes on from, with those of the
    steps of the `past` that its gradient reaches."""
    velocity = None
    if experiment.momentum:
        zeros = {name: np.zeros_like(w) for name, w in snapshot.weights.items()}
        velocity = zeros if snapshot.velocity is None else snapshot.velocity
    reached = None
    if experiment.depth > 1:
        none = np.empty((0, experiment.hidden))
        past = Past(np.empty(0, dtype=np.int64), none, none) if past is None else past
        lags = experiment.depth - 1
        reached = Past(past.step[:lags], past.context[:lags], past.hidden[:lags])
    return replace(snapshot, velocity=velocity, past=reached)


def first_weights(experiment: Experiment, sequence: Sequence) -> Weights:
    """The weights that this experiment's seed starts from."""
    return initial_weights(
        sequence.inputs.shape[1],
        experiment.hidden,
        sequence.targets.shape[1],
        rng=np.random.default_rng(experiment.seed),
        init=experiment.weight_init,
        scale=experiment.weight_scale,
    )


def trainer_of(
    experiment: Experiment, sequence: Sequence, compiled: bool
) -> CompiledTrainer | ReferenceTrainer:
    """The trainer of an experiment, before its first step."""
    return (CompiledTrainer if compiled else ReferenceTrainer)(experiment, sequence)
