"""Where each policy resets the context, written out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman.training.resets import GROWING_STAGES, reset_before, reset_schedule

# ba guuu dii ba guuu, and four triples.
SYLLABLES = np.array([1, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0], dtype=bool)
TRIPLES = np.array([1, 0, 0] * 4, dtype=bool)


def marks(text):
    return np.array([mark == "R" for mark in text.replace(" ", "")])


@pytest.mark.parametrize(("policy", "every", "syllables", "triples"), [
    ("epoch", None, "R. .... ... .. ....", "R.. ... ... ..."),
    ("never", None, ".. .... ... .. ....", "... ... ... ..."),
    ("every", 1, "RR RRRR RRR RR RRRR", "RRR RRR RRR RRR"),
    ("every", 4, "R. ..R. ..R .. .R..", "R.. .R. ..R ..."),
    ("every", 50, "R. .... ... .. ....", "R.. ... ... ..."),
    ("group", None, "R. R... R.. R. R...", "R.. R.. R.. R.."),
    ("step", None, "RR RRRR RRR RR RRRR", "RRR RRR RRR RRR"),
])  # fmt: skip
def test_a_fixed_policy_resets_before_these_steps_in_one_stage(policy, every, syllables, triples):
    for group_starts, wanted in ((SYLLABLES, syllables), (TRIPLES, triples)):
        kept = group_starts.copy()
        (stage,) = reset_schedule(policy, group_starts, 1000, every)
        assert stage.first_epoch == 0
        np.testing.assert_array_equal(stage.resets, marks(wanted))
        np.testing.assert_array_equal(reset_before(policy, group_starts, every), stage.resets)
        # A copy: what is done to it leaves the groups alone.
        stage.resets[:] = False
        np.testing.assert_array_equal(group_starts, kept)


def test_an_unknown_fixed_policy_is_refused():
    allowed = "policy: allowed is one of epoch, never, every, group, step"
    for policy in ("growing", "sometimes", ""):
        with pytest.raises(ValueError, match=f"{allowed}; {policy!r} was given."):
            reset_before(policy, TRIPLES)


def test_growing_windows_lengthen_until_there_is_no_reset():
    """Of 32 parts of training, 12 have windows of 3 and 4 groups in turn, then 5 each of 4 and 5,
    of 5 and 6, of 6 and 7, and the last 5 none."""
    rng = np.random.default_rng(0)
    group_starts = np.zeros(600, dtype=bool)
    group_starts[np.cumsum(rng.integers(2, 5, 150)) - 2] = True
    group_starts[0] = True
    stages = reset_schedule("growing", group_starts, 64)
    assert [stage.first_epoch for stage in stages] == [0, 24, 34, 44, 54]
    for stage, sizes in zip(stages[:-1], [(3, 4), (4, 5), (5, 6), (6, 7)], strict=True):
        at = np.flatnonzero(stage.resets)
        assert at[0] == 0
        assert group_starts[at].all()
        # Whole groups from each reset to the next, the unfinished last window left out.
        lengths = np.diff(np.searchsorted(np.flatnonzero(group_starts), at))
        assert len(lengths) > 15
        assert (set(lengths[::2]), set(lengths[1::2])) == ({sizes[0]}, {sizes[1]})
    assert not stages[-1].resets.any()


@given(st.integers(1, 5000), st.integers(1, 60))
def test_growing_windows_are_in_order_however_short_the_training(epochs, groups):
    group_starts = np.tile([True, False, False], groups)
    stages = reset_schedule("growing", group_starts, epochs)
    first = [stage.first_epoch for stage in stages]
    assert first == sorted(set(first))
    assert 0 == first[0] <= first[-1] < epochs
    resets = [stage.resets.sum() for stage in stages]
    assert resets == sorted(resets, reverse=True)
    assert all(len(stage.resets) == len(group_starts) for stage in stages)
    if epochs >= 6:
        assert len(stages) == len(GROWING_STAGES)
        assert resets[0] == len(range(0, groups, 7)) + len(range(3, groups, 7))
        assert resets[-1] == 0


def test_a_short_training_skips_stages():
    """Stages begin at 0, 12, 17, 22 and 27 of 32 parts, rounded; of equal ones the last stands."""
    first = {1: [0], 2: [0, 1], 3: [0, 1, 2], 4: [0, 2, 3], 5: [0, 2, 3, 4], 6: [0, 2, 3, 4, 5]}
    for epochs, wanted in (first | {10: [0, 4, 5, 7, 8]}).items():
        stages = reset_schedule("growing", TRIPLES, epochs)
        assert [stage.first_epoch for stage in stages] == wanted
