"""Heat maps and principal components of hidden states, against numpy.cov and by hand."""

import numpy as np
import pytest
from hand_made import with_states
from hypothesis import given
from hypothesis import strategies as st

from elman.analysis import states as analysis
from elman.analysis.states import heat_map, principal_components, projections, unit_order
from elman.tasks import letters, xor

LETTERS = letters.generate(60, rng=np.random.default_rng(3))
SHAPES = st.tuples(st.integers(2, 40), st.integers(1, 12))


def some_states(steps, hidden, seed=0):
    """States whose units differ in spread, so that every component is determined."""
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(hidden, hidden))
    return rng.normal(size=(steps, hidden)) * np.arange(1, hidden + 1) @ mixed


def letters_of(states):
    return with_states(states, LETTERS, letters.TASK)


@given(SHAPES)
def test_components_are_those_of_the_covariance_and_keep_all_distances(shape):
    states, count = some_states(*shape), min(shape)
    found = principal_components(states)
    scale, points = found.variances[0], found.project(states)
    eigenvalues = np.linalg.eigvalsh(np.atleast_2d(np.cov(states, rowvar=False)))[::-1]
    np.testing.assert_allclose(found.variances / scale, eigenvalues[:count] / scale, atol=1e-9)
    assert found.ratios.sum() == pytest.approx(1)
    # Orthonormal directions, the largest entry of each positive, and uncorrelated projections.
    np.testing.assert_allclose(found.directions @ found.directions.T, np.eye(count), atol=1e-9)
    largest = np.abs(found.directions).argmax(axis=1)
    assert (found.directions[np.arange(count), largest] > 0).all()
    covariance = np.atleast_2d(np.cov(points, rowvar=False))
    np.testing.assert_allclose(covariance / scale, np.diag(found.variances) / scale, atol=1e-9)
    apart, before = (np.linalg.norm(of[0] - of[1]) for of in (points, states))
    np.testing.assert_allclose(apart, before)


def test_states_that_never_vary_have_no_ratio():
    found = principal_components(np.full((30, 3), 0.5))
    np.testing.assert_array_equal(found.ratios, 0)
    np.testing.assert_array_equal(found.project(np.full((2, 3), 0.5)), 0)


@pytest.mark.parametrize(("call", "message"), [
    (lambda s: principal_components(s[:1]), r"states: .* at least 2 steps; .*\(1, 4\)"),
    (lambda s: principal_components(s[0]), r"states: .*shape \(4,\) was given"),
    (lambda s: principal_components(s * np.nan), "states: allowed are finite numbers"),
    (lambda s: principal_components(s, 5), "count: .*1 to 4; 5 was given"),
    (lambda s: principal_components(s, 0), "count: .*1 to 4; 0 was given"),
    (lambda s: unit_order(s, "name"), "order: .*number, spread, component; 'name' was given"),
    (lambda s: heat_map(letters_of(s), first=0), f"first: .*1 to {len(LETTERS)}; 0 was given"),
    (lambda s: heat_map(letters_of(s), steps=0), "steps: .*at least 1; 0 was"),
    (lambda s: projections(letters_of(s), principal_components(s, 2), pair=(1, 3)),
     r"pair: .*1 to 2; \(1, 3\) was given"),
])  # fmt: skip
def test_bad_input_names_the_field_and_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call(some_states(len(LETTERS), 4))


def test_unit_orders_of_three_units():
    """Unit 1 is still, unit 2 goes down while unit 3 goes up, twice as far."""
    states = np.array([[0.5, 0.4, 0.1], [0.5, 0.3, 0.3], [0.5, 0.2, 0.5]])
    orders = {name: unit_order(states, name).tolist() for name in analysis.UNIT_ORDERS}
    assert orders == {"number": [0, 1, 2], "spread": [2, 1, 0], "component": [2, 0, 1]}


def test_heat_map_holds_each_state_at_its_step_symbol_and_unit():
    states = some_states(len(LETTERS), 5)
    table = heat_map(letters_of(states), first=11, steps=7, order="spread")
    assert len(table) == 7 * 5
    np.testing.assert_array_equal(table["activation"], states[table["step"] - 1, table["unit"] - 1])
    symbols = np.array(letters.LETTERS)[LETTERS.symbols[table["step"] - 1]]
    np.testing.assert_array_equal(table["symbol"], symbols)
    np.testing.assert_array_equal(table["group_start"], np.isin(symbols, [*"bdg"]))
    assert table["step"].unique().tolist() == list(range(11, 18))
    order = table.drop_duplicates("row").sort_values("row")["unit"] - 1
    assert order.tolist() == unit_order(states, "spread").tolist()
    # It ends with the sequence.
    table = heat_map(letters_of(states), first=len(LETTERS) - 1, steps=40)
    assert table["step"].unique().tolist() == [len(LETTERS) - 1, len(LETTERS)]


def test_projections_are_those_of_the_chosen_components_with_their_place_in_the_sequence():
    states = some_states(len(LETTERS), 5)
    found = principal_components(states)
    table = projections(letters_of(states), found, first=2, steps=30, pair=(3, 1))
    expected = found.project(states)[1:31, [2, 0]]
    np.testing.assert_allclose(table[["x", "y"]], expected, atol=1e-12)
    for row in table.itertuples():
        assert row.content[row.place - 1] == row.symbol
        following = LETTERS.symbols[row.step % len(LETTERS)]
        assert row.expected == letters.LETTERS[following]
    groups = np.cumsum(LETTERS.group_starts)[1:31]
    np.testing.assert_array_equal(table["group"], groups)


def test_contents_are_whole_groups_and_long_ones_are_cut():
    assert set(analysis.group_contents(LETTERS, letters.TASK)) == {"ba", "dii", "guuu"}
    bits = xor.generate(300, rng=np.random.default_rng(0))
    assert set(analysis.group_contents(bits, xor.TASK)) == {"000", "011", "101", "110"}
    bits.group_starts[1:] = False
    (content,) = analysis.group_contents(bits, xor.TASK)
    assert len(content) == 40
    assert content.endswith("…")
