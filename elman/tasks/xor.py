"""XOR in time: two random bits, then their exclusive-or, over and over (Elman 1990, p. 185)."""

from __future__ import annotations

import numpy as np

from elman.experiment import TaskDefaults, TaskSettings
from elman.tasks.automaton import Arc, Automaton
from elman.tasks.sequence import Sequence, Task, predict_next

CODES = np.array([[0.0], [1.0]])


def generate(length: int, *, rng: np.random.Generator) -> Sequence:
    """`length // 3` triples of two fair random bits and their XOR; predict the next bit.

    Within a triple the inputs are the first bit, the second bit and the XOR bit, so the bits to
    predict are the second, the XOR (certain) and the first of the next triple.
    """
    triples = rng.integers(0, 2, size=(length // 3, 3))
    triples[:, 2] = triples[:, 0] ^ triples[:, 1]
    symbols = triples.ravel()
    inputs, targets = predict_next(CODES, symbols)
    position = np.arange(len(symbols)) % 3
    certain = position == 1
    return Sequence(
        symbols=symbols,
        inputs=inputs,
        targets=targets,
        group_starts=position == 0,
        position=position,
        ideal=np.where(certain[:, np.newaxis], targets, 0.5),
        rate_floor=np.where(certain, 0.0, 0.5),
    )


# Two fair bits, then the one that they decide.
SOURCE = Automaton(
    {
        "start": tuple(Arc(bit, 0.5, ("first", bit)) for bit in (0, 1)),
        **{
            ("first", first): tuple(Arc(bit, 0.5, ("XOR", first ^ bit)) for bit in (0, 1))
            for first in (0, 1)
        },
        **{("XOR", bit): (Arc(bit, 1.0, "start"),) for bit in (0, 1)},
    },
    2,
)

TASK = Task(
    name="xor",
    title="XOR in time",
    question="Can a network learn which bits of a stream can be predicted at all?",
    rule="Two random bits, then their exclusive-or: 1 if exactly one of the two is 1. "
    "Only every third bit can be predicted.",
    group="triple",
    group_words="two random bits and their exclusive-or",
    symbols=("0", "1"),
    features=("Bit",),
    codes=CODES,
    positions=("2nd bit", "XOR bit", "next 1st bit"),
    predictable_words="the XOR bit",
    open_words="the other two bits",
    generate=generate,
    presets={
        "textbook": {},
        # Sizes, start value and unbroken stream are the paper's; it gives no learning rate and
        # no weight range, so those two keep this project's defaults.
        "paper": {"hidden": 2, "reset": "never", "context_start": 0.5},
    },
    settings=TaskSettings(TaskDefaults(length=3000, hidden=4, epochs=600)),
    source=SOURCE,
)
