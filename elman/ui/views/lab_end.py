"""The end of the labs: predictions beside what came, a quiz of what was missed, and the report."""

from __future__ import annotations

import datetime

import streamlit as st

from elman.labs import LABS, printed
from elman.labs.ending import Asked, Ended, came, ended, quiz, verdict
from elman.labs.handout import report
from elman.labs.words import ABOUT_RIGHT, spoken
from elman.ui import menu, prose, state
from elman.ui.views import lab_session

NAME = "lab_report_name"


def draw() -> None:
    """All that was predicted and came, what was missed, the quiz, and the report to hand in."""
    done = ended(lab_session.progress())
    if not done:
        prose.say("No lab is done yet. Here you will see what you predicted, and what came.")
        _open("Begin with the first lab", next(iter(LABS)), "question", primary=True)
        if lab_session.answers():
            hand_in()
        return
    predicted = [one for one in done if one.right is not None]
    missed = [one for one in predicted if one.missed]
    prose.say(
        f"**{len(done)} of {len(LABS)} labs are done; of {len(predicted)} "
        f"prediction{'' if len(predicted) == 1 else 's'} {len(predicted) - len(missed)} came true "
        "in all their parts.**"
    )
    asked = quiz(lab_session.progress())
    open_ = {one.lab.name for one in asked if lab_session.entry_of(one.lab).recalled is None}
    _list(done, open_)
    if predicted:
        _missed(missed, open_)
    _quiz(asked)
    hand_in()


def _list(done: list[Ended], asked: set[str]) -> None:
    """What was predicted and what came; not where the quiz still asks for it."""
    for one in done:
        said = one.entry.prediction
        predicted = "nothing" if said is None else spoken(one.lab, said)
        result = came(one.lab, one.evidence)
        prose.say(
            f"- **{one.lab.title}** – {verdict(one)}  \n  You predicted: {predicted}  \n"
            f"  What came: {'the quiz below asks you' if one.lab.name in asked else result}"
        )
    prose.caption(ABOUT_RIGHT)


def _missed(missed: list[Ended], asked: set[str]) -> None:
    st.subheader("What you did not expect")
    if not missed:
        prose.say("Nothing: every prediction came true.")
        return
    for one in missed:
        answer, _ = one.lab.feedback(one.evidence)
        words = "The answer stands here after the quiz." if one.lab.name in asked else answer
        prose.say(f"**{one.lab.question}** {words}")
        _open(f"Look again: {one.lab.title}", one.lab.name, "feedback")


def _open(label: str, name: str, at: str, primary: bool = False) -> None:
    st.button(
        label,
        type="primary" if primary else "secondary",
        on_click=lab_session.show,
        args=(name, at),
        key=f"end_{name}",
    )


def _quiz(questions: list[Asked]) -> None:
    st.subheader("A short quiz")
    answered = [lab_session.entry_of(asked.lab).recalled for asked in questions]
    for asked, first in zip(questions, answered, strict=True):
        key = f"quiz_{asked.lab.name}"
        chosen = st.radio(
            f"**{asked.lab.title}.** {asked.question}",
            range(len(asked.options)),
            index=None,
            format_func=asked.options.__getitem__,
            key=key,
            on_change=_answered,
            args=(asked.lab.name, key, asked.answer),
        )
        if chosen is not None:
            right = "Right." if chosen == asked.answer else "No; try again, or look at the lab."
            prose.caption(right)
        elif first is not None:
            prose.caption(f"You answered this {'right' if first else 'wrong'} at first.")
    count = len([first for first in answered if first is not None])
    if count == len(questions):
        prose.say(f"**{sum(map(bool, answered))} of {count} were right at first.**")


def _answered(name: str, key: str, answer: int) -> None:
    """Keep the first answer."""
    lab = LABS[name]
    chosen = state.value(key)
    if chosen is not None and lab_session.entry_of(lab).recalled is None:
        lab_session.keep(lab, recalled=chosen == answer)


def hand_in() -> None:
    """The report of what was done in the labs and answered in lessons, to download."""
    st.subheader("A report to hand in")
    prose.say(
        "One file with all that you did in the labs and answered in lessons, and links to your "
        "runs. It opens in any browser, and prints."
    )
    name = st.text_input("Your name, as the report shall have it", key=NAME, max_chars=100)

    # Made when it is asked for, where there is no session.
    mine, answers, address = dict(lab_session.progress()), lab_session.answers(), menu.app_address()

    def made() -> str:
        today = printed.day(datetime.date.today())
        return report(mine, answers, name=name, address=address, made=today)

    st.download_button(
        "Download the report",
        made,
        file_name="labs.html",
        mime="text/html",
        key="lab_report",
        on_click="ignore",
        type="primary",
    )
