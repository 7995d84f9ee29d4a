"""Sentences from templates, as in Elman's sentence program (1990, p. 195)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from elman.tasks.automaton import Arc, Automaton, State


@dataclass(frozen=True)
class TemplateGrammar:
    """A template is chosen, each as likely, then each of its slots filled from the slot's class.

    `templates` are tuples of slots; a slot that is a key of `classes` stands for that class of
    words, each as likely, and any other slot for the word it is itself. `words` lists the
    vocabulary; a word's place there is its index.
    """

    words: tuple[str, ...]
    classes: Mapping[str, tuple[str, ...]]
    templates: tuple[tuple[str, ...], ...]

    def choices(self, slot: str) -> list[int]:
        """Indices of the words that may fill a slot."""
        return [self.words.index(word) for word in self.classes.get(slot, (slot,))]

    @property
    def shortest(self) -> int:
        """Words of the shortest template."""
        return min(len(template) for template in self.templates)

    def sample(self, n: int, *, rng: np.random.Generator) -> np.ndarray:
        """`n` sentences as word indices (n, longest), filled up with -1.

        With the same random numbers a larger `n` begins with the sentences of a smaller one.
        """
        longest = max(len(template) for template in self.templates)
        slots = {slot for template in self.templates for slot in template}
        members = {slot: self.choices(slot) for slot in slots}
        widest = max(len(choices) for choices in members.values())
        table = np.full((len(self.templates), longest, widest), -1)
        sizes = np.ones((len(self.templates), longest))
        for t, template in enumerate(self.templates):
            for place, slot in enumerate(template):
                sizes[t, place] = len(members[slot])
                table[t, place, : len(members[slot])] = members[slot]
        draws = rng.random((n, 1 + longest))
        chosen = (draws[:, :1] * len(self.templates)).astype(int)
        filler = (draws[:, 1:] * sizes[chosen[:, 0]]).astype(int)
        return table[chosen, np.arange(longest), filler]

    def automaton(self, n_symbols: int | None = None) -> Automaton:
        """The automaton over words that writes sentence after sentence of this grammar."""
        arcs: dict[State, list[Arc]] = defaultdict(list)
        for t, template in enumerate(self.templates):
            for place, slot in enumerate(template):
                state = (t, place) if place else "start"
                end = (t, place + 1) if place + 1 < len(template) else "start"
                choices = self.choices(slot)
                share = 1 / len(choices) if place else 1 / len(choices) / len(self.templates)
                arcs[state] += [Arc(word, share, end) for word in choices]
        return Automaton(
            {state: tuple(leaving) for state, leaving in arcs.items()},
            len(self.words) if n_symbols is None else n_symbols,
        )


def spelled(automaton: Automaton, spellings: list[list[int]], n_symbols: int) -> Automaton:
    """The same source writing the letters of `spellings[word]` where it wrote the word.

    Nothing marks where a word ends. Letters are indices below `n_symbols`.
    """
    arcs: dict[State, list[Arc]] = defaultdict(list)

    def end_of(rest: tuple[int, ...], end: State) -> State:
        """The state in which the letters of `rest` are still to come, then state `end`."""
        if not rest:
            return end
        state = (rest, end)
        if state not in arcs:
            arcs[state] = [Arc(rest[0], 1.0, end_of(rest[1:], end))]
        return state

    for state, leaving in automaton.arcs.items():
        for word, probability, end in leaving:
            first, *rest = spellings[word]
            arcs[state].append(Arc(first, probability, end_of(tuple(rest), end)))
    return Automaton(
        {state: tuple(leaving) for state, leaving in arcs.items()}, n_symbols, automaton.start
    )
