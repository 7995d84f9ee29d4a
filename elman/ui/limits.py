"""What one visitor may ask of a shared machine; each limit is an environment variable.

    python -m elman.ui.limits

prints them as this environment sets them, or ends with what is wrong.
"""

from __future__ import annotations

import difflib
import os
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from elman.settings import refuse

PREFIX = "ELMAN_"


@dataclass(frozen=True)
class Limits:
    """Limits of the app, read from `ELMAN_` variables such as `ELMAN_MAX_RUN_SECONDS`.

    max_work           multiplications that a run or another piece of work may ask for
    max_run_seconds    time that it may use before it is stopped
    max_jobs           pieces of work that are under way at the same time
    kept_mb            megabytes of runs, sequences and other answers that stay in memory
    live_after         seconds that a page waits for a result before it shows the work under way
    state_dir          folder where unfinished long runs are kept for the next start; none if empty
    state_mb           megabytes that they may take there
    """

    max_work: float = 2e12
    max_run_seconds: float = 900.0
    max_jobs: int = 2
    kept_mb: int = 128
    live_after: float = 0.4
    state_dir: str = ""
    state_mb: int = 200

    @classmethod
    def from_environment(cls) -> Limits:
        """The defaults, replaced by what the environment sets.

        Raises ValueError naming the variable when its value is not a positive number, or a folder
        that can be written to, or when it looks like one of these and is none.
        """
        _refuse_misspelt()
        values: dict[str, Any] = {}
        for field in fields(cls):
            name = variable(field.name)
            if name not in os.environ:
                continue
            if isinstance(field.default, str):
                values[field.name] = _folder(name, os.environ[name])
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


def variable(field: str) -> str:
    """The environment variable of a field of `Limits`."""
    return PREFIX + field.upper()


def _folder(name: str, given: str) -> str:
    """The folder, which is made if need be; an empty name stands for none."""
    if not given:
        return ""
    try:
        Path(given).mkdir(parents=True, exist_ok=True)
    except OSError:
        raise refuse(name, "a folder that can be made", given) from None
    if not os.access(given, os.W_OK):
        raise refuse(name, "a folder that can be written to", given)
    return given


def _refuse_misspelt() -> None:
    """ValueError for a variable that is named nearly as one of ours.

    Others that begin alike pass: systems that start containers set some of their own.
    """
    known = [variable(field.name) for field in fields(Limits)]
    endings = [name.removeprefix(PREFIX) for name in known]
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name.removeprefix(PREFIX), endings, 1, 0.75)
            if near:
                raise ValueError(f"{name}: there is no such variable; is {PREFIX}{near[0]} meant?")


def main() -> int:
    """Print every limit by its variable; the exit code, 2 where one cannot be used."""
    try:
        limits = Limits.from_environment()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    for field in fields(Limits):
        print(f"{variable(field.name)}={getattr(limits, field.name)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
