"""The reader's own text in a link: as it is while short, packed while it fits, else its size.

text           as it is, up to `PLAIN` characters
text_packed    compressed, in the letters that a link may have, up to `MOST` of them
text_missing   of a longer text its characters, so that who opens the link can be asked for it
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Mapping

from elman.settings import refuse
from elman.tasks.own_text import MAX_BYTES

TEXT, PACKED, MISSING = "text", "text_packed", "text_missing"

PLAIN = 1000

# With the rest of an address some 8,000, which browsers and servers take as a rule.
MOST = 7500


def pack(text: str) -> str:
    """`text`, compressed, in letters, digits, - and _."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpack(packed: str, name: str = PACKED, most: int = MAX_BYTES) -> str:
    """The text of `pack`, of at most so many bytes; ValueError, naming the parameter `name`, for
    anything else."""
    broken = refuse(name, "what a link of this app has there", words="a part of it was given")
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        stream = zlib.decompressobj()
        # No more than is allowed, however much is packed.
        text = stream.decompress(data, most).decode()
    except (binascii.Error, zlib.error, ValueError):
        raise broken from None
    if not stream.eof:
        raise broken
    return text


def parameters(text: str) -> dict[str, str]:
    """The one parameter of a link by which it has this text; none for the built-in example."""
    if len(text) <= PLAIN:
        return {TEXT: text} if text else {}
    packed = pack(text)
    return {PACKED: packed} if len(packed) <= MOST else {MISSING: str(len(text))}


def in_link(query: Mapping[str, str]) -> dict[str, str]:
    """The parameters of an experiment as a link has them."""
    return {n: v for n, v in query.items() if n != TEXT} | parameters(query.get(TEXT, ""))


def out_of_link(query: Mapping[str, str]) -> tuple[dict[str, str], int, list[str]]:
    """The parameters with the whole text, the size of a text that is missing (or 0), problems."""
    plain = {name: value for name, value in query.items() if name not in (PACKED, MISSING)}
    if TEXT in plain:
        return plain, 0, []
    problems: list[str] = []
    if PACKED in query:
        try:
            plain[TEXT] = unpack(query[PACKED])
        except ValueError as error:
            problems.append(str(error))
    size = query.get(MISSING, "")
    return plain, int(size) if re.fullmatch(r"[0-9]{1,5}", size) else 0, problems
