"""`python -m elman generate`: a trained network reads its own answers and so writes by itself."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from elman import report, training
from elman.analysis import generation
from elman.analysis.generation import SETTINGS
from elman.cli import shell, source
from elman.settings import Setting
from elman.tasks import new_sequence, task_of

HELP = "train a network, or open a saved one, and let it write by itself"

OPTIONS = {
    **SETTINGS,
    "start": Setting(
        int, "step of a new sequence after which it writes", low=1, high=1_000_000, default=12
    ),
    "epoch": source.EPOCH,
    "max_mb": shell.MAX_MB,
    "draw_seed": Setting(int, "random seed of the draws", low=0, high=2**32 - 1, default=0),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags: a task with its settings, or a saved run; how to write; the output."""
    source.add_source(parser)
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
    run = source.run_of(args, options["max_mb"])
    with shell.input_errors():
        epoch = source.checked_epoch(run, options["epoch"])
        answer = _tried(run, args, epoch) if args.tried is not None else _text(run, args, options)
    if args.json:
        shell.say_json(answer)
    return source.exit_code(args, run)


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
    following = generation.next_symbols(task, read, written.outputs[0])
    text, said = generation.spell(task, written.symbols), obedience.describe_texts(texts, task)
    if not args.json:
        shell.say(f"after  {generation.spell(task, read[-40:])}\n")
        shell.say(f"{report.wrapped(generation.describe_next(following))}\n")
        shell.say(f"{report.wrapped(text)}\n\n{report.wrapped(said)}\n")
        shell.say(report.table(texts.dropna(axis="columns", how="all")))
    rows = texts.astype(object).where(texts.notna(), None).to_dict("records")
    return {
        "experiment": run.experiment.to_dict(),
        "read": generation.spell(task, read),
        "next": following.to_dict("records"),
        "text": text,
        "chances": written.chances.tolist(),
        "result": said,
        "texts": rows,
    }


def _tried(run: training.Run, args: argparse.Namespace, epoch: int) -> dict[str, Any]:
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
