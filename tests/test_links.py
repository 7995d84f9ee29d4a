"""What a link asks for is what is shown, and what it cannot have is said."""

import re

import pytest
from visitor import EXPERIMENT_PAGES, PAGES, SHORT, choose, go, notes, press, shown, visit

from elman import Experiment
from elman.experiment import SETTINGS

LINKS = [
    {},
    {"task": "xor"},
    {"task": "letters"},
    {"task": "xor", "hidden": "4", "reset": "never"},
    {"hidden": "2"},
    {"reset": "every", "reset_every": "7"},
    {"reset": "growing", "task": "letters"},
    {"context_start": "-0.25"},
    {"learning_rate": "0.0375"},
    {"learning_rate": "1e-3"},
    {"momentum": "0.85"},
    {"depth": "3"},
    {"activation": "tanh"},
    {"weight_init": "uniform", "weight_scale": "0.7"},
    {"seed": "4294967295"},
    {"data_seed": "0"},
    {"task": "words", "codes": "random"},
    {"task": "reber", "grammar": "embedded"},
    {"task": "own", "text": "one two three one two three", "boundary": "space"},
    {"task": "own", "text": "abcabcabcabc", "group_length": "3"},
    {
        "task": "letters", "length": "120", "hidden": "3", "epochs": "4", "reset": "every",
        "reset_every": "5", "context_start": "0.5", "learning_rate": "0.3", "momentum": "0.5",
        "depth": "2", "activation": "tanh", "weight_init": "uniform", "weight_scale": "0.4",
        "seed": "8", "data_seed": "9",
    },
]  # fmt: skip


def test_the_links_above_set_every_field():
    assert set().union(*LINKS) == set(SETTINGS)


@pytest.mark.parametrize("link", LINKS, ids="&".join)
def test_a_link_shows_its_experiment_on_every_page(link):
    link = SHORT | link
    visitor = visit(**link)
    # A page with the sidebar, one without, and back.
    for page in (None, "states", "about", "train"):
        if page is not None:
            go(visitor, page)
        assert shown(visitor) == Experiment.from_query(link)
        assert notes(visitor) == ""
    for name, value in link.items():
        held = visitor.get_by_key(name).value
        assert type(held)(value) == held


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden", 7),
        ("hidden", 13),
        ("hidden", 499),
        ("epochs", 37),
        ("length", 777),
        ("length", 4),
    ],
)
def test_a_value_between_the_stops_of_its_slider_is_shown_exactly(name, value):
    visitor = visit(**{"epochs": "2", "length": "60"} | {name: str(value)})
    assert visitor.select_slider(key=name).value == value
    assert getattr(shown(visitor), name) == value
    assert notes(visitor) == ""

    # It stays a stop of the slider, so that one can go away and come back.
    choose(visitor, name, 30)
    assert getattr(shown(visitor), name) == 30
    choose(visitor, name, value)
    assert getattr(shown(visitor), name) == value


BAD_FIELDS = [
    ("task", "Xor", "one of xor, letters"),
    ("length", "3", "from 4 to 1,000,000"),
    ("hidden", "0", "from 1 to 500"),
    ("hidden", "501", "from 1 to 500"),
    ("hidden", "four", "from 1 to 500"),
    ("epochs", "2.5", "from 1 to 100,000"),
    ("codes", "greek", "one of binary, random"),
    ("grammar", "simple", "one of plain, embedded"),
    ("group_length", "1", "from 2 to 50"),
    ("reset", "sometimes", "one of epoch, never, every, group, step, growing"),
    ("reset_every", "0", "from 1 to 1,000,000"),
    ("context_start", "1.5", "from -1 to 1"),
    ("learning_rate", "0", "from 0.000001 to 100"),
    ("learning_rate", "nan", "from 0.000001 to 100"),
    ("momentum", "1", "from 0 to 0.999"),
    ("depth", "101", "from 1 to 100"),
    ("activation", "softmax", "one of sigmoid, tanh, relu"),
    ("weight_init", "", "one of normal, uniform"),
    ("weight_scale", "-0.1", "from 0 to 10"),
    ("seed", "-1", "from 0 to 4,294,967,295"),
    ("data_seed", "4294967296", "from 0 to 4,294,967,295"),
]


def test_the_bad_values_above_cover_every_field():
    # Of the reader's own text more can be wrong: see the tests that follow.
    assert {name for name, *_ in BAD_FIELDS} == set(SETTINGS) - {"text", "boundary"}


def test_a_text_or_a_boundary_that_cannot_be_used_is_said():
    assert "text: allowed is 8 to 20,000 characters" in notes(visit(task="own", text="aa", **SHORT))
    visitor = visit(task="own", text="one two one two", boundary="x", **SHORT)
    assert "boundary: allowed is one character of the text" in notes(visitor)
    assert shown(visitor).text == "one two one two"


