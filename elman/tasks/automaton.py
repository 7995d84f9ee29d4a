"""Sources that write string after string without a mark between, and what may follow.

The words of a sentence, the letters of a word and the letters of the Reber grammars all come
from a probabilistic finite-state automaton. A reader who knows it, but sees only the symbols,
keeps a belief: how likely each state is after all symbols so far. The forward algorithm (Baum
and Petrie, 1966) gives that belief, and with it the exact probability of every next symbol.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from elman.settings import refuse

State = Hashable

# Probabilities are rounded here, so that a certain symbol has 1 and an impossible one 0 in spite
# of floating-point sums, and so that equal beliefs reached on different ways count as one.
DECIMALS = 12


class Arc(NamedTuple):
    """From some state, `symbol` (an index) is written with `probability`; then state `end`."""

    symbol: int
    probability: float
    end: State


class _Belief:
    """What may follow: probabilities, the states reached with each symbol, and their beliefs."""

    __slots__ = ("likelihood", "next", "reached")

    def __init__(self, likelihood: np.ndarray, reached: dict[int, dict[State, float]]) -> None:
        self.likelihood = likelihood
        self.reached = reached
        self.next: dict[int, _Belief] = {}


@dataclass(frozen=True)
class Automaton:
    """A probabilistic finite-state automaton over symbols 0 to `n_symbols` - 1.

    `arcs` maps each state to its arcs, whose probabilities sum to 1; several arcs may carry the
    same symbol. Every string begins in state `start`, and the arc of its last symbol leads back
    there.
    """

    arcs: Mapping[State, tuple[Arc, ...]]
    n_symbols: int
    start: State = "start"

    def follow(self, symbols: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
        """The different beliefs about the next symbol (n, n_symbols), and each step's (steps,).

        `likelihoods[which]` of the two holds, row by row, the probabilities of the symbol after
        each of `symbols` (steps,). The first symbol begins a string; where later strings begin
        is unknown. Raises ValueError at a symbol that cannot stand where it does.
        """
        walk = Walk(self)
        rows: dict[_Belief, int] = {}
        which = []
        for symbol in symbols:
            which.append(rows.setdefault(walk.read(symbol), len(rows)))
        likelihoods = np.array([belief.likelihood for belief in rows])
        return likelihoods.reshape(-1, self.n_symbols), np.array(which, dtype=int)

    def likelihood(self, beginning: Iterable[int]) -> np.ndarray:
        """Probabilities (n_symbols,) of the next symbol when a string so far reads `beginning`.

        All of `beginning`, which may be empty, belongs to one string; where that may be over,
        the next symbol is the first of another. Raises ValueError if no string begins so.
        """
        states = {self.start: 1.0}
        for step, symbol in enumerate(beginning):
            # That the string is over is possible after its last symbol only.
            unfinished = {s: share for s, share in states.items() if step == 0 or s != self.start}
            if not unfinished:
                raise refuse(
                    "beginning", f"at most {step} symbols here", verb="are", words="more were given"
                )
            states = _reached(self._look_ahead(unfinished), symbol, step)
        return self._look_ahead(states).likelihood

    def beliefs(self, most: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Every belief that a reader can come to, the one before the first symbol first.

        The probabilities of the next symbol (n, n_symbols), and which belief each symbol leads to
        (n, n_symbols), -1 where it cannot come. None if there are more than `most`.
        """
        walk = Walk(self)
        beliefs = [walk._belief_in({self.start: 1.0})]
        place, moves = {beliefs[0]: 0}, []
        # Grows while it is gone through.
        for belief in beliefs:
            row = np.full(self.n_symbols, -1)
            for symbol, states in belief.reached.items():
                following = walk._belief_in(states)
                if following not in place:
                    place[following] = len(beliefs)
                    beliefs.append(following)
                row[symbol] = place[following]
            moves.append(row)
            if len(beliefs) > most:
                return None
        return np.array([belief.likelihood for belief in beliefs]), np.array(moves)

    def _look_ahead(self, states: dict[State, float]) -> _Belief:
        reached: dict[int, dict[State, float]] = defaultdict(lambda: defaultdict(float))
        for state, share in states.items():
            for symbol, probability, end in self.arcs[state]:
                reached[symbol][end] += share * probability
        likelihood = np.zeros(self.n_symbols)
        for symbol, ends in reached.items():
            likelihood[symbol] = sum(ends.values())
        return _Belief(np.round(likelihood / likelihood.sum(), DECIMALS), dict(reached))


class Walk:
    """A reader of symbols, one by one, who keeps a belief about the state of an automaton."""

    def __init__(self, automaton: Automaton) -> None:
        self._automaton = automaton
        self._known: dict[Hashable, _Belief] = {}
        self._belief = automaton._look_ahead({automaton.start: 1.0})
        self._steps = 0

    @property
    def likelihood(self) -> np.ndarray:
        """The probabilities (n_symbols,) of the next symbol."""
        return self._belief.likelihood

    def read(self, symbol: int) -> _Belief:
        """Take in a symbol; ValueError if it cannot stand here."""
        belief = self._belief
        if symbol not in belief.next:
            belief.next[symbol] = self._belief_in(_reached(belief, symbol, self._steps))
        self._steps += 1
        self._belief = belief.next[symbol]
        return self._belief

    def _belief_in(self, states: dict[State, float]) -> _Belief:
        total = sum(states.values())
        shares = {state: share / total for state, share in states.items()}
        key = frozenset((state, f"{share:.{DECIMALS}g}") for state, share in shares.items())
        if key not in self._known:
            self._known[key] = self._automaton._look_ahead(shares)
        return self._known[key]


def _reached(belief: _Belief, symbol: int, step: int) -> dict[State, float]:
    if symbol not in belief.reached:
        raise refuse(
            "symbols", f"one of {sorted(belief.reached)}", symbol, verb=f"at step {step} is"
        )
    return belief.reached[symbol]


def expectation(likelihoods: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the ideal predictor answers and how often any answer must be wrong: `ideal` and
    `rate_floor`.

    `likelihoods` (n, n_symbols) are the probabilities of the next symbol and `codes`
    (n_symbols, n_out) its targets. `ideal` (n, n_out) is the mean target; `rate_floor`
    (n,) the probability of any symbol but the likeliest. The mean target, rounded, may be wrong
    more often: it need not be the code of any symbol.
    """
    ideal = np.round(likelihoods @ codes, DECIMALS)
    return ideal, np.round(1.0 - likelihoods.max(axis=1), DECIMALS)


def whole_strings(sizes: np.ndarray, length: int) -> int:
    """How many of the strings of `sizes` (n,) symbols fit, from the first on, into `length`.

    Raises ValueError, naming `length`, if not even the first does.
    """
    fitting = int(np.searchsorted(np.cumsum(sizes), length, side="right"))
    if fitting == 0:
        raise refuse("length", f"at least {int(sizes[0])}, the length of the first string", length)
    return fitting
