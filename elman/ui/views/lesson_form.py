"""The form on For teachers that makes a lesson: stations, their notes and questions, its link."""

from __future__ import annotations

import textwrap
from typing import Any

import streamlit as st

from elman.labs import address, lesson, lesson_handout
from elman.labs.address import Address
from elman.labs.lesson import KINDS, WHEN, Lesson, Station
from elman.ui import addresses, lessons, menu, prose, session, sidebar, state
from elman.ui.show import literal
from elman.ui.views import teaching

DRAFT = session.declare("draft")
MAKE = state.Control(
    "make", "What to make", st.segmented_control, ("a link", "a lesson"), default="a link"
)

FILE = "draft_file"
NO_QUESTION = "none"
ASKED = {
    NO_QUESTION: "No question",
    "number": "For a number",
    "choice": "For one of several answers",
}
WHEN_WORDS = {"before": "Before looking", "after": "After looking"}

# A station as the form has it: all as it was typed.
Typed = dict[str, Any]

_NOTHING: Typed = {
    "link": "",
    "note": "",
    "kind": NO_QUESTION,
    "prompt": "",
    "when": "after",
    "choices": "",
    "answer": "",
    "tolerance": 0.0,
}
_PROBLEMS: session.Kept[tuple[str, ...]] = session.Kept("draft_problems", ())
# Widgets of the chosen station get new keys when another is chosen, moved or removed.
_ROUND = session.Kept("draft_round", 0)
_CHOSEN = session.Kept("draft_chosen", 0, lasting=True)


def draw() -> None:
    """The whole form."""
    draft = _draft()
    _first(draft)
    _add(draft)
    if draft["stations"]:
        _edit(draft)
    for problem in _PROBLEMS.get():
        st.error(literal(problem))
    made = _made(draft)
    if made is not None:
        _offer(made)
    _open()


def add_station(link: Address) -> str:
    """Add a station with this address to the lesson that is made; why not, if it cannot be."""
    draft = lessons.DRAFT.get()
    if draft is None:
        return ""
    if len(draft["stations"]) >= lesson.MAX_STATIONS:
        return f"stations: allowed are {lesson.MAX_STATIONS} at most; this would be one more."
    if found := addresses.problems(link):
        return " ".join(found)
    draft["stations"].append(_NOTHING | {"link": str(link)})
    _choose(len(draft["stations"]) - 1)
    return ""


def _draft() -> dict[str, Any]:
    """What is being made: at first what the link has, or nothing."""
    draft, asked = lessons.DRAFT.get(), session.take(DRAFT)
    if asked is not None:
        try:
            draft = _typed(lesson.from_link(asked))
        except lesson.Refused as error:
            _PROBLEMS.set(tuple(f"draft, {problem}" for problem in error.problems))
    if draft is None:
        draft = {"title": "", "stations": []}
    lessons.DRAFT.set(draft)
    return draft


def _first(draft: dict[str, Any]) -> None:
    state.begin(_key("title"), draft["title"])
    draft["title"] = st.text_input(
        "Title of the lesson", key=_key("title"), max_chars=lesson.MAX_TITLE
    )
    if not draft["stations"]:
        prose.caption(
            "Add the first station: a page with the sidebar's run, or a link. On every other page "
            "Keep and share adds what you look at, with its views."
        )


def _add(draft: dict[str, Any]) -> None:
    left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom")
    left.text_input(
        "A link of this app", key="draft_link", placeholder="Paste it here", on_change=_add_link
    )
    opens = middle.selectbox(
        "Or the sidebar's run on",
        tuple(address.PAGES),
        index=list(address.PAGES).index("train"),
        format_func=address.PAGES.__getitem__,
        key="draft_page",
    )
    right.button("Add this run", on_click=_add_run, args=(opens,), key="draft_add", width="stretch")


def _take_in() -> None:
    """Keep what was typed last, which comes together with the press of a button."""
    draft = lessons.DRAFT.get()
    if draft is None:
        return
    draft["title"] = state.value(_key("title"), draft["title"])
    if draft["stations"]:
        station = draft["stations"][min(_CHOSEN.get(), len(draft["stations"]) - 1)]
        for name in _NOTHING:
            station[name] = state.value(_key(name), station[name])


