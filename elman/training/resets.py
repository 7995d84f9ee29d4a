"""Context-reset policies: at which steps the context is set back to its start value.

Every policy becomes boolean arrays, "reset before step t". The context always starts at its
start value, so a policy need not name the very first step of training. Where a new document
begins (`Sequence.seams`) every policy resets it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from elman.settings import refuse

# Elman (1993), "Learning and development in neural networks", Cognition 48, let the memory of a
# network grow: at first the context was reset after every third or fourth word, later more
# rarely, at last never. The share of training that each stage gets, and windows counted in groups
# (triples, syllables) and taken in turn, are choices of this project. None: no reset at all.
GROWING_STAGES = ((12, (3, 4)), (5, (4, 5)), (5, (5, 6)), (5, (6, 7)), (5, None))


class Stage(NamedTuple):
    """From epoch `first_epoch` (counted from 0) on, `resets` (steps,) marks before which steps."""

    first_epoch: int
    resets: np.ndarray


def reset_before(
    policy: str, group_starts: np.ndarray, reset_every: int | None = None, seams: Any = ()
) -> np.ndarray:
    """The steps (steps,) before which a fixed `policy` resets the context in each pass.

    `group_starts` (steps,) marks the first step of every group. Policies: "epoch" (before the
    first step), "never", "every" (each `reset_every` steps), "group" and "step". At `seams`
    (steps,), where there are any, each of them resets.
    """
    resets = np.zeros(len(group_starts), dtype=bool)
    if policy == "epoch":
        resets[0] = True
    elif policy == "every":
        resets[::reset_every] = True
    elif policy == "group":
        resets |= group_starts
    elif policy == "step":
        resets[:] = True
    elif policy != "never":
        raise refuse("policy", "one of epoch, never, every, group, step", policy)
    return _with_seams(resets, seams)


def _with_seams(resets: np.ndarray, seams: Any) -> np.ndarray:
    return resets | seams if len(seams) else resets


def windows_before(group_starts: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """Resets (steps,) that cut the sequence into windows of `sizes` groups, taken in turn."""
    resets = np.zeros(len(group_starts), dtype=bool)
    starts = np.flatnonzero(group_starts)
    turns = np.tile(sizes, len(starts) // sum(sizes) + 1)
    window_starts = np.concatenate([[0], np.cumsum(turns)])
    resets[starts[window_starts[window_starts < len(starts)]]] = True
    return resets


def reset_schedule(
    policy: str,
    group_starts: np.ndarray,
    epochs: int,
    reset_every: int | None = None,
    seams: Any = (),
) -> list[Stage]:
    """The stages of a whole training of `epochs` passes; all but "growing" have just one."""
    if policy != "growing":
        return [Stage(0, reset_before(policy, group_starts, reset_every, seams))]
    shares = np.array([share for share, _ in GROWING_STAGES])
    first_epochs = np.round(epochs * (np.cumsum(shares) - shares) / shares.sum()).astype(int)
    stages = [
        Stage(
            int(first_epoch),
            reset_before("never", group_starts, None, seams)
            if sizes is None
            else _with_seams(windows_before(group_starts, sizes), seams),
        )
        for first_epoch, (_, sizes) in zip(first_epochs, GROWING_STAGES, strict=True)
    ]
    # With few epochs several stages begin at once; the last of them stands.
    later = [stage.first_epoch for stage in stages[1:]] + [epochs]
    return [stage for stage, end in zip(stages, later, strict=True) if stage.first_epoch < end]
