"""`--save FILE` and `python -m elman show FILE`: a run that is kept and looked at."""

import json
import os

import numpy as np
import pytest

from elman import Experiment, run, saving
from elman.cli import main

SMALL = ("--hidden", "3", "--epochs", "4", "--length", "60")
EXPERIMENT = Experiment(task="letters", hidden=3, epochs=4, length=60)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "run.npz"
    saving.save(run(EXPERIMENT), path)
    return str(path)


def test_the_run_of_the_command_line_is_saved(tmp_path, capsys):
    path = tmp_path / "run.npz"
    assert main.main(["letters", *SMALL, "--save", str(path)]) == 0
    again = saving.load(path)
    assert again.experiment == EXPERIMENT
    np.testing.assert_array_equal(again.losses, run(EXPERIMENT).losses)


def test_show_prints_what_training_printed(tmp_path, capsys):
    path = str(tmp_path / "run.npz")
    assert main.main(["letters", *SMALL, "--steps", "3", "--save", path]) == 0
    trained = capsys.readouterr()
    assert main.main(["show", path, "--steps", "3"]) == 0
    assert capsys.readouterr() == trained


def test_show_trains_nothing(file, capsys, monkeypatch):
    monkeypatch.setattr(main.training, "run", None)
    assert main.main(["show", file, "--json", "--on", "training"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["tested_on"] == "training"
    assert answer["losses"] == run(EXPERIMENT).losses.tolist()


def test_show_draws_the_figure(file, tmp_path, capsys):
    path = tmp_path / "figure.svg"
    assert main.main(["show", file, "--plot", str(path)]) == 0
    assert "consonant" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("letters", *SMALL, "--save", "run.txt"), "--save: allowed is a file name ending in .npz"),
        (("letters", *SMALL, "--save", "no/run.npz"), "--save: allowed is a file that can be writ"),
        (("both", "--save", "run.npz"), "unrecognized arguments: --save run.npz"),
        (("show", "none.npz"), "FILE: allowed is a file that can be read; 'none.npz' was given"),
        (("show", "text.npz"), "text.npz: file: allowed is a run saved as .npz; another kind"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_line(argv, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.npz").write_text("not a run")
    monkeypatch.setattr(main.training, "run", None)
    assert main.main(list(argv)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"elman: {words}")
    assert err.count("\n") == 1
    assert os.listdir(tmp_path) == ["text.npz"]
