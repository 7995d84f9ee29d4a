"""Answers to sentences beside likelihoods, and what the paper's three numbers can mean."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from elman.analysis import likelihood
from elman.analysis.replay import Tested
from elman.charts.paper import measures_chart
from elman.ui import page, prose, sidebar, tables


def beside_likelihoods(tested: Tested) -> None:
    """The measures against words and likelihoods, and the paper's numbers beside them."""
    table = likelihood.table(tested)
    prose.say(
        "The network cannot know which word comes. It can know how likely each word is. So its "
        "answer is compared with the word that came, with how often each word came after the same "
        "beginning (**counted** in the sequence tested on, as in the paper), and with the "
        "**exact** likelihoods that follow from the grammar."
    )
    for column, against in zip(st.columns(2), likelihood.PAPER, strict=True):
        with column:
            prose.say(f"###### Against {against}")
            rows = likelihood.beside_paper(table, against)
            page.figure(partial(measures_chart, rows, "exact likelihoods"), _aloud(rows))
    prose.say(f"**{likelihood.describe_likelihoods(table)}**")
    prose.caption(
        "Orange: this network. Grey: the exact likelihoods, given as an answer. Blue diamonds: the "
        "number in the paper, beside each measure that it may mean.",
    )
    _show(table)
    prose.caption("Means over all words, standard deviations in brackets.")
    tables.show_table(
        pd.DataFrame(
            [
                (
                    "paper",
                    against,
                    f"{_spelled(printed['error'])}, called RMS",
                    _spelled(printed["cosine"]),
                )
                for against, printed in likelihood.PAPER.items()
            ],
            columns=["answer", "against", "error", "cosine"],
        ),
        "paper's likelihoods",
    )
    best = table.set_index(["answer", "against"]).loc[
        ("exact likelihoods", "the word that came"), "root"
    ]
    prose.say(
        f"""
What the paper's numbers can mean: it calls all of them root mean squared error, but no one
measure gives them all.

- **0.88** on the word that came has the size of the root of the sum of squares. Even the exact
  likelihoods have {best:.2f} here.
- **0.053**, with a standard deviation of 0.100, has the size of the sum of squares against the
  likelihoods; a root would be several times larger.
- **15.5**, its error before training, is the sum of absolute values of 31 outputs near one half.

The paper measured on the training sequence. On a new one, counts are few, and so counted
likelihoods are a rougher guide.
"""
    )
    left, right = st.columns(2)
    left.button(
        "Test on the training sequence",
        on_click=sidebar.apply,
        kwargs={"sequence": "training"},
        width="stretch",
    )
    right.button(
        "Look at the untrained network",
        on_click=sidebar.apply,
        kwargs={"epoch": 0},
        width="stretch",
    )


def _spelled(printed: tuple[float, float | None] | None) -> str:
    """A mean and its standard deviation as the paper prints them."""
    if printed is None:
        return "not given"
    mean, sd = printed
    return f"{mean:g}" if sd is None else f"{mean:g} ({sd:.3f})"


def _aloud(rows: pd.DataFrame) -> str:
    said = (
        f"{row['row']}: network {row['network']:.3f}, exact likelihoods {row['best']:.3f}"
        + ("" if pd.isna(row["paper"]) else f", Elman {row['paper']:g}")
        for row in rows.to_dict("records")
    )
    return "; ".join(said) + "."


def _show(table: pd.DataFrame) -> None:
    shown = table[["answer", "against"]].assign(
        **{
            measure: [
                f"{mean:.3f} ({sd:.3f})"
                for mean, sd in zip(table[measure], table[f"{measure}_sd"], strict=True)
            ]
            for measure in likelihood.MEASURES
        }
    )
    tables.show_table(shown, "likelihoods")
