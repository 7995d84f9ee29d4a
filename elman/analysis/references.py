"""What a loss can be compared with: the floor, and answers that need no memory or little."""

from __future__ import annotations

from typing import NamedTuple

from elman.tasks import Sequence, Task, ngrams


class Reference(NamedTuple):
    """A mean squared error with its name, a short name for tight places, and its role in charts."""

    name: str
    short: str
    value: float
    role: str


def references(training: Sequence, task: Task) -> tuple[Reference, ...]:
    """The references of a task on its training sequence, the floor first where it is known.

    Baselines are the best memoryless guess and the best bigram; where nobody knows the rule, the
    best trigram too; and always answering 0.5 where codes are dense bits. Of a one-hot code a
    network learns within a few steps that most outputs are 0, so that 0.5 is no measure there.
    """
    lines = []
    if training.has_rule:
        floor = float(training.floor.mean())
        lines.append(Reference("floor: all that can be known", "floor", floor, "floor"))
    if not task.one_hot:
        lines.append(Reference("always answering 0.5", "always 0.5", 0.25, "baseline"))
    for n, short in {1: "memoryless", 2: "bigram", 3: "trigram"}.items():
        if n < 3 or not training.has_rule:
            loss = float(ngrams.squared_errors(n, training, training).mean())
            name = f"best {ngrams.NAMES[n].removeprefix('best ')}"
            lines.append(Reference(name, short, loss, "baseline"))
    return tuple(lines)


def describe_references(lines: tuple[Reference, ...]) -> str:
    """The references with their values, as one line of text."""
    return "; ".join(f"{line.name} {decimals(line.value)}" for line in lines)


def decimals(error: float) -> str:
    """An error with as many decimals as its size asks for."""
    return f"{error:.4f}" if error < 0.1 else f"{error:.3f}"
