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
from elman.training.compiling import available

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not available(), reason="hours on the reference"),
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
    errors = [squared[steps].mean(axis=0) for steps in (consonant, ~consonant)]
    return [*np.ravel(errors), right[~consonant].mean()]


# Seeds, least and most networks that are more than 95 % right at the XOR bit (measured of so many
# seeds, and of 200), and between what their mean squared errors at the XOR bit, the second and
# the first bit lie (measured).
XOR = {
    # The walk-through's network: 31 of 40, and 162; 0.096, 0.283 and 0.272.
    "textbook": (Experiment(), 40, (26, 40), [(0.0, 0.13), (0.25, 0.30), (0.25, 0.30)]),
    # The paper's two hidden units, unbroken: none of 40, and none; 0.164 (Figure 3, read off the
    # print: 0.167).
    "paper": (preset("xor", "paper"), 40, (0, 3), [(0.13, 0.19)]),
    # The control: a reset before every step, all else the same. 0.249 to 0.257.
    "no context": (Experiment(reset="step"), 20, (0, 0), [(0.24, 0.28)]),
}


@pytest.mark.parametrize("name", XOR)
def test_how_many_networks_learn_xor(name):
    experiment, seeds, (least, most), limits = XOR[name]
    right, *errors = over_seeds(xor_measures, experiment, seeds).T
    assert least <= (right > 0.95).sum() <= most
    for error, (low, high) in zip(errors, limits, strict=False):
        assert low < error.mean() < high
    at_xor, *elsewhere = errors
    if name == "paper":
        # The error at the XOR bit dips by 0.05 or more. Measured: in 40 of 40, and 200 of 200.
        assert (np.min(elsewhere, axis=0) - at_xor >= 0.05).sum() >= 36
    if name == "no context":
        # Not one of them does. Share right measured: 0.48 to 0.53.
        assert 0.24 < at_xor.min() <= at_xor.max() < 0.28
        assert 0.44 < right.min() <= right.max() < 0.56


@pytest.mark.parametrize("name", ["textbook", "paper"])
def test_letters_leave_open_only_which_consonant_comes(name):
    """Mean squared errors over 20 seeds, measured in the walk-through's and the paper's setting."""
    *errors, vowels_right = over_seeds(letters_measures, preset("letters", name), 20).mean(axis=0)
    at_consonant, elsewhere = np.reshape(errors, (2, 6))
    high_and_back = np.array([3, 4])
    # The rule's floor is 2/9 there and 0 elsewhere. Measured: 0.229 and 0.229; 0.0001 and 0.0001.
    assert 0.21 < at_consonant[high_and_back].min() <= at_consonant[high_and_back].max() < 0.24
    assert np.delete(at_consonant, high_and_back).max() < 0.01
    # At most 0.0022 and 0.0003; vowels right 0.9975 and 0.9998.
    assert elsewhere.max() < 0.01
    assert vowels_right > 0.99
