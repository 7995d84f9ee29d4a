"""Runs side by side: those of a comparison in curves and words, a pinned run with a later one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from elman.analysis.learned import which_learned
from elman.analysis.margins import ranks_differ, shares_differ
from elman.analysis.outcomes import HIGH, LEARNED_VALUE, LOW, epochs_until, share
from elman.analysis.references import Reference, decimals
from elman.experiment import Experiment
from elman.sweeps import Outcome
from elman.tasks import task_of

# Points of a curve: enough for a figure, few enough for many curves in a browser.
POINTS = 150

# How a field's value is said, where its name followed by the value would not be English.
_PHRASES = {
    "hidden": "{} hidden unit{s}",
    "epochs": "{} epoch{s}",
    "length": "{} steps",
    "reset_every": "a reset every {} step{s}",
    "context_start": "the context set to {}",
    "activation": "{} units",
    "weight_init": "{} first weights",
    "weight_scale": "first weights of scale {}",
    "codes": "{} codes",
    "grammar": "the {} grammar",
}


def phrase(values: Mapping[str, Any]) -> str:
    """Values of fields as a sentence names them: "8 hidden units and reset never"."""
    words = []
    for name, value in values.items():
        shown = shown_value(value)
        pattern = _PHRASES.get(name, name.replace("_", " ") + " {}")
        words.append(pattern.format(shown, s="" if shown == "1" else "s"))
    return " and ".join(words)


def shown_value(value: Any) -> str:
    """A value of a field, as short as it can be read."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def default_level(lines: Sequence[Reference]) -> float:
    """A loss that tells of memory: a third of the way from the best baseline to the floor.

    Without a floor it is the loss of the best bigram, which knows the last symbol alone. Rounded
    to three digits, as it is shown.
    """
    baselines = {line.short: line.value for line in lines if line.role == "baseline"}
    floors = [line.value for line in lines if line.role == "floor"]
    best = min(baselines.values())
    level = best - (best - floors[0]) / 3 if floors else baselines["bigram"]
    return float(f"{level:.3g}")


def runs_table(outcomes: Sequence[Outcome], varied: Sequence[str], level: float) -> pd.DataFrame:
    """One row a run, in order: the varied fields, then

    run        its place among the outcomes
    seed       of its first weights
    loss       of its last pass; not-a-number if there was none
    passes     until the loss was at most `level`; not-a-number if it never was
    reached    whether it was, without diverging later
    right      share of right answers where the rule makes the next symbol certain
    remembered share of right answers at the task's remembered position; only where it has one
    learned    whether that means a rule learned (see `elman.analysis.learned`), without
               diverging; None where nobody can know
    status     finished or diverged
    """
    rights = [outcome.values.get(LEARNED_VALUE, math.nan) for outcome in outcomes]
    learned = which_learned([outcome.experiment for outcome in outcomes], rights)
    rows = []
    for place, outcome in enumerate(outcomes):
        passes = epochs_until(outcome.losses, level)
        diverged = outcome.status == "diverged"
        rows.append(
            {name: getattr(outcome.experiment, name) for name in varied}
            | {
                "run": place,
                "seed": outcome.experiment.seed,
                "loss": float(outcome.losses[-1]) if len(outcome.losses) else math.nan,
                "passes": math.nan if passes is None else float(passes),
                "reached": passes is not None and not diverged,
                "right": rights[place],
                **_remembered(outcome),
                "learned": bool(learned[place]) and not diverged,
                "status": outcome.status,
            }
        )
    table = pd.DataFrame(rows)
    if len(table) and table["right"].isna().all():
        table["learned"] = None
    return table


def _remembered(outcome: Outcome) -> dict[str, float]:
    position = task_of(outcome.experiment).remembered
    wrong = outcome.values.get(f"rate at {position}", math.nan)
    return {"remembered": 1.0 - wrong} if position else {}


