"""The forward algorithm against sums over all strings; the ideal answer by its definition."""

from collections import Counter

import numpy as np
import pytest
from brute_force import all_sentences, next_symbols, told
from hypothesis import given
from hypothesis import strategies as st

from elman.tasks.automaton import Arc, Automaton, expectation, whole_strings
from elman.tasks.templates import TemplateGrammar

strings_of_symbols = st.lists(st.integers(0, 2), min_size=1, max_size=4).map(tuple)
tiny_languages = st.dictionaries(strings_of_symbols, st.integers(1, 9), min_size=1, max_size=5)
# Weights to probabilities.
tiny_languages = tiny_languages.map(lambda w: {s: n / sum(w.values()) for s, n in w.items()})


def automaton_of(strings):
    """Each string as a chain of its own from the start."""
    arcs = {"start": []}
    for string, probability in strings.items():
        states = ["start", *((string, place) for place in range(1, len(string))), "start"]
        for place, symbol in enumerate(string):
            share = probability if place == 0 else 1.0
            arcs.setdefault(states[place], []).append(Arc(symbol, share, states[place + 1]))
    return Automaton({state: tuple(leaving) for state, leaving in arcs.items()}, 3)


@given(tiny_languages, st.data())
def test_next_symbol_equals_the_sum_over_all_divisions_into_strings(strings, data):
    drawn = data.draw(st.lists(st.sampled_from(sorted(strings)), min_size=1, max_size=6))
    seen = [symbol for string in drawn for symbol in string]
    automaton = automaton_of(strings)
    likelihoods, which = automaton.follow(seen)
    brute = [[row.get(symbol, 0.0) for symbol in range(3)] for row in next_symbols(strings, seen)]
    assert which.shape == (len(seen),)
    np.testing.assert_allclose(likelihoods[which], brute, atol=1e-9)


@given(tiny_languages)
def test_next_symbol_of_a_string_told_to_be_one_equals_the_sum_over_strings(strings):
    automaton = automaton_of(strings)
    for beginning in {string[:size] for string in strings for size in range(5)}:
        brute = told(strings, beginning)
        wanted = [brute.get(symbol, 0.0) for symbol in range(3)]
        np.testing.assert_allclose(automaton.likelihood(beginning), wanted, atol=1e-9)


def test_certainty_is_exact_and_no_hypothesis_is_lost_that_is_all_but_impossible():
    automaton = automaton_of({(0, 1, 2): 0.1, (0, 1): 0.2, (0,): 0.3, (1, 0, 0, 2): 0.4})
    np.testing.assert_array_equal(automaton.likelihood([1, 0, 0]), [0, 0, 1])
    likelihoods, which = automaton.follow([1, 0, 0, 2, 1])
    np.testing.assert_array_equal(likelihoods[which[[0, 4]]], [[1, 0, 0], [1, 0, 0]])
    # The same belief is kept once.
    assert len(automaton_of({(0,): 0.5, (0, 1): 0.5}).follow([0, 0, 1, 0])[0]) == 2
    # Only the rare string can have the second symbol.
    rare = 1e-20
    likelihoods, which = automaton_of({(0,): 1 - rare, (0, 1, 2): rare}).follow([0, 0, 0, 1])
    np.testing.assert_array_equal(likelihoods[which[-1]], [0, 0, 1])


def test_impossible_symbols_and_too_short_lengths_are_refused():
    automaton, sizes = automaton_of({(0, 1): 1.0}), np.array([3, 4, 2, 1])
    with pytest.raises(ValueError, match=r"symbols: allowed at step 1 is one of \[1\]; 0 was"):
        automaton.follow([0, 0])
    with pytest.raises(ValueError, match="beginning: allowed are at most 2 symbols here"):
        automaton.likelihood([0, 1, 0])
    with pytest.raises(ValueError, match=r"length: allowed is at least 3, .*; 2 was given"):
        whole_strings(sizes, 2)
    # Before the first that does not fit the whole ones end.
    found = [whole_strings(sizes, length) for length in (3, 6, 7, 8, 9, 10, 99)]
    assert found == [1, 1, 2, 2, 3, 4, 4]


@given(st.lists(st.integers(0, 8), min_size=4, max_size=4).filter(any))
def test_ideal_answer_and_its_floor_follow_from_their_definitions(weights):
    codes = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    p = np.array(weights) / sum(weights)
    ideal, rate_floor = expectation(p[np.newaxis], codes)
    first, second = p[2] + p[3], p[1] + p[3]
    np.testing.assert_allclose(ideal[0], [first, second], atol=1e-9)
    assert rate_floor[0] == pytest.approx(1 - max(p))


SMALL = TemplateGrammar(
    words=("a", "ab", "b", "ba", "bab"),
    classes={"X": ("a", "ab"), "Y": ("b", "ba", "bab")},
    templates=(("X", "Y"), ("Y",), ("a", "X", "b")),
)


def test_a_template_grammar_draws_every_sentence_as_often_as_it_should():
    n, expected = 60_000, all_sentences(SMALL.templates, SMALL.classes)
    drawn = SMALL.sample(n, rng=np.random.default_rng(1))
    found = Counter(tuple(SMALL.words[i] for i in row if i >= 0) for row in drawn.tolist())
    assert found.keys() == expected.keys()
    for sentence, p in expected.items():
        assert abs(found[sentence] - n * p) < 5 * (n * p * (1 - p)) ** 0.5
    # A longer sample begins with a shorter one.
    np.testing.assert_array_equal(SMALL.sample(40, rng=np.random.default_rng(1)), drawn[:40])
