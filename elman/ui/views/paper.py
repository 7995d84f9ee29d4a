"""A card of the page The paper: a figure or table, ours beside it, the verdict and the limits."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal, NamedTuple

import pandas as pd
import streamlit as st

from elman import reproduction
from elman.charts import paper as paper_charts
from elman.reproduction import GridResults, Results, cards, maps
from elman.reproduction.grid import GRIDS
from elman.reproduction.paper import FIGURE_5A_LARGEST, LEFT_OPEN
from elman.reproduction.rules import BY_KEY, CARDS, SEEDS, UNKNOWN, Card, Values
from elman.ui import page, prose, sidebar, tables

BADGES: dict[str, Literal["green", "orange", "red", "gray"]] = {
    "reproduced": "green",
    "partly": "orange",
    "not": "red",
    UNKNOWN: "gray",
}
WORDS = {
    "reproduced": "reproduced",
    "partly": "partly reproduced",
    "not": "not reproduced",
    UNKNOWN: "cannot be checked in full",
}

CURVES = {
    "figure_3": ("Bit of the cycle", "Squared error"),
    "figure_4": ("Letter expected", "Squared error, sum of six"),
    "figure_5a": ("Letter expected", "Squared error"),
    "figure_5b": ("Letter expected", "Squared error"),
    "figure_6": ("Letter expected, capitals where a word begins", "Squared error, sum of five"),
}
SCORED = ("figure_7", "figure_8", "figure_9")
MARKS = {
    "yes": "Holds:",
    "no": "**Fails:**",
    UNKNOWN: "Cannot be checked:",
    "": "No limit:",
}
# The view in which the figure of a card is seen, where that is not the first.
STEPS, FEATURES, TREE = {"error_view": "step by step"}, {"error_view": "features"}, {"view": "tree"}
SHOWN_BY: dict[str, dict[str, Any]] = {
    "figure_3": STEPS,
    "figure_4": STEPS,
    "figure_5a": FEATURES,
    "figure_5b": FEATURES,
    "figure_6": {"error_view": "through a text"},
    "figure_7": TREE,
    "figure_8": TREE | {"zog": True},
    "figure_9": TREE | {"tokens": True},
}
OPENS = {"train": "Open this run", "errors": "Open its errors", "states": "Open its hidden states"}
SPREAD = "pale, from the lowest to the highest of all seeds"
OTHERS = "hollow, the other seeds. Grey: allowed"


class Map(NamedTuple):
    """Where among the settings that the paper leaves open the checks of a card hold."""

    squares: pd.DataFrame
    sentence: str
    settings: pd.DataFrame


class Found(NamedTuple):
    """What a card says and draws, the same for every reader.

    figure    the chart, to be made, and what its pale marks are; None for a table
    contents  the table; None for a chart
    lines     what was compared, as Markdown
    curve     the curve as a table; None for what is none
    """

    verdict: str
    result: str
    held: str
    figure: tuple[partial[Any], str] | None
    contents: pd.DataFrame | None
    lines: str
    curve: pd.DataFrame | None
    map: Map | None


@st.cache_resource(show_spinner=False)
def measured() -> Results:
    """The stored measurements, read once."""
    return reproduction.load()


@st.cache_resource(show_spinner=False)
def over_grid() -> GridResults:
    """The stored measurements over the grid, read once."""
    return reproduction.load_grid()


@st.cache_resource(show_spinner=False)
def found_for(key: str) -> Found:
    """What the card of this key says and draws, computed once."""
    card = BY_KEY[key]
    values = measured()["cards"][key]
    figure = _figure(card, values)
    return Found(
        verdict=card.verdict(values),
        result=cards.result(card, values),
        held=cards.held(card, values),
        figure=figure,
        contents=cards.contents(key) if figure is None else None,
        lines=_lines(card, values),
        curve=_curve(key, values) if key in CURVES else None,
        map=_map(card) if maps.has_map(card) else None,
    )


def contents() -> None:
    """Links to all cards, in groups of one verdict."""
    titles: dict[str, list[str]] = {verdict: [] for verdict in WORDS}
    for card in CARDS:
        titles[found_for(card.key).verdict].append(f"[{card.title}](#{_anchor(card)})")
    prose.say(
        "  \n".join(
            f"**{WORDS[verdict].capitalize()}**: {', '.join(links)}"
            for verdict, links in titles.items()
            if links
        )
    )


def left_open() -> None:
    """What the paper does not state or contradicts, what stands for it, and what follows."""
    with st.expander("What the paper leaves open or contradicts, and what stands for it here"):
        prose.say("\n".join(f"- {stated} *Here:* {chosen}" for stated, chosen in LEFT_OPEN))
        prose.say(
            "So other numbers than his prove neither him nor us wrong: what can be compared is the "
            "pattern, where the error is high and where it is low, and over many seeds."
        )


def _anchor(card: Card) -> str:
    return card.key.replace("_", "-")


def show(card: Card) -> None:
    """One card: what the paper shows, ours beside it, the verdict, and the way to the run."""
    found = found_for(card.key)
    with st.container(border=True, key=f"card_{card.key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(card.title, anchor=_anchor(card), width="content")
            st.badge(WORDS[found.verdict], color=BADGES[found.verdict])
        prose.say(f"**{card.subject}**")
        if found.figure is not None:
            chart, pale = found.figure
            page.figure(chart, f"{card.title}, {card.subject}. {found.result}")
            prose.caption(f"Blue: Elman. Orange: ours; in full, seed 0, {pale}.")
        elif found.contents is not None:
            tables.show_table(found.contents)
        prose.say(f"**{found.result}**")
        _show_checks(card, found)
        if found.map is not None:
            # What is closed would not follow the width of the window.
            part = st.expander(
                "How much hangs on what the paper does not say",
                key=f"map_{card.key}",
                on_change="rerun",
            )
            if part.open:
                with part:
                    _show_map(card, found.map)
        if st.button(
            OPENS[card.page],
            key=f"open_{card.key}",
            on_click=sidebar.open_preset,
            args=(card.task, "paper"),
            kwargs=SHOWN_BY.get(card.key, {}),
        ):
            # The sidebar's widgets put the experiment into the URL themselves.
            st.switch_page(f"pages/{card.page}.py", query_params={})


def _figure(card: Card, values: Values) -> tuple[partial[Any], str] | None:
    if card.key in CURVES:
        curve, labels = cards.curve(card.key, values)
        chart = partial(
            paper_charts.curve_chart,
            curve,
            *CURVES[card.key],
            labels=labels,
            printed_top=FIGURE_5A_LARGEST if card.key == "figure_5a" else None,
        )
        return chart, SPREAD
    if card.key in SCORED:
        scores = cards.dots(card, values)
        chart = partial(paper_charts.dots_chart, *scores, "Score, or share of seeds", (0, 1.02))
        return chart, OTHERS
    if card.key == "table_4":
        counts = cards.word_counts(values)
        title, span = "Words in 10,000 sentences", (27_200, 27_650)
        return partial(paper_charts.dots_chart, *counts, title, span, format=",.0f"), OTHERS
    return None


def _lines(card: Card, values: Values) -> str:
    lines = []
    for row in cards.checks_table(card, values).itertuples():
        parts = [f"here **{row.seeds}**"]
        if SEEDS[card.seeds] > 1:
            parts.append(f"seed 0: {row.seed_0}")
        if row.elman:
            parts.append(f"Elman: {row.elman}")
        if row.allowed:
            parts.append(f"allowed: {row.allowed}")
        if row.unknown:
            parts.append(row.unknown)
        lines.append(f"- {MARKS[row.holds]} {row.compared}: {'; '.join(parts)}.")
    return "\n".join(lines)


def _curve(key: str, values: Values) -> pd.DataFrame:
    curve, labels = cards.curve(key, values)
    if labels:
        curve.insert(1, "letter", list(labels))
    return curve


def _map(card: Card) -> Map:
    grid = over_grid()
    return Map(maps.squares(card, grid), maps.sentence(card, grid), maps.settings_table(card, grid))


def _show_checks(card: Card, found: Found) -> None:
    """What the paper shows, what was compared, how near it had to come, and whether it did; the
    curve as a table."""
    with st.expander("What Elman printed, limits and what held"):
        prose.caption(card.shows)
        prose.caption(found.held)
        if SEEDS[card.seeds] > 1:
            prose.caption(
                f"{SEEDS[card.seeds]} seeds: the median, in brackets lowest and highest; or how "
                "many, in brackets the share that chance leaves open (95 %).",
            )
        prose.say(found.lines)
        if found.map is not None:
            prose.say(f"Over other settings: {found.map.sentence}")
        if found.curve is not None:
            tables.show_table(found.curve, "curve of the paper", height="auto")


def _show_map(card: Card, found: Map) -> None:
    page.figure(
        partial(paper_charts.grid_chart, found.squares),
        f"Maps of {card.title}, a square for each setting tried. {found.sentence}",
    )
    prose.caption(
        f"A square: a setting, {GRIDS[card.seeds].seeds} networks. Orange: the check holds there, "
        "grey: it fails; the white dot is our preset.",
    )
    tables.show_table(found.settings, "grid of the paper", height="auto")
