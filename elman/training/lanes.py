"""The one-step kernel for several networks of one shape at once, each in a lane of a vector.

A small network is a chain of steps that wait for each other: the processor's vector registers
stay empty. Here every number is a vector of `LANES` numbers, one a network, so that one instruction
does a step of them all. Arrays hold lanes innermost.

The lanes never touch each other: a network that diverges leaves the others as they are. A lane
does the operations of `kernels._train_elman` in the same order, so its weights have the same bits
whatever its neighbours are. Importing this module needs Numba.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from elman.training import vectors
from elman.training.kernel_arguments import LANES
from elman.training.kernel_cache import BITS, COUNT, CUBE, LANE_FLAGS, ROW, TABLE, compiled
from elman.training.vectors import fill, inlined


@inlined
def load(array, row):
    """All lanes of row `row`, counted through the other axes."""
    return vectors.load(array, row * LANES)


@inlined
def store(array, row, value):
    """Put `value` into all lanes of row `row`."""
    vectors.store(array, row * LANES, value)


@inlined
def _renewed(W, place, late, used, j):
    """A weight with the change that it still waits for."""
    w = load(W, place) + late * load(used, j)
    store(W, place, w)
    return w


@inlined
def _eight_sums(W, row, values, whole):
    """A row of W times the values: eight partial sums, then their sum, as in `vectors.total`."""
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = fill(0.0)
    for j in range(0, whole, 8):
        s0 = s0 + load(W, row + j) * load(values, j)
        s1 = s1 + load(W, row + j + 1) * load(values, j + 1)
        s2 = s2 + load(W, row + j + 2) * load(values, j + 2)
        s3 = s3 + load(W, row + j + 3) * load(values, j + 3)
        s4 = s4 + load(W, row + j + 4) * load(values, j + 4)
        s5 = s5 + load(W, row + j + 5) * load(values, j + 5)
        s6 = s6 + load(W, row + j + 6) * load(values, j + 6)
        s7 = s7 + load(W, row + j + 7) * load(values, j + 7)
    return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))


@inlined
def _eight_sums_renewed(W, row, values, whole, late, used):
    """`_eight_sums` of weights that are changed by late * used on the way."""
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = fill(0.0)
    for j in range(0, whole, 8):
        s0 = s0 + _renewed(W, row + j, late, used, j) * load(values, j)
        s1 = s1 + _renewed(W, row + j + 1, late, used, j + 1) * load(values, j + 1)
        s2 = s2 + _renewed(W, row + j + 2, late, used, j + 2) * load(values, j + 2)
        s3 = s3 + _renewed(W, row + j + 3, late, used, j + 3) * load(values, j + 3)
        s4 = s4 + _renewed(W, row + j + 4, late, used, j + 4) * load(values, j + 4)
        s5 = s5 + _renewed(W, row + j + 5, late, used, j + 5) * load(values, j + 5)
        s6 = s6 + _renewed(W, row + j + 6, late, used, j + 6) * load(values, j + 6)
        s7 = s7 + _renewed(W, row + j + 7, late, used, j + 7) * load(values, j + 7)
    return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))


def _train_lanes(
    start, stop, x, d, resets, context_start, learning_rate, activation,
    W_ih, W_hh, W_ho, b_h, b_o, context, hidden, delta, used, change, squared,
):  # fmt: skip
    """Train steps `start` to `stop` of every lane; `kernels._train_elman` with lanes innermost.

    x (steps, n_input, LANES) and d (steps, n_output, LANES) are bits, resets (steps, LANES),
    context_start, learning_rate and squared (LANES,), weights and memory as in the kernel with
    lanes added; used and change (n_hidden, LANES) are room to work in. Adds each lane's squared
    error to `squared`.
    """
    n_input, n_output, n_hidden = x.shape[1], d.shape[1], b_h.shape[0]
    whole = n_hidden - n_hidden % 8
    rate = load(learning_rate, 0)
    present = np.empty(n_input, np.int64)
    for i in range(n_hidden):
        store(change, i, fill(0.0))
        store(used, i, fill(0.0))
    for t in range(start, stop):
        for lane in range(LANES):
            if resets[t, lane]:
                for i in range(n_hidden):
                    context[i, lane] = context_start[lane]
        # Inputs that are zero in every lane cost nothing.
        inputs = 0
        for k in range(n_input):
            some = False
            for lane in range(LANES):
                some |= x[t, k, lane] != 0
            if some:
                present[inputs] = k
                inputs += 1
        for i in range(n_hidden):
            z = load(b_h, i)
            for k in present[:inputs]:
                z = z + load(W_ih, i * n_input + k) * load(x, t * n_input + k)
            # W_hh is large, and reading it is what takes the time. So its change by the step
            # before, which used the context `used`, waits until this step reads it anyway.
            late, row = load(change, i), i * n_hidden
            if whole:
                z = z + _eight_sums_renewed(W_hh, row, context, whole, late, used)
            for j in range(whole, n_hidden):
                z = z + _renewed(W_hh, row + j, late, used, j) * load(context, j)
            store(hidden, i, vectors.active_eight(activation, z))
            store(delta, i, fill(0.0))
        for o in range(n_output):
            z, row = load(b_o, o), o * n_hidden
            if whole:
                z = z + _eight_sums(W_ho, row, hidden, whole)
            for i in range(whole, n_hidden):
                z = z + load(W_ho, row + i) * load(hidden, i)
            y = vectors.sigmoid_eight(z)
            error = load(d, t * n_output + o) - y
            store(squared, 0, load(squared, 0) + error * error)
            output_delta = error * y * (fill(1.0) - y)
            step = rate * output_delta
            for i in range(n_hidden):
                w = load(W_ho, row + i)
                store(delta, i, load(delta, i) + output_delta * w)
                store(W_ho, row + i, w + step * load(hidden, i))
            store(b_o, o, load(b_o, o) + step)
        for i in range(n_hidden):
            step = rate * load(delta, i) * vectors.slope_eight(activation, load(hidden, i))
            store(change, i, step)
            store(b_h, i, load(b_h, i) + step)
            for k in present[:inputs]:
                w = load(W_ih, i * n_input + k)
                store(W_ih, i * n_input + k, w + step * load(x, t * n_input + k))
        for i in range(n_hidden):
            store(used, i, load(context, i))
            store(context, i, load(hidden, i))
    for i in range(n_hidden):
        late = load(change, i)
        for j in range(n_hidden):
            _renewed(W_hh, i * n_hidden + j, late, used, j)


def train_lanes() -> Callable[..., None]:
    """The compiled `_train_lanes`."""
    weights = (CUBE, CUBE, CUBE, TABLE, TABLE)
    memory = (TABLE,) * 5
    given = (COUNT, COUNT, BITS, BITS, LANE_FLAGS, ROW, ROW, COUNT, *weights, *memory, ROW)
    return compiled(_train_lanes, given)
