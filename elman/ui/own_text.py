"""Sidebar controls for the reader's own text: paste it, or upload a plain text file."""

from __future__ import annotations

from typing import Any

import streamlit as st

from elman.experiment import SETTINGS
from elman.tasks import own_text as texts
from elman.ui import links


def controls() -> dict[str, Any]:
    """Draw the controls; the fields text, group_length and boundary."""
    st.session_state.setdefault("text", links.linked().text)
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
    if problem := st.session_state.get("text_file_problem"):
        st.error(problem)
    group_length = st.number_input(
        "Group length",
        min_value=2,
        max_value=texts.MAX_GROUP_LENGTH,
        value=None,
        key="group_length",
        bind="query-params",
        placeholder="no fixed length",
        help=f"{SETTINGS['group_length'].help.capitalize()}: errors are then shown by position.",
    )
    boundary = st.text_input(
        "Boundary character",
        key="boundary",
        bind="query-params",
        placeholder="none",
        help=f"{SETTINGS['boundary'].help.capitalize()}.",
    )
    link_text(text)
    return {"text": text, "group_length": group_length, "boundary": boundary or ""}


def link_text(text: str | None) -> None:
    """Keep the text in the URL while it is short; None takes it out."""
    if text and len(text) <= links.LINKED_CHARACTERS:
        if st.query_params.get("text") != text:
            st.query_params["text"] = text
        return
    if "text" in st.query_params:
        del st.query_params["text"]
    if text:
        st.caption(
            f"A text of more than {links.LINKED_CHARACTERS:,} characters does not fit into a link: "
            "send the text along with it."
        )


def _read_upload() -> None:
    uploaded = st.session_state["text_file"]
    st.session_state["text_file_problem"] = None
    if uploaded is None:
        return
    try:
        st.session_state["text"] = texts.normalise(texts.decode(uploaded.getvalue()))
    except ValueError as error:
        st.session_state["text_file_problem"] = f"{uploaded.name}: {error}"
