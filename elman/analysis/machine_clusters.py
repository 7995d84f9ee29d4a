"""Machines made of a network's hidden states: clusters, and the ways from one to another.

A tree of some of the states (Ward's method) gives clusters of every number; every other state
belongs to the nearest of the finest. Each cluster is a state of a machine, which a symbol leaves
for the cluster that most of its steps reach.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from elman.analysis.generation import likelihoods
from elman.analysis.machines import Machine, expected
from elman.analysis.replay import testing_policy
from elman.network import activate
from elman.settings import refuse
from elman.tasks import Sequence, Task, task_of
from elman.training import Run, predict
from elman.training.resets import reset_before
from elman.training.trainers import Snapshot

# States that a tree is made of, and the finest clusters.
LEAVES, MOST_CLUSTERS = 1000, 60

# A symbol that follows a state more seldom than this is taken for a slip of the clusters.
SELDOM = 1 / 200


def answers(
    snapshot: Snapshot, run: Run, reset: str, sequence: Sequence
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outputs and states over a sequence, and before which steps a machine begins anew: the first,
    and where the context is set back every so many steps.

    A reset before each group or step is part of what a symbol does there.
    """
    policy, every = testing_policy(run.experiment, reset)
    outputs, states = predict(snapshot, sequence, run.experiment, policy, every)
    if not np.isfinite(outputs).all() or not np.isfinite(states.sum()):
        raise refuse("run", "one whose activations are finite", words="they overflow")
    set_back = policy if policy == "every" else "epoch"
    fresh = reset_before(set_back, sequence.group_starts, every, sequence.seams)
    return outputs, states, fresh


class Reading(NamedTuple):
    """A network on the long sequence: states (steps, hidden), outputs, what symbols it took for
    likely (`shares`), the symbols read, `fresh` before which a machine begins anew, and where
    the first symbols of groups lead from there: `begins` (n,) and their `first_states`."""

    states: np.ndarray
    outputs: np.ndarray
    shares: np.ndarray
    symbols: np.ndarray
    fresh: np.ndarray
    begins: np.ndarray
    first_states: np.ndarray


def read(snapshot: Snapshot, run: Run, reset: str, long: Sequence) -> Reading:
    """What the network of a snapshot does on the long sequence."""
    experiment, task, w = run.experiment, task_of(run.experiment), snapshot.weights
    outputs, states, fresh = answers(snapshot, run, reset, long)
    policy, _ = testing_policy(experiment, reset)
    begins = np.unique(long.symbols[long.group_starts])
    context = np.full(experiment.hidden, experiment.context_start)
    context = snapshot.context if policy == "never" else context
    into = task.codes[begins] @ w["W_ih"].T + w["W_hh"] @ context + w["b_h"]
    first_states = activate(experiment.activation, into)
    shares = likelihoods(outputs, task)
    return Reading(states, outputs, shares, long.symbols, fresh, begins, first_states)


def divisions(states: np.ndarray, most: int) -> dict[int, np.ndarray]:
    """Cluster (n,), from 0, of each state (n, hidden), for every number of clusters to `most`.

    By a tree of Ward's method, of which ever more joins are undone.
    """
    from scipy.cluster.hierarchy import ward

    leaves = len(states)
    if leaves == 1:
        return {1: np.zeros(1, dtype=int)}
    node = np.arange(leaves)
    found = {leaves: node.copy()} if leaves <= most else {}
    for row, (left, right) in enumerate(ward(states)[:, :2].astype(int)):
        node[(node == left) | (node == right)] = leaves + row
        clusters = leaves - 1 - row
        if clusters <= most:
            found[clusters] = np.unique(node, return_inverse=True)[1]
    return dict(sorted(found.items()))


def nearest(states: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The nearest of the centres (n, hidden), as an index, to each state (steps,)."""
    far = (centres**2).sum(axis=1) - 2.0 * (states @ centres.T)
    return far.argmin(axis=1)


class Followable(NamedTuple):
    """A machine whose states are clusters, from 1; before the first symbol it is in state 0.

    `moves` has -1 for what was not seen, `onward` a way out of that: where the symbol leads
    mostly. `split` counts the steps that lead elsewhere than most.
    """

    machine: Machine
    onward: np.ndarray
    split: int


def machines_of_tree(
    reading: Reading, task: Task, *, rng: np.random.Generator
) -> dict[int, Followable]:
    """By its number of clusters each machine of one tree."""
    leaves = np.sort(rng.permutation(len(reading.states))[:LEAVES])
    by_number = divisions(reading.states[leaves], MOST_CLUSTERS)
    finest = by_number[max(by_number)]
    sizes = np.bincount(finest)
    centres = np.zeros((len(sizes), reading.states.shape[1]))
    np.add.at(centres, finest, reading.states[leaves])
    centres /= sizes[:, np.newaxis]
    # Number 0 is the state before the first symbol.
    cell = 1 + nearest(reading.states, centres)
    came = np.where(reading.fresh, 0, np.append(0, cell[:-1]))
    first = 1 + nearest(reading.first_states, centres)
    n_symbols, cells = len(task.symbols), len(sizes) + 1
    # Each way from cell to cell that occurs, and how often; those of the beginning count once more.
    ways = np.stack(
        [
            np.append(came, np.zeros_like(first)),
            np.append(reading.symbols, reading.begins),
            np.append(cell, first),
        ]
    )
    ways, counts = np.unique(
        np.ravel_multi_index(tuple(ways), (cells, n_symbols, cells)), return_counts=True
    )
    source, symbol, end = np.unravel_index(ways, (cells, n_symbols, cells))
    visits = np.bincount(cell, minlength=cells)
    outputs, shares = (sums(cell, values, cells) for values in (reading.outputs, reading.shares))
    found = {}
    for number, division in by_number.items():
        # The cluster, from 1, of each cell.
        of = np.zeros(cells, dtype=int)
        of[1 + finest] = 1 + division
        shape = (number + 1, n_symbols, number + 1)
        flat = np.ravel_multi_index((of[source], symbol, of[end]), shape)
        count = np.bincount(flat, counts, math.prod(shape)).reshape(shape)
        total = count.sum(axis=2)
        often = np.bincount(of, visits, number + 1)
        seen = total > SELDOM * np.append(0.0, often[1:])[:, np.newaxis]
        likely = count.argmax(axis=2)
        anywhere = count.sum(axis=0).argmax(axis=1)
        size = np.maximum(often, 1.0)[:, np.newaxis]
        expects = expected(sums(of, shares, number + 1) / size)
        expects[0] = False
        machine = Machine(
            moves=np.where(seen, likely, -1),
            expects=expects,
            answers=sums(of, outputs, number + 1) / size,
            visits=often / often.sum(),
        )
        split = int((total - count.max(axis=2)).sum())
        found[number] = Followable(machine, np.where(seen, likely, anywhere), split)
    return found


def sums(part: np.ndarray, values: np.ndarray, parts: int) -> np.ndarray:
    """The sum (parts, n) of the rows of `values` (rows, n) that belong to each part."""
    return np.stack([np.bincount(part, column, parts) for column in values.T], axis=1)
