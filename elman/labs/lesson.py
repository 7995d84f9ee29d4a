"""A teacher's lesson: a list of addresses of the app with a note at each, and maybe a question."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from elman.labs import address
from elman.labs.address import Address
from elman.settings import Setting, checked_object, refuse, shown
from elman.tasks import packed

T = TypeVar("T")

FORMAT, VERSION = "elman lesson", 1

MAX_STATIONS, MAX_TITLE, MAX_NOTE, MAX_PROMPT, MAX_CHOICE = 20, 100, 1000, 300, 100
LEAST_CHOICES, MOST_CHOICES = 2, 6
# Stations with the longest addresses.
MAX_BYTES = 300_000

# Whether a question is asked before the student looks, or with what there is to see.
WHEN = ("before", "after")
KINDS = ("number", "choice")

# Of characters; the rest of what browsers and servers take is for the page beside the lesson.
MOST_IN_LINK = packed.MOST

NUMBER = Setting(float, "a number", low=-1e9, high=1e9)
TOLERANCE = Setting(float, "how far off is still right", low=0, high=1e9, default=0.0)


class Refused(ValueError):
    """What is wrong with a lesson: `problems` has a sentence for each part that is."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Question:
    """A question of the teacher: for a number, or for one of `choices` where there are any.

    `answer` is the right one, None where none is; a number is right within `tolerance` of it.
    """

    prompt: str
    when: str = "after"
    choices: tuple[str, ...] = ()
    answer: float | str | None = None
    tolerance: float = 0.0

    def check(self, given: Any) -> float | str:
        """An answer to it, if it is one; else ValueError, naming `answer`."""
        return _answer(given, self.choices)

    def is_right(self, given: float | str) -> bool | None:
        """Whether an answer is right; None where no answer is called right."""
        if self.answer is None:
            return None
        if isinstance(given, str) or isinstance(self.answer, str):
            return given == self.answer
        # The last place of a decimal fraction is no error of the student's.
        return abs(given - self.answer) <= self.tolerance * (1 + 1e-9) + 1e-12

    @property
    def right(self) -> str:
        """The right answer in words; empty where there is none."""
        if self.answer is None or isinstance(self.answer, str):
            return self.answer or ""
        return spell(self.answer) + (f" ± {spell(self.tolerance)}" if self.tolerance else "")


@dataclass(frozen=True)
class Station:
    """A place of a lesson: the address that it opens, the teacher's note, maybe a question."""

    link: Address
    note: str = ""
    question: Question | None = None


@dataclass(frozen=True)
class Lesson:
    """A title and 1 to 20 stations."""

    title: str
    stations: tuple[Station, ...]


def spell(answer: float | str) -> str:
    """An answer as a sentence has it."""
    return answer if isinstance(answer, str) else f"{answer:.10g}"


def to_object(lesson: Lesson) -> dict[str, Any]:
    """A lesson as its file has it."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": lesson.title,
        "stations": [_written(station) for station in lesson.stations],
    }


def _written(station: Station) -> dict[str, Any]:
    written: dict[str, Any] = {"link": str(station.link), "note": station.note}
    asked = station.question
    if asked is None:
        return written
    question: dict[str, Any] = {"kind": KINDS[bool(asked.choices)], "prompt": asked.prompt}
    question["when"] = asked.when
    if asked.choices:
        question["choices"] = list(asked.choices)
    if asked.answer is not None:
        question["answer"] = asked.answer
    if asked.tolerance:
        question["tolerance"] = asked.tolerance
    return written | {"question": question}


def to_json(lesson: Lesson) -> str:
    """The file that keeps a lesson."""
    return json.dumps(to_object(lesson), ensure_ascii=False, indent=1) + "\n"


def to_link(lesson: Lesson) -> str:
    """A lesson as the one parameter of a link; empty where it is too long for one."""
    found = packed.pack(json.dumps(to_object(lesson), ensure_ascii=False, separators=(",", ":")))
    return found if len(found) <= MOST_IN_LINK else ""


def from_link(given: str) -> Lesson:
    """The lesson of a link's parameter; `Refused` for anything else."""
    try:
        return from_json(packed.unpack(given, "lesson", MAX_BYTES))
    except Refused:
        raise
    except ValueError as error:
        raise Refused([str(error)]) from None


def from_json(
    data: bytes | str, check: Callable[[Address], list[str]] | None = None, app: str = ""
) -> Lesson:
    """The lesson that a file keeps; `Refused` names each part of it that is not allowed.

    `check(address)` gives a sentence for each parameter of a station's address that is not
    allowed; `app` is the address below which a station's may be, where it has a host.
    """
    if len(data) > MAX_BYTES:
        words = f"{len(data):,} were given"
        raise Refused(
            [str(refuse("file", f"{MAX_BYTES:,} bytes at most", verb="are", words=words))]
        )
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused(["file: this is not a JSON file; it may be cut off or damaged."]) from None
    return from_object(found, check, app)


def from_object(
    given: Any, check: Callable[[Address], list[str]] | None = None, app: str = ""
) -> Lesson:
    """The lesson of an object such as `to_object` makes; see `from_json`."""
    reader = _Reader(check, app)
    lesson = reader.lesson(given)
    if reader.problems or lesson is None:
        raise Refused(reader.problems)
    return lesson


