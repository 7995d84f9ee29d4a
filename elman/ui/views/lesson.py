"""A lesson as a student takes it: its stations one after the other, questions, and the end."""

from __future__ import annotations

import datetime
import textwrap
import zoneinfo
from collections.abc import Callable

import streamlit as st

from elman.labs import answers, lesson
from elman.labs.address import PAGES, Address
from elman.labs.lesson import Lesson, Question, Station, spell
from elman.ui import addresses, lessons, menu, prose, session, state
from elman.ui.show import literal
from elman.ui.views import lab_browser, lab_end, lab_session

# The pages that let the browser keep what was done, lesson or not.
KEEP_PROGRESS = ("start", "labs")

FILE = "lesson_file"
_FILE_PROBLEMS: session.Kept[tuple[str, ...]] = session.Kept("lesson_file_problems", ())
# The questions that are asked again, or were left out before looking, as (title, station).
_AGAIN: session.Kept[set[tuple[str, int]]] = session.Kept("lesson_again", set(), lasting=True)
_PASSED: session.Kept[set[tuple[str, int]]] = session.Kept("lesson_passed", set(), lasting=True)


def now() -> str:
    """Date and time of the reader, with the difference to UTC."""
    try:
        zone: datetime.tzinfo = zoneinfo.ZoneInfo(st.context.timezone or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        zone = datetime.UTC
    return datetime.datetime.now(zone).isoformat(timespec="seconds")


def draw() -> None:
    """The station that the lesson is at, its end, or a way to open a lesson."""
    opened = lessons.current()
    if opened is None:
        _open_file()
        return
    st.text(opened.title)
    at, last = lessons.place(), len(opened.stations)
    if at > last:
        _end(opened)
    else:
        _station(opened, at)
    _ways(at, last)
    lab_browser.keep()
    if problem := lab_browser.problem():
        st.warning(literal(problem))


def _station(opened: Lesson, number: int) -> None:
    station = opened.stations[number - 1]
    st.subheader(f"Station {number} of {len(opened.stations)}: {PAGES[station.link.page]}")
    if station.note:
        st.text(station.note)
    question = station.question
    before = question is not None and question.when == "before"
    if question is not None and before:
        _ask(opened, number, question, lambda: station.link)
        passed = (opened.title, number) in _PASSED.get()
        if not passed and _given(opened, number, question) is None:
            st.button(
                "Look without an answer",
                type="tertiary",
                on_click=lambda: _PASSED.get().add((opened.title, number)),
                key="lesson_pass",
            )
            return
    st.button(
        f"Open {PAGES[station.link.page]}",
        type="primary",
        on_click=follow,
        args=(station.link,),
        key="lesson_open_station",
    )
    if question is not None and not before:
        prose.caption("When you have looked:")
        _ask(opened, number, question, lambda: station.link)


def follow(link: Address) -> None:
    """Open the page of a station as its link would; for callbacks."""
    query: dict[str, list[str]] = {}
    for name, value in link.query:
        query.setdefault(name, []).append(value)
    session.follow(link.page, query)


def _ways(at: int, last: int) -> None:
    """Back and Next."""
    with st.container(horizontal=True):
        st.button(
            "Back", on_click=lessons.go_to, args=(at - 1,), disabled=at == 1, key="lesson_back"
        )
        if at <= last:
            st.button(
                "Next" if at < last else "To the end",
                on_click=lessons.go_to,
                args=(at + 1,),
                key="lesson_next",
            )
        st.button("Leave the lesson", type="tertiary", on_click=lessons.leave, key="lesson_leave")


def bar() -> None:
    """One line above a page: the station with its note and question, and the way on."""
    opened = lessons.current()
    page = menu.current().file
    if opened is None or page in ("lesson", "teach"):
        return
    if page not in KEEP_PROGRESS:
        lab_browser.keep()
    at, last = lessons.place(), len(opened.stations)
    station = opened.stations[at - 1] if at <= last else None
    with st.container(horizontal=True, vertical_alignment="center", key="lesson_bar"):
        if station is not None:
            with st.popover(f"Station {at} of {last}"):
                _in_sight(opened, at, station)
            said = " ".join((station.note or opened.title).split())
            st.text(textwrap.shorten(said, 70, placeholder="…"), width="stretch")
        on = at < last
        pressed = st.button(
            ("Next station" if on else "To the end") if station else "Back to the lesson",
            on_click=lessons.go_to,
            args=(min(at, last) + 1,),
            key="lesson_bar_next",
        )
    if pressed:
        st.switch_page("pages/lesson.py", query_params={})


def _in_sight(opened: Lesson, number: int, station: Station) -> None:
    """What the teacher wrote and asks, beside what is shown."""
    st.text(opened.title)
    if station.note:
        st.text(station.note)
    if station.question is not None:
        _ask(opened, number, station.question, addresses.shown)
    if st.button("To the lesson", type="tertiary", key="lesson_bar_back"):
        st.switch_page("pages/lesson.py", query_params={})


def _given(opened: Lesson, number: int, question: Question) -> answers.Answer | None:
    return answers.latest(lab_session.answers(), opened, number, question)


def _ask(opened: Lesson, number: int, question: Question, link: Callable[[], Address]) -> None:
    """A question, or what was answered to it; `link()` is the address of what is in sight."""
    given, this = _given(opened, number, question), (opened.title, number)
    with st.container(border=True):
        st.text(question.prompt)
        if given is not None and this not in _AGAIN.get():
            st.text(f"Your answer: {spell(given.given)}")
            if given.verdict:
                st.text(given.verdict)
            prose.caption(f"{lab_browser.words()} It stands in the report at the end.")
            st.button(
                "Answer again",
                type="tertiary",
                on_click=lambda: _AGAIN.get().add(this),
                key="lesson_again_button",
            )
            return
        key = f"lesson_answer_{number}"
        held: float | str | None
        if question.choices:
            held = st.selectbox(
                "Your answer",
                question.choices,
                index=None,
                placeholder="Choose one",
                key=key,
                width=400,
            )
        else:
            held = st.number_input(
                "Your answer",
                value=None,
                placeholder="A number",
                width=400,
                key=key,
            )
        st.button(
            "Keep my answer",
            type="primary",
            on_click=_keep(opened, number, question, link),
            disabled=held is None,
            key="lesson_keep",
        )


def _keep(
    opened: Lesson, number: int, question: Question, link: Callable[[], Address]
) -> Callable[[], None]:
    def keep() -> None:
        held = state.value(f"lesson_answer_{number}")
        if held is None:
            return
        answer = answers.answered(opened, number, question, held, link(), now())
        lab_session.restore({}, [answer])
        _AGAIN.get().discard((opened.title, number))

    return keep


def _end(opened: Lesson) -> None:
    st.subheader("The end of the lesson")
    asked = [(n, one.question) for n, one in enumerate(opened.stations, 1) if one.question]
    given = [(n, question, _given(opened, n, question)) for n, question in asked]
    if asked:
        count = sum(answer is not None for _, _, answer in given)
        prose.say(f"**You answered {count} of {len(asked)} questions.**")
    for number, question, answer in given:
        with st.container(border=True, gap=None):
            prose.caption(f"Station {number}")
            st.text(question.prompt)
            st.text("No answer" if answer is None else f"Your answer: {spell(answer.given)}")
            if answer is not None and answer.verdict:
                st.text(answer.verdict)
    lab_end.hand_in()


def _open_file() -> None:
    """Without a lesson: what one is, and the file of one."""
    if found := lessons.problems():
        st.error("The lesson of this link could not be opened.")
        for problem in found:
            prose.say(f"- {literal(problem)}")
    prose.say(
        "A lesson leads through pages of this app, with a note and maybe a question of your "
        "teacher at each. It opens by the link or the file that your teacher gives you."
    )
    st.file_uploader(
        "A lesson as a file", type="json", key=FILE, on_change=_read_file, max_upload_size=1
    )
    if found := _FILE_PROBLEMS.get():
        st.error("This file could not be opened.")
        for problem in found:
            prose.say(f"- {literal(problem)}")


def _read_file() -> None:
    file = state.value(FILE)
    _FILE_PROBLEMS.set(())
    if file is None:
        return
    try:
        lessons.begin(lesson.from_json(file.getvalue()))
    except lesson.Refused as error:
        _FILE_PROBLEMS.set(tuple(error.problems))
