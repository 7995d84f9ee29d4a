"""What modules have brought is looked through once, not after every run of a script."""

import gc
import sys

import pytest

from elman.ui import freeing


@pytest.fixture
def modules(monkeypatch):
    """As many modules as are said."""
    known = {}
    monkeypatch.setattr(freeing, "_passed_over", 0)
    monkeypatch.setattr(sys, "modules", known)
    yield lambda count: known.update({f"module {k}": None for k in range(count)})
    monkeypatch.undo()
    gc.unfreeze()


def test_only_many_new_modules_are_worth_it(modules, monkeypatch):
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(len(sys.modules)))
    for count in (100, 100, 110, 120, 120, 200):
        modules(count)
        freeing.pass_over_modules()
    assert frozen == [100, 120, 200]


def test_what_was_there_is_passed_over_and_garbage_still_goes(modules):
    modules(50)
    freeing.pass_over_modules()
    assert gc.get_freeze_count() > 10_000
    ring = []
    ring.append(ring)
    del ring
    assert gc.collect() >= 1