def _key(name: str) -> str:
    """The key of the widget of a field."""
    return f"draft_{name}_{_ROUND.get()}"


def _add_link() -> None:
    _take_in()
    given = (state.value("draft_link") or "").strip()
    if not given:
        return
    try:
        problem = add_station(address.read(given, menu.app_address()))
    except ValueError as error:
        problem = str(error)
    _PROBLEMS.set((problem,) if problem else ())
    if not problem:
        state.put(draft_link="")


def _add_run(page: str) -> None:
    _take_in()
    query = teaching.query_of(sidebar.current())
    problem = add_station(Address(page, tuple(query.items())))
    _PROBLEMS.set((problem,) if problem else ())


def _choose(place: int) -> None:
    """Let the fields show another station."""
    _CHOSEN.set(place)
    _ROUND.set(_ROUND.get() + 1)


def _edit(draft: dict[str, Any]) -> None:
    """The list of stations, and the fields of the one that is chosen."""
    stations: list[Typed] = draft["stations"]
    chosen = min(_CHOSEN.get(), len(stations) - 1)
    if len(stations) > 1:
        with st.container(gap="xsmall"):
            for place, station in enumerate(stations):
                st.text(_in_a_line(place, station))
    # Set anew at each run: buttons choose, too.
    state.put(draft_station=chosen)
    st.selectbox(
        f"Station to edit, of {len(stations)}",
        range(len(stations)),
        # What is typed below must not change the names here, by which the browser knows them.
        format_func=lambda place: f"{place + 1}. {_page(stations[place])}",
        key="draft_station",
        on_change=_edit_another,
    )
    with st.container(horizontal=True):
        for label, step, can in (
            ("Move up", -1, chosen > 0),
            ("Move down", 1, chosen < len(stations) - 1),
        ):
            st.button(
                label,
                on_click=_move,
                args=(stations, chosen, step),
                disabled=not can,
                key=f"draft_{label.lower().replace(' ', '_')}",
            )
        st.button("Remove", on_click=_remove, args=(stations, chosen), key="draft_remove")
        st.link_button(
            "See this page", address.read(stations[chosen]["link"]).below(menu.app_address())
        )
    _fields(stations[chosen])


def _in_a_line(place: int, station: Typed) -> str:
    note = station["note"] or station["link"].partition("?")[2]
    asked = "" if station["kind"] == NO_QUESTION else " (with a question)"
    said = textwrap.shorten(note, 70, placeholder="…")
    return f"{place + 1}. {_page(station)}: {said}{asked}"


def _page(station: Typed) -> str:
    return address.PAGES[station["link"].partition("?")[0]]


def _edit_another() -> None:
    _take_in()
    _choose(state.value("draft_station"))


def _move(stations: list[Typed], place: int, step: int) -> None:
    _take_in()
    stations[place], stations[place + step] = stations[place + step], stations[place]
    _choose(place + step)


def _remove(stations: list[Typed], place: int) -> None:
    _take_in()
    del stations[place]
    _choose(max(0, min(place, len(stations) - 1)))


def _fields(station: Typed) -> None:
    def key(name: str) -> str:
        """The key of a field's widget, which begins with what the station has."""
        state.begin(_key(name), station[name])
        return _key(name)

    st.code(station["link"], language=None, wrap_lines=True)
    station["note"] = st.text_area(
        "Note to your students", key=key("note"), max_chars=lesson.MAX_NOTE, height=100
    )
    left, right = st.columns(2)
    station["kind"] = left.selectbox(
        "A question", tuple(ASKED), format_func=ASKED.__getitem__, key=key("kind")
    )
    if station["kind"] == NO_QUESTION:
        return
    station["when"] = right.selectbox(
        "It is asked", WHEN, format_func=WHEN_WORDS.__getitem__, key=key("when")
    )
    station["prompt"] = st.text_input(
        "What you ask", key=key("prompt"), max_chars=lesson.MAX_PROMPT
    )
    if station["kind"] == "choice":
        station["choices"] = st.text_area(
            "Answers to choose from, one a line: two to six", key=key("choices"), height=120
        )
    left, right = st.columns(2)
    station["answer"] = left.text_input(
        "The right answer; empty: there is none",
        key=key("answer"),
        help="Students see it when they have answered, and the report says who was right.",
    )
    if station["kind"] == "number":
        station["tolerance"] = right.number_input(
            "Right within plus or minus",
            key=key("tolerance"),
            **state.number_arguments(lesson.TOLERANCE),
        )


