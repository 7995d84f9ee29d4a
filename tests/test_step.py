"""One training step under the magnifying glass: its numbers are those of the kernel's own step.

Tolerance: the step is taken by the reference from the kernel's own weights, and both add in
another order, which differs in the last bits; 1e-12 leaves room for a few of them, and dropping any
term of an update shows at 1e-4 and more.
"""

from dataclasses import replace

import numpy as np
import pytest
from differences import assert_close
from hand_made import seen_step
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from elman import Experiment, run, tasks, training
from elman.analysis import step as analysis
from elman.analysis.step import TrainingPass, choose_units, describe_step, training_step
from elman.experiment import ACTIVATIONS, RESETS
from elman.network import activate
from elman.training.compiling import available

TOLERANCE = {"rtol": 1e-12, "atol": 1e-12}
BACKENDS = [False, True] if available() else [False]


def kernel_state(trained, epoch, step):
    """Where the trainer itself is before `step`, in one stretch from the snapshot."""
    trainer = training.resumed(trained, trained.at(epoch))
    trainer.train(0, step, training.resets_of_pass(trained, epoch))
    return trainer.snapshot(epoch)


def assert_is_the_kernel_s_step(trained, epoch, step):
    seen, asked = training_step(trained, epoch, step), trained.experiment
    before, after = (kernel_state(trained, epoch, t) for t in (step, step + 1))
    reset = training.resets_of_pass(trained, epoch)[step]
    assert seen.reset == reset
    context = np.full(asked.hidden, asked.context_start) if reset else before.context
    assert_close(seen.before | {"context": seen.context}, before.weights | {"context": context})
    assert_close(seen.after, after.weights, **TOLERANCE)
    if asked.momentum:
        assert_close(seen.velocity, before.velocity, **TOLERANCE)
        assert_close(seen.changes, after.velocity, **TOLERANCE)
    np.testing.assert_allclose(seen.new_context, after.context, **TOLERANCE)
    if asked.depth > 1 and len(after.past.step) > 1:
        lags = len(after.past.step) - 1
        np.testing.assert_array_equal(seen.past_steps[:lags], after.past.step[1:])
        np.testing.assert_allclose(seen.past_context[:lags], after.past.context[1:], **TOLERANCE)
    assert_hangs_together(trained, seen)


def assert_hangs_together(trained, seen):
    """Each quantity by its equation, written out once more."""
    w, asked, y = seen.before, trained.experiment, seen.output
    with np.errstate(over="ignore"):
        logistic = 1 / (1 + np.exp(-seen.output_net_input))
    wanted = {
        "x": trained.inputs[seen.step],
        "target": trained.targets[seen.step],
        "hidden": activate(asked.activation, seen.hidden_net_input),
        "error": seen.target - y,
        "new_context": seen.hidden,
    }
    assert_close({name: getattr(seen, name) for name in wanted}, wanted)
    wanted = {
        "hidden_net_input": w["W_ih"] @ seen.x + w["W_hh"] @ seen.context + w["b_h"],
        "output_net_input": w["W_ho"] @ seen.hidden + w["b_o"],
        "output": logistic,
        "output_delta": seen.error * y * (1 - y),
    }
    assert_close({name: getattr(seen, name) for name in wanted}, wanted, **TOLERANCE)
    slope = {
        "sigmoid": lambda h: h * (1 - h), "tanh": lambda h: 1 - h**2, "relu": lambda h: (h > 0) * 1
    }[asked.activation]  # fmt: skip
    # The states of the steps before are the contexts of those after them.
    states = [seen.hidden, seen.context, *seen.past_context[:-1]]
    x, context = [seen.x, *seen.past_x], [seen.context, *seen.past_context]
    deltas, reaching = seen.hidden_deltas, seen.output_delta @ w["W_ho"]
    assert len(deltas) == len(seen.past_steps) + 1 == len(x) <= asked.depth
    for delta, state in zip(deltas, states, strict=False):
        np.testing.assert_allclose(delta, reaching * slope(state), **TOLERANCE)
        reaching = delta @ w["W_hh"]
    downhill = {
        "W_ih": np.einsum("li,lk->ik", deltas, np.array(x)),
        "W_hh": np.einsum("li,lj->ij", deltas, np.array(context)),
        "W_ho": np.outer(seen.output_delta, seen.hidden),
        "b_h": deltas.sum(axis=0),
        "b_o": seen.output_delta,
    }
    kept = seen.velocity if asked.momentum else dict.fromkeys(downhill, 0.0)
    changes = {
        name: asked.learning_rate * way + asked.momentum * kept[name]
        for name, way in downhill.items()
    }
    assert_close(seen.gradients, {name: -way for name, way in downhill.items()}, **TOLERANCE)
    assert_close(seen.changes, changes, **TOLERANCE)
    new = {name: w[name] + changes[name] for name in w}
    assert_close(seen.after, new, **TOLERANCE)
    net_input = new["W_ih"] @ seen.x + new["W_hh"] @ seen.context + new["b_h"]
    state = activate(asked.activation, net_input)
    with np.errstate(over="ignore"):
        answer = 1 / (1 + np.exp(-(new["W_ho"] @ state + new["b_o"])))
    np.testing.assert_allclose(seen.error_after, seen.target - answer, **TOLERANCE)
    assert sum(seen.moves) == sum(weights.size for weights in w.values())


