"""The readable reference, against arithmetic by hand and against central differences."""

import math
import re

import numpy as np
import pytest
from differences import assert_close, central_differences, copies

from elman.analysis.gradient_check import OverwrittenContextNetwork
from elman.network import ElmanNetwork, initial_weights, logistic

ACTIVATIONS = ("sigmoid", "tanh", "relu")
SIZES = {"n_input": 2, "n_hidden": 3, "n_output": 2}
NAMES = ("W_ih", "W_hh", "W_ho", "b_h", "b_o")


def network(cls=ElmanNetwork, seed=0, learning_rate=0.5, **options):
    """A small network whose weights are large enough for every slope to matter."""
    options = {"context_start": 0.3, "weight_scale": 0.8} | options
    net = cls(**SIZES, learning_rate=learning_rate, rng=np.random.default_rng(seed), **options)
    net.weights["b_h"] += (0.25, -0.15, 0.4)
    net.weights["b_o"] += (-0.3, 0.2)
    return net


def steps(count, seed=1):
    """Inputs and targets (count, 2) that are no special case."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, 2)), rng.uniform(0, 1, (count, 2))


def gradient_followed(net, x, target):
    """What one step of Elman's cycle subtracted from the weights, at learning rate 1."""
    before = copies(net.weights)
    net.learning_rate = 1.0
    net.train_step(x, target)
    return {name: before[name] - net.weights[name] for name in NAMES}


def check_hand_worked_step(cls=ElmanNetwork):
    """One step whose every number is a short binary fraction.

    x = 1, c = (1/2, 1/2), W_ih = (ln 3, -ln 3), W_hh = ((1, -1), (2, -2)), W_ho = (1, -3), no
    biases. The context cancels out of z = (ln 3, -ln 3), so
        h = (1/(1 + 1/3), 1/(1 + 3)) = (3/4, 1/4)     y = s(3/4 - 3/4) = 1/2.
    With target 1: e = 1/2, and with y (1 - y) = 1/4 the output delta is 1/8. Both hidden slopes
    are 3/16, so the hidden deltas are 3/16 (1, -3) / 8 = (3/128, -9/128). At learning rate 1/2:
        W_ho += (1/16)(3/4, 1/4) = (3/64, 1/64)       b_o += 1/16
        W_ih += (3/256, -9/256)                       b_h the same
        W_hh += (3/256, -9/256) times c = 1/2 in each column.
    """
    net = cls(1, 2, 1, 0.5, rng=np.random.default_rng(0), context_start=0.5)
    start = {
        "W_ih": [[math.log(3)], [-math.log(3)]], "W_hh": [[1.0, -1.0], [2.0, -2.0]],
        "W_ho": [[1.0, -3.0]], "b_h": [0.0, 0.0], "b_o": [0.0],
    }  # fmt: skip
    change = {
        "W_ih": [[3 / 256], [-9 / 256]], "W_hh": [[3 / 512, 3 / 512], [-9 / 512, -9 / 512]],
        "W_ho": [[3 / 64, 1 / 64]], "b_h": [3 / 256, -9 / 256], "b_o": [1 / 16],
    }  # fmt: skip
    for name in NAMES:
        net.weights[name][...] = start[name]
    x = target = np.array([1.0])
    output, error = net.train_step(x, target)
    np.testing.assert_allclose([output, error], 0.5, rtol=1e-14)
    assert_close(net.weights, {n: np.add(start[n], change[n]) for n in NAMES}, rtol=1e-14)
    np.testing.assert_allclose(net.context, [0.75, 0.25], rtol=1e-14)


def check_central_differences(cls, activation, depth, count=6):
    """The followed gradient is that of the last `depth` steps' unrolled loss, the context before
    them held constant: weights nudged by 1e-6 either way, agreement to 1e-8."""
    net = network(cls, activation=activation, depth=depth)
    inputs, targets = steps(count)
    # Learning rate 0 keeps the weights of all steps equal, as the unrolled loss has them.
    net.learning_rate = 0.0
    for x, target in zip(inputs[:-1], targets[:-1], strict=True):
        net.train_step(x, target)
    weights = copies(net.weights)
    followed = gradient_followed(net, inputs[-1], targets[-1])

    reach = min(depth, count)
    constant = unrolled(weights, activation, inputs[: count - reach], np.full(3, 0.3))[0]

    def loss():
        _, outputs = unrolled(weights, activation, inputs[-reach:], constant)
        return 0.5 * np.sum((outputs[-1] - targets[-1]) ** 2)

    assert_close(followed, {n: central_differences(loss, weights[n]) for n in NAMES}, atol=1e-8)


FUNCTIONS = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)), "tanh": math.tanh, "relu": lambda z: max(z, 0.0),
}  # fmt: skip


