"""Words found by the error alone: a text is cut before each letter that comes as a surprise.

Elman (1990) calls the error "a clue as to what the recurring sequences in the input are": it is
high where a word begins and falls on the way through the word. Nothing else is used here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Cuts(NamedTuple):
    """A text that was cut: how many cuts fall where a word begins, of how many cuts and words."""

    threshold: float
    right: int
    cuts: int
    words: int
    letters: int

    @property
    def found(self) -> float:
        """Share of the beginnings of words that are cut; not-a-number without a word."""
        return self.right / self.words if self.words else float("nan")

    @property
    def true(self) -> float:
        """Share of the cuts that are at the beginning of a word; not-a-number without a cut."""
        return self.right / self.cuts if self.cuts else float("nan")

    @property
    def balance(self) -> float:
        """The harmonic mean of both shares, known as F1; 0 where no cut is right."""
        return 2 * self.right / (self.cuts + self.words) if self.right else 0.0


def cut_above(error: np.ndarray, begins: np.ndarray, threshold: float) -> Cuts:
    """The cuts where the error (letters,) is above a threshold.

    `begins` (letters,) tells where words do begin, for counting alone.
    """
    cut = error > threshold
    right = int(np.count_nonzero(cut & begins))
    return Cuts(threshold, right, int(cut.sum()), int(begins.sum()), len(error))


def best_cuts(error: np.ndarray, begins: np.ndarray) -> Cuts:
    """The cuts of the best `balance` that any threshold gives on this text; the highest threshold
    of several."""
    order = np.argsort(-error, kind="stable")
    ranked = error[order]
    right = np.cumsum(begins[order])
    cuts = np.arange(1, len(error) + 1)
    # Equal errors are cut together.
    ends = np.append(ranked[1:] < ranked[:-1], True)
    balance = np.where(ends, 2 * right / (cuts + max(int(begins.sum()), 1)), -1.0)
    best = int(np.argmax(balance))
    # Below the lowest error every letter is cut.
    below = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] - 0.01
    return cut_above(error, begins, float((ranked[best] + below) / 2))


def describe_cuts(cuts: Cuts, best: Cuts | None = None) -> str:
    """What a threshold finds, beside cuts made blindly and the best threshold for this text."""
    blind = 1 - cuts.words / cuts.letters
    if cuts.cuts:
        wrong = cuts.cuts - cuts.right
        said = (
            f"Cut before each letter whose error is above {cuts.threshold:.3g}, and "
            f"{cuts.right:,} of {cuts.words:,} beginnings of words are found ({cuts.found:.0%}); "
            f"{wrong:,} of {cuts.cuts:,} cuts are inside a word ({1 - cuts.true:.0%}; of blind "
            f"cuts {blind:.0%})."
        )
    else:
        said = f"No letter has an error above {cuts.threshold:.3g}."
    if best is None:
        return said
    return (
        f"{said} Found and right are best balanced on this text at {best.threshold:.3g}: "
        f"{best.found:.0%} found, {1 - best.true:.0%} of the cuts inside a word."
    )
