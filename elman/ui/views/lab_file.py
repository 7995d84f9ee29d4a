"""Keeping a student's progress: in the browser, and in a file to take along."""

from __future__ import annotations

import streamlit as st

from elman.labs import LABS
from elman.labs.progress import answers_from_json, done, from_json, to_json
from elman.ui import prose, session, state
from elman.ui.show import literal
from elman.ui.views import lab_browser, lab_session

FILE = "lab_file"
# Whether a file was read, and what to say of it.
NOTE: session.Kept[tuple[bool, str] | None] = session.Kept("lab_file_note", None)


def keep_or_restore() -> None:
    """The browser keeps the session's progress; download, upload, and a button that forgets it."""
    lab_browser.keep()
    mine, answers = lab_session.progress(), lab_session.answers()
    with st.expander("Keep your progress, or go on with an earlier one"):
        left, right = st.columns(2)
        with left:
            prose.say(f"{lab_browser.words()} A file takes it along.")
            st.download_button(
                "Download my progress",
                to_json(mine, answers),
                file_name="labs.json",
                mime="application/json",
                disabled=not (mine or answers),
                key="lab_download",
                on_click="ignore",
            )
            st.button(
                "Forget all my progress",
                type="tertiary",
                disabled=not (mine or answers),
                on_click=lab_session.forget,
                key="lab_forget",
            )
        with right:
            st.file_uploader(
                "Go on with a file from here",
                type="json",
                key=FILE,
                on_change=_restore,
                max_upload_size=1,
            )
    if problem := lab_browser.problem():
        st.warning(literal(problem))
    if note := NOTE.pop():
        good, words = note
        (st.success if good else st.error)(words)


def _restore() -> None:
    file = state.value(FILE)
    if file is None:
        return
    try:
        read, answers = from_json(file.getvalue()), answers_from_json(file.getvalue())
    except ValueError as error:
        words = f"This file could not be read, and nothing has changed. {literal(str(error))}"
        NOTE.set((False, words))
        return
    lab_session.restore(read, answers)
    count = done(lab_session.progress())
    words = f"Restored: {count} of {len(LABS)} labs are done."
    if answers:
        words = words.removesuffix(".") + f", {len(answers)} questions of lessons answered."
    NOTE.set((True, words))
