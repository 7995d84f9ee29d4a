"""Finite machines that predict: what each state expects next, and where each symbol leads from it.

Such a machine (Moore 1956) is in one state after every symbol. Two states are one if they expect
the same and every symbol leads from both to states that are one; `minimised` finds the machine
that is left, the smallest that answers the same, by refining a division of the states: at first by
what they expect, then by where their symbols lead, until no part falls apart any more.

Source: Moore (1956), "Gedanken-experiments on sequential machines", Automata Studies, 129-153.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from elman.analysis.generation import likelihoods
from elman.tasks import Task

# A symbol is expected if it is at least this share as likely as the likeliest one.
EXPECTED = 1 / 3

# Beliefs up to which the machine of a rule is looked for.
MOST_BELIEFS = 2000

# Symbols up to which the name of a state lists all.
MOST_NAMED = 3


@dataclass(frozen=True)
class Machine:
    """A machine whose states are numbered from 0, the first being that before any symbol.

    moves     (states, n_symbols)   where each symbol leads; -1 if it never came there
    expects   (states, n_symbols)   which symbols each state expects next; none in a first state
                                    of which that is not known
    answers   (states, n_out)       its answer as an output of a network
    visits    (states,)             the share of steps after which it is there; 0 if not known
    """

    moves: np.ndarray
    expects: np.ndarray
    answers: np.ndarray
    visits: np.ndarray

    def __len__(self) -> int:
        return len(self.moves)

    @property
    def starts_apart(self) -> bool:
        """Whether the first state is no state of any later step."""
        return not self.expects[0].any()

    @property
    def size(self) -> int:
        """The number of states that expect something."""
        return len(self) - self.starts_apart


def expected(shares: np.ndarray) -> np.ndarray:
    """Which symbols (..., n_symbols) are expected where these are their likelihoods."""
    return shares >= EXPECTED * shares.max(axis=-1, keepdims=True)


def same(first: Machine, second: Machine) -> bool:
    """Whether two minimised machines are one: the same moves, and the same expected everywhere."""
    return np.array_equal(first.moves, second.moves) and np.array_equal(
        first.expects, second.expects
    )


def numbered(rows: Iterable[Hashable]) -> np.ndarray:
    """Numbers (rows,) from 0, the same for equal rows, in the order of their first places."""
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(row, len(known)) for row in rows], dtype=int)


def classes(moves: np.ndarray, expects: np.ndarray) -> np.ndarray:
    """Which states (states,) are one, as numbers from 0: see `Machine` for the arguments."""
    part = numbered(row.tobytes() for row in expects)
    while True:
        # The last entry is what a symbol leads to that never came.
        leads = np.append(part, -1)[moves]
        finer = numbered(row.tobytes() for row in np.column_stack([part, leads]))
        if finer.max() == part.max():
            return finer
        part = finer


def minimised(machine: Machine) -> Machine:
    """The smallest machine that expects the same after every string that can come.

    Its states are numbered as they are first reached, by the shortest string and among those by
    the first in the order of the symbols, so that equal machines have equal arrays. A first state
    that expects nothing is put together with the most visited one to which its symbols lead alike.
    """
    part = merged(classes(machine.moves, machine.expects), machine)
    first = np.unique(part, return_index=True)[1]
    moves = np.append(part, -1)[machine.moves[first]]
    if machine.starts_apart:
        # The first state itself knows only the symbols that begin; the one it is like knows more.
        known = np.flatnonzero(part == part[0])
        moves[part[0]] = np.append(part, -1)[machine.moves[known[-1]]]
        first[part[0]] = known[-1]
    order = _reached(moves, int(part[0]))
    number = np.full(len(moves) + 1, -1)
    number[order] = np.arange(len(order))
    visits = np.bincount(part, machine.visits, len(first))
    return Machine(
        moves=number[moves[order]],
        expects=machine.expects[first[order]],
        answers=mean_answers(part, machine)[order],
        visits=visits[order],
    )


def merged(part: np.ndarray, machine: Machine) -> np.ndarray:
    """`classes` of a machine, with a first state that expects nothing put where it belongs."""
    if not machine.starts_apart:
        return part
    begins = machine.moves[0] >= 0
    leads = np.append(part, -1)[machine.moves]
    like = (leads[:, begins] == leads[0, begins]).all(axis=1)
    like[0] = False
    if not like.any():
        return part
    most = np.flatnonzero(like)[machine.visits[like].argmax()]
    part = part.copy()
    part[0] = part[most]
    # The class of the first state alone is empty now.
    return np.unique(part, return_inverse=True)[1]


def mean_answers(part: np.ndarray, machine: Machine) -> np.ndarray:
    """The mean answer (classes, n_out) of the states of each class, by how often they are visited;
    where none ever is, each counts the same."""
    weights = np.maximum(machine.visits, 1e-12)
    if machine.starts_apart:
        weights = np.append(1e-300, weights[1:])
    sums = np.zeros((part.max() + 1, machine.answers.shape[1]))
    np.add.at(sums, part, weights[:, np.newaxis] * machine.answers)
    return sums / np.bincount(part, weights)[:, np.newaxis]


def _reached(moves: np.ndarray, start: int) -> list[int]:
    """States in the order in which they are first reached."""
    order = [start]
    # Grows while it is gone through.
    for state in order:
        order += dict.fromkeys(
            end for end in moves[state].tolist() if end >= 0 and end not in order
        )
    return order


def of_rule(task: Task) -> Machine | None:
    """The smallest machine that knows the rule of a task, read as a network's answers are.

    None where nobody states the rule, and where whoever follows it can believe too much at once.
    """
    found = None if task.source is None else task.source.beliefs(MOST_BELIEFS)
    if found is None:
        return None
    chances, moves = found
    answers = chances @ task.codes
    expects = expected(likelihoods(answers, task))
    return minimised(Machine(moves, expects, answers, np.zeros(len(moves))))


def name(expects: np.ndarray, symbols: Sequence[str]) -> str:
    """What a state is called: the symbols (n_symbols,) that it expects."""
    names = [symbols[symbol] for symbol in np.flatnonzero(expects).tolist()]
    if not names:
        return "nothing yet"
    if len(names) <= MOST_NAMED:
        return " or ".join(names)
    return f"{' or '.join(names[: MOST_NAMED - 1])} or {len(names) - MOST_NAMED + 1} more"


def leads(machine: Machine, state: int, symbols: Sequence[str]) -> dict[int, list[str]]:
    """The symbols that lead from a state, by the state that they lead to."""
    ways: dict[int, list[str]] = {}
    for symbol, end in enumerate(machine.moves[state].tolist()):
        if end >= 0:
            ways.setdefault(end, []).append(symbols[symbol])
    return ways


def table(machine: Machine, symbols: Sequence[str]) -> pd.DataFrame:
    """One row a state: state (from 1), expects, leads ("0 to 2; 1 to 3") and visits."""
    rows = []
    for state in range(len(machine)):
        ways = leads(machine, state, symbols)
        words = "; ".join(f"{', '.join(names)} to {end + 1}" for end, names in ways.items())
        rows.append(
            (state + 1, name(machine.expects[state], symbols), words, machine.visits[state])
        )
    found = pd.DataFrame(rows, columns=["state", "expects", "leads", "visits"])
    return found if machine.visits.any() else found.drop(columns="visits")


def describe(machine: Machine, symbols: Sequence[str]) -> str:
    """All states in words, as a drawing is read aloud."""
    return " ".join(
        f"State {row.state}{', the first,' if row.state == 1 else ''} expects {row.expects}"
        + (f": {row.leads}." if row.leads else ".")
        for row in table(machine, symbols).itertuples()
    )


def values(machine: Machine, symbols: Sequence[str]) -> list[dict[str, object]]:
    """The states as plain values: state (from 1), expects (symbols), leads (symbol to state)."""
    return [
        {
            "state": state + 1,
            "expects": [symbols[n] for n in np.flatnonzero(machine.expects[state]).tolist()],
            "leads": {
                symbols[symbol]: end + 1
                for symbol, end in enumerate(machine.moves[state].tolist())
                if end >= 0
            },
        }
        for state in range(len(machine))
    ]


def dot(machine: Machine, symbols: Sequence[str]) -> str:
    """The machine as a graph in the DOT language of Graphviz."""

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = ["digraph machine {", "  rankdir=LR;", "  node [shape=circle];"]
    for state in range(len(machine)):
        shape = ", shape=doublecircle" if state == 0 else ""
        label = f"{state + 1}: {name(machine.expects[state], symbols)}"
        lines.append(f"  {state + 1} [label={quoted(label)}{shape}];")
        for end, names in leads(machine, state, symbols).items():
            lines.append(f"  {state + 1} -> {end + 1} [label={quoted(', '.join(names))}];")
    return "\n".join([*lines, "}", ""])
