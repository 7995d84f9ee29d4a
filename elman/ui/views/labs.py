"""The four steps of a lab: question, prediction, run and feedback."""

from __future__ import annotations

import contextlib
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
    """What a student needs to know, the sequence, and what will be run."""
    prose.say(lab.background)
    if lab.experiment is not None:
        _strip(lab.experiment)
    _button("Next: predict", lab_session.go, "predict")
    prose.caption(_behind(lab))
    _meanwhile(lab)


def _strip(experiment: Experiment) -> None:
    task = task_of(experiment)
    sequence = training_sequence(experiment)
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


def predict(lab: Lab) -> None:
    """The student's prediction: asked for, or as it was committed."""
    entry = lab_session.entry_of(lab)
    if entry.prediction is not None:
        prose.say(f"You predicted: **{words.spoken(lab, entry.prediction)}**.")
        _button("Next: what came of it", lab_session.go, "run")
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
        if lab.prediction.meaning:
            prose.caption(lab.prediction.meaning)
        ready, asked = chosen is not None, "Choose one of them to commit."
    else:
        ready, asked = _guess(lab, lab.prediction), "Enter a number in each field to commit."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Commit this prediction",
            type="primary",
            on_click=lab_session.commit,
            args=(lab.name,),
            disabled=not ready,
            key="lab_commit",
        )
        st.button(
            "Skip: no prediction", type="tertiary", on_click=lab_session.skip, args=(lab.name,)
        )
    if not ready:
        prose.caption(asked)
    _meanwhile(lab)


def _guess(lab: Lab, form: Guess) -> bool:
    """Fields for a guess, empty at first, and a picture of what is in them; whether all are
    filled."""
    quantity = form.quantity
    factor = quantity.entered
    low, high, step = (factor * x for x in (quantity.low, quantity.high, quantity.step))
    whole = step.is_integer()
    kind = int if whole else float
    unit = "percent" if factor != 1.0 else quantity.unit
    between = f"{low:g} to {high:g}" + (f" {unit}" if unit else "")
    left, right = st.columns(2)
    with left:
        for place, row in enumerate(form.rows):
            st.number_input(
                f"{row.label} ({between})",
                kind(low),
                kind(high),
                None,
                kind(step),
                format="%d" if whole else "%.2f",
                placeholder="Your guess",
                key=lab_session.guess_key(lab, place),
            )
    guesses = lab_session.guesses(lab, form)
    given = [row for row, guess in zip(form.rows, guesses, strict=True) if guess is not None]
    if given:
        said = [
            f"{row.label}: {quantity.spell(guess)}"
            for row, guess in zip(form.rows, guesses, strict=True)
            if guess is not None
        ]
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
                f"Your prediction so far: {'; '.join(said)}.",
            )
    return len(given) == len(form.rows)


def run(lab: Lab) -> None:
    """The student's run and the other seeds, as far as they are trained."""
    if not _may_see(lab):
        return
    experiment, can = _studied(lab)
    if not can:
        return
    prose.say(_behind(lab))
    evidence, where = lab_session.found(lab, experiment, _drawer(lab))
    if evidence is None:
        return
    prose.caption(where)
    _button("See the feedback", lab_session.go, "feedback")
    if lab_session.comes_with_app(lab, experiment):
        lab_session.meanwhile(lab, experiment)
    own = None if experiment is None else runs.run_if_ready(experiment)
    if experiment is not None and own is not None and len(own.losses):
        lines = runs.references_of(experiment)
        page.figure(
            partial(loss_curve, own.losses, lines),
            f"The loss of your run goes from {own.losses[0]:.4f} to {own.losses[-1]:.4f}. "
            f"Lines: {describe_references(lines)}.",
        )
        prose.caption(f"The loss of your run: {_described(experiment)}.")


