"""`python -m elman numbers` and `table`: flags, files, tables, JSON, figures; see also refusals."""

import numpy as np
import pytest
from command import as_json, flags, other_value, printed, refused, words

from elman import report
from elman.studies import numbers
from elman.studies.numbers import NumberExperiment, run
from elman.studies.own_table import example
from elman.studies.table_experiment import DEFAULTS, SETTINGS, TableExperiment

SMALL = ("--units", "5", "--epochs", "3")
TINY = ("--epochs", "2", "--hidden", "3")


def test_the_default_is_the_exercise():
    answer = as_json("numbers")
    trained = run(NumberExperiment())
    assert [layer["parameters"] for layer in answer["layers"]] == [2600, 51]
    assert answer["straight_line"] == pytest.approx(10)
    assert [row["window"] for row in answer["predictions"]][7] == [7, 8, 9]
    assert answer["seconds"] > 0
    expected = {
        "experiment": {"task": "numbers", **numbers.DEFAULTS, "sequence": [*range(10)]},
        "parameters": 2651, "window": [7, 8, 9], "prediction": trained.next_after(),
        "losses": trained.losses.tolist(), "final_loss": trained.losses[-1],
        "status": "finished", "expected": 10, "rule": "constant steps of 1",
    }  # fmt: skip
    assert {name: answer[name] for name in expected} == expected


def test_every_field_has_a_flag_that_reaches_the_experiment_and_units_are_hidden_units():
    values = {name: other_value(name, setting) for name, setting in numbers.SETTINGS.items()}
    expected = NumberExperiment(**values)
    answer = as_json("numbers", *flags(values))["experiment"]
    for name in numbers.SETTINGS:
        assert answer[name] == getattr(expected, name) != numbers.DEFAULTS[name]
    assert as_json("numbers", "--hidden", "6", "--epochs", "2")["parameters"] == 6 * (1 + 6 + 1) + 7


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
        answer = as_json("numbers", *SMALL, *argv)
        assert answer["experiment"]["sequence"] == sequence
        assert answer["window"] == sequence[-3:]
    trained = run(NumberExperiment(units=5, epochs=3))
    for argv in ("--window", "1", "2", "4"), ("--window", "[1, 2, 4]"), ("--window=1;2;4",):
        answer = as_json("numbers", *SMALL, *argv)
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
    for shown in ("Number sequences", "Place in the sequence", "Epoch", "seed 3", "network"):
        assert shown in drawn


def test_a_run_that_diverges_ends_with_1_and_null():
    trained = run(NumberExperiment(optimizer="sgd", learning_rate=5))
    said = (
        f"numbers: The weights grew without bound after {len(trained.losses)} of 200 epochs. Use "
        "a smaller learning rate, Adam, or scaled numbers.\n"
    )
    answer = as_json("numbers", "--optimizer", "sgd", "--learning-rate", "5", code=1, stderr=said)
    assert answer["status"] == "diverged"
    assert answer["prediction"] is None


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "houses.csv"
    example(60, rng=np.random.default_rng(0)).frame.to_csv(path, index=False)
    return path


def test_the_built_in_table_has_scaling_forecasts_errors_and_a_verdict():
    said = words("table", "--steps", "2", *TINY)
    for shown in (
        "Own table: 720 rows of 3 columns, Elman's network and LSTM, 3 hidden units,",
        "573 steps to learn from, 144 kept for the test", "0.1 to 0.9", "straight line",
        "rmse_training", "Over the training steps: Elman's network",
        "demand: Elman's network is worse than the best naive",
    ):  # fmt: skip
        assert shown in said


def test_a_file_is_read_and_every_setting_reaches_the_experiment(file):
    values = {name: other_value(name, s) for name, s in SETTINGS.items() if name != "sequence"}
    values |= {"sequence": "house", "share": "0.3", "hidden": "2", "epochs": "2", "seeds": "4"}
    columns = ("--read", "temperature,demand", "--predict", "demand", "temperature")
    answer = as_json("table", file, *flags(values), *columns)
    expected = TableExperiment(
        **values, read=("temperature", "demand"), predict=("demand", "temperature")
    )
    for name in SETTINGS:
        assert answer["experiment"][name] == getattr(expected, name) != DEFAULTS[name]
    assert answer["read"] == ["temperature", "demand"]
    assert answer["predict"] == ["demand", "temperature"]
    assert len(answer["networks"]) == 8
    assert {row["column"] for row in answer["errors"]} == {"demand", "temperature"}
    assert len(answer["verdicts"]) == 2


def test_columns_that_are_not_used_are_named_with_the_reason(tmp_path):
    path = tmp_path / "mixed.csv"
    rows = [f"{k},{'x' if k == 40 else k},{k}" for k in range(60)]
    path.write_text("\n".join(["a,b,c", *rows]))
    said = printed("table", path, "--read", "a", "--predict", "a", *TINY)
    assert "Not used: b (row 41 has 'x'), c (not chosen)." in said
    assert as_json("table", path, *TINY)["not_used"] == {
        "a": "it goes one way at every row, as a counter does",
        "b": "row 41 has 'x'",
    }


def test_parquet_and_figures(file, tmp_path):
    pytest.importorskip("pyarrow")
    frame = example(60, rng=np.random.default_rng(0)).frame
    frame.to_parquet(tmp_path / "houses.parquet")
    same = [
        as_json("table", name, "--sequence", "house", *TINY)["errors"]
        for name in (file, tmp_path / "houses.parquet")
    ]
    assert same[0] == same[1]
    printed("table", file, "--sequence", "house", *TINY, "--plot", tmp_path / "figure.svg")
    drawn = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    for shown in ("Own table", "what came", "demand, in its own units", "Typical error (RMSE)"):
        assert shown in drawn


def test_what_is_not_allowed_is_refused_before_anything_is_printed(file, tmp_path):
    semicolons = tmp_path / "s.csv"
    semicolons.write_text("a;b\n1;2\n", encoding="utf-8")
    for argv, told in (
        ((tmp_path / "none.csv",), "FILE: allowed is a file that can be read"),
        ((semicolons,), "--separator: allowed is what stands between the cells"),
        ((file, "--read", "house"), "--read: allowed is columns of numbers"),
        ((file, "--length", "60"), "--length: allowed only with the built-in table"),
        (("--decimal", "comma"), "--decimal: allowed only with a file"),
        ((file, "--seeds", "2"), "--seeds: allowed is a whole number from 3 to 20"),
        ((file, "--hidden", "200", "--batch-size", "256", "--max-mb", "1"), "--batch-size: allow"),
    ):
        assert told in refused("table", *argv, *TINY)
    assert "1 sequence" not in words("table", file, *TINY)
