"""Train a network as an `Experiment` says: `run(experiment) -> Run`."""

from __future__ import annotations

import bisect
import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from elman.experiment import Experiment
from elman.network import Weights
from elman.settings import refuse
from elman.tasks import Sequence, task_of, training_sequence
from elman.training import compiling
from elman.training.kernel_arguments import ACTIVATION_CODES, read_only
from elman.training.resets import Stage, reset_before, reset_schedule
from elman.training.sizes import check_bytes, snapshot_epochs
from elman.training.trainers import (
    CompiledTrainer,
    ReferenceTrainer,
    Snapshot,
    compiled_available,
    reference_network,
    trainer_of,
    use_compiled,
)

# Between two looks at the clock and at `should_stop`: about this many multiplications.
STRETCH_WORK = 20_000_000

PROGRESS_SECONDS = 0.05


@dataclass(frozen=True)
class Run:
    """A trained network with all that is needed to replay it.

    experiment   its settings
    sequence     the training sequence with its groups, positions and floor
    losses       (epochs done,) mean squared error of each pass, measured while it learned
    snapshots    weights at log-spaced epochs, the first before training, the last at its end
    status       "finished", "stopped" (by `should_stop`) or "diverged" (no longer finite)
    seconds      training alone, without compiling
    compiled     whether the compiled kernel trained it, or the NumPy reference
    """

    experiment: Experiment
    sequence: Sequence
    losses: np.ndarray
    snapshots: tuple[Snapshot, ...]
    status: str
    seconds: float
    compiled: bool

    @property
    def inputs(self) -> np.ndarray:
        """Training inputs (steps, n_in)."""
        return self.sequence.inputs

    @property
    def targets(self) -> np.ndarray:
        """Training targets (steps, n_out)."""
        return self.sequence.targets

    @property
    def initial(self) -> Weights:
        """Weights before training."""
        return self.snapshots[0].weights

    @property
    def final(self) -> Weights:
        """Weights after the last completed pass."""
        return self.snapshots[-1].weights

    @property
    def final_loss(self) -> float:
        """Loss of the last completed pass; not-a-number if there was none."""
        return float(self.losses[-1]) if len(self.losses) else float("nan")

    @property
    def epochs_done(self) -> int:
        """Completed passes."""
        return len(self.losses)

    @property
    def fingerprint(self) -> str:
        """A number in hexadecimal that any changed bit of losses or snapshots would change."""
        digest = hashlib.sha256(_bytes(self.losses))
        for snapshot in self.snapshots:
            velocity = () if snapshot.velocity is None else snapshot.velocity.values()
            past = () if snapshot.past is None else (snapshot.past.context, snapshot.past.hidden)
            for array in (*snapshot.weights.values(), snapshot.context, *velocity, *past):
                digest.update(_bytes(array))
        return digest.hexdigest()

    @property
    def message(self) -> str:
        """What a reader should know about how the run ended; empty for a finished one."""
        if self.status == "stopped":
            return f"Stopped after {self.epochs_done} of {self.experiment.epochs} epochs."
        if self.status == "diverged":
            return (
                f"Activations or weights grew without bound in epoch {self.epochs_done + 1}, and "
                "training ended there. A smaller learning rate, less momentum or sigmoid units "
                "keep them finite."
            )
        return ""

    def at(self, epoch: int) -> Snapshot:
        """The latest snapshot at or before `epoch`."""
        return [s for s in self.snapshots if s.epoch <= epoch][-1]


def _bytes(array: np.ndarray) -> bytes:
    return np.ascontiguousarray(array, dtype="<f8").tobytes()


def resumed(run: Run, snapshot: Snapshot) -> CompiledTrainer | ReferenceTrainer:
    """A trainer that goes on exactly as `run` did from `snapshot`, one of its own.

    `train(first, last, resets)` trains steps of the sequence, `snapshot(epoch)` copies the state.
    Without Numba the reference trains; a run that the kernel trained then differs by rounding.
    """
    compiled = run.compiled and compiled_available()
    trainer = trainer_of(run.experiment, run.sequence, compiled)
    trainer.resume(snapshot)
    return trainer


def resets_of_pass(run: Run, epoch: int) -> np.ndarray:
    """The steps (steps,) before which the context is reset in the pass after `epoch` passes."""
    stages = _stages(run.experiment, run.sequence)
    return [stage.resets for stage in stages if stage.first_epoch <= epoch][-1]


