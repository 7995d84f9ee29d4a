"""The run that a session opened from a file.

It stays out of all that visitors share: nothing proves that the weights in a file are what its
experiment would give.
"""

from __future__ import annotations

import hashlib
import io
import weakref
from collections.abc import Hashable
from typing import NamedTuple

import streamlit as st

from elman import saving
from elman.experiment import Experiment
from elman.training import Run
from elman.ui import prose, server, session
from elman.ui.show import as_code


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


# The run itself is in the store of the server, which may have to let it go.
_OPENED: session.Kept[Opened | None] = session.Kept("opened_run", None)


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


def opened_before(experiment: Experiment) -> Opened | None:
    """The session's opened run, if it is one that this branch goes on from."""
    opened = _OPENED.get()
    return opened if opened is not None and opened.experiment in experiment.lineage[1:] else None


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
    opened, before = _opened(run.experiment), opened_before(run.experiment)
    if before is not None and opened is None:
        return run.experiment, run.epochs_done, before.digest
    digest = opened.digest if opened is not None and opened.run() is run else ""
    return run.experiment, run.epochs_done, digest
