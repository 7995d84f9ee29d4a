"""What networks on a table answer in the test, beside forecasts that need no network, in words.

Errors are in the units of their column, over the steps whose value was in the table: those of the
test and, to be set beside them, those that were learned from. "Better" has the margin of
`analysis.margins`: two standard errors of the paired differences of the squared errors, over the
steps and over the seeds, and more where the best of several was picked.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from elman.analysis.margins import MARGIN, standard_error
from elman.studies.table_experiment import (
    ELMAN,
    LAST,
    LINE,
    MEAN,
    SEASONAL,
    TEST_WORDS,
    TableExperiment,
)
from elman.studies.table_rows import Rows
from elman.studies.table_training import TableRun

# Rows that are read apart in a figure as wide as a page.
MOST_ROWS = 240

# Of columns in a sentence.
MOST_NAMED = 8

CAME = "what came"

BETTER = "better than every naive forecast"
WORSE = "worse than the best naive forecast"
BY_HEART = "it has learned its training rows, not the rule"


def _last(rows: Rows, period: int) -> np.ndarray:
    return rows.last


def _mean(rows: Rows, period: int) -> np.ndarray:
    learned = ~rows.test[:, np.newaxis]
    # The first row of a sequence is what no step predicts.
    first = (rows.starts & ~rows.test)[:, np.newaxis]
    total = (rows.following * learned).sum(axis=0) + (rows.last * first).sum(axis=0)
    return np.broadcast_to(total / (learned.sum() + first.sum()), rows.following.shape)


def _seasonal(rows: Rows, period: int) -> np.ndarray:
    steps = np.arange(len(rows))
    since = steps - np.maximum.accumulate(np.where(rows.starts, steps, 0))
    # The row that is predicted is one beyond the step's own; a period before it must be there.
    there = since >= period - 1
    return rows.last[np.where(there, steps - (period - 1), steps)]


def _line(rows: Rows, period: int) -> np.ndarray:
    known = np.column_stack([rows.standard.of(rows.places(rows.read)).scaled(rows.now),
                             np.ones(len(rows))])  # fmt: skip
    learned = ~rows.test
    weights = np.linalg.lstsq(known[learned], rows.following[learned], rcond=None)[0]
    return known @ weights


# Forecasts of the next row (steps, predicted) that need no network; `period` is in rows.
NAIVE: dict[str, Callable[[Rows, int], np.ndarray]] = {
    LAST: _last,
    MEAN: _mean,
    SEASONAL: _seasonal,
    LINE: _line,
}


def naive(rows: Rows, period: int) -> dict[str, np.ndarray]:
    """Each naive forecast: (steps, predicted)."""
    return {name: forecast(rows, period) for name, forecast in NAIVE.items()}


def called(network: str) -> str:
    """A network as texts name it."""
    return "Elman's network" if network == ELMAN else f"the {network}"


def predictions(run: TableRun) -> dict[str, np.ndarray]:
    """What the networks of each kind answer: (seeds, steps, predicted), without those that
    diverged."""
    kinds = dict.fromkeys(name for name, _ in run.experiment.networks)
    found = {
        kind: [n.predictions for n in run.networks if n.network == kind and n.status == "finished"]
        for kind in kinds
    }
    return {kind: np.array(arrays) for kind, arrays in found.items() if arrays}


def forecasts(run: TableRun, columns: tuple[str, ...] = ()) -> pd.DataFrame:
    """Every test step of some predicted columns, by default of all, and what each forecast says.

    Columns: sequence, row (the predicted one, from 1), column, value (not-a-number where it was
    missing), for each network its median, and low and high over the seeds, and each of `NAIVE`.
    """
    rows, test = run.rows, run.rows.test
    values = np.where(rows.observed, rows.following, np.nan)[test]
    answers, plain = predictions(run), naive(rows, run.experiment.period)
    parts = []
    for column in columns or rows.predict:
        place = rows.predict.index(column)
        part: dict[str, Any] = {
            "sequence": [rows.sequences[at] for at in rows.sequence[test]],
            "row": rows.row[test],
            "column": column,
            "value": values[:, place],
        }
        for kind, said in answers.items():
            found = said[:, test, place]
            part[kind] = np.median(found, axis=0)
            part[f"{kind}_low"], part[f"{kind}_high"] = found.min(axis=0), found.max(axis=0)
        part |= {name: said[test, place] for name, said in plain.items()}
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def errors(run: TableRun) -> pd.DataFrame:
    """The errors of each forecast of each predicted column, in its units.

    Columns: column, forecast, seeds (0 for naive forecasts), rmse_training (over the training
    steps, not-a-number where none has a value), rmse and mae (over the test steps; all three means
    over the seeds), rmse_low and rmse_high (of the seeds), steps (test steps with a value).
    """
    everything: dict[str, np.ndarray] = {**predictions(run)}
    seeds = {kind: len(said) for kind, said in everything.items()}
    everything |= {
        name: said[np.newaxis] for name, said in naive(run.rows, run.experiment.period).items()
    }
    found = []
    for place, column in enumerate(run.rows.predict):
        for name, said in everything.items():
            off, learned = _off(run, said, place), _off(run, said, place, test=False)
            rmse = _root_mean_squares(off)
            training = _root_mean_squares(learned).mean() if learned.size else np.nan
            found.append(
                {
                    "column": column,
                    "forecast": name,
                    "seeds": seeds.get(name, 0),
                    "rmse_training": float(training),
                    "rmse": float(rmse.mean()),
                    "rmse_low": float(rmse.min()),
                    "rmse_high": float(rmse.max()),
                    "mae": float(np.abs(off).mean()),
                    "steps": off.shape[1],
                }
            )
    return pd.DataFrame(found)


def _root_mean_squares(off: np.ndarray) -> np.ndarray:
    return np.sqrt((off**2).mean(axis=1))


def _off(run: TableRun, said: np.ndarray, place: int, *, test: bool = True) -> np.ndarray:
    """Errors of forecasts (seeds, steps, predicted) of a column, where it has a value, in the test
    or in the training steps."""
    rows = run.rows
    there = rows.observed[:, place] & (rows.test == test)
    off = (said[:, :, place] - rows.following[:, place])[:, there]
    # What rounding leaves is no error.
    return np.where(np.abs(off) > 1e-12 * np.abs(rows.following).max(), off, 0.0)


def better(first: np.ndarray, second: np.ndarray, chosen_from: int = 1) -> bool:
    """Whether squared errors (seeds, steps) are smaller than others by more than luck.

    The margin is two standard errors, which the steps and the seeds both add to. Where one of the
    two is the best of so many, each of these had a chance, and the margin is as much wider.
    """
    margin = NormalDist().inv_cdf(1.0 - NormalDist().cdf(-MARGIN) / chosen_from)
    differences = second.mean(axis=0) - first.mean(axis=0)
    spread = standard_error(differences) ** 2
    for errors_of in (first, second):
        if len(errors_of) > 1:
            spread += float(errors_of.mean(axis=1).var(ddof=1)) / len(errors_of)
    mean = float(differences.mean())
    return mean > 0 and mean >= margin * math.sqrt(spread)


def best_naive(table: pd.DataFrame, column: str) -> str:
    """The naive forecast of a column with the smallest error in a table of `errors`."""
    of = table[(table["column"] == column) & (table["seeds"] == 0)]
    return str(of.loc[of["rmse"].idxmin(), "forecast"])


def held_out(
    run: TableRun, measured: pd.DataFrame, column: str, sequence: str, most: int = MOST_ROWS
) -> pd.DataFrame:
    """The first test steps of a sequence, of one column, to be drawn; `measured` from `errors`.

    Columns: row, by (`CAME`, a network as it is `called`, or the best naive forecast), number, low
    and high (not-a-number but for networks).
    """
    table = forecasts(run, (column,))
    table = table[table["sequence"] == sequence].head(most)
    plain = best_naive(measured, column)
    lines = {CAME: "value", **{called(kind): kind for kind in predictions(run)}}
    lines[f"naive: {plain}"] = plain
    missing = pd.Series(np.nan, index=table.index)
    parts = [
        pd.DataFrame(
            {
                "row": table["row"],
                "by": by,
                "number": table[of],
                "low": table.get(f"{of}_low", missing),
                "high": table.get(f"{of}_high", missing),
            }
        )
        for by, of in lines.items()
    ]
    return pd.concat(parts, ignore_index=True).dropna(subset=["number"])


def describe_held_out(drawn: pd.DataFrame) -> str:
    """The frame of `held_out` for who does not see it."""
    ends = drawn["row"].min(), drawn["row"].max()
    ranges = [
        f"{by} between {amount(part['number'].min())} and {amount(part['number'].max())}"
        for by, part in drawn.groupby("by", sort=False)
    ]
    return f"Rows {ends[0]:,} to {ends[1]:,} of the table, kept for the test: {', '.join(ranges)}."


def verdict(
    run: TableRun, measured: pd.DataFrame, column: str, named: Callable[[str], str] = str
) -> str:
    """Who forecasts a predicted column better, where that is more than luck, in a sentence.

    `measured` from `errors`; the column is called as `named` gives it.
    """
    place = run.rows.predict.index(column)
    answers, plain = predictions(run), naive(run.rows, run.experiment.period)
    if not answers:
        return f"{named(column)}: no network was trained to its end."
    best = best_naive(measured, column)

    def squared(said: dict[str, np.ndarray], test: bool) -> dict[str, np.ndarray]:
        return {name: _off(run, one, place, test=test) ** 2 for name, one in said.items()}

    plain = {name: said[np.newaxis] for name, said in plain.items()}
    own, others = squared(answers, True), squared(plain, True)
    learned, others_learned = squared(answers, False), squared(plain, False)
    parts = []
    for kind in own:
        words = _beside(own[kind], others, best)
        # That the test is harder than what was learned is no matter: it is so for all forecasts.
        if words.startswith(WORSE) and _best_of_all(learned[kind], others_learned):
            words += f", though over the training rows {BETTER}: {BY_HEART}"
        parts.append(f"{called(kind)} is {words}")
    if len(own) > 1:
        parts.append(_between(own))
    return f"{named(column)}: {'; '.join(parts)}."


def describe(measured: pd.DataFrame, column: str) -> str:
    """The typical errors of all forecasts of a predicted column, in two sentences."""
    table = measured[measured["column"] == column]

    def told(name: str, spread: bool) -> str:
        return ", ".join(
            f"{called(row.forecast) if row.seeds else row.forecast} {amount(getattr(row, name))}"
            + (_range(row) if spread else "")
            for row in table.itertuples()
        )

    return (
        f"Typical error (RMSE) over {table['steps'].iloc[0]:,} test steps, one row ahead: "
        f"{told('rmse', True)}. Over the training steps: {told('rmse_training', False)}."
    )


def _beside(own: np.ndarray, others: dict[str, np.ndarray], best: str) -> str:
    if _best_of_all(own, others):
        return BETTER
    if better(others[best], own, chosen_from=len(others)):
        return f"{WORSE}, the {best}"
    return f"not clearly better or worse than the best naive forecast, the {best}"


def _best_of_all(own: np.ndarray, others: dict[str, np.ndarray]) -> bool:
    return own.size > 0 and all(better(own, other) for other in others.values())


def _between(squared: dict[str, np.ndarray]) -> str:
    (first, a), (second, b) = squared.items()
    for name, own, other, against in ((first, a, second, b), (second, b, first, a)):
        if better(own, against):
            return f"{called(name)} is better than {called(other)}"
    return "between the two there is no clear difference"


def _range(row: Any) -> str:
    low, high = amount(row.rmse_low), amount(row.rmse_high)
    return f" ({low} to {high} over {row.seeds} seeds)" if low != high else ""


def amount(number: float) -> str:
    """A number to three digits, without an exponent where nine digits do."""
    if not math.isfinite(number):
        return "no number"
    if 1e-4 <= abs(number) < 1e9:
        return f"{float(f'{number:.3g}'):.9g}"
    return f"{number:.3g}"


def describe_rows(
    experiment: TableExperiment, rows: Rows, named: Callable[[str], str] = str
) -> str:
    """What is read and predicted, and what is kept for the test; columns as `named` calls them."""
    learned, kept = int((~rows.test).sum()), int(rows.test.sum())
    many = len(rows.sequences)
    inside = f" in {many} sequences" if many > 1 else ""
    return (
        f"{len(rows):,} steps{inside} from a row to the next: {_listed(rows.read, named)} "
        f"{'are' if len(rows.read) > 1 else 'is'} read, "
        f"{_listed(rows.predict, named)} predicted. "
        f"{learned:,} steps to learn from, {kept:,} kept for the test: "
        f"{TEST_WORDS[experiment.test]}."
    )


def _listed(names: tuple[str, ...], named: Callable[[str], str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(map(named, names[:MOST_NAMED])) + more
