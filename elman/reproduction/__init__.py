"""Every figure and table of Elman (1990) beside this project's own measurements.

    paper     what the paper prints
    rules     what is compared, how near it must come, and the verdict that follows
    measure   the measurements of one seed

`python -m elman.reproduction` measures everything again and writes `measured.json` beside this
file, which `load` reads.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypedDict

RESULTS = Path(__file__).parent / "measured.json"


class Results(TypedDict):
    """What was measured.

    seeds      how many seeds each group of measurements has
    settings   the experiment of seed 0 of each task, as URL parameters
    cards      card key -> name of a value -> that value at each seed
    """

    seeds: dict[str, int]
    settings: dict[str, dict[str, str]]
    cards: dict[str, dict[str, list[Any]]]


def load(path: Path = RESULTS) -> Results:
    """The stored measurements."""
    return json.loads(path.read_text(encoding="utf-8"))
