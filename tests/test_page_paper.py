"""The page "The paper", run as the app runs it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from elman import reproduction
from elman.reproduction import cards
from elman.reproduction.measure import experiment_of
from elman.reproduction.rules import BY_KEY, CARDS
from elman.ui import menu

ENTRY = str(Path(__file__).parent.parent / "streamlit_app.py")
STORED = reproduction.load()["cards"]


@pytest.fixture
def page():
    app = AppTest.from_file(ENTRY, default_timeout=120).run()
    return app.switch_page("pages/paper.py").run()


def test_it_begins_with_the_count_and_shows_every_card_with_its_verdict(page):
    assert not page.exception
    counts = cards.count_verdicts(STORED)
    shown = [element.value for element in page.markdown]
    assert any(
        f"{counts['reproduced']} are reproduced, {counts['partly']} partly and {counts['not']} not"
        in text
        for text in shown
    )
    places = [shown.index(f"#### {card.title}") for card in CARDS]
    assert places == sorted(places)
    for card in CARDS:
        assert f"**{cards.result(card, STORED[card.key])}**" in shown


def test_every_card_opens_a_page_of_the_menu():
    known = {entry.file for entry in menu.PAGES}
    assert {card.page for card in CARDS} <= known


@pytest.mark.parametrize("key", ["figure_3", "figure_4", "table_1"])
def test_the_button_opens_seed_0_of_the_card(page, key):
    page.button(key=f"open_{key}").click().run()
    assert not page.exception
    assert page.session_state["experiment"] == experiment_of(BY_KEY[key].task, 0)
    assert page.header[0].value == {"errors": "Errors", "train": "Train"}[BY_KEY[key].page]
    if BY_KEY[key].page == "errors":
        # On a slow machine the run is only offered; the view is taken up once it is there.
        assert page.session_state["error_view"] == "step by step"
    assert page.get_by_key("preset").value == "paper"


def test_a_link_straight_to_the_page_works():
    app = AppTest.from_file(ENTRY, default_timeout=120)
    app.query_params["task"] = "letters"
    app.run().switch_page("pages/paper.py").run()
    assert not app.exception
