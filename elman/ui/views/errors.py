"""The views of the Errors page: by position, step by step, and those that a task has of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from elman.analysis import errors, verdicts
from elman.analysis.replay import Tested
from elman.charts import PINNED
from elman.charts import errors as error_charts
from elman.tasks import Task
from elman.ui import page, pins, prose, state, tables
from elman.ui.views import accepted_strings, likelihoods, word_boundaries
from elman.ui.views.view import View

VIEW = state.Control("error_view", "Look at", st.segmented_control, default="by position")
LETTER_FEATURES = (
    "**Interrupted**: the air flow stops, as in b, d and g. **High** and **Back**: where the "
    "tongue is. **Voiced**: the vocal cords move, which they do in all six letters. Nobody can "
    "foretell which of b, d and g comes: they agree in four features and differ in High, which d "
    "alone has, and Back, which g alone has. The best answer to a feature that one of three "
    "letters has is 1/3, which costs 2/9 = 0.222."
)

FIRST_LETTERS = (
    "At the first letters the network has hardly any context yet: of 20 networks with the default "
    "settings 4 err there by more than 0.5 in features that can be known."
)

LUCKY = (
    "A single point may lie below its floor: that is the mean over all that could come there, and "
    "what did come may be what the network leaned to."
)

MEASURE = state.Control(
    "measure", "Measure", st.segmented_control, tuple(errors.MEASURES), default="squared"
)

# As many steps as Elman's Figure 4; of words, which take more room, fewer.
SHOWN_STEPS, SHOWN_WORDS = 20, 12


def _measured(view: Callable[[Tested, str], None]) -> Callable[[Tested], None]:
    """A view that shows one of the measures of error, with the control that chooses it."""

    def measured(tested: Tested) -> None:
        answers = (
            "the largest output is another symbol's"
            if tested.task.one_hot
            else "some output rounds wrong"
        )
        words = (
            "**squared**: mean of the squared errors; **rms**: its root; **rate**: share of wrong "
            f"answers: {answers}."
        )
        view(tested, state.choose(MEASURE, help=words))

    return measured


def by_position(tested: Tested, measure: str) -> None:
    """One bar a position beside floor and bigram; of a text without groups, n-grams instead."""
    # A text without groups has a single position, and one bar would say little.
    grouped = len(tested.task.positions) > 1
    if grouped:
        tested = pins.with_pinned(tested)
    table = errors.by_position_with_bigram(tested, tested.run.sequence)
    if grouped:
        title = errors.MEASURES[measure]
        figure, bars = error_charts.position_bars(table, measure, title)
        page.figure(
            partial(error_charts.draw_bars, figure),
            _described(f"{title} by predicted position", table, "position", measure),
            moving=[bars],
        )
        shown = table
    else:
        shown = ngram_figure(tested, measure)
    page.say_result(tested, beside=False)
    if tested.sequence.has_rule:
        words = (
            "Bars are the network. Wide grey marks are the floor: what is left for a predictor "
            "that knows the rule; only what rises above its mark is left to learn. Narrow "
            "violet marks are the best bigram, which knows the last symbol and nothing else."
        )
    else:
        words = (
            "Orange is the network, violet the best answer to the last symbols alone: a network "
            "above the bigram has not used its memory."
        )
        if not grouped:
            words += (
                " Give a group length or a boundary character in the sidebar, such as space, to "
                "see errors by the place in a group."
            )
    prose.caption(words)
    pins.explain(tested, "Dashed outlines")
    _say_below_floor(tested, table, "position", measure)
    tables.show_errors(shown, measure)


def _say_below_floor(tested: Tested, table: pd.DataFrame, name: str, measure: str) -> None:
    """Which bars lie below their floor, and why, if any does."""
    if words := verdicts.below_floor(tested, table, name, measure):
        prose.caption(words)


def _described(title: str, table: pd.DataFrame, column: str, measure: str) -> str:
    """The text alternative of a figure whose numbers stand in the table below it.

    The same at every epoch: with other words the browser would draw all of the figure anew.
    """
    shown = ", ".join(table[column].astype(str))
    beside = [
        name.lower()
        for kind, name in error_charts.FURTHER.items()
        if table.get(f"{measure}_{kind}", pd.Series(dtype=float)).notna().any()
    ]
    with_these = f", each with its {', '.join(beside)}" if beside else ""
    return f"{title}: {shown}{with_these}. The table below has the numbers."


def step_by_step(tested: Tested, measure: str) -> None:
    """Elman's Figure 3 for bits; his Figure 4, the first steps one by one, for all else."""
    if tested.task.one_bit:
        _cycle(tested, measure)
        return
    title = errors.MEASURES[measure]
    steps = SHOWN_WORDS if tested.task.name == "sentences" else SHOWN_STEPS
    tested = pins.with_pinned(tested)
    table = errors.by_step(tested, steps)
    if tested.task.name == "letters":
        prose.say("##### As in Figure 4: the first 20 letters, each point named by its letter")
    else:
        prose.say(f"##### The first {len(table)} steps, each with the symbol that came")
    page.figure(
        partial(error_charts.error_by_step, table, measure, title),
        _described(f"{title} of the first {len(table)} symbols", table, "expected", measure),
    )
    page.say_result(tested, beside=False)
    if tested.task.name == "letters":
        prose.caption(
            "Averaged over the six features. The paper's text calls its figure squared error, its "
            "caption root mean squared; neither fits all of its values.",
        )
    if tested.sequence.has_rule:
        prose.caption(LUCKY)
    pins.explain(tested, "Dashed lines")
    tables.show_errors(table.drop(columns="begins"), measure)


