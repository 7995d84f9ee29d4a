"""The page Gradients, run without a browser."""

import numpy as np
import pytest
from visitor import SHORT, visit

from elman import Experiment, run
from elman.analysis import gradient_check, gradients
from elman.experiment import ACTIVATIONS
from elman.network import ElmanNetwork
from elman.studies import clipping
from elman.tasks import training_sequence

EXPERIMENT = Experiment(epochs=5, length=300)


def test_the_result_is_that_of_the_runs_own_network_at_the_epoch_looked_at():
    visitor = visit("gradients", **SHORT, lags="10", truncate="3")
    result = run(EXPERIMENT)
    for epoch in (5, 0):
        visitor.choose("epoch", epoch)
        trace = gradients.trace(result.at(epoch).weights, EXPERIMENT, result.sequence)
        table = gradients.by_lag(trace, 10, 3)
        assert f"**{gradients.describe_reach(table, 3)}**" in visitor.texts
        np.testing.assert_array_equal(visitor.tables[-1]["full"], table["full"])
        assert len(visitor.charts) == 2
        assert visitor.notes == ""


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_random_network_has_the_chosen_radius(activation):
    link = {"net": "fresh", "radius": "0.5", "fresh_activation": activation, "fresh_seed": "2"}
    visitor = visit("gradients", **SHORT, **link, fresh_hidden="10", lags="5")
    windows = EXPERIMENT.replace(hidden=10, reset="every", reset_every=6)
    sequence = training_sequence(EXPERIMENT)
    weights = gradients.fresh_weights(windows, sequence, 0.5, rng=np.random.default_rng(2))
    trace = gradients.trace(weights, windows, sequence, steps=120, activation=activation)
    table = gradients.by_lag(trace, 5, 4, rng=np.random.default_rng(2))
    np.testing.assert_array_equal(visitor.tables[-1]["relative"], table["relative"])


def test_a_random_network_needs_no_trained_one(allow):
    allow(live_after=1e-9)
    visitor = visit("gradients", net="fresh", task="sentences")
    assert visitor.charts
    assert "Stop" not in visitor.labels


@pytest.mark.parametrize("net", ["trained", "fresh"])
def test_every_closer_look_draws_and_tells(net):
    visitor = visit("gradients", **SHORT, net=net)
    for closer in ("unrolled", "jacobians", "depth", "check", "clipping"):
        visitor.choose("closer", closer)
        visitor.assert_drawn()
        assert len(visitor.charts) == (3 if closer == "clipping" else 2)
        assert len(visitor.tables) == (1 if closer == "unrolled" else 2)


def test_the_check_passes_and_the_switch_makes_it_fail():
    visitor = visit("gradients", **SHORT, closer="check", check_step="5")
    assert "**All 19 weights agree:**" in visitor.words
    assert set(visitor.tables[0]["right"]) == {"✓"}
    visitor.choose("order_of_work", "overwritten")
    result = run(EXPERIMENT)
    trace = gradients.trace(result.final, EXPERIMENT, result.sequence)
    bug = gradient_check.gradient_check(gradient_check.OverwrittenContextNetwork, trace, 5)
    wrong = int((~bug["right"]).sum())
    assert wrong > 0
    assert f"**{wrong} of 19 weights are wrong,** all in W_hh" in visitor.words
    np.testing.assert_array_equal(visitor.tables[0]["analytic"], bug["analytic"])
    right = gradient_check.gradient_check(ElmanNetwork, trace, 5)
    np.testing.assert_array_equal(visitor.tables[0]["numeric"], right["numeric"])


def test_clipping_counts_what_was_lost():
    visitor = visit("gradients", **SHORT, closer="clipping", clip_steps="10", clip_radius="2.5")
    frame = clipping.compare(clipping.ClippingTest(radius=2.5, steps=10))
    ends = clipping.outcomes(frame)
    lost = ends[ends["infinite"]].groupby("way").size()
    words = (
        f"**Without clipping the loss became infinite in {lost.get('not clipped', 0)} of 6 "
        f"trainings, with clipping in {lost.get('clipped', 0)}.**"
    )
    assert any(text.startswith(words) for text in visitor.texts)


def test_suggestions_lead_where_they_say():
    visitor = visit("gradients", **SHORT).press("Overwrite the context")
    assert "all in W_hh" in visitor.words
    for back in ("Before training", "The sidebar's before training"):
        visitor.press("An exploding network")
        assert "it explodes" in visitor.words
        assert "Not the sidebar's network: a fresh, random one of 50 relu units" in visitor.words
        visitor.press(back)
        assert (visitor.state("net"), visitor.state("epoch")) == ("trained", 0)
        assert "The untrained network" in visitor.words
        assert "Not the sidebar's network" not in visitor.words
