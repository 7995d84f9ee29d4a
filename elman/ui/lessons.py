"""The lesson of a session: which one is open and at which station, and the one that is being made.

A link has it as `lesson`, packed, and `station`, a number or "end". Both stay in the URL on every
page, so that a reload loses nothing; a lesson that is too long for a link lasts as long as its tab.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elman.settings import refuse
from elman.tasks import packed
from elman.ui import session

if TYPE_CHECKING:
    from elman.labs.lesson import Lesson

LESSON, STATION = session.declare("lesson"), session.declare("station")
END = "end"

_OPEN: session.Kept[Lesson | None] = session.Kept("lesson_open", None, lasting=True)
# From 1; after the last station comes the end.
_AT = session.Kept("lesson_at", 1, lasting=True)
_PROBLEMS: session.Kept[tuple[str, ...]] = session.Kept("lesson_problems", ())

# What a teacher makes on For teachers, as its form has it; None before the form was seen.
DRAFT: session.Kept[dict[str, Any] | None] = session.Kept("lesson_draft", None, lasting=True)


def current() -> Lesson | None:
    """The lesson that is open."""
    return _OPEN.get()


def place() -> int:
    """At which station it is, from 1; one more than there are at its end."""
    return _AT.get()


def problems() -> tuple[str, ...]:
    """Why the lesson of the link could not be opened."""
    return _PROBLEMS.get()


def begin(lesson: Lesson) -> None:
    """Open a lesson at its first station."""
    _OPEN.set(lesson)
    _AT.set(1)
    _PROBLEMS.set(())


def leave() -> None:
    """Close the lesson; for a button."""
    _OPEN.set(None)


def go_to(station: int) -> None:
    """Go to a station, or to the end; for callbacks."""
    _AT.set(station)


def asked_for() -> bool:
    """Whether a lesson is open, or the link has one."""
    return _OPEN.get() is not None or LESSON in session.query()


def read_link() -> None:
    """Open the lesson of a new session's link; call when the link was read."""
    given, station = session.take(LESSON), session.take(STATION)
    if given is not None:
        # Who takes no lesson does not wait for this.
        from elman.labs import lesson

        try:
            begin(lesson.from_link(given))
        except lesson.Refused as error:
            _PROBLEMS.set(tuple(error.problems))
    opened = _OPEN.get()
    if station is None or opened is None:
        return
    last = len(opened.stations)
    allowed = [str(number) for number in range(1, last + 1)] + [END]
    if station in allowed:
        _AT.set(allowed.index(station) + 1)
    else:
        words = f"a whole number from 1 to {last}, or {END}"
        session.report(str(refuse(STATION, words, station)))


def keep_in_link() -> None:
    """Keep the lesson and its station in the URL, which loses them when the page changes."""
    opened, at = _OPEN.get(), _AT.get()
    if opened is None:
        session.write(LESSON, None)
        session.write(STATION, None)
        return
    from elman.labs import lesson

    whole = lesson.to_link(opened)
    others = sum(len(one) for name, values in session.query().items() for one in values
                 if name != LESSON)  # fmt: skip
    # What a page has there comes first: a reload then asks for the lesson's link again.
    session.write(LESSON, whole if whole and len(whole) + others <= packed.MOST else None)
    session.write(STATION, at if at <= len(opened.stations) else END)
