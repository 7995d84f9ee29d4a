"""Reber strings against regular expressions worked out by hand, and acceptance by threshold."""

import re
from collections import Counter, defaultdict
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from elman.tasks import reber

# From node 3: any number of rounds X T* V P back to node 3, then S, or X T* V V. By way of T one
# comes to node 3 after S* X; by way of P at once to T* V, and from there out or to node 3.
FROM_3 = "(?:XT*VP)*(?:S|XT*VV)"
PLAIN = f"B(?:TS*X{FROM_3}|PT*V(?:V|P{FROM_3}))E"
REGULAR = {
    "plain": re.compile(PLAIN),
    "embedded": re.compile(f"B(?:T{PLAIN}T|P{PLAIN}P)E"),
}
both_grammars = pytest.mark.parametrize("grammar", ["plain", "embedded"])
seeds = st.integers(0, 2**32 - 1)


def text_of(sequence):
    return "".join(reber.LETTERS[symbol] for symbol in sequence.symbols)


def strings_of(sequence):
    text, starts = text_of(sequence), np.flatnonzero(sequence.group_starts).tolist()
    return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def make(length=3000, seed=0, grammar="plain"):
    return reber.generate(length, rng=np.random.default_rng(seed), grammar=grammar)


def test_all_strings_up_to_eight_letters_agree_with_the_regular_expression():
    sizes = Counter()
    for size in range(7):
        for inner in product("TPSXV", repeat=size):
            string = f"B{''.join(inner)}E"
            expected = REGULAR["plain"].fullmatch(string) is not None
            assert reber.is_grammatical(string) == expected
            sizes[len(string)] += expected
    # BTXSE and BPVVE are the shortest.
    assert +sizes == {5: 2, 6: 3, 7: 4, 8: 7}


@both_grammars
@given(
    seed=seeds, place=st.integers(0, 30), letter=st.sampled_from([*reber.LETTERS, "", "TT", "Q"])
)
def test_strings_with_one_change_agree_with_the_regular_expression(grammar, seed, place, letter):
    (string,) = reber.grammatical_strings(1, rng=np.random.default_rng(seed), grammar=grammar)
    place %= len(string)
    changed = string[:place] + letter + string[place + 1 :]
    for candidate in (string, changed):
        expected = REGULAR[grammar].fullmatch(candidate) is not None
        assert reber.is_grammatical(candidate, grammar) == expected


@both_grammars
@settings(max_examples=40)
@given(length=st.integers(12, 2000), seed=seeds)
def test_a_stream_is_whole_strings_of_the_grammar(grammar, length, seed):
    (first,) = reber.grammatical_strings(1, rng=np.random.default_rng(seed), grammar=grammar)
    assume(len(first) <= length)
    sequence = make(length, seed, grammar)
    assert text_of(sequence).startswith(first)
    assert len(sequence) <= length
    assert all(REGULAR[grammar].fullmatch(string) for string in strings_of(sequence))


def test_a_longer_stream_begins_with_a_shorter_one():
    assert text_of(make(2000)).startswith(text_of(make(300)))


@both_grammars
def test_a_length_below_the_first_string_is_refused_and_the_least_is_named(grammar):
    for seed in range(20):
        with pytest.raises(ValueError, match="; 4 was given") as refused:
            make(4, seed, grammar)
        least, first = re.search(r"at least (\d+), .*, (\w+);", str(refused.value)).groups()
        assert len(first) == int(least) == len(make(int(least), seed, grammar))
        with pytest.raises(ValueError, match="length: allowed is at least"):
            make(int(least) - 1, seed, grammar)


@both_grammars
def test_ideal_answers_equal_counted_shares(grammar):
    sequence = make(60_000, seed=3, grammar=grammar)
    # Counted by the string so far, up to eight letters; longer ones are left out.
    follows, ideal = defaultdict(Counter), {}
    for string, start in zip(
        strings_of(sequence), np.flatnonzero(sequence.group_starts), strict=True
    ):
        for size in range(1, min(9, len(string))):
            follows[string[:size]][string[size]] += 1
            ideal[string[:size]] = sequence.ideal[start + size - 1]
    compared = 0
    for beginning, counts in follows.items():
        n = counts.total()
        for letter, p in zip(reber.LETTERS, ideal[beginning], strict=True):
            assert p in (0.0, 0.5, 1.0)
            assert abs(counts[letter] - n * p) <= 5 * (n * p * (1 - p)) ** 0.5
        compared += n > 100
    assert compared > 15


@both_grammars
def test_after_a_string_comes_the_next_one(grammar):
    sequence = make(2000, grammar=grammar)
    ends = np.roll(sequence.group_starts, -1)
    np.testing.assert_array_equal(sequence.ideal[ends], [reber.CODES[0]] * ends.sum())


