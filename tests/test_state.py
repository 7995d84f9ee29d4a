"""What a link asks for is what is shown, what it cannot have is said, and what is chosen stays."""

import re
from dataclasses import replace

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as texts
from visitor import EXPERIMENT_PAGES, PAGES, SHORT, drawn, visit

from elman import Experiment, experiment, tasks
from elman.experiment import SETTINGS
from elman.settings import Setting, refuse
from elman.ui import fields, session, state, views
from elman.ui.show import literal

views.load_all()

# Together they set every field.
LINKS = [
    {},
    {"task": "letters", "reset": "growing", "depth": "3"},
    {"context_start": "-0.25", "learning_rate": "1e-3", "momentum": "0.85", "data_seed": "0"},
    {"reset": "every", "reset_every": "7", "activation": "tanh", "seed": "4294967295"},
    {"task": "words", "codes": "random", "weight_init": "uniform", "weight_scale": "0.7"},
    {"task": "reber", "grammar": "embedded", "hidden": "3"},
    {"task": "own", "text": "one two three one two three", "boundary": "space"},
    {"task": "own", "text": "abcabcabcabc", "group_length": "3"},
    {
        "task": "own",
        "text": "a b a b c\n\nb a b a c",
        "read_as": "words",
        "documents": "paragraphs",
    },
    {"task": "letters", "branch": "1,epochs,3,learning_rate,0.5"},
]


@pytest.mark.parametrize("link", LINKS, ids="&".join)
def test_a_link_shows_its_experiment_on_every_page(link):
    link = SHORT | link
    visitor = visit(**link)
    # A page with the sidebar, one without, and back.
    for page in (None, "states", "about", "train"):
        if page is not None:
            visitor.go(page)
        assert visitor.shown == Experiment.from_query(link)
        assert visitor.notes == ""
    for name, value in link.items():
        held = visitor.session_state[name]
        assert type(held)(value) == held


def test_a_value_between_the_stops_of_its_slider_is_shown_exactly():
    between = {"hidden": 499, "epochs": 37, "length": 4}
    visitor = visit(**{name: str(value) for name, value in between.items()})
    for name, value in between.items():
        # It stays a stop of the slider, so that one can go away and come back.
        for expected in (value, 30, value):
            visitor.choose(name, expected)
            assert visitor.select_slider(key=name).value == expected
            assert getattr(visitor.shown, name) == expected
    assert visitor.notes == ""


def test_a_link_is_followed_on_the_next_page_too_and_what_the_browser_loses_of_it_is_put_back():
    link = SHORT | {"hidden": "3", "reset": "never", "measure": "rms", "epoch": "0"}
    visitor = visit("about", **link).go("errors")
    assert [visitor.get_by_key(name).value for name in ("measure", "epoch")] == ["rms", 0]
    for lost in ("hidden", "reset", "measure"):
        del visitor.query_params[lost]
        assert address(visitor.run()) == link


def address(visitor):
    """The parameters of the browser's address, the last of each name."""
    given = visitor.query_params.items()
    return {name: text if isinstance(text, str) else text[-1] for name, text in given}


def told(visitor):
    """The lines of the note about a link, without what pages call the names in them."""
    lines = [line[2:] for line in visitor.notes.splitlines() if line[:2] == "- "]
    return [re.sub("^.*?, in the link ", "", line) for line in lines]


# Each dictionary is one link.
BAD_FIELDS = [
    {
        "task": "Xor", "length": "3", "hidden": "0", "epochs": "2.5", "codes": "greek",
        "grammar": "simple", "group_length": "1", "read_as": "Words", "documents": "two",
        "reset": "sometimes", "context_start": "1.5",
        "learning_rate": "0", "momentum": "1", "depth": "101", "activation": "softmax",
        "weight_init": "", "weight_scale": "-0.1", "seed": "-1", "data_seed": "4294967296",
    },
    {"hidden": "501", "learning_rate": "nan", "depth": "5.0", "seed": "3.0"},
    {"hidden": "four", "reset_every": "7"},
    {"reset_every": "0", "reset": "every"},
    {"reset": "every"},
]  # fmt: skip


