"""Finite machines as drawings: circles for states, arrows for where each symbol leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import numpy as np
import pandas as pd

from elman.analysis import machines
from elman.analysis.machines import Machine
from elman.charts import ROLES
from elman.charts.diagrams import KINDS
from elman.charts.parts import Picture, by_name, heads, layered, span, tips

# More states than these cannot be told apart; those that are visited most are drawn.
MOST_DRAWN = 24

# Pixels of a drawing of usual width: between rows of states, above and below all, and beside.
WIDTH, ROW, BESIDE = 700.0, 96.0, 60.0
RADIUS = 15.0

# Symbols on an arrow up to which all are named, and arrows up to which all have their symbols
# written beside them; those of more can be pointed at.
MOST_ON_ARROW, MOST_LABELLED = 4, 40

# Places at which a curve is drawn; its head and its label stand at shares of its way.
CURVE = np.linspace(0.0, 1.0, 17)
HEAD, LABEL = 0.62, 0.4


class Arrow(NamedTuple):
    """The points (n, 2) of a curve, where its head stands and points to, where its label stands."""

    points: np.ndarray
    head: np.ndarray
    towards: np.ndarray
    label: np.ndarray


def drawn_states(machine: Machine) -> np.ndarray:
    """The states that are drawn: the first, and those visited most; all if they are few."""
    by_visits = 1 + np.argsort(-machine.visits[1:], kind="stable")
    return np.sort(np.append(0, by_visits[: MOST_DRAWN - 1]))


def places(machine: Machine, shown: np.ndarray) -> np.ndarray:
    """Where the states `shown` stand (n, 2): in columns, by how many symbols reach them first."""
    index = {state: n for n, state in enumerate(shown.tolist())}
    follows = [
        [index[end] for end in dict.fromkeys(machine.moves[state].tolist()) if end in index]
        for state in shown
    ]
    column = np.full(len(shown), -1)
    column[0], queue = 0, [0]
    for state in queue:
        for end in follows[state]:
            if column[end] < 0:
                column[end] = column[state] + 1
                queue.append(end)
    # What only states that are not drawn lead to stands behind all others.
    column[column < 0] = column.max() + 1
    height = np.zeros(len(shown))
    for place in range(column.max() + 1):
        here = np.flatnonzero(column == place)
        before = []
        for one in here:
            sources = [n for n in range(len(shown)) if column[n] < place and one in follows[n]]
            before.append(float(height[sources].mean()) if sources else 0.0)
        ordered = here[np.argsort(-np.array(before), kind="stable")]
        height[ordered] = (len(here) - 1) / 2 - np.arange(len(here))
    across = WIDTH / max(column.max(), 1)
    return np.column_stack([column * across, height * ROW])


def arrow(start: np.ndarray, end: np.ndarray, top: float) -> Arrow:
    """A curve between two places (2,); `top` is how far above and below the middle states stand."""
    if np.array_equal(start, end):
        turn = 2 * np.pi * CURVE
        loop = start + np.column_stack([13 * np.sin(turn), RADIUS + 11 - 13 * np.cos(turn)])
        return Arrow(loop, loop[8], np.array([-1.0, 0.0]), loop[8] + (0.0, 11.0))
    middle, way = (start + end) / 2, end - start
    length = float(np.hypot(*way))
    aside = np.array([-way[1], way[0]]) / length
    if way[0] < -1.0:
        # Back, above all states or below them, the further the more columns it passes.
        above = 1.0 if middle[1] >= 0 else -1.0
        peak = above * (top + 30.0 + 0.03 * abs(way[0]))
        bend = np.array([middle[0], 2 * peak - middle[1]])
    else:
        bend = middle + aside * (0.5 * ROW if length > 1.6 * WIDTH / 4 else 0.14 * length)

    def at(share: float | np.ndarray) -> np.ndarray:
        t = np.asarray(share)[..., np.newaxis]
        return (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end

    towards = at(HEAD + 0.01) - at(HEAD - 0.01)
    sideways = np.array([-towards[1], towards[0]])
    sideways *= np.sign(sideways @ (bend - middle)) / np.hypot(*sideways)
    return Arrow(at(CURVE), at(HEAD), towards, at(LABEL) + 10.0 * sideways)


def machine_diagram(machine: Machine, symbols: Sequence[str]) -> alt.LayerChart:
    """States from left to right as symbols first reach them, under each what it expects.

    Filled green are states that expect one symbol alone, grey those that leave several open; the
    first has a ring. Of a machine with more than `MOST_DRAWN` states some are drawn.
    """
    shown = drawn_states(machine)
    at = dict(zip(shown.tolist(), places(machine, shown), strict=True))
    top = max(abs(place[1]) for place in at.values())
    sure, is_open, _ = KINDS
    states = pd.DataFrame(
        {
            "x": [place[0] for place in at.values()],
            "y": [place[1] for place in at.values()],
            "state": [str(state + 1) for state in at],
            "expects": [machines.name(machine.expects[state], symbols) for state in at],
            "visits": machine.visits[shown],
            "kind": [sure if machine.expects[state].sum() == 1 else is_open for state in at],
        }
    )
    lines, points, labels = [], [], []
    for state, place in at.items():
        for end, names in machines.leads(machine, state, symbols).items():
            if end not in at:
                continue
            made = arrow(place, at[end], top)
            says = {"from": str(state + 1), "to": str(end + 1), "symbols": ", ".join(names)}
            key = f"{state}-{end}"
            lines += [
                {"x": x, "y": y, "way": key, "order": n, **says}
                for n, (x, y) in enumerate(made.points.tolist())
            ]
            points.append((*made.head, *made.towards))
            text = ", ".join(names) if len(names) <= MOST_ON_ARROW else f"{len(names)} symbols"
            labels.append((*made.label, text))
    columns = len({place[0] for place in at.values()})
    ways = pd.DataFrame(lines, columns=["x", "y", "way", "order", "from", "to", "symbols"])
    # Room for the names below states and for the symbols above arrows.
    low = min([-top - 36.0, *(ways["y"] - 22.0)])
    high = max([top + 26.0, *(ways["y"] + 22.0)])
    picture = Picture((-BESIDE, WIDTH + BESIDE), (low, high))
    grey = ROLES["floor"]
    picture.draw(
        "line",
        ways,
        tips(("symbols:N", "Reading"), ("from:N", "From state"), ("to:N", "To state")),
        channels={"detail": alt.Detail("way:N"), "order": alt.Order("order:Q")},
        color=grey,
        strokeWidth=1.6,
    )
    picture.draw("rule", heads(np.array(points).reshape(-1, 4), 9.0), color=grey, strokeWidth=1.8)
    if len(labels) > MOST_LABELLED:
        labels = []
    picture.words(
        pd.DataFrame(labels, columns=["x", "y", "text"]),
        "text",
        color=ROLES["input"],
        fontSize=12,
        fontWeight="bold",
    )
    first = states.head(1)
    picture.draw("point", first, size=1150, strokeWidth=2, color=ROLES["hidden"], filled=False)
    picture.draw(
        "circle",
        states,
        tips(
            ("state:N", "State"),
            ("expects:N", "Expects"),
            ("visits:Q", "Share of steps", ".1%"),
        ),
        channels={"color": by_name(alt.Color, "kind", KINDS)},
        size=620,
        opacity=1,
    )
    picture.words(states, "state", color="white", fontSize=12, fontWeight="bold")
    # On a phone the names of many columns would lie over each other.
    wide = states["expects"].map(len).max() * columns > 60
    names = states.assign(
        expects=[
            text if len(text) < 12 or not wide else f"{text[:9]}…" for text in states["expects"]
        ]
    )
    picture.words(names, "expects", color=grey, dy=25, fontSize=12)
    return picture.chart(round(high - low))


def choice_curve(table: pd.DataFrame, chosen: int) -> alt.LayerChart:
    """Agreement of machine and network by the number of clusters, with its standard error.

    `table` is `learned_automaton.Extracted.choice`; `chosen` is marked.
    """
    shown = table.assign(
        low=table["agreement"] - table["error"],
        high=(table["agreement"] + table["error"]).clip(upper=1.0),
        part=np.where(table["clusters"] == chosen, "chosen", "others"),
    )
    base = alt.Chart(shown).encode(
        x=alt.X("clusters:Q", title="Clusters", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y(
            "agreement:Q",
            title="Agreement with the network",
            axis=alt.Axis(format="%"),
            scale=span(0, 1),
        ),
        tooltip=tips(
            ("clusters:Q", "Clusters"),
            ("agreement:Q", "Agreement", ".1%"),
            ("error:Q", "Standard error", ".1%"),
            ("states:Q", "States, median"),
        ),
    )
    bars = base.mark_rule(color=ROLES["hidden"], opacity=0.6).encode(
        y=alt.Y("low:Q"), y2=alt.Y2("high:Q")
    )
    colour = by_name(alt.Color, "part", {"chosen": "error", "others": "hidden"})
    points = base.mark_point(filled=True, opacity=1, size=45).encode(color=colour)
    return layered(bars, points, height=240)
