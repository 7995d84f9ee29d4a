"""The work of a server: what is under way, who waits for it, and whose turn it is.

Whoever asks for the same work shares one job. So many jobs are under way at a time; the others
wait, new ones before those that had a turn, and a job whose turn is over lets others go on. So
short work is done soon whatever else is under way, and long work takes turns. A job ends when it
is done, when nobody waits for it any more, or when it has used its time.

All of this is decided when work asks whether it should stop: no thread watches over the others.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent import futures
from concurrent.futures import Future
from functools import partial
from typing import Any, Generic, TypeVar

from elman.ui.store import Store
from elman.ui.work import Work

R = TypeVar("R")

# A job that has run so long lets another go on, and from then on its threads have a lower
# priority than pages: short work needs neither.
TURN_SECONDS = 1.0
LOWER_BY = 10

# Who has not looked at a job for so long waits for it no more. It is more than a minute, since
# browsers run the timers of a hidden tab once a minute.
UNSEEN_SECONDS = 75.0

# A server is shared if somebody else asked for something so lately.
SHARED_SECONDS = 600.0

# A job that waits for its turn looks so often whether somebody still waits for it.
LOOK_SECONDS = 1.0

# The name of a thread that does a job.
THREAD = "job"

# Failures that are remembered for those who waited.
KEPT_FAILURES = 64


class Job(Generic[R]):
    """Work that is or was done: how far it is, what there is so far, and in the end its result.

    so_far        what the work reported last
    share         how much of the work is done, 0 to 1
    part          what the result would be if the work stopped now, where it can tell
    out_of_time   whether it ended because it had used its time
    """

    def __init__(self, work: Work[R], clock: Callable[[], float]) -> None:
        self.key, self.kind, self.nbytes = work.key, work.kind, work.nbytes
        self.so_far: Any = ()
        self.share = 0.0
        self.part: R | None = None
        self.out_of_time = False
        self._part_of = work.part
        self._clock = clock
        self._asked = clock()
        self._first_report: tuple[float, float] | None = None
        self._future: Future[R | None] = Future()
        # What follows is the board's, under its lock: when each who waits for it looked last;
        # whether it has been told to end; its turns, their time, and when the present one began.
        self.looked: dict[str, float] = {}
        self.ending = False
        self.turns = 0
        self.used = 0.0
        self.turn_began = 0.0

    def report(self, share: float, so_far: Any) -> None:
        """The work is so far."""
        if self._first_report is None:
            self._first_report = self._clock(), share
        self.so_far = so_far
        self.share = share

    def keep_part(self, part: R) -> None:
        """The work would give this if it stopped now."""
        self.part = part

    def settle(self, found: R | None, error: BaseException | None = None) -> None:
        """The work is over, with this result or error."""
        self.so_far, self.part = (), None
        if error is None:
            self._future.set_result(found)
        else:
            self._future.set_exception(error)

    @property
    def alive(self) -> bool:
        """Whether it is still under way, or waits for its turn."""
        return not self._future.done()

    @property
    def age(self) -> float:
        """Seconds since it was asked for."""
        return self._clock() - self._asked

    @property
    def seconds_left(self) -> float | None:
        """Estimated from the pace between the first report and now; None before there is one."""
        if self._first_report is None:
            return None
        began, share = self._first_report
        if self.share <= share:
            return None
        return (self._clock() - began) * (1.0 - self.share) / (self.share - share)

    def so_far_as_result(self) -> R | None:
        """The result as if the work stopped now; None where that cannot be told."""
        if self._part_of is not None and len(self.so_far):
            return self._part_of(self.so_far)
        return self.part

    def wait(self, seconds: float | None = None) -> bool:
        """Until it is over, or so many seconds have passed; whether it is over."""
        return bool(futures.wait([self._future], timeout=seconds).done)

    def result(self) -> R | None:
        """What the work gave, waited for; raises what it raised. None if it never began."""
        return self._future.result()


class JobBoard:
    """All jobs of a server.

    at_once       jobs that are under way at a time
    max_seconds   what a job may use of them in all
    store         where finished jobs are kept, and what is not whole of work that can go on
    """

    def __init__(
        self,
        at_once: int,
        max_seconds: float,
        store: Store,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._at_once = at_once
        self._max_seconds = max_seconds
        self._store = store
        self._clock = clock
        self._jobs: dict[Hashable, Job[Any]] = {}
        self._failed: OrderedDict[Hashable, Job[Any]] = OrderedDict()
        self._running: list[Job[Any]] = []
        self._waiting: list[Job[Any]] = []
        self._seen: dict[str, float] = {}
        self._changed = threading.Condition()
        self._lowered = threading.local()

    def find(self, work: Work[R], viewer: str) -> Job[R] | None:
        """The job of some work, which this viewer now waits for, or its finished one; else None.

        The viewer waits for no other work of this kind any more.
        """
        with self._changed:
            now = self._seen[viewer] = self._clock()
            for job in list(self._jobs.values()):
                if job.kind == work.kind and job.key != work.key:
                    self._leave(job, viewer)
            present = self._jobs.get(work.key)
            if present is not None and not present.ending:
                present.looked[viewer] = now
                return present
            failed = self._failed.get(work.key)
            if failed is not None and viewer in failed.looked:
                return failed
            return self._store.get(("job", work.key))

    def ask(self, work: Work[R], viewer: str) -> Job[R]:
        """The job of some work, which this viewer now waits for, begun if there is none."""
        with self._changed:
            job = self.find(work, viewer)
            if job is not None:
                return job
            job, before = Job(work, self._clock), self._jobs.get(work.key)
            job.looked[viewer] = self._clock()
            self._jobs[work.key] = job
            if before is None:
                self._join(job)
            # Python waits at its end for the threads of an executor, so a server that is told to
            # stop would go on until the work is done; it does not wait for a daemon.
            threading.Thread(
                target=self._do, args=(job, work, before), name=THREAD, daemon=True
            ).start()
            return job

    def forget(self, work: Work[Any], viewer: str) -> None:
        """Let a viewer ask anew for work that failed."""
        with self._changed:
            failed = self._failed.get(work.key)
            if failed is not None:
                failed.looked.pop(viewer, None)

    def whole(self, key: Hashable) -> bool:
        """Whether the result of the work with this key is kept."""
        with self._changed:
            return self._store.get(("job", key)) is not None

    def measure(self, key: Hashable) -> None:
        """Look anew how large the result of the work with this key is."""
        with self._changed:
            job = self._store.get(("job", key))
            if job is not None:
                self._store.put(("job", key), job)

    def look(self, job: Job[Any], viewer: str) -> None:
        """A viewer still waits for a job."""
        with self._changed:
            if not job.ending:
                job.looked[viewer] = self._clock()

    def detach(self, work: Work[R], viewer: str) -> Job[R] | None:
        """Let a viewer wait for some work no more, and give what this one has of it.

        That is the job itself if nobody else waits for it: it ends. Else it is a finished job with
        what there is so far, and the work goes on for the others.
        """
        with self._changed:
            job = self._jobs.get(work.key)
            if job is None or viewer not in job.looked:
                return None
            self._leave(job, viewer)
            if job.ending:
                return job
            return self.ended(work, job.so_far_as_result())

    def ended(self, work: Work[R], part: R | None) -> Job[R]:
        """A job that is over, with a part of its result or nothing."""
        job = Job(work, self._clock)
        job.settle(part)
        return job

    def before(self, job: Job[Any]) -> int:
        """How many other jobs come before one that has had no turn yet."""
        with self._changed:
            if job.turns:
                return 0
            line = self._line(self._waiting)
            place = line.index(job) if job in line else len(line)
            return place + len(self._running)

    def sharing(self, job: Job[Any]) -> int:
        """With how many others a job takes turns; 0 while none has to wait."""
        with self._changed:
            others = {*self._running, *self._waiting} - {job}
            return len(others) if self._waiting else 0

    @property
    def shared(self) -> bool:
        """Whether more than one viewer has asked for something lately."""
        with self._changed:
            now = self._clock()
            self._seen = {v: at for v, at in self._seen.items() if now - at < SHARED_SECONDS}
            return len(self._seen) > 1

    def _do(self, job: Job[R], work: Work[R], before: Job[R] | None) -> None:
        found: R | None = None
        error: BaseException | None = None
        try:
            if before is not None:
                # The same work is about to end for others, and this goes on from there.
                before.wait()
                with self._changed:
                    self._join(job)
            should_stop = partial(self._should_stop, job)
            if not should_stop():
                self._store.reserve(("room", job), work.nbytes)
                options = {}
                if work.goes_on:
                    with self._changed:
                        begun = self._store.get(("part", work.key))
                    options = {"begun": begun, "on_part": job.keep_part}
                found = work.run(job.report, should_stop, **options)
        except BaseException as raised:
            error = raised
        self._end(job, work, found, error)

    def _end(
        self, job: Job[R], work: Work[R], found: R | None, error: BaseException | None
    ) -> None:
        whole = found is not None and (job.out_of_time or not work.stopped(found))
        key = work.key
        with self._changed:
            job.settle(found, error)
            job.ending = True
            for line in (self._running, self._waiting):
                with contextlib.suppress(ValueError):
                    line.remove(job)
            if self._jobs.get(key) is job:
                del self._jobs[key]
            self._store.drop(("room", job))
            if error is not None:
                self._failed[key] = job
                if len(self._failed) > KEPT_FAILURES:
                    self._failed.popitem(last=False)
            elif whole:
                self._failed.pop(key, None)
                self._store.put(("job", key), job)
                self._store.drop(("part", key))
            elif found is not None and work.goes_on:
                self._store.put(("part", key), found)
            self._grant()

    def _leave(self, job: Job[Any], viewer: str) -> None:
        if job.looked.pop(viewer, None) is not None and not job.looked:
            job.ending = True
            self._changed.notify_all()

    def _should_stop(self, job: Job[Any]) -> bool:
        """Whether a job must end; it may have to wait here for its next turn."""
        with self._changed:
            if job in self._running and not self._must_end(job) and self._gives_way(job):
                self._pause(job)
            while not (ends := self._must_end(job)) and job not in self._running:
                self._changed.wait(LOOK_SECONDS)
            used = self._used(job)
        if not ends and used > TURN_SECONDS:
            self._lower_priority()
        return ends

    def _must_end(self, job: Job[Any]) -> bool:
        if not job.ending:
            now = self._clock()
            for viewer, looked in list(job.looked.items()):
                if now - looked > UNSEEN_SECONDS:
                    del job.looked[viewer]
            job.out_of_time = self._used(job) > self._max_seconds
            job.ending = job.out_of_time or not job.looked
        return job.ending

    def _used(self, job: Job[Any]) -> float:
        present = self._clock() - job.turn_began if job in self._running else 0.0
        return job.used + present

    def _gives_way(self, job: Job[Any]) -> bool:
        if not self._waiting:
            return False
        line = self._line([*self._waiting, job], without=job)
        turn_over = self._clock() - job.turn_began > TURN_SECONDS
        return line[0] is not job and (turn_over or (job.turns > 1 and not line[0].turns))

    def _line(self, jobs: list[Job[Any]], without: Job[Any] | None = None) -> list[Job[Any]]:
        """Jobs in the order of their turns: new ones, then those whose viewers have none.

        A new one begins only if what has begun leaves room for it in half of the memory.
        """
        taken = sum(job.nbytes for job in self._jobs.values() if job.turns)
        room = self._store.max_bytes / 2 - taken
        jobs = [job for job in jobs if job.turns or not taken or job.nbytes <= room]
        busy = {v for job in self._running if job is not without for v in job.looked}
        return sorted(jobs, key=lambda job: (job.turns > 0, all(v in busy for v in job.looked)))

    def _join(self, job: Job[Any]) -> None:
        self._waiting.append(job)
        self._grant()

    def _pause(self, job: Job[Any]) -> None:
        job.used = self._used(job)
        self._running.remove(job)
        self._join(job)

    def _grant(self) -> None:
        while self._waiting and len(self._running) < self._at_once:
            line = self._line(self._waiting)
            if not line:
                break
            job = line[0]
            self._waiting.remove(job)
            self._running.append(job)
            job.turn_began = self._clock()
            job.turns += 1
        self._changed.notify_all()

    def _lower_priority(self) -> None:
        # Elsewhere than on Linux a thread has no priority of its own that this could set.
        if sys.platform == "linux" and not getattr(self._lowered, "done", False):
            self._lowered.done = True
            with contextlib.suppress(OSError):
                thread = threading.get_native_id()
                usual = os.getpriority(os.PRIO_PROCESS, thread)
                os.setpriority(os.PRIO_PROCESS, thread, usual + LOWER_BY)
