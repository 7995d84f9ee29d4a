"""Train goes on: for more epochs, from any epoch with other settings, and from an opened file."""

import pytest
from same import saved
from visitor import SHORT, visit

from elman import Experiment, run
from elman.tasks import TASKS

XOR = Experiment(epochs=5, length=300)


def figures(visitor):
    return " ".join(visitor.alternatives)


def test_going_on_at_the_end_gives_the_longer_run_and_a_way_back():
    visitor = visit(**SHORT).press("Go on to epoch 10")
    assert visitor.shown == XOR.branched(5, epochs=10)
    assert "it goes on from epoch 5 of a run with epochs 5" in visitor.words
    longer = run(XOR.replace(epochs=10))
    assert visitor.loss == f"{longer.final_loss:.4f}"
    assert "A dotted line at epoch 5: there a branch begins." in figures(visitor)
    # The run before lies under it, in one figure.
    assert f"ends at {run(XOR).final_loss:.4f}" in figures(visitor)
    assert visitor.press("Back to the run before").shown == XOR
    assert "branch" not in visitor.query_params
    assert "there a branch begins" not in figures(visitor)


def test_a_branch_from_the_epoch_looked_at_takes_what_is_changed_and_undo_takes_it_back():
    visitor = visit(**SHORT, epoch="3").press("Branch from epoch 3")
    assert visitor.shown == XOR.branched(3)
    assert "**Goes on from**: nothing → epoch 3 of the run before" in visitor.words
    visitor.choose("learning_rate", 0.5).choose("data_seed", 7)
    branch = XOR.branched(3, learning_rate=0.5, data_seed=7)
    assert visitor.shown == branch
    assert visitor.loss == f"{run(branch).final_loss:.4f}"
    # Its epochs begin where it does; the slider shows no other.
    assert visitor.select_slider(key="epoch").options == ["3", "4", "5"]
    assert branch.branch in str(visitor.query_params["branch"])
    again = visit(**branch.to_query())
    assert again.shown == branch
    assert again.notes == ""
    for page in ("errors", "states", "step", "watch"):
        assert not again.go(page).exception
        assert again.shown == branch
    # What cannot be gone on from stays out, and is said; another task has no branch.
    visitor.choose("epochs", 3)
    assert "an epoch from 0 to 2, with these epochs before and now" in visitor.error[0].value
    visitor.choose("task", "letters")
    assert (visitor.shown.task, visitor.shown.branch) == ("letters", "")

    visitor = visit(**SHORT, epoch="3").press("Branch from epoch 3").press("Undo")
    assert visitor.shown == XOR
    assert visitor.select_slider(key="epoch").value == 3


def test_a_third_branch_is_the_last_and_where_the_memory_grows_a_longer_run_is_another_one():
    visitor = visit(**SHORT, reset="growing")
    assert "It is not the longer run" in visitor.words
    assert (
        "the same numbers as in a run of so many epochs" in visitor.choose("reset", "epoch").words
    )
    visitor = visit(**SHORT, branch=XOR.branched(2).branched(3).branched(4).branch)
    assert "no more of them fit into a link" in visitor.words
    assert not [one for one in visitor.labels if one.startswith(("Go on to", "Branch"))]


@pytest.mark.parametrize("task", TASKS)
def test_every_page_shows_a_branch_of_every_task(task):
    branch = Experiment(task=task, epochs=4, length=300, hidden=5).branched(
        2, momentum=0.5, depth=2
    )
    for page, view in {"train": "", "states": "automaton", "generate": ""}.items():
        visitor = visit(page, **branch.to_query() | ({"view": view} if view else {}))
        assert not visitor.exception


def test_a_branch_of_an_opened_run_goes_on_from_its_file():
    """Whose weights are not what the experiment would give here."""
    trained = run(XOR)
    for snapshot in trained.snapshots:
        snapshot.weights["b_o"][:] += 1.0
    visitor = visit(**SHORT)
    visitor.session_state["keep_open"] = True
    visitor.run().upload("run_file", saved(trained), "run.npz").press("Go on to epoch 10")
    wanted = run(XOR.branched(5, epochs=10), parent=trained)
    assert visitor.loss == f"{wanted.final_loss:.4f}"
    assert wanted.final_loss != run(XOR.replace(epochs=10)).final_loss
    assert "from the saved file `run.npz`" in visitor.words
    # Others who follow the link get what training gives.
    other = visit(**XOR.branched(5, epochs=10).to_query())
    assert other.loss == f"{run(XOR.replace(epochs=10)).final_loss:.4f}"
