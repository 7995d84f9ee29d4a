"""A run's result in words, computed from its numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.analysis.errors import remembered, squared_errors, wrong
from elman.analysis.learned import by_last_symbol, is_learned
from elman.analysis.margins import clearly_better
from elman.analysis.replay import Answers, Tested
from elman.tasks import Sequence, ngrams

# With more right answers than this, part of the rule is known: of guessed bits half are right.
MOSTLY_RIGHT = 0.7
# A share of right answers is better than that of a constant answer if it is larger by this much.
ABOVE_GUESSING = 0.05
# Errors as parts of that of the mean answer: below SURE the network is sure of its answers, below
# LEANING they lean the right way.
SURE, LEANING = 0.2, 0.8
# What is as far below a floor as a chart lets one see.
BELOW = 0.0005
# Where the next symbol is open, an error is near the floor if it lies above it by less than one of
# these parts: of the gap between floor and mean answer, or of the floor.
NEAR_GAP, NEAR_FLOOR = 0.25, 0.2


class Result(NamedTuple):
    """What a test showed, in sentences.

    headline  one sentence: what was learned
    numbers   errors and right answers, and what nobody can better
    beside    the mean error beside those of n-grams
    """

    headline: str
    numbers: str
    beside: str


def result(answers: Answers, training: Sequence) -> Result:
    """What the network has and has not learned, against what anybody could.

    The n-grams that it is compared with are counted in `training`.
    """
    sequence = answers.sequence
    squared = squared_errors(answers).mean(axis=1)
    guesses = {
        n: ngrams.squared_errors(n, training, sequence).mean(axis=1)
        for n in ((1, 2) if sequence.has_rule else (1, 2, 3))
    }
    if not sequence.has_rule:
        headline, numbers = _without_rule(squared, guesses)
    elif not sequence.predictable.any():
        headline, numbers = _never_certain(squared, guesses, sequence)
    else:
        headline, numbers = _sometimes_certain(answers, training, squared)
    return Result(headline, numbers, _beside(squared, guesses))


def describe_result(answers: Answers, training: Sequence) -> str:
    """The sentences of `result`, one after the other."""
    return " ".join(result(answers, training))


def _sometimes_certain(
    answers: Answers, training: Sequence, squared: np.ndarray
) -> tuple[str, str]:
    sequence, task = answers.sequence, answers.task
    sure = sequence.predictable
    known = float(squared[sure].mean())
    right = float((~wrong(answers))[sure].mean())
    average = ((sequence.targets - sequence.targets.mean(axis=0)) ** 2).mean(axis=1)
    near = True
    words = (
        f"At {task.predictable_words} the squared error is {known:.3f} and {right:.0%} of the "
        "answers are right."
    )
    if not sure.all():
        unknown, floor = float(squared[~sure].mean()), float(sequence.floor[~sure].mean())
        near = _near_floor(unknown, floor, float(average[~sure].mean()))
        words += f" At {task.open_words} it is {unknown:.3f}, {_beside_floor(unknown, floor)}."
    kept = remembered(answers)
    if kept is not None:
        words += (
            f" At {task.remembered} alone, where it has to remember the first letter, {kept:.0%} "
            "are right."
        )
    counts = np.unique(sequence.targets[sure], axis=0, return_counts=True)[1]
    headline = verdict(
        right,
        by_last_symbol(answers, training),
        squared=known,
        average=float(average[sure].mean()),
        guessed=float(counts.max() / counts.sum()),
        near_floor=near,
    )
    return headline, words


def _beside_floor(squared: float, floor: float, digits: int = 3) -> str:
    """The floor in words that follow the error, which on some sequences lies below it."""
    least = f"{floor:.{digits}f}"
    if round(squared, digits) < round(floor, digits):
        return f"where {least} is the floor in the long run"
    return f"and in the long run no answer can bring that below {least}"


def _never_certain(
    squared: np.ndarray, guesses: dict[int, np.ndarray], sequence: Sequence
) -> tuple[str, str]:
    loss, floor = float(squared.mean()), float(sequence.floor.mean())
    guess = float(guesses[1].mean())
    if clearly_better(squared, guesses[1]):
        first = (
            f"It has bridged {(guess - loss) / (guess - floor):.0%} of what separates a guess "
            "without memory from the ideal predictor."
        )
    else:
        first = _BEATEN[0]
    numbers = f"Nothing is certain here: the squared error is {loss:.4f}, "
    return first, f"{numbers}{_beside_floor(loss, floor, 4)}."


# Fewer test steps of a text prove little.
FEW_STEPS = 100

# By how many of the n-grams, from the memoryless guess on, a network does better.
_BEATEN = (
    "It does not do clearly better than a guess without memory.",
    "It does better than a guess without memory, but not clearly better than the best answer to "
    "the last symbol alone.",
    "It does better than the best answer to the last symbol alone.",
    "It does better than the best answer to the last two symbols.",
)


def _without_rule(squared: np.ndarray, guesses: dict[int, np.ndarray]) -> tuple[str, str]:
    first = _BEATEN[beaten(squared, guesses)]
    if len(squared) < FEW_STEPS:
        first += f" But only {len(squared)} symbols were tested, so this may be luck."
    return first, "Nobody states the rule, so there is no floor."


def beaten(squared: np.ndarray, guesses: dict[int, np.ndarray]) -> int:
    """How many n-grams a network clearly does better than, from its and their errors (steps,).

    Only as far as all smaller ones are beaten, too: a large one may fail on a text it never saw,
    and each further claim then needs the one before it.
    """
    better = [clearly_better(squared, errors) for errors in guesses.values()]
    return [*better, False].index(False)


def _beside(squared: np.ndarray, guesses: dict[int, np.ndarray]) -> str:
    loss, means = float(squared.mean()), [float(errors.mean()) for errors in guesses.values()]
    digits = 4 if means[0] < 0.1 else 3
    # What differs must not look equal.
    while digits < 6 and any(
        f"{loss:.{digits}f}" == f"{mean:.{digits}f}" for mean in means if mean != loss
    ):
        digits += 1
    names = ["the best memoryless guess", "the best bigram", "the best trigram"]
    parts = [f"{mean:.{digits}f} for {name}" for mean, name in zip(means, names, strict=False)]
    beside = f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"On average over this test the squared error is {loss:.{digits}f}, against {beside}."


def _near_floor(squared: float, floor: float, average: float) -> bool:
    """Whether an error where the next symbol is open is about what it must be.

    Always true where even the average answer comes close to the floor, as at a fair bit.
    """
    return squared - floor < max(NEAR_GAP * (average - floor), NEAR_FLOOR * floor)


def verdict(
    right: float,
    last_symbol: float,
    *,
    squared: float,
    average: float,
    guessed: float,
    near_floor: bool = True,
) -> str:
    """One short sentence on how much of the rule was learned.

    Of the steps whose next symbol is certain, `right` is the share of right answers, `last_symbol`
    that of the best answer to the last symbol alone and `guessed` that of always giving the same
    answer; `squared` is the mean squared error, and `average` that of always answering the mean of
    the targets. `near_floor` says whether the error elsewhere is about as small as it can be.

    It begins with "It has learned the rule" if and only if `learned.is_learned`.
    """
    if is_learned(right, last_symbol):
        if squared >= SURE * average:
            return "It has learned the rule, but is not sure of its answers yet."
        if near_floor:
            return "It has learned the rule."
        return (
            "It has learned the rule where that is certain, but not yet what is likely elsewhere."
        )
    if last_symbol >= right > guessed + ABOVE_GUESSING:
        return "It has not learned the rule: the last symbol alone explains as many right answers."
    leaning = squared < LEANING * average
    more = right > max(guessed, last_symbol) + ABOVE_GUESSING
    if more and (leaning or right > MOSTLY_RIGHT):
        return "It has learned part of the rule."
    if leaning:
        return "It has not learned the rule yet, but its answers lean the right way."
    return "It has not learned the rule."


def below_floor(tested: Tested, table: pd.DataFrame, name: str, measure: str) -> str:
    """Which rows of a table of errors lie below their floor, and why that can be; "" if none does.

    `table` has a column `name` of what its rows are, one of the measures, and its floor.
    """
    low = table[table[measure] < table[f"{measure}_floor"] - BELOW]
    if low.empty:
        return ""
    listed = "; ".join(
        f"{row[name]} ({row[measure]:.3f}, floor {row[f'{measure}_floor']:.3f})"
        for row in low.to_dict("records")
    )
    if tested.tested_on == "training":
        why = "The network was trained on this very sequence, and may know some of its draws."
    else:
        steps = int(low["steps"].min()) if "steps" in low else len(tested.sequence)
        why = (
            "A floor is what somebody who knows the rule can expect of all sequences; on the "
            f"{steps:,} steps tested here luck was on the network's side."
        )
        if measure == "rate":
            worst = low[f"{measure}_floor"].max()
            luck = 2.0 * float(np.sqrt(worst * (1.0 - worst) / steps))
            why += f" The share of wrong answers among so few varies by {luck:.0%} either way."
    return f"Below {'its floor' if len(low) == 1 else 'their floors'}: {listed}. {why}"
