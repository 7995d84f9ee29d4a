"""Every dependency has bounds that were tested, and the lock file pins one version of each."""

import re
from importlib.metadata import version

import pytest
from command import ROOT
from packaging.requirements import Requirement

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
LOCKED = dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", LOCK, re.MULTILINE))


def requirements(file):
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if re.match(r"\w", line)]


FILES = sorted(path.name for path in ROOT.glob("requirements*.txt"))


@pytest.mark.parametrize("file", FILES)
def test_every_dependency_has_a_lowest_and_a_highest_version_and_these_tests_run_with_one_between(
    file,
):
    for wanted in requirements(file):
        assert {part.operator for part in wanted.specifier} == {">=", "<"}, wanted
        assert wanted.specifier.contains(version(wanted.name)), (wanted, version(wanted.name))


def test_the_lock_file_has_what_the_app_needs_with_hashes_and_no_address():
    for wanted in requirements("requirements.txt"):
        assert wanted.specifier.contains(LOCKED[wanted.name]), wanted
    packages = re.split(r"^(?=[a-z0-9-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(packages) == len(LOCKED)
    assert all("--hash=sha256:" in package for package in packages)
    assert not re.search(r"://|--(index|find|extra|trusted)", LOCK)
