"""Lessons: what a file and a link say, what they may not say, and answers to their questions."""

import json
from dataclasses import replace

import pytest
from command import as_json, printed, run_command
from hypothesis import given
from hypothesis import strategies as st
from test_lab_progress import Page

from elman.labs import address, answers, lesson, lesson_handout
from elman.labs.handout import report
from elman.labs.lesson import Lesson, Question, Refused, Station
from elman.labs.progress import answers_from_json, from_json, to_json
from elman.ui import menu

APP = "http://127.0.0.1:8501/app"


def texts(least, most):
    letters = st.characters(exclude_categories=["Cc", "Cs"])
    return st.text(letters, min_size=least, max_size=most).map(str.strip).filter(
        lambda text: len(text) >= least
    )  # fmt: skip


finite = st.floats(-1e9, 1e9).map(lambda number: number or 0.0)


@st.composite
def questions(draw):
    choices = ()
    if draw(st.booleans()):
        choices = tuple(draw(st.lists(texts(1, 20), min_size=2, max_size=6, unique=True)))
    answer = draw(st.none() | (st.sampled_from(choices) if choices else finite))
    tolerance = 0.0 if choices else draw(st.floats(0, 1e9))
    return Question(draw(texts(1, 40)), draw(st.sampled_from(lesson.WHEN)), choices, answer,
                    tolerance)  # fmt: skip


pairs = st.tuples(texts(1, 9), texts(0, 20)).filter(
    lambda pair: pair[0] not in address.NOT_OF_A_RUN
)
addresses = st.builds(
    address.Address,
    st.sampled_from(list(address.PAGES)),
    st.lists(pairs, max_size=4).map(tuple),
)
stations = st.builds(Station, addresses, texts(0, 60), st.none() | questions())
lessons = st.builds(Lesson, texts(1, 30), st.lists(stations, min_size=1, max_size=20).map(tuple))


@given(lessons)
def test_a_lesson_comes_back_from_its_file_and_from_its_link(made):
    assert lesson.from_json(lesson.to_json(made)) == made
    assert lesson.from_json(lesson.to_json(made).encode()) == made
    if link := lesson.to_link(made):
        assert lesson.from_link(link) == made
        assert len(link) <= lesson.MOST_IN_LINK


def test_its_pages_are_those_of_the_menu():
    titles = {entry.file: entry.title for entry in menu.PAGES}
    assert {file: titles[file] for file in menu.LISTED if file != "teach"} == address.PAGES


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("errors?task=xor&hidden=4", "errors?task=xor&hidden=4"),
        (" /errors ", "errors"),
        (f"{APP}/states?view=tree", "states?view=tree"),
        ("?hidden=3", "train?hidden=3"),
        ("", "start"),
        ("?stream=letters&station=2", "start?stream=letters"),
        ("errors?lesson=x&station=2&hidden=3&embed=true", "errors?hidden=3"),
        ("compare?c_reset=epoch&c_reset=never", "compare?c_reset=epoch&c_reset=never"),
    ],
)
def test_an_address_is_a_page_with_its_parameters(given, read):
    found = address.read(given, APP)
    assert str(found) == read
    # The first page has no name in the whole address.
    assert found.below(f"{APP}/") == f"{APP}/{read.removeprefix('start')}"
    assert address.read(found.below(APP), APP) == found


FOREIGN = r"^link: allowed is an address of this app"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("http://elsewhere.org/errors", FOREIGN), ("//elsewhere.org/errors", FOREIGN),
        ("http://127.0.0.1:8501@elsewhere.org/app/errors", FOREIGN), ("http://[", FOREIGN),
        ("http://127.0.0.1:8501/other/errors", FOREIGN), (f"{APP[:4]}s{APP[4:]}/errors", FOREIGN),
        ("javascript:alert(1)", FOREIGN), ("errors?x=\ud800", FOREIGN),
        ("teach?task=xor", "^link: allowed is a page of start"), ("../errors", "^link: .* page of"),
        ("errors?" + "a=1&" * 200, FOREIGN), ("e" * 9000, "^link: allowed is at most 8,000 char"),
        (None, "^link: allowed"), (3, "^link: allowed"),
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_app_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        address.read(given, APP)


def test_settings_of_an_address_are_checked_as_those_of_a_link():
    for link, said in {
        "errors?task=xor&preset=paper": [],
        "errors?hidden=0": ["hidden: allowed is a whole number from 1"],
        "errors?text_packed=x": ["text_packed: allowed is"],
        "labs?lab=depth&at=run": [],
        "labs?lab=deep&at=now": ["lab: allowed is one of passes", "at: allowed is one of quest"],
    }.items():
        found = address.problems(address.read(link))
        assert len(found) == len(said)
        assert all(map(str.startswith, found, said))


