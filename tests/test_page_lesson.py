"""The page Lesson and the form on For teachers, run without a browser: made, taken, kept."""

import random

import pytest
from visitor import (
    SHORT,
    act,
    choose,
    go,
    labels,
    notes,
    press,
    refusal,
    shown,
    state,
    upload,
    visit,
)

from elman import Experiment
from elman.labs import address, lesson
from elman.labs.lesson import Lesson, Question, Station
from elman.labs.progress import to_json
from elman.ui.views import lesson as view

FEW = "epochs=5&length=300"
NUMBER = Question("How large is it?", answer=0.25, tolerance=0.02)
CHOICE = Question("Which one?", "before", ("one", "**other**"))
TAKEN = Lesson(
    "What *errors* tell",
    (
        Station(address.read(f"errors?task=xor&{FEW}&measure=rms"), "Look at <b>bars</b>.", NUMBER),
        Station(address.read(f"states?task=letters&hidden=3&{FEW}&view=tree"), "", CHOICE),
        Station(address.read("labs?lab=results")),
    ),
)


@pytest.fixture(autouse=True)
def times(monkeypatch):
    """The minutes of one hour, one after the other."""
    minutes = iter(range(60))
    monkeypatch.setattr(view, "now", lambda: f"2026-05-01T10:{next(minutes):02}:00+02:00")


def take(made=TAKEN, **link):
    return visit("lesson", lesson=lesson.to_link(made), **link)


def said(visitor):
    return [part.value for part in visitor.text]


def follow(visitor, label, page):
    """Press what opens another page, and be there."""
    press(visitor, label)
    return go(visitor, page)


def test_a_lesson_leads_from_station_to_station_and_stays_in_reach():
    visitor = take()
    assert said(visitor)[:2] == ["What *errors* tell", "Look at <b>bars</b>."]
    follow(visitor, "Open Errors", "errors")
    assert shown(visitor) == Experiment(epochs=5, length=300)
    assert state(visitor, "measure") == "rms"
    assert visitor.query_params["station"] == "1"
    # The line above the page: the note, and in its menu the question, too.
    assert "How large is it?" in said(visitor)
    choose(visitor, "measure", "squared")
    assert "Next station" in labels(visitor)
    follow(visitor, "Next station", "lesson")
    assert visitor.query_params["station"] == "2"
    # Asked before looking.
    assert "Open Hidden states" not in labels(visitor)
    press(visitor, "Look without an answer")
    follow(visitor, "Open Hidden states", "states")
    assert shown(visitor) == Experiment(task="letters", hidden=3, epochs=5, length=300)
    assert state(visitor, "view") == "tree"
    # What was chosen at another station is not there any more.
    assert state(go(visitor, "errors"), "measure") == "squared"
    follow(visitor, "Next station", "lesson")
    follow(visitor, "Open Labs", "labs")
    assert visitor.query_params["lab"] == "results"
    assert notes(visitor) == ""
    follow(visitor, "To the end", "lesson")
    assert visitor.query_params["station"] == "end"
    press(visitor, "Back")
    assert visitor.query_params["station"] == "3"
    press(visitor, "Leave the lesson")
    assert not {"lesson", "station"} & {*visitor.query_params}
    assert "Next station" not in labels(go(visitor, "errors"))


@pytest.mark.parametrize(
    ("page", "link", "title"),
    [("start", {}, "Start here"), ("labs", {"lab": "results"}, "Labs"), ("paper", {}, "The paper")],
)
def test_pages_that_keep_progress_by_themselves_have_the_lesson_too(page, link, title):
    visitor = visit(page, lesson=lesson.to_link(TAKEN), station="2", **link)
    assert visitor.header[0].value == title
    assert "Next station" in labels(visitor)


def test_answers_are_kept_with_the_run_in_sight_and_can_be_given_again():
    visitor = take(station="1")
    follow(visitor, "Open Errors", "errors")
    choose(visitor, "seed", 3)
    assert visitor.get_by_key("lesson_keep").disabled
    choose(visitor, "lesson_answer_1", 0.26)
    press(visitor, "Keep my answer")
    assert {"Your answer: 0.26", "Right."} <= {*said(visitor)}
    press(visitor, "Answer again")
    choose(visitor, "lesson_answer_1", 0.3)
    press(visitor, "Keep my answer")
    assert "Not right. The right answer: 0.25 ± 0.02." in said(visitor)
    follow(visitor, "Next station", "lesson")
    choose(visitor, "lesson_answer_2", "**other**")
    press(visitor, "Keep my answer")
    press(visitor, "Next")
    press(visitor, "To the end")
    assert "**You answered 2 of 2 questions.**" in [one.value for one in visitor.markdown]
    assert visitor.get_by_key("lab_report")
    given = state(visitor, "lesson_answers")
    assert [one.given for one in given] == [0.26, 0.3, "**other**"]
    assert [one.is_right for one in given] == [True, False, None]
    assert [one.time.minute for one in given] == [0, 1, 2]
    query = address.read(given[0].link).values
    assert query == {"epochs": "5", "length": "300", "measure": "rms", "seed": "3"}
    assert given[2].link == str(TAKEN.stations[1].link)
    # The file of progress takes them along, and another visitor goes on with them.
    other = visit("labs")
    upload(other, "lab_file", to_json({}, given).encode())
    assert "3 questions of lessons answered." in other.success[0].value
    assert state(other, "lesson_answers") == given
    press(other, "Forget all my progress")
    assert state(other, "lesson_answers") == ()


