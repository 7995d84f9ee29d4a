"""Networks that learn the rows of a table: Elman's by its one-step gradient, layers by the full.

Both read the same rows and predict the same columns of the next row, in numbers scaled as
`studies.table_rows` says. Elman's network goes through the training rows step by step, its context
reset where a sequence begins; a layer learns from pieces of at most so many rows, each from a state
of zeros, through which the gradient goes back as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from elman.experiment import Experiment
from elman.layers.dense import Dense
from elman.layers.gated import GRU, LSTM
from elman.layers.members import Recurrent
from elman.layers.optimizers import adam
from elman.layers.padding import padded
from elman.layers.recurrent import RNN
from elman.layers.sequential import Sequential
from elman.settings import refuse_memory
from elman.studies.effort import update_work
from elman.studies.table_experiment import ELMAN, TableExperiment
from elman.studies.table_frame import Table
from elman.studies.table_rows import Rows, prepare
from elman.tasks import Sequence
from elman.training.reading import predict
from elman.training.resets import reset_before
from elman.training.trainers import trainer_of, use_compiled

KINDS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}

# Between two looks at `should_stop`: about this many multiplications of the compiled trainer.
STRETCH_WORK = 20_000_000

# Gates of a layer, whose weights each have the shape of a simple layer's.
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}


class Curve(NamedTuple):
    """A network under way: its name and seed, and the loss of each pass, as in `Trained`."""

    network: str
    seed: int
    losses: np.ndarray


@dataclass(frozen=True)
class Trained:
    """A trained network and what it answers at every step, its weights as training left them.

    losses       (epochs done,) mean squared error of each pass, in scaled numbers, as a share of
                 that of always answering the mean
    status       "finished", "stopped" or "diverged"
    predictions  (steps, predicted) in the units of the table, of training and test alike; each
                 sequence is read from its first row
    """

    network: str
    seed: int
    losses: np.ndarray
    status: str
    predictions: np.ndarray


@dataclass(frozen=True)
class TableRun:
    """Networks trained on a table, as many as were done, in the order of `networks`."""

    experiment: TableExperiment
    rows: Rows
    networks: tuple[Trained, ...]

    @property
    def finished(self) -> bool:
        """Whether all networks were trained, each to its end or as far as it went."""
        return len(self.networks) == len(self.experiment.networks)

    @property
    def message(self) -> str:
        """What to know about networks that are missing or of no use; else empty."""
        lost = [n for n in self.networks if n.status == "diverged"]
        if not self.finished:
            done, of = len(self.networks), len(self.experiment.networks)
            return f"Stopped after {done} of {of} networks."
        if lost:
            kinds = " and ".join(dict.fromkeys(n.network for n in lost))
            return (
                f"{len(lost)} of {len(self.networks)} networks ({kinds}) grew without bound, and "
                "are left out. Use a smaller learning rate."
            )
        return ""


def run(
    experiment: TableExperiment,
    table: Table,
    on_progress: Callable[[float, list[Curve]], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TableRun:
    """Train and test every network of the experiment on a table.

    `on_progress(share, curves)` is called now and then with what is known of all networks so far;
    `should_stop()` as often, and when it returns True the run ends with the networks that are
    done. Raises ValueError, naming the field, where the table cannot be used so.
    """
    rows = prepare(experiment, table)
    done: list[Trained] = []
    total = len(experiment.networks)

    for network, seed in experiment.networks:

        def report(
            share: float, losses: np.ndarray, network: str = network, seed: int = seed
        ) -> None:
            if on_progress is not None:
                curves = [Curve(one.network, one.seed, one.losses) for one in done]
                curves.append(Curve(network, seed, losses.copy()))
                on_progress((len(done) + share) / total, curves)

        train = _elman if network == ELMAN else _layer
        trained = train(experiment, rows, seed, report, should_stop)
        if trained.status == "stopped":
            break
        done.append(trained)
    return TableRun(experiment, rows, tuple(done))


def loss_of_mean(targets: np.ndarray) -> float:
    """The mean squared error of always answering the mean of targets (steps, predicted).

    1 where they never change, so that losses can be divided by it.
    """
    return float(targets.var(axis=0).mean()) or 1.0


def elman_settings(experiment: TableExperiment, seed: int) -> Experiment:
    """The network's settings as those of an `Experiment`; of its task nothing is used."""
    return Experiment(
        hidden=experiment.hidden,
        epochs=experiment.epochs,
        learning_rate=experiment.learning_rate,
        seed=seed,
    )


def elman_steps(rows: Rows) -> Sequence:
    """All steps as Elman's network sees them, the context reset where a sequence begins."""
    steps = len(rows)
    unknown = np.full((steps, len(rows.predict)), np.nan)
    return Sequence(
        symbols=np.zeros(steps, dtype=int),
        inputs=rows.ranged.of(rows.places(rows.read)).scaled(rows.now),
        targets=rows.ranged.of(rows.places(rows.predict)).scaled(rows.following),
        group_starts=rows.starts,
        position=np.zeros(steps, dtype=int),
        ideal=unknown,
        rate_floor=unknown[:, 0],
        seams=rows.starts,
    )


