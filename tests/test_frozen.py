"""The frozen error beside the loss: what was learned, and what was only followed."""

import pytest
from hand_made import played
from visitor import visit

from elman import Experiment, run
from elman.analysis import frozen
from elman.analysis.frozen import frozen_error, why_apart

FOLLOWED = Experiment(task="own", text="01101" * 100, group_length=5)


def test_it_is_the_error_of_the_network_that_does_not_learn_on_the_sequence_it_learned_from():
    trained = run(Experiment(epochs=3, length=60))
    for epoch in (0, 2, 3):
        off = played(trained, trained.sequence, [0], epoch)[0] - trained.sequence.targets
        assert frozen_error(trained, epoch) == pytest.approx((off**2).mean())


def test_a_network_that_follows_a_pattern_is_told_from_one_that_learned(monkeypatch):
    followed, learned = run(FOLLOWED), run(Experiment())
    found = frozen_error(followed, followed.epochs_done)
    assert found > 2 * followed.final_loss
    assert f"{followed.final_loss:.4f}" in why_apart(followed.final_loss, found)
    assert why_apart(learned.final_loss, frozen_error(learned, learned.epochs_done)) == ""
    monkeypatch.setattr(frozen, "MOST_WORK", 10)
    assert frozen_error(learned, 1) is None


def test_train_shows_both_and_says_why_they_differ(monkeypatch):
    visitor = visit("train", **FOLLOWED.to_query())
    shown = {one.label: one.value for one in visitor.metric}
    trained = run(FOLLOWED)
    assert shown["Loss after 500 epochs"] == f"{trained.final_loss:.4f}"
    assert shown["Frozen, same sequence"] == f"{frozen_error(trained, 500):.4f}"
    assert "it was not learned" in visitor.words
    monkeypatch.setattr(frozen, "MOST_WORK", 10)
    visitor.go("train")
    assert "Frozen, same sequence" not in [one.label for one in visitor.metric]
    assert "it was not learned" not in visit("train").words
