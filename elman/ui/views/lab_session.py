"""The labs of a session: which is shown, what was predicted, and what its buttons do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from elman.experiment import Experiment
from elman.labs import LABS, SEEDS, STEPS, Choice, Guess, Lab, shipped
from elman.labs import answers as answers_of
from elman.labs.address import END
from elman.labs.answers import Answer
from elman.labs.lab import Case, Evidence, Pointer, Values
from elman.labs.measuring import measure
from elman.labs.progress import Entry, done, merged
from elman.training.batches import total_work
from elman.ui import jobs, runs, server, session, set_aside, sidebar, state
from elman.ui.work import Work, stopped_after

LAB = session.declare("lab", "Lab")
_MARK = "✓ "
AT = state.Control("at", "Step", st.segmented_control, STEPS, default=STEPS[0])

_PROGRESS: session.Kept[dict[str, Entry]] = session.Kept("lab_progress", {}, lasting=True)
# To the questions of lessons.
_ANSWERS: session.Kept[tuple[Answer, ...]] = session.Kept("lesson_answers", (), lasting=True)
_SHOWN = session.Kept("lab_shown", next(iter(LABS)))
# The lab whose experiment the sidebar has.
_ACTIVE = session.Kept("lab_active", "")


def progress() -> dict[str, Entry]:
    """What this session has done; a change goes through `keep`."""
    return _PROGRESS.get()


def answers() -> tuple[Answer, ...]:
    """What this session has answered to questions of lessons, in order of time."""
    return _ANSWERS.get()


def restore(read: dict[str, Entry], given: Iterable[Answer] = ()) -> None:
    """Add what a file says was done and answered."""
    _PROGRESS.set(merged(progress(), read))
    _ANSWERS.set(answers_of.merged(answers(), given))


def entry_of(lab: Lab) -> Entry:
    """What this session has done on a lab."""
    return progress().get(lab.name, Entry())


def keep(lab: Lab, **changes: Any) -> None:
    """Change the entry of a lab."""
    progress()[lab.name] = replace(entry_of(lab), **changes)


def shown() -> Lab | None:
    """The lab that the link or the reader has chosen, None for their end; the link names it from
    now on.

    When another lab is opened the sidebar gets its experiment, or what the link makes of it.
    """
    asked = state.linked_value(LAB, (*LABS, END))
    if asked is not None:
        _SHOWN.set(asked)
    session.write(LAB, _SHOWN.get())
    if _SHOWN.get() == END:
        return None
    lab = LABS[_SHOWN.get()]
    if _ACTIVE.get() != lab.name:
        _ACTIVE.set(lab.name)
        experiment = _experiment_of(lab, session.linked() if asked else None)
        if experiment is not None and experiment != sidebar.current():
            set_aside.put(lab.title, experiment)
            if session.linked() == sidebar.current():
                session.open_as(experiment)
            sidebar.show_next(experiment)
    return lab


def _experiment_of(lab: Lab, linked: Experiment | None) -> Experiment | None:
    """What the sidebar shows when a lab is opened; None in a lab that has no experiment."""
    if lab.experiment is not None and linked not in (None, Experiment(task=lab.experiment.task)):
        try:
            return lab.studied(linked)
        except ValueError:
            return lab.experiment
    evidence = entry_of(lab).evidence
    return lab.experiment if evidence is None else evidence.experiment


def choose_lab() -> None:
    """The list of labs, with a mark at each that is done, and how many these are."""
    titles = {
        name: f"{_MARK if progress().get(name, Entry()).done else ''}{number}. {one.title}"
        for number, (name, one) in enumerate(LABS.items(), 1)
    } | {END: "What you predicted, and what came"}
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    # Set anew at each run: the link, buttons and this list all choose the lab.
    state.put(lab_list=_SHOWN.get())
    left.selectbox(
        "Lab",
        tuple(titles),
        format_func=titles.__getitem__,
        key="lab_list",
        on_change=_chosen,
        args=({title.removeprefix(_MARK): name for name, title in titles.items()},),
    )
    count = done(progress())
    right.progress(count / len(LABS), text=f"{count} of {len(LABS)} done")


def _chosen(names: Mapping[str, str]) -> None:
    """Go to the lab that was chosen in the list; `names` are those of the titles without marks."""
    # A title that has got its mark since it was drawn comes as text, and nobody chose it anew.
    given = state.value("lab_list")
    chosen = names.get(str(given).removeprefix(_MARK), given)
    if chosen != _SHOWN.get():
        show(chosen)


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


def guesses(lab: Lab, form: Guess) -> list[float | None]:
    """What the fields of a guess hold, in the unit of its quantity; None for an empty one."""
    held = [state.value(guess_key(lab, place)) for place in range(len(form.rows))]
    return [None if one is None else one / form.quantity.entered for one in held]


def commit(name: str) -> None:
    """Keep what the widgets say as the prediction, and go on."""
    lab = LABS[name]
    form = lab.prediction
    given = state.value(guess_key(lab)) if isinstance(form, Choice) else guesses(lab, form)
    keep(lab, prediction=form.check(given), skipped=False)
    go("run")


def skip(name: str) -> None:
    """Go on without a prediction."""
    keep(LABS[name], skipped=True)
    go("run")


def start_over(name: str) -> None:
    """Forget prediction and result of a lab."""
    progress().pop(name, None)
    _ACTIVE.set("")
    go(STEPS[0])


def forget() -> None:
    """Forget all that was done and answered; for a button."""
    progress().clear()
    _ANSWERS.set(())
    _ACTIVE.set("")
    go(STEPS[0])


def set_own(name: str) -> None:
    """Set the sidebar to the lab's experiment; for callbacks."""
    lab = LABS[name]
    assert lab.experiment is not None
    _set(lab, lab.experiment)


