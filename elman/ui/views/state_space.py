"""The space of hidden states: the map of a symbol, its fixed points, and the network's way."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from elman.analysis import state_space as analysis
from elman.analysis.replay import Tested
from elman.analysis.state_space import KINDS, Space
from elman.charts import state_space as charts
from elman.ui import jobs, kept_runs, page, prose, state, tables
from elman.ui.show import as_code
from elman.ui.work import Work

SYMBOL = state.Control(
    "map_symbol",
    "Arrows of the symbol",
    st.selectbox,
    help="Arrows go where this symbol takes a state, at each place, whether the network was ever "
    "there or not.",
)
OUTPUT = state.Control(
    "half_output",
    "Line of the output",
    st.selectbox,
    help="On the line this output is one half: on one side it says yes, on the other no.",
)
FIXED = state.Control("fixed_points", "Fixed points and arrows in numbers", st.expander)


def state_space(tested: Tested, path_from: int, path_steps: int, left: Any, right: Any) -> None:
    """Arrows, fixed points, line and path, in the square of two units or in a plane.

    `left` and `right` are where its own controls stand.
    """
    task = tested.task
    symbol = state.choose(SYMBOL, left, options=task.symbols, default=task.symbols[0])
    outputs = task.features
    output = state.choose(OUTPUT, right, options=outputs, default=outputs[0])
    found = _found(tested, task.symbols.index(symbol), outputs.index(output))
    cloud = charts.cloud_of(tested, found)
    path = cloud.iloc[path_from - 1 : path_from - 1 + path_steps]
    page.figure(
        partial(charts.state_space, found, charts.titles_of(found), cloud, path, output),
        f"Where {symbol} takes the hidden state. " + analysis.describe_points(found, symbol),
    )
    said = analysis.describe_points(found, as_code(symbol))
    prose.say(f"**{said}** {analysis.describe_plane(found, tested.experiment.hidden)}")
    prose.caption(
        f"Grey arrows go where {as_code(symbol)} takes a state, cut short where they are long. "
        "Green points are states of the test; the blue line is the network's way through some of "
        f"its steps. On the dashed line the output {as_code(output)} is one half."
    )
    page.more(FIXED, lambda: _points(found))


def _found(tested: Tested, symbol: int, output: int) -> Space:
    key = kept_runs.cache_key(tested.run), tested.epoch, tested.reset, tested.tested_on

    def find(*_: object) -> Space:
        return analysis.space(tested, symbol, output)

    work = Work((*key, symbol, output), "state_space", find, failed="The map could not be drawn")
    return jobs.answer(work, "Looking for fixed points.")


def _points(found: Space) -> None:
    prose.say(
        "A **fixed point** is a state that the symbol leaves as it is. The eigenvalues of the "
        "Jacobian there say what becomes of a small difference: sizes below 1 let it die out, "
        "sizes above 1 let it grow; a complex pair turns it, a negative one changes its side. "
        + "; ".join(f"**{kind}**: {words}" for kind, words in KINDS.items())
        + ". They were looked for by Newton's method from a grid of starts and from states that "
        "the network was in."
    )
    tables.show_table(found.points, "fixed points")
    prose.caption("The arrows: from where to where.")
    tables.show_table(found.arrows[["x", "y", "x2", "y2"]], "arrows", height=240)
