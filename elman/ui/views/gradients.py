"""The closer looks of the Gradients page: one function for each, drawn when it is chosen."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from elman.analysis import gradient_check, gradients
from elman.charts import gradients as charts
from elman.charts.diagrams import unrolled_network
from elman.experiment import ACTIVATIONS, Experiment
from elman.network import ElmanNetwork
from elman.studies import clipping
from elman.tasks import Sequence, task_of
from elman.ui import jobs, page, prose, state, tables
from elman.ui.work import Work

# Degrees by which a deeper gradient may point further away without a word.
TURNED = 0.5

TRAINING_STEPS = {
    "right": ElmanNetwork,
    "overwritten": gradient_check.OverwrittenContextNetwork,
}

CODE = {
    "right": "output, hidden = self.forward(x)\n"
    "error = self.backward(x, hidden, output, target)   # W_hh needs the old context\n"
    "self.update_context(hidden)",
    "overwritten": "output, hidden = self.forward(x)\n"
    "self.update_context(hidden)                        # too early: the old context is gone\n"
    "error = self.backward(x, hidden, output, target)",
}


NETWORK = state.Control(
    "net",
    "Network",
    st.segmented_control,
    ("trained", "fresh"),
    default="trained",
    help="**trained**: the sidebar's network, at every epoch; **fresh**: another one, which no "
    "training has touched, with units, activation and spectral radius that you choose here.",
)
LAGS = state.Control(
    "lags",
    "Longest lag",
    st.select_slider,
    (5, 10, 15, 20, 30, 40, 60),
    default=20,
    help="How many steps back the error is followed.",
)
TRUNCATE = state.Control(
    "truncate",
    "Truncated gradient: steps used",
    st.select_slider,
    (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30),
    default=4,
    help="Truncated backpropagation through time follows the error back this many steps, counting "
    "its own; 1 is Elman's one-step gradient.",
)
RADIUS = state.Control(
    "radius",
    "Spectral radius of W_hh",
    st.select_slider,
    (0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0),
    default=1.0,
    help="Size of the largest eigenvalue: about how much the context weights alone stretch a "
    "signal at each step.",
)
FRESH_HIDDEN = state.Control(
    "fresh_hidden",
    "Hidden units",
    st.select_slider,
    (2, 4, 10, 20, 50, 100),
    default=50,
    help="Of this random network alone; the sidebar's stays as it is.",
)
FRESH_ACTIVATION = state.Control(
    "fresh_activation", "Activation", st.segmented_control, ACTIVATIONS, default="tanh"
)
FRESH_SEED = state.Control("fresh_seed", "Seed", st.select_slider, tuple(range(10)), default=0)
CLOSER = state.Control(
    "closer",
    "View",
    st.segmented_control,
    ("unrolled", "jacobians", "depth", "check", "clipping"),
    default="unrolled",
    help="**unrolled**: the picture of the network over several steps; **jacobians**: what "
    "shrinks or stretches the gradient; **depth**: a short gradient against the full one; "
    "**check**: gradients against difference quotients; **clipping**: long gradients shortened.",
)
UNROLL = state.Control("unroll", "Steps shown", st.select_slider, tuple(range(2, 11)), default=6)
ORDER_OF_WORK = state.Control(
    "order_of_work",
    "Training step",
    st.segmented_control,
    tuple(TRAINING_STEPS),
    default="right",
    help="**right**: Elman's order; **overwritten**: the hidden layer is copied into the context "
    "before the weights change, as in two public re-implementations.",
)
CHECK_STEP = state.Control("check_step", "Step checked", st.select_slider)
CHECK_DEPTH = state.Control(
    "check_depth",
    "Depth of the gradient",
    st.select_slider,
    (1, 2, 3, 5, 10),
    default=1,
    help="1 is Elman's one-step gradient.",
)
# In the order of `ClippingTest`.
CLIPPING = tuple(
    state.Control(name, label, st.select_slider, options, default=default)
    for name, label, options, default in (
        ("clip_radius", "Spectral radius", (0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5), 1.6),
        ("clip_rate", "Learning rate", (0.01, 0.02, 0.05, 0.1, 0.2, 0.5), 0.05),
        ("clip_limit", "Clip at norm", (0.1, 0.3, 1.0, 3.0, 10.0, 100.0), 1.0),
        ("clip_steps", "Steps of a sequence", (5, 10, 20, 30, 40, 60), 30),
    )
)
CLIP_SEED = state.Control("clip_seed", "Seed shown on the right", st.segmented_control, default=0)


def say_which_random(hidden: int, activation: str) -> None:
    """As a heading, that the figure is not about the sidebar's network, and the way to that."""
    with st.container(horizontal=True, vertical_alignment="center"):
        prose.say(
            f"##### Not the sidebar's network: a fresh, random one of {hidden} {activation} units",
            width="content",
        )
        st.button(
            "The sidebar's before training",
            on_click=state.put,
            kwargs={NETWORK.name: "trained", page.EPOCH.name: 0},
            key="sidebars_untrained",
        )


