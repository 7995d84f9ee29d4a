"""Optimizers and clipping against PyTorch."""

import numpy as np
import pytest
from differences import assert_close, copies
from torch_fixtures import case_name, optimizer_inputs, read

from elman.layers import optimizers
from elman.layers.optimizers import OPTIMIZERS, clip_by_norm, clip_by_value, global_norm


@pytest.mark.parametrize("case", read("optimizer"), ids=case_name)
def test_trajectories_equal_pytorch(case):
    optimizer = OPTIMIZERS[case["name"]](**case["arguments"])
    parameters, gradients = optimizer_inputs(case)
    state = optimizer.init(parameters)
    for step, gradient in enumerate(gradients):
        parameters, state = optimizer.update(gradient, state, parameters)
        wanted = {name: path[step] for name, path in case["results"].items()}
        assert_close(parameters, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_update_is_pure_and_compared(name):
    assert name in {case["name"] for case in read("optimizer")}
    optimizer = OPTIMIZERS[name](0.1)
    given = {"a": np.array([1.0, 2.0]), "b": np.array([[3.0]])}
    gradients = {"a": np.array([0.5, -0.5]), "b": np.array([[1.0]])}
    before, state = copies(given), optimizer.init(given)
    first, second = (optimizer.update(gradients, state, given)[0] for _ in range(2))
    assert_close(first, second)
    assert not any(np.array_equal(first[name], p) for name, p in given.items())
    assert_close(given, before)
    np.testing.assert_array_equal(gradients["a"], [0.5, -0.5])


@pytest.mark.parametrize("case", read("clip"), ids=case_name)
def test_clipping_equals_pytorch(case):
    _, (gradients,) = optimizer_inputs(case)
    if case["name"] == "norm":
        clipped, norm = clip_by_norm(gradients, case["limit"])
        assert norm == pytest.approx(case["results"]["total"].item(), rel=1e-13)
    else:
        clipped = clip_by_value(gradients, case["limit"])
    wanted = {name: case["results"][name] for name in gradients}
    assert_close(clipped, wanted, rtol=1e-13)


def test_exploded_gradients_can_still_be_clipped():
    gradients = {"a": np.array([3e200]), "b": np.array([-4e200])}
    assert global_norm(gradients) == pytest.approx(5e200)
    clipped, _ = clip_by_norm(gradients, 1.0)
    np.testing.assert_allclose(clipped["a"], 0.6)
    assert global_norm({"a": np.array([np.inf])}) == np.inf
    assert np.isnan(global_norm({"a": np.array([np.nan])}))
    assert global_norm({"a": np.zeros(3)}) == 0.0


@pytest.mark.parametrize(("make", "name", "value"), [
    ("sgd", "learning_rate", -0.1), ("sgd", "momentum", 1.0), ("rmsprop", "decay", 1.0),
    ("rmsprop", "epsilon", 0.0), ("adam", "beta_1", -0.5), ("adam", "beta_2", 1.0),
    ("adam", "learning_rate", "fast"), ("clip_by_norm", "max_norm", 0.0),
    ("clip_by_value", "limit", 0.0),
])  # fmt: skip
def test_bad_arguments_are_named(make, name, value):
    gradients = [{}] if make.startswith("clip") else []
    with pytest.raises(ValueError, match=rf"^{name}: allowed is "):
        getattr(optimizers, make)(*gradients, **{name: value})
