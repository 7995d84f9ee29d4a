"""The page Lesson and the form on For teachers, run without a browser: made, taken, kept."""

import random

import pytest
from visitor import SHORT, visit

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
    visitor.press(label)
    return visitor.go(page)


def test_a_lesson_leads_from_station_to_station_and_stays_in_reach():
    visitor = take()
    assert said(visitor)[:2] == ["What *errors* tell", "Look at <b>bars</b>."]
    follow(visitor, "Open Errors", "errors")
    assert visitor.shown == Experiment(epochs=5, length=300)
    assert visitor.state("measure") == "rms"
    assert visitor.query_params["station"] == "1"
    # The line above the page: the note, and in its menu the question, too.
    assert "How large is it?" in said(visitor)
    visitor.choose("measure", "squared")
    assert "Next station" in visitor.labels
    follow(visitor, "Next station", "lesson")
    assert visitor.query_params["station"] == "2"
    # Asked before looking.
    assert "Open Hidden states" not in visitor.labels
    visitor.press("Look without an answer")
    follow(visitor, "Open Hidden states", "states")
    assert visitor.shown == Experiment(task="letters", hidden=3, epochs=5, length=300)
    assert visitor.state("view") == "tree"
    # What was chosen at another station is not there any more.
    assert visitor.go("errors").state("measure") == "squared"
    follow(visitor, "Next station", "lesson")
    follow(visitor, "Open Labs", "labs")
    assert visitor.query_params["lab"] == "results"
    assert visitor.notes == ""
    follow(visitor, "To the end", "lesson")
    assert visitor.query_params["station"] == "end"
    visitor.press("Back")
    assert visitor.query_params["station"] == "3"
    visitor.press("Leave the lesson")
    assert not {"lesson", "station"} & {*visitor.query_params}
    assert "Next station" not in visitor.go("errors").labels


def test_pages_that_keep_progress_by_themselves_have_the_lesson_too():
    for page, title in {"start": "Start here", "labs": "Labs", "paper": "The paper"}.items():
        link = {"lab": "results"} if page == "labs" else {}
        visitor = visit(page, lesson=lesson.to_link(TAKEN), station="2", **link)
        assert visitor.header[0].value == title
        assert "Next station" in visitor.labels


def test_answers_are_kept_with_the_run_in_sight_and_can_be_given_again():
    visitor = take(station="1")
    follow(visitor, "Open Errors", "errors")
    visitor.choose("seed", 3)
    assert visitor.get_by_key("lesson_keep").disabled
    visitor.choose("lesson_answer_1", 0.26).press("Keep my answer")
    assert {"Your answer: 0.26", "Right."} <= {*said(visitor)}
    visitor.press("Answer again").choose("lesson_answer_1", 0.3).press("Keep my answer")
    assert "Not right. The right answer: 0.25 ± 0.02." in said(visitor)
    follow(visitor, "Next station", "lesson")
    visitor.choose("lesson_answer_2", "**other**").press("Keep my answer").press("Next")
    visitor.press("To the end")
    assert "**You answered 2 of 2 questions.**" in [one.value for one in visitor.markdown]
    assert visitor.get_by_key("lab_report")
    given = visitor.state("lesson_answers")
    assert [one.given for one in given] == [0.26, 0.3, "**other**"]
    assert [one.is_right for one in given] == [True, False, None]
    assert [one.time.minute for one in given] == [0, 1, 2]
    query = address.read(given[0].link).values
    assert query == {"epochs": "5", "length": "300", "measure": "rms", "seed": "3"}
    assert given[2].link == str(TAKEN.stations[1].link)
    # The file of progress takes them along, and another visitor goes on with them.
    other = visit("labs").upload("lab_file", to_json({}, given).encode())
    assert "3 questions of lessons answered." in other.success[0].value
    assert other.state("lesson_answers") == given
    other.press("Forget all my progress")
    assert other.state("lesson_answers") == ()