def show_table(frame: pd.DataFrame, name: str) -> None:
    """The columns of the table `name` of `ui.tables`, and no others."""
    height: tables.Height = 350 if len(frame) > 9 else "content"
    tables.show_table(frame, name, order=tables.COLUMNS[name], height=height)


def unrolled(table: pd.DataFrame, depth: int, experiment: Experiment, sequence: Sequence) -> None:
    """The picture of the network over a chosen number of steps."""
    prose.say("##### The network unrolled: one column for each step")
    steps = state.choose(UNROLL)
    relative = table["relative"].to_numpy()[:steps]
    shares = [*relative, *[np.nan] * (steps - len(relative))]
    symbols = [task_of(experiment).symbols[k] for k in sequence.symbols[:steps]]
    if max(map(len, symbols)) > 2:
        symbols = []
    # No gradient goes back past a reset.
    left = ", ".join(f"{share:.2g}" for share in shares[1:] if np.isfinite(share))
    page.figure(
        partial(unrolled_network, shares, depth, symbols),
        f"The network unrolled over {steps} steps. Of the last step's error, back in time, "
        f"{left or 'nothing'} of the gradient is left.",
    )
    prose.caption(
        "The same weights stand in every column; grey arrows carry the signal forward. Orange "
        f"arrows carry the error of step t back, thicker where more is left, as far as a gradient "
        f"of depth {depth} uses it; dotted ones are not followed. Each percentage is what is left "
        "of the gradient at step t.",
    )


def _products(key: Hashable, lags: int, trace: gradients.NetworkTrace) -> pd.DataFrame:
    work = Work((key, lags), "jacobians", lambda *_: gradients.jacobian_products(trace, lags))
    return jobs.answer(work, "Multiplying Jacobians.")


def jacobians(trace: gradients.NetworkTrace, key: Hashable, lags: int) -> None:
    """How far the product of Jacobians stretches a vector."""
    prose.say("##### Product of Jacobians: how strongly h at step t depends on h before")
    table, limit = _products(key, lags, trace), gradients.stretch_limit(trace)
    measured = table.dropna()
    page.figure(
        partial(charts.jacobian_by_lag, table),
        "Largest stretch by the product of Jacobians: "
        + ", ".join(f"lag {row.lag} {row.norm:.2g}" for row in measured.head(6).itertuples())
        + ".",
    )
    verdict = (
        "below 1, so every gradient of this network **must** vanish"
        if limit < 1.0
        else "at least 1, so gradients **may** explode, though units at rest can still let them "
        "vanish"
    )
    prose.say(
        "A hidden state depends on the one before through the **Jacobian** diag(f′) W_hh, and on "
        "the one k steps before through a product of k of them. One factor stretches a vector at "
        f"most by the steepest slope of f times the largest singular value of W_hh: here "
        f"**{limit:.3g}**, {verdict}."
    )
    show_table(table, "stretch by lag")


def depths(table: pd.DataFrame, depth: int) -> None:
    """What of the full gradient a short one sees."""
    prose.say("##### Short against full: where a gradient that stops early points")
    known = table.dropna()
    if known.empty:
        st.info("There is no gradient here: the outputs are saturated or already right.")
        return
    page.figure(
        partial(charts.angle_by_depth, table, depth),
        "Angle to the full gradient: "
        + ", ".join(
            f"depth {row.depth} {row.angle:.1f} degrees" for row in known.head(6).itertuples()
        )
        + ".",
    )
    one = known.iloc[0]
    angles = known.set_index("depth")["angle"]
    worse = angles.index[angles.diff() > TURNED]
    prose.say(
        f"**The one-step gradient points {one.angle:.0f} degrees away from the full one and is "
        f"{one.share:.2g} times as long.** At 0 degrees both go the same way; at 90 a step along "
        "one does nothing for the other."
    )
    if len(worse):
        prose.say(
            f"At depth {worse[0]} it points further away than at {worse[0] - 1} "
            f"({angles[worse[0]]:.0f} against {angles[worse[0] - 1]:.0f} degrees). That is no "
            "mistake: each depth adds the part of one more step back, and a part alone may point "
            "away from the sum of all, until the parts after it make up for that."
        )
    show_table(table, "gradient by depth")


