"""Two- and three-word sentences: grammar, exact and counted likelihoods, and the new word."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from brute_force import all_sentences, next_symbols
from hypothesis import given, settings
from hypothesis import strategies as st

from elman.tasks import sentences

SENTENCES = all_sentences(sentences.TEMPLATES, sentences.CLASSES)

HUMANS = {"man", "woman", "boy", "girl"}
ANIMALS = {"cat", "mouse", "dog"}
MONSTERS = {"dragon", "monster", "lion"}
THINGS = {"book", "rock", "car"}
FOOD = {"cookie", "bread", "sandwich"}
FRAGILE = {"glass", "plate"}
TRANSITIVE = {"see", "chase", "like", "move", "smell", "eat"}


def grammatical(sentence):
    """The sixteen templates once more, as what a subject may do to what."""
    subject, verb, *objects = sentence
    if not objects:
        return (subject in HUMANS and verb in {"think", "sleep", "exist", "move", "break"}) or (
            subject in ANIMALS | THINGS and verb in {"move", "break"}
        )
    (thing,) = objects
    if subject in HUMANS:
        allowed = FOOD if verb == "eat" else set()
        allowed |= THINGS if verb in {"smell", "see", "move", "break"} else set()
        allowed |= FRAGILE if verb in {"break", "smash"} else set()
        return thing in (allowed | HUMANS if verb in TRANSITIVE else allowed)
    if subject in ANIMALS:
        allowed = FOOD if verb == "eat" else set()
        allowed |= THINGS if verb in {"move", "break"} else set()
        return thing in (allowed | ANIMALS if verb in TRANSITIVE else allowed)
    if subject in MONSTERS:
        if verb == "eat":
            return thing in HUMANS | ANIMALS | FOOD
        return verb in {"break", "smash"} and thing in FRAGILE
    return False


def make(length=3000, seed=0):
    return sentences.generate(length, rng=np.random.default_rng(seed))


def sentences_of(sequence):
    read = [sentences.SYMBOLS[symbol] for symbol in sequence.symbols]
    starts = np.flatnonzero(sequence.group_starts).tolist()
    return [tuple(read[a:b]) for a, b in zip(starts, [*starts[1:], len(read)], strict=True)]


def test_sizes_of_the_paper():
    assert len(set(sentences.WORDS)) == 29
    assert len(sentences.CLASSES) == 12
    assert len(set(sentences.TEMPLATES)) == 16
    assert sentences.TASK.codes.shape == (31, 31)
    assert {word for words in sentences.CLASSES.values() for word in words} == set(sentences.WORDS)
    assert Counter(sum(sentences.CATEGORIES.values(), ())) == Counter(sentences.WORDS)
    assert sentences.SYMBOLS[29] == "zog"


def test_every_class_says_where_each_word_comes_from():
    for name, (printed, *_) in sentences.MEMBERSHIP.items():
        assert printed
        members = sentences.CLASSES[name]
        assert len(set(members)) == len(members)
    ours = {w for *_, placed in sentences.MEMBERSHIP.values() for w in placed}
    assert ours == {"sandwich", "exist"}


def test_the_grammar_has_the_sentences_of_the_recogniser_and_no_others():
    words = sentences.WORDS
    pairs = {(a, b) for a in words for b in words if grammatical((a, b))}
    triples = {(a, b, c) for a in words for b in words for c in words if grammatical((a, b, c))}
    assert set(SENTENCES) == pairs | triples


@settings(max_examples=25)
@given(st.integers(3, 800), st.integers(0, 2**32 - 1))
def test_a_stream_is_whole_sentences_of_the_grammar(length, seed):
    sequence = make(length, seed)
    assert length - 2 <= len(sequence) <= length
    assert all(grammatical(sentence) for sentence in sentences_of(sequence))


def test_the_default_length_gives_about_ten_thousand_sentences():
    sequence = make(27_534)
    counts = Counter(map(len, sentences_of(sequence)))
    assert sum(counts.values()) == pytest.approx(10_012, abs=80)
    # 4 of the 16 templates have two words.
    assert counts[2] / sum(counts.values()) == pytest.approx(4 / 16, abs=0.02)
    assert set(counts) == {2, 3}


def test_positions_are_the_places_in_sentences():
    sequence = make(500)
    places = [place for sentence in sentences_of(sequence) for place in range(len(sentence))]
    np.testing.assert_array_equal(sequence.position, np.roll(places, -1))


def brute_likelihood(beginning):
    """By enumeration: what follows `beginning` in all sentences, or the next sentence's start."""
    follows = defaultdict(float)
    for sentence, probability in SENTENCES.items():
        if sentence[: len(beginning)] != beginning:
            continue
        if len(sentence) > len(beginning):
            follows[sentence[len(beginning)]] += probability
        else:
            for other, share in SENTENCES.items():
                follows[other[0]] += probability * share
    total = sum(follows.values())
    return [follows[word] / total for word in sentences.SYMBOLS]