def describe_remembered(table: pd.DataFrame, varied: Sequence[str]) -> str:
    """How often the runs are right where only their memory foretells the symbol, for each setting;
    empty for a task without such a position."""
    if "remembered" not in table or table["remembered"].isna().all():
        return ""
    words = [
        f"{group['remembered'].median():.0%} with "
        f"{_named(dict(zip(varied, key, strict=True)), varied)}"
        for key, group in table.groupby(list(varied), sort=False)
        if group["remembered"].notna().any()
    ]
    return (
        "Where the first letter of a string has to be remembered, the median run is right in "
        f"{', '.join(words)}; without memory it would be half."
    )


def success_column(table: pd.DataFrame) -> str:
    """What counts as success: "learned", or "reached" where the rule makes no step certain."""
    return "reached" if table["learned"].isna().all() else "learned"


def successes(table: pd.DataFrame, varied: Sequence[str]) -> pd.DataFrame:
    """How many runs of each combination succeed, with the 95 % interval of the true share.

    `table` from `runs_table`. Columns: the varied fields, successes, runs, share, low, high.
    """
    column = success_column(table)
    rows = []
    for key, group in table.groupby(list(varied), sort=False):
        found = share(int(group[column].sum()), len(group))
        rows.append(
            dict(zip(varied, key, strict=True))
            | {"successes": found.successes, "runs": found.runs, "share": found.value}
            | {"low": found.low, "high": found.high}
        )
    return pd.DataFrame(rows)


