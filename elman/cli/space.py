"""`python -m elman space`: where symbols take hidden states, and where these come to rest."""

from __future__ import annotations

import argparse
from typing import Any

from elman import report
from elman.analysis.replay import TEST_RESETS, replay
from elman.cli import shell, source
from elman.settings import Setting
from elman.tasks import new_sequence, task_of

HELP = "train a network, or open a saved one, and find the fixed points of its hidden states"

OPTIONS = {
    "epoch": source.EPOCH,
    "test_reset": Setting(
        str, "context reset while testing", choices=tuple(TEST_RESETS), default="as trained"
    ),
    "symbol": Setting(str, "symbol to find them for, and to draw", high=60),
    "output": Setting(str, "output whose half is drawn as a line", high=60),
    "max_mb": shell.MAX_MB,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags: a task with its settings, or a saved run; symbol and output; the picture."""
    source.add_source(parser)
    looking = parser.add_argument_group("looking and output")
    for name, setting in OPTIONS.items():
        default = {
            "epoch": "the last",
            "symbol": "all, and the first is drawn",
            "output": "the first",
        }.get(name)
        shell.add_setting(looking, name, setting, default)
    shell.add_output(looking, "the map of the symbol as arrows")


def main(args: argparse.Namespace) -> int:
    """Train or open, find the fixed points of a symbol or of all, and print them."""
    from elman.analysis import state_space
    from elman.charts.state_space import drawing

    options = shell.checked_options(args, OPTIONS)
    path = shell.plot_path(args.plot)
    run = source.run_of(args, options["max_mb"])
    task = task_of(run.experiment)
    with shell.input_errors(source.NETWORK):
        epoch = source.checked_epoch(run, options["epoch"])
        symbol = _place("symbol", options["symbol"], task.symbols)
        output = _place("output", options["output"], task.features)
        tested = replay(run, new_sequence(run.experiment), epoch, options["test_reset"])
        asked = range(len(task.symbols)) if options["symbol"] is None else [symbol]
        found = {task.symbols[one]: state_space.space(tested, one, output) for one in asked}
    said = state_space.describe_plane(found[task.symbols[symbol]], run.experiment.hidden)
    if args.json:
        shell.say_json({"experiment": run.experiment.to_dict(), "epoch": epoch, "plane": said} | {
            "fixed_points": {name: _values(space) for name, space in found.items()},
        })  # fmt: skip
    else:
        shell.say(report.wrapped(said))
        for name, space in found.items():
            shell.say(f"\n{report.wrapped(state_space.describe_points(space, name))}")
            if len(space.points):
                shell.say(report.table(space.points, "{:.3g}"))
    if path is not None:
        drawn = drawing(tested, found[task.symbols[symbol]], task.features[output])
        shell.save_figure(drawn.properties(width=640), path)
    return source.exit_code(args, run)


def _place(name: str, value: str | None, offered: tuple[str, ...]) -> int:
    if value is None:
        return 0
    return offered.index(Setting(str, "", choices=offered).check(name, value))


def _values(space: Any) -> list[dict[str, Any]]:
    rows = report.finite(space.points.to_dict("records"))
    return [
        row | {"state": point.state.tolist()} for row, point in zip(rows, space.found, strict=True)
    ]