def _stages(experiment: Experiment, sequence: Sequence) -> list[Stage]:
    return reset_schedule(
        experiment.reset,
        sequence.group_starts,
        experiment.epochs,
        experiment.reset_every,
        sequence.seams,
    )


def _stretch(experiment: Experiment, sequence: Sequence, compiled: bool) -> int:
    """Steps that take a small part of a second, so that Stop and progress stay prompt."""
    weights = experiment.hidden * (experiment.hidden + sum(_widths(sequence)))
    work = STRETCH_WORK if compiled else STRETCH_WORK // 100
    return max(1, work // (weights * experiment.depth + 20))


def _widths(sequence: Sequence) -> tuple[int, int]:
    return sequence.inputs.shape[1], sequence.targets.shape[1]


def run(
    experiment: Experiment,
    on_progress: Callable[[float, np.ndarray], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    *,
    compiled: bool | None = None,
    max_bytes: float = math.inf,
    begun: Run | None = None,
    on_part: Callable[[Run], None] | None = None,
) -> Run:
    """Train `experiment` and return its `Run`.

    `on_progress(share, losses)` is called now and then with the share of the work done (0 to 1)
    and the losses so far; `should_stop()` is called as often, and when it returns True the run
    ends with what the completed epochs taught it. `on_part(run)` is called now and then at an
    epoch's end with the run as if it were stopped there.

    A stopped run of the same experiment that is `begun` is gone on from, and ends with the same
    bits as one that was never stopped; of one that is over nothing is left to do.

    `compiled` chooses the kernel (the default if Numba is installed) or the NumPy reference; both
    give the same weights but for rounding. A run that is begun goes on by what it began with. An
    experiment that needs more than `max_bytes` of memory raises ValueError before anything is
    made; see `check_bytes`.
    """
    check_bytes(experiment, max_bytes)
    if begun is not None:
        if begun.experiment != experiment:
            raise refuse("begun", "a run of the same experiment", begun.experiment)
        if begun.status != "stopped":
            return begun
        compiled = begun.compiled
    compiled = use_compiled(compiled)
    sequence = training_sequence(experiment) if begun is None else begun.sequence
    trainer = trainer_of(experiment, sequence, compiled)
    stages = _stages(experiment, sequence)
    starts = {stage.first_epoch: stage for stage in stages}
    keep = set(snapshot_epochs(experiment).tolist())
    ends = sorted({*keep, *starts, experiment.epochs})
    stretch = _stretch(experiment, sequence, compiled)
    steps = len(sequence)
    squared, losses = np.zeros(experiment.epochs), np.empty(experiment.epochs)
    status = "finished"

    if begun is None:
        latest, before = trainer.snapshot(0), 0.0
        snapshots = [latest]
    else:
        latest, before = begun.snapshots[-1], begun.seconds
        snapshots = [snapshot for snapshot in begun.snapshots if snapshot.epoch in keep]
        losses[: latest.epoch] = begun.losses
        trainer.resume(latest)
    share = latest.epoch / experiment.epochs
    resets = [stage.resets for stage in stages if stage.first_epoch <= latest.epoch][-1]
    began = reported = handed_out = time.perf_counter()

    def so_far(status: str) -> Run:
        done = latest.epoch
        return Run(
            experiment=experiment,
            sequence=sequence,
            losses=losses[:done].copy(),
            snapshots=(*snapshots, *([latest] if snapshots[-1].epoch != done else [])),
            status=status,
            seconds=before + time.perf_counter() - began,
            compiled=compiled,
        )

    if begun is not None and on_progress is not None:
        on_progress(share, losses[: latest.epoch])
    step = 0
    while status == "finished" and latest.epoch < experiment.epochs:
        epoch = latest.epoch
        if epoch in starts:
            resets = starts[epoch].resets
        # Many short passes in one call, or a part of a long one: each call gives the GIL away, and
        # on a busy server waits to get it back.
        passes = min(ends[bisect.bisect(ends, epoch)] - epoch, max(1, stretch // steps))
        last = min(step + stretch, steps) if stretch < steps else passes * steps
        trainer.train(step, last, resets, squared[epoch:])
        passes, step = divmod(last, steps)
        if passes:
            now = epoch + passes
            losses[epoch:now] = squared[epoch:now] / sequence.targets.size
            if not _finite(losses[epoch:now], trainer.weights):
                if passes == 1:
                    status = "diverged"
                    break
                # Once more, pass by pass, to end before the one in which it diverged.
                trainer.resume(latest)
                squared[epoch:now], stretch = 0.0, steps
                continue
            latest = trainer.snapshot(now)
            if now in keep:
                snapshots.append(latest)
        if should_stop is not None and should_stop():
            status = "stopped"
        if on_progress is not None and time.perf_counter() - reported >= PROGRESS_SECONDS:
            reported = time.perf_counter()
            share = (latest.epoch + step / steps) / experiment.epochs
            on_progress(share, losses[: latest.epoch])
        if (
            on_part is not None
            and step == 0
            and status == "finished"
            and time.perf_counter() - handed_out >= PROGRESS_SECONDS
        ):
            handed_out = time.perf_counter()
            on_part(so_far("stopped"))

    done = latest.epoch
    if status == "stopped" and done == experiment.epochs:
        status = "finished"
    if on_progress is not None:
        # Never less than was reported before an epoch was broken off.
        on_progress(max(share, done / experiment.epochs), losses[:done])
    return so_far(status)


def _finite(losses: np.ndarray, weights: Weights) -> bool:
    # A sum is not finite when a term is not, and costs one pass without a temporary array. Weights
    # that were not finite once never are again: all that training does is to add to them.
    return bool(np.isfinite(losses.sum())) and all(np.isfinite(w.sum()) for w in weights.values())


def predict(
    snapshot: Snapshot,
    sequence: Sequence,
    experiment: Experiment,
    reset: str = "epoch",
    reset_every: int | None = None,
    *,
    compiled: bool | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs (steps, n_out) and hidden states (steps, hidden) over a sequence, not learning.

    The context goes on from where training left it unless `reset` (a policy other than
    "growing") sets it back before the first step. While kernels are being prepared in the
    background the reference answers, with the same but for rounding, unless `compiled` is True.
    """
    if compiled is None and compiling.under_way() and not compiling.ready("predict"):
        compiled = False
    compiled = use_compiled(compiled)
    resets = reset_before(reset, sequence.group_starts, reset_every, sequence.seams)
    if compiled:
        states = np.empty((len(sequence), experiment.hidden))
        outputs = np.empty(sequence.targets.shape)
        compiling.kernel("predict")(
            read_only(sequence.inputs), resets, experiment.context_start,
            ACTIVATION_CODES[experiment.activation], *snapshot.weights.values(),
            snapshot.context[np.newaxis].copy(), states, outputs,
        )  # fmt: skip
        return outputs, states
    network = reference_network(experiment, sequence)
    network.weights, network.context = snapshot.weights, snapshot.context
    answers = []
    # The last finite weights of a run that diverged may still overflow.
    with np.errstate(over="ignore", invalid="ignore"):
        for x, reset_first in zip(sequence.inputs, resets, strict=True):
            if reset_first:
                network.reset_context()
            output, hidden = network.forward(x)
            network.update_context(hidden)
            answers.append((output, hidden))
    outputs, states = (np.array(column) for column in zip(*answers, strict=True))
    return outputs, states


def stepper(
    snapshot: Snapshot, experiment: Experiment, *, compiled: bool | None = None
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """A network with the weights of a snapshot, to be asked one step at a time, not learning.

    `read(x)` takes an input (n_in,) and gives the output (n_out,) and the hidden state (hidden,);
    its context begins at the experiment's start value and goes on from call to call, but before
    the mark of a new document. The same bits as `predict`.
    """
    if compiled is None and compiling.under_way() and not compiling.ready("predict"):
        compiled = False
    n_out, task = len(snapshot.weights["b_o"]), task_of(experiment)
    mark = None if task.mark is None else task.codes[task.mark]
    if not use_compiled(compiled):
        network = reference_network(experiment, training_sequence(experiment))
        network.weights = snapshot.weights

        def ask(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            if mark is not None and np.array_equal(x, mark):
                network.reset_context()
            with np.errstate(over="ignore", invalid="ignore"):
                output, hidden = network.forward(x)
            network.update_context(hidden)
            return output, hidden

        return ask
    kernel = compiling.kernel("predict")
    code, weights = ACTIVATION_CODES[experiment.activation], tuple(snapshot.weights.values())
    context = np.full((1, experiment.hidden), experiment.context_start)
    never = np.zeros(1, dtype=bool)

    def read(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if mark is not None and np.array_equal(x, mark):
            context[:] = experiment.context_start
        states, outputs = np.empty((1, experiment.hidden)), np.empty((1, n_out))
        kernel(
            read_only(np.ascontiguousarray(x[np.newaxis], dtype=float)), never,
            experiment.context_start, code, *weights, context.copy(), states, outputs,
        )  # fmt: skip
        context[:] = states
        return outputs[0], states[0]

    return read
