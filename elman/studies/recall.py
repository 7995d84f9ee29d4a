"""How far back can it remember? Recall of the first symbol after a lag, by four learners.

A sequence of lag n has n + 1 random symbols, one-hot; when the last has been read, the answer is
the first. Every training batch is new, and so is the test, so nothing can be memorised.

    one-step    simple recurrent network, its context an input as in Elman (1990): the gradient
                goes back no further than the step whose error it is
    full        the same network with full backpropagation through time
    lstm, gru   gated layers of as many parameters as whole units allow, with full
                backpropagation through time

With `ask` "end" the answer is wanted once, after the last symbol; with "every" after each
symbol, so that there is an error to learn from at every step. All learners share batch size,
optimizer (Adam, gradients clipped to norm 1), learning rate and number of updates; a training
ends early after `PERFECT_BATCHES` batches in a row without a mistake.

Gates start as biased by `gate_bias`: the LSTM's forget gate and the GRU's update gate then let
s(gate_bias) of the old state pass at every step.

Sources: Hochreiter and Schmidhuber (1997), Neural Computation 9:1735-1780; Gers, Schmidhuber and
Cummins (2000), Neural Computation 12:2451-2471, for the bias; Tallec and Ollivier (2018), ICLR,
for its size; Elman (1990), p. 204, found learning poorer when errors came late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.layers import RNN
from elman.layers.dense import Dense
from elman.layers.gated import GRU, LSTM
from elman.layers.losses import categorical_cross_entropy
from elman.layers.optimizers import adam, clip_by_norm
from elman.layers.recurrent import RecurrentLayer
from elman.settings import Setting, refuse
from elman.studies.effort import update_work

BATCH = 32
TESTED = 400
PERFECT_BATCHES = 10

# A lag counts as remembered from this share of right answers on.
SOLVED = 0.95

LEARNERS = {
    "one-step": "Elman, one-step gradient",
    "full": "Same network, full gradient",
    "lstm": "LSTM",
    "gru": "GRU",
}
CELLS: dict[str, type[RecurrentLayer]] = {"one-step": RNN, "full": RNN, "lstm": LSTM, "gru": GRU}

SETTINGS = {
    "seeds": Setting(int, "trainings of each learner at each lag", low=1, high=50),
    "updates": Setting(int, "changes of the weights in a training", low=1, high=20_000),
    "hidden": Setting(int, "hidden units of the simple recurrent network", low=2, high=200),
    "symbols": Setting(int, "different symbols", low=2, high=26),
    "learning_rate": Setting(float, "step size of Adam", low=1e-5, high=1.0),
    "gate_bias": Setting(float, "first bias of the gates that keep", low=-10.0, high=10.0),
    "ask": Setting(str, "when the first symbol is asked for", choices=("end", "every")),
}
LAG = Setting(int, "steps between the first symbol and the answer", low=0, high=1000)


@dataclass(frozen=True)
class MemoryTest:
    """What is tested; a value that is not allowed raises ValueError naming the field."""

    lags: tuple[int, ...] = (1, 2, 4, 8, 16)
    seeds: int = 3
    updates: int = 300
    hidden: int = 20
    symbols: int = 4
    learning_rate: float = 0.01
    gate_bias: float = 3.0
    ask: str = "end"

    def __post_init__(self) -> None:
        for field in fields(self)[1:]:
            value = SETTINGS[field.name].check(field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, value)
        if not self.lags:
            raise refuse("lags", "at least one lag", words="none was given")
        lags = tuple(sorted({LAG.check("lags", lag) for lag in self.lags}))
        object.__setattr__(self, "lags", lags)

    @property
    def chance(self) -> float:
        """Accuracy of guessing."""
        return 1.0 / self.symbols


class Result(NamedTuple):
    """One training: its accuracy on new sequences, and the updates it took."""

    learner: str
    lag: int
    seed: int
    accuracy: float
    updates: int


class Report(NamedTuple):
    """All trainings done, the accuracy of guessing, and whether none is missing."""

    results: list[Result]
    finished: bool

    @property
    def message(self) -> str:
        """What to know about a report that was stopped; else empty."""
        return "" if self.finished else f"Stopped after {len(self.results)} trainings."


def parameter_count(cell: type[RecurrentLayer], inputs: int, hidden: int, outputs: int) -> int:
    """Weights and biases of a layer with its output layer."""
    return cell.gates * hidden * (inputs + hidden + 2) + outputs * (hidden + 1)


def matched_hidden(cell: type[RecurrentLayer], test: MemoryTest) -> int:
    """Hidden units with which a cell comes closest to the simple network's parameter count."""
    symbols = test.symbols
    wanted = parameter_count(RNN, symbols, test.hidden, symbols)
    return min(
        range(1, test.hidden + 1),
        key=lambda hidden: abs(parameter_count(cell, symbols, hidden, symbols) - wanted),
    )


