"""Measurements behind the sentences of `claims.py`: how many of twenty seeds bear each out."""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from elman import Experiment, Run, run
from elman.analysis import errors, gradients
from elman.analysis.gradient_check import OverwrittenContextNetwork
from elman.analysis.replay import replay
from elman.labs import LABS
from elman.labs.measuring import Notes, measure
from elman.network import ElmanNetwork
from elman.studies import alignment_training, clipping, number_answers, numbers, recall
from elman.studies.alignment_training import AlignmentSetting
from elman.studies.alignments import TASKS
from elman.studies.clipping import ClippingTest
from elman.studies.numbers import NumberExperiment
from elman.studies.recall import MemoryTest
from elman.sweeps import variations
from elman.tasks import new_sequence, training_sequence
from elman.training.trainers import reference_network, set_state

SEEDS = 20
# Of twenty seeds so many must agree with a sentence that says what usually happens.
NEEDED = 0.8
XOR = Experiment()
TRAINED = ("xor", "letters", "words", "sentences", "reber")


class Support(NamedTuple):
    """How many of how many agree, and the numbers behind it."""

    agree: int
    of: int
    numbers: str

    @property
    def holds(self) -> bool:
        return self.agree >= NEEDED * self.of


def counted(agree: Iterable[bool], numbers: str) -> Support:
    found = [bool(one) for one in agree]
    return Support(sum(found), len(found), numbers)


def middle(values: Iterable[float]) -> str:
    """Median, and in brackets lowest and highest."""
    found = np.array(list(values), dtype=float)
    return f"{np.nanmedian(found):.3g} ({np.nanmin(found):.3g} to {np.nanmax(found):.3g})"


# Elman's network on each task, with its default settings.


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


# Memory, number sequences and shapes.


@functools.cache
def remembered(lags: tuple[int, ...], ask: str = "end", bias: float = 3.0, updates: int = 300):
    test = MemoryTest(lags=lags, seeds=SEEDS, ask=ask, gate_bias=bias, updates=updates)
    return recall.run_memory_test(test).results


def solved_up_to(results, learner: str, seed: int) -> int:
    """The longest lag that a learner recalls from this seed, as all shorter ones; 0 for none."""
    reached = 0
    rows = sorted(
        (r for r in results if (r.learner, r.seed) == (learner, seed)), key=lambda r: r.lag
    )
    for row in rows:
        if row.accuracy < recall.SOLVED:
            break
        reached = row.lag
    return reached


LAGS = (1, 2, 4, 8, 16)


def reached(learner: str, **how) -> list[int]:
    results = remembered(how.pop("lags", LAGS), **how)
    return [solved_up_to(results, learner, seed) for seed in range(SEEDS)]


def all_right_at_lag_one() -> Support:
    at_one = [r.accuracy for r in remembered(LAGS) if r.lag == 1]
    return counted((a > 0.9 for a in at_one), f"right at lag 1: {middle(at_one)}")


def in_order(*learners: str, strictly: bool, **how) -> Support:
    """Whether each learner reaches at least as far as the one before it, the last one further."""
    found = [reached(learner, **how) for learner in learners]
    agree = [
        all(a <= b for a, b in itertools.pairwise(one)) and (one[0] < one[-1] or not strictly)
        for one in zip(*found, strict=True)
    ]
    words = "; ".join(
        f"{learner} {middle(one)}" for learner, one in zip(learners, found, strict=True)
    )
    return counted(agree, f"longest lag recalled: {words}")


def half_open_gates() -> Support:
    open_, half = (
        [max(a, b) for a, b in zip(reached("lstm", **how), reached("gru", **how), strict=True)]
        for how in ({}, {"bias": 0.0})
    )
    full = reached("full", bias=0.0)
    agree = (h < o and h <= f for o, h, f in zip(open_, half, full, strict=True))
    return counted(
        agree,
        f"the further of LSTM and GRU {middle(open_)} nearly open, "
        f"{middle(half)} half open; full gradient {middle(full)}",
    )


def more_updates_further() -> Support:
    lags = (*LAGS, 32)
    shares = {
        updates: {
            one: float(np.mean([r.accuracy for r in made if r.learner == one]))
            for one in recall.LEARNERS
        }
        for updates, made in ((n, remembered(lags, updates=n)) for n in (300, 600))
    }
    gains = {one: shares[600][one] - shares[300][one] for one in recall.LEARNERS}
    words = "; ".join(
        f"{one} {shares[300][one]:.3f} → {shares[600][one]:.3f}" for one in recall.LEARNERS
    )
    agree = [(gain < 0.01) if one == "one-step" else (gain > 0.0) for one, gain in gains.items()]
    return counted(agree, f"mean share right, lags to 32, 300 → 600 updates: {words}")


def asked_at_every_step() -> Support:
    end, every = reached("one-step"), reached("one-step", ask="every")
    agree = (b >= a for a, b in zip(end, every, strict=True))
    return counted(
        agree, f"one-step: {middle(end)} asked at the end, {middle(every)} at every step"
    )


def seeds_differ_at_the_edge() -> Support:
    rows = recall.summary(list(remembered(LAGS)))
    spread = (rows["high"] - rows["low"]).to_numpy()
    edge = rows["mean"].between(0.4, 0.95).to_numpy()
    inside, outside = spread[edge], spread[~edge]
    agree = (s > np.median(outside) for s in inside)
    return counted(
        agree,
        f"highest less lowest share: {middle(inside)} about to fail, {middle(outside)} elsewhere",
    )


