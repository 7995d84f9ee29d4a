"""Gradients against lag, products of Jacobians, the gradient check and clipping."""

import functools

import numpy as np
import pandas as pd
import pytest
from differences import assert_close, central_differences, copies
from drawing import Drawing
from hand_made import played

from elman import Experiment, run
from elman.analysis import gradient_check, gradients
from elman.charts import gradients as gradient_charts
from elman.charts.diagrams import unrolled_network
from elman.network import ElmanNetwork, activate, initial_weights, logistic
from elman.studies import clipping
from elman.tasks import training_sequence

EXPERIMENT = Experiment(length=300, hidden=5, epochs=1)
SEQUENCE = training_sequence(EXPERIMENT)


def random_trace(activation="tanh", reset="epoch", hidden=5, steps=300):
    """A network with large random weights on the first steps of the XOR sequence."""
    experiment = EXPERIMENT.replace(hidden=hidden, reset=reset, activation=activation)
    rng = np.random.default_rng(0)
    weights = initial_weights(1, hidden, 1, rng=rng, scale=0.7)
    weights["b_h"] += rng.normal(size=hidden) * 0.3
    return gradients.trace(weights, experiment, SEQUENCE, steps=steps)


@pytest.mark.parametrize(
    ("reset", "window"), [("epoch", 300), ("growing", 300), ("group", 3), ("step", 1)]
)
def test_a_trace_repeats_what_the_run_computed(reset, window):
    result = run(EXPERIMENT.replace(reset=reset, epochs=5, context_start=0.5))
    trace = gradients.trace(result.final, result.experiment, result.sequence, steps=40)
    outputs, states = played(result, result.sequence, range(0, 300, window))
    contexts = np.vstack([np.full(5, 0.5), states[:39]])
    contexts[::window] = 0.5
    np.testing.assert_array_equal(trace.reach, np.arange(40) % window)
    np.testing.assert_allclose(trace.contexts, contexts, rtol=1e-13)
    np.testing.assert_allclose(trace.states, states[:40], rtol=1e-13)
    np.testing.assert_allclose(trace.outputs, outputs[:40], rtol=1e-13)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_the_gradient_at_every_lag_is_that_of_central_differences(activation):
    trace = random_trace(activation)
    w, last = trace.weights, 20

    def error(h, lag):
        for x in trace.inputs[last - lag + 1 : last + 1]:
            h = activate(activation, w["W_ih"] @ x + w["W_hh"] @ h + w["b_h"])
        e = trace.targets[last] - logistic(w["W_ho"] @ h + w["b_o"])
        return 0.5 * float(e @ e)

    for lag, found in enumerate(gradients.reaching_back(trace, np.array([last]), 6)[:, 0]):
        h = trace.states[last - lag].copy()
        numeric = central_differences(functools.partial(error, h, lag), h)
        np.testing.assert_allclose(found, numeric, rtol=1e-5, atol=1e-10)


@pytest.mark.parametrize("depth", [1, 2, 3, 7])
def test_every_depth_sums_to_the_gradient_that_the_network_follows(depth):
    trace = random_trace("sigmoid", reset="group")
    network = ElmanNetwork(1, 5, 1, rng=np.random.default_rng(0), depth=depth, learning_rate=0.0)
    network.weights = trace.weights
    total = np.zeros(5 * (1 + 5 + 1))
    for t, (x, target) in enumerate(zip(trace.inputs, trace.targets, strict=True)):
        if trace.reach[t] == 0:
            network.reset_context()
        output, hidden = network.forward(x)
        g = network.gradients(x, hidden, output, target)
        if t in gradients.ends(trace, 7):
            total += np.hstack([g["W_ih"], g["W_hh"], g["b_h"][:, np.newaxis]]).ravel()
        network.backward(x, hidden, output, target)
        network.update_context(hidden)
    table = gradients.by_depth(trace, 7)
    assert table["norm"][depth - 1] == pytest.approx(np.linalg.norm(total), rel=1e-12)


def test_what_is_left_at_a_lag_is_the_same_whatever_the_longest_lag():
    short, long = (gradients.by_lag(random_trace("sigmoid"), lags, 4) for lags in (5, 60))
    pd.testing.assert_frame_equal(short, long[:6])


