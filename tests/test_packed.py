"""The reader's own text in links: as it is, packed, or asked for."""

import random
import zlib
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visitor import visit

from elman.tasks import packed
from elman.tasks.own_text import MAX_BYTES

SHORT = {"task": "own", "epochs": "1", "length": "200"}
STORY = "".join(f"the {word} is {word}er than the sea. " for word in map(str, range(250)))
# More than any link can carry.
NOISE = "".join(random.Random(3).choices("abcdefghijklmnopqrstuvwxyz .,", k=15_000)).strip()


# Also such as are packed, and such as fit no link.
TEXTS = st.builds(str.__mul__, st.text(max_size=300), st.integers(1, 10))


@given(TEXTS)
def test_every_text_comes_back_from_its_link(text):
    link = packed.in_link({"task": "own", "text": text})
    assert len(link) == 1 + bool(text)
    if packed.MISSING not in link:
        found = {"task": "own"} | ({"text": text} if text else {})
        assert packed.out_of_link(link) == (found, 0, [])


@pytest.mark.parametrize("broken", [
    "", "!", packed.pack(STORY)[:-9], urlsafe_b64encode(zlib.compress(b"\xff" * 9)).decode(),
    packed.pack("a" * (MAX_BYTES + 1)), "é",
])  # fmt: skip
def test_what_is_no_packed_text_is_refused(broken):
    with pytest.raises(ValueError, match=r"^text_packed: allowed is"):
        packed.unpack(broken)
    found, missing, problems = packed.out_of_link({"task": "own", packed.PACKED: broken})
    assert (found, missing, len(problems)) == ({"task": "own"}, 0, 1)


@pytest.mark.parametrize("link", [{"text": STORY}, {packed.PACKED: packed.pack(STORY)}])
def test_a_long_text_is_in_the_link_whole(link):
    """A link made before had all of it as it is."""
    assert len(STORY) > 7 * packed.PLAIN
    visitor = visit(**SHORT, **link)
    assert visitor.shown.text == STORY.strip("\n")
    assert visitor.notes == ""
    assert visitor.query_params[packed.PACKED] == packed.pack(visitor.shown.text)
    assert "text" not in visitor.query_params
    visitor.go("errors")
    assert visitor.query_params[packed.PACKED] == packed.pack(visitor.shown.text)


def test_a_preset_resets_settings_and_keeps_the_text():
    visitor = visit(**SHORT, text="to be or not to be", boundary="space", hidden="3")
    visitor.press("Back to textbook")
    kept = visitor.shown
    assert (kept.text, kept.boundary, kept.hidden) == ("to be or not to be", "space", 20)
    assert "Back to textbook" not in visitor.labels


def test_a_text_that_fits_no_link_is_asked_for_before_anything_is_drawn():
    visitor = visit(**SHORT, text="to be or not to be")
    visitor.get_by_key("text").set_value(NOISE)
    visitor.run()
    assert "A link cannot carry this text of " in visitor.words
    link = SHORT | {packed.MISSING: f"{len(NOISE)}"}
    assert visitor.query_params[packed.MISSING] == link[packed.MISSING]
    opened = visit(**link)
    assert f"missing.** It has {len(NOISE):,} characters" in opened.notes
    assert not opened.metric
    assert not opened.header
    assert opened.query_params[packed.MISSING] == link[packed.MISSING]
    opened.upload("missing_text_file", NOISE.encode())
    assert opened.shown.text == NOISE
    assert opened.metric
    assert opened.notes == ""
    without = visit(**link).press("Go on with the built-in example")
    assert without.metric
    assert packed.MISSING not in without.run().query_params
