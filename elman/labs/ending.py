"""The end of the labs: what was predicted beside what came, and a quiz of what was missed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from elman.labs import LABS
from elman.labs.lab import Choice, Evidence, Guess, Lab, Quantity, Row, spread
from elman.labs.progress import Entry, Progress
from elman.labs.words import decided, middle_and_range, of_seeds, over, right

# Questions of the quiz.
MOST_ASKED = 5


class Ended(NamedTuple):
    """A lab that is done, and which parts of its prediction were right; None where it was
    skipped."""

    lab: Lab
    entry: Entry
    evidence: Evidence
    right: np.ndarray | None

    @property
    def missed(self) -> bool:
        """Whether something was predicted that did not come."""
        return self.right is not None and not self.right.all()


def ended(progress: Progress) -> list[Ended]:
    """The labs that are done, in their order."""
    found = []
    for name, lab in LABS.items():
        entry = progress.get(name, Entry())
        evidence = entry.evidence
        if evidence is not None and entry.may_see:
            said = entry.prediction
            which = None if said is None else right(lab, said, evidence)
            found.append(Ended(lab, entry, evidence, which))
    return found


def verdict(one: Ended) -> str:
    """How right a prediction was, in a word or two."""
    if one.right is None:
        return "not predicted"
    if len(one.right) > 1:
        return f"{of_seeds(one.right)} about right"
    if isinstance(one.lab.prediction, Guess):
        return "about right" if one.right[0] else "missed"
    return "right" if one.right[0] else "missed"


def came(lab: Lab, evidence: Evidence) -> str:
    """What came of a lab: in the student's run, and over all seeds."""
    form = lab.prediction
    if isinstance(form, Choice):
        came_true = decided(form, evidence)
        same = np.array([option == came_true[0] for option in came_true])
        return f"{form.options[came_true[0]]} ({of_seeds(same)} seeds)"
    if len(form.rows) == 1:
        (row,) = form.rows
        own = form.quantity.spell(evidence.own(row.value, row.condition))
        return f"{own} ({over(evidence)} {middle_and_range(form.quantity, evidence.of(row))})"
    parts = []
    for row in form.rows:
        low, _, high = (form.quantity.spell(n) for n in spread(form.quantity, evidence.of(row)))
        own = form.quantity.spell(evidence.own(row.value, row.condition))
        parts.append(f"{row.label}: {own} ({low} to {high})")
    return "; ".join(parts)


class Asked(NamedTuple):
    """A question of the quiz; `answer` is the place of the right one among the options."""

    lab: Lab
    question: str
    options: tuple[str, ...]
    answer: int


def quiz(progress: Progress) -> list[Asked]:
    """Questions about what was missed; of all labs that are done if nothing was."""
    done = ended(progress)
    missed = [one for one in done if one.missed]
    return [_asked(one) for one in (missed or done)[:MOST_ASKED]]


def _asked(one: Ended) -> Asked:
    form = one.lab.prediction
    if isinstance(form, Choice):
        names = list(form.options)
        right_one = names.index(decided(form, one.evidence)[0])
        return Asked(one.lab, form.prompt, tuple(form.options.values()), right_one)
    # The first that was missed; else the first of all.
    place = 0 if one.right is None else int(one.right.argmin())
    row = form.rows[place]
    said = one.entry.prediction
    guess = None if said is None else form.check(said)[place]
    middle = spread(form.quantity, one.evidence.of(row)).middle
    options = _options(form.quantity, middle, guess)
    words = f"{row.label}: what was the median {over(one.evidence)}?"
    return Asked(one.lab, words, options, options.index(form.quantity.spell(middle)))


def _options(quantity: Quantity, middle: float, guess: float | None) -> tuple[str, ...]:
    """The right number, what was guessed instead, and the ends and the middle of what can be, as
    far as they differ, in order of size."""
    low, high = quantity.low, quantity.high
    given: Mapping[str, float] = {
        quantity.spell(number): number
        for number in (middle, guess, high, low, (low + high) / 2)
        if number is not None
    }
    first = list(given.items())[:4]
    return tuple(
        words for words, _ in sorted(first, key=lambda pair: np.nan_to_num(pair[1], nan=np.inf))
    )


def rows_of(lab: Lab) -> tuple[Row, ...]:
    """The rows that a prediction is about, or those that are shown."""
    return lab.prediction.rows if isinstance(lab.prediction, Guess) else lab.rows
