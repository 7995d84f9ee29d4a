"""The one-step kernel for several networks of one shape at once, each in a lane of a vector.

A small network is a chain of steps that wait for each other: the processor's vector registers
stay empty. Here every number is a vector of `LANES` numbers, one a network, so that one instruction
does a step of them all. Numba has no such type and its loops over lanes compile poorly, so the
type is declared here: arrays hold lanes innermost, `load` and `store` move one vector, arithmetic
works on all lanes. On a machine with narrower registers LLVM splits it into several.

The lanes never touch each other: a network that diverges leaves the others as they are, and the
weights of a lane do not depend on what its neighbours are. Importing this module needs Numba.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, models, overload, register_model

from elman.training import kernels
from elman.training.kernels import LANES

_DOUBLES = ir.VectorType(ir.DoubleType(), LANES)
_LONGS = ir.VectorType(ir.IntType(64), LANES)
_BYTES = ir.VectorType(ir.IntType(8), LANES)


class Lanes(types.Type):
    """`LANES` doubles, in compiled code."""

    def __init__(self) -> None:
        super().__init__(name=f"Lanes{LANES}")


_lanes = Lanes()


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, _DOUBLES)


def _pointer(context, builder, kind, array, row, vector):
    """Where vector `row` of a contiguous array begins, however many axes the array has."""
    data = context.make_array(kind)(context, builder, array).data
    start = builder.gep(data, [builder.mul(row, ir.Constant(row.type, LANES))])
    return builder.bitcast(start, vector.as_pointer())


def _everywhere(builder, number):
    """A vector with `number` in every lane."""
    empty = ir.Constant(_DOUBLES, ir.Undefined)
    first = builder.insert_element(empty, number, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, empty, zeros)


@intrinsic
def fill(typing, number):
    """A vector with `number` in every lane."""
    return _lanes(types.float64), lambda context, builder, _, a: _everywhere(builder, a[0])


@intrinsic
def load(typing, array, row):
    """Vector `row` of an array of doubles, or of bytes as doubles."""

    def code(context, builder, signature, a):
        if array.dtype == types.float64:
            pointer = _pointer(context, builder, array, a[0], a[1], _DOUBLES)
            return builder.load(pointer, align=8)
        pointer = _pointer(context, builder, array, a[0], a[1], _BYTES)
        return builder.uitofp(builder.load(pointer, align=1), _DOUBLES)

    return _lanes(array, types.intp), code


@intrinsic
def store(typing, array, row, value):
    """Put `value` into vector `row` of an array of doubles."""

    def code(context, builder, signature, a):
        builder.store(a[2], _pointer(context, builder, array, a[0], a[1], _DOUBLES), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, _lanes), code


@intrinsic
def fma(typing, x, y, z):
    """x * y + z, rounded once where the processor can."""

    def code(context, builder, signature, a):
        kind = ir.FunctionType(_DOUBLES, [_DOUBLES] * 3)
        name = f"llvm.fmuladd.v{LANES}f64"
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        return builder.call(function, a)

    return _lanes(_lanes, _lanes, _lanes), code


@intrinsic
def where_positive(typing, condition, positive, otherwise):
    """`positive` in the lanes where `condition` is above zero, `otherwise` in the others."""

    def code(context, builder, signature, a):
        above = builder.fcmp_ordered(">", a[0], ir.Constant(_DOUBLES, [0.0] * LANES))
        return builder.select(above, a[1], a[2])

    return _lanes(_lanes, _lanes, _lanes), code


@intrinsic
def _times_power_of_two(typing, x, exponent):
    """x times 2 to the whole number in the low bits of `exponent`."""

    def code(context, builder, signature, a):
        moved = builder.shl(builder.bitcast(a[1], _LONGS), ir.Constant(_LONGS, [52] * LANES))
        return builder.bitcast(builder.add(builder.bitcast(a[0], _LONGS), moved), _DOUBLES)

    return _lanes(_lanes, _lanes), code


def _declare(operation, instruction):
    @intrinsic
    def apply(typing, x, y):
        return _lanes(_lanes, _lanes), lambda c, builder, s, a: getattr(builder, instruction)(*a)

    @overload(operation)
    def of_lanes(x, y):
        if isinstance(x, Lanes) and isinstance(y, Lanes):
            return lambda x, y: apply(x, y)
        return None


_declare(operator.add, "fadd")
_declare(operator.sub, "fsub")
_declare(operator.mul, "fmul")
_declare(operator.truediv, "fdiv")

# Adding this leaves a double's whole part in its low bits.
_TO_LOW_BITS = 1.5 * 2.0**52
_LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first with zeros at its end so that whole multiples of it are exact.
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
# Within it exp is neither infinite nor subnormal.
EXP_RANGE = 708.0


@njit(inline="always")
def exp(x):
    """e to the x within 1 ulp for |x| up to `EXP_RANGE`; above it infinite, below it 3e-308.

    Infinite, so that a sigmoid far below zero is exactly zero and hides what it multiplies, as in
    the single kernel. Not-a-number stays not-a-number.
    x = k ln 2 + r with |r| at most ln 2 / 2, then the Taylor series of exp(r) up to r**13.
    Source: Cody & Waite (1980), Software Manual for the Elementary Functions.
    """
    beyond = x - fill(EXP_RANGE)
    x = where_positive(beyond, fill(EXP_RANGE), x)
    x = where_positive(fill(-EXP_RANGE) - x, fill(-EXP_RANGE), x)
    shifted = fma(x, fill(_LOG2_E), fill(_TO_LOW_BITS))
    k = shifted - fill(_TO_LOW_BITS)
    r = fma(k, fill(-_LN2_LOW), fma(k, fill(-_LN2_HIGH), x))
    series = fill(1 / 6227020800)
    series = fma(series, r, fill(1 / 479001600))
    series = fma(series, r, fill(1 / 39916800))
    series = fma(series, r, fill(1 / 3628800))
    series = fma(series, r, fill(1 / 362880))
    series = fma(series, r, fill(1 / 40320))
    series = fma(series, r, fill(1 / 5040))
    series = fma(series, r, fill(1 / 720))
    series = fma(series, r, fill(1 / 120))
    series = fma(series, r, fill(1 / 24))
    series = fma(series, r, fill(1 / 6))
    series = fma(series, r, fill(1 / 2))
    series = fma(series, r, fill(1.0))
    series = fma(series, r, fill(1.0))
    return where_positive(beyond, fill(np.inf), _times_power_of_two(series, shifted))


@njit(inline="always")
def _sigmoid(z):
    return fill(1.0) / (fill(1.0) + exp(fill(0.0) - z))


@njit(inline="always")
def _active(activation, z):
    if activation == 0:
        return _sigmoid(z)
    if activation == 1:
        return fill(1.0) - fill(2.0) / (fill(1.0) + exp(z + z))
    # Not-a-number is neither above nor below zero, and stays as it is.
    return where_positive(fill(0.0) - z, fill(0.0), z)


@njit(inline="always")
def _slope(activation, h):
    if activation == 0:
        return h * (fill(1.0) - h)
    if activation == 1:
        return fill(1.0) - h * h
    return where_positive(h, fill(1.0), fill(0.0))


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
                z = fma(load(W_ih, i * n_input + k), load(x, t * n_input + k), z)
            # W_hh is large, and reading it is what takes the time. So its change by the step
            # before, which used the context `used`, waits until this step reads it anyway. Two
            # sums grow side by side, since every addition to one has to wait for the last.
            late = load(change, i)
            row, other = i * n_hidden, fill(0.0)
            for j in range(0, n_hidden - 1, 2):
                w = fma(late, load(used, j), load(W_hh, row + j))
                v = fma(late, load(used, j + 1), load(W_hh, row + j + 1))
                store(W_hh, row + j, w)
                store(W_hh, row + j + 1, v)
                z = fma(w, load(context, j), z)
                other = fma(v, load(context, j + 1), other)
            for j in range(n_hidden - n_hidden % 2, n_hidden):
                w = fma(late, load(used, j), load(W_hh, row + j))
                store(W_hh, row + j, w)
                z = fma(w, load(context, j), z)
            store(hidden, i, _active(activation, z + other))
            store(delta, i, fill(0.0))
        for o in range(n_output):
            row, z, other = o * n_hidden, load(b_o, o), fill(0.0)
            for i in range(0, n_hidden - 1, 2):
                z = fma(load(W_ho, row + i), load(hidden, i), z)
                other = fma(load(W_ho, row + i + 1), load(hidden, i + 1), other)
            for i in range(n_hidden - n_hidden % 2, n_hidden):
                z = fma(load(W_ho, row + i), load(hidden, i), z)
            y = _sigmoid(z + other)
            error = load(d, t * n_output + o) - y
            store(squared, 0, fma(error, error, load(squared, 0)))
            output_delta = error * y * (fill(1.0) - y)
            step = rate * output_delta
            for i in range(n_hidden):
                w = load(W_ho, row + i)
                store(delta, i, fma(output_delta, w, load(delta, i)))
                store(W_ho, row + i, fma(step, load(hidden, i), w))
            store(b_o, o, load(b_o, o) + step)
        for i in range(n_hidden):
            h = load(hidden, i)
            step = rate * load(delta, i) * _slope(activation, h)
            store(change, i, step)
            store(b_h, i, load(b_h, i) + step)
            for k in present[:inputs]:
                w = load(W_ih, i * n_input + k)
                store(W_ih, i * n_input + k, fma(step, load(x, t * n_input + k), w))
        for i in range(n_hidden):
            store(used, i, load(context, i))
            store(context, i, load(hidden, i))
    for i in range(n_hidden):
        late = load(change, i)
        for j in range(n_hidden):
            w = load(W_hh, i * n_hidden + j)
            store(W_hh, i * n_hidden + j, fma(late, load(used, j), w))


def train_lanes() -> Callable:
    """The compiled `_train_lanes`."""
    return kernels.compiled(_train_lanes)
