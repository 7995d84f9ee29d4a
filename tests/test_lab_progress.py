"""A student's progress: its file, and the end with what was right, a quiz and the report."""

import contextlib
import html
import json
import math
import re
from dataclasses import asdict
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_labs import measured, predictions

from elman.labs import LABS, Choice, Evidence
from elman.labs.ending import came, ended, quiz, verdict
from elman.labs.handout import report
from elman.labs.lab import ALONE
from elman.labs.progress import MAX_BYTES, Entry, done, from_json, merged, to_json

finite = st.floats(-1e6, 1e6)


@st.composite
def entries(draw, lab):
    if isinstance(lab.prediction, Choice):
        predictions = st.sampled_from(list(lab.prediction.options))
    else:
        quantity, count = lab.prediction.quantity, len(lab.prediction.rows)
        predictions = st.tuples(*[st.floats(quantity.low, quantity.high)] * count)
    evidence, studied = None, lab.experiment
    if draw(st.booleans()):
        if studied is not None:
            seed, momentum = draw(st.integers(0, 2**32 - 1)), draw(st.floats(0, 0.999))
            activation = draw(st.sampled_from(["sigmoid", "tanh", "relu"]))
            changed = studied.replace(seed=seed, momentum=momentum, activation=activation)
            studied = lab.studied(changed)
        numbers = st.tuples(*[finite | st.just(math.nan)] * draw(st.integers(1, 4)))
        table = {name: {v: draw(numbers) for v in lab.values} for name in lab.conditions}
        evidence = Evidence(studied, table)
    return Entry(draw(st.none() | predictions), draw(st.booleans()), evidence)


@st.composite
def progresses(draw):
    names = draw(st.lists(st.sampled_from(list(LABS)), unique=True, max_size=3))
    return {name: draw(entries(LABS[name])) for name in names}


def same(a, b):
    """Equal, where not-a-number equals itself."""
    assert [e.prediction for e in a.values()] == [b[name].prediction for name in a]
    np.testing.assert_equal(*({name: asdict(entry) for name, entry in p.items()} for p in (a, b)))


@given(progresses())
def test_what_is_written_is_read(progress):
    same(from_json(to_json(progress)), progress)
    same(from_json(to_json(progress).encode()), progress)


@given(progresses(), progresses())
def test_restoring_never_loses_a_lab_that_is_done(mine, other):
    both = merged(mine, other)
    finished = [{name for name in of if of[name].done} for of in (both, mine, other)]
    assert finished[0] == finished[1] | finished[2]
    assert done(both) == len(finished[0])
    same(merged(mine, {}), mine)
    same(merged({}, other), other)


def test_a_lab_is_done_when_its_result_could_be_seen():
    found = measured(LABS["no-memory"], (0.5,))
    for entry in (Entry(), Entry(prediction=(0.5,)), Entry(evidence=found)):
        assert not entry.done
    assert Entry(prediction=(0.5,), evidence=found).done
    assert Entry(skipped=True, evidence=found).done


def complete():
    """A good file with one lab, as an object that can be spoiled."""
    entry = Entry((0.5,), False, measured(LABS["no-memory"], (0.5, 0.4)))
    return json.loads(to_json({"no-memory": entry}))


def certain(numbers):
    return lambda file, entry: entry["results"]["no memory"].update(certain=numbers)


BAD = [
    (lambda file, entry: file.pop("format"), "format: allowed is 'elman labs'; None was given"),
    (lambda file, entry: file.update(version=2), "version: allowed is 1; 2 was given"),
    (lambda file, entry: file.update(labs=[]), r"labs: allowed is an object with names; \[\] was"),
    (lambda file, entry: file["labs"].update(x={}), "labs: allowed are passes, .*; 'x' was given"),
    (lambda file, entry: file["labs"].update({"no-memory": 3}), "no-memory, entry: .* 3 was"),
    (lambda file, entry: entry.update(skipped=1), "no-memory, skipped: .* true or false; 1 was"),
    (lambda file, entry: entry.update(prediction="half"), "no-memory, prediction: .*'half' was"),
    (lambda file, entry: entry.update(prediction=[7]), r"no-memory, prediction: .*\[7\] was"),
    (lambda file, entry: entry.pop("experiment"), "no-memory, experiment: .* None was given"),
    (lambda file, entry: entry["experiment"].update(hidden=0), "no-memory, hidden: .* 0 was"),
    (lambda file, entry: entry["experiment"].update(layers=2), "there is no field 'layers'"),
    (lambda file, entry: entry.update(experiment={"task": "letters"}),
     "no-memory, task: allowed is xor in this lab; 'letters' was given"),
    (lambda file, entry: entry.update(results=[]), "no-memory, results: allowed are|allowed is"),
    (lambda file, entry: entry["results"].pop("no memory"), "allowed are exactly the names"),
    (lambda file, entry: entry["results"]["no memory"].update(x=[1]), "allowed are exactly the"),
    (certain([0.5]), "no-memory, results: allowed are equally many numbers"),
    *[(certain(bad), "no-memory, certain: allowed is a list of 1 to 200 numbers or null") for bad in
      ([], ["0.5", 1], [True, 1], 0.5, None, [0.5] * 201, [1e300, 1], [10**400, 1])],
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), BAD)
def test_what_is_wrong_with_a_file_is_named(change, message):
    from_json(json.dumps(file := complete()))
    change(file, file["labs"]["no-memory"])
    with pytest.raises(ValueError, match=message):
        from_json(json.dumps(file))


