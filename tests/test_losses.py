"""Losses against PyTorch and central differences."""

import functools

import numpy as np
import pytest
from differences import assert_gradients
from torch_fixtures import case_name, loss_inputs, read

from elman.layers import losses
from elman.layers.losses import LOSSES

binary, categorical = losses.binary_cross_entropy, losses.categorical_cross_entropy
logits_yes = functools.partial(binary, from_logits=True)
logits_which = functools.partial(categorical, from_logits=True)

RNG = np.random.default_rng(3)
SCORES, TARGETS = RNG.normal(size=(2, 3, 4)), RNG.uniform(size=(2, 3, 4))
CHANCES = 1.0 / (1.0 + np.exp(-SCORES))
SHARES = np.exp(SCORES) / np.exp(SCORES).sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("case", read("loss"), ids=case_name)
def test_equals_pytorch(case):
    output, target = loss_inputs(case)
    value, gradient = LOSSES[case["name"]](output, target, **case["arguments"])
    assert value == pytest.approx(case["results"]["value"].item(), rel=1e-12)
    np.testing.assert_allclose(gradient, case["results"]["gradient"], rtol=1e-10, atol=1e-15)


def test_gradients_by_central_differences_and_a_target_of_another_shape_is_named():
    outputs = {losses.mean_squared_error: SCORES, binary: CHANCES, logits_yes: SCORES,
               categorical: SHARES, logits_which: SCORES}  # fmt: skip
    assert {*LOSSES.values()} <= {*outputs}
    for loss, output in outputs.items():
        a = output.copy()
        assert_gradients(lambda loss=loss, a=a: loss(a, TARGETS)[0], [(a, loss(a, TARGETS)[1])])
        with pytest.raises(ValueError, match=r"^target: .*\(3, 2\).*\(3,\)"):
            loss(np.full((3, 2), 0.5), np.ones(3))


@pytest.mark.parametrize(
    ("plain", "logits", "shares"),
    [(binary, logits_yes, CHANCES), (categorical, logits_which, SHARES)],
)
def test_both_forms_of_cross_entropy_agree_and_certain_errors_stay_finite(plain, logits, shares):
    assert logits(SCORES, TARGETS)[0] == pytest.approx(plain(shares, TARGETS)[0], rel=1e-12)
    for loss, output in ((plain, [[0.0, 1.0]]), (logits, [[-1e4, 1e4]])):
        with np.errstate(all="raise", under="ignore"):
            value, gradient = loss(np.array(output), np.array([[1.0, 0.0]]))
        assert 10.0 < value < np.inf
        assert np.isfinite(gradient).all()
