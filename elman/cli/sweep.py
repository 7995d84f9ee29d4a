"""`python -m elman sweep TASK`: many runs at once, a summary, and a file to go on from."""

from __future__ import annotations

import argparse
import itertools
import math
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elman.cli import shell
from elman.cli.progress import Line, interruptible
from elman.experiment import SETTINGS, Experiment
from elman.settings import Setting, refuse
from elman.sweeps.file import ENDINGS, SweepFile, experiment_of
from elman.tasks import TASKS, task_of, training_sequence

if TYPE_CHECKING:
    from elman.sweeps import Outcome

HELP = "many runs: every combination of some settings, with many seeds"

OPTIONS: dict[str, tuple[Setting, Any]] = {
    "seeds": (
        Setting(int, "runs of each combination, each with its own data", low=1, high=10_000),
        20,
    ),
    "workers": (Setting(int, "blocks of runs at a time", low=1, high=1024), "one a processor"),
    "level": (Setting(float, "loss whose first epoch is sought", low=0, high=1), "none"),
}  # fmt: skip

# What may be varied: a text cannot be told from a list of texts.
VARIABLE = tuple(name for name in SETTINGS if name not in ("task", "text"))

WIDTH = 80


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
            help="train with each of these values, as in hidden=2,4,8; may be given again for "
            "another field, and then every combination is trained",
        )
        for option, (setting, default) in OPTIONS.items():
            shell.add_setting(group, option, setting, str(default))
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
            checked = [SETTINGS[field].check(field, value.strip()) for value in values.split(",")]
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
    bound = {}
    for name, setting in SETTINGS.items():
        value = getattr(args, name, None)
        if setting.only_with and setting.only_with[0] in varied and value is not None:
            bound[name] = value
            setattr(args, name, None)
    base = shell.experiment_of(args, args.task)
    found: list[Experiment] = []
    for values in itertools.product(*varied.values()):
        combination = dict(zip(varied, values, strict=True))
        usable = {
            name: value
            for name, value in bound.items()
            if combination[SETTINGS[name].only_with[0]] == SETTINGS[name].only_with[1]
        }
        with shell.input_errors():
            found += variations(base.replace(**usable | combination), {}, seeds)
    return list(dict.fromkeys(found))


def columns_of(experiments: Sequence[Experiment]) -> list[str]:
    """The columns of the file: the same whichever run is done first."""
    from elman.analysis.outcomes import EPOCHS, LEARNED_VALUE

    names = [*SETTINGS, "status", "epochs_done", "final_loss", "seconds", "level", EPOCHS]
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
        options = {
            name: setting.check(name, value)
            for name, (setting, _) in OPTIONS.items()
            if (value := getattr(args, name)) is not None
        }
    experiments = experiments_of(args, varied, options.get("seeds", OPTIONS["seeds"][1]))
    with shell.input_errors():
        # A task may find a length too short, which is better said before anything is trained.
        for e in {e.replace(seed=0, data_seed=0, epochs=1): e for e in experiments}.values():
            training_sequence(e)
    path = shell.writable_path("out", args.out, ENDINGS)
    level = options.get("level")
    file = None
    if path is not None:
        with shell.input_errors(), shell.writing("out", path):
            file = SweepFile(path, columns_of(experiments))
            done = rows_by_experiment(file, experiments, level)
        if file.dropped:
            print(f"sweep: half a row at the end of {path} was dropped.", file=sys.stderr)
    else:
        done = {}
    print(heading(experiments, varied, len(done), path), flush=True)
    shell.compiled_or_note()

    waiting = [experiment for experiment in experiments if experiment not in done]
    follow = Follow(args.task, len(waiting))

    def report(share: float, outcomes: list[Outcome]) -> None:
        fresh = [outcome for outcome in outcomes if outcome.experiment not in done]
        rows = {o.experiment: record_with_level(o, level) for o in fresh}
        if file is not None and rows:
            with shell.writing("out", file.path):
                file.append(rows.values())
        done.update(rows)
        if line is not None:
            line(share, outcomes)

    with interruptible() as should_stop, follow as line, shell.input_errors():
        sweep(
            waiting, scores, report, should_stop,
            workers=options.get("workers", -1), dask=args.dask,
        )  # fmt: skip
    rows = [done[experiment] for experiment in experiments if experiment in done]
    if rows:
        print(text(summary_of(rows, list(varied)), level), flush=True)
    if len(rows) == len(experiments):
        return 0
    print(
        f"sweep: stopped after {len(rows):,} of {len(experiments):,} runs.", end="", file=sys.stderr
    )
    again = "" if file is None else f" The same command goes on from {path}."
    print(again, file=sys.stderr)
    return shell.exit_code(["stopped"])


