"""The app has the same pages, only later, with a third of a core and nowhere to write."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from command import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import hardship

PAGES = ["", "errors"]


def pages_under(condition, folder):
    # In a thread of its own: that of the tests may have a browser's event loop.
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(hardship.pages_under, condition, folder, PAGES).result()


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    found, errors = pages_under("alone", tmp_path_factory.mktemp("alone") / "here")
    assert errors == 0
    return found


@pytest.mark.slow
@pytest.mark.parametrize("condition", [
    "at 0.3 of a core", "home and checkout read-only", "disk full, empty caches",
])  # fmt: skip
def test_pages_are_the_same_where_it_is_hard_to_live(condition, usual, tmp_path):
    try:
        found, errors = pages_under(condition, tmp_path / "here")
    except hardship.NotHere as reason:
        pytest.skip(f"this machine does not allow it: {reason}")
    assert errors == 0
    for path, seen in found.items():
        assert seen.exceptions == 0
        assert seen.content == usual[path].content
