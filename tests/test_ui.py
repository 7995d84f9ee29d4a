"""Behind the pages: processors of a shared machine, and how durations are told."""

from types import SimpleNamespace

import joblib

from elman.ui import jobs
from elman.ui.jobs import spell_seconds


def test_sweeps_leave_a_processor_free_on_a_shared_server(monkeypatch):
    for shared, processors, workers in (
        (False, 4, 4), (False, 1, 1), (True, 4, 3), (True, 1, 1)
    ):  # fmt: skip
        monkeypatch.setattr(jobs, "board", lambda shared=shared: SimpleNamespace(shared=shared))
        monkeypatch.setattr(joblib, "cpu_count", lambda processors=processors: processors)
        assert jobs.sweep_workers() == workers


def test_durations_are_told_in_a_fitting_unit():
    told = {
        0.2: "a second", 2: "2 seconds", 89: "89 seconds", 90: "2 minutes", 3600: "60 minutes",
        7200: "2 hours", 86400: "24 hours", 43_798_560: "507 days",
    }  # fmt: skip
    for seconds, words in told.items():
        assert spell_seconds(seconds) == f"about {words}"