def good():
    """A lesson of two stations, as an object that can be spoiled."""
    number = Question("How large?", answer=0.25, tolerance=0.05)
    choice = Question("Which?", "before", ("one", "other"), "one")
    made = Lesson(
        "Errors",
        (
            Station(address.read("errors?task=xor"), "Look.", number),
            Station(address.read("states?view=tree"), "", choice),
        ),
    )
    return lesson.to_object(made)


def asked(file, station):
    return file["stations"][station - 1]["question"]


REFUSED = [
    (lambda f: f.update(format="x"), "format: allowed is 'elman lesson'; 'x' was given."),
    (lambda f: f.update(version=True), "version: allowed is 1; True was given."),
    (lambda f: f.update(titel=1), "fields: allowed are format, version, title, stations; 'titel'"),
    (lambda f: f.update(title=" "), "title: allowed is a text of 1 to 100 characters; 0 were"),
    (lambda f: f.update(title="a\0"), "title: allowed is plain text; something else, with"),
    (lambda f: f.update(title=["a"]), "title: allowed is a text of 1 to 100 characters; ['a'] was"),
    (lambda f: f.update(stations=[]), "stations: allowed is a list of 1 to 20; 0 were given."),
    (lambda f: f.update(stations=f["stations"] * 11), "stations: allowed is a list of 1 to 20; 22"),
    (lambda f: f["stations"].append(3), "station 3, station: allowed is an object with names; 3"),
    (lambda f: f["stations"][0].pop("link"), "station 1, link: allowed is at most 8,000 char"),
    (lambda f: f["stations"][0].update(link="http://x.org/errors"),
     "station 1, link: allowed is an address of this app, such as errors?task=xor; 'http://x"),
    (lambda f: f["stations"][0].update(link="errors?hidden=x"),
     "station 1, link, hidden: allowed is a whole number from 1 to 500; 'x' was given."),
    (lambda f: f["stations"][1].update(note="x" * 1001), "station 2, note: allowed is a text of 0"),
    (lambda f: f["stations"][1].update(notes=""), "station 2, fields: allowed are link, note, que"),
    (lambda f: f["stations"][1].update(question="?"), "station 2, question, question: allowed is "),
    (lambda f: asked(f, 1).update(kind="text"), "station 1, question, kind: allowed is one of num"),
    (lambda f: asked(f, 1).update(prompt=""), "station 1, question, prompt: allowed is a text of "),
    (lambda f: asked(f, 1).update(when="now"), "station 1, question, when: allowed is one of bef"),
    (lambda f: asked(f, 1).update(answer="much"), "station 1, question, answer: allowed is a numb"),
    (lambda f: asked(f, 1).update(answer=float("nan")), "station 1, question, answer: allowed is"),
    (lambda f: asked(f, 1).update(tolerance=-1), "station 1, question, tolerance: allowed is a nu"),
    (lambda f: asked(f, 1).update(choices=["a", "b"]), "station 1, question, fields: allowed are "),
    (lambda f: asked(f, 2).update(choices=["a"]), "station 2, question, choices: allowed is a lis"),
    (lambda f: asked(f, 2).update(choices=["a"] * 2), "station 2, question, choices: allowed is e"),
    (lambda f: asked(f, 2).update(choices=["a", ""]), "station 2, question, choices: allowed is a"),
    (lambda f: asked(f, 2).update(answer="third"),
     "station 2, question, answer: allowed is one of the choices; 'third' was given."),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), REFUSED)
def test_what_is_wrong_is_named_by_station_and_field(change, said):
    file = good()
    lesson.from_object(file, address.problems)
    change(file)
    with pytest.raises(Refused) as refused:
        lesson.from_object(file, address.problems)
    (problem,) = refused.value.problems
    assert problem.startswith(said)


def test_what_is_no_file_and_no_link_of_a_lesson_is_refused():
    for data in (b"", b"\xff", "[" * 100_000, "[]", "3", " " * 300_001):
        with pytest.raises(Refused, match=r"^file: "):
            lesson.from_json(data)
    for link in ("", "x", lesson.to_link(lesson.from_object(good()))[:-9]):
        with pytest.raises(Refused, match=r"^lesson: allowed is"):
            lesson.from_link(link)


