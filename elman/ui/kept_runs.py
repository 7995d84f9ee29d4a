"""The runs that a session keeps for itself: the one it pinned and the one it opened from a file.

The curve and the errors of the pinned run are laid over those of later runs. An opened run stays
out of all that visitors share: nothing proves that the weights in a file are what its experiment
would give.
"""

from __future__ import annotations

import hashlib
import io
import weakref
from collections.abc import Hashable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from elman import saving
from elman.analysis.comparison import difference, why_not
from elman.analysis.errors import accuracy, squared_errors
from elman.analysis.replay import Answers, Tested, replay
from elman.experiment import Experiment
from elman.training import Run
from elman.ui import prose, server, session, sidebar
from elman.ui.show import as_code


class Pinned(NamedTuple):
    """A pinned run: its place in the store, its experiment, and whether a suggestion pinned it."""

    key: Hashable
    experiment: Experiment
    as_before: bool = False


class Opened(NamedTuple):
    """A run from a file: the file's name, its experiment, a digest of the file, and the run."""

    name: str
    experiment: Experiment
    digest: str
    run: weakref.ref[Run]

    @property
    def key(self) -> Hashable:
        """Its place in the store."""
        return "opened", self.digest


# The runs themselves are in the store of the server, which may have to let them go.
_PINNED: session.Kept[Pinned | None] = session.Kept("pinned_run", None)
# The run that was shown last.
_LATEST: session.Kept[Pinned | None] = session.Kept("latest_run", None)
_OPENED: session.Kept[Opened | None] = session.Kept("opened_run", None)


def pin_buttons(run: Run) -> None:
    """Pin this run, or unpin the one that is pinned; one run can be pinned at a time."""
    this, pinned = Pinned(("run", cache_key(run)), run.experiment), _PINNED.get()
    # No callback of a session may hold a run, which then would stay as long as its tab.
    server.store().made(this.key, lambda: run)
    _LATEST.set(this)
    same = pinned is not None and pinned.experiment == run.experiment
    if pinned is not None:
        if not same and server.store().get(pinned.key) is None:
            st.button(
                "Show the pinned run",
                on_click=sidebar.show,
                args=(pinned.experiment,),
                help="Its numbers had to make room for other runs. Its settings are kept: with "
                "them it is trained again, and is then laid over later runs as before.",
            )
        words = "This run is pinned." if same else f"Pinned is the run with {pinned_as(run)}."
        label = "Without the run before" if pinned.as_before else "Unpin"
        st.button(label, on_click=_PINNED.set, args=(None,), key="unpin", help=words)
    if not same:
        st.button(
            "Pin this run" if pinned is None else "Pin this instead",
            on_click=_PINNED.set,
            args=(this,),
            key="pin",
            help="Keeps its loss curve and its errors, and lays them over those of later runs, on "
            "Train and on Errors.",
        )


def keep_as_before() -> None:
    """Pin the run that was shown last, to stand beside what comes, unless the reader pinned one."""
    pinned, latest = _PINNED.get(), _LATEST.get()
    if latest is not None and (pinned is None or pinned.as_before):
        _PINNED.set(latest._replace(as_before=True))


def let_go_of_before() -> None:
    """Unpin a run that a suggestion pinned."""
    pinned = _PINNED.get()
    if pinned is not None and pinned.as_before:
        _PINNED.set(None)


def pinned_as(run: Run) -> str:
    """The pinned run, by what is different from `run`; empty if there is none."""
    pinned = _PINNED.get()
    return "" if pinned is None else difference(pinned.experiment, run.experiment)


def pinned_beside(run: Run) -> Run | None:
    """The pinned run, if it is another one and can stand beside `run`; says why it cannot."""
    pinned = _PINNED.get()
    if pinned is None or pinned.experiment == run.experiment:
        return None
    reason = why_not(pinned.experiment, run.experiment)
    found: Run | None = server.store().get(pinned.key)
    if not reason and found is None:
        reason = "its numbers had to make room for other runs, and its settings are kept"
    if reason:
        prose.caption(f"The pinned run is not shown: {reason}.")
        return None
    return found


