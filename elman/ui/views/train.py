"""What Train shows of a run: loss curve and network, the verdict in numbers, and a table."""

from __future__ import annotations

from functools import partial

import streamlit as st

from elman.analysis import errors
from elman.analysis.frozen import frozen_error, why_apart
from elman.analysis.references import describe_references
from elman.analysis.replay import Tested, replay
from elman.charts import diagrams
from elman.charts.loss import draw_losses, loss_figure, marked_epochs
from elman.training import Run
from elman.ui import page, pins, prose, runs, state, suggestions, tables
from elman.ui.ends import fragment
from elman.ui.show import made
from elman.ui.views import going_on

# Low enough for the result to stand in the first screen of a small window.
FIGURE_HEIGHT = 240


@fragment()
def result(run: Run) -> None:
    """All that changes with the epoch that is looked at, and below it the choice of the test."""
    going_on.say(run)
    shown = st.container()
    choice = page.choose_test(run)
    with shown:
        _after_epoch(run, choice)


@fragment()
def _after_epoch(run: Run, choice: page.TestChoice) -> None:
    """A part by itself, so that another epoch leaves the choice of the test as it is drawn."""
    figures, said = st.container(), st.container()
    epoch = page.choose_epoch(run)
    going_on.offer(run, epoch)
    with figures:
        _figures(run, epoch)
    prose.say("### Predicted against expected")
    tested = page.tested(run, epoch, choice)
    _table(run, epoch, choice)
    with said:
        _say(tested)
    suggestions.look_again()


def _silent(run: Run) -> bool:
    """Whether the context is set back to zero before every step, and so brings nothing."""
    return run.experiment.reset == "step" and run.experiment.context_start == 0.0


def _figures(run: Run, epoch: int) -> None:
    experiment = run.experiment
    references = runs.references_of(experiment)
    branches = tuple(int(e.branch_epoch or 0) for e in experiment.lineage[:-1])
    curve, picture = st.columns([3, 2])
    # Here and at the network the same words at every epoch, and of a new run where they can be:
    # with other ones the browser would draw the figure anew.
    with curve:
        pinned = {one.number: (one.label, one.run.losses) for one in pins.beside(experiment)}
        figure, points = made(
            partial(
                loss_figure,
                run.losses,
                references,
                branch_epochs=branches,
                pinned=pinned,
                height=FIGURE_HEIGHT,
            )
        )
        page.figure(
            partial(draw_losses, figure),
            f"The loss after each of {run.epochs_done} epochs; the numbers below say where it "
            f"ends. Lines: {describe_references(references)}."
            + "".join(f" A dotted line at epoch {e:,}: there a branch begins." for e in branches)
            + "".join(
                f" Pinned {number}, {words}: ends at {losses[-1]:.4f}."
                for number, (words, losses) in pinned.items()
            ),
            moving=[points, marked_epochs(*([epoch] if epoch < run.epochs_done else []))],
        )
    weights = run.at(epoch).weights
    sizes = diagrams.network_sizes(weights)
    with picture:
        page.figure(
            partial(diagrams.network_diagram, sizes, height=FIGURE_HEIGHT),
            "The network at the epoch looked at: input and context below, the hidden layer above "
            "them, output on top. Thick lines are strong weights; the words below say how many "
            "units there are.",
            moving=[diagrams.network_lines(weights, silent_context=_silent(run))],
        )


def _say(tested: Tested) -> None:
    run, task = tested.run, tested.task
    references = runs.references_of(run.experiment)
    page.say_result(tested)
    pins.compare(tested)
    frozen = frozen_error(run, tested.epoch)
    page.metrics(run, tested.epoch, references, errors.accuracy(tested), task, frozen)
    if tested.unlike_training:
        first = "Loss is" if frozen is None else "Loss and Frozen are"
        prose.caption(
            f"{first} of training, whatever the test; the shares that are right are of this test, "
            f"{tested.unlike_training}."
        )
    loss = run.losses[tested.epoch - 1] if tested.epoch else None
    if frozen is not None and loss is not None and (words := why_apart(float(loss), frozen)):
        prose.say(words)
    sizes = diagrams.network_sizes(run.final)
    units = ", ".join(f"{size} {layer}" for layer, size in sizes.items())
    prose.caption(
        f"{page.lines_in_words(references, frozen)}\n\n"
        f"In the network ({units} units) thick lines are strong weights: warm ones excite, blue "
        "ones inhibit. After each step the hidden layer is copied into the context (dashed)."
        + (" Here the context is zero at every step, and its lines do nothing." * _silent(run)),
    )


@fragment()
def _table(run: Run, epoch: int, choice: page.TestChoice) -> None:
    tested = replay(run, choice.sequence(run), epoch, choice.reset)
    frame = errors.predictions(tested, state.choose(page.STEPS))
    tables.show_predictions(frame, tested.task)
