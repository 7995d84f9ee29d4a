"""Garbage is collected now and then, and what modules have brought is looked through once."""

import gc
import sys

from elman.ui import freeing


def test_only_many_new_modules_and_some_seconds_are_worth_it(monkeypatch):
    modules, frozen, collected = {}, [], []
    monkeypatch.setattr(freeing, "_garbage", freeing._Garbage())
    monkeypatch.setattr(sys, "modules", modules)
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(len(modules)))
    monkeypatch.setattr(gc, "collect", lambda: collected.append(now))
    for now, count in ((0, 100), (1, 100), (4, 110), (4.5, 120), (9, 120), (9.6, 120), (10, 200)):
        modules.update(dict.fromkeys(range(count)))
        freeing.collect_now_and_then(lambda now=now: now)
    assert (frozen, collected) == ([100, 120, 200], [0, 4.5, 9.6, 10])
