"""What all visitors of a server share beside its jobs."""

from __future__ import annotations

import streamlit as st

from elman import tasks
from elman.experiment import Experiment
from elman.training import check_bytes
from elman.ui.freeing import give_back, large_arrays_go_back_at_once
from elman.ui.limits import Limits
from elman.ui.store import Store


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """What this server keeps of its answers, the sequences of the library among them."""
    large_arrays_go_back_at_once()
    made = Store(Limits.from_environment().kept_mb * 2**20, freed=give_back)
    tasks.keep_sequences(made)
    return made


def check_memory(experiment: Experiment) -> None:
    """Raise ValueError, before anything is made, for what this server could not keep at all."""
    check_bytes(experiment, store().max_bytes)
