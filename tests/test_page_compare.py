"""The page that compares, without a browser: what it shows is what the library says."""

import pytest
from visitor import SHORT, visit

from elman import Experiment, run, sweeps
from elman.analysis import comparison, outcomes
from elman.experiment import SETTINGS
from elman.sweeps import variations
from elman.ui import fields, runs
from elman.ui.views import compare, comparison_form

BASE = Experiment(epochs=5, length=300)

# Two settings with two runs each, of five epochs.
SMALL = SHORT | {"c_hidden": "2, 3", "c_seeds": "2"}


def words_for(base, vary, seeds, level):
    found = sweeps.sweep(variations(base, vary, seeds), outcomes.scores)
    varied = list(vary)
    return comparison.describe_runs(comparison.runs_table(found, varied, level), varied, level)


def test_a_short_comparison_is_shown_at_once_with_its_numbers_and_tables():
    visitor = visit("compare", **SMALL, c_level="0.26")
    assert words_for(BASE, {"hidden": [2, 3]}, 2, 0.26) in visitor.words
    together, alone = visitor.tables
    assert list(together["hidden"]) == [2, 3]
    assert list(together["runs"]) == [2, 2]
    assert list(alone["hidden"]) == [2, 2, 3, 3]
    assert list(alone["seed"]) == [0, 1, 0, 1]
    assert len(visitor.charts) == 3
    assert len(visitor.get("download_button")) == 2
    assert visitor.notes == ""
    # The level can change without training anew, and counts in the speed.
    visitor.choose("c_level", "0.5")
    assert "had a loss of at most 0.500 after 1 epochs" in visitor.words
    # Where no step is certain it is all that counts.
    visitor.choose("task", "sentences").choose("length", 300).choose("epochs", 5)
    assert "All 4 runs reached a loss of 0.500" in visitor.words
    assert "no step is certain" in visitor.words


def test_two_fields_are_crossed():
    visitor = visit(
        "compare", **SMALL, c_second="Context reset", c_reset=["epoch", "step"], c_level="0.26"
    )
    vary = {"hidden": [2, 3], "reset": ["epoch", "step"]}
    assert words_for(BASE, vary, 2, 0.26) in visitor.words
    assert "**Context reset: step**" in visitor.words
    assert len(visitor.tables[0]) == 4
    assert len(visitor.tables[1]) == 8
    # A figure of curves for each reset policy, the grid and the points.
    assert len(visitor.charts) == 4


def test_a_comparison_runs_as_a_job_that_survives_a_change_of_page(allow, monkeypatch):
    monkeypatch.setattr(compare, "AT_ONCE", 0)
    allow(live_after=1e-9)
    visitor = visit("compare", **SMALL, c_field="Gradient depth", c_depth="1, 2")
    assert "Run 4 trainings" in visitor.labels
    visitor.press("Run 4 trainings").go("about").go("compare")
    level = comparison.default_level(runs.references_of(BASE))
    found = words_for(BASE, {"depth": [1, 2]}, 2, level)
    visitor.look_until(lambda page: found in page.words)
    # A link's field and values stay, too.
    assert visitor.state("c_field") == "Gradient depth"
    assert "Run 4 trainings" not in visitor.labels
    # Other settings are another comparison.
    visitor.choose("c_depth", "1 2 3")
    assert "Run 6 trainings" in visitor.labels
    visitor.choose("c_depth", "1..3, 5")
    assert "Run 8 trainings" in visitor.labels


def test_stop_keeps_the_trainings_that_are_done(allow, hold, monkeypatch):
    monkeypatch.setattr(compare, "AT_ONCE", 0)
    allow(live_after=1e-9)
    hold(reports=1)
    visitor = visit("compare", **SHORT, c_hidden="1, 2", c_seeds="20").press("Run 40 trainings")
    visitor.look_until(lambda page: page.charts).press("Stop")
    visitor.look_until(lambda page: not page.progress)
    done = visitor.tables[0]["runs"].sum()
    assert 1 <= done < 40
    assert visitor.info[0].value == f"Stopped after {done} of 40 trainings."
    assert "Run all of them" in visitor.labels


HIDDEN = "Hidden units: allowed is a whole number from 1 to 500;"
BAD = [
    ({"c_hidden": "2, 0"}, f"{HIDDEN} `'0'` was given."),
    ({"c_hidden": "two"}, f"{HIDDEN} `'two'` was given."),
    ({"c_hidden": " ,"}, "Hidden units: give at least one value, such as 2."),
    ({"c_hidden": "1..40"}, "Hidden units: allowed are at most 8 values; 40 were given."),
    ({"c_hidden": "4-1"}, "Hidden units: allowed is a rising range of at most 1,000 numbers; `'4-"),
    ({"c_field": "Learning rate", "c_learning_rate": "0.1..0.3"},
     "Learning rate: allowed is a number from 0.000001 to 100, each by itself; the range"),
    ({"c_level": "-1"}, "Loss level: allowed is a number from 0.000001 to 10; `'-1'` was given."),
    ({"c_seeds": "50", "c_hidden": "1 2 3", "c_second": "Gradient depth", "c_depth": "1 2 3"},
     "Allowed are 400 trainings at once; this asks for 450."),
    ({"epochs": "100000", "c_seeds": "50"}, "Allowed are 4,000,000 epochs in all trainings"),
]  # fmt: skip


