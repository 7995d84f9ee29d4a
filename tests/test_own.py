"""The reader's own text: what is accepted, what is refused and why, and its groups."""

import unicodedata

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from elman.tasks import own
from elman.tasks import own_text as texts

letters = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=80)


def make(text, length=20_000, **options):
    return own.generate(length, rng=np.random.default_rng(0), text=text, **options)


def places_of(sequence):
    """Place in its group of every input."""
    return np.roll(sequence.position, 1).tolist()


@given(letters)
def test_any_letters_come_back_in_order(text):
    normal = unicodedata.normalize("NFC", text)
    assume(len(normal) >= 8 and 2 <= len(set(normal)) <= 100)
    sequence = make(text)
    symbols = sorted(set(normal))
    assert "".join(symbols[symbol] for symbol in sequence.symbols) == normal
    names = own.task(text).symbols
    assert len(set(names)) == len(names) == len(symbols)
    assert all(name.isprintable() and name.strip() for name in names)


def test_letters_composed_in_two_ways_are_one_symbol():
    assert texts.normalise("Cafe\u0301 caf\u00e9") == "Café café"
    assert texts.normalise("\ufeffone\r\ntwo\rthree\u2028four\n\n") == "one\ntwo\nthree\nfour"


def test_names_make_white_space_and_marks_visible():
    assert own.task("שלום עולם").symbols[0] == "␣"
    assert own.task("a b\tc\ndab").symbols == ("⇥", "⏎", "␣", "a", "b", "c", "d")
    assert own.task("a b␣cabc").symbols == ("space", "a", "b", "c", "␣")
    assert own.task("a\u05b0\u200f\u00a0aaaa").symbols == ("a", "U+00A0", "\u25cc\u05b0", "U+200F")


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("", "0 were given"), ("\n\r\n", "0 were given"), ("abcabca", "7 were given"),
        ("aaaaaaaa", "1 kind was given"), ("ab" * 10_001, "20,002 were given"),
        ("a" * 5_000_000, "5,000,000 were given"),
        ("".join(map(chr, range(0x4E00, 0x4E00 + 101))), "101 kinds were given"),
    ],
)  # fmt: skip
def test_sizes_out_of_range_are_refused(text, given):
    expected = f"text: allowed is 8 to 20,000 characters of 2 to 100 different kinds; {given}."
    # An empty text stands for the example where a task is asked for.
    for call in (texts.normalise, make, own.task) if text else (texts.normalise, make):
        with pytest.raises(ValueError) as refused:  # noqa: PT011
            call(text)
        assert str(refused.value) == expected


def test_the_largest_text_is_accepted():
    kinds = "".join(map(chr, range(0x4E00, 0x4E00 + 100)))
    sequence = make(kinds * 200)
    assert sequence.inputs.shape == (20_000, 100)


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\ud800"])
def test_what_is_not_text_is_refused(character):
    with pytest.raises(
        ValueError, match=f"text: allowed is plain text; .* U\\+{ord(character):04X}"
    ):
        texts.normalise(f"some{character}thing")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_are_decoded(tmp_path, encoding):
    path = tmp_path / "text.txt"
    path.write_bytes("schön, שלום".encode(encoding))
    assert texts.read(str(path)) == "schön, שלום"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "text: allowed is a file that can be read; .*directory"),
        (b"", "text: allowed is 8 to .*; 0 were given"),
        ("schön".encode("latin-1"), "text: allowed is plain text in UTF-8; byte 3 of "),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "text: allowed is plain text in UTF-8; byte 0 of "),
        (b"\xff\xfea", "text: allowed is plain text in UTF-8; byte 2 of "),
        (b"a" * 80_001, "text: allowed is a file of at most 80,000 bytes; "),
    ],
)
def test_files_that_are_no_text_or_too_large_are_refused(tmp_path, data, message):
    path = tmp_path if data is None else tmp_path / "text.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ValueError, match=message):
        texts.read(str(path))


def test_decoding_keeps_line_ends_and_counts_what_is_too_large():
    assert texts.decode(b"one\r\n") == "one\r\n"
    assert texts.decode(b"") == ""
    with pytest.raises(ValueError, match="80,000 bytes; 80,001 were given"):
        texts.decode(b"a" * 80_001)


