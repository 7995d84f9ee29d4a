"""What a setting or an argument may be, and the message when it is something else.

Every check returns the value in its plain form, or raises ValueError naming the setting, what is
allowed and what was given.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np


class Setting(NamedTuple):
    """What a field accepts, the words that explain it to a reader, and its default.

    `only_with` names the field and its value beside which alone this one may be set.
    """

    kind: type
    help: str
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    only_with: tuple[str, str] | None = None
    default: Any = None

    @property
    def allowed(self) -> str:
        """The accepted values in words, as error messages and help texts print them."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.kind is str:
            return f"a text of at most {self.high:,} characters"
        if self.kind is int:
            return f"a whole number from {self.low:,} to {self.high:,}"
        low = f"{self.low:f}".rstrip("0").rstrip(".")
        return f"a number from {low} to {self.high:g}"

    def check(self, name: str, value: Any) -> Any:
        """Return `value` as this setting's plain type; ValueError names field, allowed, arrived."""
        if self.choices:
            if isinstance(value, str) and value in self.choices:
                return value
            raise self._error(name, value)
        if self.kind is str:
            if isinstance(value, str) and len(value) <= self.high:
                return value
            raise self._error(name, value)
        if isinstance(value, bool):
            raise self._error(name, value)
        try:
            number = float(value)
            exact = self.kind(number) if self.kind is float else int(value)
        except (TypeError, ValueError, OverflowError):
            raise self._error(name, value) from None
        if not math.isfinite(number) or exact != number:
            raise self._error(name, value)
        if not self.low <= number <= self.high:
            raise self._error(name, value)
        return exact

    def _error(self, name: str, value: Any) -> ValueError:
        return ValueError(f"{name}: allowed is {self.allowed}; {shown(value)} was given.")


def shown(value: Any) -> str:
    """`value` as a message shows it: never longer than a line."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


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
        raise ValueError(
            f"lengths: allowed are {batch} whole numbers from 1 to {steps}, one for each "
            f"sequence; {shown(lengths)} was given."
        )
    return a.astype(int)
