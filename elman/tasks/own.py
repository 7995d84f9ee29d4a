"""The reader's own text or bits: whatever is pasted or uploaded, one symbol after another.

Symbols are characters or words, in one document or several (`own_symbols`). Documents are groups,
trained on and tested on as a whole, and the context is reset between them whatever the policy.

Nothing is known about the rule behind it, so that no floor can be given: `ideal` and
`rate_floor` are not-a-number, and n-grams are what a network can be compared with.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from elman.experiment import TaskDefaults, TaskSettings
from elman.settings import Setting, refuse
from elman.tasks import own_symbols, own_text
from elman.tasks.own_symbols import Symbols
from elman.tasks.sequence import Sequence, Task, predict_next, since

# Places beyond this count as one position, so that a long group has a table that can be read.
MAX_PLACES = 12

# Of a text, the last fifth but at least this much is kept for testing.
LEAST_STEPS = 4


def plain(text: str, read_as: str = "characters") -> str:
    """The text as it is kept, made plain; errors as of `own_text.normalise`."""
    return own_text.normalise(text, own_text.MAX_SYMBOLS if read_as == "characters" else None)


def example(documents: str) -> str:
    """The built-in text; each of its sentences is a document."""
    if documents == "one":
        return own_text.EXAMPLE
    sentences = re.split(r"\. | and ", own_text.EXAMPLE)
    return ("\n" if documents == "lines" else "\n\n").join(sentences)


def _symbols(text: str, read_as: str, documents: str) -> Symbols:
    return own_symbols.symbols_of(plain(text, read_as), read_as, documents)


def _places(symbols: Symbols, group_length: int | None, boundary: str) -> np.ndarray:
    """Place of every symbol (steps,) in its document, where there are some, or group; from 0."""
    if not symbols.starts.any():
        return own_text.places(symbols.each, group_length, boundary)
    given = {"group_length": group_length, "boundary": boundary}
    for name, value in given.items():
        if value:
            words = f"{value!r} was given with {symbols.documents:,} documents"
            raise refuse(name, "none beside documents, which are groups", words=words)
    return since(symbols.starts)


def generate(
    length: int,
    *,
    rng: np.random.Generator | None = None,
    text: str = own_text.EXAMPLE,
    group_length: int | None = None,
    boundary: str = "",
    read_as: str = "characters",
    documents: str = "one",
    start: int = 0,
) -> Sequence:
    """The text from symbol `start` on, at most `length` symbols of it.

    Nothing here is random: `rng`, which every task is given, is not used. With `group_length`
    every so many symbols are a group, and the length is rounded down to whole groups if one
    fits; with `boundary` each such symbol (or the name space, newline or tab) ends a group; each
    of several `documents` is one, and the length is rounded down to whole ones, or up to the
    first; else the text is one group. The position is the place in its group of the symbol to
    predict. Raises ValueError for a text that `normalise` or `symbols_of` refuses, for groups
    that the text cannot have, and for a `start` that leaves fewer than 4 symbols.
    """
    read = _symbols(text, read_as, documents)
    place, total = _places(read, group_length, boundary), len(read.each)
    if not 0 <= start <= total - LEAST_STEPS:
        raise refuse("start", f"a whole number from 0 to {total - LEAST_STEPS}", start)
    steps = min(length, total - start)
    if group_length is not None and steps >= group_length:
        steps -= steps % group_length
    seams = read.starts
    if seams.any():
        # The next document, or the end, follows what is whole.
        ends = np.append(np.flatnonzero(seams), total) - start
        whole = ends[(ends > 0) & (ends <= steps)]
        steps = int(whole[-1] if len(whole) else ends[ends > 0][0])
    last_place = _most_places(place)
    symbols, place = read.which[start : start + steps], place[start : start + steps]
    inputs, targets = predict_next(np.eye(len(read.kinds)), symbols)
    group_starts = place == 0
    group_starts[0] = True
    if seams.any():
        # What ends a document comes after all its places.
        ahead = np.roll(place, -1)
        position = np.where(ahead == 0, last_place, np.minimum(ahead, MAX_PLACES - 1) - 1)
    elif group_length is None and not boundary:
        position = np.zeros(steps, dtype=int)
    else:
        position = np.roll(np.minimum(place, MAX_PLACES - 1), -1)
    return Sequence(
        symbols=symbols,
        inputs=inputs,
        targets=targets,
        group_starts=group_starts,
        position=position,
        # The rule is unknown; one number seen from every step costs no memory.
        ideal=np.broadcast_to(np.nan, targets.shape),
        rate_floor=np.broadcast_to(np.nan, steps),
        seams=seams[start : start + steps] if seams.any() else np.zeros(0, dtype=bool),
    )


def _fifth_left(length: int, total: int) -> int:
    return min(length, total - max(LEAST_STEPS, total // 5))


def training_length(
    length: int,
    text: str,
    group_length: int | None = None,
    boundary: str = "",
    read_as: str = "characters",
    documents: str = "one",
) -> int:
    """How many symbols to train on: `length`, but not the last fifth of the text.

    Where there are groups it is whole groups, so that the test begins with one: those that fit,
    or the first if it is longer, as long as something is left. Of documents all are whole:
    ValueError, naming `length`, unless it holds the first.
    """
    read = _symbols(text, read_as, documents)
    total = len(read.each)
    cut, last = _fifth_left(length, total), total - LEAST_STEPS
    if group_length is None and not boundary and documents == "one":
        return cut
    starts = np.flatnonzero(_places(read, group_length, boundary) == 0)
    starts = starts[(starts >= LEAST_STEPS) & (starts <= last)]
    before, after = starts[starts <= cut], starts[starts > cut]
    if documents != "one" and not len(before):
        if not len(after):
            words = "none can be kept to test on"
            raise refuse("documents", "one for documents that are so short", words=words)
        if length < after[0]:
            allowed = f"at least {after[0]}, so that the first document fits"
            raise refuse("length", allowed, length)
    return int(before[-1] if len(before) else after[0] if len(after) else cut)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number if number < 20 else number % 10, "th")
    return f"{number}{ending}"


def checked(options: dict[str, Any]) -> dict[str, Any]:
    """The options with the text in its plain form; ValueError where they do not go together."""
    read_as, documents = options["read_as"], options["documents"]
    text = plain(options["text"], read_as) if options["text"] else ""
    symbols = _symbols(text or example(documents), read_as, documents)
    _places(symbols, options["group_length"], options["boundary"])
    return options | {"text": text}


def _most_places(place: np.ndarray) -> int:
    """How many positions the symbols of documents have, their ends not counted."""
    return min(int(place.max()), MAX_PLACES - 1)


def task(
    text: str = "",
    group_length: int | None = None,
    boundary: str = "",
    read_as: str = "characters",
    documents: str = "one",
) -> Task:
    """The task of this text; options and errors as for `generate`.

    An empty text is the example. The last fifth of a text, in whole groups, is kept to test on.
    """
    text = plain(text or example(documents), read_as)
    options: dict[str, Any] = {
        "text": text,
        "group_length": group_length,
        "boundary": boundary,
        "read_as": read_as,
        "documents": documents,
    }
    symbols = _symbols(text, read_as, documents)
    names, unit = own_symbols.names(symbols, read_as), own_symbols.UNITS[read_as]
    return Task(
        name="own",
        title="Your own text",
        question="What can a network learn of a text whose rule nobody states?",
        rule=_rule(symbols, unit, bool(group_length or boundary)),
        group="group" if documents == "one" else "document",
        group_words="so many symbols as Group length says, or up to the boundary character"
        if documents == "one"
        else "one of the texts",
        symbols=names,
        features=names,
        codes=np.eye(len(symbols.kinds)),
        positions=_positions(symbols, group_length, boundary),
        predictable_words=f"the {unit}s that the {unit}s before decide",
        open_words=f"the other {unit}s",
        generate=lambda length, *, rng: generate(
            training_length(length, **options), rng=rng, **options
        ),
        unseen=lambda length, steps: generate(
            steps, start=training_length(length, **options), **options
        ),
        longest=len(symbols.each),
        formerly=lambda length: generate(_fifth_left(length, len(symbols.each)), **options),
        presets={
            "textbook": {},
            "paper": {"reset": "never", "context_start": 0.5},
        },
        settings=SETTINGS,
        with_options=task,
        split=None if read_as == "characters" else lambda prompt: _named(prompt, symbols, names),
        mark=symbols.kinds.index(own_symbols.MARK) if documents != "one" else None,
    )


def _rule(symbols: Symbols, unit: str, groups: bool) -> str:
    """What is known of the text, in words."""
    kinds = len(symbols.kinds) - symbols.starts.any()
    size = f"{len(symbols.each) - int(symbols.starts.sum()):,} {unit}s of {kinds} kinds"
    held = "The last fifth" + (", in whole groups," if groups else "")
    if symbols.starts.any():
        size += f" in {symbols.documents:,} documents, each between two marks ¶"
        held = "The last documents, about a fifth of the text,"
    rare = ""
    if symbols.rare_kinds:
        rare = (
            f" The {symbols.rare_kinds:,} rarest kinds of {unit}s, which stand there "
            f"{symbols.rare_steps:,} times, count as one, ‹rare›."
        )
    return (
        f"A text of {size}.{rare} Its rule is not known; what the last one or two {unit}s tell is "
        f"the measure. {held} {'are' if symbols.starts.any() else 'is'} kept to test on."
    )


def _positions(symbols: Symbols, group_length: int | None, boundary: str) -> tuple[str, ...]:
    place = _places(symbols, group_length, boundary)
    documents = bool(symbols.starts.any())
    if group_length is None and not boundary and not documents:
        return ("next symbol",)
    # Place 0 of a document is its mark.
    places = int(place.max()) + (0 if documents else 1)
    most = MAX_PLACES - 1 if documents else MAX_PLACES
    positions = tuple(_ordinal(number) for number in range(1, 1 + min(places, most)))
    if places > most:
        positions = (*positions[:-1], f"{positions[-1]} or later")
    return (*positions, "end") if documents else positions


def _named(prompt: str, symbols: Symbols, names: tuple[str, ...]) -> list[str]:
    """The words of a prompt as the names of symbols; what is rare in the text is ‹rare›."""
    known = dict(zip(symbols.kinds, names, strict=True))
    rare = known.get(own_symbols.RARE)
    read = own_symbols.words(prompt)
    return [word if word in names else known.get(word, rare or word) for word in read]


SETTINGS = TaskSettings(
    TaskDefaults(length=20_000, hidden=20, epochs=500),
    {
        "text": Setting(
            str,
            "the reader's own text; a built-in example if empty",
            high=own_text.MAX_CHARACTERS,
            default="",
        ),
        "group_length": Setting(
            int, "characters in a group of the own text", low=2, high=own_text.MAX_GROUP_LENGTH
        ),
        "boundary": Setting(
            str,
            "character that ends a group of the own text, or space, newline, tab",
            high=10,
            default="",
        ),
        "read_as": Setting(
            str,
            "what the symbols of the own text are",
            choices=own_symbols.READ_AS,
            default="characters",
        ),
        "documents": Setting(
            str,
            "documents of the own text: one, its lines, or paragraphs between empty lines",
            choices=own_symbols.DOCUMENTS,
            default="one",
        ),
    },
    checked,
)
TASK = task()
