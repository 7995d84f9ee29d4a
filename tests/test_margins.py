"""Claims of a difference: rarely false where there is none, and made where there is one."""

import math

import numpy as np
import pytest
from scipy.stats import binom, fisher_exact

from elman.analysis import margins, verdicts


def assert_at_most_5_percent(claims, tries):
    """With a rate of 5 % more claims would come once in 400 such tests."""
    assert claims <= binom.isf(1 / 400, tries, 0.05)


def test_the_standard_error_is_that_of_block_means():
    steps = np.random.default_rng(0).normal(size=1000)
    blocks = steps.reshape(100, 10).mean(axis=1)
    assert margins.standard_error(steps) == pytest.approx(blocks.std(ddof=1) / 10)
    # What comes in runs of ten is a tenth as many numbers.
    runs = np.repeat(steps[:100], 10)
    assert margins.standard_error(runs) == pytest.approx(steps[:100].std(ddof=1) / 10)
    assert margins.standard_error(steps[:7]) == math.inf


def test_equal_errors_are_no_advantage_and_more_settings_ask_for_more():
    errors = np.random.default_rng(1).random(200)
    for equal in (errors, np.zeros(200)):
        assert not margins.clearly_better(equal, equal)
    assert margins.clearly_better(errors, errors + 0.001)
    p = fisher_exact([[9, 1], [3, 7]])[1]
    assert p < 0.05 < 3 * p
    assert margins.shares_differ((9, 10), (3, 10))
    assert not margins.shares_differ((9, 10), (3, 10), chosen_from=3)


def test_guesses_at_coin_flips_rarely_claim_an_advantage():
    """Answers that know nothing, off 0.5 by chance, against the mean answer."""
    rng = np.random.default_rng(2)
    claims = 0
    for _ in range(1000):
        flips, answers = rng.integers(0, 2, 200), 0.5 + 0.1 * rng.normal(size=200)
        guess = 0.5 + 0.02 * rng.normal()
        guesses = {1: (flips - guess) ** 2, 2: (flips - 0.5) ** 2}
        claims += verdicts.beaten((flips - answers) ** 2, guesses) > 0
    assert_at_most_5_percent(claims, 1000)


@pytest.mark.parametrize("settings", [2, 4, 10, 16])
def test_best_and_worst_of_equal_settings_rarely_differ_by_more_than_luck(settings):
    counts = np.random.default_rng(settings).binomial(20, 0.85, size=(2000, settings))
    pairs, times = np.unique([counts.max(axis=1), counts.min(axis=1)], axis=1, return_counts=True)
    said = [margins.shares_differ((best, 20), (worst, 20), settings) for best, worst in pairs.T]
    assert_at_most_5_percent(times[said].sum(), 2000)
    # What nobody would take for luck is not called so.
    assert margins.shares_differ((20, 20), (0, 20), settings)


def test_equally_fast_settings_are_rarely_told_apart():
    """The fastest against the slowest of four settings of ten runs that do not differ."""
    rng = np.random.default_rng(3)
    claims = 0
    for _ in range(400):
        passes = rng.integers(50, 80, (4, 10)).astype(float)
        passes[rng.random((4, 10)) < 0.1] = math.inf
        order = np.argsort(np.median(passes, axis=1))
        claims += margins.ranks_differ(passes[order[0]], passes[order[-1]], chosen_from=4)
    assert_at_most_5_percent(claims, 400)
    assert margins.ranks_differ(np.arange(10.0), np.arange(10.0) + 20, chosen_from=4)