def _object(station: Typed) -> dict[str, Any]:
    """A station as a file has it."""
    written = {"link": station["link"], "note": station["note"]}
    kind = station["kind"]
    if kind == NO_QUESTION:
        return written
    question = {name: station[name] for name in ("kind", "prompt", "when")}
    if kind == "choice":
        lines = (line.strip() for line in station["choices"].splitlines())
        question["choices"] = [line for line in lines if line]
    else:
        question["tolerance"] = station["tolerance"]
    if answer := station["answer"].strip():
        question["answer"] = answer
    return written | {"question": question}


def _typed(made: Lesson) -> dict[str, Any]:
    """A lesson as the form has it."""
    return {"title": made.title, "stations": [_typed_station(one) for one in made.stations]}


def _typed_station(station: Station) -> Typed:
    typed = _NOTHING | {"link": str(station.link), "note": station.note}
    asked = station.question
    if asked is None:
        return typed
    return typed | {
        "kind": KINDS[bool(asked.choices)],
        "prompt": asked.prompt,
        "when": asked.when,
        "choices": "\n".join(asked.choices),
        "answer": "" if asked.answer is None else lesson.spell(asked.answer),
        "tolerance": asked.tolerance,
    }


def _made(draft: dict[str, Any]) -> Lesson | None:
    """The lesson, if it is one; else says what is missing."""
    if not draft["stations"]:
        return None
    try:
        return lesson.from_object(
            {
                "format": lesson.FORMAT,
                "version": lesson.VERSION,
                "title": draft["title"],
                "stations": [_object(station) for station in draft["stations"]],
            },
            addresses.problems,
        )
    except lesson.Refused as error:
        prose.say("##### Still to do before there is a link")
        prose.say("\n".join(f"- {literal(problem)}" for problem in error.problems))
        return None


def _offer(made: Lesson) -> None:
    """The link, the files, and the lesson as students see it."""
    link = lesson.to_link(made)
    app = menu.app_address()
    session.write(DRAFT, link or None)
    prose.say("##### The lesson for your students")
    whole = f"{app}/lesson?lesson={link}"
    if link:
        st.code(whole, language=None, wrap_lines=True)
    else:
        st.warning(
            "The lesson is too long for a link. Give your students the file: the page Lesson "
            "opens it."
        )
    with st.container(horizontal=True):
        if link:
            st.link_button("See it as a student", whole)
        for label, name, kind, content in (
            ("The lesson as a file", "lesson.json", "application/json", lesson.to_json(made)),
            ("A page to print", "lesson.html", "text/html", lesson_handout.page(made, app=app)),
        ):
            st.download_button(
                label,
                content,
                file_name=name,
                mime=kind,
                on_click="ignore",
                key=f"draft_{name.replace('.', '_')}",
            )
    prose.caption(
        "What students answer stays in their browsers, and in the report that they hand in. The "
        "right answers are in link and file, for who looks there."
    )


def _open() -> None:
    st.file_uploader(
        "Go on with a lesson from a file", type="json", key=FILE, on_change=_read, max_upload_size=1
    )


def _read() -> None:
    file = state.value(FILE)
    if file is None:
        return
    try:
        read = lesson.from_json(file.getvalue(), addresses.problems, menu.app_address())
    except lesson.Refused as error:
        _PROBLEMS.set(tuple(error.problems))
        return
    _PROBLEMS.set(())
    lessons.DRAFT.set(_typed(read))
    _choose(0)
