"""What the reader had in the sidebar, set aside while a lab's experiment stands there, and the way
back to it from every page."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from elman.experiment import Experiment
from elman.ui import fields, prose, session, sidebar, state

# More settings than these are counted, not listed.
MOST_NAMED = 3


class Aside(NamedTuple):
    """The reader's own experiment, the title of the lab that took its place, and what it set."""

    mine: Experiment
    lab: str
    labs: Experiment


_ASIDE: session.Kept[Aside | None] = session.Kept("set_aside", None)


def put(lab: str, experiment: Experiment) -> None:
    """Tell that a lab with this title is about to set the sidebar to its experiment.

    From lab to lab, what stood there before the first of them is the reader's own.
    """
    held = _ASIDE.get()
    _ASIDE.set(Aside(sidebar.current() if held is None else held.mine, lab, experiment))


def set_experiment(experiment: Experiment) -> None:
    """Show an experiment that is no preset's; for callbacks."""
    if experiment.task != sidebar.current().task:
        state.put(**sidebar.tested_anew(experiment.epochs))
    state.put(preset="textbook")
    sidebar.show(experiment)


def say_and_offer(where: Any) -> None:
    """Whose settings the sidebar has, and the way back, in the container `where`; nothing if they
    are the reader's own."""
    held = _ASIDE.get()
    if held is None:
        return
    now = sidebar.current()
    if now == held.mine:
        _ASIDE.set(None)
        return
    words = "The sidebar has the settings of" if now == held.labs else "The settings go on from"
    with where.container(horizontal=True, vertical_alignment="center", key="set_aside"):
        prose.caption(f"{words} the lab “{held.lab}”{_yours(now, held.mine)}.")
        st.button("Back to my settings", on_click=_back, key="back_to_mine")
        st.button("Keep these", on_click=_ASIDE.set, args=(None,), key="keep_these")


def _yours(now: Experiment, mine: Experiment) -> str:
    """The reader's own settings as far as they differ, if they are few, else their task."""
    if now.task != mine.task:
        return f"; yours had the task {mine.task}"
    changed = mine.differences(now)
    short = not changed.keys() & {*fields.TOGETHER["text"], "branch", "reset_every"}
    if len(changed) > MOST_NAMED or not short:
        return f"; yours differ in {len(changed)} settings"
    listed = (f"{fields.label(name).lower()} {value}" for name, (value, _) in changed.items())
    return f"; yours had {', '.join(listed)}"


def _back() -> None:
    held = _ASIDE.pop()
    if held is not None:
        set_experiment(held.mine)
