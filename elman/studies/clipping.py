"""The same training with and without gradient clipping, from several random seeds.

A simple recurrent layer of rectified units reads T numbers between -1 and 1 and learns to give
their sum over √T, with full backpropagation through time and plain gradient steps. Its W_hh is
drawn from normal(0, 1) and scaled to a chosen spectral radius: above 1 signals and gradients may
grow with every step, and one large step can throw the weights so far that the loss is infinite.

Source: Pascanu, Mikolov and Bengio (2013), ICML, 1310-1318, for clipping by norm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from elman.analysis.gradients import spectral_radius
from elman.layers import RNN
from elman.layers.dense import Dense
from elman.layers.losses import mean_squared_error
from elman.layers.optimizers import clip_by_norm
from elman.settings import Setting

HIDDEN = 20
BATCH = 16

# Mean squared error of always answering 0: the variance of a number uniform between -1 and 1.
ALWAYS_ZERO = 1.0 / 3.0

WAYS = {False: "not clipped", True: "clipped"}

SETTINGS = {
    "radius": Setting(float, "spectral radius of the first W_hh", low=0.1, high=5.0),
    "learning_rate": Setting(float, "size of each gradient step", low=1e-4, high=10.0),
    "limit": Setting(float, "largest norm of a clipped gradient", low=1e-3, high=1000.0),
    "steps": Setting(int, "numbers in a sequence", low=2, high=100),
    "updates": Setting(int, "changes of the weights", low=1, high=2000),
    "seeds": Setting(int, "networks, each from another random seed", low=1, high=50),
}


@dataclass(frozen=True)
class ClippingTest:
    """What is compared; a value that is not allowed raises ValueError naming the field."""

    radius: float = 1.6
    learning_rate: float = 0.05
    limit: float = 1.0
    steps: int = 30
    updates: int = 120
    seeds: int = 6

    def __post_init__(self) -> None:
        for field in fields(self):
            value = SETTINGS[field.name].check(field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, value)


def train(test: ClippingTest, seed: int, clipped: bool) -> pd.DataFrame:
    """One training; a row for every update until the loss or a gradient is no longer finite.

    Columns: seed, way ("clipped" or "not clipped"), update (from 1), loss, before (norm of the
    gradient) and after (norm of the one that changed the weights). The row that ends a training
    early holds what is not finite. A seed draws the same weights and numbers both ways.
    """
    rng = np.random.default_rng(seed)
    layer = RNN(1, HIDDEN, nonlinearity="relu", rng=rng)
    output = Dense(HIDDEN, 1, rng=rng)
    w_hh = rng.normal(size=(HIDDEN, HIDDEN))
    layer.parameters["weight_hh_l0"] = w_hh * (test.radius / spectral_radius(w_hh))
    rows = []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(test.updates):
            x = rng.uniform(-1.0, 1.0, (test.steps, BATCH, 1))
            states, _ = layer(x)
            answer = output(states[-1])
            loss, gradient = mean_squared_error(answer, x.sum(axis=0) / np.sqrt(test.steps))
            grad_states = np.zeros_like(states)
            grad_states[-1] = output.backward(gradient)
            layer.backward(grad_states)
            gradients = {
                f"{part}.{name}": g
                for part, one in (("layer", layer), ("output", output))
                for name, g in one.gradients.items()
            }
            shortened, before = clip_by_norm(gradients, test.limit)
            rows.append((loss, before, min(before, test.limit) if clipped else before))
            if not np.isfinite(rows[-1]).all():
                break
            for name, g in (shortened if clipped else gradients).items():
                part, _, own_name = name.partition(".")
                parameters = (layer if part == "layer" else output).parameters
                parameters[own_name] = parameters[own_name] - test.learning_rate * g
    frame = pd.DataFrame(rows, columns=["loss", "before", "after"])
    frame.insert(0, "seed", seed)
    frame.insert(1, "way", WAYS[clipped])
    frame.insert(2, "update", np.arange(1, len(frame) + 1))
    return frame


def compare(test: ClippingTest, should_stop: Callable[[], bool] | None = None) -> pd.DataFrame:
    """All seeds, without and with clipping: the rows of `train`, one below the other."""
    parts = []
    for seed in range(test.seeds):
        for clipped in (False, True):
            parts.append(train(test, seed, clipped))
        if should_stop is not None and should_stop():
            break
    return pd.concat(parts, ignore_index=True)


def outcomes(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for every seed and way: how its training ended.

    Columns: seed, way, updates, infinite (whether it ended in a loss or gradient that is not
    finite), final (mean loss of the last ten updates, infinite then) and largest (the largest
    norm of a gradient before clipping).
    """
    rows = []
    for (seed, way), part in frame.groupby(["seed", "way"]):
        finite = np.isfinite(part[["loss", "before"]].to_numpy()).all()
        rows.append(
            {
                "seed": seed,
                "way": way,
                "updates": len(part),
                "infinite": not finite,
                "final": float(part["loss"].tail(10).mean()) if finite else np.inf,
                "largest": float(part["before"].max()) if finite else np.inf,
            }
        )
    return pd.DataFrame(rows)
