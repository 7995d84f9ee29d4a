"""The reader as the predictor: errors of guesses are those of any other answers."""

import numpy as np
import pytest
from visitor import visit

from elman import Experiment
from elman.analysis import guessing
from elman.tasks import TASKS, new_sequence

XOR, LETTERS = (new_sequence(Experiment(task=name)) for name in ("xor", "letters"))


def coming(sequence, guesses):
    """The symbols that the first so many guesses are for."""
    return sequence.symbols[guessing.SHOWN_BEFORE :][:guesses]


def test_a_bit_left_open_costs_a_quarter_and_a_guess_nothing_or_one_and_words_say_so():
    came = coming(XOR, 30)
    for guesses, cost, said in (
        ([guessing.UNDECIDED] * 30, 0.25, "Nobody can expect less than 0.25 there"),
        (came, 0.0, "At the XOR bit your error is 0.00, and less is impossible."),
        (1 - came, 1.0, "At the XOR bit your error is 1.00, and 0 is possible."),
    ):
        table = guessing.beside(guesses, XOR, TASKS["xor"], {})
        assert {*table.query("predictor == 'You'")["squared"]} == {cost}
        assert said in guessing.describe(table, TASKS["xor"])


@pytest.mark.parametrize(("task", "sequence"), [("xor", XOR), ("letters", LETTERS)])
def test_everybody_is_asked_the_same_symbols_and_the_ideal_reaches_the_floor(task, sequence):
    guesses = coming(sequence, 2000)
    table = guessing.beside(guesses, sequence, TASKS[task], {"Network": sequence.ideal})
    assert table.groupby("predictor")["steps"].sum().eq(len(guesses)).all()
    errors = table.pivot(index="position", columns="predictor", values="squared")
    assert (errors["You"] == 0.0).all()
    # The floor is an expectation; over some hundred steps luck is small.
    np.testing.assert_allclose(errors["Network"], errors["Floor"], atol=0.03)


def test_twelve_guesses_bring_the_rule_and_the_errors_beside_the_network_s():
    visitor = visit(None)
    assert visitor.header[0].value == "Start here"
    assert visitor.labels[:3] == ["0", "1", "½"]
    assert "The rule:" not in visitor.words
    for symbol in coming(XOR, guessing.ENOUGH):
        visitor.press(TASKS["xor"].symbols[symbol])
    assert "At the XOR bit your error is 0.00" in visitor.words
    assert "The rule:" in visitor.words
    assert "You at XOR bit 0.00" in visitor.alternatives[-1]
    assert "Network at XOR bit" in visitor.alternatives[-1]
    # What was guessed stays while the reader looks elsewhere; another stream has its own.
    assert len(visitor.go("about").go("start").charts) == 2
    visitor.choose("stream", "letters")
    assert visitor.labels[:6] == list("bdgaiu")
    visitor.choose("stream", "bits")
    visitor.press("Begin anew")
    assert len(visitor.charts) == 1


@pytest.mark.parametrize("task", ["letters", "reber", "sentences"])
def test_errors_offers_the_game_where_symbols_are_few(task):
    visitor = visit("errors", task=task, length="300", epochs="2", guess="true")
    offered = [symbol for symbol in TASKS[task].symbols if symbol in visitor.labels]
    assert bool(offered) == (task != "sentences")
    if offered:
        visitor.press(offered[0])
        assert f"You said **{offered[0]}**" in visitor.words


def test_links_that_name_no_page_mean_train():
    for name, value, hidden in (("hidden", "3", 3), ("preset", "paper", 2), ("pages", "errors", 4)):
        visitor = visit(None, **{name: value})
        assert visitor.header[0].value == "Train"
        assert visitor.shown.hidden == hidden
