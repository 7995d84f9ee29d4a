"""First weights as Keras draws them, PyTorch's mapping, and weight files."""

import io

import numpy as np
import pytest
from differences import assert_close, generator, numbers

from elman.layers import RNN
from elman.layers.dense import Dense
from elman.layers.gated import GRU, LSTM
from elman.layers.members import Recurrent, SimpleRNN
from elman.layers.sequential import Sequential
from elman.layers.weights import keras_parameters


def model(seed=0):
    return Sequential([SimpleRNN(2, 4, rng=generator(seed)), Dense(4, 3, rng=generator(seed))])


def test_keras_parameters_of_a_simple_stack():
    like = Sequential([SimpleRNN(3, 40, rng=generator()), Dense(40, 2, rng=generator())]).parameters
    drawn = keras_parameters(like, rng=generator(1))
    assert not drawn["1.bias"].any()
    for name, inputs, outputs in (("0.weight_ih_l0", 3, 40), ("1.weight", 40, 2)):
        bound = np.sqrt(6 / (inputs + outputs))
        assert 0.9 * bound < np.abs(drawn[name]).max() <= bound
    assert_close(keras_parameters(like, rng=generator(1)), drawn)


@pytest.mark.parametrize(("kind", "gates"), [(RNN, 1), (LSTM, 4), (GRU, 3)])
def test_keras_parameters_of_recurrent_layers(kind, gates):
    like = kind(2, 5, rng=generator()).parameters
    drawn = keras_parameters(like, rng=generator())
    assert {name: p.shape for name, p in drawn.items()} == {n: p.shape for n, p in like.items()}
    recurrent = drawn["weight_hh_l0"]
    np.testing.assert_allclose(recurrent.T @ recurrent, np.eye(5), atol=1e-13)
    forget = np.zeros(gates * 5)
    forget[5:10] = kind is LSTM
    np.testing.assert_array_equal(drawn["bias_ih_l0"], forget)
    assert not drawn["bias_hh_l0"].any()
    bare = keras_parameters(kind(2, 5, bias=False, rng=generator()).parameters, rng=generator())
    assert bare.keys() == {"weight_ih_l0", "weight_hh_l0"}


def test_file_round_trip(tmp_path):
    first, x = model(0), numbers(5, 3, 2)
    buffer = io.BytesIO()
    for file in (tmp_path / "weights.npz", buffer):
        other = model(1)
        assert not np.allclose(first(x), other(x))
        first.save(file)
        buffer.seek(0)
        other.load(file)
        np.testing.assert_array_equal(first(x), other(x))


NOT_FITTING = {
    "missing": ({"1.bias": None}, r"^1\.bias: allowed is .*; nothing of this name was given"),
    "unknown": ({"extra": np.ones(2)}, r"^file: allowed are the arrays .*extra\.npy' was given"),
    "shape": ({"1.bias": np.ones((1, 3))}, r"^1\.bias: .*\(3,\).*\(1, 3\)"),
    "nan": ({"1.bias": np.full(3, np.nan)}, r"^1\.bias: allowed are finite numbers; nan"),
    "large": ({"1.bias": np.ones(100_000)}, r"^file: allowed are at most .* bytes, unpacked"),
    "no archive": (None, r"^file: allowed is an \.npz file of weights; another kind of file"),
}


@pytest.mark.parametrize(("changes", "problem"), NOT_FITTING.values(), ids=NOT_FITTING)
def test_files_that_do_not_fit_change_nothing(changes, problem):
    target, file = model(1), io.BytesIO()
    before = target.parameters
    if changes is not None:
        # None leaves one out.
        parameters = (model().parameters | changes).items()
        np.savez(file, **{name: p for name, p in parameters if p is not None})
        file.seek(0)
    with pytest.raises(ValueError, match=problem):
        target.load(file)
    assert all(p is before[name] for name, p in target.parameters.items())


def test_state_dict_of_a_single_bias_fits_a_layer_with_two_and_the_other_way_round():
    single, back = (Sequential([SimpleRNN(2, 3, rng=generator(seed))]) for seed in (0, 5))
    double = Sequential([Recurrent(RNN(2, 3, batch_first=True, rng=generator(1)))])
    mapping, x = single.state_dict(), numbers(4, 3, 2, seed=2)
    assert not mapping["0.bias_hh_l0"].any()
    double.load_state_dict(mapping)
    np.testing.assert_allclose(double(x), single(x), rtol=1e-14)
    both = double.state_dict()
    assert_close(both, double.parameters)
    assert both["0.weight_ih_l0"] is not double.parameters["0.weight_ih_l0"]
    both["0.bias_hh_l0"] = both["0.bias_hh_l0"] + 0.25
    double.load_state_dict(both)
    back.load_state_dict(both)
    np.testing.assert_allclose(back(x), double(x), rtol=1e-14)
    with pytest.raises(ValueError, match=r"^parameters: allowed are exactly"):
        double.load_state_dict({"0.weight_ih_l0": both["0.weight_ih_l0"]})
