"""Number sequences: the classic first exercise, and how far to trust its answer."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from elman.charts import numbers as charts
from elman.studies import forecast
from elman.studies import number_answers as analysis
from elman.studies.numbers import NumberExperiment, NumberRun, windows
from elman.ui import jobs, menu, page, prose, state, tables
from elman.ui.views import number_form

menu.hand_over()

SHOWN_SAMPLES = 3


def picture(run: NumberRun, window: tuple[float, ...]) -> None:
    """Predicted against expected, and what was asked for."""
    experiment = run.experiment
    table = analysis.predictions(run)
    inside, outside = analysis.rms_errors(table)
    further = "" if outside is None else f", beyond it {outside:.3g}"
    asked = analysis.asked_rows(run, window)
    own = f" Asked for: {analysis.spelled(window)}." if len(asked) else ""
    page.figure(
        partial(charts.predicted_against_expected, experiment.sequence, table, asked),
        f"{len(experiment.sequence)} numbers and the network's prediction of each from the "
        f"{experiment.window_size} before. Its typical error is {inside:.3g}{further}.{own}",
    )


def asked(run: NumberRun) -> tuple[float, ...]:
    """The reader's question and three answers to it; the window asked for."""
    experiment = run.experiment
    question, network, line, right = st.columns([3, 2, 2, 2])
    with question:
        window = number_form.asked_window(experiment)
    largest = max(map(abs, (*experiment.sequence, *window))) or 1.0
    expected = analysis.expected_after(experiment, window)
    straight = analysis.line_after(experiment, np.reshape(window, (1, -1, 1)))[0]
    network.metric("Network", analysis.shown(run.next_after(window), largest))
    line.metric(
        "Straight-line fit",
        "not settled" if np.isnan(straight) else analysis.shown(straight, largest),
        help="Linear regression, no network: the next number as a weighted sum of the window's "
        "and a constant, chosen by least squares. It is not settled where lines that fit the "
        "sequence equally well disagree, as with fewer windows than weights.",
    )
    right.metric(
        "Right",
        "not known" if expected is None else analysis.shown(expected, largest),
        help="By the rule that the sequence follows, where it follows one.",
    )
    return window


def loss(run: NumberRun) -> None:
    """How the error fell while the network learned."""
    experiment = run.experiment
    targets = windows(experiment.sequence, experiment.window_size)[1]
    prose.say("##### Learning")
    page.figure(
        partial(charts.number_loss, run.losses, float(targets.var())),
        f"The loss goes from {run.losses[0]:.3g} to {run.final_loss:.3g} in "
        f"{len(run.losses)} epochs; always answering the mean gives {targets.var():.3g}.",
    )
    prose.caption(
        f"It learned in {run.seconds:.2f} seconds, {len(run.losses)} times through "
        + ("a single window." if len(targets) == 1 else f"the same {len(targets)} windows."),
    )


def details(run: NumberRun) -> None:
    """Windows, layers and every prediction, as tables."""
    experiment = run.experiment
    predicted, seen, layers = st.tabs(["Predictions", "Windows", "Layers"])
    with predicted:
        table = analysis.predictions(run)
        tables.show_table(
            table.assign(window=table["window"].map(analysis.spelled)),
            "numbers predicted",
            order=("window", "expected", "network", "line", "last", "error", "where"),
            height="content" if len(table) <= 30 else 600,
        )
    with seen:
        x, y = windows(experiment.sequence, experiment.window_size)
        prose.say(
            f"The layer reads an array of shape **(samples, steps, features) = {x.shape}**: "
            f"{len(x)} windows of {x.shape[1]} steps with one number at each step. The targets "
            f"have shape {y.shape}: one number after each window."
        )
        more = "" if len(x) <= SHOWN_SAMPLES else f"    # and {len(x) - SHOWN_SAMPLES} more"
        shown = "\n".join(
            f"x[{k}] = {x[k].tolist()}    y[{k}] = {y[k].tolist()}"
            for k in range(min(SHOWN_SAMPLES, len(x)))
        )
        st.code(f"{shown}\n{more}".rstrip(), language="python")
    with layers:
        units = experiment.units
        formulas = (
            f"{units} × (1 input + {units} hidden + 1 bias)",
            f"{units} weights + 1 bias",
        )
        table = pd.DataFrame(
            [
                {
                    "Layer": row.layer,
                    "Output shape": str(row.output_shape),
                    "Parameters": f"{row.parameters:,}",
                    "Counted": counted,
                }
                for row, counted in zip(run.summary, formulas, strict=True)
            ]
        )
        st.table(table, hide_index=True)
        prose.say(
            f"**{run.parameter_count:,} parameters** in all, for {len(experiment.sequence)} "
            f"numbers; the straight-line fit has {experiment.window_size + 1}. None in a shape "
            "stands for any number of windows. Counted as in Keras, with one bias a unit; PyTorch "
            f"has two of the same effect, so {run.parameter_count + units:,} there."
        )


