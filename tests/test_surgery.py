"""Context surgery, against the network left alone, hand-worked steps and identities."""

import math
from dataclasses import replace

import numpy as np
import pytest
from differences import assert_close, copies
from hand_made import run_of_network
from hypothesis import given
from hypothesis import strategies as st

from elman import shipped
from elman.analysis.replay import replay
from elman.analysis.surgery import (
    MOST_TRIED,
    Changes,
    Operation,
    changes_by_step,
    changes_everywhere,
    describe_changes,
    first_to_change,
    operate,
)
from elman.experiment import Experiment
from elman.network import initial_weights, logistic
from elman.tasks import TASKS, letters, new_sequence, xor
from elman.training import predict
from elman.training.trainers import Snapshot

LETTERS = letters.generate(120, rng=np.random.default_rng(3))
BITS = xor.generate(60, rng=np.random.default_rng(3))
STEPS = st.integers(1, len(LETTERS))
NOISE = Operation("noise", sd=1.0)


def large_network(activation="sigmoid", start=0.25, **reset):
    """A test of a network whose large weights let its context matter, with one of its own."""
    settings = {"hidden": 5, "activation": activation, "context_start": start} | reset
    experiment = Experiment(task="letters", **settings)
    weights = initial_weights(6, 5, 6, rng=np.random.default_rng(7), scale=0.9)
    snapshot = Snapshot(1, weights, np.linspace(0, 1, 5))
    return replay(run_of_network(snapshot, experiment, LETTERS), LETTERS)


def with_operation(step, operation, *, after=12, rng=None, **network):
    return operate(large_network(**network), step, operation, after=after, rng=rng)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("activation", "reset", "every"), [
    ("sigmoid", "never", None), ("tanh", "epoch", None), ("relu", "every", 7),
    ("sigmoid", "group", None), ("tanh", "step", None),
])  # fmt: skip
@given(step=STEPS, after=st.integers(1, 40))
def test_no_operation_is_the_network_left_alone(compiled, activation, reset, every, step, after):
    """Bit for bit against the reference; the kernel may add in another order."""
    tested = large_network(activation, reset=reset, reset_every=every)
    run, experiment = tested.run, tested.experiment
    outputs, states = predict(run.at(1), LETTERS, experiment, reset, every, compiled=compiled)
    tested = replace(tested, outputs=outputs, states=states)
    effect = operate(tested, step, Operation(), after=after)
    shown = slice(step - 1, step - 1 + after)
    assert effect.steps.tolist() == list(range(1, len(LETTERS) + 1))[shown]
    np.testing.assert_array_equal(effect.outputs_before, outputs[shown])
    np.testing.assert_array_equal(effect.states_before, states[shown])
    np.testing.assert_array_equal(effect.context, effect.context_before)
    tolerance = 1e-12 if compiled else 0
    np.testing.assert_allclose(effect.outputs, outputs[shown], rtol=0, atol=tolerance)
    np.testing.assert_allclose(effect.states, states[shown], rtol=tolerance, atol=tolerance)


def test_zero_by_hand():
    """One hidden unit, W_ih = 0, W_hh = ln 3, W_ho = 2 ln 3, no biases, context 1.

    Left alone h = s(ln 3) = 3/4. From context 0: h = s(0) = 1/2, y = s(ln 3) = 3/4; and then
    h = s(ln 3 / 2) = sqrt(3) / (1 + sqrt(3)).
    """
    log, none = np.full((1, 1), math.log(3)), np.zeros(1)
    weights = {"W_ih": 0 * log, "W_hh": log, "W_ho": 2 * log, "b_h": none, "b_o": none}
    experiment = Experiment(hidden=1, reset="never")
    run = run_of_network(Snapshot(1, weights, np.ones(1)), experiment, BITS)
    effect = operate(replay(run, BITS), 1, Operation("zero"), after=2)
    assert (effect.context, effect.context_before) == ([0], [1])
    root = math.sqrt(3)
    np.testing.assert_allclose(effect.states[:, 0], [1 / 2, root / (1 + root)])
    np.testing.assert_allclose([effect.states_before[0], effect.outputs[0]], 0.75)


