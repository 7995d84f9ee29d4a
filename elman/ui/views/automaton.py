"""The machine that a network has learned, beside the rule's, the smallest and the untrained one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from elman.analysis import learned_automaton, machines
from elman.analysis.learned_automaton import MACHINES, Automata
from elman.analysis.replay import Tested
from elman.charts import automaton as charts
from elman.experiment import Experiment
from elman.training import Run
from elman.training.batches import total_work
from elman.training.sizes import run_bytes
from elman.ui import jobs, kept_runs, page, prose, state, tables
from elman.ui.work import Work, stopped_after

# Networks that are trained to tell what is learned from what is chance.
SEEDS = 5

MACHINE = state.Control(
    "machine",
    "Machine",
    st.segmented_control,
    tuple(MACHINES),
    default="learned",
    help="; ".join(f"**{name}**: {words}" for name, words in MACHINES.items()) + ".",
)
MAKING = state.Control(
    "making", "How the machine was found, and what speaks against it", st.expander
)


def _found(run: Run, epoch: int, reset: str) -> Automata:
    def find(*_: object) -> Automata:
        return learned_automaton.automata(run, epoch, reset)

    work = Work(
        (kept_runs.cache_key(run), epoch, reset),
        "automaton",
        find,
        nbytes=learned_automaton.needed_bytes(run.experiment),
        failed="No machine could be found",
    )
    return jobs.answer(work, "Making machines of 20,000 hidden states.")


def automaton(tested: Tested) -> None:
    """The drawing of one machine, all of them in numbers, and how they were found."""
    found, symbols = _found(tested.run, tested.epoch, tested.reset), tested.task.symbols
    offered = learned_automaton.machines_of(found)
    chosen = state.choose(MACHINE, options=tuple(offered))
    machine = offered[chosen]
    page.figure(
        partial(charts.machine_diagram, machine, symbols), machines.describe(machine, symbols)
    )
    words = (
        "Green states expect one symbol, grey ones leave several open. After every symbol the "
        "machine goes along the arrow with that symbol; the ring marks where it begins."
    )
    shown = len(charts.drawn_states(machine))
    if shown < len(machine):
        words = f"Drawn are {shown} of {len(machine)} states, the most visited ones. {words}"
    prose.caption(words)
    first, _, rest = learned_automaton.describe(found).partition(". ")
    prose.say(f"**{first}.** {rest}")
    tables.show_table(learned_automaton.table(found), "machines")
    if chosen == "rule":
        prose.caption("The rule's machine is made from the task, not from any network.")
    page.more(MAKING, lambda: _making(found, machine, chosen, symbols))
    _of_seeds(tested.run.experiment)


def _of_seeds(experiment: Experiment) -> None:
    """The machines of networks with other first weights, as a job."""
    prose.say(
        f"That is one seed ({experiment.seed}). Whether it is chance, networks with other first "
        "weights tell:"
    )
    rows = jobs.result(
        Work(
            experiment,
            "automata_of_seeds",
            partial(_train_and_find, experiment),
            SEEDS * total_work(experiment),
            run_bytes(experiment) + learned_automaton.needed_bytes(experiment),
            starts="on a press",
            label=f"Train {SEEDS} networks",
            stopped=lambda rows: stopped_after(len(rows), SEEDS, "networks"),
            failed="No machine could be found",
            progress=lambda rows: f"Network {len(rows) + 1} of {SEEDS}",
        )
    )
    if rows is not None and len(rows):
        prose.say(f"**{learned_automaton.describe_seeds(rows)}**")
        tables.show_table(rows, "machines")


def _train_and_find(
    experiment: Experiment,
    on_progress: Callable[[float, pd.DataFrame], None],
    should_stop: Callable[[], bool],
) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    seeds = range(experiment.seed, experiment.seed + SEEDS)
    for row in learned_automaton.of_seeds(experiment, seeds, should_stop):
        rows.append(row)
        on_progress(len(rows) / SEEDS, pd.DataFrame(rows))
        if should_stop():
            break
    return pd.DataFrame(rows)


def _making(
    found: Automata, machine: machines.Machine, chosen: str, symbols: tuple[str, ...]
) -> None:
    one = found.untrained if chosen == "untrained" else found.trained
    prose.say(
        "Hidden states that lie together become a cluster, and each cluster a state; a symbol "
        "leads from it where most of its steps lead. States that expect the same and go on alike "
        f"are one. A state expects every symbol that is at least a third as likely as the "
        f"likeliest there. {learned_automaton.describe_making(one)}"
    )
    page.figure(
        partial(charts.choice_curve, one.choice, one.clusters),
        f"Agreement of machine and network for 1 to {one.choice['clusters'].max()} clusters; "
        f"{one.clusters} were taken.",
    )
    prose.say(
        f"{learned_automaton.CHOSEN_BY}. The smallest machine that predicts as well: "
        f"{learned_automaton.SMALLEST_IS}."
    )
    prose.say(
        "Cleeremans, Servan-Schreiber and McClelland (1989) found the states of the Reber grammar "
        "in such clusters; Giles and others (1992) made machines of them. "
        f"{learned_automaton.CRITIQUE}"
    )
    tables.show_table(machines.table(machine, symbols), "states of a machine")
    st.download_button(
        "This machine, DOT",
        lambda: machines.dot(machine, symbols),
        f"elman-machine-{chosen}.dot",
        "text/vnd.graphviz",
        on_click="ignore",
    )
