"""Errors through a text without spaces: where words begin, the error rises (Figure 6)."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from elman.analysis import errors, segmentation
from elman.analysis.replay import Tested
from elman.charts import PINNED
from elman.charts.errors import error_through_text
from elman.tasks import words
from elman.ui import page, pins, prose, state, tables

# Letters of a test sequence that are shown, and letters that fit into one row of a phone.
SHOWN_LETTERS, ROW_LETTERS = 60, 28


LETTERS = state.Control("letters", "Every letter of the figure", st.expander)
PASSAGE = state.Control(
    "passage",
    "Text",
    st.segmented_control,
    ("paper", "test"),
    default="paper",
    help="**paper**: the passage of Elman's Figure 6; **test**: the beginning of the sequence "
    "chosen above.",
)
CUT = state.Control(
    "cut",
    "Cut the text where the error is above",
    st.select_slider,
    (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7),
    default=0.15,
    help="Whoever is surprised may take it that a new word has begun. Nothing else tells here "
    "where words begin; the dashed lines and the counts are for comparison.",
)


def rows(table: pd.DataFrame, most: int = ROW_LETTERS) -> list[pd.DataFrame]:
    """A table of `errors.by_step` in parts of at most `most` steps that end with whole words."""
    parts, first = [], 0
    starts = np.flatnonzero(table["begins"].to_numpy())
    while len(table) - first > most:
        fitting = starts[(starts > first) & (starts <= first + most)]
        end = int(fitting[-1]) if len(fitting) else first + most
        parts.append(table[first:end])
        first = end
    return [*parts, table[first:]]


def through_a_text(tested: Tested, measure: str) -> None:
    """The Figure 6 view of the paper's passage or of the test sequence, and errors by place."""
    title = errors.MEASURES[measure]
    prose.say("##### As in Figure 6: the error at each letter; dashed lines stand before words")
    left, right = st.columns([1, 3])
    text, above = state.choose(PASSAGE, left), state.choose(CUT, right)
    read = tested
    if text == "paper":
        passage = words.paper_passage(tested.experiment.codes)
        read = page.replayed(tested.run, passage, tested.epoch, tested.reset)
    read = pins.with_pinned(read)
    table = errors.by_step(read, SHOWN_LETTERS)
    if text == "paper":
        # The last step would predict the first letter of the passage once more.
        table = table[:-1]
    by_place = errors.by_place_in_word(tested)
    errors_at = dict(zip(by_place["part"], by_place[measure], strict=True))
    prose.say(
        "**Over the whole test sequence: "
        + ", ".join(f"{value:.3f} at the {part}" for part, value in errors_at.items())
        + ".**"
    )
    drawn = [f"{measure}{kind}" for kind in ("", "_floor", *(f"_{one}" for one in PINNED))]
    top = float(table[[name for name in drawn if name in table]].max(axis=None)) * 1.25
    for part in rows(table):
        page.figure(
            partial(error_through_text, part, measure, title, top, ROW_LETTERS, cut=above),
            f"{title} at each letter: "
            + ", ".join(
                f"{'| ' if begins else ''}{letter} {value:.2f}"
                for letter, value, begins in zip(
                    part["expected"], part[measure], part["begins"], strict=True
                )
            )
            + ".",
        )
    _say_cuts(tested, measure, above)
    prose.caption(
        "Grey marks are the floor: high only where several letters can follow, and a mean over "
        "these, so that a lucky letter may lie below it. The passage is the "
        "paper's, the rest of its corpus is not printed: fourteen of our fifteen words are read "
        "from the paper, and all sentences are ours. Its Figure 6 has 1.8 to 3.0 at first letters "
        "and 0.01 to 1.5 at last ones, summed over five bits; divide by five to compare squared "
        "errors.",
    )
    pins.explain(read, "Dashed lines")
    tables.show_errors(by_place, measure)
    page.more(LETTERS, lambda: tables.show_errors(table, measure))


def _say_cuts(tested: Tested, measure: str, above: float) -> None:
    """What cutting the whole test sequence finds of its words."""
    whole = errors.by_step(tested, len(tested.sequence))
    error, begins = whole[measure].to_numpy(), whole["begins"].to_numpy()
    cuts = segmentation.cut_above(error, begins, above)
    best = segmentation.best_cuts(error, begins)
    prose.say(segmentation.describe_cuts(cuts, best))
