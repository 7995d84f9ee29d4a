"""Command line: `python -m elman TASK`, with one flag for every field of `Experiment`.

`COMMANDS` holds what can follow `python -m elman`; a task of `elman.tasks.TASKS` is there without
being named. Exit codes: 0 finished, 1 training diverged or the figure could not be written,
2 bad input, 130 stopped by Ctrl-C; after 130 and 1 there are results of what was learned.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from elman import cli_numbers, cli_sweep, report, saving, trainers, training
from elman import text as texts
from elman.analysis.replay import TEST_RESETS, replay
from elman.cli_progress import Progress, interruptible
from elman.experiment import SETTINGS, Experiment, Setting
from elman.exports import PICTURE_FORMATS, PICTURE_PACKAGES, picture
from elman.tasks import TASKS, new_sequence, preset, training_sequence

PROGRAM = "python -m elman"

BAD_INPUT, FAILED, INTERRUPTED = 2, 1, 130

# Settings of the test that follows training, with their defaults.
TEST_OPTIONS: dict[str, tuple[Setting, Any]] = {
    "steps": (Setting(int, "rows of the table of predictions", low=1, high=1_000_000), 12),
    "on": (Setting(str, "sequence to test on", choices=("new", "training")), "new"),
    "test_reset": (
        Setting(str, "context reset while testing", choices=tuple(TEST_RESETS)),
        "as trained",
    ),
}


class CommandError(Exception):
    """What ends the program with one line on stderr, and the exit code it ends with."""

    def __init__(self, message: str, code: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.code = code


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


def flag(name: str) -> str:
    """The flag of a field: `--reset-every` for `reset_every`."""
    return "--" + name.replace("_", "-")


def add_training_arguments(tasks: tuple[str, ...], parser: argparse.ArgumentParser) -> None:
    """Flags of a command that trains and tests `tasks`."""
    add_settings(tasks, parser)
    tests = add_test_arguments(parser)
    parser.set_defaults(several=len(tasks) > 1)
    if len(tasks) == 1:
        tests.add_argument(
            "--save",
            metavar="FILE",
            help=f"save the run, to be shown by `{PROGRAM} show FILE` or opened in the app; the "
            f"ending is {saving.ENDING}",
        )


def add_settings(tasks: tuple[str, ...], parser: argparse.ArgumentParser) -> None:
    """Flags of all that an experiment on `tasks` may set."""
    settings = parser.add_argument_group("settings of training")
    defaults = [Experiment(task=task) for task in tasks]
    for name, setting in SETTINGS.items():
        if name != "task":
            used = dict.fromkeys(str(getattr(default, name)) for default in defaults)
            field, needed = setting.only_with or ("task", tasks[0])
            # A field of another task would only be in the way; using it says what it goes with.
            hidden = field == "task" and needed not in tasks
            words = " and ".join(used).replace("None", "none") or "none"
            _add_setting(settings, name, setting, words, hidden=hidden)
    if "own" in tasks:
        settings.add_argument(
            "--text-file",
            metavar="FILE",
            help=f"read the text from a file of at most {texts.MAX_BYTES:,} bytes, in UTF-8",
        )
    presets = dict.fromkeys(name for task in tasks for name in TASKS[task].presets)
    settings.add_argument(
        "--preset",
        metavar="NAME",
        help=f"start from the settings of {' or '.join(presets)}; other flags change them",
    )


def add_test_arguments(parser: argparse.ArgumentParser) -> Any:
    """Flags of a command that tests a trained network, and their group."""
    tests = parser.add_argument_group("testing and output")
    for name, (setting, default) in TEST_OPTIONS.items():
        _add_setting(tests, name, setting, str(default))
    tests.add_argument("--json", action="store_true", help="print one JSON object, no tables")
    tests.add_argument(
        "--plot",
        metavar="FILE",
        help="save loss curve and errors; the ending chooses " + ", ".join(PICTURE_FORMATS),
    )
    return tests


def _add_setting(
    group: Any, name: str, setting: Setting, default: str, *, hidden: bool = False
) -> None:
    words = f"{setting.help}: {setting.allowed} (default: {default})".replace("%", "%%")
    # Values stay text here: `Setting.check` reads them, with the same words as everywhere.
    group.add_argument(
        flag(name),
        metavar={int: "N", float: "X"}.get(setting.kind, "NAME" if setting.choices else "TEXT"),
        help=argparse.SUPPRESS if hidden else words,
    )


@contextmanager
def input_errors(flags: Mapping[str, str] | None = None) -> Iterator[None]:
    """Turn the ValueError of a field, which begins with its name, into one about its flag.

    `flags` maps the fields that were given by a flag with another name to that name.
    """
    try:
        yield
    except ValueError as error:
        name, colon, rest = str(error).rstrip(".").partition(":")
        raise CommandError(f"{flag((flags or {}).get(name, name))}{colon}{rest}") from None


def experiment_of(args: argparse.Namespace, task: str) -> Experiment:
    """The experiment of the flags; explicit ones change the preset."""
    given = {name: getattr(args, name, None) for name in SETTINGS if name != "task"}
    file = getattr(args, "text_file", None)
    if file is not None and given["text"] is not None:
        raise CommandError("--text-file: allowed is none beside --text; both were given")
    with input_errors({} if file is None else {"text": "text_file"}):
        if file is not None:
            given["text"] = texts.read(file)
        base = Experiment(task=task) if args.preset is None else preset(task, args.preset)
        return base.replace(**{k: v for k, v in given.items() if v is not None})


def checked_options(args: argparse.Namespace) -> dict[str, Any]:
    """The checked values of `TEST_OPTIONS`."""
    values = {}
    for name, (setting, default) in TEST_OPTIONS.items():
        value = getattr(args, name)
        if value in (choice.replace(" ", "-") for choice in setting.choices):
            value = value.replace("-", " ")
        with input_errors():
            values[name] = default if value is None else setting.check(name, value)
    return values


def plot_path(name: str | None) -> Path | None:
    """Where the figure goes, if it can go there; looked at before any training."""
    path = writable_path("plot", name, tuple(PICTURE_FORMATS))
    for package in () if path is None else PICTURE_PACKAGES:
        if importlib.util.find_spec(package) is None:
            raise CommandError(f"--plot: needs the Python package {package}, which is missing")
    return path


def writable_path(field: str, name: str | None, endings: tuple[str, ...]) -> Path | None:
    """The path that the flag of `field` names, if a file with one of `endings` can be written."""
    if name is None:
        return None
    path = Path(name)
    if path.suffix.lower() not in endings:
        one_of = "one of " if len(endings) > 1 else ""
        raise CommandError(
            f"{flag(field)}: allowed is a file name ending in {one_of}{', '.join(endings)}; "
            f"{name!r} was given"
        )
    existed = path.exists()
    try:
        with path.open("ab"):
            pass
        if not existed:
            path.unlink()
    except OSError as error:
        raise CommandError(
            f"{flag(field)}: allowed is a file that can be written; {name!r} was given "
            f"({error.strerror})"
        ) from None
    return path


def compiled_or_note() -> bool:
    """Whether the compiled kernel can be used; without it, one plain line on stderr."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compiled = trainers.compiled_available()
    for warning in caught:
        print(f"note: {warning.message}", file=sys.stderr)
    return compiled


