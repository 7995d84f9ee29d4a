"""The arithmetic of `ElmanNetwork`, compiled: one call trains a stretch of steps.

A NumPy call costs more than all the arithmetic of a four-unit network, so the loops are written
out and compiled by Numba. The functions release the GIL, so that other sessions go on meanwhile,
and are cached on disk, so that a machine compiles them once. The symbols are those of
`elman.network`. Importing this module needs Numba; `compiling.kernel` gives what it compiles.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from elman.training import vectors
from elman.training.kernel_cache import (
    COUNT,
    FLAGS,
    NUMBER,
    READ_TABLE,
    ROW,
    TABLE,
    WHOLES,
    compiled,
)
from elman.training.vectors import EIGHT, inlined


@inlined
def _plus_row(z, W, i, values, v):
    """z and row `i` of W times row `v` of values: eight partial sums first, the rest in order."""
    n = W.shape[1]
    whole = n - n % EIGHT
    if whole:
        sums = vectors.fill(0.0)
        for j in range(0, whole, EIGHT):
            sums = sums + vectors.load(W, i * n + j) * vectors.load(values, v * n + j)
        z += vectors.total(sums)
    for j in range(whole, n):
        z += W[i, j] * values[v, j]
    return z


@inlined
def _hidden_layer(x, t, W_ih, W_hh, b_h, activation, context, hidden, now):
    """Fill hidden[now] for the input x[t] and context[now]; shapes as in `_train_through_time`."""
    n_hidden, n_input = W_ih.shape
    for i in range(n_hidden):
        hidden[now, i] = b_h[i]
    # Column by column: a zero input, and so nearly all of a one-hot code, costs nothing.
    for k in range(n_input):
        value = x[t, k]
        if value != 0.0:
            for i in range(n_hidden):
                hidden[now, i] += W_ih[i, k] * value
    for i in range(n_hidden):
        z = _plus_row(hidden[now, i], W_hh, i, context, now)
        hidden[now, i] = vectors.active(activation, z)


@inlined
def _output_unit(o, W_ho, b_o, hidden, now):
    """The activation of output unit `o` for hidden[now]."""
    return vectors.sigmoid(_plus_row(b_o[o], W_ho, o, hidden, now))


def _train_elman(
    start, stop, x, d, resets, context_start, learning_rate, activation,
    W_ih, W_hh, W_ho, b_h, b_o, context, hidden, hidden_delta, squared_errors,
):  # fmt: skip
    """Train steps `start` to `stop` (excluded) with Elman's one-step gradient and no momentum.

    x (steps, n_input) are the inputs and d (steps, n_output) the targets, which are only read, as
    is resets (steps,); after the last step of them the next pass begins with the first, and steps
    are counted on. `activation` is a value of `ACTIVATION_CODES`. Weights are shaped as in
    `elman.network`, context, hidden and hidden_delta (1, n_hidden) as in `Memory`; all of these
    change in place. The squared error of every step and output is added, one after the other, to
    a number for each pass in `squared_errors`.
    """
    n_hidden, n_input = W_ih.shape
    for i in range(n_hidden):
        hidden_delta[0, i] = 0.0
    t, made, squared = start, 0, squared_errors[0]
    for _ in range(start, stop):
        if resets[t]:
            for i in range(n_hidden):
                context[0, i] = context_start
        _hidden_layer(x, t, W_ih, W_hh, b_h, activation, context, hidden, 0)
        for o in range(b_o.shape[0]):
            y = _output_unit(o, W_ho, b_o, hidden, 0)
            error = d[t, o] - y
            squared += error * error
            output_delta = error * y * (1.0 - y)
            for i in range(n_hidden):
                hidden_delta[0, i] += output_delta * W_ho[o, i]
                W_ho[o, i] += learning_rate * output_delta * hidden[0, i]
            b_o[o] += learning_rate * output_delta
        for i in range(n_hidden):
            change = learning_rate * hidden_delta[0, i] * vectors.slope(activation, hidden[0, i])
            hidden_delta[0, i] = change
            b_h[i] += change
            for j in range(n_hidden):
                W_hh[i, j] += change * context[0, j]
        for k in range(n_input):
            value = x[t, k]
            if value != 0.0:
                for i in range(n_hidden):
                    W_ih[i, k] += hidden_delta[0, i] * value
        # Only now may the context change: the weights needed the one that this step used. The
        # deltas are cleared on the way: a loop that does nothing else becomes a call of memset,
        # and the sums that follow it would wait for its bytes, a fifth of a small network's time.
        for i in range(n_hidden):
            context[0, i] = hidden[0, i]
            hidden_delta[0, i] = 0.0
        t += 1
        if t == x.shape[0]:
            squared_errors[made] = squared
            t, made, squared = 0, made + 1, 0.0
    if t > 0:
        squared_errors[made] = squared


def _train_through_time(
    start, stop, x, d, resets, context_start, learning_rate, momentum, activation,
    W_ih, W_hh, W_ho, b_h, b_o, V_ih, V_hh, V_ho, v_h, v_o,
    context, hidden, hidden_delta, output_delta, step, ring, squared_errors,
):  # fmt: skip
    """Train steps `start` to `stop` (excluded) with momentum and a gradient back through time.

    Arguments are those of `_train_elman`; besides, `V_ih` to `v_o` are the latest change of each
    weight, in its shape, and the parts of a `Memory` are given in full, (depth, n_hidden) each,
    for a gradient that flows back `depth` steps. Weights, changes and memory change in place.
    """
    depth = context.shape[0]
    n_hidden, n_input = W_ih.shape
    n_output = b_o.shape[0]
    now = ring[0]
    since_reset = ring[1]
    for i in range(n_hidden):
        hidden_delta[0, i] = 0.0
    t, made, squared = start, 0, squared_errors[0]
    for _ in range(start, stop):
        if resets[t]:
            since_reset = 0
            for i in range(n_hidden):
                context[now, i] = context_start
        step[now] = t
        _hidden_layer(x, t, W_ih, W_hh, b_h, activation, context, hidden, now)

        for o in range(n_output):
            y = _output_unit(o, W_ho, b_o, hidden, now)
            error = d[t, o] - y
            squared += error * error
            output_delta[o] = error * y * (1.0 - y)
            for i in range(n_hidden):
                hidden_delta[0, i] += output_delta[o] * W_ho[o, i]

        # Every delta first: they need the weights as they were during this step. The error flows
        # back `depth` steps, and not beyond the step whose context a reset had written.
        lags = min(depth, since_reset + 1)
        for lag in range(lags):
            past = (now - lag) % depth
            if lag > 0:
                for j in range(n_hidden):
                    hidden_delta[lag, j] = 0.0
                for i in range(n_hidden):
                    for j in range(n_hidden):
                        hidden_delta[lag, j] += hidden_delta[lag - 1, i] * W_hh[i, j]
            for i in range(n_hidden):
                hidden_delta[lag, i] *= vectors.slope(activation, hidden[past, i])

        for o in range(n_output):
            v_o[o] = momentum * v_o[o] + learning_rate * output_delta[o]
            b_o[o] += v_o[o]
            for i in range(n_hidden):
                V_ho[o, i] *= momentum
                V_ho[o, i] += learning_rate * output_delta[o] * hidden[now, i]
                W_ho[o, i] += V_ho[o, i]
        for i in range(n_hidden):
            v_h[i] *= momentum
            for k in range(n_input):
                V_ih[i, k] *= momentum
            for j in range(n_hidden):
                V_hh[i, j] *= momentum
            for lag in range(lags):
                past = (now - lag) % depth
                change = learning_rate * hidden_delta[lag, i]
                v_h[i] += change
                for k in range(n_input):
                    V_ih[i, k] += change * x[step[past], k]
                for j in range(n_hidden):
                    V_hh[i, j] += change * context[past, j]
            b_h[i] += v_h[i]
            for k in range(n_input):
                W_ih[i, k] += V_ih[i, k]
            for j in range(n_hidden):
                W_hh[i, j] += V_hh[i, j]

        following = (now + 1) % depth
        for i in range(n_hidden):
            context[following, i] = hidden[now, i]
            hidden_delta[0, i] = 0.0
        now = following
        since_reset += 1
        t += 1
        if t == x.shape[0]:
            squared_errors[made] = squared
            t, made, squared = 0, made + 1, 0.0
    if t > 0:
        squared_errors[made] = squared
    ring[0] = now
    ring[1] = since_reset


def _predict(
    x, resets, context_start, activation, W_ih, W_hh, W_ho, b_h, b_o, context, states, outputs
):
    """Fill `states` (steps, n_hidden) and `outputs` (steps, n_output) without learning.

    `context` (1, n_hidden) is the context before the first step, and after the last on return;
    the other arguments are those of `_train_elman`.
    """
    n_hidden = b_h.shape[0]
    hidden = np.empty((1, n_hidden))
    for t in range(x.shape[0]):
        if resets[t]:
            for i in range(n_hidden):
                context[0, i] = context_start
        _hidden_layer(x, t, W_ih, W_hh, b_h, activation, context, hidden, 0)
        for o in range(b_o.shape[0]):
            outputs[t, o] = _output_unit(o, W_ho, b_o, hidden, 0)
        for i in range(n_hidden):
            states[t, i] = hidden[0, i]
            context[0, i] = hidden[0, i]


_SEQUENCE = (READ_TABLE, READ_TABLE, FLAGS)
_WEIGHTS = (TABLE, TABLE, TABLE, ROW, ROW)


def train_elman() -> Callable:
    """The compiled `_train_elman`."""
    numbers, memory = (NUMBER, NUMBER, COUNT), (TABLE, TABLE, TABLE, ROW)
    given = (COUNT, COUNT, *_SEQUENCE, *numbers, *_WEIGHTS, *memory)
    return compiled(_train_elman, given)


def train_through_time() -> Callable:
    """The compiled `_train_through_time`."""
    numbers = (NUMBER, NUMBER, NUMBER, COUNT)
    memory = (TABLE, TABLE, TABLE, ROW, WHOLES, WHOLES, ROW)
    given = (COUNT, COUNT, *_SEQUENCE, *numbers, *_WEIGHTS, *_WEIGHTS, *memory)
    return compiled(_train_through_time, given)


def predict() -> Callable:
    """The compiled `_predict`."""
    given = (READ_TABLE, FLAGS, NUMBER, COUNT, *_WEIGHTS, TABLE, TABLE, TABLE)
    return compiled(_predict, given)