@pytest.mark.parametrize(("name", "value", "allowed"), BAD_FIELDS)
def test_a_bad_field_gives_a_note_and_the_default(name, value, allowed):
    others = {"reset": "every"} if name == "reset_every" else {}
    visitor = visit(**SHORT | others | {name: value})
    line = next(line for line in notes(visitor).splitlines() if line.startswith(f"- {name}: "))
    assert allowed in line
    assert f"'{value}'" in line
    kept = {key: text for key, text in SHORT.items() if key != name}
    assert shown(visitor) == Experiment.from_query(kept)


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"reset": "every"}, "reset_every: .* nothing was given"),
        ({"reset_every": "7"}, "reset_every: .* only with reset every; 7 was given"),
        ({"depth": "5.0"}, "depth: .*'5.0'"),
        ({"seed": "3.0"}, "seed: .*'3.0'"),
    ],
)
def test_what_a_widget_would_take_but_no_experiment_does_is_refused(link, words):
    visitor = visit(**SHORT | link)
    assert re.search(words, notes(visitor))
    assert shown(visitor) == Experiment.from_query(SHORT)


@pytest.mark.parametrize("text", ["+5", " 5", "5 "])
def test_a_number_is_read_as_the_library_reads_it(text):
    visitor = visit(**SHORT | {"hidden": text})
    assert shown(visitor).hidden == visitor.select_slider(key="hidden").value == 5
    assert notes(visitor) == ""


def test_of_a_repeated_parameter_the_last_counts():
    visitor = visit(**SHORT | {"hidden": ["3", "5"], "seed": ["1", "2"], "steps": ["24", "48"]})
    assert shown(visitor) == Experiment(epochs=5, length=300, hidden=5, seed=2)
    assert len(visitor.dataframe[0].value) == 48
    assert notes(visitor) == ""


VIEWS = [
    ("train", "steps", "13", "one of 12, 24, 48, 96", 12),
    ("train", "epoch", "7", "one of 0, 1, 2, 3, 4, 5", 5),
    ("train", "sequence", "old", "one of new, training", "new"),
    ("train", "test_reset", "Never", "one of as trained, once, never, group, step", "as trained"),
    ("train", "preset", "mine", "one of textbook, paper", "textbook"),
    ("errors", "epoch", "last", "one of 0, 1, 2, 3, 4, 5", 5),
    ("errors", "sequence", "", "one of new, training", "new"),
    ("errors", "measure", "cosine", "one of squared, rms, rate", "squared"),
]


@pytest.mark.parametrize(("page", "name", "value", "allowed", "default"), VIEWS)
def test_a_bad_view_gives_a_note_and_the_default(page, name, value, allowed, default):
    visitor = visit(page, **SHORT | {name: value})
    assert re.search(rf"- {name}: allowed is {allowed}.*'{value}'.* was given", notes(visitor))
    assert visitor.get_by_key(name).value == default
    # The note stands as long as the experiment does, whatever else is looked at.
    choose(visitor, "sequence", "training")
    assert f"- {name}: " in notes(visitor)


def test_a_view_with_many_choices_is_named_by_its_ends():
    assert re.search(r"epoch: allowed is one of 0 to 600.*'601'", notes(visit(epoch="601")))


BAD = {"hidden": "0", "epochs": "many", "activation": "x", "reset": "every", "preset": "none"}


@pytest.mark.parametrize("page", PAGES)
def test_several_bad_values_give_one_line_each_on_every_page(page):
    link = {"length": "300"} | BAD | {"measure": "bad", "steps": "0", "epoch": "x"}
    visitor = visit(page, **link, utm_source="elsewhere")
    assert len(visitor.warning) == 1
    named = re.findall(r"^- (\w+): ", notes(visitor), re.MULTILINE)
    # What another page shows is not asked for before that page is opened.
    views = ["preset"]
    if page in ("train", "errors", "states", "watch", "step", "gradients"):
        views.append("epoch")
    views += {"train": ["steps"], "errors": ["measure"], "watch": ["measure"]}.get(page, [])
    fields = ["hidden", "epochs", "activation", "reset_every"]
    assert sorted(named) == sorted(fields + views)
    if page not in EXPERIMENT_PAGES:
        go(visitor, "train")
    assert shown(visitor) == Experiment(length=300)


def test_the_note_goes_when_the_experiment_changes_and_comes_with_it():
    visitor = visit(**SHORT | {"hidden": "0"})
    assert "hidden" in notes(visitor)
    press(visitor, "Another start")
    assert notes(visitor) == ""
    choose(visitor, "seed", 0)
    assert "hidden" in notes(visitor)


HOSTILE = [
    "**bold** _it_ # h `code` ``` $x^2$ ~~s~~ | a | <script>alert(1)</script> <b>b</b> &amp;",
    "[link](https://example.org) https://example.org www.example.org ![i](x.png) :smile: :red[x]",
    "x" * 5000,
    "\n\n# New heading\n\n- item",
    "\u202egnirts\x00\x1b[31m",
    "'\"\\`",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_shows_as_it_is(text):
    """Between fences longer than any run of backticks in it, Markdown is plain text."""
    visitor = visit("errors", **SHORT | {"hidden": text, "measure": text, "preset": text})
    lines = notes(visitor).splitlines()[2:]
    assert [line.partition(":")[0] for line in lines] == ["- hidden", "- preset", "- measure"]
    for line in lines:
        allowed, fence, given = re.match(r"^(.*?; )(`+)(.*)$", line).groups()
        assert text[:10] not in allowed
        given, end, rest = given.partition(fence)
        assert (end, rest) == (fence, " was given.")
        assert fence not in given
        assert len(given) <= 70
        whole = repr(text)
        assert given == whole or given.rstrip(".'") == whole[: len(given.rstrip(".'"))]
    assert shown(visitor) == Experiment.from_query(SHORT)
