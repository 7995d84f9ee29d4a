"""How fast the questions about hidden states are answered, at the size of Elman's sentences run.

    python benchmarks/analysis.py

About 27,500 states of 150 units, from an untrained network: its weights change what the answers
are, not how long they take. Every question is asked in turn in every round, and its seconds are
printed as minimum and median over the rounds, beside the median's ratio to the pass that computes
the states, since seconds say little on another machine. The median is held against one second.
Products of matrices run on one thread: more would only be faster on a machine with nothing else to
do. The exit code is always 0: this is a report.
"""

from __future__ import annotations

import os

# Read when NumPy and SciPy load their libraries.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

from collections.abc import Callable

import numpy as np
from kernel import Row, report, take_turns

import elman
from elman.analysis import clusters, separation, states, surgery
from elman.analysis.replay import replay
from elman.charts.tree import dendrogram
from elman.network import initial_weights
from elman.tasks import sentences
from elman.training import Run
from elman.training.trainers import Snapshot

TASK = sentences.TASK
WORDS = 27_534
HIDDEN = 150
ROUNDS = 7
MOST_SECONDS = 1.0

# The covariance loses half of the digits of a direction that hardly varies.
SAME_RATIOS = 1e-9


def questions() -> dict[str, Callable[[], object]]:
    """Name -> call, each on the states of the whole corpus; the first one computes them."""
    rng = np.random.default_rng(0)
    corpus = sentences.generate(WORDS, rng=rng)
    weights = initial_weights(len(TASK.symbols), HIDDEN, len(TASK.symbols), rng=rng, scale=0.3)
    untrained = Run(
        elman.Experiment(task="sentences", hidden=HIDDEN, reset="never"),
        corpus,
        losses=np.zeros(0),
        snapshots=(Snapshot(0, weights, np.full(HIDDEN, 0.5)),),
        status="stopped",
        seconds=0.0,
        compiled=True,
    )
    tested = replay(untrained, corpus)
    hidden = tested.states
    with_zog = replay(untrained, sentences.with_new_word(corpus))
    found = states.principal_components(hidden)

    def word_tree() -> clusters.Tree:
        means = clusters.mean_vectors(tested)
        return clusters.tree(means.vectors, means.labels)

    def token_tree() -> clusters.Tree:
        tokens = clusters.tokens(tested, ("boy", "girl"), most=100)
        clusters.same_symbol_neighbours(tokens)
        return clusters.tree(tokens.vectors, tokens.table["label"].tolist())

    tree, tokens = word_tree(), token_tree()
    groupings = separation.sentence_groupings()
    operation = surgery.Operation("zero")
    return {
        "the pass that computes the states": lambda: replay(untrained, corpus),
        "principal components": lambda: states.principal_components(hidden),
        "    by SVD of the states": lambda: np.linalg.svd(hidden - found.mean, full_matrices=False),
        "projections of all states": lambda: states.projections(tested, found),
        "heat map of 40 steps, by component": lambda: states.heat_map(
            tested, first=1000, order="component"
        ),
        "mean vectors and tree of 29 words": word_tree,
        "tree of 200 tokens and their neighbours": token_tree,
        "zog: mean vectors, tree, neighbours": lambda: clusters.new_word(
            with_zog, sentences.NEW_WORD
        ),
        "scores for three divisions into classes": lambda: [
            separation.separation(tree, classes) for classes in groupings.values()
        ],
        "chart of the tree of 29 words": lambda: dendrogram(tree, groupings["branch of Figure 7"]),
        "chart of the tree of 200 tokens": lambda: dendrogram(tokens),
        "surgery on 12 steps": lambda: surgery.operate(tested, 1000, operation),
    }


def answers() -> list[Row]:
    asked = questions()
    # The first calls import SciPy and warm up.
    for call in asked.values():
        call()
    seconds = dict(zip(asked, take_turns(ROUNDS, *asked.values()), strict=True))
    reading = np.median(seconds["the pass that computes the states"])
    rows = []
    for name, times in seconds.items():
        median = np.median(times)
        measured = f"{times.min():.3f} min, {median:.3f} s ({median / reading:.2f})"
        free = name.startswith((" ", "the pass"))
        target = "" if free else f"at most {MOST_SECONDS:.0f} s"
        rows.append(Row(name, measured, target, None if free else bool(median <= MOST_SECONDS)))
    together = sum(np.median(seconds[row.measure]) for row in rows if row.met is not None)
    rows.append(
        Row(
            "all of these questions together",
            f"{together:.3f} s ({together / reading:.2f})",
            f"at most {MOST_SECONDS:.0f} s",
            bool(together <= MOST_SECONDS),
        )
    )
    return rows


def same_components() -> Row:
    """The route of long sequences against the SVD, on states of very different spread."""
    rng = np.random.default_rng(1)
    hidden = rng.normal(size=(WORDS, HIDDEN)) * np.geomspace(1, 1e-3, HIDDEN)
    variances = np.linalg.svd(hidden - hidden.mean(axis=0), compute_uv=False) ** 2
    ratios = states.principal_components(hidden).ratios
    difference = np.abs(ratios - variances / variances.sum()).max()
    return Row(
        "largest difference of a share of variance from the SVD",
        f"{difference:.1g}",
        f"at most {SAME_RATIOS:g}",
        bool(difference <= SAME_RATIOS),
    )


def main() -> None:
    print(f"{WORDS:,} words, {HIDDEN} hidden units, {ROUNDS} rounds; (ratio to the pass)")
    report(iter([*answers(), same_components()]))


if __name__ == "__main__":
    main()
