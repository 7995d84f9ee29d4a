"""The reader's own text or bits: whatever is pasted or uploaded, one symbol after another.

Nothing is known about the rule behind it, so that no floor can be given: `ideal` and
`rate_floor` are not-a-number, and n-grams are what a network can be compared with.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np

from elman.experiment import TaskDefaults, TaskSettings
from elman.settings import Setting, refuse
from elman.tasks import own_text
from elman.tasks.sequence import Sequence, Task, predict_next

# Places beyond this count as one position, so that a long group has a table that can be read.
MAX_PLACES = 12

# Of a text, the last fifth but at least this much is kept for testing.
LEAST_STEPS = 4

_VISIBLE = {" ": "␣", "\n": "⏎", "\t": "⇥"}


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
        words = {value: name for name, value in own_text.BOUNDARY_NAMES.items()}
        return words[character] if sign in kinds else sign
    category = unicodedata.category(character)
    if category.startswith("M"):
        return f"\u25cc{character}"
    return f"U+{ord(character):04X}" if category[0] in "CZ" else character


def generate(
    length: int,
    *,
    rng: np.random.Generator | None = None,
    text: str = own_text.EXAMPLE,
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
    text = own_text.normalise(text)
    kinds, symbols = _symbols(text)
    place = own_text.places(text, group_length, boundary)
    if not 0 <= start <= len(text) - LEAST_STEPS:
        raise refuse("start", f"a whole number from 0 to {len(text) - LEAST_STEPS}", start)
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


def _fifth_left(length: int, text: str) -> int:
    return min(length, len(text) - max(LEAST_STEPS, len(text) // 5))


def training_length(
    length: int, text: str, group_length: int | None = None, boundary: str = ""
) -> int:
    """How many characters to train on: `length`, but not the last fifth of the text.

    Where there are groups it is whole groups, so that the test begins with one: those that fit,
    or the first if it is longer, as long as something is left.
    """
    cut, last = _fifth_left(length, text), len(text) - LEAST_STEPS
    if group_length is None and not boundary:
        return cut
    starts = np.flatnonzero(own_text.places(text, group_length, boundary) == 0)
    starts = starts[(starts >= LEAST_STEPS) & (starts <= last)]
    before, after = starts[starts <= cut], starts[starts > cut]
    return int(before[-1] if len(before) else after[0] if len(after) else cut)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number if number < 20 else number % 10, "th")
    return f"{number}{ending}"


def checked(options: dict[str, Any]) -> dict[str, Any]:
    """The options with the text in its plain form; ValueError where they do not go together."""
    text = own_text.normalise(options["text"]) if options["text"] else ""
    own_text.places(text or own_text.EXAMPLE, options["group_length"], options["boundary"])
    return options | {"text": text}


def task(text: str = "", group_length: int | None = None, boundary: str = "") -> Task:
    """The task of this text; options and errors as for `generate`.

    An empty text is the example. The last fifth of a text, in whole groups, is kept to test on.
    """
    text = own_text.normalise(text or own_text.EXAMPLE)
    options: dict[str, Any] = {"text": text, "group_length": group_length, "boundary": boundary}
    kinds, _ = _symbols(text)
    names = tuple(_name(kind, kinds) for kind in kinds)
    places = 1 + int(own_text.places(text, group_length, boundary).max())
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
        "what the last one or two characters tell is the measure. The last fifth"
        + (", in whole groups," if group_length or boundary else "")
        + " is kept to test on.",
        group="group",
        symbols=names,
        features=names,
        codes=np.eye(len(kinds)),
        positions=positions,
        predictable_words="the characters that the characters before decide",
        open_words="the other characters",
        generate=lambda length, *, rng: generate(
            training_length(length, **options), rng=rng, **options
        ),
        unseen=lambda length, steps: generate(
            steps, start=training_length(length, **options), **options
        ),
        longest=len(text),
        formerly=lambda length: generate(_fifth_left(length, text), **options),
        presets={
            "textbook": {},
            "paper": {"reset": "never", "context_start": 0.5},
        },
        settings=SETTINGS,
        with_options=task,
    )


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
    },
    checked,
)
TASK = task()
