"""Sidebar controls for the reader's own text: paste it, or upload a plain text file."""

from __future__ import annotations

from typing import Any

import streamlit as st

from elman.experiment import SETTINGS
from elman.tasks import own, own_symbols, packed
from elman.tasks import own_text as texts
from elman.ui import fields, prose, session, state
from elman.ui.show import as_code, literal

READ_AS_WORDS = {
    "characters": "",
    "words": "In small letters. Signs such as commas are symbols, too, and beyond "
    f"{own_symbols.MAX_KINDS} kinds the rarest count as one, ‹rare›.",
}
_DOCUMENTS = (
    " The context is set back between documents, whatever Context reset says; ¶ stands where one "
    "ends and the next begins. The last fifth of them is kept to test on."
)
DOCUMENT_WORDS = {
    "one": "",
    "lines": f"Each line is a document.{_DOCUMENTS}",
    "paragraphs": f"Empty lines stand between documents.{_DOCUMENTS}",
}

_PROBLEM = session.Kept("text_file_problem", "")


def controls() -> dict[str, Any]:
    """Draw the controls; the fields that `fields.TOGETHER` has with text."""
    state.begin("text", session.linked().text)
    text = st.text_area(
        "Your text",
        key="text",
        persist_state="session",
        placeholder="Paste letters, words or bits. Empty: a built-in example.",
        height=120,
        help=f"At most {texts.MAX_CHARACTERS:,} characters of at most {texts.MAX_SYMBOLS} kinds, "
        "in any alphabet. As words it may have any number of kinds.",
    )
    st.file_uploader(
        f"Or plain text files, at most {texts.MAX_BYTES // 1000} kB",
        accept_multiple_files=True,
        type=["txt", "md", "csv"],
        # Whole megabytes are all it knows; what is nearer to our limit is refused by its message.
        max_upload_size=1,
        key="text_file",
        on_change=_read_upload,
        help=f"In UTF-8: at most {texts.MAX_BYTES:,} bytes, of which at most "
        f"{texts.MAX_CHARACTERS:,} characters. Of several files each becomes a document, a "
        "paragraph of the text, and its own empty lines are left out.",
    )
    if problem := _PROBLEM.get():
        st.error(problem)
    read_as = _choose("read_as", own_symbols.READ_AS, READ_AS_WORDS)
    documents = _choose("documents", own_symbols.DOCUMENTS, DOCUMENT_WORDS)
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
    if len(text) <= texts.MAX_CHARACTERS:
        # A longer one is refused as a whole, and the link keeps the one that is shown.
        session.write_text(text)
    if words := too_long(text):
        prose.caption(words)
    return {
        "text": text,
        "read_as": read_as,
        "documents": documents,
        "group_length": group_length,
        "boundary": boundary or "",
    }


def _choose(name: str, options: tuple[str, ...], words: dict[str, str]) -> str:
    """A list whose default is its first, and what the choice means."""
    setting = SETTINGS[name]
    chosen = state.bound(
        st.selectbox,
        name,
        label=fields.label(name),
        options=options,
        help=f"{setting.help[:1].upper()}{setting.help[1:]}.",
    )
    if words[chosen]:
        prose.caption(words[chosen])
    return chosen


def too_long(text: str) -> str:
    """What to know about a text that no link can carry; else empty."""
    if packed.MISSING not in packed.parameters(text):
        return ""
    return (
        f"A link cannot carry this text of {len(text):,} characters: send the file along with it. "
        "Who opens the link is asked for it, and so are you after a reload."
    )


def asks_for_missing() -> bool:
    """Ask for the text that the link was too short for; whether it is still missing."""
    missing = session.current().missing
    if not missing or state.value("task") != "own":
        return False
    st.warning(
        f"**The text of this link is missing.** It has {missing:,} characters, more than a link "
        "can carry. Whoever sent you the link has it, or you, if the link is your own: open the "
        "file here, or paste the text into the sidebar. Nothing is trained before."
    )
    st.file_uploader(
        "The text of this link, a plain text file",
        type=["txt", "md", "csv"],
        max_upload_size=1,
        key="missing_text_file",
        on_change=_read_upload,
        args=("missing_text_file",),
    )
    if problem := _PROBLEM.get():
        st.error(problem)
    st.button("Go on with the built-in example", on_click=_do_without)
    return True


def _do_without() -> None:
    session.current().missing = 0


def _read_upload(key: str = "text_file") -> None:
    uploaded = state.value(key) or []
    _PROBLEM.set("")
    files = uploaded if isinstance(uploaded, list) else [uploaded]
    if not files:
        return
    file, decoded = files[0], []
    try:
        for file in files:
            decoded.append(texts.decode(file.getvalue()))
        text = own.plain(texts.joined(decoded), state.value("read_as", "characters"))
    except ValueError as error:
        _PROBLEM.set(f"{as_code(file.name)}: {literal(str(error))} The text before stays.")
        return
    state.put(text=text)
    if len(files) > 1:
        state.put(documents=texts.BY_FILE)
