"""Checks of arguments that the layers, losses and optimizers share.

Each returns the value in its plain form, or raises ValueError naming the argument, what is
allowed and what was given.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from elman.experiment import Setting

SIZE = Setting(int, "a number of units, layers or features", low=1, high=100_000)
RATE = Setting(float, "a share", low=0, high=1)


def checked_array(name: str, value: Any, shape: tuple[Any, ...]) -> np.ndarray:
    """`value` as floats of `shape`, whose entries in words stand for any number from 1 up."""
    try:
        a = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        given = type(value).__name__
        raise ValueError(f"{name}: allowed is an array of numbers; {given} was given.") from None
    if len(a.shape) != len(shape) or any(
        n < 1 if isinstance(allowed, str) else n != allowed
        for n, allowed in zip(a.shape, shape, strict=True)
    ):
        allowed = ", ".join(str(n) for n in shape) + ("," if len(shape) == 1 else "")
        raise ValueError(
            f"{name}: allowed is an array ({allowed}); one of shape {a.shape} was given."
        )
    return a


def checked_switch(name: str, value: Any) -> bool:
    """`value` if it is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}: allowed is True or False; {value!r} was given.")
    return bool(value)


def checked_rng(rng: Any) -> np.random.Generator:
    """`rng` if it is a generator, and not, for instance, a seed."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: allowed is a numpy.random.Generator; {rng!r} was given.")
    return rng


def checked_lengths(lengths: Any, steps: int, batch: int) -> np.ndarray | None:
    """(batch,) whole numbers from 1 to `steps`; None stays None."""
    if lengths is None:
        return None
    a = np.asarray(lengths)
    whole = a.shape == (batch,) and a.dtype.kind in "iu"
    if not whole or a.min() < 1 or a.max() > steps:
        shown = repr(lengths)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        raise ValueError(
            f"lengths: allowed are {batch} whole numbers from 1 to {steps}, one for each "
            f"sequence; {shown} was given."
        )
    return a.astype(int)