def _cycle(tested: Tested, measure: str) -> None:
    title = errors.MEASURES[measure]
    prose.say("##### As in Figure 3: a cycle of 12 steps, averaged over the sequence")
    tested = pins.with_pinned(tested)
    cycle = errors.by_cycle(tested, 12)
    page.figure(
        partial(error_charts.error_by_cycle, cycle, measure, title),
        _described(f"{title} in a cycle of {len(cycle)} steps", cycle, "step", measure),
    )
    page.say_result(tested, beside=False)
    pins.explain(tested, "Dashed lines")
    cycles = len(tested.sequence) // len(cycle)
    numbered = cycle.assign(place=[f"step {step}" for step in cycle["step"]], steps=cycles)
    _say_below_floor(tested, numbered, "place", measure)
    st.info(
        "Elman's caption calls his Figure 3 root mean squared error. It cannot be: its values "
        "lie between 0.16 and 0.34, and for a fair coin the RMS error of any answer is at "
        "least 0.5. Squared error fits, so that is shown first here; choose rms to compare."
    )
    tables.show_errors(cycle, measure)


def feature_by_feature(tested: Tested, measure: str) -> None:
    """Elman's Figure 5: one panel a feature."""
    task, title = tested.task, errors.MEASURES[measure]
    words = "As in Figure 5: one panel a feature" if task.name == "letters" else "One panel a bit"
    prose.say(f"##### {words}, on one scale")
    marks = f"Orange: the network at each letter. Grey dashes: the floor there. {LUCKY}"
    prose.caption(f"{marks} {FIRST_LETTERS}" if task.name == "letters" else marks)
    tested = pins.with_pinned(tested)
    by_letter = errors.features_by_step(tested, SHOWN_STEPS)
    drawn = [name for name in (measure, *(f"{measure}_{k}" for k in PINNED)) if name in by_letter]
    top = max(error_charts.upper_end(by_letter, drawn, 1.1), 0.1)
    for first in range(0, len(task.features), 2):
        names = task.features[first : first + 2]
        for column, name in zip(st.columns(2), names, strict=False):
            panel = by_letter[by_letter["feature"] == name]
            with column:
                prose.say(f"**{name}**")
                page.figure(
                    partial(error_charts.feature_panel, panel, measure, title, top),
                    f"{title} of {name}, letter by letter. The table below has its mean.",
                )
    _codes(task)
    heading = "##### On average over the whole test sequence"
    if tested.sequence.has_rule:
        heading += f": {task.predictable_words} and {task.open_words} together"
    prose.say(heading)
    by_feature = errors.by_feature(tested)
    figure, bars = error_charts.feature_bars(by_feature, measure, title)
    page.figure(
        partial(error_charts.draw_bars, figure),
        _described(f"{title} by feature", by_feature, "feature", measure),
        moving=[bars],
    )
    kinds = tables.kinds_of(task)
    if tested.sequence.has_rule:
        prose.caption(
            "A large bar need not be a mistake: where the rule leaves the next symbol open, even "
            f"the best answer errs. The table below has the squared error {kinds.certain} and "
            f"{kinds.open} in columns of their own."
        )
    page.say_result(tested, beside=False)
    pins.explain(tested, "Dashed lines and outlines")
    _say_below_floor(tested, by_feature, "feature", measure)
    tables.show_errors(by_feature, measure, kinds)


def _codes(task: Task) -> None:
    """The code of each symbol, and what the features mean where that can be said."""
    with st.expander(f"The code of each symbol: {len(task.features)} features"):
        if task.name == "letters":
            prose.say(LETTER_FEATURES)
        codes = pd.DataFrame(task.codes.astype(int), index=task.symbols, columns=task.features)
        st.table(codes)


def ngram_figure(tested: Tested, measure: str) -> pd.DataFrame:
    """The network beside the best answers to the last one or two symbols, and their table."""
    title = errors.MEASURES[measure]
    tested = pins.with_pinned(tested)
    table = errors.against_ngrams(tested, tested.run.sequence)
    page.figure(
        partial(error_charts.errors_against_ngrams, table, measure, title),
        _described(f"{title} of each predictor", table, "predictor", measure),
    )
    pins.explain(tested, "Bars that say pinned")
    return table


def beside_ngrams(tested: Tested, measure: str) -> None:
    """The figure of n-grams with its explanation and table."""
    table = ngram_figure(tested, measure)
    page.say_result(tested, beside=False)
    prose.say(
        "An **n-gram** answers with the average of what followed in training: the best memoryless "
        "guess always the same, the **bigram** after looking at the last symbol, the **trigram** "
        "at the last two. A network that does better than the bigram uses its context."
    )
    tables.show_errors(table, measure)


def _only_of(name: str) -> Callable[[Task], bool]:
    """Whether a task has an analysis of its own."""
    return lambda task: name in task.own_analyses


# In the order in which they are offered.
VIEWS = (
    View(
        "by position",
        "the error at each place of a group, beside the best anybody can do",
        _measured(by_position),
    ),
    View("step by step", "the first steps one after another", _measured(step_by_step)),
    View(
        "features",
        "the error of each feature or bit of the code",
        _measured(feature_by_feature),
        lambda task: task.has_features,
    ),
    View(
        "through a text",
        "the error at each letter, with the boundaries of words",
        _measured(word_boundaries.through_a_text),
        _only_of("word boundaries"),
    ),
    View(
        "likelihoods",
        "how near the answers come to the likelihoods of the next word",
        likelihoods.beside_likelihoods,
        _only_of("likelihoods"),
    ),
    View(
        "accepted strings",
        "which strings the network takes for grammatical",
        accepted_strings.accepted_strings,
        _only_of("accepted strings"),
    ),
    View(
        "n-grams",
        "the network beside the best answers to the last symbols",
        _measured(beside_ngrams),
    ),
)
