"""Machines that predict: the smallest ones, the rules' own, in words and as graphs."""

import itertools

import numpy as np
import pytest
from streams import drawn

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
    rng = np.random.default_rng(seed)
    machine = random_machine(rng)
    small = machines.minimised(machine)
    strings = list(itertools.product((0, 1), repeat=9))
    assert all(followed(machine, one) == followed(small, one) for one in strings)
    apart = {str([followed(small, one, n) for one in strings]) for n in range(len(small))}
    assert len(apart) == len(small)
    assert machines.same(small, machines.minimised(small))
    # However the states are numbered, the arrays are equal.
    order = np.append(0, 1 + rng.permutation(len(machine) - 1))
    moves = np.append(np.argsort(order), -1)[machine.moves[order]]
    others = machine.expects[order], machine.answers[order], machine.visits[order]
    second = machines.minimised(Machine(moves, *others))
    assert machines.same(small, second)
    np.testing.assert_allclose(small.answers, second.answers)
    np.testing.assert_allclose(small.visits, second.visits)


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


RULES = [*((TASKS[name], size) for name, size in (("xor", 5), ("letters", 7), ("reber", 7))),
         (reber.task("embedded"), 19)]  # fmt: skip


@pytest.mark.parametrize(("task", "size"), RULES)
def test_the_machine_of_a_rule_has_its_known_size_and_says_what_can_come(task, size):
    machine = machines.of_rule(task)
    assert machine.size == len(machine) == size
    sequence, state = drawn(task, 500, seed=1), 0
    for symbol, ideal in zip(sequence.symbols, sequence.ideal, strict=True):
        state = machine.moves[state, symbol]
        assert (machine.expects[state] == machines.expected(likelihoods(ideal, task))).all()
        np.testing.assert_allclose(machine.answers[state], ideal, atol=1e-9)


def test_a_machine_in_words_as_values_and_as_a_graph():
    # No rule is no machine, and so are beliefs without end.
    assert machines.of_rule(TASKS["own"]) is machines.of_rule(TASKS["words"]) is None
    task = TASKS["xor"]
    machine = machines.of_rule(task)
    assert machines.describe(machine, task.symbols).startswith(
        "State 1, the first, expects 0 or 1: 0 to 2; 1 to 3. State 2 expects 0 or 1: 0 to 4; 1 to"
    )
    fourth = {"state": 4, "expects": ["0"], "leads": {"0": 1}}
    assert machines.values(machine, task.symbols)[3] == fourth
    lines = machines.dot(machine, ('"', "\\")).splitlines()
    assert '  4 -> 1 [label="\\""];' in lines
    assert len([line for line in lines if "->" in line]) == 8
    assert machines.name(np.ones(7, dtype=bool), reber.LETTERS) == "B or T or 5 more"
