"""Letters with structure: random consonants, each with its own vowels (Elman 1990, p. 187)."""

from __future__ import annotations

import numpy as np

from elman.experiment import TaskDefaults, TaskSettings
from elman.tasks.automaton import Arc, Automaton
from elman.tasks.sequence import Sequence, Task, predict_next
from elman.tasks.templates import spelled

LETTERS = ("b", "d", "g", "a", "i", "u")
FEATURES = ("Consonant", "Vowel", "Interrupted", "High", "Back", "Voiced")

# Table 1 of the paper, one row a letter.
CODES = np.array(
    [
        [1, 0, 1, 0, 0, 1],  # b
        [1, 0, 1, 1, 0, 1],  # d
        [1, 0, 1, 0, 1, 1],  # g
        [0, 1, 0, 0, 1, 1],  # a
        [0, 1, 0, 1, 0, 1],  # i
        [0, 1, 0, 1, 1, 1],  # u
    ],
    dtype=float,
)

SYLLABLES = tuple(
    np.array([LETTERS.index(letter) for letter in syllable]) for syllable in ("ba", "dii", "guuu")
)


def generate(length: int, *, rng: np.random.Generator) -> Sequence:
    """Whole syllables ba, dii, guuu, each as likely, in at most `length` steps.

    A vowel follows from the letters before it; at a consonant only the choice among b, d and g
    is open, which leaves High (d) and Back (g) at one in three each.
    """
    # The shortest syllable has two letters, so these are enough for any outcome.
    choices = rng.integers(0, len(SYLLABLES), size=length // 2)
    sizes = np.array([len(syllable) for syllable in SYLLABLES])[choices]
    choices = choices[np.cumsum(sizes) <= length]
    symbols = np.concatenate([SYLLABLES[choice] for choice in choices])
    inputs, targets = predict_next(CODES, symbols)

    is_consonant = symbols < 3
    starts = np.flatnonzero(is_consonant)
    place = np.arange(len(symbols)) - np.repeat(starts, np.diff([*starts, len(symbols)]))
    position = np.roll(place, -1)
    consonant_next = position == 0
    return Sequence(
        symbols=symbols,
        inputs=inputs,
        targets=targets,
        group_starts=is_consonant,
        position=position,
        ideal=np.where(consonant_next[:, np.newaxis], CODES[:3].mean(axis=0), targets),
        # Whichever of b, d and g one names is right once in three.
        rate_floor=np.where(consonant_next, 2 / 3, 0.0),
    )


SOURCE = spelled(
    Automaton(
        {"start": tuple(Arc(number, 1 / len(SYLLABLES), "start") for number in range(3))},
        len(SYLLABLES),
    ),
    [syllable.tolist() for syllable in SYLLABLES],
    len(LETTERS),
)

TASK = Task(
    name="letters",
    title="Letters",
    question="Can a network tell which part of the next letter can be predicted?",
    rule="Random consonants b, d, g, each followed by its own vowels: ba, dii, guuu. "
    "The vowels can be predicted; of a consonant only that it comes, not which.",
    group="syllable",
    group_words="ba, dii or guuu",
    symbols=LETTERS,
    features=FEATURES,
    codes=CODES,
    positions=("consonant", "1st vowel", "2nd vowel", "3rd vowel"),
    predictable_words="the vowels",
    open_words="the consonants",
    generate=generate,
    presets={
        "textbook": {},
        "paper": {"reset": "never", "context_start": 0.5},
    },
    settings=TaskSettings(TaskDefaults(length=3000, hidden=20, epochs=200)),
    source=SOURCE,
    classes={letter: "consonant" if letter in "bdg" else "vowel" for letter in LETTERS},
)