def check(trace: gradients.NetworkTrace) -> None:
    """The live central-difference check, and the bug that it catches."""
    prose.say("##### Gradient check: what training does against what the error says")
    left, middle, right = st.columns(3)
    kind = state.choose(ORDER_OF_WORK, left)
    offered = tuple(n for n in (2, 3, 4, 5, 8, 10, 20, 50, 100) if n <= len(trace.states))
    step = state.choose(CHECK_STEP, middle, options=offered, default=offered[-1])
    depth = state.choose(CHECK_DEPTH, right)
    table = gradient_check.gradient_check(TRAINING_STEPS[kind], trace, step, depth=depth)
    wrong = table[~table["right"]]
    page.figure(
        partial(charts.gradient_check, table),
        f"Relative differences of {len(table)} weights; {len(wrong)} are above 1e-05.",
    )
    worst = table.loc[table["difference"].idxmax()]
    if wrong.empty:
        prose.say(
            f"**All {len(table)} weights agree:** the largest relative difference is "
            f"{worst.difference:.1g}, at {worst.weight}."
        )
    else:
        prose.say(
            f"**{len(wrong)} of {len(table)} weights are wrong,** all in "
            f"{', '.join(wrong['array'].unique())}: {worst.weight} is off by "
            f"{100 * worst.difference:.3g}%."
        )
        if kind == "right":
            prose.caption(
                "Nothing is wrong with the step itself: a rectified unit whose input is exactly 0 "
                "has no slope there, and both sides of it disagree."
                if trace.activation == "relu"
                else "Very large weights can make the error too steep for a difference quotient.",
            )
    st.code(CODE[kind], language="python")
    if kind == "overwritten":
        prose.caption(
            "It still learns something, so nobody notices: in 25 passes through 300 letters, from "
            "20 seeds, its loss fell from 0.20 to between 0.06 and 0.08; in the right order to "
            "between 0.04 and 0.065, lower from each seed (20 hidden units, learning rate 0.2)."
        )
    prose.caption(
        "Numeric: move one weight a little up and down and see how the error changes. Analytic: "
        "what one training step really takes off that weight. Both must agree. A sample of each "
        "array is checked; differences of gradients below 1e-05 are measured against 1e-05.",
    )
    marks = table["right"].map({True: "✓", False: "✗"})
    show_table(table.assign(right=marks), "gradient check")


def _compared(test: clipping.ClippingTest) -> pd.DataFrame:
    work = Work(
        test, "clipping", lambda on_progress, should_stop: clipping.compare(test, should_stop)
    )
    return jobs.answer(work, "Training small networks, clipped and not.")


def clip() -> None:
    """Real small trainings without and with gradient clipping."""
    prose.say("##### Clipping: what keeps an exploding gradient from doing harm")
    prose.say(
        "A network of its own, apart from the sidebar: 20 rectified units read a row of random "
        "numbers and learn their sum over the root of their count, with the full gradient. "
        "**Clipping** shortens a gradient that is longer than the limit, and keeps its direction."
    )
    pairs = zip(CLIPPING, st.columns(4), strict=True)
    test = clipping.ClippingTest(*(state.choose(control, column) for control, column in pairs))
    frame = _compared(test)
    ends = clipping.outcomes(frame)
    without, clipped = (ends[ends["way"] == way] for way in clipping.WAYS.values())
    losses, norms = st.columns(2)
    summary = st.container()
    seed = state.choose(CLIP_SEED, options=tuple(range(test.seeds)))
    chosen = frame[(frame["seed"] == seed) & (frame["way"] == clipping.WAYS[True])]
    with losses:
        page.figure(
            partial(charts.clipping_losses, frame, test.updates),
            f"Losses of {test.seeds} trainings without and with clipping; "
            f"{without['infinite'].sum()} and {clipped['infinite'].sum()} became infinite.",
        )
    with norms:
        page.figure(
            partial(charts.clipping_norms, chosen, test.limit),
            f"Norm of the gradient of seed {seed}, at most {chosen['before'].max():.3g} before "
            f"and {chosen['after'].max():.3g} after clipping.",
        )
    prose.say(
        f"**Without clipping the loss became infinite in {without['infinite'].sum()} of "
        f"{test.seeds} trainings, with clipping in {clipped['infinite'].sum()}.** The median of "
        f"the last losses with clipping is {clipped['final'].median():.3g}; always answering 0 "
        f"gives {clipping.ALWAYS_ZERO:.3g}.",
        summary,
    )
    show_table(
        ends.assign(
            ended=ends["infinite"].map({True: "infinite", False: "finite"}),
            seed=ends["seed"].astype(int),
        ),
        "clipping",
    )
