"""The error of a network that no longer learns on the sequence that it learned from.

A loss is measured while the weights change at every step, so it can be far below what the network
has learned: on a text that repeats, the weights follow the pattern as it goes by, and what they
followed is gone at the end.
"""

from __future__ import annotations

import math

from elman.analysis.errors import squared_errors
from elman.analysis.replay import replay
from elman.training import Run
from elman.training.batches import work_of

# More multiplications than this, a tenth of a second, no page makes for one number.
MOST_WORK = 100_000_000

# The frozen error is told apart from the loss if it is larger by this factor and by this much.
FACTOR, LEAST = 1.25, 0.01


def frozen_error(run: Run, epoch: int) -> float | None:
    """Mean squared error on the training sequence with the weights as they were after `epoch`.

    None where that would be too much work, and where its activations overflow.
    """
    if len(run.sequence) * work_of(run.experiment) > MOST_WORK:
        return None
    error = float(squared_errors(replay(run, run.sequence, epoch)).mean())
    return error if math.isfinite(error) else None


def why_apart(loss: float, frozen: float) -> str:
    """Why the loss of a pass is far below the error of the frozen network; empty if it is not."""
    if not frozen > max(FACTOR * loss, loss + LEAST):
        return ""
    return (
        f"While it learns, the loss is {loss:.4f}; with its weights frozen, the error on the same "
        f"sequence is {frozen:.4f}. Within a pass the weights change at every step and follow the "
        "sequence as it goes by. What they followed is gone at the end: it was not learned."
    )
