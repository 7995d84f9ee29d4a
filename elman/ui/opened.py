"""The saved run that this session opened.

It stays in the session and out of all that visitors share: nothing proves that the weights in a
file are what its experiment would give.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Hashable
from typing import NamedTuple

import streamlit as st

from elman import saving
from elman.experiment import Experiment
from elman.training import Run

STATE = "opened_run"


class Opened(NamedTuple):
    """A run from a file: the file's name, the run, and a digest of the file."""

    name: str
    run: Run
    digest: str


def largest_bytes() -> int:
    """The largest file that this server takes."""
    return st.get_option("server.maxUploadSize") * 2**20


def keep(name: str, content: bytes) -> Run:
    """Read a file and make it the session's saved run; ValueError says why it cannot be one."""
    run = saving.load(io.BytesIO(content), max_bytes=largest_bytes())
    st.session_state[STATE] = Opened(name, run, hashlib.sha256(content).hexdigest())
    return run


def of(experiment: Experiment) -> Opened | None:
    """The session's saved run, if it is one of this experiment."""
    opened = st.session_state.get(STATE)
    return opened if opened is not None and opened.run.experiment == experiment else None


def forget() -> None:
    """Drop the saved run, so that its experiment is trained here."""
    st.session_state.pop(STATE, None)


def key_of(run: Run) -> Hashable:
    """What a cache shared by all visitors must know a run by."""
    opened = of(run.experiment)
    from_file = opened is not None and opened.run is run
    return run.experiment, run.epochs_done, opened.digest if from_file else ""
