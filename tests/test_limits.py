"""The limits of a server are environment variables; a bad one is told by its name at once."""

from dataclasses import fields

import pytest
from command import ROOT, ended, program
from visitor import refusal, visit

from elman.ui.limits import Limits, variable

VARIABLES = [variable(field.name) for field in fields(Limits)]


def test_a_name_that_is_nearly_one_of_ours_is_refused_and_any_other_passes(monkeypatch):
    # Systems that start containers set names like these for a service called elman.
    for name in ("ELMAN_PORT", "ELMAN_SERVICE_HOST", "ELMAN_PORT_8501_TCP_ADDR", "ELMAN_"):
        monkeypatch.setenv(name, "1")
    Limits.from_environment()
    for name in VARIABLES:
        wrong = name[:-1]
        monkeypatch.setenv(wrong, "1")
        words = f"^{wrong}: there is no such variable; is {name} meant"
        with pytest.raises(ValueError, match=words):
            Limits.from_environment()
        monkeypatch.delenv(wrong)


@pytest.mark.parametrize("page", ["train", "memory"])
def test_every_page_of_a_server_that_is_set_up_wrongly_names_the_variable_alone(allow, page):
    allow(max_jobs="many")
    visitor = visit(page)
    assert "ELMAN_MAX_JOBS: allowed is a positive whole number; 'many' was" in refusal(visitor)
    assert not visitor.header


@pytest.mark.slow
def test_the_limits_can_be_checked_before_the_server_starts():
    check = ("-m", "elman.ui.limits")
    printed, _ = ended(program(*check, cwd=ROOT, ELMAN_MAX_JOBS="3"))
    assert {line.partition("=")[0] for line in printed.splitlines()} == {*VARIABLES}
    assert "ELMAN_MAX_JOBS=3" in printed
    _, told = ended(program(*check, cwd=ROOT, ELMAN_MAX_JOBS="0"), code=2)
    assert told == "ELMAN_MAX_JOBS: allowed is a positive whole number; '0' was given.\n"
