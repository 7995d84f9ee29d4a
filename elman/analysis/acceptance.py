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
LEAD_IN = {"plain": "BTXSE", "embedded": "BTBTXSETE"}


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


def weakest(run: Run, given: list[str], epoch: int | None = None) -> np.ndarray:
    """The smallest output that a letter of each of `given` (n,) had just before it came.

    No string depends on the others; it is accepted if this is above the threshold.

    A network whose context was reset before each string in training has it reset here. Any other
    never met a fresh context at the start of a string, and so it reads a string of the grammar
    first, which is not asked about.
    """
    grammar = run.experiment.grammar
    fresh = run.experiment.reset == "group"
    read = given if fresh else [part for string in given for part in (LEAD_IN[grammar], string)]
    sequence = reber.from_strings(read, grammar)
    starts = np.flatnonzero(sequence.group_starts)[:: 1 if fresh else 2]
    resets = np.zeros(len(sequence), dtype=bool)
    resets[starts] = True
    tested = replay(run, replace(sequence, group_starts=resets), epoch, reset="group")
    return reber.weakest(tested.outputs, sequence)[0 if fresh else 1 :: 1 if fresh else 2]


def judged(run: Run, kinds: dict[str, list[str]], epoch: int | None = None) -> pd.DataFrame:
    """One row a string: strings (its kind), weakest, accepted, grammatical and right."""
    frames = []
    for kind, given in kinds.items():
        lowest = weakest(run, given, epoch)
        good = [reber.is_grammatical(string, run.experiment.grammar) for string in given]
        frames.append(pd.DataFrame({"strings": kind, "weakest": lowest, "grammatical": good}))
    frame = pd.concat(frames, ignore_index=True)
    taken = frame["weakest"] > reber.THRESHOLD
    return frame.assign(accepted=taken, right=taken == frame["grammatical"])


def histogram(strings: pd.DataFrame, bins: int = 40) -> pd.DataFrame:
    """How the weakest outputs of `judged` strings are spread, kind by kind.

    Columns: strings, right (whether they were judged rightly), low and high (the ends of the bin),
    number, share (of all strings of the kind) and below (the share that is stacked below).
    """
    # A bin ends at the threshold, so that no bar lies on both sides of it; what equals it is
    # refused, and so an edge belongs to the bin on its left.
    place = np.clip(np.ceil(strings["weakest"] * bins - 1e-9).astype(int) - 1, 0, bins - 1)
    counted = (
        strings.assign(bin=place)
        .groupby(["strings", "bin", "right"], sort=False)
        .size()
        .rename("number")
        .reset_index()
        .sort_values(["strings", "bin", "right"], ascending=[True, True, False], ignore_index=True)
    )
    share = counted["number"] / counted["strings"].map(strings["strings"].value_counts())
    below = share.groupby([counted["strings"], counted["bin"]]).cumsum() - share
    return counted.assign(
        low=counted["bin"] / bins, high=(counted["bin"] + 1) / bins, share=share, below=below
    ).drop(columns="bin")


def table(strings: pd.DataFrame) -> pd.DataFrame:
    """What the network accepts of each kind of `judged` strings: one row each.

    Columns: strings (kind), number, grammatical (how many obey the grammar, counted without the
    network), accepted (by the network), right (share of strings rightly accepted or refused),
    missed (grammatical but refused) and wrong (not grammatical but accepted).
    """
    rows = []
    for kind, given in strings.groupby("strings", sort=False):
        good, taken = given["grammatical"], given["accepted"]
        rows.append(
            {
                "strings": kind,
                "number": len(given),
                "grammatical": int(good.sum()),
                "accepted": int(taken.sum()),
                "right": float(given["right"].mean()),
                "missed": int((good & ~taken).sum()),
                "wrong": int((taken & ~good).sum()),
            }
        )
    return pd.DataFrame(rows)


def describe_acceptance(counted: pd.DataFrame) -> str:
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
