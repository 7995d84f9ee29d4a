"""n-gram baselines against counting with dictionaries, and by hand."""

from collections import defaultdict

import numpy as np
import pytest

from elman.tasks import ngrams
from elman.tasks.sequence import Sequence

codes = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])


def sequence_of(symbols):
    """Symbols and targets, which is all that an n-gram uses."""
    inputs = codes[symbols]
    nothing = np.full(len(symbols), np.nan)
    return Sequence(np.array(symbols), inputs, np.roll(inputs, -1, axis=0), *[nothing] * 4)


def counted_answers(n, training, sequence):
    """The same with lists of targets by the symbols before."""
    seen = defaultdict(list)
    for step in range(len(training)):
        for size in range(min(n, step + 2)):
            seen[tuple(training.symbols[step + 1 - size : step + 1])].append(training.targets[step])
    answers = []
    for step in range(len(sequence)):
        sizes = range(min(n - 1, step + 1), -1, -1)
        contexts = (tuple(sequence.symbols[step + 1 - size : step + 1]) for size in sizes)
        longest = next(context for context in contexts if context in seen)
        answers.append(np.mean(seen[longest], axis=0))
    return np.array(answers)


@pytest.mark.parametrize("n", range(1, 7))
def test_answers_equal_counting(n):
    draw = np.random.default_rng(n).integers
    for _ in range(20):
        given = [draw(0, draw(1, 5), size=draw(1, 41)) for _ in ("training", "test")]
        training, sequence = map(sequence_of, given)
        expected = counted_answers(n, training, sequence)
        np.testing.assert_allclose(ngrams.answers(n, training, sequence), expected, atol=1e-12)
        errors = ngrams.squared_errors(n, training, sequence)
        np.testing.assert_allclose(errors, (sequence.targets - expected) ** 2, atol=1e-12)


def test_an_order_out_of_range_is_refused():
    for n in (0, 7, -1):
        with pytest.raises(ValueError, match=f"n: allowed is a whole number from 1 to 6; {n} was"):
            ngrams.answers(n, *[sequence_of([0, 1])] * 2)
