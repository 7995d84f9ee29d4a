"""A way to look at a tested network, as the pages Errors, Hidden states and Watch it learn do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import streamlit as st

from elman.analysis.replay import Tested
from elman.tasks import Task
from elman.ui import prose, state


class View(NamedTuple):
    """A view: its name in links, what it shows, how it is drawn, and which tasks have it."""

    name: str
    words: str
    draw: Callable[[Tested], None]
    applies: Callable[[Task], bool] = lambda task: True


def of_task(views: Iterable[View], task: Task) -> dict[str, View]:
    """The views that say something about a task, by name."""
    return {view.name: view for view in views if view.applies(task)}


def choose(control: state.Control, views: dict[str, View]) -> View:
    """The one of `views` that the control chooses, and beside it what that shows; the control
    explains each of them."""
    words = "; ".join(f"**{view.name}**: {view.words}" for view in views.values()) + "."
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = views[state.choose(control, options=tuple(views), help=control.help or words)]
        prose.caption(f"{chosen.words[:1].upper()}{chosen.words[1:]}.", width="content")
    return chosen
