"""`python -m elman automaton`: the finite machine that a network has learned."""

from __future__ import annotations

import argparse
from typing import Any

from elman import report
from elman.analysis.replay import TEST_RESETS
from elman.cli import shell, source
from elman.settings import Setting
from elman.tasks import task_of

HELP = "train a network, or open a saved one, and read a finite machine off its hidden states"

# What the machines are called in `learned_automaton.MACHINES`, which `--help` does not load.
DRAWN = ("learned", "rule", "smallest", "untrained")

OPTIONS = {
    "epoch": source.EPOCH,
    "test_reset": Setting(
        str, "context reset meanwhile", choices=tuple(TEST_RESETS), default="as trained"
    ),
    "machine": Setting(str, "machine to list and draw", choices=DRAWN, default="learned"),
    "seeds": Setting(
        int, "networks to train, with one seed after the other", low=1, high=100, default=1
    ),
    "max_mb": shell.MAX_MB,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags: a task with its settings, or a saved run; which machine; the output."""
    source.add_source(parser)
    looking = parser.add_argument_group("looking and output")
    for name, setting in OPTIONS.items():
        shell.add_setting(looking, name, setting, "the last" if name == "epoch" else None)
    looking.add_argument("--dot", metavar="FILE", help="write the machine for Graphviz, as .dot")
    shell.add_output(looking, "the machine as a drawing")


def main(args: argparse.Namespace) -> int:
    """Train or open, find the machines, and print them."""
    from elman.analysis import learned_automaton, machines
    from elman.charts.automaton import machine_diagram

    options = shell.checked_options(args, OPTIONS)
    path = shell.plot_path(args.plot)
    graph = shell.writable_path("dot", args.dot, (".dot",))
    run = source.run_of(args, options["max_mb"])
    symbols = task_of(run.experiment).symbols
    with shell.input_errors(source.NETWORK):
        epoch = source.checked_epoch(run, options["epoch"])
        found = learned_automaton.automata(run, epoch, options["test_reset"])
        offered = learned_automaton.machines_of(found)
        chosen = Setting(str, "", choices=tuple(offered)).check("machine", options["machine"])
    machine, said = offered[chosen], learned_automaton.describe(found)
    numbers = learned_automaton.table(found)
    first, number = run.experiment.seed, options["seeds"]
    seeds = range(first, first + number if number > 1 else first)
    rows = list(learned_automaton.of_seeds(run.experiment, seeds))
    if args.json:
        shell.say_json(report.finite(_values(numbers, offered, symbols) | {
            "experiment": run.experiment.to_dict(), "epoch": epoch, "result": said,
            "trees": found.trained.by_tree.tolist(),
            "choice": found.trained.choice.to_dict("records"), "seeds": rows,
        }))  # fmt: skip
    else:
        shell.say(report.table(numbers.astype(object).where(numbers.notna(), ""), "{:.3f}"))
        shell.say(f"\n{report.wrapped(said)}\n\nThe machine {chosen}")
        shell.say(report.table(machines.table(machine, symbols), "{:.3f}"))
        making = learned_automaton.describe_making(found.trained)
        shell.say(f"\n{report.wrapped(f'{making} {learned_automaton.CHOSEN_BY}.')}")
        shell.say(report.wrapped(learned_automaton.CRITIQUE))
        if rows:
            import pandas as pd

            of_seeds = pd.DataFrame(rows)
            shell.say(f"\n{report.wrapped(learned_automaton.describe_seeds(of_seeds))}")
            shell.say(report.table(of_seeds, "{:.3f}"))
    if graph is not None:
        with shell.writing("dot", graph):
            graph.write_text(machines.dot(machine, symbols), encoding="utf-8")
    if path is not None:
        shell.save_figure(machine_diagram(machine, symbols).properties(width=700), path)
    return source.exit_code(args, run)


def _values(numbers: Any, offered: dict[str, Any], symbols: tuple[str, ...]) -> dict[str, Any]:
    from elman.analysis import machines

    rows = numbers.astype(object).where(numbers.notna(), None).to_dict("records")
    return {
        "machines": rows,
        "states": {name: machines.values(one, symbols) for name, one in offered.items()},
    }
