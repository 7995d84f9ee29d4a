"""Optimizers against hand-worked steps and PyTorch's trajectories; clipping."""

import numpy as np
import pytest
from torch_fixtures import case_name, optimizer_inputs, read

from elman.layers.optimizers import (
    OPTIMIZERS,
    adam,
    clip_by_norm,
    clip_by_value,
    global_norm,
    rmsprop,
    sgd,
)


def walk(optimizer, start, gradients):
    """The values of one number after each step."""
    parameters = {"p": np.array([start])}
    state = optimizer.init(parameters)
    path = []
    for g in gradients:
        parameters, state = optimizer.update({"p": np.array([g])}, state, parameters)
        path.append(parameters["p"].item())
    return path


@pytest.mark.parametrize("case", read("optimizer"), ids=case_name)
def test_trajectories_equal_pytorch(case):
    optimizer = OPTIMIZERS[case["name"]](**case["arguments"])
    parameters, gradients = optimizer_inputs(case)
    state = optimizer.init(parameters)
    for step, gradient in enumerate(gradients):
        parameters, state = optimizer.update(gradient, state, parameters)
        for name, p in parameters.items():
            np.testing.assert_allclose(p, case["results"][name][step], rtol=1e-12, atol=1e-14)


def test_every_optimizer_has_a_trajectory():
    assert {case["name"] for case in read("optimizer")} == set(OPTIMIZERS)


def test_sgd_by_hand():
    assert walk(sgd(0.1), 1.0, [2.0, -1.0]) == pytest.approx([0.8, 0.9])
    # v: 2, then 0.5 · 2 - 1 = 0, then 0.5 · 0 + 4 = 4
    assert walk(sgd(0.1, 0.5), 1.0, [2.0, -1.0, 4.0]) == pytest.approx([0.8, 0.8, 0.4])


def test_rmsprop_by_hand():
    # v: 0.25 · 16 = 4, then 0.75 · 4 + 0.25 · 4 = 4; with epsilon 2: 4 / (2 + 2) and -2 / (2 + 2)
    path = walk(rmsprop(0.1, 0.75, 2.0), 1.0, [4.0, -2.0])
    assert path == pytest.approx([0.9, 0.95])


def test_adam_by_hand():
    # After one step both corrections undo the start at zero: m = 3, √v = 3, and 3 / (3 + 1) = 3/4.
    assert walk(adam(0.1, epsilon=1.0), 1.0, [3.0]) == pytest.approx([1.0 - 0.1 * 0.75])
    # Beta 1/2 and 3/4; m: 1, then (1/2 + 1/2 · 4) = 5/2, over 3/4 is 10/3 (in halves: 5/2 / 3/4);
    # v: 1, then 3/4 · 1 + 1/4 · 16 = 19/4, over 7/16 is 76/7.
    path = walk(adam(0.1, 0.5, 0.75, 1e-12), 0.0, [2.0, 4.0])
    m, v = (0.5 * 1.0 + 0.5 * 4.0) / 0.75, (0.75 * 1.0 + 0.25 * 16.0) / (7.0 / 16.0)
    assert path == pytest.approx([-0.1, -0.1 - 0.1 * m / np.sqrt(v)])


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_update_is_pure(name):
    optimizer = OPTIMIZERS[name](0.1)
    parameters = {"a": np.array([1.0, 2.0]), "b": np.array([[3.0]])}
    gradients = {"a": np.array([0.5, -0.5]), "b": np.array([[1.0]])}
    state = optimizer.init(parameters)
    first = optimizer.update(gradients, state, parameters)
    second = optimizer.update(gradients, state, parameters)
    for key in parameters:
        np.testing.assert_array_equal(first[0][key], second[0][key])
        assert not np.array_equal(first[0][key], parameters[key])
    np.testing.assert_array_equal(parameters["a"], [1.0, 2.0])
    np.testing.assert_array_equal(gradients["a"], [0.5, -0.5])


@pytest.mark.parametrize("case", read("clip"), ids=case_name)
def test_clipping_equals_pytorch(case):
    _, (gradients,) = optimizer_inputs(case)
    if case["name"] == "norm":
        clipped, norm = clip_by_norm(gradients, case["limit"])
        assert norm == pytest.approx(case["results"]["total"].item(), rel=1e-13)
    else:
        clipped = clip_by_value(gradients, case["limit"])
    for name, g in clipped.items():
        np.testing.assert_allclose(g, case["results"][name], rtol=1e-13)


def test_clip_by_norm_shortens_without_turning():
    gradients = {"a": np.array([3.0]), "b": np.array([[0.0, 4.0]])}
    clipped, norm = clip_by_norm(gradients, 1.0)
    assert norm == 5.0
    assert global_norm(clipped) == pytest.approx(1.0, rel=1e-6)
    assert clipped["b"][0, 1] / clipped["a"][0] == pytest.approx(4.0 / 3.0)
    np.testing.assert_array_equal(clip_by_norm(gradients, 6.0)[0]["a"], gradients["a"])


def test_exploded_gradients_can_still_be_clipped():
    gradients = {"a": np.array([3e200]), "b": np.array([-4e200])}
    assert global_norm(gradients) == pytest.approx(5e200)
    clipped, _ = clip_by_norm(gradients, 1.0)
    np.testing.assert_allclose(clipped["a"], 0.6)
    assert global_norm({"a": np.array([np.inf])}) == np.inf
    assert np.isnan(global_norm({"a": np.array([np.nan])}))
    assert global_norm({"a": np.zeros(3)}) == 0.0


@pytest.mark.parametrize(
    ("make", "name", "value"),
    [
        (sgd, "learning_rate", -0.1), (sgd, "momentum", 1.0), (rmsprop, "decay", 1.0),
        (rmsprop, "epsilon", 0.0), (adam, "beta_1", -0.5), (adam, "beta_2", 1.0),
        (adam, "learning_rate", "fast"),
    ],
)  # fmt: skip
def test_bad_arguments_are_named(make, name, value):
    with pytest.raises(ValueError, match=rf"^{name}: allowed is "):
        make(**{name: value})


@pytest.mark.parametrize(("clip", "name"), [(clip_by_norm, "max_norm"), (clip_by_value, "limit")])
def test_bad_limits_are_named(clip, name):
    with pytest.raises(ValueError, match=rf"^{name}: allowed is "):
        clip({"a": np.ones(2)}, 0.0)
