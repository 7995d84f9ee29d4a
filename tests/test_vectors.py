"""Eight doubles at once: sums in a stated order, and an exponential with the same bits in both."""

import math

import numpy as np
import pytest

numba = pytest.importorskip("numba")

from elman.training import vectors  # noqa: E402 - needs Numba


@numba.njit
def _exp(x, one, eight):
    for place in range(len(x)):
        one[place] = vectors.exp(x[place])
    for place in range(0, len(x), 8):
        vectors.store(eight, place, vectors.exp_eight(vectors.load(x, place)))


def exp(x):
    """The exponentials of x, which have the same bits alone and by eight."""
    one, eight = np.empty_like(x), np.empty_like(x)
    _exp(x, one, eight)
    np.testing.assert_array_equal(one.view(np.int64), eight.view(np.int64))
    return one


def test_the_exponential_is_right_to_the_last_place_and_beyond_its_range():
    rng = np.random.default_rng(0)
    small = [-0.0, 0.0, 5e-324, 1e-300, -1e-17, 1e-8, 0.5 * math.log(2), -0.5 * math.log(2)]
    x = np.concatenate(
        [small, rng.uniform(-708, 708, 40_000), rng.normal(0, 2, 40_000), np.linspace(-1, 1, 8000)]
    )
    wanted = np.array([math.exp(value) for value in x])
    assert (np.abs(exp(x) - wanted) <= np.spacing(wanted)).all()
    found = exp(np.array([-np.inf, -709.0, 708.0, 709.0, np.inf, np.nan, -np.nan, -708.0]))
    low, high = math.exp(-708), math.exp(708)
    wanted = [low, low, high, np.inf, np.inf, np.nan, np.nan, low]
    np.testing.assert_allclose(found, wanted, rtol=1e-15)


@numba.njit
def _functions(code, x, active, slope):
    for place in range(len(x)):
        active[0, place] = vectors.active(code, x[place])
        slope[0, place] = vectors.slope(code, x[place])
    for place in range(0, len(x), 8):
        z = vectors.load(x, place)
        vectors.store(active, len(x) + place, vectors.active_eight(code, z))
        vectors.store(slope, len(x) + place, vectors.slope_eight(code, z))


@pytest.mark.parametrize("code", [0, 1, 2])
def test_one_and_eight_numbers_have_the_same_bits(code):
    x = np.concatenate([np.linspace(-40, 40, 992), [0.0, -0.0, np.inf, -np.inf, np.nan, 1, 2, 3]])
    active, slope = np.empty((2, 1000)), np.empty((2, 1000))
    _functions(code, x, active, slope)
    for one, eight in (active, slope):
        np.testing.assert_array_equal(one.view(np.int64), eight.view(np.int64))


@numba.njit
def _total(x):
    return vectors.total(vectors.load(x, 0))


def test_eight_numbers_are_added_in_the_stated_order():
    for seed in range(50):
        a = np.random.default_rng(seed).normal(size=8) * 10.0 ** np.arange(8)
        halves = a[:4] + a[4:]
        assert _total(a) == (halves[0] + halves[2]) + (halves[1] + halves[3])
