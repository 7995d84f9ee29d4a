"""`python -m elman numbers`: a network learns a row of numbers and is asked for the next one."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from elman import report
from elman.cli import shell
from elman.settings import Setting, refuse
from elman.studies.numbers import (
    DEFAULTS,
    MAX_NUMBERS,
    PATTERNS,
    SETTINGS,
    NumberExperiment,
    NumberRun,
    run,
    windows,
)

if TYPE_CHECKING:
    import pandas as pd

HELP = "Number sequences: learn a row of numbers, predict the next"

FORECAST = Setting(
    int, "numbers to continue by, on the network's own output", low=1, high=100, default=None
)

NETWORKS = Setting(
    int, "networks that continue, from one seed after the other", low=1, high=100, default=1
)

LENGTH = Setting(int, "numbers of a sequence given by name", low=2, high=MAX_NUMBERS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags: the sequence, every setting of a `NumberExperiment`, the window, the output."""
    settings = parser.add_argument_group("settings of training")
    settings.add_argument(
        "--sequence",
        nargs="+",
        metavar="NUMBER",
        help=f"at most {MAX_NUMBERS} numbers, as in 1 2 3 or 1,2,3, or "
        f"one of {', '.join(PATTERNS)} (default: counting)",
    )
    shell.add_setting(settings, "length", LENGTH, "what suits the sequence")
    for name, setting in SETTINGS.items():
        shell.add_setting(settings, name, setting, str(DEFAULTS[name]))
    settings.add_argument("--hidden", dest="units", help="--units, by its name in other tasks")
    output = parser.add_argument_group("question and output")
    output.add_argument(
        "--window",
        nargs="+",
        metavar="NUMBER",
        help="the numbers whose next one is asked, as in 7 8 9 or 7,8,9 (default: the last "
        "of the sequence)",
    )
    shell.add_setting(output, "steps", shell.STEPS)
    shell.add_setting(output, "forecast", FORECAST, "no forecast")
    shell.add_setting(output, "networks", NETWORKS)
    shell.add_output(output, "predictions and loss curve")


def experiment_of(args: argparse.Namespace) -> NumberExperiment:
    """The experiment of the flags; ValueError, naming the field, for what is not allowed."""
    from elman.studies.number_answers import example

    settings = shell.given(args, SETTINGS)
    text = "counting" if args.sequence is None else " ".join(args.sequence)
    names = {name.casefold(): name for name in PATTERNS}
    name = names.get(text.replace("-", " ").strip().casefold())
    if name is not None:
        settings["sequence"] = example(name, args.length)
    elif args.length is not None:
        words = f"{args.length!r} was given with a sequence of numbers"
        raise refuse("length", "with a sequence given by name", verb="only", words=words)
    elif text.strip() and not any(character.isdigit() for character in text):
        raise refuse("sequence", f"numbers, or one of {', '.join(PATTERNS)}", text, verb="are")
    else:
        settings["sequence"] = text
    return NumberExperiment(**settings)


def main(args: argparse.Namespace) -> int:
    """Train, ask, and print what came of it; the exit code."""
    with shell.input_errors():
        experiment = experiment_of(args)
        window = experiment.window(None if args.window is None else " ".join(args.window))
    options = shell.checked_options(
        args, {"steps": shell.STEPS, "forecast": FORECAST, "networks": NETWORKS}
    )
    steps, ahead = options["steps"], options["forecast"]
    if args.networks is not None and ahead is None:
        raise shell.CommandError("--networks: allowed only with --forecast; it was given without")
    path = shell.plot_path(args.plot)
    if not args.json:
        shell.say(heading(experiment))
    line = shell.training_progress(experiment.task, experiment.epochs)
    with shell.interruptible() as should_stop, line as progress:
        if progress is not None:
            # There is nothing to compile, and so nothing to announce.
            progress(0.0, np.empty(0))
        trained = run(experiment, progress, should_stop)
        others = [] if ahead is None else _others(trained, options["networks"], should_stop)
    if trained.message:
        shell.note(f"numbers: {trained.message}")
    table = None if ahead is None else _forecast([trained, *others], ahead)
    if args.json:
        further = {} if table is None else _forecast_values(table)
        shell.say_json(values(trained, window) | further)
    else:
        shell.say(text(trained, window, steps))
        if table is not None:
            shell.say(f"\n{_forecast_text(table)}")
    if path is not None:
        from elman.charts import numbers as number_charts

        settings = heading(experiment).partition(": ")[2].split("\n")
        shell.save_figure(number_charts.run_figure(trained, window, settings), path)
    return shell.exit_code([trained.status])


