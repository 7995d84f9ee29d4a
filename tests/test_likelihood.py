"""Answers beside likelihoods, against hand-worked and brute-force values."""

import numpy as np
import pandas as pd
import pytest
from differences import assert_close
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from elman import Experiment, run
from elman.analysis import likelihood
from elman.analysis.replay import Answers, replay
from elman.charts import ROLES
from elman.charts.paper import measures_chart
from elman.tasks import sentences, training_sequence

SHORT = Experiment(task="sentences", length=600)


def table_of(outputs, sequence):
    return likelihood.table(Answers(outputs, sequence, sentences.TASK))


VECTORS = arrays.arrays(float, (4, 31), elements=st.floats(0, 1))


@given(VECTORS, VECTORS)
def test_the_measures_are_the_norms_and_the_cosine_of_the_angle(answers, expected):
    table = likelihood.differences(answers, expected)
    gap, (a, b) = answers - expected, (np.linalg.norm(v, axis=1) for v in (answers, expected))
    np.testing.assert_allclose(table["root"], np.linalg.norm(gap, axis=1), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(table["squares"], table["root"] ** 2)
    np.testing.assert_allclose(table["absolute"], np.linalg.norm(gap, 1, axis=1), atol=1e-12)
    # The law of cosines.
    wanted = (a**2 + b**2 - table["squares"]) / 2
    np.testing.assert_allclose((table["cosine"] * a * b).fillna(0.0), wanted, atol=1e-9)
    assert table["cosine"][(a == 0) | (b == 0)].isna().all()
    assert table["cosine"].dropna().between(-1e-9, 1 + 1e-9).all()


def test_the_table_has_the_mean_and_spread_of_every_step_beside_words_counts_and_likelihoods():
    sequence = training_sequence(SHORT)
    wanted = {
        "the word that came": sequence.targets,
        "counted likelihoods": sentences.empirical_likelihoods(sequence),
        "exact likelihoods": sentences.likelihoods(sequence),
    }
    assert_close(likelihood.expected_vectors(sequence), wanted)
    outputs = np.random.default_rng(3).uniform(size=sequence.targets.shape)
    table = table_of(outputs, sequence)
    assert table["answer"].tolist() == ["network"] * 3 + ["exact likelihoods"] * 2
    assert table["against"].tolist() == [*wanted, *[*wanted][:2]]
    for row, expected in zip(table.itertuples(), wanted.values(), strict=False):
        gaps = ((outputs - expected) ** 2).sum(axis=1)
        found = row.squares, row.squares_sd, row.root
        assert found == pytest.approx((gaps.mean(), gaps.std(), np.sqrt(gaps).mean()))


def test_the_sentence_names_the_measures_nearest_to_the_papers_numbers():
    sequence = training_sequence(SHORT)
    half = table_of(np.full(sequence.targets.shape, 0.5), sequence)
    # What the paper calls the initial error, 15.5, is the sum of absolute values.
    assert half.loc[0, ["absolute", "squares", "absolute_sd"]].tolist() == [15.5, 7.75, 0]
    words = likelihood.describe_likelihoods(half)
    # 2.784 is nearer to 0.88, in proportion, than 7.75 and 15.5.
    assert "the paper has 0.88; nearest here is the root of the sum of squares (2.784)" in words
    exact = table_of(sentences.likelihoods(sequence), sequence)
    words = likelihood.describe_likelihoods(exact)
    assert "a cosine of 0.916" in words
    assert f"the cosine is {exact['cosine'][1]:.3f}" in words


def test_the_paper_s_number_stands_beside_each_measure_that_it_may_mean():
    sequence = training_sequence(SHORT)
    compared = likelihood.table(replay(run(SHORT.replace(epochs=1)), sequence))
    rows = compared.set_index(["answer", "against"])
    for against, printed in (
        ("the word that came", [0.88, 0.88, 0.88, None]),
        ("counted likelihoods", [0.053, 0.053, 0.053, 0.916]),
    ):
        beside = likelihood.beside_paper(compared, against)
        assert [None if pd.isna(number) else number for number in beside["paper"]] == printed
        for column, answer in (("network", "network"), ("best", "exact likelihoods")):
            sizes = rows.loc[(answer, against), list(likelihood.MEASURES)].to_numpy(dtype=float)
            np.testing.assert_array_equal(beside[column], sizes)
        layers = measures_chart(beside, "exact likelihoods").to_dict()["layer"][1:]
        roles = {"best": "floor", "network": "output", "paper": "target"}
        drawn = [(layer["encoding"]["x"]["field"], layer["mark"]["color"]) for layer in layers]
        assert drawn == [(column, ROLES[role]) for column, role in roles.items()]
