"""The views of the Hidden states page: over time, components, tree and surgery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import streamlit as st

from elman import state_charts, tree_chart
from elman.analysis import clusters, separation, states, surgery
from elman.analysis.replay import Replay, replay, testing_policy
from elman.tasks import Sequence, Task, sentences
from elman.training import Run
from elman.ui import links, page

WORDS = {
    "over time": "every hidden unit at every step",
    "components": "the states in the two directions in which they vary most",
    "tree": "which symbols have alike states",
    "surgery": "change the memory at one step and see what it answers after",
}


class Seen(NamedTuple):
    """What a view looks at: a run's network after `epoch`, played over a sequence."""

    run: Run
    task: Task
    sequence: Sequence
    epoch: int
    reset: str
    played: Replay


def _step(label: str, key: str, default: int, most: int) -> int:
    """A step number (from 1), part of the link."""
    return links.choose_number(label, 1, most, key=key, default=min(default, most))


def _classes(task: Task) -> Mapping[str, str] | None:
    """Classes that the task gives its symbols, to colour them by."""
    if task.name == "sentences":
        return separation.sentence_groupings()["branch of Figure 7"]
    if task.name == "letters":
        return {letter: "consonant" if letter in "bdg" else "vowel" for letter in task.symbols}
    return None


def over_time(seen: Seen) -> None:
    """Heat map of units by steps."""
    left, middle, right = st.columns(3)
    with left:
        first = _step("First step shown", "first", 1, len(seen.sequence))
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
    table = states.heat_map(
        seen.played.states, seen.sequence, seen.task, first=first, steps=shown, order=order
    )
    spread = seen.played.states.std(axis=0)
    page.figure(
        state_charts.heat_map(table, seen.run.experiment.activation),
        f"Activation of {seen.run.experiment.hidden} hidden units at {shown} steps from {first}.",
    )
    st.markdown(
        f"**Unit {int(spread.argmax()) + 1} varies most from step to step, unit "
        f"{int(spread.argmin()) + 1} least.** Look for units that are on at the same place of "
        f"every {seen.task.group}: they tell the network where it is."
    )
    with st.expander("The numbers"):
        wide = table.assign(unit=[f"unit {unit}" for unit in table["unit"]])
        page.table(
            wide.pivot_table(
                index=["step", "symbol"], columns="unit", values="activation", sort=False
            ).reset_index()
        )


def components(seen: Seen) -> None:
    """Scatter of all states along two principal components, with a path through some steps."""
    if seen.run.experiment.hidden < 2:
        st.info("One hidden unit has one direction only; take two or more.")
        return
    found = states.principal_components(seen.played.states)
    most = min(6, len(found.directions))
    columns = st.columns(4)
    with columns[0]:
        across = links.choose(
            st.selectbox, "Across", tuple(range(1, most + 1)), key="across", default=1
        )
    with columns[1]:
        up = links.choose(st.selectbox, "Up", tuple(range(1, most + 1)), key="up", default=2)
    with columns[2]:
        first = _step("Path from step", "path", 1, len(seen.sequence))
    with columns[3]:
        length = links.choose(
            st.selectbox, "Steps of the path", (0, 3, 6, 9, 12, 24), key="path_steps", default=9
        )
    pair = (across, up)
    cloud = states.projections(seen.played.states, found, seen.sequence, seen.task, pair=pair)
    path = cloud[(cloud["step"] >= first) & (cloud["step"] < first + length)]
    page.figure(
        state_charts.component_scatter(
            cloud, path, state_charts.component_titles(found, pair), classes=_classes(seen.task)
        ),
        f"States along components {across} and {up}, with the path of {length} steps from {first}: "
        f"{' '.join(path['symbol'])}.",
    )
    st.markdown(
        f"**Two directions hold {found.ratios[across - 1] + found.ratios[up - 1]:.0%} of the "
        f"variance of {seen.run.experiment.hidden} units.** Each point is the state after one "
        "symbol; the line follows the network through the sequence. Points that lie together are "
        "treated alike, whatever symbol led there."
    )
    with st.expander("Share of each component, and the numbers"):
        page.figure(
            state_charts.variance_chart(found),
            "Share of the variance: "
            + ", ".join(f"{ratio:.0%}" for ratio in found.ratios[:10])
            + ".",
        )
        page.table(path)


def tree(seen: Seen) -> None:
    """Cluster tree of mean hidden vectors, its scores, tokens, and a word never seen."""
    means = clusters.mean_vectors(seen.played.states, seen.sequence, seen.task)
    if len(means.labels) < 3:
        st.info("A tree says something from three symbols on; choose letters, words or sentences.")
        return
    left, right = st.columns(2)
    with left:
        method = links.choose(
            st.selectbox,
            "How branches join",
            tuple(clusters.METHODS),
            key="method",
            default="average",
            help="; ".join(f"**{n}**: {words}" for n, words in clusters.METHODS.items()) + ".",
        )
    with right:
        metrics = ("euclidean",) if method == "ward" else tuple(clusters.METRICS)
        metric = links.choose(
            st.selectbox,
            "Distance",
            metrics,
            key="metric",
            default="euclidean",
            help="The paper states neither; its printed distances cannot be compared.",
        )
    found = clusters.tree(means.vectors, means.labels, method=method, metric=metric)
    classes = _classes(seen.task)
    page.figure(
        tree_chart.dendrogram(found, classes),
        "Tree of mean hidden vectors; leaves from top to bottom: "
        + ", ".join(found.labels[leaf] for leaf in found.order)
        + ".",
    )
    st.caption(
        "Each leaf is the hidden vector of a symbol, averaged over all places where it came in. "
        "Symbols whose branches join further to the right are more alike to the network."
    )
    if seen.task.name == "sentences":
        _scores(seen, method, metric)
        _new_word(seen, method, metric)
    _tokens(seen, method, metric)


