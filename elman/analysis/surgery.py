"""Context surgery: change the memory of a network at one step, and see what it answers after.

The window after the operation is computed by `ElmanNetwork.forward`, the readable equations;
everything before it, and the network left alone, are those of the test. Steps and units are
counted from 1, as readers see them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.analysis.replay import Tested, testing_policy
from elman.analysis.states import evenly, symbol_names
from elman.network import activate, logistic
from elman.settings import checked_rng, refuse
from elman.training.resets import reset_before
from elman.training.trainers import reference_network

OPERATIONS = {
    "none": "nothing is changed",
    "zero": "every context unit is set to 0",
    "noise": "a random number is added to every context unit",
    "swap": "the context of another step is put in",
    "silence": "one hidden unit is held at 0",
}

# Steps at which an operation is tried, evenly spread over a longer test.
MOST_TRIED = 1000


@dataclass(frozen=True)
class Operation:
    """What is done at a step; a field that its kind needs and that is missing raises ValueError.

    kind      a name from `OPERATIONS`
    sd        with noise: standard deviation of the normal numbers added, above 0
    other     with swap: the step (from 1) whose context is put in: the state that the step
              before it left, or the start value if the context is reset there
    unit      with silence: the hidden unit (from 1)
    lasting   with silence: at this step and all later ones (default), or at this one alone
    """

    kind: str = "none"
    sd: float | None = None
    other: int | None = None
    unit: int | None = None
    lasting: bool = True

    def __post_init__(self) -> None:
        if self.kind not in OPERATIONS:
            raise refuse("kind", f"one of {', '.join(OPERATIONS)}", self.kind)
        if self.kind == "noise" and not (self.sd is not None and 0 < self.sd < np.inf):
            raise refuse("sd", "a number above 0", self.sd, verb="with noise is")
        for kind, name in (("swap", "other"), ("silence", "unit")):
            if self.kind == kind and getattr(self, name) is None:
                raise refuse(
                    name, "a number from 1", verb=f"with {kind} is", words="none was given"
                )


@dataclass(frozen=True)
class Effect:
    """The steps after an operation, beside those of the network left alone, as it was tested.

    steps     (n,)         steps (from 1), the first being that of the operation
    context   (hidden,)    context that the first of them used
    outputs   (n, n_out)   with the operation
    states    (n, hidden)

    Each but `steps` has its like without the operation under a name that ends in `_before`.
    """

    tested: Tested
    steps: np.ndarray
    context: np.ndarray
    context_before: np.ndarray
    outputs: np.ndarray
    states: np.ndarray

    @property
    def outputs_before(self) -> np.ndarray:
        """Outputs (n, n_out) of the same steps without the operation."""
        return self.tested.outputs[self.steps - 1]

    @property
    def states_before(self) -> np.ndarray:
        """Hidden states (n, hidden) of the same steps without the operation."""
        return self.tested.states[self.steps - 1]


def operate(
    tested: Tested,
    step: int,
    operation: Operation,
    *,
    after: int = 12,
    rng: np.random.Generator | None = None,
) -> Effect:
    """Carry out `operation` before `step` (from 1) and read `after` steps, that one included.

    A reset of the context before `step` comes before the operation, and a later one ends the
    effect there. `rng` is needed for noise. Raises ValueError for a step or unit that does not
    exist.
    """
    sequence, experiment = tested.sequence, tested.experiment
    snapshot = tested.run.at(tested.epoch)
    start = _checked("step", step, len(sequence))
    if after < 1:
        raise refuse("after", "at least 1", after)
    shown = np.arange(start, min(start + after, len(sequence)))
    policy, every = testing_policy(experiment, tested.reset)
    resets = reset_before(policy, sequence.group_starts, every, sequence.seams)

    def context_at(index: int) -> np.ndarray:
        if resets[index]:
            return np.full(experiment.hidden, experiment.context_start)
        return (tested.states[index - 1] if index else snapshot.context).copy()

    context_before = context_at(start)
    context = context_before.copy()
    if operation.kind == "zero":
        context[:] = 0.0
    elif operation.kind == "noise" and operation.sd is not None:
        context = context + checked_rng(rng).normal(0.0, operation.sd, len(context))
    elif operation.kind == "swap" and operation.other is not None:
        context = context_at(_checked("other", operation.other, len(sequence)))
    silent = None
    if operation.kind == "silence" and operation.unit is not None:
        silent = _checked("unit", operation.unit, experiment.hidden)

    network = reference_network(experiment, sequence)
    network.weights = snapshot.weights
    network.context = context
    outputs, states = [], []
    # The last finite weights of a run that diverged may still overflow.
    with np.errstate(over="ignore", invalid="ignore"):
        for index in shown:
            if resets[index] and index != start:
                network.reset_context()
            output, hidden = network.forward(sequence.inputs[index])
            if silent is not None and (operation.lasting or index == start):
                hidden[silent] = 0.0
                output = logistic(network.weights["W_ho"] @ hidden + network.weights["b_o"])
            network.update_context(hidden)
            outputs.append(output)
            states.append(hidden)
    return Effect(tested, shown + 1, context, context_before, np.array(outputs), np.array(states))


class Changes(NamedTuple):
    """Which answers an operation changes, where it is carried out at each of many steps in turn.

    steps    (n,)   the steps (from 1)
    there    (n,)   whether the answer at that very step changes
    soon     (n,)   whether one of the answers read after the operation does, that one included
    known    (n,)   whether the network left alone is right there, where the rule is certain
    """

    steps: np.ndarray
    there: np.ndarray
    soon: np.ndarray
    known: np.ndarray

    @property
    def spoilt(self) -> np.ndarray:
        """Whether an answer changes (n,) that was right where the rule makes it certain."""
        return self.known & self.there


def changes_everywhere(
    tested: Tested,
    operation: Operation,
    *,
    after: int = 12,
    rng_at: Callable[[int], np.random.Generator] | None = None,
) -> Changes:
    """Where in the test `operation` changes an answer: at each step, or at `MOST_TRIED` of them.

    `rng_at(step)` is needed for noise: the generator that `operate` would be given there.
    """
    sequence, experiment = tested.sequence, tested.experiment
    weights, begin = tested.run.at(tested.epoch).weights, tested.run.at(tested.epoch).context
    policy, every = testing_policy(experiment, tested.reset)
    resets = reset_before(policy, sequence.group_starts, every, sequence.seams)
    start = np.full(experiment.hidden, experiment.context_start)
    # The context that each step of the test used.
    used = np.vstack([begin, tested.states[:-1]])
    used[resets] = start
    at = evenly(len(sequence), MOST_TRIED)
    context, silent = used[at], None
    if operation.kind == "zero":
        context = np.zeros_like(context)
    elif operation.kind == "noise" and operation.sd is not None:
        if rng_at is None:
            raise refuse("rng_at", "a function that gives a generator", rng_at)
        drawn = [rng_at(int(k) + 1).normal(0.0, operation.sd, experiment.hidden) for k in at]
        context = context + drawn
    elif operation.kind == "swap" and operation.other is not None:
        context = np.tile(used[_checked("other", operation.other, len(sequence))], (len(at), 1))
    elif operation.kind == "silence" and operation.unit is not None:
        silent = _checked("unit", operation.unit, experiment.hidden)
    before = _answers(tested.outputs, tested.task.codes)
    changed = np.zeros((after, len(at)), dtype=bool)
    for k in range(after):
        index = at + k
        live = index < len(sequence)
        index = np.minimum(index, len(sequence) - 1)
        if k:
            context = np.where(resets[index][:, np.newaxis], start, context)
        # The last finite weights of a run that diverged may still overflow.
        with np.errstate(over="ignore", invalid="ignore"):
            into = sequence.inputs[index] @ weights["W_ih"].T + context @ weights["W_hh"].T
            context = activate(experiment.activation, into + weights["b_h"])
            if silent is not None and (operation.lasting or k == 0):
                context[:, silent] = 0.0
            outputs = logistic(context @ weights["W_ho"].T + weights["b_o"])
        changed[k] = live & (_answers(outputs, tested.task.codes) != before[index])
    right = before[at] == np.roll(sequence.symbols, -1)[at]
    soon = np.logical_or.reduce(changed)
    return Changes(at + 1, changed[0], soon, right & sequence.predictable[at])


def describe_changes(changes: Changes, after: int = 12) -> str:
    """How often an operation changes an answer over the whole test, for a reader."""
    tried = len(changes.steps)
    there, soon = (int(np.count_nonzero(found)) for found in (changes.there, changes.soon))
    spread = changes.steps[-1] > tried
    where = (
        f"{tried:,} steps spread over this test" if spread else f"the {tried:,} steps of this test"
    )
    if not soon:
        return f"Done at each of {where} in turn, it changes no answer."
    known, spoilt = int(np.count_nonzero(changes.known)), ""
    if known:
        lost = int(np.count_nonzero(changes.spoilt))
        spoilt = (
            f" Of {known:,} right answers that the rule makes certain it spoils {lost:,} "
            f"({lost / known:.0%})."
        )
    return (
        f"Done at each of {where} in turn, it changes the answer there {there:,} times "
        f"({there / tried:.0%}), and one of the {after} answers from there on {soon:,} times "
        f"({soon / tried:.0%}).{spoilt}"
    )


def first_to_change(changes: Changes, after: int = 0) -> int | None:
    """The first step after `after` (from 1), or else of all, at which an answer is spoilt.

    Where none is, one whose answer changes; else one with a change soon after it; None without any.
    """
    for found in (changes.spoilt, changes.there, changes.soon):
        steps = changes.steps[found]
        if len(steps):
            later = steps[steps > after]
            return int(later[0] if len(later) else steps[0])
    return None


def changes_by_step(effect: Effect) -> pd.DataFrame:
    """What the operation did at each step of the window.

    Columns: step, symbol (input), expected, answer_before and answer (the symbol whose code is
    nearest to the outputs, without and with the operation), squared_before and squared (squared
    error, the mean over outputs), output_change (root of the mean squared change of an output)
    and state_change (length of the change of the hidden vector).
    """
    sequence, task = effect.tested.sequence, effect.tested.task
    index = effect.steps - 1
    targets = sequence.targets[index]

    def answers(outputs: np.ndarray) -> np.ndarray:
        return symbol_names(task, _answers(outputs, task.codes))

    return pd.DataFrame(
        {
            "step": effect.steps,
            "symbol": symbol_names(task, sequence.symbols[index]),
            "expected": symbol_names(task, np.roll(sequence.symbols, -1)[index]),
            "answer_before": answers(effect.outputs_before),
            "answer": answers(effect.outputs),
            "squared_before": ((effect.outputs_before - targets) ** 2).mean(axis=1),
            "squared": ((effect.outputs - targets) ** 2).mean(axis=1),
            "output_change": np.sqrt(((effect.outputs - effect.outputs_before) ** 2).mean(axis=1)),
            "state_change": np.linalg.norm(effect.states - effect.states_before, axis=1),
        }
    )


def _answers(outputs: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """The symbol (n,) whose code is nearest to each output (n, n_out)."""
    # The squared distances but for that of the output from zero, which all codes share.
    return ((codes**2).sum(axis=1) - 2.0 * outputs @ codes.T).argmin(axis=1)


def _checked(name: str, number: int, most: int) -> int:
    """The index, from 0, of a step or unit counted from 1."""
    if not 1 <= number <= most:
        raise refuse(name, f"a whole number from 1 to {most:,}", number)
    return number - 1
