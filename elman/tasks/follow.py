"""Whether symbols obey the rule of a source: one by one, and as whole groups."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np

from elman.tasks.automaton import Automaton, State


class Follower:
    """A reader who knows an automaton and follows symbols, also through ones that break its rule.

    Where a symbol cannot come, the reader begins anew from whatever state that symbol may lead
    to, or from the start.
    """

    def __init__(self, automaton: Automaton) -> None:
        self._automaton = automaton
        self._after: dict[tuple[State, int], set[State]] = {}
        self._anywhere: dict[int, set[State]] = {}
        for state, arcs in automaton.arcs.items():
            for symbol, _, end in arcs:
                self._after.setdefault((state, symbol), set()).add(end)
                self._anywhere.setdefault(symbol, set()).add(end)
        # Texts of a rule come through few sets of states, again and again.
        self._steps: dict[tuple[frozenset[State], int], frozenset[State]] = {}
        self.states: frozenset[State] = frozenset({automaton.start})

    def read(self, symbol: int) -> bool:
        """Take in a symbol; whether it could come."""
        ends = self._step(self.states, symbol)
        self.states = ends or frozenset(self._anywhere.get(symbol, {self._automaton.start}))
        return bool(ends)

    def expected(self) -> set[int]:
        """The symbols that can come next."""
        return {arc.symbol for state in self.states for arc in self._automaton.arcs[state]}

    def _step(self, states: frozenset[State], symbol: int) -> frozenset[State]:
        ends = self._steps.get((states, symbol))
        if ends is None:
            ends = frozenset().union(*(self._after.get((state, symbol), ()) for state in states))
            self._steps[states, symbol] = ends
        return ends

    def whole_from(self, symbols: Sequence[int], first: int) -> tuple[list[int], bool]:
        """Where groups that begin at `first` may end, and whether one may be unfinished at the end.

        The ends are the places (after the last symbol) at which the automaton is back at its start.
        """
        start = self._automaton.start
        ends: list[int] = []
        states = frozenset({start})
        for place in range(first, len(symbols)):
            states = self._step(states, symbols[place])
            if start in states:
                ends.append(place + 1)
                states = states - {start}
            if not states:
                return ends, False
        return ends, True


def possible(automaton: Automaton, symbols: Iterable[int], read: Iterable[int] = ()) -> np.ndarray:
    """Which of `symbols` (steps,) could come where they stand, after all of `read`."""
    follower = Follower(automaton)
    for symbol in read:
        follower.read(symbol)
    return np.array([follower.read(symbol) for symbol in symbols], dtype=bool)


def period(automaton: Automaton) -> int:
    """The greatest common divisor of the lengths of all groups: 3 for triples, 1 for syllables."""
    distance: dict[State, int] = {automaton.start: 0}
    found, queue = 0, deque([automaton.start])
    while queue:
        state = queue.popleft()
        for _, _, end in automaton.arcs[state]:
            if end in distance:
                found = math.gcd(found, distance[state] + 1 - distance[end])
            else:
                distance[end] = distance[state] + 1
                queue.append(end)
    return found


def in_whole_groups(automaton: Automaton, symbols: Sequence[int]) -> tuple[int, int]:
    """How many of the symbols lie in whole groups of the automaton, and of how many.

    The division into groups is the one that covers most. What lies between groups is passed over
    by as many symbols as the lengths of all groups have in common, so that the phase of triples
    stays. A group that is only unfinished at the end does not count at all.
    """
    steps, skip = len(symbols), period(automaton)
    follower = Follower(automaton)
    # The most symbols covered up to each place; places out of phase are never reached.
    covered = [0, *[-1] * steps]
    # The same at the end where the last group is unfinished, less what is left out.
    best = (0.0, 0, steps)
    for first in range(steps):
        if covered[first] < 0:
            continue
        ends, unfinished = follower.whole_from(symbols, first)
        for end in ends:
            covered[end] = max(covered[end], covered[first] + end - first)
        if unfinished and first:
            best = max(best, (covered[first] / first, covered[first], first))
        over = min(first + skip, steps)
        covered[over] = max(covered[over], covered[first])
    share = covered[steps] / steps if steps else 0.0
    if covered[steps] >= 0 and share >= best[0]:
        return covered[steps], steps
    return best[1], best[2]
