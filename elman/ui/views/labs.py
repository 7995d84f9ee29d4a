"""The four steps of a lab: question, prediction, run and feedback."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from elman.analysis.references import describe_references
from elman.charts import labs as lab_charts
from elman.charts.diagrams import symbol_strip
from elman.charts.loss import loss_curve
from elman.experiment import Experiment
from elman.labs import LABS, SEEDS, Choice, Evidence, Guess, Lab, words
from elman.labs.lab import ALONE, Prediction, Quantity
from elman.tasks import task_of, training_sequence
from elman.ui import fields, page, prose, reduced, runs, tables
from elman.ui.menu import PAGES
from elman.ui.sidebar import current
from elman.ui.views import lab_session

SHOWN_SYMBOLS = 18
TITLES = {entry.file: entry.title for entry in PAGES}


def question(lab: Lab) -> None:
    """What a student needs to know, the sequence, and what one click will set."""
    prose.say(lab.background)
    task = task_of(lab.experiment)
    sequence = training_sequence(lab.experiment)
    symbols = [task.symbols[index] for index in sequence.symbols[:SHOWN_SYMBOLS]]
    shown = slice(0, len(symbols))
    page.figure(
        partial(
            symbol_strip,
            symbols,
            sequence.group_starts[shown],
            np.append(False, sequence.predictable[shown][:-1]),
        ),
        f"The first {len(symbols)} symbols of the sequence: {' '.join(symbols)}.",
    )
    prose.caption(
        "The beginning of the sequence. Green symbols follow from the ones before them; grey ones "
        f"are open. Gaps stand between {task.group}s; the network does not see them.",
    )
    _button("Next: predict", lab_session.go, "predict")


def predict(lab: Lab) -> None:
    """The student's prediction: asked for, or as it was committed."""
    entry = lab_session.entry_of(lab)
    if entry.prediction is not None:
        prose.say(f"You predicted: **{words.spoken(lab, entry.prediction)}**.")
        _button("Next: run it", lab_session.go, "run")
        st.button("Start this lab over", on_click=lab_session.start_over, args=(lab.name,))
        return
    prose.say(lab.prediction.prompt)
    if isinstance(lab.prediction, Choice):
        options = lab.prediction.options
        chosen = st.radio(
            lab.prediction.prompt,
            tuple(options),
            index=None,
            format_func=options.__getitem__,
            key=lab_session.guess_key(lab),
            label_visibility="collapsed",
        )
        ready = chosen is not None
    else:
        _guess(lab, lab.prediction)
        ready = True
    left, right = st.columns([2, 3], vertical_alignment="center")
    left.button(
        "Commit this prediction",
        type="primary",
        on_click=lab_session.commit,
        args=(lab.name,),
        disabled=not ready,
        key="lab_commit",
        width="stretch",
    )
    right.button(
        "Skip: no prediction", type="tertiary", on_click=lab_session.skip, args=(lab.name,)
    )


def _guess(lab: Lab, form: Guess) -> None:
    quantity = form.quantity
    middle = (
        quantity.low + round((quantity.high - quantity.low) / 2 / quantity.step) * quantity.step
    )
    kind = int if float(quantity.step).is_integer() else float

    def slide(place: int, label: str) -> float:
        return st.slider(
            label,
            kind(quantity.low),
            kind(quantity.high),
            kind(middle),
            kind(quantity.step),
            format="percent" if quantity.spec.endswith("%") else None,
            key=lab_session.guess_key(lab, place),
        )

    left, right = st.columns(2)
    with left:
        guesses = [slide(place, row.label) for place, row in enumerate(form.rows)]
    with right:
        frame = pd.DataFrame({"row": [row.label for row in form.rows], "value": guesses})
        page.figure(
            partial(
                lab_charts.guess_bars,
                frame,
                quantity.title,
                (quantity.low, quantity.high),
                _axis_format(quantity),
            ),
            "Your prediction so far: " + words.spoken(lab, tuple(guesses)) + ".",
        )


