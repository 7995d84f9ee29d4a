"""Losses against PyTorch and central differences."""

import functools

import numpy as np
import pytest
from differences import assert_gradients
from torch_fixtures import case_name, loss_inputs, read

from elman.layers.losses import (
    LOSSES,
    binary_cross_entropy,
    categorical_cross_entropy,
    mean_squared_error,
)

logits_yes = functools.partial(binary_cross_entropy, from_logits=True)
logits_which = functools.partial(categorical_cross_entropy, from_logits=True)

RNG = np.random.default_rng(3)
CHANCES = RNG.uniform(0.05, 0.95, (2, 3, 4))
SHARES = CHANCES / CHANCES.sum(axis=-1, keepdims=True)
SCORES = RNG.normal(size=(2, 3, 4))
TARGETS = RNG.uniform(size=(2, 3, 4))


@pytest.mark.parametrize("case", read("loss"), ids=case_name)
def test_equals_pytorch(case):
    output, target = loss_inputs(case)
    value, gradient = LOSSES[case["name"]](output, target, **case["arguments"])
    assert value == pytest.approx(case["results"]["value"].item(), rel=1e-12)
    np.testing.assert_allclose(gradient, case["results"]["gradient"], rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(
    ("loss", "output"),
    [
        (mean_squared_error, SCORES),
        (binary_cross_entropy, CHANCES),
        (logits_yes, SCORES),
        (categorical_cross_entropy, SHARES),
        (logits_which, SCORES),
    ],
    ids=["squared", "binary", "binary logits", "categorical", "categorical logits"],
)
def test_gradients_by_central_differences(loss, output):
    output = output.copy()
    assert_gradients(lambda: loss(output, TARGETS)[0], [(output, loss(output, TARGETS)[1])])


def test_both_forms_of_cross_entropy_agree():
    chances = 1.0 / (1.0 + np.exp(-SCORES))
    shares = np.exp(SCORES) / np.exp(SCORES).sum(axis=-1, keepdims=True)
    assert logits_yes(SCORES, TARGETS)[0] == pytest.approx(
        binary_cross_entropy(chances, TARGETS)[0], rel=1e-12
    )
    assert logits_which(SCORES, TARGETS)[0] == pytest.approx(
        categorical_cross_entropy(shares, TARGETS)[0], rel=1e-12
    )


@pytest.mark.parametrize(
    "loss", [binary_cross_entropy, categorical_cross_entropy, logits_yes, logits_which]
)
def test_certain_errors_stay_finite(loss):
    outputs = [[0.0, 1.0]] if loss in (binary_cross_entropy, categorical_cross_entropy) else None
    output = np.array(outputs or [[-1e4, 1e4]])
    with np.errstate(all="raise", under="ignore"):
        value, gradient = loss(output, np.array([[1.0, 0.0]]))
    assert value > 10.0
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("loss", list(LOSSES.values()), ids=list(LOSSES))
def test_target_of_another_shape_is_named(loss):
    with pytest.raises(ValueError, match=r"^target: .*\(3, 2\).*\(3,\)"):
        loss(np.full((3, 2), 0.5), np.ones(3))
