"""`python -m elman table FILE`: networks predict the next row, beside naive forecasts."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from elman import report
from elman.cli import shell
from elman.settings import Setting, refuse
from elman.studies.table_experiment import DEFAULTS, READING, SETTINGS, TableExperiment

if TYPE_CHECKING:
    import pandas as pd

    from elman.studies.table_frame import Table
    from elman.studies.table_training import TableRun

HELP = "Own table: predict the next row of a CSV or Parquet file, beside naive forecasts"

LENGTH = Setting(int, "rows of each sequence of the built-in table", low=60, high=2_000)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags: the file and how it is read, columns, every setting of training, the output."""
    parser.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="a table with names in its first line, CSV or .parquet (default: a built-in one)",
    )
    reading = parser.add_argument_group("reading and columns")
    for name, setting in READING.items():
        shell.add_setting(reading, name, setting)
    shell.add_setting(reading, "length", LENGTH, "240")
    for name, words in (
        (
            "read",
            "columns that the networks read (default: numbers that do not just count rows)",
        ),
        ("predict", "columns of the next row that they predict (default: the last of numbers)"),
    ):
        reading.add_argument(shell.flag(name), nargs="+", metavar="COLUMN", help=words)
    settings = parser.add_argument_group("settings of training and test")
    for name, setting in SETTINGS.items():
        group = reading if name == "sequence" else settings
        shell.add_setting(group, name, setting, str(DEFAULTS[name]) or "none")
    output = parser.add_argument_group("output")
    shell.add_setting(output, "steps", shell.STEPS)
    shell.add_setting(output, "max_mb", shell.MAX_MB)
    shell.add_output(output, "what came and what was forecast, and the errors")


def table_of(args: argparse.Namespace) -> Table:
    """The table of the flags; ValueError, naming the field, for what cannot be read."""
    from elman.studies import own_table

    reading = shell.given(args, READING)
    if args.file is not None:
        if args.length is not None:
            words = f"{args.length!r} was given beside a file"
            raise refuse("length", "with the built-in table", verb="only", words=words)
        return own_table.read(args.file, **reading)
    for name, value in reading.items():
        READING[name].check(name, value)
        raise refuse(name, "with a file", value, verb="only")
    length = {} if args.length is None else {"length": args.length}
    return own_table.example(**length, rng=np.random.default_rng(0))


def experiment_of(args: argparse.Namespace, table: Table) -> TableExperiment:
    """The experiment of the flags; ValueError, naming the field, for what is not allowed."""
    settings = shell.given(args, [*SETTINGS, "read", "predict"])
    settings.setdefault("sequence", table.sequence)
    for name in ("read", "predict"):
        if name in settings:
            settings[name] = _columns(settings[name], table.names)
    return TableExperiment(**settings)


