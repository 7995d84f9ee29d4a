"""Training the small tasks of `alignments`, from one seed or several, and scoring the answers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from elman.layers.dense import Dense
from elman.layers.encoder_decoder import EncoderDecoder
from elman.layers.losses import categorical_cross_entropy
from elman.layers.members import Recurrent
from elman.layers.optimizers import adam
from elman.layers.sequential import Sequential, SummaryRow
from elman.settings import Setting, checked_switch, refuse
from elman.studies.alignments import END, TASKS, AlignmentTask, Samples
from elman.studies.effort import update_work
from elman.studies.layer_pass import KINDS

BATCH = 32

_FIELDS = {
    "form": Setting(str, "how inputs and answers line up", choices=tuple(TASKS)),
    "kind": Setting(str, "the cell", choices=tuple(KINDS)),
    "hidden": Setting(int, "hidden units", low=1, high=128),
    "epochs": Setting(int, "passes through the training samples", low=1, high=2000),
}


@dataclass(frozen=True)
class AlignmentSetting:
    """What to train. `both_directions` is for a form that reads all before it answers nothing
    early: "many-to-one" and "many-to-many, equal". A bad value raises ValueError.
    """

    form: str
    kind: str = "RNN"
    hidden: int = 10
    epochs: int = 60
    both_directions: bool = False

    def __post_init__(self) -> None:
        for name, setting in _FIELDS.items():
            object.__setattr__(self, name, setting.check(name, getattr(self, name)))
        checked_switch("both_directions", self.both_directions)
        if self.both_directions and not self.may_read_both_ways(self.form):
            raise refuse("both_directions", "False", True, verb=f"with {self.form} is")

    @staticmethod
    def may_read_both_ways(form: str) -> bool:
        """Whether each answer stands beside a step that has neighbours on both sides."""
        return form == "many-to-many, equal"

    @property
    def task(self) -> AlignmentTask:
        """The task of this form."""
        return TASKS[self.form]


@dataclass(frozen=True)
class Score:
    """Shares of unseen samples answered right: `whole` answers, and single `symbols` in them.

    Of an answer with an end mark, the symbols up to the expected mark count.
    """

    whole: float
    symbols: float


@dataclass(frozen=True)
class AlignmentRun:
    """One trained network: losses (epochs done,), status as in a `History`, and its answers.

    reference    score of the samples' reference answers; None where every answer can be known
    guess        score of always giving the training samples' most frequent answer, and symbol
    guess_loss   loss of answering with the training samples' frequencies at each place
    """

    losses: np.ndarray
    status: str
    seconds: float
    score: Score
    reference: Score | None
    guess: Score
    guess_loss: float
    table: pd.DataFrame
    model: Sequential


def build(setting: AlignmentSetting, *, rng: np.random.Generator) -> Sequential:
    """The network of a setting: recurrent layers, then one score for each category."""
    task = setting.task
    samples, _ = task.draw(np.random.default_rng(0))
    features, categories = samples.x.shape[2], samples.y.shape[2]
    make = partial(KINDS[setting.kind], hidden_size=setting.hidden, batch_first=True, rng=rng)
    if task.answers_at == "after":
        pair = EncoderDecoder(make(features), make(setting.hidden), samples.y.shape[1])
        return Sequential([pair, Dense(setting.hidden, categories, rng=rng)])
    layer = make(features, bidirectional=setting.both_directions)
    states = Recurrent(layer, return_sequences=task.answers_at == "each")
    return Sequential([states, Dense(layer.output_size, categories, rng=rng)])


def summary(setting: AlignmentSetting) -> list[SummaryRow]:
    """The network's layers, output shapes and parameter counts, as `Sequential.summary` does."""
    samples, _ = setting.task.draw(np.random.default_rng(0))
    return build(setting, rng=np.random.default_rng(0)).summary(samples.x.shape[1:])


def streams(seed: int) -> tuple[np.random.Generator, ...]:
    """Independent generators for the samples, the first weights and the order of the samples."""
    return tuple(np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))


