"""The compiled kernels against the NumPy reference, under every option.

Tolerance: the kernels add in another order than NumPy, which differs in the last bits of a step
(about 1e-16); training amplifies that. Over these short runs the two stay within 1e-9, while
dropping any term of an update shows at 1e-4 and more.
"""

import itertools
import subprocess
import sys
import types
import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from elman import Experiment, run, training
from elman.tasks import training_sequence
from elman.training import kernels, trainers
from elman.training.resets import GROWING_STAGES, reset_schedule

TOLERANCE = {"rtol": 1e-9, "atol": 1e-9}
POLICIES = ("epoch", "never", "every", "group", "step", "growing")

needs_numba = pytest.mark.skipif(kernels.numba is None, reason="Numba is not installed")


def both(experiment):
    return run(experiment, compiled=True), run(experiment, compiled=False)


def assert_same_run(fast, reference, **tolerance):
    tolerance = tolerance or TOLERANCE
    note = str(reference.experiment)
    assert (fast.compiled, reference.compiled) == (True, False)
    assert (fast.status, fast.message) == (reference.status, reference.message), note
    np.testing.assert_allclose(fast.losses, reference.losses, **tolerance, err_msg=note)
    for ours, theirs in zip(fast.snapshots, reference.snapshots, strict=True):
        assert ours.epoch == theirs.epoch
        np.testing.assert_allclose(ours.context, theirs.context, **tolerance, err_msg=note)
        for name, wanted in theirs.weights.items():
            np.testing.assert_allclose(
                ours.weights[name], wanted, **tolerance, err_msg=f"{name} of {note}"
            )


@needs_numba
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("depth", [1, 2, 5])
@pytest.mark.parametrize("momentum", [0.0, 0.5])
@pytest.mark.parametrize("reset", POLICIES)
def test_the_kernel_equals_the_reference(activation, depth, momentum, reset):
    """Both tasks, narrow and wide networks, both start values. Six epochs pass through every
    stage of growing windows; a fixed policy repeats itself sooner."""
    for task, hidden, start in itertools.product(("xor", "letters"), (3, 14), (0.0, 0.5)):
        experiment = Experiment(
            task=task,
            length=21,
            epochs=6 if reset == "growing" else 2,
            hidden=hidden,
            activation=activation,
            depth=depth,
            momentum=momentum,
            reset=reset,
            reset_every=7 if reset == "every" else None,
            context_start=start,
            # Above 1/sqrt(hidden), relu units grow from step to step, and rounding with them.
            weight_scale=0.5 if hidden == 3 else 0.25,
        )
        assert_same_run(*both(experiment))


def test_six_epochs_pass_through_every_stage_of_growing_windows():
    sequence = training_sequence(Experiment(length=21))
    stages = reset_schedule("growing", sequence.group_starts, 6)
    assert len(stages) == len(GROWING_STAGES)


@st.composite
def small_experiments(draw):
    """Any option, in sizes and rates at which a rounding difference stays small."""
    reset = draw(st.sampled_from(POLICIES))
    hidden = draw(st.integers(1, 16))
    return Experiment(
        task=draw(st.sampled_from(["xor", "letters"])),
        length=draw(st.integers(4, 40)),
        hidden=hidden,
        epochs=draw(st.integers(1, 6)),
        reset=reset,
        reset_every=draw(st.integers(1, 50)) if reset == "every" else None,
        context_start=draw(st.floats(-1, 1)),
        learning_rate=draw(st.floats(1e-6, 0.5)),
        momentum=draw(st.floats(0, 0.9)),
        depth=draw(st.integers(1, 9)),
        activation=draw(st.sampled_from(["sigmoid", "tanh", "relu"])),
        weight_init=draw(st.sampled_from(["normal", "uniform"])),
        # Above 1/sqrt(hidden), relu units grow from step to step, and rounding with them.
        weight_scale=draw(st.floats(0.01, 0.7)) / hidden**0.5,
        seed=draw(st.integers(0, 2**32 - 1)),
        data_seed=draw(st.integers(0, 2**32 - 1)),
    )


@needs_numba
@given(small_experiments())
def test_the_kernel_equals_the_reference_whatever_the_experiment(experiment):
    fast, reference = both(experiment)
    # Weights that grow this far are on their way to infinity and amplify any rounding.
    assume(all(np.abs(w).max() < 20 for w in reference.final.values()))
    assert_same_run(fast, reference, rtol=1e-6, atol=1e-6)


@needs_numba
@pytest.mark.parametrize("hidden", [3, 14])
@pytest.mark.parametrize(("depth", "momentum"), [(1, 0.0), (4, 0.5)])
def test_both_say_in_the_same_epoch_that_a_run_diverged(hidden, depth, momentum):
    experiment = Experiment(
        task="letters",
        length=60,
        epochs=20,
        hidden=hidden,
        reset="never",
        activation="relu",
        depth=depth,
        momentum=momentum,
        weight_scale=3,
    )
    fast, reference = both(experiment)
    assert fast.status == reference.status == "diverged"
    assert 0 < fast.epochs_done == reference.epochs_done < 20
    assert fast.message == reference.message
    assert f"in epoch {fast.epochs_done + 1}," in fast.message


