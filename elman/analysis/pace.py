"""When a run learns: the epochs of its largest fall, and those at which it is worth a look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# A fall of the loss by less than this part of it is none to look at.
LEAST_FALL = 0.05
# A frame is one at which the loss has changed by this part of its whole fall since the last frame,
VISIBLE = 1 / 30
# or at the latest so many kept epochs after it.
MOST_PASSED_OVER = 8
# So few kept epochs are all shown.
FEW = 24


class Fall(NamedTuple):
    """The epochs (from 0) between which a run's loss falls from a tenth to nine tenths of the way
    to its lowest, and the losses there."""

    begin: int
    end: int
    before: float
    after: float


def fall(losses: np.ndarray) -> Fall | None:
    """Where the loss falls most; None if it hardly does. `losses` (epochs,) of a run."""
    known = losses[np.isfinite(losses)]
    if not len(known):
        return None
    lowest = np.minimum.accumulate(known)
    first, last = float(known[0]), float(lowest[-1])
    if first - last < LEAST_FALL * first:
        return None
    begin, end = (int(np.argmax(lowest <= first - share * (first - last))) for share in (0.1, 0.9))
    # The loss of the pass before the first that is lower.
    return Fall(begin, end + 1, float(known[max(begin - 1, 0)]), float(known[end]))


def frames(losses: np.ndarray, kept: Sequence[int]) -> list[int]:
    """Those of the `kept` epochs at which something can be seen to have changed since the last.

    The first and the last are among them. A stretch in which nothing happens has few.
    """
    if len(kept) <= FEW:
        return list(kept)
    finite = np.where(np.isfinite(losses), losses, losses[0])
    at = np.concatenate([finite[:1], finite])
    visible = VISIBLE * float(np.ptp(finite))
    shown = [kept[0]]
    last = 0
    for place, epoch in enumerate(kept[1:], start=1):
        moved = abs(at[epoch] - at[shown[-1]]) >= max(visible, 1e-12)
        if moved or place - last >= MOST_PASSED_OVER or epoch == kept[-1]:
            shown.append(epoch)
            last = place
    return shown


def describe(losses: np.ndarray) -> str:
    """What an epoch is chosen by: where the loss falls most."""
    found = fall(losses)
    if found is None:
        return "Epoch: the loss hardly falls in this run"
    return (
        f"Epoch: the loss falls most between {found.begin:,} and {found.end:,}, from "
        f"{found.before:.3f} to {found.after:.3f}"
    )
