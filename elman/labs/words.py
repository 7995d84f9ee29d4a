"""Sentences that labs share: counts and spreads over seeds, and a prediction beside its outcome."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from elman.analysis.outcomes import LEARNED, share
from elman.labs.lab import Choice, Evidence, Guess, Lab, Quantity, Row, spread

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
    return f"{of_seeds(which)} (a share of {found.low:.0%} to {found.high:.0%}, at 95% confidence)"


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


def spoken(lab: Lab, prediction: str | tuple[float, ...]) -> str:
    """A prediction in words."""
    form = lab.prediction
    if isinstance(form, Choice):
        return form.options[prediction]
    if len(form.rows) == 1:
        return form.quantity.spell(prediction[0])
    pairs = zip(form.rows, prediction, strict=True)
    return "; ".join(f"{row.label}: {form.quantity.spell(guess)}" for row, guess in pairs)


def compared(lab: Lab, prediction: str | tuple[float, ...], evidence: Evidence) -> list[str]:
    """Sentences that set a prediction beside the student's run and the other seeds."""
    if isinstance(lab.prediction, Choice):
        return [_choice_compared(lab.prediction, prediction, evidence)]
    form = lab.prediction
    return [
        _guess_compared(form, row, guess, evidence, alone=len(form.rows) == 1)
        for row, guess in zip(form.rows, prediction, strict=True)
    ]


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


def _guess_compared(form: Guess, row: Row, guess: float, evidence: Evidence, *, alone: bool) -> str:
    quantity, values = form.quantity, evidence.of(row)
    start = "You guessed" if alone else f"{row.label}: you guessed"
    words = f"{start} **{quantity.spell(guess)}**, your run gives {quantity.spell(values[0])}"
    if evidence.seeds == 1:
        return f"{words}."
    low, _, high = spread(quantity, values)
    if math.isnan(low):
        return f"{words}."
    # A guess can be no finer than its slider.
    near = quantity.step / 2
    where = "below" if guess < low - near else "above" if guess > high + near else ""
    where = f"Your guess is {where} all of them" if where else "Your guess is among them"
    return f"{words}. {over(evidence).capitalize()} {middle_and_range(quantity, values)}. {where}."