def _others(trained: NumberRun, networks: int, should_stop: Callable[[], bool]) -> list[NumberRun]:
    """As many networks from other first weights as are asked for, with the one there is."""
    from elman.studies import forecast

    others: list[NumberRun] = []
    for experiment in forecast.networks(trained.experiment, networks)[1:]:
        if should_stop():
            break
        others.append(run(experiment, should_stop=should_stop))
    return [other for other in others if other.status != "stopped"]


def _forecast(trained: list[NumberRun], steps: int) -> pd.DataFrame:
    import pandas as pd

    from elman.studies.forecast import continued

    return pd.concat([continued(one, steps) for one in trained], ignore_index=True)


def _forecast_values(table: pd.DataFrame) -> dict[str, Any]:
    """What the first network says, then all of them at each step, as plain values."""
    from elman.studies.forecast import by_horizon

    first = table[table["seed"] == table["seed"].iloc[0]]
    horizon = by_horizon(table).to_dict("records")
    return report.finite(
        {
            "forecast": first["free"].tolist(),
            "forecast_by_step": horizon,
            "forecast_seeds": table["seed"].unique().tolist(),
        }
    )


def _forecast_text(table: pd.DataFrame) -> str:
    from elman.studies.forecast import by_horizon, describe_forecast

    horizon = by_horizon(table)
    shown = horizon.dropna(axis="columns", how="all")
    return "\n".join(
        [
            "Continued on its own output, beside the straight line",
            report.table(shown, "{:.4g}"),
            "",
            report.wrapped(describe_forecast(horizon, table["seed"].nunique())),
        ]
    )


def heading(experiment: NumberExperiment) -> str:
    """What is being trained, as the first line of the text says it."""
    named = {
        "window_size": "windows of {}",
        "units": "{} units",
        "activation": "{}",
        "optimizer": "{}",
        "epochs": "{:,} epochs",
    }
    parts = [f"{len(experiment.sequence)} numbers"]
    parts += report.described(experiment, named, {name: DEFAULTS[name] for name in SETTINGS})
    return report.wrapped(f"Number sequences: {', '.join(parts)}.")


def text(trained: NumberRun, window: tuple[float, ...], steps: int) -> str:
    """Layers, predictions and the answer, as tables and sentences."""
    from elman.studies import number_answers as analysis

    experiment = trained.experiment
    x, y = windows(experiment.sequence, experiment.window_size)
    layers = [("Layer", "Output shape", "Parameters")]
    layers += [(r.layer, str(r.output_shape), f"{r.parameters:,}") for r in trained.summary]
    layers.append(("Total", "", f"{trained.parameter_count:,}"))
    table = analysis.predictions(trained).head(steps)
    table = table.assign(window=table["window"].map(analysis.spelled))
    table = table[["window", "expected", "network", "line", "last", "error", "where"]]
    loss = (
        f"Final loss {trained.final_loss:.4g}" if len(trained.losses) else "No epoch was completed"
    )
    return "\n\n".join(
        [
            f"Windows: x {x.shape} = (samples, steps, features), y {y.shape}",
            "\n".join(f"{a:10} {b:12} {c:>10}".rstrip() for a, b, c in layers),
            "Predicted against expected, inside the sequence and beyond it\n"
            + report.table(table, "{:.4g}"),
            report.wrapped(analysis.describe_answer(trained, window)),
            f"{loss}. Trained in {trained.seconds:.2f} seconds.",
        ]
    )


def values(trained: NumberRun, window: tuple[float, ...]) -> dict[str, Any]:
    """The same as plain values for JSON: no arrays, and None for what is not a finite number."""
    from elman.studies import number_answers as analysis

    experiment = trained.experiment
    table = analysis.predictions(trained)
    inside, beyond = analysis.rms_errors(table)
    line = analysis.line_after(experiment, np.reshape(window, (1, -1, 1)))[0]
    answer = {
        "experiment": {"task": "numbers", **asdict(experiment)},
        "status": trained.status,
        "message": trained.message,
        "seconds": trained.seconds,
        "final_loss": trained.final_loss,
        "parameters": trained.parameter_count,
        "layers": [row._asdict() for row in trained.summary],
        "window": list(window),
        "prediction": trained.next_after(window),
        "expected": analysis.expected_after(experiment, window),
        "straight_line": float(line),
        "rule": analysis.rule(experiment.sequence)[0],
        "error_inside": inside,
        "error_beyond": beyond,
        "predictions": table.to_dict("records"),
        "losses": trained.losses.tolist(),
    }
    return report.finite(answer)
