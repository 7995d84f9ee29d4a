"""How long something takes on this machine, from trying it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

# Long enough that a busy machine shows in the mean, short enough to pass unnoticed.
SAMPLE_SECONDS = 0.02


def mean_seconds(call: Callable[[], object]) -> float:
    """Seconds that a `call()` takes, from calling it again and again for `SAMPLE_SECONDS`."""
    began, calls = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - began) < SAMPLE_SECONDS:
        call()
        calls += 1
    return elapsed / calls


def least_seconds(call: Callable[[], object], times: int, within: float = math.inf) -> float:
    """Seconds of the quickest of some calls: `times`, or as many as begin `within` seconds.

    The first call warms up; the quickest is disturbed least by what else the machine does.
    """
    began = time.perf_counter()
    least = math.inf
    for _ in range(times):
        start = time.perf_counter()
        if start - began >= within and math.isfinite(least):
            break
        call()
        least = min(least, time.perf_counter() - start)
    return least
