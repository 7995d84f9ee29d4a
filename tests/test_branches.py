"""Training that goes on: more epochs, and branches with other settings or another sequence."""

import itertools

import pytest
from hand_made import DIVERGING
from hypothesis import given
from hypothesis import strategies as st
from pairwise import pairwise
from same import assert_same, assert_same_run, loaded, saved

from elman import Experiment, run, scripts
from elman.experiment import BRANCHED, MOST_BRANCHES, RESETS, SETTINGS
from elman.tasks import training_sequence
from elman.training import sizes
from elman.training.batches import run_batch, total_work
from elman.training.compiling import available

BACKENDS = [False, True] if available() else [False]
SMALL = Experiment(task="letters", length=30, hidden=3, epochs=6)
# Each is off its default.
OTHER = {
    "length": 21, "epochs": 9, "reset": "group", "context_start": 0.5, "learning_rate": 0.5,
    "momentum": 0.5, "depth": 3, "activation": "tanh", "data_seed": 7,
}  # fmt: skip


@pytest.mark.parametrize(
    ("reset", "depth", "momentum", "activation"),
    pairwise(RESETS, [1, 3], [0.0, 0.9], ["sigmoid", "tanh"]),
)
def test_going_on_without_changes_is_the_longer_run_bit_for_bit(reset, depth, momentum, activation):
    """Where the memory grows in stages, which are shares of all epochs, only if there are as many
    epochs: a run that goes on longer has had other stages."""
    whole = SMALL.replace(
        epochs=8, reset=reset, reset_every=4 if reset == "every" else None, depth=depth,
        momentum=momentum, activation=activation, context_start=0.5,
    )  # fmt: skip
    before = whole if reset == "growing" else whole.replace(epochs=5)
    for compiled, epoch in ((BACKENDS[0], 3), *((BACKENDS[-1], epoch) for epoch in (0, 5))):
        longer, parent = run(whole, compiled=compiled), run(before, compiled=compiled)
        branch = before.branched(epoch, epochs=8)
        for ended in (run(branch, compiled=compiled), run(branch, parent=parent)):
            assert_same(ended.losses, longer.losses)
            assert_same(ended.snapshots[-1], longer.snapshots[-1])
            assert ended.status == "finished"
            assert ended.snapshots[0].epoch == epoch


@pytest.mark.parametrize("field", OTHER)
def test_a_branch_trains_on_from_its_parents_network_as_it_is_set_now(field):
    """By hand: the parent's weights, put into a run of the new settings."""
    assert {*OTHER} == {*BRANCHED} - {"reset_every"}
    for compiled in BACKENDS:
        parent = run(SMALL, compiled=compiled)
        child = SMALL.branched(4, **{field: OTHER[field]})
        ended = run(child, compiled=compiled)
        assert child.parent == SMALL
        assert_same(ended.losses[:4], parent.losses[:4])
        assert_same(ended.initial, parent.at(4).weights)
        assert_same(ended.sequence, training_sequence(child))
        assert ended.epochs_done == child.epochs
        # The first loss after it, of a network that does not learn: the parent's weights.
        still = run(child.replace(learning_rate=1e-6, momentum=0.0, epochs=5))
        assert_same(still.final, parent.at(4).weights, rtol=1e-4, atol=1e-4)
        assert_same_run(run(child, parent=parent), run(child, compiled=compiled))


def test_what_momentum_and_depth_carry_comes_along_where_it_still_means_something():
    rich = SMALL.replace(momentum=0.9, depth=4, reset="never")
    parent = run(rich)
    ends = {
        name: run(rich.branched(6, epochs=8, **changes), parent=parent).snapshots[0]
        for name, changes in {
            "same": {}, "no momentum": {"momentum": 0.0}, "shallow": {"depth": 2},
            "other data": {"data_seed": 7}, "other units": {"activation": "tanh"},
        }.items()
    }  # fmt: skip
    last = parent.snapshots[-1]
    assert_same(ends["same"], last)
    assert ends["no momentum"].velocity is None
    assert_same(ends["shallow"].past.step, last.past.step[:1])
    assert len(ends["other data"].past.step) == len(ends["other units"].past.step) == 0
    assert_same(ends["other data"].velocity, last.velocity)
    fresh = run(SMALL.branched(6, epochs=8, momentum=0.9, depth=4)).snapshots[0]
    assert not any(w.any() for w in fresh.velocity.values())