def run(lab: Lab) -> None:
    """One click sets the experiment and trains the student's run and the other seeds."""
    if not _may_see(lab):
        return
    if not lab_session.active(lab):
        prose.say(f"One click sets the sidebar to this lab's experiment: {_setting(lab)}")
        _button("Run it", lab_session.run, lab.name)
        return
    experiment = _studied(lab)
    if experiment is None:
        return
    done = lab_session.finished(lab, experiment, _drawer(lab))
    if done is None or done.evidence is None:
        return
    prose.say(f"**Your run and {done.evidence.seeds - 1} others are trained.**")
    _button("See the feedback", lab_session.go, "feedback")
    if len(done.losses):
        lines = runs.references_of(experiment)
        page.figure(
            partial(loss_curve, done.losses, lines),
            f"The loss of your run goes from {done.losses[0]:.4f} to {done.losses[-1]:.4f}. "
            f"Lines: {describe_references(lines)}.",
        )
        prose.caption(f"The loss of your run: {_described(experiment)}.")


def feedback(lab: Lab) -> None:
    """The prediction beside what came, the answer, why, what to read, and what is next."""
    if not _may_see(lab):
        return
    found = lab_session.entry_of(lab).evidence
    if lab_session.active(lab):
        experiment = _studied(lab)
        if experiment is None:
            return
        done = lab_session.finished(lab, experiment, _drawer(lab))
        found = None if done is None else done.evidence
    elif found is None:
        st.info("This lab was not run yet in this session.")
        _button("Run it", lab_session.run, lab.name)
    if found is None:
        return
    entry = lab_session.entry_of(lab)
    _figures(lab, found, entry.prediction)
    answer, why = lab.feedback(found)
    prose.say(f"**{answer}**")
    _differences(lab, found.experiment)
    if entry.prediction is not None:
        _compare(lab, entry.prediction, found)
    prose.say(f"**Why?** {why}")
    _read_on(lab, found)
    names = list(LABS)
    following = LABS[names[(names.index(lab.name) + 1) % len(names)]]
    with st.container(horizontal=True):
        _button(f"Next lab: {following.title}", lab_session.show, following.name)
        if not lab_session.active(lab):
            st.button(
                "Set the sidebar to this run", on_click=lab_session.run,
                args=(lab.name, found.experiment),
            )  # fmt: skip
        st.button("Start this lab over", on_click=lab_session.start_over, args=(lab.name,))
    with st.expander(f"All {found.seeds} seeds as a table"):
        prose.caption(
            f"Seed 0 is your run: {_described(found.experiment)}. Seed k has the seeds of the "
            "first weights and of the sequence moved on by k.",
        )
        table = words.table(lab, found)
        tables.show_table(table, columns={name: tables.Column(name) for name in table})


def _read_on(lab: Lab, found: Evidence) -> None:
    """Buttons to the pages that show more of this run, as far as the menu has them."""
    pages = reduced.current().pages or tuple(TITLES)
    pointers = [pointer for pointer in lab.pointers if pointer.page in pages]
    if not pointers:
        return
    prose.say("##### Read on, with this run")
    for column, pointer in zip(st.columns(len(pointers)), pointers, strict=True):
        prose.caption(pointer.words, column)
        if column.button(
            f"Open {TITLES[pointer.page]}",
            on_click=lab_session.look_at,
            args=(found.experiment, pointer),
            key=f"look_{pointer.page}",
            width="stretch",
        ):
            st.switch_page(f"pages/{pointer.page}.py", query_params={})


DRAW: dict[str, Callable[[Lab], None]] = {
    "question": question,
    "predict": predict,
    "run": run,
    "feedback": feedback,
}


def _compare(lab: Lab, prediction: Prediction, found: Evidence) -> None:
    """The prediction beside what came: a sentence, or a line for each of several numbers."""
    prose.say(words.compared(lab, prediction, found))
    if isinstance(lab.prediction, Guess) and len(lab.prediction.rows) > 1:
        beside = words.beside(lab, prediction, found)
        lines = [list(beside), ["---"] * len(beside.columns), *beside.to_numpy().tolist()]
        prose.say("\n".join("| " + " | ".join(line) + " |" for line in lines))


