"""Losses against PyTorch, and where it has none by central differences."""

from functools import partial

import numpy as np
import pytest
from differences import assert_gradients, numbers
from torch_fixtures import case_name, loss_inputs, read

from elman.layers.losses import LOSSES, binary_cross_entropy, categorical_cross_entropy


@pytest.mark.parametrize("case", read("loss"), ids=case_name)
def test_equals_pytorch(case):
    output, target = loss_inputs(case)
    value, gradient = LOSSES[case["name"]](output, target, **case["arguments"])
    assert value == pytest.approx(case["results"]["value"].item(), rel=1e-12)
    np.testing.assert_allclose(gradient, case["results"]["gradient"], rtol=1e-10, atol=1e-15)


def test_the_cross_entropy_of_shares_is_that_of_their_scores_also_where_targets_have_another_sum():
    scores, targets = numbers(2, 3, 4)
    shares = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    values = []
    for given, from_logits in ((shares, False), (scores, True)):
        loss = partial(categorical_cross_entropy, given, abs(targets), from_logits=from_logits)
        value, gradient = loss()
        values.append(value)
        assert_gradients(lambda loss=loss: loss()[0], [(given, gradient)])
    assert values[0] == pytest.approx(values[1], rel=1e-12)


@pytest.mark.parametrize("loss", [binary_cross_entropy, categorical_cross_entropy])
def test_certain_errors_stay_finite(loss):
    for *output, from_logits in (([0.0, 1.0], False), ([-1e4, 1e4], True)):
        given = np.array(output), np.array([[1.0, 0.0]])
        with np.errstate(all="raise", under="ignore"):
            value, gradient = loss(*given, from_logits=from_logits)
        assert 10.0 < value < np.inf
        assert np.isfinite(gradient).all()


def test_a_target_of_another_shape_is_named():
    for loss in LOSSES.values():
        with pytest.raises(ValueError, match=r"^target: .*\(3, 2\).*\(3,\)"):
            loss(np.full((3, 2), 0.5), np.ones(3))
