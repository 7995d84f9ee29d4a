"""The numbers of a run that labs ask for; each `values` name is explained where it is made."""

from __future__ import annotations

import math

import numpy as np

from elman.analysis import errors
from elman.analysis.learned import by_last_symbol, is_learned
from elman.analysis.outcomes import epochs_until
from elman.analysis.replay import Tested, replay
from elman.tasks import new_sequence
from elman.training import Run

# A loss has settled when it has done this share of its fall, and counts as fallen from this much.
SETTLED, FALLEN = 0.95, 0.01
# The loss at the end is the mean of this many last passes.
END = 10
# Passes that the first lab asks about.
EARLY = 100
# Two outputs closer than this count as the same answer.
SAME = 0.05


def _right(tested: Tested) -> float:
    """Share of right answers where the rule makes the next symbol certain."""
    found = errors.accuracy(tested).where_certain
    return math.nan if found is None else found


def _error(tested: Tested) -> float:
    """Squared error where the rule makes the next symbol certain."""
    return float(errors.squared_errors(tested)[tested.sequence.predictable].mean())


def settling(run: Run) -> dict[str, float]:
    """When the loss has done most of its fall, and how far the run was early on and at its end.

    settled: the first pass at which the loss has done 95 % of its fall, not-a-number if it fell by
    less than 0.01; loss early and at its end; right where certain, early and at its end.
    """
    losses, early = run.losses, min(EARLY, run.epochs_done)
    end = float(losses[-END:].mean())
    fall = float(losses[0]) - end
    settled = epochs_until(losses, float(losses[0]) - SETTLED * fall)
    new = new_sequence(run.experiment)
    return {
        "settled": math.nan if settled is None or fall < FALLEN else float(settled),
        "loss early": float(losses[early - 1]),
        "loss at the end": end,
        "right early": _right(replay(run, new, early)),
        "right at the end": _right(replay(run, new)),
    }


def accuracies(run: Run) -> dict[str, float]:
    """Shares of right answers on a new sequence: at all steps, where the rule makes the next
    symbol certain, at the others; the best possible over all; and how many steps are certain."""
    tested = replay(run, new_sequence(run.experiment))
    found = errors.accuracy(tested)
    right, sure = ~errors.wrong(tested), tested.sequence.predictable
    return {
        "everywhere": found.everywhere,
        "certain": _right(tested),
        "open": float(right[~sure].mean()),
        "best everywhere": math.nan if found.ceiling is None else found.ceiling,
        "best certain": 1.0,
        "steps tested": float(sure.sum()),
    }


def position_errors(run: Run) -> dict[str, float]:
    """Squared error at each position of the task on a new sequence, with its floor."""
    table = errors.by_position(replay(run, new_sequence(run.experiment)))
    values = {}
    for row in table.to_dict("records"):
        values[row["position"]] = row["squared"]
        values[f"floor at {row['position']}"] = row["squared_floor"]
    return values


def learning(run: Run) -> dict[str, float]:
    """Right where certain and the squared error there, after training, and after how many passes
    the first kept network has learned the rule (not-a-number if none has)."""
    tested = replay(run, new := new_sequence(run.experiment))
    kept = (replay(run, new, snapshot.epoch) for snapshot in run.snapshots)
    last_symbol = by_last_symbol(tested, run.sequence)
    return {
        "certain": _right(tested),
        "error": _error(tested),
        "learned after": next(
            (float(early.epoch) for early in kept if is_learned(_right(early), last_symbol)),
            math.nan,
        ),
    }


def reset_before_testing(run: Run) -> dict[str, float]:
    """A new sequence from a context that is reset, and from the one that training left.

    Right where certain in both; the largest difference of their answers at the first step; and
    the last step at which they differ by more than 0.05 (0 if none), of how many.
    """
    new = new_sequence(run.experiment)
    reset, left = (replay(run, new, reset=kind) for kind in ("once", "never"))
    apart = np.abs(reset.outputs - left.outputs).max(axis=1)
    differ = np.flatnonzero(apart > SAME)
    return {
        "right reset": _right(reset),
        "right not reset": _right(left),
        "first difference": float(apart[0]),
        "last step apart": float(differ[-1] + 1) if len(differ) else 0.0,
        "steps": float(len(new)),
    }


def streams(run: Run) -> dict[str, float]:
    """Right where certain with the resets of training, with one reset at the beginning of the
    test only; and the squared error there, with the resets of training."""
    tested = replay(run, new := new_sequence(run.experiment))
    return {
        "as trained": _right(tested),
        "unbroken": _right(replay(run, new, reset="once")),
        "error": _error(tested),
    }


def consonants_and_vowels(run: Run) -> dict[str, float]:
    """Squared error of each feature where a consonant comes, with its floor, and where a vowel
    comes; and the shares of right vowels and of right consonants."""
    tested = replay(run, new := new_sequence(run.experiment))
    squared, consonant = errors.squared_errors(tested), new.position == 0
    right = ~errors.wrong(tested)
    values = {
        "right vowels": float(right[~consonant].mean()),
        "right consonants": float(right[consonant].mean()),
    }
    for place, feature in enumerate(tested.task.features):
        values[feature] = float(squared[consonant, place].mean())
        values[f"floor of {feature}"] = float(new.floor[consonant, place].mean())
        values[f"vowel {feature}"] = float(squared[~consonant, place].mean())
    return values


def old_and_new(run: Run) -> dict[str, float]:
    """Shares of right answers where the rule makes the next symbol certain and where it leaves it
    open, on the training sequence and on a new one."""
    values = {}
    for name, sequence in {"old": run.sequence, "new": new_sequence(run.experiment)}.items():
        right = ~errors.wrong(replay(run, sequence))
        values[f"certain {name}"] = float(right[sequence.predictable].mean())
        values[f"open {name}"] = float(right[~sequence.predictable].mean())
    return values
