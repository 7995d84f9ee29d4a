"""When kernels are compiled: ahead, in the background, and nobody waits for what can do without."""

import threading

import pytest
from same import assert_same

from elman import Experiment, run
from elman.training import compiling, predict


@pytest.fixture
def held(monkeypatch):
    """A process that has compiled nothing, whose kernels are held up until the event is set."""
    going_on, asked = threading.Event(), []
    monkeypatch.setattr(compiling, "_found", {})
    monkeypatch.setattr(compiling, "_background", compiling._Background())
    monkeypatch.setattr(compiling, "kernel", lambda name: (asked.append(name), going_on.wait()))
    yield going_on, asked
    going_on.set()
    if compiling._background.thread is not None:
        compiling._background.thread.join()


def test_from_the_announcement_on_nobody_waits_and_they_are_prepared_once_in_order(held):
    going_on, asked = held
    assert not compiling.under_way()
    compiling.announce()
    assert (compiling.under_way(), compiling._background.thread) == (True, None)
    for _ in range(3):
        compiling.prepare_in_background()
    assert compiling.under_way()
    going_on.set()
    compiling._background.thread.join()
    assert not compiling.under_way()
    assert asked == (list(compiling.KERNELS) if compiling.available() else [])


@pytest.mark.skipif(not compiling.available(), reason="Numba is not installed")
def test_the_reference_tests_networks_meanwhile(held):
    trained = run(Experiment(length=60, epochs=5), compiled=False)
    compiling.prepare_in_background()
    given = trained.snapshots[-1], trained.sequence, trained.experiment
    assert_same(predict(*given), predict(*given, compiled=False))
