"""A network that reads its own answers: what it writes, and how often that obeys the rule.

The answer to a symbol is a likelihood for each next one. Where every symbol has an output of its
own, that is the output itself, as a share of the sum of all. Where symbols share bits, an answer is
a point among the codes, and a symbol at the squared distance d² from it counts exp(-2 d²): for a
single bit near one half that is the output itself, and the likeliest symbol is the nearest code.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from elman.settings import Setting, checked_rng, refuse
from elman.tasks import Sequence as TaskSequence
from elman.tasks import Task, new_sequence, task_of
from elman.tasks.automaton import Automaton, Walk
from elman.tasks.sequence import since
from elman.training import Run, stepper

if TYPE_CHECKING:
    import pandas as pd

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

# By the last symbols, how often each symbol came next.
Counts = dict[tuple[int, ...], np.ndarray]

# In words stand likelihoods of at least this much, and at most so many.
WORTH_A_WORD, MOST_LISTED = 0.05, 4

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
    """What answers (..., n_out) say of each next symbol (..., n_symbols); they sum to 1.

    `temperature` t raises each to the power 1 / t before that.
    """
    if task.one_hot:
        logs = np.log(np.maximum(output, 1e-300))
    else:
        logs = -SCALE * ((output[..., np.newaxis, :] - task.codes) ** 2).sum(axis=-1)
    shares = np.exp((logs - logs.max(axis=-1, keepdims=True)) / temperature)
    return shares / shares.sum(axis=-1, keepdims=True)


def prompt_symbols(task: Task, prompt: str) -> list[int]:
    """The symbols of a prompt: characters, or words with spaces between where symbols are words.

    Raises ValueError, naming `prompt`, for none and for what is no symbol of the task.
    """
    if task.split is not None:
        return _known(task, task.split(prompt), prompt, "words")
    wordy = max(map(len, task.symbols)) > 1 and not all(c in task.symbols for c in prompt)
    parts = prompt.split() if wordy else [c for c in prompt if c in task.symbols or c.strip()]
    return _known(task, parts, prompt, "words" if wordy else "symbols")


def _known(task: Task, parts: list[str], prompt: str, unit: str) -> list[int]:
    known = {symbol: index for index, symbol in enumerate(task.symbols)}
    wrong = [part for part in parts if part not in known]
    if wrong or not parts:
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


def whole_group(run: Run) -> np.ndarray:
    """The symbols of the first group of the run's new sequence that has more than one; none where
    there is no such."""
    sequence = new_sequence(run.experiment)
    groups = np.split(sequence.symbols, np.flatnonzero(sequence.group_starts))[1:-1]
    return next((group for group in groups if len(group) > 1), sequence.symbols[:0])


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
    return min(int(shares.cumsum().searchsorted(rng.random())), len(shares) - 1)


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


def describe_parting(free: Written, told: Written, how: str) -> str:
    """Where a network that was left alone parts from what really came, and how fast.

    `how` says what it read where it was left alone.
    """
    distances = apart(free, told)
    same = free.symbols[: len(distances)] == told.symbols[: len(distances)]
    first = len(same) if same.all() else int(np.argmin(same))
    words = f"Left alone, it writes what really came for {first} symbol{'' if first == 1 else 's'}."
    if how == "raw":
        words += " But it reads its raw answers, so the states go apart from the first of them on."
        first = 0
    elif first < len(same):
        words += " Up to there both read the same; then their states go apart."
    rest = distances[first + 1 :]
    if len(rest) and np.isfinite(rest).all():
        words += (
            f" One symbol later these are {rest[0]:.3g} from each other, on average over the "
            f"{len(rest)} to the end {rest.mean():.3g}."
        )
    return words


def ngram_counts(n: int, training: TaskSequence, n_symbols: int) -> Counts:
    """How often each symbol (n_symbols,) came in `training` after each of up to n - 1 symbols.

    Symbols of the document before do not count among these.
    """
    counts: Counts = {}
    symbols = training.symbols.tolist()
    steps = np.arange(len(symbols))
    # What stands before a symbol within its document; the mark that ends one belongs to it.
    before = 1 + np.append(-1, since(training.seams)[:-1]) if len(training.seams) else steps
    for known in range(n):
        for end in np.flatnonzero(before >= known).tolist():
            row = counts.setdefault(tuple(symbols[end - known : end]), np.zeros(n_symbols))
            row[symbols[end]] += 1.0
    return counts


def ngram_text(
    n: int,
    counts: Counts,
    read: Sequence[int] | np.ndarray,
    *,
    rng: np.random.Generator,
    steps: int = 60,
    how: str = "draw",
) -> np.ndarray:
    """What an n-gram with these counts, of `ngram_counts`, writes after some symbols: (steps,).

    After symbols that training never had in this order it goes by the longest shorter n-gram.
    """
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


def next_symbols(task: Task, read: Sequence[int] | np.ndarray, output: np.ndarray) -> pd.DataFrame:
    """The whole answer `output` (n_out,) to the symbols read: a row for every symbol of the task.

    Columns: symbol, output (its own, only where each has one), network (the likelihood in the
    answer) and rule (the true one, only where a rule is known and what was read obeys it). The
    likeliest for the network come first.
    """
    # Needed by what shows a table, not by the help of a command.
    import pandas as pd

    table = pd.DataFrame({"symbol": task.symbols, "network": likelihoods(output, task)})
    if task.one_hot:
        table.insert(1, "output", output)
    if task.source is not None:
        walk = Walk(task.source)
        with contextlib.suppress(ValueError):
            for symbol in read:
                walk.read(int(symbol))
            table["rule"] = walk.likelihood
    return table.sort_values("network", ascending=False, kind="stable", ignore_index=True)


def describe_next(table: pd.DataFrame) -> str:
    """What the network expects next, and what the rule does, from `next_symbols`."""
    said = [f"The network expects {_listed(table, 'network')}"]
    if "rule" in table:
        said.append(f"the rule {_listed(table, 'rule')}")
    return "; ".join(said) + "."


def _listed(table: pd.DataFrame, who: str) -> str:
    """The symbols that somebody expects, with their likelihoods: the first few worth a word."""
    first = table.sort_values(who, ascending=False, kind="stable")
    worth = first[first[who] >= WORTH_A_WORD].head(MOST_LISTED)
    # Where nothing stands out, the likeliest do all the same.
    worth = worth if len(worth) else first.head(MOST_LISTED)
    listed = [f"{row.symbol} {getattr(row, who):.2f}" for row in worth.itertuples()]
    return ", ".join(listed) + (", …" if worth[who].sum() < 1 - WORTH_A_WORD else "")


def spell(task: Task, symbols: Sequence[int] | np.ndarray) -> str:
    """Symbols as a reader writes them: letters together, words with spaces between."""
    names = [task.symbols[symbol] for symbol in symbols]
    return (" " if max(map(len, task.symbols)) > 2 and task.one_hot else "").join(names)
