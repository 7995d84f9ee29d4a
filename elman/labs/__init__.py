"""Guided exercises: predict, run, and compare with one's own run and many others.

`LABS` maps the name of each lab, as links and files have it, to the lab; `STEPS` are the steps
of a lab that a link can open.
"""

from elman.labs.lab import SEEDS, Choice, Evidence, Guess, Lab
from elman.labs.learning import CONSONANTS, LEARNING_RATE, PASSES_LAB, POSITIONS, XOR_BIT
from elman.labs.memory import BEFORE_TESTING, DEPTH, GROUPS, NO_MEMORY
from elman.labs.sizes import LENGTH, THREE_UNITS, TWENTY_UNITS

LABS: dict[str, Lab] = {
    lab.name: lab
    for lab in (
        PASSES_LAB,
        XOR_BIT,
        POSITIONS,
        BEFORE_TESTING,
        THREE_UNITS,
        TWENTY_UNITS,
        NO_MEMORY,
        GROUPS,
        CONSONANTS,
        LENGTH,
        LEARNING_RATE,
        DEPTH,
    )
}

STEPS = ("question", "predict", "run", "feedback")

__all__ = ["LABS", "SEEDS", "STEPS", "Choice", "Evidence", "Guess", "Lab"]
