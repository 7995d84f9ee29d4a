"""Many experiments at once: `sweep(experiments, measure)` gives an `Outcome` for each.

outcomes = sweep(variations(Experiment(), {"hidden": [2, 4, 8]}, seeds=20), measure)
frame = table(outcomes)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import joblib
import numpy as np

from elman.experiment import SETTINGS, Experiment
from elman.training import Run, run

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
) -> list[Outcome]:
    """Train every experiment, `workers` at a time (-1: one a processor), and measure each run.

    `on_progress(share, outcomes)` is called after each completed run with all outcomes so far;
    `should_stop()` is asked meanwhile, and when it says yes the outcomes of the completed runs
    are returned. They are in the order of the experiments.
    """

    def one(index: int, experiment: Experiment) -> tuple[int, Outcome | None]:
        if should_stop is not None and should_stop():
            return index, None
        trained = run(experiment, should_stop=should_stop)
        return index, None if trained.status == "stopped" else outcome_of(trained, measure)

    done: dict[int, Outcome] = {}
    parallel = joblib.Parallel(workers, backend="threading", return_as="generator_unordered")
    for index, outcome in parallel(
        joblib.delayed(one)(index, experiment) for index, experiment in enumerate(experiments)
    ):
        if outcome is not None:
            done[index] = outcome
            if on_progress is not None:
                on_progress(len(done) / len(experiments), in_order(done))
    return in_order(done)


def in_order(done: Mapping[int, Outcome]) -> list[Outcome]:
    """Outcomes by the place of their experiment."""
    return [done[index] for index in sorted(done)]


def outcome_of(trained: Run, measure: Measure) -> Outcome:
    """The outcome of a run; one that diverged in its first pass has nothing to measure."""
    values = dict(measure(trained)) if trained.epochs_done else {}
    return Outcome(trained.experiment, trained.losses, trained.status, trained.seconds, values)


def table(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """One row a run: every field of its experiment, then status, epochs_done, final_loss, seconds
    and the measured values."""
    import pandas as pd

    return pd.DataFrame(
        {
            **asdict(outcome.experiment),
            "status": outcome.status,
            "epochs_done": len(outcome.losses),
            "final_loss": outcome.losses[-1] if len(outcome.losses) else np.nan,
            "seconds": outcome.seconds,
            **outcome.values,
        }
        for outcome in outcomes
    )
