"""Trees of hidden states: linkages worked out by hand, means, tokens and unseen words."""

import numpy as np
import pytest
from hand_made import run_of_network, with_states
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from elman.analysis import clusters as analysis
from elman.analysis.clusters import METHODS, mean_vectors, new_word, tokens, tree
from elman.analysis.replay import replay
from elman.experiment import Experiment
from elman.network import initial_weights
from elman.tasks import letters, sentences
from elman.training.trainers import Snapshot

# On a line.
LINE = np.array([[0.0], [1.0], [4.0], [9.0]])
SENTENCES = sentences.generate(1500, rng=np.random.default_rng(8))


def untrained(sequence, like=None):
    """An untrained network, large enough in its weights to tell contexts apart, tested without a
    reset; of the two words of `like` the first has the weights of the second."""
    weights = initial_weights(31, 12, 31, rng=np.random.default_rng(5), scale=1.0)
    if like:
        one, other = map(sentences.SYMBOLS.index, like)
        weights["W_ih"][:, one] = weights["W_ih"][:, other]
    experiment = Experiment(task="sentences", hidden=12, reset="never")
    snapshot = Snapshot(0, weights, np.zeros(12))
    return replay(run_of_network(snapshot, experiment, sequence), sequence)


def test_joins_on_a_line():
    found = tree(LINE, "abcd")
    # a with b at 1; then c at (4 + 3) / 2; then d at (9 + 8 + 5) / 3.
    heights = [1, 3.5, 22 / 3]
    assert found.nested().translate(str.maketrans("", "", "(), ")) in ("abcd", "dcba", "dcab")
    assert [set(found.sisters(leaf)) for leaf in "abcd"] == [{*"b"}, {*"a"}, {*"ab"}, {*"abc"}]
    table = found.merges()
    np.testing.assert_allclose(table["distance"], heights)
    assert table["leaves"].tolist() == [2, 3, 4]
    named = [{"".join(sorted(name.split(", "))) for name in pair} for pair in
             zip(table["left"], table["right"], strict=True)]  # fmt: skip
    assert named == [{"a", "b"}, {"ab", "c"}, {"abc", "d"}]
    # Whatever the order of the points.
    assert {*tree(np.array([[0.0], [10.0], [3.0], [3.5]]), "abcd").closest} == {"c", "d"}


@pytest.mark.parametrize("method", METHODS)
@given(leaves=st.integers(2, 25), seed=st.integers(0, 1000))
def test_joins_and_order_are_those_of_scipy(method, leaves, seed):
    vectors = np.random.default_rng(seed).normal(size=(leaves, 3))
    for metric in ("euclidean", "cosine")[: 1 if method == "ward" else 2]:
        found = tree(vectors, range(leaves), method=method, metric=metric)
        theirs = hierarchy.linkage(vectors, method, metric)
        np.testing.assert_allclose(found.linkage[:, 2], theirs[:, 2], atol=1e-9)
        np.testing.assert_allclose(squareform(found.joins), hierarchy.cophenet(theirs), atol=1e-9)
        np.testing.assert_array_equal(found.order, hierarchy.leaves_list(found.linkage))


@given(leaves=st.integers(2, 25), seed=st.integers(0, 1000), data=st.data())
def test_a_cut_leaves_as_many_clusters_each_a_branch(leaves, seed, data):
    found = tree(np.random.default_rng(seed).normal(size=(leaves, 3)), range(leaves))
    among = data.draw(st.lists(st.integers(0, leaves - 1), min_size=1, unique=True))
    clusters = data.draw(st.integers(1, len(among)))
    cut = found.cut(clusters, among)
    assert len(np.unique(cut[among])) == clusters
    branches = {frozenset(members.tolist()) for members in found.members}
    assert {frozenset(np.flatnonzero(cut == c).tolist()) for c in np.unique(cut)} <= branches


