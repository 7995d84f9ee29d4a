"""What the commands of `python -m elman` share: flags, their errors, files, exit codes."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from elman.charts.files import PICTURE_FORMATS, PICTURE_PACKAGES, picture
from elman.experiment import SETTINGS, Experiment
from elman.settings import Setting
from elman.tasks import TASKS, preset
from elman.tasks import own_text as texts
from elman.training import trainers

BAD_INPUT, FAILED, INTERRUPTED = 2, 1, 130


class CommandError(Exception):
    """What ends the program with one line on stderr, and the exit code it ends with."""

    def __init__(self, message: str, code: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.code = code


def flag(name: str) -> str:
    """The flag of a field: `--reset-every` for `reset_every`."""
    return "--" + name.replace("_", "-")


def add_setting(
    group: Any, name: str, setting: Setting, default: str, *, hidden: bool = False
) -> None:
    """The flag of one field, with what it allows and its default as help."""
    words = f"{setting.help}: {setting.allowed} (default: {default})".replace("%", "%%")
    # Values stay text here: `Setting.check` reads them, with the same words as everywhere.
    group.add_argument(
        flag(name),
        metavar={int: "N", float: "X"}.get(setting.kind, "NAME" if setting.choices else "TEXT"),
        help=argparse.SUPPRESS if hidden else words,
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
            add_setting(settings, name, setting, words, hidden=hidden)
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
