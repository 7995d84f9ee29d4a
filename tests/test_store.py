"""What a server keeps: bounded in bytes, the latest first, and idle things not for long."""

import itertools
import platform
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from command import ended, program

from elman import Experiment, run
from elman.tasks import training_sequence
from elman.tasks.cache import size
from elman.ui import store as module
from elman.ui.store import Store, size_of

KB = 1024


class Clock:
    """Seconds that pass when a test says so, and what is to happen after some of them."""

    def __init__(self):
        self.now, self.waiting, self.times_freed = 0.0, [], 0

    def __call__(self):
        return self.now

    def later(self, seconds, then):
        self.waiting.append((self.now + seconds, then))

    def freed(self):
        self.times_freed += 1

    def passes(self, seconds):
        end = self.now + seconds
        while due := [one for one in self.waiting if one[0] <= end]:
            first = min(due, key=lambda one: one[0])
            self.waiting.remove(first)
            self.now = first[0]
            first[1]()
        self.now = end


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(clock):
    return Store(100 * KB, clock=clock, later=clock.later, freed=clock.freed)


def array(kilobytes):
    return np.zeros(kilobytes * KB // 8)


def kept(store, keys):
    return "".join(key for key in keys if store.get(key) is not None)


def done(value):
    future = Future()
    future.set_result(value)
    return future


@dataclass
class Foreign:
    inside: object


SHARED = array(8)


def test_the_size_of_what_may_be_kept():
    eight = {
        "array": array(8), "view": array(8)[3:5], "text": "x" * 8 * KB,
        "one buffer twice": (SHARED, [SHARED.reshape(2, -1)]), "finished work": done(array(8)),
        "table": pd.DataFrame({"a": np.zeros(KB)}), "mapping": {"a": array(4), "b": {1: array(4)}},
    }  # fmt: skip
    nothing = {
        "one number seen from everywhere": np.broadcast_to(np.nan, (10**6, 10**3)),
        "work under way": Future(), "another's object": Foreign(array(8)),
    }  # fmt: skip
    for kilobytes, values in ((8, eight), (0, nothing)):
        for name, value in values.items():
            assert size_of(value) == pytest.approx(kilobytes * KB, abs=KB), name


def test_a_run_is_as_large_as_its_arrays_and_shares_its_sequence(clock):
    first, second = (
        run(Experiment(task="letters", hidden=40, epochs=9, length=3000, momentum=0.5, seed=seed))
        for seed in (1, 2)
    )
    sequence = training_sequence(first.experiment)
    states = [(one.weights, one.velocity, one.context) for one in first.snapshots]
    own = sum(sum(w.nbytes for w in (*a.values(), *b.values(), c)) for a, b, c in states)
    assert size_of(first) == pytest.approx(own + size(sequence), rel=0.1)
    store = Store(10**9, clock=clock, later=clock.later)
    store.put("sequence", sequence)
    store.put("first", first)
    store.put("second", second)
    assert store.nbytes == pytest.approx(2 * own + size(sequence), rel=0.1)
    store.drop("sequence")
    store.drop("first")
    assert store.nbytes == size_of(second)
    store.drop("second")
    assert store.nbytes == 0


def test_what_was_used_longest_ago_makes_room(store):
    for key in "abc":
        store.put(key, array(30))
    store.get("a")
    store.put("d", array(30))
    assert kept(store, "abcd") == "acd"
    store.put("a", array(1))
    store.put("e", array(30))
    assert kept(store, "acde") == "acde", "what is put again is measured again"
    assert store.nbytes <= 100 * KB
    store.put("huge", array(300))
    assert kept(store, "acde") == ""
    assert store.get("huge") is not None, "who made it gets it"
    store.put("f", array(1))
    assert store.get("huge") is None
    assert store.get("f") is not None
    store.clear()
    assert store.nbytes == 0


def test_room_for_what_is_being_made_is_not_given_away(store):
    store.put("a", array(50))
    store.reserve("job", 80 * KB)
    assert kept(store, "a") == ""
    store.put("b", array(50))
    assert store.nbytes > 120 * KB, "the room stays, and the latest"
    assert store.get("job") is None
    store.put("job", array(10))
    assert kept(store, ["b", "job"]) == "bjob"
    store.reserve("other", 80 * KB)
    store.drop("other")
    store.drop("other")
    assert store.nbytes == pytest.approx(10 * KB, abs=KB), "b made room"


def test_what_nobody_asked_for_lately_goes_within_a_minute_down_to_a_level(store, clock):
    for key in "abcd":
        store.put(key, array(20))
        clock.passes(1)
    clock.passes(module.IDLE_SECONDS - 10)
    assert kept(store, "d") == "d"
    clock.passes(22)
    assert kept(store, "abcd") == "d", "the one in use, and no more than the level"
    store.put("e", array(40))
    clock.passes(60)
    assert kept(store, "de") == ""
    store.put("small", array(20))
    clock.passes(3600)
    assert kept(store, ["small"]) == "small"
    assert clock.waiting == [], "an idle server is left alone"
    assert clock.times_freed


def test_a_value_is_made_once_and_any_number_of_threads_leave_the_count_right(store):
    calls = itertools.count()
    assert [store.made("a", lambda: next(calls) + 1) for _ in range(3)] == [1, 1, 1]

    def ask(thread):
        for step in range(200):
            key = (thread * step) % 17
            store.put(key, (SHARED, array(3)))
            store.get(key + 1)
            if step % 7 == 0:
                store.drop(key)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(8)))
    assert 0 < store.nbytes <= 100 * KB
    store.clear()
    assert store.nbytes == 0


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others are left alone")
def test_memory_that_is_free_again_goes_back_to_the_system():
    script = """if True:
        import numpy as np
        from elman.ui import freeing
        def resident():
            return int(open('/proc/self/statm').read().split()[1]) * 4096 // 2**20
        freeing.large_arrays_go_back_at_once()
        before = resident()
        arrays = [np.ones(2**18) for _ in range(100)] + [np.ones(2**12) for _ in range(3200)]
        held = arrays[101::32]
        del arrays
        freeing.give_back()
        print(resident() - before)"""
    assert int(ended(program("-c", script))[0]) < 60, "of 300 megabytes"