def look_at(lab: Lab, experiment: Experiment | None, pointer: Pointer) -> None:
    """Make the page of `pointer` show this experiment of a lab, with its views; for callbacks."""
    if experiment is not None:
        _set(lab, experiment)
    state.put(**pointer.views)


def _set(lab: Lab, experiment: Experiment) -> None:
    set_aside.put(lab.title, experiment)
    set_aside.set_experiment(experiment)


def found(
    lab: Lab, experiment: Experiment | None, draw: Callable[[Evidence], None]
) -> tuple[Evidence | None, str]:
    """What is known of a lab, and in a sentence where it was measured.

    The measurement begins by itself. Until it is done there is what came with the package; else
    its progress is shown, with `draw(evidence so far)`.
    """

    def draw_so_far(so_far: Mapping[Case, Values]) -> None:
        evidence = lab.evidence(experiment, so_far)
        if evidence is not None:
            draw(evidence)

    delivered, work = shipped.evidence_of(lab, experiment), _work(lab, experiment)
    at_once = delivered is not None
    numbers = jobs.result_if_ready(work) if at_once else jobs.result(work, draw_so_far)
    here = None if numbers is None else lab.evidence(experiment, numbers)
    if here is not None and (delivered is None or here.seeds == delivered.seeds):
        return here, "Measured here."
    if delivered is not None:
        return delivered, (
            "These numbers come with the app, so that nobody has to wait. Training gives the same "
            "numbers here."
        )
    return None, ""


def comes_with_app(lab: Lab, experiment: Experiment | None) -> bool:
    """Whether the numbers of a lab are there before any network is trained."""
    return shipped.evidence_of(lab, experiment) is not None


def meanwhile(lab: Lab, experiment: Experiment | None) -> None:
    """Let the lab be measured in the background, and show how far that is, but no number of it."""
    jobs.result(_work(lab, experiment))


def _work(lab: Lab, experiment: Experiment | None) -> Work[dict[Case, Values]]:
    cases = len(lab.cases(experiment))
    return Work(
        (lab.name, experiment),
        "lab",
        partial(measure, lab, experiment, server.store(), workers=jobs.sweep_workers()),
        sum(total_work(case) for case in lab.cases(experiment) if isinstance(case, Experiment)),
        part=dict,
        stopped=lambda numbers: stopped_after(len(numbers) // len(lab.conditions), SEEDS, "seeds"),
        again="Run all seeds",
        progress=lambda so_far: runs.progress(
            # Eight are trained side by side, so that none is done while the bar grows.
            "train_lanes",
            so_far,
            f"Training {cases} networks in the background",
        ),
    )
