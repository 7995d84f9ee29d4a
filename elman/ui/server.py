"""What all visitors of a server share beside its jobs."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from elman import tasks
from elman.experiment import Experiment
from elman.training import check_bytes
from elman.ui.freeing import give_back, large_arrays_go_back_at_once
from elman.ui.limits import Limits
from elman.ui.store import Store
from elman.ui.unfinished import Unfinished


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """What this server keeps of its answers, the sequences of the library among them."""
    large_arrays_go_back_at_once()
    made = Store(Limits.from_environment().kept_mb * 2**20, freed=give_back)
    tasks.keep_sequences(made)
    return made


@st.cache_resource(show_spinner=False)
def unfinished() -> Unfinished | None:
    """Where unfinished long runs are kept for the next start of this server, if anywhere."""
    limits = Limits.from_environment()
    if not limits.state_dir:
        return None
    return Unfinished(Path(limits.state_dir), limits.state_mb * 2**20)


def check_memory(experiment: Experiment) -> None:
    """Raise ValueError, before anything is made, for what this server could not keep at all."""
    check_bytes(experiment, store().max_bytes)
