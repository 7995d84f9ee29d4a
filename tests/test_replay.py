"""Testing a trained network: which weights, which context, which resets."""

import numpy as np
import pytest
from hand_made import played
from same import assert_same

from elman import Experiment, run
from elman.analysis.replay import TEST_RESETS, replay
from elman.tasks import new_sequence
from elman.training import predict, trainers


def trained_with(**settings):
    return run(Experiment(length=60, epochs=20, weight_scale=1.0, context_start=0.5, **settings))


# Where "growing", the windows grow until there is no reset.
AS_TRAINED = {
    "epoch": [0], "never": [], "every": range(0, 3000, 7), "group": range(0, 3000, 3),
    "step": range(3000), "growing": [],
}  # fmt: skip


# The resets of training, what is asked for in the test, and whose resets are to be found there.
ASKED = [
    *((policy, "as trained", policy) for policy in AS_TRAINED),
    *(("every", "once", "epoch"), ("every", "never", "never"), ("every", "group", "group")),
]


@pytest.mark.parametrize(("policy", "reset", "found"), ASKED)
def test_resets_are_those_of_training_or_the_ones_that_stand_in_for_them(policy, reset, found):
    trained = trained_with(reset=policy, reset_every=7 if policy == "every" else None)
    sequence = new_sequence(trained.experiment)
    wanted = played(trained, sequence, AS_TRAINED[found])
    tested = replay(trained, sequence, reset=reset)
    assert_same((tested.outputs, tested.states), wanted, atol=1e-12)
    as_trained = replay(trained, sequence).outputs
    assert np.allclose(tested.outputs, as_trained, atol=1e-6) == (policy == found)


def test_an_earlier_epoch_has_the_weights_of_that_time_and_the_run_stays_as_it_was():
    trained = trained_with(reset="never")
    sequence = trained.sequence
    first = replay(trained, sequence).outputs
    for epoch in (0, 5):
        expected, _ = played(trained, sequence, [], epoch)
        np.testing.assert_allclose(replay(trained, sequence, epoch).outputs, expected, atol=1e-12)
    last, _ = predict(trained.snapshots[-1], sequence, trained.experiment, "never")
    for outputs in (replay(trained, sequence).outputs, last):
        np.testing.assert_array_equal(first, outputs)


def test_overflow_in_the_last_weights_is_no_warning_and_an_unknown_reset_is_refused(monkeypatch):
    monkeypatch.setattr(trainers, "compiled_available", lambda: False)
    trained = run(Experiment(length=60, epochs=1, activation="relu"))
    for w in trained.final.values():
        w[...] = 1e200 * np.sign(w)
    outputs = replay(trained, trained.sequence, reset="never").outputs
    assert outputs.shape == trained.targets.shape
    with pytest.raises(ValueError, match=r"^reset: ") as caught:
        replay(trained, trained.sequence, reset="epoch")
    assert all(name in str(caught.value) for name in (*TEST_RESETS, "'epoch'"))
