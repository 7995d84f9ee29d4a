"""The simple recurrent layer and what all recurrent layers share."""

import itertools

import numpy as np
import pytest
from differences import check_layer
from hypothesis import given
from hypothesis import strategies as st
from torch_fixtures import case_name, read, relative_differences

from elman.layers import RNN
from elman.layers.gated import GRU, LSTM
from elman.layers.recurrent import dropout_mask
from elman.network import ElmanNetwork

ALL = (RNN, LSTM, GRU)
CASES = [case for case in read("layer") if case["layer"] == "RNN"]


def generator(seed=0):
    return np.random.default_rng(seed)


def numbers(*shape, seed=1):
    return generator(seed).normal(size=shape)


def hidden(state):
    """The hidden state of a state, which for the LSTM is a pair."""
    return state[0] if isinstance(state, tuple) else state


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_equals_pytorch(case):
    layer = RNN(**case["arguments"], rng=generator()).eval()
    differences = relative_differences(layer, case)
    assert max(differences.values()) < 1e-9, differences


def test_fixtures_cover_every_argument():
    cases = read("layer")
    assert len(cases) >= 200
    assert {case["layer"] for case in cases} == {"RNN", "LSTM", "GRU"}
    seen = {
        (case["layer"], name, value) for case in cases for name, value in case["arguments"].items()
    }
    for layer in ("RNN", "LSTM", "GRU"):
        for name in ("bias", "batch_first", "bidirectional"):
            assert {(layer, name, True), (layer, name, False)} <= seen
        assert {(layer, "num_layers", n) for n in (1, 2, 3)} <= seen
        assert {(layer, "dropout", 0.0), (layer, "dropout", 0.3)} <= seen
    assert {("RNN", "nonlinearity", "tanh"), ("RNN", "nonlinearity", "relu")} <= seen
    for name in ("lengths", "h0_given", "grad_h_n_given"):
        assert {bool(case[name]) for case in cases} == {True, False}
    assert any(case["lengths"] and sorted(case["lengths"])[::-1] != case["lengths"]
               for case in cases)  # fmt: skip


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("lengths", [None, [2, 4, 1]])
def test_gradients_by_central_differences(nonlinearity, bidirectional, lengths):
    layer = RNN(2, 3, 2, nonlinearity, dropout=0.4, bidirectional=bidirectional, rng=generator(5))
    check_layer(layer, steps=4, batch=3, lengths=lengths)


def test_single_bias_by_central_differences():
    layer = RNN(2, 3, 2, batch_first=True, single_bias=True, rng=generator(3))
    assert [name for name in layer.parameters if "bias" in name] == ["bias_ih_l0", "bias_ih_l1"]
    assert layer.parameters.keys() == {
        "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "weight_ih_l1", "weight_hh_l1", "bias_ih_l1",
    }  # fmt: skip
    check_layer(layer, steps=3, batch=2)
    assert layer.gradients.keys() == layer.parameters.keys()


def like_network(network):
    """A layer with the hidden weights of `network`."""
    w = network.weights
    layer = RNN(w["W_ih"].shape[1], len(w["b_h"]), rng=generator())
    layer.parameters = {
        "weight_ih_l0": w["W_ih"].copy(),
        "weight_hh_l0": w["W_hh"].copy(),
        "bias_ih_l0": w["b_h"].copy(),
        "bias_hh_l0": np.zeros_like(w["b_h"]),
    }
    return layer


@pytest.mark.parametrize("steps", [1, 6])
def test_backpropagation_through_time_equals_the_network_of_that_depth(steps):
    network = ElmanNetwork(
        3, 5, 2, learning_rate=0.0, rng=generator(7), activation="tanh", depth=steps,
        weight_scale=0.6,
    )  # fmt: skip
    start = network.context = numbers(5, seed=8)
    xs, target = numbers(steps, 3, seed=9), np.array([0.2, 0.9])
    for x in xs[:-1]:
        network.train_step(x, target)
    output, h = network.forward(xs[-1])
    gradient = network.gradients(xs[-1], h, output, target)

    layer = like_network(network)
    _, h_n = layer(xs[:, np.newaxis], start[np.newaxis, np.newaxis])
    np.testing.assert_allclose(h_n[0, 0], h, rtol=1e-14)
    output_delta = (output - target) * output * (1.0 - output)
    layer.backward(None, (network.weights["W_ho"].T @ output_delta)[np.newaxis, np.newaxis])
    for ours, theirs in (("weight_ih_l0", "W_ih"), ("weight_hh_l0", "W_hh"), ("bias_ih_l0", "b_h")):
        np.testing.assert_allclose(layer.gradients[ours], gradient[theirs], rtol=1e-12, atol=1e-16)


