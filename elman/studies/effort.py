"""How much work a training of layers is, counted without doing any of it."""

from __future__ import annotations

# What calling NumPy for a step of a layer, there and back, costs beside the arithmetic: as much as
# so many multiplications.
STEP_WORK = 50_000


def update_work(steps: int, batch: int, parameters: int) -> int:
    """Multiplications of one change of the weights, roughly: once forward, twice backward."""
    return steps * (3 * batch * parameters + STEP_WORK)
