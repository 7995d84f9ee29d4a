"""Testing a trained network: which weights, which context, which resets."""

import numpy as np
import pytest

from elman import Experiment, run
from elman.analysis.replay import TEST_RESETS, replay
from elman.tasks import new_sequence
from elman.training import predict, trainers
from elman.training.resets import reset_before


def replayed_by_hand(trained, sequence, before, epoch=None):
    """Forward passes written out with the weights, for sigmoid units."""
    snapshot = trained.at(trained.epochs_done if epoch is None else epoch)
    w, context = snapshot.weights, snapshot.context
    outputs, states = [], []
    for x, reset in zip(sequence.inputs, before, strict=True):
        if reset:
            context = np.full_like(context, trained.experiment.context_start)
        context = 1 / (1 + np.exp(-(w["W_ih"] @ x + w["W_hh"] @ context + w["b_h"])))
        states.append(context)
        outputs.append(1 / (1 + np.exp(-(w["W_ho"] @ context + w["b_o"]))))
    return np.array(outputs), np.array(states)


def trained_with(**settings):
    return run(Experiment(length=60, epochs=20, weight_scale=1.0, context_start=0.5, **settings))


AS_TRAINED = {
    "epoch": [0],
    "never": [],
    "every": range(0, 3000, 7),
    "group": range(0, 3000, 3),
    "step": range(3000),
    # The windows grow until there is no reset.
    "growing": [],
}


@pytest.mark.parametrize("policy", AS_TRAINED)
def test_as_trained_follows_the_policy_of_training(policy):
    trained = trained_with(reset=policy, reset_every=7 if policy == "every" else None)
    sequence = new_sequence(trained.experiment)
    before = np.zeros(len(sequence), dtype=bool)
    before[list(AS_TRAINED[policy])] = True
    by_hand = replayed_by_hand(trained, sequence, before)
    tested = replay(trained, sequence)
    for got, expected in zip((tested.outputs, tested.states), by_hand, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-12)


@pytest.mark.parametrize(("reset", "policy"), [("once", "epoch"), ("never",) * 2, ("group",) * 2])
def test_another_reset_stands_in_for_the_policy_of_training(reset, policy):
    trained = trained_with(reset="every", reset_every=7)
    sequence = new_sequence(trained.experiment)
    before = reset_before(policy, sequence.group_starts)
    expected, _ = replayed_by_hand(trained, sequence, before)
    outputs = replay(trained, sequence, reset=reset).outputs
    np.testing.assert_allclose(outputs, expected, atol=1e-12)
    assert not np.allclose(outputs, replay(trained, sequence).outputs, atol=1e-6)


def test_an_earlier_epoch_has_the_weights_of_that_time():
    trained = trained_with()
    sequence = trained.sequence
    before = reset_before("epoch", sequence.group_starts)
    for epoch in (0, 5):
        expected, _ = replayed_by_hand(trained, sequence, before, epoch)
        np.testing.assert_allclose(replay(trained, sequence, epoch).outputs, expected, atol=1e-12)


def test_overflow_in_the_last_finite_weights_is_no_warning(monkeypatch):
    monkeypatch.setattr(trainers, "compiled_available", lambda: False)
    trained = run(Experiment(length=60, epochs=1, activation="relu"))
    for w in trained.final.values():
        w[...] = 1e200 * np.sign(w)
    outputs = replay(trained, trained.sequence, reset="never").outputs
    assert outputs.shape == trained.targets.shape


def test_an_unknown_reset_is_refused_with_the_names_there_are():
    trained = trained_with()
    with pytest.raises(ValueError, match=r"^reset: ") as caught:
        replay(trained, trained.sequence, reset="epoch")
    assert all(name in str(caught.value) for name in (*TEST_RESETS, "'epoch'"))


def test_replaying_leaves_the_run_as_it_was():
    trained = trained_with(reset="never")
    first = replay(trained, trained.sequence).outputs
    second = replay(trained, trained.sequence).outputs
    np.testing.assert_array_equal(first, second)
    last = trained.snapshots[-1]
    outputs, _ = predict(last, trained.sequence, trained.experiment, "never")
    np.testing.assert_array_equal(first, outputs)
