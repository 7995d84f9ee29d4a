"""Which units of a wide network are shown at a training step, and how they are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from elman.analysis.step import Step
from elman.tasks import Task

# What is shown of a layer with more units than this.
MOST_UNITS = 8

# Of a one-hot code with more symbols: the first few beside those that matter at this step.
FIRST_SYMBOLS = 3


class Units(NamedTuple):
    """Which units are shown (indices from 0), and the names of all inputs and outputs."""

    inputs: np.ndarray
    hidden: np.ndarray
    outputs: np.ndarray
    names: tuple[str, ...]

    @property
    def labels(self) -> dict[str, list[str]]:
        """A short name for each shown unit of a layer."""
        hidden = [f"h\u00a0{unit + 1}" for unit in self.hidden]
        return {
            "input": [plain(self.names[unit]) for unit in self.inputs],
            "hidden": hidden,
            "context": [name.replace("h", "c") for name in hidden],
            "output": [plain(self.names[unit]) for unit in self.outputs],
        }


def plain(text: str) -> str:
    """A text as Markdown that shows it as it is, whatever signs it has."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def hidden_ranges(n_hidden: int) -> list[str]:
    """The stretches of hidden units that are shown at a time, as "9 to 16"."""
    return [
        f"{first + 1} to {min(first + MOST_UNITS, n_hidden)}"
        for first in range(0, n_hidden, MOST_UNITS)
    ]


def choose_units(
    step: Step, task: Task, hidden_range: str = "", further: Sequence[str] = ()
) -> Units:
    """All units of narrow layers; of wide ones a stretch, or the symbols that matter most.

    Of many one-hot symbols these are the first few, the one that is read, the one that comes, the
    three with the largest outputs, and `further` ones by name.
    """
    first, _, last = (hidden_range or hidden_ranges(len(step.hidden))[0]).partition(" to ")
    hidden = np.arange(int(first) - 1, int(last))
    n_input, n_output = len(step.x), len(step.output)
    asked = {task.features.index(name) for name in further}
    inputs, outputs = (set(range(n)) for n in (n_input, n_output))
    if n_input > MOST_UNITS:
        inputs = {*range(FIRST_SYMBOLS), *np.flatnonzero(step.x).tolist(), *asked}
    if n_output > MOST_UNITS:
        largest = np.argsort(-step.output, kind="stable")[:3].tolist()
        outputs = {*range(FIRST_SYMBOLS), *np.flatnonzero(step.target).tolist(), *largest, *asked}
    ordered = [np.array(sorted(units), dtype=int) for units in (inputs, hidden, outputs)]
    return Units(ordered[0], ordered[1], ordered[2], task.features)
