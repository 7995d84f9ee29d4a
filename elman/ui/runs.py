"""From an experiment to its run on the screen: at once if it is short, as a job if it is not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from elman import training
from elman.analysis.references import Reference, references
from elman.charts.loss import loss_curve
from elman.experiment import Experiment
from elman.tasks import task_of, training_sequence
from elman.training import Run, trainers
from elman.ui import opened
from elman.ui.jobs import Job, JobBoard, TooManyJobs, Work
from elman.ui.limits import Limits
from elman.ui.show import figure

# A trainer that comes back from compiled code, as a short run does once a pass, waits so long for
# another session that is busy in Python, instead of 5 ms. benchmarks/sharing.py shows the gain.
TURN_SECONDS = 0.0002

# Work that should be short is waited for so many times longer before its progress is shown.
PATIENCE = 3.0


@st.cache_resource(show_spinner=False)
def limits() -> Limits:
    """The limits of this server."""
    return Limits.from_environment()


@st.cache_resource(show_spinner=False)
def _board() -> JobBoard:
    return JobBoard(limits().max_jobs, limits().kept_runs)


@st.cache_resource(
    show_spinner="Preparing the compiled trainer: about ten seconds, once on this machine.",
)
def prepare() -> bool:
    """Compile the kernels, or load them from this machine's cache; whether there are any."""
    sys.setswitchinterval(TURN_SECONDS)
    available = trainers.compiled_available()
    if available:
        # A narrow and a wide network: each has kernels of its own.
        for hidden in (4, 20):
            tiny = Experiment(hidden=hidden, length=60, epochs=1)
            run = training.run(tiny)
            training.predict(run.snapshots[-1], run.sequence, tiny)
    return available


@st.cache_data(max_entries=1024, show_spinner=False)
def predicted_seconds(experiment: Experiment) -> float:
    """About how long training takes on this machine."""
    return training.predicted_seconds(experiment)


@st.cache_resource(max_entries=64, show_spinner=False)
def _instant_run(experiment: Experiment) -> Run:
    return training.run(experiment)


@st.cache_resource(max_entries=256, show_spinner=False)
def references_of(experiment: Experiment) -> tuple[Reference, ...]:
    """What the losses of an experiment can be compared with."""
    return references(training_sequence(experiment), task_of(experiment))


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


def current_run(experiment: Experiment) -> Run | None:
    """The run of the experiment, or None while there is none; draws what to do or wait for.

    Short runs train here and now. A long one shows its predicted time and a Train button, then
    its live curve with progress and Stop. One that this session opened from a file is shown as it
    is in the file.
    """
    if not prepare():
        st.caption("Numba is not installed: training uses NumPy, a few hundred times slower.")
    if name_file(experiment):
        return _finished(opened.of(experiment).run, again=False)
    job = _board().get(experiment)
    if job is not None and job.alive:
        _watch(experiment)
        return None
    try:
        run = _made(experiment)
    except Exception as error:
        reason = str(error) or type(error).__name__
        st.error(f"Training failed: {reason}. Try other settings.")
        return None
    if run is None:
        _offer_training(experiment)
        return None
    return _finished(run)


def existing_run(experiment: Experiment) -> Run | None:
    """The run of the experiment if there is one, or if making it takes no time; draws nothing."""
    prepare()
    if (saved := opened.of(experiment)) is not None:
        run = saved.run
    else:
        job = _board().get(experiment)
        if job is not None and job.alive:
            return None
        try:
            run = _made(experiment)
        except Exception:
            # The page says why.
            return None
    return run if run is not None and run.epochs_done else None


def _made(experiment: Experiment) -> Run | None:
    """The run of a job that has ended, or of an experiment short enough to train at once."""
    job = _board().get(experiment)
    if job is not None:
        return job.result()
    short = predicted_seconds(experiment) <= limits().instant_seconds
    return _instant_run(experiment) if short else None


def name_file(experiment: Experiment) -> bool:
    """Say so if the run of the experiment is one that this session opened; whether it is."""
    saved = opened.of(experiment)
    if saved is None:
        return False
    with st.container(border=True, key="from_file"):
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.markdown(f"Shown from the saved file {code(saved.name)}, not trained here.")
        right.button("Train anew", on_click=opened.forget, width="stretch")
    return True


def code(text: str, longest: int = 60) -> str:
    """A name that a stranger may have chosen, as code, so that none of it is Markdown."""
    text = " ".join(text.replace("`", "'").split())
    return f"`{text if len(text) <= longest else text[: longest - 1] + '…'}`"


