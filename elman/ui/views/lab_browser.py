"""The student's browser keeps progress and answers: a reload and a restart of the server lose
nothing.

A component without a picture writes it to the local storage of the browser, which sends it nowhere
else, and tells the session what it holds that the session does not know: what was done before the
page was loaded, or in another tab.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from elman.labs.progress import answers_from_json, from_json, to_json
from elman.ui import session, state
from elman.ui.views import lab_session

KEY = "lab_browser"

# `known` is what the browser was told to keep before `text`: whatever else it holds is news.
_SCRIPT = """
const PLACE = "elman labs";

export default function ({ data, setTriggerValue }) {
  let held;
  try {
    held = window.localStorage.getItem(PLACE) ?? "";
    if (held === data.text) return;
    if (held === data.known) window.localStorage.setItem(PLACE, data.text);
  } catch {
    if (data.can) setTriggerValue("refused", true);
    return;
  }
  if (held !== data.known) setTriggerValue("news", held);
}
"""

_BROWSER = st.components.v2.component("elman_lab_browser", js=_SCRIPT)

# What the browser was told to keep last, and before that.
_TOLD = session.Kept("lab_browser_told", ("", ""), lasting=True)
_PROBLEM = session.Kept("lab_browser_problem", "")
# Whether the browser lets a page keep something.
_CAN = session.Kept("lab_browser_can", True, lasting=True)


def keep() -> None:
    """Let the browser keep the session's progress, and the session learn what the browser has."""
    progress, answers = lab_session.progress(), lab_session.answers()
    text = to_json(progress, answers) if progress or answers else ""
    last, before = _TOLD.get()
    if text != last:
        last, before = text, last
        _TOLD.set((last, before))
    _BROWSER(
        key=KEY,
        data={"text": last, "known": before, "can": _CAN.get()},
        on_news_change=_take_in,
        on_refused_change=lambda: _CAN.set(False),
    )


def words() -> str:
    """Where the progress is kept, for the reader."""
    if not _CAN.get():
        return "This browser keeps nothing: your progress lasts as long as this page is open."
    return "This browser keeps your progress, on this computer alone."


def problem() -> str:
    """Why what the browser kept cannot be read; empty if it can."""
    return _PROBLEM.get()


def _take_in() -> None:
    kept: Any = state.value(KEY)
    news = getattr(kept, "news", None)
    if not isinstance(news, str):
        return
    _TOLD.set((news, news))
    if not news:
        return
    try:
        lab_session.restore(from_json(news), answers_from_json(news))
        _PROBLEM.set("")
    except ValueError as error:
        _PROBLEM.set(f"What this browser kept of your progress could not be read. {error}")
