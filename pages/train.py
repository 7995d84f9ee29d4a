"""Train: what the network learns, as a curve, a picture, three numbers and a table."""

import unicodedata
from functools import partial

import streamlit as st

from elman import charts
from elman.charts import diagrams
from elman.tasks import task_of, training_sequence
from elman.ui import menu, page, pins, prose, sidebar
from elman.ui.views import train

menu.hand_over()

# One row of single letters, or two of words, which need wider cells.
SHOWN_LETTERS, SHOWN_WORDS, WORDS_A_ROW = 18, 10, 5

experiment = sidebar.current()
task = task_of(experiment)
training = training_sequence(experiment)

page.header("Train", task.question)
page.new_here()

symbols = [task.symbols[index] for index in training.symbols[:SHOWN_LETTERS]]
wide = max(map(len, symbols)) > charts.SHORT_NAME
symbols = symbols[:SHOWN_WORDS] if wide else symbols
shown = slice(0, len(symbols))
# The step before a symbol may foretell it; before the first there is none.
certain = [False, *training.predictable[shown][:-1]] if training.has_rule else None
page.figure(
    partial(
        diagrams.symbol_strip,
        symbols,
        training.group_starts[shown],
        certain,
        columns=WORDS_A_ROW if wide else None,
    ),
    f"The first {len(symbols)} symbols of the sequence: {' '.join(symbols)}.",
)
if not training.has_rule:
    words = "The beginning of the text, one symbol after another. Nobody states its rule."
    if task.mark is not None:
        words += f" {task.symbols[task.mark]} stands where a document begins, and the last ended."
    if any(unicodedata.bidirectional(symbol[0]) in ("R", "AL") for symbol in task.symbols):
        words += " Time runs from left to right here, also for letters written right to left."
    if experiment.boundary or experiment.group_length:
        words += " Gaps stand between groups."
elif training.predictable.any():
    words = "Green symbols can be predicted from the ones before them; grey ones are open."
else:
    words = f"No {'word' if wide else 'symbol'} is certain, but some are likelier than others."
    words += f" Gaps stand between {task.group}s; the network does not see them."
prose.caption(words)

# What needs no run is on the page before the run is there.
shown = st.container()
page.try_next(
    ("Take the memory away", "Reset at every step: what is left?", {"reset": "step"})
    if experiment.reset != "step"
    else (
        "Give the memory back",
        "Reset before each pass only: what comes back?",
        {"reset": "epoch"},
    ),
    (
        "Half the hidden units" if experiment.hidden > 1 else "Four hidden units",
        "Do fewer units still learn the rule?",
        {"hidden": experiment.hidden // 2 or 4},
    ),
    (
        "Another start",
        "The same run from other first weights.",
        {"seed": (experiment.seed + 1) % 2**32},
    ),
)

with shown:
    run = page.require_run()
    result = st.container()
    pins.prepare(experiment)
    with result:
        train.result(run)
