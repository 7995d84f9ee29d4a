"""Sequences are made once for all who need them, and what is kept is bounded in bytes."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from elman import Experiment, run, tasks
from elman.tasks import new_sequence, sequence, training_sequence
from elman.tasks.cache import Latest, SequenceCache, size
from elman.training.batches import run_batch

LETTERS = Experiment(task="letters", length=300, epochs=1)


def made(steps):
    return sequence.Sequence(*[np.zeros(steps)] * 7)


@pytest.mark.parametrize("make", [training_sequence, new_sequence])
def test_experiments_share_a_sequence_unless_what_makes_it_differs(make):
    ours = make(LETTERS)
    assert make(LETTERS.replace(hidden=3, seed=4, reset="never", epochs=7)) is ours
    text = "abcdefgh" * 9
    changes = [{}, {"data_seed": 1}, {"task": "words"}, {"task": "words", "codes": "random"}]
    changes += [{"task": "own"}, {"task": "own", "text": text}]
    assert len({id(make(LETTERS.replace(**change))) for change in changes}) == 6
    # Nobody can change it.
    with pytest.raises(ValueError, match="read-only"):
        ours.inputs[0] = 2.0


def test_training_timing_and_batches_take_the_sequence_that_is_there(monkeypatch):
    ours = training_sequence(LETTERS)
    batch = run_batch([LETTERS.replace(seed=seed) for seed in range(3)])
    assert all(one.sequence is ours for one in [run(LETTERS), *batch])
    # A task that comes again under a name brings its own.
    monkeypatch.setattr(tasks, "register", lambda *_: None)
    tasks.add(tasks.TASKS["letters"])
    assert training_sequence(LETTERS) is not ours


def test_the_latest_are_kept_up_to_a_number_of_bytes():
    cache, calls = SequenceCache(Latest(2 * size(made(100)))), []

    def get(key, steps=100):
        return cache.get(key, lambda: calls.append(key) or made(steps))

    for key in "abacab":
        get(key)
    # b was the older of two when c came.
    assert "".join(calls) == "abcb"
    held = get("b")
    get("huge", 1000)
    get("huge", 1000)
    assert calls[-2:] == ["huge", "huge"], "larger than all that may be kept"
    get("d"), get("e")
    assert get("b") is held, "still in use"
    assert calls.count("b") == 2
    cache.clear()
    assert get("b") is not held


def test_any_number_of_threads_get_one_and_the_same():
    cache, start = SequenceCache(Latest(10**6)), threading.Barrier(8)

    def ask(_):
        start.wait()
        return [(key, id(cache.get(key, lambda: made(10)))) for key in range(50)]

    with ThreadPoolExecutor(8) as threads:
        got = [*itertools.chain(*threads.map(ask, range(8)))]
    assert len(got) == 400
    assert len(set(got)) == 50
