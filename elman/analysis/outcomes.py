"""What a sweep asks of each run, and what many runs together tell: shares, intervals, epochs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from elman.analysis import errors, learned
from elman.analysis.replay import replay
from elman.experiment import SETTINGS, Experiment
from elman.sweeps import Outcome, record
from elman.tasks import new_sequence
from elman.training import Run

# The value that `elman.analysis.learned` judges.
LEARNED_VALUE = "right where certain"

# Name of the epochs that a run's loss took to reach a level.
EPOCHS = "epochs_to_level"

# The quantiles of many runs between which `summary` says nine of ten lie.
LOW, HIGH = 0.05, 0.95


def scores(run: Run) -> dict[str, float]:
    """Errors of a run's last network on a new sequence of its rule, the context reset as trained.

    squared and rate over all steps, `squared at P` and `rate at P` for each position P of the
    task, and `right where certain`, the share of right answers where the rule makes the next
    symbol certain; not-a-number where no step is, or nobody knows the rule.
    """
    tested = replay(run, new_sequence(run.experiment))
    task, sequence = tested.task, tested.sequence
    squared = errors.squared_errors(tested).mean(axis=1)
    wrong = errors.wrong(tested)
    sure = sequence.predictable
    values = {
        "squared": float(squared.mean()),
        "rate": float(wrong.mean()),
        LEARNED_VALUE: float(1.0 - wrong[sure].mean()) if sure.any() else math.nan,
    }
    # The same as `errors.by_position`, which many runs have no time for.
    if len(task.positions) > 1:
        for place, position in enumerate(task.positions):
            here = sequence.position == place
            if here.any():
                values[f"squared at {position}"] = float(squared[here].mean())
                values[f"rate at {position}"] = float(wrong[here].mean())
    return values


def epochs_until(losses: np.ndarray, level: float) -> int | None:
    """The first epoch (from 1) whose loss is at most `level`; None if there is none."""
    below = np.flatnonzero(losses <= level)
    return int(below[0]) + 1 if len(below) else None


class Share(NamedTuple):
    """`successes` among `runs`, and the 95 % interval (low, high) of the true share."""

    successes: int
    runs: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The observed share; not-a-number without runs."""
        return self.successes / self.runs if self.runs else math.nan


def share(successes: int, runs: int) -> Share:
    """A share with its 95 % interval.

    Source: Wilson (1927), Journal of the American Statistical Association 22:209-212; unlike the
    normal approximation it stays between 0 and 1 and says something of 0 and of all.
    """
    if runs == 0:
        return Share(0, 0, 0.0, 1.0)
    # Takes half a second to import, which only a comparison needs.
    from scipy.stats import binomtest

    interval = binomtest(successes, runs).proportion_ci(0.95, method="wilson")
    return Share(successes, runs, float(interval.low), float(interval.high))


def record_with_level(outcome: Outcome, level: float | None) -> dict[str, Any]:
    """The row of `elman.sweeps.table`, with the `level` and the epochs until the loss reached it.

    Both are not-a-number if there is no level.
    """
    epochs = None if level is None else epochs_until(outcome.losses, level)
    return record(outcome) | {
        "level": math.nan if level is None else level,
        EPOCHS: math.nan if epochs is None else float(epochs),
    }


def summary(
    outcomes: Sequence[Outcome], varied: Sequence[str], level: float | None = None
) -> pd.DataFrame:
    """What the runs of each combination of the `varied` fields tell together: one row each.

    Columns, after the varied fields, in the order in which the combinations first appear:

    runs, diverged                        counts
    loss_mean, loss_sd                    final loss of the runs that did not diverge
    loss_low, loss_high                   its 5 and 95 % quantiles
    squared_mean, squared_sd              squared error on new sequences, likewise
    learned, learned_low, learned_high    share of all runs that learned the rule, see
                                          `elman.analysis.learned`, and its 95 % interval
    epochs_median                         the epoch by which half of all runs had a loss of at
                                          most `level`

    A run that diverged has neither learned nor reached the level. Not-a-number: spreads of fewer
    than two runs, `learned` where no step is certain, `epochs_median` where fewer than half of
    the runs reached the level or none is given.
    """
    return summary_of([record_with_level(outcome, level) for outcome in outcomes], varied)


def summary_of(records: Iterable[Mapping[str, Any]], varied: Sequence[str]) -> pd.DataFrame:
    """`summary` of the rows that `record_with_level` made, wherever they were kept meanwhile."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in records:
        groups.setdefault(tuple(row[name] for name in varied), []).append(row)
    rows = [
        {**dict(zip(varied, key, strict=True)), **_together(members)}
        for key, members in groups.items()
    ]
    return pd.DataFrame(rows, columns=None if rows else [*varied, *_together([])])


def _together(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    kept = [row for row in rows if row["status"] != "diverged"]
    certain = [row.get(LEARNED_VALUE, math.nan) for row in rows]
    rights = [row.get(LEARNED_VALUE, math.nan) for row in kept]
    experiments = [Experiment(**{name: row[name] for name in SETTINGS}) for row in kept]
    found = share(int(learned.which_learned(experiments, rights).sum()), len(rows))
    if np.isnan(certain).all():
        found = Share(0, 0, math.nan, math.nan)
    squared = _spread("squared", [row.get("squared", math.nan) for row in kept])
    return {
        "runs": len(rows),
        "diverged": len(rows) - len(kept),
        **_spread("loss", [row["final_loss"] for row in kept]),
        "squared_mean": squared["squared_mean"],
        "squared_sd": squared["squared_sd"],
        "learned": found.value,
        "learned_low": found.low,
        "learned_high": found.high,
        "epochs_median": _epochs_of_half(rows),
    }


def _spread(name: str, values: Sequence[float]) -> dict[str, float]:
    """Mean, standard deviation and quantiles; one value alone has no spread."""
    many = len(values) > 1
    return {
        f"{name}_mean": float(np.mean(values)) if len(values) else math.nan,
        f"{name}_sd": float(np.std(values, ddof=1)) if many else math.nan,
        f"{name}_low": float(np.quantile(values, LOW)) if many else math.nan,
        f"{name}_high": float(np.quantile(values, HIGH)) if many else math.nan,
    }


def _epochs_of_half(rows: Sequence[Mapping[str, Any]]) -> float:
    if not rows:
        return math.nan
    # Not-a-number, "never", is sorted to the end.
    reached = np.sort([math.nan if r["status"] == "diverged" else r[EPOCHS] for r in rows])
    # The lower of two middle values: by that epoch half of the runs were there.
    return float(reached[(len(reached) - 1) // 2])
