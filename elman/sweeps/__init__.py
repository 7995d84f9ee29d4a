"""Many experiments and their outcomes: in parallel, to a file, on a cluster."""

from elman.sweeps.runs import (
    Measure,
    Outcome,
    outcome_of,
    record,
    sweep,
    table,
    train_block,
    variations,
    with_seed,
)

__all__ = [
    "Measure",
    "Outcome",
    "outcome_of",
    "record",
    "sweep",
    "table",
    "train_block",
    "variations",
    "with_seed",
]
