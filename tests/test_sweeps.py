"""Sweeps: every combination once, each outcome that of the single run, in order, stoppable."""

import itertools

import numpy as np
import pytest
from hand_made import DIVERGING

from elman import Experiment, run
from elman.analysis import errors
from elman.analysis.outcomes import epochs_until, scores, share, summary
from elman.analysis.replay import replay
from elman.sweeps import Outcome, sweep, table, variations, with_seed
from elman.tasks import new_sequence, task_of
from elman.training import batches
from elman.training.kernel_arguments import LANES

BASE = Experiment(length=60, epochs=3)


def test_variations_are_all_combinations_with_seeds_last():
    found = variations(BASE, {"hidden": [2, 3], "reset": ["epoch", "never"]}, seeds=2)
    every = itertools.product((2, 3), ("epoch", "never"), (0, 1))
    wanted = [(hidden, reset, k, 42 + k) for hidden, reset, k in every]
    assert [(e.hidden, e.reset, e.seed, e.data_seed) for e in found] == wanted
    assert variations(BASE, {}) == [BASE]
    assert variations(BASE, {}, 5)[:3] == variations(BASE, {}, 3)
    assert with_seed(BASE.replace(seed=2**32 - 1), 1).seed == 0
    with pytest.raises(ValueError, match="hidden: allowed is a whole number from 1 to 500; 0 "):
        variations(BASE, {"hidden": [2, 0]})


def test_outcomes_are_those_of_single_runs_in_order():
    experiments = variations(BASE, {"hidden": [5, 2], "epochs": [4, 1]}, seeds=2)
    outcomes = sweep(experiments, scores, workers=2)
    assert [outcome.experiment for outcome in outcomes] == experiments
    for outcome in outcomes:
        alone = run(outcome.experiment)
        np.testing.assert_allclose(outcome.losses, alone.losses, rtol=1e-9)
        assert outcome.values == pytest.approx(scores(alone), rel=1e-9)
    frame = table(outcomes)
    assert list(frame["hidden"]) == [e.hidden for e in experiments]
    assert list(frame["final_loss"]) == [outcome.losses[-1] for outcome in outcomes]
    assert {"squared at XOR bit", "right where certain"} < set(frame)


def test_progress_reaches_every_run_and_stop_keeps_the_finished(monkeypatch):
    reports = []

    def report(share, outcomes):
        reports.append((share, len(outcomes)))

    experiments = variations(BASE, {"hidden": [3, 2]}, seeds=LANES)
    sweep(experiments, scores, report)
    assert reports[-1] == (1.0, 2 * LANES)
    assert reports == sorted(reports)
    assert sweep(experiments, scores, report, lambda: True, workers=1) == []
    reports.clear()
    some_done = {"should_stop": lambda: any(done for _, done in reports), "workers": 1}
    stopped = sweep(experiments, scores, report, **some_done)
    assert [outcome.experiment for outcome in stopped] == experiments[:LANES]
    # Of every setting the first seeds come before the next.
    experiments = variations(BASE, {"hidden": [3, 2]}, seeds=2 * LANES)
    reports.clear()
    some_done["should_stop"] = lambda: any(done > LANES for _, done in reports)
    stopped = sweep(experiments, scores, report, **some_done)
    first = [e for e in experiments if e.seed - BASE.seed < LANES]
    assert [outcome.experiment for outcome in stopped] == first
    # It moves while a block trains, too.
    monkeypatch.setattr(batches, "PROGRESS_SECONDS", 0.0)
    reports.clear()
    sweep(experiments[:4], scores, report)
    assert len(reports) > BASE.epochs
    assert reports == sorted(reports)
    assert reports[-1] == (1.0, 4)


def test_an_error_of_measure_ends_the_sweep_and_a_run_that_diverges_is_an_outcome_as_equal_ones():
    asked = []

    def broken(run):
        asked.append(run)
        raise ZeroDivisionError("of measure")

    with pytest.raises(ZeroDivisionError, match="of measure"):
        sweep(variations(BASE, {"hidden": [2, 3, 4, 5]}, seeds=4), broken, workers=1)
    assert len(asked) == 1
    *equal, last = sweep([*[BASE] * 9, Experiment(**DIVERGING)], scores)
    assert len(equal) == 9
    assert last.status == "diverged"
    assert 0 < len(last.losses) < 20
    assert sweep([], scores) == []


