"""The reader as the predictor: guesses at the next symbols, beside those who know more or less."""

from __future__ import annotations

from collections.abc import Sequence as Items

import numpy as np
import pandas as pd

from elman.analysis import errors
from elman.analysis.replay import Answers
from elman.tasks import Sequence, Task

# Guesses from which on an average by position begins to say something.
ENOUGH = 12

YOU, NETWORK, BIGRAM, FLOOR = "You", "Network", "Best bigram", "Floor"

# Symbols that are shown before the first guess.
SHOWN_BEFORE = 6

# A guess that names no symbol: the answer of somebody who leaves it open.
UNDECIDED = -1


def codes_of(guesses: Items[int], task: Task) -> np.ndarray:
    """The answers (steps, n_out) that guesses stand for: the code of each symbol, and one half
    everywhere for `UNDECIDED`."""
    table = np.vstack([task.codes, np.full(task.codes.shape[1], 0.5)])
    return table[np.asarray(guesses, dtype=int)]


def guessed(sequence: Sequence, guesses: int) -> slice:
    """The steps whose targets the first so many guesses are for."""
    return slice(SHOWN_BEFORE - 1, min(SHOWN_BEFORE - 1 + guesses, len(sequence)))


def beside(
    guesses: Items[int], sequence: Sequence, task: Task, others: dict[str, np.ndarray]
) -> pd.DataFrame:
    """Mean squared error of each predictor at each position, over the symbols guessed so far.

    `guesses` (n,) are symbols for the targets of the steps `guessed`; `others` maps a name to the
    answers (steps, n_out) of a predictor to the whole sequence. One row for each predictor and
    position that has come: predictor, position, squared, steps. The reader is first; last comes
    the floor, what somebody who knows the rule can expect.
    """
    steps = guessed(sequence, len(guesses))
    part = sequence.part(steps)
    answers = {YOU: codes_of(guesses, task)} | {name: o[steps] for name, o in others.items()}
    tables = [
        errors.by_position(Answers(outputs, part, task)).assign(predictor=name)
        for name, outputs in answers.items()
    ]
    floor = tables[0].assign(predictor=FLOOR, squared=tables[0]["squared_floor"])
    columns = ["predictor", "position", "squared", "steps"]
    return pd.concat([*tables, floor], ignore_index=True)[columns]


def describe(table: pd.DataFrame, task: Task) -> str:
    """What a table of `beside` says to the reader, in two or three sentences."""
    rows = table.set_index(["predictor", "position"])["squared"]
    floor = rows[FLOOR]
    certain = [position for position in floor.index if floor[position] == 0.0]
    open_ = [position for position in floor.index if floor[position] > 0.0]
    parts = []
    if open_:
        yours, floor_there = (_mean(table, name, open_) for name in (YOU, FLOOR))
        parts.append(
            f"At the {_listed(open_)} your error is {yours:.2f}. Nobody can expect less than "
            f"{floor_there:.2f} there, for what comes is drawn at random"
        )
    if certain:
        error = _mean(table, YOU, certain)
        words = f"At the {_listed(certain)} your error is {error:.2f}"
        parts.append(
            words + (", and less is impossible" if error == 0.0 else ", and 0 is possible")
        )
    return ". ".join(parts) + "."


def _mean(table: pd.DataFrame, predictor: str, positions: list[str]) -> float:
    rows = table[(table["predictor"] == predictor) & table["position"].isin(positions)]
    return float(np.average(rows["squared"], weights=rows["steps"]))


def _listed(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