def test_a_bad_link_and_a_bad_file_are_explained_and_a_good_file_opens():
    for station in ("4", "<b>"):
        visitor = take(station=station)
        words = f"station: allowed is a whole number from 1 to 3, or end; `'{station}'` was given."
        assert words in visitor.notes
        assert visitor.query_params["station"] == "1"
    none = "lesson: allowed is what a link of this app has there"
    assert visit("teach", draft="x", make="a lesson").refusal.startswith(f"draft, {none}")
    visitor = visit("lesson", lesson="x")
    assert visitor.refusal == "The lesson of this link could not be opened."
    assert f"- {none}" in visitor.markdown[-2].value
    content = lesson.to_json(TAKEN)
    visitor.upload("lesson_file", content[:-9].encode())
    assert "- file: this is not a JSON file" in visitor.markdown[-1].value
    visitor.upload("lesson_file", content.encode())
    assert said(visitor)[0] == TAKEN.title
    assert visitor.query_params["lesson"] == lesson.to_link(TAKEN)


def code(visitor, start):
    (found,) = [one.value for one in visitor.code if start in one.value]
    return found


def field(visitor, name):
    """The key of a field of the station that is edited."""
    return f"draft_{name}_{visitor.state('draft_round')}"


def test_a_lesson_is_made_of_the_sidebar_s_run_of_links_and_of_what_one_looks_at():
    visitor = visit("teach", **SHORT, make="a lesson").press("Add this run")
    visitor.choose("draft_link", "http://elsewhere.org/errors?task=xor")
    assert "link: allowed is an address of this app" in visitor.refusal
    visitor.choose("draft_link", "errors?hidden=0&view=x")
    assert "hidden: allowed is a whole number" in visitor.refusal
    visitor.choose("draft_link", f"errors?task=letters&{FEW}")
    assert visitor.get_by_key("draft_link").value == ""
    assert not visitor.error
    # From another page, with its view.
    visitor.go("states").choose("view", "components")
    visitor.session_state["keep_open"] = True
    visitor.run()
    visitor.press("Add this to my lesson").go("teach").choose("make", "a lesson")
    listed = visitor.get_by_key("draft_station").options
    assert listed == ["1. Train", "2. Errors", "3. Hidden states"]
    visitor.press("Move up").press("Move up").choose("draft_station", 2).press("Remove")
    assert not [one for one in visitor.code if "lesson?" in one.value]
    assert any("title: allowed is a text" in one.value for one in visitor.markdown)
    visitor.choose(field(visitor, "title"), "Mine").choose(field(visitor, "note"), "See <i>.")
    visitor.choose(field(visitor, "kind"), "choice").choose(field(visitor, "prompt"), "Which?")
    visitor.choose(field(visitor, "choices"), "one\n\n two \n")
    visitor.choose(field(visitor, "answer"), "three")
    assert any(
        "station 2, question, answer: allowed is one of the choices; `'three'` was given."
        in one.value for one in visitor.markdown
    )  # fmt: skip
    visitor.choose(field(visitor, "answer"), "one")
    # What is typed comes together with the next press.
    visitor.get_by_key(field(visitor, "answer")).set_value("two")
    visitor.choose("draft_station", 0).choose(field(visitor, "kind"), "number")
    visitor.choose(field(visitor, "prompt"), "How large?")
    visitor.choose(field(visitor, "when"), "before")
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
    other = visit("teach", make="a lesson").upload("draft_file", lesson.to_json(TAKEN).encode())
    assert lesson.from_link(code(other, "lesson?").partition("lesson=")[2]) == TAKEN
    other.upload("draft_file", b"{")
    assert "file: this is not a JSON file" in other.refusal


def test_a_lesson_too_long_for_a_link_is_given_as_a_file():
    noise = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=20_000))
    stations = tuple(Station(address.read("errors"), noise[900 * n :][:900]) for n in range(20))
    visitor = visit("teach", make="a lesson")
    content = lesson.to_json(Lesson("Long", stations)).encode()
    visitor.upload("draft_file", content)
    assert "Give your students the file" in visitor.notes
    student = visit("lesson").upload("lesson_file", content)
    assert "lesson" not in student.query_params
    follow(student, "Open Errors", "errors")
    assert "Station 1 of 20" in [one.proto.popover.label for one in student.get("popover")]