@needs_numba
@pytest.mark.parametrize("hidden", [3, 14])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_what_is_not_a_number_stays_so(hidden, activation):
    """An infinite context times weights of both signs: no comparison in the kernel, and no
    promise to the compiler, may turn that into an activation."""
    experiment = Experiment(length=6, hidden=hidden, epochs=1, activation=activation)
    trained = run(experiment)
    weights = trained.final | {"W_hh": np.tile([1.0] + [-1.0] * (hidden - 1), (hidden, 1))}
    snapshot = trainers.Snapshot(1, weights, np.full(hidden, np.inf))
    with np.errstate(invalid="ignore"):
        fast, reference = (
            training.predict(snapshot, trained.sequence, experiment, "never", compiled=compiled)
            for compiled in (True, False)
        )
    for ours, theirs in zip(fast, reference, strict=True):
        assert np.isnan(theirs).all()
        assert np.isnan(ours).all()


def uncompiled(function):
    """The Python source of a kernel, with the Python source of the helpers it calls."""
    names = {name: getattr(value, "py_func", value) for name, value in function.__globals__.items()}
    helpers = {"_hidden_layer", "_output_unit", "_slope"}
    for name in helpers:
        names[name] = types.FunctionType(names[name].__code__, names)
    return types.FunctionType(function.__code__, names)


def arguments(kernel, experiment):
    """Fresh arguments of a kernel for one pass, and the arrays among them that it may change."""
    sequence = training_sequence(experiment)
    weights = tuple(trainers.first_weights(experiment, sequence).values())
    memory = kernels.new_memory(
        experiment.hidden, sequence.targets.shape[1], experiment.depth, experiment.context_start
    )
    code = kernels.ACTIVATION_CODES[experiment.activation]
    head = (
        0, len(sequence), sequence.inputs, sequence.targets, sequence.group_starts.copy(),
        experiment.context_start, experiment.learning_rate,
    )  # fmt: skip
    if kernel is kernels._train_elman:
        changing = (*weights, *memory[:3])
        return (*head, code, *changing), changing
    changing = (*weights, *(np.zeros_like(w) for w in weights), *memory)
    return (*head, experiment.momentum, code, *changing), changing


@needs_numba
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("task", ["xor", "letters"])
@pytest.mark.parametrize(("depth", "momentum"), [(1, 0.0), (3, 0.5)])
def test_the_narrow_kernel_equals_its_own_source_bit_for_bit(activation, task, depth, momentum):
    """What students read is what runs: compiled without fast maths, no bit differs."""
    experiment = Experiment(
        task=task, length=300, hidden=5, depth=depth, momentum=momentum, activation=activation
    )
    one_step = (depth, momentum) == (1, 0.0)
    source = kernels._train_elman if one_step else kernels._train_through_time
    compiled = (kernels.train_elman if one_step else kernels.train_through_time)(5)
    given_source, changed_source = arguments(source, experiment)
    given_compiled, changed_compiled = arguments(source, experiment)
    assert uncompiled(source)(*given_source) == compiled(*given_compiled)
    for ours, theirs in zip(changed_compiled, changed_source, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@needs_numba
@pytest.mark.parametrize("hidden", [3, 14])
@pytest.mark.parametrize(("depth", "momentum"), [(1, 0.0), (3, 0.5)])
def test_a_kernel_changes_neither_inputs_nor_targets_nor_resets(hidden, depth, momentum):
    experiment = Experiment(task="letters", hidden=hidden, depth=depth, momentum=momentum)
    one_step = (depth, momentum) == (1, 0.0)
    source = kernels._train_elman if one_step else kernels._train_through_time
    compiled = (kernels.train_elman if one_step else kernels.train_through_time)(hidden)
    handed, _ = arguments(source, experiment)
    before = [array.copy() for array in handed[2:5]]
    assert compiled(*handed) > 0
    for array, kept in zip(handed[2:5], before, strict=True):
        np.testing.assert_array_equal(array, kept)


@needs_numba
@pytest.mark.parametrize("hidden", [3, 14])
@pytest.mark.parametrize("reset", ["epoch", "never", "every", "group", "step"])
def test_compiled_prediction_equals_the_reference_s(hidden, reset):
    experiment = Experiment(
        task="letters", length=60, epochs=20, hidden=hidden, reset="never", context_start=0.5
    )
    trained = run(experiment)
    every = 4 if reset == "every" else None
    snapshot = trained.snapshots[-1]
    kept = snapshot.context.copy()
    fast, reference = (
        training.predict(snapshot, trained.sequence, experiment, reset, every, compiled=compiled)
        for compiled in (True, False)
    )
    for ours, theirs in zip(fast, reference, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    np.testing.assert_array_equal(snapshot.context, kept)


@pytest.fixture
def without_numba(monkeypatch):
    monkeypatch.setattr(kernels, "numba", None)
    trainers.compiled_available.cache_clear()
    yield
    trainers.compiled_available.cache_clear()


@pytest.mark.usefixtures("without_numba")
def test_without_numba_the_reference_trains_and_says_so_once():
    experiment = Experiment(length=30, epochs=3)
    with pytest.warns(RuntimeWarning, match="Numba is not installed.*NumPy reference") as caught:
        first = run(experiment)
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        second = run(experiment)
        training.predict(first.snapshots[-1], first.sequence, experiment)
        training.predicted_seconds(experiment)
    wanted = run(experiment, compiled=False)
    for trained in (first, second):
        assert not trained.compiled
        np.testing.assert_array_equal(trained.losses, wanted.losses)


def test_the_package_imports_and_trains_where_numba_cannot_be_imported():
    script = """
import sys, warnings
sys.modules["numba"] = None
import elman
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for seed in (0, 1):
        trained = elman.run(elman.Experiment(length=30, epochs=3, seed=seed))
print(trained.compiled, trained.epochs_done, [str(w.message)[:22] for w in caught])
"""
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert shown.stdout.split("\n")[0] == "False 3 ['Numba is not installed']"
