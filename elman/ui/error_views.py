"""Views of errors that every task has: step by step, feature by feature, beside n-grams."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from elman import charts
from elman.analysis import errors
from elman.ui import page, sidebar
from elman.ui.state_views import Seen

# As many steps as Elman's Figure 4; of words, which take more room, fewer.
SHOWN_STEPS, SHOWN_WORDS = 20, 12


def step_by_step(seen: Seen, measure: str) -> None:
    """Elman's Figure 3 for bits; his Figure 4, the first steps one by one, for all else."""
    if seen.task.one_bit:
        _cycle(seen, measure)
        return
    title = errors.MEASURES[measure]
    steps = SHOWN_WORDS if seen.task.name == "sentences" else SHOWN_STEPS
    table = errors.by_step(seen.played.outputs, seen.sequence, seen.task, steps)
    if seen.task.name == "letters":
        st.markdown("##### As in Figure 4: the first 20 letters, each point named by its letter")
    else:
        st.markdown(f"##### The first {len(table)} steps, each with the symbol that came")
    page.figure(
        charts.error_by_step(table, measure, title),
        f"{title} of the first {len(table)} symbols: "
        + ", ".join(
            f"{symbol} {value:.2f}"
            for symbol, value in zip(table["expected"], table[measure], strict=True)
        )
        + ".",
    )
    if seen.task.name == "letters":
        st.caption(
            "Averaged over the six features. The paper's text calls its figure squared error, its "
            "caption root mean squared; neither fits all of its values."
        )
    page.table(table.drop(columns="begins"))


def _cycle(seen: Seen, measure: str) -> None:
    title = errors.MEASURES[measure]
    st.markdown("##### As in Figure 3: a cycle of 12 steps, averaged over the sequence")
    cycle = errors.by_cycle(seen.played.outputs, seen.sequence, seen.task, 12)
    page.figure(
        charts.error_by_cycle(cycle, measure, title),
        f"{title} at steps 1 to {len(cycle)}: "
        + ", ".join(f"{value:.2f}" for value in cycle[measure])
        + ".",
    )
    st.info(
        "Elman's caption calls his Figure 3 root mean squared error. It cannot be: its values "
        "lie between 0.16 and 0.34, and for a fair coin the RMS error of any answer is at "
        "least 0.5. Squared error fits, so that is shown first here; choose rms to compare."
    )
    page.table(cycle)


def feature_by_feature(seen: Seen, measure: str) -> None:
    """Elman's Figure 5: one panel a feature; where symbols share none, what to look at instead."""
    if not seen.task.has_features:
        st.markdown("A bit has no features. Choose the task **letters** to see errors by feature.")
        st.button("Show the letters", on_click=sidebar.apply, kwargs={"task": "letters"})
        return
    task, title = seen.task, errors.MEASURES[measure]
    words = "As in Figure 5: one panel a feature" if task.name == "letters" else "One panel a bit"
    st.markdown(f"##### {words}, on one scale")
    tested = seen.played.outputs, seen.sequence, task
    by_letter = errors.features_by_step(*tested, SHOWN_STEPS)
    top = max(float(by_letter[measure].max()) * 1.1, 0.1)
    for first in range(0, len(task.features), 2):
        names = task.features[first : first + 2]
        for column, name in zip(st.columns(2), names, strict=False):
            panel = by_letter[by_letter["feature"] == name]
            with column:
                st.markdown(f"**{name}**")
                page.figure(
                    charts.feature_panel(panel, measure, title, top),
                    f"{title} of {name}: mean {panel[measure].mean():.3f}.",
                )
    st.markdown("##### On average over the whole test sequence")
    by_feature = errors.by_feature(*tested)
    page.figure(
        charts.errors_by_feature(by_feature, measure, title),
        f"{title} by feature: "
        + "; ".join(
            f"{name} {value:.3f}"
            for name, value in zip(by_feature["feature"], by_feature[measure], strict=True)
        )
        + ".",
    )
    page.table(by_feature)


def ngram_figure(seen: Seen, measure: str) -> None:
    """The network beside the best answers to the last one or two symbols."""
    title = errors.MEASURES[measure]
    table = _ngrams(seen)
    page.figure(
        charts.errors_against_ngrams(table, measure, title),
        f"{title}: "
        + "; ".join(
            f"{name} {value:.3f}"
            for name, value in zip(table["predictor"], table[measure], strict=True)
        )
        + ".",
    )


def beside_ngrams(seen: Seen, measure: str) -> None:
    """The figure of n-grams with its explanation and table."""
    st.markdown(
        "An **n-gram** answers with the average of what followed in training: the best memoryless "
        "guess always the same, the **bigram** after looking at the last symbol, the **trigram** "
        "at the last two. A network that does better than the bigram uses its context."
    )
    ngram_figure(seen, measure)
    page.table(_ngrams(seen))


def _ngrams(seen: Seen) -> pd.DataFrame:
    return errors.against_ngrams(seen.played.outputs, seen.sequence, seen.task, seen.run.sequence)
