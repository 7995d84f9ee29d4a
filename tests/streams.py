"""Streams of the tasks: drawn from a seed, and read symbol by symbol or group by group."""

import numpy as np


def drawn(task, length, seed=0, **options):
    """At most `length` steps of a task, a module or an object that generates them."""
    return task.generate(length, rng=np.random.default_rng(seed), **options)


def read(sequence, symbols):
    """The symbols of a sequence, by their names."""
    return [symbols[symbol] for symbol in sequence.symbols]


def groups(sequence, symbols):
    """The same as a tuple of symbols a group."""
    names, starts = read(sequence, symbols), np.flatnonzero(sequence.group_starts).tolist()
    return [tuple(names[a:b]) for a, b in zip(starts, [*starts[1:], len(names)], strict=True)]


def places(sequence, symbols):
    """The place in its group of the symbol that comes next (steps,)."""
    return np.roll([k for group in groups(sequence, symbols) for k in range(len(group))], -1)