@pytest.mark.parametrize("link", BAD_FIELDS, ids="&".join)
def test_bad_fields_give_a_note_each_and_their_defaults(link):
    visitor = visit(**SHORT | link)
    said = dict(line.split(": ", 1) for line in told(visitor))
    # A policy without its number is said of the number.
    assert {*said} == {name if link[name] != "every" else "reset_every" for name in link}
    for name in said.keys() - {"reset_every"}:
        assert f"allowed is {SETTINGS[name].allowed}; " in said[name]
        assert f"`{link[name]!r}` was given" in said[name]
    kept = {name: text for name, text in SHORT.items() if name not in link}
    assert visitor.shown == Experiment.from_query(kept)


def test_a_text_a_boundary_and_a_branch_that_cannot_be_used_and_the_links_above_set_all_fields():
    assert set().union(SHORT, *LINKS) == set(SETTINGS)
    assert set().union(*BAD_FIELDS) == set(SETTINGS) - {"text", "boundary", "branch"}
    assert "text: allowed is 8 to 20,000 characters" in visit(task="own", text="aa", **SHORT).notes
    assert "branch: allowed is EPOCH, then" in visit(branch="5,hidden,3", **SHORT).notes
    assert "branch: allowed is an epoch from 0 to 4" in visit(branch="5", **SHORT).notes
    visitor = visit(task="own", text="one two one two", boundary="x", **SHORT)
    assert "boundary: allowed is one character of the text" in visitor.notes
    assert visitor.shown.text == "one two one two"


def test_of_a_name_that_a_link_has_twice_the_last_counts_and_is_read_as_the_library_reads_it():
    visitor = visit(**SHORT | {"hidden": ["3", "+5"], "steps": ["24", "48"], "seed": "2 "})
    assert visitor.shown == Experiment(epochs=5, length=300, hidden=5, seed=2)
    assert visitor.select_slider(key="hidden").value == 5
    assert len(visitor.dataframe[0].value) == 48
    words = "allowed is one value; 2 were given, and the last counts."
    assert told(visitor) == [f"hidden: {words}", f"steps: {words}"]
    assert visitor.query_params["hidden"] == "5"
    # A comparison has as many values as it likes.
    assert told(visit("compare", **SHORT, c_field="Context reset", c_reset=["never", "step"])) == []


def test_a_name_that_no_control_has_is_told_with_the_nearest_and_leaves_the_link():
    # Those of other pages are known, whichever has been opened before.
    link = {"hiden": "3", "n_sequence": "1 2 3", "zog": "true", "**x**": "<b>", "embed": "true"}
    visitor = visit("errors", **SHORT | link)
    words = "A name in the link: allowed are names of settings and controls"
    assert told(visitor) == [
        f"{words}, such as hidden; `'hiden'` was given.",
        f"{words}; `'**x**'` was given.",
    ]
    assert {*visitor.query_params} >= {"n_sequence", "zog", *SHORT}
    assert not {"hiden", "**x**"} & {*visitor.query_params}
    many = told(visit(**SHORT | {f"{'q' * place}": "" for place in range(1, 41)}))
    assert many[-1] == f"{40 - session.MOST_NAMED} more names are unknown, too."
    assert len(many) == session.MOST_NAMED + 1


CHOICES = {
    name: control
    for name, control in state.CONTROLS.items()
    if control.widget not in (st.text_input, st.multiselect, st.expander)
}


