"""The weights of one training step, each before, its gradient, its change and after in one row."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

from elman.analysis.step import Step, Units, decimals_of_change, verbatim
from elman.experiment import Experiment
from elman.network import Weights


def weight_rows(step: Step, experiment: Experiment, units: Units) -> pd.DataFrame:
    """A row for each weight between the units shown: how the step gets from `before` to `after`.

    Columns: weight (as "Bit → h1"), before, gradient, by_rate (-learning rate * gradient),
    by_momentum (momentum * what the step before added; only with momentum) and after, which is the
    sum of before and what is added.
    """
    inputs = [units.names[unit] for unit in units.inputs]
    outputs = [units.names[unit] for unit in units.outputs]
    hidden = [f"h{unit + 1}" for unit in units.hidden]
    context = [f"c{unit + 1}" for unit in units.hidden]
    shown: dict[str, tuple[list[str], list[str], Any]] = {
        "W_ih": (hidden, inputs, np.ix_(units.hidden, units.inputs)),
        "W_hh": (hidden, context, np.ix_(units.hidden, units.hidden)),
        "b_h": (hidden, ["bias"], units.hidden),
        "W_ho": (outputs, hidden, np.ix_(units.outputs, units.hidden)),
        "b_o": (outputs, ["bias"], units.outputs),
    }

    def flat(weights: Weights) -> np.ndarray:
        return np.concatenate([weights[name][at].ravel() for name, (*_, at) in shown.items()])

    named = [
        f"{source} → {end}"
        for ends, sources, _ in shown.values()
        for end, source in itertools.product(ends, sources)
    ]
    rows = {
        "weight": named,
        "before": flat(step.before),
        "gradient": flat(step.gradients),
        "by_rate": -experiment.learning_rate * flat(step.gradients),
    }
    if step.velocity is not None:
        rows["by_momentum"] = experiment.momentum * flat(step.velocity)
    return pd.DataFrame(rows | {"after": flat(step.after)})


def spelled(row: pd.Series, experiment: Experiment) -> pd.DataFrame:
    """One row of `weight_rows` as texts in Markdown, with three digits of the change."""
    names = {
        "before": "Before",
        "gradient": "Gradient",
        "by_rate": f"−{experiment.learning_rate:g} × gradient",
        "by_momentum": f"{experiment.momentum:g} × change before",
        "after": "After",
    }
    shown = [name for name in names if name in row]
    decimals = decimals_of_change(row["before"], row["after"])
    signed = {"by_rate", "by_momentum"}
    cells = {
        names[name]: f"{row[name]:{'+' if name in signed else ''}.{decimals}f}" for name in shown
    }
    return pd.DataFrame(cells, index=[verbatim(row["weight"])])