@given(step=STEPS)
def test_a_reset_ends_the_effect(step):
    effect = with_operation(step, Operation("zero"), reset="group")
    index = effect.steps - 1
    later = np.cumsum(LETTERS.group_starts[index] & (effect.steps > step)) > 0
    apart = np.abs(effect.states - effect.states_before).max(axis=1)
    np.testing.assert_allclose(apart[later], 0, atol=1e-12)
    assert (apart[~later] > 1e-6).all()


@given(step=STEPS, other=STEPS)
def test_swap_puts_in_what_the_other_step_used(step, other):
    """With the context of another step, the same input gives the other step's answer."""
    effect = with_operation(step, Operation("swap", other=other), reset="never")
    tested = effect.tested
    used = tested.states[other - 2] if other > 1 else tested.run.at(1).context
    np.testing.assert_array_equal(effect.context, used)
    there, here = LETTERS.symbols[other - 1 :][:12], LETTERS.symbols[step - 1 :][:12]
    most = min(len(there), len(here))
    same = np.cumprod(there[:most] == here[:most]).sum()
    wanted = tested.outputs[other - 1 :][:same]
    np.testing.assert_allclose(effect.outputs[:same], wanted, atol=1e-12)
    # A step after a reset used the start value.
    start = int(np.flatnonzero(LETTERS.group_starts)[3]) + 1
    effect = with_operation(step, Operation("swap", other=start), reset="group")
    assert (effect.context == 0.25).all()


@given(unit=st.integers(1, 5))
def test_a_unit_silent_from_the_start_is_a_unit_without_outgoing_weights(unit):
    effect = with_operation(1, Operation("silence", unit=unit), after=50, start=0.0)
    run = effect.tested.run
    weights = copies(run.final)
    weights["W_hh"][:, unit - 1] = weights["W_ho"][:, unit - 1] = 0
    outputs, states = predict(Snapshot(1, weights, run.at(1).context), LETTERS, run.experiment)
    np.testing.assert_allclose(effect.outputs, outputs[:50], atol=1e-12)
    others = np.arange(5) != unit - 1
    np.testing.assert_allclose(effect.states[:, others], states[:50, others], atol=1e-12)
    assert (effect.states[:, unit - 1] == 0).all()


@given(step=st.integers(1, len(LETTERS) - 12), unit=st.integers(1, 5))
def test_a_unit_silent_once_leaves_a_gap_in_the_next_context(step, unit):
    once = with_operation(step, Operation("silence", unit=unit, lasting=False), reset="never")
    gap = once.states_before[0].copy()
    gap[unit - 1] = 0
    np.testing.assert_allclose(once.states[0], gap, atol=1e-12)
    w, x = once.tested.run.final, LETTERS.inputs[step]
    np.testing.assert_allclose(once.outputs[0], logistic(w["W_ho"] @ gap + w["b_o"]), atol=1e-12)
    following = logistic(w["W_ih"] @ x + w["W_hh"] @ gap + w["b_h"])
    np.testing.assert_allclose(once.states[1], following, atol=1e-12)
    lasting = with_operation(step, Operation("silence", unit=unit), reset="never")
    following[unit - 1] = 0
    np.testing.assert_allclose(lasting.states[1], following, atol=1e-12)


def test_noise_is_drawn_from_the_given_generator_with_the_given_sd():
    effect = with_operation(20, Operation("noise", sd=0.5), rng=np.random.default_rng(11))
    drawn = np.random.default_rng(11).normal(0.0, 0.5, 5)
    np.testing.assert_allclose(effect.context - effect.context_before, drawn, atol=1e-12)
    assert np.abs(effect.outputs - effect.outputs_before)[0].max() > 1e-3


