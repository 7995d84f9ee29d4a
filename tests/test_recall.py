"""Recall of the first symbol after a lag."""

import itertools

import numpy as np
import pandas as pd
import pytest
from differences import assert_gradients, generator
from drawing import Drawing

from elman.charts import memory as charts
from elman.layers.losses import categorical_cross_entropy
from elman.studies import recall
from elman.studies.recall import LEARNERS, Learner, MemoryTest, Result

SMALL = MemoryTest(lags=(1, 3), seeds=2, updates=20, hidden=6, symbols=3)


@pytest.mark.parametrize(("ask", "lag"), [("end", 4), ("every", 4), ("end", 0)])
@pytest.mark.parametrize("learner", LEARNERS)
def test_gradients_are_those_of_central_differences(learner, ask, lag):
    ours = Learner(learner, MemoryTest(hidden=4, symbols=3, ask=ask), rng=generator(1))
    x = np.eye(3)[generator().integers(3, size=(lag + 1, 5))]
    ours.gradients(x)
    parts = [ours.layer, ours.output]
    pairs = [(part.parameters[n], g.copy()) for part in parts for n, g in part.gradients.items()]
    states, _ = ours.layer(x)
    contexts = np.concatenate([np.zeros_like(states[:1]), states[:-1]])

    def loss():
        states, _ = ours.layer(x)
        if learner == "one-step":
            # The contexts are inputs: they stay as they were.
            steps = ((x[t : t + 1], contexts[t : t + 1]) for t in range(len(x)))
            states = np.concatenate([ours.layer(*step)[0] for step in steps])
        answers = ours.output(states if ask == "every" else states[-1:])
        target = np.broadcast_to(x[0], answers.shape)
        return categorical_cross_entropy(answers, target, from_logits=True)[0]

    assert_gradients(loss, pairs)


@pytest.mark.parametrize(("hidden", "symbols"), [(5, 8), (20, 4), (60, 2)])
def test_parameter_counts_are_true_and_as_equal_as_can_be(hidden, symbols):
    test = MemoryTest(hidden=hidden, symbols=symbols)
    table = recall.sizes(test).set_index("learner")
    for learner in LEARNERS:
        ours = Learner(learner, test, rng=generator())
        arrays = [*ours.layer.parameters.values(), *ours.output.parameters.values()]
        counted = (sum(a.size for a in arrays), ours.layer.hidden_size)
        assert tuple(table.loc[learner, ["parameters", "hidden"]]) == counted
    if test == MemoryTest():
        assert table["parameters"].tolist() == [604, 604, 580, 609]
        assert recall.describe_sizes(test) == (
            "both simple networks 604, LSTM 580 (4% fewer) and GRU 609 (1% more)"
        )
    wanted = table.loc["full", "parameters"]
    assert table.loc["one-step", "parameters"] == wanted
    for learner in ("lstm", "gru"):
        cell, units = recall.CELLS[learner], table.loc[learner, "hidden"]
        others = [recall.parameter_count(cell, symbols, units + k, symbols) for k in (-1, 1)]
        gap, *gaps = (abs(n - wanted) for n in (table.loc[learner, "parameters"], *others))
        assert gap <= min(gaps)


