"""The simple recurrent layer and what all recurrent layers share."""

import numpy as np
import pytest
from differences import assert_close, check_layer, copies
from hypothesis import given
from hypothesis import strategies as st
from pairwise import pairwise
from torch_fixtures import case_name, read, relative_differences

from elman.layers import GRU, LSTM, RNN
from elman.layers.recurrent import dropout_mask

KINDS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
CASES = read("layer")
every_kind = pytest.mark.parametrize("kind", KINDS.values())


def generator(seed=0):
    return np.random.default_rng(seed)


def numbers(*shape, seed=1):
    return generator(seed).normal(size=shape)


def hidden(state):
    """The hidden state of a state, which for the LSTM is a pair."""
    return state[0] if isinstance(state, tuple) else state


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_equals_pytorch(case):
    layer = KINDS[case["layer"]](**case["arguments"], rng=generator()).eval()
    differences = relative_differences(layer, case)
    assert max(differences.values()) < 1e-9, differences


def test_fixtures_cover_every_argument():
    assert len(CASES) >= 200
    seen = {(c["layer"], name, value) for c in CASES for name, value in c["arguments"].items()}
    both, some = (False, True), {"num_layers": (1, 2, 3), "dropout": (0.0, 0.3)}
    some |= dict.fromkeys(("bias", "batch_first", "bidirectional"), both)
    assert {(kind, name, value) for kind in KINDS for name in some for value in some[name]} <= seen
    assert {("RNN", "nonlinearity", "tanh"), ("RNN", "nonlinearity", "relu")} <= seen
    for name in ("lengths", "h0_given", "grad_h_n_given"):
        assert {bool(case[name]) for case in CASES} == {True, False}
    assert any(c["lengths"] and sorted(c["lengths"])[::-1] != c["lengths"] for c in CASES)


@pytest.mark.parametrize(
    ("kind", "both", "lengths", "layers", "bias"),
    pairwise(KINDS, (False, True), (None, (2, 4, 1)), (1, 2), (False, True)),
)
def test_gradients_by_central_differences(kind, both, lengths, layers, bias):
    rng = generator(5)
    layer = KINDS[kind](2, 2, layers, bias=bias, dropout=0.4, bidirectional=both, rng=rng)
    check_layer(layer, steps=4, batch=3, lengths=lengths)


def test_single_bias_by_central_differences():
    layer = RNN(2, 3, 2, batch_first=True, single_bias=True, rng=generator(3))
    assert layer.parameters.keys() == {
        "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "weight_ih_l1", "weight_hh_l1", "bias_ih_l1",
    }  # fmt: skip
    check_layer(layer, steps=3, batch=2)
    assert layer.gradients.keys() == layer.parameters.keys()


@every_kind
def test_huge_inputs_saturate_without_overflow(kind):
    layer = kind(2, 3, rng=generator())
    with np.errstate(all="raise", under="ignore"):
        output, _ = layer(np.full((3, 2, 2), 1e6))
        grad_x, _ = layer.backward(np.ones_like(output))
    assert np.isfinite(output).all()
    assert np.isfinite(grad_x).all()


