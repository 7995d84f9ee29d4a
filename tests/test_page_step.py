"""The page Inside one step: its numbers, its controls, and the words beside them."""

import numpy as np
import pytest
from visitor import SHORT, visit

from elman import tasks
from elman.analysis.step import choose_units, describe_place, describe_step, training_step
from elman.analysis.step_equations import quantities
from elman.analysis.step_weights import spelled, weight_rows
from elman.training import run


def step_of(visitor, epoch, number):
    """The step that the page should show: the library's own."""
    trained = run(visitor.shown)
    return trained, training_step(trained, epoch, number - 1)


def button(visitor, label):
    return next(button for button in visitor.button if button.label == label)


def assert_shows(visitor, epoch, number):
    trained, step = step_of(visitor, epoch, number)
    task = tasks.task_of(trained.experiment)
    words = describe_step(step, trained.sequence, task)
    assert words in visitor.words.replace("\\", "")
    assert describe_place(trained, step) in visitor.words
    wanted = [
        table.frame
        for quantity in quantities(
            step, trained.experiment, trained.sequence, task, choose_units(step, task)
        )
        for table in quantity.tables
    ]
    assert len(visitor.table) == len(wanted)
    for ours, frame in zip(visitor.table, wanted, strict=True):
        assert list(ours.value.columns) == list(frame.columns)
        np.testing.assert_array_equal(ours.value.to_numpy(), frame.to_numpy())


@pytest.mark.parametrize("task", ["xor", "letters", "sentences"])
def test_the_numbers_on_the_page_are_those_of_the_step(task):
    visitor = visit("step", task=task, epoch="2", step="7", **SHORT)
    assert_shows(visitor, 2, 7)


def test_also_with_momentum_depth_and_another_activation():
    visitor = visit(
        "step", task="letters", momentum="0.5", depth="3", activation="tanh", step="4", **SHORT
    )
    assert_shows(visitor, 5, 4)
    assert "Hidden deltas further back" in visitor.words
    visitor.choose("array", "velocity")
    _, step = step_of(visitor, 5, 4)
    changes = visitor.table[-3].value
    np.testing.assert_array_equal(changes.iloc[:, :8], step.velocity["W_hh"][:8, :8])


def test_forward_and_back_go_one_step_within_the_pass_after_the_epoch_on_the_slider():
    visitor = visit("step", stage="error", **SHORT)
    assert "in pass 6: it would come next, after the 5 passes" in visitor.words
    assert "Squares hold the targets" in visitor.words
    assert "copied into the context units" in visitor.choose("stage", "copy").words
    assert_shows(visitor, 5, 2)
    assert_shows(visitor.press("Later"), 5, 3)
    assert_shows(visitor.press("Earlier").press("Earlier"), 5, 1)
    assert "The context was set back to 0 before this step." in visitor.words
    assert button(visitor, "Earlier").disabled
    assert not button(visitor, "Later").disabled
    visitor.choose("step", 300)
    assert button(visitor, "Later").disabled
    # A shorter sequence brings the step back into it.
    visitor.choose("length", 90)
    assert_shows(visitor, 5, 90)
    visitor.choose("epoch", 0)
    assert_shows(visitor, 0, 90)
    assert "in pass 1 of 5." in visitor.words


def test_a_stretch_of_a_wide_layer_can_be_chosen():
    visitor = visit("step", task="letters", **SHORT)
    assert "Drawn are hidden units 1 to 8 of 20" in visitor.words
    visitor.choose("units", "17 to 20")
    assert "Drawn are hidden units 17 to 20 of 20" in visitor.words
    _, step = step_of(visitor, 5, 2)
    np.testing.assert_array_equal(visitor.table[1].value["$c$"], step.context[16:])
    # Another run may have no such units.
    visitor.choose("hidden", 12)
    assert_shows(visitor, 5, 2)


def test_a_further_symbol_of_a_long_code_can_be_shown():
    visitor = visit("step", task="sentences", epochs="1", length="60", hidden="4")
    task = tasks.TASKS["sentences"]
    name = next(n for n in task.features if n not in visitor.table[0].value.index)
    visitor.choose("further_symbol", name)
    assert name in visitor.table[0].value.index
    assert name in visitor.table[5].value.index


def test_one_weight_is_followed_from_before_the_step_to_after_it_and_each_has_a_row():
    visitor = visit("step", stage="update", momentum="0.5", step="4", **SHORT)
    trained, step = step_of(visitor, 5, 4)
    units = choose_units(step, tasks.task_of(trained.experiment))
    rows = weight_rows(step, trained.experiment, units)
    np.testing.assert_allclose(
        rows["before"] + rows["by_rate"] + rows["by_momentum"], rows["after"]
    )
    (shown_rows,) = [table.value for table in visitor.dataframe]
    np.testing.assert_array_equal(shown_rows["after"], rows["after"])
    assert len(rows) == sum(weights.size for weights in step.before.values())
    # At first the one that changes most.
    most = rows.loc[(rows["after"] - rows["before"]).abs().idxmax()]
    assert visitor.get_by_key("weight").value == most["weight"]
    for name in (most["weight"], "c2 → h1"):
        visitor.choose("weight", name)
        (row,) = [row for _, row in rows.iterrows() if row["weight"] == name]
        said = spelled(row, trained.experiment)
        assert visitor.table[0].value.to_dict() == said.to_dict()
        assert float(said["Before"].iloc[0]) == pytest.approx(row["before"], abs=1e-4)
    assert row["before"] == step.before["W_hh"][0, 1]