def test_without_groups_the_text_is_one():
    sequence = make("abcabcab")
    assert sequence.group_starts.tolist() == [True] + [False] * 7
    assert not sequence.position.any()
    assert own.task("abcabcab").positions == ("next symbol",)


@given(st.integers(2, 20), st.integers(4, 200))
def test_a_length_in_groups_is_rounded_down_to_whole_ones(group_length, length):
    sequence = make("abcde" * 10, length, group_length=group_length)
    most = min(length, 50)
    assert len(sequence) == (most - most % group_length if most >= group_length else most)
    places = [step % group_length for step in range(len(sequence))]
    assert sequence.group_starts.tolist() == [place == 0 for place in places]
    assert places_of(sequence) == [min(place, own.MAX_PLACES - 1) for place in places]


@pytest.mark.parametrize(("boundary", "character"), [(" ", " "), ("space", " "), ("é", "é")])
def test_groups_that_a_character_ends(boundary, character):
    text = "to be  or so ".replace(" ", character)
    sequence = make(text, boundary=boundary)
    # Several boundaries in a row end one group.
    assert places_of(sequence) == [0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 0, 1, 2]
    np.testing.assert_array_equal(np.flatnonzero(sequence.group_starts), [0, 3, 7, 10])


@given(st.text("ab ", min_size=8, max_size=60).filter(lambda t: " " in t and len(set(t)) > 1))
def test_groups_equal_words_with_the_spaces_after_them(text):
    sequence = make(text, boundary=" ")
    starts = {0} | {i for i in range(1, len(text)) if text[i - 1] == " " != text[i]}
    assert set(np.flatnonzero(sequence.group_starts).tolist()) == starts


def test_positions_are_ordinals_and_late_ones_count_as_one():
    assert own.task("abcabcab", group_length=3).positions == ("1st", "2nd", "3rd")
    late = own.task("abcdefghijklmnopqrstuvwxyz" * 2, group_length=26).positions
    assert (len(late), late[-2:]) == (12, ("11th", "12th or later"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(({"boundary": b}, f"boundary: allowed is .*; '{b}' was") for b in ("x", "ab", "comma")),
        *(
            ({"group_length": n}, f"group_length: .* from 2 to 9; {n} was")
            for n in (1, 0, -2, 10, 51)
        ),
        ({"group_length": 2, "boundary": " "}, "boundary: allowed is none beside a group length"),
    ],
)
def test_groups_that_cannot_be_are_refused(options, message):
    for call in (make, own.task):
        with pytest.raises(ValueError, match=message):
            call("abab abab", **options)


def test_nothing_is_said_about_the_rule():
    sequence = make("abcabcab")
    assert sequence.ideal.shape == sequence.floor.shape == sequence.targets.shape
    assert np.isnan(sequence.ideal).all()
    assert np.isnan(sequence.floor).all()
    assert np.isnan(sequence.rate_floor).all()
    assert not sequence.predictable.any()


def test_the_last_fifth_or_what_follows_the_training_part_is_left_to_test_on():
    text = texts.EXAMPLE
    task = own.task(boundary="space")
    training, rest = task.generate(100, rng=None), task.unseen(100, 50)
    kinds = np.array(sorted(set(text)))
    assert "".join(kinds[np.append(training.symbols, rest.symbols)]) == text[:150]
    whole = make(text, 150, boundary=" ")
    np.testing.assert_array_equal(rest.group_starts[1:], whole.group_starts[101:])
    assert rest.group_starts[0]
    # However much is asked for, a fifth of the text is not trained on.
    fifth = len(text) // 5
    assert len(task.generate(20_000, rng=None)) == len(text) - fifth
    assert len(task.unseen(20_000, 3000)) == fifth
    # Of a short text that would be too little.
    assert len(own.task("abcabcab").unseen(20_000, 3000)) == own.LEAST_STEPS


def test_a_start_near_the_end_is_refused():
    with pytest.raises(ValueError, match="start: allowed is a whole number from 0 to 4; 5 was"):
        make("abcabcab", start=5)


def test_the_same_text_whatever_the_random_numbers():
    one, other = (own.generate(50, rng=np.random.default_rng(seed)) for seed in (1, 2))
    np.testing.assert_array_equal(one.symbols, other.symbols)