@pytest.mark.parametrize("reset", RESETS)
@settings(max_examples=10)
@given(st.data())
def test_a_step_is_the_kernel_s_own_under_any_setting(reset, data):
    hidden = data.draw(st.integers(1, 17))
    kinds = {
        "task": st.sampled_from(list(tasks.TASKS)),
        "length": st.integers(30, 40),
        "epochs": st.integers(1, 4),
        "context_start": st.floats(-1, 1),
        "learning_rate": st.floats(1e-6, 0.5),
        "momentum": st.just(0.0) | st.floats(0.01, 0.9),
        "depth": st.integers(1, 9),
        "activation": st.sampled_from(ACTIVATIONS),
        "weight_scale": st.floats(0.01, 0.7).map(lambda scale: scale / hidden**0.5),
        "seed": st.integers(0, 2**32 - 1),
    } | ({"reset_every": st.integers(1, 50)} if reset == "every" else {})
    drawn = data.draw(st.fixed_dictionaries(kinds))
    trained = run(Experiment(hidden=hidden, reset=reset, **drawn))
    # Weights that grow this far are on their way to infinity and amplify any rounding.
    assume(all(np.abs(w).max() < 20 for w in trained.final.values()))
    steps = len(trained.sequence)
    for epoch, step in ((0, 0), (data.draw(st.integers(0, trained.epochs_done)), steps - 1)):
        assert_is_the_kernel_s_step(trained, trained.at(epoch).epoch, step)
    assert_is_the_kernel_s_step(trained, trained.epochs_done, data.draw(st.integers(0, steps - 1)))