def train(tasks: tuple[str, ...], args: argparse.Namespace) -> int:
    """Train and test each of `tasks`, and print what came of it."""
    experiments = [experiment_of(args, task) for task in tasks]
    with input_errors():
        # A task may find a length too short, which is better said before anything is trained.
        sequences = [training_sequence(experiment) for experiment in experiments]
    options = checked_options(args)
    path = plot_path(args.plot)
    saved = writable_path("save", getattr(args, "save", None), (saving.ENDING,))
    compiled = compiled_or_note()
    results = []
    with interruptible() as should_stop:
        for experiment, sequence in zip(experiments, sequences, strict=True):
            if not args.json:
                print("\n\n" if results else "", end="")
                print(report.heading(experiment, sequence), flush=True)
            with Progress(experiment) as progress:
                run = training.run(experiment, progress, should_stop, compiled=compiled)
            if run.message:
                print(f"{experiment.task}: {run.message}", file=sys.stderr)
            results.append(evaluate(run, options["on"], options["test_reset"]))
            print_text(results[-1], args, options)
            if saved is not None:
                with writing("save", saved):
                    saving.save(run, saved)
            if run.status == "stopped":
                break
    finish(results, args, options, path)
    return exit_code([result.run.status for result in results])


def show(args: argparse.Namespace) -> int:
    """Test a saved run, and print what came of it."""
    options = checked_options(args)
    path = plot_path(args.plot)
    compiled_or_note()
    try:
        run = saving.load(args.file)
    except OSError as error:
        raise CommandError(
            f"FILE: allowed is a file that can be read; {args.file!r} was given ({error.strerror})"
        ) from None
    except ValueError as error:
        raise CommandError(f"{args.file}: {str(error).rstrip('.')}") from None
    if not args.json:
        print(report.heading(run.experiment, run.sequence))
    if run.message:
        print(f"{run.experiment.task}: {run.message}", file=sys.stderr)
    result = evaluate(run, options["on"], options["test_reset"])
    print_text(result, args, options)
    finish([result], args, options, path)
    return 0


