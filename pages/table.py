"""Own table: networks predict the next row of a table, beside forecasts that need no network."""

from functools import partial

import pandas as pd
import streamlit as st

from elman.charts import files
from elman.charts import table as charts
from elman.studies import table_answers as answers
from elman.studies.table_experiment import ELMAN, LAYERS, NAIVE_WORDS
from elman.studies.table_rows import scaling_table
from elman.studies.table_training import Curve, TableRun
from elman.ui import jobs, menu, page, prose, tables
from elman.ui.show import as_code
from elman.ui.views import table_form

menu.hand_over()


def learning(curves: list[Curve], epochs: int) -> None:
    """How the networks learn, while they do and afterwards."""
    page.figure(
        partial(charts.learning, curves, epochs),
        "The loss of each network, as a share of that of always answering the mean: "
        + "; ".join(
            f"{answers.called(one.network)} {one.losses[0]:.3g} to {one.losses[-1]:.3g} in "
            f"{len(one.losses)} epochs"
            for one in curves
            if len(one.losses)
        )
        + ".",
    )


def picture(run: TableRun, measured: pd.DataFrame) -> str:
    """What came and what was forecast, over held-out rows of one sequence; the column shown."""
    rows = run.rows
    kept = tuple(
        name for at, name in enumerate(rows.sequences) if rows.test[rows.sequence == at].any()
    )
    figure = st.container()
    column, sequence = rows.predict[0], kept[0]
    places = [*st.columns(2)]
    if len(rows.predict) > 1:
        column = table_form.choose_name(table_form.SHOWN, rows.predict, column, places.pop(0))
    if len(kept) > 1:
        sequence = table_form.choose_name(table_form.PART, kept, sequence, places.pop(0))
    drawn = answers.held_out(run, measured, column, sequence)
    with figure:
        page.figure(partial(charts.held_out, drawn, column), answers.describe_held_out(drawn))
    prose.say(f"**{answers.verdict(run, measured, column, as_code)}**")
    prose.caption(
        f"{answers.describe(measured, column)} Better or worse: by more than luck would give, "
        "over the steps and the seeds."
    )
    return column


def numbers(run: TableRun, measured: pd.DataFrame, column: str) -> None:
    """Errors, forecasts and scaling, as tables and files; the errors of one column as a figure."""
    rows, said = run.rows, answers.forecasts(run)
    scaling = scaling_table(rows, run.experiment.layer)
    errors, forecasts, scaled, learned = st.tabs(["Errors", "Forecasts", "Scaling", "Learning"])
    with errors:
        page.figure(
            partial(charts.error_bars, measured, column), answers.describe(measured, column)
        )
        tables.show_table(files.without_formulas(measured), "table errors")
        prose.caption(
            "In the units of each column; bars: the test, strokes: the training rows. Of networks "
            "the mean over the seeds, with the lowest and the highest RMSE. Where a network is "
            "much better in training than in the test, and naive forecasts are not, it knows its "
            "training rows by heart. Naive forecasts: "
            + "; ".join(f"**{name}**, {words}" for name, words in NAIVE_WORDS.items())
            + f". The period is {run.experiment.period} rows."
        )
    with forecasts:
        tables.show_table(files.without_formulas(said), "table forecasts", height=400)
        prose.caption("Of each network the median of its seeds, and the range of them all.")
    with scaled:
        tables.show_table(files.without_formulas(scaling), "table scaling")
        prose.caption(
            "Networks learn best from small numbers of one size, and the outputs of Elman's lie "
            "between 0 and 1. So every column is scaled, by the training rows alone, and all "
            "results are scaled back. What lies far outside the training rows Elman's network "
            "cannot answer: its outputs end at 0 and 1."
        )
    with learned:
        curves = [Curve(one.network, one.seed, one.losses) for one in run.networks]
        learning(curves, run.experiment.epochs)
        prose.caption(
            "Mean squared error over the training rows in scaled numbers, while learning; always "
            "answering their mean gives 1."
        )
    with st.container(horizontal=True):
        for label, frame in (("Errors", measured), ("Forecasts", said), ("Scaling", scaling)):
            _download(label, frame)


def _download(label: str, frame: pd.DataFrame) -> None:
    st.download_button(
        f"{label}, CSV",
        partial(files.csv, files.without_formulas(frame)),
        file_name=f"table-{label.lower()}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"t_{label.lower()}_csv",
    )


page.header("Own table", "Can a network foresee the next row of a table of yours?")
prose.say(
    "Each row is a step. The networks read some of its columns and predict some of the next row; "
    "what they are worth shows on rows that they never learned from, beside naive forecasts."
)
page.elsewhere("A single row of numbers, all of it learned:", "numbers")
controls, shown = st.columns([2, 3])
with controls:
    table = table_form.table()
    experiment, rows = table_form.experiment(table)
with shown:
    work = table_form.training_of(experiment, table, rows)
    run = jobs.result(work, partial(learning, epochs=experiment.epochs))
    if run is not None and run.message and run.finished:
        st.error(run.message)
    if run is not None and not answers.predictions(run):
        run = None
    if run is not None:
        measured = answers.errors(run)
        column = picture(run, measured)
    # Code is too pale in small print.
    prose.say(answers.describe_rows(experiment, rows, as_code))
    table_form.say_rows(experiment, table, rows)
if run is not None:
    numbers(run, measured, column)

other = LAYERS[(LAYERS.index(experiment.layer) + 1) % len(LAYERS)]
page.try_next(
    (f"{other} instead", "Is it the kind of layer that matters?", {"t_layer": other}),
    ("Twice the epochs", "Have the networks learned all there is?", {
        "t_epochs": min(2 * experiment.epochs, 5_000)}),
    ("Whole sequences", "What of a sequence they have never seen?", {"t_test": "sequences"})
    if experiment.test == "later" and len(rows.sequences) > 1
    else ("Twice the hidden units", "Is there more to remember?", {
        "t_hidden": min(2 * experiment.hidden, 200)}),
)  # fmt: skip
prose.say(
    f"""
##### What to expect, and why

- **The last value is hard to beat** where a column changes slowly, and a straight line where the
  next row is a weighted sum of this one. A network is worth its trouble where the next row depends
  on earlier ones, or bends.
- **{answers.called(ELMAN)[0].upper()}{answers.called(ELMAN)[1:]} learns what helps at once.** Its
  gradient stops at the context. The layer's goes back through a piece of {experiment.piece} rows,
  so that it can learn to keep what helps later.
- **A trend leads out of what was learned.** Later rows well above all training rows are beyond
  the outputs of Elman's network; predict the change from row to row instead. A day or an index is
  nothing but trend, so it is read only where you choose it.
- **Rows in between must not be missing.** A step is a row, whatever time lies between two.
"""
)