@pytest.mark.parametrize("compiled", BACKENDS)
def test_one_pass_taken_step_by_step_is_the_pass(compiled):
    """In any order, whichever states are kept on the way."""
    experiment = Experiment(task="letters", length=40, epochs=2, depth=3, momentum=0.5)
    trained = run(experiment, compiled=compiled)
    one = TrainingPass(trained, 1)
    steps = len(trained.sequence)
    for step in (steps - 1, 0, 7, steps // 2, 8, 6):
        assert_close(one.before(step).weights, kernel_state(trained, 1, step).weights)
    assert_close(one.step(steps - 1).after, trained.at(2).weights, **TOLERANCE)


def test_going_on_from_a_late_step_trains_a_small_part_of_the_pass(monkeypatch):
    trained = run(Experiment(length=3000, epochs=1))
    one = TrainingPass(trained, 1)
    one.step(2990)
    trained_steps = []
    trainer = type(training.resumed(trained, trained.at(1)))
    train = trainer.train

    def counted(self, first, last, before):
        trained_steps.append(last - first)
        return train(self, first, last, before)

    monkeypatch.setattr(trainer, "train", counted)
    for step in (2991, 2989, 2500, 1000, 17):
        trained_steps.clear()
        one.step(step)
        assert sum(trained_steps) <= 3000 / analysis.MOST_MARKS + 1


def test_only_kept_epochs_and_steps_of_the_pass_are_allowed():
    trained = run(Experiment(length=12, epochs=3))
    with pytest.raises(ValueError, match=r"epoch: allowed is one of 0, 1, 2, 3; 4 was given\."):
        training_step(trained, 4, 0)
    for step in (-1, 12):
        with pytest.raises(ValueError, match=rf"step: allowed .* from 0 to 11; {step} was given\."):
            training_step(trained, 0, step)


# Which units are shown, and the step in words


def test_narrow_layers_are_shown_whole_and_wide_ones_in_stretches():
    assert analysis.hidden_ranges(8) == ["1 to 8"]
    assert analysis.hidden_ranges(20) == ["1 to 8", "9 to 16", "17 to 20"]
    _, task, step = seen_step(task="letters", hidden=5)
    assert [len(part) for part in choose_units(step, task)[:3]] == [6, 5, 6]


def test_of_many_symbols_those_are_shown_that_matter_at_this_step():
    trained, task, step = seen_step(task="sentences", hidden=4)
    units = choose_units(step, task, further=("zog",) if "zog" in task.features else ("dragon",))
    read, comes = trained.sequence.symbols[[step.step, step.step + 1]]
    assert {0, 1, 2, read} < set(units.inputs.tolist())
    assert {0, 1, 2, comes, *np.argsort(step.output)[-3:].tolist()} < set(units.outputs.tolist())
    assert max(len(units.inputs), len(units.outputs)) <= analysis.MOST_UNITS + 1
    assert set(units.labels["input"]) & {"zog", "dragon"}


@pytest.mark.parametrize("text", ["a*b", "$x$", "#", "[a](b)", "␣", "1.", "`", "\\"])
def test_no_sign_of_a_symbol_is_taken_for_markdown(text):
    shown = analysis.verbatim(text)
    assert shown.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\") == text
    assert all(shown[i - 1] == "\\" for i, sign in enumerate(shown) if sign in "*$#[](.`" and i)


def test_a_bit_is_read_aloud_with_its_error():
    trained, task, step = seen_step()
    read, comes = (task.symbols[s] for s in trained.sequence.symbols[5:7])
    words = describe_step(step, trained.sequence, task)
    assert words.startswith(
        f"The network has read {read} and answers {step.output[0]:.2f}, and {comes} comes. "
        f"The error is {float(comes) - step.output[0]:+.2f}; "
    )
    changes = np.concatenate([change.ravel() for change in step.changes.values()])
    up, down = (changes > 0).sum(), (changes < 0).sum()
    assert f"{up} of {len(changes)} weights move up and {down} down" in words
    assert ("stay" in words) == (up + down < len(changes))


@pytest.mark.parametrize(("share", "verb"), [(0.9, "falls"), (1.0, "stays"), (1.1, "rises")])
def test_it_is_said_whether_an_update_helped_where_it_was_made(share, verb):
    _, _, step = seen_step()
    again = replace(step, error_after=share * step.error)
    assert f"squared error {verb}" in analysis.describe_update(again)


def test_a_code_is_read_aloud_by_its_nearest_symbol_and_of_likelihoods_the_largest():
    trained, task, step = seen_step(task="letters", epochs=100, epoch=100, step=1)
    rounded = (step.output >= 0.5).tolist()
    known = [name for name, code in zip(task.symbols, task.codes, strict=True)
             if code.tolist() == rounded]  # fmt: skip
    words = describe_step(step, trained.sequence, task)
    assert f"its rounded answer is {known[0] if known else 'no symbol'}, " in words
    trained, task, step = seen_step(task="reber")
    best, comes = step.output.argmax(), trained.sequence.symbols[6]
    words = describe_step(step, trained.sequence, task)
    assert f"its largest output, {step.output[best]:.2f}, to {task.symbols[best]}" in words
    beside = f"{task.symbols[comes]} comes, which has {step.output[comes]:.2f}"
    assert ("which comes" if best == comes else beside) in words


def test_it_is_said_which_pass_a_step_belongs_to():
    later = "in pass 4: it would come next, after the 3 passes"
    for epoch, words in ((1, "Step 6 of 60 in pass 2 of 3."), (3, later)):
        trained, _, step = seen_step(epochs=3, epoch=epoch)
        assert words in analysis.describe_place(trained, step)
