"""A report to hand in, of labs and of lessons: one HTML file that prints, needs no script and no
other file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import urlencode

from elman.labs import printed
from elman.labs.address import read
from elman.labs.answers import Answer
from elman.labs.ending import Ended, came, ended, quiz, verdict
from elman.labs.lab import Evidence, Guess, Lab, Quantity, Row
from elman.labs.lesson import spell
from elman.labs.progress import Entry, Progress
from elman.labs.words import compared, spoken

# Of a row of marks: how wide and how high, in pixels, and its margin.
WIDE, HIGH, EDGE = 420, 30, 10


def report(
    progress: Progress,
    answers: Sequence[Answer] = (),
    *,
    name: str,
    address: str,
    made: str,
) -> str:
    """The report of all labs that are done, and of the answers to the questions of lessons.

    `name` is the student's, `address` that of the app, for links, and `made` says when.
    """
    done = ended(progress)
    predicted = [one for one in done if one.right is not None]
    all_right = sum(not one.missed for one in predicted)
    count = "1 lab" if len(done) == 1 else f"{len(done)} labs"
    who = f"<p><strong>{escape(name)}</strong></p>" if name.strip() else ""
    labs = (
        f"{count} done, {len(predicted)} of them with a prediction, of which {all_right} came true "
        "in all their parts."
    )
    said = [labs] if done or not answers else []
    if answers:
        said.append(
            f"{len(answers)} answer{'' if len(answers) == 1 else 's'} to questions of lessons."
        )
    return printed.document(
        "Finding Structure in Time: " + ("the labs" if done or not answers else "a lesson"),
        [
            f"{who}<p>{' '.join(said)} {escape(made)}</p>",
            *(_lab(number, one, address) for number, one in enumerate(done, 1)),
            _quiz(progress),
            *(_answer(one, address) for one in answers),
        ],
    )


def _answer(one: Answer, address: str) -> str:
    """An answer, under the time at which it was given."""
    when = f"{printed.day(one.time)}, {one.time:%H:%M}"
    listed = {"Question": printed.typed(one.prompt), "Answer": printed.typed(spell(one.given))}
    if one.verdict:
        listed["Verdict"] = printed.typed(one.verdict)
    shown = printed.link("The run", read(one.link).below(address)) if one.link else ""
    return (
        f"<section><h2>{when}</h2><p>{escape(one.lesson)}, station {one.station}</p>"
        f"{printed.terms(listed)}{shown}</section>"
    )


def _lab(number: int, one: Ended, address: str) -> str:
    lab, evidence, said = one.lab, one.evidence, one.entry.prediction
    answer, why = (_bold(words) for words in lab.feedback(evidence))
    terms = {
        "Predicted": "nothing" if said is None else escape(spoken(lab, said)),
        "Came": escape(came(lab, evidence)),
        "Verdict": escape(verdict(one)),
    }
    if said is not None:
        terms["Compared"] = _bold(compared(lab, said, evidence))
    terms |= {"Answer": answer, "Why": why}
    return (
        f"<section><h2>{number}. {escape(lab.title)}</h2><p>{escape(lab.question)}</p>"
        f"{_marks(lab, evidence, one.entry)}{printed.terms(terms)}{_links(lab, evidence, address)}"
        "</section>"
    )


def _bold(words: str) -> str:
    """Text with **bold** parts as HTML."""
    parts = escape(words).split("**")
    return "".join(f"<strong>{part}</strong>" if n % 2 else part for n, part in enumerate(parts))


def _links(lab: Lab, evidence: Evidence, address: str) -> str:
    query = {} if evidence.experiment is None else evidence.experiment.to_query()
    places = {"The lab": f"labs?{urlencode({'lab': lab.name, **query})}"}
    if evidence.experiment is not None:
        places["The run"] = f"train?{urlencode(query)}"
    return "".join(printed.link(words, f"{address}/{place}") for words, place in places.items())


def _quiz(progress: Progress) -> str:
    asked = [(one, progress[one.lab.name].recalled) for one in quiz(progress)]
    answered = [(one, right) for one, right in asked if right is not None]
    if not answered:
        return ""
    listed = "".join(
        f"<li>{escape(one.lab.title)}. {escape(one.question)} {escape(one.options[one.answer])}: "
        f"{'right' if right else 'missed'} at first.</li>"
        for one, right in answered
    )
    right = sum(right for _, right in answered)
    return f"<section><h2>Quiz: {right} of {len(answered)} right</h2><ol>{listed}</ol></section>"


def _marks(lab: Lab, evidence: Evidence, entry: Entry) -> str:
    """A row of dots for each row of the lab: all seeds, the student's run, and the guess."""
    form = lab.prediction
    said = entry.prediction if isinstance(form, Guess) else None
    guesses = (
        dict(zip(form.rows, form.check(said), strict=True))
        if (isinstance(form, Guess) and said is not None)
        else {}
    )
    values = [number for row in lab.rows for number in evidence.of(row) if math.isfinite(number)]
    ends = (lab.quantity.low, max([lab.quantity.high, *values]))
    drawn = [
        f'<p class="bare">{escape(row.label)}</p>'
        + _row(lab.quantity, row, evidence, guesses.get(row), ends)
        for row in lab.rows
    ]
    key = "Dots: all seeds; filled: your run" + ("; diamond: your guess." if guesses else ".")
    return "".join(drawn) + f'<p class="bare">{key}</p>'


def _row(
    quantity: Quantity,
    row: Row,
    evidence: Evidence,
    guess: float | None,
    ends: tuple[float, float],
) -> str:
    low, high = ends

    def across(number: float) -> float:
        return EDGE + (WIDE - 2 * EDGE) * (number - low) / (high - low)

    def dots(numbers: Iterable[float], style: str) -> str:
        return "".join(
            f'<circle cx="{across(number):.1f}" cy="12" r="5" {style}/>'
            for number in numbers
            if math.isfinite(number)
        )

    own, *others = evidence.of(row)
    marks = dots(others, 'fill="none" stroke="#0072b2"') + dots([own], 'fill="#d55e00"')
    if guess is not None:
        x = across(guess)
        marks += (
            f'<path d="M{x:.1f},4l8,8l-8,8l-8,-8z" fill="none" stroke="#000" stroke-width="2"/>'
        )
    axis = (
        f'<line x1="{EDGE}" x2="{WIDE - EDGE}" y1="12" y2="12" stroke="#bbb"/>'
        f'<text x="{EDGE}" y="30" font-size="10">{escape(quantity.spell(low))}</text>'
        f'<text x="{WIDE - EDGE}" y="30" font-size="10" text-anchor="end">'
        f"{escape(quantity.spell(high))}</text>"
    )
    said = f"{row.label}: your run {quantity.spell(own)}"
    return (
        f'<svg role="img" aria-label="{escape(said)}" width="{WIDE}" height="{HIGH}" '
        f'viewBox="0 0 {WIDE} {HIGH}">{axis}{marks}</svg>'
    )
