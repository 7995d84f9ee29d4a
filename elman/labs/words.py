"""Sentences that labs share: counts and spreads over seeds, and a prediction beside its outcome."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from elman.analysis.outcomes import LEARNED, share
from elman.labs.lab import Choice, Evidence, Lab, Prediction, Quantity, Row, spread

PERCENT = Quantity("Right answers", 0.0, 1.0, 0.01, spec=".0%")
SQUARED = Quantity("Squared error", 0.0, 0.5, 0.01, spec=".3f")


def over(evidence: Evidence) -> str:
    """How many seeds were tried, to begin or to end a sentence with."""
    return "over 1 seed" if evidence.seeds == 1 else f"over {evidence.seeds} seeds"


def of_seeds(which: np.ndarray) -> str:
    """How many of some seeds, given as booleans."""
    count = int(np.count_nonzero(which))
    if len(which) > 1 and count in (0, len(which)):
        return f"{'all' if count else 'none'} of {len(which)}"
    return f"{count} of {len(which)}"


def estimated(which: np.ndarray) -> str:
    """How many of some seeds, and what share of all seeds there are this agrees with (95 %)."""
    found = share(int(np.count_nonzero(which)), len(which))
    return (
        f"{of_seeds(which)} (at 95% confidence, {found.low:.0%} to {found.high:.0%} of all seeds)"
    )


def learned(evidence: Evidence, value: str, condition: str = "") -> np.ndarray:
    """Which seeds (seeds,) learned the rule: right at 95 % where it makes the answer certain."""
    return evidence.all(value, condition) >= LEARNED


def middle_and_range(quantity: Quantity, values: Sequence[float] | np.ndarray) -> str:
    """The median of some values and from where to where they go."""
    low, middle, high = spread(quantity, values)
    if math.isnan(middle):
        return quantity.missing
    short = quantity._replace(unit="")
    return f"the median is {quantity.spell(middle)}, from {short.spell(low)} to {short.spell(high)}"


def spoken(lab: Lab, prediction: Prediction) -> str:
    """A prediction in words."""
    form = lab.prediction
    if isinstance(form, Choice):
        return form.options[form.check(prediction)]
    guesses = form.check(prediction)
    if len(guesses) == 1:
        return form.quantity.spell(guesses[0])
    pairs = zip(form.rows, guesses, strict=True)
    return "; ".join(f"{row.label}: {form.quantity.spell(guess)}" for row, guess in pairs)


def compared(lab: Lab, prediction: Prediction, evidence: Evidence) -> str:
    """Sentences that set a prediction beside the student's run and the other seeds."""
    form = lab.prediction
    if isinstance(form, Choice):
        return _choice_compared(form, form.check(prediction), evidence)
    guesses = form.check(prediction)
    if len(guesses) == 1:
        return _guess_compared(form.quantity, form.rows[0], guesses[0], evidence)
    among = np.array(
        [
            place_of(form.quantity, guess, evidence.of(row)) == 0
            for row, guess in zip(form.rows, guesses, strict=True)
        ]
    )
    count = np.count_nonzero(among)
    verb = "lies" if count == 1 else "lie"
    words = (
        f"Of your {len(among)} guesses {count or 'none'} {verb} among the numbers that "
        f"{'your run' if evidence.seeds == 1 else f'{evidence.seeds} seeds'} gave."
    )
    ideal = [
        row.label
        for row, guess, inside in zip(form.rows, guesses, among, strict=True)
        if row.best
        and not inside
        and abs(guess - evidence.own(row.best, row.condition)) <= form.quantity.step / 2
    ]
    if ideal:
        words += f" You guessed what is possible at best for: {', '.join(ideal)}."
    return words


def place_of(quantity: Quantity, guess: float, values: np.ndarray) -> int:
    """Whether a guess lies below (-1), among (0) or above (1) some values, as closely as its
    slider can tell; among them if there are none."""
    low, _, high = spread(quantity, values)
    near = quantity.step / 2
    return -1 if guess < low - near else 1 if guess > high + near else 0


def decided(form: Choice, evidence: Evidence) -> list[str]:
    """The option that came true for each seed."""
    return [form.decide(evidence, k) for k in range(evidence.seeds)]


def _choice_compared(form: Choice, prediction: str, evidence: Evidence) -> str:
    came = decided(form, evidence)
    right = np.array([option == prediction for option in came])
    said = f"You predicted “{form.options[prediction]}”"
    others = "" if evidence.seeds == 1 else f", and in {of_seeds(right)} seeds"
    if right[0]:
        return f"{said}. So it is in your run{others}."
    but = "" if evidence.seeds == 1 else f" Your prediction came true in {of_seeds(right)} seeds."
    return f"{said}. In your run it is “{form.options[came[0]]}”.{but}"


def _guess_compared(quantity: Quantity, row: Row, guess: float, evidence: Evidence) -> str:
    values = evidence.of(row)
    words = f"You guessed **{quantity.spell(guess)}**, your run gives {quantity.spell(values[0])}."
    if evidence.seeds == 1:
        return words
    where = ("below all of them", "among them", "above all of them")
    place = where[1 + place_of(quantity, guess, values)]
    return (
        f"{words} {over(evidence).capitalize()} {middle_and_range(quantity, values)}: your guess "
        f"is {place}."
    )
