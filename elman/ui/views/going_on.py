"""Going on from a run: for as many epochs again, or as a branch from the epoch looked at."""

from __future__ import annotations

import streamlit as st

from elman.analysis.comparison import lineage
from elman.experiment import BRANCHED, MOST_BRANCHES, SETTINGS
from elman.training import Run
from elman.ui import fields, kept_runs, prose, sidebar, state, suggestions
from elman.ui.show import as_code

MOST = int(SETTINGS["epochs"].high)


def say(run: Run) -> None:
    """What a branch goes on from, and the way back to it; nothing of a run that is none."""
    experiment = run.experiment
    parent, first = experiment.parent, experiment.branch_epoch
    if parent is None or first is None:
        return
    with st.container(border=True, key="branch_of"):
        left, right = st.columns([3, 1], vertical_alignment="center")
        opened = kept_runs.opened_before(experiment)
        file = "" if opened is None else f" That is from the saved file {as_code(opened.name)}."
        prose.say(
            f"This run is a **branch**: it goes on {lineage(experiment)}. Up to epoch {first:,} "
            f"the loss is that of the run before.{file}",
            left,
        )
        if right.button(
            "Back to the run before", on_click=_back, args=(first,), key="to_parent",
            width="stretch",
        ):  # fmt: skip
            # This stands in a part of the page, which runs by itself.
            st.rerun()


def _back(epoch: int) -> None:
    parent = sidebar.current().parent
    if parent is not None:
        sidebar.show(parent)
        state.put(epoch=epoch)


def offer(run: Run, epoch: int) -> None:
    """The button that trains on from the network looked at, and what it means."""
    experiment = run.experiment
    at_end = epoch == experiment.epochs
    if len(experiment.lineage) > MOST_BRANCHES:
        prose.caption(
            f"This is branch {MOST_BRANCHES} of a branch of a branch: no more of them fit into a "
            "link. More epochs in the sidebar make it longer."
        )
        return
    if at_end and epoch >= MOST:
        return
    more = min(2 * epoch, MOST)
    epochs = more if at_end else experiment.epochs
    try:
        branch = experiment.branched(epoch, epochs=epochs).branch
    except ValueError as error:
        prose.caption(str(error))
        return
    label = f"Go on to epoch {more:,}" if at_end else f"Branch from epoch {epoch:,}"
    with st.container(horizontal=True, vertical_alignment="center", key="going_on"):
        suggestions.button(
            label,
            {"branch": branch, "epochs": epochs, "epoch": epochs},
            key="go_on_from",
            help="Before the branch everything stays as it is. From there on these can be other "
            f"in the sidebar: {', '.join(fields.label(name) for name in BRANCHED)}. A change of "
            "units, weights or the seed of the weights changes the run before as well.",
        )
        prose.caption(_meaning(run, at_end), width="content")


def _meaning(run: Run, at_end: bool) -> str:
    if not at_end:
        return "Training goes on from this network, with what you then change in the sidebar."
    if run.experiment.reset == "growing":
        return (
            "Training goes on from this network. It is not the longer run: there each stage of "
            "the growing memory would have lasted longer."
        )
    return "Training goes on from this network: the same numbers as in a run of so many epochs."
