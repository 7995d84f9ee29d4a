"""How much hangs on what the paper does not say: the checks of `rules` over a grid of settings.

The paper states neither learning rate nor momentum nor the range of the first weights; this grid
varies them, for every figure that comes of training, with seeds that no other measurement uses.
It was written down before it was run.

What the paper does state stays: sizes, passes, an unbroken stream. It also says that the context
starts at 0.5; one cell more, the preset with 0, shows what that does. The measure of the error that
is learned from is not stated either, but this library trains with squared errors only, so that is
not varied.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from elman.experiment import Experiment
from elman.reproduction.measure import experiment_of
from elman.reproduction.rules import CARDS, Card

# Seeds from here on; those of the measurements beside the cards begin at 0.
FIRST_SEED = 100

# Kind and scale of the first weights: normal with that deviation, uniform up to plus and minus it.
WEIGHTS = (
    ("normal", 0.1),
    ("uniform", 0.1),
    ("uniform", 0.3),
    ("uniform", 1.0),
    ("uniform", 3.0),
)

Cell = dict[str, Any]


@dataclass(frozen=True)
class Grid:
    """The settings tried for the figures of one task, every combination at every seed."""

    rates: tuple[float, ...]
    momenta: tuple[float, ...]
    weights: tuple[tuple[str, float], ...]
    seeds: int

    def cells(self) -> list[Cell]:
        """Fields of an experiment by name, a mapping for each combination."""
        return [
            {
                "learning_rate": rate,
                "momentum": momentum,
                "weight_init": kind,
                "weight_scale": scale,
                "context_start": 0.5,
            }
            for momentum, (kind, scale), rate in itertools.product(
                self.momenta, self.weights, self.rates
            )
        ]


# Letters and sentences take minutes where the others take seconds: fewer cells and seeds. Runs with
# momentum cannot be trained side by side, so sentences go without it, up to a larger rate.
GRIDS = {
    "xor": Grid((0.03, 0.1, 0.3, 1.0), (0.0, 0.5, 0.9), WEIGHTS, seeds=8),
    "letters": Grid((0.03, 0.1, 0.3, 1.0), (0.0, 0.9), WEIGHTS, seeds=4),
    "words": Grid((0.03, 0.1, 0.3, 1.0), (0.0, 0.9), WEIGHTS, seeds=8),
    "sentences": Grid((0.03, 0.1, 0.3, 1.0), (0.0,), (WEIGHTS[0], *WEIGHTS[2:4]), seeds=3),
}

# Where the preset lies, and the cell beside the grid that differs from it in the context's start.
PRESET: Cell = {
    "learning_rate": 0.1,
    "momentum": 0.0,
    "weight_init": "normal",
    "weight_scale": 0.1,
    "context_start": 0.5,
}
OTHER_START: Cell = PRESET | {"context_start": 0.0}


def cells_of(task: str) -> list[Cell]:
    """All cells of a task: its grid, and the preset with another start of the context."""
    return [*GRIDS[task].cells(), OTHER_START]


def experiments_of(task: str, cell: Cell) -> list[Experiment]:
    """The experiments of a cell, one a seed."""
    seeds = range(FIRST_SEED, FIRST_SEED + GRIDS[task].seeds)
    return [experiment_of(task, seed).replace(**cell) for seed in seeds]


def cards_of(task: str) -> list[Card]:
    """The cards whose checks the grid of a task shows: those of its trained networks."""
    return [card for card in CARDS if card.seeds == task]


def names_of(task: str) -> dict[str, list[str]]:
    """The values kept of each cell: card key -> the names of its checks; and the cosine."""
    names = {card.key: [check.name for check in card.checks] for card in cards_of(task)}
    return names | ({"errors": ["cosine"]} if task == "sentences" else {})
