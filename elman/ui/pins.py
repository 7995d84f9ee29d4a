"""Pinned runs: what the figures and tables of Train and Errors show beside the run on the page.

A reader pins up to four, and a suggestion that is taken pins the run of before. They are numbered
in the order of pinning, and the link keeps them.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from elman import shipped
from elman.analysis.comparison import difference, why_not
from elman.analysis.errors import accuracy, squared_errors
from elman.analysis.replay import Answers, Tested, replay
from elman.charts import PINNED
from elman.experiment import Experiment
from elman.settings import refuse
from elman.training import Run
from elman.ui import jobs, kept_runs, pin_link, prose, runs, server, session, sidebar, state, tables
from elman.ui.show import as_code
from elman.ui.work import Work

PURPOSE = (
    "Pin a run to compare others with it: its curve and its errors stay in the figures of Train "
    "and Errors, dashed, whatever you change in the sidebar."
)

assert len(PINNED) == pin_link.MOST


class Pin(NamedTuple):
    """A pinned run.

    experiment   what it was made of
    key          its place in the store, where the run itself may have to make room
    name         what the reader calls it; empty for what differs from the run on the page
    as_before    whether a suggestion pinned it, to go with the next
    id           tells it from all others of the session
    """

    experiment: Experiment
    key: Hashable
    name: str = ""
    as_before: bool = False
    id: int = 0


_PINS: session.Kept[tuple[Pin, ...]] = session.Kept("pinned_runs", ())
_LAST_ID = session.Kept("last_pin", 0)
# The run that was shown last.
_LATEST: session.Kept[Pin | None] = session.Kept("latest_run", None)


def held() -> tuple[Pin, ...]:
    """The pinned runs of this session, in their order."""
    return _PINS.get()


def _add(pin: Pin) -> None:
    if len(held()) < pin_link.MOST and pin.experiment not in [one.experiment for one in held()]:
        _LAST_ID.set(_LAST_ID.get() + 1)
        _PINS.set((*held(), pin._replace(id=_LAST_ID.get())))


def _remove(id: int) -> None:
    _PINS.set(tuple(pin for pin in held() if pin.id != id))


def _rename(id: int, key: str) -> None:
    name = pin_link.tidy(state.value(key) or "")
    _PINS.set(
        tuple(pin._replace(name=name, as_before=False) if pin.id == id else pin for pin in held())
    )


def before() -> Pin | None:
    """The run that a suggestion pinned, if there is one."""
    return next((pin for pin in held() if pin.as_before), None)


def set_before(pin: Pin | None) -> None:
    """Pin this run in the place of one that a suggestion pinned, or none."""
    _PINS.set(tuple(pin for pin in held() if not pin.as_before))
    if pin is not None:
        _add(pin._replace(as_before=True))


def latest() -> Pin | None:
    """The run that was shown last, as one to pin."""
    return _LATEST.get()


def follow_link(shown: Experiment) -> None:
    """Pin what the link asks for, at first, and keep what is pinned in the link to `shown`."""
    asked = session.take(pin_link.PIN) or []
    if len(asked) > pin_link.MOST:
        words = f"{len(asked)} were given, and the first {pin_link.MOST} count"
        most = str(refuse(pin_link.PIN, f"at most {pin_link.MOST}", verb="are", words=words))
        session.report(most)
    for number, packed in enumerate(asked[: pin_link.MOST], 1):
        try:
            experiment, name = pin_link.unpack(packed, shown)
            server.check_memory(experiment)
            _add(Pin(experiment, None, name))
        except ValueError as error:
            session.report(f"pin {number}, {error}")
    # A run that a suggestion pinned goes with the next, and would be a step of its own on the way
    # back through the browser's history.
    kept = [pin for pin in held() if not pin.as_before]
    packed = [pin_link.pack(pin.experiment, pin.name, shown) for pin in kept]
    session.write(pin_link.PIN, [one for one in packed if one is not None] or None)


def buttons(run: Run) -> None:
    """Pin this run, and see, name, show and remove those that are pinned."""
    this = Pin(run.experiment, ("run", kept_runs.cache_key(run)))
    # No callback of a session may hold a run, which then would stay as long as its tab.
    server.store().made(this.key, lambda: run)
    _LATEST.set(this)
    pins = held()
    full = len(pins) == pin_link.MOST
    if run.experiment not in [pin.experiment for pin in pins]:
        st.button(
            "Pin this run",
            on_click=_add,
            args=(this,),
            key="pin_this",
            disabled=full,
            help=f"{PURPOSE} {pin_link.MOST} are pinned, the most there can be: remove one under "
            "Pinned."
            if full
            else PURPOSE,
        )
    if pins:
        with st.popover(f"Pinned: {len(pins)}", key="pins"):
            prose.caption(f"{PURPOSE} The link keeps them, too.")
            for number, pin in enumerate(pins, 1):
                _row(number, pin, run.experiment)


def _row(number: int, pin: Pin, shown: Experiment) -> None:
    differs = difference(pin.experiment, shown)
    with st.container(border=True):
        key = f"pin_name_{pin.id}"
        st.text_input(
            f"Name of pinned run {number}",
            value=pin.name,
            max_chars=int(pin_link.NAME.high),
            placeholder=differs,
            key=key,
            on_change=_rename,
            args=(pin.id, key),
            help="Left empty, it is called after what differs from the run on the page.",
        )
        same = shown == pin.experiment
        words = "The run on this page." if same else f"Unlike the run on this page: {differs}."
        if pin.as_before:
            words += (
                " A suggestion pinned it: the next one puts another in its place, and the link "
                "leaves it out. Name it to keep it."
            )
        elif pin_link.pack(pin.experiment, "", shown) is None:
            words += " The link leaves it out, for its text is another."
        prose.caption(words)
        with st.container(horizontal=True):
            show, remove = f"Show run {number}", f"Remove run {number}"
            st.button(show, on_click=sidebar.show, args=(pin.experiment,), key=f"show_{pin.id}")
            st.button(remove, on_click=_remove, args=(pin.id,), key=f"remove_{pin.id}")


def _training_of(pin: Pin, number: int) -> Work[Run]:
    """The work that makes a pinned run anew, or for the first time if a link pinned it."""
    work = runs.training_of(pin.experiment)
    subject = f"Pinned run {number}"
    return replace(
        work,
        kind="pinned",
        subject=subject,
        failed=f"{subject} cannot be trained",
        progress=lambda losses: f"{subject}: {work.progress(losses)}",
    )


def _run_of(pin: Pin, number: int) -> Run | None:
    """A pinned run, if it is there."""
    found: Run | None = None if pin.key is None else server.store().get(pin.key)
    return found or shipped.run_of(pin.experiment) or jobs.result_if_kept(_training_of(pin, number))


def prepare(shown: Experiment) -> None:
    """Train what is pinned and not there, one after the other, and show how far that is.

    Says which pinned runs cannot stand beside this one. On pages that show them, before they do.
    """
    for number, pin in enumerate(held(), 1):
        if pin.experiment == shown:
            continue
        work = _training_of(pin, number)
        if reason := why_not(pin.experiment, shown):
            prose.caption(f"Pinned run {number} is not shown: {reason}.")
        elif _run_of(pin, number) is None:
            if words := jobs.too_large(work):
                prose.caption(words)
            elif jobs.result(work) is None:
                return


class Beside(NamedTuple):
    """A pinned run that can stand beside another: its number, the run, and in plain text what
    differs, what it is called, and whether a suggestion pinned it."""

    number: int
    run: Run
    differs: str
    name: str
    as_before: bool

    @property
    def words(self) -> str:
        """What it is, for text in Markdown."""
        return f"{as_code(self.name)}, {self.differs}" if self.name else self.differs

    @property
    def label(self) -> str:
        """What it is, for a figure."""
        return self.name or self.differs


def beside(shown: Experiment) -> list[Beside]:
    """The pinned runs that are others than this one, are there, and can stand beside it."""
    return [
        Beside(number, run, difference(pin.experiment, shown), pin.name, pin.as_before)
        for number, pin in enumerate(held(), 1)
        if pin.experiment != shown and not why_not(pin.experiment, shown)
        if (run := _run_of(pin, number)) is not None
    ]


def with_pinned(tested: Tested) -> Tested:
    """The test with the answers of the last network of each pinned run to the same sequence."""
    answers: dict[int, Answers] = {}
    for one in beside(tested.experiment):
        of_it = replay(one.run, tested.sequence, reset=tested.reset)
        if np.isfinite(of_it.outputs).all():
            answers[one.number] = of_it
        else:
            prose.caption(
                f"Pinned run {one.number} is not shown: its activations overflow on this sequence."
            )
    return replace(tested, pinned=answers)


def explain(tested: Tested, marks: str) -> None:
    """Which pinned runs the `marks` of a figure are, if it has any."""
    words = [
        f"{one.number} is {one.words}, after {one.run.epochs_done:,} "
        f"epoch{'' if one.run.epochs_done == 1 else 's'}"
        for one in beside(tested.experiment)
        if one.number in tested.pinned
    ]
    if words:
        prose.caption(f"{marks} are pinned runs, as they ended: {'; '.join(words)}.")


def compare(tested: Tested) -> None:
    """The pinned runs beside this one on the same test: the latest in words, and all as a table."""
    place, answers = st.empty(), with_pinned(tested).pinned
    others = [one for one in beside(tested.experiment) if one.number in answers]
    if not others:
        return
    last = others[-1]
    named = "The run before" if last.as_before else f"Pinned run {last.number}"
    prose.say(
        f"**{named}**, with {last.words}: {_in_words(answers[last.number])}. "
        f"**This run**: {_in_words(tested)}.",
        place,
    )
    rows = [
        {"run": "this run", "differs": ""} | _in_numbers(tested, tested.run),
        *(
            {"run": f"pinned {one.number}: {one.label}", "differs": one.differs}
            | _in_numbers(answers[one.number], one.run)
            for one in others
        ),
    ]
    tables.show_table(pd.DataFrame(rows).dropna(axis=1, how="all"), "pinned runs")


def _in_numbers(answers: Answers, run: Run) -> dict[str, float | None]:
    right = accuracy(answers)
    return {
        "loss": run.final_loss,
        "squared": float(squared_errors(answers).mean()),
        "right": right.everywhere,
        "certain": right.where_certain,
    }


def _in_words(answers: Answers) -> str:
    right = accuracy(answers)
    words = f"squared error {squared_errors(answers).mean():.3f}, {right.everywhere:.0%} right"
    if right.where_certain is not None:
        words += f", {right.where_certain:.0%} at {answers.task.predictable_words}"
    return words
