"""Memory: for how many steps four learners can hold on to one symbol."""

from functools import partial
from operator import attrgetter

import pandas as pd
import streamlit as st

from elman.charts import memory as charts
from elman.charts.shapes import form_picture
from elman.studies import recall
from elman.ui import jobs, menu, page, prose, tables
from elman.ui.views import memory_form
from elman.ui.work import Work

menu.hand_over()

# In lines short enough for a phone.
RNN_EQUATIONS = r"""\begin{aligned}
h_t = \tanh(\,&W_{ih}\, x_t + b_{ih} \\
&+ W_{hh}\, h_{t-1} + b_{hh})
\end{aligned}"""
LSTM_EQUATIONS = r"""\begin{aligned}
a_t &= W_{ih}\, x_t + b_{ih} \\
&\quad + W_{hh}\, h_{t-1} + b_{hh} \\
i, f, o &= s(a_t) \qquad g = \tanh(a_t) \\
c_t &= f \cdot c_{t-1} + i \cdot g \\
h_t &= o \cdot \tanh(c_t)
\end{aligned}"""
GRU_EQUATIONS = r"""\begin{aligned}
r, z &= s(W_{ih}\, x_t + b_{ih} \\
&\qquad + W_{hh}\, h_{t-1} + b_{hh}) \\
n &= \tanh(W_{in}\, x_t + b_{in} \\
&\qquad + r \cdot (W_{hn}\, h_{t-1} + b_{hn})) \\
h_t &= (1 - z) \cdot n + z \cdot h_{t-1}
\end{aligned}"""

CELLS = (
    (
        "one-step",
        RNN_EQUATIONS,
        "Its gradient stops at $h_{t-1}$, which counts as an input: nothing teaches an earlier "
        "step what to keep.",
    ),
    (
        "full",
        RNN_EQUATIONS,
        "The same cell. Its gradient goes back through every $h$, and is multiplied by "
        "$W_{hh}$ and a slope at each step.",
    ),
    (
        "lstm",
        LSTM_EQUATIONS,
        "Each of i, f, g, o has its own rows of $a_t$, $W_{ih}$ and $W_{hh}$. Along $c$ the "
        "gradient is multiplied by the forget gate $f$ alone, which can stay near 1.",
    ),
    (
        "gru",
        GRU_EQUATIONS,
        "Where the update gate $z$ is near 1, the old state passes on unchanged, and so does "
        "its gradient.",
    ),
)


def draw(results: list[recall.Result], test: recall.MemoryTest) -> pd.DataFrame:
    """The figure of all results so far and its reading; the summary."""
    table = recall.summary(results)
    frame = pd.DataFrame(results, columns=list(recall.Result._fields))
    page.figure(
        partial(charts.recall_by_lag, table, frame, test.lags, test.chance),
        "Share of right answers: "
        + "; ".join(
            f"{recall.LEARNERS[row.learner]}, lag {row.lag}: {row.mean:.0%}"
            for row in table.itertuples()
        )
        + f". Guessing: {test.chance:.0%}.",
    )
    return table


def example(ask: str) -> None:
    """What is asked, as a picture, for readers who have not trained anything yet."""
    answers, answers_at, when = "c", "end", "at the end"
    if ask == "every":
        answers, answers_at, when = "ccccc", "each", "at every step"
    page.figure(
        partial(form_picture, "cadba", answers, answers_at),
        f"One sequence at lag 4: the network reads c, a, d, b, a and should answer c {when}.",
    )
    prose.say(
        "**One sequence at lag 4. Which of the four will forget first? Make a guess, then train "
        "them.**"
    )


def show(report: recall.Report, test: recall.MemoryTest) -> None:
    """The figure, its reading and its table."""
    if not report.results:
        st.info("Stopped before the first training was complete.")
        return
    table = draw(report.results, test)
    prose.say(f"**{recall.describe_recall(table)}**")
    prose.caption(
        "Large marks: mean over the seeds; lines through them: from the lowest to the highest "
        "seed; faint points: single seeds. A lag counts as recalled when at least "
        f"{recall.SOLVED:.0%} of {recall.TESTED} new sequences are answered rightly.",
    )
    with st.expander("All numbers of the figure"):
        tables.show_table(table.assign(learner=table["learner"].map(recall.LEARNERS)), "memory")


