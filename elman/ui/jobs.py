"""From a request to its result: at once, as a job, or from what is kept.

`result(work)` is the one way to all that takes time. A job is done in a thread that outlives a
script run, a page change or a closed tab, and all visitors of a server share it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent import futures
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import streamlit as st

from elman.ui import prose, server, session
from elman.ui.limits import Limits
from elman.ui.store import Store

R = TypeVar("R")

# Short work that runs as a job is waited for so many times longer before its progress is shown.
WAIT_FACTOR = 3.0

# Predicted times that are remembered.
KEPT_SECONDS = 1024

# Why the work that this session asked for last could not start.
_PROBLEM = session.Kept("start_problem", "")


@dataclass(frozen=True)
class Work(Generic[R]):
    """A frozen request, how to do it, and what a page says of it.

    Work of one kind with equal requests is the same work and has one result.

    request   what is asked for; hashable
    kind      tells equal requests apart, and begins the keys of the buttons; empty for the run
              that a whole page is about
    seconds   `seconds()` says about how long it takes on this machine; see `timed`
    run       `run(on_progress, should_stop)` does it and gives the result. It draws nothing, and
              reports `on_progress(share, so_far)`, where `so_far` is losses, results or the like
    starts    whether it starts by itself; otherwise a button starts it
    here      short work is done while the page waits for it, not as a job
    stopped   what to say of a result that is not whole; empty for one that is
    """

    request: Hashable
    kind: str
    seconds: Callable[[], float]
    run: Callable[[Callable[[float, Any], None], Callable[[], bool]], R]
    starts: Literal["on a press", "if short", "always"] = "on a press"
    here: bool = False
    stopped: Callable[[R], str] = lambda result: ""
    label: str = "Train"
    again: str = "Train again"
    subject: str = "This"
    failed: str = "This failed"
    advice: str = "Fewer epochs or units, or a shorter sequence, bring it down."
    progress: Callable[[Any], str] = lambda so_far: "Under way"
    stop_keeps: str = "What is done so far is kept."

    @property
    def key(self) -> Hashable:
        """The same for all that has one result."""
        return self.kind, self.request


class TooManyJobs(RuntimeError):
    """As many jobs are under way as this machine allows."""


class Job(Generic[R]):
    """Work that is or was done: how far it is, what there is so far, and in the end its result."""

    def __init__(self, work: Work[R], ended: Callable[[Job[R]], None]) -> None:
        self.work = work
        self._ended = ended
        self.so_far: Any = ()
        self.share = 0.0
        self._stop = threading.Event()
        self._began = time.monotonic()
        self._future: Future[R] = Future()

    def start(self) -> None:
        """Do the work in a thread of its own."""
        # Python waits at its end for the threads of an executor, so a server that is told to stop
        # would go on until the work is done; it does not wait for a daemon.
        threading.Thread(target=self.do, name="job", daemon=True).start()

    def do(self) -> None:
        """Do the work in the calling thread."""
        try:
            self._future.set_result(self.work.run(self._progress, self._stop.is_set))
        except BaseException as error:
            self._future.set_exception(error)
        self._ended(self)

    def _progress(self, share: float, so_far: Any) -> None:
        self.so_far = so_far
        self.share = share

    def stop(self) -> None:
        """End the work soon; what is done stays."""
        self._stop.set()

    @property
    def alive(self) -> bool:
        """Whether it is still under way."""
        return not self._future.done()

    @property
    def seconds_left(self) -> float | None:
        """Estimated from the pace so far; None before there is one."""
        if self.share <= 0.0:
            return None
        return (time.monotonic() - self._began) * (1.0 - self.share) / self.share

    def wait(self, seconds: float | None = None) -> None:
        """Until it is done, or so many seconds have passed."""
        futures.wait([self._future], timeout=seconds)

    @property
    def failed(self) -> bool:
        """Whether it is done and has no result."""
        return not self.alive and self._future.exception() is not None

    def result(self) -> R:
        """The result, waiting for it if need be; raises what the work raised."""
        return self._future.result()


class JobBoard:
    """The work of one server process, shared by all its visitors.

    Two visitors who ask for the same work watch the same job. At most `at_once` jobs are under
    way at a time, and finished ones are in `store`.
    """

    def __init__(self, at_once: int, store: Store) -> None:
        self._at_once = at_once
        self._store = store
        # Under way.
        self._jobs: dict[Hashable, Job[Any]] = {}
        self._short: dict[Hashable, Job[Any]] = {}
        self._seconds: OrderedDict[Hashable, float] = OrderedDict()
        self._lock = threading.Lock()

    def timed(self, measure: Callable[..., float], *request: Hashable) -> float:
        """What `measure(*request)` says, asked once and remembered."""
        seconds = self._seconds.get((measure, request))
        if seconds is None:
            seconds = measure(*request)
            with self._lock:
                self._seconds[measure, request] = seconds
                if len(self._seconds) > KEPT_SECONDS:
                    self._seconds.popitem(last=False)
        return seconds

    def get(self, key: Hashable) -> Job[Any] | None:
        """The job of the work with this key, if it was started here and is still kept."""
        return self._jobs.get(key) or self._store.get(("job", key))

    def start(self, work: Work[R]) -> Job[R]:
        """Start the work, or join the job that does it already.

        Raises TooManyJobs when none can start now.
        """
        with self._lock:
            job = self._jobs.get(work.key)
            if job is not None and job.alive:
                return job
            if sum(other.alive for other in self._jobs.values()) >= self._at_once:
                raise TooManyJobs(
                    f"As many long runs are training as this machine allows ({self._at_once}). "
                    "Wait until one of them ends, or stop yours."
                )
            self._jobs[work.key] = job = Job(work, self._keep)
            job.start()
            return job

    def _keep(self, job: Job[Any]) -> None:
        with self._lock:
            if self._jobs.get(job.work.key) is job:
                self._store.put(("job", job.work.key), job)
                del self._jobs[job.work.key]

    def do_here(self, work: Work[R]) -> Job[R]:
        """The finished job of short work: done now by the calling thread, or by another before."""
        with self._lock:
            job = self._short.get(work.key) or self._store.get(("short", work.key))
            mine = job is None
            if job is None:
                self._short[work.key] = job = Job(work, self._keep_short)
        if mine:
            job.do()
        job.wait()
        return job

    def _keep_short(self, job: Job[Any]) -> None:
        with self._lock:
            # What failed may go well for who asks next.
            if not job.failed:
                self._store.put(("short", job.work.key), job)
            del self._short[job.work.key]


@st.cache_resource(show_spinner=False)
def limits() -> Limits:
    """The limits of this server."""
    return Limits.from_environment()


@st.cache_resource(show_spinner=False)
def board() -> JobBoard:
    """The jobs of this server."""
    return JobBoard(limits().max_jobs, server.store())


def timed(measure: Callable[..., float], *request: Hashable) -> float:
    """The seconds that `measure(*request)` predicts, measured once on this server."""
    return board().timed(measure, *request)


def stopped_after(done: int, of: int, things: str) -> str:
    """What to say of a result that has only so many of its things; empty if it has all."""
    return f"Stopped after {done} of {of} {things}." if done < of else ""


def _start(work: Work[Any]) -> None:
    try:
        board().start(work)
    except TooManyJobs as error:
        _PROBLEM.set(str(error))


def _job_of(work: Work[R]) -> Job[R] | None:
    """The job of some work, started if that needs no press; None while it waits for one."""
    job = board().get(work.key)
    if job is not None:
        return job
    seconds = work.seconds()
    short = seconds <= limits().instant_seconds
    if work.starts == "on a press" or (work.starts == "if short" and not short):
        return None
    if short and work.here:
        return board().do_here(work)
    if seconds <= limits().max_run_seconds:
        _start(work)
        job = board().get(work.key)
        if job is not None and short:
            job.wait(WAIT_FACTOR * limits().instant_seconds)
    return job


def result_if_ready(work: Work[R]) -> R | None:
    """The result of `work` if there is one, or if it takes no time; draws nothing."""
    try:
        job = _job_of(work)
        return None if job is None or job.alive else job.result()
    except Exception:
        # The page that shows this work says why.
        return None


def result(
    work: Work[R],
    draw_so_far: Callable[[Any], Any] | None = None,
    draw_before: Callable[[], Any] | None = None,
) -> R | None:
    """The result of `work`, or None while there is none; draws what to do or wait for.

    Work that waits for a press shows its predicted time and a button, above what `draw_before()`
    draws; work under way shows progress and Stop, and `draw_so_far(so_far)` what there is; a
    result that is not whole comes with a button that does the work anew.
    """
    try:
        job = _job_of(work)
        under_way = job is not None and job.alive
        found = None if job is None or under_way else job.result()
    except Exception as error:
        st.error(f"{work.failed}: {str(error) or type(error).__name__}. Try other settings.")
        return None
    if under_way:
        _watch(work, draw_so_far)
    elif found is None:
        _offer(work, draw_before)
    elif message := work.stopped(found):
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.info(message)
        right.button(work.again, on_click=_start, args=(work,), width="stretch")
    return found


def _offer(work: Work[Any], draw_before: Callable[[], Any] | None) -> None:
    needed, longest = work.seconds(), limits().max_run_seconds
    takes = f"{work.subject} takes {{}} on this machine."
    # The run that a page is about stands in a frame: the page has nothing else to show.
    framed = not work.kind
    with st.container(border=framed, key="offer_training" if framed else None):
        if needed > longest:
            st.error(
                f"{work.subject} would take {spell_seconds(needed)} here, and this server allows "
                f"{spell_seconds(longest)}. {work.advice}"
            )
            return
        if framed:
            prose.say(takes.format(f"**{spell_seconds(needed)}**"))
        key = f"{work.kind}_start" if work.kind else "train"
        st.button(work.label, type="primary", on_click=_start, args=(work,), key=key)
        if not framed:
            prose.caption(takes.format(spell_seconds(needed)))
    if problem := _PROBLEM.pop():
        st.warning(problem)
    if draw_before is not None:
        draw_before()


@st.fragment(run_every=0.5)
def _watch(work: Work[Any], draw_so_far: Callable[[Any], Any] | None) -> None:
    job = board().get(work.key)
    if job is None or not job.alive:
        st.rerun()
    so_far, left = job.so_far, job.seconds_left
    words = work.progress(so_far)
    if left is not None:
        words += f", {spell_seconds(left)} left"
    st.progress(min(job.share, 1.0), text=words)
    key = f"{work.kind}_stop" if work.kind else "stop"
    st.button("Stop", on_click=job.stop, key=key, help=work.stop_keeps)
    if draw_so_far is not None and len(so_far):
        draw_so_far(so_far)


def spell_seconds(seconds: float) -> str:
    """A duration as a reader would say it."""
    if seconds < 1.5:
        return "about a second"
    if seconds < 90:
        return f"about {seconds:.0f} seconds"
    if seconds < 90 * 60:
        return f"about {seconds / 60:.0f} minutes"
    if seconds < 36 * 3600:
        return f"about {seconds / 3600:.0f} hours"
    return f"about {seconds / 86400:,.0f} days"
