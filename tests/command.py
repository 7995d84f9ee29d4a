"""Running `python -m elman` in this process, and programs of their own."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from elman.cli import main

ROOT = Path(__file__).parents[1]

# A quick run of any task, and what diverges at once.
SMALL = ("--length", "60", "--epochs", "2", "--hidden", "3")
DIVERGES = ("letters", "--activation", "relu", "--learning-rate", "3", "--momentum", "0.99")


class Stream(io.StringIO):
    """What a program prints, on a stream that can encode everything."""

    encoding = "utf-8"


def run_command(*argv):
    """The exit code of a command line, and what it printed on stdout and stderr."""
    out, err = Stream(), Stream()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main.main([str(part) for part in argv])
    return code, out.getvalue(), err.getvalue()


def printed(*argv, code=0, stderr=""):
    """What a command line prints; it must end with `code` and say no more than `stderr`."""
    ended, out, err = run_command(*argv)
    assert (ended, err) == (code, stderr)
    return out


def words(*argv, **ending):
    """The same in one line, its words parted by one space."""
    return " ".join(printed(*argv, **ending).split())


def as_json(*argv, **ending):
    """The object that a command line prints as JSON, which has no word for not-a-number."""
    line = printed(*argv, "--json", **ending)
    assert line.count("\n") == 1
    return json.loads(line, parse_constant=pytest.fail)


def refused(*argv):
    """The one line in which a command line is refused, before anything is printed."""
    code, out, err = run_command(*argv)
    assert (code, out) == (2, ""), err
    assert err.startswith("elman: ")
    assert err.count("\n") == 1
    return err


def flags(settings):
    """A command line of these settings, without the task."""
    pairs = ((flag(name), str(value)) for name, value in settings.items() if name != "task")
    return [part for pair in pairs for part in pair]


def flag(name):
    """The flag of a field."""
    return "--" + name.replace("_", "-")


def other_value(name, setting):
    """A value that a setting allows, off its default, as text."""
    if setting.choices:
        return next(choice for choice in reversed(setting.choices) if choice != setting.default)
    if setting.kind is str:
        return {"text": "to be or not to be", "boundary": "space", "branch": "1"}[name]
    return str(setting.low + 8 if setting.kind is int else setting.low + 0.01)


def program(*argv, encoding="utf-8", cwd=ROOT, **env):
    """Python as a program of its own, still running."""
    return subprocess.Popen(
        [sys.executable, *argv],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": encoding} | env,
    )


def ended(process, code=0):
    """What a program printed on stdout and stderr; it must end with `code`."""
    with process:
        out, err = process.communicate()
    assert process.returncode == code, err
    return out, err
