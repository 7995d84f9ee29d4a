"""Train: what the network learns, as a curve, a picture, three numbers and a table."""

import streamlit as st

from elman import charts, diagrams
from elman.analysis import errors, reading
from elman.tasks import task_of
from elman.ui import links, page, runs, sidebar

SHOWN_SYMBOLS = 18

experiment = sidebar.current()
task = task_of(experiment)
training = runs.sequence_of(experiment, "training")

page.header("Train", task.question)
page.new_here()

shown = slice(0, min(SHOWN_SYMBOLS, len(training)))
symbols = [task.symbols[index] for index in training.symbols[shown]]
# The step before a symbol may foretell it; before the first there is none.
foretold = [False, *training.predictable[shown][:-1]]
page.figure(
    charts.symbol_strip(symbols, training.group_starts[shown], foretold),
    f"The first {len(symbols)} symbols of the sequence: {' '.join(symbols)}.",
)
st.caption("Green symbols can be predicted from the ones before them; grey ones are random.")

run = page.require_run()

figures = st.container()
result = st.container()
epoch = page.choose_epoch(run)

with figures:
    floor = float(training.floor.mean())
    curve, picture = st.columns([3, 2])
    with curve:
        looked_back = epoch if epoch < run.epochs_done else None
        page.figure(
            charts.loss_curve(run.losses, floor, marked_epoch=looked_back),
            f"The loss goes from {run.losses[0]:.3f} to {run.final_loss:.3f} in "
            f"{run.epochs_done} epochs. The floor is {floor:.3f}; always answering 0.5 gives 0.25.",
        )
    with picture:
        page.figure(
            diagrams.network_diagram(run.at(epoch).weights),
            f"The network after {epoch} epochs: {len(task.features)} input, {experiment.hidden} "
            f"context, {experiment.hidden} hidden and {len(task.features)} output units. "
            "Thick lines are strong weights.",
        )
        st.caption(
            "Thick lines are strong weights: warm ones excite, blue ones inhibit. After each step "
            "the hidden layer is copied into the context (dashed)."
        )

st.subheader("Predicted against expected")
sequence, reset = page.choose_test(run)
outputs, _ = page.tested(run, sequence, epoch, reset)
steps = links.choose(st.select_slider, "Steps shown", (12, 24, 48, 96), key="steps", default=12)
page.predictions(errors.predictions(outputs, sequence, task, steps), task)

with result:
    st.markdown(f"**{reading.result_in_words(outputs, sequence, task)}**")
    page.metrics(run, epoch, floor, errors.accuracy(outputs, sequence), task)

page.try_next(
    ("Take the memory away", "Reset at every step: what is left?", {"reset": "step"}),
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
