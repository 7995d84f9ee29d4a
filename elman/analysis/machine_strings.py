"""Machines asked on new strings: how often each expects what the network or the rule expects."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from elman.analysis import machines
from elman.analysis.generation import likelihoods
from elman.analysis.machine_clusters import MOST_CLUSTERS, Followable, answers, sums
from elman.analysis.machines import Machine, expected
from elman.analysis.states import evenly
from elman.settings import refuse
from elman.tasks import Sequence, Task, task_of
from elman.training import Run
from elman.training.trainers import Snapshot

# Strings to choose the number of clusters by, as many again to judge the machine by, and their
# steps; a text too short for that gives shorter ones.
STRINGS, STRING_STEPS = 20, 100


class Strings(NamedTuple):
    """New strings and what a network says to them: arrays (strings, steps), by symbol or output.

    symbols, following   the symbol read, and the one that came next
    fresh                whether a machine begins anew before it
    says                 what the network expects, in the numbers of `_as_numbers`
    rule                 the same of who knows the rule; None where nobody does
    errors               the network's squared error, mean over outputs
    floor                that of who knows the rule
    """

    symbols: np.ndarray
    following: np.ndarray
    fresh: np.ndarray
    says: np.ndarray
    rule: np.ndarray | None
    errors: np.ndarray
    floor: np.ndarray


def part_of(sequence: Sequence, first: int, last: int) -> Sequence:
    """The steps from `first` to `last` (excluded), at the first of which a group begins."""
    part = sequence.part(slice(first, last))
    return replace(part, group_starts=part.group_starts | (np.arange(len(part)) == 0))


def _cut(sequence: Sequence) -> list[Sequence]:
    """Strings of equal length, to choose and to judge by, the former from the first half.

    They begin with a group where enough groups begin.
    """
    half = len(sequence) // 2
    steps = min(STRING_STEPS, max(half // STRINGS, 2))
    if half < steps:
        raise refuse("sequence", "at least 4 new steps", len(sequence), verb="has")
    found = []
    for first in (0, half):
        starts = first + np.flatnonzero(sequence.group_starts[first : first + half - steps])
        if len(starts) < STRINGS:
            starts = np.arange(first, first + half - steps + 1)
        found += [part_of(sequence, at, at + steps) for at in starts[evenly(len(starts), STRINGS)]]
    return found


def asked(snapshot: Snapshot, run: Run, reset: str, judged: Sequence) -> Strings:
    task, rows = task_of(run.experiment), []
    for string in _cut(judged):
        outputs, _, fresh = answers(snapshot, run, reset, string)
        wrong = ((outputs - string.targets) ** 2).mean(axis=1)
        following = _symbols_of(string.targets, task)
        rows.append((string.symbols, following, fresh, outputs, string.ideal, wrong))
    symbols, following, fresh, outputs, ideal, errors = map(np.array, zip(*rows, strict=True))
    says = _as_numbers(expected(likelihoods(outputs, task)))
    known = np.isfinite(ideal).all()
    rule = _as_numbers(expected(likelihoods(ideal, task))) if known else None
    floor = (ideal * (1 - ideal)).mean(axis=2)
    return Strings(symbols, following, fresh, says, rule, errors, floor)


def _symbols_of(targets: np.ndarray, task: Task) -> np.ndarray:
    """The symbols (steps,) whose codes these are."""
    return ((targets[:, np.newaxis] - task.codes) ** 2).sum(axis=2).argmin(axis=1)


def _as_numbers(expects: np.ndarray) -> np.ndarray:
    """Sets of symbols (..., n_symbols) as numbers (...), different for different sets.

    Each symbol counts a random number of 64 bits: that two sets have one sum is no chance at all.
    """
    draws = np.random.default_rng(0).integers(2**63, size=expects.shape[-1], dtype=np.uint64)
    return expects.astype(np.uint64) @ draws


def _followed(raws: list[Followable], strings: Strings) -> np.ndarray:
    """The state (machines, strings, steps) of each machine after each symbol."""
    largest = max(len(raw.machine) for raw in raws)
    moves = np.zeros((len(raws), largest, raws[0].onward.shape[1]), dtype=np.intp)
    for raw, table in zip(raws, moves, strict=True):
        table[: len(raw.onward)] = raw.onward
    which = np.arange(len(raws))[:, np.newaxis]
    state = np.zeros((len(raws), len(strings.symbols)), dtype=np.intp)
    path = np.empty((*state.shape, strings.symbols.shape[1]), dtype=np.intp)
    for step, (symbols, fresh) in enumerate(zip(strings.symbols.T, strings.fresh.T, strict=True)):
        state[:, fresh] = 0
        state = moves[which, state, symbols]
        path[:, :, step] = state
    return path


class Judged(NamedTuple):
    """Of each machine (n,): its number of states, where it agrees with the network and with the
    rule, and its squared errors (n, strings, steps)."""

    sizes: np.ndarray
    agrees: np.ndarray
    as_rule: np.ndarray
    errors: np.ndarray


def others(long: Sequence, task: Task) -> dict[str, Followable]:
    """Machines that no network made: the rule's, and those that know the last symbols alone."""
    rule, found = machines.of_rule(task), {}
    if rule is not None:
        found["the rule's own"] = Followable(rule, np.maximum(rule.moves, 0), 0)
    n_symbols = len(task.symbols)
    for words, states in {
        "a single state": 1,
        "a state for each last symbol": n_symbols,
        "a state for each pair of last symbols": n_symbols**2,
    }.items():
        if states <= MOST_CLUSTERS:
            found[words] = _by_last_symbols(long, task, states)
    return found


def _by_last_symbols(long: Sequence, task: Task, states: int) -> Followable:
    """A machine whose so many states, from 1, are the last symbols; it answers with the mean of
    what followed them. Before the first symbol it is in state 0."""
    n_symbols = len(task.symbols)
    moves = np.arange(1 + states)[:, np.newaxis] * n_symbols + np.arange(n_symbols)
    moves = 1 + (moves - n_symbols) % states
    state, path = 0, []
    for symbol in long.symbols.tolist():
        state = int(moves[state, symbol])
        path.append(state)
    counts = np.bincount(path, minlength=1 + states)
    means = sums(np.array(path), long.targets, 1 + states) / np.maximum(counts, 1)[:, np.newaxis]
    expects = expected(likelihoods(means, task))
    expects[0] = False
    return Followable(Machine(moves, expects, means, counts / counts.sum()), moves, 0)


def judge(raws: list[Followable], strings: Strings, task: Task) -> Judged:
    path = _followed(raws, strings)
    sizes, agrees, as_rule, errors = [], [], [], []
    for raw, states in zip(raws, path, strict=True):
        machine = raw.machine
        part = machines.merged(machines.classes(machine.moves, machine.expects), machine)
        means = machines.mean_answers(part, machine)[part]
        wrong = ((means[:, np.newaxis] - task.codes) ** 2).mean(axis=2)
        says = _as_numbers(machine.expects)[states]
        sizes.append(machines.minimised(machine).size)
        agrees.append(says == strings.says)
        as_rule.append(says == strings.rule if strings.rule is not None else np.nan * says)
        errors.append(wrong[states, strings.following])
    return Judged(*map(np.array, (sizes, agrees, as_rule, errors)))