@functools.cache
def number_runs(name: str, activation: str, scaling: str):
    first = NumberExperiment(
        sequence=number_answers.example(name), activation=activation, scaling=scaling
    )
    found = []
    for seed in range(SEEDS):
        made = numbers.run(replace(first, seed=seed))
        inside, beyond = number_answers.rms_errors(number_answers.predictions(made))
        found.append((inside, beyond, made))
    return found


def worse_outside() -> Support:
    pairs = [
        (inside, beyond)
        for name in ("counting", "even numbers")
        for activation in ("relu", "tanh")
        for inside, beyond, _ in number_runs(name, activation, "standard")
    ]
    return counted(
        (b > a for a, b in pairs),
        "typical error beyond over that inside: " + middle(b / a for a, b in pairs),
    )


def tanh_stays_behind() -> Support:
    relu, tanh = (
        [b for _, b, _ in number_runs("counting", a, "standard")] for a in ("relu", "tanh")
    )
    agree = []
    for _, _, made in number_runs("counting", "tanh", "standard"):
        agree.append(made.next_after((30.0, 31.0, 32.0)) < 33.0)
    return counted(agree, f"typical error beyond: relu {middle(relu)}, tanh {middle(tanh)}")


def close_not_right() -> Support:
    found = [inside for inside, _, _ in number_runs("counting", "relu", "none")]
    return counted((1e-6 < i < 1.0 for i in found), f"typical error on 0 to 9: {middle(found)}")


def line_is_hard_to_beat() -> Support:
    agree, words = [], []
    for name in ("counting", "even numbers", "Fibonacci", "sine", "alternating"):
        one = NumberExperiment(sequence=number_answers.example(name))
        x, y = numbers.windows(one.sequence, one.window_size)
        line = np.abs(number_answers.line_after(one, x) - y[:, 0]).max() / np.ptp(y)
        agree.append(line < 1e-3)
        words.append(f"{name} {line:.1g}")
    return counted(agree, "largest error of the line over the range: " + "; ".join(words))


@functools.cache
def shapes(form: str, **changes) -> tuple[float, ...]:
    task = TASKS[form]
    table = alignment_training.train_seeds(
        AlignmentSetting(form, **{"hidden": task.hidden, "epochs": task.epochs} | changes),
        list(range(SEEDS)),
    )
    return tuple(table["symbols" if form == "many-to-many, equal" else "whole"])


def shape(form: str, least: float) -> Support:
    found = shapes(form)
    return counted((s >= least for s in found), f"right on unseen examples: {middle(found)}")


def kinds_alike() -> Support:
    found = {kind: shapes("one-to-one", kind=kind) for kind in ("RNN", "LSTM", "GRU")}
    agree = (max(one) - min(one) < 0.1 for one in zip(*found.values(), strict=True))
    return counted(agree, "; ".join(f"{kind} {middle(one)}" for kind, one in found.items()))


def near_best(form: str) -> Support:
    """Whether an answer is right nearly as often as who knows the rule and the blur can expect."""
    task, agree, words = TASKS[form], [], []
    setting = AlignmentSetting(form, hidden=task.hidden, epochs=task.epochs)
    for seed in range(SEEDS):
        made = alignment_training.train(setting, seed)
        agree.append(made.score.whole >= made.reference.whole - 0.05)
        words.append(made.score.whole - made.reference.whole)
    return counted(agree, f"share right less the best to expect: {middle(words)}")


def more_than_a_letter() -> Support:
    form = "many-to-many, equal"
    task, gains = TASKS[form], []
    setting = AlignmentSetting(form, hidden=task.hidden, epochs=task.epochs)
    for seed in range(SEEDS):
        made = alignment_training.train(setting, seed)
        gains.append(made.score.symbols - made.reference.symbols)
    return counted((g > 0.0 for g in gains), f"share right less a single letter's: {middle(gains)}")


def one_unit_is_too_few() -> Support:
    one, ten = shapes("one-to-many", hidden=1), shapes("one-to-many")
    agree = (a < b - 0.1 for a, b in zip(one, ten, strict=True))
    return counted(agree, f"right with one unit {middle(one)}, by default {middle(ten)}")


def both_ways_help() -> Support:
    one, both = shapes("many-to-many, equal"), shapes("many-to-many, equal", both_directions=True)
    agree = (b > a for a, b in zip(one, both, strict=True))
    return counted(agree, f"letters right reading forward {middle(one)}, both ways {middle(both)}")


def bottleneck() -> Support:
    small, default = shapes("many-to-many, unequal", hidden=4), shapes("many-to-many, unequal")
    agree = (a < b for a, b in zip(small, default, strict=True))
    return counted(
        agree, f"strings right with 4 units {middle(small)}, by default {middle(default)}"
    )


# The labs that look inside, and at numbers never seen.


@functools.cache
def of_lab(name: str, value: str, condition: str) -> np.ndarray:
    """A value of a lab at every seed, measured anew (seeds,)."""
    lab = LABS[name]
    evidence = lab.evidence(None, measure(lab, None, Notes()))
    assert evidence is not None
    return evidence.all(value, condition)


def weights_keep_likeness() -> Support:
    shares = of_lab("tree", "untrained", "letters")
    return counted(shares > 0.9, f"vowels and consonants apart, untrained: {middle(shares)}")


def older_is_squashed() -> Support:
    one, four = (of_lab("context", f"{back} back", "") for back in (1, 4))
    return counted(
        four < one, f"bits told from the context: {middle(one)} 1 back, {middle(four)} 4 back"
    )


def slope_beyond(condition: str, low: float, high: float) -> Support:
    """How much the answer rises from one number to the next, beyond those that were learned."""
    near, far = (of_lab("numbers", place, condition) for place in ("next", "far"))
    slopes = (far - near) / 10
    return counted((low < slopes) & (slopes < high), f"slope beyond: {middle(slopes)}")
