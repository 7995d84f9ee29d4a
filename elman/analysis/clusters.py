"""Trees of hidden states: mean vectors of words, single tokens, and words never seen before.

A tree joins the two nearest clusters, again and again, until one is left. Elman (1990, p. 199)
does not say which distance or linkage made his Figure 7; average linkage of Euclidean distances,
the default here, is a choice of this project. How well a tree separates classes is measured in
`analysis.separation`.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence as Ordered
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.analysis.replay import Tested
from elman.analysis.states import checked_vectors, evenly, joined, symbol_names
from elman.settings import refuse

METHODS = {
    "average": "mean distance between the members of two clusters",
    "complete": "largest distance between their members",
    "single": "smallest distance between their members",
    "ward": "growth of the squared distances to the cluster's mean",
}
METRICS = {
    "euclidean": "length of the difference of two vectors",
    "cosine": "1 minus the cosine of the angle between them",
}

# With more leaves than this the search for the neatest order of the branches takes too long.
MOST_ORDERED = 400

# Stands between groups in the labels of tokens.
BOUNDARY = "|"


@dataclass(frozen=True)
class Tree:
    """A binary tree over labelled leaves.

    labels    (leaves,)          names of the leaves; tokens of one word may share theirs
    linkage   (leaves - 1, 4)    SciPy's: the two joined nodes, their distance, leaves below.
                                 Node i < leaves is a leaf, node leaves + m is row m
    method, metric               names from `METHODS` and `METRICS`
    """

    labels: tuple[str, ...]
    linkage: np.ndarray
    method: str
    metric: str

    @property
    def closest(self) -> tuple[str, str]:
        """The two leaves that join first, at the smallest distance."""
        left, right = self.linkage[0, :2].astype(int)
        return self.labels[left], self.labels[right]

    @cached_property
    def members(self) -> tuple[np.ndarray, ...]:
        """The leaves below every node, in the order in which they are drawn."""
        below = [np.array([leaf]) for leaf in range(len(self.labels))]
        for left, right in self.linkage[:, :2].astype(int):
            below.append(np.concatenate([below[left], below[right]]))
        return tuple(below)

    @property
    def order(self) -> np.ndarray:
        """Leaves (leaves,), as indices, in the order in which they are drawn."""
        return self.members[-1]

    @cached_property
    def joins(self) -> np.ndarray:
        """Distance (leaves, leaves) at which two leaves join (their cophenetic distance)."""
        from scipy.cluster import hierarchy
        from scipy.spatial.distance import squareform

        return squareform(hierarchy.cophenet(self.linkage))

    def cut(self, clusters: int, among: Iterable[int] | None = None) -> np.ndarray:
        """Cluster (leaves,), from 0, of each leaf once the last joins are undone.

        As many are undone as it takes for the leaves of `among` (by default all) to lie in
        `clusters` clusters. Raises ValueError if there are fewer leaves than that.
        """
        chosen = np.array(sorted(set(range(len(self.labels)) if among is None else among)))
        if not 1 <= clusters <= len(chosen):
            raise refuse("clusters", f"a whole number from 1 to {len(chosen)}", clusters)
        cluster = np.arange(len(self.labels))
        for members in self.members[len(self.labels) :]:
            if len(np.unique(cluster[chosen])) == clusters:
                break
            cluster[members] = cluster[members[0]]
        return np.unique(cluster, return_inverse=True)[1]

    def sisters(self, label: str) -> tuple[str, ...]:
        """Leaves of the other branch at the first join of a leaf, in the order drawn."""
        leaf = self.labels.index(label)
        first = next(members for members in self.members[len(self.labels) :] if leaf in members)
        return tuple(self.labels[other] for other in first if other != leaf)

    def nested(self) -> str:
        """The tree in brackets, as in ((woman, girl), man): a picture in words."""
        parts = list(self.labels)
        for left, right in self.linkage[:, :2].astype(int):
            parts.append(f"({parts[left]}, {parts[right]})")
        return parts[-1]

    def merges(self) -> pd.DataFrame:
        """Every join, the nearest first. Columns: distance, leaves (how many), left, right."""
        names = [", ".join(self.labels[leaf] for leaf in members) for members in self.members]
        left, right = self.linkage[:, :2].astype(int).T
        return pd.DataFrame(
            {
                "distance": self.linkage[:, 2],
                "leaves": self.linkage[:, 3].astype(int),
                "left": [names[node] for node in left],
                "right": [names[node] for node in right],
            }
        )


def distances(vectors: np.ndarray, metric: str = "euclidean") -> np.ndarray:
    """Distance (n, n) of every two of the vectors (n, hidden).

    Raises ValueError for an unknown metric, for vectors that are not finite, and for the cosine
    of a vector of nothing but zeros, which has no direction.
    """
    from scipy.spatial.distance import pdist, squareform

    vectors = checked_vectors("vectors", vectors, "n")
    if metric not in METRICS:
        raise refuse("metric", f"one of {', '.join(METRICS)}", metric)
    if metric == "cosine" and not vectors.any(axis=1).all():
        raise refuse(
            "metric",
            "euclidean if every unit is silent somewhere",
            words="cosine was given, and a vector of zeros has no direction",
        )
    # Rounding can take the cosine of two equal vectors just beyond 1.
    return squareform(np.maximum(pdist(vectors, metric), 0.0))


def tree(
    vectors: np.ndarray,
    labels: Ordered[str],
    *,
    method: str = "average",
    metric: str = "euclidean",
) -> Tree:
    """The tree of vectors (leaves, hidden), at least two, whose names are `labels`.

    `method` is a name from `METHODS`, `metric` one from `METRICS`; ward needs euclidean. Other
    values raise ValueError, as does a number of labels that is not that of the vectors.

    Source: Sokal and Michener (1958) for average linkage; Ward (1963), Journal of the American
    Statistical Association 58:236-244.
    """
    from scipy.cluster import hierarchy
    from scipy.spatial.distance import squareform

    vectors = checked_vectors("vectors", vectors, "leaves", at_least=2)
    if len(labels) != len(vectors):
        raise refuse(
            "labels",
            f"{len(vectors)}, one for each vector",
            verb="are",
            words=f"{len(labels)} were given",
        )
    if method not in METHODS:
        raise refuse("method", f"one of {', '.join(METHODS)}", method)
    if method == "ward" and metric != "euclidean":
        raise refuse("metric", "euclidean", metric, verb="with ward is")
    condensed = squareform(distances(vectors, metric), checks=False)
    linkage = hierarchy.linkage(
        condensed, method=method, optimal_ordering=len(vectors) <= MOST_ORDERED
    )
    return Tree(tuple(labels), linkage, method, metric)


class Means(NamedTuple):
    """Mean vectors (n, hidden) of the symbols that occur, their names and how often they do."""

    labels: tuple[str, ...]
    vectors: np.ndarray
    counts: np.ndarray


def mean_vectors(tested: Tested) -> Means:
    """The hidden vector of every symbol, averaged over all its contexts (Elman 1990, p. 199)."""
    states = checked_vectors("states", tested.states)
    occurring, which, counts = np.unique(
        tested.sequence.symbols, return_inverse=True, return_counts=True
    )
    by_symbol = np.argsort(which, kind="stable")
    sums = np.add.reduceat(states[by_symbol], np.cumsum(counts) - counts, axis=0)
    labels = tuple(symbol_names(tested.task, occurring).tolist())
    return Means(labels, sums / counts[:, np.newaxis], counts)


class Tokens(NamedTuple):
    """Single occurrences of symbols: hidden vectors (n, hidden), and a row for each of them.

    Columns of `table`: step (from 1), symbol, place in its group (from 1), context (the symbols
    before it) and label (context and symbol, as in "eat bread | boy": | divides groups).
    """

    table: pd.DataFrame
    vectors: np.ndarray


def tokens(
    tested: Tested,
    symbols: Iterable[str],
    *,
    most: int = 30,
    before: int = 2,
) -> Tokens:
    """At most `most` occurrences of each of `symbols`, spread evenly over the sequence.

    `before` is how many symbols a label shows before the token. ValueError if `most` is below 1
    or if a symbol does not occur.
    """
    sequence, task = tested.sequence, tested.task
    states = checked_vectors("states", tested.states)
    if most < 1:
        raise refuse("most", "at least 1", most)
    names = symbol_names(task, sequence.symbols)
    chosen = []
    for symbol in dict.fromkeys(symbols):
        steps = np.flatnonzero(names == symbol)
        if len(steps) == 0:
            occurring = ", ".join(sorted(set(names)))
            raise refuse("symbols", f"one of {occurring}", symbol)
        chosen.extend(steps[evenly(len(steps), most)].tolist())
    starts = np.maximum.accumulate(np.where(sequence.group_starts, np.arange(len(sequence)), 0))
    rows = []
    for step in chosen:
        first = max(step - before, 0)
        parts = []
        for shown in range(first, step + 1):
            if sequence.group_starts[shown] and shown > first:
                parts.append(BOUNDARY)
            parts.append(names[shown])
        place = step - starts[step] + 1
        rows.append((step + 1, names[step], place, joined(task, parts[:-1]), joined(task, parts)))
    columns = ["step", "symbol", "place", "context", "label"]
    return Tokens(pd.DataFrame(rows, columns=columns), states[chosen])


def same_symbol_neighbours(found: Tokens, metric: str = "euclidean") -> float:
    """Share of tokens whose nearest other token is one of the same symbol.

    Where several are equally near, each counts by its part. ValueError for fewer than two
    tokens.
    """
    checked_vectors("tokens", found.vectors, "n", at_least=2)
    apart = distances(found.vectors, metric)
    np.fill_diagonal(apart, np.inf)
    nearest = apart == apart.min(axis=1, keepdims=True)
    symbols = found.table["symbol"].to_numpy()
    same = symbols[:, np.newaxis] == symbols
    return float(((nearest & same).sum(axis=1) / nearest.sum(axis=1)).mean())


class NewWord(NamedTuple):
    """Where a word that training never showed comes to lie.

    tree         the tree of all words of the test corpus and the new one
    sisters      leaves of the branch that the new word joins first
    neighbours   a row for every other word, the nearest first. Columns: symbol, distance
                 (between mean vectors) and joins_at (distance in the tree)
    """

    tree: Tree
    sisters: tuple[str, ...]
    neighbours: pd.DataFrame


def new_word(
    tested: Tested,
    symbol: str,
    *,
    method: str = "average",
    metric: str = "euclidean",
) -> NewWord:
    """The tree of the words tested, and where `symbol`, new to the network, lies in it.

    On a sequence of `tasks.sentences.with_new_word` this is Elman's experiment with the word zog
    (1990, p. 201). Raises ValueError if the symbol does not occur in the sequence.
    """
    means = mean_vectors(tested)
    if symbol not in means.labels:
        raise refuse("symbol", f"one of {', '.join(means.labels)}", symbol)
    found = tree(means.vectors, means.labels, method=method, metric=metric)
    new = means.labels.index(symbol)
    others = [leaf for leaf in range(len(means.labels)) if leaf != new]
    neighbours = pd.DataFrame(
        {
            "symbol": [means.labels[leaf] for leaf in others],
            "distance": distances(means.vectors, metric)[new, others],
            "joins_at": found.joins[new, others],
        }
    ).sort_values("distance", kind="stable", ignore_index=True)
    return NewWord(found, found.sisters(symbol), neighbours)
