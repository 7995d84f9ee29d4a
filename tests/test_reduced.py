"""Teacher's links: controls and pages that a link hides, and the form that makes such links."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visitor import SHORT, drawn, visit

from elman import Experiment, labs
from elman.experiment import SETTINGS
from elman.tasks import packed
from elman.ui import fields, menu, reduced

FILES = menu.LISTED


def told(visitor):
    """What the reduced view says of itself."""
    return [one.value for one in visitor.info if "reduced view" in one.value]


def test_every_field_belongs_to_one_control():
    parts = [part for name in fields.controls() for part in fields.TOGETHER.get(name, (name,))]
    assert sorted(parts) == sorted((*SETTINGS, "preset"))


@given(st.sets(st.sampled_from(fields.controls())), st.sets(st.sampled_from(FILES)))
def test_a_view_is_what_its_link_says(hide, pages):
    view, problems = reduced.parse({"hide": ",".join(hide), "pages": ",".join(pages)}, FILES)
    assert problems == []
    assert {*view.hide} == hide
    assert view.pages is None if not pages else {*(view.pages or FILES)} == pages | {"train"}
    assert reduced.parse(reduced.query(view), FILES) == (view, [])


def test_a_group_of_controls_has_one_name_and_a_full_view_none():
    assert reduced.parse({"hide": "more"}, FILES) == (reduced.Reduced(fields.MORE), [])
    assert reduced.query(reduced.Reduced(fields.MORE)) == {"hide": "more"}
    for link in {"hide": ""}, {"pages": ","}, {"pages": ",".join(FILES)}:
        assert reduced.parse(link, FILES) == (reduced.Reduced(), [])
    assert reduced.query(reduced.Reduced()) == {}


@given(st.text(), st.text())
def test_any_text_in_the_link_gives_a_view_and_names_what_is_unknown(hide, pages):
    view, problems = reduced.parse({"hide": hide, "pages": pages}, FILES)
    assert {*view.hide} <= {*fields.controls()}
    unknown = {name.strip() for name in hide.split(",")} - {*fields.controls(), "more", ""}
    assert sum(problem.startswith("hide: ") for problem in problems) == len(unknown)


def test_hidden_controls_keep_the_values_of_the_link_on_every_page():
    link = SHORT | {"hidden": "3", "seed": "7", "reset": "every", "reset_every": "4"}
    hiding = link | {"hide": "hidden,reset,more"}
    visitor = visit(**hiding)
    for page in ("train", "about", "errors"):
        visitor.go(page)
        assert visitor.shown == Experiment.from_query(link)
        assert drawn(visitor.sidebar) == {"task", "preset", "epochs", "length"}
        for name in ("hidden", "seed", "reset_every", "hide"):
            assert visitor.query_params[name] == hiding[name]
    assert "More settings" not in [one.label for one in visitor.expander]


LINKS = [
    {"task": "words", "codes": "random", "preset": "paper", **SHORT, "activation": "tanh"},
    {"task": "own", "text": "abc abd " * 9, "boundary": "space", **SHORT},
]


@pytest.mark.parametrize("link", LINKS, ids=["words", "own"])
def test_with_all_controls_hidden_the_link_is_all_there_is(link):
    plain, hidden = visit(**link), visit(hide=",".join(fields.controls()), **link)
    assert hidden.shown == plain.shown
    assert drawn(hidden.sidebar) == set()
    assert {key: hidden.query_params[key] for key in link} == link
    hidden.press("Show everything")
    assert hidden.shown == plain.shown
    assert drawn(hidden.sidebar) == drawn(plain.sidebar)
    assert "hide" not in hidden.query_params


def test_visible_controls_work_beside_hidden_ones():
    visitor = visit(hide="hidden,length", hidden="3", **SHORT).choose("epochs", 6)
    assert visitor.shown == Experiment(hidden=3, length=300, epochs=6)
    visitor.press("Back to textbook")
    assert visitor.shown == Experiment(hidden=3, length=300)
    assert "Back to textbook" not in visitor.labels
    visitor.choose("preset", "paper")
    assert (visitor.shown.hidden, visitor.shown.length) == (3, 300)
    assert visitor.shown.reset == "never"
    # A press that names a hidden setting changes it all the same.
    visitor.press("Half the hidden units")
    assert visitor.shown.hidden == 1
    assert visitor.query_params["hidden"] == "1"


def test_the_view_says_what_it_hides_and_what_it_does_not_know_until_all_is_shown():
    words = {(0, 0): "", (1, 0): "1 control is", (0, 2): "2 pages are",
             (10, 1): "10 controls and 1 page are"}  # fmt: skip
    assert {counts: reduced.summary(*counts) for counts in words} == words
    visitor = visit(**SHORT, hide="more,length,<b>x</b>", pages="errors,states,chess")
    assert "hide: allowed are task, preset, " in visitor.notes
    assert "`'<b>x</b>'` was given" in visitor.notes
    assert "pages: allowed are start, watch, labs, train, " in visitor.notes
    assert "`'chess'` was given" in visitor.notes
    assert visitor.query_params["hide"] == "length,more"
    assert visitor.query_params["pages"] == "train,errors,states"
    # Not in the sidebar, which is closed on a phone and on pages without the experiment.
    for page in ("train", "paper"):
        visitor.go(page)
        said = f"10 controls and {len(FILES) - 3} pages are hidden."
        assert told(visitor.main) == [f"This is a reduced view made by your teacher: {said}"]
        assert told(visitor.sidebar) == []
    visitor.press("Show everything").go("train")
    assert told(visitor) == []
    assert not {"hide", "pages"} & {*visitor.query_params}


def made_link(visitor):
    (code,) = [one.value for one in visitor.code if "?" in one.value]
    return urlsplit(code).path, dict(parse_qsl(urlsplit(code).query))


def test_the_form_makes_the_link_that_it_describes():
    asked = {"task": "letters", "hidden": "3", **SHORT}
    visitor = visit("teach", **asked)
    assert made_link(visitor) == ("/train", asked)
    visitor.choose("teach_opens", "errors").choose("teach_pages", ["states"])
    visitor.choose("teach_controls", ["epochs", "seed"])
    path, query = made_link(visitor)
    assert path == "/errors"
    assert query == asked | {"pages": "train,errors,states", "hide": query["hide"]}
    (words,) = [one.value for one in visitor.markdown if one.value.startswith("**The link opens")]
    assert words == (
        "**The link opens Errors. Students see 3 pages (Train, Errors, Hidden states) and "
        "2 controls (Epochs, Seed of the weights).**"
    )

    student = visit("errors", **query)
    assert drawn(student.sidebar) == {"epochs", "seed"}
    assert student.shown == visitor.shown
    assert told(student) == [
        f"This is a reduced view made by your teacher: {len(query['hide'].split(','))} controls "
        f"and {len(FILES) - 3} pages are hidden."
    ]


def test_all_or_none_can_be_chosen_at_once():
    visitor = visit("teach", **SHORT)
    visitor.get_by_key("teach_pages_none").click().run()
    visitor.get_by_key("teach_controls_none").click().run()
    query = made_link(visitor)[1]
    assert query["pages"] == "train"
    assert reduced.parse(query, FILES)[0].hide == fields.controls(visitor.shown.task)
    assert "1 page (Train) and no control.**" in visitor.markdown[-1].value
    visitor.get_by_key("teach_controls_all").click().run()
    # Students need no form of their own.
    visitor.choose("teach_pages", [file for file in FILES if file not in ("about", "teach")])
    assert "every page but About and every control.**" in visitor.markdown[-1].value


def test_the_form_follows_the_task_and_keeps_what_was_chosen():
    visitor = visit("teach", **SHORT).choose("task", "words")
    visitor.choose("teach_controls", ["codes", "hidden"])
    assert "grammar" not in made_link(visitor)[1]["hide"]
    visitor.choose("task", "own").go("train").go("teach")
    assert visitor.get_by_key("teach_controls").value == ["hidden"]
    assert made_link(visitor)[1]["task"] == "own"
    visitor.choose("text", "a text. " * 200)
    query = made_link(visitor)[1]
    assert packed.unpack(query["text_packed"]) == "a text. " * 200
    assert "text" not in query
    assert visitor.notes == ""


def test_a_link_can_open_a_lab_at_a_step():
    visitor = visit("teach", **SHORT)
    lab, step = list(labs.LABS)[2], labs.STEPS[1]
    chosen = {"opens": "labs", "lab": lab, "step": step, "pages": ["errors"]}
    for name, value in chosen.items():
        visitor.choose(f"teach_{name}", value)
    path, query = made_link(visitor)
    assert path == "/labs"
    # The experiment is the lab's own.
    assert query == {"lab": lab, "at": step, "pages": "labs,train,errors"}
    assert labs.LABS[lab].title in visitor.markdown[-1].value

    student = visit("labs", **query)
    assert student.get_by_key("lab_list").value == lab
    assert student.get_by_key("at").value == step
    assert len(told(student)) == 1
    student.go("errors").go("labs")
    assert {name: student.query_params[name] for name in query} == query
