"""Files that are kept: `--plot FILE`, `--save FILE`, `python -m elman show FILE`, and CSV."""

import io
import json
import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from command import DIVERGES, SMALL, as_json, flags, printed, run_command

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


def test_a_figure_shows_what_a_diverged_run_leaves_or_ends_with_1_if_it_fails(
    tmp_path, monkeypatch
):
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


def test_a_saved_run_is_that_of_the_library_and_show_prints_it_without_training(
    tmp_path, monkeypatch
):
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
