"""Sidebar controls for the reader's own text: paste it, or upload a plain text file."""

from __future__ import annotations

from typing import Any

import streamlit as st

from elman.experiment import SETTINGS
from elman.tasks import own_text as texts
from elman.ui import fields, session, state

_PROBLEM = session.Kept("text_file_problem", "")


def controls() -> dict[str, Any]:
    """Draw the controls; the fields text, group_length and boundary."""
    state.begin("text", session.linked().text)
    text = st.text_area(
        "Your text",
        key="text",
        persist_state="session",
        placeholder="Paste letters, words or bits. Empty: a built-in example.",
        max_chars=texts.MAX_CHARACTERS,
        height=120,
        help=f"At most {texts.MAX_CHARACTERS:,} characters of at most {texts.MAX_SYMBOLS} kinds, "
        "in any alphabet.",
    )
    st.file_uploader(
        f"Or a plain text file, at most {texts.MAX_BYTES // 1000} kB",
        type=["txt", "md", "csv"],
        # Whole megabytes are all it knows; what is nearer to our limit is refused by its message.
        max_upload_size=1,
        key="text_file",
        on_change=_read_upload,
        help=f"In UTF-8: at most {texts.MAX_BYTES:,} bytes, of which at most "
        f"{texts.MAX_CHARACTERS:,} characters.",
    )
    if problem := _PROBLEM.get():
        st.error(problem)
    group_length = state.bound(
        st.number_input,
        "group_length",
        label=fields.label("group_length"),
        min_value=2,
        max_value=texts.MAX_GROUP_LENGTH,
        value=None,
        placeholder="no fixed length",
        help=f"{SETTINGS['group_length'].help.capitalize()}: errors are then shown by position.",
    )
    boundary = state.bound(
        st.text_input,
        "boundary",
        label=fields.label("boundary"),
        placeholder="none",
        help=f"{SETTINGS['boundary'].help.capitalize()}.",
    )
    link_text(text)
    return {"text": text, "group_length": group_length, "boundary": boundary or ""}


def link_text(text: str | None) -> None:
    """Keep the text in the URL while it is short; None takes it out."""
    short = text is None or len(text) <= session.LINKED_CHARACTERS
    session.write("text", (text or None) if short else None)
    if not short:
        st.caption(
            f"A text of more than {session.LINKED_CHARACTERS:,} characters does not fit into a "
            "link: send the text along with it."
        )


def _read_upload() -> None:
    uploaded = state.value("text_file")
    _PROBLEM.set("")
    if uploaded is None:
        return
    try:
        state.put(text=texts.normalise(texts.decode(uploaded.getvalue())))
    except ValueError as error:
        _PROBLEM.set(f"{uploaded.name}: {error}")
