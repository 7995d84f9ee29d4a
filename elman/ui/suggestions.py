"""What a page suggests to try next, and after the press: what has changed, and the way back.

A press brings the reader to the beginning of the page, where the figure is, and keeps the run
that was there before beside the new one. Undo goes back press by press.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from elman.experiment import SETTINGS, Experiment
from elman.ui import fields, pins, prose, session, sidebar, state
from elman.ui.show import as_code


class Change(NamedTuple):
    """What a press has changed: in words, how to undo it, and what the controls hold since.

    `pinned` is the run that the press before had pinned.
    """

    words: tuple[str, ...]
    experiment: Experiment
    pinned: pins.Pin | None
    before: dict[str, Any]
    after: dict[str, Any]
    page: str | None


# Presses that can be undone.
MOST_STEPS = 20

# The latest last.
_CHANGES: session.Kept[tuple[Change, ...]] = session.Kept("changes", ())
_PRESSES = session.Kept("suggestions_taken", 0)

# The number of presses so far; a new one goes to the beginning of the page.
_TO_THE_TOP = st.components.v2.component(
    "elman_to_the_top",
    js="""
const seen = new Map();

export default function ({ data, key }) {
  const before = seen.get(key) ?? 0;
  seen.set(key, data);
  if (data <= before) return;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const page = document.querySelector('[data-testid="stMain"]');
  page?.scrollTo({ top: 0, behavior: still ? "auto" : "smooth" });
}
""",
)


def try_next(*suggestions: tuple[str, str, dict[str, Any]]) -> None:
    """Buttons that change the experiment or other controls: (label, what to look at, changes).

    `changes` are values by the names that controls have in links.
    """
    prose.say("##### Try next")
    for column, (label, look, changes) in zip(
        st.columns(len(suggestions)), suggestions, strict=True
    ):
        column.button(label, on_click=_try, args=(changes,), width="stretch")
        prose.caption(look, column)
    _TO_THE_TOP(key="to_the_top", data=_PRESSES.get())


def button(label: str, changes: dict[str, Any], **settings: Any) -> None:
    """A button by itself that changes the experiment or other controls, as `try_next` has them."""
    if st.button(label, on_click=_try, args=(changes,), **settings):
        # It may stand in a part of the page that runs by itself, and changes all of it.
        st.rerun()


def _try(changes: dict[str, Any]) -> None:
    # A changed task brings other settings with it.
    names = dict.fromkeys([*SETTINGS, *changes])
    named = [name for name in names if name not in fields.TOGETHER["text"]]
    before, experiment, pinned = state.values(named), sidebar.current(), pins.before()
    # Set with another task, and not spoken of.
    with_task = tuple(sidebar.tested_anew(experiment.epochs)) if "task" in changes else ()
    tested = state.values(with_task)
    if any(name in SETTINGS for name in changes):
        pins.set_before(pins.latest())
    sidebar.apply(**changes)
    after = state.values(named)
    changed = [name for name, value in after.items() if before.get(name) != value]
    _PRESSES.set(_PRESSES.get() + 1)
    if not changed:
        return
    words = (
        f"**{state.label(name)}**: {f'{_said(name, before[name])} → ' if name in before else ''}"
        f"{_said(name, after[name])}"
        for name in changed
    )
    others = {name: before[name] for name in changed if name in before and name not in SETTINGS}
    others = tested | others
    change = Change(
        tuple(words),
        experiment,
        pinned,
        others,
        {name: after[name] for name in changed},
        session.current().page,
    )
    _CHANGES.set((*_CHANGES.get(), change)[-MOST_STEPS:])


def say_what_changed() -> None:
    """Under the question of the page: what the last press changed, until something else does."""
    # Its place is there without it, too: what follows shall not move to another.
    place = st.empty()
    if not _CHANGES.get():
        return
    change = _CHANGES.get()[-1]
    if not _holds(change):
        _CHANGES.set(())
        return
    with place.container(horizontal=True, vertical_alignment="center", key="changed"):
        st.markdown(f"Changed: {'; '.join(change.words)}.")
        st.button("Undo", on_click=_undo, args=(change,), key="undo")


def _holds(change: Change) -> bool:
    held = state.values(tuple(change.after))
    return session.current().page == change.page and held == change.after


def look_again() -> None:
    """In a part of a page that runs by itself: what is said above may hold no longer."""
    if _CHANGES.get() and not _holds(_CHANGES.get()[-1]):
        st.rerun()


def _undo(change: Change) -> None:
    _CHANGES.set(_CHANGES.get()[:-1])
    if sidebar.current() != change.experiment:
        sidebar.show(change.experiment)
        pins.set_before(change.pinned)
    state.put(**change.before)


def _said(name: str, value: Any) -> str:
    """A value as a message has it: a text that somebody may have typed as code."""
    if value in (None, ""):
        return "nothing"
    if name == "branch":
        return f"epoch {value.partition(',')[0]} of the run before"
    return str(value) if not isinstance(value, str) or value.isalnum() else as_code(value)