@pytest.mark.parametrize(("call", "message"), [
    (lambda: tree(LINE[:1], "a"), r"vectors: .*\(leaves, hidden\) of at least 2 leaves"),
    (lambda: tree(LINE, "abc"), "labels: allowed are 4.*; 3 were given"),
    (lambda: tree(LINE, "abcd", method="centroid"), "method: .*ward; 'centroid' was given"),
    (lambda: tree(LINE, "abcd", metric="city"), "metric: .*euclidean, cosine; 'city' was"),
    (lambda: tree(LINE, "abcd", method="ward", metric="cosine"),
     "metric: allowed with ward is euclidean; 'cosine' was given"),
    (lambda: tree(LINE, "abcd", metric="cosine"), "metric: allowed is euclidean.*zeros"),
    (lambda: tree(LINE / 0, "abcd"), "vectors: allowed are finite numbers"),
    (lambda: tree(LINE, "abcd").cut(5), "clusters: .*1 to 4; 5 was given"),
    (lambda: tree(LINE, "abcd").cut(2, [1]), "clusters: .*1 to 1; 2 was given"),
    (lambda: tokens(untrained(SENTENCES), ["zog"]), "symbols: .* of book, boy, .*; 'zog' was"),
    (lambda: tokens(untrained(SENTENCES), ["boy"], most=0), "most: .*at least 1; 0 was given"),
    (lambda: new_word(untrained(SENTENCES), "zog"), "symbol: allowed is one of .*; 'zog' was"),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
def test_bad_input_names_the_field_and_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_mean_vectors_are_means_over_all_occurrences():
    sequence = letters.generate(300, rng=np.random.default_rng(1))
    states = np.random.default_rng(2).normal(size=(len(sequence), 4))
    found = mean_vectors(with_states(states, sequence, letters.TASK))
    assert sorted(found.labels) == sorted(letters.LETTERS)
    for label, vector, count in zip(*found, strict=True):
        chosen = sequence.symbols == letters.LETTERS.index(label)
        np.testing.assert_allclose(vector, states[chosen].mean(axis=0))
        assert count == chosen.sum()
    # Symbols that do not occur have no mean.
    assert set(mean_vectors(untrained(SENTENCES)).labels) == set(sentences.WORDS)


def test_tokens_are_spread_evenly_and_labelled_by_what_came_before():
    tested = untrained(SENTENCES)
    found = tokens(tested, ["boy", "girl"], most=7)
    table = found.table
    assert table["symbol"].tolist() == ["boy"] * 7 + ["girl"] * 7
    np.testing.assert_array_equal(found.vectors, tested.states[table["step"] - 1])
    words = np.array(sentences.SYMBOLS)[SENTENCES.symbols]
    everywhere = np.flatnonzero(words == "boy") + 1
    gaps = np.diff(np.searchsorted(everywhere, table["step"][:7]))
    assert gaps.max() - gaps.min() <= 1
    assert (table["step"][0], table["step"][6]) == (everywhere[0], everywhere[-1])
    for row in table.itertuples():
        shown = words[max(row.step - 3, 0) : row.step].tolist()
        assert row.label.replace("| ", "").split() == shown
        # A sentence begins after each mark, and nowhere else in the label.
        before, _, after = row.label.rpartition("| ")
        assert bool(before) == (row.place < min(row.step, 3))
        assert len(after.split()) == min(row.place, 3)
        assert row.label == f"{row.context} {row.symbol}".strip()


def test_all_tokens_are_taken_where_there_are_few_and_the_first_has_no_context():
    sequence = letters.generate(30, rng=np.random.default_rng(1))
    tested = with_states(np.zeros((len(sequence), 2)), sequence, letters.TASK)
    found = tokens(tested, letters.LETTERS, most=1000).table.sort_values("step")
    assert found["step"].tolist() == list(range(1, len(sequence) + 1))
    assert (found["context"].iloc[0], found["label"].iloc[0]) == ("", found["symbol"].iloc[0])


def test_share_of_neighbours_of_the_same_symbol():
    """Tokens a, a, b, a, b on a line."""
    table = tokens(untrained(SENTENCES), ["boy"], most=5).table.assign(symbol=list("aabab"))

    def share(*places):
        vectors = np.array(places, dtype=float)[:, np.newaxis]
        return analysis.same_symbol_neighbours(analysis.Tokens(table, vectors))

    # The first two have each other; the nearest of all others is one of the other symbol.
    assert share(0, 1, 5, 6, 10) == pytest.approx(2 / 5)
    # The b at 5 has an a at 4 and a b at 6, equally near: half. The b at 6 has its b.
    assert share(0, 1, 5, 4, 6) == pytest.approx((1 + 1 + 1 / 2 + 0 + 1) / 5)


def test_a_new_word_with_the_code_of_another_is_its_sister():
    """Where the weights from zog equal those from book, which stands in the same contexts as
    rock, whose place zog took, both have nearly the same mean."""
    tested = untrained(sentences.with_new_word(SENTENCES, "rock"), like=("zog", "book"))
    found = new_word(tested, "zog")
    assert found.sisters == ("book",)
    nearest = found.neighbours.iloc[0]
    assert nearest["symbol"] == "book"
    assert nearest["joins_at"] == pytest.approx(nearest["distance"])
    assert sorted([*found.neighbours["symbol"], "zog", "rock"]) == sorted([*sentences.WORDS, "zog"])
    means = mean_vectors(tested)
    apart = analysis.distances(means.vectors)
    for row in found.neighbours.itertuples():
        pair = means.labels.index(row.symbol), means.labels.index("zog")
        assert row.distance == pytest.approx(apart[pair])
