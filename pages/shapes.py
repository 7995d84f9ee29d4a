"""Inputs and answers: how they can line up in time, with a small task for each way."""

from functools import partial

import pandas as pd
import streamlit as st

from elman.charts import shapes as charts
from elman.studies import alignment_training
from elman.studies.alignment_training import AlignmentRun, AlignmentSetting
from elman.ui import menu, page, prose, tables
from elman.ui.views import alignments

menu.hand_over()

# For each way: what to look at, what it shows, and changes to try.
LESSONS = {
    "one-to-one": (
        "Expect about as many right answers as anybody could give: the consonants differ in one "
        "or two features only, and the blur covers them now and then. RNN, LSTM and GRU do "
        "equally well, because with a single step there is nothing to remember.",
        (
            ("One hidden unit", "Six letters along one line: what is left?", {"s_hidden": 1}),
            ("LSTM", "Do gates help when there is no time?", {"s_kind": "LSTM"}),
        ),
    ),
    "one-to-many": (
        "Expect nearly as many right answers as the blurred consonant allows. The network reads "
        "once and then runs on by itself, so its hidden state must say both which vowel it writes "
        "and how many are left. One hidden unit cannot hold both.",
        (
            ("One hidden unit", "Too small to count and to choose.", {"s_hidden": 1}),
            ("Three hidden units", "Enough?", {"s_hidden": 3}),
        ),
    ),
    "many-to-one": (
        "Expect nearly all right, on strings that were never seen: the network learned to count, "
        "not to remember strings. Only the last hidden state is asked, so the tally must survive "
        "all steps before.",
        (
            ("One hidden unit", "Can one unit keep the tally?", {"s_hidden": 1}),
            ("Five epochs", "How soon does it know more than chance?", {"s_epochs": 5}),
        ),
    ),
    "many-to-many, equal": (
        "Expect more right answers than any single letter allows. After a consonant the rule "
        "foretells vowels, and the hidden state knows what came before; read in both directions, "
        "a letter is also explained by what comes after it.",
        (
            (
                "Read in both directions",
                "What the letters after it say about a letter.",
                {"s_direction": "both directions"},
            ),
            ("Two hidden units", "Less memory: closer to each letter alone.", {"s_hidden": 2}),
        ),
    ),
    "many-to-many, unequal": (
        "Expect nearly all right with enough hidden units. The whole string must pass through one "
        "hidden state before the first letter is written, so a small state is a bottleneck: the "
        "answer is as long as the string, but the state is not.",
        (
            ("Four hidden units", "What does the bottleneck let through?", {"s_hidden": 4}),
            (
                "A GRU with 48 units",
                "More to learn: a longer run.",
                {"s_kind": "GRU", "s_hidden": 48},
            ),
        ),
    ),
}


def describe_answers(run: AlignmentRun, made: AlignmentSetting) -> str:
    """The result in two sentences."""
    words = (
        f"After {len(run.losses)} epochs it answers {run.score.whole:.0%} of {len(run.table)} "
        "unseen examples right"
    )
    if run.score.symbols != run.score.whole:
        words += f" from beginning to end, and {run.score.symbols:.1%} of their symbols"
    words += f". Always giving the most frequent answer gets {run.guess.whole:.0%}"
    if run.reference is None:
        return words + "."
    letters = " looks at each letter alone" if made.form == "many-to-many, equal" else ""
    return (
        f"{words}; someone who knows the rule and the blur{' but' if letters else ''}{letters} "
        f"can expect {run.reference.whole:.0%}, a little more or less by luck."
    )


page.header(
    "Inputs and answers", "One input or many, one answer or many: what can a recurrent network do?"
)
prose.say(
    "A recurrent layer has a hidden state at every step. Which steps get an input, and at which "
    "ones an answer is read off, is up to you. Choose one of five ways: a small network is trained "
    "for it at once, and tested on examples that it never saw. Elman's networks answer at every "
    "step, and the right answer is the next input: to b a d i it is a, d, i, i, though nobody can "
    "know that a d comes, and not b or g."
)

made, seed = alignments.setting()
_, unseen = made.task.draw(alignment_training.streams(seed)[0])
pairs = zip(unseen.questions, unseen.answers, strict=True)
question, answer = max(pairs, key=lambda pair: len(pair[0]) + len(pair[1]))
page.figure(
    partial(
        charts.form_picture,
        question,
        answer,
        made.task.answers_at,
        both_directions=made.both_directions,
    ),
    f"{made.form}: the network reads {question} and should answer {answer}.",
)
words = st.container()
prose.caption(
    f"One of the unseen examples: it reads **{question}** and should answer **{answer}**. Pink "
    "arrows carry the hidden state on; a step without a blue box reads nothing.",
)

expected, changes = LESSONS[made.form]
if made.both_directions:
    changes = (
        ("Read forward only", "What is lost without later letters?", {"s_direction": "forward"}),
        *changes[1:],
    )
run = alignments.current_run(made, seed)
if run is not None and len(run.losses):
    prose.say(f"**{describe_answers(run, made)}**", words)
    curve, answers = st.columns(2)
    with curve:
        prose.say("##### Learning")
        page.figure(
            partial(charts.learning_curve, run.losses, run.guess_loss),
            f"The loss goes from {run.losses[0]:.3f} to {run.losses[-1]:.3f} in "
            f"{len(run.losses)} epochs; guessing by frequency gives {run.guess_loss:.3f}.",
        )
        prose.caption(
            "Cross-entropy is the mean surprise at the right answer: 0 if the network is always "
            "certain of it.",
        )
    with answers:
        prose.say("##### Unseen examples")
        marks = run.table["right"].map({True: "✓", False: "✗"})
        tables.show_table(run.table.assign(right=marks), height=300)
        wrong = int((~run.table["right"]).sum())
        verb = "is" if wrong == 1 else "are"
        prose.caption(
            f"{wrong} of {len(run.table)} {verb} wrong. Click on a column's name to sort."
        )

prose.say(f"##### What to expect, and why\n{expected}")
page.try_next(*changes)

st.subheader("Is that luck?")
prose.say("One network is one throw of the dice. Train several, and look at their spread.")
table = alignments.many_seeds(made)
if table is not None and len(table):
    page.figure(
        partial(charts.seed_scores, table),
        f"Right on unseen examples, of {len(table)} networks: "
        + ", ".join(f"{value:.0%}" for value in table["whole"])
        + ".",
    )
    spread = f", standard deviation {table['whole'].std():.1%}" if len(table) > 1 else ""
    prose.say(
        f"**Whole answers right: {table['whole'].mean():.1%} on average over {len(table)} "
        f"networks, from {table['whole'].min():.1%} to {table['whole'].max():.1%}{spread}; "
        f"guessing gets {table['guess_whole'].mean():.1%}.**"
    )
    prose.caption("Points are networks, upright lines their mean (orange) and guessing (purple).")
    with st.expander("As a table"):
        tables.show_table(table, "answers of networks", height="auto")

with st.expander("The network and its shapes"):
    rows = alignment_training.summary(made)
    st.table(
        pd.DataFrame(
            [
                {
                    "Layer": row.layer,
                    "Output shape": str(row.output_shape),
                    "Parameters": f"{row.parameters:,}",
                }
                for row in rows
            ]
        ),
        hide_index=True,
    )
    prose.caption(
        f"It reads an array of shape {unseen.x.shape}: samples, steps, features. None stands for "
        "any number of samples. The last layer gives one score for each possible symbol, and the "
        f"highest one is the answer: {', '.join(made.task.symbols)}.",
    )
