"""The reader's own text or bits: whatever is pasted or uploaded, one symbol after another.

Nothing is known about the rule behind it, so that no floor can be given: `ideal` and
`rate_floor` are not-a-number, and n-grams are what a network can be compared with.
"""

from __future__ import annotations

import codecs
import unicodedata
from functools import partial

import numpy as np

from elman.tasks.sequence import Sequence, Task, predict_next

MIN_CHARACTERS = 4
MAX_CHARACTERS = 20_000
MAX_SYMBOLS = 100
MAX_BYTES = 4 * MAX_CHARACTERS
MAX_GROUP_LENGTH = 50

# Places beyond this count as one position, so that a long group has a table that can be read.
MAX_PLACES = 12

EXAMPLE = (
    "the rain runs down the hill and the hill sends it to the river. the river runs down to the "
    "sea and the sun lifts it to the sky. the sky turns grey and the rain runs down the hill. "
)

BOUNDARY_NAMES = {"space": " ", "newline": "\n", "tab": "\t"}
_VISIBLE = {" ": "␣", "\n": "⏎", "\t": "⇥"}
_LINE_ENDS = ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")


def decode(data: bytes) -> str:
    """The text of an uploaded file: UTF-8, or UTF-16 that says so by its byte order mark.

    Raises ValueError, naming `text`, for a file that is too large or is not such text.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(
            f"text: allowed is a file of at most {MAX_BYTES:,} bytes; {len(data):,} were given."
        )
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"text: allowed is plain text in UTF-8; byte {error.start:,} of what was given is not."
        ) from None


def normalise(text: str) -> str:
    """`text` with composed letters (Unicode NFC), plain line ends, and none first or last.

    Raises ValueError, naming `text`, unless it then has 4 to 20,000 characters of 2 to 100
    kinds, none of them a control character.
    """
    if len(text) > MAX_BYTES:
        raise _refused(f"{len(text):,} were given")
    for line_end in _LINE_ENDS:
        text = text.replace(line_end, "\n")
    text = unicodedata.normalize("NFC", text).removeprefix("\ufeff").strip("\n")
    kinds = set(text)
    for character in sorted(kinds - {"\n", "\t"}):
        # Control characters, and halves of surrogate pairs.
        if unicodedata.category(character) in ("Cc", "Cs"):
            raise ValueError(
                "text: allowed is plain text; something else, with the character "
                f"U+{ord(character):04X}, was given."
            )
    if not MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS:
        raise _refused(f"{len(text):,} were given")
    if not 2 <= len(kinds) <= MAX_SYMBOLS:
        raise _refused(f"{len(kinds):,} {'kind was' if len(kinds) == 1 else 'kinds were'} given")
    return text


def _refused(given: str) -> ValueError:
    return ValueError(
        f"text: allowed is {MIN_CHARACTERS} to {MAX_CHARACTERS:,} characters of 2 to "
        f"{MAX_SYMBOLS} different kinds; {given}."
    )


def _boundary_character(boundary: str, text: str) -> str:
    character = BOUNDARY_NAMES.get(boundary, unicodedata.normalize("NFC", boundary))
    if len(character) > 1 or character not in text:
        raise ValueError(
            "boundary: allowed is one character of the text, or space, newline or tab; "
            f"{boundary!r} was given."
        )
    return character


def _places(text: str, group_length: int | None, boundary: str) -> np.ndarray:
    """Place in its group of every character (characters,), from 0."""
    if group_length is not None and boundary:
        raise ValueError(
            "boundary: allowed is none beside a group length; "
            f"{boundary!r} was given with group length {group_length}."
        )
    steps = np.arange(len(text))
    if group_length is not None:
        if not 2 <= group_length <= min(MAX_GROUP_LENGTH, len(text)):
            raise ValueError(
                "group_length: allowed is a whole number from 2 to "
                f"{min(MAX_GROUP_LENGTH, len(text))}; {group_length!r} was given."
            )
        return steps % group_length
    if not boundary:
        return steps
    character = _boundary_character(boundary, text)
    ends = np.array([letter == character for letter in text])
    # A group ends with its boundary character, or with several in a row.
    starts = np.append(True, ends[:-1] & ~ends[1:])
    return steps - np.maximum.accumulate(np.where(starts, steps, 0))


def _symbols(text: str) -> tuple[list[str], np.ndarray]:
    """The different characters in order, and the index of every character (characters,)."""
    kinds = sorted(set(text))
    index = {kind: place for place, kind in enumerate(kinds)}
    return kinds, np.array([index[character] for character in text])


def _name(character: str, kinds: list[str]) -> str:
    """How a character is shown: white space, marks and invisible characters made visible."""
    if character in _VISIBLE:
        # Its sign, unless the text itself has that sign.
        sign = _VISIBLE[character]
        words = {value: name for name, value in BOUNDARY_NAMES.items()}
        return words[character] if sign in kinds else sign
    category = unicodedata.category(character)
    if category.startswith("M"):
        return f"\u25cc{character}"
    return f"U+{ord(character):04X}" if category[0] in "CZ" else character


def generate(
    length: int,
    *,
    rng: np.random.Generator | None = None,
    text: str = EXAMPLE,
    group_length: int | None = None,
    boundary: str = "",
    start: int = 0,
) -> Sequence:
    """The text from character `start` on, at most `length` characters of it.

    Nothing here is random: `rng`, which every task is given, is not used. With `group_length`
    every so many characters are a group, and the length is rounded down to whole groups if one
    fits; with `boundary` each such character (or the name space, newline or tab) ends a group;
    with neither the text is one group. The position is the place in its group of the character
    to predict. Raises ValueError for a text that `normalise` refuses, for groups that the text
    cannot have, and for a `start` that leaves fewer than 4 characters.
    """
    text = normalise(text)
    kinds, symbols = _symbols(text)
    place = _places(text, group_length, boundary)
    if not 0 <= start <= len(text) - MIN_CHARACTERS:
        raise ValueError(
            f"start: allowed is a whole number from 0 to {len(text) - MIN_CHARACTERS}; "
            f"{start!r} was given."
        )
    steps = min(length, len(text) - start)
    if group_length is not None and steps >= group_length:
        steps -= steps % group_length
    symbols, place = symbols[start : start + steps], place[start : start + steps]
    inputs, targets = predict_next(np.eye(len(kinds)), symbols)
    group_starts = place == 0
    group_starts[0] = True
    if group_length is None and not boundary:
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
    )


def held_out(length: int, steps: int, **options: object) -> Sequence | None:
    """At most `steps` characters after the first `length`, with which `generate` would train.

    `options` are those of `generate`. None if fewer than 4 characters are left: then there is
    nothing of the same kind to test on.
    """
    if length > len(normalise(options.get("text", EXAMPLE))) - MIN_CHARACTERS:
        return None
    return generate(steps, start=length, **options)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number if number < 20 else number % 10, "th")
    return f"{number}{ending}"


def task(text: str = EXAMPLE, group_length: int | None = None, boundary: str = "") -> Task:
    """The task of this text; options and errors as for `generate`."""
    text = normalise(text)
    kinds, _ = _symbols(text)
    names = tuple(_name(kind, kinds) for kind in kinds)
    places = 1 + int(_places(text, group_length, boundary).max())
    positions = tuple(_ordinal(place) for place in range(1, 1 + min(places, MAX_PLACES)))
    if places > MAX_PLACES:
        positions = (*positions[:-1], f"{positions[-1]} or later")
    if group_length is None and not boundary:
        positions = ("next symbol",)
    return Task(
        name="own",
        title="Your own text",
        question="What can a network learn of a text whose rule nobody states?",
        rule=f"A text of {len(text):,} characters of {len(kinds)} kinds. Its rule is not known; "
        "what the last one or two characters tell is the measure.",
        group="group",
        symbols=names,
        features=names,
        codes=np.eye(len(kinds)),
        positions=positions,
        predictable="the characters that the characters before decide",
        open="the other characters",
        generate=partial(generate, text=text, group_length=group_length, boundary=boundary),
        presets={
            "textbook": {},
            "paper": {"reset": "never", "context_start": 0.5},
        },
    )


OPTIONS = ("text", "group_length", "boundary")
TASK = task()
