"""How far what is written obeys the rule, over many texts, beside who else could write it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from elman.analysis import machines
from elman.analysis.generation import (
    SETTINGS,
    Counts,
    generate,
    likelihoods,
    ngram_counts,
    ngram_text,
    rule_text,
    spell,
)
from elman.analysis.margins import mean_interval
from elman.tasks import Sequence as TaskSequence
from elman.tasks import Task, follow, task_of
from elman.tasks.automaton import Automaton
from elman.training import Run, stepper


class Obeyed(NamedTuple):
    """How far a text obeys the rule of its task.

    possible  share of the symbols that could come where they stand; None where no rule is known
    whole     share of the symbols in whole groups; of an own text, that of its words that occur in
              the text, or where symbols are words that of its pairs of neighbours
    unit      what `whole` counts: "triple", "word of the text"
    """

    possible: float | None
    whole: float | None
    unit: str


def obeyed(
    task: Task, written: np.ndarray, read: Sequence[int] | np.ndarray, training: TaskSequence
) -> Obeyed:
    """How far what was written after `read` obeys the rule, or uses words of the own text."""
    if task.source is None:
        if task.split is not None:
            return Obeyed(None, _known_pairs(read, written, training), "pair of the text")
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
    each with the ends of its 95 % interval as `_low` and `_high`; and the first of these texts, as
    `text`. Draw k comes from the seeds
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
    }
    for n, name in ((2, "bigram"), (3, "trigram")):
        counts = ngram_counts(n, training, len(task.symbols))
        writers[name] = partial(_ngram, n, counts, read, settings)
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
            | {"text": spell(task, texts[0])}
        )
    return pd.DataFrame(rows)


def _ngram(
    n: int,
    counts: Counts,
    read: Sequence[int] | np.ndarray,
    settings: dict[str, Any],
    rng: np.random.Generator,
) -> np.ndarray:
    return ngram_text(n, counts, read, rng=rng, **settings)


def _obeys(source: Automaton, read: Sequence[int] | np.ndarray) -> bool:
    return bool(follow.possible(source, map(int, read)).all())


def _interval(name: str, shares: list[float | None]) -> dict[str, float]:
    """Mean of shares and its 95 % interval from their spread, within 0 and 1."""
    mean, low, high = mean_interval(np.array([share for share in shares if share is not None]))
    return {name: mean, f"{name}_low": low, f"{name}_high": high}


def describe_texts(table: pd.DataFrame, task: Task) -> str:
    """What a `table_of_texts` says, in a sentence."""
    rows = table.set_index("writer")
    unit = f"whole {task.group}s"
    if task.source is None:
        unit = "words" if task.split is None else "pairs of words"
        unit += " that occur in the text"
    own = rows.loc["network"]
    if math.isnan(own["whole"]):
        return f"What it wrote is too short to hold {unit}."
    interval = f" (95% interval {own['whole_low']:.0%} to {own['whole_high']:.0%})"
    words = f"{own['whole']:.0%}{interval if own['texts'] > 1 else ''} of what it writes are {unit}"
    # Who knows the rule never breaks it, which need not be said; but may go round in a loop.
    others = [
        f"the {name}'s {share:.0%}"
        for name, share in rows["whole"].iloc[1:].items()
        if name != "rule"
    ]
    said = f"{words}; {', '.join(others)}."
    if rows["whole"].get("rule", 1.0) < 1.0:
        said += (
            f" Always the likeliest symbol may lead round in a loop, in which no {task.group} ever "
            "ends, even for who knows the rule."
        )
    return said


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


def _known_pairs(
    read: Sequence[int] | np.ndarray, written: np.ndarray, training: TaskSequence
) -> float:
    """The share of pairs of neighbouring symbols that occur in the text."""
    known = set(pairwise(training.symbols.tolist()))
    pairs = pairwise([int(read[-1]), *map(int, written)])
    return float(np.mean([pair in known for pair in pairs]))


class TriedSymbol(NamedTuple):
    """A symbol of a string, what the network gave it after those before (None for the first), the
    symbols that the rule allows there, and whether this is one of them (None where no rule is
    known).

    Of the network: the output of the symbol (None where none has one of its own), its likelihood,
    and whether it accepts the symbol, which then is not much less likely than the likeliest (see
    `machines.EXPECTED`).
    """

    symbol: str
    output: float | None
    chance: float | None
    accepted: bool | None
    expected: tuple[str, ...]
    possible: bool | None


def tried(run: Run, symbols: Sequence[int], epoch: int | None = None) -> list[TriedSymbol]:
    """A string of one's own, symbol by symbol: see `TriedSymbol`."""
    task = task_of(run.experiment)
    ask = stepper(run.snapshots[-1] if epoch is None else run.at(epoch), run.experiment)
    follower = None if task.source is None else follow.Follower(task.source)
    rows: list[TriedSymbol] = []
    gave: tuple[float | None, float | None, bool | None] = (None, None, None)
    expected: tuple[str, ...] = ()
    for symbol, following in zip(symbols, [*symbols[1:], None], strict=True):
        could = None
        if follower is not None:
            expected = tuple(task.symbols[one] for one in sorted(follower.expected()))
            could = follower.read(symbol)
        rows.append(TriedSymbol(task.symbols[symbol], *gave, expected, could))
        output, _ = ask(task.codes[symbol])
        if following is not None:
            shares = likelihoods(output, task)
            gave = (
                float(output[following]) if task.one_hot else None,
                float(shares[following]),
                bool(machines.expected(shares)[following]),
            )
    return rows


def tried_table(rows: Sequence[TriedSymbol]) -> pd.DataFrame:
    """One row a symbol, with the columns of `TriedSymbol` that there are; accepted as yes or no."""
    table = pd.DataFrame(rows)
    told = {True: "yes", False: "no", None: ""}
    return table.assign(
        output=table["output"].astype(float),
        chance=table["chance"].astype(float),
        accepted=[told[row.accepted] for row in rows],
        expected=[None if row.possible is None else " ".join(row.expected) for row in rows],
    ).dropna(axis="columns", how="all")


def describe_tried(rows: Sequence[TriedSymbol]) -> str:
    """Whether a string obeys the rule and the network accepts it, and where either first fails."""
    network = _by_network(rows)
    if rows[0].possible is None:
        return f"Nobody states the rule of this text.{network}"
    for place, row in enumerate(rows, start=1):
        if not row.possible:
            return (
                f"Against the rule at symbol {place}: {row.symbol} cannot come there, only "
                f"{' or '.join(row.expected)}.{network}"
            )
    return f"The rule allows all of it.{network}"


def _by_network(rows: Sequence[TriedSymbol]) -> str:
    """What the network makes of a string; nothing of a single symbol, which follows none."""
    for place, row in enumerate(rows, start=1):
        if row.accepted is False:
            return (
                f" The network refuses it at symbol {place}, {row.symbol}: a likelihood of "
                f"{row.chance:.2f}, less than a third of the likeliest symbol's."
            )
    surest = [row for row in rows if row.chance is not None]
    if not surest:
        return ""
    least = min(surest, key=lambda row: row.chance or 0.0)
    return (
        f" The network accepts it, least surely {least.symbol}: a likelihood of {least.chance:.2f}."
    )
