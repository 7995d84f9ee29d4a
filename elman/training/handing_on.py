"""The weights of a run for other programs: as JSON and CSV, and for PyTorch and Keras."""

from __future__ import annotations

import csv
import io
import json

import numpy as np

from elman.training.loop import Run
from elman.training.trainers import Snapshot

# What JSON and CSV name each array; shapes are (units it leads to, units it comes from).
ARRAYS = ("W_ih", "W_hh", "W_ho", "b_h", "b_o")


def _snapshot(run: Run, epoch: int | None) -> Snapshot:
    return run.snapshots[-1] if epoch is None else run.at(epoch)


def weights_json(run: Run, epoch: int | None = None) -> str:
    """One JSON object: experiment, epoch, activation, and every array by its name as lists.

    The latest snapshot at or before `epoch`, by default the last. Numbers have all their digits.
    """
    snapshot = _snapshot(run, epoch)
    return json.dumps(
        {
            "experiment": run.experiment.to_dict(),
            "epoch": snapshot.epoch,
            "hidden_activation": run.experiment.activation,
            "output_activation": "sigmoid",
            "weights": {name: snapshot.weights[name].tolist() for name in ARRAYS},
        }
    )


def weights_csv(run: Run, epoch: int | None = None) -> str:
    """A row for each weight: array, row, column (from 0; empty for a bias) and value.

    A first line that begins with # says which experiment and epoch these are.
    """
    snapshot = _snapshot(run, epoch)
    file = io.StringIO()
    described = {"experiment": run.experiment.to_dict(), "epoch": snapshot.epoch}
    file.write(f"# {json.dumps(described)}\n")
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(("array", "row", "column", "value"))
    for name in ARRAYS:
        w = snapshot.weights[name]
        for place, value in np.ndenumerate(w):
            rows.writerow((name, *place, *[""] * (2 - len(place)), repr(float(value))))
    return file.getvalue()


def keras_weights(run: Run, epoch: int | None = None) -> list[np.ndarray]:
    """The arrays in the order that `set_weights` of Keras wants for SimpleRNN, then Dense.

    kernel (n_in, hidden), recurrent_kernel (hidden, hidden), bias (hidden,), and kernel
    (hidden, n_out), bias (n_out,). SimpleRNN(hidden, activation=..., return_sequences=True) and
    Dense(n_out, activation="sigmoid"). Source: the documentation of keras.layers.SimpleRNN.
    """
    w = _snapshot(run, epoch).weights
    return [w["W_ih"].T, w["W_hh"].T, w["b_h"], w["W_ho"].T, w["b_o"]]


# torch.nn.RNN knows tanh and relu; a sigmoid needs a loop of its own.
_BUILT_IN = """\
class Elman(torch.nn.Module):
    def __init__(self, w):
        super().__init__()
        hidden, n_in = w["W_ih"].shape
        self.rnn = torch.nn.RNN(n_in, hidden, nonlinearity="{activation}", dtype=torch.float64)
        self.out = torch.nn.Linear(hidden, len(w["b_o"]), dtype=torch.float64)
        with torch.no_grad():
            self.rnn.weight_ih_l0.copy_(w["W_ih"])
            self.rnn.weight_hh_l0.copy_(w["W_hh"])
            self.rnn.bias_ih_l0.copy_(w["b_h"])
            # PyTorch has two biases of the same effect.
            self.rnn.bias_hh_l0.zero_()
            self.out.weight.copy_(w["W_ho"])
            self.out.bias.copy_(w["b_o"])

    def forward(self, x, context):
        states, _ = self.rnn(x, context[None])
        return torch.sigmoid(self.out(states)), states
"""

_BY_HAND = """\
class Elman(torch.nn.Module):
    def __init__(self, w):
        super().__init__()
        for name, values in w.items():
            self.register_parameter(name, torch.nn.Parameter(values))

    def forward(self, x, context):
        states = []
        for step in x:
            net = step @ self.W_ih.T + context @ self.W_hh.T + self.b_h
            context = torch.sigmoid(net)
            states.append(context)
        states = torch.stack(states)
        return torch.sigmoid(states @ self.W_ho.T + self.b_o), states
"""


def torch_program(run: Run, epoch: int | None = None, *, file: str = "weights.json") -> str:
    """A Python program that loads `weights_json` from `file` into PyTorch.

    It defines `network`, whose `network(x, context)` takes a sequence (steps, n_in) and the context
    (hidden,) it begins with, and gives outputs (steps, n_out) and hidden states (steps, hidden).
    """
    activation, start = run.experiment.activation, run.experiment.context_start
    module = _BY_HAND if activation == "sigmoid" else _BUILT_IN.format(activation=activation)
    return f'''\
"""An Elman network in PyTorch, with the weights of one run of epoch {_snapshot(run, epoch).epoch}.

Put {file} beside this file.
"""

import json

import torch


{module}

with open({file!r}, encoding="utf-8") as opened:
    given = json.load(opened)
weights = {{
    name: torch.tensor(values, dtype=torch.float64) for name, values in given["weights"].items()
}}
network = Elman(weights)
context = torch.full((len(weights["b_h"]),), {start!r}, dtype=torch.float64)
'''


def keras_program(run: Run, epoch: int | None = None, *, file: str = "weights.json") -> str:
    """A Python program that loads `weights_json` from `file` into Keras.

    It defines `network`, whose `network([x, context])` takes sequences (samples, steps, n_in) and
    the context (samples, hidden) each begins with, and gives outputs (samples, steps, n_out) and
    hidden states (samples, steps, hidden).
    """
    return f'''\
"""An Elman network in Keras, with the weights of one run of epoch {_snapshot(run, epoch).epoch}.

Put {file} beside this file.
"""

import json

import keras
import numpy as np

# With another backend Keras multiplies in float32, and answers agree to about six digits.
if keras.backend.backend() == "tensorflow":
    keras.config.set_floatx("float64")

with open({file!r}, encoding="utf-8") as opened:
    given = json.load(opened)
w = {{name: np.array(values) for name, values in given["weights"].items()}}
hidden, n_in = w["W_ih"].shape
rnn = keras.layers.SimpleRNN(hidden, activation=given["hidden_activation"], return_sequences=True)
out = keras.layers.Dense(len(w["b_o"]), activation=given["output_activation"])
x, start = keras.Input((None, n_in)), keras.Input((hidden,))
states = rnn(x, initial_state=start)
network = keras.Model([x, start], [out(states), states])
# Keras has weights as (from, to).
rnn.set_weights([w["W_ih"].T, w["W_hh"].T, w["b_h"]])
out.set_weights([w["W_ho"].T, w["b_o"]])
context = np.full((1, hidden), {run.experiment.context_start!r})
'''
