"""Words without spaces: find the word boundaries in a stream of letters (Elman 1990, p. 192).

The paper gives the sizes (15 words, 200 sentences of 4 to 9 words, 4,963 letters, 5-20-5,
10 passes) but prints neither the lexicon nor the sentence program. Fourteen words can be read
from its Table 2 and Figure 6; the fifteenth and all templates are this project's. They are made
so that the paper's own passage can occur and that words (3.9 letters) and sentences (6.3 words,
24.8 letters) are as long on average as the paper's.
"""

from __future__ import annotations

import string
from functools import partial

import numpy as np

from elman.experiment import TaskDefaults, TaskSettings
from elman.settings import Setting, refuse
from elman.tasks.automaton import expectation, whole_strings
from elman.tasks.sequence import Sequence, Task, predict_next
from elman.tasks.templates import TemplateGrammar, spelled

PAPER_WORDS = (
    "many", "years", "ago", "a", "boy", "and", "girl",
    "lived", "by", "the", "sea", "they", "played", "happily",
)  # fmt: skip
OUR_WORD = "sailed"
WORDS = (*PAPER_WORDS, OUR_WORD)

# The passage of Figure 6. As sentences of 4 to 9 words it divides before "by".
PAPER_PASSAGE = "many years ago a boy and girl lived by the sea they played happily"

CLASSES = {"DET": ("a", "the"), "NOUN": ("boy", "girl"), "VERB": ("lived", "played", "sailed")}
TEMPLATES = tuple(
    tuple(line.split())
    for line in (
        "DET NOUN VERB happily",
        "they VERB and VERB happily",
        "they VERB by the sea",
        "they VERB happily by the sea",
        "they VERB happily many years ago",
        "DET NOUN VERB by the sea",
        "DET boy and girl VERB",
        "DET girl and boy VERB happily",
        "DET boy and girl VERB by the sea",
        "DET girl and boy VERB happily by the sea",
        "many years ago they VERB happily",
        "many years ago they VERB by the sea",
        "many years ago DET NOUN VERB",
        "many years ago DET boy and girl VERB",
        "by the sea they VERB happily",
        "by the sea DET NOUN VERB happily",
    )
)
GRAMMAR = TemplateGrammar(WORDS, CLASSES, TEMPLATES)

LETTERS = tuple(sorted(set("".join(WORDS))))
SPELLINGS = [[LETTERS.index(letter) for letter in word] for word in WORDS]
LETTER_SOURCE = spelled(GRAMMAR.automaton(), SPELLINGS, len(LETTERS))

# The words alone, in any order.
LEXICON = spelled(
    TemplateGrammar(WORDS, {"WORD": WORDS}, (("WORD",),)).automaton(), SPELLINGS, len(LETTERS)
)

CODES_CHOICES = ("binary", "random")
BITS = 5

# Up to the letters of the longest word.
ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th")


def letter_codes(codes: str = "binary") -> np.ndarray:
    """The 5 bits (n_letters, 5) of each of `LETTERS`, the most significant first.

    "binary" is the letter's place in the alphabet, a = 00001 to z = 11010, as in the paper's
    Table 2, where similar places share bits. "random" is what the paper's text says: a random
    vector for each letter; here a fixed draw without repetition. Any other name raises
    ValueError.
    """
    if codes not in CODES_CHOICES:
        raise refuse("codes", f"one of {', '.join(CODES_CHOICES)}", codes)
    if codes == "binary":
        numbers = np.arange(1, 27)
    else:
        numbers = np.random.default_rng(1990).permutation(2**BITS)[:26]
    used = numbers[[string.ascii_lowercase.index(letter) for letter in LETTERS]]
    return (used[:, np.newaxis] >> np.arange(BITS)[::-1] & 1).astype(float)


def generate(length: int, *, rng: np.random.Generator, codes: str = "binary") -> Sequence:
    """Whole sentences, letter after letter, in at most `length` letters.

    A group is a word; the position is the place, in its word, of the letter to predict (0: it
    begins the word). `ideal` comes from every way to divide the letters so far into words and
    sentences. Raises ValueError if the first sentence is longer than `length`.
    """
    word_sizes = np.array([len(word) for word in WORDS])
    # The shortest sentence has more than twice as many letters as words.
    sentences = GRAMMAR.sample(length // (2 * GRAMMAR.shortest) + 1, rng=rng)
    sentence_sizes = np.where(sentences < 0, 0, word_sizes[sentences]).sum(axis=1)
    kept = sentences[: whole_strings(sentence_sizes, length)]
    return from_words(kept[kept >= 0], codes)


def from_words(words: np.ndarray, codes: str = "binary") -> Sequence:
    """The letters of sentence after sentence, given as indices of their words (n,).

    Raises ValueError for words that are no sentences of the grammar, one after another.
    """
    code_table = letter_codes(codes)
    symbols = np.concatenate([SPELLINGS[word] for word in words])
    sizes = np.array([len(WORDS[word]) for word in words])
    place = np.arange(len(symbols)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    inputs, targets = predict_next(code_table, symbols)
    likelihoods, which = LETTER_SOURCE.follow(symbols.tolist())
    ideal, rate_floor = expectation(likelihoods, code_table)
    return Sequence(
        symbols=symbols,
        inputs=inputs,
        targets=targets,
        group_starts=place == 0,
        position=np.roll(place, -1),
        ideal=ideal[which],
        rate_floor=rate_floor[which],
    )


def paper_passage(codes: str = "binary") -> Sequence:
    """The passage of the paper's Figure 6 as a sequence."""
    return from_words(np.array([WORDS.index(word) for word in PAPER_PASSAGE.split()]), codes)


def word_initial(sequence: Sequence) -> np.ndarray:
    """Steps (steps,) whose target is the first letter of a word."""
    return np.roll(sequence.group_starts, -1)


def word_final(sequence: Sequence) -> np.ndarray:
    """Steps (steps,) whose target is the last letter of a word; that of "a" is also its first."""
    return np.roll(sequence.group_starts, -2)


def task(codes: str = "binary") -> Task:
    """The task with the letter codes of this name; see `letter_codes`."""
    return Task(
        name="words",
        title="Words without spaces",
        question="Can a network find out where words begin when nothing marks it?",
        rule=f"Sentences of {len(WORDS)} words, written without spaces. Within a word the next "
        "letter is often certain; at its end many letters can follow.",
        group="word",
        group_words="its letters, up to the next word",
        symbols=LETTERS,
        features=tuple(f"Bit {bit}" for bit in range(1, BITS + 1)),
        codes=letter_codes(codes),
        positions=tuple(f"{place} letter" for place in ORDINALS),
        predictable_words="the letters that the letters before decide",
        open_words="the other letters",
        generate=partial(generate, codes=codes),
        presets={
            "textbook": {},
            "paper": {"reset": "never", "context_start": 0.5},
        },
        settings=SETTINGS,
        with_options=task,
        own_analyses=("word boundaries",),
        source=LETTER_SOURCE,
        units=LEXICON,
    )


SETTINGS = TaskSettings(
    TaskDefaults(length=4963, hidden=20, epochs=10),
    {
        "codes": Setting(
            str,
            "5-bit codes of the letters: place in the alphabet, or random",
            choices=CODES_CHOICES,
            default="binary",
            label="Letter codes",
        )
    },
)
TASK = task()
