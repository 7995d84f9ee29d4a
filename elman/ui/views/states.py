"""The views of the Hidden states page: over time, components, tree and surgery."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from elman.analysis import states, surgery
from elman.analysis.replay import Tested
from elman.charts import states as state_charts
from elman.ui import links, page
from elman.ui.views.tree import tree

WORDS = {
    "over time": "every hidden unit at every step",
    "components": "the states in the two directions in which they vary most",
    "tree": "which symbols have alike states",
    "surgery": "change the memory at one step and see what it answers after",
}


def _step(label: str, key: str, default: int, most: int) -> int:
    """A step number (from 1), part of the link."""
    return links.choose_number(label, 1, most, key=key, default=min(default, most))


def over_time(tested: Tested) -> None:
    """Heat map of units by steps."""
    left, middle, right = st.columns(3)
    with left:
        first = _step("First step shown", "first", 1, len(tested.sequence))
    with middle:
        shown = links.choose(
            st.select_slider, "Steps shown", (12, 24, 48, 96), key="window", default=24
        )
    with right:
        order = links.choose(
            st.selectbox,
            "Order of the units",
            tuple(states.UNIT_ORDERS),
            key="order",
            default="number",
            help="; ".join(f"**{n}**: {words}" for n, words in states.UNIT_ORDERS.items()) + ".",
        )
    table = states.heat_map(tested, first=first, steps=shown, order=order)
    spread = tested.states.std(axis=0)
    page.figure(
        state_charts.heat_map(table, tested.experiment.activation),
        f"Activation of {tested.experiment.hidden} hidden units at {shown} steps from {first}.",
    )
    st.markdown(
        f"**Unit {int(spread.argmax()) + 1} varies most from step to step, unit "
        f"{int(spread.argmin()) + 1} least.** Look for units that are on at the same place of "
        f"every {tested.task.group}: they tell the network where it is."
    )

    def numbers() -> None:
        wide = table.assign(unit=[f"unit {unit}" for unit in table["unit"]])
        page.table(
            wide.pivot_table(
                index=["step", "symbol"], columns="unit", values="activation", sort=False
            ).reset_index()
        )

    page.more("The numbers", "unit_numbers", numbers)


def components(tested: Tested) -> None:
    """Scatter of all states along two principal components, with a path through some steps."""
    if tested.experiment.hidden < 2:
        st.info("One hidden unit has one direction only; take two or more.")
        return
    found = states.principal_components(tested.states)
    most = min(6, len(found.directions))
    columns = st.columns(4)
    with columns[0]:
        across = links.choose(
            st.selectbox, "Across", tuple(range(1, most + 1)), key="across", default=1
        )
    with columns[1]:
        up = links.choose(st.selectbox, "Up", tuple(range(1, most + 1)), key="up", default=2)
    with columns[2]:
        first = _step("Path from step", "path", 1, len(tested.sequence))
    with columns[3]:
        length = links.choose(
            st.selectbox, "Steps of the path", (0, 3, 6, 9, 12, 24), key="path_steps", default=9
        )
    pair = (across, up)
    cloud = states.projections(tested, found, pair=pair)
    path = cloud[(cloud["step"] >= first) & (cloud["step"] < first + length)]
    page.figure(
        state_charts.component_scatter(
            cloud, path, state_charts.component_titles(found, pair), classes=tested.task.classes
        ),
        f"States along components {across} and {up}, with the path of {length} steps from {first}: "
        f"{' '.join(path['symbol'])}.",
    )
    st.markdown(
        f"**Two directions hold {found.ratios[across - 1] + found.ratios[up - 1]:.1%} of the "
        f"variance of {tested.experiment.hidden} units.** Each point is the state after one "
        "symbol; the line follows the network through the sequence. Points that lie together are "
        "treated alike, whatever symbol led there."
    )

    def shares() -> None:
        page.figure(
            state_charts.variance_chart(found),
            "Share of the variance: "
            + ", ".join(f"{ratio:.0%}" for ratio in found.ratios[:10])
            + ".",
        )
        page.table(path)

    page.more("Share of each component, and the numbers", "shares", shares)


def operate(tested: Tested) -> None:
    """Change the context or a unit at one step, and compare the answers after it."""
    steps = len(tested.sequence)
    columns = st.columns(3)
    with columns[0]:
        step = _step("At step", "step", 5, steps)
    with columns[1]:
        kind = links.choose(
            st.selectbox,
            "Operation",
            tuple(surgery.OPERATIONS),
            key="operation",
            default="zero",
            help="; ".join(f"**{n}**: {words}" for n, words in surgery.OPERATIONS.items()) + ".",
        )
    details = {}
    with columns[2]:
        if kind == "noise":
            details["sd"] = links.choose(
                st.select_slider, "Size of the noise", (0.1, 0.2, 0.5, 1.0), key="sd", default=0.5
            )
        elif kind == "swap":
            details["other"] = _step("Context of step", "other", 8, steps)
        elif kind == "silence":
            details["unit"] = _step("Unit", "unit", 1, tested.experiment.hidden)
            details["lasting"] = (
                links.choose(
                    st.segmented_control,
                    "For how long",
                    ("lasting", "one step"),
                    key="lasting",
                    default="lasting",
                    required=True,
                )
                == "lasting"
            )
    effect = surgery.operate(
        tested, step, surgery.Operation(kind, **details), rng=np.random.default_rng(step)
    )
    table = surgery.changes_by_step(effect)
    page.figure(
        state_charts.surgery_effect(table),
        f"Squared error for {len(table)} steps from step {step}, after the operation and without.",
    )
    changed = table["answer"] != table["answer_before"]
    last = int(np.flatnonzero(table["output_change"] > 0.01).max(initial=-1)) + 1
    answers = f"**{changed.sum()} of {len(table)} answers change.**"
    if last < len(table):
        answers += f" After {last} steps no output moves by more than 0.01: the memory is over it."
    else:
        answers += " The outputs still differ at the end of this window."
    st.markdown(answers)
    page.table(table)


VIEWS: dict[str, Callable[[Tested], None]] = {
    "over time": over_time,
    "components": components,
    "tree": tree,
    "surgery": operate,
}
