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


def test_choosing_a_form_takes_over_its_sizes_and_what_belongs_to_it():
    form, to_many = "many-to-many, equal", TASKS["one-to-many"]

    def says(**setting):
        score = alignment_training.train(AlignmentSetting(**setting), 0).score
        return f"it answers {score.whole:.0%}" in visitor.words

    visitor = visit("shapes", s_form=form, s_epochs="5").press("Read in both directions")
    assert says(form=form, hidden=TASKS[form].hidden, epochs=5, both_directions=True)
    assert "Read forward only" in visitor.labels
    visitor.choose("s_form", "one-to-many")
    controls = [control.label for control in visitor.get("button_group")]
    assert "Cell" in controls
    assert "Reads" not in controls
    sizes = (to_many.hidden, to_many.epochs)
    assert (visitor.state("s_hidden"), visitor.state("s_epochs")) == sizes
    visitor.press("Three hidden units")
    assert visitor.state("s_hidden") == 3
    assert says(form="one-to-many", hidden=3, epochs=to_many.epochs)


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
