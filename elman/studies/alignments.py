"""Small tasks for each way in which inputs and answers can be lined up in time.

    x           inputs                             (samples, steps, features)
    y           answers, one-hot                   (samples, answer_steps, categories)
    questions   what each sample reads, as symbols; answers likewise, up to the end mark

Unseen samples are other strings, or the same letters blurred by other noise. The letters, their
features and their syllables are those of Elman (1990), Table 1 and p. 187.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from elman.tasks import letters

END = "."

# Standard deviation of the noise on each feature. Consonants differ in one feature or two only.
BLUR = 0.35
# Tags differ in three features, so that a letter alone becomes unclear only with more noise.
TAG_BLUR = 0.6

MAJORITY_BITS = 9
TAGGED_STEPS = 9
REVERSED = "abc"
LONGEST_REVERSED = 4


@dataclass(frozen=True)
class Samples:
    """Inputs, one-hot answers, and both as symbols, one string a sample.

    `reference` holds the answers of a reader who knows the rule and the noise but looks at each
    letter alone; None where nothing is blurred, and every answer can be known.
    """

    x: np.ndarray
    y: np.ndarray
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    reference: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class AlignmentTask:
    """A way to line up inputs and answers, and the task that shows it.

    name          of the form, such as "many-to-one"
    title         what the network learns, in a few words
    words         the task in a sentence or two
    symbols       the categories of an answer, in the order of y
    answers_at    "each": an answer at every step read; "end": one at the last; "after": only
                  when all is read, by a decoder of its own
    draw          (rng) -> training samples, unseen samples
    hidden, epochs, learning_rate   sizes with which one seed learns it in about a second
    """

    name: str
    title: str
    words: str
    symbols: str
    answers_at: str
    draw: Callable[[np.random.Generator], tuple[Samples, Samples]]
    hidden: int
    epochs: int
    learning_rate: float


def _one_hot(texts: list[str], symbols: str, steps: int) -> np.ndarray:
    """(samples, steps, symbols); a shorter text is filled up with the last symbol's mark."""
    index = np.array([[symbols.index(c) for c in text.ljust(steps, symbols[-1])] for text in texts])
    return np.eye(len(symbols))[index]


def _blurred(texts: list[str], blur: float, rng: np.random.Generator) -> np.ndarray:
    """The letters' features (samples, steps, 6) with noise."""
    index = np.array([[letters.LETTERS.index(c) for c in text] for text in texts])
    codes = letters.CODES[index]
    return codes + rng.normal(scale=blur, size=codes.shape)


def letter_chances(x: np.ndarray, blur: float, frequencies: dict[str, float]) -> np.ndarray:
    """Chance (.., letters) that each letter of `frequencies` is behind features x (.., 6).

    Bayes's rule with normal noise of standard deviation `blur`.
    """
    codes = letters.CODES[[letters.LETTERS.index(letter) for letter in frequencies]]
    distance = ((x[..., np.newaxis, :] - codes) ** 2).sum(axis=-1)
    log = np.log(list(frequencies.values())) - distance / (2.0 * blur**2)
    chances = np.exp(log - log.max(axis=-1, keepdims=True))
    return chances / chances.sum(axis=-1, keepdims=True)


def _name_a_letter(rng: np.random.Generator) -> tuple[Samples, Samples]:
    symbols = "".join(letters.LETTERS)
    both = []
    for count in (300, 300):
        texts = [symbols[k] for k in rng.integers(0, len(symbols), count)]
        x = _blurred(texts, BLUR, rng)
        best = letter_chances(x[:, 0], BLUR, dict.fromkeys(symbols, 1.0)).argmax(axis=-1)
        y = _one_hot(texts, symbols, 1)
        reference = tuple(symbols[k] for k in best)
        both.append(Samples(x, y, tuple(texts), tuple(texts), reference))
    return both[0], both[1]


def _continue_a_syllable(rng: np.random.Generator) -> tuple[Samples, Samples]:
    rest = {"b": "a" + END, "d": "ii" + END, "g": "uuu" + END}
    both = []
    for count in (300, 300):
        texts = ["bdg"[k] for k in rng.integers(0, 3, count)]
        answers = [rest[text] for text in texts]
        x = np.zeros((count, 4, len(letters.FEATURES)))
        x[:, :1] = _blurred(texts, BLUR, rng)
        best = letter_chances(x[:, 0], BLUR, dict.fromkeys(rest, 1.0)).argmax(axis=-1)
        y = _one_hot(answers, "aiu" + END, 4)
        reference = tuple(rest["bdg"[k]] for k in best)
        both.append(Samples(x, y, tuple(texts), tuple(answers), reference))
    return both[0], both[1]