END = len(LETTERS)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: Operation("cut"), "kind: .*none, zero, noise, swap, silence; 'cut' was given"),
    (lambda: Operation("noise"), "sd: .*above 0; None was given"),
    (lambda: Operation("noise", sd=0), "sd: .*above 0; 0 was given"),
    (lambda: Operation("noise", sd=math.inf), "sd: .*above 0; inf was given"),
    (lambda: Operation("swap"), "other: allowed with swap is a number from 1; none"),
    (lambda: Operation("silence"), "unit: allowed with silence is a number from 1; none"),
    (lambda: with_operation(0, Operation()), f"step: .*1 to {END}; 0 was given"),
    (lambda: with_operation(END + 1, Operation()), f"step: .*1 to {END}; {END + 1} was given"),
    (lambda: with_operation(1, Operation(), after=0), "after: .*at least 1; 0 was given"),
    (lambda: with_operation(1, Operation("swap", other=0)), f"other: .*1 to {END}; 0 was given"),
    (lambda: with_operation(1, Operation("silence", unit=6)), "unit: .*1 to 5; 6 was given"),
    (lambda: with_operation(1, NOISE), "rng: .*Generator; None was given"),
    (lambda: with_operation(1, NOISE, rng=3), "rng: .*Generator; 3 was given"),
])  # fmt: skip
def test_bad_input_names_the_field_and_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_changes_by_step_by_hand():
    """The nearest code to (1, 0, 1, 0.4, 0.1, 1) is b's, one bit of d (0.6 off) away."""
    effect = with_operation(30, Operation("zero"), after=2)
    effect.tested.outputs[29] = [1, 0, 1, 0.4, 0.1, 1]
    effect.outputs[0] = [1, 0, 1, 0.7, 0.1, 1]
    effect.states[0] = effect.states_before[0] + [0.3, 0, 0.4, 0, 0]
    row = changes_by_step(effect).iloc[0]
    assert (row["answer_before"], row["answer"]) == ("b", "d")
    assert row["output_change"] == pytest.approx(0.3 / math.sqrt(6))
    assert row["state_change"] == pytest.approx(0.5)
    for column, outputs in (("squared", effect.outputs), ("squared_before", effect.outputs_before)):
        assert row[column] == pytest.approx(np.mean((outputs[0] - LETTERS.targets[29]) ** 2))


@pytest.mark.parametrize("operation", [
    Operation(), Operation("zero"), NOISE, Operation("swap", other=9), Operation("silence", unit=2),
    Operation("silence", unit=2, lasting=False),
], ids=str)  # fmt: skip
@pytest.mark.parametrize("reset", ["never", "group", "step"])
def test_what_changes_everywhere_is_what_the_operation_changes_at_each_step(operation, reset):
    few = letters.generate(40, rng=np.random.default_rng(4))
    tested = replay(large_network("tanh", reset=reset).run, few)
    snapshot, arrays = tested.run.at(1), {"outputs": tested.outputs, "states": tested.states}
    arrays |= snapshot.weights | {"context": snapshot.context}
    kept = copies(arrays)
    found = changes_everywhere(tested, operation, after=5, rng_at=np.random.default_rng)
    assert found.steps.tolist() == list(range(1, len(few) + 1))
    for step, there, soon, known in zip(*found, strict=True):
        rng = np.random.default_rng(step)
        table = changes_by_step(operate(tested, step, operation, after=5, rng=rng))
        changed = (table["answer"] != table["answer_before"]).tolist()
        assert (changed[0], any(changed)) == (there, soon)
        right = table["answer_before"][0] == table["expected"][0]
        assert known == (right and few.predictable[step - 1])
    # The network and what was given are as they were.
    assert_close(arrays, kept)


def test_many_steps_are_tried_at_a_spread_of_them_and_the_first_to_change_is_found():
    long = letters.generate(2 * MOST_TRIED, rng=np.random.default_rng(3))
    tested = replay(large_network().run, long)
    assert len(changes_everywhere(tested, Operation("zero")).steps) == MOST_TRIED
    nothing = np.zeros(4, dtype=bool)
    found = Changes(np.arange(1, 5), np.array([False, True, False, True]), ~nothing, nothing)
    assert [first_to_change(found, after) for after in (0, 2, 4)] == [2, 4, 2]
    assert "the answer there 2 times (50%), and one of the 12 answers" in describe_changes(found)
    known = found._replace(known=np.array([True, False, True, True]))
    assert first_to_change(known) == 4
    assert describe_changes(known).endswith("makes certain it spoils 1 (33%).")
    assert first_to_change(found._replace(there=nothing), 2) == 3
    nowhere = Changes(found.steps, nothing, nothing, nothing)
    assert first_to_change(nowhere) is None
    assert "it changes no answer" in describe_changes(nowhere)


@pytest.mark.parametrize("task", TASKS)
def test_setting_the_context_to_zero_changes_an_answer_of_every_task_s_network(task):
    run = shipped.run_of(Experiment(task=task))
    tested = replay(run, new_sequence(run.experiment))
    assert changes_everywhere(tested, Operation("zero")).there.any()
