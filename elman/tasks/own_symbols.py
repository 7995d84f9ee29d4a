"""The symbols of the reader's own text: characters or words, in one document or in several.

Words: text in small letters is cut at white space, which is no symbol; a run of letters, digits
and underscores, with single apostrophes and hyphens between them, is a word, and every other sign
is a symbol by itself. "Don't stop, well-known 3.5!" has the symbols don't, stop, a comma,
well-known, 3, a point, 5 and an exclamation mark. Beyond `MAX_KINDS` kinds the rarer ones count as
one, `RARE`.

Documents: `MARK` stands before the first symbol of each, and so after the last of the one before.
It says where a document ends and where one begins, as two different things: the context is reset
before it is read, so that nothing of a document is known in the next.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from elman.settings import refuse
from elman.tasks import own_text

READ_AS = ("characters", "words")
DOCUMENTS = ("one", "lines", "paragraphs")
UNITS = {"characters": "character", "words": "word"}

MAX_KINDS = 500
LEAST_SYMBOLS = 8

# No symbol of any text: characters and words have letters, and words no white space.
MARK, RARE = "", " "

_WORD = re.compile(r"w+(?:'w+)*|['s]")
_SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥"}


class Symbols(NamedTuple):
    """A text as symbols.

    each         every symbol, in order
    kinds        the different ones, in order; `MARK` and `RARE` are first
    which        (steps,) the kind of each
    starts       (steps,) whether a document begins here
    rare_kinds   kinds that count as one, and
    rare_steps   how often they stand in the text
    """

    each: tuple[str, ...]
    kinds: tuple[str, ...]
    which: np.ndarray
    starts: np.ndarray
    rare_kinds: int
    rare_steps: int

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return max(1, int(self.starts.sum()))


def words(text: str) -> list[str]:
    """The words and signs of a text, as the head of this file says."""
    text = text.lower()
    # A letter for each character: w of a word, ' maybe between two of them, s a sign.
    shape = "".join(map(_part, text))
    return [text[found.start() : found.end()] for found in _WORD.finditer(shape)]


def _part(character: str) -> str:
    category = unicodedata.category(character)
    # Marks belong to the letter before them, and so do joiners.
    if category[0] in "LNM" or category == "Cf" or character == "_":
        return "w"
    if character in "'’-":
        return "'"
    return " " if character.isspace() or category[0] in "ZC" else "s"


def split(text: str, documents: str) -> list[str]:
    """The documents of a text: its lines, or what stands between empty lines; blank ones left out.

    Raises ValueError, naming `documents`, unless there are two or more.
    """
    if documents == "one":
        return [text]
    parts = text.split("\n") if documents == "lines" else re.split(r"\n\s*\n", text)
    found = [part.strip() for part in parts if part.strip()]
    if len(found) < 2:
        between = "lines" if documents == "lines" else "paragraphs, with an empty line between them"
        raise refuse(
            "documents",
            f"{documents} for a text of two or more {between}",
            words="a text of one was given",
        )
    return found


@lru_cache(maxsize=8)
def symbols_of(text: str, read_as: str = "characters", documents: str = "one") -> Symbols:
    """The symbols of a text in its plain form.

    Raises ValueError, naming `text`, for fewer than 8 symbols or 2 kinds, and as `split`.
    """
    each: list[str] = []
    for document in split(text, documents):
        if documents != "one":
            each.append(MARK)
        each += words(document) if read_as == "words" else document
    counts = Counter(symbol for symbol in each if symbol != MARK)
    if sum(counts.values()) < LEAST_SYMBOLS or len(counts) < 2:
        given = f"{sum(counts.values()):,} of {len(counts):,} different kinds were given"
        allowed = f"at least {LEAST_SYMBOLS} {read_as} of 2 different kinds"
        raise refuse("text", allowed, words=given)
    most = MAX_KINDS - (MARK in each)
    rare = 0
    if len(counts) > most:
        kept = dict(counts.most_common(most - 1))
        rare = len(counts) - len(kept)
        each = [symbol if symbol in kept or symbol == MARK else RARE for symbol in each]
    kinds = tuple(sorted(set(each)))
    place = {kind: number for number, kind in enumerate(kinds)}
    which = np.array([place[symbol] for symbol in each])
    starts = np.array([symbol == MARK for symbol in each])
    for array in (which, starts):
        array.flags.writeable = False
    rare_steps = sum(symbol == RARE for symbol in each) if rare else 0
    return Symbols(tuple(each), kinds, which, starts, rare, rare_steps)


def names(symbols: Symbols, read_as: str) -> tuple[str, ...]:
    """How each kind is shown: white space, marks and invisible characters made visible."""
    wordy = read_as == "words"
    return tuple(_name(kind, symbols.kinds, wordy) for kind in symbols.kinds)


def _name(kind: str, kinds: tuple[str, ...], wordy: bool) -> str:
    if kind == MARK:
        return "¶¶" if "¶" in kinds else "¶"
    if wordy:
        return "‹rare›" if kind == RARE else "".join(map(_seen, kind))
    if kind in _SIGNS:
        # Its sign, unless the text itself has that sign.
        by_character = {value: name for name, value in own_text.BOUNDARY_NAMES.items()}
        return by_character[kind] if _SIGNS[kind] in kinds else _SIGNS[kind]
    return f"\u25cc{kind}" if unicodedata.category(kind)[0] == "M" else _seen(kind)


def _seen(character: str) -> str:
    hidden = unicodedata.category(character)[0] in "CZ"
    return f"U+{ord(character):04X}" if hidden else character