def curves(
    outcomes: Sequence[Outcome], varied: Sequence[str], points: int = POINTS
) -> pd.DataFrame:
    """Loss by epoch for each combination: the median run and where nine of ten lie.

    Columns: the varied fields, epoch, median, low, high (5 and 95 % quantiles), runs. A run that
    diverged counts as long as it went on. At most `points` epochs a curve, dense at first.
    """
    groups: dict[tuple[Any, ...], list[np.ndarray]] = {}
    for outcome in outcomes:
        if len(outcome.losses):
            key = tuple(getattr(outcome.experiment, name) for name in varied)
            groups.setdefault(key, []).append(outcome.losses)
    frames = []
    for key, losses in groups.items():
        at = thinned_epochs(max(map(len, losses)), points)
        table = np.full((len(losses), len(at)), np.nan)
        for row, values in zip(table, losses, strict=True):
            there = at[at <= len(values)]
            row[: len(there)] = values[there - 1]
        low, median, high = np.nanquantile(table, [LOW, 0.5, HIGH], axis=0)
        frame = pd.DataFrame(dict(zip(varied, key, strict=True)), index=range(len(at)))
        frames.append(
            frame.assign(
                epoch=at, median=median, low=low, high=high, runs=(~np.isnan(table)).sum(axis=0)
            )
        )
    columns = [*varied, "epoch", "median", "low", "high", "runs"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def thinned_epochs(epochs: int, points: int = POINTS) -> np.ndarray:
    """At most `points` epochs from 1 to `epochs`: half of them even, half dense at first."""
    if epochs <= points:
        return np.arange(1, epochs + 1)
    even = np.linspace(1, epochs, points // 2)
    dense = np.geomspace(1, epochs, points // 2)
    return np.unique(np.concatenate([even, dense]).round().astype(int))


def describe_runs(table: pd.DataFrame, varied: Sequence[str], level: float) -> str:
    """What the runs say, in a few sentences: the best, the worst, and whether it may be luck.

    `table` from `runs_table`.
    """
    if list(varied) == ["seed"] and len(table) > 1:
        return _describe_starts(table, level)
    if len(table) <= 1 or table.groupby(list(varied)).size().max() == 1:
        return (
            "One run of each is no more than a story: another seed might tell it otherwise. "
            "Take more seeds to compare."
        )
    rows = successes(table, varied).to_dict("records")
    learned = success_column(table) == "learned"
    did = "learned the rule" if learned else f"reached a loss of {decimals(level)}"
    best, worst = (end(rows, key=lambda row: row["share"]) for end in (max, min))
    if len(rows) == 1:
        ends = table["loss"].dropna()
        apart = ""
        if len(ends) > 1:
            apart = f" Their losses end between {decimals(ends.min())} and {decimals(ends.max())}: "
            apart += "so far apart are runs that differ by luck alone."
        words = f"With {_named(best, varied)}, {_counted(best, 'runs')} {did} {_interval(best)}."
        return words + apart
    if best["share"] == worst["share"]:
        total, runs = sum(row["successes"] for row in rows), sum(row["runs"] for row in rows)
        if total in (0, runs):
            return f"{'All' if total else 'None of the'} {runs} runs {did}, whatever the setting."
        return f"With every setting, {_counted(best, 'runs')} {did} {_interval(best)}."
    words = (
        f"With {_named(best, varied, rows)}, {_counted(best, 'runs', rows)} {did} "
        f"{_interval(best)}; with {_named(worst, varied, rows)}, {_counted(worst, '', rows)} "
        f"{_interval(worst)}. {_between(rows, best, worst, varied)}"
    )
    high, low = ((row["successes"], row["runs"]) for row in (best, worst))
    among = "" if len(rows) == 2 else f" between the best and the worst of {len(rows)} settings"
    if shares_differ(high, low, chosen_from=len(rows)):
        return f"{words}That is more than luck{among and f', even{among}'}."
    return f"{words}That may still be luck{among}; more seeds would tell."


def _describe_starts(table: pd.DataFrame, level: float) -> str:
    """How far runs are apart of which only the seed of the first weights differs."""
    did = (
        "learned the rule"
        if success_column(table) == "learned"
        else f"reached a loss of {decimals(level)}"
    )
    counted = int(table[success_column(table)].sum())
    words = f"Only the first weights differ: {counted or 'none'} of {len(table)} runs {did}"
    ends = table.dropna(subset="loss")
    if len(ends) < 2:
        return f"{words}."
    best, worst = (ends.loc[at] for at in (ends["loss"].idxmin(), ends["loss"].idxmax()))
    return (
        f"{words}; their losses end between {best['loss']:.4f} (seed {best['seed']}) and "
        f"{worst['loss']:.4f} (seed {worst['seed']}). So much is luck."
    )


Rows = Sequence[Mapping[str, Any]]

# More settings than these between the best and the worst are left to the table.
MOST_BETWEEN = 4


def _between(
    rows: Rows, best: Mapping[str, Any], worst: Mapping[str, Any], varied: Sequence[str]
) -> str:
    """What the settings did that are neither best nor worst, if they are few."""
    ends = [*_alike(best, rows), *_alike(worst, rows)]
    rest = [row for row in rows if row not in ends]
    if not 0 < len(rest) <= MOST_BETWEEN:
        return ""
    told = (f"{_counted(row, '')} with {_named(row, varied)}" for row in rest)
    return f"Between them: {', '.join(told)}. "


def _alike(row: Mapping[str, Any], rows: Rows) -> Rows:
    """The rows with as many successes among as many runs."""
    tally = ("successes", "runs")
    return [other for other in rows if all(other[name] == row[name] for name in tally)]


def _named(row: Mapping[str, Any], varied: Sequence[str], rows: Rows = ()) -> str:
    """The setting of a row, and those of `rows` that did exactly as well."""
    alike = _alike(row, rows) or [row]
    if len(alike) == 1:
        return phrase({name: row[name] for name in varied})
    if len(varied) == 1:
        *shown, last = (shown_value(other[varied[0]]) for other in alike)
        return phrase({varied[0]: f"{', '.join(shown)} or {last}"})
    more = len(alike) - 1
    first = phrase({name: alike[0][name] for name in varied})
    return f"{first}, and {more} more setting{'s' if more > 1 else ''}"


def _counted(row: Mapping[str, Any], runs: str, rows: Rows = ()) -> str:
    each = " each" if len(_alike(row, rows)) > 1 else ""
    return f"{row['successes'] or 'none'} of {row['runs']} {runs}".rstrip() + each


def _interval(row: Mapping[str, Any]) -> str:
    return f"(95% interval {row['low']:.0%} to {row['high']:.0%})"


def describe_speed(table: pd.DataFrame, varied: Sequence[str], level: float) -> str:
    """By which epoch half of the runs reached the level, for the fastest and the slowest setting,
    and whether that may be luck.

    `table` from `runs_table`; empty where in no combination half of the runs did.
    """
    rows = [
        dict(zip(varied, key, strict=True)) | _pace(group)
        for key, group in table.groupby(list(varied), sort=False)
    ]
    known = sorted(
        (row for row in rows if math.isfinite(row["median"]) and len(row["passes"]) > 1),
        key=lambda row: row["median"],
    )
    if not known:
        return ""
    fast, slow = known[0], known[-1]
    words = (
        f"Half of the runs with {_named(fast, varied)} had a loss of at most {decimals(level)} "
        f"after {fast['median']:.0f} epochs"
    )
    if len(known) > 1:
        if f"{fast['median']:.0f}" == f"{slow['median']:.0f}":
            other = "the other" if len(known) == 2 else "any other"
            words += f", and so had those with {other} setting"
        else:
            words += f", with {_named(slow, varied)} after {slow['median']:.0f}"
            luck = not ranks_differ(fast["passes"], slow["passes"], chosen_from=len(known))
            words += ", which may still be luck" if luck else ", which is more than luck"
    missing = len(rows) - len(known)
    if missing:
        words += f"; in {missing} of {len(rows)} settings fewer than half got there"
    return words + "."


def _pace(group: pd.DataFrame) -> dict[str, Any]:
    """Passes to the level of each run, infinite where it was never reached, and their median."""
    passes = np.sort(np.where(group["reached"], group["passes"], math.inf))
    # The lower of two middle values: by that epoch half of the runs were there.
    return {"passes": passes, "median": float(passes[(len(passes) - 1) // 2])}


def describe_diverged(table: pd.DataFrame, varied: Sequence[str]) -> str:
    """How many runs grew without bound, and with which values; empty if none did."""
    lost = table[table["status"] == "diverged"]
    if not len(lost):
        return ""
    where = [
        f"{len(group)} with {_named(dict(zip(varied, key, strict=True)), varied)}"
        for key, group in lost.groupby(list(varied), sort=False)
    ]
    many = len(lost) > 1
    return (
        f"{len(lost)} run{'s' if many else ''} grew without bound ({', '.join(where)}). "
        f"{'They count' if many else 'It counts'} as failed, and the curves hold "
        f"{'them' if many else 'it'} until then."
    )


# Where one of these differs, so do symbols or codes, and with them the floor.
_RULE = ("task", "codes", "grammar", "text")


def difference(pinned: Experiment, current: Experiment) -> str:
    """The settings of `pinned` that differ, in a few words; "the same settings" if none does."""
    words = []
    for name, (value, _) in pinned.differences(current).items():
        shown = name.replace("_", " ")
        if name == "text":
            words.append("another text")
        elif value is None or value == "":
            words.append(f"no {shown}")
        elif name == "branch":
            words.append(f"a branch from epoch {pinned.branch_epoch}")
        elif name == "boundary":
            words.append(f"boundary '{value}'")
        else:
            words.append(f"{shown} {shown_value(value)}")
    return ", ".join(words) or "the same settings"


def lineage(experiment: Experiment) -> str:
    """Where each branch goes on and what the run before had otherwise; empty if there is none.

    "from epoch 300 of a run with learning rate 0.5", and so on to the first.
    """
    words = [
        f"from epoch {child.branch_epoch} of a run with "
        f"{difference(parent.replace(branch=''), child.replace(branch=''))}"
        for child, parent in itertools.pairwise(experiment.lineage)
    ]
    return ", itself ".join(words)


def why_not(pinned: Experiment, current: Experiment) -> str:
    """Why errors of the two cannot be compared; empty if they can."""
    differ = pinned.differences(current)
    for name in _RULE:
        if name in differ:
            what = "another text" if name == "text" else f"{name} {differ[name][0]}"
            return f"it learned {what}, and errors of different sequences have different floors"
    return ""
