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


def arrays(trained):
    return trained.snapshots[-1].weights


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
    for name, w in arrays(trained).items():
        assert np.array_equal(np.array(read["weights"][name]), w)
        values = [float(row["value"]) for row in rows if row["array"] == name]
        assert np.array_equal(np.reshape(values, w.shape), w)
    first = json.loads(handing_on.weights_json(trained, 0))
    assert np.array_equal(first["weights"]["W_hh"], trained.snapshots[0].weights["W_hh"])


@pytest.mark.parametrize("activation", RUNS)
def test_keras_s_formula_with_keras_s_order_gives_the_same_outputs(activation):
    trained = RUNS[activation]
    kernel, recurrent, bias, dense, dense_bias = handing_on.keras_weights(trained)
    shapes = [w.shape for w in (kernel, recurrent, bias, dense, dense_bias)]
    assert shapes == [(6, 5), (5, 5), (5,), (5, 6), (6,)]
    sequence, outputs, _ = expected(trained)
    state = np.full(5, trained.experiment.context_start)
    for x, output in zip(sequence.inputs, outputs, strict=True):
        state = activate(activation, x @ kernel + bias + state @ recurrent)
        np.testing.assert_allclose(logistic(state @ dense + dense_bias), output, atol=1e-12)


def ran(program, trained, folder, monkeypatch):
    """What a program has made, run beside the weights as a reader has them."""
    monkeypatch.chdir(folder)
    (folder / "weights.json").write_text(handing_on.weights_json(trained), encoding="utf-8")
    made = {}
    exec(program, made)
    return made


@pytest.mark.parametrize("activation", RUNS)
def test_pytorch_with_these_weights_gives_the_same_outputs(activation, tmp_path, monkeypatch):
    trained = RUNS[activation]
    program = handing_on.torch_program(trained)
    compile(program, "program.py", "exec")
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    made = ran(program, trained, tmp_path, monkeypatch)
    sequence, outputs, states = expected(trained)
    with torch.no_grad():
        given, hidden = made["network"](torch.tensor(sequence.inputs), made["context"])
    np.testing.assert_allclose(given.numpy(), outputs, atol=1e-12)
    np.testing.assert_allclose(hidden.numpy(), states, atol=1e-12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("activation", RUNS)
def test_keras_with_these_weights_gives_the_same_outputs(activation, tmp_path, monkeypatch):
    trained = RUNS[activation]
    program = handing_on.keras_program(trained)
    compile(program, "program.py", "exec")
    keras = pytest.importorskip("keras", reason="Keras is not installed")
    near = 1e-12 if keras.backend.backend() == "tensorflow" else 1e-5
    made = ran(program, trained, tmp_path, monkeypatch)
    for ours, theirs in zip(
        handing_on.keras_weights(trained), made["network"].get_weights(), strict=True
    ):
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=near)
    sequence, outputs, states = expected(trained)
    given, hidden = made["network"]([sequence.inputs[np.newaxis], made["context"]])
    np.testing.assert_allclose(np.asarray(given)[0], outputs, rtol=0, atol=near)
    np.testing.assert_allclose(np.asarray(hidden)[0], states, rtol=0, atol=near)


def test_a_saved_run_s_weights_are_written_by_the_shell(tmp_path):
    file = tmp_path / "run.npz"
    saving.save(RUNS["sigmoid"], file)
    for ending, make in (
        (".json", handing_on.weights_json),
        (".csv", handing_on.weights_csv),
        (".py", handing_on.torch_program),
    ):
        written = tmp_path / f"weights{ending}"
        printed("show", file, "--weights", written)
        assert written.read_text(encoding="utf-8") == make(RUNS["sigmoid"])
    printed("show", file, "--weights", written, "--framework", "keras")
    assert written.read_text(encoding="utf-8") == handing_on.keras_program(RUNS["sigmoid"])
    assert "--weights: allowed is a file name ending in one of .json, .csv, .py" in refused(
        "show", file, "--weights", "weights.txt"
    )
