"""A table of the reader's own, from a file or its content, and a built-in one.

CSV or Parquet; sizes are counted before a table is made.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from elman.settings import Setting, refuse
from elman.studies.csv_table import read_csv
from elman.studies.parquet_table import read_parquet
from elman.studies.table_frame import MAX_BYTES, Table


def read(file: str | Path, **reading: Any) -> Table:
    """The table in a file, Parquet by the ending .parquet and else CSV read as `reading` says.

    Raises ValueError, naming `table`, for what cannot be read.
    """
    path = Path(file)
    try:
        size = path.stat().st_size
        _check_size(size)
        data = path.read_bytes()
    except OSError as error:
        raise refuse(
            "table",
            "a file that can be read",
            words=f"{str(file)!r} was given ({error.strerror})",
        ) from None
    return read_bytes(data, path.name, **reading)


def read_bytes(data: bytes, name: str = "", **reading: Any) -> Table:
    """The same for the content of a file of this name."""
    _check_size(len(data))
    if data[:4] == b"PAR1" or name.lower().endswith(".parquet"):
        return read_parquet(data, name)
    return read_csv(data, name, **reading)


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        words = f"{size:,} were given"
        raise refuse("table", f"a file of at most {MAX_BYTES:,} bytes", words=words)


def example(length: int = 240, *, rng: np.random.Generator) -> Table:
    """The built-in table: hours of three houses, each with its temperature outside and demand.

    `length` rows of each house. The temperature goes up and down with the day and wanders; the
    demand is that of cooling, which answers to how warm it was four hours before, and rises slowly.
    """
    length = Setting(int, "rows of each house", low=60, high=2_000).check("length", length)
    parts = []
    for place, house in enumerate(("north", "south", "east")):
        hours, before = np.arange(-4, length), 0.0
        wander = np.empty(len(hours))
        for at, push in enumerate(rng.normal(0.0, 1.0, len(hours))):
            wander[at] = before = 0.9 * before + push
        warmth = 16.0 + 2 * place + 6.0 * np.sin((hours - 9 + place) * np.pi / 12) + wander
        cooling = 3.0 / (1.0 + np.exp(-(warmth[:-4] - 20.0) / 1.5))
        noise = rng.normal(0.0, 0.1, length)
        demand = 2.0 + 0.5 * place + cooling + 0.001 * hours[4:] + noise
        parts.append(
            pd.DataFrame(
                {
                    "house": house,
                    "temperature": warmth[4:].round(1),
                    "demand": demand.round(2),
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    digest = hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()[:12]
    return Table(frame, {"house": "row 1 has 'north'"}, {}, digest, "example", "house")