@pytest.mark.parametrize("page", PAGES)
def test_every_choice_of_a_page_refuses_a_bad_value_and_shows_its_default(page):
    fields_of_link = {"hidden": "0", "epochs": "many", "activation": "x", "reset": "every"}
    link = {"length": "300"} | fields_of_link | dict.fromkeys(CHOICES, "?")
    visitor = visit(page, **link, utm_source="elsewhere")
    assert len(visitor.warning) == 1
    named = [line.partition(": ")[0] for line in told(visitor)]
    named.remove("A name in the link")
    assert len(named) == len({*named})
    # What another page shows is not asked for before that page is opened.
    keys = drawn(visitor) & {*CHOICES}
    assert {*named} == {"hidden", "epochs", "activation", "reset_every"} | keys
    for name in keys:
        # Where neither depends on the run.
        if CHOICES[name].options and (default := CHOICES[name].default) is not None:
            assert visitor.get_by_key(name).value == default
    if page == "labs":
        visitor.press("Back to my settings")
    if page not in EXPERIMENT_PAGES:
        visitor.go("train")
    assert visitor.shown == Experiment(length=300)


VIEWS = [
    ("train", {"steps": "13"}, "one of 12, 24, 48, 96", 12),
    ("errors", {"sequence": ""}, "one of new, training", "new"),
    ("step", {"step": "301"}, "a whole number from 1 to 300", 2),
    # Streamlit would take it for a whole number, and fail.
    ("step", {"step": "1e309"}, "a whole number from 1 to 300", 2),
    # Too many to be listed.
    ("train", {"epoch": "601", "epochs": "600"}, "one of 0 to 600, as offered", 600),
]


@pytest.mark.parametrize(("page", "link", "allowed", "default"), VIEWS)
def test_a_note_says_what_a_choice_may_be_while_the_experiment_stays(page, link, allowed, default):
    visitor = visit(page, **SHORT | link)
    (name, value), *_ = link.items()
    called = re.escape(state.label(name))
    line = rf"- {called}, in the link {name}: allowed is {allowed}; `'{value}'` was given"
    assert re.search(line, visitor.notes)
    assert visitor.get_by_key(name).value == default
    visitor.choose("epoch", 3)
    assert re.search(line, visitor.notes)
    visitor.choose("seed", 1)
    assert visitor.notes == ""
    visitor.choose("seed", 0)
    assert re.search(line, visitor.notes)
    visitor.press("Close this note")
    assert visitor.notes == ""


@given(texts.text(), texts.integers(0, 3))
def test_what_somebody_typed_shows_as_it_is(text, fences):
    """Between fences longer than any run of backticks in it, Markdown is plain text."""
    problem = str(refuse("name", "one of a, b", text + fences * "```` ` "))
    start, fence, typed = re.match(r"^(.*?; )(`+)(.*)$", literal(problem)).groups()
    typed, end, rest = typed.partition(fence)
    assert (start, end, rest) == ("name: allowed is one of a, b; ", fence, " was given.")
    assert start + typed + rest == problem
    assert len(typed) <= 60


def test_every_control_is_declared_once_and_every_field_has_a_label_of_its_own():
    match = r"^view: allowed is a declaration of its own; it was declared before"
    with pytest.raises(ValueError, match=match):
        state.Control("view", "Another", st.selectbox)
    assert not {*state.CONTROLS} & {*SETTINGS}
    assert len({fields.label(name) for name in SETTINGS}) == len(SETTINGS)


@pytest.fixture
def toy():
    """A task with an option of its own, as the catalogue would have it."""
    letters = tasks.TASKS["letters"]
    option = Setting(str, "how", choices=("plain", "odd"), default="plain", label="Toy option")
    settings = letters.settings._replace(options={"oddity": option})
    tasks.add(replace(letters, name="toy", settings=settings, with_options=lambda **_: letters))
    yield
    experiment.unregister("toy")
    del tasks.TASKS["toy"]


def test_an_option_of_a_new_task_stands_in_sidebar_and_link_by_itself(toy):
    visitor = visit(task="toy", oddity="odd", **SHORT)
    assert visitor.selectbox(key="oddity").label == "Toy option ● preset: plain"
    assert visitor.shown.oddity == "odd"
    visitor.choose("oddity", "plain")
    assert visitor.shown.options == ()
    assert "oddity" in fields.controls("toy")
    assert "oddity" in fields.compared()
    visitor.choose("task", "xor")
    assert "oddity" not in [one.key for one in visitor.selectbox]
