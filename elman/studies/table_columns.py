"""What of a table is used: the columns that are read and predicted, its sequences, the rows that
networks learn from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.settings import refuse
from elman.studies.table_experiment import MAX_NAME, TableExperiment
from elman.studies.table_frame import GAPS, UNREADABLE, Table

# Fewer steps teach nothing.
LEAST_STEPS = 10

# Why a column is not used that could be.
NOT_CHOSEN, COUNTS = "not chosen", "it goes one way at every row, as a counter does"


class Columns(NamedTuple):
    """Names of columns: what is read, what is predicted, and what goes one way at every row."""

    read: tuple[str, ...]
    predict: tuple[str, ...]
    counting: tuple[str, ...]


def columns_of(experiment: TableExperiment, table: Table) -> Columns:
    """The columns that are read and those that are predicted, with their defaults.

    What goes one way at every row is by default not read, unless it is what is predicted. Raises
    ValueError, naming `read`, `predict` or `sequence`, for what this table has not got, or what
    holds no numbers.
    """
    if experiment.sequence and experiment.sequence not in table.names:
        raise refuse("sequence", _one_of(table.names), experiment.sequence)
    free = tuple(name for name in table.numbers if name != experiment.sequence)
    predict = experiment.predict or free[-1:]
    read = experiment.read or free
    for field, names in (("read", read), ("predict", predict)):
        for name in names or ("",):
            if not free and not name:
                told = "; ".join(f"{n}: {why}" for n, why in table.problems.items())
                raise refuse(field, "a column of numbers", words=f"there is none ({told[:200]})")
            if name == experiment.sequence and name in table.names:
                words = f"{name!r}, which names the sequence, was given"
                raise refuse(field, _one_of(free), words=words)
            if name not in table.names:
                raise refuse(field, _one_of(free), name)
            if name in table.problems:
                words = f"{name!r} was given, of which {table.problems[name]}"
                raise refuse(field, f"columns of numbers, {_one_of(free)}", words=words)
            if table.gaps[name] == len(table):
                words = f"{name!r} was given, which is empty"
                raise refuse(field, "columns with values", verb="are", words=words)
    counting = _counters(experiment, table)
    if not experiment.read:
        read = tuple(name for name in read if name in predict or name not in counting)
    return Columns(read, predict, counting)


def _counters(experiment: TableExperiment, table: Table) -> tuple[str, ...]:
    """The columns of numbers that rise, or fall, from each training row to the next, such as a day
    or an index."""
    groups = [rows for _, rows in sequences(experiment, table)]
    counts = training_rows(experiment, [len(rows) for rows in groups])
    learned = np.concatenate([rows[:count] for rows, count in zip(groups, counts, strict=True)])
    group = np.repeat(np.arange(len(counts)), counts)
    found = []
    for name in table.numbers:
        values = table.frame[name].to_numpy()[learned]
        there = ~np.isnan(values)
        steps = np.diff(values[there])[np.diff(group[there]) == 0]
        if len(steps) >= LEAST_STEPS and ((steps > 0).all() or (steps < 0).all()):
            found.append(name)
    return tuple(found)


def _one_of(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return f"one of {shown}" if names else "none"


def not_used(experiment: TableExperiment, table: Table, used: tuple[str, ...]) -> dict[str, str]:
    """The columns that are neither read nor predicted nor name sequences: name -> why.

    `used` are those that are read or predicted.
    """
    taken = {*used, experiment.sequence}
    by_itself = NOT_CHOSEN if experiment.read else COUNTS
    return {name: table.problems.get(name, by_itself) for name in table.names if name not in taken}


def sequences(experiment: TableExperiment, table: Table) -> list[tuple[str, np.ndarray]]:
    """Name and rows of each sequence, in the order in which they first come."""
    if not experiment.sequence:
        return [("", np.arange(len(table)))]
    column = table.frame[experiment.sequence]
    if table.problems.get(experiment.sequence, "").startswith(UNREADABLE):
        words = f"{experiment.sequence!r} was given, of which {table.problems[experiment.sequence]}"
        raise refuse("sequence", "a column of text or numbers", words=words)
    if experiment.sequence in table.numbers:
        # Two names that are one number, such as 01 and 1, stay two.
        column = (
            column.map(lambda number: f"{number:.15g}", na_action="ignore")
            if table.cells is None
            else table.cells[experiment.sequence]
        )
    missing = column.isna() | column.isin(GAPS)
    if missing.any():
        words = f"row {missing.idxmax() + 1:,} has none in {experiment.sequence!r}"
        raise refuse("sequence", "a column with a name in each row", words=words)
    long = column.str.len() > MAX_NAME
    if long.any():
        words = f"row {long.idxmax() + 1:,} of {experiment.sequence!r} has a longer one"
        raise refuse("sequence", f"names of at most {MAX_NAME} characters", verb="are", words=words)
    rows = np.arange(len(table))
    codes, names = pd.factorize(column)
    return [(str(name), rows[codes == code]) for code, name in enumerate(names)]


def training_rows(experiment: TableExperiment, lengths: list[int]) -> list[int]:
    """How many rows of each sequence are learned from, the first ones."""
    if experiment.test == "sequences":
        if len(lengths) < 2:
            words = "sequences was given, and there is one sequence alone"
            raise refuse("test", "later where all rows are one sequence", words=words)
        kept = min(max(1, round(experiment.share * len(lengths))), len(lengths) - 1)
        return [*lengths[: len(lengths) - kept], *([0] * kept)]
    counts = []
    for length in lengths:
        kept = max(1, round(experiment.share * length))
        # Of a sequence too short to be parted nothing is kept.
        counts.append(length - kept if length - kept >= 2 else length)
    return counts