def test_one_step_by_hand():
    layer = RNN(1, 1, rng=generator())
    layer.parameters = {
        "weight_ih_l0": np.array([[0.5]]),
        "weight_hh_l0": np.array([[-2.0]]),
        "bias_ih_l0": np.array([0.1]),
        "bias_hh_l0": np.array([0.2]),
    }
    output, h_n = layer([[[3.0]]], [[[0.4]]])
    h = np.tanh(0.5 * 3.0 - 2.0 * 0.4 + 0.1 + 0.2)
    assert output.item() == pytest.approx(h, rel=1e-15)
    assert h_n.item() == output.item()
    grad_x, grad_h0 = layer.backward([[[2.0]]], [[[1.0]]])
    da = 3.0 * (1.0 - h * h)
    assert grad_x.item() == pytest.approx(0.5 * da)
    assert grad_h0.item() == pytest.approx(-2.0 * da)
    assert layer.gradients["weight_ih_l0"].item() == pytest.approx(3.0 * da)
    assert layer.gradients["weight_hh_l0"].item() == pytest.approx(0.4 * da)


@pytest.mark.parametrize("kind", ALL)
def test_reversed_input_swaps_the_halves_of_a_bidirectional_layer(kind):
    layer = kind(2, 3, bidirectional=True, rng=generator())
    swapped = kind(2, 3, bidirectional=True, rng=generator())
    for name, p in layer.parameters.items():
        other = name.removesuffix("_reverse") if name.endswith("_reverse") else name + "_reverse"
        swapped.parameters[other] = p
    x = numbers(5, 4, 2)
    output, state = layer(x)
    mirrored, mirrored_state = swapped(x[::-1])
    np.testing.assert_allclose(mirrored[::-1, :, :3], output[:, :, 3:], rtol=1e-13)
    np.testing.assert_allclose(mirrored[::-1, :, 3:], output[:, :, :3], rtol=1e-13)
    np.testing.assert_allclose(hidden(mirrored_state)[::-1], hidden(state), rtol=1e-13)
    assert not np.allclose(output[:, :, :3], output[:, :, 3:])


