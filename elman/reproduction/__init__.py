"""Every figure and table of Elman (1990) beside this project's own measurements.

    paper     what the paper prints
    rules     what is compared, how near it must come, and the verdict that follows
    measure   the measurements of one seed
    grid      the settings that the paper leaves open, and where among them the checks hold

`python -m elman.reproduction` measures everything again and writes `measured.json` and `grid.json`
beside this file, which `load` and `load_grid` read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypedDict

RESULTS = Path(__file__).parent / "measured.json"
GRID_RESULTS = Path(__file__).parent / "grid.json"


class Made(TypedDict):
    """With which version something was measured, when (ISO date), and in how many seconds."""

    version: str
    date: str
    seconds: int


class Results(Made):
    """What was measured.

    seeds      how many seeds each group of measurements has
    settings   the experiment of seed 0 of each task, as URL parameters
    cards      card key -> name of a value -> that value at each seed
    """

    seeds: dict[str, int]
    settings: dict[str, dict[str, str]]
    cards: dict[str, dict[str, list[Any]]]


class GridResults(Made):
    """What was measured over the grid.

    tasks   task -> its cells: "settings" (fields of the experiment) and "values" (card key ->
            name of a check -> its value at each seed)
    """

    tasks: dict[str, list[dict[str, Any]]]


def load(path: Path = RESULTS) -> Results:
    """The stored measurements."""
    return json.loads(path.read_text(encoding="utf-8"))


def load_grid(path: Path = GRID_RESULTS) -> GridResults:
    """The stored measurements over the grid."""
    return json.loads(path.read_text(encoding="utf-8"))
