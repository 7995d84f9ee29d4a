"""What Elman's networks learn here, over many seeds, tested without learning on a new sequence.

Seed i starts weights and sequences alike (`seed` = `data_seed` = i), since a single sequence
favours or hinders a whole row of first weights: of 100 networks with four hidden units 97 learn
XOR from data seed 42, and 55 from data seed 7.

Every test states what was measured and the gate, which leaves room for another machine's rounding
to turn single runs. Elman (1990) gives no success rates, so the numbers are this project's own.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from elman import Experiment, run
from elman.tasks import new_sequence, preset
from elman.training import predict
from elman.training.kernels import numba

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(numba is None, reason="hours on the reference"),
]


def over_seeds(measure, experiment, count):
    """`measure(outputs, sequence)` of `count` trained networks, as one array."""

    def trained(seed):
        mine = experiment.replace(seed=seed, data_seed=seed)
        sequence = new_sequence(mine)
        # Goes on from the context that training left: nothing tells the network that a new
        # sequence begins.
        outputs, _ = predict(run(mine).snapshots[-1], sequence, mine, "never")
        return measure(outputs, sequence)

    # The kernels release the GIL.
    with ThreadPoolExecutor() as pool:
        return np.array(list(pool.map(trained, range(count))))


def xor_measures(outputs, sequence):
    """Share of XOR bits right; squared error at the XOR bit, at the second and the first bit."""
    squared = (outputs - sequence.targets)[:, 0] ** 2
    right = (outputs >= 0.5) == (sequence.targets >= 0.5)
    errors = [squared[sequence.position == position].mean() for position in (1, 0, 2)]
    return [right[sequence.position == 1].mean(), *errors]


def letters_measures(outputs, sequence):
    """Squared error of the six features at a consonant, then elsewhere; share of vowels right."""
    squared = (outputs - sequence.targets) ** 2
    consonant = sequence.position == 0
    right = ((outputs >= 0.5) == (sequence.targets >= 0.5)).all(axis=1)
    return [
        *squared[consonant].mean(axis=0),
        *squared[~consonant].mean(axis=0),
        right[~consonant].mean(),
    ]


def test_four_hidden_units_learn_xor_from_most_starts():
    """The walk-through's network: XOR bit more than 95 % right.

    Measured: 31 of these 40 seeds, and 162 of 200. Gate: 26 of 40.
    Mean squared error measured at the XOR bit: 0.096. Gate: below 0.13.
    At the bits before and after it: 0.283 and 0.272. Gate: 0.25 to 0.30.
    """
    right, *errors = over_seeds(xor_measures, Experiment(), 40).T
    assert (right > 0.95).sum() >= 26
    at_xor, *elsewhere = np.mean(errors, axis=1)
    assert at_xor < 0.13
    assert 0.25 < min(elsewhere) <= max(elsewhere) < 0.30


def test_two_hidden_units_find_the_dip_but_hardly_ever_xor():
    """The paper's network (two hidden units, an unbroken stream, context from 0.5).

    The error at the XOR bit is at least 0.05 below the error at either other position.
    Measured: 40 of these 40 seeds, and 200 of 200. Gate: 36 of 40.
    XOR bit more than 95 % right. Measured: 0 of 40, and 0 of 200. Gate: at most 3 of 40.
    Mean squared error measured at the XOR bit: 0.164 (Figure 3, read off the print: 0.167).
    Gate: 0.13 to 0.19.
    """
    right, *errors = over_seeds(xor_measures, preset("xor", "paper"), 40).T
    at_xor, *elsewhere = errors
    dips = np.min(elsewhere, axis=0) - at_xor >= 0.05
    assert dips.sum() >= 36
    assert (right > 0.95).sum() <= 3
    assert 0.13 < at_xor.mean() < 0.19


def test_without_a_context_nobody_learns_xor():
    """The control: a reset before every step, all else the same.

    Measured over 20 seeds: squared error at the XOR bit 0.249 to 0.257, its share
    right 0.48 to 0.53. Gates: 0.24 to 0.28 and 0.44 to 0.56.
    """
    right, at_xor, *_ = over_seeds(xor_measures, Experiment(reset="step"), 20).T
    assert 0.24 < at_xor.min() <= at_xor.max() < 0.28
    assert 0.44 < right.min() <= right.max() < 0.56


@pytest.mark.parametrize("name", ["textbook", "paper"])
def test_letters_leave_open_only_which_consonant_comes(name):
    """Mean squared errors over 20 seeds, measured in the walk-through's and the paper's setting
    (the rule's floor: High and Back 2/9 at a consonant, all else 0):

    High and Back at a consonant: 0.229 and 0.229. Gate: 0.21 to 0.24.
    Any other feature there: 0.0001 and 0.0001. Gate: below 0.01.
    Any feature elsewhere: at most 0.0022 and 0.0003. Gate: below 0.01.
    Vowels right: 0.9975 and 0.9998. Gate: above 0.99.
    """
    *errors, vowels_right = over_seeds(letters_measures, preset("letters", name), 20).mean(axis=0)
    at_consonant, elsewhere = np.reshape(errors, (2, 6))
    open_features = np.array([3, 4])
    assert 0.21 < at_consonant[open_features].min() <= at_consonant[open_features].max() < 0.24
    assert np.delete(at_consonant, open_features).max() < 0.01
    assert elsewhere.max() < 0.01
    assert vowels_right > 0.99