page.header("Memory", "For how many steps can a network hold on to one symbol?")
prose.say(
    "A network reads random letters and must name the **first** one. At **lag** 4 it reads, say, "
    "**c** a d b a and has to answer **c**. Four learners try this at growing lags, on the same "
    "sequences."
)
counts = st.empty()
task = memory_form.choose_task()
figure = st.container()
with st.expander("More settings"):
    test = recall.MemoryTest(**task, **memory_form.choose_learners())

prose.caption(
    "Parameters, as near to each other as whole hidden units allow: "
    f"{recall.describe_sizes(test)}.",
    counts,
)

work = Work(
    test,
    "recall",
    partial(recall.run_memory_test, test),
    recall.work(test),
    starts="on a press",
    part=lambda results: recall.Report(results, finished=False),
    stopped=attrgetter("message"),
    label="Train all four",
    advice="Fewer seeds or updates, or a shorter longest lag, bring it down.",
)
with figure:
    report = jobs.result(work, lambda results: draw(results, test), partial(example, test.ask))
    if report is not None:
        show(report, test)

page.try_next(
    ("Ask at every step", "Does an error at each step help the short gradient?", {"ask": "every"})
    if test.ask == "end"
    else ("Ask at the end", "Who still remembers without that help?", {"ask": "end"}),
    (
        "Half-open gates",
        "LSTM and GRU with a first gate bias of 0.",
        {"gate_bias": 0.0, "ask": "end"},
    ),
    ("Twice as far", "Lags up to 32: who is left?", {"longest_lag": 32}),
)

st.subheader("The four learners")
sizes = recall.sizes(test).set_index("learner")
for pair in (CELLS[:2], CELLS[2:]):
    for column, (learner, equations, words) in zip(st.columns(2), pair, strict=True):
        with column.container(border=True):
            row = sizes.loc[learner]
            prose.say(
                f"**{recall.LEARNERS[learner]}** · {row['hidden']} hidden units, "
                f"**{row['parameters']:,} parameters**"
            )
            st.latex(equations)
            prose.caption(words)
prose.caption(
    "x: input, h: hidden state (Elman's context is $h_{t-1}$), c: cell state, s: logistic "
    "function, · element by element. The symbols are those of the code. Counts include the output "
    "layer that names the symbol.",
)
# What to expect where the answer is asked for at the end, and at every step.
EXPECTED = {
    "end": """
- **At lag 1 all four are right, or nearly**: one more step, and the first letter must still be in
  the state.
- **The one-step gradient fails first.** Nothing teaches it to keep a letter that is asked for
  later; it answers from what its first weights happen to carry along.
- **The full gradient reaches further**, as far as anything of it arrives at the first letter.
  Beyond that it has vanished, and the network guesses.
- **Gates that start nearly open reach furthest**, the GRU's by far, the LSTM's not much beyond the
  full gradient: states pass on nearly unchanged, and gradients with them. Half-open gates halve
  both at each step, and the advantage is gone. More updates bring them and the full gradient
  further, the one-step gradient not.
""",
    "every": """
- **Learners reach further than when asked at the end**, the one-step gradient most of all. Keeping
  the letter for one step more is rewarded at every step, and that it can teach.
- **Still further out the order is the same**: first the one-step gradient fails, then the full one,
  and gates reach furthest. Set the longest lag to 32.
- **The task is easier, not the memory longer.** A text that tells its secret only at the end gives
  no such help.
""",
}
prose.say(
    f"""
##### What to expect, and why
{EXPECTED[test.ask]}- **Seeds differ**, most where a learner is about to fail. One network is one
  throw of the dice.
"""
)