def sizes(test: MemoryTest) -> pd.DataFrame:
    """Learner, hidden units and parameters: one row for each learner."""
    rows = []
    for learner, cell in CELLS.items():
        hidden = matched_hidden(cell, test)
        count = parameter_count(cell, test.symbols, hidden, test.symbols)
        rows.append({"learner": learner, "hidden": hidden, "parameters": count})
    return pd.DataFrame(rows)


def describe_sizes(test: MemoryTest) -> str:
    """How many parameters the learners have, and how far gated ones are from the simple network."""
    counts = sizes(test).set_index("learner")["parameters"]
    wanted = int(counts["full"])
    parts = []
    for learner in ("lstm", "gru"):
        off = counts[learner] / wanted - 1
        share = f"{abs(off):.0%} {'more' if off > 0 else 'fewer'}" if round(off, 2) else "as many"
        parts.append(f"{LEARNERS[learner]} {counts[learner]:,} ({share})")
    return f"both simple networks {wanted:,}, {' and '.join(parts)}"


class Learner:
    """One of `LEARNERS`: a recurrent layer and an output layer that names the first symbol."""

    def __init__(self, name: str, test: MemoryTest, *, rng: np.random.Generator) -> None:
        cell = CELLS[name]
        hidden = matched_hidden(cell, test)
        self.name, self.symbols, self.ask = name, test.symbols, test.ask
        self.layer = cell(test.symbols, hidden, rng=rng)
        self.output = Dense(hidden, test.symbols, rng=rng)
        # Forget gate and update gate stand second in their layers' rows alike.
        if cell is not RNN:
            self.layer.parameters["bias_ih_l0"][hidden : 2 * hidden] += test.gate_bias
        self._optimizer = adam(test.learning_rate)
        self._state = self._optimizer.init(self._both("parameters"))

    def scores(self, symbols: np.ndarray) -> np.ndarray:
        """Scores (batch, symbols) for the first symbol, after sequences (lag + 1, batch)."""
        states, _ = self.layer(np.eye(self.symbols)[symbols])
        return self.output(states[-1])

    def learn(self, symbols: np.ndarray) -> float:
        """Change the weights once; the share of right answers before that."""
        x = np.eye(self.symbols)[symbols]
        answers = self.gradients(x)
        clipped, _ = clip_by_norm(self._both("gradients"), 1.0)
        changed, self._state = self._optimizer.update(
            clipped, self._state, self._both("parameters")
        )
        for name, p in changed.items():
            part, _, own_name = name.partition(".")
            getattr(self, part).parameters[own_name] = p
        return float((answers.argmax(axis=1) == symbols[0]).mean())

    def gradients(self, x: np.ndarray) -> np.ndarray:
        """Leave the loss's gradients in both layers; the last scores (batch, symbols).

        x (lag + 1, batch, symbols). The loss is the cross-entropy of the answers that are wanted.
        """
        wanted = slice(-1, None) if self.ask == "end" else slice(None)
        states, _ = self.layer(x)
        if self.name == "one-step":
            # Every step whose answer counts once more, by itself: its context is an input.
            before = np.concatenate([np.zeros_like(states[:1]), states[:-1]])
            alone, h0 = (a[wanted].reshape(1, -1, a.shape[-1]) for a in (x, before))
            states, _ = self.layer(alone, h0)
            answers = self.output(states)
        else:
            answers = self.output(states[wanted])
        shape = (-1, *x.shape[1:])
        target = np.broadcast_to(x[0], answers.reshape(shape).shape).reshape(answers.shape)
        _, gradient = categorical_cross_entropy(answers, target, from_logits=True)
        if self.name == "one-step":
            grad_states = self.output.backward(gradient)
        else:
            grad_states = np.zeros_like(states)
            grad_states[wanted] = self.output.backward(gradient)
        self.layer.backward(grad_states)
        return answers.reshape(shape)[-1]

    def _both(self, kind: str) -> dict[str, np.ndarray]:
        return {
            f"{part}.{name}": a
            for part in ("layer", "output")
            for name, a in getattr(getattr(self, part), kind).items()
        }


