"""Running text and captions that explain their terms: by hover and by touch, at the first use."""

from __future__ import annotations

import sys
from typing import Any

import streamlit as st

from elman.analysis import glossary
from elman.ui import session

# Where on this page each term was explained: a file and a line. A fragment that is drawn again
# explains it at the same place.
_TOLD: session.Kept[dict[str, tuple[str, int]]] = session.Kept("terms_told", {})


def begin_page() -> None:
    """Explain every term anew; for the beginning of a page."""
    _TOLD.set({})


def say(text: str, where: Any = st, **settings: Any) -> Any:
    """A paragraph in Markdown, with the terms in it that are new on this page explained."""
    return where.markdown(text, help=_explained(text), **settings)


def caption(text: str, where: Any = st, **settings: Any) -> Any:
    """The same in small print."""
    return where.caption(text, help=_explained(text), **settings)


def _explained(text: str) -> str | None:
    frame = sys._getframe(2)
    place = (frame.f_code.co_filename, frame.f_lineno)
    told = _TOLD.get()
    elsewhere = [name for name, first in told.items() if first != place]
    new = glossary.used_in(text, elsewhere)
    told.update(dict.fromkeys(new, place))
    return glossary.explained(new) or None
