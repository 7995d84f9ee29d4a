"""Tidy frames of a lab's evidence, for its charts and tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from elman.labs.lab import Choice, Evidence, Guess, Lab, Prediction, spread
from elman.labs.words import decided, of_seeds

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
            # Without a mark, and still a row.
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
