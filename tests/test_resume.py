"""Training that goes on from a snapshot: bit for bit what the run itself did from there."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairwise import pairwise
from same import assert_same, assert_same_run

from elman import Experiment, run, training
from elman.experiment import RESETS
from elman.training import loop
from elman.training.compiling import available

BACKENDS = [False, True] if available() else [False]


def assert_goes_on_exactly(experiment, compiled):
    trained = run(experiment, compiled=compiled)
    if experiment.depth == 1 and not experiment.momentum:
        # Ordinary runs keep nothing for it.
        assert {(s.velocity, s.past) for s in trained.snapshots} == {(None, None)}
    for snapshot, following in itertools.pairwise(trained.snapshots):
        trainer = training.resumed(trained, snapshot)
        for epoch in range(snapshot.epoch, following.epoch):
            resets = training.resets_of_pass(trained, epoch)
            trainer.train(0, len(trained.sequence), resets)
        assert_same(trainer.snapshot(following.epoch), following)


@pytest.mark.parametrize(
    ("activation", "depth", "momentum", "reset"),
    pairwise(["sigmoid", "tanh", "relu"], [1, 3], [0.0, 0.9], RESETS),
)
def test_a_run_goes_on_from_each_snapshot_as_it_did(activation, depth, momentum, reset):
    """Narrow and wide networks, whose kernels differ; six epochs pass every growing window."""
    experiment = Experiment(
        task="letters", length=21, epochs=6 if reset == "growing" else 3, activation=activation,
        depth=depth, momentum=momentum, reset=reset, reset_every=4 if reset == "every" else None,
        context_start=0.5,
    )  # fmt: skip
    for compiled, hidden in itertools.product(BACKENDS, (3, 14)):
        assert_goes_on_exactly(experiment.replace(hidden=hidden), compiled)


@pytest.mark.parametrize("compiled", BACKENDS)
def test_so_does_one_between_whose_snapshots_lie_many_epochs(compiled):
    """And whose gradient reaches back beyond the beginning of a pass, twice."""
    experiment = Experiment(
        length=4, hidden=2, epochs=200, momentum=0.5, depth=9, reset="never", activation="tanh"
    )
    assert_goes_on_exactly(experiment, compiled)


FIXED = st.sampled_from([reset for reset in RESETS if reset != "growing"])


@given(FIXED, st.integers(1, 5), st.sampled_from([0.0, 0.5]), st.integers(0, 20))
def test_a_pass_may_be_broken_off_anywhere_and_taken_up_again(reset, depth, momentum, step):
    every = 5 if reset == "every" else None
    experiment = Experiment(
        length=21, epochs=2, depth=depth, momentum=momentum, reset=reset, reset_every=every
    )
    trained, untouched = run(experiment), run(experiment)
    resets = training.resets_of_pass(trained, 1)
    first = training.resumed(trained, trained.at(1))
    first.train(0, step, resets)
    second = training.resumed(trained, first.snapshot(1))
    second.train(step, 21, resets)
    assert_same(second.snapshot(2), trained.at(2))
    assert_same(trained.snapshots, untouched.snapshots)


def test_each_pass_has_the_resets_of_its_stage():
    trained = run(Experiment(length=60, epochs=6, reset="growing", context_start=0.5))
    counts = [int(training.resets_of_pass(trained, epoch).sum()) for epoch in range(7)]
    assert counts == sorted(counts, reverse=True)
    # The last stage has none, and the pass after the last would go on with it.
    assert counts[0] > counts[-1] == counts[-2] == 0


def stopped_after(experiment, epochs, compiled, begun=None):
    """A run that is stopped in the pass after `epochs`."""
    looks = iter(range(epochs if begun is None else epochs - begun.epochs_done))
    stop = lambda: next(looks, None) is None  # noqa: E731
    return run(experiment, should_stop=stop, compiled=compiled, begun=begun)


@pytest.mark.usefixtures("pass_by_pass")
@pytest.mark.parametrize(("depth", "momentum", "reset"), pairwise([1, 2, 9], [0.0, 0.9], RESETS))
def test_a_run_that_was_stopped_and_goes_on_ends_as_one_that_was_not(depth, momentum, reset):
    """Stopped twice, at kept epochs and between; a pass is one look, so the stops are exact."""
    experiment = Experiment(
        length=60, hidden=3, epochs=90, depth=depth, momentum=momentum, reset=reset,
        reset_every=7 if reset == "every" else None, context_start=0.5,
    )  # fmt: skip
    for compiled, first in itertools.product(BACKENDS[-1:], (0, 3, 41)):
        whole = run(experiment, compiled=compiled)
        begun = stopped_after(experiment, first, compiled)
        assert (begun.status, begun.epochs_done) == ("stopped", first + 1)
        begun = stopped_after(experiment, 60, compiled, begun)
        ended = run(experiment, begun=begun)
        assert_same_run(ended, whole)
        assert ended.fingerprint == whole.fingerprint
        assert ended.seconds > begun.seconds


@pytest.mark.usefixtures("pass_by_pass")
@pytest.mark.parametrize("compiled", BACKENDS)
def test_parts_are_the_run_as_if_it_stopped_there(compiled, monkeypatch):
    monkeypatch.setattr(loop, "PROGRESS_SECONDS", 0.0)
    experiment, parts = Experiment(length=60, epochs=70), []
    whole = run(experiment, compiled=compiled, on_part=parts.append)
    assert [part.epochs_done for part in parts] == list(range(1, 71))
    for part in parts[:-1:23]:
        assert part.status == "stopped"
        stopped = stopped_after(experiment, part.epochs_done - 1, compiled)
        assert_same_run(part, stopped)
        assert_same_run(run(experiment, begun=part), whole)


def test_only_what_was_begun_and_is_the_same_goes_on():
    experiment = Experiment(length=60, epochs=5)
    whole = run(experiment)
    assert run(experiment, begun=whole) is whole
    with pytest.raises(ValueError, match=r"^begun: allowed is a run of the same experiment"):
        run(experiment.replace(seed=1), begun=whole)
