"""Strings of the Reber grammar, plain and embedded: predict the next letter, accept or reject.

Cleeremans, Servan-Schreiber and McClelland (1989), "Finite State Automata and Simple Recurrent
Networks", Neural Computation 1:372-381, asked of Elman's network whether it accepts the strings
of Reber's grammar and no others. The embedded grammar puts such a string between two equal
letters, so that the first of them must be remembered through all of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice

import numpy as np

from elman.experiment import TaskDefaults, TaskSettings
from elman.settings import Setting, refuse, shown
from elman.tasks.automaton import Arc, Automaton, expectation
from elman.tasks.sequence import Sequence, Task, predict_next

LETTERS = ("B", "T", "P", "S", "X", "V", "E")
CODES = np.eye(len(LETTERS))

# A letter is accepted where its output is above this.
THRESHOLD = 0.3

# Node -> the letters that may follow and the node that each leads to; where there are two, each
# has probability one half. After E the next string begins with B.
PLAIN_ARCS: dict[Hashable, dict[str, Hashable]] = {
    "B": {"B": 0},
    0: {"T": 1, "P": 2},
    1: {"S": 1, "X": 3},
    2: {"T": 2, "V": 4},
    3: {"X": 2, "S": 5},
    4: {"P": 3, "V": 5},
    5: {"E": "B"},
}
PLAIN_NAMES: dict[Hashable, str] = {
    "B": "B",
    0: "T or P (node 0)",
    1: "S or X (node 1)",
    2: "T or V (node 2)",
    3: "X or S (node 3)",
    4: "P or V (node 4)",
    5: "E",
}


# Where the embedded grammar comes back to the letter before the inner string.
SAME = "the same T or P"


@dataclass(frozen=True)
class Grammar:
    """A grammar that each next letter leaves in one certain node.

    `arcs` maps a node to the letters that may follow and the node each leads to, all equally
    likely; strings begin and end at node "B". `names` names the position that each node is, and
    `remembered` the position where the first letter of a string has to be known.
    """

    arcs: Mapping[Hashable, Mapping[str, Hashable]]
    names: Mapping[Hashable, str]
    remembered: str = ""

    @property
    def positions(self) -> tuple[str, ...]:
        """The different names of nodes."""
        return tuple(dict.fromkeys(self.names.values()))


def _embedded() -> Grammar:
    arcs: dict[Hashable, dict[str, Hashable]] = {
        "B": {"B": "first"},
        "first": {"T": ("T", "B"), "P": ("P", "B")},
    }
    names: dict[Hashable, str] = {"B": "B", "first": "first T or P"}
    for letter in "TP":
        for node, leaving in PLAIN_ARCS.items():
            arcs[letter, node] = {symbol: (letter, end) for symbol, end in leaving.items()}
            names[letter, node] = {"B": "inner B", 5: "inner E"}.get(node, PLAIN_NAMES[node])
        # Where a plain string would end, this one comes back to the letter before it.
        arcs[letter, 5] = {"E": (letter, "again")}
        arcs[letter, "again"] = {letter: "end"}
        names[letter, "again"] = SAME
    arcs["end"], names["end"] = {"E": "B"}, "E"
    return Grammar(arcs, names, SAME)


GRAMMARS = {"plain": Grammar(PLAIN_ARCS, PLAIN_NAMES), "embedded": _embedded()}


def _grammar(name: str) -> Grammar:
    if name not in GRAMMARS:
        raise refuse("grammar", f"one of {', '.join(GRAMMARS)}", name)
    return GRAMMARS[name]


def source_of(grammar: Grammar) -> Automaton:
    """The automaton that writes string after string of a grammar."""
    arcs = {
        node: tuple(
            Arc(LETTERS.index(letter), 1 / len(leaving), end) for letter, end in leaving.items()
        )
        for node, leaving in grammar.arcs.items()
    }
    return Automaton(arcs, len(LETTERS), start="B")


def _write(grammar: Grammar, bits: Iterable[int]) -> Iterator[str]:
    """One string after another, a bit for each letter; what the bits leave unfinished is lost."""
    arcs = {node: tuple(leaving.items()) for node, leaving in grammar.arcs.items()}
    node: Hashable = "B"
    letters: list[str] = []
    for bit in bits:
        letter, node = arcs[node][bit % len(arcs[node])]
        letters.append(letter)
        if node == "B":
            yield "".join(letters)
            letters = []


def _fair_bits(rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.integers(0, 2, size=1024).tolist()


def grammatical_strings(n: int, *, rng: np.random.Generator, grammar: str = "plain") -> list[str]:
    """`n` random strings of the grammar, B to E."""
    return list(islice(_write(_grammar(grammar), _fair_bits(rng)), n))


def random_strings(n: int, *, rng: np.random.Generator, grammar: str = "plain") -> list[str]:
    """`n` strings as long as strings of the grammar: B, then any of T, P, S, X, V, then E.

    A few of them obey the grammar by chance. How Cleeremans et al. drew theirs is not known to
    us; this way is ours.
    """
    inner = np.array(list("TPSXV"))
    return [
        f"B{''.join(inner[rng.integers(0, len(inner), size=len(string) - 2)])}E"
        for string in grammatical_strings(n, rng=rng, grammar=grammar)
    ]


def with_wrong_end(string: str) -> str:
    """An embedded string with the T or P before its end exchanged: wrong there alone."""
    return f"{string[:-2]}{'P' if string[-2] == 'T' else 'T'}{string[-1]}"


def _nodes(string: str, grammar: Grammar) -> list[Hashable | None]:
    """The node after each letter; None from the first letter on that the grammar forbids."""
    node: Hashable | None = "B"
    nodes = []
    for letter in string:
        node = None if node is None else grammar.arcs[node].get(letter)
        nodes.append(node)
    return nodes


def is_grammatical(string: str, grammar: str = "plain") -> bool:
    """Whether `string` is one whole string of the grammar."""
    nodes = _nodes(string, _grammar(grammar))
    return "B" in nodes and nodes.index("B") == len(nodes) - 1


def from_strings(strings: Iterable[str], grammar: str = "plain") -> Sequence:
    """A sequence of these strings, one after another.

    A group is a string; the position is the node of the grammar that the string has reached.
    From a letter on that the grammar forbids, to the end of that string, the position is -1 and
    `ideal` and `rate_floor` are not-a-number. Raises ValueError if there is no string, an empty
    one or one with other letters.
    """
    strings = list(strings)
    bad = [string for string in strings if not string or set(string) - set(LETTERS)]
    if bad or not strings:
        raise refuse(
            "strings",
            f"strings of the letters {' '.join(LETTERS)}",
            verb="are",
            words=f"{shown(bad[0]) if bad else 'no string'} was given",
        )
    machine = _grammar(grammar)
    reached = [node for string in strings for node in _nodes(string, machine)]
    nodes = list(machine.arcs)
    likelihoods = np.zeros((len(nodes), len(LETTERS)))
    for row, leaving in enumerate(machine.arcs.values()):
        for letter in leaving:
            likelihoods[row, LETTERS.index(letter)] = 1 / len(leaving)
    ideal, rate_floor = expectation(likelihoods, CODES)
    positions = [machine.positions.index(machine.names[node]) for node in nodes]

    # The last row of each table is that of no node.
    index = {node: row for row, node in enumerate(nodes)} | {None: -1}
    which = np.array([index[node] for node in reached])
    symbols = np.array([LETTERS.index(letter) for string in strings for letter in string])
    sizes = [len(string) for string in strings]
    group_starts = np.zeros(len(symbols), dtype=bool)
    group_starts[np.cumsum([0, *sizes[:-1]])] = True
    inputs, targets = predict_next(CODES, symbols)
    return Sequence(
        symbols=symbols,
        inputs=inputs,
        targets=targets,
        group_starts=group_starts,
        position=np.array([*positions, -1])[which],
        ideal=np.vstack([ideal, np.full(len(LETTERS), np.nan)])[which],
        rate_floor=np.append(rate_floor, np.nan)[which],
    )


def generate(length: int, *, rng: np.random.Generator, grammar: str = "plain") -> Sequence:
    """Whole random strings of the grammar ("plain" or "embedded") in at most `length` letters.

    Raises ValueError if the first string is longer.
    """
    bits = rng.integers(0, 2, size=length).tolist()
    kept = list(_write(_grammar(grammar), bits))
    if not kept:
        first = next(_write(_grammar(grammar), chain(bits, _fair_bits(rng))))
        raise refuse("length", f"at least {len(first)}, that of the first string, {first}", length)
    return from_strings(kept, grammar)


def accepts(outputs: np.ndarray, string: str, threshold: float = THRESHOLD) -> bool:
    """Whether a network accepts a string: it foresaw every letter after the first.

    `outputs` (letters, 7) are its answers after each letter. A letter is foreseen if its output
    just before is above `threshold`; the answer to the last letter does not count.
    """
    symbols = [LETTERS.index(letter) for letter in string]
    return bool((outputs[np.arange(len(symbols) - 1), symbols[1:]] > threshold).all())


def weakest(outputs: np.ndarray, sequence: Sequence) -> np.ndarray:
    """The smallest output that a letter of each string (n_strings,) had just before it came.

    `outputs` is (steps, 7). The context should be reset at the start of each string.
    """
    after = np.roll(sequence.symbols, -1)
    foreseen = outputs[np.arange(len(after)), after]
    # What follows a string's last letter is the next string, which it need not foresee.
    foreseen = np.where(np.roll(sequence.group_starts, -1), np.inf, foreseen)
    return np.minimum.reduceat(foreseen, np.flatnonzero(sequence.group_starts))


def accepted(outputs: np.ndarray, sequence: Sequence, threshold: float = THRESHOLD) -> np.ndarray:
    """`accepts` for each string (n_strings,) of a sequence, from the answers at all its steps.

    `outputs` is (steps, 7). The context should be reset at the start of each string.
    """
    return weakest(outputs, sequence) > threshold


RULES = {
    "plain": "Random strings of the Reber grammar, from B to E. Most letters leave a choice of "
    "two; which two depends on the place in the grammar, not on the last letter alone.",
    "embedded": "A string of the Reber grammar between two T or two P. The second of them can be "
    "predicted only by remembering the first.",
}


def task(grammar: str = "plain") -> Task:
    """The task of this grammar, "plain" or "embedded"; ValueError for any other."""
    machine = _grammar(grammar)
    return Task(
        name="reber",
        title="Reber grammar",
        question="Can a network learn which strings a grammar allows, from examples alone?",
        rule=RULES[grammar],
        group="string",
        group_words="from B to E",
        symbols=LETTERS,
        features=LETTERS,
        codes=CODES,
        positions=machine.positions,
        predictable_words="the letters without alternative",
        open_words="the letters with an alternative",
        generate=partial(generate, grammar=grammar),
        presets={
            "textbook": {},
            # As others report Cleeremans et al.; not checked against their paper.
            "paper": {"hidden": 3, "reset": "group"},
        },
        settings=SETTINGS,
        with_options=task,
        own_analyses=("accepted strings",),
        remembered=machine.remembered,
        source=source_of(machine),
    )


SETTINGS = TaskSettings(
    TaskDefaults(length=10_000, hidden=10, epochs=50),
    {
        "grammar": Setting(
            str,
            "Reber grammar alone, or embedded between two equal letters",
            choices=tuple(GRAMMARS),
            default="plain",
        )
    },
)
TASK = task()
