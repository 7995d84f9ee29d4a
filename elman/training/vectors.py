"""Eight doubles at once, and the arithmetic that gives the same bits on every processor.

Numba has no vector type, and what LLVM makes of plain loops depends on the processor: how wide its
registers are, and whether it can multiply and add with one rounding. So the order of every sum is
fixed here by a type of eight doubles, which LLVM maps to whatever registers there are, and every
operation is a plain one of IEEE 754, rounded by itself. The exponential is our own, since those of
C libraries differ in their last bits.

The single kernels use the eight numbers of a vector for eight neighbours in a row of weights, the
kernel of lanes for eight networks; the same network has the same bits in both. Importing this
module needs Numba.
"""

from __future__ import annotations

import decimal
import operator
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, models, overload, register_model

# LLVM puts these functions into those that call them; where Numba does it, compiling takes half as
# long again. A division by zero is no error in them either.
inlined = njit(forceinline=True, error_model="numpy")

# The doubles of one AVX-512 register, or of a few smaller ones.
EIGHT = 8

_LONG = ir.IntType(64)
_DOUBLES = ir.VectorType(ir.DoubleType(), EIGHT)
_LONGS = ir.VectorType(_LONG, EIGHT)
_BYTES = ir.VectorType(ir.IntType(8), EIGHT)


class Vector(types.Type):
    """Eight doubles, in compiled code."""

    def __init__(self) -> None:
        super().__init__(name=f"Vector{EIGHT}")


_vector = Vector()


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, _DOUBLES)


