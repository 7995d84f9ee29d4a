"""A table in CSV: read by pandas as it was chosen, or refused by name.

What pandas would guess is asked for or refused instead: separator, decimal mark and encoding are
chosen; every row has as many cells as the first; cells that are gaps are listed in `GAPS`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from typing import Any

import pandas as pd

from elman.settings import refuse
from elman.studies.table_experiment import DECIMALS, ENCODINGS, READING, SEPARATORS
from elman.studies.table_frame import (
    GAPS,
    LARGEST,
    MAX_ROWS,
    YES_NO,
    Table,
    as_numbers,
    check_shape,
    checked_names,
)


def read_csv(
    data: bytes,
    name: str = "",
    *,
    separator: str = "comma",
    decimal: str = "point",
    encoding: str = "utf-8",
) -> Table:
    """A table in CSV, whose first line has the names of its columns.

    Raises ValueError, naming `table` or one of `READING`, for what cannot be read as chosen; where
    another choice would read it, that is named.
    """
    chosen = {"separator": separator, "decimal": decimal, "encoding": encoding}
    for field_name, value in chosen.items():
        READING[field_name].check(field_name, value)
    if separator == decimal == "comma":
        words = "comma was given for both"
        raise refuse("decimal", "point where cells are separated by commas", words=words)
    text = _decoded(data, encoding).rstrip("\r\n")
    rows, columns = _shape(text, separator)
    check_shape(rows, columns)
    options: dict[str, Any] = {
        "sep": SEPARATORS[separator],
        "header": None,
        "index_col": False,
        "keep_default_na": False,
        "skip_blank_lines": False,
    }
    try:
        cells = pd.read_csv(io.StringIO(text), dtype=str, **options)
        found = pd.read_csv(
            io.StringIO(text),
            decimal=DECIMALS[decimal],
            skiprows=1,
            na_values=list(GAPS),
            low_memory=False,
            **options,
        )
    except (ValueError, OverflowError) as error:
        raise _unreadable(str(error)) from None
    if cells.shape != (rows + 1, columns) or found.shape != (rows, columns):
        raise _unreadable("quotes in it can be read in two ways")
    names = checked_names([str(one) for one in cells.iloc[0]])
    cells = cells.iloc[1:].reset_index(drop=True)
    if pd.to_numeric(pd.Series(names), errors="coerce").notna().all():
        words = f"{names[0]!r}, a number, was given as the first of them"
        raise refuse("table", "names of columns in the first line", verb="are", words=words)
    frame, problems, marks = {}, {}, {}
    for place, one in enumerate(names):
        texts = cells.iloc[:, place]
        numbers = as_numbers(found.iloc[:, place])
        problem = _large(numbers, texts) if numbers is not None else _no_number(texts, decimal)
        frame[one] = texts if numbers is None or problem else numbers
        if problem:
            problems[one] = problem
        elif found.dtypes.iloc[place].kind in "bO":
            marks[one] = YES_NO
    digest = hashlib.sha256(repr(chosen).encode() + data).hexdigest()[:12]
    cells.columns = names
    return Table(pd.DataFrame(frame), problems, marks, digest, name, cells=cells)


def _large(numbers: pd.Series, texts: pd.Series) -> str:
    wrong = ~(numbers.abs() <= LARGEST) & numbers.notna()
    return f"row {wrong.idxmax() + 1:,} has {_cell(texts[wrong.idxmax()])}" if wrong.any() else ""


def _no_number(texts: pd.Series, decimal: str) -> str:
    """Why a column of text is none of numbers: its first cell that is no number."""
    plain = texts.mask(texts.isin(GAPS), "0")
    other = plain.str.replace(".", " ") if decimal == "comma" else plain
    numbers = pd.to_numeric(other.str.replace(DECIMALS[decimal], ".", regex=False), "coerce")
    wrong = ~(numbers.abs() <= LARGEST)
    if not wrong.any():
        return "numbers and words are mixed"
    row = wrong.idxmax()
    return f"row {row + 1:,} has {_cell(texts[row])}{_hint(texts[row], decimal)}"


def _cell(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def _hint(cell: str, decimal: str) -> str:
    """What else could have been chosen for a cell that is no number, if anything."""
    if decimal == "point" and "," in cell and _is_number(cell.replace(",", ".", 1)):
        return ", a number with the decimal mark comma"
    if decimal == "comma" and "." in cell and _is_number(cell):
        return ", a number with the decimal mark point"
    try:
        pd.to_datetime(cell, format="ISO8601")
    except (ValueError, OverflowError):
        return ""
    return ", a date, which is not needed: rows are steps in their order"


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and text.isascii() and "_" not in text
    except ValueError:
        return False


def _unreadable(reason: str) -> ValueError:
    """The error, to be raised, that pandas cannot read it."""
    line = " ".join(reason.split()).rstrip(".")
    if len(line) > 120:
        line = line[:119] + "…"
    return refuse("table", "a file that pandas can read", words=f"another was given ({line})")


def _decoded(data: bytes, encoding: str) -> str:
    """The text of a file; ValueError, naming `encoding`, where it cannot be in this one."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if encoding != "utf-16" and marked:
        words = f"{encoding} was given, and the file begins as one in utf-16"
        raise refuse("encoding", "the one the file is in", words=words)
    if encoding == "utf-16" and not marked:
        words = "utf-16 was given, and the file does not begin as one in it"
        raise refuse("encoding", "the one the file is in", words=words)
    try:
        text = data.decode(ENCODINGS[encoding])
    except UnicodeDecodeError as error:
        # A tail cut off is an error of utf-16, too.
        other = " (windows-1252, which older spreadsheets write?)" if encoding == "utf-8" else ""
        words = f"byte {error.start:,} of the file is none of {encoding}{other}"
        raise refuse("encoding", "the one the file is in", words=words) from None
    if encoding == "windows-1252" and not data.isascii() and _is_utf8(data):
        words = "windows-1252 was given, and the file is in utf-8"
        raise refuse("encoding", "the one the file is in", words=words)
    if "\0" in text:
        words = "a character of code 0 was given"
        raise refuse("table", "a text file or a Parquet file", words=words)
    return text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _shape(text: str, separator: str) -> tuple[int, int]:
    """Rows below the names, and columns, counted row by row without making a table.

    Raises ValueError, naming `table` or `separator`, unless all rows have as many cells.
    """
    if not text.strip():
        raise refuse(
            "table", "names of columns and rows of values", words="an empty file was given"
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=SEPARATORS[separator], strict=True)
    rows, columns = -1, 0
    try:
        for row in reader:
            rows += 1
            columns = columns or len(row)
            # An empty line is a gap in a table of one column.
            if len(row) != columns and not (columns == 1 and not row):
                raise _ragged(text, separator, rows, len(row), columns)
            if rows > MAX_ROWS:
                # To be told how many there are no cell is needed.
                rows += text.count("\n") - reader.line_num + 1
                break
    except csv.Error as error:
        raise _unreadable(f"line {reader.line_num:,}: {error}") from None
    if columns == 1 and (other := _likely(text.partition("\n")[0], separator)):
        raise refuse(
            "separator",
            "what stands between the cells of the file",
            words=f"with {separator} its first line is one cell, and {other} stands in it",
        )
    return rows, columns


def _ragged(text: str, separator: str, row: int, cells: int, columns: int) -> ValueError:
    words = f"row {row:,} with {cells:,} of {columns:,} was given"
    other = _likely(text.partition("\n")[0], separator)
    if columns == 1 and other:
        words += f" ({other} stands between the cells of its first line)"
    elif separator == "comma" and cells > columns:
        words += " (commas may be decimal marks: then the separator is another)"
    return refuse("table", "rows with as many cells as the first line", verb="are", words=words)


def _likely(line: str, separator: str) -> str:
    """The separator that stands in a line most often, of the others; empty if none does."""
    others = {name: line.count(sign) for name, sign in SEPARATORS.items() if name != separator}
    others["space"] = 0
    best = max(others, key=lambda name: others[name])
    return best if others[best] else ""
