"""The compiled kernels against the NumPy reference, under every option.

Tolerance: the kernels add in another order than NumPy, which differs in the last bits of a step
(about 1e-16); training amplifies that. Over these short runs the two stay within 1e-9, while
dropping any term of an update shows at 1e-4 and more.
"""

import re
import types

import numpy as np
import pytest
from command import ended, program
from hand_made import DIVERGING
from pairwise import pairwise
from same import assert_same_run

from elman import Experiment, run, training
from elman.experiment import RESETS
from elman.training import compiling, loop, trainers

if compiling.available():
    from elman.training import kernels

TOLERANCE = {"rtol": 1e-9, "atol": 1e-9}
KINDS = [(1, 0.0), (3, 0.5)]

needs_numba = pytest.mark.skipif(not compiling.available(), reason="Numba is not installed")


@needs_numba
@pytest.mark.parametrize(
    ("activation", "depth", "momentum", "reset", "task", "hidden", "start"),
    pairwise(
        ["sigmoid", "tanh", "relu"], [1, 2, 5], [0.0, 0.5], RESETS, ["xor", "letters"], [3, 14],
        [0.0, 0.5],
    ),
)  # fmt: skip
def test_the_kernel_equals_the_reference(activation, depth, momentum, reset, task, hidden, start):
    """Narrow and wide networks. Six epochs pass through every stage of growing windows; a fixed
    policy repeats itself sooner."""
    experiment = Experiment(
        task=task, length=21, epochs=6 if reset == "growing" else 2, hidden=hidden, depth=depth,
        activation=activation, momentum=momentum, reset=reset, context_start=start,
        reset_every=7 if reset == "every" else None,
        # Above 1/sqrt(hidden), relu units grow from step to step, and rounding with them.
        weight_scale=0.5 if hidden == 3 else 0.25,
    )  # fmt: skip
    fast, reference = (run(experiment, compiled=compiled) for compiled in (True, False))
    if reset != "growing":
        asked = (fast.snapshots[-1], fast.sequence, experiment, reset, experiment.reset_every)
        answers = [training.predict(*asked, compiled=compiled) for compiled in (True, False)]
        for ours, theirs in zip(*answers, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
    assert_same_run(fast, reference, **TOLERANCE)


@needs_numba
@pytest.mark.parametrize("hidden", [3, 14])
@pytest.mark.parametrize(("depth", "momentum"), KINDS)
def test_both_say_in_the_same_epoch_that_a_run_diverged(hidden, depth, momentum):
    experiment = Experiment(**DIVERGING | {"hidden": hidden}, depth=depth, momentum=momentum)
    fast, reference = (run(experiment, compiled=compiled) for compiled in (True, False))
    assert fast.status == reference.status == "diverged"
    # It names the epoch.
    assert fast.message == reference.message
    assert 0 < fast.epochs_done == reference.epochs_done < 20


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
    helpers = {"_hidden_layer", "_output_unit", "_plus_row"}
    for name in helpers:
        names[name] = types.FunctionType(names[name].__code__, names)
    return types.FunctionType(function.__code__, names)


@needs_numba
@pytest.mark.parametrize(
    ("activation", "task", "kind"), pairwise(["sigmoid", "tanh", "relu"], ["xor", "letters"], KINDS)
)
def test_the_narrow_kernel_equals_its_own_source_bit_for_bit(activation, task, kind, monkeypatch):
    """What students read is what runs: compiled without fast maths, no bit differs."""
    settings = {"task": task, "activation": activation, "length": 60, "hidden": 5}
    experiment = Experiment(**settings, depth=kind[0], momentum=kind[1], epochs=2)
    # So that some calls end within a pass.
    monkeypatch.setattr(loop, "_stretch", lambda *_: 43)
    compiled = run(experiment, compiled=True)
    sources = []

    def source(name):
        sources.append(uncompiled(getattr(kernels, f"_{name}")))
        return sources[-1]

    monkeypatch.setattr(compiling, "kernel", source)
    assert run(experiment, compiled=True).fingerprint == compiled.fingerprint
    assert sources


def test_where_numba_cannot_be_imported_the_reference_trains_and_says_so_once():
    script = """
import sys, warnings
sys.modules["numba"] = None
import elman
from elman.training import predict
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for seed in (0, 1):
        experiment = elman.Experiment(length=30, epochs=3, seed=seed)
        trained = elman.run(experiment)
        predict(trained.snapshots[-1], trained.sequence, experiment)
print(trained.compiled, trained.fingerprint)
print(*(f"{w.filename} {w.message}" for w in caught), sep="|")
"""
    out, _ = ended(program("-c", script))
    wanted = run(Experiment(length=30, epochs=3, seed=1), compiled=False)
    first, second, _ = out.split("\n")
    assert first == f"False {wanted.fingerprint}"
    assert re.fullmatch(r"<string> Numba is not installed[^|]*NumPy reference[^|]*", second)
