"""The board of jobs: who waits for what, whose turn it is, and how work ends. The clock is ours."""

import os
import queue
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from same import assert_same_run
from visitor import wait_until

from elman import Experiment, run
from elman.ui import board as boards
from elman.ui.board import JobBoard
from elman.ui.store import Store
from elman.ui.work import Work

TURN = boards.TURN_SECONDS + 0.1
UNSEEN = boards.UNSEEN_SECONDS + 0.1
# Seconds that only a broken board takes, on whatever machine.
PATIENCE = 600


class Puppet:
    """Work that does what the test tells it, and says whether it has begun."""

    def __init__(self):
        self.began, self.begun = threading.Event(), []
        self._told, self._said = queue.Queue(), queue.Queue()
        self.thread = None

    def run(self, on_progress, should_stop, begun=None, on_part=None):
        self.thread = threading.get_native_id()
        self.begun.append(begun)
        self.began.set()
        while True:
            what, value = self._told.get()
            if what == "return":
                return value
            if what == "raise":
                raise value
            if what == "report":
                on_progress(*value)
            elif what == "part":
                on_part(value)
            self._said.put(should_stop())

    def tell(self, what, value=None):
        """Let it do something, without waiting for it."""
        self._told.put((what, value))

    def asks(self, what="ask", value=None):
        """Let it do something and ask whether it should stop; the answer, when it comes."""
        self.tell(what, value)
        return self._said.get(timeout=PATIENCE)


@pytest.fixture
def clock(monkeypatch):
    """Seconds that the test moves on; who waits for a turn looks at it all the time."""
    monkeypatch.setattr(boards, "LOOK_SECONDS", 0.005)
    return [0.0]


@pytest.fixture
def desk(clock):
    return Desk(clock)


class Desk:
    """A board, and puppets by the names of the requests."""

    def __init__(self, clock):
        self.clock, self.puppets = clock, {}
        self.open()

    def open(self, at_once=1, max_seconds=1e6):
        self.board = JobBoard(at_once, max_seconds, Store(10**6), lambda: self.clock[0])

    def work(self, request, kind="run", **fields):
        puppet = self.puppets.setdefault(request, Puppet())
        fields = {"stopped": lambda found: "stopped" if "part" in found else ""} | fields
        return Work(request, kind, puppet.run, **fields)

    def ask(self, request, viewer="A", begins=True, **fields):
        job = self.board.ask(self.work(request, **fields), viewer)
        if begins:
            assert self.puppets[request].began.wait(PATIENCE)
        return job

    def finish(self, request, value="whole"):
        self.puppets[request].tell("return", value)


def test_a_job_gives_what_the_library_gives_and_tells_how_far_it_is(desk, clock):
    experiment = Experiment(length=300, epochs=20, seed=3)
    job = desk.board.ask(Work(experiment, "", partial(run, experiment), goes_on=True), "A")
    assert_same_run(job.result(), run(experiment))
    assert (job.alive, job.share) == (False, 1.0)
    assert desk.board.find(Work(experiment, "", run), "B") is job
    # The time that is left comes from the pace.
    job = desk.ask("x")
    assert job.seconds_left is None
    for seconds, share, left in [(5.0, 0.5, None), (10.0, 0.6, 20.0), (20.0, 0.9, 3.75)]:
        clock[0] = seconds
        desk.puppets["x"].asks("report", (share, [1, 2]))
        assert job.seconds_left == (left if left is None else pytest.approx(left))
    assert job.so_far == [1, 2]
    desk.finish("x")


def test_all_who_ask_for_the_same_share_its_job(desk):
    ready, work = threading.Barrier(8), desk.work("x")

    def ask(viewer):
        ready.wait()
        return desk.board.ask(work, viewer)

    with ThreadPoolExecutor(8) as threads:
        (job,) = set(threads.map(ask, "ABCDEFGH"))
    desk.finish("x")
    assert job.result() == "whole"
    assert len(desk.puppets["x"].begun) == 1


