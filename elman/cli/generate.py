"""`python -m elman generate`: a trained network reads its own answers and so writes by itself."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from elman import report, saving, training
from elman.analysis import generation
from elman.analysis.generation import SETTINGS
from elman.cli import shell
from elman.cli.shell import CommandError
from elman.settings import Setting
from elman.tasks import TASKS, new_sequence, task_of

HELP = "train a network, or open a saved one, and let it write by itself"

OPTIONS = {
    **SETTINGS,
    "start": Setting(
        int, "step of a new sequence after which it writes", low=1, high=1_000_000, default=12
    ),
    "epoch": Setting(int, "write as after so many epochs", low=0, high=100_000_000, default=None),
    "max_mb": shell.MAX_MB,
    "draw_seed": Setting(int, "random seed of the draws", low=0, high=2**32 - 1, default=0),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags: a task with its settings, or a saved run; how to write; the output."""
    parser.add_argument(
        "source", metavar="TASK|FILE", help=f"{', '.join(TASKS)}, or a run saved as .npz"
    )
    shell.add_settings(tuple(TASKS), parser)
    writing = parser.add_argument_group("writing")
    for name, setting in OPTIONS.items():
        default = "the last" if name == "epoch" else None
        shell.add_setting(writing, name, setting, default)
    writing.add_argument(
        "--prompt", metavar="TEXT", help="symbols that it reads first, in place of --start"
    )
    writing.add_argument(
        "--try",
        dest="tried",
        metavar="TEXT",
        help="write nothing: read this string and say how likely each symbol was, and whether the "
        "rule allows it",
    )
    writing.add_argument("--json", action="store_true", help="print one JSON object, no tables")


def main(args: argparse.Namespace) -> int:
    """Train or open, let the network write, and print the text and how far it obeys the rule."""
    options = shell.checked_options(args, OPTIONS)
    run = _run(args, options["max_mb"])
    with shell.input_errors():
        epoch = options["epoch"]
        if epoch is not None and epoch > run.epochs_done:
            raise ValueError(
                f"epoch: allowed is a whole number from 0 to {run.epochs_done}; {epoch} was given."
            )
        answer = _tried(run, args, epoch) if args.tried is not None else _text(run, args, options)
    if args.json:
        shell.say_json(answer)
    # A saved run is what it is; one that was trained here may have been stopped.
    return shell.exit_code([run.status]) if args.source in TASKS else 0


def _run(args: argparse.Namespace, max_mb: int) -> training.Run:
    source = args.source
    if source not in TASKS:
        if not source.endswith(saving.ENDING):
            allowed = f"{', '.join(TASKS)}, or a file ending in {saving.ENDING}"
            raise CommandError(f"TASK: allowed is one of {allowed}; {source!r} was given")
        shell.compiled_or_note()
        return shell.saved_run(source, min(max_mb, shell.MAX_FILE_MB.default))
    experiment = shell.experiment_of(args, source)
    shell.check_memory([experiment], max_mb)
    shell.checked_sequences([experiment])
    compiled = shell.compiled_or_note()
    with (
        shell.interruptible() as should_stop,
        shell.training_progress(experiment.task, experiment.epochs) as progress,
    ):
        run = training.run(experiment, progress, should_stop, compiled=compiled)
    if run.message:
        shell.note(f"{experiment.task}: {run.message}")
    return run


def _text(run: training.Run, args: argparse.Namespace, options: dict[str, Any]) -> dict[str, Any]:
    from elman.analysis import obedience

    task = task_of(run.experiment)
    if args.prompt is not None:
        read = generation.prompt_symbols(task, args.prompt)
    else:
        start = min(options["start"], len(new_sequence(run.experiment)))
        read = generation.beginning(run, start).tolist()
    how = {name: options[name] for name in ("steps", "how", "temperature", "epoch")}
    rng = np.random.default_rng([options["draw_seed"], 0])
    written = generation.generate(run, read, rng=rng, **how)
    texts = obedience.table_of_texts(
        run, read, seed=options["draw_seed"], draws=options["draws"], **how
    )
    text, said = generation.spell(task, written.symbols), obedience.describe_texts(texts, task)
    if not args.json:
        shell.say(f"after  {generation.spell(task, read[-40:])}\n")
        shell.say(f"{report.wrapped(text)}\n\n{report.wrapped(said)}\n")
        shell.say(report.table(texts.dropna(axis="columns", how="all")))
    rows = texts.astype(object).where(texts.notna(), None).to_dict("records")
    return {
        "experiment": run.experiment.to_dict(),
        "read": generation.spell(task, read),
        "text": text,
        "chances": written.chances.tolist(),
        "result": said,
        "texts": rows,
    }


def _tried(run: training.Run, args: argparse.Namespace, epoch: int | None) -> dict[str, Any]:
    from elman.analysis import obedience

    task = task_of(run.experiment)
    symbols = generation.prompt_symbols(task, args.tried)
    rows = obedience.tried(run, symbols, epoch)
    said = obedience.describe_tried(rows)
    if not args.json:
        shell.say(f"{report.table(obedience.tried_table(rows))}\n\n{report.wrapped(said)}")
    return {
        "experiment": run.experiment.to_dict(),
        "result": said,
        "symbols": [row._asdict() for row in rows],
    }
