"""Small sequences whose errors can be worked out by hand."""

import numpy as np

from elman.tasks import Sequence


def two_triples():
    """0 1 1 and 1 1 0, with the answers of an imagined network."""
    symbols = np.array([0, 1, 1, 1, 1, 0])
    targets = np.array([1, 1, 1, 1, 0, 0.0])[:, np.newaxis]
    certain = np.array([False, True, False] * 2)
    sequence = Sequence(
        symbols=symbols,
        inputs=symbols[:, np.newaxis].astype(float),
        targets=targets,
        group_starts=np.array([True, False, False] * 2),
        position=np.array([0, 1, 2] * 2),
        ideal=np.where(certain[:, np.newaxis], targets, 0.5),
        rate_floor=np.where(certain, 0.0, 0.5),
    )
    return np.array([[0.5], [0.9], [0.4], [0.2], [0.3], [0.5]]), sequence