NO_JSON, NO_OBJECT = "file: this is not a JSON file", "file: allowed is an object with names"


@pytest.mark.parametrize(("data", "message"), [
    (b"", NO_JSON), (b"\x89PNG\r\n\x1a\n\xff", NO_JSON), ("[" * 100_000, NO_JSON),
    (json.dumps(complete())[:-20], NO_JSON), ("[]", NO_OBJECT), ("3", NO_OBJECT),
    (b" " * (MAX_BYTES + 1), "file: allowed are 500,000 bytes at most; 500,001 were given"),
])  # fmt: skip
def test_what_is_no_file_of_labs_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        from_json(data)


@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["format", "labs", "prediction", "results", "experiment", "passes"]),
        inner, max_size=3,
    ),
    max_leaves=10,
))  # fmt: skip
def test_any_object_in_place_of_a_part_is_read_or_explained(part):
    for place in ("labs", "experiment", "results", "prediction", "skipped"):
        file = complete()
        (file if place == "labs" else file["labs"]["no-memory"])[place] = part
        # Any other exception, and the test fails.
        with contextlib.suppress(ValueError):
            from_json(json.dumps(file))


def test_all_labs_together_fit_the_limit():
    numbers = (0.12345678901234567,) * 20
    progress = {name: Entry(None, True, measured(lab, numbers)) for name, lab in LABS.items()}
    assert len(to_json(progress)) < MAX_BYTES / 2
    assert done(from_json(to_json(progress))) == len(LABS)


POSITIONS = LABS["positions"]


def of_positions(*errors):
    """Evidence of two seeds with these errors at the three positions."""
    names = [row.value for row in POSITIONS.rows]
    table = {name: (error, error + 0.02) for name, error in zip(names, errors, strict=True)}
    floors = {row.best: (0.25, 0.25) for row in POSITIONS.rows}
    return Evidence(POSITIONS.experiment, {ALONE: table | floors})


def progress():
    """One of three guesses right, a skipped lab, one not done, and a choice that came true."""
    depth = measured(LABS["depth"], (0.1, 0.1), (0.1, 0.1), (0.1, 0.3))
    return {
        "positions": Entry((0.25, 0.1, 0.25), False, of_positions(0.28, 0.09, 0.27)),
        "passes": Entry(None, True, measured(LABS["passes"], (100.0, 200.0))),
        "xor-bit": Entry((0.5, 0.5)), "depth": Entry("same", False, depth),
    }  # fmt: skip


def test_what_came_stands_beside_what_was_predicted():
    done = {one.lab.name: one for one in ended(progress())}
    assert [*done] == ["passes", "positions", "depth"]
    verdicts = [verdict(one) for one in done.values()]
    assert verdicts == ["not predicted", "1 of 3 about right", "right"]
    assert [one.missed for one in done.values()] == [False, True, False]
    said = came(POSITIONS, done["positions"].evidence)
    assert "Error at the 2nd bit: 0.280 (0.280 to 0.300); " in said
    assert came(LABS["depth"], done["depth"].evidence) == "about the same error (1 of 2 seeds)"


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_a_question_of_the_quiz_has_one_right_answer_among_different_ones(lab):
    for number in (0.0, 0.3, float("nan")):
        entry = Entry(predictions(lab)[-1], False, measured(lab, (number, number)))
        (asked,) = quiz({lab.name: entry})
        assert 2 <= len(set(asked.options)) == len(asked.options)
        assert 0 <= asked.answer < len(asked.options)


def test_the_quiz_asks_what_was_missed_or_all_if_nothing_was():
    (asked,) = quiz(progress())
    assert asked.lab is POSITIONS
    assert "Error at the 2nd bit" in asked.question
    assert asked.options == ("0.000", "0.250", "0.280", "0.500")
    assert asked.answer == 2
    nothing_missed = {name: progress()[name] for name in ("passes", "depth")}
    assert [one.lab.name for one in quiz(nothing_missed)] == ["passes", "depth"]
    assert quiz({}) == []


class Page(HTMLParser):
    """What a page is made of: its elements, and the addresses that it names."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.links = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.open += [tag] * (tag != "meta")
        self.links += [value for name, value in attributes if name in ("href", "src")]

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_report_is_one_file_without_scripts_that_links_to_the_runs():
    entries = progress()
    entries["positions"] = Entry(**vars(entries["positions"]) | {"recalled": False})
    text = report(entries, name="A <b> & C", address="http://here:1/app", made="1 May 2026")
    page = Page(text)
    assert page.open == []
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert "A &lt;b&gt; &amp; C" in text
    links = [html.unescape(link) for link in page.links]
    assert all(link.startswith("http://here:1/app/") for link in links)
    assert "http://here:1/app/labs?lab=depth&task=xor&depth=4" in links
    assert "http://here:1/app/train?task=xor&depth=4" in links
    words = re.sub("<[^>]+>", " ", text)
    for one in ended(entries):
        assert one.lab.title in words
        assert html.escape(one.lab.question) in words
    assert "3 labs done, 2 of them with a prediction, of which 1 came true" in words
    assert "Quiz: 0 of 1 right" in words
    assert not re.search(r"\b(nan|inf)\b", words)
    assert "Quiz" not in report({}, name="", address="", made="")
