"""Reber strings against regular expressions worked out by hand, and acceptance by threshold."""

import re
from collections import Counter, defaultdict
from functools import partial
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from streams import drawn, groups, read

from elman.tasks import reber

# From node 3: any number of rounds X T* V P back to node 3, then S, or X T* V V. By way of T one
# comes to node 3 after S* X; by way of P at once to T* V, and from there out or to node 3.
FROM_3 = "(?:XT*VP)*(?:S|XT*VV)"
PLAIN = f"B(?:TS*X{FROM_3}|PT*V(?:V|P{FROM_3}))E"
REGULAR = {"plain": re.compile(PLAIN), "embedded": re.compile(f"B(?:T{PLAIN}T|P{PLAIN}P)E")}
both_grammars = pytest.mark.parametrize("grammar", ["plain", "embedded"])
seeds = st.integers(0, 2**32 - 1)


def strings_of(sequence):
    return ["".join(string) for string in groups(sequence, reber.LETTERS)]


def make(length=3000, seed=0, grammar="plain"):
    return drawn(reber, length, seed, grammar=grammar)


def right(strings, grammar="plain"):
    return [REGULAR[grammar].fullmatch(string) is not None for string in strings]


def test_all_strings_up_to_eight_letters_agree_with_the_regular_expression():
    strings = [f"B{''.join(s)}E" for size in range(7) for s in product("TPSXV", repeat=size)]
    expected = right(strings)
    assert [reber.is_grammatical(string) for string in strings] == expected
    # BTXSE and BPVVE are the shortest.
    sizes = Counter(len(s) for s, good in zip(strings, expected, strict=True) if good)
    assert sizes == {5: 2, 6: 3, 7: 4, 8: 7}


@both_grammars
@given(
    seed=seeds, place=st.integers(0, 30), letter=st.sampled_from([*reber.LETTERS, "", "TT", "Q"])
)
def test_strings_with_one_change_agree_with_the_regular_expression(grammar, seed, place, letter):
    (string,) = reber.grammatical_strings(1, rng=np.random.default_rng(seed), grammar=grammar)
    place %= len(string)
    both = [string, string[:place] + letter + string[place + 1 :]]
    assert [reber.is_grammatical(one, grammar) for one in both] == right(both, grammar)


@both_grammars
@settings(max_examples=40)
@given(length=st.integers(12, 2000), seed=seeds)
def test_a_stream_is_whole_strings_of_the_grammar_and_begins_a_longer_one(grammar, length, seed):
    (first,) = reber.grammatical_strings(1, rng=np.random.default_rng(seed), grammar=grammar)
    assume(len(first) <= length)
    sequence = make(length, seed, grammar)
    strings = strings_of(sequence)
    assert strings[0] == first
    assert len(sequence) <= length
    assert all(right(strings, grammar))
    assert strings_of(make(length + 200, seed, grammar))[: len(strings)] == strings


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
    starts = np.flatnonzero(sequence.group_starts)
    for string, start in zip(strings_of(sequence), starts, strict=True):
        for size in range(1, min(9, len(string))):
            follows[string[:size]][string[size]] += 1
            ideal[string[:size]] = sequence.ideal[start + size - 1]
    for beginning, counts in follows.items():
        n, p = counts.total(), ideal[beginning]
        assert {*p} <= {0.0, 0.5, 1.0}
        counted = np.array([counts[letter] for letter in reber.LETTERS])
        assert (np.abs(counted - n * p) <= 5 * (n * p * (1 - p)) ** 0.5).all()
    assert sum(counts.total() > 100 for counts in follows.values()) > 15


