"""From an experiment to its run on the screen: at once if it is short, as a job if it is not."""

from __future__ import annotations

import streamlit as st

from elman import charts, training
from elman.experiment import Experiment
from elman.tasks import TASKS, Sequence, new_sequence, training_sequence
from elman.training import Run
from elman.ui.jobs import Job, JobBoard, TooManyJobs
from elman.ui.limits import Limits


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
def _prepare() -> bool:
    """Compile the kernels, or load them from this machine's cache; whether there are any."""
    available = training.compiled_available()
    if available:
        for task in TASKS:
            tiny = Experiment(task=task, length=12, epochs=1)
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


@st.cache_resource(max_entries=64, show_spinner=False)
def sequence_of(experiment: Experiment, kind: str) -> Sequence:
    """The "training" sequence of an experiment, or a "new" one of the same rule."""
    return training_sequence(experiment) if kind == "training" else new_sequence(experiment)


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
    its live curve with progress and Stop.
    """
    if not _prepare():
        st.caption("Numba is not installed: training uses NumPy, a few hundred times slower.")
    job = _board().get(experiment)
    if job is not None and job.alive:
        _watch(experiment)
        return None
    try:
        if job is not None:
            run = job.result()
        else:
            seconds = predicted_seconds(experiment)
            run = _instant_run(experiment) if seconds <= limits().instant_seconds else None
    except Exception as error:
        reason = str(error) or type(error).__name__
        st.error(f"Training failed: {reason}. Try other settings.")
        return None
    if run is None:
        _offer_training(experiment, seconds)
        return None
    return _finished(run)


def _finished(run: Run) -> Run | None:
    if run.status == "stopped":
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.info(run.message)
        right.button("Train again", on_click=_start, args=(run.experiment,), width="stretch")
    elif run.status == "diverged":
        st.error(run.message)
    if run.epochs_done == 0:
        st.info("No epoch was completed, so there is nothing to show.")
        return None
    return run


def _offer_training(experiment: Experiment, seconds: float) -> None:
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


def _start(experiment: Experiment) -> None:
    try:
        _board().start(experiment)
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
        floor = float(sequence_of(experiment, "training").floor.mean())
        st.altair_chart(
            charts.loss_curve(losses, floor, epochs=experiment.epochs),
            alt=f"Loss so far: {losses[-1]:.4f} after {len(losses)} epochs.",
        )


def _draw_progress(job: Job) -> None:
    done = len(job.losses)
    left = job.seconds_left
    text = f"Epoch {done} of {job.experiment.epochs}"
    if left is not None:
        text += f", {spell_seconds(left)} left"
    st.progress(min(job.share, 1.0), text=text)