def test_a_single_linear_unit_by_hand():
    # One rectified unit that stays positive: every Jacobian is its context weight 0.5.
    weights = {
        "W_ih": np.array([[1.0]]), "W_hh": np.array([[0.5]]), "W_ho": np.array([[2.0]]),
        "b_h": np.array([1.0]), "b_o": np.array([0.0]),
    }  # fmt: skip
    experiment = EXPERIMENT.replace(hidden=1, activation="relu")
    trace = gradients.trace(weights, experiment, SEQUENCE)
    table = gradients.by_lag(trace, 10, depth=3)
    lags = np.arange(11)
    np.testing.assert_allclose(table["relative"], 0.5**lags, rtol=1e-12)
    np.testing.assert_allclose(table["full"], table["full"][0] * 0.5**lags, rtol=1e-12)
    np.testing.assert_array_equal(table["truncated"], table["full"] * (lags < 3))
    np.testing.assert_array_equal(table["one_step"], table["full"] * (lags < 1))
    products = gradients.jacobian_products(trace, 10)
    for column in ("norm", "limit"):
        np.testing.assert_allclose(products[column], 0.5**lags, rtol=1e-12)
    assert gradients.stretch_limit(trace) == 0.5
    assert gradients.describe_reach(table, 3) == (
        "One step back the gradient is 50% of its size at lag 0; 7 steps back less than 1% is "
        "left: it vanishes (medians over 200 steps). The one-step gradient uses lag 0 alone, the "
        "truncated one lags 0 to 2: to the weights into the hidden layer it gives another "
        "gradient, to those into the outputs the same."
    )


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_products_of_jacobians_by_singular_values_and_below_their_limit(activation):
    trace = random_trace(activation, hidden=7)
    at = gradients.ends(trace, 9, most=40)
    table = gradients.jacobian_products(trace, 9)
    w = trace.weights["W_hh"]
    for lag in (1, 4, 9):
        products = [
            functools.reduce(np.matmul, [np.diag(trace.slopes[t - k]) @ w for k in range(lag)])
            for t in at
        ]
        norms = np.linalg.svd(products, compute_uv=False)[:, 0]
        wanted = [min(norms), np.median(norms), max(norms)]
        np.testing.assert_allclose(table.loc[lag, ["low", "norm", "high"]], wanted, rtol=1e-9)
    assert (table["high"] <= table["limit"] * (1 + 1e-12)).all()
    far = gradients.reaching_back(trace, at, 9)
    first, last = np.linalg.norm(far[[0, 9]], axis=-1)
    assert (last <= first * table["high"][9] * (1 + 1e-12)).all()


@pytest.mark.parametrize(("reset", "steps", "longest", "said"), [
    ("group", 300, 2, "Resets end every way back after 2 steps."),
    ("step", 300, 0, "The context is reset before every step, so no error flows back at all."),
    ("epoch", 6, 5, ""),
])  # fmt: skip
def test_resets_and_the_first_step_end_the_way_back(reset, steps, longest, said):
    trace = random_trace(reset=reset, steps=steps)
    table = gradients.by_lag(trace, 6, depth=6)
    products = gradients.jacobian_products(trace, 6)
    for column in (table["relative"], table["truncated"], products["norm"]):
        np.testing.assert_array_equal(column.notna(), np.arange(7) <= longest)
    assert (table["steps"][longest + 1 :] == 0).all()
    assert gradients.by_depth(trace, 6)["share"][longest] == pytest.approx(1.0)
    words = gradients.describe_reach(table, 6)
    assert said in words
    if longest == 0:
        assert words == said
        # Charts hold even where there is hardly anything to draw.
        Drawing(gradient_charts.gradient_by_lag(table, 2))
        Drawing(gradient_charts.jacobian_by_lag(products))
        Drawing(gradient_charts.angle_by_depth(gradients.by_depth(trace, 6), 2))
        Drawing(unrolled_network([1.0, np.nan, np.nan], 2))


def fresh(radius, seed=0, made_for=EXPERIMENT):
    return gradients.fresh_weights(made_for, SEQUENCE, radius, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("radius", [0.5, 1.0, 3.0])
def test_fresh_weights_have_the_radius_and_come_from_the_generator(radius):
    first, again, other = (fresh(radius, seed)["W_hh"] for seed in (1, 1, 2))
    assert np.abs(np.linalg.eigvals(first)).max() == pytest.approx(radius)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("radius", "ends"), [(0.5, "vanishes"), (3.0, "explodes")])
def test_rectified_networks_vanish_below_and_explode_far_above_radius_one(radius, ends):
    windows = EXPERIMENT.replace(hidden=50, reset="every", reset_every=21)
    for seed in range(5):
        trace = gradients.trace(fresh(radius, seed, windows), windows, SEQUENCE, activation="relu")
        assert (trace.reach[gradients.ends(trace, 20)] == 20).all()
        table = gradients.by_lag(trace, 20, 4, rng=np.random.default_rng(seed))
        assert ends in gradients.describe_reach(table, 4)


