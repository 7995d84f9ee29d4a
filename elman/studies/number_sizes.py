"""How much memory a network on numbers takes while it learns, by arithmetic, before it is made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from elman.settings import refuse_memory
from elman.studies.numbers import NumberExperiment


def needed_bytes(experiment: NumberExperiment) -> int:
    """About the most bytes of a step: what a batch of windows leaves behind, and the weights."""
    windows = min(experiment.batch_size, len(experiment.sequence) - experiment.window_size)
    units = experiment.units
    return 8 * (4 * windows * experiment.window_size * units + 10 * units**2)


def check_bytes(experiment: NumberExperiment, max_bytes: float) -> None:
    """Raise ValueError, which names `batch_size` or `units`, if learning needs more memory."""
    if needed_bytes(experiment) <= max_bytes:
        return
    for name in ("batch_size", "units"):

        def with_value(value: int, name: str = name) -> int:
            changes: dict[str, Any] = {name: value}
            return needed_bytes(replace(experiment, **changes))

        error = refuse_memory(name, 1, getattr(experiment, name), with_value, max_bytes)
        if error is not None:
            raise error
