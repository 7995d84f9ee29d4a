"""What the commands of `python -m elman` share: flags and their errors, output, files, progress."""

from __future__ import annotations

import argparse
import importlib.util
import json
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from elman import saving
from elman.charts.files import PICTURE_FORMATS, PICTURE_PACKAGES, picture
from elman.experiment import SETTINGS, Experiment
from elman.settings import Setting
from elman.tasks import TASKS, Sequence, own_text, preset, training_sequence
from elman.training import Run, check_bytes, trainers

BAD_INPUT, FAILED, INTERRUPTED = 2, 1, 130

# Rows of the table of predictions.
STEPS = Setting(int, "rows of the table of predictions", low=1, high=1_000_000, default=12)

# So that nothing is begun that a machine cannot hold.
MAX_MB = Setting(
    int, "megabytes of memory that one run may take", low=1, high=1_000_000, default=2048
)

# A file may come from anywhere, and speak of any run.
MAX_FILE_MB = MAX_MB._replace(default=saving.MAX_MEMORY // 2**20)

# After this time a run is a long one, and from then on its progress is drawn this often.
LONG_SECONDS, DRAW_SECONDS = 1.0, 0.2


class CommandError(Exception):
    """What ends the program with one line on stderr, and the exit code it ends with."""

    def __init__(self, message: str, code: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.code = code


# Flags


def flag(name: str) -> str:
    """The flag of a field: `--reset-every` for `reset_every`."""
    return "--" + name.replace("_", "-")


def add_setting(
    group: Any, name: str, setting: Setting, default: str | None = None, *, hidden: bool = False
) -> None:
    """The flag of one field, with what it allows and its default (in words, if given) as help."""
    default = str(setting.default).replace("None", "none") if default is None else default
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
    if any("text" in TASKS[task].settings.options for task in tasks):
        settings.add_argument(
            "--text-file",
            metavar="FILE",
            nargs="+",
            help=f"read the text from a file of at most {own_text.MAX_BYTES:,} bytes, in UTF-8; "
            "of several files each is a document",
        )
    presets = dict.fromkeys(name for task in tasks for name in TASKS[task].presets)
    settings.add_argument(
        "--preset",
        metavar="NAME",
        help=f"start from the settings of {' or '.join(presets)}; other flags change them",
    )


def add_output(group: Any, drawn: str) -> None:
    """Flags of what is made of a result, whose figure holds what `drawn` says."""
    group.add_argument("--json", action="store_true", help="print one JSON object, no tables")
    endings = ", ".join(PICTURE_FORMATS)
    group.add_argument("--plot", metavar="FILE", help=f"save {drawn}; the ending chooses {endings}")


@contextmanager
def input_errors(flags: Mapping[str, str] | None = None) -> Iterator[None]:
    """Turn the ValueError of a field, which begins with its name, into one about its flag.

    `flags` maps the fields that were given by a flag with another name to that name, and those
    that have no flag to the word that `--help` has for them, in capitals.
    """
    try:
        yield
    except ValueError as error:
        name, colon, rest = str(error).rstrip(".").partition(":")
        name = (flags or {}).get(name, name)
        raise CommandError(f"{name if name.isupper() else flag(name)}{colon}{rest}") from None


def given(args: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """The values of those flags that were given, by name."""
    values = {name: getattr(args, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def checked_options(args: argparse.Namespace, options: Mapping[str, Setting]) -> dict[str, Any]:
    """The checked value of each option, its default if it was not given."""
    values = {name: setting.default for name, setting in options.items()}
    for name, value in given(args, options).items():
        # `--test-reset as-trained` needs no quotes.
        spaced = value.replace("-", " ")
        with input_errors():
            value = spaced if spaced in options[name].choices else value
            values[name] = options[name].check(name, value)
    return values


def experiment_of(args: argparse.Namespace, task: str, without: Iterable[str] = ()) -> Experiment:
    """The experiment of the flags but `without` some; explicit ones change the preset."""
    changes = given(args, [name for name in SETTINGS if name not in ("task", *without)])
    files = getattr(args, "text_file", None)
    if files is not None and "text" in changes:
        raise CommandError("--text-file: allowed is none beside --text; both were given")
    with input_errors({} if files is None else {"text": "text_file"}):
        if files is not None:
            changes["text"] = own_text.joined([own_text.read(file) for file in files])
        if len(files or ()) > 1:
            changes.setdefault("documents", own_text.BY_FILE)
        if changes.get("text") == "":
            # To the library it means the built-in example, which the flag left out means, too.
            own_text.normalise("")
        base = Experiment(task=task) if args.preset is None else preset(task, args.preset)
        return base.replace(**changes)


def saved_run(file: str, max_mb: int, named: str = "FILE") -> Run:
    """The run that a file holds; a CommandError says why it cannot be read."""
    try:
        return saving.load(file, max_memory=max_mb * 2**20)
    except OSError as error:
        raise CommandError(
            f"{named}: allowed is a file that can be read; {file!r} was given ({error.strerror})"
        ) from None
    except ValueError as error:
        raise CommandError(f"{file}: {str(error).rstrip('.')}") from None


def check_memory(experiments: Iterable[Experiment], max_mb: int) -> None:
    """Refuse, before anything is made, an experiment that needs more memory than that."""
    for experiment in experiments:
        try:
            with input_errors():
                check_bytes(experiment, max_mb * 2**20)
        except CommandError as error:
            raise CommandError(f"{error}; {flag('max_mb')} allows more memory") from None


def checked_sequences(experiments: Iterable[Experiment]) -> list[Sequence]:
    """The training sequences, so that a length too short for its task is refused at once."""
    with input_errors():
        return [training_sequence(experiment) for experiment in experiments]


# Files


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


@contextmanager
def writing(field: str, path: Path) -> Iterator[None]:
    """Turn a failure to write the file of a flag into one line."""
    try:
        yield
    except OSError as error:
        raise CommandError(
            f"{flag(field)}: {path} was not written ({error.strerror})", FAILED
        ) from None


def save_figure(figure: Any, path: Path) -> None:
    """Write an Altair figure, all that it needs inside the file."""
    with writing("plot", path):
        path.write_bytes(picture(figure, path.suffix.lower()))


# What is printed, and the end


def say(words: str) -> None:
    """Print at once; what the stream cannot encode is replaced by its escape."""
    encoding = sys.stdout.encoding or "ascii"
    print(words.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def say_json(value: Any) -> None:
    """Print as one line of JSON."""
    print(json.dumps(value, allow_nan=False), flush=True)


def note(words: str) -> None:
    """Print a line beside the results, on stderr."""
    print(words, file=sys.stderr)


def compiled_or_note() -> bool:
    """Whether the compiled kernel can be used; without it, one plain line on stderr."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        compiled = trainers.compiled_available()
    for warning in caught:
        note(f"note: {warning.message}")
    return compiled


def exit_code(statuses: list[str]) -> int:
    """One exit code for all runs."""
    if "stopped" in statuses:
        return INTERRUPTED
    return FAILED if "diverged" in statuses else 0


# While it trains


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Inside, a first Ctrl-C only makes the yielded function say True; a second one interrupts."""
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return

    def press(*_: Any) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


class Progress:
    """One line on a terminal's stderr that follows work once it has become long.

    Call it with the share of the work that is done, and with what `describe` puts into words.
    `with Progress(...)` gives None where nobody watches.
    """

    def __init__(self, name: str, describe: Callable[[float, Any], str]) -> None:
        self._name, self._describe = name, describe
        self._due = time.monotonic() + LONG_SECONDS
        self._first: tuple[float, float] | None = None
        self._preparing = threading.Timer(
            LONG_SECONDS, self._draw, ("preparing the compiled trainer, once on this machine",)
        )
        self._preparing.daemon = True

    def __enter__(self) -> Self | None:
        if not sys.stderr.isatty():
            return None
        self._preparing.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self._preparing.ident is not None:
            self._preparing.cancel()
            self._preparing.join()
            self._draw("")

    def __call__(self, share: float, done: Any) -> None:
        """Draw what is done and the time left, now and then; for `on_progress=...`."""
        self._preparing.cancel()
        now = time.monotonic()
        if self._first is None:
            # Preparing takes time before this, which does not measure what is to come.
            self._first = now, share
        began, first_share = self._first
        if now < self._due or share <= first_share:
            return
        self._due = now + DRAW_SECONDS
        left = (now - began) / (share - first_share) * (1 - share)
        self._draw(f"{self._describe(share, done)}, about {left:.0f} s left")

    def _draw(self, words: str) -> None:
        line = f"{self._name}: {words}" if words else ""
        sys.stderr.write(f"\r{line[:79]:79}\r")
        sys.stderr.flush()


def training_progress(task: str, epochs: int) -> Progress:
    """The line of a single run, called with its losses (epochs done,)."""

    def describe(share: float, losses: Any) -> str:
        loss = f", loss {losses[-1]:.4f}" if len(losses) else ""
        return f"epoch {len(losses)} of {epochs}{loss}"

    return Progress(task, describe)