def _button(label: str, action: Callable[..., None], *args: object) -> None:
    st.button(label, type="primary", on_click=action, args=args, key="lab_next")


def _may_see(lab: Lab) -> bool:
    """Whether the result may be shown; if not, what to do is."""
    if lab_session.entry_of(lab).may_see:
        return True
    st.info("First predict: what one expected is what makes a result interesting.")
    with st.container(horizontal=True):
        _button("Predict", lab_session.go, "predict")
        st.button(
            "Skip: no prediction", type="tertiary", on_click=lab_session.skip, args=(lab.name,)
        )
    return False


def _studied(lab: Lab) -> Experiment | None:
    """The lab's experiment made of the sidebar's, or what to do where that cannot be."""
    try:
        return lab.studied(current())
    except ValueError:
        st.info(
            f"This lab asks about the task {lab.experiment.task}, and the sidebar shows "
            f"{current().task}."
        )
        _button("Set this lab's experiment", lab_session.run, lab.name)
        return None


def _drawer(lab: Lab) -> Callable[[Evidence], None]:
    """Draws the figures while seeds come in."""
    return lambda found: _figures(lab, found, lab_session.entry_of(lab).prediction)


def _figures(lab: Lab, found: Evidence, prediction: Prediction | None) -> None:
    points = words.numbers(lab, found, prediction)
    quantity = lab.quantity
    left = st.container()
    if isinstance(lab.prediction, Choice):
        left, right = st.columns(2)
        outcomes = words.options(lab, found, prediction)
        with right:
            page.figure(
                partial(
                    lab_charts.among_seeds,
                    outcomes,
                    "Seeds",
                    (0, found.seeds + 2),
                    "d",
                    stacked=False,
                ),
                "How many seeds: " + "; ".join(dict.fromkeys(outcomes["row"])) + ".",
            )
    with left:
        page.figure(
            partial(
                lab_charts.among_seeds,
                points,
                quantity.title,
                (quantity.low, quantity.high),
                _axis_format(quantity),
            ),
            f"{quantity.title}. " + "; ".join(_describe_rows(lab, found)) + ".",
        )


def _describe_rows(lab: Lab, found: Evidence) -> list[str]:
    return [
        f"{row.label}: your run {lab.quantity.spell(found.own(row.value, row.condition))}, "
        f"{words.over(found)} {words.middle_and_range(lab.quantity, found.of(row))}"
        for row in lab.rows
    ]


def _axis_format(quantity: Quantity) -> str:
    return quantity.spec.replace(".3f", ".2f")


def _described(experiment: Experiment) -> str:
    """The settings of an experiment that a reader should know, and all that are unusual."""
    usual = {"length": "steps", "hidden": "hidden units", "epochs": "passes"}
    parts = [f"{getattr(experiment, name):,} {unit}" for name, unit in usual.items()]
    others = experiment.differences(Experiment(task=experiment.task))
    parts += [
        f"{fields.label(name).lower()} {value}"
        for name, (value, _) in others.items()
        if name not in usual and value is not None
    ]
    return f"{task_of(experiment).title}, {', '.join(parts)}"


def _setting(lab: Lab) -> str:
    text = f"**{_described(lab.experiment)}**."
    if tuple(lab.conditions) != (ALONE,):
        text += f" It is compared with others: {'; '.join(lab.conditions)}."
    return f"{text} The same is trained from {SEEDS} different seeds."


def _differences(lab: Lab, experiment: Experiment) -> None:
    """Where the student's run differs from the lab's setting, and what the lab sets itself."""
    changed = experiment.differences(lab.experiment)
    if changed:
        listed = "; ".join(
            f"{fields.label(name)} **{here}** (the lab: {there})"
            for name, (here, there) in changed.items()
        )
        prose.caption(
            f"Your run is not the lab's: {listed}. All numbers here are of your run's kind."
        )
    if lab_session.active(lab):
        ignored = [name for name in current().differences(experiment) if name in lab.compared]
        if ignored:
            names = ", ".join(fields.label(name) for name in ignored)
            prose.caption(
                f"This lab compares {'; '.join(lab.conditions)}, so it sets {names} itself."
            )
