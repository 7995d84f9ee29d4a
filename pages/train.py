"""Train: what the network learns, as a curve, a picture, three numbers and a table."""

import unicodedata
from functools import partial

import streamlit as st

from elman import charts
from elman.analysis import errors
from elman.analysis.references import describe_references
from elman.charts import diagrams
from elman.charts.loss import loss_curve
from elman.tasks import task_of, training_sequence
from elman.ui import kept_runs, menu, page, prose, runs, sidebar, state, tables

menu.hand_over()

# Low enough for the result to stand in the first screen of a small window.
FIGURE_HEIGHT = 240

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

run = page.require_run()

figures = st.container()
result = st.container()
epoch = page.choose_epoch(run)

# A context that is set back to zero before every step brings nothing.
silent = experiment.reset == "step" and experiment.context_start == 0.0

with figures:
    references = runs.references_of(experiment)
    curve, picture = st.columns([3, 2])
    with curve:
        looked_back = epoch if epoch < run.epochs_done else None
        pinned = kept_runs.pinned_beside(run)
        over = None if pinned is None else (kept_runs.pinned_as(run), pinned.losses)
        page.figure(
            partial(
                loss_curve,
                run.losses,
                references,
                marked_epoch=looked_back,
                pinned=over,
                height=FIGURE_HEIGHT,
            ),
            f"The loss goes from {run.losses[0]:.4f} to {run.final_loss:.4f} in "
            f"{run.epochs_done} epochs. Lines: {describe_references(references)}."
            + ("" if pinned is None else f" Pinned, {over[0]}: ends at {pinned.final_loss:.4f}."),
        )
    with picture:
        page.figure(
            partial(
                diagrams.network_diagram,
                run.at(epoch).weights,
                height=FIGURE_HEIGHT,
                silent_context=silent,
            ),
            f"The network after {epoch} epochs: {len(task.features)} input, {experiment.hidden} "
            f"context, {experiment.hidden} hidden and {len(task.features)} output units. "
            "Thick lines are strong weights.",
        )

st.subheader("Predicted against expected")
sequence, reset = page.choose_test(run)
tested = page.tested(run, sequence, epoch, reset)
steps = state.choose(page.STEPS)
tables.show_predictions(errors.predictions(tested, steps), task)

with result:
    page.say_result(tested)
    kept_runs.say_difference(tested)
    page.metrics(run, epoch, references, errors.accuracy(tested), task)
    page.reference_caption(references)
    prose.caption(
        "In the network thick lines are strong weights: warm ones excite, blue ones inhibit. After "
        "each step the hidden layer is copied into the context (dashed)."
        + (" Here the context is zero at every step, and its lines do nothing." * silent),
    )

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
