"""Gradients: how an error reaches back in time, and what becomes of it on the way."""

from functools import partial

import numpy as np
import streamlit as st

from elman.analysis import gradients
from elman.charts import gradients as charts
from elman.tasks import training_sequence
from elman.ui import kept_runs, menu, page, prose, sidebar, state
from elman.ui.views import gradients as views

menu.hand_over()

experiment = sidebar.current()
sequence = training_sequence(experiment)

page.header("Gradients", "How far back in time does an error reach, and what is left of it there?")
prose.say(
    "To change a weight, the network must know how the error depends on what it did **k** steps "
    "ago: the gradient at **lag** k. On its way back the gradient is multiplied at every step, so "
    "it shrinks (**vanishes**) or grows (**explodes**). This network has one hidden layer: back "
    "means back in time, and depth counts steps. Stacked layers have a page of their own, Layers."
)

source, back, cut = st.columns(3)
network = state.choose(views.NETWORK, source)
lags = state.choose(views.LAGS, back)
depth = state.choose(views.TRUNCATE, cut)

if network == "trained":
    run = page.require_run()
    figure, result = st.container(), st.container()
    epoch = page.choose_epoch(run)
    trace = gradients.trace(run.at(epoch).weights, experiment, sequence)
    rng = None
    shown = (kept_runs.cache_key(run), epoch)
else:
    size, units, form, draw = st.columns(4)
    radius = state.choose(views.RADIUS, size)
    hidden = state.choose(views.FRESH_HIDDEN, units)
    activation = state.choose(views.FRESH_ACTIVATION, form)
    seed = state.choose(views.FRESH_SEED, draw)
    figure, result = st.container(), st.container()
    # Windows just as long as the lags: the states of an exploding network leave the range of
    # floats before long.
    windows = experiment.replace(hidden=hidden, reset="every", reset_every=lags + 1)
    weights = gradients.fresh_weights(windows, sequence, radius, rng=np.random.default_rng(seed))
    trace = gradients.trace(
        weights, windows, sequence, steps=20 * (lags + 1), activation=activation
    )
    rng = np.random.default_rng(seed)
    shown = (windows, radius, activation, seed)

table = gradients.by_lag(trace, lags, depth, rng=rng)
with figure:
    if network == "trained" and epoch < run.epochs_done:
        prose.say(f"##### {page.network_at(run, epoch)}")
    if network == "fresh":
        views.say_which_random(hidden, activation)
    known = table.dropna(subset="relative")
    page.figure(
        partial(charts.gradient_by_lag, table, depth),
        "Gradient relative to lag 0: "
        + ", ".join(f"lag {row.lag} {row.relative:.2g}" for row in known.head(8).itertuples())
        + ". The one-step gradient ends at lag 0, the truncated one at lag "
        f"{depth - 1}.",
    )
with result:
    prose.say(f"**{gradients.describe_reach(table, depth)}**")
    prose.caption(
        "Line: median over many steps of the sequence; shade: the middle four fifths of them. "
        "Where either ends early, less is left than the axis shows. "
        + (
            "The error followed back is the task's own."
            if rng is None
            else "The error followed back is a random direction, since this network has learned "
            "nothing yet. It reads windows as long as the longest lag, so its figures depend a "
            "little on that."
        ),
    )

page.try_next(
    ("Before training", "Does learning open a way back?", {"net": "trained", "epoch": 0}),
    (
        "An exploding network",
        "Fifty rectified units, spectral radius 3.",
        {"net": "fresh", "radius": 3.0, "fresh_activation": "relu", "fresh_hidden": 50},
    ),
    (
        "Overwrite the context",
        "The bug, and the check that finds it.",
        {"net": "trained", "closer": "check", "order_of_work": "overwritten"},
    ),
)

st.subheader("Look closer")
closer = state.choose(views.CLOSER)
if closer == "unrolled":
    views.unrolled(table, depth, experiment, sequence)
elif closer == "jacobians":
    views.jacobians(trace, shown, lags)
elif closer == "depth":
    views.depths(gradients.by_depth(trace, lags, rng=rng), depth)
elif closer == "check":
    views.check(trace)
else:
    views.clip()

with st.expander("All numbers of the figure"):
    views.show_table(table, "gradient by lag")

prose.say(
    """
##### What to expect, and why

- **A network of sigmoid units begins almost blind to what lies three steps back.** The slope of a
  sigmoid is 1/4 at most, so every step leaves a part of the gradient only: about a twentieth with 4
  units, a quarter with 150. Learning makes the context weights larger and so opens a
  way back: compare the network before training.
- **The spectral radius decides, and the activation where.** With tanh units gradients grow above a
  radius of about 1. Rectified units need more, as those that are silent pass nothing back; with
  sigmoid units gradients still shrink at 8.
- **A gradient cut short misses what lies further back.** How much that is for this network,
  the view of its depth above shows; what a network learns in spite of it, Train and Memory show.
- **Clipping tames a gradient that explodes.** It cannot bring back one that has vanished; LSTM and
  GRU were made for that, see Memory.
- **A check by difference quotients finds what a falling loss hides.** Two lines in the wrong order
  leave a network that still learns, only worse.
"""
)
