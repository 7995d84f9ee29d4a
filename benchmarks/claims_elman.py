"""Measurements behind what `claims.py` lists of Elman's network, its gradients and its context."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from claims_support import SEEDS, Support, counted, middle

from elman import Experiment, Run, run
from elman.analysis import errors, gradients
from elman.analysis.gradient_check import OverwrittenContextNetwork
from elman.analysis.replay import replay
from elman.network import ElmanNetwork
from elman.studies import clipping
from elman.studies.clipping import ClippingTest
from elman.sweeps import variations
from elman.tasks import new_sequence, training_sequence
from elman.training.trainers import reference_network, set_state

XOR = Experiment()
TRAINED = ("xor", "letters", "words", "sentences", "reber")


@functools.cache
def runs(task: str) -> tuple[Run, ...]:
    return trained(Experiment(task=task))


@functools.cache
def trained(experiment: Experiment) -> tuple[Run, ...]:
    """The runs of an experiment from all seeds."""
    return tuple(run(one) for one in variations(experiment, {}, SEEDS))


def reach(run: Run, epoch: int, lag: int = 1) -> float:
    """The share of the gradient at lag 0 that arrives so many steps back (median over steps)."""
    trace = gradients.trace(run.at(epoch).weights, run.experiment, run.sequence)
    return float(gradients.by_lag(trace, lag, 1)["relative"].iloc[lag])


def blind_at_first() -> Support:
    found = {task: [reach(run, 0, 3) for run in runs(task)] for task in TRAINED}
    words = "; ".join(f"{task} {middle(shares)}" for task, shares in found.items())
    return counted((s < 0.05 for one in found.values() for s in one), f"left at lag 3: {words}")


def step_by_step() -> Support:
    few, many = ([reach(run, 0) for run in runs(task)] for task in ("xor", "sentences"))
    agree = (a < 0.1 and 0.2 < b < 0.35 for a, b in zip(few, many, strict=True))
    return counted(agree, f"left at lag 1: {middle(few)} with 4 units, {middle(many)} with 150")


def learning_opens_a_way() -> Support:
    agree, words = [], []
    for task in TRAINED:
        before = [reach(run, 0) for run in runs(task)]
        after = [reach(run, run.epochs_done) for run in runs(task)]
        norms = [
            [float(np.linalg.norm(run.at(e).weights["W_hh"])) for e in (0, run.epochs_done)]
            for run in runs(task)
        ]
        agree += [b > a and w[1] > w[0] for a, b, w in zip(before, after, norms, strict=True)]
        words.append(f"{task} {middle(before)} → {middle(after)}")
    return counted(agree, "left at lag 1 before → after: " + "; ".join(words))


@functools.cache
def fresh(activation: str, radius: float) -> tuple[float, ...]:
    """How much of a gradient is left after ten steps, for each seed of a fresh network."""
    lags, found = 10, []
    for seed in range(SEEDS):
        windows = Experiment(hidden=50, reset="every", reset_every=lags + 1)
        sequence, rng = training_sequence(windows), np.random.default_rng(seed)
        weights = gradients.fresh_weights(windows, sequence, radius, rng=rng)
        trace = gradients.trace(
            weights, windows, sequence, steps=20 * (lags + 1), activation=activation
        )
        rng = np.random.default_rng(seed)
        found.append(float(gradients.by_lag(trace, lags, 1, rng=rng)["relative"].iloc[lags]))
    return tuple(found)


def tanh_grows_above_one() -> Support:
    low, high = fresh("tanh", 0.9), fresh("tanh", 1.5)
    agree = (a < 1.0 < b for a, b in zip(low, high, strict=True))
    return counted(agree, f"left at lag 10: {middle(low)} at 0.9, {middle(high)} at 1.5")


def relu_needs_more() -> Support:
    tanh, relu = fresh("tanh", 1.25), fresh("relu", 1.25)
    agree = (a > b and b < 1.0 for a, b in zip(tanh, relu, strict=True))
    return counted(agree, f"left at lag 10, radius 1.25: tanh {middle(tanh)}, relu {middle(relu)}")


def sigmoid_shrinks_at_eight() -> Support:
    found = fresh("sigmoid", 8.0)
    return counted((s < 1.0 for s in found), f"left at lag 10, radius 8: {middle(found)}")


def clipping_tames() -> Support:
    ends = clipping.outcomes(clipping.compare(ClippingTest(seeds=SEEDS)))
    without, clipped = (ends[ends["way"] == way] for way in clipping.WAYS.values())
    words = f"infinite {without['infinite'].sum()} without, {clipped['infinite'].sum()} with"
    return counted(~clipped["infinite"], words)


def letters_in_order(kind: type[ElmanNetwork], seed: int) -> tuple[float, float]:
    """First and last loss of 25 passes through 300 letters."""
    sequence = training_sequence(Experiment(task="letters", length=300, data_seed=42 + seed))
    network = kind(6, 20, 6, 0.2, rng=np.random.default_rng(seed))
    losses = []
    for _ in range(25):
        network.reset_context()
        squared = [
            float(np.mean(network.train_step(x, d)[1] ** 2))
            for x, d in zip(sequence.inputs, sequence.targets, strict=True)
        ]
        losses.append(float(np.mean(squared)))
    return losses[0], losses[-1]


def overwritten_still_learns() -> Support:
    wrong = [letters_in_order(OverwrittenContextNetwork, seed) for seed in range(SEEDS)]
    right = [letters_in_order(ElmanNetwork, seed) for seed in range(SEEDS)]
    agree = (
        last < 0.6 * first and last > good
        for (first, last), (_, good) in zip(wrong, right, strict=True)
    )
    return counted(
        agree,
        f"loss {middle(a for a, _ in wrong)} → {middle(b for _, b in wrong)}; "
        f"right order → {middle(b for _, b in right)}",
    )


def first_letters_err() -> Support:
    """Consonant, Vowel and Interrupted, which can always be known, at the first four letters."""
    found = []
    for one in runs("letters"):
        squared = errors.squared_errors(replay(one, new_sequence(one.experiment)))[:4, :3]
        found.append(float(squared.max()))
    large = sum(error > 0.5 for error in found)
    return counted([large == 4], f"{large} of {SEEDS}; largest error there {middle(found)}")


# The labs on XOR.


def plateau_first() -> Support:
    share = [float(np.mean(np.abs(run.losses[:20] - 0.25) < 0.01)) for run in runs("xor")]
    return counted(
        (s == 1.0 for s in share), "of the first 20 losses within 0.01 of 0.25: " + middle(share)
    )


def told_apart(run: Run, epoch: int) -> float:
    """How far the mean activation of a hidden unit after two equal bits is from that after two
    unequal ones, at the unit that tells them apart best."""
    states = replay(run, run.sequence, epoch).states[1::3]
    unequal = run.sequence.symbols[1::3] != run.sequence.symbols[::3]
    return float(np.abs(states[unequal].mean(axis=0) - states[~unequal].mean(axis=0)).max())


def unit_ends_the_plateau() -> Support:
    before, after = [], []
    for one in runs("xor"):
        if (end := end_of_plateau(one)) <= one.epochs_done:
            before.append(told_apart(one, 10))
            after.append(told_apart(one, end))
    agree = (b > 3.0 * a for a, b in zip(before, after, strict=True))
    words = f"{middle(before)} after 10 passes, {middle(after)} when the loss is 0.23"
    return counted(agree, f"difference of the mean activations: {words}")


def moved_by_a_bit(run: Run) -> float:
    """How far a training step at a coin flip moves the weights at the end (median norm)."""
    network, sequence = reference_network(run.experiment, run.sequence), run.sequence
    set_state(network, run.snapshots[-1], sequence)
    moved = []
    for x, d in zip(sequence.inputs[:300], sequence.targets[:300], strict=True):
        before = {name: w.copy() for name, w in network.weights.items()}
        network.train_step(x, d)
        moved.append(sum(float(np.sum((network.weights[n] - w) ** 2)) for n, w in before.items()))
    return float(np.median(np.sqrt(np.array(moved)[~sequence.predictable[:300]])))


def large_rate_drags() -> Support:
    low, high = (
        [moved_by_a_bit(one) for one in trained(XOR.replace(learning_rate=r))] for r in (0.1, 1.0)
    )
    agree = (b > 3.0 * a for a, b in zip(low, high, strict=True))
    words = f"{middle(low)} at 0.1, {middle(high)} at 1"
    return counted(agree, f"norm of the change of all weights at a coin flip: {words}")


def end_of_plateau(one: Run) -> int:
    """The passes after which the loss is first below 0.23; one more than all if it never is."""
    return int(np.argmax(np.append(one.losses < 0.23, True))) + 1


def more_units_sooner() -> Support:
    few, many = ([end_of_plateau(one) for one in trained(XOR.replace(hidden=h))] for h in (4, 20))
    agree = (b < a for a, b in zip(few, many, strict=True))
    words = f"{middle(few)} with 4 units, {middle(many)} with 20"
    return counted(agree, f"passes until the loss is below 0.23: {words}")


def right_where_certain(one: Run) -> float:
    share = errors.accuracy(replay(one, new_sequence(one.experiment))).where_certain
    return float("nan") if share is None else share


def no_memory_is_chance() -> Support:
    found = [right_where_certain(one) for one in trained(XOR.replace(reset="step"))]
    return counted((0.45 < s < 0.55 for s in found), f"right at the XOR bit: {middle(found)}")
