"""Train a network as an `Experiment` says: `run(experiment) -> Run`."""

from __future__ import annotations

import bisect
import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from elman.experiment import Experiment
from elman.network import Weights
from elman.settings import refuse
from elman.tasks import Sequence, training_sequence
from elman.training.resets import Stage, reset_schedule
from elman.training.sizes import check_bytes, snapshot_epochs
from elman.training.trainers import (
    CompiledTrainer,
    ReferenceTrainer,
    Snapshot,
    adopted,
    compiled_available,
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
    losses       (epochs done,) mean squared error of each pass, measured while it learned; of a
                 branch also those of the passes before it
    snapshots    weights at log-spaced epochs, the first before training or where a branch begins,
                 the last at its end
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
        """Weights before training, or where a branch begins."""
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
        """The latest snapshot at or before `epoch`.

        Before a branch begins this is the untrained network that its lineage began with.
        """
        kept = [s for s in self.snapshots if s.epoch <= epoch]
        if kept:
            return kept[-1]
        root = self.experiment.lineage[-1]
        return trainer_of(root, training_sequence(root), compiled=False).snapshot(0)


def _bytes(array: np.ndarray) -> bytes:
    return np.ascontiguousarray(array, dtype="<f8").tobytes()


def resumed(run: Run, snapshot: Snapshot) -> CompiledTrainer | ReferenceTrainer:
    """A trainer that goes on exactly as `run` did from `snapshot`, one of its own.

    `train(first, last, resets)` trains steps of the sequence, `snapshot(epoch)` copies the state.
    Without Numba the reference trains; a run that the kernel trained then differs by rounding.
    """
    compiled = run.compiled and compiled_available()
    trainer = trainer_of(run.experiment.trained_by(snapshot.epoch), run.sequence, compiled)
    trainer.resume(snapshot)
    return trainer


def resets_of_pass(run: Run, epoch: int) -> np.ndarray:
    """The steps (steps,) before which the context is reset in the pass after `epoch` passes."""
    stages = _stages(run.experiment.trained_by(epoch), run.sequence)
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
    parent: Run | None = None,
) -> Run:
    """Train `experiment` and return its `Run`.

    `on_progress(share, losses)` is called now and then with the share of the work done (0 to 1)
    and the losses so far; `should_stop()` is called as often, and when it returns True the run
    ends with what the completed epochs taught it. `on_part(run)` is called now and then at an
    epoch's end with the run as if it were stopped there.

    A stopped run of the same experiment that is `begun` is gone on from, and ends with the same
    bits as one that was never stopped; of one that is over nothing is left to do. A branch goes
    on from `parent`, a run of its experiment's parent, or trains that first as far as it needs
    it; it ends with the same bits either way, if the parent is what training gives here.

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
    if parent is not None:
        if parent.experiment != experiment.parent:
            allowed = "a run of what the experiment is a branch of"
            raise refuse("parent", allowed, parent.experiment)
        if compiled is None:
            compiled = parent.compiled and compiled_available()
    look = _Look(on_progress, should_stop, on_part, experiment.epochs)
    return _run(experiment, experiment.epochs, use_compiled(compiled), begun, parent, look)


class _Look(NamedTuple):
    """Who looks at training, as `run` has it, and how many epochs are the whole of it."""

    on_progress: Callable[[float, np.ndarray], None] | None
    should_stop: Callable[[], bool] | None
    on_part: Callable[[Run], None] | None
    epochs: int


def _run(
    experiment: Experiment,
    until: int,
    compiled: bool,
    begun: Run | None,
    parent: Run | None,
    look: _Look,
) -> Run:
    """The run as far as the epoch `until`; where that is not its last it is "stopped"."""
    first = experiment.branch_epoch
    if first is not None and (begun is None or begun.epochs_done < first):
        begun = _before_branch(experiment, first, compiled, begun, parent, look)
        if begun.epochs_done < first:
            return begun
    return _train(experiment, until, compiled, begun, look)


def _before_branch(
    experiment: Experiment,
    first: int,
    compiled: bool,
    begun: Run | None,
    parent: Run | None,
    look: _Look,
) -> Run:
    """A branch as its parent leaves it: stopped where the branch begins, or before."""
    before = experiment.parent
    assert before is not None
    if begun is not None:
        parent = replace(begun, experiment=before)
    elif parent is not None:
        parent = _cut(parent, first)

    def branch_of(run: Run) -> Run:
        return _as_branch(run, experiment, first)

    def on_part(part: Run) -> None:
        if look.on_part is not None:
            look.on_part(branch_of(part))

    whole = look._replace(on_part=None if look.on_part is None else on_part)
    return branch_of(_run(before, first, compiled, parent, None, whole))


def _cut(run: Run, epoch: int) -> Run:
    """The run as if it had been stopped at its latest snapshot up to `epoch`."""
    # A branch has no snapshot before its own beginning, and nothing branches off there.
    kept = tuple(snapshot for snapshot in run.snapshots if snapshot.epoch <= epoch)
    done = kept[-1].epoch
    seconds = run.seconds * done / max(1, run.epochs_done)
    return replace(run, losses=run.losses[:done], snapshots=kept, status="stopped", seconds=seconds)


def _as_branch(run: Run, experiment: Experiment, first: int) -> Run:
    """A run of the parent of `experiment` as a run of `experiment`, which begins at `first`.

    Before that it has the parent's sequence and network. There it takes over weights and context,
    with momentum in both the latest changes, and with the same sequence and activation function as
    many past steps as both gradients reach.
    """
    status = "diverged" if run.status == "diverged" else "stopped"
    latest, sequence = run.snapshots[-1], run.sequence
    if latest.epoch == first:
        own, past = training_sequence(experiment), latest.past
        same = np.array_equal(own.inputs, sequence.inputs) and np.array_equal(
            own.targets, sequence.targets
        )
        sequence = sequence if same else own
        if past is not None and not (same and run.experiment.activation == experiment.activation):
            past = None
        latest = adopted(latest, experiment, past)
    return replace(
        run, experiment=experiment, sequence=sequence, snapshots=(latest,), status=status
    )


def _train(
    experiment: Experiment, until: int, compiled: bool, begun: Run | None, look: _Look
) -> Run:
    """`run` without a look at where a branch comes from, as far as the epoch `until`."""
    on_progress, should_stop, on_part, whole = look
    sequence = training_sequence(experiment) if begun is None else begun.sequence
    trainer = trainer_of(experiment, sequence, compiled)
    stages = _stages(experiment, sequence)
    starts = {stage.first_epoch: stage for stage in stages}
    keep = set(snapshot_epochs(experiment).tolist())
    ends = sorted({*keep, *starts, until})
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
    share = latest.epoch / whole
    resets = [stage.resets for stage in stages if stage.first_epoch <= latest.epoch][-1]
    began = reported = handed_out = time.perf_counter()

    def so_far(status: str) -> Run:
        done = latest.epoch
        return Run(
            experiment=experiment,
            sequence=sequence,
            losses=losses[:done].copy(),
            snapshots=tuple({s.epoch: s for s in (*snapshots, latest)}.values()),
            status=status,
            seconds=before + time.perf_counter() - began,
            compiled=compiled,
        )

    if begun is not None and on_progress is not None:
        on_progress(share, losses[: latest.epoch])
    step = 0
    while status == "finished" and latest.epoch < until:
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
            share = (latest.epoch + step / steps) / whole
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
    if status != "diverged":
        status = "finished" if done == experiment.epochs else "stopped"
    if on_progress is not None:
        # Never less than was reported before an epoch was broken off.
        on_progress(max(share, done / whole), losses[:done])
    return so_far(status)


def _finite(losses: np.ndarray, weights: Weights) -> bool:
    # A sum is not finite when a term is not, and costs one pass without a temporary array. Weights
    # that were not finite once never are again: all that training does is to add to them.
    return bool(np.isfinite(losses.sum())) and all(np.isfinite(w.sum()) for w in weights.values())
