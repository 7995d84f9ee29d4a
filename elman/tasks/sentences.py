"""Lexical classes from word order: two- and three-word sentences (Elman 1990, p. 195).

Templates are the sixteen rows of the paper's Table 4, and the 29 words the leaves of its
Figure 7. Table 3 prints only examples of each class, so that membership is partly inferred:
`MEMBERSHIP` says of every word how it came into its class.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from elman.experiment import TaskDefaults, TaskSettings
from elman.settings import refuse
from elman.tasks.automaton import expectation, whole_strings
from elman.tasks.sequence import Sequence, Task, predict_next
from elman.tasks.templates import TemplateGrammar

# Class -> (examples printed in Table 3, words that Figure 9 or Table 5 shows in that use, words
# placed here by this project). "cookie, break" of NOUN-FOOD is read as cookie, bread.
MEMBERSHIP: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "NOUN-HUM": (("man", "woman"), ("boy", "girl"), ()),
    "NOUN-ANIM": (("cat", "mouse"), ("dog",), ()),
    "NOUN-INANIM": (("book", "rock"), ("car",), ()),
    "NOUN-AGRESS": (("dragon", "monster"), ("lion",), ()),
    "NOUN-FRAG": (("glass", "plate"), (), ()),
    "NOUN-FOOD": (("cookie", "bread"), (), ("sandwich",)),
    "VERB-INTRAN": (("think", "sleep"), (), ("exist",)),
    "VERB-TRAN": (("see", "chase"), ("like", "move", "smell", "eat"), ()),
    "VERB-AGPAT": (("move", "break"), (), ()),
    "VERB-PERCEPT": (("smell", "see"), (), ()),
    "VERB-DESTROY": (("break", "smash"), (), ()),
    "VERB-EAT": (("eat",), (), ()),
}
CLASSES = {name: sum(sources, ()) for name, sources in MEMBERSHIP.items()}

TEMPLATES = tuple(
    tuple(row.split())
    for row in (
        "NOUN-HUM VERB-EAT NOUN-FOOD",
        "NOUN-HUM VERB-PERCEPT NOUN-INANIM",
        "NOUN-HUM VERB-DESTROY NOUN-FRAG",
        "NOUN-HUM VERB-INTRAN",
        "NOUN-HUM VERB-TRAN NOUN-HUM",
        "NOUN-HUM VERB-AGPAT NOUN-INANIM",
        "NOUN-HUM VERB-AGPAT",
        "NOUN-ANIM VERB-EAT NOUN-FOOD",
        "NOUN-ANIM VERB-TRAN NOUN-ANIM",
        "NOUN-ANIM VERB-AGPAT NOUN-INANIM",
        "NOUN-ANIM VERB-AGPAT",
        "NOUN-INANIM VERB-AGPAT",
        "NOUN-AGRESS VERB-DESTROY NOUN-FRAG",
        "NOUN-AGRESS VERB-EAT NOUN-HUM",
        "NOUN-AGRESS VERB-EAT NOUN-ANIM",
        "NOUN-AGRESS VERB-EAT NOUN-FOOD",
    )
)

# The branches of Figure 7, each word once.
CATEGORIES = {
    "verbs": (
        "smell", "move", "see", "think", "exist", "sleep",
        "break", "smash", "like", "chase", "eat",
    ),
    "humans": ("woman", "girl", "man", "boy"),
    "animals": ("mouse", "cat", "dog", "monster", "lion", "dragon"),
    "things": ("car", "book", "rock"),
    "food": ("sandwich", "cookie", "bread"),
    "breakables": ("plate", "glass"),
}  # fmt: skip
WORDS = sum(CATEGORIES.values(), ())

# One bit a word, and two that no sentence of the training uses. The first of them is the new
# word of Elman's test with an unknown word (1990, p. 201).
NEW_WORD = "zog"
SYMBOLS = (*WORDS, NEW_WORD, "unused")
CODES = np.eye(len(SYMBOLS))

GRAMMAR = TemplateGrammar(SYMBOLS, CLASSES, TEMPLATES)
WORD_SOURCE = GRAMMAR.automaton()


def generate(length: int, *, rng: np.random.Generator) -> Sequence:
    """Whole sentences in at most `length` words; predict the next word.

    A group is a sentence; the position is the place, in its sentence, of the word to predict.
    `ideal` knows the grammar and all words so far but, as the network, no sentence boundary.
    Raises ValueError if the first sentence is longer than `length`.
    """
    sentences = GRAMMAR.sample(length // GRAMMAR.shortest + 1, rng=rng)
    sizes = (sentences >= 0).sum(axis=1)
    kept = sentences[: whole_strings(sizes, length)]
    symbols = kept[kept >= 0]
    place = np.nonzero(kept >= 0)[1]
    inputs, targets = predict_next(CODES, symbols)
    beliefs, which = WORD_SOURCE.follow(symbols.tolist())
    ideal, rate_floor = expectation(beliefs, CODES)
    return Sequence(
        symbols=symbols,
        inputs=inputs,
        targets=targets,
        group_starts=place == 0,
        position=np.roll(place, -1),
        ideal=ideal[which],
        rate_floor=rate_floor[which],
    )


def likelihood(sentence: Iterable[str | int]) -> np.ndarray:
    """Exact probabilities (31,) of the next word when a sentence so far reads `sentence`.

    Words or their indices; none at all gives the first word of a sentence. Where the sentence
    may be over ("woman move"), the next word is its object or the first word of the next
    sentence, each with its probability. Raises ValueError for words that no sentence begins
    with.
    """
    given = list(sentence)
    try:
        words = [SYMBOLS.index(word) if isinstance(word, str) else word for word in given]
        return WORD_SOURCE.likelihood(words)
    except ValueError:
        shown = " ".join(str(word) for word in given)
        raise refuse("sentence", "the beginning of a sentence of the grammar", shown) from None


def _beginnings(sequence: Sequence) -> tuple[list[list[int]], np.ndarray]:
    """The different sentence beginnings, as word indices, and which of them each step has."""
    place = np.roll(sequence.position, 1)
    # A beginning is a number whose digits are its words, each counted from 1.
    base = len(SYMBOLS) + 1
    keys = sequence.symbols + 1
    for back in range(1, place.max() + 1):
        earlier = np.roll(sequence.symbols, back) + 1
        keys = keys + np.where(back <= place, earlier * base**back, 0)
    different, which = np.unique(keys, return_inverse=True)
    beginnings = []
    for key in different.tolist():
        words = []
        while key:
            key, word = divmod(key, base)
            words.append(word - 1)
        beginnings.append(words[::-1])
    return beginnings, which


def likelihoods(sequence: Sequence) -> np.ndarray:
    """`likelihood` (steps, 31) of the sentence so far at every step, from the grammar."""
    beginnings, which = _beginnings(sequence)
    return np.array([likelihood(words) for words in beginnings])[which]


def empirical_likelihoods(sequence: Sequence) -> np.ndarray:
    """The same (steps, 31) counted in the sequence itself, as in the paper (p. 198).

    At each step: how often each word comes next in all sentences that are identical so far. At
    a last word that is the first word of the following sentence; the paper does not describe
    that case.
    """
    beginnings, which = _beginnings(sequence)
    counts = np.zeros((len(beginnings), len(SYMBOLS)))
    np.add.at(counts, (which, np.roll(sequence.symbols, -1)), 1.0)
    return (counts / counts.sum(axis=1, keepdims=True))[which]


def with_new_word(sequence: Sequence, word: str = "man") -> Sequence:
    """The sequence with `zog`, a word the network never saw, wherever `word` stood (p. 201)."""
    old, new = SYMBOLS.index(word), SYMBOLS.index(NEW_WORD)
    columns = np.arange(len(SYMBOLS))
    columns[[old, new]] = new, old
    return replace(
        sequence,
        symbols=columns[sequence.symbols],
        inputs=sequence.inputs[:, columns],
        targets=sequence.targets[:, columns],
        ideal=sequence.ideal[:, columns],
    )


TASK = Task(
    name="sentences",
    title="Sentences",
    question="Can a network find kinds of words, such as nouns and verbs, from their order alone?",
    rule=f"Two- and three-word sentences of {len(WORDS)} words, one after another without a mark. "
    "Which word comes next is never certain; which kinds of word can come is.",
    group="sentence",
    group_words="two or three words",
    symbols=SYMBOLS,
    features=SYMBOLS,
    codes=CODES,
    positions=("1st word", "2nd word", "3rd word"),
    predictable_words="the words that the words before decide",
    open_words="the words",
    generate=generate,
    presets={
        "textbook": {},
        "paper": {"reset": "never", "context_start": 0.5},
    },
    settings=TaskSettings(TaskDefaults(length=27_534, hidden=150, epochs=6)),
    own_analyses=("likelihoods",),
    source=WORD_SOURCE,
    classes={word: kind for kind, words in CATEGORIES.items() for word in words},
)