class _Reader:
    """Reads a lesson, and collects what is wrong with it."""

    def __init__(self, check: Callable[[Address], list[str]] | None, app: str) -> None:
        self.problems: list[str] = []
        self._check, self._app = check, app

    def _try(self, place: str, read: Callable[..., T], *given: Any) -> T | None:
        """What `read` gives; None, with a problem at this place, where it refuses."""
        try:
            return read(*given)
        except ValueError as error:
            self.problems.append(f"{place}{error}")
            return None

    def _named(self, place: str, given: dict[str, Any], names: tuple[str, ...]) -> None:
        for name in given:
            if name not in names:
                words = f"{shown(name)} was given"
                problem = refuse("fields", ", ".join(names), verb="are", words=words)
                self.problems.append(f"{place}{problem}")

    def lesson(self, given: Any) -> Lesson | None:
        found = self._try("", checked_object, "file", given)
        if found is None:
            return None
        for name, wanted in (("format", FORMAT), ("version", VERSION)):
            if found.get(name) != wanted or isinstance(found.get(name), bool):
                self.problems.append(str(refuse(name, repr(wanted), found.get(name))))
                return None
        self._named("", found, ("format", "version", "title", "stations"))
        title = self._try("", text, "title", found.get("title"), 1, MAX_TITLE)
        listed = self._try("", _list, "stations", found.get("stations"), 1, MAX_STATIONS)
        stations = [self._station(f"station {n}, ", one) for n, one in enumerate(listed or (), 1)]
        whole = [station for station in stations if station is not None]
        return Lesson(title, tuple(whole)) if title is not None and whole else None

    def _station(self, place: str, given: Any) -> Station | None:
        found = self._try(place, checked_object, "station", given)
        if found is None:
            return None
        self._named(place, found, ("link", "note", "question"))
        link = self._try(place, address.read, found.get("link"), self._app)
        if link is not None and self._check is not None:
            self.problems += [f"{place}link, {problem}" for problem in self._check(link)]
        note = self._try(place, text, "note", found.get("note", ""), 0, MAX_NOTE)
        asked = found.get("question")
        question = None if asked is None else self._question(f"{place}question, ", asked)
        return None if link is None or note is None else Station(link, note, question)

    def _question(self, place: str, given: Any) -> Question | None:
        found = self._try(place, checked_object, "question", given)
        if found is None:
            return None
        kind = self._try(place, _one_of, "kind", found.get("kind"), KINDS)
        numeric = kind == "number"
        own = ("tolerance",) if numeric else ("choices",)
        if kind is not None:
            self._named(place, found, ("kind", "prompt", "when", "answer", *own))
        prompt = self._try(place, text, "prompt", found.get("prompt"), 1, MAX_PROMPT)
        when = self._try(place, _one_of, "when", found.get("when", "after"), WHEN)
        choices: tuple[str, ...] | None = ()
        if kind == "choice":
            choices = self._try(place, _choices, found.get("choices"))
        answer, tolerance = found.get("answer"), found.get("tolerance", 0.0)
        if answer is not None and kind is not None and choices is not None:
            answer = self._try(place, _answer, answer, choices)
        if numeric:
            tolerance = self._try(place, TOLERANCE.check, "tolerance", tolerance)
        if None in (kind, prompt, when, choices, tolerance):
            return None
        return Question(prompt or "", when or "", choices or (), answer, tolerance or 0.0)


def text(name: str, given: Any, least: int, most: int) -> str:
    """A text of so many characters, none of them a control character or half of a surrogate pair;
    else ValueError naming `name`."""
    allowed = f"a text of {least} to {most:,} characters"
    if not isinstance(given, str):
        raise refuse(name, allowed, given)
    plain = given.replace("\r\n", "\n").strip()
    if not least <= len(plain) <= most:
        raise refuse(name, allowed, words=f"{len(plain):,} were given")
    for letter in plain:
        if unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t":
            words = f"something else, with the character U+{ord(letter):04X}, was given"
            raise refuse(name, "plain text", words=words)
    return plain


def _list(name: str, given: Any, least: int, most: int) -> list[Any]:
    if not isinstance(given, list) or not least <= len(given) <= most:
        words = f"{len(given):,} were given" if isinstance(given, list) else ""
        raise refuse(name, f"a list of {least} to {most}", given, words=words)
    return given


def _one_of(name: str, given: Any, allowed: tuple[str, ...]) -> str:
    return str(Setting(str, name, choices=allowed).check(name, given))


def _choices(given: Any) -> tuple[str, ...]:
    listed = _list("choices", given, LEAST_CHOICES, MOST_CHOICES)
    texts = tuple(text("choices", one, 1, MAX_CHOICE) for one in listed)
    if len(set(texts)) < len(texts):
        raise refuse("choices", "each answer once", words="two of them are the same")
    return texts


def _answer(given: Any, choices: tuple[str, ...]) -> float | str:
    """A number that is one, or one of the choices."""
    if choices:
        if given in (choice for choice in choices if isinstance(given, str)):
            return str(given)
        raise refuse("answer", "one of the choices", given)
    if isinstance(given, str) and not given.strip():
        raise refuse("answer", NUMBER.allowed, given)
    number = float(NUMBER.check("answer", given))
    # A minus before zero says nothing.
    return number if number and math.isfinite(number) else 0.0
