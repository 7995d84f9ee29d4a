"""`python -m elman TASK --from FILE`: going on from a saved run."""

import re

import pytest
from command import as_json, printed, refused, words
from same import assert_same_run

from elman import Experiment, run, saving

SMALL = Experiment(task="letters", length=60, hidden=3, epochs=4)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "run.npz"
    saving.save(run(SMALL), path)
    return path


def test_without_changes_it_is_the_longer_run_twice_as_long(saved, tmp_path):
    path = tmp_path / "on.npz"
    told = words("letters", "--from", saved, "--save", path)
    assert "8 epochs of 59 steps" in told
    assert "It goes on from epoch 4 of a run with epochs 4." in told
    on, longer = saving.load(path), run(SMALL.replace(epochs=8))
    assert on.experiment == SMALL.branched(4, epochs=8)
    assert on.losses.tolist() == longer.losses.tolist()
    # Its file is gone on from like any other, and all of it from the shell alone.
    twice = as_json("letters", "--from", path, "--from-epoch", "6", "--momentum", "0.5")
    again = on.experiment.branched(6, momentum=0.5)
    assert twice["experiment"] == again.to_dict()
    same = ("--length", "60", "--hidden", "3", "--epochs", "8", "--momentum", "0.5")
    assert as_json("letters", *same, "--branch", again.branch)["losses"] == twice["losses"]
    assert_same_run(run(again, parent=on), run(again))


LINES = {
    "letters --from FILE --from-epoch 5": "--from-epoch: allowed is a whole number from 0 to 4",
    "letters --from FILE --epochs 4": "--from-epoch: allowed is an epoch from 0 to 3, with these",
    "letters --from FILE --hidden 5": "--hidden: allowed is 3, as in the run that it goes on from",
    "letters --from FILE --momentum 2": "--momentum: allowed is a number from 0 to 0.999",
    "letters --from FILE --preset paper": "--preset: allowed is none with --from",
    "letters --from FILE --branch 3": "--branch: allowed is none with --from",
    "xor --from FILE": "--from: allowed is a run of xor; one of letters was given",
    "xor --from no.npz": "--from: allowed is a file that can be read; 'no.npz' was given",
    "xor --from-epoch 3": "--from-epoch: allowed is none without --from",
}


@pytest.mark.parametrize("line", LINES)
def test_what_cannot_be_gone_on_from_is_refused(line, saved):
    argv = [str(saved) if part == "FILE" else part for part in line.split()]
    assert re.match(re.escape(f"elman: {LINES[line]}"), refused(*argv))


def test_show_says_what_a_saved_branch_came_from(saved, tmp_path):
    path = tmp_path / "branch.npz"
    printed("letters", "--from", saved, "--from-epoch", "2", "--depth", "3", "--save", path)
    assert "It goes on from epoch 2 of a run with depth 1." in words("show", path)
