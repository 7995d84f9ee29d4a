"""Many experiments at once: `sweep(experiments, measure)` gives an `Outcome` for each.

outcomes = sweep(variations(Experiment(), {"hidden": [2, 4, 8]}, seeds=20), measure)
frame = table(outcomes)
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from elman.experiment import SETTINGS, Experiment
from elman.sweeps import cluster
from elman.training import Run
from elman.training.batches import BLOCK_BYTES, blocks, run_batch, total_work

if TYPE_CHECKING:
    import pandas as pd

# Numbers of interest of a run, by name.
Measure = Callable[[Run], Mapping[str, float]]


@dataclass(frozen=True)
class Outcome:
    """What is kept of one run of a sweep.

    losses    (epochs done,) mean squared error of each pass
    status    "finished" or "diverged"
    seconds   its share of the training time
    values    what `measure` gave for the run; empty if no pass was completed
    """

    experiment: Experiment
    losses: np.ndarray
    status: str
    seconds: float
    values: Mapping[str, float]


def variations(
    base: Experiment, vary: Mapping[str, Iterable[Any]], seeds: int = 1
) -> list[Experiment]:
    """Every combination of the values in `vary` with each of `seeds` seeds, the seeds last.

    Seed k moves both the first weights and the sequence on by k from those of `base`, so seed 0
    is the run that pages show, and adding seeds never changes earlier runs. Raises ValueError as
    Experiment does for a value that is not allowed.
    """
    combinations = itertools.product(*vary.values())
    experiments = [base.replace(**dict(zip(vary, values, strict=True))) for values in combinations]
    return [with_seed(experiment, k) for experiment in experiments for k in range(seeds)]


def with_seed(experiment: Experiment, k: int) -> Experiment:
    """The experiment with first weights and sequence moved on by `k` seeds."""
    size = int(SETTINGS["seed"].high) + 1
    return experiment.replace(
        seed=(experiment.seed + k) % size, data_seed=(experiment.data_seed + k) % size
    )


def sweep(
    experiments: Sequence[Experiment],
    measure: Measure,
    on_progress: Callable[[float, list[Outcome]], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    *,
    workers: int = -1,
    block_bytes: int = BLOCK_BYTES,
    dask: str | None = None,
) -> list[Outcome]:
    """Train every experiment, `workers` at a time (-1: one a processor), and measure each run.

    Runs of one shape are trained together, as many as have sequences of at most `block_bytes`; see
    `training.batches`. `on_progress(share, outcomes)`
    is called now and then with the share of the work done and all outcomes so far, by one thread
    at a time but not always the same; `should_stop()` is called meanwhile, and when it returns True
    the outcomes of the completed runs are returned. They are in the order of the experiments.

    With the address of a Dask scheduler in `dask`, such as "tcp://10.0.0.5:8786", its workers
    train instead of this machine; `elman` must be installed there, and `measure` be a function
    that they can import. Progress then moves when a block of runs is complete. Raises ValueError
    if there is no such scheduler.
    """
    progress = _Progress(experiments, on_progress)
    in_turn = _in_turn(experiments, block_bytes, progress.work)
    if dask is not None:
        tasks = [([experiments[i] for i in block], measure) for block in in_turn]
        for task, outcomes in cluster.results(dask, train_block, tasks, should_stop):
            progress.complete(in_turn[task], outcomes)
        return progress.outcomes()

    # Set when one block fails or the caller gives up, so that the others do not go on for nothing.
    abandoned = threading.Event()

    def stop() -> bool:
        return abandoned.is_set() or (should_stop is not None and should_stop())

    def one(block: list[int]) -> None:
        if not stop():
            chosen = [experiments[index] for index in block]
            report = partial(progress.advance, block)
            progress.complete(block, train_block(chosen, measure, report, stop))

    # A tenth of a second to import, which pages that compare nothing do not wait for.
    import joblib

    parallel = joblib.Parallel(
        workers, backend="threading", batch_size=1, return_as="generator_unordered"
    )
    try:
        for _ in parallel(joblib.delayed(one)(block) for block in in_turn):
            pass
    finally:
        abandoned.set()
    return progress.outcomes()


def _in_turn(
    experiments: Sequence[Experiment], block_bytes: int, work: Callable[[list[int]], float]
) -> list[list[int]]:
    """The blocks of experiments in the order in which they are trained.

    The first seeds of every setting come before the next, so that a sweep that is stopped has
    about as many of each; of those the longest first, so that processors end together.
    """
    settings: dict[Experiment, int] = {}
    turns = []
    for experiment in experiments:
        setting = experiment.replace(seed=0, data_seed=0)
        settings[setting] = turn = settings.get(setting, -1) + 1
        turns.append(turn)
    order = sorted(range(len(turns)), key=turns.__getitem__)
    found = [[order[i] for i in block]
             for block in blocks([experiments[i] for i in order], block_bytes)]  # fmt: skip
    return sorted(found, key=lambda block: (min(turns[i] for i in block), -work(block)))


def train_block(
    experiments: Sequence[Experiment],
    measure: Measure,
    on_progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[Outcome | None]:
    """Train experiments of one shape together and measure them; None for a run that was stopped."""
    return [
        None if trained.status == "stopped" else outcome_of(trained, measure)
        for trained in run_batch(experiments, on_progress, should_stop)
    ]


class _Progress:
    """What the blocks of a sweep have done so far; reports it from one thread at a time."""

    def __init__(
        self,
        experiments: Sequence[Experiment],
        on_progress: Callable[[float, list[Outcome]], None] | None,
    ) -> None:
        self._work = np.array([total_work(e) for e in experiments], dtype=float)
        self._shares = np.zeros(len(experiments))
        self._done: dict[int, Outcome] = {}
        self._on_progress = on_progress
        self._lock = threading.Lock()

    def work(self, block: Sequence[int]) -> float:
        """How much there is to do for a block, in the same unit for all."""
        return float(self._work[block].sum())

    def advance(self, block: list[int], share: float) -> None:
        """The runs of a block have done `share` of their training."""
        with self._lock:
            self._shares[block] = share
            self._report()

    def complete(self, block: list[int], outcomes: Sequence[Outcome | None]) -> None:
        """The outcomes of a block are there, but for the runs that were stopped."""
        with self._lock:
            done = {i: o for i, o in zip(block, outcomes, strict=True) if o is not None}
            if done:
                self._done |= done
                self._shares[[*done]] = 1.0
                self._report()

    def _report(self) -> None:
        if self._on_progress is not None:
            everything = len(self._done) == len(self._work)
            share = 1.0 if everything else float(self._work @ self._shares / self._work.sum())
            self._on_progress(share, self.outcomes())

    def outcomes(self) -> list[Outcome]:
        """The outcomes so far by the place of their experiment."""
        return [self._done[index] for index in sorted(self._done)]


def outcome_of(trained: Run, measure: Measure) -> Outcome:
    """The outcome of a run; one that diverged in its first pass has nothing to measure."""
    values = dict(measure(trained)) if trained.epochs_done else {}
    return Outcome(trained.experiment, trained.losses, trained.status, trained.seconds, values)


def record(outcome: Outcome) -> dict[str, Any]:
    """The outcome's row of `table`."""
    return {
        **outcome.experiment.to_dict(),
        "status": outcome.status,
        "epochs_done": len(outcome.losses),
        "final_loss": float(outcome.losses[-1]) if len(outcome.losses) else np.nan,
        "seconds": outcome.seconds,
        **outcome.values,
    }


def table(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """One row a run: every field of its experiment, then status, epochs_done, final_loss, seconds
    and the measured values."""
    import pandas as pd

    return pd.DataFrame(map(record, outcomes))
