"""Weights for other programs: all digits, documented shapes, and the same outputs there."""

import csv
import json

import numpy as np
import pytest
from command import printed, refused

from elman import Experiment, run, saving
from elman.network import activate, logistic
from elman.tasks import new_sequence
from elman.training import handing_on, predict

RUNS = {
    name: run(Experiment(task="letters", length=60, epochs=3, hidden=5, activation=name, seed=2))
    for name in ("sigmoid", "tanh", "relu")
}


def expected(trained):
    """Outputs and states over a new sequence, from the start value of the context."""
    sequence = new_sequence(trained.experiment)
    return sequence, *predict(trained.snapshots[-1], sequence, trained.experiment, "epoch")


def test_json_and_csv_hold_every_weight_to_the_last_bit():
    trained = RUNS["tanh"]
    read = json.loads(handing_on.weights_json(trained))
    assert (read["epoch"], read["hidden_activation"]) == (3, "tanh")
    assert Experiment(**read["experiment"]) == trained.experiment
    header, *lines = handing_on.weights_csv(trained).splitlines()
    assert json.loads(header.removeprefix("# "))["epoch"] == 3
    rows = list(csv.DictReader(lines))
    for name, w in trained.final.items():
        assert np.array_equal(np.array(read["weights"][name]), w)
        values = [float(row["value"]) for row in rows if row["array"] == name]
        assert np.array_equal(np.reshape(values, w.shape), w)
    first = json.loads(handing_on.weights_json(trained, 0))
    assert np.array_equal(first["weights"]["W_hh"], trained.snapshots[0].weights["W_hh"])


@pytest.mark.parametrize("activation", RUNS)
def test_keras_s_formula_with_keras_s_order_gives_the_same_outputs(activation):
    trained = RUNS[activation]
    kernel, recurrent, bias, dense, dense_bias = weights = handing_on.keras_weights(trained)
    assert [w.shape for w in weights] == [(6, 5), (5, 5), (5,), (5, 6), (6,)]
    sequence, outputs, _ = expected(trained)
    state = np.full(5, trained.experiment.context_start)
    for x, output in zip(sequence.inputs, outputs, strict=True):
        state = activate(activation, x @ kernel + bias + state @ recurrent)
        np.testing.assert_allclose(logistic(state @ dense + dense_bias), output, atol=1e-12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("activation", RUNS)
@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_programs_give_the_same_outputs(framework, activation, tmp_path, monkeypatch):
    trained, made, near = RUNS[activation], {}, 1e-12
    program = getattr(handing_on, f"{framework}_program")(trained)
    compile(program, "program.py", "exec")
    library = pytest.importorskip(framework, reason=f"{framework} is not installed")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.json").write_text(handing_on.weights_json(trained), encoding="utf-8")
    exec(program, made)
    network, context, (sequence, *wanted) = made["network"], made["context"], expected(trained)
    if framework == "torch":
        with library.no_grad():
            found = network(library.tensor(sequence.inputs), context)
    else:
        near = 1e-12 if library.backend.backend() == "tensorflow" else 1e-5
        weights = zip(handing_on.keras_weights(trained), network.get_weights(), strict=True)
        for ours, theirs in weights:
            np.testing.assert_allclose(theirs, ours, rtol=0, atol=near)
        found = [part[0] for part in network([sequence.inputs[np.newaxis], context])]
    for theirs, ours in zip(found, wanted, strict=True):
        np.testing.assert_allclose(np.asarray(theirs), ours, rtol=0, atol=near)


def test_a_saved_run_s_weights_are_written_by_the_shell(tmp_path):
    file = tmp_path / "run.npz"
    saving.save(RUNS["sigmoid"], file)
    for ending, make, *chosen in (
        (".json", handing_on.weights_json),
        (".csv", handing_on.weights_csv),
        (".py", handing_on.torch_program),
        (".py", handing_on.keras_program, "--framework", "keras"),
    ):
        written = tmp_path / f"weights{ending}"
        printed("show", file, "--weights", written, *chosen)
        assert written.read_text(encoding="utf-8") == make(RUNS["sigmoid"])
    said = refused("show", file, "--weights", "weights.txt")
    assert "--weights: allowed is a file name ending in one of .json, .csv, .py" in said
