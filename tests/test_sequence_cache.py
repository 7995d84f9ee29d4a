"""Sequences are made once for all who need them, and what is kept is bounded in bytes."""

import threading

import numpy as np
import pytest

from elman import Experiment, run, tasks
from elman.tasks import new_sequence, sequence, training_sequence
from elman.tasks.cache import SequenceCache, size
from elman.training.batches import run_batch

LETTERS = Experiment(task="letters", length=300, epochs=1)


def made(steps):
    empty = np.zeros(steps)
    return sequence.Sequence(*[empty] * 7)


@pytest.mark.parametrize("make", [training_sequence, new_sequence])
def test_experiments_share_a_sequence_unless_what_makes_it_differs(make):
    ours = make(LETTERS)
    assert make(LETTERS.replace(hidden=3, seed=4, reset="never", epochs=7)) is ours
    others = [
        LETTERS.replace(data_seed=1),
        LETTERS.replace(task="words"),
        LETTERS.replace(task="words", codes="random"),
        LETTERS.replace(task="own"),
        LETTERS.replace(task="own", text="abcdefgh" * 9),
    ]
    assert len({id(make(other)) for other in [LETTERS, *others]}) == 6


def test_training_timing_and_batches_take_the_sequence_that_is_there():
    ours = training_sequence(LETTERS)
    assert run(LETTERS).sequence is ours
    batch = run_batch([LETTERS.replace(seed=seed) for seed in range(3)])
    assert all(one.sequence is ours for one in batch)


def test_nobody_can_change_a_shared_sequence():
    with pytest.raises(ValueError, match="read-only"):
        training_sequence(LETTERS).inputs[0] = 2.0


def test_the_latest_are_kept_up_to_a_number_of_bytes():
    each = size(made(100))
    cache = SequenceCache(2 * each)
    calls = []

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
    cache, start, got = SequenceCache(10**6), threading.Barrier(8), []

    def ask():
        start.wait()
        for key in range(50):
            got.append((key, id(cache.get(key, lambda: made(10)))))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 400
    assert len(set(got)) == 50


def test_a_task_that_comes_again_under_a_name_brings_its_own_sequences(monkeypatch):
    ours = training_sequence(LETTERS)
    monkeypatch.setattr(tasks, "register", lambda *_: None)
    tasks.add(tasks.TASKS["letters"])
    assert training_sequence(LETTERS) is not ours
