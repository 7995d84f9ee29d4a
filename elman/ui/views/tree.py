"""The tree of hidden states: what is alike to a network, whether that is learned, and new words."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from elman.analysis import clusters, separation, states
from elman.analysis.replay import Tested, replay
from elman.charts.states import class_score_points
from elman.charts.tree import dendrogram
from elman.experiment import Experiment
from elman.tasks import sentences
from elman.training.batches import total_work
from elman.ui import jobs, kept_runs, page, prose, state, tables
from elman.ui.show import as_code
from elman.ui.work import Work

# Networks that are trained to tell what is learned from what is chance.
SCORED_SEEDS = 5

METHOD = state.Control(
    "method",
    "How branches join",
    st.selectbox,
    tuple(clusters.METHODS),
    default="average",
    help="; ".join(f"**{n}**: {words}" for n, words in clusters.METHODS.items()) + ".",
)
METRIC = state.Control(
    "metric",
    "Distance",
    st.selectbox,
    tuple(clusters.METRICS),
    default="euclidean",
    help="The paper states neither; its printed distances cannot be compared.",
)
NEW_WORD = state.Control("zog", "A word it has never seen: zog", st.expander)
OCCURRENCES = state.Control("tokens", "Not averaged: single occurrences", st.expander)
TOKENS = (
    state.Control("token", "Symbol", st.selectbox),
    state.Control("token_beside", "Beside it", st.selectbox),
)

# The groupings that are told in words.
KIND, BRANCH = "noun or verb", "branch of Figure 7"


def tree(tested: Tested) -> None:
    """Cluster tree of mean hidden vectors, its scores, tokens, and a word never seen."""
    means = clusters.mean_vectors(tested)
    if len(means.labels) < 3:
        st.info("A tree says something from three symbols on; choose letters, words or sentences.")
        return
    left, right = st.columns(2)
    method = state.choose(METHOD, left)
    metrics = ("euclidean",) if method == "ward" else tuple(clusters.METRICS)
    metric = state.choose(METRIC, right, options=metrics)
    found = clusters.tree(means.vectors, means.labels, method=method, metric=metric)
    classes = tested.task.classes
    page.figure(
        partial(dendrogram, found, classes),
        "Tree of mean hidden vectors; leaves from top to bottom: "
        + ", ".join(found.labels[leaf] for leaf in found.order)
        + ".",
    )
    first, second = map(as_code, found.closest)
    words = f"Most alike to the network are {first} and {second}."
    scores = _scores_of(tested, method, metric) if tested.task.name == "sentences" else None
    if scores is not None:
        share = scores.set_index(["network", "grouping"]).at[("trained", KIND), "cophenetic_auc"]
        words += (
            f" Of {separation.TWO}, two of a class join first in {share:.0%} of all cases; chance "
            "is 50%."
        )
    prose.say(f"**{words}**")
    prose.caption(
        "Each leaf is the hidden vector of a symbol, averaged over all places where it came in. "
        "Symbols whose branches join further to the right are more alike to the network.",
    )
    if scores is not None:
        _scores(tested, scores)
        _scores_of_seeds(tested.experiment, method, metric)
        page.more(NEW_WORD, lambda: _new_word(tested, method, metric))
    page.more(OCCURRENCES, lambda: _tokens(tested, method, metric))


def _scores_of(tested: Tested, method: str, metric: str) -> pd.DataFrame | None:
    """The scores of the tree; None where too few words occur to have any."""
    run, epoch, groupings = tested.run, tested.epoch, separation.sentence_groupings()

    def score(*_: object) -> tuple[pd.DataFrame, ...]:
        with contextlib.suppress(ValueError):
            scores = separation.run_scores(
                run, groupings, method=method, metric=metric, epoch=epoch
            )
            return (scores,)
        return ()

    work = Work((kept_runs.cache_key(run), epoch, method, metric), "scores", score)
    found = jobs.answer(work, "Comparing the tree with one before training.")
    if not found:
        st.info("Too few words occur here to score their classes; choose a longer sequence.")
    return found[0] if found else None


def _scores(tested: Tested, scores: pd.DataFrame) -> None:
    st.subheader("Is that learned?")
    prose.say(
        "Averages over unequal contexts can look like classes even where nothing was learned "
        "(Tony Plate's warning, the paper's note 6). So the same tree is made of the network "
        "before training. The score was fixed beforehand: how often two words of a class join "
        "before two of different classes (1 or 100%: always, 0.5 or 50%: chance)."
    )
    by = scores.set_index(["network", "grouping"])["cophenetic_auc"]
    page.figure(
        partial(class_score_points, scores),
        "Score of the tree: "
        + "; ".join(
            f"{network}, {grouping} {value:.2f}" for (network, grouping), value in by.items()
        )
        + ".",
    )
    after = "training" if tested.epoch == tested.run.epochs_done else f"{tested.epoch} epochs"
    for words, name in {separation.TWO: KIND, separation.SIX: BRANCH}.items():
        trained, before = by["trained", name], by["untrained", name]
        prose.say(
            f"**Of {words}: two of a class join first in {trained:.0%} after {after}, "
            f"{before:.0%} before.**"
        )
    prose.caption(
        "The lab “A tree without training” scores the six classes, of networks with settings of "
        "its own."
    )
    tables.show_table(scores, "class scores", floats="%.4f")


def _scores_of_seeds(experiment: Experiment, method: str, metric: str) -> None:
    """The scores again for networks with other first weights, as a job."""
    prose.say(
        f"That is one seed ({experiment.seed}), before training and after; the page The paper has "
        "medians over many. Whether it is chance, networks with other first weights tell:"
    )
    scores = jobs.result(
        Work(
            (experiment, method, metric),
            "class_scores",
            partial(_train_and_score, experiment, method, metric),
            SCORED_SEEDS * total_work(experiment),
            starts="on a press",
            label=f"Train {SCORED_SEEDS} networks",
        )
    )
    if scores is None:
        return
    page.figure(
        partial(class_score_points, scores),
        f"Scores of {scores['seed'].nunique()} networks after training and before.",
    )
    of = scores[scores["grouping"] == KIND].groupby("network")["cophenetic_auc"]
    low, high = of.min(), of.max()
    prose.say(
        f"**Of {separation.TWO}, over {scores['seed'].nunique()} seeds: "
        f"{low['trained']:.0%} to {high['trained']:.0%} after training, {low['untrained']:.0%} to "
        f"{high['untrained']:.0%} before.**"
    )
    tables.show_table(scores, "class scores", floats="%.4f")


def _train_and_score(
    experiment: Experiment,
    method: str,
    metric: str,
    on_progress: Callable[[float, np.ndarray], None],
    should_stop: Callable[[], bool],
) -> pd.DataFrame:
    frames: list[pd.DataFrame] = []
    groupings = separation.sentence_groupings()
    for done in range(1, SCORED_SEEDS + 1):
        seeds = [experiment.seed + done - 1]
        frames.append(
            separation.class_scores(experiment, groupings, seeds, method=method, metric=metric)
        )
        on_progress(done / SCORED_SEEDS, np.arange(done))
        if should_stop():
            break
    return pd.concat(frames, ignore_index=True)


def _new_word(tested: Tested, method: str, metric: str) -> None:
    prose.say(
        "As in the paper (p. 201): weights frozen, and wherever *man* stood the new word "
        "**zog** comes in, a bit that was never on in training. What is it taken for?"
    )
    corpus = sentences.with_new_word(tested.sequence)
    if sentences.NEW_WORD not in states.symbol_names(tested.task, corpus.symbols):
        st.info("In this sequence *man* does not occur; choose a longer one.")
        return
    with_zog = replay(tested.run, corpus, tested.epoch, tested.reset)
    found = clusters.new_word(with_zog, sentences.NEW_WORD, method=method, metric=metric)
    page.figure(
        partial(dendrogram, found.tree, tested.task.classes, marked=[sentences.NEW_WORD]),
        f"Tree with zog, which joins {', '.join(found.sisters)} first.",
    )
    nearest = ", ".join(found.neighbours["symbol"].head(3))
    prose.say(f"**zog joins {', '.join(found.sisters)} first; nearest to it are {nearest}.**")
    tables.show_table(found.neighbours, floats="%.4f")


def _tokens(tested: Tested, method: str, metric: str) -> None:
    names = sorted(set(states.symbol_names(tested.task, tested.sequence.symbols)))
    in_order = [name for name in ("boy", "girl") if name in names] + names
    preferred = list(dict.fromkeys(in_order))[:2]
    chosen = [
        state.choose(control, column, options=tuple(names), default=first)
        for control, column, first in zip(TOKENS, st.columns(2), preferred, strict=True)
    ]
    chosen = list(dict.fromkeys(chosen))
    found = clusters.tokens(tested, chosen, most=15)
    if len(found.table) < 2:
        st.info("These symbols occur only once; choose another.")
        return
    share = clusters.same_symbol_neighbours(found, metric)
    prose.say(
        f"**{share:.0%} of these occurrences have one of the same symbol as their nearest "
        "neighbour.** Every occurrence has a state of its own, shaped by what came before."
    )
    page.figure(
        partial(
            dendrogram,
            clusters.tree(
                found.vectors, found.table["label"].tolist(), method=method, metric=metric
            ),
            dict(zip(found.table["label"], found.table["symbol"], strict=True)),
            class_title="Symbol",
        ),
        f"Tree of {len(found.table)} single occurrences of {', '.join(chosen)}.",
    )
