"""The views of Inside one step: the drawing of one training step, and its numbers in order."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from elman.analysis import step_equations
from elman.analysis.step import (
    MOST_UNITS,
    Step,
    TrainingPass,
    Units,
    choose_units,
    decimals_of_change,
    describe_place,
    describe_step,
    describe_update,
    hidden_ranges,
    verbatim,
)
from elman.analysis.step_equations import STAGES, Quantity, Table
from elman.analysis.step_weights import spelled, weight_rows
from elman.charts import NEGATIVE, POSITIVE
from elman.charts import step as step_chart
from elman.experiment import Experiment
from elman.network import ElmanNetwork
from elman.tasks import Task
from elman.training import Run
from elman.ui import jobs, kept_runs, page, prose, state
from elman.ui.ends import fragment
from elman.ui.tables import COLUMNS, show_table
from elman.ui.work import Work

# The second step of a pass is the first that has a memory, whatever the policy.
FIRST_SHOWN = 2

STAGE_WORDS = {
    "forward": "Circles hold activations, the fuller the larger. Lines are weights: orange ones "
    "add, blue ones take away, and thick ones count most.",
    "error": "Squares hold the targets, what should have been answered. The numbers between are "
    "the errors, target minus output.",
    "backward": "Output and hidden units now show their deltas, how far each should have been "
    "pushed: orange ones up, blue ones down. Deltas flow from the outputs down through the "
    "weights; ~0 is next to nothing.",
    "update": "Lines are now what this step adds to each weight: orange ones go up, blue ones "
    "down, scaled to the largest of each layer. A weight moves most where it comes from an active "
    "unit and leads to one with a large delta.",
    "copy": "The hidden activations are copied into the context units, where the next step will "
    "find them.",
}
HEADINGS = {
    "forward": "Forward: from input to output",
    "error": "Error: how far off the answer was",
    "backward": "Backward: which units caused the error",
    "update": "Update: every weight moves a little",
    "copy": "Copy: the memory for the next step",
}

STAGE = state.Control(
    "stage",
    "Stage of the step",
    st.segmented_control,
    STAGES,
    default="forward",
    help="What the drawing shows; all five are listed below it, in order.",
)
UNITS = state.Control("units", "Hidden units shown", st.selectbox)
FURTHER = state.Control(
    "further_symbol",
    "Symbol shown as well",
    st.selectbox,
    default="none",
    help="Shown are the first three, the one that is read, the one that comes and those with the "
    "largest outputs.",
)
WEIGHT = state.Control(
    "weight",
    "Follow one weight",
    st.selectbox,
    help="From where it leads to where: h is a hidden unit, c a context unit. At first the one "
    "that this step changes most.",
)
NUMBERS = state.Control("array", "Numbers shown below", st.segmented_control, default="changes")

# Strong enough to be seen, weak enough for the numbers on it to be read, light or dark.
STRONGEST = 0.45


def _step(run: Run, epoch: int, place: int) -> Step:
    """The step at a place of the pass after an epoch, trained up to it if need be."""
    work = Work(
        (kept_runs.cache_key(run), epoch),
        "pass",
        lambda on_progress, should_stop: TrainingPass(run, epoch),
        failed="Training up to this step failed",
    )
    step: Step = jobs.answer(work, "Training up to this step.").step(place)
    # The pass keeps some states on its way.
    jobs.measure(work)
    return step


@fragment()
def show(run: Run, task: Task) -> None:
    """The controls, the drawing at one stage, and the whole computation below."""
    prose.say("Go from step to step, and in each from stage to stage: what is computed stands out.")
    steps = len(run.sequence)
    controls = st.container(horizontal=True, vertical_alignment="bottom")
    result = st.container()
    epoch = page.choose_epoch(run)
    with controls:
        # Narrow enough to stand in one row on a phone.
        back, number, forward = (st.container(width=width) for width in (80, 134, 96))
        at = state.choose(
            page.STEP,
            number,
            options=range(1, steps + 1),
            default=min(FIRST_SHOWN, steps),
            label=f"Step: 1 to {steps:,}",
        )
        back.button("Earlier", on_click=_go, args=(at - 1,), disabled=at == 1, width="stretch")
        forward.button("Later", on_click=_go, args=(at + 1,), disabled=at == steps, width="stretch")
        # In a container of its own the buttons go on in a second row where the first is too short.
        with st.container(width="stretch"):
            stage = state.choose(STAGE)
    step = _step(run, epoch, at - 1)
    units = _choose_units(run, task, step)
    with result:
        page.figure(
            partial(step_chart.step_drawing, step, units, stage, ground=_ground()),
            _in_numbers(step, units, stage, task),
        )
        prose.say(f"**{verbatim(describe_step(step, run.sequence, task))}**")
        prose.say(describe_update(step))
        if stage == "update":
            _follow(step, run, units)
        words = STAGE_WORDS[stage]
        if step.reset:
            start = f"{run.experiment.context_start:g}"
            words = f"**The context was set back to {start} before this step.** {words}"
        all_units = run.experiment.hidden
        if len(units.hidden) < all_units:
            some = f"{units.hidden[0] + 1} to {units.hidden[-1] + 1}"
            words += f" Drawn are hidden units {some} of {all_units}; others can be chosen below."
        prose.caption(f"{describe_place(run, step)} {words}")
    _computation(run, task, step, units)


def _follow(step: Step, run: Run, units: Units) -> None:
    """One weight on its way from before the step to after it."""
    rows = weight_rows(step, run.experiment, units).set_index("weight", drop=False)
    moves = (rows["after"] - rows["before"]).abs().fillna(0.0)
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    name = state.choose(WEIGHT, left, options=tuple(rows.index), default=moves.idxmax())
    right.table(spelled(rows.loc[name], run.experiment), width="content")


def _ground() -> str:
    """The colour of a unit at zero, on the reader's page."""
    return step_chart.DARK if st.context.theme.type == "dark" else step_chart.WHITE