@both_grammars
def test_floors_follow_from_one_or_two_possible_letters(grammar):
    sequence = make(2000, grammar=grammar)
    choice = (sequence.ideal > 0).sum(axis=1) == 2
    np.testing.assert_array_equal(sequence.floor.sum(axis=1), np.where(choice, 0.5, 0.0))
    # Rounded, both letters are announced, which is never the one that comes.
    np.testing.assert_array_equal(sequence.rate_floor, choice)
    np.testing.assert_array_equal(sequence.predictable, ~choice)


@both_grammars
def test_positions_name_what_comes_next(grammar):
    sequence = make(2000, grammar=grammar)
    task = reber.task(grammar)
    names = np.array(task.positions)[sequence.position]
    letters = np.array(reber.LETTERS)[np.roll(sequence.symbols, -1)]
    assert set(task.positions) == set(names)
    for name, letter in zip(names, letters, strict=True):
        assert letter in name
    np.testing.assert_array_equal(names == "B", np.roll(sequence.group_starts, -1))


@both_grammars
def test_the_ideal_predictor_accepts_the_grammar_and_nothing_else(grammar):
    rng = np.random.default_rng(8)
    right = reber.grammatical_strings(200, rng=rng, grammar=grammar)
    wrong = [f"{string[:-2]}{string[-1]}" for string in right[:100]]
    both = [*right, *wrong, *reber.random_strings(300, rng=rng, grammar=grammar)]
    sequence = reber.from_strings(both, grammar)
    expected = [REGULAR[grammar].fullmatch(string) is not None for string in both]
    starts = np.flatnonzero(sequence.group_starts)
    ends = np.append(starts[1:], len(sequence))
    outputs = sequence.ideal.copy()
    # What is answered to the last letter of a string does not count.
    outputs[ends - 1] = 0.0
    assert reber.accepted(outputs, sequence).tolist() == expected
    one_by_one = [
        reber.accepts(sequence.ideal[a:b], string)
        for a, b, string in zip(starts, ends, both, strict=True)
    ]
    assert one_by_one == expected


def test_a_letter_is_accepted_above_the_threshold_alone():
    outputs = np.zeros((5, 7))
    for step, letter in enumerate("TXSE"):
        outputs[step, reber.LETTERS.index(letter)] = 0.31
    assert reber.accepts(outputs, "BTXSE")
    assert not reber.accepts(outputs, "BPXSE")
    assert not reber.accepts(outputs, "BTXSE", threshold=0.31)
    outputs[2, reber.LETTERS.index("S")] = 0.3
    assert not reber.accepts(outputs, "BTXSE")


def test_random_strings_have_the_lengths_of_the_grammar_and_are_rarely_right():
    same = [np.random.default_rng(1) for _ in range(2)]
    random = reber.random_strings(3000, rng=same[0])
    assert all(re.fullmatch("B[TPSXV]*E", string) for string in random)
    lengths = np.array([len(string) for string in random])
    grammatical = np.array([len(s) for s in reber.grammatical_strings(3000, rng=same[1])])
    assert lengths.mean() == pytest.approx(grammatical.mean(), abs=0.4)
    assert lengths.min() == 5
    right = np.mean([REGULAR["plain"].fullmatch(string) is not None for string in random])
    assert 0.001 < right < 0.02


def test_a_wrong_end_is_wrong_there_alone():
    right = reber.grammatical_strings(50, rng=np.random.default_rng(2), grammar="embedded")
    wrong = [reber.with_wrong_end(string) for string in right]
    for a, b in zip(right, wrong, strict=True):
        assert [x == y for x, y in zip(a, b, strict=True)] == [True] * (len(a) - 2) + [False, True]
        assert REGULAR["embedded"].fullmatch(b) is None
    sequence = reber.from_strings(wrong, "embedded")
    # Two steps of each string come after the forbidden letter was read.
    assert np.isnan(sequence.ideal).all(axis=1).sum() == 2 * 50
    np.testing.assert_array_equal(sequence.position == -1, np.isnan(sequence.rate_floor))
    assert not reber.accepted(np.nan_to_num(sequence.ideal, nan=1.0), sequence).any()


@pytest.mark.parametrize(
    ("strings", "shown"),
    [([], "no string"), (["BTXSE", ""], "''"), (["BTXSEQ"], "'BTXSEQ'"), (["btxse"], "'btxse'")],
)
def test_strings_of_other_letters_are_refused(strings, shown):
    with pytest.raises(ValueError, match=rf"strings: allowed are .*; {shown} was given"):
        reber.from_strings(strings)


def test_an_unknown_grammar_is_refused():
    for call in (reber.task, lambda g: make(99, grammar=g), lambda g: reber.is_grammatical("B", g)):
        with pytest.raises(ValueError, match="grammar: allowed is one of plain, embedded; 'reg'"):
            call("reg")
