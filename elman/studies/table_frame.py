"""A table that was read, and what every table must be, whatever kind of file it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from elman.settings import refuse
from elman.studies.table_experiment import MAX_COLUMNS, MAX_NAME

MAX_BYTES = 4_000_000
MAX_ROWS = 20_000
MAX_CELLS = 300_000
# Larger numbers lose digits as floating-point numbers.
LARGEST = 1e15

# What in a CSV file means that a value is missing.
GAPS = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?")

# How the words begin about a column of which not even the text is read.
UNREADABLE = "it holds values that are not read, "


@dataclass(frozen=True, eq=False)
class Table:
    """A table that was read; what it is made of is not to be changed.

    frame     columns by name: those of numbers as floats, gaps as not-a-number, others as text
    problems  name -> why a column holds no numbers that can be read or predicted, in words
    marks     name -> what of a column of numbers is worth knowing: yes and no are read as 1 and 0
    gaps      name -> how many values are missing in a column of numbers
    sequence  the column that names sequences, where who made the table says so
    cells     what stands in a file of text, column by column, where that is kept
    """

    frame: pd.DataFrame
    problems: dict[str, str]
    marks: dict[str, str]
    digest: str
    name: str = ""
    sequence: str = ""
    cells: pd.DataFrame | None = None
    gaps: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        missing = self.frame[list(self.numbers)].isna().sum()
        object.__setattr__(self, "gaps", {str(name): int(n) for name, n in missing.items()})

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, in order."""
        return tuple(self.frame.columns)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns that can be read and predicted."""
        return tuple(name for name in self.names if name not in self.problems)

    def __len__(self) -> int:
        return len(self.frame)


def check_shape(rows: int, columns: int) -> None:
    """ValueError, naming `table`, for more columns, rows or cells than are allowed."""
    for allowed, given, words in (
        (MAX_COLUMNS, columns, "columns"),
        (MAX_ROWS, rows, "rows"),
        (MAX_CELLS, rows * columns, "cells"),
    ):
        if given > allowed:
            told = f"{given:,} were given"
            raise refuse("table", f"at most {allowed:,} {words}", verb="are", words=told)
    if rows < 1:
        words = "no row below them was given"
        raise refuse("table", "names of columns and rows of values", verb="are", words=words)


def checked_names(given: list[str]) -> list[str]:
    """The names without spaces around them; ValueError, naming `table`, for what is no name."""
    names = [name.strip() for name in given]
    allowed = f"columns with a name each, all different, of at most {MAX_NAME} characters in a line"
    for place, name in enumerate(names, 1):
        if not name:
            index = " (pandas writes its index so: to_csv(index=False) does not)"
            words = f"column {place} without one was given{index if place == 1 else ''}"
            raise refuse("table", allowed, verb="are", words=words)
        if name in names[: place - 1]:
            words = f"{name!r} was given for columns {names.index(name) + 1} and {place}"
            raise refuse("table", allowed, verb="are", words=words)
        if len(name) > MAX_NAME or not name.isprintable():
            raise refuse("table", allowed, name, verb="are")
    return names


YES_NO = "true is read as 1, false as 0"


def as_numbers(column: pd.Series) -> pd.Series | None:
    """A column that pandas has read as floats; None where it holds anything else."""
    if column.dtype.kind in "biuf":
        return column.astype(float)
    if column.dtype.kind == "O" and column.dropna().map(lambda one: isinstance(one, bool)).all():
        return column.astype(float)
    return None
