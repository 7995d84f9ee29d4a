"""Sweeps: every combination once, each outcome that of the single run, in order, stoppable."""

import numpy as np
import pytest

from elman import Experiment, run
from elman.analysis import errors
from elman.analysis.outcomes import epochs_until, scores, share, summary
from elman.analysis.replay import replay
from elman.sweeps import Outcome, predicted_seconds, runs, sweep, table, variations, with_seed
from elman.tasks import new_sequence, task_of
from elman.training import batches
from elman.training.kernels import LANES

BASE = Experiment(length=60, epochs=3)


def test_variations_are_all_combinations_with_seeds_last():
    found = variations(BASE, {"hidden": [2, 3], "reset": ["epoch", "never"]}, seeds=2)
    assert [(e.hidden, e.reset, e.seed, e.data_seed) for e in found] == [
        (hidden, reset, k, 42 + k)
        for hidden in (2, 3)
        for reset in ("epoch", "never")
        for k in (0, 1)
    ]
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


def test_progress_reaches_every_run_and_stop_keeps_the_finished():
    reports = []

    def report(share, outcomes):
        reports.append((share, len(outcomes)))

    experiments = variations(BASE, {"hidden": [3, 2]}, seeds=LANES)
    sweep(experiments, scores, report)
    assert reports[-1] == (1.0, 2 * LANES)
    assert reports == sorted(reports)
    assert sweep(experiments, scores, report, lambda: True, workers=1) == []
    reports.clear()
    stopped = sweep(
        experiments, scores, report, lambda: any(done for _, done in reports), workers=1
    )
    assert [outcome.experiment for outcome in stopped] == experiments[:LANES]


def test_progress_moves_while_a_block_trains(monkeypatch):
    monkeypatch.setattr(batches, "PROGRESS_SECONDS", 0.0)
    shares = []
    sweep(variations(BASE, {}, seeds=4), scores, lambda share, _: shares.append(share))
    assert len(shares) > BASE.epochs
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_error_of_measure_ends_the_sweep():
    asked = []

    def broken(run):
        asked.append(run)
        raise ZeroDivisionError("of measure")

    with pytest.raises(ZeroDivisionError, match="of measure"):
        sweep(variations(BASE, {"hidden": [2, 3, 4, 5]}, seeds=4), broken, workers=1)
    assert len(asked) == 1


def test_equal_experiments_are_each_an_outcome():
    assert len(sweep([BASE] * 9, scores)) == 9
    assert sweep([], scores) == []


def test_the_time_of_a_sweep_is_foreseen(monkeypatch):
    """From the measured time of one block of each shape, shared by the workers; a block cannot be
    shared."""
    assert predicted_seconds(variations(BASE, {}, seeds=4)) > 0
    assert predicted_seconds([BASE.replace(momentum=0.5)]) > 0
    assert predicted_seconds([]) == 0

    timed = []

    def measured(block):
        timed.append(block[0])
        return 0.01 * block[0].epochs

    monkeypatch.setattr(runs, "predicted_block_seconds", measured)
    blocks = variations(BASE.replace(epochs=100), {}, seeds=LANES * 3)
    assert predicted_seconds(blocks, workers=1) == pytest.approx(3.0)
    assert predicted_seconds(blocks, workers=2) == pytest.approx(1.5)
    assert predicted_seconds(blocks, workers=9) == pytest.approx(1.0)
    timed.clear()
    longer = variations(BASE, {"epochs": [100, 900]}, seeds=LANES)
    assert predicted_seconds(longer, workers=1) == pytest.approx(10.0)
    assert predicted_seconds(longer, workers=2) == pytest.approx(9.0)
    assert {e.epochs for e in timed} == {100}


def test_a_run_that_diverges_is_an_outcome_too():
    unbounded = Experiment(
        task="letters", length=60, epochs=40, hidden=6, reset="never", activation="relu",
        weight_scale=3,
    )  # fmt: skip
    (outcome,) = sweep([unbounded], scores)
    assert outcome.status == "diverged"
    assert 0 < len(outcome.losses) < 40


