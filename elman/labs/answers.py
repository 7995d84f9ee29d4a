"""What a student answered to the questions of lessons, in order of time."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from elman.labs import address, lesson
from elman.labs.lesson import Lesson, Question
from elman.settings import checked_object, refuse

# The newest that are kept; a lesson has at most twenty.
MAX_ANSWERS = 100

# Longer addresses, which only own texts make, are not kept with an answer.
MAX_LINK = 2000


@dataclass(frozen=True)
class Answer:
    """An answer: to which question of which lesson, with which run in sight, and when.

    link   address of what was shown, below that of the app; empty where it is too long to keep
    when   date and time with the difference to UTC, as in 2026-11-29T16:56:48+01:00
    right  the right answer in words, empty where none was given; `is_right` tells whether it was it
    """

    lesson: str
    station: int
    prompt: str
    given: float | str
    link: str
    when: str
    right: str = ""
    is_right: bool | None = None

    @property
    def time(self) -> datetime.datetime:
        """When it was given."""
        return datetime.datetime.fromisoformat(self.when)

    @property
    def verdict(self) -> str:
        """Whether it was right, and what is, in a sentence; empty where nothing is called right."""
        if self.is_right is None:
            return ""
        return "Right." if self.is_right else f"Not right. The right answer: {self.right}."


def answered(
    of: Lesson, station: int, question: Question, given: Any, link: address.Address, when: str
) -> Answer:
    """The answer that a student gave; ValueError if it is none."""
    checked = question.check(given)
    place = str(link)
    return Answer(
        lesson=of.title,
        station=station,
        prompt=question.prompt,
        given=checked,
        link=place if len(place) <= MAX_LINK else "",
        when=when,
        right=question.right,
        is_right=question.is_right(checked),
    )


def merged(mine: Iterable[Answer], other: Iterable[Answer]) -> tuple[Answer, ...]:
    """Both together, each answer once, in order of time; of more than 100 the newest."""
    both = sorted(dict.fromkeys([*mine, *other]), key=lambda one: one.time)
    return tuple(both[-MAX_ANSWERS:])


def latest(
    answers: Iterable[Answer], of: Lesson, station: int, question: Question
) -> Answer | None:
    """The last answer to a question of a lesson; None if there is none."""
    wanted = (of.title, station, question.prompt)
    found = [a for a in answers if (a.lesson, a.station, a.prompt) == wanted]
    return found[-1] if found else None


def to_objects(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """The answers as a file keeps them."""
    return [asdict(one) for one in answers]


def from_objects(found: Any) -> tuple[Answer, ...]:
    """The answers that a file keeps; ValueError says what of them cannot be read."""
    if not isinstance(found, list) or len(found) > MAX_ANSWERS:
        raise refuse("answers", f"a list of at most {MAX_ANSWERS}", found)
    read = []
    for number, one in enumerate(found, 1):
        try:
            read.append(_read(one))
        except ValueError as error:
            raise ValueError(f"answer {number}, {error}") from None
    return merged(read, ())


def _read(given: Any) -> Answer:
    found = checked_object("answer", given)
    names = [field.name for field in fields(Answer)]
    if set(found) != set(names):
        raise refuse("fields", f"exactly {', '.join(names)}", verb="are", words="others were given")
    limits = {
        "lesson": lesson.MAX_TITLE,
        "prompt": lesson.MAX_PROMPT,
        "link": MAX_LINK,
        "when": 40,
        "right": 2 * lesson.MAX_CHOICE,
    }
    for name, most in limits.items():
        lesson.text(name, found[name], 0, most)
    if found["link"]:
        found["link"] = str(address.read(found["link"]))
    station = found["station"]
    if isinstance(station, bool) or station not in range(1, lesson.MAX_STATIONS + 1):
        raise refuse("station", f"a whole number from 1 to {lesson.MAX_STATIONS}", station)
    given_answer = found["given"]
    if isinstance(given_answer, str):
        lesson.text("given", given_answer, 1, lesson.MAX_CHOICE)
    else:
        found["given"] = float(lesson.NUMBER.check("given", given_answer))
    if not isinstance(found["is_right"], bool | None):
        raise refuse("is_right", "true, false or null", found["is_right"])
    answer = Answer(**found)
    try:
        aware = answer.time.utcoffset() is not None
    except ValueError:
        aware = False
    if not aware:
        raise refuse("when", "a time such as 2026-11-29T16:56:48+01:00", answer.when)
    return answer
