"""Settings of the whole suite."""

import os
import threading
from dataclasses import replace
from functools import cache

import pytest
import streamlit as st
from hypothesis import HealthCheck, settings
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import app_test

from elman.training import compiling, loop, trainers
from elman.ui import board

# The same examples everywhere, so that a red test means a changed program; and no deadline, since
# the first example of a test may compile a kernel and a busy machine is no fault of the program.
# A build can wait for more of them than who writes a program.
settings.register_profile(
    "suite",
    deadline=None,
    derandomize=True,
    max_examples=60 if os.environ.get("CI") else 20,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

# On the slowest and busiest machine, too, a page waits for the result of a short run, and who waits
# is not taken for gone.
os.environ.setdefault("ELMAN_LIVE_AFTER", "600")
board.UNSEEN_SECONDS = 3600.0


@pytest.fixture(autouse=True)
def no_job_outlives_its_test(monkeypatch):
    """Work that nobody looks at ends: at the end of a test at once."""
    yield
    monkeypatch.setattr(board, "UNSEEN_SECONDS", -1.0)
    for thread in threading.enumerate():
        if thread.name == board.THREAD:
            thread.join(timeout=600)
            # The next test does not wait for it again.
            thread.name = "left over"
            assert not thread.is_alive(), "a job goes on"


@pytest.fixture
def pass_by_pass(monkeypatch):
    """A run looks at Stop and at the clock after each pass, however short that is."""
    monkeypatch.setattr(loop, "_stretch", lambda experiment, sequence, compiled: len(sequence))


@pytest.fixture
def allow(monkeypatch):
    """Visit a server with other limits from here on: `allow(live_after=0.01)`."""

    def start(**limits):
        for name, value in limits.items():
            monkeypatch.setenv(f"ELMAN_{name.upper()}", str(value))
        st.cache_resource.clear()

    yield start
    # The next test has a server with the usual limits again.
    st.cache_resource.clear()


@pytest.fixture
def without_numba(monkeypatch):
    """A machine on which Numba is not installed."""
    monkeypatch.setattr(compiling, "installed", lambda: False)
    trainers.compiled_available.cache_clear()
    yield
    trainers.compiled_available.cache_clear()


@pytest.fixture
def hold(monkeypatch):
    """From `go_on = hold(reports=1)` on, work waits once it has reported so many times that there
    is something to show, until it is told to end or `go_on()` is called; none asks before."""
    free, ask = threading.Event(), board.JobBoard.ask

    def held(work, reports):
        def run(on_progress, should_stop, **options):
            seen = []

            def report(share, so_far):
                seen.extend([share] * bool(len(so_far)))
                on_progress(share, so_far)

            def look():
                while len(seen) >= reports and not should_stop():
                    if free.wait(0.01):
                        return False
                return len(seen) >= reports

            look()
            return work.run(report, look, **options)

        return replace(work, run=run)

    def start(reports=0):
        monkeypatch.setattr(
            board.JobBoard, "ask", lambda self, work, who: ask(self, held(work, reports), who)
        )
        return free.set

    yield start
    free.set()


def pytest_collection_modifyitems(items):
    for item in items:
        # These modules open pages of the app.
        if hasattr(item.module, "AppTest") or hasattr(item.module, "visit"):
            item.add_marker(pytest.mark.page)


class ServerThatHasRun(PagesManager):
    """Pages of a server on which somebody was before: `st.navigation` has been called once.

    AppTest forgets that before every run, and each page would then begin by starting anew.
    """

    def __init__(self, *arguments, **settings):
        PagesManager.uses_pages_directory = False
        super().__init__(*arguments, **settings)


app_test.PagesManager = ServerThatHasRun

# What is installed stays so: to look through all packages takes longer than most pages, and AppTest
# does it for every visitor.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
