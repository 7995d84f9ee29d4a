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
    named = {} if args.tried is None else {"prompt": "try"}
    with shell.input_errors({**source.NETWORK, **named}):
        epoch = source.checked_epoch(run, options["epoch"])
        answer = _tried(run, args, epoch) if args.tried is not None else _text(run, args, options)
    if args.json:
        shell.say_json(answer)
    return source.exit_code(args, run)


def _text(run: training.Run, args: argparse.Namespace, options: dict[str, Any]) -> dict[str, Any]:
    from elman.analysis import obedience

    task = task_of(run.experiment)
    typed = args.prompt is not None
    if typed:
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
    parting = {} if typed else _parting(run, np.array(read), written, options)
    text, said = generation.spell(task, written.symbols), obedience.describe_texts(texts, task)
    if not args.json:
        shell.say(f"after  {generation.spell(task, read[-40:])}\n")
        shell.say(f"{report.wrapped(generation.describe_next(following))}\n")
        shell.say(f"{report.wrapped(text)}\n")
        for other in texts[1:].itertuples():
            shell.say(report.wrapped(f"The {other.writer} would write: {other.text}") + "\n")
        shell.say(f"{report.wrapped(said)}\n")
        shell.say(report.table(texts.drop(columns="text").dropna(axis="columns", how="all")))
        if parting:
            shell.say("\n" + report.wrapped(parting["parting"]))
    rows = texts.astype(object).where(texts.notna(), None).to_dict("records")
    return {
        "experiment": run.experiment.to_dict(),
        "read": generation.spell(task, read),
        "next": following.to_dict("records"),
        "text": text,
        "chances": written.chances.tolist(),
        "result": said,
        "texts": rows,
        **parting,
    }


def _parting(
    run: training.Run, read: np.ndarray, written: generation.Written, options: dict[str, Any]
) -> dict[str, Any]:
    """Where it parts from what really came; nothing where the sequence ends before."""
    told = generation.forced(run, read, options["steps"], options["epoch"])
    if not len(told.symbols):
        return {}
    said = generation.describe_parting(written, told, options["how"])
    return {"parting": said, "distances": report.finite(generation.apart(written, told).tolist())}


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