def print_text(result: report.Result, args: argparse.Namespace, options: dict[str, Any]) -> None:
    """The tables of one run, unless JSON was asked for."""
    if not args.json:
        encoding = sys.stdout.encoding or "ascii"
        print(report.text(result, options["steps"], encoding), flush=True)


def finish(
    results: list[report.Result],
    args: argparse.Namespace,
    options: dict[str, Any],
    path: Path | None,
) -> None:
    """What is made of all runs together: one JSON object, one figure."""
    if args.json:
        objects = {r.run.experiment.task: report.values(r, options["steps"]) for r in results}
        answer = objects if args.several else next(iter(objects.values()))
        print(json.dumps(answer, allow_nan=False), flush=True)
    if path is not None:
        save(report.figure(results), path)


def evaluate(run: training.Run, on: str, reset: str) -> report.Result:
    """The run's last network on the sequence named by `on`."""
    sequence = run.sequence if on == "training" else new_sequence(run.experiment)
    outputs, _ = replay(run, sequence, reset=reset)
    return report.Result(run, sequence, outputs, on, reset)


def save(figure: Any, path: Path) -> None:
    """Write an Altair figure, all that it needs inside the file."""
    with writing("plot", path):
        path.write_bytes(picture(figure, path.suffix.lower()))


@contextmanager
def writing(field: str, path: Path) -> Iterator[None]:
    """Turn a failure to write the file of a flag into one line."""
    try:
        yield
    except OSError as error:
        raise CommandError(
            f"{flag(field)}: {path} was not written ({error.strerror})", FAILED
        ) from None


def exit_code(statuses: list[str]) -> int:
    """One exit code for all runs."""
    if "stopped" in statuses:
        return INTERRUPTED
    return FAILED if "diverged" in statuses else 0


def training_command(help: str, *tasks: str, aliases: tuple[str, ...] = ()) -> Command:
    """The command that trains and tests `tasks`, one after another."""
    return Command(help, partial(add_training_arguments, tasks), partial(train, tasks), aliases)


def show_command() -> Command:
    """The command on a saved run."""

    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help=f"a run saved as {saving.ENDING}")
        add_test_arguments(parser)
        parser.set_defaults(several=False)

    return Command("a saved run: its tables again, without training", add_arguments, show)


def numbers_command() -> Command:
    """The command on number sequences, which has settings of its own."""
    shell = cli_numbers.Shell(
        _add_setting, input_errors, plot_path, interruptible, Progress, save, exit_code
    )
    add_arguments, main = (
        partial(cli_numbers.add_arguments, shell),
        partial(cli_numbers.main, shell),
    )
    return Command(cli_numbers.HELP, add_arguments, main)


def sweep_command() -> Command:
    """The command that trains many runs of a task."""
    shell = cli_sweep.Shell(
        _add_setting, add_settings, experiment_of, input_errors, writable_path, writing,
        interruptible, compiled_or_note, exit_code,
    )  # fmt: skip
    add_arguments, main = partial(cli_sweep.add_arguments, shell), partial(cli_sweep.main, shell)
    return Command(cli_sweep.HELP, add_arguments, main)


# Other words for a task.
ALIASES = {"letters": ("cv",)}

COMMANDS: dict[str, Command] = {
    name: training_command(task.title, name, aliases=ALIASES.get(name, ()))
    for name, task in TASKS.items()
} | {
    "both": training_command("xor, then letters", "xor", "letters"),
    "numbers": numbers_command(),
    "show": show_command(),
    "sweep": sweep_command(),
}


def parser() -> Parser:
    """The parser of the whole command line."""
    whole = Parser(
        prog=PROGRAM,
        description="Simple recurrent networks as in Elman (1990), Finding Structure in Time.",
        epilog=f"{PROGRAM} TASK --help lists the settings of a task.",
        allow_abbrev=False,
    )
    words = whole.add_subparsers(title="tasks and commands", metavar="TASK", required=True)
    for name, command in COMMANDS.items():
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


def main(argv: list[str] | None = None) -> int:
    """Run the command line `argv` (default: the program's own) and return its exit code."""
    try:
        args = parser().parse_args(argv)
        return args.main(args)
    except CommandError as error:
        print(f"elman: {error}.", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        print("elman: interrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has gone; without this Python would complain while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
