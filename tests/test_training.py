"""A run: what it trains, what it keeps, how it reports and how it ends."""

import itertools
import math

import numpy as np
import pytest
from hand_made import DIVERGING
from hypothesis import given
from hypothesis import strategies as st
from same import assert_same, assert_same_run

from elman import ElmanNetwork, Experiment, run
from elman.training import loop, predict, snapshot_epochs
from elman.training.compiling import available
from elman.training.sizes import MAX_SNAPSHOTS

SMALL = {
    "xor": Experiment(length=60, epochs=12),
    "letters": Experiment(task="letters", length=60, epochs=6, hidden=5),
}
BACKENDS = [False, True] if available() else [False]

both_backends = pytest.mark.parametrize("compiled", BACKENDS, ids="compiled={}".format)


def network(experiment):
    """The reference network that an experiment describes, before training."""
    n = {"xor": 1, "letters": 6}[experiment.task]
    names = "activation", "momentum", "depth", "context_start", "weight_init", "weight_scale"
    settings = {name: getattr(experiment, name) for name in names}
    rng = np.random.default_rng(experiment.seed)
    return ElmanNetwork(n, experiment.hidden, n, experiment.learning_rate, rng=rng, **settings)


def assert_same_end(ours, theirs):
    """Bit for bit, whatever the two have kept on the way."""
    np.testing.assert_array_equal(ours.losses, theirs.losses)
    assert_same(ours.snapshots[-1], theirs.snapshots[-1])


