"""Scores of how well a tree separates classes, on trees whose scores are known."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elman import training
from elman.analysis import separation as analysis
from elman.analysis.clusters import mean_vectors, tree
from elman.analysis.replay import replay
from elman.analysis.separation import separation
from elman.experiment import Experiment
from elman.tasks import sentences

KINDS = {"consonant or vowel": dict(zip("bdgaiu", ["C"] * 3 + ["V"] * 3, strict=True))}


def on_a_line(**places):
    """The tree of points on a line, by average linkage."""
    return tree(np.array(list(places.values()), dtype=float)[:, np.newaxis], list(places))


def labelled(classes):
    return dict(zip("abcdefgh", classes, strict=False))


@pytest.mark.parametrize(("places", "classes", "scores"), [
    # ((a, b), (c, d)). Every mate is across the top join, and of the two others one is nearer, one
    # a tie: (0 + 1/2) / 2. Each cluster holds one pair out of four that are together nowhere;
    # expected 2 * 2 / 6 = 2/3 of 2: (0 - 2/3) / (2 - 2/3) = -1/2.
    ((0, 1, 10, 11), "XYXY", (1 / 4, -1 / 2, 1 / 2)),
    # (((a, b), c), d), X = a, b and Y = c, d. a, b: 1. c: d joins above a and b, 0. d: c is as
    # far as a and b, 1/2. Mean (1 + 1 + 0 + 1/2) / 4. Cut {a b c} {d}: 1 pair shared,
    # 3 and 2 pairs of 6 in clusters and classes: (1 - 1) / (2.5 - 1) = 0. Purity (2 + 1) / 4.
    ((0, 1, 3, 20), "XXYY", (5 / 8, 0, 3 / 4)),
])  # fmt: skip
def test_scores_by_hand(places, classes, scores):
    found = on_a_line(**dict(zip("abcdef", places, strict=False)))
    np.testing.assert_allclose(separation(found, labelled(classes)), scores, atol=1e-12)


@given(seed=st.integers(0, 500), leaves=st.integers(4, 12), classes=st.integers(2, 3))
def test_cophenetic_auc_is_the_share_of_triples(seed, leaves, classes):
    """Counted one by one over all (leaf, mate, other), each leaf with a mate weighing the same."""
    rng = np.random.default_rng(seed)
    found = tree(rng.normal(size=(leaves, 2)), "abcdefghijkl"[:leaves])
    kinds = rng.permutation([*range(classes), 0, *rng.integers(0, classes, leaves)][:leaves])
    means = []
    for i in range(leaves):
        gaps = [
            found.joins[i, k] - found.joins[i, j]
            for j, k in itertools.product(range(leaves), repeat=2)
            if i != j and kinds[i] == kinds[j] and kinds[i] != kinds[k]
        ]
        if gaps:
            means.append((np.sign(gaps).mean() + 1) / 2)
    auc = separation(found, dict(zip(found.labels, map(str, kinds), strict=True))).cophenetic_auc
    assert auc == pytest.approx(np.mean(means))


@given(seed=st.integers(0, 500), sizes=st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_classes_far_apart_score_one_and_leaves_without_a_class_are_left_out(seed, sizes):
    # A class in a box of side 1, boxes 100 apart: every class is a branch. Undoing the join of z
    # alone would leave all classes in one cluster.
    kinds = np.repeat(np.arange(len(sizes) + 1), [2, *sizes])
    labels = [f"leaf {n}" for n in range(len(kinds))]
    boxes = np.random.default_rng(seed).random((len(kinds), 2)) + 100.0 * kinds[:, np.newaxis]
    classes = dict(zip(labels, map(str, kinds), strict=True))
    np.testing.assert_allclose(separation(tree(boxes, labels), classes), 1.0)
    found = tree(np.append(boxes, [[1e6, 0.0]], axis=0), [*labels, "z"])
    np.testing.assert_allclose(separation(found, classes), 1.0)


def test_dealt_out_classes_score_chance_on_average():
    """Over all 70 ways to give four of eight leaves class X: 1/2 and 0, exactly."""
    found = tree(np.random.default_rng(4).normal(size=(8, 3)), "abcdefgh")
    ways = [way for way in itertools.product("XY", repeat=8) if way.count("X") == 4]
    auc, rand, _ = np.mean([separation(found, labelled(way)) for way in ways], axis=0)
    assert (auc, rand) == pytest.approx((0.5, 0.0), abs=1e-12)


def test_shuffled_scores_keep_the_sizes_of_the_classes():
    """One Y among three X: the scores of its four places come up, and no other."""
    found, ways = on_a_line(a=0, b=1, c=3, d=20), ("YXXX", "XYXX", "XXYX", "XXXY")
    possible = {round(separation(found, labelled(way)).cophenetic_auc, 9) for way in ways}
    table = analysis.shuffled_separation(found, labelled("XXXY"), 100, rng=np.random.default_rng(0))
    assert list(table.columns) == list(analysis.SCORES)
    assert set(table["cophenetic_auc"].round(9)) == possible
    assert len(table) == 100


@pytest.mark.parametrize("classes", ["XXXX", "WXYZ", ""])
def test_classes_that_cannot_be_scored(classes):
    with pytest.raises(ValueError, match="classes: allowed are at least two classes"):
        separation(on_a_line(a=0, b=1, c=3, d=20), labelled(classes))


def test_run_scores_are_those_of_the_first_and_last_weights():
    run = training.run(Experiment(task="letters", length=300, epochs=3, reset="growing"))
    table = analysis.run_scores(run, KINDS, method="ward")
    assert table["network"].tolist() == ["untrained", "trained"]
    for row, epoch in zip(table.itertuples(), (0, 3), strict=True):
        means = mean_vectors(replay(run, run.sequence, epoch, "never"))
        found = tree(means.vectors, means.labels, method="ward")
        scores = separation(found, KINDS["consonant or vowel"])
        assert (row.cophenetic_auc, row.adjusted_rand, row.purity) == scores


def test_codes_alone_separate_consonants_from_vowels():
    """The control at work: the two codes differ in every bit but one, so that the tree of a
    network that learned nothing separates them perfectly, at every seed."""
    seen, letters = [], Experiment(task="letters", length=300, epochs=1)
    table = analysis.class_scores(letters, KINDS, range(3), on_run=seen.append)
    assert table["seed"].tolist() == [0, 0, 1, 1, 2, 2]
    assert [run.experiment.seed for run in seen] == [0, 1, 2]
    assert (table.loc[table["network"] == "untrained", "cophenetic_auc"] == 1).all()
    assert set(table["grouping"]) == set(KINDS)
    with pytest.raises(ValueError, match="seeds: allowed is at least one seed"):
        analysis.class_scores(letters, KINDS, [])


def test_groupings_of_the_sentences_place_every_word_once():
    groupings = analysis.sentence_groupings()
    assert all(set(classes) == set(sentences.WORDS) for classes in groupings.values())
    classes = {
        word: [name for name, words in sentences.CLASSES.items() if word in words]
        for word in sentences.WORDS
    }
    kinds, uses = groupings["noun or verb"], groupings["use in the grammar"]
    assert all((kinds[word] == "verb") == ("VERB" in str(classes[word])) for word in kinds)
    assert len(set(groupings["branch of Figure 7"].values())) == 6
    assert len(set(uses.values())) == 13
    assert uses["break"] == "VERB-AGPAT + VERB-DESTROY"
    for one, other in itertools.combinations(sentences.WORDS, 2):
        assert (uses[one] == uses[other]) == (classes[one] == classes[other])
