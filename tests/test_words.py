"""The stream of words without spaces: grammar, codes and what can be known at each letter."""

import re
from itertools import product

import numpy as np
import pytest
from brute_force import all_sentences, next_symbols, spelled
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import drawn, groups, read

from elman.tasks import words

# The sentences once more, written down in another way than templates.
ONE = "(a|the) (boy|girl)"
VERB = "(lived|played|sailed)"
SENTENCE = re.compile(
    f"(by the sea )?{ONE} {VERB} happily"
    f"|(many years ago )?(a|the) boy and girl {VERB}"
    f"|many years ago {ONE} {VERB}"
    f"|{ONE} {VERB} by the sea"
    f"|(a|the) boy and girl {VERB} by the sea"
    f"|(a|the) girl and boy {VERB} happily( by the sea)?"
    f"|they {VERB} (and {VERB} happily|by the sea|happily by the sea|happily many years ago)"
    f"|many years ago they {VERB} (happily|by the sea)"
    f"|by the sea they {VERB} happily"
)
SENTENCES = all_sentences(words.TEMPLATES, words.CLASSES)


def words_of(sequence):
    return ["".join(word) for word in groups(sequence, words.LETTERS)]


def make(length=4963, seed=0, **options):
    return drawn(words, length, seed, **options)


def test_fifteen_words_in_sentences_as_long_as_the_papers():
    assert set(words.PAPER_PASSAGE.split()) == set(words.PAPER_WORDS)
    assert len(set(words.WORDS)) == 15
    assert {word for sentence in SENTENCES for word in sentence} == set(words.WORDS)
    sizes = [len(sentence) for sentence in SENTENCES]
    assert (min(sizes), max(sizes)) == (4, 9)
    # The paper's 1,270 words and 4,963 letters in 200 sentences.
    chances = [*SENTENCES.values()]
    letters = [len("".join(sentence)) for sentence in SENTENCES]
    assert np.dot(chances, sizes) == pytest.approx(6.35, abs=0.06)
    assert np.dot(chances, letters) == pytest.approx(24.815, abs=0.06)
    counts = [make(seed=seed).group_starts.sum() for seed in range(20)]
    assert np.mean(counts) == pytest.approx(1270, abs=15)


def test_every_sentence_is_recognised_and_the_recogniser_has_no_others():
    assert all(SENTENCE.fullmatch(" ".join(sentence)) for sentence in SENTENCES)
    # Sentences with one word exchanged are in the language exactly if the recogniser says so.
    for sentence in list(SENTENCES)[::7]:
        for place, word in product(range(len(sentence)), words.WORDS):
            changed = (*sentence[:place], word, *sentence[place + 1 :])
            recognised = SENTENCE.fullmatch(" ".join(changed)) is not None
            assert recognised == (changed in SENTENCES)


@settings(max_examples=25)
@given(st.integers(50, 1500), st.integers(0, 2**32 - 1))
def test_a_stream_is_whole_sentences_of_the_grammar(length, seed):
    sequence = make(length, seed)
    # No sentence is longer than 45 letters, so one more would not have fitted.
    assert length - 45 <= len(sequence) <= length
    stream = " ".join(words_of(sequence)) + " "
    assert re.fullmatch(f"(({SENTENCE.pattern}) )+", stream)


def test_a_length_below_the_first_sentence_and_unknown_codes_are_refused():
    with pytest.raises(ValueError, match=r"length: allowed is at least .*; 5 was given"):
        make(5)
    for call in (words.letter_codes, words.task, lambda codes: make(300, codes=codes)):
        with pytest.raises(ValueError, match="codes: allowed is one of binary, random; 'gray'"):
            call("gray")


def test_the_papers_passage_can_occur():
    letters = [words.LETTERS.index(letter) for letter in words.PAPER_PASSAGE.replace(" ", "")]
    # Table 2 goes on with m, as in "many".
    likelihoods, which = words.LETTER_SOURCE.follow(letters)
    assert likelihoods[which[-1], words.LETTERS.index("m")] > 0


def test_binary_codes_are_those_of_table_2_and_no_two_letters_share_a_code():
    table_2 = {"a": "00001", "b": "00010", "m": "01101", "y": "11001", "i": "01001"}
    for letter, bits in table_2.items():
        row = words.letter_codes()[words.LETTERS.index(letter)]
        assert "".join(str(int(bit)) for bit in row) == bits
    for codes in words.CODES_CHOICES:
        table = words.letter_codes(codes)
        assert table.shape == (len(words.LETTERS), 5)
        assert set(np.unique(table)) == {0.0, 1.0}
        assert len(np.unique(table, axis=0)) == len(words.LETTERS)
        np.testing.assert_array_equal(table, words.letter_codes(codes))
    binary, random = make(300), make(300, codes="random")
    np.testing.assert_array_equal(binary.symbols, random.symbols)
    assert (binary.inputs != random.inputs).any()


def test_first_and_last_letters_of_words():
    sequence = make(400)
    finals = [place == len(word) - 1 for word in words_of(sequence) for place in range(len(word))]
    np.testing.assert_array_equal(words.word_initial(sequence), sequence.position == 0)
    np.testing.assert_array_equal(words.word_final(sequence), np.roll(finals, -1))


@pytest.mark.parametrize("codes", words.CODES_CHOICES)
def test_ideal_answer_equals_the_sum_over_all_divisions_into_sentences(codes):
    sequence = make(220, seed=5, codes=codes)
    table = words.letter_codes(codes)
    for step, row in enumerate(next_symbols(spelled(SENTENCES), read(sequence, words.LETTERS))):
        p = np.array([row[letter] for letter in words.LETTERS])
        mean = p @ table
        np.testing.assert_allclose(sequence.ideal[step], mean, atol=1e-9)
        assert sequence.rate_floor[step] == pytest.approx(1 - max(row.values()), abs=1e-9)


def test_no_answer_is_less_certain_than_at_the_first_letter_of_a_word():
    sequence = make()
    floor = sequence.floor.sum(axis=1)
    by_place = [floor[sequence.position == place].mean() for place in range(7)]
    assert by_place[0] > 3 * max(by_place[1:])
    # "the" or "they": open at the fourth letter and nowhere else inside a word.
    assert [place for place in range(1, 7) if by_place[place] > 0] == [3]
