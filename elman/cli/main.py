"""Command line: `python -m elman TASK`, with one flag for every field of `Experiment`.

Each task of `elman.tasks.TASKS` is a command without being named here; `COMMANDS` holds the others.
Exit codes: 0 finished, 1 training diverged or the figure could not be written, 2 bad input,
130 stopped by Ctrl-C; after 130 and 1 there are results of what was learned.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from elman import report, saving, training
from elman.analysis.replay import TEST_RESETS, Tested, replay
from elman.cli import automaton, generate, going_on, lesson, numbers, shell, space, sweep, table
from elman.cli.shell import CommandError
from elman.settings import Setting
from elman.tasks import TASKS, new_sequence
from elman.training import handing_on

PROGRAM = "python -m elman"

# Settings of the test that follows training.
TEST_OPTIONS = {
    "steps": shell.STEPS,
    "on": Setting(str, "sequence to test on", choices=("new", "training"), default="new"),
    "test_reset": Setting(
        str, "context reset while testing", choices=tuple(TEST_RESETS), default="as trained"
    ),
    "max_mb": shell.MAX_MB,
}

# A program that loads the weights, by what it is for.
PROGRAMS = {"torch": handing_on.torch_program, "keras": handing_on.keras_program}

# A file may come from anywhere, and speak of any run.
SHOW_OPTIONS = TEST_OPTIONS | {
    "max_mb": shell.MAX_FILE_MB,
    "framework": Setting(
        str, "what a .py of the weights is for", choices=tuple(PROGRAMS), default="torch"
    ),
}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Raise CommandError instead of printing the usage and leaving."""
        message = message.removeprefix("argument ")
        raise CommandError(f"{message}; {self.prog} --help lists what there is")


class Command(NamedTuple):
    """What one word after `python -m elman` does: its flags, and `main(args) -> exit code`."""

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    main: Callable[[argparse.Namespace], int]
    aliases: tuple[str, ...] = ()


def add_training_arguments(tasks: tuple[str, ...], parser: argparse.ArgumentParser) -> None:
    """Flags of a command that trains and tests `tasks`."""
    shell.add_settings(tasks, parser)
    tests = add_test_arguments(parser, TEST_OPTIONS)
    if len(tasks) == 1:
        tests.add_argument(
            "--save",
            metavar="FILE",
            help=f"save the run, to be shown by `{PROGRAM} show FILE` or opened in the app; the "
            f"ending is {saving.ENDING}",
        )
        going_on.add_arguments(parser)


def add_test_arguments(parser: argparse.ArgumentParser, options: dict[str, Setting]) -> Any:
    """Flags of a command that tests a trained network, and their group."""
    tests = parser.add_argument_group("testing and output")
    for name, setting in options.items():
        shell.add_setting(tests, name, setting)
    shell.add_output(tests, "loss curve and errors")
    return tests


def train(tasks: tuple[str, ...], args: argparse.Namespace) -> int:
    """Train and test each of `tasks`, and print what came of it."""
    options = shell.checked_options(args, TEST_OPTIONS)
    parent = going_on.parent_of(args, options["max_mb"])
    if parent is None:
        experiments = [shell.experiment_of(args, task) for task in tasks]
    else:
        experiments = [going_on.branch_of(parent, args, tasks[0])]
    shell.check_memory(experiments, options["max_mb"])
    sequences = shell.checked_sequences(experiments)
    path = shell.plot_path(args.plot)
    saved = shell.writable_path("save", getattr(args, "save", None), (saving.ENDING,))
    compiled = shell.compiled_or_note()
    tests: list[Tested] = []
    with shell.interruptible() as should_stop:
        for experiment, sequence in zip(experiments, sequences, strict=True):
            if not args.json:
                shell.say("\n\n" * bool(tests) + report.heading(experiment, sequence))
            with shell.training_progress(experiment.task, experiment.epochs) as progress:
                run = training.run(
                    experiment, progress, should_stop, compiled=compiled, parent=parent
                )
            tests.append(tested(run, args, options))
            if saved is not None:
                with shell.writing("save", saved):
                    saving.save(run, saved)
            if run.status == "stopped":
                break
    finish(tests, args, options, path, several=len(tasks) > 1)
    return shell.exit_code([test.run.status for test in tests])


def show(args: argparse.Namespace) -> int:
    """Test a saved run, and print what came of it."""
    options = shell.checked_options(args, SHOW_OPTIONS)
    path = shell.plot_path(args.plot)
    weights = shell.writable_path("weights", args.weights, (*WEIGHTS, ".py"))
    shell.compiled_or_note()
    run = shell.saved_run(args.file, options["max_mb"])
    if weights is not None:
        with shell.writing("weights", weights):
            write = WEIGHTS.get(weights.suffix.lower(), PROGRAMS[options["framework"]])
            weights.write_text(write(run), encoding="utf-8")
    if not args.json:
        shell.say(report.heading(run.experiment, run.sequence))
    finish([tested(run, args, options)], args, options, path)
    return 0


