"""A table in Parquet: what its own head says is looked at before anything of it is made."""

from __future__ import annotations

import hashlib
import importlib.util
import io
from typing import Any

import pandas as pd

from elman.settings import refuse
from elman.studies.table_frame import (
    LARGEST,
    MAX_BYTES,
    UNREADABLE,
    YES_NO,
    Table,
    as_numbers,
    check_shape,
    checked_names,
)

# Other ways to compress make thousands of bytes of one, which the head of a file need not tell.
COMPRESSIONS = ("UNCOMPRESSED", "SNAPPY")

_NUMBERS = ("BOOLEAN", "INT32", "INT64", "FLOAT", "DOUBLE")
# Whole numbers of these kinds are no dates or decimals.
_PLAIN = ("NONE", "INT")


def read_parquet(data: bytes, name: str = "") -> Table:
    """A table in Parquet; ValueError, naming `table`, for what cannot be read.

    Columns of numbers, of yes and no and of text are read; others can be chosen for nothing.
    """
    if importlib.util.find_spec("pyarrow") is None:
        words = "a Parquet file was given, which needs the Python package pyarrow"
        raise refuse("table", "a CSV file", words=words)
    from pyarrow.parquet import ParquetFile

    try:
        file = ParquetFile(
            io.BytesIO(data), thrift_string_size_limit=10**6, thrift_container_size_limit=10**5
        )
        head, schema = file.metadata, file.schema
        columns = [schema.column(k) for k in range(min(len(schema), 1000))]
        paths = [column.path for column in columns]
        kinds = [_kind(column) for column in columns]
    except Exception as error:
        raise _broken(error) from None
    check_shape(head.num_rows, len(schema))
    names = checked_names(paths)
    _check_chunks(head)
    wanted = [path for path, kind in zip(paths, kinds, strict=True) if kind in ("numbers", "text")]
    texts = [path for path, kind in zip(paths, kinds, strict=True) if kind == "text"]
    try:
        # As a dictionary of its different values a text takes no more room than in the file.
        options: dict[str, Any] = {"read_dictionary": texts} if texts else {}
        found = pd.read_parquet(io.BytesIO(data), engine="pyarrow", columns=wanted, **options)
        if any(index is not None for index in found.index.names):
            found = found.reset_index()
    except Exception as error:
        raise _broken(error) from None
    if len(found) != head.num_rows or not {*wanted} <= {*found.columns}:
        raise _broken(ValueError("its rows or columns are not those that its head tells of"))
    frame, problems, marks = {}, {}, {}
    for path, one, kind in zip(paths, names, kinds, strict=True):
        if kind not in ("numbers", "text"):
            frame[one], problems[one] = pd.Series([""] * len(found)), UNREADABLE + kind
            continue
        column = found[path]
        numbers = as_numbers(column) if kind == "numbers" else None
        if numbers is not None:
            large = ~(numbers.abs() <= LARGEST) & numbers.notna()
            frame[one] = numbers
            if large.any():
                problems[one] = f"row {large.idxmax() + 1:,} has {numbers[large.idxmax()]:g}"
            elif column.dtype.kind in "bO":
                marks[one] = YES_NO
            continue
        frame[one] = _text(column)
        problems[one] = "it holds text"
    digest = hashlib.sha256(data).hexdigest()[:12]
    return Table(pd.DataFrame(frame), problems, marks, digest, name)


def _kind(column: Any) -> str:
    """What a column holds: numbers, text, or in words something that cannot be read."""
    if column.max_repetition_level or column.name != column.path:
        return "lists or parts"
    logical = column.logical_type.type
    if column.physical_type in _NUMBERS and logical in _PLAIN:
        return "numbers"
    if column.physical_type == "BYTE_ARRAY" and logical in ("STRING", "NONE"):
        return "text"
    return {"DATE": "dates", "TIMESTAMP": "times", "TIME": "times"}.get(
        logical, f"of the kind {logical}"
    )


def _check_chunks(head: Any) -> None:
    total = 0
    for group in range(head.num_row_groups):
        for place in range(head.num_columns):
            chunk = head.row_group(group).column(place)
            total += chunk.total_uncompressed_size
            if chunk.compression not in COMPRESSIONS:
                raise refuse(
                    "table",
                    "a Parquet file that is not compressed, or by snappy, as pandas writes it",
                    chunk.compression.lower(),
                )
    if total > 4 * MAX_BYTES:
        words = f"{total:,} were given"
        allowed = f"a Parquet file of at most {4 * MAX_BYTES:,} bytes when it is unpacked"
        raise refuse("table", allowed, words=words)


def _text(column: pd.Series) -> pd.Series:
    """The texts of a column; a long one stands by its beginning."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        short = [str(value)[:200] for value in column.cat.categories]
        codes = column.cat.codes.to_numpy()
        return pd.Series([short[code] if code >= 0 else "" for code in codes])
    return column.map(lambda value: str(value)[:200], na_action="ignore").fillna("").astype(str)


def _broken(error: Exception) -> ValueError:
    reason = " ".join(str(error).split()).rstrip(".")[:120] or type(error).__name__
    words = f"another was given ({reason})"
    return refuse("table", "a Parquet file that pandas can read", words=words)
