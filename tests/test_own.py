"""The reader's own text: what is accepted, what is refused and why, and its groups."""

import unicodedata
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from streams import drawn, read

from elman.tasks import own
from elman.tasks import own_text as texts


def make(text, length=20_000, **options):
    return drawn(own, length, text=text, **options)


def places_of(sequence):
    """Place in its group of every input."""
    return np.roll(sequence.position, 1).tolist()


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=80))
def test_any_letters_come_back_in_order(text):
    normal = unicodedata.normalize("NFC", text)
    assume(len(normal) >= 8 and 2 <= len(set(normal)) <= 100)
    symbols = sorted(set(normal))
    assert "".join(read(make(text), symbols)) == normal
    names = own.task(text).symbols
    assert len(set(names)) == len(names) == len(symbols)
    assert all(name.isprintable() and name.strip() for name in names)


def test_one_symbol_a_letter_and_line_end_and_names_that_can_be_seen():
    assert texts.normalise("Cafe\u0301 caf\u00e9") == "Café café"
    assert texts.normalise("\ufeffone\r\ntwo\rthree\u2028four\n\n") == "one\ntwo\nthree\nfour"
    assert own.task("שלום עולם").symbols[0] == "␣"
    assert own.task("a b\tc\ndab").symbols == ("⇥", "⏎", "␣", "a", "b", "c", "d")
    assert own.task("a b␣cabc").symbols == ("space", "a", "b", "c", "␣")
    assert own.task("a\u05b0\u200f\u00a0aaaa").symbols == ("a", "U+00A0", "\u25cc\u05b0", "U+200F")


KINDS = "".join(map(chr, range(0x4E00, 0x4E00 + 101)))
SIZES = {
    "": "0 were", "\n\r\n": "0 were", "abcabca": "7 were", "aaaaaaaa": "1 kind was",
    "ab" * 10_001: "20,002 were", "a" * 5_000_000: "5,000,000 were", KINDS: "101 kinds were",
}  # fmt: skip


def test_sizes_out_of_range_are_refused_and_the_largest_is_not():
    for text, given_words in SIZES.items():
        # An empty text stands for the example where a task is asked for.
        for call in (texts.normalise, make, own.task)[: 3 if text else 2]:
            with pytest.raises(ValueError) as refused:  # noqa: PT011
                call(text)
            allowed = "8 to 20,000 characters of 2 to 100 different kinds"
            assert str(refused.value) == f"text: allowed is {allowed}; {given_words} given."
    assert make(KINDS[:100] * 200).inputs.shape == (20_000, 100)


def test_what_is_not_text_is_refused():
    for character in "\0\x1b\x7f\ud800":
        with pytest.raises(ValueError, match=rf"plain text; .* U\+{ord(character):04X}"):
            texts.normalise(f"some{character}thing")


LARGE = "text: allowed is a file of at most 80,000 bytes; "
FILES = {
    None: "text: allowed is a file that can be read; .*directory",
    "schön".encode("latin-1"): "text: allowed is plain text in UTF-8; byte 3 of ",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR": "text: allowed is plain text in UTF-8; byte 0 of ",
    b"\xff\xfea": "text: allowed is plain text in UTF-8; byte 2 of ",
    b"a" * 80_001: LARGE,
}


def test_files_are_decoded_or_refused(tmp_path):
    path = tmp_path / "text.txt"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_bytes("schön, שלום".encode(encoding))
        assert texts.read(str(path)) == "schön, שלום"
    for data, message in FILES.items():
        path.write_bytes(data or b"")
        with pytest.raises(ValueError, match=message):
            texts.read(str(tmp_path if data is None else path))
    # Decoding alone keeps line ends, and asks for no least size.
    assert texts.decode(b"one\r\n") == "one\r\n"
    assert texts.decode(b"") == ""
    with pytest.raises(ValueError, match=LARGE + "80,001 were given"):
        texts.decode(b"a" * 80_001)


def test_without_groups_the_text_is_one_and_nothing_is_said_about_its_rule():
    sequence = make("abcabcab")
    assert sequence.group_starts.tolist() == [True] + [False] * 7
    assert not sequence.position.any()
    assert own.task("abcabcab").positions == ("next symbol",)
    assert sequence.ideal.shape == sequence.floor.shape == sequence.targets.shape
    for unknown in (sequence.ideal, sequence.floor, sequence.rate_floor):
        assert np.isnan(unknown).all()
    assert not sequence.predictable.any()


