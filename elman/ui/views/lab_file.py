"""The file that keeps a student's progress: one button to save it, one field to read it."""

from __future__ import annotations

import streamlit as st

from elman.labs import LABS
from elman.labs.progress import done, from_json, merged, to_json
from elman.ui.views import lab_session

FILE, NOTE = "lab_file", "lab_file_note"


def keep_or_restore() -> None:
    """Download and upload of the session's progress."""
    mine = lab_session.progress()
    with st.expander("Keep your progress, or go on with an earlier one"):
        left, right = st.columns(2)
        with left:
            st.markdown("Your progress lasts as long as this page is open. A file keeps it.")
            st.download_button(
                "Download my progress",
                to_json(mine),
                file_name="labs.json",
                mime="application/json",
                disabled=not mine,
                key="lab_download",
                on_click="ignore",
            )
        with right:
            st.file_uploader(
                "Go on with a file from here",
                type="json",
                key=FILE,
                on_change=_restore,
                max_upload_size=1,
            )
    if note := st.session_state.pop(NOTE, None):
        good, words = note
        (st.success if good else st.error)(words)


def _restore() -> None:
    file = st.session_state[FILE]
    if file is None:
        return
    try:
        read = from_json(file.getvalue())
    except ValueError as error:
        words = f"This file could not be read, and nothing has changed. {error}"
        st.session_state[NOTE] = (False, words)
        return
    st.session_state["lab_progress"] = merged(lab_session.progress(), read)
    count = done(lab_session.progress())
    st.session_state[NOTE] = (True, f"Restored: {count} of {len(LABS)} labs are done.")
