"""Where in a training something happens, by hand."""

import numpy as np
import pytest

from elman.analysis import pace

# A plateau of 40 passes, a fall over ten, and a plateau again.
STEP = np.concatenate([np.full(40, 1.0), np.linspace(1.0, 0.0, 11), np.zeros(49)])


def test_the_fall_is_from_a_tenth_to_nine_tenths_of_the_way():
    assert pace.fall(STEP) == pytest.approx((41, 50, 1.0, 0.1))
    assert "falls most between 41 and 50" in pace.describe(STEP)
    for flat in (np.full(9, 0.25), np.linspace(0.25, 0.24, 9), np.linspace(0.1, 0.5, 9), []):
        assert pace.fall(np.asarray(flat, dtype=float)) is None
    assert "hardly falls" in pace.describe(np.full(9, 0.25))


def test_frames_pass_over_what_stands_still_and_show_each_step_of_a_fall():
    shown = pace.frames(STEP, range(101))
    assert shown[0] == 0
    assert shown[-1] == 100
    assert {*range(42, 52)} <= {*shown}
    assert np.diff(shown).max() == pace.MOST_PASSED_OVER
    assert len([epoch for epoch in shown if epoch <= 40]) == 6
    assert pace.frames(STEP, range(0, 96, 5)) == [*range(0, 96, 5)]
    diverged = np.append(STEP[:99], np.inf)
    assert pace.frames(diverged, range(101))[-1] == 100
    assert pace.fall(diverged) == pace.fall(STEP)
