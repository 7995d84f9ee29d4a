"""What the compiled kernels are given, besides weights and sequence."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

ACTIVATION_CODES = {"sigmoid": 0, "tanh": 1, "relu": 2}

# Networks that the kernel of lanes trains side by side: as many as a vector has numbers.
LANES = 8


class Memory(NamedTuple):
    """What training carries from step to step besides the weights, the latest steps in a ring.

    `context` and `hidden` (depth, n_hidden) are what those steps used and computed, `step`
    (depth,) their place in the sequence; `ring` holds the slot of the coming step and the number
    of steps since the last reset. `hidden_delta` (depth, n_hidden) and `output_delta` (n_output,)
    are room to work in.
    """

    context: np.ndarray
    hidden: np.ndarray
    hidden_delta: np.ndarray
    output_delta: np.ndarray
    step: np.ndarray
    ring: np.ndarray


def new_memory(n_hidden: int, n_output: int, depth: int, context_start: float) -> Memory:
    """The memory of a network that has seen nothing yet."""
    return Memory(
        context=np.full((depth, n_hidden), float(context_start)),
        hidden=np.zeros((depth, n_hidden)),
        hidden_delta=np.zeros((depth, n_hidden)),
        output_delta=np.zeros(n_output),
        step=np.zeros(depth, dtype=np.int64),
        ring=np.zeros(2, dtype=np.int64),
    )


def read_only(array: np.ndarray) -> np.ndarray:
    """The values of `array`, in the order of C, as kernels are given what they only read.

    Numba compiles a kernel once more for an array that may be written to.
    """
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