@pytest.mark.parametrize(("call", "message"), [
    (lambda t: gradients.by_lag(t, 0, 1), "lags: allowed is a whole number from 1 to 1,000; 0"),
    (lambda t: gradients.by_lag(t, 5, 0), "depth: allowed is a whole number from 1 to 1,000; 0"),
    (lambda t: gradients.jacobian_products(t, "x"), "lags: allowed .*'x' was given"),
    (lambda t: fresh(-1.0), "radius: allowed is a number from 0 to 100; -1.0 was given"),
    (lambda t: gradient_check.gradient_check(ElmanNetwork, t, 301),
     "step: allowed is a whole number from 1 to 300; 301 was given"),
    (lambda t: clipping.ClippingTest(limit=0), "limit: allowed .* 0 was given"),
    (lambda t: clipping.ClippingTest(seeds=1.5), "seeds: allowed .* 1.5 was given"),
])  # fmt: skip
def test_bad_values_are_named(call, message):
    with pytest.raises(ValueError, match="^" + message):
        call(random_trace())


@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_the_network_passes_the_check_and_the_bug_fails_it_at_the_context(activation, depth):
    trace = random_trace(activation, hidden=4)
    right, wrong = (
        gradient_check.gradient_check(kind, trace, 50, depth=depth, most=100)
        for kind in (ElmanNetwork, gradient_check.OverwrittenContextNetwork)
    )
    assert len(right) == sum(w.size for w in trace.weights.values())
    assert right["difference"].max() < 1e-6
    assert right["right"].all()
    # Only W_hh learns from the context.
    assert set(wrong["array"][~wrong["right"]]) == {"W_hh"}
    assert wrong["difference"].max() > 0.01


def test_the_check_leaves_the_trace_as_it_was_and_samples_large_arrays():
    trace = random_trace(hidden=20)
    kept = copies(trace.weights)
    table = gradient_check.gradient_check(ElmanNetwork, trace, 10, depth=3, most=6)
    assert_close(trace.weights, kept)
    sizes = table.groupby("array").size().to_dict()
    assert sizes == dict.fromkeys(kept, 6) | {"b_o": 1}
    assert {"W_hh[1, 1]", "W_hh[20, 20]", "b_o[1]"} <= set(table["weight"])


def test_clipping_keeps_a_training_finite_that_is_lost_without():
    frame = clipping.compare(clipping.ClippingTest(updates=100, seeds=4))
    ends = clipping.outcomes(frame).set_index(["way", "seed"])
    assert ends["infinite"].loc["not clipped"].tolist() == [False, False, False, True]
    assert not ends["infinite"].loc["clipped"].any()
    assert np.isinf(ends.loc[("not clipped", 3), "final"])
    assert (ends.loc["clipped", "final"] < clipping.ALWAYS_ZERO).all()
    clipped, free = (frame[frame["way"] == way] for way in ("clipped", "not clipped"))
    assert clipped["before"].max() > 1000.0
    np.testing.assert_allclose(clipped["after"], np.minimum(clipped["before"], 1.0))
    np.testing.assert_array_equal(free["after"], free["before"])


def test_a_limit_that_is_never_reached_changes_nothing():
    test = clipping.ClippingTest(radius=0.8, limit=1000.0, updates=20, steps=10)
    free, clipped = (clipping.train(test, 0, clipped) for clipped in (False, True))
    assert free["before"].max() < 1000.0
    np.testing.assert_array_equal(free[["loss", "before"]], clipped[["loss", "before"]])
    # A comparison can be stopped between seeds.
    frame = clipping.compare(clipping.ClippingTest(updates=2), should_stop=lambda: True)
    assert frame["seed"].unique().tolist() == [0]


def test_the_lag_chart_draws_each_way_as_far_as_it_goes():
    trace = random_trace()
    table = gradients.by_lag(trace, 8, depth=3)
    drawing = Drawing(gradient_charts.gradient_by_lag(table, 3))
    assert drawing.axes == {"X": "Lag: steps back in time", "Y": "Gradient, relative to lag 0"}
    assert {"one-step", "truncated to 3", "full"} <= set(drawing.texts)
    drawn = [m.says for m in drawing.saying(Gradient=None) if m.kind in ("point", "circle")]
    for way, lags in {"one-step": {0}, "truncated to 3": {0, 1, 2}, "full": set(range(9))}.items():
        assert {int(says["Lag"]) for says in drawn if says["Gradient"] == way} == lags


@pytest.mark.parametrize("depth", [1, 3, 9])
def test_the_unrolled_picture_has_a_column_a_step_and_solid_arrows_as_far_as_is_used(depth):
    drawing = Drawing(unrolled_network([1.0, 0.5, 0.02, 1e-7, np.nan], depth, "01101"))
    assert {"t", "t − 1", "t − 4", "input", "hidden", "output"} <= {*drawing.texts}
    assert depth < 9 or {"50%", "2%", "<0.01%"} <= {*drawing.texts}
    assert sum("Layer" in mark.says for mark in drawing.marks) == 3 * 5
    assert drawing.texts.count("1") == 3
    ways = {int(m.says["Lag"]): m.element.get("stroke-dasharray") for m in drawing.saying(Lag=None)}
    assert {lag for lag, dots in ways.items() if not dots} == set(range(min(depth, 4)))
    assert ways.keys() == set(range(5))
