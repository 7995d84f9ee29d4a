"""What labs share: sentences of counts and spreads, and evidence as tidy frames."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from elman.analysis.learned import which_learned
from elman.analysis.outcomes import share
from elman.labs.lab import Choice, Evidence, Guess, Lab, Prediction, Quantity, Row, spread

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
    """Which seeds (seeds,) learned the rule, where `value` is their share of right answers at the
    steps that it makes certain; see `elman.analysis.learned`."""
    right = evidence.all(value, condition)
    assert evidence.experiment is not None
    return which_learned([evidence.experiment] * len(right), right)


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


def right(lab: Lab, prediction: Prediction, evidence: Evidence) -> np.ndarray:
    """Which of its parts a prediction got right, as booleans: one of a choice, one for each row
    of a guess. A choice is right if it came true in the student's run; see `ABOUT_RIGHT`."""
    form = lab.prediction
    if isinstance(form, Choice):
        return np.array([form.decide(evidence, 0) == form.check(prediction)])
    pairs = zip(form.rows, form.check(prediction), strict=True)
    return np.array([place_of(form.quantity, guess, evidence.of(row)) == 0 for row, guess in pairs])


ABOUT_RIGHT = (
    "“About right” means: like your own run, or among the middle half of all seeds, as closely as "
    "a guess can be entered."
)


def compared(lab: Lab, prediction: Prediction, evidence: Evidence) -> str:
    """Sentences that set a prediction beside the student's run and the other seeds, and what
    their words mean."""
    form = lab.prediction
    if isinstance(form, Choice):
        said = _choice_compared(form, form.check(prediction), evidence)
        return f"{said} {form.meaning}".strip()
    guesses = form.check(prediction)
    if len(guesses) == 1:
        said = _guess_compared(form.quantity, form.rows[0], guesses[0], evidence)
    else:
        said = _guesses_compared(form, guesses, right(lab, prediction, evidence), evidence)
    return f"{said} {ABOUT_RIGHT}"


def _guesses_compared(
    form: Guess, guesses: tuple[float, ...], among: np.ndarray, evidence: Evidence
) -> str:
    count = np.count_nonzero(among)
    words = f"Of your {len(among)} guesses {count or 'none'} {'is' if count == 1 else 'are'} "
    words += "about right."
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
    """Whether a guess lies below (-1), among (0) or above (1) the middle half of some values, as
    closely as it can be entered; 0 also beside the first, which is the student's, and if there are
    none."""
    ordered, near = quantity.ordered(values), quantity.step / 2
    if not len(ordered) or abs(guess - values[0]) <= near:
        return 0
    aside = len(ordered) // 4
    low, high = ordered[aside], ordered[-1 - aside]
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
    verdict = ("too low", "about right", "too high")[1 + place_of(quantity, guess, values)]
    return (
        f"{words} {over(evidence).capitalize()} {middle_and_range(quantity, values)}: your guess "
        f"is {verdict}."
    )


YOURS, OTHER, PREDICTED, BEST = "your run", "another seed", "your prediction", "expected at best"


def numbers(lab: Lab, evidence: Evidence, prediction: Prediction | None) -> pd.DataFrame:
    """The rows of a lab: every seed, the student's guesses, and what is possible at best.

    Columns: row (label, with how many seeds have no number), value, kind, and words (the value as
    text). A seed without a number has no line.
    """
    guesses = {}
    if isinstance(lab.prediction, Guess) and prediction is not None:
        guesses = dict(zip(lab.prediction.rows, lab.prediction.check(prediction), strict=True))
    lines = []
    for row in lab.rows:
        values = evidence.of(row)
        missing = np.isnan(values)
        label = row.label
        if missing.any():
            label += f" ({lab.quantity.missing}: {of_seeds(missing)})"
        marks = [(value, YOURS if seed == 0 else OTHER) for seed, value in enumerate(values)]
        if row.best:
            marks.append((evidence.own(row.best, row.condition), BEST))
        if row in guesses:
            marks.append((guesses[row], PREDICTED))
        lines += [(label, value, kind, lab.quantity.spell(value)) for value, kind in marks]
        if missing.all() and row not in guesses and not row.best:
            lines.append((label, np.nan, OTHER, ""))
    return pd.DataFrame(lines, columns=["row", "value", "kind", "words"])


def options(lab: Lab, evidence: Evidence, prediction: Prediction | None) -> pd.DataFrame:
    """The options of a choice, one line a seed and one for the student's prediction.

    Columns: row (the option, with its count), value (the place in its row, from 1), kind, words.
    """
    form = lab.prediction
    assert isinstance(form, Choice)
    came = np.array(decided(form, evidence))
    lines: list[tuple[str, float, str, str]] = []
    for option, words in form.options.items():
        seeds = np.flatnonzero(came == option)
        label = f"{words}: {len(seeds)} of {evidence.seeds}"
        lines += [
            (label, place + 1, YOURS if seed == 0 else OTHER, words)
            for place, seed in enumerate(seeds)
        ]
        if option == prediction:
            lines.append((label, len(seeds) + 1, PREDICTED, words))
        elif not len(seeds):
            # Its row is drawn, without a mark.
            lines.append((label, np.nan, OTHER, words))
    return pd.DataFrame(lines, columns=["row", "value", "kind", "words"])


def beside(lab: Lab, prediction: Prediction, evidence: Evidence) -> pd.DataFrame:
    """Each guess as text beside what came, one line a row: your guess, your run, and the middle
    and the range of all seeds."""
    form = lab.prediction
    assert isinstance(form, Guess)
    spell = form.quantity.spell
    lines = []
    for row, guess in zip(form.rows, form.check(prediction), strict=True):
        values = evidence.of(row)
        low, middle, high = spread(form.quantity, values)
        between = f"{spell(low)} to {spell(high)}"
        lines.append([row.label, spell(guess), spell(values[0]), spell(middle), between])
    return pd.DataFrame(lines, columns=["", "Your guess", "Your run", "Median", "All seeds"])


def table(lab: Lab, evidence: Evidence) -> pd.DataFrame:
    """One line a seed: seed (0 is the student's run), and the number of each row by its label."""
    columns = {row.label: evidence.of(row) for row in lab.rows}
    frame = pd.DataFrame({"seed": np.arange(evidence.seeds), **columns})
    if isinstance(lab.prediction, Choice):
        words = lab.prediction.options
        frame["outcome"] = [words[option] for option in decided(lab.prediction, evidence)]
    return frame
