"""Two- and three-word sentences: grammar, exact and counted likelihoods, and the new word."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from brute_force import all_sentences, next_symbols, told
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import drawn, groups, read

from elman.tasks import sentences
from elman.tasks.sentences import SYMBOLS, likelihood

SENTENCES = all_sentences(sentences.TEMPLATES, sentences.CLASSES)

HUMANS = {"man", "woman", "boy", "girl"}
ANIMALS = {"cat", "mouse", "dog"}
MONSTERS = {"dragon", "monster", "lion"}
THINGS = {"book", "rock", "car"}
FOOD = {"cookie", "bread", "sandwich"}
FRAGILE = {"glass", "plate"}
TRANSITIVE = "see chase like move smell eat"
ALONE = {""}

# The sixteen templates once more: subjects, what they may do, and to what.
MAY = (
    (HUMANS, "think sleep exist move break", ALONE),
    (ANIMALS | THINGS, "move break", ALONE),
    (HUMANS | ANIMALS | MONSTERS, "eat", FOOD),
    (HUMANS, "smell see move break", THINGS),
    (ANIMALS, "move break", THINGS),
    (HUMANS | MONSTERS, "break smash", FRAGILE),
    (HUMANS, TRANSITIVE, HUMANS),
    (ANIMALS, TRANSITIVE, ANIMALS),
    (MONSTERS, "eat", HUMANS | ANIMALS),
)


def grammatical(sentence):
    subject, verb, thing = (*sentence, "")[:3]
    return any(subject in who and verb in does.split() and thing in what for who, does, what in MAY)


def make(length=3000, seed=0):
    return drawn(sentences, length, seed)


def beginnings_of(sequence):
    """The sentence so far, at every step."""
    whole = groups(sequence, SYMBOLS)
    return [sentence[:size] for sentence in whole for size in range(1, len(sentence) + 1)]


def test_sizes_of_the_paper_and_where_each_word_comes_from():
    assert len(set(sentences.WORDS)) == 29
    assert len(sentences.CLASSES) == 12
    assert len(set(sentences.TEMPLATES)) == 16
    assert sentences.TASK.codes.shape == (31, 31)
    assert {word for words in sentences.CLASSES.values() for word in words} == set(sentences.WORDS)
    assert Counter(sum(sentences.CATEGORIES.values(), ())) == Counter(sentences.WORDS)
    assert SYMBOLS[29] == "zog"
    ours = set()
    for name, (printed, _, placed) in sentences.MEMBERSHIP.items():
        assert printed
        assert len(set(sentences.CLASSES[name])) == len(sentences.CLASSES[name])
        ours |= {*placed}
    assert ours == {"sandwich", "exist"}


def test_the_grammar_has_the_sentences_of_the_recogniser_and_no_others():
    candidates = (s for size in (2, 3) for s in product(sentences.WORDS, repeat=size))
    assert set(SENTENCES) == {sentence for sentence in candidates if grammatical(sentence)}


@settings(max_examples=25)
@given(st.integers(3, 800), st.integers(0, 2**32 - 1))
def test_a_stream_is_whole_sentences_of_the_grammar(length, seed):
    sequence = make(length, seed)
    assert length - 2 <= len(sequence) <= length
    assert all(map(grammatical, groups(sequence, SYMBOLS)))
    # No word is ever certain.
    assert not sequence.predictable.any()


def test_the_default_length_gives_about_ten_thousand_sentences():
    counts = Counter(map(len, groups(make(27_534), SYMBOLS)))
    assert counts.total() == pytest.approx(10_012, abs=80)
    # 4 of the 16 templates have two words.
    assert counts[2] / counts.total() == pytest.approx(4 / 16, abs=0.02)
    assert set(counts) == {2, 3}


def test_likelihood_after_every_beginning_equals_enumeration():
    expected = {s[:n]: told(SENTENCES, s[:n]) for s in SENTENCES for n in (0, 1, 2)}
    after_whole = told(SENTENCES, ("man", "eat", "bread"))
    expected |= {sentence: after_whole for sentence in SENTENCES if len(sentence) == 3}
    for beginning, row in expected.items():
        wanted = [row.get(word, 0.0) for word in SYMBOLS]
        np.testing.assert_allclose(likelihood(beginning), wanted, atol=1e-9)
    indices = [SYMBOLS.index(word) for word in ("man", "see")]
    np.testing.assert_array_equal(likelihood(indices), likelihood(("man", "see")))


@pytest.mark.parametrize(
    "words", [("bread",), ("man", "man"), ("zog",), ("elephant", "eat"), ("rock", "move", "book")]
)
def test_likelihood_refuses_what_begins_no_sentence(words):
    with pytest.raises(ValueError, match=f"sentence: allowed is .*; '{' '.join(words)}' was"):
        likelihood(words)


def test_likelihoods_of_a_sequence_are_those_of_each_sentence_so_far():
    sequence = make(300, seed=4)
    expected = [likelihood(beginning) for beginning in beginnings_of(sequence)]
    np.testing.assert_array_equal(sentences.likelihoods(sequence), expected)


def test_empirical_likelihoods_equal_counting():
    sequence = make(2000, seed=7)
    words, beginnings, follows = read(sequence, SYMBOLS), beginnings_of(sequence), {}
    for beginning, word in zip(beginnings, [*words[1:], words[0]], strict=True):
        follows.setdefault(beginning, Counter())[word] += 1
    expected = [[follows[b][w] / follows[b].total() for w in SYMBOLS] for b in beginnings]
    np.testing.assert_allclose(sentences.empirical_likelihoods(sequence), expected)


def test_ideal_answer_equals_the_sum_over_all_divisions_into_sentences():
    sequence = make(300, seed=6)
    for step, row in enumerate(next_symbols(SENTENCES, read(sequence, SYMBOLS))):
        p = [row.get(word, 0.0) for word in SYMBOLS]
        np.testing.assert_allclose(sequence.ideal[step], p, atol=1e-9)
        assert sequence.rate_floor[step] == pytest.approx(1 - max(p))


def test_the_new_word_stands_where_man_stood():
    sequence = make(2000, seed=3)
    changed = sentences.with_new_word(sequence)
    before, after = read(sequence, SYMBOLS), read(changed, SYMBOLS)
    assert after == ["zog" if word == "man" else word for word in before]
    assert "zog" in {*after} - {*before}
    np.testing.assert_array_equal(changed.inputs, np.eye(31)[changed.symbols])
    np.testing.assert_array_equal(changed.targets, np.roll(changed.inputs, -1, axis=0))
    man, zog = (SYMBOLS.index(word) for word in ("man", "zog"))
    np.testing.assert_array_equal(changed.ideal[:, zog], sequence.ideal[:, man])
    assert not changed.ideal[:, man].any()
