"""How well a tree separates classes of words, with the control that the paper's note 6 asks for.

Tony Plate's warning, quoted there (Elman 1990, p. 199): the mean over contexts that are not
uniform can show classes although nothing was learned. So every score of a trained network stands
beside that of the same network before training, over several seeds.

Three scores, chosen before any was computed. The first is the one that claims rest on:

    cophenetic_auc   Draw a leaf, another of its class and one of a different class: how probable
                     is it that the first two join at a smaller distance than the first and the
                     third? A tie counts one half. The mean over all leaves that have a classmate.
                     It sees only the shape of the tree, no heights. 1: every class is a branch of
                     its own. 0.5: chance, exactly, for classes dealt out at random.
    adjusted_rand    The tree is cut into as many clusters as there are classes, and these are
                     compared with the classes: the adjusted Rand index of Hubert and Arabie
                     (1985), Journal of Classification 2:193-218. 1: the same; 0: chance on
                     average. One stray leaf at the top of the tree can spoil the cut.
    purity           Share of leaves that belong to the commonest class of their cluster, after
                     the same cut. Chance depends on the sizes: see `shuffled_separation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.analysis.clusters import Tree, mean_vectors, tree
from elman.analysis.replay import replay
from elman.experiment import Experiment
from elman.settings import refuse
from elman.tasks import sentences
from elman.training import Run, run

SCORES = {
    "cophenetic_auc": "Classmates join first",
    "adjusted_rand": "Adjusted Rand index",
    "purity": "Purity",
}

Classes = Mapping[str, str]


class Separation(NamedTuple):
    """The scores of one tree for one division into classes; see the head of this file."""

    cophenetic_auc: float
    adjusted_rand: float
    purity: float


def separation(found: Tree, classes: Classes) -> Separation:
    """How well a tree separates the classes of its leaves.

    `classes` maps labels to classes; leaves without one are left out. Raises ValueError unless
    there are two classes, and a class with two leaves.
    """
    return _scores(found, *_class_codes(found, classes))


def shuffled_separation(
    found: Tree, classes: Classes, draws: int = 200, *, rng: np.random.Generator
) -> pd.DataFrame:
    """The scores of the same tree for classes dealt out at random, each as large as it is.

    One row a draw; columns as in `SCORES`. Errors as in `separation`.
    """
    leaves, codes = _class_codes(found, classes)
    rows = [_scores(found, leaves, rng.permutation(codes)) for _ in range(draws)]
    return pd.DataFrame(rows, columns=Separation._fields)


def run_scores(
    trained: Run,
    groupings: Mapping[str, Classes],
    *,
    method: str = "average",
    metric: str = "euclidean",
    epoch: int | None = None,
) -> pd.DataFrame:
    """Scores of the tree of mean vectors, before training and after `epoch`, by default the last.

    As in the paper, one more pass over the training sequence with frozen weights; the context is
    reset as in training. `groupings` maps a name to a division into classes. Columns: seed,
    network ("untrained", "trained"), grouping, and those of `SCORES`.
    """
    experiment = trained.experiment
    after = trained.epochs_done if epoch is None else epoch
    rows = []
    for network, epoch in (("untrained", 0), ("trained", after)):
        means = mean_vectors(replay(trained, trained.sequence, epoch))
        found = tree(means.vectors, means.labels, method=method, metric=metric)
        rows += [
            {"seed": experiment.seed, "network": network, "grouping": name}
            | separation(found, classes)._asdict()
            for name, classes in groupings.items()
        ]
    return pd.DataFrame(rows)


def class_scores(
    experiment: Experiment,
    groupings: Mapping[str, Classes],
    seeds: Iterable[int],
    *,
    method: str = "average",
    metric: str = "euclidean",
    on_run: Callable[[Run], None] | None = None,
) -> pd.DataFrame:
    """`run_scores` of the experiment at every one of `seeds`, one below the other.

    The training sequence stays the same. `on_run(run)` is called after each training.
    """
    frames = []
    for seed in seeds:
        trained = run(experiment.replace(seed=seed))
        frames.append(run_scores(trained, groupings, method=method, metric=metric))
        if on_run is not None:
            on_run(trained)
    if not frames:
        raise refuse("seeds", "at least one seed", words="none was given")
    return pd.concat(frames, ignore_index=True)


# How pages and labs call the classes of words that they score.
TWO = "two classes, nouns and verbs"
SIX = "six classes, the branches of the paper's Figure 7"


def sentence_groupings() -> dict[str, dict[str, str]]:
    """Divisions of the 29 words of the sentences task, each word in one class.

    "noun or verb" is the top of the paper's Figure 7, "branch of Figure 7" its six lower
    branches. The paper's 12 classes overlap ("break" is in two); "use in the grammar" puts
    together the words that stand in exactly the same of them, so that nothing in the sentences
    tells them apart.
    """
    kinds = {word: kind for kind, words in sentences.CATEGORIES.items() for word in words}
    uses = {
        word: " + ".join(name for name, words in sentences.CLASSES.items() if word in words)
        for word in sentences.WORDS
    }
    return {
        "noun or verb": {w: "verb" if kind == "verbs" else "noun" for w, kind in kinds.items()},
        "branch of Figure 7": kinds,
        "use in the grammar": uses,
    }


def _class_codes(found: Tree, classes: Classes) -> tuple[np.ndarray, np.ndarray]:
    """The leaves that have a class, and the number of it, from 0 (leaves,)."""
    leaves = np.array([n for n, label in enumerate(found.labels) if label in classes], dtype=int)
    _, codes = np.unique([classes[found.labels[leaf]] for leaf in leaves], return_inverse=True)
    sizes = np.bincount(codes)
    if len(sizes) < 2 or sizes.max() < 2:
        raise refuse(
            "classes",
            "at least two classes among the leaves, one of them with two leaves",
            verb="are",
            words=f"{len(sizes)} for {len(leaves)} leaves were given",
        )
    return leaves, codes


def _scores(found: Tree, leaves: np.ndarray, codes: np.ndarray) -> Separation:
    cut = found.cut(int(codes.max()) + 1, among=leaves.tolist())[leaves]
    together = np.zeros((cut.max() + 1, codes.max() + 1))
    np.add.at(together, (cut, codes), 1)
    return Separation(
        cophenetic_auc=_cophenetic_auc(found.joins[np.ix_(leaves, leaves)], codes),
        adjusted_rand=_adjusted_rand(together),
        purity=float(together.max(axis=1).sum() / len(leaves)),
    )


def _cophenetic_auc(joins: np.ndarray, codes: np.ndarray) -> float:
    shares = []
    for leaf, code in enumerate(codes):
        mates = codes == code
        others = np.sort(joins[leaf, ~mates])
        mates[leaf] = False
        if mates.any():
            nearer = joins[leaf, mates]
            # The mean of both sides counts a tie one half.
            below = np.searchsorted(others, nearer, "left") + np.searchsorted(
                others, nearer, "right"
            )
            shares.append(1.0 - below.mean() / 2 / len(others))
    return float(np.mean(shares))


def _adjusted_rand(together: np.ndarray) -> float:
    """From the numbers of leaves (clusters, classes) that each cluster shares with each class."""

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both = pairs(together)
    in_cluster, in_class = pairs(together.sum(axis=1)), pairs(together.sum(axis=0))
    by_chance = in_cluster * in_class / pairs(together.sum())
    return (both - by_chance) / ((in_cluster + in_class) / 2 - by_chance)
