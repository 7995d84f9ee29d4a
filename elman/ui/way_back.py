"""One entry in the browser's history for each press of the reader, so that Back takes it back.

Streamlit makes an entry of every parameter that a script writes to the URL: on the way to another
page of the one where the page that is left has lost its own, and of each choice that the new page
restores. Where two of them were restored, Back had to be pressed four times to leave that page.
"""

from __future__ import annotations

import streamlit as st

_JOIN = st.components.v2.component(
    "elman_way_back",
    js="""
export default function () {
  if (window.elmanWayBack) return;
  window.elmanWayBack = true;
  const push = history.pushState.bind(history);
  // Nothing was pressed since the page was loaded.
  let written = true;
  for (const kind of ["pointerdown", "keydown"]) {
    window.addEventListener(kind, () => { written = false; }, true);
  }
  window.addEventListener("popstate", () => { written = true; }, true);
  history.pushState = (...entry) => {
    written ? history.replaceState(...entry) : push(...entry);
    written = true;
  };
}
""",
)


def join_entries() -> None:
    """Let the browser join the entries that follow one press; at the end of every page."""
    _JOIN(key="way_back")
