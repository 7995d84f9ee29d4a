"""`python -m elman --plot`: what the figures hold, and where they can go."""

import json
import sys
import xml.etree.ElementTree as ET

import pytest

from elman import training
from elman.cli import main, shell

SMALL = ("--length", "60", "--epochs", "2")


@pytest.fixture
def refused(capsys):
    """Run the command line, which must refuse with one line on stderr; return the line."""

    def go(*argv):
        assert main.main(list(argv)) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        return err

    return go


def svg_texts(path):
    root = ET.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return [element.text for element in root.iter() if element.text]


def test_plot_draws_the_loss_curve_above_the_errors_as_svg(tmp_path):
    path = tmp_path / "figure.svg"
    assert main.main(["xor", *SMALL, "--plot", str(path)]) == 0
    texts = svg_texts(path)
    for words in ("XOR in time", "Epoch", "Mean squared error", "Squared error", "XOR bit"):
        assert words in texts
    assert any(words.startswith("4 hidden units, 2 epochs of 60 steps") for words in texts)


def test_plot_draws_both_tasks_in_one_figure(tmp_path):
    path = tmp_path / "figure.SVG"
    assert main.main(["both", *SMALL, "--json", "--plot", str(path)]) == 0
    texts = svg_texts(path)
    assert {"XOR in time", "Letters", "XOR bit", "consonant"} <= set(texts)
    assert texts.count("Epoch") == 2


def test_plot_writes_png(tmp_path):
    path = tmp_path / "figure.png"
    assert main.main(["letters", *SMALL, "--plot", str(path)]) == 0
    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_plot_writes_html_that_loads_nothing(tmp_path):
    path = tmp_path / "figure.html"
    path.write_text("what was here before")
    assert main.main(["xor", *SMALL, "--plot", str(path)]) == 0
    page = path.read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "Mean squared error" in page
    outside = ('src="http', "src='http", 'src="//', 'href="http', "@import", 'import("http')
    assert [words for words in outside if words in page] == []
    assert "what was here before" not in page


def test_plot_draws_what_a_diverged_run_leaves(tmp_path):
    path = tmp_path / "figure.svg"
    diverges = ("--activation", "relu", "--learning-rate", "3", "--momentum", "0.99")
    assert main.main(["letters", *diverges, "--plot", str(path)]) == 1
    assert "consonant" in svg_texts(path)


@pytest.mark.parametrize("name", ["no/such/folder/figure.png", "folder.png", "/proc/figure.svg"])
def test_a_figure_that_cannot_be_written_is_refused_before_training(
    name, tmp_path, monkeypatch, refused
):
    monkeypatch.setattr(training, "run", None)
    (tmp_path / "folder.png").mkdir()
    line = refused("xor", "--plot", str(tmp_path / name))
    assert line.startswith("elman: --plot: allowed is a file that can be written; ")
    assert name in line


def test_looking_whether_a_figure_can_be_written_changes_no_file(tmp_path):
    old, new = tmp_path / "old.svg", tmp_path / "new.svg"
    old.write_text("<svg/>")
    for path in (old, new):
        assert shell.plot_path(str(path)) == path
    assert old.read_text() == "<svg/>"
    assert not new.exists()


def test_a_missing_package_for_figures_is_named_before_training(tmp_path, monkeypatch, refused):
    monkeypatch.setattr(training, "run", None)
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert "vl_convert" in refused("xor", "--plot", str(tmp_path / "figure.png"))


def test_a_figure_that_fails_while_it_is_written_ends_with_1(tmp_path, monkeypatch, capsys):
    path = tmp_path / "folder" / "figure.svg"
    path.parent.mkdir()
    real = training.run

    def run_and_lose_the_folder(*args, **settings):
        path.parent.rmdir()
        return real(*args, **settings)

    monkeypatch.setattr(training, "run", run_and_lose_the_folder)
    assert main.main(["xor", *SMALL, "--json", "--plot", str(path)]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["status"] == "finished"
    assert err.startswith(f"elman: --plot: {path} was not written")