def _go(step: int) -> None:
    state.put(step=step)


def _choose_units(run: Run, task: Task, step: Step) -> Units:
    ranges = hidden_ranges(run.experiment.hidden)
    wide = len(task.features) > MOST_UNITS
    shown, further = ranges[0], tuple[str, ...]()
    if len(ranges) > 1 or wide:
        left, right = st.columns(2)
        if len(ranges) > 1:
            words = f"Hidden units shown, of {run.experiment.hidden}"
            shown = state.choose(UNITS, left, options=ranges, default=ranges[0], label=words)
        if wide:
            words = f"Symbol shown as well, of {len(task.features)}"
            symbol = state.choose(FURTHER, right, options=("none", *task.features), label=words)
            further = () if symbol == "none" else (symbol,)
    return choose_units(step, task, shown, further)


def _in_numbers(step: Step, units: Units, stage: str, task: Task) -> str:
    """The drawing's text alternative."""
    outputs = "; ".join(
        f"{task.features[unit]} {step.output[unit]:.2f}, target {step.target[unit]:.0f}"
        for unit in units.outputs
    )
    hidden = ", ".join(f"{step.hidden[unit]:.2f}" for unit in units.hidden)
    context = ", ".join(f"{step.context[unit]:.2f}" for unit in units.hidden)
    return (
        f"The network at the stage {stage}. Context: {context}. Hidden: {hidden}. Outputs: "
        f"{outputs}."
    )


def _computation(run: Run, task: Task, step: Step, units: Units) -> None:
    st.subheader("The whole computation")
    prose.say(
        "A training step is these four lines of the network's source. Below, each quantity stands "
        "beside its equation and the lines that compute it; orange is above zero, blue below, the "
        "stronger the larger."
    )
    _code(step_equations.body(ElmanNetwork.train_step))
    found = step_equations.quantities(step, run.experiment, run.sequence, task, units)
    for stage in STAGES:
        prose.say(f"#### {HEADINGS[stage]}")
        for quantity in found:
            if quantity.stage == stage:
                _quantity(quantity, step, run.experiment, units)


def _quantity(quantity: Quantity, step: Step, experiment: Experiment, units: Units) -> None:
    with st.container(border=True):
        prose.say(f"**{quantity.title}.** {quantity.words}")
        columns = [table for table in quantity.tables if not table.title]
        left, right = st.columns([3, 2] if columns else [2, 3])
        left.latex(quantity.equation)
        with left if columns else right:
            for lines in quantity.lines:
                _code(lines)
        with right:
            for table in columns:
                _table(table)
        tables = quantity.tables
        if quantity.stage == "update":
            with left:
                tables = step_equations.weight_tables(step, units, _choose_array(step))
        for table in tables:
            if table.title:
                prose.say(table.title)
                _table(table)
        if quantity.stage == "update":
            prose.say("Each of these weights from before the step to after it, in one row")
            _weight_rows(weight_rows(step, experiment, units))


def _weight_rows(rows: pd.DataFrame) -> None:
    """All rows, with as many digits before and after as show what the step changes."""
    decimals = decimals_of_change(rows["before"], rows["after"], least=6)
    columns = COLUMNS["weights of a step"]
    finer = {name: columns[name]._replace(format=f"%.{decimals}f") for name in columns}
    show_table(rows, columns=finer, height=320)


def _choose_array(step: Step) -> str:
    arrays = step_equations.ARRAYS | (step_equations.VELOCITY if step.velocity is not None else {})
    words = "; ".join(f"**{name}**: {words}" for name, words in arrays.items()) + "."
    return state.choose(NUMBERS, options=tuple(arrays), help=words)


def _code(lines: step_equations.Lines) -> None:
    st.code(lines.text, language="python", wrap_lines=True)
    prose.caption(f"elman/network.py, line {lines.first}, in {lines.function.rpartition('.')[2]}")


def _table(table: Table) -> None:
    """Numbers on colours: each column scaled by itself, or a titled table as a whole."""
    frame = table.frame
    blocks = [list(frame.columns)] if table.title else [[name] for name in frame.columns]
    style = frame.style
    for names in blocks:
        values = frame[names].to_numpy()
        most = float(np.abs(values).max())
        style = style.format(
            _formatter(most, bool((values < 0.0).any()), table.decimals), subset=names
        )
        style = style.map(_colour, subset=names, most=most)
    st.table(style, width="content")


def _formatter(most: float, signed: bool, least: int) -> Callable[[float], str]:
    """Three digits of the largest number, as many decimals for all but at least `least`.

    ~0 is next to nothing beside it, and 0 nothing at all.
    """
    decimals = least
    if math.isfinite(most) and most > 0.0:
        decimals = min(max(2 - math.floor(math.log10(most)), least), 12)
    sign = "+" if signed else ""

    def written(value: float) -> str:
        if abs(value) < 0.5 * 10.0**-decimals:
            return "0" if value == 0.0 else "~0"
        return f"{value:{sign}.{decimals}f}"

    return written


def _colour(value: float, most: float) -> str:
    if not math.isfinite(value) or value == 0.0:
        return ""
    colour = POSITIVE if value > 0.0 else NEGATIVE
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    share = abs(value) / most if math.isfinite(most) else 1.0
    return f"background-color: rgba({red}, {green}, {blue}, {STRONGEST * share:.2f})"
