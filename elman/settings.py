"""What a setting or an argument may be, and the message when it is something else.

Every check returns the value in its plain form, or raises what `refuse` makes: a ValueError
naming the setting, what is allowed and what was given.
"""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

# A range of whole numbers, and the longest that there may be.
_RANGE = re.compile(r"([0-9.]+?)(?: *(?:\.\.|[-:–]) *)([0-9.]+)")
MOST_IN_RANGE = 1000


def refuse(
    name: str, allowed: str, given: Any = None, *, verb: str = "is", words: str = ""
) -> ValueError:
    """The error, to be raised, that `name` has a value which is not allowed.

    Reads "NAME: allowed is ALLOWED; GIVEN was given.", where `given` is the value as it arrived.
    `verb` stands for "is" ("are", "with noise is"), and `words`, which bring their own verb, for
    all of "GIVEN was given" where the value by itself would not tell.
    """
    return ValueError(f"{name}: allowed {verb} {allowed}; {words or f'{shown(given)} was given'}.")


def shown(value: Any) -> str:
    """`value` as a message shows it: never longer than a line."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else text[:57] + "..."


def refuse_memory(
    name: str, low: int, given: int, needed: Callable[[int], float], max_bytes: float
) -> ValueError | None:
    """The error, to be raised, that a size takes too much memory; None if no size is small enough.

    `needed(value)`, which rises with it, is what any value from `low` to `given` would take.
    """
    values = range(low, given)
    fit = bisect.bisect_right(values, max_bytes, key=needed)
    if not fit:
        return None
    allowed = f"a whole number from {low:,} to {values[fit - 1]:,}"
    memory = f"with the other settings and {max_bytes / 2**20:,.0f} MB of memory"
    return refuse(name, f"{allowed}, {memory}", given)


class Setting(NamedTuple):
    """What a field accepts, the words that explain it to a reader, and its default.

    `only_with` names the field and its value beside which alone this one may be set; `label` is
    what the page calls an option of a task, if its name would not do.
    """

    kind: type
    help: str
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    only_with: tuple[str, str] | None = None
    default: Any = None
    label: str = ""

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
        """`value` in this setting's plain type; ValueError if it is not allowed."""
        plain = self._text(value) if self.choices or self.kind is str else self._number(value)
        if plain is None:
            # Of a text that is too long its length tells more than its beginning.
            long = self.kind is str and not self.choices and isinstance(value, str)
            words = f"{len(value):,} were given" if long and len(value) > 60 else ""
            raise refuse(name, self.allowed, value, words=words)
        return plain

    def values(self, name: str, texts: Iterable[str]) -> list[Any]:
        """The checked values of texts, in which 1..4, 1-4 or 1:4 is every whole number from 1 to 4;
        ValueError for the first that is not allowed."""
        found: list[Any] = []
        for text in map(str.strip, texts):
            ends = _RANGE.fullmatch(text)
            if ends is None or self.choices or self.kind is str:
                found.append(self.check(name, text))
                continue
            if self.kind is not int:
                words = f"the range {text!r} was given"
                raise refuse(name, f"{self.allowed}, each by itself", words=words)
            low, high = (self.check(name, end) for end in ends.groups())
            if not low <= high < low + MOST_IN_RANGE:
                raise refuse(name, f"a rising range of at most {MOST_IN_RANGE:,} numbers", text)
            found += range(low, high + 1)
        return found

    def _text(self, value: Any) -> str | None:
        fits = isinstance(value, str) and (
            value in self.choices if self.choices else len(value) <= self.high
        )
        return value if fits else None

    def _number(self, value: Any) -> int | float | None:
        try:
            number = float(value)
            exact = int(value) if self.kind is int else number
        except (TypeError, ValueError, OverflowError):
            return None
        fits = self.low <= number <= self.high and math.isfinite(number) and exact == number
        return exact if fits and not isinstance(value, bool) else None


SIZE = Setting(int, "a number of units, layers or features", low=1, high=100_000)
RATE = Setting(float, "a share", low=0, high=1)


def checked_numbers(name: str, value: Any) -> np.ndarray:
    """`value` as an array of floats, of any shape; neither text nor None nor complex numbers."""
    try:
        a = np.asarray(value)
        # As a float None would be not-a-number, and a complex number would lose its imaginary part.
        if a.dtype.kind in "biuf" or (a.dtype.kind == "O" and not (a == None).any()):  # noqa: E711
            return a.astype(float, copy=False)
        words = "None was given in it" if a.dtype.kind == "O" and a.ndim else ""
    except (TypeError, ValueError):
        words = ""
    kind = getattr(getattr(value, "dtype", None), "name", type(value).__name__)
    raise refuse(name, "an array of numbers", words=words or f"{kind} was given")


def checked_array(name: str, value: Any, shape: tuple[Any, ...]) -> np.ndarray:
    """`value` as floats of `shape`, whose entries in words stand for any number from 1 up."""
    a = checked_numbers(name, value)
    if len(a.shape) != len(shape) or any(
        n < 1 if isinstance(allowed, str) else n != allowed
        for n, allowed in zip(a.shape, shape, strict=True)
    ):
        allowed = ", ".join(str(n) for n in shape) + ("," if len(shape) == 1 else "")
        raise refuse(name, f"an array ({allowed})", words=f"one of shape {a.shape} was given")
    return a


def checked_finite(name: str, a: np.ndarray) -> np.ndarray:
    """The array `a` if none of its numbers is infinite or not-a-number."""
    finite = np.isfinite(a)
    if not finite.all():
        raise refuse(name, "finite numbers", a[~finite][0], verb="are")
    return a


def checked_switch(name: str, value: Any) -> bool:
    """`value` if it is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise refuse(name, "True or False", value)
    return bool(value)


def checked_object(name: str, value: Any) -> dict[str, Any]:
    """`value` if it is a JSON object: names, each with a value."""
    if not isinstance(value, dict):
        raise refuse(name, "an object with names", value)
    return value


def checked_rng(rng: Any) -> np.random.Generator:
    """`rng` if it is a generator, and not, for instance, a seed."""
    if not isinstance(rng, np.random.Generator):
        raise refuse("rng", "a numpy.random.Generator", rng)
    return rng


def checked_lengths(lengths: Any, steps: int, batch: int) -> np.ndarray:
    """`lengths` if they are (batch,) whole numbers from 1 to `steps`."""
    a = np.asarray(lengths)
    whole = a.shape == (batch,) and a.dtype.kind in "iu"
    if not whole or a.min() < 1 or a.max() > steps:
        allowed = f"{batch} whole numbers from 1 to {steps}, one for each sequence"
        raise refuse("lengths", allowed, lengths, verb="are")
    return a.astype(int)
