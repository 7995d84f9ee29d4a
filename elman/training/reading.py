"""A trained network asked for its answers, not learning: over a sequence, or a step at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from elman.experiment import Experiment
from elman.tasks import Sequence, task_of, training_sequence
from elman.training import compiling
from elman.training.kernel_arguments import ACTIVATION_CODES, read_only
from elman.training.resets import reset_before
from elman.training.trainers import Snapshot, reference_network, use_compiled


def predict(
    snapshot: Snapshot,
    sequence: Sequence,
    experiment: Experiment,
    reset: str = "epoch",
    reset_every: int | None = None,
    *,
    compiled: bool | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs (steps, n_out) and hidden states (steps, hidden) over a sequence, not learning.

    The context goes on from where training left it unless `reset` (a policy other than
    "growing") sets it back before the first step. While kernels are being prepared in the
    background the reference answers, with the same but for rounding, unless `compiled` is True.
    """
    if compiled is None and compiling.under_way() and not compiling.ready("predict"):
        compiled = False
    compiled = use_compiled(compiled)
    resets = reset_before(reset, sequence.group_starts, reset_every, sequence.seams)
    if compiled:
        states = np.empty((len(sequence), experiment.hidden))
        outputs = np.empty(sequence.targets.shape)
        compiling.kernel("predict")(
            read_only(sequence.inputs), resets, experiment.context_start,
            ACTIVATION_CODES[experiment.activation], *snapshot.weights.values(),
            snapshot.context[np.newaxis].copy(), states, outputs,
        )  # fmt: skip
        return outputs, states
    network = reference_network(experiment, sequence)
    network.weights, network.context = snapshot.weights, snapshot.context
    answers = []
    # The last finite weights of a run that diverged may still overflow.
    with np.errstate(over="ignore", invalid="ignore"):
        for x, reset_first in zip(sequence.inputs, resets, strict=True):
            if reset_first:
                network.reset_context()
            output, hidden = network.forward(x)
            network.update_context(hidden)
            answers.append((output, hidden))
    outputs, states = (np.array(column) for column in zip(*answers, strict=True))
    return outputs, states


def stepper(
    snapshot: Snapshot, experiment: Experiment, *, compiled: bool | None = None
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """A network with the weights of a snapshot, to be asked one step at a time, not learning.

    `read(x)` takes an input (n_in,) and gives the output (n_out,) and the hidden state (hidden,);
    its context begins at the experiment's start value and goes on from call to call, but before
    the mark of a new document. The same bits as `predict`.
    """
    if compiled is None and compiling.under_way() and not compiling.ready("predict"):
        compiled = False
    n_out, task = len(snapshot.weights["b_o"]), task_of(experiment)
    mark = None if task.mark is None else task.codes[task.mark]
    if not use_compiled(compiled):
        network = reference_network(experiment, training_sequence(experiment))
        network.weights = snapshot.weights

        def ask(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            if mark is not None and np.array_equal(x, mark):
                network.reset_context()
            with np.errstate(over="ignore", invalid="ignore"):
                output, hidden = network.forward(x)
            network.update_context(hidden)
            return output, hidden

        return ask
    kernel = compiling.kernel("predict")
    code, weights = ACTIVATION_CODES[experiment.activation], tuple(snapshot.weights.values())
    context = np.full((1, experiment.hidden), experiment.context_start)
    never = np.zeros(1, dtype=bool)

    def read(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if mark is not None and np.array_equal(x, mark):
            context[:] = experiment.context_start
        states, outputs = np.empty((1, experiment.hidden)), np.empty((1, n_out))
        kernel(
            read_only(np.ascontiguousarray(x[np.newaxis], dtype=float)), never,
            experiment.context_start, code, *weights, context.copy(), states, outputs,
        )  # fmt: skip
        context[:] = states
        return outputs[0], states[0]

    return read