def _pointer(context, builder, kind, array, place, vector):
    """Where the vector that begins at a place of a contiguous array lies, counted in numbers."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [place]), vector.as_pointer())


@intrinsic
def fill(typing, number):
    """A vector with `number` in all its places."""

    def code(context, builder, signature, a):
        empty = ir.Constant(_DOUBLES, ir.Undefined)
        first = builder.insert_element(empty, a[0], ir.Constant(ir.IntType(32), 0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), EIGHT), [0] * EIGHT)
        return builder.shuffle_vector(first, empty, zeros)

    return _vector(types.float64), code


@intrinsic
def load(typing, array, place):
    """The eight numbers from `place` on of a contiguous array, of doubles or of bytes.

    Places are counted through all axes of the array.
    """

    def code(context, builder, signature, a):
        data, first = a
        if array.dtype == types.float64:
            return builder.load(_pointer(context, builder, array, data, first, _DOUBLES), align=8)
        pointer = _pointer(context, builder, array, data, first, _BYTES)
        return builder.uitofp(builder.load(pointer, align=1), _DOUBLES)

    return _vector(array, types.intp), code


@intrinsic
def store(typing, array, place, value):
    """Put a vector into the eight numbers from `place` on of an array of doubles."""

    def code(context, builder, signature, a):
        data, first, numbers = a
        builder.store(numbers, _pointer(context, builder, array, data, first, _DOUBLES), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, _vector), code


@intrinsic
def total(typing, vector):
    """The sum of the eight numbers: the halves are added, then their halves, then the last two."""

    def code(context, builder, signature, a):
        terms = [
            builder.extract_element(a[0], ir.Constant(ir.IntType(32), place))
            for place in range(EIGHT)
        ]
        while len(terms) > 1:
            half = len(terms) // 2
            terms = [builder.fadd(terms[k], terms[k + half]) for k in range(half)]
        return terms[0]

    return types.float64(_vector), code


def _declare(operation: Callable[[Any, Any], Any], instruction: str) -> None:
    @intrinsic
    def apply(typing, x, y):
        return _vector(_vector, _vector), lambda c, builder, s, a: getattr(builder, instruction)(*a)

    @overload(operation)
    def of_vectors(x, y):
        if isinstance(x, Vector) and isinstance(y, Vector):
            return lambda x, y: apply(x, y)
        return None


_declare(operator.add, "fadd")
_declare(operator.sub, "fsub")
_declare(operator.mul, "fmul")
_declare(operator.truediv, "fdiv")


@intrinsic
def _where_positive_eight(typing, condition, positive, otherwise):
    def code(context, builder, signature, a):
        above = builder.fcmp_ordered(">", a[0], ir.Constant(_DOUBLES, [0.0] * EIGHT))
        return builder.select(above, a[1], a[2])

    return _vector(_vector, _vector, _vector), code


@intrinsic
def _where_positive_one(typing, condition, positive, otherwise):
    def code(context, builder, signature, a):
        above = builder.fcmp_ordered(">", a[0], ir.Constant(ir.DoubleType(), 0.0))
        return builder.select(above, a[1], a[2])

    return types.float64(types.float64, types.float64, types.float64), code


# exp(x) = 2**(k / PARTS) exp(r), with |r| at most ln 2 / 2 / PARTS. The powers come from a table,
# rounded rightly by decimal arithmetic, which has the same digits on every machine.
_PARTS = 128


def _powers() -> list[int]:
    """The bits of 2**(j / PARTS) for j from 0 to PARTS - 1."""
    with decimal.localcontext(prec=40):
        exact = [decimal.Decimal(2) ** (decimal.Decimal(j) / _PARTS) for j in range(_PARTS)]
    return [struct.unpack("<q", struct.pack("<d", float(power)))[0] for power in exact]


def _power(builder, table, k):
    """The bits of 2**(k / PARTS) for a whole number k."""
    low = builder.and_(k, ir.Constant(_LONG, _PARTS - 1))
    bits = builder.load(builder.gep(table, [ir.Constant(_LONG, 0), low]))
    whole = builder.ashr(k, ir.Constant(_LONG, _PARTS.bit_length() - 1))
    return builder.add(bits, builder.shl(whole, ir.Constant(_LONG, 52)))


def _table(builder):
    """The table as a constant of the compiled module."""
    kind = ir.ArrayType(_LONG, _PARTS)
    known = builder.module.globals.get("elman.powers_of_two")
    if known is not None:
        return known
    table = ir.GlobalVariable(builder.module, kind, "elman.powers_of_two")
    table.linkage, table.global_constant = "internal", True
    table.initializer = ir.Constant(kind, _powers())
    return table


@intrinsic
def _power_one(typing, shifted):
    """2**(k / PARTS), with k in the low bits of `shifted`."""

    def code(context, builder, signature, a):
        bits = _power(builder, _table(builder), builder.bitcast(a[0], _LONG))
        return builder.bitcast(bits, ir.DoubleType())

    return types.float64(types.float64), code


@intrinsic
def _power_eight(typing, shifted):
    def code(context, builder, signature, a):
        longs, table = builder.bitcast(a[0], _LONGS), _table(builder)
        found = ir.Constant(_LONGS, ir.Undefined)
        for place in range(EIGHT):
            here = ir.Constant(ir.IntType(32), place)
            bits = _power(builder, table, builder.extract_element(longs, here))
            found = builder.insert_element(found, bits, here)
        return builder.bitcast(found, _DOUBLES)

    return _vector(_vector), code


@inlined
def _one(number):
    return number


# Adding this leaves a double's whole part in its low bits.
_TO_LOW_BITS = 1.5 * 2.0**52
_STEPS = _PARTS * 1.4426950408889634
# ln 2 / PARTS in two parts, the first with zeros at its end so that k times it is exact.
_STEP_HIGH = float.fromhex("0x1.62e42fefap-8")
_STEP_LOW = float.fromhex("0x1.cf79abc9e3b3ap-47")
# Within it exp is neither infinite nor subnormal.
EXP_RANGE = 708.0
EXP_LOWEST = 3.307553003638408e-308


def _functions(fill, where_positive, power):
    """exp, sigmoid, activation and slope for one number or for eight: the same operations."""

    @inlined
    def exp(x):
        shifted = x * fill(_STEPS) + fill(_TO_LOW_BITS)
        k = shifted - fill(_TO_LOW_BITS)
        r = (x - k * fill(_STEP_HIGH)) - k * fill(_STEP_LOW)
        r2 = r * r
        series = (fill(0.5) + fill(1 / 6) * r) + r2 * (fill(1 / 24) + fill(1 / 120) * r)
        scale = power(shifted)
        found = scale + scale * (r + r2 * series)
        found = where_positive(x - fill(EXP_RANGE), fill(np.inf), found)
        return where_positive(fill(-EXP_RANGE) - x, fill(EXP_LOWEST), found)

    @inlined
    def sigmoid(z):
        return fill(1.0) / (fill(1.0) + exp(fill(0.0) - z))

    @inlined
    def active(activation, z):
        if activation == 0:
            return sigmoid(z)
        if activation == 1:
            return fill(1.0) - fill(2.0) / (fill(1.0) + exp(z + z))
        # Not-a-number is neither above nor below zero, and stays as it is.
        return where_positive(fill(0.0) - z, fill(0.0), z)

    @inlined
    def slope(activation, h):
        if activation == 0:
            return h * (fill(1.0) - h)
        if activation == 1:
            return fill(1.0) - h * h
        return where_positive(h, fill(1.0), fill(0.0))

    return exp, sigmoid, active, slope


exp, sigmoid, active, slope = _functions(_one, _where_positive_one, _power_one)
exp_eight, sigmoid_eight, active_eight, slope_eight = _functions(
    fill, _where_positive_eight, _power_eight
)
