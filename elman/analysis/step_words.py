"""One training step read aloud: which one it is, and what it does, in words from its numbers."""

from __future__ import annotations

import numpy as np

from elman.analysis.references import decimals
from elman.analysis.step import Step
from elman.tasks import Sequence, Task
from elman.training import Run


def where(run: Run, step: Step) -> str:
    """Which step of which pass this is."""
    words = f"Step {step.step + 1:,} of {len(run.sequence):,} in pass {step.epoch + 1:,}"
    if step.epoch < run.epochs_done:
        return f"{words} of {run.epochs_done:,}."
    passes = "1 pass" if run.epochs_done == 1 else f"{run.epochs_done:,} passes"
    return f"{words}: it would come next, after the {passes} of this run."


def in_words(step: Step, sequence: Sequence, task: Task) -> str:
    """What the network read, answered and missed at this step, and where its weights move."""
    up, down, still = step.moves
    moves = f"{up:,} of {up + down + still:,} weights move up and {down:,} down"
    if not np.isfinite(step.output).all():
        return "The numbers of this step are no longer finite: the run diverges here."
    if still:
        moves += f"; {still:,} stay"
    read = task.symbols[sequence.symbols[step.step]]
    comes = task.symbols[sequence.symbols[(step.step + 1) % len(sequence)]]
    return f"The network has read {read} and {_answer(step, comes, task)}; {moves}."


def _answer(step: Step, comes: str, task: Task) -> str:
    if task.one_bit:
        return f"answers {step.output[0]:.2f}, and {comes} comes. The error is {step.error[0]:+.2f}"
    mean = float((step.error**2).mean())
    squared = decimals(mean) if mean >= 0.0001 else "less than 0.0001"
    if task.one_hot:
        best = int(step.output.argmax())
        expected = task.symbols.index(comes)
        largest = f"gives its largest output, {step.output[best]:.2f}, to {task.symbols[best]}"
        if best == expected:
            largest += ", which comes"
        else:
            largest += f", and {comes} comes, which has {step.output[expected]:.2f}"
        return f"{largest}. The squared error is {squared}"
    rounded = (step.output >= 0.5).astype(float)
    same = np.flatnonzero((task.codes == rounded).all(axis=1))
    answer = task.symbols[same[0]] if len(same) else "no symbol"
    coming = "which comes" if answer == comes else f"and {comes} comes"
    return f"its rounded answer is {answer}, {coming}. The squared error is {squared}"
