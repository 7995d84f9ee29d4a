"""The forward algorithm against sums over all strings; the ideal answer by its definition."""

from itertools import product

import brute_force
import numpy as np
import pytest
from brute_force import all_sentences, next_symbols
from hypothesis import given
from hypothesis import strategies as st

from elman.tasks.automaton import Arc, Automaton, expectation, whole_strings
from elman.tasks.templates import TemplateGrammar, spelled

tiny_languages = st.dictionaries(
    st.lists(st.integers(0, 2), min_size=1, max_size=4).map(tuple),
    st.integers(1, 9),
    min_size=1,
    max_size=5,
)


def automaton_of(strings):
    """Each string as a chain of its own from the start."""
    arcs = {"start": []}
    for string, probability in strings.items():
        states = ["start", *((string, place) for place in range(1, len(string))), "start"]
        for place, symbol in enumerate(string):
            share = probability if place == 0 else 1.0
            arcs.setdefault(states[place], []).append(Arc(symbol, share, states[place + 1]))
    return Automaton({state: tuple(leaving) for state, leaving in arcs.items()}, 3)


def probabilities(weights):
    total = sum(weights.values())
    return {string: weight / total for string, weight in weights.items()}


@given(tiny_languages.map(probabilities), st.data())
def test_next_symbol_equals_the_sum_over_all_divisions_into_strings(strings, data):
    drawn = data.draw(st.lists(st.sampled_from(sorted(strings)), min_size=1, max_size=6))
    seen = [symbol for string in drawn for symbol in string]
    automaton = automaton_of(strings)
    likelihoods, which = automaton.follow(seen)
    expected = next_symbols(strings, seen)
    assert which.shape == (len(seen),)
    for step, row in enumerate(likelihoods[which]):
        brute = [expected[step].get(symbol, 0.0) for symbol in range(3)]
        np.testing.assert_allclose(row, brute, atol=1e-9)


@given(tiny_languages.map(probabilities))
def test_next_symbol_of_a_string_told_to_be_one_equals_the_sum_over_strings(strings):
    automaton = automaton_of(strings)
    first = automaton.likelihood(())
    for beginning in {string[:size] for string in strings for size in range(1, 5)}:
        brute = strings.get(beginning, 0.0) * first
        for string, probability in strings.items():
            if string[: len(beginning)] == beginning and len(string) > len(beginning):
                brute[string[len(beginning)]] += probability
        np.testing.assert_allclose(automaton.likelihood(beginning), brute / brute.sum(), atol=1e-9)


def test_an_ambiguous_stream_by_hand():
    # Strings a (1/2) and ab (1/2): after "a" it is over or not, each half the time.
    automaton = automaton_of({(0,): 0.5, (0, 1): 0.5})
    likelihoods, which = automaton.follow([0, 0, 1, 0])
    expected = [[0.5, 0.5, 0], [0.5, 0.5, 0], [1, 0, 0], [0.5, 0.5, 0]]
    np.testing.assert_array_equal(likelihoods[which], expected)
    # The same belief is kept once.
    assert len(likelihoods) == 2


def test_certainty_is_exact():
    strings = {(0, 1, 2): 0.1, (0, 1): 0.2, (0,): 0.3, (1, 0, 0, 2): 0.4}
    np.testing.assert_array_equal(automaton_of(strings).likelihood([1, 0, 0]), [0, 0, 1])
    likelihoods, which = automaton_of(strings).follow([1, 0, 0, 2, 1])
    np.testing.assert_array_equal(likelihoods[which[[0, 4]]], [[1, 0, 0], [1, 0, 0]])


def test_a_hypothesis_that_is_all_but_impossible_is_not_lost():
    # Only the rare string can have the second symbol.
    rare = 1e-20
    automaton = automaton_of({(0,): 1 - rare, (0, 1, 2): rare})
    likelihoods, which = automaton.follow([0, 0, 0, 1])
    np.testing.assert_array_equal(likelihoods[which[-1]], [0, 0, 1])


def test_an_impossible_symbol_is_refused():
    automaton = automaton_of({(0, 1): 1.0})
    with pytest.raises(ValueError, match=r"symbols: allowed at step 1 is one of \[1\]; 0 was"):
        automaton.follow([0, 0])
    with pytest.raises(ValueError, match="beginning: allowed are at most 2 symbols here"):
        automaton.likelihood([0, 1, 0])


@given(st.lists(st.integers(0, 8), min_size=4, max_size=4).filter(any))
def test_ideal_answer_and_its_misses_follow_from_their_definitions(weights):
    codes = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    p = np.array(weights) / sum(weights)
    ideal, rate_floor = expectation(p[np.newaxis], codes)
    first, second = p[2] + p[3], p[1] + p[3]
    np.testing.assert_allclose(ideal[0], [first, second], atol=1e-9)
    answer = (round(first, 9) >= 0.5, round(second, 9) >= 0.5)
    right = sum(p[i] for i in range(4) if tuple(codes[i] > 0) == answer)
    assert rate_floor[0] == pytest.approx(1 - right)


def test_whole_strings_stops_before_the_first_that_does_not_fit():
    sizes = np.array([3, 4, 2, 1])
    assert [whole_strings(sizes, length) for length in (3, 6, 7, 8, 9, 10, 99)] == [
        1, 1, 2, 2, 3, 4, 4,
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"length: allowed is at least 3, .*; 2 was given"):
        whole_strings(sizes, 2)


SMALL = TemplateGrammar(
    words=("a", "ab", "b", "ba", "bab"),
    classes={"X": ("a", "ab"), "Y": ("b", "ba", "bab")},
    templates=(("X", "Y"), ("Y",), ("a", "X", "b")),
)


def test_a_template_grammar_draws_every_sentence_as_often_as_it_should():
    drawn = SMALL.sample(60_000, rng=np.random.default_rng(1))
    expected = all_sentences(SMALL.templates, SMALL.classes)
    sentences, counts = np.unique(drawn, axis=0, return_counts=True)
    found = {
        tuple(SMALL.words[i] for i in row if i >= 0): n
        for row, n in zip(sentences, counts, strict=True)
    }
    assert found.keys() == expected.keys()
    for sentence, probability in expected.items():
        spread = (60_000 * probability * (1 - probability)) ** 0.5
        assert abs(found[sentence] - 60_000 * probability) < 5 * spread


def test_a_longer_sample_begins_with_a_shorter_one():
    short, long = (SMALL.sample(n, rng=np.random.default_rng(3)) for n in (7, 40))
    np.testing.assert_array_equal(short, long[:7])


def test_spelled_words_equal_the_sum_over_all_divisions_into_sentences():
    strings = brute_force.spelled(all_sentences(SMALL.templates, SMALL.classes))
    spellings = [["ab".index(letter) for letter in word] for word in SMALL.words]
    automaton = spelled(SMALL.automaton(), spellings, 2)
    checked = 0
    for seen in product("ab", repeat=9):
        try:
            likelihoods, which = automaton.follow(["ab".index(letter) for letter in seen])
        except ValueError:
            continue
        brute = [[row.get(letter, 0.0) for letter in "ab"] for row in next_symbols(strings, seen)]
        np.testing.assert_allclose(likelihoods[which], brute, atol=1e-9)
        checked += 1
    assert checked > 100
