"""A lesson on paper: as text for the terminal, and as a page to print."""

from __future__ import annotations

import textwrap
from html import escape

from elman.labs import LABS, address, printed
from elman.labs.address import PAGES, Address
from elman.labs.lesson import Lesson, Question, Station
from elman.tasks import links, packed

WIDTH = 88


def settings(link: Address) -> str:
    """What an address says of its run in a line: a lab, or task and what is off its defaults."""
    if not link.query:
        return ""
    values, missing, _ = packed.out_of_link(link.values)
    if link.page == "labs" and values.get("lab") in LABS:
        return LABS[values["lab"]].title
    experiment, _ = links.described(values)
    if missing:
        return f"{experiment.task}, a text of {missing:,} characters that the link cannot carry"
    query = experiment.to_query()
    if text := query.get("text"):
        query["text"] = repr(textwrap.shorten(text, 40, placeholder="…"))
    return ", ".join([query.pop("task"), *(f"{name} {value}" for name, value in query.items())])


def _asked(question: Question) -> list[str]:
    """A question, what it asks for, and its right answer; a line each."""
    kind = f"one of: {'; '.join(question.choices)}" if question.choices else "a number"
    lines = [f"Question: {question.prompt}", f"Answer, {question.when} looking: {kind}"]
    return [*lines, f"Right: {question.right}"] if question.right else lines


def text(lesson: Lesson) -> str:
    """The lesson as text, for the teacher: with the right answers."""
    parts = [f"{lesson.title}\n{'=' * len(lesson.title)}"]
    for number, station in enumerate(lesson.stations, 1):
        run = settings(station.link)
        lines = [
            f"{number}. {PAGES[station.link.page]}" + (f": {run}" if run else ""),
            str(station.link),
        ]
        lines += station.note.splitlines()
        if station.question is not None:
            lines += _asked(station.question)
        if names := address.of_no_setting(station.link):
            lines.append(f"What this shows of {', '.join(names)}, the app checks when it opens it.")
        first, *rest = lines
        parts.append("\n".join([first, *(_indented(line) for line in rest)]))
    return "\n\n".join(parts)


def _indented(line: str) -> str:
    # An address is of use as a whole alone.
    return textwrap.fill(
        line,
        WIDTH,
        initial_indent="   ",
        subsequent_indent="   ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def page(lesson: Lesson, *, app: str) -> str:
    """The lesson as a page to print and fill in, for students: without the right answers.

    `app` is the address of the app.
    """
    stations = enumerate(lesson.stations, 1)
    return printed.document(lesson.title, [_section(number, one, app) for number, one in stations])


def _section(number: int, station: Station, app: str) -> str:
    parts = [
        f"<section><h2>{number}. {escape(PAGES[station.link.page])}</h2>",
        printed.typed(station.note),
        printed.link(settings(station.link) or "Open", station.link.below(app)),
    ]
    question = station.question
    if question is not None:
        listed = {"Question": printed.typed(question.prompt)}
        if question.choices:
            choices = "".join(f"<li>{escape(choice)}</li>" for choice in question.choices)
            listed["Choose one"] = f"<ul>{choices}</ul>"
        listed[f"Answer, {question.when} looking"] = "&nbsp;"
        parts.append(printed.terms(listed))
    return "".join([*parts, "</section>"])