def unrolled(weights, activation, inputs, context):
    """Last hidden state and all outputs, by the equations and nothing else."""
    outputs = []
    for x in inputs:
        z = weights["b_h"] + weights["W_ih"].dot(x) + weights["W_hh"].dot(context)
        # A nudge must not carry a unit over the kink of relu.
        assert np.abs(z).min() > 1e-4
        context = np.array(list(map(FUNCTIONS[activation], z)))
        z = weights["b_o"] + weights["W_ho"].dot(context)
        outputs.append(list(map(FUNCTIONS["sigmoid"], z)))
    return context, np.array(outputs)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("depth", [1, 2, 4, 6, 10])
def test_the_gradient_agrees_with_central_differences(activation, depth):
    """Depth 6 and 10 reach back through the whole sequence of six steps."""
    check_central_differences(ElmanNetwork, activation, depth)


def test_a_step_worked_by_hand_and_both_checks_catch_a_context_overwritten_too_early():
    check_hand_worked_step()
    with pytest.raises(AssertionError, match="W_hh"):
        check_hand_worked_step(OverwrittenContextNetwork)
    for activation, depth in zip(ACTIVATIONS, (1, 2, 6), strict=True):
        with pytest.raises(AssertionError, match="W_hh"):
            check_central_differences(OverwrittenContextNetwork, activation, depth)


def assert_same_gradient(nets, x, target):
    first, second = (gradient_followed(net, x, target) for net in nets)
    assert_close(first, second)


@pytest.mark.parametrize("since_reset", [0, 1, 2])
def test_no_gradient_flows_back_through_a_reset(since_reset):
    inputs, targets = steps(6)
    nets = [network(depth=depth, learning_rate=0.0) for depth in (5, since_reset + 1)]
    for net in nets:
        for t in range(6):
            if t == 5 - since_reset:
                net.reset_context()
            if t < 5:
                net.train_step(inputs[t], targets[t])
    assert_same_gradient(nets, inputs[5], targets[5])


@pytest.mark.parametrize("reset", [True, False])
def test_no_gradient_flows_back_through_a_prediction(reset):
    """Neither into the predicted steps nor past them into the training before."""
    inputs, targets = steps(6)
    nets = [network(depth=depth, learning_rate=0.0) for depth in (4, 1)]
    for net in nets:
        for x, target in zip(inputs[:3], targets[:3], strict=True):
            net.train_step(x, target)
        net.predict_sequence(inputs[3:5], reset=reset)
    assert_same_gradient(nets, inputs[5], targets[5])


def test_a_step_predicts_learns_and_only_then_copies_the_hidden_layer():
    net, twin = network(), network()
    (x,), (target,) = steps(1)
    output, hidden = net.forward(x)
    np.testing.assert_array_equal(net.backward(x, hidden, output, target), target - output)
    np.testing.assert_array_equal(net.context, np.full(3, 0.3))
    np.testing.assert_array_equal(twin.train_step(x, target), [output, target - output])
    net.update_context(hidden)
    np.testing.assert_array_equal(twin.context, hidden)
    hidden[:] = 9.0
    np.testing.assert_array_equal(net.context, twin.context)
    net.reset_context()
    np.testing.assert_array_equal(net.context, np.full(3, 0.3))


def test_train_sequence_is_its_steps_with_a_reset_before_each_pass():
    sequence = steps(9)[0] / 2 + 0.5
    net, twin = network(momentum=0.3), network(momentum=0.3)
    losses = net.train_sequence(sequence, 3)
    wanted = []
    for _ in range(3):
        twin.reset_context()
        errors = [twin.train_step(sequence[t], sequence[t + 1])[1] for t in range(8)]
        wanted.append(np.mean(np.square(errors)))
    np.testing.assert_allclose(losses, wanted, rtol=1e-14)
    assert_close(net.weights, twin.weights)


def test_predict_sequence_resets_or_goes_on_and_learns_nothing():
    inputs = steps(7)[0]
    net = network()
    before = copies(net.weights)
    whole = net.predict_sequence(inputs)
    np.testing.assert_allclose(
        whole, unrolled(net.weights, "sigmoid", inputs, np.full(3, 0.3))[1], rtol=1e-13
    )
    first, rest = net.predict_sequence(inputs[:4]), net.predict_sequence(inputs[4:], reset=False)
    np.testing.assert_array_equal(np.concatenate([first, rest]), whole)
    assert np.abs(net.predict_sequence(inputs[4:]) - whole[4:]).max() > 1e-3
    assert_close(net.weights, before)


def test_numbers_are_a_sequence_of_one_feature_and_lists_as_good_as_arrays():
    numbers = np.array([0, 1, 1, 0, 1, 0])
    nets = [ElmanNetwork(1, 3, 1, rng=np.random.default_rng(4)) for _ in range(2)]
    flat, column = nets[0].train_sequence(numbers, 2), nets[1].train_sequence(numbers[:, None], 2)
    np.testing.assert_array_equal(flat, column)
    assert nets[0].predict_sequence(numbers).shape == (6, 1)
    assert nets[0].predict_sequence([1]).shape == (1, 1)
    arrays, lists = (network().train_step(*pair) for pair in (np.eye(2), [[1, 0], [0, 1]]))
    np.testing.assert_array_equal(arrays, lists)