def test_likelihood_after_every_beginning_equals_enumeration():
    beginnings = {sentence[:size] for sentence in SENTENCES for size in (0, 1, 2)}
    after_whole = brute_likelihood(("man", "eat", "bread"))
    for beginning in beginnings:
        np.testing.assert_allclose(
            sentences.likelihood(beginning), brute_likelihood(beginning), atol=1e-9
        )
    for sentence in (s for s in SENTENCES if len(s) == 3):
        np.testing.assert_allclose(sentences.likelihood(sentence), after_whole, atol=1e-9)


def test_words_and_their_indices_are_the_same_to_likelihood():
    indices = [sentences.SYMBOLS.index(word) for word in ("man", "see")]
    np.testing.assert_array_equal(
        sentences.likelihood(indices), sentences.likelihood(("man", "see"))
    )


@pytest.mark.parametrize(
    "words", [("bread",), ("man", "man"), ("zog",), ("elephant", "eat"), ("rock", "move", "book")]
)
def test_likelihood_refuses_what_begins_no_sentence(words):
    with pytest.raises(ValueError, match=f"sentence: allowed is .*; '{' '.join(words)}' was"):
        sentences.likelihood(words)


def test_likelihoods_of_a_sequence_are_those_of_each_sentence_so_far():
    sequence = make(300, seed=4)
    rows = iter(sentences.likelihoods(sequence))
    for sentence in sentences_of(sequence):
        for size in range(1, len(sentence) + 1):
            np.testing.assert_array_equal(next(rows), sentences.likelihood(sentence[:size]))
    assert next(rows, None) is None


def test_empirical_likelihoods_equal_counting():
    sequence = make(2000, seed=7)
    read = [sentences.SYMBOLS[symbol] for symbol in sequence.symbols]
    follows, beginnings, step = defaultdict(Counter), [], 0
    for sentence in sentences_of(sequence):
        for size in range(1, len(sentence) + 1):
            beginnings.append(sentence[:size])
            follows[sentence[:size]][read[(step + 1) % len(read)]] += 1
            step += 1
    for row, beginning in zip(sentences.empirical_likelihoods(sequence), beginnings, strict=True):
        counts = follows[beginning]
        expected = [counts[word] / counts.total() for word in sentences.SYMBOLS]
        np.testing.assert_allclose(row, expected)


def test_ideal_answer_equals_the_sum_over_all_divisions_into_sentences():
    sequence = make(300, seed=6)
    read = [sentences.SYMBOLS[symbol] for symbol in sequence.symbols]
    for step, row in enumerate(next_symbols(SENTENCES, read)):
        p = [row.get(word, 0.0) for word in sentences.SYMBOLS]
        np.testing.assert_allclose(sequence.ideal[step], p, atol=1e-9)
        # Rounded, the answer is the word of at least one half, if there is just one such word.
        likely = [share for share in p if round(share, 9) >= 0.5]
        right = likely[0] if len(likely) == 1 else 0.0
        assert sequence.rate_floor[step] == pytest.approx(1 - right)


def test_no_word_is_ever_certain():
    assert not make(5000).predictable.any()


def test_the_new_word_stands_where_man_stood():
    sequence = make(2000, seed=3)
    changed = sentences.with_new_word(sequence)
    before = [sentences.SYMBOLS[symbol] for symbol in sequence.symbols]
    after = [sentences.SYMBOLS[symbol] for symbol in changed.symbols]
    assert after == ["zog" if word == "man" else word for word in before]
    assert "zog" in after
    np.testing.assert_array_equal(changed.inputs, np.eye(31)[changed.symbols])
    np.testing.assert_array_equal(changed.targets, np.roll(changed.inputs, -1, axis=0))
    man, zog = (sentences.SYMBOLS.index(word) for word in ("man", "zog"))
    np.testing.assert_array_equal(changed.ideal[:, zog], sequence.ideal[:, man])
    assert not changed.ideal[:, man].any()
    assert "zog" not in before
