"""What a server is set up by: every limit and setting is told, every dependency is bounded."""

import re
import tomllib
from dataclasses import fields
from importlib.metadata import version

from command import ROOT
from packaging.requirements import Requirement

from elman.ui.limits import Limits, variable


def text(file):
    return (ROOT / file).read_text(encoding="utf-8")


PAGE, LOCK = text("docs/hosting.md"), text("requirements.lock")


def requirements(file):
    return [Requirement(line) for line in text(file).splitlines() if re.match(r"\w", line)]


def test_the_page_has_every_limit_and_every_setting_of_streamlit_but_colours():
    told = dict(re.findall(r"^\| `(ELMAN_\w+)` \| ([^|]+) \|", PAGE, re.MULTILINE))
    assert {*told} == {variable(field.name) for field in fields(Limits)}
    for field in fields(Limits):
        given = told[variable(field.name)]
        assert (given == "none") if field.default in ("", None) else float(given) == field.default
    settings = tomllib.loads(text(".streamlit/config.toml"))
    options = {f"{section}.{name}" for section, one in settings.items() for name in one}
    assert all("theme." in option or f"`{option}`" in PAGE for option in options)


def test_files_that_are_named_are_there():
    ours = r"(?:benchmarks|docs|elman|pages|tests)/[\w./]+\.\w+|requirements[\w-]*\.\w+"
    for name in ("Dockerfile", "docs/haproxy.cfg", "docs/hosting.md", "CONTRIBUTING.md"):
        named = [path for path in re.findall(ours, text(name)) if "NAME" not in path]
        assert named, name
        assert [path for path in named if not (ROOT / path).is_file()] == []


def test_the_container_runs_as_an_ordinary_user_with_a_health_check():
    file = text("Dockerfile")
    steps = re.findall(r"^[A-Z]+", file, re.MULTILINE)
    assert steps.index("USER") < steps.index("CMD")
    assert "HEALTHCHECK" in steps
    assert ("--require-hashes" in file, "elman.ui.limits" in file) == (True, True)


def test_every_dependency_has_bounds_between_which_these_tests_run():
    for file in ROOT.glob("requirements*.txt"):
        for wanted in requirements(file):
            assert {part.operator for part in wanted.specifier} == {">=", "<"}, wanted
            assert wanted.specifier.contains(version(wanted.name)), wanted


def test_the_lock_file_has_what_the_app_needs_with_hashes_and_no_address():
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", LOCK, re.MULTILINE))
    for wanted in requirements("requirements.txt"):
        assert wanted.specifier.contains(locked[wanted.name]), wanted
    packages = re.split(r"^(?=[a-z0-9-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(packages) == len(locked)
    assert all("--hash=sha256:" in package for package in packages)
    assert not re.search(r"://|--(index|find|extra|trusted)", LOCK)