def test_what_cannot_be_compared_is_explained(allow):
    for link, message in BAD:
        visitor = visit("compare", **SHORT | link)
        assert message in visitor.refusal
        assert not any(label.startswith("Run ") for label in visitor.labels)

    # Nor is what is more work than the server allows.
    allow(max_work=1e5)
    visitor = visit("compare", **SMALL | {"c_hidden": "2, 6"})
    assert "times the work that this server does" in visitor.refusal
    assert "Fewer values or seeds" in visitor.refusal
    assert not any(label.startswith("Run ") for label in visitor.labels)


def test_runs_that_diverge_are_counted_and_named():
    unbounded = {"task": "letters", "length": "60", "epochs": "40", "hidden": "6", "seed": "0"}
    unbounded |= {"reset": "never", "activation": "relu"}
    visitor = visit(
        "compare", **unbounded, c_field="Scale of the first weights", c_weight_scale="0.1, 3",
        c_seeds="2",
    )  # fmt: skip
    table = visitor.tables[0]
    assert table["diverged"].sum() >= 1
    assert "grew without bound" in visitor.words


def test_before_anything_is_compared_the_sidebar_s_run_is_shown():
    # Minutes on any machine, but the one run is short.
    visitor = visit("compare", length="3000", epochs="100", c_hidden="40, 50", c_seeds="50")
    assert "Run 100 trainings" in visitor.labels
    loss = run(Experiment(length=3000, epochs=100)).final_loss
    assert f"with 4 hidden units its loss ends at {loss:.4f}" in visitor.words
    assert "One run cannot tell." in visitor.words
    assert len(visitor.charts) == 1


def test_a_run_that_was_opened_does_not_move_the_comparison():
    visitor = visit("compare", **SMALL)
    expected = list(visitor.tables[1]["loss"])
    # What the last run's link would be, with the mark that it was opened from here.
    opened = variations(BASE, {"hidden": [2, 3]}, 2)[-1]
    visitor = visit("compare", **SMALL | opened.to_query(), c_opened="1")
    assert list(visitor.tables[1]["loss"]) == expected
    assert visitor.success[0].value.startswith("Opened: 3 hidden units, seed 1.")
    # With another seed in the sidebar it begins there.
    visitor.choose("seed", 5)
    assert list(visitor.tables[1]["seed"]) == [5, 6, 5, 6]
    assert not visitor.success


def test_runs_that_differ_in_their_first_weights_alone_are_told_apart_by_their_ends():
    visitor = visit("compare", **SHORT, c_field="Seed of the weights", c_seed="3, 5", c_seeds="5")
    ends = {seed: run(BASE.replace(seed=seed)).final_loss for seed in (3, 5)}
    said = visitor.words
    assert "Only the first weights differ: none of 2 runs learned the rule" in said
    assert f"{min(ends.values()):.4f} (seed {min(ends, key=ends.get)})" in said
    assert visitor.get_by_key("c_seeds").disabled
    assert visitor.tables[1]["seed"].tolist() == [3, 5]


def test_field_and_values_follow_the_task_until_the_reader_gives_others(monkeypatch):
    monkeypatch.setattr(compare, "AT_ONCE", 0)
    visitor = visit("compare", **SHORT, task="words", c_field="Letter codes", c_seeds="1")
    visitor.choose("task", "xor")
    # A field that the task has not is chosen no more.
    assert visitor.get_by_key("c_field").value == "Hidden units"
    assert visitor.get_by_key("c_hidden").value == "2, 4, 8"
    visitor.choose("task", "letters")
    assert visitor.get_by_key("c_hidden").value == "10, 20, 40"
    visitor.choose("c_hidden", "3, 5").choose("task", "xor")
    assert visitor.get_by_key("c_hidden").value == "3, 5"


def test_suggestions_are_comparisons():
    for label, wanted in {
        "Only the seed of the weights": {"seed": [0, 1, 2, 3, 4, 5, 6, 7]},
        "4 or 20 hidden units": {"hidden": [4, 20]},
        "Reset policies side by side": {"reset": ["epoch", "never", "group", "step"]},
        "Depth and hidden units": {"hidden": [2, 3], "depth": [1, 3]},
    }.items():
        table = visit("compare", **SMALL).press(label).tables[0]
        assert {name: list(dict.fromkeys(table[name])) for name in wanted} == wanted


@pytest.mark.parametrize("name", fields.compared())
def test_every_field_has_values_to_begin_with(name):
    base = Experiment(
        task={"codes": "words", "grammar": "reber"}.get(name, "xor"),
        **({"reset": "every", "reset_every": 3} if name == "reset_every" else {}),
    )
    assert name in comparison_form.fields_of(base)
    values = comparison_form.suggested(base, name)
    assert 2 <= len(values) <= comparison_form.MOST_VALUES
    assert len(variations(base, {name: values})) == len(values)


def test_fields_stand_in_links_by_these_labels():
    """A changed label would change what old links mean."""
    assert [fields.label(name) for name in fields.compared()] == [
        "Hidden units", "Context reset", "Learning rate", "Gradient depth", "Hidden activation",
        "Epochs", "Sequence length", "Momentum", "Context after a reset", "First weights",
        "Scale of the first weights", "Steps between resets", "Letter codes", "Grammar",
        "Seed of the weights",
    ]  # fmt: skip
    left_out = {"task", "data_seed", "branch", *fields.TOGETHER["text"]}
    assert set(fields.compared()) == set(SETTINGS) - left_out