def train(
    test: MemoryTest,
    name: str,
    lag: int,
    seed: int,
    should_stop: Callable[[], bool] | None = None,
) -> Result | None:
    """Train a learner at one lag and test it on new sequences; None if it was stopped.

    A seed draws the same sequences for every learner.
    """
    streams = np.random.SeedSequence([seed, lag]).spawn(3)
    weights, sequences, new = (np.random.default_rng(stream) for stream in streams)
    learner = Learner(name, test, rng=weights)
    updates = perfect = 0
    while updates < test.updates and perfect < PERFECT_BATCHES:
        right = learner.learn(sequences.integers(test.symbols, size=(lag + 1, BATCH)))
        perfect = perfect + 1 if right == 1.0 else 0
        updates += 1
        if should_stop is not None and should_stop():
            return None
    symbols = new.integers(test.symbols, size=(lag + 1, TESTED))
    right = learner.scores(symbols).argmax(axis=1) == symbols[0]
    return Result(name, lag, seed, float(right.mean()), updates)


def _trainings(test: MemoryTest) -> Iterator[tuple[int, int, str]]:
    """Seed by seed, so that every learner and lag has a first result early."""
    for seed in range(test.seeds):
        for lag in test.lags:
            for learner in LEARNERS:
                yield seed, lag, learner


def run_memory_test(
    test: MemoryTest,
    on_progress: Callable[[float, list[Result]], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Report:
    """Train every learner at every lag from every seed.

    `on_progress(share, results)` is called after each training with what there is; when
    `should_stop()` returns True the report ends with the trainings that are complete.
    """
    results: list[Result] = []
    total = sum(lag + 1 for _, lag, _ in _trainings(test))
    done = 0
    for seed, lag, learner in _trainings(test):
        result = train(test, learner, lag, seed, should_stop)
        if result is None:
            break
        results.append(result)
        done += lag + 1
        if on_progress is not None:
            on_progress(done / total, list(results))
    return Report(results, done == total)


def work(test: MemoryTest) -> int:
    """Multiplications of `run_memory_test(test)`, roughly, if no training ends early."""
    parameters = sizes(test)["parameters"].sum()
    updates = test.updates * test.seeds
    return updates * sum(update_work(lag + 1, BATCH, int(parameters)) for lag in test.lags)


def summary(results: list[Result]) -> pd.DataFrame:
    """One row for each learner and lag: seeds, mean, low, high, solved and updates.

    `mean`, `low` and `high` are of the accuracies, `solved` counts those of at least 0.95, and
    `updates` is the mean number of updates made.
    """
    frame = pd.DataFrame(results, columns=list(Result._fields))
    frame = frame.assign(solved=frame["accuracy"] >= SOLVED)
    table = frame.groupby(["learner", "lag"], sort=False).agg(
        seeds=("seed", "size"),
        mean=("accuracy", "mean"),
        low=("accuracy", "min"),
        high=("accuracy", "max"),
        solved=("solved", "sum"),
        updates=("updates", "mean"),
    )
    table = table.reset_index()
    order = {learner: place for place, learner in enumerate(LEARNERS)}
    return table.sort_values(
        ["learner", "lag"], key=lambda c: c.map(order) if c.name == "learner" else c
    ).reset_index(drop=True)


def reliable_lag(table: pd.DataFrame, learner: str) -> int | None:
    """The longest lag of a `summary` that a learner recalls from every seed, as all shorter ones.

    None if it fails at the shortest.
    """
    reached = None
    for row in table[table["learner"] == learner].sort_values("lag").itertuples():
        if row.solved < row.seeds:
            break
        reached = int(row.lag)
    return reached


def describe_recall(table: pd.DataFrame) -> str:
    """What a `summary` says, for a reader."""
    parts = []
    for learner, name in LEARNERS.items():
        rows = table[table["learner"] == learner]
        if rows.empty:
            continue
        lag = reliable_lag(table, learner)
        reach = "not even the shortest lag" if lag is None else f"up to lag {lag}"
        if lag == rows["lag"].max():
            reach += ", the longest tested"
        parts.append(f"{name} {reach}")
    seeds = sorted(set(table["seeds"]))
    counted = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    every = "from the only seed" if counted == "1" else f"from each of {counted} seeds"
    return f"Recalled {every}: " + "; ".join(parts) + "."
