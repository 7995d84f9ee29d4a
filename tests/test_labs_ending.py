"""The end of the labs: what was right, the quiz of what was not, and the report."""

import html
import re
from html.parser import HTMLParser

import pytest
from tiny_labs import measured, predictions

from elman.labs import LABS, Evidence
from elman.labs.ending import came, ended, quiz, verdict
from elman.labs.handout import report
from elman.labs.lab import ALONE
from elman.labs.progress import Entry

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
        "xor-bit": Entry((0.5, 0.5)),
        "depth": Entry("same", False, depth),
    }


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
