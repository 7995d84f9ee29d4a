"""Garbage is collected now and then, and what modules have brought is looked through once."""

import gc
import sys

import pytest

from elman.ui import freeing


@pytest.fixture
def modules(monkeypatch):
    """As many modules as are said."""
    known = {}
    monkeypatch.setattr(freeing, "_garbage", freeing._Garbage())
    monkeypatch.setattr(sys, "modules", known)
    yield lambda count: known.update({f"module {k}": None for k in range(count)})
    monkeypatch.undo()
    gc.unfreeze()


def test_only_many_new_modules_and_some_seconds_are_worth_it(modules, monkeypatch):
    frozen, collected = [], []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(len(sys.modules)))
    monkeypatch.setattr(gc, "collect", lambda: collected.append(now))
    for now, count in ((0, 100), (1, 100), (4, 110), (4.5, 120), (9, 120), (9.6, 120), (10, 200)):
        modules(count)
        freeing.collect_now_and_then(lambda now=now: now)
    assert frozen == [100, 120, 200]
    assert collected == [0, 4.5, 9.6, 10]


def test_what_was_there_is_passed_over_and_garbage_still_goes(modules):
    modules(50)
    freeing.collect_now_and_then(lambda: 0.0)
    assert gc.get_freeze_count() > 10_000
    ring = []
    ring.append(ring)
    del ring
    assert gc.collect() >= 1
