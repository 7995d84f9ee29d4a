"""The labs of a session: which is shown, what was predicted, and what its buttons do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from elman import sweeps
from elman.experiment import Experiment
from elman.labs import LABS, SEEDS, STEPS, Choice, Lab
from elman.labs.lab import Evidence, Pointer
from elman.labs.progress import Entry, merged
from elman.sweeps import Outcome
from elman.ui import jobs, runs, session, sidebar, state

LAB = session.declare("lab")
AT = state.Control("at", "Step", st.segmented_control, STEPS, default=STEPS[0])

_PROGRESS: session.Kept[dict[str, Entry]] = session.Kept("lab_progress", {})
_SHOWN = session.Kept("lab_shown", next(iter(LABS)))
# The lab that was run last: the sidebar's experiment is the one that it studies.
_ACTIVE = session.Kept("lab_active", "")


class Finished(NamedTuple):
    """What the runs of a lab gave, and the loss of the student's run after each epoch.

    No evidence if they were stopped before the first seed was done.
    """

    evidence: Evidence | None
    losses: np.ndarray


def progress() -> dict[str, Entry]:
    """What this session has done; a change goes through `keep`."""
    return _PROGRESS.get()


def restore(read: dict[str, Entry]) -> None:
    """Add what a file says was done."""
    _PROGRESS.set(merged(progress(), read))


def entry_of(lab: Lab) -> Entry:
    """What this session has done on a lab."""
    return progress().get(lab.name, Entry())


def keep(lab: Lab, **changes: Any) -> None:
    """Change the entry of a lab."""
    progress()[lab.name] = replace(entry_of(lab), **changes)


def shown() -> Lab:
    """The lab that the link or the reader has chosen; the link names it from now on."""
    asked = state.linked_value(LAB, tuple(LABS))
    if asked is not None:
        _SHOWN.set(asked)
    name = _SHOWN.get()
    session.write(LAB, name)
    return LABS[name]


def choose_lab(lab: Lab) -> None:
    """The list of labs, with a mark at each that is done, and how many these are."""
    finished = {name for name, entry in progress().items() if entry.done}
    titles = {
        name: f"{'✓ ' if name in finished else ''}{number}. {one.title}"
        for number, (name, one) in enumerate(LABS.items(), 1)
    }
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    # Set anew at each run: the link, buttons and this list all choose the lab.
    state.put(lab_list=lab.name)
    left.selectbox(
        "Lab",
        tuple(LABS),
        format_func=titles.__getitem__,
        key="lab_list",
        on_change=lambda: show(state.value("lab_list")),
    )
    right.progress(len(finished) / len(LABS), text=f"{len(finished)} of {len(LABS)} done")


def step() -> str:
    """The step of the lab, as a row of choices that are part of the link."""
    return state.choose(AT, label_visibility="collapsed")


def show(name: str, at: str = STEPS[0]) -> None:
    """Go to a lab and one of its steps; for callbacks."""
    _SHOWN.set(name)
    go(at)


def go(at: str) -> None:
    """Go to a step of the lab shown; for callbacks."""
    state.put(at=at)


def guess_key(lab: Lab, place: int = 0) -> str:
    """The key of a widget that takes a prediction."""
    return f"lab_{lab.name}_{place}"


def commit(name: str) -> None:
    """Keep what the widgets say as the prediction, and go on."""
    lab = LABS[name]
    count = 1 if isinstance(lab.prediction, Choice) else len(lab.prediction.rows)
    values = [state.value(guess_key(lab, place)) for place in range(count)]
    given = values[0] if isinstance(lab.prediction, Choice) else values
    keep(lab, prediction=lab.prediction.check(given), skipped=False)
    go("run")


def skip(name: str) -> None:
    """Go on without a prediction."""
    keep(LABS[name], skipped=True)
    go("run")


def start_over(name: str) -> None:
    """Forget prediction and result of a lab."""
    progress().pop(name, None)
    if _ACTIVE.get() == name:
        _ACTIVE.set("")
    go(STEPS[0])


def run(name: str, experiment: Experiment | None = None) -> None:
    """Set the sidebar to the lab's experiment, or to `experiment`, and run the lab with it."""
    _set(experiment or LABS[name].experiment)
    _ACTIVE.set(name)


def active(lab: Lab) -> bool:
    """Whether the sidebar's experiment is the one that this lab runs."""
    return _ACTIVE.get() == lab.name


def look_at(experiment: Experiment, pointer: Pointer) -> None:
    """Make the page of `pointer` show this experiment, with its views; for callbacks."""
    _set(experiment)
    state.put(**pointer.views)


def _set(experiment: Experiment) -> None:
    state.put(preset="textbook")
    sidebar.show(experiment)


def finished(lab: Lab, experiment: Experiment, draw: Callable[[Evidence], None]) -> Finished | None:
    """What the runs of a lab gave; None while there is nothing, with progress and Stop meanwhile.

    They start by themselves if they are short or the experiment is the lab's own. `draw` shows
    the evidence so far; the whole goes into the lab's entry.
    """

    def draw_so_far(outcomes: list[Outcome]) -> None:
        found = lab.evidence(experiment, outcomes)
        if found is not None:
            draw(found)

    work = jobs.Work(
        (lab.name, experiment),
        "lab",
        partial(jobs.timed, _predicted_seconds, lab.name, experiment),
        partial(_run_all, lab, experiment),
        starts="always" if experiment == lab.experiment else "if short",
        stopped=lambda done: jobs.stopped_after(
            done.evidence.seeds if done.evidence else 0, SEEDS, "seeds"
        ),
        label=f"Run {SEEDS} seeds",
        again="Run all seeds",
    )
    done = jobs.result(work, draw_so_far)
    if done is None or done.evidence is None:
        return None
    keep(lab, evidence=done.evidence)
    return done


def _predicted_seconds(name: str, experiment: Experiment) -> float:
    runs.prepare()
    return sweeps.predicted_seconds(LABS[name].runs(experiment))


def _run_all(
    lab: Lab,
    experiment: Experiment,
    on_progress: Callable[[float, list[Outcome]], None],
    should_stop: Callable[[], bool],
) -> Finished:
    outcomes = sweeps.sweep(lab.runs(experiment), lab.measure, on_progress, should_stop)
    losses = [outcome.losses for outcome in outcomes if outcome.experiment == experiment]
    return Finished(lab.evidence(experiment, outcomes), *losses[:1] or [np.empty(0)])