def train(
    setting: AlignmentSetting,
    seed: int,
    on_progress: Callable[[float, np.ndarray], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> AlignmentRun:
    """Draw samples, first weights and the order of the samples from `seed`, train and score."""
    data, weights, order = streams(seed)
    seen, unseen = setting.task.draw(data)
    model = build(setting, rng=weights)
    history = model.fit(
        seen.x,
        _targets(seen, setting.task),
        epochs=setting.epochs,
        batch_size=BATCH,
        loss=partial(categorical_cross_entropy, from_logits=True),
        optimizer=adam(setting.task.learning_rate),
        clip_norm=1.0,
        rng=order,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    given = answers(model, unseen, setting.task)
    guess, guess_loss = guessing(seen, unseen, setting.task)
    return AlignmentRun(
        history.losses,
        history.status,
        history.seconds,
        score(given, unseen.answers),
        None if unseen.reference is None else score(unseen.reference, unseen.answers),
        guess,
        guess_loss,
        answer_table(given, unseen),
        model,
    )


def train_seeds(
    setting: AlignmentSetting,
    seeds: list[int],
    on_progress: Callable[[float, np.ndarray], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """A row for each seed: seed, whole, symbols, and the same for guessing.

    When stopped, the seeds that were trained to their end are there.
    """
    rows, losses = [], np.empty(0)
    for done, seed in enumerate(seeds):

        def progress(share: float, losses: np.ndarray, done: int = done) -> None:
            if on_progress is not None:
                on_progress((done + share) / len(seeds), losses)

        made = train(setting, seed, progress, should_stop)
        if made.status == "stopped":
            break
        losses = made.losses
        rows.append(
            {
                "seed": seed,
                "whole": made.score.whole,
                "symbols": made.score.symbols,
                "guess_whole": made.guess.whole,
                "guess_symbols": made.guess.symbols,
            }
        )
    if on_progress is not None:
        on_progress(len(rows) / len(seeds), losses)
    return pd.DataFrame(rows, columns=["seed", "whole", "symbols", "guess_whole", "guess_symbols"])


@functools.cache
def work(setting: AlignmentSetting) -> int:
    """Multiplications of one seed's training, roughly."""
    samples, _ = setting.task.draw(np.random.default_rng(0))
    parameters = sum(row.parameters for row in summary(setting))
    updates = setting.epochs * -(-len(samples) // BATCH)
    return updates * update_work(samples.x.shape[1], BATCH, parameters)


def _targets(samples: Samples, task: AlignmentTask) -> np.ndarray:
    return samples.y[:, 0] if task.answers_at == "end" else samples.y


def answers(model: Sequential, samples: Samples, task: AlignmentTask) -> tuple[str, ...]:
    """What the network answers to each sample, up to its own end mark."""
    scores = model.predict(samples.x).reshape(len(samples), -1, len(task.symbols))
    texts = ("".join(task.symbols[k] for k in row) for row in scores.argmax(axis=-1))
    return tuple(_until_end(text) for text in texts)


def _until_end(text: str) -> str:
    return text.partition(END)[0] + END if END in text else text


def score(given: tuple[str, ...], expected: tuple[str, ...]) -> Score:
    """Shares of whole answers and of symbols that are right."""
    right = total = 0
    for mine, other in zip(given, expected, strict=True):
        right += sum(a == b for a, b in zip(mine, other, strict=False))
        total += len(other)
    whole = sum(a == b for a, b in zip(given, expected, strict=True)) / len(expected)
    return Score(whole, right / total)


def guessing(seen: Samples, unseen: Samples, task: AlignmentTask) -> tuple[Score, float]:
    """What knowing only the training samples' frequencies gives: scores, and loss."""
    texts, counts = np.unique(seen.answers, return_counts=True)
    commonest = str(texts[counts.argmax()])
    symbols, counts = np.unique(list("".join(seen.answers)), return_counts=True)
    symbol = str(symbols[counts.argmax()])
    whole = score((commonest,) * len(unseen), unseen.answers).whole
    letters = score(tuple(symbol * len(text) for text in unseen.answers), unseen.answers).symbols
    share = seen.y.mean(axis=0)
    loss = -(share * np.log(np.maximum(share, 1e-300))).sum(axis=-1).mean()
    return Score(whole, letters), float(loss)


def answer_table(given: tuple[str, ...], samples: Samples) -> pd.DataFrame:
    """A row for each sample: reads, expected, answers, right."""
    return pd.DataFrame(
        {
            "reads": samples.questions,
            "expected": samples.answers,
            "answers": given,
            "right": [a == b for a, b in zip(given, samples.answers, strict=True)],
        }
    )