class Follow(Line):
    """The progress line of a sweep."""

    def __init__(self, task: str, runs: int) -> None:
        super().__init__(f"sweep of {task}")
        self._runs = runs

    def __call__(self, share: float, outcomes: Sequence[Outcome]) -> None:
        """Draw how much is done, now and then; for `sweep(on_progress=...)`."""
        self.advance(share, f"{len(outcomes):,} of {self._runs:,} runs, {share:.0%}")


def rows_by_experiment(
    file: SweepFile, experiments: Sequence[Experiment], level: float | None
) -> dict[Experiment, dict[str, Any]]:
    """The rows of a file that this sweep began; ValueError if another one did."""
    wanted = set(experiments)
    found: dict[Experiment, dict[str, Any]] = {}
    for row in file.records:
        experiment = experiment_of(row)
        known = row["level"] if row["level"] == row["level"] else None
        problem = None
        if experiment not in wanted:
            nearest = min((experiment.differences(e) for e in experiments), key=len)
            other = ", ".join(f"{name} {_short(there)}" for name, (there, _) in nearest.items())
            problem = f"it holds runs that this sweep has not, with {other}"
        elif experiment in found:
            problem = f"it holds the run with seed {experiment.seed} twice"
        elif known != level:
            was = "none" if known is None else f"{known:g}"
            problem = f"its level is {was}"
        if problem:
            raise refuse(
                "out",
                "a new file, or one that the same sweep began",
                words=f"{str(file.path)!r} was given ({problem})",
            )
        found[experiment] = row
    return found


def _short(value: Any) -> str:
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
    return textwrap.fill(words, WIDTH) + "\n"


def text(summary: Any, level: float | None) -> str:
    """The summary as a table, and what its columns are."""
    from elman.analysis.outcomes import HIGH, LEARNED, LOW

    shown = summary.drop(columns=[name for name in COLUMNS if name in summary])
    shown["runs"] = summary["runs"]
    shown["diverged"] = summary["diverged"]
    rows = summary.to_dict("records")
    shown["loss"] = [_mean(row, "loss") for row in rows]
    shown[f"{LOW * 100:g}-{HIGH:.0%}"] = [_range(row["loss_low"], row["loss_high"]) for row in rows]
    shown["error"] = [_mean(row, "squared") for row in rows]
    notes = [
        "Loss: of the last pass, mean ± standard deviation over runs, and beside it the range from "
        f"the {LOW:.0%} to the {HIGH:.0%} quantile. Error: squared, on a new sequence.",
    ]
    if summary["learned"].notna().any():
        shown["learned"] = [
            f"{row['learned']:.0%} ({row['learned_low'] * 100:.0f}-{row['learned_high']:.0%})"
            if row["learned"] == row["learned"] else "-"
            for row in rows
        ]  # fmt: skip
        notes.append(
            f"Learned: share of runs right in more than {LEARNED:.0%} of the steps whose next "
            "symbol the rule makes certain, and the interval in which the true share lies with "
            "95 % confidence."
        )
    if level is not None:
        shown[f"epochs to {level:g}"] = [
            f"{row['epochs_median']:g}" if row["epochs_median"] == row["epochs_median"] else "-"
            for row in rows
        ]
        notes.append("Epochs: when half of the runs had reached that loss; - if they never did.")
    if (summary["runs"] == 1).any():
        notes.append("One run alone shows no spread: --seeds gives more.")
    table = shown.to_string(index=False)
    return f"{table}\n\n{textwrap.fill(' '.join(notes), WIDTH)}"


# Columns of the summary that `text` shows in its own way.
COLUMNS = (
    "runs", "diverged", "loss_mean", "loss_sd", "loss_low", "loss_high", "squared_mean",
    "squared_sd", "learned", "learned_low", "learned_high", "epochs_median",
)  # fmt: skip


def _mean(row: Mapping[str, float], name: str) -> str:
    mean, spread = row[f"{name}_mean"], row[f"{name}_sd"]
    if mean != mean:
        return "-"
    return f"{mean:.4f}" if spread != spread else f"{mean:.4f} ± {spread:.4f}"


def _range(low: float, high: float) -> str:
    return "-" if low != low else f"{low:.4f}-{high:.4f}"
