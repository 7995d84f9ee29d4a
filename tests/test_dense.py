"""Dense, Dropout and the activation functions."""

import numpy as np
import pytest
from differences import assert_close, check_model, generator, numbers

from elman.layers.dense import ACTIVATIONS, Dense, Dropout, softmax


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_gradients_by_central_differences(activation):
    for shape in ((4, 3), (2, 3, 3)):
        check_model(Dense(3, 5, activation, rng=generator()), numbers(*shape))


def test_activations_by_hand():
    z = np.array([[-1.0, 0.0, 2.0]])
    expected = {
        "linear": z, "sigmoid": 1.0 / (1.0 + np.exp(-z)), "softmax": np.exp(z) / np.exp(z).sum(),
        "tanh": (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)), "relu": [[0.0, 0.0, 2.0]],
    }  # fmt: skip
    found = {name: activation.value(z) for name, activation in ACTIVATIONS.items()}
    assert_close(found, expected, rtol=1e-14)
    with np.errstate(all="raise", under="ignore"):
        huge = softmax(np.array([[1e5, 1e5, -1e5]]))
    np.testing.assert_array_equal(huge, [[0.5, 0.5, 0.0]])


def test_dense_by_hand_changes_no_input():
    layer, x = Dense(2, 2, rng=generator()), np.ones((3, 2))
    x.flags.writeable = False
    weight, bias = layer.parameters.values()
    np.testing.assert_allclose(layer(x), [weight.sum(axis=1) + bias] * 3)
    assert 0.099 < np.abs(Dense(100, 50, rng=generator()).parameters["weight"]).max() <= 0.1


def test_dropout_mask_is_kept_for_the_way_back():
    layer = Dropout(0.25, rng=generator())
    x = np.ones((100, 100))
    y = layer(x)
    assert {*y.flat} == {0.0, 1.0 / 0.75}
    # Five standard deviations of the mean of 10,000 draws.
    assert abs(y.mean() - 1.0) < 5 * np.sqrt(0.25 / 0.75 / y.size)
    np.testing.assert_array_equal(layer.backward(3.0 * x), 3.0 * y)
    layer.train(False)
    assert layer(x) is layer.backward(x) is x
    np.testing.assert_array_equal(Dropout(0.25, rng=generator())(x), y)


def test_bad_arguments_and_a_backward_out_of_order_are_named():
    layer = Dense(2, 3, rng=generator())
    for name, make in (
        ("input_size", lambda: Dense(0, 2, rng=generator())),
        ("units", lambda: Dense(2, 1.5, rng=generator())),
        ("activation", lambda: Dense(2, 2, "step", rng=generator())),
        ("rng", lambda: Dense(2, 2, rng=3)),
        ("rate", lambda: Dropout(1.5, rng=generator())),
        ("x", lambda: layer(np.ones((4, 3)))),
        ("input_size", lambda: layer.output_shape((None, 3))),
    ):
        with pytest.raises(ValueError, match=rf"^{name}: allowed "):
            make()
    with pytest.raises(RuntimeError, match="call the layer"):
        layer.backward(np.ones((4, 3)))
    layer(np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"^grad_output: "):
        layer.backward(np.ones((4, 2)))