def honesty(run: NumberRun, window: tuple[float, ...]) -> None:
    """Many networks at once: seeds, activations and scaling, inside and beyond."""
    st.subheader("How far can you trust it?")
    prose.say(
        "One network is one throw of the dice: other first weights give another answer. Train "
        "many, with ReLU and with tanh units, with raw and with scaled numbers, and compare them "
        "with a straight-line fit."
    )
    networks = state.choose(number_form.NETWORKS)
    experiment = run.experiment
    compared = jobs.result(number_form.training_of_many(experiment, window, networks))
    if compared is None or compared.empty:
        return
    summary = analysis.summary(compared)
    line = float(analysis.line_after(experiment, np.reshape(window, (1, -1, 1)))[0])
    of_line = analysis.rms_errors(analysis.predictions(run), "line")
    expected = analysis.expected_after(experiment, window)
    sentence = analysis.describe_kinds(summary, experiment, window)
    left, right = st.columns(2)
    with left:
        prose.say(f"##### After {analysis.spelled(window)}")
        page.figure(partial(charts.spread, compared, line, expected), sentence)
    with right:
        prose.say("##### Inside the sequence and beyond it")
        page.figure(
            partial(charts.inside_and_beyond, summary, of_line),
            "Median typical errors: "
            + "; ".join(
                f"{kind} {row.inside:.3g} inside, {row.beyond:.3g} beyond"
                for kind, row in zip(charts.kinds_of(summary), summary.itertuples(), strict=True)
            )
            + ".",
        )
    prose.say(f"**{sentence}**")
    prose.caption(
        "ReLU units go on in a straight line above their last bend; tanh units flatten, so their "
        "answers stop growing. A small error inside says little about the error beyond.",
    )
    tables.show_table(
        summary.assign(kind=charts.kinds_of(summary)),
        "kinds of networks",
        order=("kind", "networks", "lowest", "median", "highest", "inside", "beyond"),
        height="auto",
    )


def goes_on(experiment: NumberExperiment, networks: int) -> None:
    """Many networks continue the sequence, each on its own output."""
    st.subheader("Let it go on by itself")
    prose.say(
        "Each answer becomes the last number of the next window, so an error is read again with "
        "every step. Many networks from other first weights show how much of it is luck."
    )
    steps = state.choose(number_form.AHEAD)
    table = jobs.result(number_form.forecast_of(experiment, steps, networks))
    if table is None or table.empty:
        return
    horizon = forecast.by_horizon(table)
    words = forecast.describe_forecast(horizon, table["seed"].nunique())
    page.figure(partial(charts.forecast_band, experiment.sequence, horizon), words)
    prose.say(f"**{words}**")
    if horizon["right"].notna().all():
        page.figure(
            partial(charts.error_by_horizon, horizon),
            "Distance from the right number, on its own and reading what comes: "
            + "; ".join(
                f"step {row.step} {row.free_error:.3g} and {row.one_step_error:.3g}"
                for row in horizon.iloc[[0, len(horizon) // 2, -1]].itertuples()
            ).replace("nan", "none")
            + ".",
        )
    tables.show_table(horizon.dropna(axis="columns", how="all"), "forecast", height="auto")


page.header("Number sequences", "Can a network learn to continue a row of numbers?")
prose.say(
    "It reads the last few numbers, a **window**, one after the other, and answers with the next. "
    "All windows of the sequence are its lessons. Choose a sequence or type your own; a new "
    "network learns it at once."
)
page.elsewhere("Nothing is kept back for a test. A table, tested on rows kept back:", "table")
controls, shown = st.columns([2, 3])
with controls:
    current = number_form.experiment()
with shown:
    trained = number_form.current_run(current)
if trained is not None:
    with shown:
        above, words = st.container(), st.container()
    window = asked(trained)
    with above:
        picture(trained, window)
    prose.say(f"**{analysis.describe_answer(trained, window)}**", words)
    rule, follow = analysis.rule(current.sequence)
    prose.caption(
        (
            "No rule is known here, so nothing says how the sequence goes on. "
            if follow is None
            else f"Rule: {rule}; the network is never told it. Beyond: the sequence continued by "
            "this rule. "
        )
        + "Typical error: the root of the mean squared error. Straight-line fit: no network, but "
        "the weighted sum of the numbers in the window, plus a constant, that comes nearest.",
        words,
    )
    learning, numbers = st.columns([2, 3])
    with learning:
        loss(trained)
    with numbers:
        details(trained)
    honesty(trained, window)
    goes_on(current, state.chosen(number_form.NETWORKS) or number_form.NETWORKS.default)

far = analysis.spelled(tuple(100.0 + k for k in range(current.window_size)))
page.try_next(
    ("Ask far away", f"What comes after {far}? Was it a rule that it learned?", {"n_ask": far}),
    (
        "tanh units" if current.activation == "relu" else "ReLU units",
        "The same with another activation: how do the last numbers change?",
        {"n_activation": "tanh" if current.activation == "relu" else "relu"},
    ),
    (
        "Scaled numbers" if current.scaling == "none" else "Raw numbers",
        "Does it learn faster, and does it reach further?",
        {"n_scaling": "standard" if current.scaling == "none" else "none"},
    ),
)
learned = current.units * (current.units + 2) + current.units + 1
prose.say(
    f"""
##### What to expect, and why

- **Close to right, not right.** The network knows no rule: after each look at the windows it
  changes its weights a little, and it stops while some error is left. Other first weights stop
  elsewhere.
- **Outside the range that it saw it gets worse**, since nothing there ever corrected it. Rectified
  (ReLU) units go on in straight lines, which suits counting; tanh units flatten and stay behind. A
  sequence that repeats never leaves its range.
- **Large numbers make large steps.** Scaled numbers are all of about the same size, so one learning
  rate suits every sequence.
- **The straight-line fit is hard to beat.** In each sequence above but the noisy line the next
  number is a weighted sum of the last three, so a handful of weights finds it. It has
  {current.window_size + 1} here, the network {learned:,}. Try the simple thing first.
"""
)