def test_epochs_until_a_level_and_intervals_of_shares():
    losses = np.array([0.3, 0.2, 0.1, 0.2])
    assert [epochs_until(losses, level) for level in (0.3, 0.15, 0.05)] == [1, 3, None]
    # Wilson's interval for 8 of 10, worked by hand.
    wilson = {(8, 10): (0.4902, 0.9433), (0, 20): (0.0, 0.1611), (20, 20): (0.8389, 1.0)}
    for of, interval in wilson.items():
        found = share(*of)
        assert (found.low, found.high) == pytest.approx(interval, abs=1e-4)
    assert (share(0, 20).low, share(20, 20).high) == (0.0, 1.0)


def outcome(hidden, losses, certain, status="finished"):
    values = {"squared": losses[-1] / 2, "right where certain": certain}
    return Outcome(BASE.replace(hidden=hidden), np.array(losses), status, 1.0, values)


def test_a_summary_states_counts_spread_and_shares_of_each_combination():
    outcomes = [
        outcome(4, [0.4, 0.3, 0.2], 0.99), outcome(2, [0.5, 0.4], 0.5),
        outcome(4, [0.3, 0.1], 0.94), outcome(4, [0.1, 0.1], 0.97),
        outcome(4, [0.1, 9.0], 1.0, "diverged"),
    ]  # fmt: skip
    wide, narrow = summary(outcomes, ["hidden", "reset"], level=0.2).to_dict("records")
    interval = share(2, 4)
    # 1, 2 and 3 epochs, and never: half of the four were there after two.
    expected = {"hidden": 4, "reset": "epoch", "runs": 4, "diverged": 1, "epochs_median": 2}
    expected |= {"learned": 0.5, "learned_low": interval.low, "learned_high": interval.high}
    assert {name: wide[name] for name in expected} == expected
    sd = np.std([0.2, 0.1, 0.1], ddof=1)
    expected = {"mean": 0.4 / 3, "sd": sd, "low": 0.1, "high": 0.19}
    assert {name: wide[f"loss_{name}"] for name in expected} == pytest.approx(expected)
    assert wide["squared_mean"] == pytest.approx(0.2 / 3)
    assert (narrow["runs"], narrow["learned"], narrow["loss_mean"]) == (1, 0.0, 0.4)
    assert np.isnan([narrow[name] for name in ("loss_sd", "loss_low", "epochs_median")]).all()
    # It claims nothing that is unknown.
    (row,) = summary([outcome(2, [0.3], np.nan)] * 2, [], level=0.1).to_dict("records")
    assert row["runs"] == 2
    unknown = ("learned", "learned_low", "learned_high", "epochs_median")
    assert np.isnan([row[name] for name in unknown]).all()
    assert np.isnan(summary([outcome(2, [0.3], 1.0)], []).loc[0, "epochs_median"])
    assert list(summary([], ["hidden"])) == ["hidden", *row]


@pytest.mark.parametrize("task", ["xor", "letters", "reber", "own"])
def test_scores_are_the_errors_that_the_pages_show(task):
    size = {"group_length": 3} if task == "own" else {"length": 60}
    experiment = Experiment(task=task, epochs=1, hidden=3, **size)
    trained = run(experiment)
    task, sequence = task_of(experiment), new_sequence(experiment)
    tested = replay(trained, sequence)
    accuracy = errors.accuracy(tested)
    found = scores(trained)
    assert found["rate"] == pytest.approx(1 - accuracy.everywhere)
    certain = np.nan if accuracy.where_certain is None else accuracy.where_certain
    assert found["right where certain"] == pytest.approx(certain, nan_ok=True)
    by_position = errors.by_position(tested)
    steps = by_position["steps"]
    assert found["squared"] == pytest.approx((by_position["squared"] * steps).sum() / steps.sum())
    expected = {
        f"{measure} at {row['position']}": row[measure]
        for row in by_position.to_dict("records") for measure in ("squared", "rate")
        if len(task.positions) > 1
    }  # fmt: skip
    assert {name: found[name] for name in found if " at " in name} == pytest.approx(expected)
