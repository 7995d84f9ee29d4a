"""The page Hidden states: the views of what the network keeps in mind."""

import re

import pytest
from visitor import SHORT, visit

from elman import tasks
from elman.analysis import clusters, separation, states
from elman.analysis.replay import replay
from elman.training import run
from elman.ui.views import states as views

VIEWS = tuple(view.name for view in views.VIEWS)


@pytest.mark.parametrize("task", tasks.TASKS)
def test_every_view_is_sound_for_every_task(task):
    visitor = visit("states", task=task, **SHORT)
    for view in VIEWS:
        visitor.choose("view", view)
        visitor.assert_sound("states")
        assert visitor.shown.task == task


def test_the_components_say_the_share_that_the_library_finds():
    visitor = visit("states", task="letters", view="components", **SHORT)
    trained = run(visitor.shown)
    played = replay(trained, tasks.new_sequence(trained.experiment))
    found = states.principal_components(played.states)
    assert f"{found.ratios[0] + found.ratios[1]:.1%} of the variance" in visitor.words


def test_the_tree_needs_three_symbols():
    visitor = visit("states", view="tree", **SHORT)
    assert any("three symbols" in note.value for note in visitor.info)


def test_sentences_are_scored_beside_the_untrained_network_and_zog_is_placed():
    link = SHORT | {"task": "sentences", "view": "tree", "hidden": "8"}
    assert "**zog joins" not in visit("states", **link).words, "closed, it is not worked out"
    visitor = visit("states", **link, zog="true")
    for classes in (separation.TWO, separation.SIX):
        scored = rf"Of {classes}: two of a class join first in \d+% after training, \d+% before"
        assert re.search(scored, visitor.words)
    assert "after training" in visitor.words
    assert "before" in visitor.words
    assert "**zog joins" in visitor.words


def test_scores_of_several_networks_stand_beside_the_one_shown():
    link = SHORT | {"task": "sentences", "view": "tree", "hidden": "4"}
    visitor = visit("states", **link).press("Train 5 networks")
    visitor.look_until(lambda page: not page.progress)
    wanted = separation.class_scores(
        visitor.shown, separation.sentence_groupings(), range(5)
    ).query("grouping == 'noun or verb'")
    high = wanted.groupby("network")["cophenetic_auc"].max()
    assert f"Of {separation.TWO}, over 5 seeds" in visitor.words
    assert f"to {high['trained']:.0%} after training" in visitor.words
    assert f"to {high['untrained']:.0%} before" in visitor.words


def test_single_occurrences_are_those_of_the_symbols_chosen():
    visitor = visit("states", task="letters", view="tree", tokens="true", **SHORT)
    visitor.choose("token", "u").choose("token_beside", "d")
    trained = run(visitor.shown)
    sequence = tasks.new_sequence(trained.experiment)
    found = clusters.tokens(replay(trained, sequence), ["u", "d"], most=15)
    share = clusters.same_symbol_neighbours(found)
    assert f"**{share:.0%} of these occurrences" in visitor.words
    link = {"view": "tree", "tokens": "true", "token": "u", "token_beside": "q"}
    linked = visit("states", task="letters", **link, **SHORT)
    assert linked.get_by_key("token").value == "u"
    assert "token_beside: allowed is one of" in linked.notes


def test_every_operation_can_be_carried_out():
    visitor = visit("states", task="letters", view="surgery", **SHORT)
    for operation in ("zero", "noise", "swap", "silence", "none"):
        visitor.choose("operation", operation)
        assert "answers change" in visitor.words
    assert "**0 of 12 answers change.** After 0 steps" in visitor.words


def test_a_suggestion_leads_to_the_tree_of_sentences(allow):
    visitor = visit("states", **SHORT)
    allow(live_after=1e-9)
    visitor.press("Sentences")
    assert visitor.shown.task == "sentences"
    assert visitor.state("view") == "tree"


def test_single_occurrences_of_a_sequence_so_short_that_boy_or_girl_is_missing():
    for length in ("5", "13", "20"):
        link = {"task": "sentences", "hidden": "4", "epochs": "1", "length": length}
        visitor = visit("states", view="tree", tokens="true", zog="true", **link)
        for sequence in ("new", "training"):
            visitor.choose("sequence", sequence)
            assert not visitor.error
            scored = f"Of {separation.TWO}" in visitor.words
            assert scored or any("Too few" in i.value or "three" in i.value for i in visitor.info)


def test_automaton_and_state_space_lead_to_where_they_are_seen_best():
    visitor = visit("states", view="automaton", **SHORT).press("The Reber grammar")
    assert (visitor.shown.task, visitor.state("view")) == ("reber", "automaton")
    visitor = visit("states", view="state space", **SHORT).press("Two hidden units")
    assert visitor.shown.hidden == 2
    assert "this is all of the space" in visitor.words


def test_each_suggestion_of_surgery_changes_something():
    visitor = visit("states", **SHORT)
    for label, operation in (
        ("Touch the memory", "zero"),
        ("Swap the memory", "swap"),
        ("Silence a unit", "silence"),
        ("Swap the memory", "swap"),
    ):
        visitor.press(label)
        assert visitor.selectbox(key="operation").value == operation
        assert visitor.query_params.get("operation", "zero") == operation