@pytest.mark.parametrize("kind", ALL)
@given(
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    layers=st.integers(1, 2),
    bidirectional=st.booleans(),
    batch_first=st.booleans(),
    garbage=st.sampled_from([0.0, 7.5, np.inf, np.nan]),
)
def test_padding_never_changes_a_result(kind, lengths, layers, bidirectional, batch_first, garbage):
    steps, batch = 5, len(lengths)
    layer = kind(2, 3, layers, bidirectional=bidirectional, rng=generator(4))
    x = numbers(steps, batch, 2, seed=sum(lengths))
    padding = np.arange(steps)[:, np.newaxis] >= lengths
    x[padding] = garbage
    weights = numbers(steps, batch, layer.output_size, seed=2)
    ends = numbers(layers * layer.num_directions, batch, 3, seed=3)
    grad_ends = (ends, 2.0 * ends) if kind is LSTM else ends

    expected = {name: np.zeros_like(p) for name, p in layer.parameters.items()}
    alone = []
    for k, n in enumerate(lengths):
        output, h_n = layer(x[:n, k : k + 1])
        one = ends[:, k : k + 1]
        grad_x, grad_h0 = layer.backward(
            weights[:n, k : k + 1], (one, 2.0 * one) if kind is LSTM else one
        )
        alone.append((output, hidden(h_n), grad_x, hidden(grad_h0)))
        for name, g in layer.gradients.items():
            expected[name] += g

    # Upstream gradients in the padding belong to no output and must not count.
    weights[padding] = np.nan
    if batch_first:
        layer.batch_first = True
        output, h_n = layer(x.swapaxes(0, 1), lengths=lengths)
        grad_x, grad_h0 = layer.backward(weights.swapaxes(0, 1), grad_ends)
        output, grad_x = output.swapaxes(0, 1), grad_x.swapaxes(0, 1)
    else:
        output, h_n = layer(x, lengths=np.array(lengths))
        grad_x, grad_h0 = layer.backward(weights, grad_ends)
    assert not output[padding].any()
    assert not grad_x[padding].any()
    for k, n in enumerate(lengths):
        rows = slice(k, k + 1)
        together = (output[:n, rows], hidden(h_n)[:, rows], grad_x[:n, rows],
                    hidden(grad_h0)[:, rows])  # fmt: skip
        for got, wanted in zip(together, alone[k], strict=True):
            np.testing.assert_allclose(got, wanted, rtol=1e-11, atol=1e-13)
    for name, g in layer.gradients.items():
        np.testing.assert_allclose(g, expected[name], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("kind", ALL)
def test_batch_first_is_a_transpose(kind):
    arguments = {"num_layers": 2, "bidirectional": True}
    steps_first = kind(2, 3, **arguments, rng=generator())
    batch_first = kind(2, 3, batch_first=True, **arguments, rng=generator())
    x, weights = numbers(5, 4, 2), numbers(5, 4, 6, seed=2)
    output, h_n = steps_first(x)
    output_b, h_n_b = batch_first(x.swapaxes(0, 1))
    assert output_b.shape == (4, 5, 6)
    np.testing.assert_array_equal(output_b.swapaxes(0, 1), output)
    np.testing.assert_array_equal(hidden(h_n_b), hidden(h_n))
    grad_x, _ = steps_first.backward(weights)
    grad_x_b, _ = batch_first.backward(weights.swapaxes(0, 1))
    np.testing.assert_array_equal(grad_x_b.swapaxes(0, 1), grad_x)
    for name, g in steps_first.gradients.items():
        np.testing.assert_array_equal(batch_first.gradients[name], g)


@pytest.mark.parametrize("kind", ALL)
def test_final_state_is_the_output_at_each_end(kind):
    layer = kind(2, 3, bidirectional=True, rng=generator())
    output, h_n = layer(numbers(5, 3, 2), lengths=[2, 5, 3])
    for k, n in enumerate((2, 5, 3)):
        np.testing.assert_array_equal(hidden(h_n)[0, k], output[n - 1, k, :3])
        np.testing.assert_array_equal(hidden(h_n)[1, k], output[0, k, 3:])


@pytest.mark.parametrize("kind", ALL)
def test_state_carries_over_to_the_rest_of_the_sequence(kind):
    layer = kind(2, 3, 2, rng=generator())
    x = numbers(6, 4, 2)
    whole, end = layer(x)
    first, middle = layer(x[:4])
    second, last = layer(x[4:], middle)
    np.testing.assert_allclose(np.concatenate([first, second]), whole, rtol=1e-13)
    np.testing.assert_allclose(hidden(last), hidden(end), rtol=1e-13)


@pytest.mark.parametrize("kind", ALL)
def test_caller_may_change_what_was_given_and_returned(kind):
    layer = kind(2, 3, 2, bidirectional=True, rng=generator())
    x, weights = numbers(4, 3, 2), numbers(4, 3, 6, seed=2)
    layer(x)
    grad_x, _ = layer.backward(weights)
    expected = {"x": grad_x.copy()} | {name: g.copy() for name, g in layer.gradients.items()}
    parameters = {name: p.copy() for name, p in layer.parameters.items()}
    output, h_n = layer(x)
    x[:] = output[:] = hidden(h_n)[:] = 99.0
    for _ in range(2):
        grad_x, grad_h0 = layer.backward(weights)
        np.testing.assert_array_equal(grad_x, expected["x"])
        for name, g in layer.gradients.items():
            np.testing.assert_array_equal(g, expected[name])
        grad_x[:] = hidden(grad_h0)[:] = 99.0
    np.testing.assert_array_equal(weights, numbers(4, 3, 6, seed=2))
    for name, p in layer.parameters.items():
        np.testing.assert_array_equal(p, parameters[name])


@pytest.mark.parametrize("kind", ALL)
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
    expected = {}
    for layer_number, reverse in itertools.product((0, 1), ("", "_reverse")):
        suffix = f"_l{layer_number}{reverse}"
        expected["weight_ih" + suffix] = (gates * 40, 5 if layer_number == 0 else 80)
        expected["weight_hh" + suffix] = (gates * 40, 40)
        expected["bias_ih" + suffix] = expected["bias_hh" + suffix] = (gates * 40,)
    assert {name: p.shape for name, p in layer.parameters.items()} == expected
    bound = np.sqrt(1 / 40)
    everything = np.concatenate([p.ravel() for p in layer.parameters.values()])
    assert 0.99 * bound < np.abs(everything).max() <= bound
    # Five standard deviations of the mean of that many uniform draws.
    assert abs(everything.mean()) < 5 * bound / np.sqrt(3 * everything.size)
    bare = kind(5, 40, 2, bias=False, bidirectional=True, rng=generator())
    assert not any("bias" in name for name in bare.parameters)


@pytest.mark.parametrize("kind", ALL)
def test_longest_length_may_be_shorter_than_the_array(kind):
    layer = kind(2, 3, bidirectional=True, rng=generator())
    x = numbers(6, 2, 2)
    output, h_n = layer(x, lengths=[2, 3])
    shorter, shorter_end = layer(x[:3], lengths=[2, 3])
    np.testing.assert_array_equal(output[:3], shorter)
    assert not output[3:].any()
    np.testing.assert_array_equal(hidden(h_n), hidden(shorter_end))


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
    ("name", "arguments"),
    [
        ("x", {"x": np.ones((4, 3))}),
        ("x", {"x": np.ones((4, 3, 5))}),
        ("x", {"x": np.ones((0, 3, 2))}),
        ("x", {"x": [["a", "b"]]}),
        ("h0", {"h0": np.ones((2, 3, 3))}),
        ("h0", {"h0": np.ones((1, 3, 4))}),
        ("lengths", {"lengths": [1, 2]}),
        ("lengths", {"lengths": [0, 2, 4]}),
        ("lengths", {"lengths": [1, 2, 5]}),
        ("lengths", {"lengths": [1.0, 2.0, 3.0]}),
    ],
)
def test_bad_inputs_are_named(name, arguments):
    layer = RNN(2, 3, rng=generator())
    with pytest.raises(ValueError, match=rf"^{name}: allowed "):
        layer(**{"x": np.ones((4, 3, 2))} | arguments)


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