def tested(run: training.Run, args: argparse.Namespace, options: dict[str, Any]) -> Tested:
    """The run's last network, tested; its tables are printed unless JSON was asked for."""
    if run.message:
        shell.note(f"{run.experiment.task}: {run.message}")
    sequence = run.sequence if options["on"] == "training" else new_sequence(run.experiment)
    result = replay(run, sequence, reset=options["test_reset"])
    if not args.json:
        shell.say(report.text(result, options["steps"], sys.stdout.encoding or "ascii"))
    return result


def finish(
    tests: list[Tested],
    args: argparse.Namespace,
    options: dict[str, Any],
    path: Path | None,
    *,
    several: bool = False,
) -> None:
    """What is made of all runs together: one JSON object, one figure."""
    if args.json:
        objects = {t.task.name: report.values(t, options["steps"]) for t in tests}
        shell.say_json(objects if several else next(iter(objects.values())))
    if path is not None:
        shell.save_figure(report.figure(tests), path)


def training_command(help: str, *tasks: str, aliases: tuple[str, ...] = ()) -> Command:
    """The command that trains and tests `tasks`, one after another."""
    return Command(help, partial(add_training_arguments, tasks), partial(train, tasks), aliases)


# What `show` writes the last weights as, by the ending of the file.
WEIGHTS: dict[str, Callable[[training.Run], str]] = {
    ".json": handing_on.weights_json,
    ".csv": handing_on.weights_csv,
}


def add_show_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of the command on a saved run."""
    parser.add_argument("file", metavar="FILE", help=f"a run saved as {saving.ENDING}")
    parser.add_argument(
        "--weights",
        metavar="FILE",
        help="write the last weights; the ending chooses .json, .csv, or .py: a program that loads "
        "the .json into PyTorch or Keras",
    )
    add_test_arguments(parser, SHOW_OPTIONS)


# Other words for a task.
ALIASES = {"letters": ("cv",)}

# What is no task.
COMMANDS: dict[str, Command] = {
    "automaton": Command(automaton.HELP, automaton.add_arguments, automaton.main),
    "both": training_command("xor, then letters", "xor", "letters"),
    "generate": Command(generate.HELP, generate.add_arguments, generate.main),
    "lesson": Command(lesson.HELP, lesson.add_arguments, lesson.main),
    "numbers": Command(numbers.HELP, numbers.add_arguments, numbers.main),
    "show": Command("a saved run: its tables again, without training", add_show_arguments, show),
    "space": Command(space.HELP, space.add_arguments, space.main),
    "sweep": Command(sweep.HELP, sweep.add_arguments, sweep.main),
    "table": Command(table.HELP, table.add_arguments, table.main),
}


def commands() -> dict[str, Command]:
    """Every command by its word: one for each task, and `COMMANDS`."""
    tasks = {
        name: training_command(task.title, name, aliases=ALIASES.get(name, ()))
        for name, task in TASKS.items()
    }
    return tasks | COMMANDS


def parser() -> Parser:
    """The parser of the whole command line."""
    whole = Parser(
        prog=PROGRAM,
        description="Simple recurrent networks as in Elman (1990), Finding Structure in Time.",
        epilog=f"{PROGRAM} TASK --help lists the settings of a task.",
        allow_abbrev=False,
    )
    words = whole.add_subparsers(title="tasks and commands", metavar="TASK", required=True)
    for name, command in commands().items():
        part = words.add_parser(
            name,
            aliases=command.aliases,
            help=command.help,
            description=command.help,
            allow_abbrev=False,
        )
        command.add_arguments(part)
        part.set_defaults(main=command.main)
    return whole


def _with_negative_rows(argv: list[str]) -> list[str]:
    """`argv` with a space before rows of numbers such as -0.1,-1.3, which are no flags."""
    return [f" {word}" if re.match(r"-[\d.].*[,;\se]", word) else word for word in argv]


def main(argv: list[str] | None = None) -> int:
    """Run the command line `argv` (default: the program's own) and return its exit code."""
    try:
        args = parser().parse_args(_with_negative_rows(sys.argv[1:] if argv is None else argv))
        return int(args.main(args))
    except CommandError as error:
        shell.note(f"elman: {error}.")
        return error.code
    except KeyboardInterrupt:
        shell.note("elman: interrupted.")
        return shell.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone; without this Python would complain while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return shell.FAILED
