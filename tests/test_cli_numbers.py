"""`python -m elman numbers`: its flags, tables, JSON and figure; test_cli_refusals has the rest."""

import command
import pytest
from command import flags, other_value, printed

from elman import report
from elman.studies.numbers import DEFAULTS, SETTINGS, NumberExperiment, run

SMALL = ("--units", "5", "--epochs", "3")


def as_json(*argv, **ending):
    return command.as_json("numbers", *argv, **ending)


def test_the_default_is_the_exercise():
    answer = as_json()
    trained = run(NumberExperiment())
    assert [layer["parameters"] for layer in answer["layers"]] == [2600, 51]
    assert answer["straight_line"] == pytest.approx(10)
    assert [row["window"] for row in answer["predictions"]][7] == [7, 8, 9]
    assert answer["seconds"] > 0
    expected = {
        "experiment": {"task": "numbers", **DEFAULTS, "sequence": [*range(10)]},
        "parameters": 2651, "window": [7, 8, 9], "prediction": trained.next_after(),
        "losses": trained.losses.tolist(), "final_loss": trained.losses[-1],
        "status": "finished", "expected": 10, "rule": "constant steps of 1",
    }  # fmt: skip
    assert {name: answer[name] for name in expected} == expected


def test_every_field_has_a_flag_that_reaches_the_experiment_and_units_are_hidden_units():
    values = {name: other_value(name, setting) for name, setting in SETTINGS.items()}
    expected = NumberExperiment(**values)
    answer = as_json(*flags(values))["experiment"]
    for name in SETTINGS:
        assert answer[name] == getattr(expected, name) != DEFAULTS[name]
    assert as_json("--hidden", "6", "--epochs", "2")["parameters"] == 6 * (1 + 6 + 1) + 7


SEQUENCES = [
    (("--sequence", "Even-Numbers", "--length", "5"), [0, 2, 4, 6, 8]),
    (("--sequence", "even", "numbers", "--length", "5"), [0, 2, 4, 6, 8]),
    (("--sequence", "[1, 2, 3, 5]"), [1, 2, 3, 5]),
    (("--sequence", "1", "2", "3", "-5"), [1, 2, 3, -5]),
    (("--sequence=-1,0,1,2",), [-1, 0, 1, 2]),
    (("--sequence", "-0.1,-1.3,2,3"), [-0.1, -1.3, 2, 3]),
    (("--sequence", "-1e-3", "-.5,1", "2"), [-0.001, -0.5, 1, 2]),
    (("--length", "6"), [0, 1, 2, 3, 4, 5]),
]


def test_a_sequence_is_given_by_name_or_number_and_any_window_can_be_asked():
    for argv, sequence in SEQUENCES:
        answer = as_json(*SMALL, *argv)
        assert answer["experiment"]["sequence"] == sequence
        assert answer["window"] == sequence[-3:]
    trained = run(NumberExperiment(units=5, epochs=3))
    for argv in ("--window", "1", "2", "4"), ("--window", "[1, 2, 4]"), ("--window=1;2;4",):
        answer = as_json(*SMALL, *argv)
        assert answer["prediction"] == trained.next_after([1, 2, 4])
        assert answer["expected"] is None


def test_the_text_has_shapes_layers_predictions_and_the_answer_and_the_figure_is_drawn(tmp_path):
    out = printed("numbers", "--steps", "2")
    assert out.startswith("Number sequences: 10 numbers, windows of 3, 50 units, relu, adam, 200 ")
    for shown in ("x (7, 3, 1) = (samples, steps, features), y (7, 1)", "1, 2, 3",
                  "SimpleRNN  (None, 50)        2,600", "Total                        2,651",
                  "After 7, 8, 9 the network says 10"):  # fmt: skip
        assert shown in out
    assert "2, 3, 4" not in out
    assert max(map(len, out.splitlines())) <= report.WIDTH

    path = tmp_path / "figure.svg"
    printed("numbers", *SMALL, "--seed", "3", "--plot", path)
    drawn = path.read_text(encoding="utf-8")
    for words in ("Number sequences", "Place in the sequence", "Epoch", "seed 3", "network"):
        assert words in drawn


def test_a_run_that_diverges_ends_with_1_and_null():
    trained = run(NumberExperiment(optimizer="sgd", learning_rate=5))
    said = (
        f"numbers: The weights grew without bound after {len(trained.losses)} of 200 epochs. Use "
        "a smaller learning rate, Adam, or scaled numbers.\n"
    )
    answer = as_json("--optimizer", "sgd", "--learning-rate", "5", code=1, stderr=said)
    assert answer["status"] == "diverged"
    assert answer["prediction"] is None
