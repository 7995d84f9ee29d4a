"""The page "The paper", run as the app runs it."""

import pytest
from visitor import PAGES, SHORT, visit

from elman import reproduction
from elman.reproduction import cards, maps
from elman.reproduction.measure import experiment_of
from elman.reproduction.paper import LEFT_OPEN
from elman.reproduction.rules import BY_KEY, CARDS

STORED = reproduction.load()["cards"]


def test_it_begins_with_the_count_and_shows_every_card_with_its_verdict():
    visitor = visit("paper", task="letters")
    said = visitor.texts
    counts = cards.count_verdicts(STORED)
    count = (
        f"{counts['reproduced']} are reproduced, {counts['partly']} partly and {counts['not']} not"
    )
    assert any(count in text for text in said)
    # What is wrong or missing in the paper stands in one place.
    assert all(f"- {stated} *Here:* {chosen}" in visitor.words for stated, chosen in LEFT_OPEN)
    parts = [part for part in visitor.subheader if part.value in [card.title for card in CARDS]]
    assert [part.value for part in parts] == [card.title for card in CARDS]
    # The contents lead to each.
    for part in parts:
        assert f"[{part.value}](#{part.proto.anchor})" in visitor.words
    for card in CARDS:
        assert f"**{cards.result(card, STORED[card.key])}**" in said
        if maps.has_map(card):
            assert maps.sentence(card, reproduction.load_grid()) in visitor.words
    # A map is drawn where it is asked for.
    first = next(card for card in CARDS if maps.has_map(card))
    before = len(visitor.charts)
    visitor.session_state[f"map_{first.key}"] = True
    visitor.run()
    assert len(visitor.charts) == before + 1


def test_every_card_opens_a_page_of_the_menu():
    assert {card.page for card in CARDS} <= {*PAGES}


@pytest.mark.parametrize("key", ["figure_3", "figure_4", "table_1"])
def test_the_button_opens_seed_0_of_the_card_whatever_was_looked_at_before(key):
    looked = {"task": "letters", "error_view": "n-grams", "test_reset": "step"}
    visitor = visit("errors", **SHORT, **looked).go("paper")
    visitor.button(key=f"open_{key}").click().run()
    assert visitor.shown == experiment_of(BY_KEY[key].task, 0)
    assert visitor.header[0].value == {"errors": "Errors", "train": "Train"}[BY_KEY[key].page]
    if BY_KEY[key].page == "errors":
        assert visitor.get_by_key("error_view").value == "step by step"
        assert {*visitor.query_params} - {"task"} == {"preset", "error_view"}
        assert f"As in {BY_KEY[key].title.partition(':')[0]}" in visitor.words
    assert visitor.get_by_key("preset").value == "paper"
