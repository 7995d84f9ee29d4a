"""Running `python -m elman` in this process."""

import contextlib
import io
import json

from elman.cli import main

# A quick run of any task.
SMALL = ("--length", "60", "--epochs", "2", "--hidden", "3")


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
    return json.loads(line, parse_constant=_not_a_number)


def refused(*argv):
    """The one line in which a command line is refused, before anything is printed."""
    code, out, err = run_command(*argv)
    assert (code, out) == (2, ""), err
    assert err.startswith("elman: ")
    assert err.count("\n") == 1
    return err


def flag(name):
    """The flag of a field."""
    return "--" + name.replace("_", "-")


def flags(settings):
    """A command line of these settings, without the task."""
    pairs = ((flag(name), str(value)) for name, value in settings.items() if name != "task")
    return [part for pair in pairs for part in pair]


def other_value(name, setting):
    """A value that a setting allows, off its default, as text."""
    if setting.choices:
        return next(choice for choice in reversed(setting.choices) if choice != setting.default)
    if setting.kind is str:
        return {"text": "to be or not to be", "boundary": "space"}[name]
    return str(setting.low + 8 if setting.kind is int else setting.low + 0.01)


def without_time(answer):
    """An answer without how long it took."""
    return {name: value for name, value in answer.items() if name != "seconds"}


def _not_a_number(name):
    raise AssertionError(f"{name} is not JSON")
