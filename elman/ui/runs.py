"""The run of an experiment on the screen, and what else pages keep of the library's answers."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sized
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from elman import shipped, training
from elman.analysis.references import Reference, references
from elman.charts.loss import loss_curve
from elman.experiment import Experiment
from elman.tasks import task_of, training_sequence
from elman.training import Run, compiling
from elman.training.batches import total_work
from elman.training.sizes import run_bytes
from elman.training.trainers import kernel_of
from elman.ui import freeing, jobs, kept_runs, prose, server
from elman.ui.show import figure
from elman.ui.store import Store
from elman.ui.work import Work

# After so long a thread that computes in Python lets another one run; Python's default is 5 ms. A
# short run comes back from compiled code once a pass, and would wait that long each time.
# benchmarks/sharing.py shows the gain.
TURN_SECONDS = 0.0002

# What a first visitor's browser has to ask for, once a page is drawn, takes about so long.
HEAD_START = 1.0


@contextlib.contextmanager
def kernels_afterwards() -> Iterator[None]:
    """Let the kernels be compiled, or loaded, in the background once a page is drawn within."""
    sys.setswitchinterval(TURN_SECONDS)
    compiling.announce()
    try:
        yield
    finally:
        compiling.prepare_in_background(after=HEAD_START)
        freeing.collect_now_and_then()


def progress(kernel: str, so_far: Sized, words: str) -> str:
    """What to say of work that a kernel does: `words`, once it is there or anything is done."""
    if len(so_far) or compiling.ready(kernel) or not compiling.installed():
        return words
    return "Compiling, once on this machine"


# Otherwise Streamlit would copy all that an experiment holds each time.
@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs={Experiment: repr})
def references_of(experiment: Experiment) -> tuple[Reference, ...]:
    """What the losses of an experiment can be compared with."""
    return references(training_sequence(experiment), task_of(experiment))


def training_of(experiment: Experiment) -> Work[Run]:
    """The work that gives the run of an experiment.

    A branch of a run that this session opened goes on from that one, and so stays in the session,
    as it does.
    """
    kept, opened = server.unfinished(), kept_runs.opened_before(experiment)
    train = training.run if kept is None or opened is not None else kept.train
    request = experiment if opened is None else (experiment, opened.digest)
    return Work(
        request,
        "",
        partial(_train, experiment, train, opened, server.store())
        if experiment.branch
        else partial(train, experiment),
        total_work(experiment),
        run_bytes(experiment),
        goes_on=True,
        stopped=lambda run: run.message if run.status == "stopped" else "",
        subject="This run",
        failed="Training failed",
        advice="Fewer epochs, a shorter sequence, fewer hidden units or a smaller gradient depth "
        "bring it down.",
        progress=lambda losses: progress(
            kernel_of(experiment), losses, f"Epoch {len(losses)} of {experiment.epochs}"
        ),
        stop_keeps="What was learned so far is kept for you.",
    )


def _train(
    experiment: Experiment,
    train: Callable[..., Run],
    opened: kept_runs.Opened | None,
    store: Store,
    *report: Any,
    **more: Any,
) -> Run:
    """Train a branch, from the run before where the server has that.

    Of what it goes on from a piece of work keeps the name alone, since pages keep their work.
    """
    parent = _parent(experiment, opened, store) if more.get("begun") is None else None
    return train(experiment, *report, parent=parent, **more)


def _parent(experiment: Experiment, opened: kept_runs.Opened | None, store: Store) -> Run | None:
    """The run that a branch goes on from, if the server has it or it goes back to a file."""
    before = experiment.parent
    if before is None:
        return None
    if opened is None:
        found = shipped.run_of(before)
        job = None if found is not None else store.get(("job", ("", before)))
        return (found or store.get(("part", ("", before)))) if job is None else job.result()
    if opened.experiment == before:
        found = store.get(opened.key)
        if found is None:
            words = "it had to make room for other runs. Open the file again"
            raise ValueError(f"This goes on from the saved file {opened.name}, and {words}")
        return found
    return training.run(before, parent=_parent(before, opened, store))


def current_run(experiment: Experiment) -> Run | None:
    """The run of the experiment, or None while there is none; draws what to do or wait for.

    It begins to train as soon as it is asked for. One that this session opened from a file is
    shown as it is in the file, and one that comes with the package needs no training.
    """
    if not compiling.installed():
        prose.caption("Numba is not installed: training uses NumPy, which is slower.")
    work, draw_so_far = training_of(experiment), partial(_loss_so_far, experiment)
    run = kept_runs.notice_if_opened(experiment) or shipped.run_of(experiment)
    if run is None:
        run = jobs.result(work, draw_so_far)
    elif run.status == "stopped":
        st.info(run.message)
    if run is not None and run.status == "diverged":
        st.error(run.message)
    if run is not None and run.epochs_done == 0:
        st.info("No epoch was completed, so there is nothing to show.")
        return None
    return run


def _loss_so_far(experiment: Experiment, losses: np.ndarray) -> None:
    figure(
        loss_curve(losses, references_of(experiment), epochs=experiment.epochs),
        f"Loss so far: {losses[-1]:.4f} after {len(losses)} epochs.",
    )


def run_if_ready(experiment: Experiment) -> Run | None:
    """The run of the experiment if there is one, or if making it takes no time; draws nothing."""
    run = kept_runs.opened_run(experiment) or shipped.run_of(experiment)
    run = run or jobs.result_if_ready(training_of(experiment))
    return run if run is not None and run.epochs_done else None
