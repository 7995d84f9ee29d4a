"""How many of twenty seeds bear a sentence out, as the measurements of `claims.py` give it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

SEEDS = 20
# Of twenty seeds so many must agree with a sentence that says what usually happens.
NEEDED = 0.8


class Support(NamedTuple):
    """How many of how many agree, and the numbers behind it."""

    agree: int
    of: int
    numbers: str

    @property
    def holds(self) -> bool:
        return self.agree >= NEEDED * self.of


def counted(agree: Iterable[bool], numbers: str) -> Support:
    found = [bool(one) for one in agree]
    return Support(sum(found), len(found), numbers)


def middle(values: Iterable[float]) -> str:
    """Median, and in brackets lowest and highest."""
    found = np.array(list(values), dtype=float)
    return f"{np.nanmedian(found):.3g} ({np.nanmin(found):.3g} to {np.nanmax(found):.3g})"
