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


def test_views_of_letters_say_what_the_library_finds():
    visitor = visit("states", task="letters", view="tree", tokens="true", **SHORT)
    visitor.choose("token", "u").choose("token_beside", "d")
    trained = run(visitor.shown)
    played = replay(trained, tasks.new_sequence(trained.experiment))
    share = clusters.same_symbol_neighbours(clusters.tokens(played, ["u", "d"], most=15))
    assert f"**{share:.0%} of these occurrences" in visitor.words
    ratios = states.principal_components(played.states).ratios
    assert (
        f"{ratios[0] + ratios[1]:.1%} of the variance" in visitor.choose("view", "components").words
    )
    visitor.choose("view", "surgery")
    for operation in ("zero", "noise", "swap", "silence", "none"):
        assert "answers change" in visitor.choose("operation", operation).words
    assert "**0 of 12 answers change.** After 0 steps" in visitor.words
    link = {"view": "tree", "tokens": "true", "token": "u", "token_beside": "q"}
    linked = visit("states", task="letters", **link, **SHORT)
    assert linked.get_by_key("token").value == "u"
    assert "token_beside: allowed is one of" in linked.notes


def test_single_occurrences_of_a_sequence_so_short_that_boy_or_girl_is_missing():
    for length in ("5", "13", "20"):
        link = {"task": "sentences", "hidden": "4", "epochs": "1", "length": length}
        visitor = visit("states", view="tree", tokens="true", zog="true", **link)
        for sequence in ("new", "training"):
            visitor.choose("sequence", sequence)
            assert not visitor.error
            scored = f"Of {separation.TWO}" in visitor.words
            assert scored or any("Too few" in i.value or "three" in i.value for i in visitor.info)


def test_suggestions_lead_to_where_a_view_is_seen_best(allow):
    visitor = visit("states", **SHORT)
    presses = (("Touch", "zero"), ("Swap", "swap"), ("Silence", "silence"), ("Swap", "swap"))
    for verb, operation in presses:
        visitor.press(f"{verb} a unit" if verb == "Silence" else f"{verb} the memory")
        assert visitor.selectbox(key="operation").value == operation
        assert visitor.query_params.get("operation", "zero") == operation
    visitor.choose("view", "tree")
    assert any("three symbols" in note.value for note in visitor.info)
    visitor.choose("view", "state space").press("Two hidden units")
    assert visitor.shown.hidden == 2
    assert "this is all of the space" in visitor.words
    visitor.choose("view", "automaton").press("The Reber grammar")
    assert (visitor.shown.task, visitor.state("view")) == ("reber", "automaton")
    visitor = visit("states", **SHORT)
    allow(live_after=1e-9)
    visitor.press("Sentences")
    assert (visitor.shown.task, visitor.state("view")) == ("sentences", "tree")