@every_kind
@given(
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    layers=st.integers(1, 2),
    bidirectional=st.booleans(),
    garbage=st.sampled_from([0.0, 7.5, np.inf, np.nan]),
)
def test_padding_never_changes_a_result(kind, lengths, layers, bidirectional, garbage):
    steps, batch = 5, len(lengths)
    layer = kind(2, 3, layers, bidirectional=bidirectional, rng=generator(4))
    x = numbers(steps, batch, 2, seed=sum(lengths))
    padding = np.arange(steps)[:, np.newaxis] >= lengths
    x[padding] = garbage
    weights = numbers(steps, batch, layer.output_size, seed=2)
    ends = numbers(layers * layer.num_directions, batch, 3, seed=3)

    def results(x, weights, ends, lengths=None):
        output, h_n = layer(x, lengths=lengths)
        grad_x, grad_h0 = layer.backward(weights, (ends, 2.0 * ends) if kind is LSTM else ends)
        return output, grad_x, hidden(h_n), hidden(grad_h0)

    expected = {name: np.zeros_like(p) for name, p in layer.parameters.items()}
    alone = []
    for k, n in enumerate(lengths):
        alone.append(results(x[:n, k : k + 1], weights[:n, k : k + 1], ends[:, k : k + 1]))
        expected = {name: g + layer.gradients[name] for name, g in expected.items()}

    # Upstream gradients in the padding belong to no output and must not count.
    weights[padding] = np.nan
    together = results(x, weights, ends, np.array(lengths))
    for result in together[:2]:
        assert not result[padding].any()
    for k, n in enumerate(lengths):
        for got, wanted, until in zip(together, alone[k], (n, n, None, None), strict=True):
            np.testing.assert_allclose(got[:until, k : k + 1], wanted, rtol=1e-11, atol=1e-13)
    assert_close(layer.gradients, expected, rtol=1e-11, atol=1e-12)


@every_kind
@pytest.mark.parametrize("units", [1, 3])
def test_caller_may_change_what_was_given_and_returned(kind, units):
    layer = kind(2, units, 2, bidirectional=True, rng=generator())
    x, weights = numbers(4, 3, 2), numbers(4, 3, 2 * units, seed=2)
    layer(x)
    grad_x, _ = layer.backward(weights)
    expected, parameters = copies({"x": grad_x} | layer.gradients), copies(layer.parameters)
    output, h_n = layer(x)
    x[:] = output[:] = hidden(h_n)[:] = 99.0
    for _ in range(2):
        grad_x, grad_h0 = layer.backward(weights)
        assert_close({"x": grad_x} | layer.gradients, expected)
        grad_x[:] = hidden(grad_h0)[:] = 99.0
    np.testing.assert_array_equal(weights, numbers(4, 3, 2 * units, seed=2))
    assert_close(layer.parameters, parameters)


@every_kind
def test_dropout_works_between_layers_and_only_in_training(kind):
    x = numbers(4, 3, 2)
    plain = kind(2, 3, 2, rng=generator())
    dropping = kind(2, 3, 2, dropout=0.5, rng=generator())
    assert dropping.training
    np.testing.assert_array_equal(dropping.eval()(x)[0], plain(x)[0])
    trained = dropping.train()(x)[0]
    assert not np.allclose(trained, plain(x)[0])
    # The last layer's own output is not dropped, and neither is the input.
    assert (trained != 0.0).all()
    np.testing.assert_array_equal(
        kind(2, 3, dropout=0.5, rng=generator())(x)[0], kind(2, 3, rng=generator())(x)[0]
    )
    again = kind(2, 3, 2, dropout=0.5, rng=generator())
    np.testing.assert_array_equal(again(x)[0], trained)
    assert not np.array_equal(again(x)[0], trained)
    # With everything dropped the second layer sees nothing of the input.
    deaf = kind(2, 3, 2, dropout=1.0, rng=generator())
    np.testing.assert_array_equal(deaf(x)[0], deaf(2.0 * x)[0])


def test_dropout_mask_keeps_the_mean():
    mask = dropout_mask(0.3, (200, 500), rng=generator())
    kept = 1.0 / 0.7
    assert set(np.unique(mask)) == {0.0, kept}
    # Five standard deviations of the mean of 100,000 draws.
    assert abs(mask.mean() - 1.0) < 5 * np.sqrt(0.3 / 0.7 / mask.size)
    assert not dropout_mask(1.0, (3,), rng=generator()).any()
    assert (dropout_mask(0.0, (3,), rng=generator()) == 1.0).all()


