"""Losses and errors of a run as files; test_cli_files has its pictures."""

import io

import numpy as np
import pandas as pd
import pytest

from elman import Experiment, run
from elman.analysis import errors
from elman.analysis.replay import replay
from elman.charts import files
from elman.tasks import TASKS, new_sequence

SMALL = {"length": 60, "epochs": 3, "hidden": 3}


def result_of(task):
    experiment = Experiment(task=task, **SMALL)
    return replay(run(experiment), new_sequence(experiment))


def read(content):
    table = pd.read_csv(io.BytesIO(content), dtype=str)
    numbers = {"loss", "error", "floor"} & {*table.columns}
    # Written with all digits; the reader of pandas rounds the last one.
    return table.assign(**{name: [float(text) for text in table[name]] for name in numbers})


def test_losses_are_one_row_an_epoch():
    result = result_of("xor")
    table = read(files.csv(files.losses(result.run)))
    assert table.columns.tolist() == ["epoch", "loss"]
    assert table["epoch"].tolist() == ["1", "2", "3"]
    np.testing.assert_array_equal(table["loss"], result.run.losses)


@pytest.mark.parametrize("task", TASKS)
def test_errors_are_one_number_a_row_and_those_of_the_tables(task):
    result = result_of(task)
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
