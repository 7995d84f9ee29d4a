"""The page on hosting has every limit, every setting, and files that are there."""

import re
import tomllib
from dataclasses import fields

import pytest
from command import ROOT

from elman.ui.limits import Limits, variable

PAGE = (ROOT / "docs/hosting.md").read_text(encoding="utf-8")


def test_the_page_has_every_limit_with_its_default():
    told = dict(re.findall(r"^\| `(ELMAN_\w+)` \| ([^|]+) \|", PAGE, re.MULTILINE))
    assert {*told} == {variable(field.name) for field in fields(Limits)}
    for field in fields(Limits):
        given = told[variable(field.name)]
        assert (given == "none") if field.default in ("", None) else float(given) == field.default


def test_the_page_has_every_setting_of_streamlit_but_colours():
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    del settings["theme"]
    options = {f"{section}.{name}" for section, one in settings.items() for name in one}
    assert {one for one in options if f"`{one}`" not in PAGE} == set()


@pytest.mark.parametrize("name", ["Dockerfile", "docs/haproxy.cfg", "docs/hosting.md"])
def test_files_that_are_named_are_there(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"(?:benchmarks|docs)/[\w.]+\w|requirements[\w-]*\.\w+", text)
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_the_container_runs_as_an_ordinary_user_with_a_health_check():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    steps = [line.split()[0] for line in lines if line and not line.startswith("#")]
    assert steps.index("USER") < steps.index("CMD")
    assert "HEALTHCHECK" in steps
    assert any("--require-hashes" in line for line in lines)
    assert any("elman.ui.limits" in line for line in lines)
