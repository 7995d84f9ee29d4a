"""The page on shapes, without a browser."""

import pytest
from visitor import visit

from elman.studies import alignment_training
from elman.studies.alignment_training import AlignmentSetting
from elman.studies.alignments import TASKS


@pytest.mark.parametrize("form", TASKS)
def test_every_form_shows_the_network_that_the_library_trains(form):
    visitor = visit("shapes", s_form=form, s_epochs="5", s_hidden="6", s_seed="3")
    run = alignment_training.train(AlignmentSetting(form, hidden=6, epochs=5), 3)
    shown = visitor.words
    assert f"After 5 epochs it answers {run.score.whole:.0%}" in shown
    assert f"most frequent answer gets {run.guess.whole:.0%}" in shown
    if run.reference is not None:
        assert f"can expect {run.reference.whole:.0%}, a little more or less by luck." in shown
    table = visitor.tables[0]
    assert list(table["answers"]) == list(run.table["answers"])
    assert [mark == "✓" for mark in table["right"]] == list(run.table["right"])
    assert len(visitor.charts) == 2
    assert not visitor.error
    assert visitor.notes == ""


def test_choosing_a_form_takes_over_its_sizes():
    visitor = visit("shapes", s_epochs="5", s_hidden="2").choose("s_form", "one-to-many")
    task = TASKS["one-to-many"]
    assert visitor.state("s_hidden") == task.hidden
    assert visitor.state("s_epochs") == task.epochs
    visitor.press("Three hidden units")
    assert visitor.state("s_hidden") == 3
    run = alignment_training.train(AlignmentSetting("one-to-many", hidden=3, epochs=task.epochs), 0)
    assert f"it answers {run.score.whole:.0%}" in visitor.words


def test_both_directions_belong_to_the_form_with_neighbours():
    form = "many-to-many, equal"
    visitor = visit("shapes", s_form=form, s_epochs="5").press("Read in both directions")
    made = AlignmentSetting(form, hidden=TASKS[form].hidden, epochs=5, both_directions=True)
    assert f"it answers {alignment_training.train(made, 0).score.whole:.0%}" in visitor.words
    assert "Read forward only" in visitor.labels
    visitor.choose("s_form", "one-to-one")
    assert "Cell" in [control.label for control in visitor.get("button_group")]
    assert "Reads" not in [control.label for control in visitor.get("button_group")]


def test_several_networks_are_trained_as_a_job():
    visitor = visit("shapes", s_epochs="5", s_hidden="2", s_count="5").press("Train 5 networks")
    visitor.look_until(lambda v: "on average over 5" in v.words)
    table = alignment_training.train_seeds(
        AlignmentSetting("many-to-one", hidden=2, epochs=5), [*range(5)]
    )
    assert f"Whole answers right: {table['whole'].mean():.1%}" in visitor.words
    assert f"from {table['whole'].min():.1%} to {table['whole'].max():.1%}" in visitor.words
    assert list(visitor.tables[1]["whole"]) == list(table["whole"])


def test_a_long_training_is_shown_live_and_can_be_stopped(allow, hold):
    allow(live_after=1e-9)
    hold()
    visitor = visit("shapes", s_form="many-to-one", s_epochs="5").press("Stop")
    visitor.look_until(lambda v: "Train again" in v.labels)
    assert "of 5 epochs" in visitor.info[0].value