def test_epochs_until_a_level_counts_from_one():
    losses = np.array([0.3, 0.2, 0.1, 0.2])
    assert epochs_until(losses, 0.3) == 1
    assert epochs_until(losses, 0.15) == 3
    assert epochs_until(losses, 0.05) is None


def test_intervals_of_shares():
    # Wilson's interval for 8 of 10, worked by hand.
    found = share(8, 10)
    assert (found.low, found.high) == (
        pytest.approx(0.4902, abs=1e-4),
        pytest.approx(0.9433, abs=1e-4),
    )
    assert share(0, 20).low == 0.0
    assert share(0, 20).high == pytest.approx(0.1611, abs=1e-4)
    assert share(20, 20).high == 1.0


def outcome(hidden, losses, certain, status="finished"):
    experiment = BASE.replace(hidden=hidden)
    values = {"squared": losses[-1] / 2, "right where certain": certain}
    return Outcome(experiment, np.array(losses), status, 1.0, values)


def test_a_summary_states_counts_spread_and_shares_of_each_combination():
    found = summary(
        [
            outcome(4, [0.4, 0.3, 0.2], 0.99),
            outcome(2, [0.5, 0.4], 0.5),
            outcome(4, [0.3, 0.1], 0.94),
            outcome(4, [0.1, 0.1], 0.97),
            outcome(4, [0.1, 9.0], 1.0, "diverged"),
        ],
        ["hidden", "reset"],
        level=0.2,
    )
    wide, narrow = found.to_dict("records")
    assert (wide["hidden"], wide["reset"], wide["runs"], wide["diverged"]) == (4, "epoch", 4, 1)
    assert wide["loss_mean"] == pytest.approx(0.4 / 3)
    assert wide["loss_sd"] == pytest.approx(np.std([0.2, 0.1, 0.1], ddof=1))
    assert (wide["loss_low"], wide["loss_high"]) == (pytest.approx(0.1), pytest.approx(0.19))
    assert wide["squared_mean"] == pytest.approx(0.2 / 3)
    expected = share(2, 4)
    assert wide["learned"] == 0.5
    assert (wide["learned_low"], wide["learned_high"]) == (expected.low, expected.high)
    # 1, 2 and 3 epochs, and never: half of the four were there after two.
    assert wide["epochs_median"] == 2

    assert (narrow["runs"], narrow["learned"], narrow["loss_mean"]) == (1, 0.0, 0.4)
    assert np.isnan([narrow[name] for name in ("loss_sd", "loss_low", "epochs_median")]).all()


def test_a_summary_claims_nothing_that_is_unknown():
    (row,) = summary([outcome(2, [0.3], np.nan)] * 2, [], level=0.1).to_dict("records")
    assert row["runs"] == 2
    assert np.isnan([row[name] for name in ("learned", "learned_low", "learned_high")]).all()
    assert np.isnan(row["epochs_median"])
    assert np.isnan(summary([outcome(2, [0.3], 1.0)], []).loc[0, "epochs_median"])
    assert list(summary([], ["hidden"])) == ["hidden", *row]


@pytest.mark.parametrize(
    "experiment",
    [
        BASE,
        Experiment(task="letters", length=60, epochs=1, hidden=3),
        Experiment(task="reber", length=60, epochs=1, hidden=3),
        Experiment(task="own", epochs=1, hidden=3, group_length=3),
    ],
)
def test_scores_are_the_errors_that_the_pages_show(experiment):
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
    places = [name for name in found if name.startswith("squared at ")]
    if len(task.positions) == 1:
        assert places == []
        return
    assert places == [f"squared at {position}" for position in by_position["position"]]
    for row in by_position.to_dict("records"):
        assert found[f"squared at {row['position']}"] == pytest.approx(row["squared"])
        assert found[f"rate at {row['position']}"] == pytest.approx(row["rate"])