@pytest.mark.parametrize(
    ("link", "words"),
    [({"station": "4"}, "station: allowed is a whole number from 1 to 3, or end; `'4'` was given."),
     ({"station": "<b>"}, "station: allowed is a whole number from 1 to 3, or end; `'<b>'`")],
)  # fmt: skip
def test_a_station_that_is_none_is_told_and_the_lesson_begins(link, words):
    visitor = take(**link)
    assert words in notes(visitor)
    assert visitor.query_params["station"] == "1"


def test_a_bad_link_and_a_bad_file_are_explained_and_a_good_file_opens():
    visitor = visit("lesson", lesson="x")
    assert refusal(visitor) == "The lesson of this link could not be opened."
    assert "- lesson: allowed is what a link of this app has there" in visitor.markdown[-2].value
    content = lesson.to_json(TAKEN)
    upload(visitor, "lesson_file", content[:-9].encode())
    assert "- file: this is not a JSON file" in visitor.markdown[-1].value
    upload(visitor, "lesson_file", content.encode())
    assert said(visitor)[0] == TAKEN.title
    assert visitor.query_params["lesson"] == lesson.to_link(TAKEN)


def code(visitor, start):
    (found,) = [one.value for one in visitor.code if start in one.value]
    return found


def field(visitor, name):
    """The key of a field of the station that is edited."""
    return f"draft_{name}_{state(visitor, 'draft_round')}"


def test_a_lesson_is_made_of_the_sidebar_s_run_of_links_and_of_what_one_looks_at():
    visitor = visit("teach", **SHORT, make="a lesson")
    press(visitor, "Add this run")
    choose(visitor, "draft_link", "http://elsewhere.org/errors?task=xor")
    assert "link: allowed is an address of this app" in refusal(visitor)
    choose(visitor, "draft_link", "errors?hidden=0&view=x")
    assert "hidden: allowed is a whole number" in refusal(visitor)
    choose(visitor, "draft_link", f"errors?task=letters&{FEW}")
    assert visitor.get_by_key("draft_link").value == ""
    assert not visitor.error
    # From another page, with its view.
    go(visitor, "states")
    choose(visitor, "view", "components")
    visitor.session_state["keep_open"] = True
    act(visitor)
    press(visitor, "Add this to my lesson")
    go(visitor, "teach")
    choose(visitor, "make", "a lesson")
    listed = visitor.get_by_key("draft_station").options
    assert listed == ["1. Train", "2. Errors", "3. Hidden states"]
    press(visitor, "Move up")
    press(visitor, "Move up")
    choose(visitor, "draft_station", 2)
    press(visitor, "Remove")
    assert not [one for one in visitor.code if "lesson?" in one.value]
    assert any("title: allowed is a text" in one.value for one in visitor.markdown)
    choose(visitor, field(visitor, "title"), "Mine")
    choose(visitor, field(visitor, "note"), "See <i>.")
    choose(visitor, field(visitor, "kind"), "choice")
    choose(visitor, field(visitor, "prompt"), "Which?")
    choose(visitor, field(visitor, "choices"), "one\n\n two \n")
    choose(visitor, field(visitor, "answer"), "three")
    assert any(
        "station 2, question, answer: allowed is one of the choices; `'three'` was given."
        in one.value for one in visitor.markdown
    )  # fmt: skip
    choose(visitor, field(visitor, "answer"), "one")
    # What is typed comes together with the next press.
    visitor.get_by_key(field(visitor, "answer")).set_value("two")
    choose(visitor, "draft_station", 0)
    choose(visitor, field(visitor, "kind"), "number")
    choose(visitor, field(visitor, "prompt"), "How large?")
    choose(visitor, field(visitor, "when"), "before")
    made = lesson.from_link(code(visitor, "lesson?").partition("lesson=")[2])
    assert made == Lesson(
        "Mine",
        (
            Station(made.stations[0].link, "", Question("How large?", "before")),
            Station(
                address.read("train?task=xor&length=300&epochs=5"),
                "See <i>.",
                Question("Which?", choices=("one", "two"), answer="two"),
            ),
        ),
    )
    assert made.stations[0].link.page == "states"
    assert made.stations[0].link.values["view"] == "components"
    # The link of the form keeps it over a reload, and a file goes on with it.
    again = visit("teach", draft=visitor.query_params["draft"], make="a lesson")
    assert code(again, "lesson?") == code(visitor, "lesson?")
    other = visit("teach", make="a lesson")
    upload(other, "draft_file", lesson.to_json(TAKEN).encode())
    assert lesson.from_link(code(other, "lesson?").partition("lesson=")[2]) == TAKEN
    upload(other, "draft_file", b"{")
    assert "file: this is not a JSON file" in refusal(other)


def test_a_lesson_too_long_for_a_link_is_given_as_a_file():
    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=20_000))
    stations = tuple(Station(address.read("errors"), noise[900 * n :][:900]) for n in range(20))
    visitor = visit("teach", make="a lesson")
    content = lesson.to_json(Lesson("Long", stations)).encode()
    upload(visitor, "draft_file", content)
    assert "Give your students the file" in notes(visitor)
    student = visit("lesson")
    upload(student, "lesson_file", content)
    assert "lesson" not in student.query_params
    follow(student, "Open Errors", "errors")
    assert "Station 1 of 20" in [one.proto.popover.label for one in student.get("popover")]


def test_a_draft_that_is_none_is_told():
    visitor = visit("teach", draft="x", make="a lesson")
    assert refusal(visitor).startswith(
        "draft, lesson: allowed is what a link of this app has there"
    )