@pytest.mark.parametrize("stop_after", range(0, 12, 2))
def test_a_stopped_branch_goes_on_to_the_same_bits_wherever_it_was_stopped(stop_after, monkeypatch):
    """In the grandparent, in the parent and in the branch; from a file as well."""
    monkeypatch.setattr("elman.training.loop.STRETCH_WORK", 1)
    first = SMALL.replace(epochs=4, momentum=0.5, depth=3, reset="never")
    second = first.branched(4, epochs=8, momentum=0.0, depth=1, data_seed=5)
    third = second.branched(8, epochs=12, length=60, momentum=0.9)
    monkeypatch.setattr("elman.training.loop.PROGRESS_SECONDS", 0.0)
    shares, parts = [], []
    watched = (lambda share, _: shares.append(share), lambda: shares[-1:] > [stop_after / 12])
    stopped = run(third, *watched, on_part=parts.append)
    assert shares == sorted(shares)
    assert {part.experiment for part in parts} <= {third}
    assert stopped.status == "stopped"
    assert stop_after <= stopped.epochs_done <= stop_after + 1
    again, whole = loaded(saved(stopped)), run(third)
    assert_same(again, stopped)
    for begun in (stopped, again):
        assert_same_run(run(third, begun=begun), whole)


def test_a_branch_of_a_run_that_diverges_before_says_so():
    wild = Experiment(**DIVERGING)
    parent, child = run(wild), wild.branched(19, learning_rate=0.01)
    ended = run(child)
    assert (ended.status, ended.epochs_done) == ("diverged", parent.epochs_done)
    assert 0 < ended.epochs_done < 19
    assert_same_run(run(child, parent=parent), ended)


def test_a_parent_must_be_what_the_branch_says_and_branches_are_trained_by_themselves():
    child = SMALL.branched(4)
    with pytest.raises(ValueError, match=r"^parent: allowed is a run of what the experiment is a"):
        run(child, parent=run(SMALL.replace(seed=3)))
    (alone,) = run_batch([child])
    assert_same_run(alone, run(child))
    assert total_work(SMALL.branched(3)) == total_work(SMALL)
    shorter = SMALL.replace(length=100_000).branched(3, length=30)
    with pytest.raises(ValueError, match=r"^branch: of the run before, length: allowed is a"):
        sizes.check_bytes(shorter, 100_000)


REFUSED = {
    "x": "EPOCH, then ,NAME,VALUE for any of length, epochs",
    "4,hidden,3": "EPOCH, then .*; 'hidden' was given",
    **dict.fromkeys(("-1", "²", "4,epochs"), "EPOCH, then"),
    "4,epochs,9,epochs,9": "EPOCH, then .*; 'epochs' was given",
    "4,learning_rate,0": "of the run before, learning_rate: allowed is a number from",
    "4,reset,every": "of the run before, reset_every: allowed with reset every",
    "4,epochs,3": "an epoch from 0 to 3, with these",
    "6": "an epoch from 0 to 5, with these",
    "4,,5": "an epoch from 5 to 5, with these",
    "4,,4,,4,,4": "at most 3 branches, one from the other; 4 were given",
    "4" * 601: "a text of at most 600 characters; 601 were given",
}


def test_only_what_leaves_the_weights_alone_may_change_from_an_epoch_that_there_is():
    for branch, said in REFUSED.items():
        with pytest.raises(ValueError, match=f"^branch: (allowed (is|are) )?{said}"):
            Experiment(epochs=6, branch=branch)
    for name in SETTINGS:
        if name not in BRANCHED:
            with pytest.raises(ValueError, match=f"^{name}: allowed is .*, as in the run that"):
                SMALL.branched(4, **{name: SMALL.seed + 1})
    for epoch in (-1, 7, 2.5, True):
        with pytest.raises(ValueError, match=r"^branch: allowed is an epoch from 0 to 6;"):
            SMALL.branched(epoch)
    assert SMALL.branched(4).replace(task="xor") == Experiment(task="xor")


@st.composite
def branches(draw):
    """A branch of a branch of some run, each with any of what may change."""
    made = Experiment(task=draw(st.sampled_from(["xor", "letters"])), hidden=3, epochs=9)
    for _ in range(draw(st.integers(1, MOST_BRANCHES))):
        changed = draw(st.sets(st.sampled_from(sorted({*OTHER} - {"epochs", "length"}))))
        changes = {name: OTHER[name] for name in changed}
        changes["learning_rate"] = draw(st.floats(1e-6, 100.0))
        epoch = draw(st.integers(made.branch_epoch or 0, made.epochs))
        more = draw(st.integers(epoch + 1, epoch + 50))
        made = made.branched(epoch, epochs=more, **changes)
    return made


@given(branches())
def test_a_branch_comes_back_from_links_and_scripts_and_keeps_its_lineage(branch):
    assert Experiment.from_query(branch.to_query()) == branch
    assert Experiment(**branch.to_dict()) == branch
    assert eval(scripts.expression(branch), {"Experiment": Experiment}) == branch
    lineage = branch.lineage
    assert lineage[0] == branch
    assert not lineage[-1].branch
    for child, parent in itertools.pairwise(lineage):
        changes = {name: getattr(child, name) for name in BRANCHED}
        assert parent.branched(child.branch_epoch, **changes) == child
    # A change of what only the first weights depend on changes the whole lineage.
    assert {e.seed for e in branch.replace(seed=5).lineage} == {5}
    assert branch.trained_by(branch.branch_epoch) == branch
