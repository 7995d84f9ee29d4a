"""Runs trained side by side end as each does alone, whatever their neighbours do.

Tolerance: that they end with the same bits, in every task, is a matter of tests/test_bits.py. Over
these short runs 1e-9 is enough; dropping any term of an update shows at 1e-4 and more.
"""

import numpy as np
import pytest
from same import assert_same_run

from elman import Experiment, run
from elman.sweeps import variations
from elman.training import batches
from elman.training.batches import blocks, lanes_of, run_batch, shape_of
from elman.training.kernel_arguments import LANES

numba = pytest.importorskip("numba")

TOLERANCE = {"rtol": 1e-9, "atol": 1e-9}


def assert_all_same(experiments):
    for ours in run_batch(experiments):
        assert_same_run(ours, run(ours.experiment), **TOLERANCE)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(
    ("task", "length", "hidden"), [("xor", 60, 4), ("letters", 80, 13), ("reber", 60, 5)]
)
def test_each_lane_learns_what_it_learns_alone(activation, task, length, hidden):
    """Seeds, data (of several lengths), rates, start values and resets, growing too, side by
    side."""
    base = {"task": task, "length": length, "hidden": hidden, "epochs": 8, "weight_scale": 0.3}
    resets = ("epoch", "never", "every", "group", "step", "growing", "growing", "never")
    assert_all_same([
        Experiment(
            **base, activation=activation, seed=seed, data_seed=seed // 2, reset=reset,
            reset_every=7 if reset == "every" else None, context_start=0.5 * (seed % 2),
            learning_rate=0.05 + 0.02 * seed,
        )
        for seed, reset in enumerate(resets)
    ])  # fmt: skip


def test_a_lane_that_diverges_says_when_and_leaves_the_others_alone():
    """Its own weights are those of its last finite epoch; a first epoch may already be too much."""
    base = Experiment(
        task="letters", length=60, hidden=6, epochs=40, reset="never", activation="relu"
    )
    scales_and_seeds = ((0.1, 0), (3.0, 0), (0.1, 2), (10.0, 0))
    experiments = [base.replace(weight_scale=scale, seed=k) for scale, k in scales_and_seeds]
    found = run_batch(experiments)
    assert [r.status for r in found] == ["finished", "diverged", "finished", "diverged"]
    assert 0 < found[1].epochs_done < 40
    for ours in found:
        alone = run(ours.experiment)
        assert (ours.status, ours.epochs_done) == (alone.status, alone.epochs_done)
        assert all(np.isfinite(w).all() for w in ours.final.values())
        if ours.status == "finished":
            assert_same_run(ours, alone, **TOLERANCE)
    at_once = run_batch([e.replace(length=300) for e in experiments])[-1]
    assert (at_once.status, at_once.epochs_done) == ("diverged", 0)
    assert [snapshot.epoch for snapshot in at_once.snapshots] == [0]
    assert "epoch 1" in at_once.message


def test_a_stopped_batch_keeps_its_completed_epochs():
    asked = []

    def should_stop():
        asked.append(1)
        return len(asked) == 4

    experiments = variations(Experiment(length=30, epochs=9), {}, seeds=3)
    for stopped in run_batch(experiments, should_stop=should_stop):
        assert (stopped.status, stopped.epochs_done) == ("stopped", 4)
        assert stopped.snapshots[-1].epoch == 4
        losses = run(stopped.experiment).losses[:4]
        np.testing.assert_allclose(stopped.losses, losses, **TOLERANCE)


def test_a_batch_stops_and_reports_within_an_epoch(monkeypatch):
    monkeypatch.setattr(batches, "STRETCH_WORK", LANES * 50 * 10)
    monkeypatch.setattr(batches, "PROGRESS_SECONDS", 0.0)
    shares = []
    experiments = variations(Experiment(length=300, epochs=2), {}, seeds=3)
    complete = run_batch(experiments, shares.append)
    assert len(shares) > 10
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    for ours in complete:
        assert_same_run(ours, run(ours.experiment), **TOLERANCE)

    shares.clear()
    stopped = run_batch(experiments, shares.append, lambda: len(shares) > 2)
    assert [(r.status, r.epochs_done) for r in stopped] == [("stopped", 0)] * 3
    assert shares[-1] < 0.5


def test_only_runs_of_one_shape_come_together():
    base = Experiment(length=60, epochs=3)
    experiments = [
        *variations(base, {"hidden": [4, 5]}, seeds=LANES + 3),
        base.replace(momentum=0.5),
        base.replace(depth=2),
        base.replace(task="letters"),
    ]
    found = blocks(experiments)
    assert sorted(index for block in found for index in block) == [*range(len(experiments))]
    assert [len(block) for block in found] == [LANES, 3, LANES, 3, 1, 1, 1]
    for block in found:
        assert len({shape_of(experiments[index]) for index in block}) == 1
    with pytest.raises(ValueError, match="at most 8 of one shape; 2 of 2 were given"):
        run_batch([base, base.replace(hidden=5)])


def test_few_runs_and_long_sequences_are_trained_alone():
    seeds = variations(Experiment(task="letters"), {}, seeds=batches.FEWEST_WIDE - 1)
    assert [len(block) for block in blocks(seeds)] == [1] * len(seeds)
    huge = shape_of(Experiment(task="letters", length=1_000_000))
    assert 24 * huge.features * huge.length * lanes_of(huge) <= batches.BLOCK_BYTES
    sentences = shape_of(Experiment(task="sentences"))
    assert lanes_of(sentences) == LANES


@pytest.mark.filterwarnings("ignore:Numba is not installed:RuntimeWarning")
@pytest.mark.usefixtures("without_numba")
def test_without_numba_every_run_is_the_references():
    experiments = variations(Experiment(length=12, epochs=2), {}, seeds=3)
    assert [len(block) for block in blocks(experiments)] == [1, 1, 1]
    shares = []
    found = run_batch(experiments, shares.append)
    assert [r.compiled for r in found] == [False] * 3
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
