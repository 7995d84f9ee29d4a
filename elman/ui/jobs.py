"""From a piece of work to its result on the page: at once, or live while it is under way.

`result(work)` is the one way to all that takes time, and `answer(work)` to what takes so little
that nothing need be shown of it. The work is done on the server's board, where it outlives a
script run, a change of the page and a closed tab.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

from elman.ui import prose, server, session
from elman.ui.board import Job, JobBoard
from elman.ui.ends import PageEnds, fragment
from elman.ui.limits import Limits
from elman.ui.work import Work

R = TypeVar("R")

# Between two looks at work under way.
LOOK_SECONDS = 0.5
ANSWER_SECONDS = 0.1

_VIEWER = session.Kept("viewer", "", lasting=True)
# The key of the work of each kind that this session stopped. What it has of it is in the store.
_STOPPED: session.Kept[dict[str, Hashable]] = session.Kept("stopped", {})
# The kinds of work whose button was pressed; what the page asks for next of them begins.
_PRESSED: session.Kept[set[str]] = session.Kept("pressed", set())


@st.cache_resource(show_spinner=False)
def limits() -> Limits:
    """The limits of this server."""
    return Limits.from_environment()


@st.cache_resource(show_spinner=False)
def board() -> JobBoard:
    """The jobs of this server."""
    allowed = limits()
    return JobBoard(allowed.max_jobs, allowed.max_run_seconds, server.store())


def sweep_workers() -> int:
    """How many runs a sweep trains at a time: on a shared server one processor is left free."""
    # A tenth of a second to import, which pages that compare nothing do not wait for.
    from joblib import cpu_count

    processors = cpu_count()
    return max(1, processors - 1) if board().shared else processors


def _viewer() -> str:
    if not _VIEWER.get():
        _VIEWER.set(uuid.uuid4().hex)
    return _VIEWER.get()


def _job_of(work: Work[R]) -> Job[R] | None:
    """What this viewer sees of some work, begun if that needs no press; None if it does."""
    pressed = work.kind in _PRESSED.get()
    if pressed:
        _PRESSED.get().discard(work.kind)
        _STOPPED.get().pop(work.kind, None)
        board().forget(work, _viewer())
    stopped = _stopped(work)
    if stopped is not None and not board().whole(work.key):
        return stopped
    if pressed or work.starts == "at once":
        return board().ask(work, _viewer())
    return board().find(work, _viewer())


def _stopped(work: Work[R]) -> Job[R] | None:
    """What this session has of some work that it stopped: a job that is over or about to end."""
    if _STOPPED.get().get(work.kind) != work.key:
        return None
    job: Job[R] | None = server.store().get(_place(work))
    return board().ended(work, None) if job is None else job


def _place(work: Work[Any]) -> Hashable:
    return "stopped", _viewer(), work.key


def too_large(work: Work[Any]) -> str:
    """Why this server does not do some work, in a sentence or two; empty if it does."""
    most = limits().max_work
    if work.size <= most or board().whole(work.key):
        return ""
    times = work.size / most
    return (
        f"{work.subject} is {times:,.{0 if times >= 10 else 1}f} times the work that this server "
        f"does for one request. {work.advice}"
    )


def _wait(job: Job[Any]) -> None:
    """Give work that has just been asked for the time to be done before anything is drawn."""
    job.wait(max(0.0, limits().live_after - job.age))


def result_if_ready(work: Work[R]) -> R | None:
    """The result of `work` if there is one, or if it takes no time; draws nothing."""
    if too_large(work):
        return None
    job = _job_of(work)
    if job is None:
        return None
    _wait(job)
    try:
        return None if job.alive else job.result()
    except Exception:
        # The page that shows this work says why.
        return None


def result_if_kept(work: Work[R]) -> R | None:
    """The result of `work` if it was made and is kept; begins nothing."""
    return result_if_ready(work) if board().whole(work.key) else None


def result(
    work: Work[R],
    draw_so_far: Callable[[Any], Any] | None = None,
    draw_before: Callable[[], Any] | None = None,
) -> R | None:
    """The result of `work`, or None while there is none; draws what to do or wait for.

    Work that waits for a press shows a button, above what `draw_before()` draws; work under way
    shows progress and Stop, and `draw_so_far(so_far)` what there is; a result that is not whole
    says so, and comes with a button that goes on.
    """
    if words := too_large(work):
        st.error(words)
        return None
    job = _job_of(work)
    if job is None:
        _offer(work, draw_before)
        return None
    _wait(job)
    if job.alive:
        _watch(work, job, draw_so_far)
        return None
    try:
        found = job.result()
    except Exception as error:
        st.error(_failure(work, error))
        _button_again(work, "Try again", st.container())
        return None
    _say_if_not_whole(work, job, found)
    return found


def answer(work: Work[R], words: str) -> R:
    """The result of work that is short, waited for under `words`; ends the page if it fails."""
    job = board().ask(work, _viewer())
    _wait(job)
    if job.alive:
        with st.spinner(words):
            place = st.empty()
            while not job.wait(ANSWER_SECONDS):
                board().look(job, _viewer())
                # Here Streamlit ends this run if the reader has changed something.
                place.empty()
    try:
        found = job.result()
    except Exception as error:
        board().forget(work, _viewer())
        st.error(_failure(work, error))
        raise PageEnds from error
    if found is None:
        raise PageEnds
    return found


def measure(work: Work[Any]) -> None:
    """Look anew how much memory a result takes, which grows while it is used."""
    board().measure(work.key)


def _failure(work: Work[Any], error: Exception) -> str:
    return f"{work.failed}: {str(error) or type(error).__name__}. Try other settings."


def _say_if_not_whole(work: Work[R], job: Job[R], found: R | None) -> None:
    message = "Stopped; nothing of it is here." if found is None else work.stopped(found)
    if not message:
        return
    if job.out_of_time:
        longest = spell_seconds(limits().max_run_seconds)
        st.warning(f"{message} This server ends whatever has taken {longest}. {work.advice}")
        return
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.info(message)
    _button_again(work, "Go on" if work.goes_on else work.again, right)


def _button_again(work: Work[Any], label: str, where: Any) -> None:
    key = f"{work.kind or 'train'}_again"
    where.button(label, on_click=_start, args=(work.kind,), key=key, width="stretch")


def _start(kind: str) -> None:
    _PRESSED.get().add(kind)


def _stop(work: Work[Any]) -> None:
    job = board().detach(work, _viewer())
    if job is not None:
        job.wait(limits().live_after)
        _STOPPED.get()[work.kind] = work.key
        server.store().put(_place(work), job)


def _offer(work: Work[Any], draw_before: Callable[[], Any] | None) -> None:
    st.button(
        work.label, type="primary", on_click=_start, args=(work.kind,), key=f"{work.kind}_start"
    )
    prose.caption("The result grows while it is made, and Stop keeps what is done.")
    if draw_before is not None:
        draw_before()


@fragment(run_every=LOOK_SECONDS)
def _watch(work: Work[Any], job: Job[Any], draw_so_far: Callable[[Any], Any] | None) -> None:
    if not job.alive or _stopped(work) not in (None, job):
        # Only a run of the whole page ends the clock.
        st.rerun()
    board().look(job, _viewer())
    so_far = job.so_far
    st.progress(min(job.share, 1.0), text=_progress(work, job))
    if not job.ending:
        key = f"{work.kind}_stop" if work.kind else "stop"
        st.button("Stop", on_click=_stop, args=(work,), key=key, help=work.stop_keeps)
    if draw_so_far is not None and len(so_far):
        draw_so_far(so_far)


def _progress(work: Work[Any], job: Job[Any]) -> str:
    if job.ending:
        return "Stopping"
    if before := board().before(job):
        return f"Waiting: {before} {'other is' if before == 1 else 'others are'} before you"
    words = work.progress(job.so_far)
    if others := board().sharing(job):
        words += f", in turn with {others} other{'s' if others > 1 else ''}"
    left = job.seconds_left
    return words if left is None else f"{words}, {spell_seconds(left)} left"


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
