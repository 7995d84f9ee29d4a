"""First weights as Keras draws them, PyTorch's mapping, and weight files."""

import io
import zipfile

import numpy as np
import pytest

from elman.layers import RNN
from elman.layers.dense import Dense
from elman.layers.gated import GRU, LSTM
from elman.layers.sequential import Recurrent, Sequential, SimpleRNN
from elman.layers.weights import keras_parameters, read_npz


def generator(seed=0):
    return np.random.default_rng(seed)


def model(seed=0):
    rng = generator(seed)
    return Sequential([SimpleRNN(2, 4, rng=rng), Dense(4, 3, rng=rng)])


def saved(parameters):
    """A weight file of `parameters` in memory."""
    file = io.BytesIO()
    np.savez(file, **parameters)
    file.seek(0)
    return file


def test_keras_parameters_of_a_simple_layer():
    like = Sequential([SimpleRNN(3, 40, rng=generator()), Dense(40, 2, rng=generator())]).parameters
    drawn = keras_parameters(like, rng=generator(1))
    assert {name: p.shape for name, p in drawn.items()} == {n: p.shape for n, p in like.items()}
    recurrent = drawn["0.weight_hh_l0"]
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(40), atol=1e-13)
    assert not drawn["0.bias_ih_l0"].any()
    assert not drawn["1.bias"].any()
    for name, inputs, outputs in (("0.weight_ih_l0", 3, 40), ("1.weight", 40, 2)):
        bound = np.sqrt(6 / (inputs + outputs))
        assert 0.9 * bound < np.abs(drawn[name]).max() <= bound
    again = keras_parameters(like, rng=generator(1))
    np.testing.assert_array_equal(again["1.weight"], drawn["1.weight"])


@pytest.mark.parametrize(("kind", "gates"), [(LSTM, 4), (GRU, 3)])
def test_keras_parameters_of_gated_layers(kind, gates):
    drawn = keras_parameters(kind(2, 5, rng=generator()).parameters, rng=generator())
    recurrent = drawn["weight_hh_l0"]
    assert recurrent.shape == (gates * 5, 5)
    np.testing.assert_allclose(recurrent.T @ recurrent, np.eye(5), atol=1e-13)
    forget = np.zeros(gates * 5)
    if kind is LSTM:
        forget[5:10] = 1.0
    np.testing.assert_array_equal(drawn["bias_ih_l0"], forget)
    assert not drawn["bias_hh_l0"].any()


def test_keras_parameters_without_bias():
    drawn = keras_parameters(LSTM(2, 5, bias=False, rng=generator()).parameters, rng=generator())
    assert drawn.keys() == {"weight_ih_l0", "weight_hh_l0"}


def test_file_round_trip(tmp_path):
    first, second = model(0), model(1)
    x = generator(2).normal(size=(5, 3, 2))
    assert not np.allclose(first(x), second(x))
    path = tmp_path / "weights.npz"
    first.save(path)
    second.load(path)
    np.testing.assert_array_equal(first(x), second(x))
    third, file = model(3), io.BytesIO()
    first.save(file)
    file.seek(0)
    third.load(file)
    np.testing.assert_array_equal(first(x), third(x))


def changed(**changes):
    """The parameters of `model()` with some changed; None leaves one out."""
    parameters = model().parameters | changes
    return {name: p for name, p in parameters.items() if p is not None}


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        (changed(**{"1.bias": None}), r"^parameters: allowed are exactly .*1\.bias"),
        (changed(extra=np.ones(2)), r"^parameters: .*extra\.npy were given"),
        (changed(**{"1.bias": np.ones((1, 3))}), r"^1\.bias: .*\(3,\).*\(1, 3\)"),
        (changed(**{"1.bias": np.full(3, np.nan)}), r"^1\.bias: allowed are finite numbers"),
        (changed(**{"1.bias": np.array(["a", "b", "c"])}), r"^1\.bias: allowed is an array of num"),
        (changed(**{"1.bias": np.ones(100_000)}), r"^1\.bias: .*a larger one was given"),
    ],
    ids=["missing", "unknown", "shape", "not finite", "text", "too large"],
)
def test_files_that_do_not_fit_change_nothing(parameters, problem):
    target = model(1)
    before = target.parameters
    with pytest.raises(ValueError, match=problem):
        target.load(saved(parameters))
    for name, p in target.parameters.items():
        assert p is before[name]


def test_nothing_is_unpickled():
    with pytest.raises(ValueError, match="pickle"):
        model().load(saved(changed(**{"1.bias": np.array([{}, {}, {}], dtype=object)})))


@pytest.mark.parametrize("content", [b"", b"not a zip file", saved({"a": np.ones(3)}).read()[:60]])
def test_other_files_are_refused(content):
    with pytest.raises(ValueError, match=r"^file: allowed is an \.npz file of weights"):
        read_npz(io.BytesIO(content), model().parameters)


def test_damaged_files_are_refused():
    content = bytearray(saved(model().parameters).read())
    content[150] ^= 0xFF
    with pytest.raises(ValueError, match=r"^file: allowed is an \.npz file of weights"):
        read_npz(io.BytesIO(bytes(content)), model().parameters)


def test_zip_of_other_things_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in model().parameters:
            archive.writestr(f"{name}.npy", "not an array")
    with pytest.raises(ValueError, match=r"^file: allowed is an \.npz file of weights"):
        model().load(file)


def test_missing_file_is_not_disguised(tmp_path):
    with pytest.raises(FileNotFoundError):
        model().load(tmp_path / "none.npz")


def test_state_dict_of_two_biases_is_the_parameters():
    original = Sequential([Recurrent(RNN(2, 3, batch_first=True, rng=generator()))])
    mapping = original.state_dict()
    assert mapping.keys() == original.parameters.keys()
    assert mapping["0.weight_ih_l0"] is not original.parameters["0.weight_ih_l0"]
    other = Sequential([Recurrent(RNN(2, 3, batch_first=True, rng=generator(1)))])
    other.load_state_dict(mapping)
    x = generator(2).normal(size=(4, 3, 2))
    np.testing.assert_array_equal(other(x), original(x))
    with pytest.raises(ValueError, match=r"^parameters: allowed are exactly"):
        other.load_state_dict({"0.weight_ih_l0": mapping["0.weight_ih_l0"]})


def test_state_dict_of_a_single_bias_fits_a_layer_with_two():
    single = Sequential([SimpleRNN(2, 3, rng=generator())])
    mapping = single.state_dict()
    assert not mapping["0.bias_hh_l0"].any()
    double = Sequential([Recurrent(RNN(2, 3, batch_first=True, rng=generator(1)))])
    double.load_state_dict(mapping)
    x = generator(2).normal(size=(4, 3, 2))
    np.testing.assert_allclose(double(x), single(x), rtol=1e-14)
    back = Sequential([SimpleRNN(2, 3, rng=generator(5))])
    both = double.state_dict()
    both["0.bias_hh_l0"] = both["0.bias_hh_l0"] + 0.25
    double.load_state_dict(both)
    back.load_state_dict(both)
    np.testing.assert_allclose(back(x), double(x), rtol=1e-14)
