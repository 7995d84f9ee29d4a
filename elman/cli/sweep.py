"""`python -m elman sweep TASK`: many runs at once, a summary, and a file to go on from."""

from __future__ import annotations

import argparse
import itertools
import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman import report
from elman.cli import shell
from elman.experiment import SETTINGS, Experiment
from elman.settings import Setting, refuse
from elman.sweeps import cluster
from elman.sweeps.file import ENDINGS, SweepFile, experiment_of
from elman.tasks import TASKS, task_of

if TYPE_CHECKING:
    import pandas as pd

    from elman.sweeps import Outcome

HELP = "many runs: every combination of some settings, with many seeds"

OPTIONS = {
    "seeds": Setting(
        int, "runs of each combination, each with its own data", low=1, high=10_000, default=20
    ),
    "workers": Setting(int, "blocks of runs at a time", low=1, high=1024),
    "level": Setting(float, "loss whose first epoch is sought", low=0, high=1),
    "max_mb": shell.MAX_MB,
}

# What may be varied: a text cannot be told from a list of texts.
VARIABLE = tuple(name for name in SETTINGS if name not in ("task", "text", "branch"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A task, its flags of training, and what the sweep does with them."""
    tasks = parser.add_subparsers(title="tasks", metavar="TASK", required=True)
    for name, task in TASKS.items():
        part = tasks.add_parser(name, help=task.title, description=task.title, allow_abbrev=False)
        part.set_defaults(task=name)
        group = part.add_argument_group("the sweep")
        group.add_argument(
            "--vary",
            action="append",
            metavar="FIELD=VALUE,VALUE",
            help="train with each of these values, as in hidden=2,4,8 or hidden=1..4; may be given "
            "again for another field, and then every combination is trained",
        )
        for option, setting in OPTIONS.items():
            default = "one a processor" if option == "workers" else None
            shell.add_setting(group, option, setting, default)
        group.add_argument(
            "--dask", metavar="ADDRESS", help="train on the cluster of this Dask scheduler"
        )
        group.add_argument(
            "--out",
            metavar="FILE",
            help=f"write one row a run; the ending chooses {', '.join(ENDINGS)}. A sweep that was "
            "broken off goes on from its file",
        )
        shell.add_settings((name,), part)


def varied_of(given: Sequence[str]) -> dict[str, list[Any]]:
    """The values of each --vary by field; ValueError, naming the field, for what is not allowed."""
    varied: dict[str, list[Any]] = {}
    for text in given:
        name, equals, values = text.partition("=")
        field = name.strip().replace("-", "_")
        if not equals or field not in VARIABLE:
            raise refuse("vary", f"FIELD=VALUE,VALUE with a field of {', '.join(VARIABLE)}", text)
        if field in varied:
            raise refuse("vary", "each field once", words=f"{field} was given again")
        try:
            checked = SETTINGS[field].values(field, values.split(","))
        except ValueError as error:
            raise ValueError(f"vary: {error}") from None
        varied[field] = list(dict.fromkeys(checked))
    return varied


def experiments_of(
    args: argparse.Namespace, varied: Mapping[str, list[Any]], seeds: int
) -> list[Experiment]:
    """Every experiment of the sweep, each once."""
    from elman.sweeps import variations

    # A flag such as --reset-every belongs only to the combinations that can use it.
    conditions = {n: s.only_with for n, s in SETTINGS.items() if s.only_with}
    bound = shell.given(args, [name for name, (field, _) in conditions.items() if field in varied])
    base = shell.experiment_of(args, args.task, without=bound)
    found: list[Experiment] = []
    for values in itertools.product(*varied.values()):
        combination = dict(zip(varied, values, strict=True))
        usable = {
            name: value
            for name, value in bound.items()
            if combination[conditions[name][0]] == conditions[name][1]
        }
        with shell.input_errors():
            found += variations(base.replace(**usable | combination), {}, seeds)
    return list(dict.fromkeys(found))


def columns_of(experiments: Sequence[Experiment]) -> list[str]:
    """The columns of the file: the same whichever run is done first."""
    from elman.analysis.outcomes import EPOCHS, LEARNED_VALUE

    # A column that only branches need, so that a sweep without goes on from an older file.
    own = [name for name in SETTINGS if name != "branch" or any(e.branch for e in experiments)]
    names = [*own, "status", "epochs_done", "final_loss", "seconds", "level", EPOCHS]
    names += ["squared", "rate", LEARNED_VALUE]
    distinct = {e.replace(seed=0, data_seed=0): None for e in experiments}
    positions = dict.fromkeys(p for e in distinct for p in _positions(e))
    return names + [f"{measure} at {p}" for p in positions for measure in ("squared", "rate")]


def _positions(experiment: Experiment) -> tuple[str, ...]:
    positions = task_of(experiment).positions
    return positions if len(positions) > 1 else ()


def main(args: argparse.Namespace) -> int:
    """Train what the file does not hold yet, and print the summary of all; the exit code."""
    from elman.analysis.outcomes import record_with_level, scores, summary_of
    from elman.sweeps import sweep

    with shell.input_errors():
        varied = varied_of(args.vary or ())
    options = shell.checked_options(args, OPTIONS)
    experiments = experiments_of(args, varied, options["seeds"])
    shell.check_memory({e.replace(seed=0, data_seed=0) for e in experiments}, options["max_mb"])
    shell.checked_sequences(
        {e.replace(seed=0, data_seed=0, epochs=1): e for e in experiments}.values()
    )
    if args.dask is not None:
        # Before anything is printed.
        with shell.input_errors():
            cluster.connect(args.dask).close()
    path, level = shell.writable_path("out", args.out, ENDINGS), options["level"]
    file, done = None, {}
    if path is not None:
        with shell.input_errors(), shell.writing("out", path):
            file = SweepFile(path, columns_of(experiments))
            done = rows_by_experiment(file, experiments, level)
        if file.dropped:
            shell.note(f"sweep: half a row at the end of {path} was dropped.")
    shell.say(heading(experiments, varied, len(done), path))
    shell.compiled_or_note()
    waiting = [experiment for experiment in experiments if experiment not in done]

    def describe(share: float, outcomes: list[Outcome]) -> str:
        return f"{len(outcomes):,} of {len(waiting):,} runs, {share:.0%}"

    def keep(share: float, outcomes: list[Outcome]) -> None:
        rows = {
            outcome.experiment: record_with_level(outcome, level)
            for outcome in outcomes
            if outcome.experiment not in done
        }
        if file is not None and rows:
            with shell.writing("out", file.path):
                file.append(rows.values())
        done.update(rows)
        if progress is not None:
            progress(share, outcomes)

    drawn = shell.Progress(f"sweep of {args.task}", describe)
    with shell.interruptible() as should_stop, drawn as progress, shell.input_errors():
        workers = options["workers"] or -1
        sweep(waiting, scores, keep, should_stop, workers=workers, dask=args.dask)
    if file is not None:
        places = {experiment: place for place, experiment in enumerate(experiments)}
        with shell.writing("out", file.path):
            file.put_in_order(lambda row: places[experiment_of(row)])
    rows = [done[experiment] for experiment in experiments if experiment in done]
    if rows:
        shell.say(text(summary_of(rows, list(varied)), list(varied), level))
    if len(rows) == len(experiments):
        return 0
    again = "" if file is None else f" The same command goes on from {path}."
    shell.note(f"sweep: stopped after {len(rows):,} of {len(experiments):,} runs.{again}")
    return shell.INTERRUPTED


def rows_by_experiment(
    file: SweepFile, experiments: Sequence[Experiment], level: float | None
) -> dict[Experiment, dict[str, Any]]:
    """The rows of a file that this sweep began; ValueError if another one did."""
    wanted = set(experiments)
    found: dict[Experiment, dict[str, Any]] = {}
    for row in file.records:
        experiment = experiment_of(row)
        known = row["level"] if row["level"] == row["level"] else None
        if experiment not in wanted:
            nearest = min((experiment.differences(e) for e in experiments), key=len)
            other = ", ".join(f"{name} {_shortened(there)}" for name, (there, _) in nearest.items())
            raise file.refused(f"it holds runs that this sweep has not, with {other}")
        if experiment in found:
            raise file.refused(f"it holds the run with seed {experiment.seed} twice")
        if known != level:
            was = "none" if known is None else f"{known:g}"
            raise file.refused(f"its level is {was}")
        found[experiment] = row
    return found


def _shortened(value: Any) -> str:
    return textwrap.shorten(str(value), 40, placeholder="...") or "none"


def heading(
    experiments: Sequence[Experiment], varied: Mapping[str, list[Any]], done: int, path: Path | None
) -> str:
    """What is being trained, as the first lines of the text say it."""
    combinations = math.prod(len(values) for values in varied.values())
    title = TASKS[experiments[0].task].title
    of = f" of {' and '.join(name.replace('_', ' ') for name in varied)}" if varied else ""
    counted = f"{combinations:,} combination{'s' if combinations > 1 else ''}{of}"
    found = f", {done:,} of them already in {path}" if done else ""
    words = f"{title}: {counted}, {len(experiments):,} runs with seeds of their own{found}."
    return report.wrapped(words) + "\n"


def text(summary: pd.DataFrame, varied: Sequence[str], level: float | None) -> str:
    """The summary as a table, and what its columns are."""
    from elman.analysis import learned
    from elman.analysis.outcomes import HIGH, LOW

    def column(words: str, *names: str) -> list[str]:
        """What `words` says of these columns in each row; - where one is not-a-number."""
        rows = summary[list(names)].itertuples(index=False)
        return ["-" if any(v != v for v in row) else words.format(*row) for row in rows]

    def mean(name: str) -> list[str]:
        """Mean and spread, or the mean alone where one run has no spread."""
        alone = column("{:.4f}", f"{name}_mean")
        both = column("{:.4f} ± {:.4f}", f"{name}_mean", f"{name}_sd")
        return [b if b != "-" else a for a, b in zip(alone, both, strict=True)]

    shown = summary[[*varied, "runs", "diverged"]].assign(loss=mean("loss"))
    shown[f"{LOW * 100:g}-{HIGH:.0%}"] = column("{:.4f}-{:.4f}", "loss_low", "loss_high")
    shown["error"] = mean("squared")
    notes = [
        "Loss: of the last pass, mean ± standard deviation over runs, and beside it the range from "
        f"the {LOW:.0%} to the {HIGH:.0%} quantile. Error: squared, on a new sequence.",
    ]
    if summary["learned"].notna().any():
        intervals = column("{:.0%} ({:.0%}-{:.0%})", "learned", "learned_low", "learned_high")
        shown["learned"] = [words.replace("%-", "-") for words in intervals]
        notes.append(
            f"Learned: share of runs {learned.MEANS}, and the interval in which the true share "
            "lies with 95 % confidence."
        )
    if level is not None:
        shown[f"epochs to {level:g}"] = column("{:g}", "epochs_median")
        notes.append("Epochs: when half of the runs had reached that loss; - if they never did.")
    if (summary["runs"] == 1).any():
        notes.append("One run alone shows no spread: --seeds gives more.")
    return f"{report.table(shown)}\n\n{report.wrapped(' '.join(notes))}"