@pytest.mark.parametrize(("kind", "gates"), [(RNN, 1), (LSTM, 4), (GRU, 3)])
def test_parameter_names_shapes_and_first_values(kind, gates):
    layer = kind(5, 40, 2, bidirectional=True, rng=generator())
    rows, expected = gates * 40, {}
    for suffix, inputs in (("_l0", 5), ("_l0_reverse", 5), ("_l1", 80), ("_l1_reverse", 80)):
        expected |= {f"weight_ih{suffix}": (rows, inputs), f"weight_hh{suffix}": (rows, 40)}
        expected |= {f"bias_ih{suffix}": (rows,), f"bias_hh{suffix}": (rows,)}
    assert {name: p.shape for name, p in layer.parameters.items()} == expected
    bound = np.sqrt(1 / 40)
    everything = np.concatenate([p.ravel() for p in layer.parameters.values()])
    assert 0.99 * bound < np.abs(everything).max() <= bound
    # Five standard deviations of the mean of that many uniform draws.
    assert abs(everything.mean()) < 5 * bound / np.sqrt(3 * everything.size)
    bare = kind(5, 40, 2, bias=False, bidirectional=True, rng=generator())
    assert not any("bias" in name for name in bare.parameters)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("input_size", 0), ("hidden_size", 2.5), ("num_layers", "two"), ("dropout", 1.1),
        ("dropout", -0.1), ("bias", "no"), ("batch_first", 1), ("bidirectional", None),
        ("nonlinearity", "sigmoid"), ("rng", 7), ("single_bias", "yes"),
    ],
)  # fmt: skip
def test_bad_arguments_are_named(name, value):
    arguments = {"input_size": 2, "hidden_size": 3, "rng": generator()} | {name: value}
    with pytest.raises(ValueError, match=rf"^{name}: allowed is .* given\.$"):
        RNN(**arguments)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x", np.ones((4, 3))), ("x", np.ones((4, 3, 5))), ("x", np.ones((0, 3, 2))),
        ("x", [["a", "b"]]),
        ("x", [[[1.0, None]]]), ("x", np.ones((4, 3, 2)) * 1j), ("x", [[["1", "2"]]]),
        ("h0", np.ones((2, 3, 3))), ("h0", np.ones((1, 3, 4))),
        ("lengths", [1, 2]), ("lengths", [0, 2, 4]), ("lengths", [1, 2, 5]),
        ("lengths", [1.0, 2.0, 3.0]),
    ],
)  # fmt: skip
def test_bad_inputs_are_named(name, value):
    with pytest.raises(ValueError, match=rf"^{name}: allowed "):
        RNN(2, 3, rng=generator())(**{"x": np.ones((4, 3, 2))} | {name: value})


def test_no_nonlinearity_is_the_default_as_in_r():
    assert RNN(2, 3, nonlinearity=None, rng=generator()).nonlinearity == "tanh"


def test_backward_checks_its_order_and_shapes():
    layer = RNN(2, 3, rng=generator())
    with pytest.raises(RuntimeError, match="call the layer"):
        layer.backward(np.ones((4, 3, 3)))
    layer(np.ones((4, 3, 2)))
    with pytest.raises(ValueError, match=r"^grad_output: .*\(4, 3, 3\).*\(4, 3, 2\)"):
        layer.backward(np.ones((4, 3, 2)))
    with pytest.raises(ValueError, match=r"^grad_h_n: "):
        layer.backward(None, np.ones((1, 3, 2)))
    grad_x, grad_h0 = layer.backward(None)
    assert not grad_x.any()
    assert not grad_h0.any()


def test_lstm_states_come_in_pairs():
    layer, x, state = LSTM(2, 3, rng=generator()), np.ones((4, 5, 2)), np.ones((1, 5, 3))
    with pytest.raises(ValueError, match=r"^h0: allowed is a pair of arrays \(1, 5, 3\)"):
        layer(x, state)
    with pytest.raises(ValueError, match=r"^h0: allowed is an array \(1, 5, 3\)"):
        layer(x, (state, np.zeros((1, 4, 3))))
    output, _ = layer(x, (None, state))
    with pytest.raises(ValueError, match=r"^grad_h_n: allowed is a pair"):
        layer.backward(np.ones_like(output), state)
    grad_x, (grad_h0, grad_c0) = layer.backward(None, (state, None))
    assert grad_x.shape == x.shape
    assert grad_h0.shape == grad_c0.shape == (1, 5, 3)