@both_grammars
def test_certainty_floors_and_positions_follow_from_the_place_in_the_grammar(grammar):
    sequence, task = make(2000, grammar=grammar), reber.task(grammar)
    # After a string comes the next one.
    ends = np.roll(sequence.group_starts, -1)
    np.testing.assert_array_equal(sequence.ideal[ends], [reber.CODES[0]] * ends.sum())
    choice = (sequence.ideal > 0).sum(axis=1) == 2
    np.testing.assert_array_equal(sequence.floor.sum(axis=1), np.where(choice, 0.5, 0.0))
    np.testing.assert_array_equal(sequence.rate_floor, choice / 2)
    np.testing.assert_array_equal(sequence.predictable, ~choice)
    # A position names what comes next.
    names = np.array(task.positions)[sequence.position]
    assert set(task.positions) == set(names)
    letters = np.roll(read(sequence, reber.LETTERS), -1)
    assert all(letter in name for name, letter in zip(names, letters, strict=True))
    np.testing.assert_array_equal(names == "B", ends)


@both_grammars
def test_the_ideal_predictor_accepts_the_grammar_and_nothing_else(grammar):
    rng = np.random.default_rng(8)
    good = reber.grammatical_strings(200, rng=rng, grammar=grammar)
    shortened = [f"{string[:-2]}{string[-1]}" for string in good[:100]]
    strings = [*good, *shortened, *reber.random_strings(300, rng=rng, grammar=grammar)]
    sequence = reber.from_strings(strings, grammar)
    expected = right(strings, grammar)
    starts = np.flatnonzero(sequence.group_starts)
    outputs = sequence.ideal.copy()
    # What is answered to the last letter of a string does not count.
    outputs[np.append(starts[1:], len(sequence)) - 1] = 0.0
    assert reber.accepted(outputs, sequence).tolist() == expected
    answers = np.split(sequence.ideal, starts[1:])
    assert list(map(reber.accepts, answers, strings)) == expected


def test_a_letter_is_accepted_above_the_threshold_alone():
    outputs, steps = np.zeros((5, 7)), [reber.LETTERS.index(letter) for letter in "TXSE"]
    outputs[range(4), steps] = 0.31
    assert reber.accepts(outputs, "BTXSE")
    assert not reber.accepts(outputs, "BPXSE")
    assert not reber.accepts(outputs, "BTXSE", threshold=0.31)
    outputs[2, steps[2]] = 0.3
    assert not reber.accepts(outputs, "BTXSE")


def test_random_strings_have_the_lengths_of_the_grammar_and_are_rarely_right():
    made = [kind(3000, rng=np.random.default_rng(1))
            for kind in (reber.random_strings, reber.grammatical_strings)]  # fmt: skip
    assert all(re.fullmatch("B[TPSXV]*E", string) for string in made[0])
    sizes, expected = (np.array([*map(len, strings)]) for strings in made)
    assert sizes.mean() == pytest.approx(expected.mean(), abs=0.4)
    assert sizes.min() == 5
    assert 0.001 < np.mean(right(made[0])) < 0.02


def test_a_wrong_end_is_wrong_there_alone():
    good = reber.grammatical_strings(50, rng=np.random.default_rng(2), grammar="embedded")
    wrong = [reber.with_wrong_end(string) for string in good]
    for a, b in zip(good, wrong, strict=True):
        assert [x == y for x, y in zip(a, b, strict=True)] == [True] * (len(a) - 2) + [False, True]
    assert not any(right(wrong, "embedded"))
    sequence = reber.from_strings(wrong, "embedded")
    # Two steps of each string come after the forbidden letter was read.
    assert np.isnan(sequence.ideal).all(axis=1).sum() == 2 * 50
    np.testing.assert_array_equal(sequence.position == -1, np.isnan(sequence.rate_floor))
    assert not reber.accepted(np.nan_to_num(sequence.ideal, nan=1.0), sequence).any()


UNKNOWN = "grammar: allowed is one of plain, embedded; 'reg'"
REFUSED = [
    *((partial(reber.from_strings, strings), f"strings: allowed are .*; {shown} was given")
      for strings, shown in (([], "no string"), (["BTXSE", ""], "''"), (["BTXSEQ"], "'BTXSEQ'"),
                             (["btxse"], "'btxse'"))),
    *((partial(call, grammar="reg"), UNKNOWN)
      for call in (reber.task, make, partial(reber.is_grammatical, "B"))),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_other_letters_and_unknown_grammars_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