@pytest.mark.parametrize(
    ("question", "given", "right"),
    [
        (Question("?", answer=0.3, tolerance=0.1), 0.4, True),
        (Question("?", answer=0.3, tolerance=0.1), 0.41, False),
        (Question("?", answer=0.3), 0.3, True),
        (Question("?"), 7, None),
        (Question("?", choices=("a", "b"), answer="a"), "b", False),
        (Question("?", choices=("a", "b")), "b", None),
    ],
)
def test_an_answer_is_right_within_its_tolerance_or_only_kept(question, given, right):
    made = replace(lesson.from_object(good()), title="T")
    place = address.read("errors?hidden=3")
    answer = answers.answered(made, 1, question, given, place, "2026-05-01T10:00:05+02:00")
    assert answer.is_right is right
    assert bool(answer.verdict) == (right is not None)
    kept = to_json({}, [answer])
    assert answers_from_json(kept) == (answer,)
    assert from_json(kept) == {}
    assert answers.latest([answer], made, 1, question) == answer
    assert answers.latest([answer], made, 2, question) is None


def answer(minute, **changes):
    """An answer given at this minute, in a zone where it is ten o'clock."""
    when = f"2026-05-01T10:{minute:02}:00+02:00"
    found = answers.Answer("T", 1, "How <b>?", 0.5, "errors?task=xor&hidden=3", when, "0.25", False)
    return replace(found, **changes)


def test_answers_stand_in_order_of_time_each_once_and_the_newest_are_kept():
    # A minute before, in another zone.
    early, late = answer(1, when="2026-05-01T08:00:00+00:00"), answer(1)
    assert answers.merged([late], [early, late]) == (early, late)
    many = [answer(n % 60, station=1 + n % 20, given=float(n)) for n in range(150)]
    kept = answers.merged(many, [])
    assert len(kept) == answers.MAX_ANSWERS
    assert from_json(to_json({}, kept)) == {}


@pytest.mark.parametrize(
    "change",
    [{"station": 0}, {"station": True}, {"when": "now"}, {"when": "2026-05-01T10:00"},
     {"link": "http://x.org"}, {"given": None}, {"given": ""}, {"is_right": 1}, {"prompt": 3},
     {"more": 1}],
)  # fmt: skip
def test_a_bad_answer_in_a_file_is_refused(change):
    file = json.loads(to_json({}, [answer(1)]))
    file["answers"][0] |= change
    with pytest.raises(ValueError, match=r"^answer 1, "):
        answers_from_json(json.dumps(file))
    with pytest.raises(ValueError, match=r"^answers: "):
        answers_from_json(json.dumps(file | {"answers": 3}))


def test_the_report_has_answers_in_order_of_time_with_the_links_of_their_runs():
    given = [answer(5, right="", is_right=None, given="none"), answer(7)]
    text = report({}, given, name="", address=APP, made="today")
    page = Page(text)
    assert page.open == []
    assert not page.tags & {"script", "img", "b"}
    assert page.links == [f"{APP}/errors?task=xor&hidden=3"] * 2
    places = [
        text.index(words) for words in ("1 May 2026, 10:05", "1 May 2026, 10:07", "Not right")
    ]
    assert places == sorted(places)
    assert "2 answers to questions of lessons." in text
    assert "0 labs done" not in text


def test_the_handout_is_for_students_and_the_text_for_the_teacher():
    made = lesson.from_object(good())
    page, text = lesson_handout.page(made, app=f"{APP}/"), lesson_handout.text(made)
    assert Page(page).links == [f"{APP}/errors?task=xor", f"{APP}/states?view=tree"]
    assert "How large?" in page
    assert "0.25" not in page
    assert "Right: 0.25 ± 0.05" in text
    assert "view, the app checks when it opens it." in text


def test_the_command_line_checks_a_file_and_prints_its_link_and_handout(tmp_path):
    file, handout = tmp_path / "lesson.json", tmp_path / "page.html"
    made = lesson.from_object(good())
    file.write_text(lesson.to_json(made), encoding="utf-8")
    said = printed("lesson", file, "--app", APP, "--handout", handout)
    assert said.startswith(lesson_handout.text(made))
    assert f"{APP}/lesson?lesson={lesson.to_link(made)}" in said
    assert handout.read_text(encoding="utf-8") == lesson_handout.page(made, app=APP)
    assert as_json("lesson", file) == lesson.to_object(made)
    spoilt = good()
    for change, _ in (REFUSED[3], REFUSED[-1]):
        change(spoilt)
    file.write_text(json.dumps(spoilt), encoding="utf-8")
    code, out, err = run_command("lesson", file)
    assert (code, out) == (2, "")
    assert [line.partition(": allowed")[0] for line in err.splitlines()] == [
        "elman: title",
        "elman: station 2, question, answer",
    ]