@pytest.mark.parametrize(("learner", "gates"), [("lstm", 4), ("gru", 3)])
def test_the_gate_bias_opens_the_gates_that_keep(learner, gates):
    tests = (MemoryTest(gate_bias=bias, hidden=6) for bias in (0.0, 3.0))
    layers = (Learner(learner, test, rng=generator()).layer for test in tests)
    plain, biased = (layer.parameters["bias_ih_l0"] for layer in layers)
    wanted = np.zeros((gates, len(plain) // gates))
    wanted[1] = 3.0
    np.testing.assert_allclose(biased - plain, wanted.ravel())


def test_a_training_is_the_same_from_the_same_seed_and_ends_when_it_is_perfect():
    test = MemoryTest(lags=(1,), updates=300)
    first, again, other = (recall.train(test, "full", 1, seed) for seed in (0, 0, 1))
    assert first == again != other
    assert first.accuracy == 1.0
    assert recall.PERFECT_BATCHES <= first.updates < 300


@pytest.mark.slow
def test_what_each_learner_recalls():
    # Of 10 seeds at lag 8, asked at the end, 0, 9, 10 and 10 were measured; at every step all.
    test = MemoryTest(lags=(8,), seeds=3)
    table = recall.summary(recall.run_memory_test(test).results).set_index("learner")
    assert table.loc["one-step", "solved"] == 0
    assert table.loc["full", "solved"] >= 2
    assert (table.loc[["lstm", "gru"], "solved"] == 3).all()
    every = MemoryTest(lags=(8,), ask="every")
    assert all(recall.train(every, "one-step", 8, seed).accuracy > 0.95 for seed in range(3))


def test_results_come_one_by_one_and_stop_keeps_what_is_complete():
    reports = []

    def progress(share, results):
        reports.append((share, len(results)))

    results, finished = recall.run_memory_test(SMALL, progress)
    assert finished
    assert [count for _, count in reports] == list(range(1, 17))
    assert reports == sorted(reports)
    assert reports[-1][0] == 1.0
    every = set(itertools.product(LEARNERS, (1, 3), (0, 1)))
    assert {(r.learner, r.lag, r.seed) for r in results} == every
    # Every learner has a first result at every lag before any has a second.
    assert {r.seed for r in results[:8]} == {0}
    reports.clear()
    stopped = recall.run_memory_test(SMALL, progress, lambda: len(reports) >= 3)
    assert stopped == (results[:3], False)
    assert recall.run_memory_test(SMALL) == (results, True)
    assert recall.run_memory_test(SMALL, should_stop=lambda: True) == ([], False)


def results_of(accuracies):
    return [
        Result(learner, lag, seed, accuracy, 100)
        for learner, by_lag in accuracies.items()
        for lag, of_seeds in by_lag.items()
        for seed, accuracy in enumerate(of_seeds)
    ]


def test_a_summary_by_hand():
    gru, full = {1: [1.0, 1.0], 2: [1.0, 0.96]}, {1: [0.9, 1.0]}
    one_step = {1: [1.0, 0.98], 2: [0.3, 0.97], 4: [1.0, 1.0]}
    table = recall.summary(results_of({"gru": gru, "one-step": one_step, "full": full}))
    assert table["learner"].tolist() == ["one-step"] * 3 + ["full"] + ["gru"] * 2
    row = table.iloc[1]
    assert (row.lag, row.seeds, row.low, row.high, row.solved) == (2, 2, 0.3, 0.97, 1)
    assert row["mean"] == pytest.approx(0.635)
    # A longer lag that went well does not make up for a shorter one that did not.
    reliable = {"gru": 2, "one-step": 1, "full": None}
    assert {learner: recall.reliable_lag(table, learner) for learner in reliable} == reliable
    assert recall.describe_recall(table) == (
        "Recalled from each of 2 seeds: Elman, one-step gradient up to lag 1; Same network, full "
        "gradient not even the shortest lag; GRU up to lag 2, the longest tested."
    )


@pytest.mark.parametrize(("name", "value", "message"), [
    ("lags", (), "is at least one lag; none was given"),
    ("lags", (1, -1), "is a whole number from 0 to 1,000; -1 was given"),
    ("seeds", 0, ".* 0 was given"), ("symbols", 1, ".* 1 was given"),
    ("learning_rate", float("nan"), ".* nan was given"),
    ("ask", "never", "is one of end, every; 'never' was given"),
])  # fmt: skip
def test_bad_values_are_named(name, value, message):
    with pytest.raises(ValueError, match=f"^{name}: allowed {message}"):
        MemoryTest(**{name: value})


def test_equal_tests_are_one_key_and_larger_ones_more_work():
    assert MemoryTest(lags=(2, 1, 2), gate_bias=3) == MemoryTest(lags=(1, 2), gate_bias=3.0)
    assert hash(MemoryTest(lags=(2, 1))) == hash(MemoryTest(lags=(1, 2)))
    short, long = (recall.work(MemoryTest(lags=(1,), seeds=n, updates=10)) for n in (1, 10))
    assert 0 < 10 * short == long


def test_the_chart_shows_means_ranges_seeds_and_chance():
    results = results_of({"one-step": {1: [1.0, 0.5], 8: [0.2, 0.4]}, "gru": {1: [1.0, 1.0]}})
    table = recall.summary(results)
    drawing = Drawing(charts.recall_by_lag(table, pd.DataFrame(results), (1, 8), 0.25))
    assert drawing.axes == {"X": "Lag, in steps", "Y": "Right answers"}
    assert {"1", "8", "guessing: 25%", *LEARNERS.values()} <= {*drawing.texts}
    assert len(drawing.saying(Seed=None)) == 6
    told = [mark.says for mark in drawing.saying(Mean=None)]
    means = {(says["Learner"], says["Lag"]): says["Mean"] for says in told}
    elman = "Elman, one-step gradient"
    assert means == {(elman, "1"): "75.0%", (elman, "8"): "30.0%", ("GRU", "1"): "100.0%"}