def _split(texts: list[str], share: float, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    order = rng.permutation(len(texts))
    seen = round(share * len(texts))
    return [texts[k] for k in order[:seen]], [texts[k] for k in order[seen:]]


def _majority(rng: np.random.Generator) -> tuple[Samples, Samples]:
    texts = ["".join(bits) for bits in itertools.product("01", repeat=MAJORITY_BITS)]
    both = []
    for part in _split(texts, 0.5, rng):
        answers = ["1" if text.count("1") > MAJORITY_BITS / 2 else "0" for text in part]
        x = np.array([[[float(bit)] for bit in text] for text in part])
        both.append(Samples(x, _one_hot(answers, "01", 1), tuple(part), tuple(answers)))
    return both[0], both[1]


def _tag_letters(rng: np.random.Generator) -> tuple[Samples, Samples]:
    # How often each letter comes, for syllables that are equally likely: vowels last.
    frequencies = {"b": 1.0, "d": 1.0, "g": 1.0, "a": 1.0, "i": 2.0, "u": 3.0}
    both = []
    for count in (200, 200):
        stream = letters.generate(count * TAGGED_STEPS + 3, rng=rng).symbols
        texts = [
            "".join(letters.LETTERS[k] for k in stream[n : n + TAGGED_STEPS])
            for n in range(0, count * TAGGED_STEPS, TAGGED_STEPS)
        ]
        tags = ["".join("c" if letter in "bdg" else "v" for letter in text) for text in texts]
        x = _blurred(texts, TAG_BLUR, rng)
        vowel = letter_chances(x, TAG_BLUR, frequencies)[..., 3:].sum(axis=-1) > 0.5
        reference = tuple("".join(np.where(row, "v", "c")) for row in vowel)
        y = _one_hot(tags, "cv", TAGGED_STEPS)
        both.append(Samples(x, y, tuple(texts), tuple(tags), reference))
    return both[0], both[1]


def _reverse(rng: np.random.Generator) -> tuple[Samples, Samples]:
    texts = [
        "".join(letters_)
        for length in range(1, LONGEST_REVERSED + 1)
        for letters_ in itertools.product(REVERSED, repeat=length)
    ]
    both = []
    for part in _split(texts, 0.75, rng):
        x = np.zeros((len(part), LONGEST_REVERSED, len(REVERSED)))
        for sample, text in zip(x, part, strict=True):
            sample[range(len(text)), [REVERSED.index(c) for c in text]] = 1.0
        answers = [text[::-1] + END for text in part]
        y = _one_hot(answers, REVERSED + END, LONGEST_REVERSED + 1)
        both.append(Samples(x, y, tuple(part), tuple(answers)))
    return both[0], both[1]


TASKS: dict[str, AlignmentTask] = {
    task.name: task
    for task in (
        AlignmentTask(
            name="one-to-one",
            title="Name a blurred letter",
            words="One input, one answer, no time: six blurred features come in, and the network "
            "names the letter (b, d, g, a, i or u).",
            symbols="".join(letters.LETTERS),
            answers_at="end",
            draw=_name_a_letter,
            hidden=10,
            epochs=60,
            learning_rate=0.01,
        ),
        AlignmentTask(
            name="one-to-many",
            title="Continue a syllable from its consonant",
            words="One input, several answers: a blurred consonant comes in, and the network "
            "writes the vowels that follow it (b: a, d: ii, g: uuu) and an end mark. After the "
            "first step it reads nothing: the count of vowels left must be kept in the hidden "
            "layer.",
            symbols="aiu" + END,
            answers_at="each",
            draw=_continue_a_syllable,
            hidden=10,
            epochs=60,
            learning_rate=0.01,
        ),
        AlignmentTask(
            name="many-to-one",
            title="Majority of a bit string",
            words=f"Several inputs, one answer at the end: {MAJORITY_BITS} bits come in one by "
            "one, and the network says which of 0 and 1 came more often.",
            symbols="01",
            answers_at="end",
            draw=_majority,
            hidden=8,
            epochs=60,
            learning_rate=0.01,
        ),
        AlignmentTask(
            name="many-to-many, equal",
            title="Tag each letter as consonant or vowel",
            words=f"An answer for every input: {TAGGED_STEPS} blurred letters come in, cut from a "
            "stream of the syllables ba, dii and guuu, and each is tagged at once c (consonant) "
            "or v (vowel).",
            symbols="cv",
            answers_at="each",
            draw=_tag_letters,
            hidden=12,
            epochs=60,
            learning_rate=0.01,
        ),
        AlignmentTask(
            name="many-to-many, unequal",
            title="Reverse a string",
            words=f"First read, then write: a string of 1 to {LONGEST_REVERSED} letters comes in, "
            "and only then is it written backwards, with an end mark. One layer reads (the "
            "encoder), a second one writes (the decoder). All that the writer ever sees is the "
            "reader's last hidden state.",
            symbols=REVERSED + END,
            answers_at="after",
            draw=_reverse,
            hidden=32,
            epochs=100,
            learning_rate=0.01,
        ),
    )
}
