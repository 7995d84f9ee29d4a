"""Every term of the glossary is explained where a page uses it first."""

import pytest
from visitor import EXPERIMENT_PAGES, PAGES, ROOT, SHORT, visit

from elman.analysis import glossary
from elman.labs import lesson


def test_a_term_is_found_by_the_words_for_it_and_explained_in_one_or_two_sentences():
    for text, terms in {
        "The floor of two epochs": ["epoch", "floor"], "`floor` and $seed$, [a link](epoch)": [],
        "hidden units, never reset": ["hidden layer", "context reset"],
        "Trigrams, n-grams": ["n-gram"], "flooring the seedling": [],
    }.items():  # fmt: skip
        assert glossary.used_in(text) == terms
        assert glossary.used_in(text, terms) == []
    for term in glossary.TERMS.values():
        assert 1 <= term.means.replace("e.g.", "").count(". ") + 1 <= 2
        assert term.means.endswith(".")


def unexplained(visitor):
    """Terms that the page's running text uses and nothing on it explains."""
    parts = [*visitor.main.markdown, *visitor.main.caption]
    explained = "\n".join(part.proto.help for part in parts)
    used = {name for part in parts for name in glossary.used_in(part.value)}
    return {name for name in used if glossary.explained([name]) not in explained}


@pytest.mark.parametrize("task", ["xor", "letters", "sentences"])
def test_no_page_uses_a_term_without_a_mark_that_explains_it(task):
    visitor = visit("about", **SHORT, task=task, c_seeds="2")
    for page in PAGES if task == "xor" else EXPERIMENT_PAGES:
        assert not unexplained(visitor.go(page)) or page == "about"


def test_a_lesson_and_its_form_explain_their_terms():
    whole = (ROOT / "docs/lesson.json").read_text(encoding="utf-8")
    link = lesson.to_link(lesson.from_json(whole))
    for station in "1", "2", "end":
        assert not unexplained(visit("lesson", lesson=link, station=station))
    assert not unexplained(visit("teach", draft=link, make="a lesson"))


def test_about_shows_the_whole_glossary_and_a_page_explains_a_term_once():
    text = "\n".join(part.value for part in visit("about").main.markdown)
    assert all(term.means in text for term in glossary.TERMS.values())
    visitor = visit("train", **SHORT)
    helps = [part.proto.help for part in (*visitor.main.markdown, *visitor.main.caption)]
    assert sum("**Context**" in text for text in helps) == 1
