"""What all visitors of a server share beside its jobs."""

from __future__ import annotations

import streamlit as st

from elman.ui.limits import Limits
from elman.ui.store import Store


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """What this server keeps of its answers; a new one brings the limits of the environment."""
    return Store(Limits.from_environment().kept_mb * 2**20)
