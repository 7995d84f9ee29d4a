"""What one visitor may ask of a shared machine; each limit is an environment variable."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Any

from elman.settings import refuse


@dataclass(frozen=True)
class Limits:
    """Limits of the app, read from `ELMAN_` variables such as `ELMAN_MAX_RUN_SECONDS`.

    max_run_seconds    longest predicted training time that may start
    max_jobs           long runs that train at the same time
    kept_mb            megabytes of runs, sequences and other answers that stay in memory
    instant_seconds    a run predicted to take at most this long starts by itself
    """

    max_run_seconds: float = 900.0
    max_jobs: int = 2
    kept_mb: int = 128
    instant_seconds: float = 1.5

    @classmethod
    def from_environment(cls) -> Limits:
        """The defaults, replaced by what the environment sets.

        Raises ValueError naming the variable when its value is not a positive number.
        """
        values: dict[str, Any] = {}
        for field in fields(cls):
            name = f"ELMAN_{field.name.upper()}"
            if name not in os.environ:
                continue
            kind = int if isinstance(field.default, int) else float
            try:
                values[field.name] = kind(os.environ[name])
                if not values[field.name] > 0:
                    raise ValueError
            except ValueError:
                raise refuse(
                    name, f"a positive {'whole ' if kind is int else ''}number", os.environ[name]
                ) from None
        return cls(**values)