def _finished(run: Run, again: bool = True) -> Run | None:
    if run.status == "stopped" and not again:
        st.info(run.message)
    elif run.status == "stopped":
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.info(run.message)
        right.button("Train again", on_click=_start, args=(run.experiment,), width="stretch")
    elif run.status == "diverged":
        st.error(run.message)
    if run.epochs_done == 0:
        st.info("No epoch was completed, so there is nothing to show.")
        return None
    return run


def _offer_training(experiment: Experiment) -> None:
    seconds = predicted_seconds(experiment)
    with st.container(border=True, key="offer_training"):
        if seconds > limits().max_run_seconds:
            st.error(
                f"This run would take {spell_seconds(seconds)} here, and this server allows "
                f"{spell_seconds(limits().max_run_seconds)}. Fewer epochs, a shorter sequence, "
                "fewer hidden units or a smaller gradient depth bring it down."
            )
            return
        st.markdown(f"This run takes **{spell_seconds(seconds)}** on this machine.")
        st.button("Train", type="primary", on_click=_start, args=(experiment,), key="train")
    if problem := st.session_state.pop("start_problem", None):
        st.warning(problem)


def _start(experiment: Experiment | Hashable, work: Work | None = None) -> None:
    try:
        _board().start(experiment, work)
    except TooManyJobs as error:
        st.session_state["start_problem"] = str(error)


@st.fragment(run_every=0.5)
def _watch(experiment: Experiment) -> None:
    job = _board().get(experiment)
    if job is None or not job.alive:
        st.rerun()
    _draw_progress(job)
    st.button("Stop", on_click=job.stop, key="stop", help="What was learned so far is kept.")
    losses = job.losses
    if len(losses):
        figure(
            loss_curve(losses, references_of(experiment), epochs=experiment.epochs),
            f"Loss so far: {losses[-1]:.4f} after {len(losses)} epochs.",
        )


def _draw_progress(job: Job) -> None:
    done = len(job.losses)
    left = job.seconds_left
    text = f"Epoch {done} of {job.experiment.epochs}"
    if left is not None:
        text += f", {spell_seconds(left)} left"
    st.progress(min(job.share, 1.0), text=text)


def background(
    key: Hashable,
    name: str,
    label: str,
    seconds: float,
    work: Work,
    draw: Callable[[Any], Any] | None = None,
    advice: str = "Fewer epochs or units, or a shorter sequence, bring it down.",
    before: Callable[[], Any] | None = None,
    *,
    at_once: bool = False,
) -> Any | None:
    """The result of `work`, a job known by `key`; None while there is none.

    Before, a button `label` with the predicted time starts it, above what `before` draws;
    meanwhile it shows progress and Stop, and `draw` shows what the work has reported so far.
    `name` begins the keys of both buttons; `advice` tells what to do where this server allows less.
    With `at_once` it starts by itself, if it may, and short work is waited for.
    """
    job = _board().get(key)
    if job is None and at_once and seconds <= limits().max_run_seconds:
        _start(key, work)
        job = _board().get(key)
        if job is not None and seconds <= limits().instant_seconds:
            job.wait(PATIENCE * limits().instant_seconds)
    if job is not None and job.alive:
        _watch_work(key, name, draw)
        return None
    if job is not None:
        try:
            return job.result()
        except Exception as error:
            st.error(f"This failed: {str(error) or type(error).__name__}. Try other settings.")
            return None
    longest = limits().max_run_seconds
    if seconds > longest:
        st.error(
            f"This would take {spell_seconds(seconds)} here, and this server allows "
            f"{spell_seconds(longest)}. {advice}"
        )
        return None
    st.button(label, type="primary", on_click=_start, args=(key, work), key=f"{name}_start")
    st.caption(f"This takes {spell_seconds(seconds)} on this machine.")
    if problem := st.session_state.pop("start_problem", None):
        st.warning(problem)
    if before is not None:
        before()
    return None


@st.fragment(run_every=0.5)
def _watch_work(key: Hashable, name: str, draw: Callable[[Any], Any] | None) -> None:
    job = _board().get(key)
    if job is None or not job.alive:
        st.rerun()
    left = job.seconds_left
    text = "Under way" if left is None else f"Under way, {spell_seconds(left)} left"
    st.progress(min(job.share, 1.0), text=text)
    st.button("Stop", on_click=job.stop, key=f"{name}_stop", help="What is done so far is kept.")
    if draw is not None and len(job.losses):
        draw(job.losses)


def start_again(key: Hashable, work: Work, label: str) -> None:
    """A button that does the work of `background` once more, for one that was stopped."""
    st.button(label, on_click=_start, args=(key, work))
