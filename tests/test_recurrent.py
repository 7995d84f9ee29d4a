"""The simple recurrent layer and what all recurrent layers share."""

import numpy as np
import pytest
from differences import assert_close, check_layer, copies, generator, numbers
from hypothesis import given
from hypothesis import strategies as st
from pairwise import pairwise
from torch_fixtures import case_name, read, relative_differences

from elman.layers import GRU, LSTM, RNN
from elman.layers.recurrent import dropout_mask

KINDS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
CASES = read("layer")
every_kind = pytest.mark.parametrize("kind", KINDS.values())


def hidden(state):
    """The hidden state of a state, which for the LSTM is a pair."""
    return state[0] if isinstance(state, tuple) else state


@pytest.mark.parametrize("kind", KINDS)
def test_equals_pytorch(kind):
    for case in (case for case in CASES if case["layer"] == kind):
        layer = KINDS[kind](**case["arguments"], rng=generator()).eval()
        differences = relative_differences(layer, case)
        assert max(differences.values()) < 1e-9, (case_name(case), differences)


@pytest.mark.parametrize(("kind", "both", "lengths", "layers", "bias"), [
    *pairwise(KINDS, (False, True), (None, (2, 4, 1)), (1, 2), (False, True)),
    ("RNN", False, None, 2, "single"),
])  # fmt: skip
def test_gradients_by_central_differences(kind, both, lengths, layers, bias):
    options = {"dropout": 0.4, "bidirectional": both, "rng": generator(5)}
    # A layer of one bias takes the batch first here.
    options |= {"single_bias": True, "batch_first": True} if bias == "single" else {"bias": bias}
    layer = KINDS[kind](2, 2, layers, **options)
    check_layer(layer, steps=4, batch=3, lengths=lengths)
    assert layer.gradients.keys() == layer.parameters.keys()
    biases = {name.partition("_l")[0] for name in layer.parameters if "bias" in name}
    assert biases == {"single": {"bias_ih"}, False: set()}.get(bias, {"bias_ih", "bias_hh"})


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
    assert not any(result[padding].any() for result in together[:2])
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

    def make(layers=2, **options):
        return kind(2, 3, layers, **options, rng=generator())

    plain, dropping = make()(x)[0], make(dropout=0.5)
    assert dropping.training
    np.testing.assert_array_equal(dropping.eval()(x)[0], plain)
    trained, again = dropping.train()(x)[0], make(dropout=0.5)
    assert not np.allclose(trained, plain)
    # The last layer's own output is not dropped, and neither is the input.
    assert (trained != 0.0).all()
    np.testing.assert_array_equal(make(1, dropout=0.5)(x)[0], make(1)(x)[0])
    np.testing.assert_array_equal(again(x)[0], trained)
    assert not np.array_equal(again(x)[0], trained)
    # With everything dropped the second layer sees nothing of the input.
    deaf = make(dropout=1.0)
    np.testing.assert_array_equal(deaf(x)[0], deaf(2.0 * x)[0])


def test_dropout_mask_keeps_the_mean():
    mask = dropout_mask(0.3, (200, 500), rng=generator())
    assert set(np.unique(mask)) == {0.0, 1.0 / 0.7}
    # Five standard deviations of the mean of 100,000 draws.
    assert abs(mask.mean() - 1.0) < 5 * np.sqrt(0.3 / 0.7 / mask.size)
    for rate in (0.0, 1.0):
        assert (dropout_mask(rate, (3,), rng=generator()) == 1.0 - rate).all()


@pytest.mark.parametrize(("kind", "gates"), [(RNN, 1), (LSTM, 4), (GRU, 3)])
def test_parameter_names_shapes_and_first_values(kind, gates):
    layer = kind(5, 40, 2, bidirectional=True, rng=generator())
    rows, inputs = gates * 40, {"_l0": 5, "_l0_reverse": 5, "_l1": 80, "_l1_reverse": 80}
    expected = {f"weight_ih{suffix}": (rows, width) for suffix, width in inputs.items()}
    expected |= {f"weight_hh{suffix}": (rows, 40) for suffix in inputs}
    expected |= {f"bias_{part}{suffix}": (rows,) for suffix in inputs for part in ("ih", "hh")}
    assert {name: p.shape for name, p in layer.parameters.items()} == expected
    bound = np.sqrt(1 / 40)
    everything = np.concatenate([p.ravel() for p in layer.parameters.values()])
    assert 0.99 * bound < np.abs(everything).max() <= bound
    # Five standard deviations of the mean of that many uniform draws.
    assert abs(everything.mean()) < 5 * bound / np.sqrt(3 * everything.size)
    # As in R, None is the default.
    assert RNN(2, 3, nonlinearity=None, rng=generator()).nonlinearity == "tanh"


def make(**changes):
    return RNN(**{"input_size": 2, "hidden_size": 3, "rng": generator()} | changes)


def call(**changes):
    return make()(**{"x": np.ones((4, 3, 2))} | changes)


REFUSED = [
    *((make, name, value) for name, value in (
        ("input_size", 0), ("hidden_size", 2.5), ("num_layers", "two"), ("dropout", 1.1),
        ("dropout", -0.1), ("bias", "no"), ("batch_first", 1), ("bidirectional", None),
        ("nonlinearity", "sigmoid"), ("rng", 7), ("single_bias", "yes"))),
    *((call, "x", np.ones(shape)) for shape in ((4, 3), (4, 3, 5), (0, 3, 2))),
    *((call, "x", x) for x in ([["a", "b"]], [[[1.0, None]]], [[["1", "2"]]], [[[1j, 1]]])),
    *((call, "h0", np.ones(shape)) for shape in ((2, 3, 3), (1, 3, 4))),
    *((call, "lengths", some) for some in ([1, 2], [0, 2, 4], [1, 2, 5], [1.0, 2.0, 3.0])),
]  # fmt: skip


@pytest.mark.parametrize(("function", "name", "value"), REFUSED)
def test_bad_arguments_are_named(function, name, value):
    with pytest.raises(ValueError, match=rf"^{name}: allowed .* given( in it)?\.$"):
        function(**{name: value})


def test_backward_checks_its_order_and_shapes():
    layer = make()
    with pytest.raises(RuntimeError, match="call the layer"):
        layer.backward(np.ones((4, 3, 3)))
    layer(np.ones((4, 3, 2)))
    with pytest.raises(ValueError, match=r"^grad_output: .*\(4, 3, 3\).*\(4, 3, 2\)"):
        layer.backward(np.ones((4, 3, 2)))
    with pytest.raises(ValueError, match=r"^grad_h_n: "):
        layer.backward(None, np.ones((1, 3, 2)))
    assert not any(gradient.any() for gradient in layer.backward(None))


def test_lstm_states_come_in_pairs():
    layer, x, state = LSTM(2, 3, rng=generator()), np.ones((4, 5, 2)), np.ones((1, 5, 3))
    for bad, allowed in ((state, "a pair of arrays"), ((state, np.zeros((1, 4, 3))), "an array")):
        with pytest.raises(ValueError, match=rf"^h0: allowed is {allowed} \(1, 5, 3\)"):
            layer(x, bad)
    output, _ = layer(x, (None, state))
    with pytest.raises(ValueError, match=r"^grad_h_n: allowed is a pair"):
        layer.backward(np.ones_like(output), state)
    grad_x, grads = layer.backward(None, (state, None))
    assert [a.shape for a in (grad_x, *grads)] == [x.shape, state.shape, state.shape]