def test_a_failure_is_told_to_who_waited_and_tried_again_for_others(desk):
    job = desk.ask("x")
    desk.puppets["x"].tell("raise", OSError("disk full"))
    with pytest.raises(OSError, match="disk full"):
        job.result()
    assert desk.ask("x") is job
    again = desk.ask("x", "B")
    desk.finish("x")
    assert again.result() == "whole"
    assert desk.ask("x") is again


def test_new_work_goes_first_and_long_work_takes_turns(desk, clock):
    ask, puppets = desk.ask, desk.puppets
    ask("old", "A")
    new = ask("new", "B", begins=False)
    assert desk.board.before(new) == 1
    assert not puppets["old"].asks(), "its first turn is not over"
    clock[0] += TURN
    puppets["old"].tell("ask")
    assert puppets["new"].began.wait(PATIENCE), "the old one let it go first"
    later = ask("later", "C", begins=False)
    assert desk.board.before(later) == 1, "before those that had a turn"
    desk.finish("new")
    assert puppets["later"].began.wait(PATIENCE)
    clock[0] += TURN
    puppets["later"].tell("ask")
    assert puppets["old"]._said.get(timeout=PATIENCE) is False, "it goes on where it waited"
    last = ask("last", "D", begins=False)
    puppets["old"].tell("ask")
    assert puppets["last"].began.wait(PATIENCE), "who had a turn lets a new one go first at once"
    assert desk.board.sharing(last) == 2
    [desk.finish(name) for name in ("last", "old", "later")]
    assert puppets["later"]._said.get(timeout=PATIENCE) is False
    wait_until(lambda: not last.alive)


def test_one_viewer_has_one_turn_at_a_time_while_others_wait(desk, clock):
    desk.open(at_once=2)
    desk.ask("a1", "A", kind="1")
    desk.ask("a2", "A", kind="2")
    desk.ask("b", "B", begins=False)
    clock[0] += TURN
    desk.puppets["a2"].tell("ask")
    assert desk.puppets["b"].began.wait(PATIENCE)
    clock[0] += TURN
    assert desk.puppets["b"].asks() is False, "it does not give way to who has a turn already"
    desk.puppets["a1"].tell("ask")
    assert desk.puppets["a2"]._said.get(timeout=PATIENCE) is False, "A's two take turns"
    [desk.finish(name) for name in ("b", "a2", "a1")]
    assert desk.puppets["a1"]._said.get(timeout=PATIENCE) is False


def test_stop_ends_the_work_of_who_waits_alone_and_keeps_its_part_to_go_on_from(desk):
    job = desk.ask("x", goes_on=True)
    mine = desk.board.detach(desk.work("x"), "A")
    assert mine is job
    again = desk.board.ask(desk.work("x", goes_on=True), "B")
    assert again is not job, "who asks meanwhile gets it whole"
    assert desk.puppets["x"].asks() is True
    desk.finish("x", "part 1")
    assert mine.result() == "part 1"
    wait_until(lambda: len(desk.puppets["x"].begun) == 2)
    assert desk.puppets["x"].begun == [None, "part 1"]
    desk.finish("x")
    assert again.result() == "whole"
    assert desk.board.whole(desk.work("x").key)


@pytest.mark.parametrize(("fields", "what", "value", "part"), [
    ({"goes_on": True}, "part", "part 2", "part 2"),
    ({"part": lambda so_far: f"part {len(so_far)}"}, "report", (0.5, "abc"), "part 3"),
    ({}, "report", (0.5, "abc"), None),
])  # fmt: skip
def test_stop_is_personal_where_others_wait(desk, fields, what, value, part):
    job = desk.ask("x", "A", **fields)
    assert desk.ask("x", "B", **fields) is job
    desk.puppets["x"].asks(what, value)
    mine = desk.board.detach(desk.work("x"), "A")
    assert not mine.alive
    assert mine.result() == part
    assert desk.puppets["x"].asks() is False
    assert desk.board.detach(desk.work("x"), "A") is None
    desk.finish("x")
    assert job.result() == "whole"


