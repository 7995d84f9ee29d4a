"""Behind the pages: the limits of a shared machine, and how durations are told."""

from dataclasses import asdict
from types import SimpleNamespace

import joblib
import pytest

from elman.ui import jobs
from elman.ui.jobs import spell_seconds
from elman.ui.limits import Limits

LIMITS = {
    "ELMAN_MAX_RUN_SECONDS": ("max_run_seconds", "2.5", 2.5, "a positive number"),
    "ELMAN_MAX_JOBS": ("max_jobs", "3", 3, "a positive whole number"),
    "ELMAN_KEPT_MB": ("kept_mb", "7", 7, "a positive whole number"),
    "ELMAN_MAX_WORK": ("max_work", "1e9", 1e9, "a positive number"),
    "ELMAN_LIVE_AFTER": ("live_after", "0.5", 0.5, "a positive number"),
    "ELMAN_STATE_MB": ("state_mb", "9", 9, "a positive whole number"),
}


def test_limits_have_defaults_and_every_one_can_be_set_to_what_is_allowed(monkeypatch):
    for variable in LIMITS:
        monkeypatch.delenv(variable, raising=False)
    assert Limits.from_environment() == Limits()
    assert {field for field, *_ in LIMITS.values()} == {*asdict(Limits())} - {"state_dir"}
    for variable, (field, text, value, allowed) in LIMITS.items():
        monkeypatch.setenv(variable, text)
        limits = asdict(Limits.from_environment())
        assert limits == asdict(Limits()) | {field: value}
        assert type(limits[field]) is type(value)
        for bad in ["", "many", "0", "-1", "nan", "1,5", *["1.5"] * ("whole" in allowed)]:
            monkeypatch.setenv(variable, bad)
            words = f"^{variable}: allowed is {allowed}; '{bad}' was "
            with pytest.raises(ValueError, match=words):
                Limits.from_environment()
        monkeypatch.delenv(variable)


def test_the_folder_of_unfinished_runs_is_made_and_must_be_one(monkeypatch, tmp_path):
    wanted, file = tmp_path / "new" / "state", tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("ELMAN_STATE_DIR", str(wanted))
    assert Limits.from_environment().state_dir == str(wanted)
    assert wanted.is_dir()
    for bad in (file, file / "below"):
        monkeypatch.setenv("ELMAN_STATE_DIR", str(bad))
        with pytest.raises(ValueError, match=r"^ELMAN_STATE_DIR: allowed is a folder that can be"):
            Limits.from_environment()


@pytest.mark.parametrize(("shared", "workers"), [(False, [4, 1]), (True, [3, 1])])
def test_sweeps_leave_a_processor_free_on_a_shared_server(monkeypatch, shared, workers):
    monkeypatch.setattr(jobs, "board", lambda: SimpleNamespace(shared=shared))
    for processors, wanted in zip((4, 1), workers, strict=True):
        monkeypatch.setattr(joblib, "cpu_count", lambda processors=processors: processors)
        assert jobs.sweep_workers() == wanted


def test_durations_are_told_in_a_fitting_unit():
    told = {
        0.2: "a second", 2: "2 seconds", 89: "89 seconds", 90: "2 minutes", 3600: "60 minutes",
        7200: "2 hours", 86400: "24 hours", 43_798_560: "507 days",
    }  # fmt: skip
    assert {seconds: spell_seconds(seconds).removeprefix("about ") for seconds in told} == told
    assert all(spell_seconds(seconds).startswith("about ") for seconds in told)