@pytest.mark.parametrize(("reset", "before"), [
    ("epoch", {0}), ("never", {}), ("every", {0, 5, 10}), ("group", {0, 3, 6, 9}),
    ("step", range(12)),
])  # fmt: skip
@both_backends
def test_a_run_is_steps_of_the_network_that_are_reset_by_its_policy(reset, before, compiled):
    """The loss of a pass is the mean over its steps and outputs; "group" is that of xor's."""
    for task in ("xor", "letters")[: 1 if reset == "group" else 2]:
        policy = {"reset": reset, "reset_every": 5 if reset == "every" else None}
        sizes = {"length": 12, "epochs": 3, "hidden": 4}
        experiment = Experiment(task=task, context_start=0.5, depth=3, **sizes, **policy)
        trained = run(experiment, compiled=compiled)
        net = network(experiment)
        assert_same(trained.initial, net.weights)
        squared = np.empty((3, len(trained.inputs), net.n_output))
        for epoch, t in np.ndindex(squared.shape[:2]):
            if t in before:
                net.reset_context()
            squared[epoch, t] = net.train_step(trained.inputs[t], trained.targets[t])[1] ** 2
        # Equal to 1e-10, since the kernel may add in another order.
        np.testing.assert_allclose(trained.losses, squared.mean(axis=(1, 2)), rtol=1e-10)
        assert_same(trained.final, net.weights, rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(trained.snapshots[-1].context, net.context, rtol=1e-10)
        assert (trained.status, trained.message) == ("finished", "")
        assert (trained.experiment, trained.compiled) == (experiment, compiled)
        assert trained.seconds > 0
        assert trained.final_loss == trained.losses[-1]


@given(st.integers(1, 100_000))
def test_snapshots_are_few_and_evenly_spaced_in_the_logarithm(epochs):
    kept = snapshot_epochs(Experiment(epochs=epochs))
    assert len(kept) <= MAX_SNAPSHOTS == 64
    assert (kept[0], kept[1], kept[-1]) == (0, 1, epochs)
    assert (np.diff(kept) > 0).all()
    # From one to the next by the same factor, but for rounding to whole epochs.
    factor = epochs ** (1 / 62)
    assert (kept[2:] <= kept[1:-1] * factor + 1.5).all()


@both_backends
def test_a_long_run_keeps_few_snapshots_and_finds_the_latest_so_far(compiled):
    trained = run(Experiment(length=4, hidden=1, epochs=500), compiled=compiled)
    kept = [snapshot.epoch for snapshot in trained.snapshots]
    assert kept == snapshot_epochs(trained.experiment).tolist()
    # Copies, not views of weights that went on changing.
    for one, next_one in itertools.pairwise(trained.snapshots):
        assert (one.weights["W_ho"] != next_one.weights["W_ho"]).all()
        assert not np.shares_memory(one.context, next_one.context)
    for epoch in (0, 1, 2, 399, 499, 500):
        assert trained.at(epoch).epoch == max(e for e in kept if e <= epoch)
    assert trained.at(500).weights is trained.final
    # Each is the end of a shorter run.
    experiment = SMALL["xor"].replace(reset="never", epochs=100, length=12)
    for snapshot in run(experiment, compiled=compiled).snapshots[1::3]:
        shorter = run(experiment.replace(epochs=snapshot.epoch), compiled=compiled)
        assert_same(snapshot, shorter.snapshots[-1])


def after(looks):
    """A `should_stop` that says yes at its `looks`-th call."""
    calls = itertools.count(1)
    return lambda: next(calls) >= looks


@pytest.fixture
def short_stretches(monkeypatch):
    """One step at a time, so that a run looks at the clock and at Stop within an epoch."""
    monkeypatch.setattr(loop, "STRETCH_WORK", 1)
    monkeypatch.setattr(loop, "PROGRESS_SECONDS", 0.0)


@pytest.mark.usefixtures("pass_by_pass")
@both_backends
def test_a_stopped_run_is_the_run_of_that_many_epochs(compiled):
    """Also where no snapshot was due."""
    experiment = Experiment(length=12, epochs=600, momentum=0.5, depth=2, reset="never")
    assert 40 not in snapshot_epochs(experiment)
    stopped = run(experiment, should_stop=after(40), compiled=compiled)
    assert (stopped.status, stopped.epochs_done) == ("stopped", 40)
    assert stopped.message == "Stopped after 40 of 600 epochs."
    assert_same_end(stopped, run(experiment.replace(epochs=40), compiled=compiled))
    # After the last epoch it has finished.
    trained = run(SMALL["xor"].replace(epochs=1), should_stop=lambda: True, compiled=compiled)
    assert (trained.status, trained.message, trained.epochs_done) == ("finished", "", 1)


@pytest.mark.usefixtures("short_stretches")
@both_backends
@pytest.mark.parametrize(("looks", "done"), [(3 * 60 + 17, 3), (1, 0)])
def test_stopping_within_an_epoch_keeps_the_epochs_before_it(compiled, looks, done):
    experiment = SMALL["xor"].replace(reset="never")
    stopped = run(experiment, should_stop=after(looks), compiled=compiled)
    assert (stopped.status, stopped.epochs_done) == ("stopped", done)
    assert stopped.message == f"Stopped after {done} of 12 epochs."
    if done:
        assert_same_end(stopped, run(experiment.replace(epochs=done), compiled=compiled))
        return
    assert math.isnan(stopped.final_loss)
    assert [snapshot.epoch for snapshot in stopped.snapshots] == [0]
    assert_same(stopped.final, network(experiment).weights)
    outputs, _ = predict(stopped.snapshots[-1], stopped.sequence, experiment, compiled=compiled)
    assert outputs.shape == stopped.targets.shape


@pytest.mark.usefixtures("short_stretches")
@both_backends
def test_progress_rises_to_one_and_brings_the_losses(compiled):
    reports = []

    def report(share, losses):
        reports.append((share, losses.copy()))

    trained = run(SMALL["xor"], report, compiled=compiled)
    assert [share for share, _ in reports] == pytest.approx([*(np.arange(1, 721) / 720), 1.0])
    for share, losses in reports[:-1]:
        # Of an epoch under way there is no loss yet.
        assert len(losses) == math.floor(share * 12 + 1e-9)
        np.testing.assert_array_equal(losses, trained.losses[: len(losses)])
    np.testing.assert_array_equal(reports[-1][1], trained.losses)


@both_backends
@pytest.mark.parametrize("reset", ["never", "growing"])
def test_neither_stretches_nor_watching_change_what_is_learned_but_seeds_do(
    monkeypatch, compiled, reset
):
    experiment = SMALL["letters"].replace(reset=reset, depth=3, momentum=0.3)
    plain = run(experiment, compiled=compiled)
    watched = run(experiment, lambda share, losses: losses.sum(), lambda: False, compiled=compiled)
    assert_same_run(watched, plain)
    assert (run(experiment.replace(seed=1), compiled=compiled).losses != plain.losses).all()
    for work in (1, 5000, 20_000, 10**9):
        monkeypatch.setattr(loop, "STRETCH_WORK", work)
        assert_same_run(run(experiment, compiled=compiled), plain)


@both_backends
def test_a_diverging_run_ends_finite_and_says_where_and_what_to_change(compiled, monkeypatch):
    experiment, shares = Experiment(**DIVERGING), []
    # However slow the machine is, nothing is reported before the end.
    monkeypatch.setattr(loop, "PROGRESS_SECONDS", math.inf)
    trained = run(experiment, lambda share, _: shares.append(share), compiled=compiled)
    done = trained.epochs_done
    assert trained.status == "diverged"
    assert 0 < done < 20
    assert f"in epoch {done + 1}," in trained.message
    assert "smaller learning rate" in trained.message
    assert trained.snapshots[-1].epoch == done == len(trained.losses)
    assert np.isfinite(trained.losses).all()
    for snapshot in trained.snapshots:
        assert all(np.isfinite(w).all() for w in snapshot.weights.values())
    assert shares == [done / 20]
    assert_same_end(trained, run(experiment.replace(epochs=done), compiled=compiled))
