"""Hidden states over time: heat maps of the units, and principal components of the states.

Steps and units are counted from 1, as readers see them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.analysis.replay import Tested
from elman.settings import refuse
from elman.tasks import Sequence, Task

UNIT_ORDERS = {
    "number": "by their number",
    "spread": "most varying first",
    "component": "by their share in the first principal component",
}

# Longer groups, such as a text without any boundary, are cut off for labels and tooltips.
MOST_CONTENT = 40


class Components(NamedTuple):
    """Principal components, the largest first.

    mean         (hidden,)         mean state
    directions   (count, hidden)   unit vectors; the entry of largest size is positive
    variances    (count,)          variance of the states along each direction (n - 1 below)
    ratios       (count,)          its share of the variance of all units; 0 if nothing varies
    """

    mean: np.ndarray
    directions: np.ndarray
    variances: np.ndarray
    ratios: np.ndarray

    def project(self, states: np.ndarray) -> np.ndarray:
        """Coordinates (steps, count) of states (steps, hidden) along the directions."""
        return (states - self.mean) @ self.directions.T


def checked_vectors(
    name: str, vectors: np.ndarray, rows: str = "steps", at_least: int = 1
) -> np.ndarray:
    """`vectors` as floats (rows, hidden), of which there are at least `at_least`, all finite.

    Raises ValueError, by `name`, for anything else.
    """
    given = np.asarray(vectors, dtype=float)
    if given.ndim != 2 or len(given) < at_least or given.shape[1] < 1:
        raise refuse(
            name,
            f"an array ({rows}, hidden) of at least {at_least} {rows}",
            words=f"one of shape {given.shape} was given",
        )
    # A sum is finite unless a term is not, or the terms are too large for any distance.
    if not np.isfinite(given.sum()):
        raise refuse(name, "finite numbers", verb="are", words="some are infinite or no number")
    return given


def evenly(size: int, most: int) -> np.ndarray:
    """At most `most` places from 0 to `size` - 1, evenly spread, with both ends among them."""
    return np.unique(np.linspace(0, size - 1, min(size, most)).round().astype(int))


def principal_components(states: np.ndarray, count: int | None = None) -> Components:
    """The directions in which states (steps, hidden) vary most.

    `count` directions, by default as many as there can be: hidden or, if fewer, steps. Fewer
    than 2 steps, or a `count` that is not from 1 to that number, raise ValueError.

    Source: Pearson (1901), "On lines and planes of closest fit", Philosophical Magazine 2; for
    hidden states Elman (1991), Machine Learning 7:195-225.
    """
    states = checked_vectors("states", states, at_least=2)
    steps, hidden = states.shape
    most = min(steps, hidden)
    count = most if count is None else count
    if not 1 <= count <= most:
        raise refuse("count", f"a whole number from 1 to {most}", count)
    mean = states.mean(axis=0)
    centred = states - mean
    if steps > hidden:
        # The same directions as those of the states, from a matrix that does not grow with them.
        variances, columns = np.linalg.eigh(centred.T @ centred / (steps - 1))
        variances, directions = variances[::-1], columns.T[::-1]
    else:
        _, singular, directions = np.linalg.svd(centred, full_matrices=False)
        variances = singular**2 / (steps - 1)
    # Rounding can leave a variance of nothing just below zero.
    variances = np.maximum(variances, 0.0)
    total = variances.sum()
    largest = np.abs(directions).argmax(axis=1)
    signs = np.sign(directions[np.arange(len(directions)), largest])
    return Components(
        mean=mean,
        directions=(directions * signs[:, np.newaxis])[:count],
        variances=variances[:count],
        ratios=(variances / total if total > 0.0 else np.zeros(most))[:count],
    )


def unit_order(states: np.ndarray, by: str = "number") -> np.ndarray:
    """Units (hidden,), as indices, in the order in which a heat map shows them.

    `by` is one of `UNIT_ORDERS`; anything else raises ValueError.
    """
    states = checked_vectors("states", states)
    if by not in UNIT_ORDERS:
        raise refuse("order", f"one of {', '.join(UNIT_ORDERS)}", by)
    if by == "number":
        return np.arange(states.shape[1])
    if by == "spread" or len(states) < 2:
        return np.argsort(-states.std(axis=0), kind="stable")
    return np.argsort(-principal_components(states, 1).directions[0], kind="stable")


def heat_map(
    tested: Tested,
    *,
    first: int = 1,
    steps: int = 40,
    order: str = "number",
) -> pd.DataFrame:
    """Activation of every unit at `steps` steps from step `first` on, beside the input symbols.

    Columns: step, symbol, group_start, unit, row (where the unit stands in `order`, from 1) and
    activation. The order is that of all states given, so that rows stay when the window moves.
    A window that reaches beyond the end is cut there; a `first` outside raises ValueError.
    """
    sequence, task = tested.sequence, tested.task
    states = checked_vectors("states", tested.states)
    shown = window(sequence, first, steps)
    units = unit_order(states, order)
    return pd.DataFrame(
        {
            "step": np.repeat(shown + 1, len(units)),
            "symbol": np.repeat(symbol_names(task, sequence.symbols[shown]), len(units)),
            "group_start": np.repeat(sequence.group_starts[shown], len(units)),
            "unit": np.tile(units + 1, len(shown)),
            "row": np.tile(np.arange(1, len(units) + 1), len(shown)),
            "activation": states[np.ix_(shown, units)].ravel(),
        }
    )


def projections(
    tested: Tested,
    components: Components,
    *,
    first: int = 1,
    steps: int | None = None,
    pair: tuple[int, int] = (1, 2),
) -> pd.DataFrame:
    """Where the states of `steps` steps from `first` on lie along two components.

    Columns: step, symbol, expected (the symbol that follows), group (from 1), place in the group
    (from 1), content (all symbols of the group) and x and y, the coordinates along the two
    components of `pair` (from 1). By default all steps. ValueError for a component or a `first`
    that does not exist.
    """
    sequence, task = tested.sequence, tested.task
    states = checked_vectors("states", tested.states)
    for number in pair:
        if not 1 <= number <= len(components.directions):
            raise refuse(
                "pair", f"two components from 1 to {len(components.directions)}", pair, verb="are"
            )
    shown = window(sequence, first, len(sequence) if steps is None else steps)
    chosen = np.array(pair) - 1
    x, y = ((states[shown] - components.mean) @ components.directions[chosen].T).T
    group = np.cumsum(sequence.group_starts)
    place = np.arange(len(sequence)) - np.flatnonzero(sequence.group_starts)[group - 1]
    contents = np.array(list(group_contents(sequence, task)), dtype=object)
    return pd.DataFrame(
        {
            "step": shown + 1,
            "symbol": symbol_names(task, sequence.symbols[shown]),
            "expected": symbol_names(task, np.roll(sequence.symbols, -1)[shown]),
            "group": group[shown],
            "place": place[shown] + 1,
            "content": contents[group[shown] - 1],
            "x": x,
            "y": y,
        }
    )


def window(sequence: Sequence, first: int, steps: int) -> np.ndarray:
    """Indices, from 0, of at most `steps` steps from step `first` (from 1) to the end.

    Raises ValueError for a `first` outside the sequence and for fewer than one step.
    """
    if not 1 <= first <= len(sequence):
        raise refuse("first", f"a step from 1 to {len(sequence):,}", first)
    if steps < 1:
        raise refuse("steps", "at least 1", steps)
    return np.arange(first - 1, min(first - 1 + steps, len(sequence)))


def symbol_names(task: Task, symbols: np.ndarray) -> np.ndarray:
    """Names (n,) of symbol indices (n,)."""
    return np.array(task.symbols, dtype=object)[symbols]


def joined(task: Task, names: Iterable[str]) -> str:
    """Symbols as a reader writes them: letters and bits side by side, words with spaces."""
    return ("" if all(len(symbol) == 1 for symbol in task.symbols) else " ").join(names)


def group_contents(sequence: Sequence, task: Task) -> Iterator[str]:
    """The symbols of each group in one string, one after another; long ones end with …"""
    starts = np.flatnonzero(sequence.group_starts)
    names = symbol_names(task, sequence.symbols)
    for start, end in zip(starts, [*starts[1:], len(sequence)], strict=True):
        # Every symbol has at least one character, so more could not be shown.
        content = joined(task, names[start : min(end, start + MOST_CONTENT + 1)])
        yield content if len(content) <= MOST_CONTENT else content[: MOST_CONTENT - 1] + "…"
