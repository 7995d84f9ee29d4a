"""The game of prediction: the reader guesses symbol after symbol, and sees what that costs."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from elman.analysis import errors, guessing
from elman.analysis.guessing import ENOUGH, SHOWN_BEFORE, UNDECIDED
from elman.analysis.replay import Answers, replay
from elman.charts import diagrams
from elman.charts import guessing as charts
from elman.experiment import Experiment
from elman.tasks import Task, new_sequence, task_of, training_sequence
from elman.ui import page, prose, runs, session, state

# More symbols than this are no game of buttons.
MOST_SYMBOLS = 8
# What has come so far, as far as it fits into a row.
SHOWN = 18
MOST_GUESSES = 300

# The task of each stream that Start here offers.
STREAMS = {"bits": "xor", "letters": "letters"}
STREAM = state.Control(
    "stream", "A stream of", st.segmented_control, tuple(STREAMS), default="bits"
)

GAME = state.Control("guess", "Be the predictor yourself", st.expander)

# The guesses at each stream, by the experiment that it is the test of.
_GUESSES: session.Kept[dict[Experiment, list[int]]] = session.Kept("guesses", {})


def offered_for(task: Task) -> bool:
    """Whether the symbols of a task are few enough to guess with buttons."""
    return len(task.symbols) <= MOST_SYMBOLS


def guesses_at(experiment: Experiment) -> list[int]:
    """What this session has guessed so far of an experiment's stream."""
    return _GUESSES.get().setdefault(experiment, [])


def play(experiment: Experiment) -> int:
    """Draw the stream, the buttons and, from the first guess on, the errors; the guesses made."""
    task, sequence = task_of(experiment), new_sequence(experiment)
    guesses = guesses_at(experiment)
    done = len(guesses)
    came = SHOWN_BEFORE + done
    first = max(0, came - SHOWN)
    names = [task.symbols[symbol] for symbol in sequence.symbols[first:came]]
    revealed = done >= ENOUGH
    page.figure(
        partial(
            diagrams.symbol_strip,
            [*names, "?"],
            # Gaps would tell where groups begin, which is part of the riddle.
            sequence.group_starts[first : came + 1] & revealed,
            [first > 0 and sequence.predictable[first - 1], *sequence.predictable[first:came]]
            if revealed
            else None,
        ),
        f"The stream so far: {' '.join(names)}, and what comes next is asked.",
    )
    # Side by side, so that the error is seen to grow at each press.
    mine, beside = st.columns([2, 3])
    table = _table(experiment, task, guesses) if guesses else None
    with mine:
        if done < min(MOST_GUESSES, len(sequence) - came):
            _buttons(task, guesses, done)
        _last(task, sequence.symbols, guesses)
        if table is not None:
            _verdict(table, task, guesses)
    if table is not None:
        with beside:
            _errors(table)
    return done


def _buttons(task: Task, guesses: list[int], done: int) -> None:
    options = {symbol: index for index, symbol in enumerate(task.symbols)}
    keys = {symbol: symbol for symbol in task.symbols if len(symbol) == 1 and symbol.isalnum()}
    if task.one_bit:
        options["½"] = UNDECIDED
        keys["½"] = "h"
    prose.say(f"**What comes next?** Guess {done + 1}")
    with st.container(horizontal=True, key="guess_buttons"):
        for symbol, guess in options.items():
            st.button(
                symbol,
                on_click=guesses.append,
                args=(guess,),
                shortcut=keys.get(symbol),
                key=f"guess_{symbol}",
            )


def _last(task: Task, symbols: np.ndarray, guesses: list[int]) -> None:
    if not guesses:
        words = "Press a button, or the key of its letter; ½ says that you leave it open. "
        prose.caption(
            (words if task.one_bit else "Press a button, or the key of its letter. ")
            + "The error of a guess is its squared distance from what comes: 0 if it is right.",
        )
        return
    guess, came = guesses[-1], symbols[SHOWN_BEFORE + len(guesses) - 1]
    error = ((guessing.codes_of([guess], task) - task.codes[came]) ** 2).mean()
    said = "½" if guess == UNDECIDED else task.symbols[guess]
    prose.say(f"You said **{said}**; **{task.symbols[came]}** came: an error of **{error:.2g}**.")


def _table(experiment: Experiment, task: Task, guesses: list[int]) -> pd.DataFrame:
    sequence = new_sequence(experiment)
    run, training = runs.run_if_ready(experiment), training_sequence(experiment)
    others = {}
    if run is not None:
        others[guessing.NETWORK] = replay(run, sequence).outputs
    whole = Answers(sequence.targets, sequence, task)
    others[guessing.BIGRAM] = errors.of_ngram(2, whole, training).outputs
    return guessing.beside(guesses, sequence, task, others)


def _verdict(table: pd.DataFrame, task: Task, guesses: list[int]) -> None:
    if len(guesses) < ENOUGH:
        left = ENOUGH - len(guesses)
        prose.caption(f"{left} more {'guess' if left == 1 else 'guesses'}, and the rule is told.")
        return
    prose.say(f"**{guessing.describe(table, task)}**")
    cost = " At a coin flip 0 or 1 costs 0.5 on average, ½ always 0.25." if task.one_bit else ""
    prose.say(f"The rule: {task.rule}{cost}")
    st.button("Begin anew", on_click=guesses.clear, key="guess_anew")


def _errors(table: pd.DataFrame) -> None:
    prose.say("**Your error by position, beside others' at the same symbols**")
    page.figure(
        partial(charts.errors_beside, table),
        "Squared errors: "
        + "; ".join(
            f"{row.predictor} at {row.position} {row.squared:.2f}" for row in table.itertuples()
        )
        + ".",
    )
    prose.caption(
        "The **network** has been trained on another stream of the same rule. The **best bigram** "
        "knows the last symbol only. The **floor** is what somebody who knows the rule can expect: "
        "on few symbols luck may bring anybody below it.",
    )
