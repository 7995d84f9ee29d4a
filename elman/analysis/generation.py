"""A network that reads its own answers: what it writes, and how often that obeys the rule.

The answer to a symbol is a likelihood for each next one. Where every symbol has an output of its
own, that is the output itself, as a share of the sum of all. Where symbols share bits, an answer is
a point among the codes, and a symbol at the squared distance d² from it counts exp(-2 d²): for a
single bit near one half that is the output itself, and the likeliest symbol is the nearest code.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from elman.settings import Setting, checked_rng, refuse
from elman.tasks import Sequence as TaskSequence
from elman.tasks import Task, follow, new_sequence, task_of
from elman.tasks.automaton import Automaton, Walk
from elman.training import Run, stepper

HOW = {
    "draw": "each next symbol is drawn by the likelihoods in the answer",
    "likeliest": "the likeliest symbol comes next",
    "raw": "the answer itself is read, not rounded to any symbol",
}

SETTINGS = {
    "steps": Setting(int, "symbols to write", low=1, high=2000, default=60),
    "how": Setting(
        str, "how an answer becomes the next symbol", choices=tuple(HOW), default="draw"
    ),
    "temperature": Setting(
        float,
        "how bold draws are: below 1 the likeliest symbols win more often, above 1 less",
        low=0.05,
        high=10.0,
        default=1.0,
    ),
    "draws": Setting(int, "texts to write, each from other draws", low=1, high=200, default=20),
}

# What squared distances from codes are multiplied by.
SCALE = 2.0


class Written(NamedTuple):
    """What was written after a beginning.

    symbols  (steps,)           indices into the task's symbols
    chances  (steps,)           the likelihood that the writer gave to each
    outputs  (steps, n_out)     the answers that they were made of
    states   (steps, hidden)    the hidden layer that gave each answer
    """

    symbols: np.ndarray
    chances: np.ndarray
    outputs: np.ndarray
    states: np.ndarray


def likelihoods(output: np.ndarray, task: Task, temperature: float = 1.0) -> np.ndarray:
    """What an answer (n_out,) says of each next symbol (n_symbols,); they sum to 1.

    `temperature` t raises each to the power 1 / t before that.
    """
    if task.one_hot:
        logs = np.log(np.maximum(output, 1e-300))
    else:
        logs = -SCALE * ((output - task.codes) ** 2).sum(axis=1)
    shares = np.exp((logs - logs.max()) / temperature)
    return shares / shares.sum()


def prompt_symbols(task: Task, prompt: str) -> list[int]:
    """The symbols of a prompt: characters, or words with spaces between where symbols are words.

    Raises ValueError, naming `prompt`, for none and for what is no symbol of the task.
    """
    wordy = max(map(len, task.symbols)) > 1 and not all(c in task.symbols for c in prompt)
    parts = prompt.split() if wordy else [c for c in prompt if c in task.symbols or c.strip()]
    known = {symbol: index for index, symbol in enumerate(task.symbols)}
    wrong = [part for part in parts if part not in known]
    if wrong or not parts:
        unit = "words" if wordy else "symbols"
        allowed = f"{unit} of the task: {' '.join(task.symbols[:40])}"
        raise refuse("prompt", allowed, wrong[0] if wrong else prompt, verb="are")
    return [known[part] for part in parts]


def beginning(run: Run, start: int) -> np.ndarray:
    """The symbols of the run's new sequence up to step `start` (from 1), which is read last.

    Raises ValueError, naming `start`.
    """
    sequence = new_sequence(run.experiment)
    start = Setting(int, "", low=1, high=len(sequence)).check("start", start)
    return sequence.symbols[:start]


def generate(
    run: Run,
    read: Sequence[int] | np.ndarray,
    *,
    rng: np.random.Generator,
    steps: int = 60,
    how: str = "draw",
    temperature: float = 1.0,
    epoch: int | None = None,
) -> Written:
    """Let a run's network read some symbols, and then its own answers.

    The context starts at the experiment's start value. `how` is one of `HOW`; `epoch` chooses a
    snapshot, by default the last. The same generator state gives the same text. Raises ValueError
    naming the argument.
    """
    steps, how = SETTINGS["steps"].check("steps", steps), SETTINGS["how"].check("how", how)
    temperature = SETTINGS["temperature"].check("temperature", temperature)
    rng = checked_rng(rng)
    if not len(read):
        raise refuse("read", "at least one symbol", words="none was given")
    task = task_of(run.experiment)
    ask = stepper(run.snapshots[-1] if epoch is None else run.at(epoch), run.experiment)
    for symbol in read[:-1]:
        ask(task.codes[symbol])
    output, state = ask(task.codes[read[-1]])
    symbols, chances, outputs, states = [], [], [], []
    for _ in range(steps):
        if not np.isfinite(output).all():
            raise refuse("run", "one whose activations are finite", words="they overflow")
        shares = likelihoods(output, task, temperature if how == "draw" else 1.0)
        symbol = choose(shares, how, rng)
        symbols.append(symbol)
        chances.append(shares[symbol])
        outputs.append(output)
        states.append(state)
        output, state = ask(output if how == "raw" else task.codes[symbol])
    return Written(*map(np.array, (symbols, chances, outputs, states)))


def choose(shares: np.ndarray, how: str, rng: np.random.Generator) -> int:
    """The next symbol by these likelihoods (n_symbols,): drawn, or the likeliest."""
    if how != "draw":
        return int(shares.argmax())
    # Rounding may leave the sum of all a little below 1.
    return min(int(np.searchsorted(shares.cumsum(), rng.random())), len(shares) - 1)


def forced(run: Run, read: np.ndarray, steps: int, epoch: int | None = None) -> Written:
    """What the network answers where it is told what really came (teacher forcing).

    It reads `read`, the beginning of the run's new sequence, and then the symbols that follow
    there, whatever it answered; those symbols are `symbols`. Fewer than `steps` where the
    sequence ends.
    """
    task, sequence = task_of(run.experiment), new_sequence(run.experiment)
    ask = stepper(run.snapshots[-1] if epoch is None else run.at(epoch), run.experiment)
    rows = [ask(task.codes[symbol]) for symbol in sequence.symbols[: len(read) + steps]]
    outputs, states = (np.array(column) for column in zip(*rows, strict=True))
    came = sequence.symbols[len(read) : len(read) + steps]
    outputs, states = (a[len(read) - 1 :][: len(came)] for a in (outputs, states))
    chances = [likelihoods(o, task)[symbol] for o, symbol in zip(outputs, came, strict=True)]
    return Written(came, np.array(chances), outputs, states)


def apart(free: Written, told: Written) -> np.ndarray:
    """How far the hidden states of two texts are from each other at each step (steps,)."""
    steps = min(len(free.states), len(told.states))
    return np.linalg.norm(free.states[:steps] - told.states[:steps], axis=1)


def ngram_text(
    n: int,
    training: TaskSequence,
    read: Sequence[int] | np.ndarray,
    n_symbols: int,
    *,
    rng: np.random.Generator,
    steps: int = 60,
    how: str = "draw",
) -> np.ndarray:
    """What an n-gram counted in `training` writes after some symbols: (steps,).

    After symbols that training never had in this order it goes by the longest shorter n-gram.
    """
    counts: dict[tuple[int, ...], np.ndarray] = {}
    symbols = training.symbols.tolist()
    for known in range(n):
        for end in range(known, len(symbols)):
            row = counts.setdefault(tuple(symbols[end - known : end]), np.zeros(n_symbols))
            row[symbols[end]] += 1.0
    text = list(map(int, read))
    for _ in range(steps):
        known = next(k for k in range(n - 1, -1, -1) if tuple(text[len(text) - k :]) in counts)
        row = counts[tuple(text[len(text) - known :])]
        text.append(choose(row / row.sum(), how, rng))
    return np.array(text[len(read) :])


def rule_text(
    source: Automaton,
    read: Sequence[int] | np.ndarray,
    *,
    rng: np.random.Generator,
    steps: int = 60,
    how: str = "draw",
) -> np.ndarray:
    """What somebody writes who knows the rule: (steps,) by the exact likelihoods.

    The symbols read must obey the rule; ValueError names the first that does not.
    """
    walk = Walk(source)
    for symbol in read:
        walk.read(int(symbol))
    text = []
    for _ in range(steps):
        text.append(choose(walk.likelihood, how, rng))
        walk.read(text[-1])
    return np.array(text)


class Obeyed(NamedTuple):
    """How far a text obeys the rule of its task.

    possible  share of the symbols that could come where they stand; None where no rule is known
    whole     share of the symbols in whole groups, or of the words of a text that occur in it
    unit      what `whole` counts: "triple", "word"
    """

    possible: float | None
    whole: float | None
    unit: str


def obeyed(
    task: Task, written: np.ndarray, read: Sequence[int] | np.ndarray, training: TaskSequence
) -> Obeyed:
    """How far what was written after `read` obeys the rule, or uses words of the own text."""
    if task.source is None:
        return Obeyed(None, _known_words(task, written, training), "word of the text")
    could = follow.possible(task.source, written, read)
    units = task.units or task.source
    # What was read may have left a group unfinished, which the text goes on with.
    unfinished = _unfinished(units, list(map(int, read)))
    within, of = follow.in_whole_groups(units, [*unfinished, *map(int, written)])
    return Obeyed(float(could.mean()), within / of if of else None, task.group)


def table_of_texts(
    run: Run,
    read: Sequence[int] | np.ndarray,
    *,
    seed: int,
    draws: int = 20,
    steps: int = 60,
    how: str = "draw",
    temperature: float = 1.0,
    epoch: int | None = None,
) -> pd.DataFrame:
    """How often the network, n-grams and who knows the rule obey it: one row each.

    Columns: writer, texts, and `whole` and `possible` (see `Obeyed`), means over `draws` texts,
    each with the ends of its 95 % interval as `_low` and `_high`. Draw k comes from the seeds
    (`seed`, k), so that more draws change none of the first. Texts that are not drawn are all the
    same, and one of each is written.
    """
    draws = SETTINGS["draws"].check("draws", draws) if how == "draw" else 1
    task, training = task_of(run.experiment), run.sequence
    settings: dict[str, Any] = {"steps": steps, "how": how}
    writers: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
        "network": lambda rng: (
            generate(run, read, rng=rng, temperature=temperature, epoch=epoch, **settings).symbols
        ),
        **{
            name: lambda rng, n=n: ngram_text(
                n, training, read, len(task.symbols), rng=rng, **settings
            )
            for n, name in ((2, "bigram"), (3, "trigram"))
        },
    }
    source = task.source
    if source is not None and _obeys(source, read):
        writers["rule"] = lambda rng: rule_text(source, read, rng=rng, **settings)
    rows = []
    for name, write in writers.items():
        texts = [write(np.random.default_rng([seed, k])) for k in range(draws)]
        found = [obeyed(task, text, read, training) for text in texts]
        rows.append(
            {"writer": name, "texts": draws}
            | _interval("whole", [one.whole for one in found])
            | _interval("possible", [one.possible for one in found])
        )
    return pd.DataFrame(rows)


def _obeys(source: Automaton, read: Sequence[int] | np.ndarray) -> bool:
    return bool(follow.possible(source, map(int, read)).all())


def _interval(name: str, shares: list[float | None]) -> dict[str, float]:
    """Mean of shares and its 95 % interval from their spread, within 0 and 1."""
    known = np.array([share for share in shares if share is not None])
    mean = float(known.mean()) if len(known) else math.nan
    error = float(known.std(ddof=1) / math.sqrt(len(known))) if len(known) > 1 else math.nan
    ends = {"low": max(mean - 1.96 * error, 0.0), "high": min(mean + 1.96 * error, 1.0)}
    return {name: mean} | {f"{name}_{end}": value for end, value in ends.items()}


def describe_texts(table: pd.DataFrame, task: Task) -> str:
    """What a `table_of_texts` says, in a sentence."""
    rows = table.set_index("writer")
    unit = "words that occur in the text" if task.source is None else f"whole {task.group}s"
    own = rows.loc["network"]
    if math.isnan(own["whole"]):
        return f"What it wrote is too short to hold {unit}."
    interval = f" (95% interval {own['whole_low']:.0%} to {own['whole_high']:.0%})"
    words = f"{own['whole']:.0%}{interval if own['texts'] > 1 else ''} of what it writes are {unit}"
    others = [f"the {name}'s {rows.loc[name, 'whole']:.0%}" for name in rows.index[1:]]
    return f"{words}; {', '.join(others)}."


def _unfinished(units: Automaton, read: list[int]) -> list[int]:
    """The beginning of the group that what was read ends within; empty if there is none."""
    follower = follow.Follower(units)
    first = 0
    for place, symbol in enumerate(read, start=1):
        if not follower.read(symbol):
            first = place - 1
        if follower.states == {units.start}:
            first = place
    return read[first:]


def _known_words(task: Task, written: np.ndarray, training: TaskSequence) -> float | None:
    """The share of whole words, between others, that occur in the text; None if there are none."""

    def words(symbols: np.ndarray) -> list[str]:
        text = "".join(
            task.symbols[symbol] if len(task.symbols[symbol]) == 1 else " " for symbol in symbols
        )
        return re.findall(r"\w+", text)

    known, found = set(words(training.symbols)), words(written)[1:-1]
    return float(np.mean([word in known for word in found])) if found else None


def spell(task: Task, symbols: Sequence[int] | np.ndarray) -> str:
    """Symbols as a reader writes them: letters together, words with spaces between."""
    names = [task.symbols[symbol] for symbol in symbols]
    return (" " if max(map(len, task.symbols)) > 2 and task.one_hot else "").join(names)


class TriedSymbol(NamedTuple):
    """A symbol of a string, the likelihood that the network gave it after those before (None for
    the first), the symbols that the rule allows there, and whether this is one of them (None where
    no rule is known)."""

    symbol: str
    chance: float | None
    expected: tuple[str, ...]
    possible: bool | None


def tried(run: Run, symbols: Sequence[int], epoch: int | None = None) -> list[TriedSymbol]:
    """A string of one's own, symbol by symbol: see `TriedSymbol`."""
    task = task_of(run.experiment)
    ask = stepper(run.snapshots[-1] if epoch is None else run.at(epoch), run.experiment)
    follower = None if task.source is None else follow.Follower(task.source)
    rows: list[TriedSymbol] = []
    chance: float | None = None
    expected: tuple[str, ...] = ()
    for symbol in symbols:
        could = None
        if follower is not None:
            expected = tuple(task.symbols[one] for one in sorted(follower.expected()))
            could = follower.read(symbol)
        rows.append(TriedSymbol(task.symbols[symbol], chance, expected, could))
        output, _ = ask(task.codes[symbol])
        shares = likelihoods(output, task)
        following = len(rows)
        chance = float(shares[symbols[following]]) if following < len(symbols) else None
    return rows