def feedback(lab: Lab) -> None:
    """The prediction beside what came, the answer, why, what to read, and what is next."""
    if not _may_see(lab):
        return
    experiment, can = _studied(lab)
    if not can:
        return
    found, where = lab_session.found(lab, experiment, _drawer(lab))
    if found is None:
        return
    # From now on the lab is done: what came is before the student.
    lab_session.keep(lab, evidence=found)
    entry = lab_session.entry_of(lab)
    _figures(lab, found, entry.prediction)
    answer, why = lab.feedback(found)
    prose.say(f"**{answer}**")
    prose.caption(where)
    if found.experiment is not None:
        _differences(lab, found.experiment)
    if entry.prediction is not None:
        _compare(lab, entry.prediction, found)
    prose.say(f"**Why?** {why}")
    _read_on(lab, found)
    following = [*LABS, lab_session.END][list(LABS).index(lab.name) + 1]
    title = f"Next lab: {LABS[following].title}" if following in LABS else "See all you predicted"
    with st.container(horizontal=True):
        _button(title, lab_session.show, following)
        if following in LABS:
            st.button("Results and report", on_click=lab_session.show, args=(lab_session.END,))
        st.button("Start this lab over", on_click=lab_session.start_over, args=(lab.name,))
    with st.expander(f"All {found.seeds} seeds as a table"):
        if found.experiment is not None:
            prose.caption(
                f"Seed 0 is your run: {_described(found.experiment)}. Seed k has the seeds of the "
                "first weights and of the sequence moved on by k."
            )
        table = words.table(lab, found)
        tables.show_table(table, columns={name: tables.Column(name) for name in table})
    if lab_session.comes_with_app(lab, experiment):
        lab_session.meanwhile(lab, experiment)


def _read_on(lab: Lab, found: Evidence) -> None:
    """Buttons to the pages that show more of this run, as far as the menu has them."""
    pages = reduced.current().pages or tuple(TITLES)
    pointers = [pointer for pointer in lab.pointers if pointer.page in pages]
    if not pointers:
        return
    prose.say("##### Read on" + ("" if found.experiment is None else ", with this run"))
    for column, pointer in zip(st.columns(len(pointers)), pointers, strict=True):
        prose.caption(pointer.words, column)
        if column.button(
            f"Open {TITLES[pointer.page]}",
            on_click=lab_session.look_at,
            args=(lab, found.experiment, pointer),
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


def _studied(lab: Lab) -> tuple[Experiment | None, bool]:
    """The lab's experiment made of the sidebar's, and whether there is one or none is needed; if
    not, what to do is shown."""
    try:
        return lab.studied(current()), True
    except ValueError:
        assert lab.experiment is not None
        st.info(
            f"This lab asks about the task {lab.experiment.task}, and the sidebar shows "
            f"{current().task}."
        )
        _button("Set this lab's experiment", lab_session.set_own, lab.name)
        return None, False


def _meanwhile(lab: Lab) -> None:
    with contextlib.suppress(ValueError):
        lab_session.meanwhile(lab, lab.studied(current()))


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


def _behind(lab: Lab) -> str:
    """What is trained and measured for the lab, and that it needs no waiting."""
    try:
        experiment = lab.studied(current())
    except ValueError:
        experiment = lab.experiment
    wait = (
        "The numbers come with the app, so there is nothing to wait for. Meanwhile they are "
        "measured here, too."
        if lab_session.comes_with_app(lab, experiment)
        else "That begins now, in the background, and feedback grows with it."
    )
    compared = tuple(lab.conditions) != (ALONE,)
    kinds = f", each with {len(lab.conditions)} conditions: {'; '.join(lab.conditions)}"
    seeds = f"{SEEDS} different seeds{kinds if compared else ''}"
    if experiment is None:
        return f"Measured with {seeds}. This lab does not use the sidebar. {wait}"
    return (
        f"Your run has the sidebar's settings: **{_described(experiment)}**. Networks are trained "
        f"from {seeds}. {wait}"
    )


def _differences(lab: Lab, experiment: Experiment) -> None:
    """Where the student's run differs from the lab's setting, and what the lab sets itself."""
    assert lab.experiment is not None
    changed = experiment.differences(lab.experiment)
    if changed:
        listed = "; ".join(
            f"{fields.label(name)} **{here}** (the lab: {there})"
            for name, (here, there) in changed.items()
        )
        prose.caption(
            f"Your run is not the lab's: {listed}. All numbers here are of your run's kind."
        )
    ignored = [name for name in current().differences(experiment) if name in lab.compared]
    if ignored:
        names = ", ".join(fields.label(name) for name in ignored)
        prose.caption(f"This lab compares {'; '.join(lab.conditions)}, so it sets {names} itself.")
