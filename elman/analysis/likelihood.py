"""Answers beside likelihoods: the measures that Elman (1990, p. 197) may have meant.

For the sentences the paper reports an error of 0.88 on the word that came and of 0.053 (SD 0.100)
on its likelihood, both under the name root mean squared, and a mean cosine of 0.916 (SD 0.123).
No single measure gives all of these sizes, so that three stand side by side:

    squares    sum over outputs of the squared differences
    root       the root of that sum: the Euclidean distance
    absolute   sum over outputs of the absolute differences
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from elman.analysis.replay import Answers
from elman.tasks import Sequence, sentences

MEASURES = {
    "squares": "Sum of squares",
    "root": "Root of it",
    "absolute": "Sum of absolute values",
    "cosine": "Cosine",
}

# What the paper reports: mean and standard deviation; None where it gives none.
PAPER: dict[str, dict[str, tuple[float, float | None] | None]] = {
    "the word that came": {"error": (0.88, None), "cosine": None},
    "counted likelihoods": {"error": (0.053, 0.100), "cosine": (0.916, 0.123)},
}

EXPECTED = ("the word that came", "counted likelihoods", "exact likelihoods")


def differences(answers: np.ndarray, expected: np.ndarray) -> pd.DataFrame:
    """How far `answers` (steps, n_out) are from `expected` (steps, n_out), step by step.

    Columns: squares, root, absolute, and cosine, the cosine of the angle between the two vectors.
    The cosine with a vector of zeros is not-a-number.
    """
    gap = answers - expected
    squares = (gap**2).sum(axis=1)
    lengths = np.linalg.norm(answers, axis=1) * np.linalg.norm(expected, axis=1)
    products = (answers * expected).sum(axis=1)
    cosine = np.full(len(answers), np.nan)
    np.divide(products, lengths, out=cosine, where=lengths > 0)
    return pd.DataFrame(
        {
            "squares": squares,
            "root": np.sqrt(squares),
            "absolute": np.abs(gap).sum(axis=1),
            "cosine": cosine,
        }
    )


def expected_vectors(sequence: Sequence) -> dict[str, np.ndarray]:
    """What can be expected at each step of a sequence of sentences, by the names of `EXPECTED`.

    The word that came (steps, 31); how often each word comes next in the sentences of this very
    sequence that are identical so far (the paper's way, p. 198); and the same from the grammar.
    """
    vectors = (
        sequence.targets,
        sentences.empirical_likelihoods(sequence),
        sentences.likelihoods(sequence),
    )
    return dict(zip(EXPECTED, vectors, strict=True))


def table(answers: Answers) -> pd.DataFrame:
    """Mean and standard deviation of every measure, one row for each pair that is compared.

    Columns: answer ("network", or "exact likelihoods", the best answer there is), against (one of
    `EXPECTED`), and squares, root, absolute and cosine, each with its `_sd` over steps.
    """
    vectors = expected_vectors(answers.sequence)
    pairs = [("network", answers.outputs, against) for against in EXPECTED]
    pairs += [("exact likelihoods", vectors[EXPECTED[2]], against) for against in EXPECTED[:2]]
    rows = []
    for name, given, against in pairs:
        each = differences(given, vectors[against])
        row = {"answer": name, "against": against}
        for measure in MEASURES:
            row |= {measure: each[measure].mean(), f"{measure}_sd": each[measure].std(ddof=0)}
        rows.append(row)
    return pd.DataFrame(rows)


def beside_paper(compared: pd.DataFrame, against: str) -> pd.DataFrame:
    """The rows of a `table` against one thing, turned: one row a measure.

    Columns: row (the measure), network, best (the exact likelihoods'), paper (its number, beside
    each measure that it may mean; missing where it gives none).
    """
    rows = compared[compared["against"] == against].set_index("answer")
    printed = PAPER[against]
    error, cosine = ((printed[name] or (None,))[0] for name in ("error", "cosine"))
    return pd.DataFrame(
        {
            "row": list(MEASURES.values()),
            "network": [rows.loc["network", measure] for measure in MEASURES],
            "best": [rows.loc["exact likelihoods", measure] for measure in MEASURES],
            "paper": pd.array([error, error, error, cosine], dtype="Float64"),
        }
    )


def describe_likelihoods(compared: pd.DataFrame) -> str:
    """Which measure comes nearest to each number of the paper, from a `table` of the network."""
    rows = compared[compared["answer"] == "network"].set_index("against")
    sizes = ["squares", "root", "absolute"]

    def nearest(against: str, value: float) -> str:
        row = rows.loc[against, sizes].astype(float)
        # Nearest in proportion: the measures differ by factors.
        name = (np.log(row) - np.log(value)).abs().idxmin()
        return f"{MEASURES[name].lower()} ({row[name]:.3f})"

    return (
        f"On the word that came the paper has 0.88; nearest here is the "
        f"{nearest(EXPECTED[0], 0.88)}. On the likelihoods it has 0.053 and a cosine of 0.916; "
        f"nearest here is the {nearest(EXPECTED[1], 0.053)}, and the cosine is "
        f"{rows.loc[EXPECTED[1], 'cosine']:.3f}."
    ).replace("the root of it", "the root of the sum of squares")
