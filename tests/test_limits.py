"""A shared server: its limits are environment variables; a bad one is told by its name at once."""

from dataclasses import asdict, fields
from types import SimpleNamespace

import joblib
import pytest
from command import ROOT, ended, program
from visitor import visit

from elman.ui import jobs
from elman.ui.limits import Limits, variable

VARIABLES = [variable(field.name) for field in fields(Limits)]


def assert_refused(name, given, words):
    """The environment with this in it is refused in words that begin with the name."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv(name, given)
        with pytest.raises(ValueError, match=f"^{name}: {words}"):
            Limits.from_environment()


def test_limits_have_defaults_and_every_one_can_be_set_to_what_is_allowed(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert Limits.from_environment() == Limits()
    defaults = asdict(Limits())
    for field, default in defaults.items():
        if field == "state_dir":
            continue
        whole, name = isinstance(default, int), variable(field)
        monkeypatch.setenv(name, "30" if whole else "2.5e1")
        limits = asdict(Limits.from_environment())
        assert limits == defaults | {field: 30 if whole else 25.0}
        assert type(limits[field]) is type(default)
        for bad in ["", "many", "0", "-1", "nan", "1,5", *["1.5"] * whole]:
            allowed = f"a positive{' whole' * whole} number"
            assert_refused(name, bad, f"allowed is {allowed}; '{bad}' was ")
        monkeypatch.delenv(name)


def test_the_folder_of_unfinished_runs_is_made_and_must_be_one(monkeypatch, tmp_path):
    wanted, file = tmp_path / "new" / "state", tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("ELMAN_STATE_DIR", str(wanted))
    assert Limits.from_environment().state_dir == str(wanted)
    assert wanted.is_dir()
    for bad in (file, file / "below"):
        assert_refused("ELMAN_STATE_DIR", str(bad), "allowed is a folder that can be")


def test_a_name_that_is_nearly_one_of_ours_is_refused_and_any_other_passes(monkeypatch):
    # Systems that start containers set names like these for a service called elman.
    for name in ("ELMAN_PORT", "ELMAN_SERVICE_HOST", "ELMAN_PORT_8501_TCP_ADDR", "ELMAN_"):
        monkeypatch.setenv(name, "1")
    Limits.from_environment()
    for name in VARIABLES:
        assert_refused(name[:-1], "1", f"there is no such variable; is {name} meant")


def test_every_page_of_a_server_that_is_set_up_wrongly_names_the_variable_alone(allow):
    allow(max_jobs="many")
    for page in ("train", "memory"):
        visitor = visit(page)
        assert "ELMAN_MAX_JOBS: allowed is a positive whole number; 'many' was" in visitor.refusal
        assert not visitor.header


@pytest.mark.slow
def test_the_limits_can_be_checked_before_the_server_starts():
    check = ("-m", "elman.ui.limits")
    printed, _ = ended(program(*check, cwd=ROOT, ELMAN_MAX_JOBS="3"))
    assert {line.partition("=")[0] for line in printed.splitlines()} == {*VARIABLES}
    assert "ELMAN_MAX_JOBS=3" in printed
    _, told = ended(program(*check, cwd=ROOT, ELMAN_MAX_JOBS="0"), code=2)
    assert told == "ELMAN_MAX_JOBS: allowed is a positive whole number; '0' was given.\n"


def test_sweeps_leave_a_processor_free_on_a_shared_server(monkeypatch):
    for shared, processors, workers in ((0, 4, 4), (0, 1, 1), (1, 4, 3), (1, 1, 1)):
        monkeypatch.setattr(jobs, "board", lambda shared=shared: SimpleNamespace(shared=shared))
        monkeypatch.setattr(joblib, "cpu_count", lambda processors=processors: processors)
        assert jobs.sweep_workers() == workers


def test_durations_are_told_in_a_fitting_unit():
    told = {
        0.2: "a second", 2: "2 seconds", 89: "89 seconds", 90: "2 minutes", 3600: "60 minutes",
        7200: "2 hours", 86400: "24 hours", 43_798_560: "507 days",
    }  # fmt: skip
    for seconds, words in told.items():
        assert jobs.spell_seconds(seconds) == f"about {words}"
