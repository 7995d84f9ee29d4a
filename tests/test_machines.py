"""Machines that predict: the smallest ones, the rules' own, in words and as graphs."""

import itertools

import numpy as np
import pytest

from elman.analysis import machines
from elman.analysis.generation import likelihoods
from elman.analysis.machines import Machine
from elman.tasks import TASKS, reber


def random_machine(rng, states=9, symbols=2):
    """Some machine of which some moves are not known, and few answers, so that states are alike."""
    moves = rng.integers(-1, states, (states, symbols))
    expects = rng.random((states, symbols)) < 0.5
    expects[~expects.any(axis=1), 0] = True
    return Machine(moves, expects, expects.astype(float), rng.random(states))


def followed(machine, string, state=0):
    """What a machine expects after each symbol from a state; None from an unknown move on."""
    said = [machine.expects[state].tolist()]
    for symbol in string:
        state = machine.moves[state, symbol] if state >= 0 else -1
        said.append(machine.expects[state].tolist() if state >= 0 else None)
    return said


@pytest.mark.parametrize("seed", range(10))
def test_the_smallest_machine_expects_the_same_and_no_two_of_its_states_are_alike(seed):
    machine = random_machine(np.random.default_rng(seed))
    small = machines.minimised(machine)
    strings = list(itertools.product((0, 1), repeat=9))
    assert all(followed(machine, one) == followed(small, one) for one in strings)
    apart = {str([followed(small, one, n) for one in strings]) for n in range(len(small))}
    assert len(apart) == len(small)
    assert machines.same(small, machines.minimised(small))


def test_equal_machines_have_equal_arrays_however_their_states_are_numbered():
    rng = np.random.default_rng(5)
    machine = random_machine(rng)
    order = np.append(0, 1 + rng.permutation(len(machine) - 1))
    number = np.append(np.argsort(order), -1)
    other = Machine(
        number[machine.moves[order]],
        machine.expects[order],
        machine.answers[order],
        machine.visits[order],
    )
    first, second = machines.minimised(machine), machines.minimised(other)
    assert machines.same(first, second)
    np.testing.assert_allclose(first.answers, second.answers)
    np.testing.assert_allclose(first.visits, second.visits)


def test_a_first_state_that_expects_nothing_is_the_state_to_which_its_symbols_lead_alike():
    """After a only b comes, after b both; the first state has seen a alone."""
    moves = np.array([[1, -1], [-1, 2], [1, 2]])
    expects = np.array([[False, False], [False, True], [True, True]])
    machine = Machine(moves, expects, expects.astype(float), np.array([0.0, 0.4, 0.6]))
    small = machines.minimised(machine)
    assert small.moves.tolist() == [[1, 0], [-1, 0]]
    assert small.expects.tolist() == [[True, True], [False, True]]
    # Where none goes on alike it stays apart, and is not counted.
    moves[0] = [2, -1]
    apart = machines.minimised(machine)
    assert (len(apart), apart.size, apart.starts_apart) == (3, 2, True)


RULES = [
    ("xor", {}, 5),
    ("letters", {}, 7),
    ("reber", {}, 7),
    ("reber", {"grammar": "embedded"}, 19),
]


@pytest.mark.parametrize(("name", "options", "size"), RULES)
def test_the_machine_of_a_rule_has_its_known_size_and_says_what_can_come(name, options, size):
    task = TASKS[name] if not options else reber.task(**options)
    machine = machines.of_rule(task)
    assert machine.size == len(machine) == size
    sequence = task.generate(500, rng=np.random.default_rng(1))
    state = 0
    for symbol, ideal in zip(sequence.symbols, sequence.ideal, strict=True):
        state = machine.moves[state, symbol]
        assert (machine.expects[state] == machines.expected(likelihoods(ideal, task))).all()
        np.testing.assert_allclose(machine.answers[state], ideal, atol=1e-9)


def test_no_rule_is_no_machine_and_so_are_beliefs_without_end():
    assert machines.of_rule(TASKS["own"]) is None
    assert machines.of_rule(TASKS["words"]) is None


def test_a_machine_in_words_as_values_and_as_a_graph():
    task = TASKS["xor"]
    machine = machines.of_rule(task)
    assert machines.describe(machine, task.symbols).startswith(
        "State 1, the first, expects 0 or 1: 0 to 2; 1 to 3. State 2 expects 0 or 1: 0 to 4; 1 to"
    )
    assert machines.values(machine, task.symbols)[3] == {
        "state": 4, "expects": ["0"], "leads": {"0": 1},
    }  # fmt: skip
    lines = machines.dot(machine, ('"', "\\")).splitlines()
    assert '  4 -> 1 [label="\\""];' in lines
    assert len([line for line in lines if "->" in line]) == 8
    assert machines.name(np.ones(7, dtype=bool), reber.LETTERS) == "B or T or 5 more"