@pytest.mark.parametrize("shape", [(0,), (0, 2), (3, 2, 2), (), (1, 2), (4, 3), (4,)])
def test_a_sequence_of_another_shape_is_refused(shape):
    methods = [(2, "s", lambda sequence: network().train_sequence(sequence, 1))]
    methods += [(1, "", network().predict_sequence)] * (shape != (1, 2))
    for least, s, method in methods:
        words = re.escape(f"(steps, 2) of at least {least} step{s}; shape {shape} was given.")
        with pytest.raises(ValueError, match=f"^sequence: allowed is an array {words}$"):
            method(np.zeros(shape))


@pytest.mark.parametrize(("call", "words"), [
    (lambda net: net.train_sequence([[0, 0], [3, 1]], 1), r"sequence: .* scale .*; 3\.0 was"),
    (lambda net: net.train_sequence([[0, 0], [0.5, -1e-9]], 1), r"from 0 to 1.*; -1e-09 was"),
    (lambda net: net.train_sequence([[0, np.nan]] * 2, 1), "finite numbers; nan was"),
    (lambda net: net.train_sequence([[0, None]] * 2, 1), "numbers; None was given in it"),
    (lambda net: net.train_sequence("text", 1), "sequence: .* numbers; str was given"),
    (lambda net: net.train_sequence([[0, 1]] * 2, 2.5), "num_epochs: .* whole number"),
    (lambda net: net.predict_sequence([[np.inf, 0]]), "finite numbers; inf was"),
    (lambda net: net.predict_sequence([[1j, 0]]), "sequence: .* numbers; list was"),
    (lambda net: net.predict_sequence([[1, 0]], reset="no"), "reset: .* True or False; 'no'"),
    (lambda net: net.forward([1.0]), r"x: allowed is an array \(2,\); one of shape \(1,\)"),
    (lambda net: net.train_step([1, 0], 1.0), r"target: .* \(2,\); one of shape \(\)"),
    (lambda net: net.update_context(np.zeros(2)), r"hidden: .* \(3,\); one of shape \(2,\)"),
    (lambda net: ElmanNetwork(1, 2, 3, rng=np.random.default_rng(0)).train_sequence([0, 1], 1),
     r"n_output: allowed is 1, as many as inputs.*; 3 was"),
])  # fmt: skip
def test_what_cannot_be_learned_is_refused_and_changes_nothing(call, words):
    net = network()
    net.train_step(*np.full((2, 2), 0.5))
    before = copies(net.weights | {"context": net.context})
    with pytest.raises(ValueError, match=words):
        call(net)
    assert_close(net.weights | {"context": net.context}, before)


def test_first_weights_have_the_stated_distribution():
    """40,000 draws: the standard deviation is known to 0.4 %, so 2 % is five of its errors."""
    rng = np.random.default_rng(5)
    normal = initial_weights(3, 200, 2, rng=rng, scale=0.3)
    uniform = initial_weights(3, 200, 2, rng=rng, init="uniform", scale=0.3)
    assert {name: w.shape for name, w in normal.items()} == {
        "W_ih": (200, 3), "W_hh": (200, 200), "W_ho": (2, 200), "b_h": (200,), "b_o": (2,),
    }  # fmt: skip
    assert normal["W_hh"].std() == pytest.approx(0.3, rel=0.02)
    assert uniform["W_hh"].std() == pytest.approx(0.3 / math.sqrt(3), rel=0.02)
    assert 0.299 < np.abs(uniform["W_hh"]).max() <= 0.3 < np.abs(normal["W_hh"]).max()
    for weights in (normal, uniform):
        assert abs(weights["W_hh"].mean()) < 0.01
        assert not weights["b_h"].any()
        assert not weights["b_o"].any()
    # They come from the generator alone.
    first, again, other = (network(seed=seed).weights for seed in (3, 3, 4))
    assert_close(first, again)
    assert all((first[name] != other[name]).all() for name in ("W_ih", "W_hh", "W_ho"))


SETTINGS_REFUSED = {
    **dict.fromkeys(SIZES, (0, 2.5, "2x", None, True)),
    "learning_rate": (-1, math.nan, math.inf, "fast"), "momentum": (2, -0.1, math.nan),
    "depth": (0, 1.5, 101), "context_start": (math.nan, 2), "weight_scale": (-0.1, math.inf),
    "activation": ("step", None), "weight_init": ("step", 1), "rng": (0, None),
}  # fmt: skip


@pytest.mark.parametrize(("name", "values"), SETTINGS_REFUSED.items())
def test_settings_that_are_not_allowed_are_refused(name, values):
    for value in values:
        given, shown = {"rng": np.random.default_rng(0)} | {name: value}, re.escape(repr(value))
        with pytest.raises(ValueError, match=f"^{name}: allowed is .*; {shown} was"):
            ElmanNetwork(**SIZES | given)


def test_the_logistic_function_is_safe_far_out():
    np.testing.assert_array_equal(logistic(np.array([-1e9, -800.0, 0, 800.0])), [0, 0, 0.5, 1])
    np.testing.assert_allclose(logistic(np.log([1 / 3, 4.0])), [0.25, 0.8], rtol=1e-15)