def _columns(given: list[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of columns, which may be parted by commas where no column is called so."""
    parts = [[one] if one in names else one.split(",") for one in given]
    return tuple(name.strip() for part in parts for name in part if name.strip())


def main(args: argparse.Namespace) -> int:
    """Read, train, test, and print what came of it; the exit code."""
    from elman.studies import table_training
    from elman.studies.table_rows import prepare

    options = shell.checked_options(args, {"steps": shell.STEPS, "max_mb": shell.MAX_MB})
    with shell.input_errors({"table": "FILE", "file": "FILE"}):
        table = table_of(args)
        experiment = experiment_of(args, table)
        rows = prepare(experiment, table)
        table_training.check_bytes(experiment, rows, options["max_mb"] * 2**20)
    path = shell.plot_path(args.plot)
    shell.compiled_or_note()
    if not args.json:
        shell.say(heading(experiment, table))

    def under_way(share: float, curves: Any) -> str:
        last = curves[-1]
        return f"network {len(curves)} of {len(experiment.networks)}, epoch {len(last.losses)}"

    with (
        shell.interruptible() as should_stop,
        shell.Progress(experiment.task, under_way) as progress,
    ):
        trained = table_training.run(experiment, table, progress, should_stop)
    if trained.message:
        shell.note(f"table: {trained.message}")
    if args.json:
        shell.say_json(values(trained, table))
    else:
        shell.say(text(trained, table, options["steps"]))
    if path is not None and any(n.status == "finished" for n in trained.networks):
        from elman.charts import table as charts

        settings = heading(experiment, table).partition(": ")[2].split("\n")
        shell.save_figure(charts.run_figure(trained, settings), path)
    return shell.exit_code(_statuses(trained))


def _statuses(trained: TableRun) -> list[str]:
    return [n.status for n in trained.networks] + ["stopped"] * (not trained.finished)


def heading(experiment: TableExperiment, table: Table) -> str:
    """What is being trained, as the first line of the text says it."""
    named = {
        "layer": "Elman's network and {}",
        "hidden": "{} hidden units",
        "epochs": "{:,} epochs",
        "seeds": "{} seeds",
    }
    parts = [f"{len(table):,} rows of {len(table.names)} columns"]
    parts += report.described(experiment, named, {name: DEFAULTS[name] for name in SETTINGS})
    return report.wrapped(f"Own table: {', '.join(parts)}.")


def text(trained: TableRun, table: Table, steps: int) -> str:
    """Columns, scaling, forecasts, errors and what they say, as tables and sentences."""
    from elman.studies import table_answers as answers
    from elman.studies.table_columns import not_used
    from elman.studies.table_rows import scaling_table

    rows, experiment = trained.rows, trained.experiment
    blocks = [report.wrapped(answers.describe_rows(experiment, rows))]
    blocks += [report.wrapped(note.said()) for note in rows.notes]
    if aside := not_used(experiment, table, rows.columns):
        told = ", ".join(f"{name} ({why})" for name, why in aside.items())
        blocks.append(report.wrapped(f"Not used: {told}."))
    blocks.append(
        "Scaled for the networks, by the training rows; all results are in units of the table\n"
        + report.table(_safe(scaling_table(rows, experiment.layer)), "{:.4g}")
    )
    if answers.predictions(trained):
        shown = answers.forecasts(trained)
        kept = [n for n in shown if not n.endswith(("_low", "_high"))]
        kept = [n for n in kept if n != "sequence" or len(rows.sequences) > 1]
        blocks.append(
            "What came, and what was forecast from the row before\n"
            + report.table(_safe(shown[kept].head(steps)), "{:.4g}")
        )
        measured = answers.errors(trained)
        blocks.append(
            "Errors in training and in the test, in units of each column; of networks means over\n"
            "the seeds\n" + report.table(_safe(measured), "{:.4g}")
        )
        for name in rows.predict:
            verdict = answers.verdict(trained, measured, name)
            said = f"{verdict} {answers.describe(measured, name)}"
            blocks.append(report.wrapped(said))
    return "\n\n".join(blocks)


def _safe(frame: pd.DataFrame) -> pd.DataFrame:
    """The same without signs that move the cursor, which texts of a file may have."""
    texts = frame.select_dtypes(exclude="number").columns
    plain = {
        name: frame[name].map(lambda one: "".join(c if c.isprintable() else "?" for c in str(one)))
        for name in texts
    }
    return frame.assign(**plain)


def values(trained: TableRun, table: Table) -> dict[str, Any]:
    """The same as plain values for JSON: no arrays, and None for what is not a finite number."""
    from elman.studies import table_answers as answers
    from elman.studies.table_columns import not_used
    from elman.studies.table_rows import scaling_table

    rows, experiment = trained.rows, trained.experiment
    there = bool(answers.predictions(trained))
    measured = answers.errors(trained)
    return report.finite(
        {
            "experiment": {"task": "table", **asdict(experiment)},
            "table": {"rows": len(table), "columns": list(table.names), "digest": table.digest},
            "read": list(rows.read),
            "predict": list(rows.predict),
            "steps": {"training": int((~rows.test).sum()), "test": int(rows.test.sum())},
            "notes": [note.said() for note in rows.notes],
            "not_used": not_used(experiment, table, rows.columns),
            "message": trained.message,
            "scaling": scaling_table(rows, experiment.layer).to_dict("records"),
            "networks": [
                {
                    "network": n.network,
                    "seed": n.seed,
                    "status": n.status,
                    "losses": n.losses.tolist(),
                }
                for n in trained.networks
            ],
            "errors": measured.to_dict("records") if there else [],
            "forecasts": answers.forecasts(trained).to_dict("records") if there else [],
            "verdicts": [answers.verdict(trained, measured, name) for name in rows.predict]
            if there
            else [],
        }
    )
