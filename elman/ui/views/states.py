"""The views of the Hidden states page."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from elman.analysis import states, surgery
from elman.analysis.replay import Tested
from elman.charts import states as state_charts
from elman.ui import page, prose, session, state, tables
from elman.ui.views.automaton import automaton
from elman.ui.views.state_space import state_space
from elman.ui.views.tree import tree
from elman.ui.views.view import View

UNIT_NUMBERS = state.Control("unit_numbers", "The numbers", st.expander)
SHARES = state.Control("shares", "Share of each component, and the numbers", st.expander)
VIEW = state.Control("view", "Look at", st.segmented_control, default="over time")

FIRST = state.Control("first", "First step shown", st.number_input, default=1)
WINDOW = state.Control("window", "Steps shown", st.select_slider, (12, 24, 48, 96), default=24)
ORDER = state.Control(
    "order",
    "Order of the units",
    st.selectbox,
    tuple(states.UNIT_ORDERS),
    default="number",
    help="; ".join(f"**{n}**: {words}" for n, words in states.UNIT_ORDERS.items()) + ".",
)

ACROSS = state.Control("across", "Across", st.selectbox, default=1)
UP = state.Control("up", "Up", st.selectbox, default=2)
PATH = state.Control("path", "Path from step", st.number_input, default=1)
PATH_STEPS = state.Control(
    "path_steps", "Steps of the path", st.selectbox, (0, 3, 6, 9, 12, 24), default=9
)

OPERATION = state.Control(
    "operation",
    "Operation",
    st.selectbox,
    tuple(surgery.OPERATIONS),
    default="zero",
    help="; ".join(f"**{n}**: {words}" for n, words in surgery.OPERATIONS.items()) + ".",
)
NOISE = state.Control(
    "sd", "Size of the noise", st.select_slider, (0.1, 0.2, 0.5, 1.0), default=0.5
)
OTHER = state.Control("other", "Context of step", st.number_input, default=8)
UNIT = state.Control("unit", "Unit", st.number_input, default=1)
LASTING = state.Control(
    "lasting", "For how long", st.segmented_control, ("lasting", "one step"), default="lasting"
)

# Whether this session has seen an operation.
_OPERATED = session.Kept("operated", False)


def _count(control: state.Control, where: Any, most: int) -> int:
    """A number from 1 to `most`: a step, or a unit."""
    default = min(control.default, most)
    return state.choose(control, where, options=range(1, most + 1), default=default)


def over_time(tested: Tested) -> None:
    """Heat map of units by steps."""
    left, middle, right = st.columns(3)
    first = _count(FIRST, left, len(tested.sequence))
    shown = state.choose(WINDOW, middle)
    order = state.choose(ORDER, right)
    table = states.heat_map(tested, first=first, steps=shown, order=order)
    spread = tested.states.std(axis=0)
    page.figure(
        partial(state_charts.heat_map, table, tested.experiment.activation),
        f"Activation of {tested.experiment.hidden} hidden units at {shown} steps from {first}.",
    )
    prose.say(
        f"**Unit {int(spread.argmax()) + 1} varies most from step to step, unit "
        f"{int(spread.argmin()) + 1} least.** Look for units that are on at the same place of "
        f"every {tested.task.group}: they tell the network where it is."
    )

    def numbers() -> None:
        wide = table.assign(unit=[f"unit {unit}" for unit in table["unit"]])
        tables.show_table(
            wide.pivot_table(
                index=["step", "symbol"], columns="unit", values="activation", sort=False
            ).reset_index(),
            floats="%.4f",
        )

    page.more(UNIT_NUMBERS, numbers)


def components(tested: Tested) -> None:
    """Scatter of all states along two principal components, with a path through some steps."""
    if tested.experiment.hidden < 2:
        st.info("One hidden unit has one direction only; take two or more.")
        return
    found = states.principal_components(tested.states)
    most = min(6, len(found.directions))
    columns = st.columns(4)
    offered = tuple(range(1, most + 1))
    across = state.choose(ACROSS, columns[0], options=offered)
    up = state.choose(UP, columns[1], options=offered)
    first = _count(PATH, columns[2], len(tested.sequence))
    length = state.choose(PATH_STEPS, columns[3])
    pair = (across, up)
    cloud = states.projections(tested, found, pair=pair)
    path = cloud[(cloud["step"] >= first) & (cloud["step"] < first + length)]
    page.figure(
        partial(
            state_charts.component_scatter,
            cloud,
            path,
            state_charts.component_titles(found, pair),
            classes=tested.task.classes,
        ),
        f"States along components {across} and {up}, with the path of {length} steps from {first}: "
        f"{' '.join(path['symbol'])}.",
    )
    prose.say(
        f"**Two directions hold {found.ratios[across - 1] + found.ratios[up - 1]:.1%} of the "
        f"variance of {tested.experiment.hidden} units.** Each point is the state after one "
        "symbol; the line follows the network through the sequence. Points that lie together are "
        "treated alike, whatever symbol led there."
    )

    def shares() -> None:
        page.figure(
            partial(state_charts.variance_chart, found),
            "Share of the variance: "
            + ", ".join(f"{ratio:.0%}" for ratio in found.ratios[:10])
            + ".",
        )
        tables.show_table(path, floats="%.4f")

    page.more(SHARES, shares)


def space(tested: Tested) -> None:
    """Where a symbol takes the states, and where they come to rest."""
    if tested.experiment.hidden < 2:
        st.info("One hidden unit has one direction only; take two or more.")
        return
    left, right, *others = st.columns(4)
    first = _count(PATH, left, len(tested.sequence))
    state_space(tested, first, state.choose(PATH_STEPS, right), *others)


def operate(tested: Tested) -> None:
    """Change the context or a unit at one step, and compare the answers after it."""
    steps = len(tested.sequence)
    columns = st.columns(3)
    kind = state.choose(OPERATION, columns[1])
    details: dict[str, Any] = {}
    if kind == "noise":
        details["sd"] = state.choose(NOISE, columns[2])
    elif kind == "swap":
        details["other"] = _count(OTHER, columns[2], steps)
    elif kind == "silence":
        details["unit"] = _count(UNIT, columns[2], tested.experiment.hidden)
        details["lasting"] = state.choose(LASTING, columns[2]) == "lasting"
    operation = surgery.Operation(kind, **details)
    everywhere = surgery.changes_everywhere(tested, operation, rng_at=np.random.default_rng)
    step = _operated_step(columns[0], steps, surgery.first_to_change(everywhere))
    effect = surgery.operate(tested, step, operation, rng=np.random.default_rng(step))
    table = surgery.changes_by_step(effect)
    page.figure(
        partial(state_charts.surgery_effect, table),
        f"Squared error for {len(table)} steps from step {step}, after the operation and without.",
    )
    changed = table["answer"] != table["answer_before"]
    last = int(np.flatnonzero(table["output_change"] > 0.01).max(initial=-1)) + 1
    answers = f"**{changed.sum()} of {len(table)} answers change.**"
    if last < len(table):
        answers += f" After {last} steps no output moves by more than 0.01: the memory is over it."
    else:
        answers += " The outputs still differ at the end of this window."
    with st.container(horizontal=True, vertical_alignment="center"):
        prose.say(answers, width="content")
        following = surgery.first_to_change(everywhere, after=step)
        if following not in (None, step):
            st.button("Next step with a change", on_click=_go_to, args=(following,), key="cut_next")
    if kind != "none":
        prose.say(surgery.describe_changes(everywhere))
    tables.show_table(table, "errors", floats="%.4f")


def _operated_step(where: Any, steps: int, first: int | None) -> int:
    """The step of the operation; at first one where it changes an answer, if there is any."""
    first = first or min(page.STEP.default, steps)
    if not _OPERATED.get():
        _OPERATED.set(True)
        # Another step may have been looked at from inside; nothing need happen there.
        if session.pending(page.STEP.name) is None and state.chosen(page.STEP) is not None:
            state.put(step=first)
    return state.choose(page.STEP, where, options=range(1, steps + 1), default=first)


def _go_to(step: int) -> None:
    state.put(step=step)


# In the order in which they are offered.
VIEWS = (
    View("over time", "every hidden unit at every step", over_time),
    View("components", "the states in the two directions in which they vary most", components),
    View("state space", "where each symbol takes a state, and where states come to rest", space),
    View("tree", "which symbols have alike states", tree),
    View(
        "automaton", "the finite machine that its states make, beside that of the rule", automaton
    ),
    View("surgery", "change the memory at one step and see what it answers after", operate),
)
