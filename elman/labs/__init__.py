"""Guided exercises: predict, run, and compare with one's own run and many others.

`LABS` maps the name of each lab, as links and files have it, to the lab; `STEPS` are the steps
of a lab that a link can open.
"""

from elman.labs.beyond import H_N, NUMBERS
from elman.labs.inside import CONTEXT, FEATURES_LAB, TREE
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
        CONTEXT,
        BEFORE_TESTING,
        THREE_UNITS,
        TWENTY_UNITS,
        NO_MEMORY,
        GROUPS,
        CONSONANTS,
        FEATURES_LAB,
        TREE,
        LENGTH,
        LEARNING_RATE,
        DEPTH,
        H_N,
        NUMBERS,
    )
}

STEPS = ("question", "predict", "run", "feedback")

__all__ = ["LABS", "SEEDS", "STEPS", "Choice", "Evidence", "Guess", "Lab"]
