"""Whether a difference is more than luck: a margin from its own spread."""

from __future__ import annotations

import math

import numpy as np

# Standard errors by which a mean difference has to exceed zero.
MARGIN = 2.0
# A chance of at most this is too small for luck.
RARE = 0.05


def standard_error(differences: np.ndarray) -> float:
    """Standard error of the mean of paired differences (steps,), neighbours of which may hang
    together: of the means of blocks, about as long as the cube root of the number of steps.

    Infinite for fewer than eight steps.
    """
    steps = len(differences)
    if steps < 8:
        return math.inf
    size = round(steps ** (1 / 3))
    blocks = steps // size
    means = differences[: blocks * size].reshape(blocks, size).mean(axis=1)
    return float(means.std(ddof=1) / math.sqrt(blocks))


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean of shares (n,) and the ends of its 95 % interval, from their spread, within 0 and 1.

    Not-a-number where there are too few.
    """
    mean = float(values.mean()) if len(values) else math.nan
    error = float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan
    return mean, max(mean - 1.96 * error, 0.0), min(mean + 1.96 * error, 1.0)


def clearly_better(errors: np.ndarray, others: np.ndarray) -> bool:
    """Whether `errors` (steps,) are smaller on average than `others` at the same steps, by at
    least two standard errors of their paired differences."""
    differences = others - errors
    mean = float(differences.mean())
    return mean > 0 and mean >= MARGIN * standard_error(differences)


def shares_differ(first: tuple[int, int], second: tuple[int, int], chosen_from: int = 2) -> bool:
    """Whether two counts (successes, runs) differ by more than luck.

    If they are best and worst of `chosen_from` settings, luck had a chance at every pair of
    settings, and one pair is allowed that part of the 5 % only (Bonferroni). Source of the chance
    of one pair: Fisher's exact test.
    """
    # Takes half a second to import, which only a comparison needs.
    from scipy.stats import fisher_exact

    table = [[successes, runs - successes] for successes, runs in (first, second)]
    return float(fisher_exact(table)[1]) * math.comb(chosen_from, 2) < RARE


def ranks_differ(first: np.ndarray, second: np.ndarray, chosen_from: int = 2) -> bool:
    """Whether two samples differ by more than luck, going by the order of their values alone.

    Infinite values ("never") come last. `chosen_from` as for `shares_differ`. Source of the chance
    of one pair: Mann and Whitney's U test (1947).
    """
    from scipy.stats import mannwhitneyu

    # Exact for values without ties; ties only make a claim rarer.
    chance = float(mannwhitneyu(first, second, method="exact").pvalue)
    return chance * math.comb(chosen_from, 2) < RARE