def _elman(
    experiment: TableExperiment,
    rows: Rows,
    seed: int,
    report: Callable[[float, np.ndarray], None],
    should_stop: Callable[[], bool] | None,
) -> Trained:
    whole, settings = elman_steps(rows), elman_settings(experiment, seed)
    learned = whole.part(~rows.test)
    compiled = use_compiled(None)
    trainer = trainer_of(settings, learned, compiled)
    resets = reset_before("epoch", learned.group_starts, None, learned.seams)
    steps, epochs = len(learned), experiment.epochs
    stretch = STRETCH_WORK if compiled else STRETCH_WORK // 100
    at_once = max(1, stretch // (steps * (_weights(experiment, rows) + 20)))
    losses, done, status = np.empty(epochs), 0, "finished"
    unit = learned.targets.size * loss_of_mean(learned.targets)
    while done < epochs:
        if should_stop is not None and should_stop():
            status = "stopped"
            break
        passes = min(at_once, epochs - done)
        squared = np.zeros(passes + 1)
        trainer.train(0, passes * steps, resets, squared)
        losses[done : done + passes] = squared[:passes] / unit
        done += passes
        report(done / epochs, losses[:done])
        if not np.isfinite(losses[:done].sum()):
            status = "diverged"
            break
    # Training left its context at the end of the training rows; every sequence resets it.
    outputs, _ = predict(trainer.snapshot(done), whole, settings, compiled=compiled)
    answers = rows.ranged.of(rows.places(rows.predict)).raw(outputs)
    if status == "diverged" or not np.isfinite(answers).all():
        status, answers = "diverged", np.full(answers.shape, np.nan)
    return Trained(ELMAN, seed, losses[:done], status, answers)


def stack(experiment: TableExperiment, rows: Rows, *, rng: np.random.Generator) -> Sequential:
    """The layer beside Elman's network, and the dense outputs, untrained."""
    layer = KINDS[experiment.layer](len(rows.read), experiment.hidden, batch_first=True, rng=rng)
    return Sequential(
        [
            Recurrent(layer, return_sequences=True),
            Dense(experiment.hidden, len(rows.predict), rng=rng),
        ]
    )


def pieces(rows: Rows, length: int) -> list[np.ndarray]:
    """The training steps in pieces of at most `length`, none of them of two sequences."""
    learned = np.flatnonzero(~rows.test)
    bounds = np.flatnonzero(rows.starts[learned])
    return [
        part[first : first + length]
        for part in np.split(learned, bounds[1:])
        for first in range(0, len(part), length)
    ]


def _layer(
    experiment: TableExperiment,
    rows: Rows,
    seed: int,
    report: Callable[[float, np.ndarray], None],
    should_stop: Callable[[], bool] | None,
) -> Trained:
    rng = np.random.default_rng(seed)
    model = stack(experiment, rows, rng=rng)
    targets = rows.standard.of(rows.places(rows.predict))
    x, y = rows.standard.of(rows.places(rows.read)).scaled(rows.now), targets.scaled(rows.following)
    unit = loss_of_mean(y[~rows.test])
    parts = pieces(rows, experiment.piece)
    inputs, lengths = padded([x[part] for part in parts])
    history = model.fit(
        inputs,
        padded([y[part] for part in parts])[0],
        lengths,
        epochs=experiment.epochs,
        batch_size=experiment.batch_size,
        optimizer=adam(experiment.layer_rate),
        rng=rng,
        on_progress=lambda share, losses: report(share, losses / unit),
        should_stop=should_stop,
    )
    answers = np.empty(rows.following.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        for part in np.split(np.arange(len(rows)), np.flatnonzero(rows.starts)[1:]):
            if history.status != "stopped":
                answers[part] = model.predict(x[np.newaxis, part])[0]
    answers, status = targets.raw(answers), history.status
    if status == "diverged" or not np.isfinite(answers).all():
        status, answers = "diverged", np.full(answers.shape, np.nan)
    return Trained(experiment.layer, seed, history.losses / unit, status, answers)


def _weights(experiment: TableExperiment, rows: Rows) -> int:
    hidden, read, predicted = experiment.hidden, len(rows.read), len(rows.predict)
    return hidden * (hidden + read + predicted + 1) + predicted


def work(experiment: TableExperiment, rows: Rows) -> int:
    """Multiplications of `run`, roughly."""
    weights = _weights(experiment, rows)
    learned = int((~rows.test).sum())
    batches = -(-len(pieces(rows, experiment.piece)) // experiment.batch_size)
    steps = min(experiment.piece, learned)
    update = update_work(steps, experiment.batch_size, GATES[experiment.layer] * weights)
    each = experiment.epochs * (3 * learned * weights + batches * update)
    return experiment.seeds * (each + 4 * len(rows) * weights)


def needed_bytes(experiment: TableExperiment, rows: Rows) -> int:
    """About the most bytes of a run: what layers keep of a batch or a sequence, and the answers."""
    ends = np.append(np.flatnonzero(rows.starts), len(rows))
    at_once = max(experiment.batch_size * experiment.piece, int(np.diff(ends).max()))
    kept = at_once * (6 * GATES[experiment.layer] * experiment.hidden + 4 * len(rows.read))
    answers = 2 * experiment.seeds * rows.following.size
    weights = 20 * GATES[experiment.layer] * _weights(experiment, rows)
    return 8 * (kept + answers + weights + 4 * (rows.now.size + rows.following.size))


def check_bytes(experiment: TableExperiment, rows: Rows, max_bytes: float) -> None:
    """Raise ValueError, naming `batch_size` or `hidden`, if a run needs more memory."""
    if needed_bytes(experiment, rows) <= max_bytes:
        return
    for name in ("batch_size", "hidden"):

        def with_value(value: int, name: str = name) -> int:
            changes: dict[str, Any] = {name: value}
            return needed_bytes(replace(experiment, **changes), rows)

        error = refuse_memory(name, 1, getattr(experiment, name), with_value, max_bytes)
        if error is not None:
            raise error
