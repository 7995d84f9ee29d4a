"""The terms that a reader may not know, each in a sentence or two; pages explain them from here."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import NamedTuple


class Term(NamedTuple):
    """What a term means, and the words, as a regular expression, by which texts name it."""

    means: str
    words: str


TERMS: dict[str, Term] = {
    "epoch": Term("One pass of training through the whole sequence.", r"epochs?"),
    "hidden layer": Term(
        "The units between input and output. What they hold is the network's own description of "
        "what it has read; nobody tells them what to stand for.",
        r"hidden (?:layers?|units?|states?|activations?)",
    ),
    "context": Term(
        "A copy of the hidden layer from the step before. It comes in as a second input and is the "
        "network's only memory.",
        r"contexts?",
    ),
    "context reset": Term(
        "Setting the context back to its start value, so that nothing of the steps before is left "
        "in the memory.",
        r"resets?",
    ),
    "seed": Term(
        "A number that random draws begin from. The same seed gives the same first weights and "
        "sequence; another one shows what was luck.",
        r"seeds?",
    ),
    "floor": Term(
        "The error of somebody who knows the rule perfectly. It is above 0 where what comes is "
        "drawn at random, and it is an average: a lucky step may lie below it.",
        r"floors?",
    ),
    "memoryless": Term(
        "An answer that never looks at the sequence: always the average of all targets.",
        r"memoryless",
    ),
    "n-gram": Term(
        "A predictor that looks at the last symbols alone and answers with the average of what "
        "followed them in training. The bigram knows the last symbol, the trigram the last two.",
        r"bigrams?|trigrams?|n-grams?",
    ),
    "naive forecast": Term(
        "A forecast that needs no network, such as that the next value is the last one. What does "
        "not beat it has learned nothing of use.",
        r"naive forecasts?",
    ),
    "RMSE": Term(
        "The root of the mean squared error, in the units of what is predicted: a typical error, "
        "in which large ones weigh more. In the MAE, the mean of their sizes, all weigh alike.",
        r"RMSE",
    ),
    "feature": Term(
        "One property in the code of a symbol, with an output of its own. Letters have six, such "
        "as Consonant, High and Back (where the tongue is).",
        r"features?",
    ),
    "spectral radius": Term(
        "The size of a matrix's largest eigenvalue: about how much the context weights stretch or "
        "shrink a signal at each step.",
        r"spectral radius",
    ),
    "Jacobian": Term(
        "The matrix that says how strongly each hidden unit depends on each one a step before.",
        r"jacobians?",
    ),
    "automaton": Term(
        "A machine with a few states: each symbol leads from one to another, and each state says "
        "what can come next.",
        r"automat(?:on|a)|(?:finite |finite-state )machines?",
    ),
    "fixed point": Term(
        "A hidden state that a symbol leaves as it is: reading the symbol again changes nothing.",
        r"fixed points?",
    ),
    "attractor": Term(
        "A fixed point to which all states near it come, step by step.", r"attractors?"
    ),
    "adjusted Rand": Term(
        "How well clusters agree with known classes: 1 fully, 0 no better than chance.",
        r"adjusted rand",
    ),
    "purity": Term(
        "The share of symbols that belong to the commonest class of their cluster.", r"purity"
    ),
}

_PATTERNS = {name: re.compile(rf"\b(?:{term.words})\b", re.I) for name, term in TERMS.items()}
# What is not said in words: code and formulas.
_SILENT = re.compile(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)")


def used_in(text: str, without: Container[str] = ()) -> list[str]:
    """The names of the terms that a text in Markdown uses, but for those in `without`."""
    said = _SILENT.sub(" ", text)
    return [name for name, found in _PATTERNS.items() if name not in without and found.search(said)]


def explained(names: list[str]) -> str:
    """The explanations of terms in Markdown, a paragraph each."""
    return "\n\n".join(f"**{name[0].upper()}{name[1:]}**: {TERMS[name].means}" for name in names)
