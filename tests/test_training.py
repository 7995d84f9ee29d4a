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

both_tasks = pytest.mark.parametrize("experiment", SMALL.values(), ids=list(SMALL))
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


@both_tasks
@both_backends
def test_a_run_is_train_sequence_on_the_wrapped_sequence(experiment, compiled):
    # Equal to 1e-10, since the kernel may add in another order.
    trained = run(experiment, compiled=compiled)
    net = network(experiment)
    assert_same(trained.initial, net.weights)
    wrapped = np.concatenate([trained.inputs, trained.inputs[:1]])
    losses = net.train_sequence(wrapped, experiment.epochs)
    np.testing.assert_allclose(trained.losses, losses, rtol=1e-10)
    assert_same(trained.final, net.weights, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(trained.snapshots[-1].context, net.context, rtol=1e-10)
    assert (trained.status, trained.message) == ("finished", "")
    assert trained.experiment is experiment
    assert trained.compiled is compiled
    assert trained.seconds > 0


@pytest.mark.parametrize(
    ("reset", "every", "first_pass", "later_passes"),
    [("epoch", None, {0}, {0}), ("never", None, {0}, set()),
     ("every", 5, {0, 5, 10}, {0, 5, 10}), ("group", None, {0, 3, 6, 9}, {0, 3, 6, 9}),
     ("step", None, set(range(12)), set(range(12)))],
)  # fmt: skip
@both_backends
def test_a_policy_resets_the_context_of_the_network(
    reset, every, first_pass, later_passes, compiled
):
    policy = {"reset": reset, "reset_every": every}
    experiment = Experiment(length=12, epochs=3, context_start=0.5, depth=3, **policy)
    trained = run(experiment, compiled=compiled)
    net = network(experiment)
    squared = np.empty((3, 12))
    for epoch, t in np.ndindex(3, 12):
        if t in (later_passes if epoch else first_pass):
            net.reset_context()
        _, error = net.train_step(trained.inputs[t], trained.targets[t])
        squared[epoch, t] = np.mean(error**2)
    np.testing.assert_allclose(trained.losses, squared.mean(axis=1), rtol=1e-10)
    assert_same(trained.final, net.weights, rtol=1e-10, atol=1e-10)


@both_backends
def test_a_loss_is_the_mean_over_steps_and_outputs_while_learning(compiled):
    # At a vanishing learning rate: of the untrained network's squared errors.
    experiment = SMALL["letters"].replace(learning_rate=1e-6, epochs=1)
    trained = run(experiment, compiled=compiled)
    outputs, _ = predict(trained.snapshots[0], trained.sequence, experiment, compiled=compiled)
    squared = (outputs - trained.targets) ** 2
    assert trained.losses.shape == (1,)
    assert trained.losses[0] == pytest.approx(squared.sum() / squared.size, abs=1e-5)
    assert trained.final_loss == trained.losses[0]


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
    trained = run(Experiment(length=4, hidden=1, epochs=1500), compiled=compiled)
    kept = [snapshot.epoch for snapshot in trained.snapshots]
    assert kept == snapshot_epochs(trained.experiment).tolist()
    # Copies, not views of weights that went on changing.
    for one, next_one in itertools.pairwise(trained.snapshots):
        assert (one.weights["W_ho"] != next_one.weights["W_ho"]).all()
        assert not np.shares_memory(one.context, next_one.context)
    for epoch in (0, 1, 2, 999, 1499, 1500):
        assert trained.at(epoch).epoch == max(e for e in kept if e <= epoch)
    assert trained.at(1500).weights is trained.final
    # Each is the end of a shorter run.
    experiment = SMALL["xor"].replace(reset="never", epochs=100, length=12)
    for snapshot in run(experiment, compiled=compiled).snapshots[1:]:
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


@both_tasks
@both_backends
def test_predict_is_predict_sequence_and_changes_nothing(experiment, compiled):
    """Reset before the first step, or going on from where training left the context."""
    experiment = experiment.replace(context_start=0.5, reset="never")
    trained, untouched = (run(experiment, compiled=compiled) for _ in range(2))
    net = network(experiment)
    net.weights = untouched.final
    for reset in ("epoch", "never"):
        net.context = untouched.snapshots[-1].context
        outputs, hidden = predict(
            trained.snapshots[-1], trained.sequence, experiment, reset, compiled=compiled
        )
        wanted = net.predict_sequence(trained.inputs, reset=reset == "epoch")
        np.testing.assert_allclose(outputs, wanted, rtol=1e-12)
        assert hidden.shape == (len(trained.inputs), experiment.hidden)
        np.testing.assert_allclose(hidden[-1], net.context, rtol=1e-12)
    assert_same_run(trained, untouched)


@both_backends
def test_predict_resets_where_it_is_told(compiled):
    """With a reset before every step an output depends on its own input alone."""
    experiment = SMALL["letters"]
    trained = run(experiment, compiled=compiled)
    last = trained.snapshots[-1]
    outputs, _ = predict(last, trained.sequence, experiment, "step", compiled=compiled)
    for symbol in range(6):
        same = outputs[trained.sequence.symbols == symbol]
        np.testing.assert_array_equal(same, np.broadcast_to(same[0], same.shape))
    by_four, _ = predict(last, trained.sequence, experiment, "every", 4, compiled=compiled)
    np.testing.assert_array_equal(by_four[::4], outputs[::4])
    assert (by_four[1::4] != outputs[1::4]).all()
    with pytest.raises(ValueError, match=r"^policy: allowed is one of epoch, never.*'growing' w"):
        predict(last, trained.sequence, experiment, "growing", compiled=compiled)
