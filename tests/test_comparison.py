"""Comparisons: curves and successes are those of the runs, and words claim no more than them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman import Experiment
from elman.analysis import comparison, outcomes
from elman.analysis.comparison import difference, why_not
from elman.analysis.references import Reference
from elman.sweeps import Outcome, variations

LEVEL = 0.2


def made(right, *, vary=None, losses=(0.3, 0.25, 0.15), seeds=None, status="finished"):
    """Outcomes without training: `right` holds the share of right answers of each run."""
    experiments = variations(Experiment(), vary or {"hidden": [2, 8]}, seeds or len(right) // 2)
    return [
        Outcome(experiment, np.array(losses), status, 0.1, {"right where certain": share})
        for experiment, share in zip(experiments, right, strict=True)
    ]


def table_of(found, varied=("hidden",)):
    return comparison.runs_table(found, list(varied), LEVEL)


def words_of(found, varied=("hidden",)):
    return comparison.describe_runs(table_of(found, varied), varied, LEVEL)


def test_every_run_has_a_row_with_its_numbers():
    table = table_of(made([0.5, 1.0, 0.96, 0.95]))
    numbers = ["hidden", "seed", "loss", "passes", "learned", "run"]
    assert table[numbers].to_numpy().tolist() == [
        [2, 0, 0.15, 3, False, 0],
        [2, 1, 0.15, 3, True, 1],
        [8, 0, 0.15, 3, True, 2],
        [8, 1, 0.15, 3, False, 3],
    ]


def test_a_run_that_diverged_has_not_learned_and_where_nothing_is_certain_the_level_counts():
    table = table_of(made([1.0, 1.0], seeds=1, status="diverged") + made([1.0, 1.0]))
    for column in ("learned", "reached"):
        assert list(table[column]) == [False, False, True, True]
    words = comparison.describe_diverged(table, ["hidden"])
    assert "2 runs grew without bound (1 with 2 hidden units, 1 with 8 hidden units)" in words
    assert comparison.describe_diverged(table[2:], ["hidden"]) == ""
    # One that diverged at once has no loss.
    found = made([np.nan, 1.0], losses=(), status="diverged", seeds=1)
    assert table_of(found)[["loss", "passes"]].isna().all(axis=None)
    assert not len(comparison.curves(found, ["hidden"]))
    table = table_of(made([np.nan] * 6))
    assert comparison.success_column(table) == "reached"
    assert list(comparison.successes(table, ["hidden"])["successes"]) == [3, 3]
    assert "All 6 runs reached a loss of 0.200" in words_of(made([np.nan] * 6))


def test_words_name_counts_intervals_and_whether_it_may_be_luck():
    found = made([0.5] * 10 + [1.0] * 9 + [0.5])
    table = comparison.successes(table_of(found), ["hidden"])
    rows = table[["hidden", "share", "low", "high"]].to_numpy().tolist()
    assert rows == [[k, n / 10, *outcomes.share(n, 10)[2:]] for k, n in ((2, 0), (8, 9))]
    words = words_of(found)
    assert words == (
        "With 8 hidden units, 9 of 10 runs learned the rule (95% interval 60% to 98%); with "
        "2 hidden units, none of 10 (95% interval 0% to 28%). That is more than luck."
    )
    assert "That may still be luck; more seeds" in words_of(made([0.5] * 5 + [1.0] * 2 + [0.5] * 3))
    assert "All 6 runs" in words_of(made([1.0] * 6))
    assert "None of the 6 runs" in words_of(made([0.5] * 6))
    assert words_of(made([1.0, 0.0] * 2)).startswith("With every setting, 1 of 2 runs learned")
    # One run of each supports no claim.
    words = words_of(made([0.5, 1.0], seeds=1))
    assert "Take more seeds" in words
    assert "learned" not in words
    # Equals share a place.
    vary = {"hidden": [2, 4, 8]}
    words = words_of(made([0.5] * 3 + [1.0] * 6, vary=vary, seeds=3))
    assert words.startswith("With 4 or 8 hidden units, 3 of 3 runs each learned the rule")
    both = {"hidden": [2, 4], "reset": ["epoch", "step"]}
    words = words_of(made(([1.0] * 2 + [0.0] * 2) * 2, vary=both, seeds=2), ("hidden", "reset"))
    assert words.startswith("With 2 hidden units and reset epoch, and 1 more setting, 2 of 2 runs")
    assert "with 2 hidden units and reset step, and 1 more setting, none of 2 each" in words


def test_a_field_keeps_its_values_beside_what_is_measured():
    for name, values in {"epochs": [3, 7], "length": [30, 60], "reset": ["never", "step"]}.items():
        found = made([1.0] * 4, vary={name: values})
        assert list(table_of(found, [name])[name]) == [values[0]] * 2 + [values[1]] * 2
        assert list(comparison.curves(found, [name])[name].unique()) == values
        assert words_of(found, (name,)).startswith("All 4 runs learned")


def test_speed_counts_all_runs():
    found = made([1.0] * 6)
    slow = made([1.0] * 6, losses=(0.3, 0.3, 0.3))[3:]
    said = "Half of the runs with 2 hidden units had a loss of at most 0.200 after 3 epochs; in 1 "
    said += "of 2 settings fewer than half got there."
    for runs, words in ((found[:3] + slow, said), (slow, "")):
        assert comparison.describe_speed(table_of(runs, ["hidden"]), ["hidden"], LEVEL) == words
    # A faster setting may be luck.
    for seeds, words in (3, "may still be luck"), (8, "is more than luck"):
        fast = made([1.0] * 2 * seeds, seeds=seeds, losses=(0.1, 0.1, 0.1))[:seeds]
        slow = made([1.0] * 2 * seeds, seeds=seeds, losses=(0.3, 0.3, 0.1))[seeds:]
        told = comparison.describe_speed(table_of(fast + slow), ["hidden"], LEVEL)
        assert f"after 1 epochs, with 8 hidden units after 3, which {words}." in told


def test_curves_are_quantiles_of_the_runs_that_went_so_far():
    rng = np.random.default_rng(0)
    losses = [rng.random(size) for size in (40, 40, 40, 40, 25)]
    found = [Outcome(Experiment(hidden=3), loss, "finished", 0.0, {}) for loss in losses]
    table = comparison.curves(found, ["hidden"])
    assert list(table["epoch"]) == list(range(1, 41))
    for epoch in (1, 25, 26, 40):
        there = [loss[epoch - 1] for loss in losses if len(loss) >= epoch]
        row = table[table["epoch"] == epoch].iloc[0]
        assert row["runs"] == len(there)
        assert row["median"] == pytest.approx(np.median(there))
        assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(there, [0.05, 0.95])))


@given(epochs=st.integers(1, 100_000), points=st.integers(4, 200))
def test_thinned_epochs_are_few_in_order_and_keep_both_ends(epochs, points):
    at = comparison.thinned_epochs(epochs, points)
    assert len(at) <= points
    assert (at[0], at[-1]) == (1, epochs)
    assert (np.diff(at) > 0).all()


def test_the_level_lies_a_third_of_the_way_to_the_floor():
    lines = (
        Reference("floor", "floor", 0.1, "floor"),
        Reference("best memoryless guess", "memoryless", 0.5, "baseline"),
        Reference("best bigram", "bigram", 0.4, "baseline"),
    )
    assert comparison.default_level(lines) == pytest.approx(0.3)
    assert comparison.default_level(lines[1:]) == 0.4


def test_a_pinned_run_is_named_by_what_differs():
    here, own = Experiment(hidden=4), Experiment(task="own")
    every, spaced = Experiment(reset="every", reset_every=3), own.replace(boundary=" ")
    for pinned, current, words in (
        (here.replace(hidden=8, learning_rate=0.5), here, "hidden 8, learning rate 0.5"),
        (here, here, "the same settings"),
        (here, every, "reset epoch, no reset every"),
        (spaced, own, "boundary ' '"),
        (own, spaced, "no boundary"),
    ):
        assert difference(pinned, current) == words


@pytest.mark.parametrize(("pinned", "current", "reason"), [
    ({}, {"hidden": 9, "length": 60, "reset": "step", "data_seed": 1}, ""),
    ({"task": "letters"}, {}, "it learned task letters"),
    ({"task": "words", "codes": "random"}, {"task": "words"}, "it learned codes random"),
    ({"task": "own", "text": "abcabcabcabc"}, {"task": "own"}, "it learned another text"),
])  # fmt: skip
def test_only_errors_of_the_same_rule_are_compared(pinned, current, reason):
    found = why_not(Experiment(**pinned), Experiment(**current))
    assert found.startswith(reason)
    assert bool(found) == bool(reason)
