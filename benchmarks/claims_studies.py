"""Measurements behind what `claims.py` lists of memory, number sequences, shapes and labs."""

from __future__ import annotations

import functools
import itertools
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from claims_support import SEEDS, Support, counted, middle

from elman.labs import LABS
from elman.labs.measuring import Notes, measure
from elman.studies import (
    alignment_training,
    number_answers,
    numbers,
    own_table,
    recall,
    table_answers,
    table_training,
)
from elman.studies.alignment_training import AlignmentSetting
from elman.studies.alignments import TASKS
from elman.studies.numbers import NumberExperiment
from elman.studies.recall import MemoryTest
from elman.studies.table_experiment import NAIVE_WORDS, TableExperiment
from elman.studies.table_frame import Table


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


def off(table: Table, **settings) -> dict[str, float]:
    """The error of every forecast of the last column in the test, by its name."""
    trained = table_training.run(TableExperiment(**settings), table)
    found = table_answers.errors(trained).set_index("forecast")["rmse"]
    return {str(name): float(value) for name, value in found.items()}


def column(values: np.ndarray) -> Table:
    return own_table.read_bytes(pd.DataFrame({"x": values}).to_csv(index=False).encode())


def autoregressive(share: float, seed: int) -> np.ndarray:
    """Each of 600 numbers is this share of the one before, and noise."""
    noise, found = np.random.default_rng(seed).normal(size=600), np.zeros(600)
    for k in range(1, len(found)):
        found[k] = share * found[k - 1] + noise[k]
    return found


def naive_is_hard_to_beat(share: float, naive: str) -> Support:
    """On a row of numbers that are a share of the one before, no network is better than this."""
    found = [off(column(autoregressive(share, seed))) for seed in range(SEEDS)]
    best = [min(one["Elman"], one["LSTM"]) / one[naive] for one in found]
    return counted((b >= 1 for b in best), f"error of the better network / {naive}: {middle(best)}")


def worth_where_earlier_rows_count() -> Support:
    tables = [own_table.example(rng=np.random.default_rng(seed)) for seed in range(SEEDS)]
    found = [off(table, sequence="house") for table in tables]
    ratios = [one["LSTM"] / min(one[name] for name in NAIVE_WORDS) for one in found]
    words = f"built-in table: error of the LSTM / best naive forecast: {middle(ratios)}"
    return counted((r < 1 for r in ratios), words)