def test_another_request_of_the_kind_ends_the_one_before_unless_others_wait(desk):
    desk.open(at_once=4)
    desk.ask("alone", "A")
    desk.ask("other kind", "A", kind="2")
    desk.ask("shared", "B")
    desk.ask("shared", "C")
    desk.ask("next", "B")
    desk.board.find(desk.work("not begun"), "A")
    ends = {name: desk.puppets[name].asks() for name in ("alone", "other kind", "shared")}
    assert ends == {"alone": True, "other kind": False, "shared": False}
    [desk.finish(name) for name in ("alone", "other kind", "shared", "next")]


def test_work_that_nobody_looks_at_ends_and_goes_on_when_somebody_asks(desk, clock):
    job = desk.ask("x", goes_on=True)
    waits = desk.ask("waits", "B", begins=False)
    clock[0] += UNSEEN / 2
    desk.board.look(job, "A")
    clock[0] += UNSEEN / 2
    desk.puppets["x"].tell("ask")
    wait_until(lambda: not waits.alive)
    assert waits.result() is None, "it ended in the queue"
    assert desk.puppets["x"]._said.get(timeout=PATIENCE) is False
    clock[0] += UNSEEN
    assert desk.puppets["x"].asks() is True
    desk.finish("x", "part 1")
    assert job.result() == "part 1"
    assert not desk.board.whole(desk.work("x").key)
    desk.ask("x", "B", goes_on=True)
    desk.finish("x")
    wait_until(lambda: desk.puppets["x"].begun == [None, "part 1"])


def test_what_has_used_its_time_ends_and_its_part_is_everybody_s(desk, clock):
    desk.open(max_seconds=10.0)
    job = desk.ask("x")
    clock[0] += 9.0
    assert desk.puppets["x"].asks() is False
    clock[0] += 2.0
    assert desk.puppets["x"].asks() is True
    desk.finish("x", "part")
    assert job.result() == "part"
    assert job.out_of_time
    # A server is shared while somebody else asks.
    desk.board.find(desk.work("x"), "A")
    assert not desk.board.shared
    assert desk.board.ask(desk.work("x"), "B") is job
    assert desk.board.shared
    clock[0] += boards.SHARED_SECONDS
    assert not desk.board.shared


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_only_long_work_has_a_lower_priority(desk, clock):
    desk.ask("x")
    puppet, usual = desk.puppets["x"], os.getpriority(os.PRIO_PROCESS, 0)
    puppet.asks()
    assert os.getpriority(os.PRIO_PROCESS, puppet.thread) == usual
    clock[0] += TURN
    puppet.asks()
    assert os.getpriority(os.PRIO_PROCESS, puppet.thread) == min(usual + boards.LOWER_BY, 19)
    assert os.getpriority(os.PRIO_PROCESS, 0) == usual
    desk.finish("x")


def test_work_that_takes_much_memory_begins_when_what_has_begun_leaves_room(desk):
    desk.open(at_once=3)
    much = {"nbytes": 300_000}
    desk.ask("x", **much)
    second, small = desk.ask("y", "B", begins=False, **much), desk.ask("z", "C")
    assert not desk.puppets["y"].began.is_set()
    assert desk.board.before(second) == 2
    desk.finish("x")
    assert desk.puppets["y"].began.wait(PATIENCE)
    # By itself anything may begin.
    third = desk.ask("huge", "D", begins=False, nbytes=10**9)
    for request in "yz":
        desk.finish(request)
    assert small.result() == "whole"
    assert desk.puppets["huge"].began.wait(PATIENCE)
    desk.finish("huge")
    assert third.result() == "whole"