@given(st.integers(2, 20), st.integers(4, 200))
def test_a_length_in_groups_is_rounded_down_to_whole_ones(group_length, length):
    sequence = make("abcde" * 10, length, group_length=group_length)
    most = min(length, 50)
    assert len(sequence) == (most - most % group_length if most >= group_length else most)
    places = [step % group_length for step in range(len(sequence))]
    assert sequence.group_starts.tolist() == [place == 0 for place in places]
    assert places_of(sequence) == [min(place, own.MAX_PLACES - 1) for place in places]


TEXTS_OF_WORDS = st.text("ab ", min_size=8, max_size=60)
TEXTS_OF_WORDS = TEXTS_OF_WORDS.filter(lambda text: " " in text and len(set(text)) > 1)


@pytest.mark.parametrize(("boundary", "character"), [(" ", " "), ("space", " "), ("é", "é")])
@given(text=TEXTS_OF_WORDS)
def test_groups_are_words_with_the_boundaries_after_them(boundary, character, text):
    sequence = make(text.replace(" ", character), boundary=boundary)
    starts = [0] + [i for i in range(1, len(text)) if text[i - 1] == " " != text[i]]
    assert np.flatnonzero(sequence.group_starts).tolist() == starts
    within = [i - max(start for start in starts if start <= i) for i in range(len(text))]
    assert places_of(sequence) == [min(place, own.MAX_PLACES - 1) for place in within]


def test_positions_are_ordinals_and_late_ones_count_as_one():
    assert own.task("abcabcab", group_length=3).positions == ("1st", "2nd", "3rd")
    late = own.task("abcdefghijklmnopqrstuvwxyz" * 2, group_length=26).positions
    assert (len(late), late[-2:]) == (12, ("11th", "12th or later"))


def test_groups_and_starts_that_cannot_be_are_refused():
    options = [({"boundary": b}, f"boundary: .*; '{b}' was") for b in ("x", "ab", "comma")]
    options += [({"group_length": n}, f"group_length: .* from 2 to 9; {n} was")
                for n in (1, 0, -2, 10, 51)]  # fmt: skip
    options += [({"group_length": 2, "boundary": " "}, "boundary: allowed is none beside a group")]
    for (chosen, message), call in product(options, (make, own.task)):
        with pytest.raises(ValueError, match=message):
            call("abab abab", **chosen)
    with pytest.raises(ValueError, match="start: allowed is a whole number from 0 to 4; 5 was"):
        make("abcabcab", start=5)


def test_the_last_fifth_or_what_follows_the_training_part_is_left_to_test_on():
    text = texts.EXAMPLE
    task = own.task(boundary="space")
    training, rest = task.generate(100, rng=None), task.unseen(100, 50)
    kinds = sorted(set(text))
    cut = text.rindex(" ", 0, 100) + 1
    assert len(training) == cut < 100
    assert "".join(read(training, kinds) + read(rest, kinds)) == text[: cut + 50]
    whole = make(text, cut + 50, boundary=" ")
    np.testing.assert_array_equal(rest.group_starts, whole.group_starts[cut:])
    # However much is asked for, a fifth of the text is not trained on.
    fifth, plain = len(text) // 5, own.task()
    assert len(plain.generate(20_000, rng=None)) == len(text) - fifth
    assert len(plain.unseen(20_000, 3000)) == fifth
    # Of a short text that would be too little.
    assert len(own.task("abcabcab").unseen(20_000, 3000)) == own.LEAST_STEPS


@given(TEXTS_OF_WORDS, st.integers(4, 80), st.integers(2, 8))
def test_no_test_begins_in_the_middle_of_a_group(text, length, size):
    text = texts.normalise(text)
    kinds = sorted(set(text))
    for groups in ((None, " "), (size, "")):
        task, starts = own.task(text, *groups), np.flatnonzero(texts.places(text, *groups) == 0)
        possible = starts[(starts >= own.LEAST_STEPS) & (starts <= len(text) - own.LEAST_STEPS)]
        if len(possible):
            cut = len(task.generate(length, rng=None))
            assert cut in possible
            assert text[cut:].startswith("".join(read(task.unseen(length, 100), kinds)))