def with_pinned(tested: Tested) -> Tested:
    """The test with the answers of the pinned run's last network to the same sequence.

    Unchanged if no pinned run can stand beside it; says why it cannot.
    """
    pinned = pinned_beside(tested.run)
    if pinned is None:
        return tested
    answers = replay(pinned, tested.sequence, reset=tested.reset)
    if np.isfinite(answers.outputs).all():
        return replace(tested, pinned=answers)
    prose.caption("The pinned run is not shown: its activations overflow on this sequence.")
    return tested


def say_difference(tested: Tested) -> None:
    """What a pinned run that can stand beside it does otherwise on the same test, in words."""
    place, pinned = st.empty(), _PINNED.get()
    if pinned is None or pinned.experiment == tested.run.experiment:
        return
    both = with_pinned(tested)
    if both.pinned is None:
        return
    named = "The run before" if pinned.as_before else "The pinned run"
    other, this = _in_numbers(both.pinned), _in_numbers(tested)
    prose.say(f"**{named}**, with {pinned_as(tested.run)}: {other}. **This run**: {this}.", place)


def _in_numbers(answers: Answers) -> str:
    right = accuracy(answers)
    words = f"squared error {squared_errors(answers).mean():.3f}, {right.everywhere:.0%} right"
    if right.where_certain is not None:
        words += f", {right.where_certain:.0%} at {answers.task.predictable_words}"
    return words


def explain_pinned(run: Run, table: pd.DataFrame, marks: str) -> None:
    """Which run the dashed `marks` of a figure are, if its table has a pinned run's errors."""
    pinned = _PINNED.get()
    found: Run | None = None if pinned is None else server.store().get(pinned.key)
    if found is not None and "squared_pinned" in table:
        done = found.epochs_done
        epochs = "1 epoch" if done == 1 else f"{done:,} epochs"
        # By their colour: other dashed lines may stand beside them.
        prose.caption(
            f"Dashed olive {marks} are the pinned run: {pinned_as(run)}. It is shown as it ended, "
            f"after {epochs}."
        )


def largest_bytes() -> int:
    """The largest file that this server takes."""
    return st.get_option("server.maxUploadSize") * 2**20


def open_file(name: str, content: bytes) -> Run:
    """Read a file and make it the session's opened run; ValueError says why it cannot be one."""
    most = server.store().max_bytes
    run = saving.load(io.BytesIO(content), max_bytes=largest_bytes(), max_memory=most)
    opened = Opened(name, run.experiment, hashlib.sha256(content).hexdigest(), weakref.ref(run))
    server.store().put(opened.key, run)
    _OPENED.set(opened)
    return run


def _opened(experiment: Experiment) -> Opened | None:
    opened = _OPENED.get()
    return opened if opened is not None and opened.experiment == experiment else None


def opened_run(experiment: Experiment) -> Run | None:
    """The session's opened run, if it is one of this experiment and still kept."""
    opened = _opened(experiment)
    return None if opened is None else server.store().get(opened.key)


def notice_if_opened(experiment: Experiment) -> Run | None:
    """The session's opened run of this experiment, under a notice that says where it is from."""
    opened, run = _opened(experiment), opened_run(experiment)
    if opened is None:
        return None
    words, button = (
        f"Shown from the saved file {as_code(opened.name)}, not trained here.",
        "Train anew",
    )
    if run is None:
        words = (
            f"The run of the saved file {as_code(opened.name)} had to make room for other runs. "
            "Open the file again to see it; this is the run that its settings give here."
        )
        button = "Close"
    with st.container(border=True, key="from_file"):
        left, right = st.columns([3, 1], vertical_alignment="center")
        prose.say(words, left)
        right.button(button, on_click=_OPENED.set, args=(None,), width="stretch")
    return run


def cache_key(run: Run) -> Hashable:
    """What a cache shared by all visitors must know a run by."""
    opened = _opened(run.experiment)
    digest = opened.digest if opened is not None and opened.run() is run else ""
    return run.experiment, run.epochs_done, digest
