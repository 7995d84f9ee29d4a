"""Files that are kept: `--plot FILE`, `--save FILE`, `show FILE`, `TASK --from FILE`, and CSV."""

import io
import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from command import DIVERGES, SMALL, as_json, flags, printed, refused, run_command, words
from same import assert_same_run

from elman import Experiment, run, saving, training
from elman.analysis import errors
from elman.analysis.replay import replay
from elman.charts import files
from elman.tasks import TASKS, new_sequence

SETTINGS = {"hidden": 3, "epochs": 4, "length": 60}
EXPERIMENT = Experiment(task="letters", **SETTINGS)
LETTERS = ("letters", *flags(SETTINGS))


def svg_texts(path):
    root = ET.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return [element.text for element in root.iter() if element.text]


def test_plot_draws_both_tasks_as_svg_and_writes_png_and_html_that_loads_nothing(tmp_path):
    path = tmp_path / "figure.SVG"
    as_json("both", *SMALL, "--plot", path)
    texts = svg_texts(path)
    shown = {"XOR in time", "Letters", "XOR bit", "consonant", "Mean squared error"}
    assert shown | {"Squared error"} <= {*texts}
    assert texts.count("Epoch") == 2
    assert sum(words.startswith("3 hidden units, 2 epochs of 60 steps") for words in texts) == 1
    path = tmp_path / "figure.png"
    printed(*LETTERS, "--plot", path)
    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    path = tmp_path / "figure.html"
    path.write_text("what was here before")
    printed("xor", *SMALL, "--plot", path)
    page = path.read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "Mean squared error" in page
    outside = ('src="http', "src='http", 'src="//', 'href="http', "@import", 'import("http')
    assert [words for words in (*outside, "what was here before") if words in page] == []


def test_a_figure_of_a_diverged_run_and_one_that_cannot_be_written(tmp_path, monkeypatch):
    path = tmp_path / "folder" / "figure.svg"
    path.parent.mkdir()
    assert run_command(*DIVERGES, "--plot", path)[0] == 1
    assert "consonant" in svg_texts(path)
    path.unlink()
    real = training.run

    def run_and_lose_the_folder(*args, **settings):
        path.parent.rmdir()
        return real(*args, **settings)

    monkeypatch.setattr(training, "run", run_and_lose_the_folder)
    code, out, err = run_command("xor", *SMALL, "--json", "--plot", path)
    assert (code, json.loads(out)["status"]) == (1, "finished")
    assert err.startswith(f"elman: --plot: {path} was not written")


def test_show_prints_a_saved_run_of_the_library_without_training(tmp_path, monkeypatch):
    path, figure = tmp_path / "run.npz", tmp_path / "figure.svg"
    trained = printed(*LETTERS, "--steps", "3", "--save", path)
    again = saving.load(path)
    assert again.experiment == EXPERIMENT
    np.testing.assert_array_equal(again.losses, run(EXPERIMENT).losses)
    monkeypatch.setattr(training, "run", None)
    assert printed("show", path, "--steps", "3") == trained
    answer = as_json("show", path, "--on", "training", "--plot", figure)
    assert answer["tested_on"] == "training"
    assert answer["losses"] == again.losses.tolist()
    assert "consonant" in svg_texts(figure)


def read(content):
    table = pd.read_csv(io.BytesIO(content), dtype=str)
    numbers = {"loss", "error", "floor"} & {*table.columns}
    # Written with all digits; the reader of pandas rounds the last one.
    return table.assign(**{name: [float(text) for text in table[name]] for name in numbers})


@pytest.mark.parametrize("task", TASKS)
def test_losses_and_errors_are_one_number_a_row_and_those_of_the_tables(task):
    experiment = Experiment(task=task, **SETTINGS)
    result = replay(run(experiment), new_sequence(experiment))
    table = read(files.csv(files.losses(result.run)))
    assert table.columns.tolist() == ["epoch", "loss"]
    assert table["epoch"].tolist() == ["1", "2", "3", "4"]
    np.testing.assert_array_equal(table["loss"], result.run.losses)

    table = read(files.csv(files.errors(result)))
    assert table.columns.tolist() == ["by", "at", "measure", "error", "floor"]
    assert not table.duplicated(["by", "at", "measure"]).any()
    expected = {"position": errors.by_position(result)}
    if result.task.has_features:
        expected["feature"] = errors.by_feature(result)
    expected["step"] = errors.by_step(result, len(result.sequence))
    assert table["by"].unique().tolist() == list(expected)
    for by, wanted in expected.items():
        for measure in errors.MEASURES:
            rows = table[(table["by"] == by) & (table["measure"] == measure)]
            assert rows["at"].tolist() == wanted[by].astype(str).tolist()
            np.testing.assert_array_equal(rows["error"], wanted[measure])
            np.testing.assert_array_equal(rows["floor"], wanted[f"{measure}_floor"])


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "run.npz"
    saving.save(run(EXPERIMENT), path)
    return path


def test_without_changes_it_is_the_longer_run_twice_as_long(saved, tmp_path):
    path = tmp_path / "on.npz"
    told = words("letters", "--from", saved, "--save", path)
    assert "8 epochs of 59 steps" in told
    assert "It goes on from epoch 4 of a run with epochs 4." in told
    on, longer = saving.load(path), run(EXPERIMENT.replace(epochs=8))
    assert on.experiment == EXPERIMENT.branched(4, epochs=8)
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
