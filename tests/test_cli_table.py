"""`python -m elman table`: files, columns, settings, tables, JSON and figure."""

import command
import numpy as np
import pytest
from command import flags, other_value, printed, refused, words

from elman.studies.own_table import example
from elman.studies.table_experiment import DEFAULTS, SETTINGS, TableExperiment

SMALL = ("--epochs", "2", "--hidden", "3")


def as_json(*argv, **ending):
    return command.as_json("table", *argv, **ending)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "houses.csv"
    example(60, rng=np.random.default_rng(0)).frame.to_csv(path, index=False)
    return path


def test_the_built_in_table_has_scaling_forecasts_errors_and_a_verdict():
    said = words("table", "--steps", "2", *SMALL)
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
    answer = as_json(file, *flags(values), "--read", "temperature,demand", "--predict", "demand",
                     "temperature")  # fmt: skip
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
    said = printed("table", path, "--read", "a", "--predict", "a", *SMALL)
    assert "Not used: b (row 41 has 'x'), c (not chosen)." in said
    assert as_json(path, *SMALL)["not_used"] == {
        "a": "it goes one way at every row, as a counter does",
        "b": "row 41 has 'x'",
    }


def test_parquet_and_figures(file, tmp_path):
    pytest.importorskip("pyarrow")
    frame = example(60, rng=np.random.default_rng(0)).frame
    frame.to_parquet(tmp_path / "houses.parquet")
    same = [
        as_json(name, "--sequence", "house", *SMALL)["errors"]
        for name in (file, tmp_path / "houses.parquet")
    ]
    assert same[0] == same[1]
    printed("table", file, "--sequence", "house", *SMALL, "--plot", tmp_path / "figure.svg")
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
        assert told in refused("table", *argv, *SMALL)
    assert "1 sequence" not in words("table", file, *SMALL)