def _scores(seen: Seen, method: str, metric: str) -> None:
    st.subheader("Is that learned?")
    st.markdown(
        "Averages over unequal contexts can look like classes even where nothing was learned "
        "(Tony Plate's warning, the paper's note 6). So the same tree is made of the network "
        "before training. The score was fixed beforehand: how often two words of a class join "
        "before two of different classes (1: always, 0.5: chance)."
    )
    scores = separation.run_scores(
        seen.run, separation.sentence_groupings(), method=method, metric=metric
    )
    by = scores.set_index(["network", "grouping"])["cophenetic_auc"]
    page.figure(
        state_charts.class_score_points(scores),
        "Score of the tree: "
        + "; ".join(
            f"{network}, {grouping} {value:.2f}" for (network, grouping), value in by.items()
        )
        + ".",
    )
    kind = "noun or verb"
    trained, before = by["trained", kind], by["untrained", kind]
    st.markdown(
        f"**Nouns against verbs: {trained:.2f} after training, {before:.2f} before.** That is one "
        f"seed ({seen.run.experiment.seed}); the page *The paper* has several."
    )
    page.table(scores)


def _new_word(seen: Seen, method: str, metric: str) -> None:
    with st.expander("A word it has never seen: zog"):
        st.markdown(
            "As in the paper (p. 201): weights frozen, and wherever *man* stood the new word "
            "**zog** comes in, a bit that was never on in training. What is it taken for?"
        )
        corpus = sentences.with_new_word(seen.sequence)
        played = replay(seen.run, corpus, seen.epoch, seen.reset)
        found = clusters.new_word(
            played.states, corpus, seen.task, sentences.NEW_WORD, method=method, metric=metric
        )
        page.figure(
            tree_chart.dendrogram(found.tree, _classes(seen.task), marked=[sentences.NEW_WORD]),
            f"Tree with zog, which joins {', '.join(found.sisters)} first.",
        )
        nearest = ", ".join(found.neighbours["symbol"].head(3))
        st.markdown(f"**zog joins {', '.join(found.sisters)} first; nearest to it are {nearest}.**")
        page.table(found.neighbours)


def _tokens(seen: Seen, method: str, metric: str) -> None:
    names = sorted(set(states.symbol_names(seen.task, seen.sequence.symbols)))
    preferred = [name for name in ("boy", "girl") if name in names] or names[:2]
    with st.expander("Not averaged: single occurrences"):
        chosen = st.multiselect(
            "Symbols", names, default=preferred, key="token_symbols", max_selections=4
        )
        if not chosen:
            st.info("Choose at least one symbol.")
            return
        found = clusters.tokens(seen.played.states, seen.sequence, seen.task, chosen, most=15)
        if len(found.table) < 2:
            st.info("These symbols occur only once; choose another.")
            return
        share = clusters.same_symbol_neighbours(found, metric)
        st.markdown(
            f"**{share:.0%} of these occurrences have one of the same symbol as their nearest "
            "neighbour.** Every occurrence has a state of its own, coloured by what came before."
        )
        page.figure(
            tree_chart.dendrogram(
                clusters.tree(
                    found.vectors, found.table["label"].tolist(), method=method, metric=metric
                ),
                dict(zip(found.table["label"], found.table["symbol"], strict=True)),
                class_title="Symbol",
            ),
            f"Tree of {len(found.table)} single occurrences of {', '.join(chosen)}.",
        )


def operate(seen: Seen) -> None:
    """Change the context or a unit at one step, and compare the answers after it."""
    steps = len(seen.sequence)
    columns = st.columns(3)
    with columns[0]:
        step = _step("At step", "step", 5, steps)
    with columns[1]:
        kind = links.choose(
            st.selectbox,
            "Operation",
            tuple(surgery.KINDS),
            key="operation",
            default="zero",
            help="; ".join(f"**{n}**: {words}" for n, words in surgery.KINDS.items()) + ".",
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
            details["unit"] = _step("Unit", "unit", 1, seen.run.experiment.hidden)
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
    policy, every = testing_policy(seen.run.experiment, seen.reset)
    outcome = surgery.operate(
        seen.run.at(seen.epoch),
        seen.sequence,
        seen.run.experiment,
        step,
        surgery.Operation(kind, **details),
        reset=policy,
        reset_every=every,
        untouched=seen.played,
        rng=np.random.default_rng(step),
    )
    table = surgery.changes_by_step(outcome, seen.sequence, seen.task)
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


VIEWS: dict[str, Callable[[Seen], None]] = {
    "over time": over_time,
    "components": components,
    "tree": tree,
    "surgery": operate,
}
