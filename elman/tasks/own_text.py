"""The reader's own text: what is accepted, made plain, and how it divides into groups.

What it is read as, and its documents, are in `own_symbols`.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from elman.settings import refuse
from elman.tasks.sequence import since

MIN_CHARACTERS = 8
MAX_CHARACTERS = 20_000
MAX_SYMBOLS = 100
MAX_BYTES = 4 * MAX_CHARACTERS
MAX_GROUP_LENGTH = 50

# As what `joined` files are documents.
BY_FILE = "paragraphs"

EXAMPLE = (
    "the rain runs down the hill and the hill sends it to the river. the river runs down to the "
    "sea and the sun lifts it to the sky. the sky turns grey and the rain runs down the hill. "
)

BOUNDARY_NAMES = {"space": " ", "newline": "\n", "tab": "\t"}
_LINE_ENDS = ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")


def decode(data: bytes) -> str:
    """The text of an uploaded file: UTF-8, or UTF-16 that says so by its byte order mark.

    Raises ValueError, naming `text`, for a file that is too large or is not such text.
    """
    if len(data) > MAX_BYTES:
        raise refuse(
            "text", f"a file of at most {MAX_BYTES:,} bytes", words=f"{len(data):,} were given"
        )
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(
            "text",
            "plain text in UTF-8",
            words=f"byte {error.start:,} of what was given is not; an editor saves it as UTF-8",
        ) from None


def joined(texts: Sequence[str]) -> str:
    """Several texts as one, with an empty line between them and none inside; one as it is.

    Blank texts are left out.
    """
    if len(texts) == 1:
        return texts[0]
    closed = (re.sub(r"\n\s*\n", "\n", _plain_ends(text)).strip("\n") for text in texts)
    return "\n\n".join(text for text in closed if text.strip())


def read(name: str) -> str:
    """The text of the file of this name.

    Raises ValueError, naming `text`, as `decode`, and for a file that cannot be read.
    """
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise refuse(
            "text", "a file that can be read", words=f"{name!r} was given ({error.strerror})"
        ) from None
    if len(data) > MAX_BYTES:
        raise refuse(
            "text",
            f"a file of at most {MAX_BYTES:,} bytes",
            words=f"{name!r}, which is larger, was given",
        )
    return decode(data)


def _plain_ends(text: str) -> str:
    for line_end in _LINE_ENDS:
        text = text.replace(line_end, "\n")
    return text


def normalise(text: str, most_kinds: int | None = MAX_SYMBOLS) -> str:
    """`text` with composed letters (Unicode NFC), plain line ends, and none first or last.

    Raises ValueError, naming `text`, unless it then has 8 to 20,000 characters of 2 to 100
    kinds (of any number where `most_kinds` is None), none of them a control character.
    """
    if len(text) > MAX_BYTES:
        raise _refused(f"{len(text):,} were given")
    text = unicodedata.normalize("NFC", _plain_ends(text)).removeprefix("\ufeff").strip("\n")
    kinds = set(text)
    for character in sorted(kinds - {"\n", "\t"}):
        # Control characters, and halves of surrogate pairs.
        if unicodedata.category(character) in ("Cc", "Cs"):
            raise refuse(
                "text",
                "plain text",
                words=f"something else, with the character U+{ord(character):04X}, was given",
            )
    if not MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS:
        raise _refused(f"{len(text):,} were given")
    if len(kinds) < 2 or (most_kinds is not None and len(kinds) > most_kinds):
        raise _refused(f"{len(kinds):,} {'kind was' if len(kinds) == 1 else 'kinds were'} given")
    return text


def _refused(given: str) -> ValueError:
    return refuse(
        "text",
        f"{MIN_CHARACTERS} to {MAX_CHARACTERS:,} characters of 2 to {MAX_SYMBOLS} different kinds",
        words=given,
    )


def _boundary_symbol(boundary: str, symbols: Sequence[str]) -> str:
    symbol = BOUNDARY_NAMES.get(boundary, unicodedata.normalize("NFC", boundary))
    if symbol not in set(symbols):
        allowed = "one character of the text, or space, newline or tab"
        if max(map(len, symbols)) > 1:
            allowed = "one word or sign of the text, in small letters"
        raise refuse("boundary", allowed, boundary)
    return symbol


def places(symbols: Sequence[str], group_length: int | None, boundary: str) -> np.ndarray:
    """Place in its group of every symbol (steps,), from 0; a text is its characters."""
    if group_length is not None and boundary:
        raise refuse(
            "boundary",
            "none beside a group length",
            words=f"{boundary!r} was given with group length {group_length}",
        )
    steps = np.arange(len(symbols))
    if group_length is not None:
        if not 2 <= group_length <= min(MAX_GROUP_LENGTH, len(symbols)):
            raise refuse(
                "group_length",
                f"a whole number from 2 to {min(MAX_GROUP_LENGTH, len(symbols))}",
                group_length,
            )
        return steps % group_length
    if not boundary:
        return steps
    ending = _boundary_symbol(boundary, symbols)
    ends = np.array([symbol == ending for symbol in symbols])
    # A group ends with its boundary, or with several in a row.
    starts = np.append(True, ends[:-1] & ~ends[1:])
    return since(starts)
