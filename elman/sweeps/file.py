"""The runs of a sweep in a CSV or Parquet file that a broken-off sweep goes on from.

A CSV file grows row by row, a Parquet file is replaced as a whole each time, so that what a
killed program leaves behind is complete but perhaps for the last line of a CSV file.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from elman.experiment import DEFAULTS, SETTINGS, Experiment
from elman.settings import refuse

ENDINGS = (".csv", ".parquet")

Record = dict[str, Any]

# Of columns that differ.
MOST_NAMED = 4


class SweepFile:
    """Rows as `elman.sweeps.record` makes them, in the file at `path`.

    records   the rows that the file held when it was opened, and those appended since
    dropped   whether it ended in half a row, which was cut off

    `columns` are the names of all columns, those of `Experiment` among them. Raises ValueError,
    beginning with "out", for a file that is not one of these rows or has other columns.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self.records: list[Record] = []
        self.dropped = False
        self._columns = list(columns)
        self._parquet = path.suffix.lower() == ".parquet"
        if self._parquet and importlib.util.find_spec("pyarrow") is None:
            raise ValueError("out: .parquet needs the Python package pyarrow, which is missing.")
        if path.exists() and path.stat().st_size:
            names, rows = self._read_parquet() if self._parquet else self._read_csv()
            names, rows = self._with_new_options(names, rows)
            if names != self._columns:
                raise self.refused(f"its columns are others: {_differing(names, self._columns)}")
            self.records = [self._record(row, number) for number, row in enumerate(rows, 1)]
        elif not self._parquet:
            self._write_lines([self._columns])

    def _with_new_options(
        self, names: list[str], rows: list[Record]
    ) -> tuple[list[str], list[Record]]:
        """Names and rows of a file from before tasks had some of their options, at defaults then.

        The file gets their columns. Anything else is given back as it is.
        """
        new = [name for name in self._columns if name not in names]
        options = {name for name in SETTINGS if (SETTINGS[name].only_with or ("",))[0] == "task"}
        if not new or not options.issuperset(new) or [*names] != self._without(new):
            return names, rows
        rows = [row | {name: DEFAULTS[name] for name in new} for row in rows]
        if not self._parquet:
            lines = ([_spelled(row[name]) for name in self._columns] for row in rows)
            self._replace_lines([self._columns, *lines])
        return self._columns, rows

    def _without(self, names: Sequence[str]) -> list[str]:
        return [name for name in self._columns if name not in names]

    def append(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Add rows; afterwards they are on the disk."""
        added = [{name: record.get(name, math.nan) for name in self._columns} for record in records]
        if not added:
            return
        self.records += added
        if self._parquet:
            self._replace()
        else:
            self._write_lines([_spelled(value) for value in row.values()] for row in added)

    def put_in_order(self, place: Callable[[Record], int]) -> None:
        """Let the rows stand by their `place(row)`, in the order of which they need not be done."""
        places = [place(row) for row in self.records]
        order = sorted(range(len(places)), key=places.__getitem__)
        if places == sorted(places):
            return
        self.records = [self.records[index] for index in order]
        if self._parquet:
            self._replace()
            return
        with self.path.open(encoding="utf-8", newline="") as file:
            names, *rows = csv.reader(file)
        self._replace_lines([names, *(rows[i] for i in order)])

    def _replace_lines(self, lines: Iterable[Sequence[str]]) -> None:
        part = self.path.with_name(self.path.name + ".part")
        with part.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(lines)
        os.replace(part, self.path)

    def _write_lines(self, lines: Iterable[Sequence[str]]) -> None:
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(lines)
            file.flush()
            os.fsync(file.fileno())

    def _replace(self) -> None:
        import pandas as pd

        part = self.path.with_name(self.path.name + ".part")
        pd.DataFrame(self.records, columns=self._columns).to_parquet(part, index=False)
        os.replace(part, self.path)

    def _read_parquet(self) -> tuple[list[str], list[Record]]:
        import pandas as pd

        try:
            frame = pd.read_parquet(self.path)
        except (OSError, ValueError) as error:
            raise self.refused(f"it cannot be read: {str(error).splitlines()[0]}") from None
        return list(frame), frame.to_dict("records")

    def _read_csv(self) -> tuple[list[str], list[Record]]:
        data = self.path.read_bytes()
        # What follows the last end of a line was being written when the program was killed.
        whole = data[: data.rfind(b"\n") + 1]
        try:
            text = whole.decode("utf-8")
        except UnicodeDecodeError:
            raise self.refused("it is not a text in UTF-8") from None
        lines = list(io.StringIO(text, newline=""))
        rows, good = [], 0
        reader = csv.reader(lines, strict=True)
        try:
            for row in reader:
                rows.append(row)
                good = reader.line_num
        except csv.Error:
            # Only a last row may be cut off, within quotes that a line end does not close.
            if reader.line_num < len(lines):
                raise self.refused(f"line {reader.line_num} is damaged") from None
        if not rows:
            if not ",".join(self._columns).startswith(data.decode("utf-8", "replace")):
                raise self.refused("it has no line of column names")
            rows = [self._columns]
            self._cut(0)
            self._write_lines(rows)
        complete = len("".join(lines[:good]).encode())
        if good and complete < len(data):
            self._cut(complete)
        names, *rest = rows
        for number, row in enumerate(rest, 1):
            if len(row) != len(names):
                raise self.refused(f"row {number} has {len(row)} of {len(names)} values")
        return names, [dict(zip(names, row, strict=True)) for row in rest]

    def _cut(self, size: int) -> None:
        self.dropped = True
        os.truncate(self.path, size)

    def _record(self, row: Record, number: int) -> Record:
        """A row with values of the right kinds."""
        fields = {
            name: row[name] for name in SETTINGS if name in row and not _missing(name, row[name])
        }
        try:
            found = Experiment(**fields).to_dict()
            found |= {"status": str(row["status"]), "epochs_done": int(row["epochs_done"])}
            rest = [name for name in self._columns if name not in found]
            return found | {name: _number(row[name]) for name in rest}
        except (ValueError, TypeError) as error:
            raise self.refused(f"row {number}: {str(error).rstrip('.')}") from None

    def refused(self, reason: str) -> ValueError:
        """The error, to be raised, that this file cannot be gone on from."""
        return refuse(
            "out",
            "a new file, or one that the same sweep began",
            words=f"{str(self.path)!r} was given ({reason})",
        )


def _differing(there: Sequence[str], here: Sequence[str]) -> str:
    """Which columns differ: some names, and how many more."""
    names = sorted({*there} ^ {*here})
    if not names:
        return "their order"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def experiment_of(record: Mapping[str, Any]) -> Experiment:
    """The experiment of a row."""
    return Experiment(**{name: record[name] for name in SETTINGS if name in record})


def _missing(name: str, value: Any) -> bool:
    """Whether a value stands for None, which files cannot hold beside numbers."""
    nothing = value is None or value == "" or value != value
    return nothing and DEFAULTS[name] is None


def _spelled(value: Any) -> str:
    if value is None or value != value:
        return ""
    return value if isinstance(value, str) else repr(value)


def _number(value: Any) -> float:
    return math.nan if value is None or value == "" else float(value)
