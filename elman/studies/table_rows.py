"""The rows of a table as steps that networks learn from and are tested on, and their scaling.

A step reads a row and predicts the next row of the same sequence; no step reaches across two
sequences. What is learned from the data before any network, such as the scaling, is learned from
the training rows alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from elman.settings import refuse
from elman.studies.table_columns import (
    COUNTS,
    LEAST_STEPS,
    columns_of,
    sequences,
    training_rows,
)
from elman.studies.table_experiment import ELMAN, TableExperiment
from elman.studies.table_frame import Table

# Elman's outputs lie between 0 and 1 and come close to neither end.
LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Scaling:
    """Numbers as a network sees them, a column each: `start` becomes `low`, `end` becomes `high`.

    start, end   (columns,) in the units of the table
    """

    start: np.ndarray
    end: np.ndarray
    low: float
    high: float

    def scaled(self, numbers: np.ndarray) -> np.ndarray:
        """As the network sees them, (.., columns)."""
        return self.low + (numbers - self.start) * ((self.high - self.low) / self._width)

    def raw(self, values: np.ndarray) -> np.ndarray:
        """Back in the units of the table."""
        return self.start + (values - self.low) * (self._width / (self.high - self.low))

    def of(self, places: list[int]) -> Scaling:
        """That of some of the columns."""
        return Scaling(self.start[places], self.end[places], self.low, self.high)

    @property
    def _width(self) -> np.ndarray:
        # A column that never changes is only moved.
        return np.where(self.end > self.start, self.end - self.start, 1.0)


class Note(NamedTuple):
    """A sentence about the rows, with {} where it names a column."""

    words: str
    columns: tuple[str, ...] = ()

    def said(self, named: Callable[[str], str] = str) -> str:
        """The sentence, each column called as `named` gives it."""
        return self.words.format(*map(named, self.columns))


@dataclass(frozen=True)
class Rows:
    """Every step of a table, its sequences one after another, and what was made of it.

    read, predict   names of columns
    sequences       names, in the order in which they come
    now             (steps, read) what a step reads
    last            (steps, predicted) the predicted columns at the same row
    following       (steps, predicted) the same at the next row, which is to be predicted
    observed        (steps, predicted) whether that was in the table, and did not fill a gap
    starts          (steps,) whether a sequence begins with this step
    test            (steps,) whether what it predicts is kept for the test
    sequence        (steps,) place of its sequence
    row             (steps,) number of the row that it predicts, as in the table, from 1
    columns         names of all columns used
    ranged, standard  (columns) the scaling of Elman's network, and that of layers
    notes           what was done with the rows
    """

    read: tuple[str, ...]
    predict: tuple[str, ...]
    sequences: tuple[str, ...]
    now: np.ndarray
    last: np.ndarray
    following: np.ndarray
    observed: np.ndarray
    starts: np.ndarray
    test: np.ndarray
    sequence: np.ndarray
    row: np.ndarray
    columns: tuple[str, ...]
    ranged: Scaling
    standard: Scaling
    notes: tuple[Note, ...]

    def places(self, names: tuple[str, ...]) -> list[int]:
        """Where these columns stand among `columns`."""
        return [self.columns.index(name) for name in names]

    def __len__(self) -> int:
        return len(self.now)


def prepare(experiment: TableExperiment, table: Table) -> Rows:
    """The steps of a table as the experiment wants them.

    Raises ValueError, naming the field, where the table cannot be used so.
    """
    read, predict, counting = columns_of(experiment, table)
    used = list(dict.fromkeys((*read, *predict)))
    frame = table.frame[used]
    notes = [Note(f"{{}}: {table.marks[name]}.", (name,)) for name in used if name in table.marks]
    missing = frame.isna()
    if experiment.gaps == "refuse" and missing.to_numpy().any():
        name = next(name for name in used if missing[name].any())
        words = (
            f"{missing.to_numpy().sum():,} were given, the first of {name!r} in row "
            f"{missing[name].idxmax() + 1:,}"
        )
        raise refuse("gaps", "none, unless drop, carry or interpolate is chosen", words=words)
    parts, left_out = [], 0
    for name, rows in sequences(experiment, table):
        part = frame.iloc[rows]
        if experiment.gaps == "drop":
            part = part.dropna()
        parts.append((name, part))
        left_out += len(rows) - len(part)
    if left_out:
        words = (
            f"{_rows(left_out)} with a gap {_were(left_out)} left out; what follows counts as the "
            "next step, though more time has passed."
        )
        notes.append(Note(words))
    training = training_rows(experiment, [len(part) for _, part in parts])
    filled = [
        (name, *_filled(part, count, experiment.gaps))
        for (name, part), count in zip(parts, training, strict=True)
    ]
    total = int(sum(part.isna().to_numpy().sum() for _, part in parts))
    short = sum(len(part) for _, part in parts) - sum(len(part) for _, part, _, _ in filled)
    if total:
        words = (
            f"{total:,} gap{'s' * (total > 1)} {_were(total)} filled"
            + (f", and {_rows(short)} before any value left out" if short else "")
            + ": "
            + {
                "carry": "with the last value before",
                "interpolate": "on a line between the neighbours, in the rows kept for the test "
                "with the last value before",
            }[experiment.gaps]
            + ". Errors count only values that were in the table."
        )
        notes.append(Note(words))
    single = sum(len(part) < 2 for _, part, _, _ in filled)
    if single:
        words = (
            f"{single:,} sequence{'s' * (single > 1)} of fewer than two rows "
            f"{'have' if single > 1 else 'has'} no next row, and {_were(single)} left out."
        )
        notes.append(Note(words))
    # What is predicted, too, cannot be left out.
    counting = tuple(name for name in counting if name not in predict)
    whole = [one for one in filled if len(one[1]) > 1]
    return _as_steps(read, predict, used, whole, counting, notes)


def _were(count: int) -> str:
    return "were" if count > 1 else "was"


def _rows(count: int) -> str:
    return f"{count:,} row{'s' if count > 1 else ''}"


def _filled(part: pd.DataFrame, training: int, gaps: str) -> tuple[pd.DataFrame, np.ndarray, int]:
    """A sequence without gaps, which of its values were there, and its training rows.

    Nothing is filled from what comes after the training rows, nor a row of the test from what
    comes after itself. Rows before the first value of a column cannot be filled and are left out.
    """
    there = part.notna().to_numpy()
    if there.all():
        return part, there, training
    if gaps == "interpolate":
        first = part.iloc[:training].interpolate(limit_area="inside")
        part = pd.concat([first, part.iloc[training:]])
    part = part.ffill()
    whole = part.notna().all(axis=1).to_numpy()
    return part[whole], there[whole], int(whole[:training].sum())


def _as_steps(
    read: tuple[str, ...],
    predict: tuple[str, ...],
    used: list[str],
    parts: list[tuple[str, pd.DataFrame, np.ndarray, int]],
    counting: tuple[str, ...],
    notes: list[Note],
) -> Rows:
    values = [part.to_numpy(dtype=float) for _, part, _, _ in parts]
    learned = [v[:count] for v, (_, _, _, count) in zip(values, parts, strict=True)]
    arrays: dict[str, list[Any]] = {}
    inputs, outputs = ([used.index(name) for name in names] for names in (read, predict))
    for place, (v, (_, part, there, count)) in enumerate(zip(values, parts, strict=True)):
        following = np.arange(1, len(v))
        step = {
            "now": v[:-1, inputs],
            "last": v[:-1, outputs],
            "following": v[1:, outputs],
            "observed": there[1:, outputs],
            "starts": following == 1,
            "test": following >= count,
            "sequence": np.full(len(following), place),
            "row": part.index.to_numpy()[1:] + 1,
        }
        for name, array in step.items():
            arrays.setdefault(name, []).append(array)
    joined = {name: np.concatenate(found) for name, found in arrays.items()}
    _check_steps(joined)
    rows = np.concatenate(learned)
    constant = [name for name, width in zip(used, np.ptp(rows, axis=0), strict=True) if not width]
    if constant:
        words = f"{', '.join(['{}'] * len(constant))}: the same in every training row."
        notes.append(Note(words, tuple(constant)))
    notes += _outside(used, rows, values, [count for _, _, _, count in parts], counting)
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    return Rows(
        read=read,
        predict=predict,
        sequences=tuple(name for name, *_ in parts),
        **joined,
        columns=tuple(used),
        ranged=Scaling(rows.min(axis=0), rows.max(axis=0), LOW, HIGH),
        standard=Scaling(mean, mean + spread, 0.0, 1.0),
        notes=tuple(notes),
    )


def _check_steps(joined: dict[str, np.ndarray]) -> None:
    learned = int((~joined["test"]).sum()) if joined else 0
    if learned < LEAST_STEPS:
        raise refuse(
            "table",
            f"at least {LEAST_STEPS} training rows with a next row in their sequence",
            verb="are",
            words=f"{learned} {'was' if learned == 1 else 'were'} given",
        )
    if not (joined["observed"] & joined["test"][:, np.newaxis]).any(axis=0).all():
        raise refuse(
            "table",
            "rows to test on, with a value in every predicted column",
            verb="are",
            words="none was given",
        )


def _outside(
    used: list[str],
    rows: np.ndarray,
    values: list[np.ndarray],
    counts: list[int],
    counting: tuple[str, ...],
) -> list[Note]:
    """A sentence for each column whose test rows have values beyond those of the training rows, and
    for each that goes one way at every row."""
    kept = np.concatenate([v[count:] for v, count in zip(values, counts, strict=True)])
    low, high = rows.min(axis=0), rows.max(axis=0)
    found = []
    for place, name in enumerate(used):
        column = kept[:, place]
        beyond = int(((column < low[place]) | (column > high[place])).sum())
        words = []
        if beyond:
            words.append(
                f"{beyond:,} of {len(column):,} test values lie outside the {low[place]:.6g} to "
                f"{high[place]:.6g} of the training rows, the lowest at {column.min():.6g}, the "
                f"highest at {column.max():.6g}."
            )
        if name in counting:
            words.insert(0, f"{COUNTS}, so you may leave it out of what is read.")
        if words:
            found.append(Note(f"{{}}: {' '.join(words)}", (name,)))
    return found


def scaling_table(rows: Rows, layer: str) -> pd.DataFrame:
    """How each column is scaled for each network, in words: column, used, network, from, to."""
    found = []
    for place, name in enumerate(rows.columns):
        roles = ("read", name in rows.read), ("predicted", name in rows.predict)
        used = " and ".join(role for role, there in roles if there)
        for network, scaling in ((ELMAN, rows.ranged), (layer, rows.standard)):
            start, end = scaling.start[place], scaling.end[place]
            if end <= start:
                shown, becomes = f"always {start:.6g}", f"{scaling.low:g}"
            elif scaling is rows.ranged:
                shown, becomes = f"{start:.6g} to {end:.6g}", f"{scaling.low:g} to {scaling.high:g}"
            else:
                shown, becomes = f"mean {start:.6g}, SD {end - start:.6g}", "mean 0, SD 1"
            found.append(
                {"column": name, "used": used, "network": network, "from": shown, "to": becomes}
            )
    return pd.DataFrame(found)
