"""Which strings a network accepts, and which it should.

As in Cleeremans, Servan-Schreiber and McClelland (1989): a string is accepted if every letter of
it was foreseen, its output just before being above 0.3. What the strings really are is counted
by a recogniser that knows the grammar and no network.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from elman.analysis.replay import replay
from elman.experiment import Experiment
from elman.tasks import reber
from elman.training import Run

# Strings of each kind. Of the random ones about one in 170 obeys the plain grammar by chance.
GRAMMATICAL, RANDOM = 2000, 10_000

# A network that was trained on an unbroken stream reads one of these before each test string.
BEFORE = {"plain": "BTXSE", "embedded": "BTBTXSETE"}


def strings(
    experiment: Experiment, grammatical: int = GRAMMATICAL, random: int = RANDOM
) -> dict[str, list[str]]:
    """Test strings by kind: "grammatical", "random", and for the embedded grammar "wrong end".

    Those of the last kind differ from the grammatical ones in nothing but the T or P before their
    end. They come from a stream of `data_seed` that neither training nor new sequences use.
    """
    # Streams 0 and 1 make the training and the new sequence.
    stream = np.random.SeedSequence(experiment.data_seed).spawn(3)[2]
    rng = np.random.default_rng(stream)
    grammar = experiment.grammar
    right = reber.grammatical_strings(grammatical, rng=rng, grammar=grammar)
    kinds = {"grammatical": right, "random": reber.random_strings(random, rng=rng, grammar=grammar)}
    if grammar == "embedded":
        kinds["wrong end"] = [reber.with_wrong_end(string) for string in right]
    return kinds


def accepted(run: Run, given: list[str], epoch: int | None = None) -> np.ndarray:
    """Whether the network accepts each of `given` (n,), none of which depends on the others.

    A network whose context was reset before each string in training has it reset here. Any other
    never met a fresh context at the start of a string, and so it reads a string of the grammar
    first, which is not asked about.
    """
    grammar = run.experiment.grammar
    fresh = run.experiment.reset == "group"
    read = given if fresh else [part for string in given for part in (BEFORE[grammar], string)]
    sequence = reber.from_strings(read, grammar)
    starts = np.flatnonzero(sequence.group_starts)[:: 1 if fresh else 2]
    resets = np.zeros(len(sequence), dtype=bool)
    resets[starts] = True
    outputs, _ = replay(run, replace(sequence, group_starts=resets), epoch, reset="group")
    return reber.accepted(outputs, sequence)[0 if fresh else 1 :: 1 if fresh else 2]


def table(run: Run, kinds: dict[str, list[str]], epoch: int | None = None) -> pd.DataFrame:
    """What the network accepts of each kind of strings: one row each.

    Columns: strings (kind), number, grammatical (how many obey the grammar, counted without the
    network), accepted (by the network), right (share of strings rightly accepted or refused),
    missed (grammatical but refused) and wrong (not grammatical but accepted).
    """
    rows = []
    for kind, given in kinds.items():
        taken = accepted(run, given, epoch)
        good = np.array([reber.is_grammatical(string, run.experiment.grammar) for string in given])
        rows.append(
            {
                "strings": kind,
                "number": len(given),
                "grammatical": int(good.sum()),
                "accepted": int(taken.sum()),
                "right": float((taken == good).mean()),
                "missed": int((good & ~taken).sum()),
                "wrong": int((taken & ~good).sum()),
            }
        )
    return pd.DataFrame(rows)


def in_words(counted: pd.DataFrame) -> str:
    """The result of `table` as a sentence."""
    rows = {row.strings: row for row in counted.itertuples()}
    right, chance = rows["grammatical"], rows["random"]
    words = (
        f"It accepts {right.accepted:,} of {right.number:,} grammatical strings and "
        f"{chance.accepted:,} of {chance.number:,} random ones. Of the random ones "
        f"{chance.grammatical:,} obey the grammar by chance; {chance.wrong:,} were accepted "
        "wrongly."
    )
    if "wrong end" in rows:
        end = rows["wrong end"]
        words += (
            f" Of {end.number:,} strings that are wrong only in the letter before the end it "
            f"accepts {end.accepted:,}."
        )
    return words
