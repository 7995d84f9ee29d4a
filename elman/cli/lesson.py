"""`python -m elman lesson FILE`: check a lesson of the page For teachers, and print it."""

from __future__ import annotations

import argparse
from pathlib import Path

from elman.cli import shell
from elman.cli.shell import CommandError

HELP = "check a lesson made on the page For teachers, and print it"

OF_APP = "http://localhost:8501"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags: the file, what is printed, and where the app is."""
    parser.add_argument("file", metavar="FILE", help="a lesson saved as .json")
    parser.add_argument(
        "--app", metavar="ADDRESS", default=OF_APP, help=f"where the app is (default: {OF_APP})"
    )
    parser.add_argument(
        "--handout",
        metavar="FILE",
        help="write a page for students to print and fill in, as .html",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object, no text")


def main(args: argparse.Namespace) -> int:
    """Check the file, and print the lesson and its link; the exit code."""
    from elman.labs import address, lesson, lesson_handout

    path = shell.writable_path("handout", args.handout, (".html",))
    app = args.app.rstrip("/")
    if not app.startswith(("http://", "https://")):
        raise CommandError(
            f"--app: allowed is an address that begins with http:// or https://; {args.app!r} was "
            "given"
        )
    try:
        data = Path(args.file).read_bytes()
    except OSError as error:
        raise CommandError(
            f"FILE: allowed is a file that can be read; {args.file!r} was given ({error.strerror})"
        ) from None
    try:
        read = lesson.from_json(data, address.problems, app)
    except lesson.Refused as error:
        *others, last = (problem.rstrip(".") for problem in error.problems)
        for problem in others:
            shell.note(f"elman: {problem}.")
        raise CommandError(last) from None
    link = lesson.to_link(read)
    if path is not None:
        with shell.writing("handout", path):
            path.write_text(lesson_handout.page(read, app=app), encoding="utf-8")
    if args.json:
        shell.say_json(lesson.to_object(read))
        return 0
    shell.say(lesson_handout.text(read))
    if link:
        shell.say(f"\nThe link for students:\n{app}/lesson?lesson={link}")
    else:
        shell.say("\nThe lesson is too long for a link: give the file to your students.")
    return 0
