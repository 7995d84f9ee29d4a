"""Gradients against central differences, and the bug that such a check finds.

    analytic    what one training step takes off a weight, per unit of learning rate
    numeric     (L(w + step) - L(w - step)) / (2 step), with L half the summed squared error

The check looks at the change that training really makes, so that it also sees whether things are
done in the right order.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from elman.analysis.gradients import DEPTH, NetworkTrace
from elman.analysis.states import evenly
from elman.network import ElmanNetwork, Weights
from elman.settings import Setting

# Central differences of these steps are right to about 1e-10, whatever the gradient. A difference
# of gradients smaller than SMALLEST is measured against that, or rounding would fail the check.
STEP = 1e-5
SMALLEST = 1e-5
TOLERANCE = 1e-5


class OverwrittenContextNetwork(ElmanNetwork):
    """The bug of two public re-implementations: the context is overwritten too early.

    The hidden layer is copied into the context before the weights change, so W_hh learns as if
    this step had read its own hidden layer in place of the one before. Everything else is right,
    and the network still learns something, so the mistake goes unnoticed: in 25 passes through
    300 letters (20 hidden units, learning rate 0.2, 20 seeds) its loss fell from 0.20 to between
    0.06 and 0.08, with the right order to between 0.04 and 0.065.
    """

    def train_step(self, x: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predict, copy the hidden layer, and only then change the weights: the wrong order."""
        output, hidden = self.forward(x)
        self.update_context(hidden)
        error = self.backward(x, hidden, output, target)
        return output, error


def trained_gradients(
    network: ElmanNetwork, inputs: np.ndarray, targets: np.ndarray
) -> dict[str, np.ndarray]:
    """What the last of some training steps takes off each weight, per unit of learning rate.

    `inputs` (steps, n_in) and `targets` (steps, n_out); the steps before the last only pass by.
    The network's weights, memory and learning rate are changed.
    """
    network.momentum = 0.0
    network.learning_rate = 0.0
    for x, target in zip(inputs[:-1], targets[:-1], strict=True):
        network.train_step(x, target)
    before = {name: w.copy() for name, w in network.weights.items()}
    network.learning_rate = 1.0
    network.train_step(inputs[-1], targets[-1])
    return {name: w - network.weights[name] for name, w in before.items()}


def _network(
    kind: type[ElmanNetwork], trace: NetworkTrace, weights: Weights, first: int, depth: int
) -> ElmanNetwork:
    network = kind(
        trace.inputs.shape[1],
        trace.states.shape[1],
        trace.targets.shape[1],
        rng=np.random.default_rng(0),
        activation=trace.activation,
        depth=depth,
    )
    network.weights = {name: w.copy() for name, w in weights.items()}
    network.context = trace.contexts[first].copy()
    return network


def gradient_check(
    kind: type[ElmanNetwork], trace: NetworkTrace, step: int, *, depth: int = 1, most: int = 6
) -> pd.DataFrame:
    """Compare a network's training step with central differences, weight by weight.

    `kind` is the class whose `train_step` is checked; it starts from the trace's weights and from
    the context before the first of the `depth` steps up to `step` (from 1), fewer after a reset.
    At most `most` weights of each array are checked. Columns: array, weight (its name), analytic,
    numeric, difference (relative to the larger of both, at least 1e-5) and right (difference
    below 1e-5). Raises ValueError for a step outside the trace or a depth outside 1 to 1000.
    """
    step = Setting(int, "a step of the sequence", low=1, high=len(trace.states)).check("step", step)
    depth = DEPTH.check("depth", depth)
    last = step - 1
    depth = min(depth, int(trace.reach[last]) + 1)
    first = last - depth + 1
    inputs, targets = trace.inputs[first : last + 1], trace.targets[first : last + 1]
    gradients = trained_gradients(
        _network(kind, trace, trace.weights, first, depth), inputs, targets
    )
    probe = _network(ElmanNetwork, trace, trace.weights, first, 1)

    def loss() -> float:
        probe.context = trace.contexts[first]
        for x in inputs[:-1]:
            _, hidden = probe.forward(x)
            probe.update_context(hidden)
        output, _ = probe.forward(inputs[-1])
        error = targets[-1] - output
        return 0.5 * float(error @ error)

    rows = []
    for name, gradient in gradients.items():
        values = probe.weights[name]
        for place in evenly(values.size, most):
            index = np.unravel_index(place, values.shape)
            kept = values[index]
            values[index] = kept + STEP
            above = loss()
            values[index] = kept - STEP
            below = loss()
            values[index] = kept
            numeric = (above - below) / (2.0 * STEP)
            analytic = float(gradient[index])
            scale = max(abs(analytic), abs(numeric), SMALLEST)
            rows.append(
                {
                    "array": name,
                    "weight": f"{name}[{', '.join(str(k + 1) for k in index)}]",
                    "analytic": analytic,
                    "numeric": numeric,
                    "difference": abs(analytic - numeric) / scale,
                }
            )
    table = pd.DataFrame(rows)
    return table.assign(right=table["difference"] < TOLERANCE)
