"""`python -m elman numbers`: its flags, tables, JSON, figures and refusals."""

import json

import pytest

from elman import report
from elman.cli import main, numbers
from elman.studies.numbers import DEFAULTS, SETTINGS, NumberExperiment, run

SMALL = ("--units", "5", "--epochs", "3")

# For every field: a good value and a bad one.
FLAGS = {
    "window_size": ("4", "0"),
    "units": ("7", "501"),
    "activation": ("tanh", "sigmoid"),
    "optimizer": ("sgd", "lion"),
    "learning_rate": ("0.01", "nan"),
    "epochs": ("5", "2.5"),
    "batch_size": ("2", "x"),
    "scaling": ("minmax", "log"),
    "weight_init": ("torch", "zeros"),
    "seed": ("11", "-1"),
}


def flag(field):
    return "--" + field.replace("_", "-")


def not_a_number(name):
    raise AssertionError(f"{name} is not JSON")


@pytest.fixture
def as_json(capsys):
    """Run the command with --json; the object that it prints, and nothing else."""

    def go(*argv, code=0, stderr=""):
        assert main.main(["numbers", *argv, "--json"]) == code
        out, err = capsys.readouterr()
        assert err == stderr
        return json.loads(out, parse_constant=not_a_number)

    return go


@pytest.fixture
def refused(capsys):
    """Run the command, which must refuse with one line on stderr; the line."""

    def go(*argv):
        assert main.main(["numbers", *argv]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        return err

    return go


def test_the_default_is_the_exercise(as_json):
    answer = as_json()
    trained = run(NumberExperiment())
    assert answer["experiment"] == {"task": "numbers", **DEFAULTS, "sequence": [*range(10)]}
    assert answer["parameters"] == 2651
    assert [layer["parameters"] for layer in answer["layers"]] == [2600, 51]
    assert answer["window"] == [7, 8, 9]
    assert answer["prediction"] == trained.next_after()
    assert answer["losses"] == trained.losses.tolist()
    assert answer["final_loss"] == answer["losses"][-1]
    assert answer["status"] == "finished"
    assert answer["seconds"] > 0
    assert (answer["expected"], answer["rule"]) == (10, "constant steps of 1")
    assert answer["straight_line"] == pytest.approx(10)
    assert [row["window"] for row in answer["predictions"]][7] == [7, 8, 9]


def test_the_table_of_this_file_covers_every_field():
    assert set(FLAGS) == set(SETTINGS)


@pytest.mark.parametrize("field", FLAGS)
def test_every_field_has_a_flag_that_reaches_the_experiment(field, as_json):
    settings = {"units": "5", "epochs": "3"} | {field: FLAGS[field][0]}
    given = [part for name, value in settings.items() for part in (flag(name), value)]
    expected = NumberExperiment(**settings)
    answer = as_json(*given)["experiment"]
    assert {name: answer[name] for name in SETTINGS} == {
        name: getattr(expected, name) for name in SETTINGS
    }
    assert answer[field] != DEFAULTS[field]


@pytest.mark.parametrize("field", FLAGS)
def test_a_bad_value_is_refused_naming_flag_allowed_and_given(field, refused):
    bad = FLAGS[field][1]
    line = refused(flag(field), bad)
    allowed = SETTINGS[field].allowed
    assert line == f"elman: {flag(field)}: allowed is {allowed}; {bad!r} was given.\n"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--sequence", "1", "2"), "--sequence: allowed are 4 to 300 numbers"),
        (("--sequence", ""), "none was given"),
        (("--sequence", "a", "b"), "one of counting, even numbers, Fibonacci"),
        (("--sequence", "1,2,nan,4"), "'nan' was given"),
        (("--sequence", "1,2,three,4"), "'three' was given"),
        (("--sequence", "1,2,3,1e7"), "from -1,000,000 to 1,000,000"),
        (("--sequence", "fibonacci", "--length", "40"), "--length: allowed is a whole number"),
        (("--sequence", "1,2,3,4", "--length", "9"), "--length: allowed only with a sequence"),
        (("--window", "1", "2"), "--window: allowed is a window of 3 numbers"),
        (("--window", "1,2,x"), "--window: allowed are numbers"),
        (("--window", "inf", "2", "3"), "'inf' was given"),
        (("--steps", "0"), "--steps: allowed is a whole number"),
        (("--plot", "curve.gif"), "--plot: allowed is a file name ending in"),
        (("--reset", "never"), "--reset"),
    ],
)
def test_what_makes_no_sense_is_refused_before_training(argv, words, refused, monkeypatch):
    monkeypatch.setattr(numbers, "run", None)
    line = refused(*argv)
    assert line.startswith("elman: ")
    assert words in line


@pytest.mark.parametrize(
    ("argv", "sequence"),
    [
        (("--sequence", "Even-Numbers", "--length", "5"), [0, 2, 4, 6, 8]),
        (("--sequence", "even", "numbers", "--length", "5"), [0, 2, 4, 6, 8]),
        (("--sequence", "[1, 2, 3, 5]"), [1, 2, 3, 5]),
        (("--sequence", "1", "2", "3", "-5"), [1, 2, 3, -5]),
        (("--sequence=-1,0,1,2",), [-1, 0, 1, 2]),
        (("--length", "6"), [0, 1, 2, 3, 4, 5]),
    ],
)
def test_a_sequence_is_given_by_name_or_number(argv, sequence, as_json):
    answer = as_json(*SMALL, *argv)
    assert answer["experiment"]["sequence"] == sequence
    assert answer["window"] == sequence[-3:]


@pytest.mark.parametrize(
    "argv", [("--window", "1", "2", "4"), ("--window", "[1, 2, 4]"), ("--window=1;2;4",)]
)
def test_any_window_can_be_asked(argv, as_json):
    answer = as_json(*SMALL, *argv)
    trained = run(NumberExperiment(units=5, epochs=3))
    assert answer["prediction"] == trained.next_after([1, 2, 4])
    assert answer["expected"] is None


def test_hidden_is_another_word_for_units(as_json):
    assert as_json("--hidden", "6", "--epochs", "2")["parameters"] == 6 * (1 + 6 + 1) + 7


def test_the_text_has_shapes_layers_predictions_and_the_answer(capsys):
    assert main.main(["numbers", "--steps", "2"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("Number sequences: 10 numbers, windows of 3, 50 units, relu, adam, 200 ")
    assert "x (7, 3, 1) = (samples, steps, features), y (7, 1)" in out
    assert "SimpleRNN  (None, 50)        2,600" in out
    assert "Total                        2,651" in out
    assert "1, 2, 3" in out
    assert "2, 3, 4" not in out
    assert "After 7, 8, 9 the network says 10" in out
    assert max(map(len, out.splitlines())) <= report.WIDTH


def test_a_run_that_diverges_ends_with_1_and_null(as_json):
    said = "numbers: The weights grew without bound after {} of 200 epochs. Use a smaller "
    trained = run(NumberExperiment(optimizer="sgd", learning_rate=5))
    said = said.format(len(trained.losses)) + "learning rate, Adam, or scaled numbers.\n"
    answer = as_json("--optimizer", "sgd", "--learning-rate", "5", code=1, stderr=said)
    assert answer["status"] == "diverged"
    assert answer["prediction"] is None


def test_the_figure_is_drawn(tmp_path, capsys):
    path = tmp_path / "figure.svg"
    assert main.main(["numbers", *SMALL, "--seed", "3", "--plot", str(path)]) == 0
    drawn = path.read_text(encoding="utf-8")
    for words in ("Number sequences", "Place in the sequence", "Epoch", "seed 3", "network"):
        assert words in drawn
