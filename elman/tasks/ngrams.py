"""Baselines for every task: the best answer to the last few symbols alone.

An n-gram answers with the mean target of all training steps whose last n - 1 symbols are the
same: of all answers that depend on these symbols only, none has a smaller squared error on the
training sequence. n = 1 is the best memoryless guess, one answer for every step; n = 2 (bigram)
looks at the input, n = 3 (trigram) also at the one before.
"""

from __future__ import annotations

import numpy as np

from elman.settings import refuse
from elman.tasks.sequence import Sequence, since

NAMES = {1: "best memoryless guess", 2: "bigram", 3: "trigram"}
LARGEST = 6


def answers(n: int, training: Sequence, sequence: Sequence) -> np.ndarray:
    """What the n-gram counted in `training` answers at each step (steps, n_out) of `sequence`.

    Counts are taken as they are, without smoothing. After symbols that training never had in
    this order, and at the first steps of a document, which have fewer symbols before them, it
    answers as the longest shorter n-gram that has counts (backing off). Raises ValueError unless
    `n` is from 1 to 6.
    """
    if not 1 <= n <= LARGEST:
        raise refuse("n", f"a whole number from 1 to {LARGEST}", n)
    base = 1 + max(training.symbols.max(), sequence.symbols.max())
    steps, n_out = sequence.targets.shape
    result = np.tile(training.targets.mean(axis=0), (steps, 1))
    for known in range(1, min(n, len(training) + 1)):
        inside = _in_one_document(training, known)
        contexts, which, counts = np.unique(
            _contexts(training.symbols, known, base)[inside],
            return_inverse=True,
            return_counts=True,
        )
        if not len(contexts):
            break
        sums = np.zeros((len(contexts), n_out))
        np.add.at(sums, which, training.targets[known - 1 :][inside])
        here = _contexts(sequence.symbols, known, base)
        row = np.minimum(np.searchsorted(contexts, here), len(contexts) - 1)
        seen = (contexts[row] == here) & _in_one_document(sequence, known)
        result[known - 1 :][seen] = (sums / counts[:, np.newaxis])[row[seen]]
    return result


def squared_errors(n: int, training: Sequence, sequence: Sequence) -> np.ndarray:
    """Squared error (steps, n_out) of those answers, output by output."""
    return (answers(n, training, sequence) - sequence.targets) ** 2


def _in_one_document(sequence: Sequence, known: int) -> np.ndarray:
    """Whether the last `known` symbols are of one document, at every step that has as many."""
    if not len(sequence.seams):
        return np.ones(max(0, len(sequence) - known + 1), dtype=bool)
    return since(sequence.seams)[known - 1 :] >= known - 1


def _contexts(symbols: np.ndarray, known: int, base: int) -> np.ndarray:
    """The last `known` symbols at every step that has as many, as one number each."""
    steps = max(0, len(symbols) - known + 1)
    digits = [symbols[back : back + steps].astype(np.int64) for back in range(known)]
    return sum(digit * int(base) ** place for place, digit in enumerate(digits))
