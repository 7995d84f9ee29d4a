"""Labs that look inside: what a context holds, what units tell, and what a tree shows untrained."""

from __future__ import annotations

from typing import Any

import numpy as np

from elman.analysis.learned import ENOUGH
from elman.analysis.separation import SIX, TWO
from elman.experiment import Experiment
from elman.labs.inside_measures import (
    BACK,
    LETTER_FEATURES,
    held_in_context,
    telling_units,
    tree_scores,
)
from elman.labs.lab import Choice, Evidence, Guess, Lab, Pointer, Quantity, Row, spread
from elman.labs.words import PERCENT, estimated, middle_and_range, of_seeds, over

XOR = Experiment()
LETTERS = Experiment(task="letters")

# Numbers closer than this are the same but for rounding.
EXACTLY = 1e-12


def _context_decides(e: Evidence, seed: int) -> str:
    if e.all("from the step before")[seed] <= EXACTLY:
        return "before"
    return "now" if e.all("from the same step")[seed] <= EXACTLY else "inputs"


def _context_answer(e: Evidence) -> str:
    copies = np.array([_context_decides(e, seed) == "before" for seed in range(e.seeds)])
    told = ", ".join(f"{e.own(f'{back} back'):.0%} of those {back} back" for back in BACK)
    return (
        f"In your run the context of a step differs by {e.own('from the step before'):.2g} from "
        f"the hidden layer of the step before and by up to {e.own('from the same step'):.2f} from "
        f"that of the same step: it is a copy, one step old. {over(e).capitalize()} that is so in "
        f"{of_seeds(copies)}. What can be told from it in your run: {told}."
        if copies[0]
        else "In your run the context is no copy of the hidden layer of the step before."
    )


def _context_why(e: Evidence) -> str:
    middles = [spread(PERCENT, e.all(f"{back} back")).middle for back in BACK]
    words = (
        "After each step the hidden layer is copied into the context, and the next step reads it "
        "beside its input. The hidden layer was made of an input and the context before it, which "
        "was made of earlier ones: so the context holds no list of what came, but one vector in "
        "which all of it is mixed. The medians of the bits that a weighted sum of its units tells "
        f"are {', '.join(f'{m:.0%}' for m in middles)} for {BACK[0]} to {BACK[-1]} steps back, "
        "where guessing tells half. "
    )
    if middles[-1] < middles[0]:
        words += (
            "Training keeps what the next answer needs, and what is older is squashed at every "
            "step. "
        )
    return words + (
        "A program that copies before the weights have changed learns from the wrong memory: a "
        "common mistake with this network."
    )


CONTEXT = Lab(
    name="context",
    title="What the context holds",
    question="What does the context hold when the network reads step t?",
    background=(
        "At step t the network has its input and its context, as many numbers as there are hidden "
        "units. The lab takes a trained network through a new sequence, and compares its context "
        "at each step with the hidden layers; then it asks how well the bit of one, two or more "
        "steps back can be told from the context alone."
    ),
    experiment=XOR,
    measure=held_in_context,
    values=("from the step before", "from the same step", *(f"{back} back" for back in BACK)),
    rows=tuple(Row(f"Bit {back} back, told from the context", f"{back} back") for back in BACK),
    quantity=PERCENT._replace(title="Bits told right"),
    prediction=Choice(
        "At step t the context holds …",
        {
            "inputs": "the bits of all steps before t, one after the other",
            "before": "the hidden layer of step t − 1, number by number",
            "now": "the hidden layer of step t, number by number",
        },
        _context_decides,
    ),
    answer=_context_answer,
    why=_context_why,
    pointers=(
        Pointer("step", "One step with all its numbers: the context is copied at its end."),
        Pointer("states", "The hidden layer over time.", {"view": "over time"}),
    ),
)

_UNITS = Quantity("Hidden units", 0, LETTERS.hidden, 1, spec=".0f")
_UNIT_ROWS = tuple(Row(f"Units that tell {name}", name) for name in LETTER_FEATURES)


def _units_answer(e: Evidence) -> str:
    own = ", ".join(f"{e.own(name):.0f} tell {name}" for name in LETTER_FEATURES)
    several = np.array([e.all(name) > 1 for name in LETTER_FEATURES])
    none = np.array([e.all(name) == 0 for name in LETTER_FEATURES])
    counts = "; ".join(
        f"{name} in {of_seeds(many)} by several and in {of_seeds(no)} by none"
        for name, many, no in zip(LETTER_FEATURES, several, none, strict=True)
    )
    return (
        f"Of the {e.own('units'):.0f} hidden units of your run {own}, each by itself. "
        f"{over(e).capitalize()} a feature is told thus: {counts}."
    )


def _units_why(e: Evidence) -> str:
    least = min(LETTER_FEATURES, key=lambda name: e.all(name).mean())
    together = spread(PERCENT, e.all(f"all {least}"))
    alone = spread(PERCENT, e.all(f"best {least}"))
    return (
        "Nothing in training asks for a unit of its own for each feature. The hidden layer has to "
        "bring forth the next letter, and any mixture of units that does so is good. "
        f"{least} is told by the fewest: the best single unit tells it at {alone.middle:.0%} of "
        f"the steps (median), a weighted sum of all units at {together.middle:.0%}. What no unit "
        "says alone may be said by all together. Elman calls this a distributed representation: "
        "look at patterns over all units, as in a tree or in components, before you give a unit a "
        "name."
    )


FEATURES_LAB = Lab(
    name="features",
    title="Units and features",
    question="Does each feature of a letter have a hidden unit of its own?",
    background=(
        "A letter is coded by six features, and the network for the letters has "
        f"{LETTERS.hidden} hidden units. A unit **tells** a feature if one level of its activation "
        f"parts the steps whose letter has it from the others at more than {ENOUGH:.0%} of the "
        "steps. Of the six features the lab asks about three: Vowel, which Consonant and "
        "Interrupted repeat or reverse, High and Back; Voiced are all letters."
    ),
    experiment=LETTERS,
    measure=telling_units,
    values=(
        "units",
        *(f"{start}{name}" for name in LETTER_FEATURES for start in ("", "best ", "all ")),
    ),
    rows=_UNIT_ROWS,
    quantity=_UNITS,
    prediction=Guess(
        "How many of the hidden units tell each feature, each by itself?", _UNIT_ROWS, _UNITS
    ),
    answer=_units_answer,
    why=_units_why,
    pointers=(
        Pointer("states", "Each unit over time, and all together.", {"view": "over time"}),
        Pointer("errors", "Which features of the next letter are foreseen."),
    ),
)

# A tree shows classes from here on, halfway from chance to all of them.
SHOWN = 0.75


def _settings(experiment: Experiment) -> dict[str, Any]:
    names = ("task", "length", "hidden", "epochs")
    return {name: getattr(experiment, name) for name in names}


# Small enough for twenty seeds, long enough for classes of words.
SENTENCES = Experiment(task="sentences", length=10_000, hidden=40, epochs=4)
_LETTERS, _WORDS = "letters", "words of sentences"
# Which classes a score is about is said wherever one stands.
_CLASSES = {_LETTERS: "letters in two classes", _WORDS: "words in six classes"}


def _tree_decides(e: Evidence, seed: int) -> str:
    shown = [e.all("untrained", name)[seed] >= SHOWN for name in (_LETTERS, _WORDS)]
    return {(True, True): "both", (True, False): "letters", (False, True): "words"}.get(
        (shown[0], shown[1]), "neither"
    )


def _tree_answer(e: Evidence) -> str:
    same = np.array([_tree_decides(e, seed) == _tree_decides(e, 0) for seed in range(e.seeds)])
    own = "; ".join(
        f"{classes} {e.own('untrained', name):.0%} untrained, {e.own('trained', name):.0%} trained"
        for name, classes in _CLASSES.items()
    )
    untrained = middle_and_range(PERCENT, e.all("untrained", _WORDS))
    return (
        f"Two of a class join first, in your runs: {own}. {over(e).capitalize()} it is alike in "
        f"{estimated(same)}; for {_CLASSES[_WORDS]}, untrained, {untrained}."
    )


def _tree_why(e: Evidence) -> str:
    middles = {
        (name, when): spread(PERCENT, e.all(when, name)).middle
        for name in (_LETTERS, _WORDS)
        for when in ("untrained", "trained")
    }
    words = (
        "The codes of the letters are their features, so vowels look alike before anything is "
        "learned, and random weights keep likeness: the tree of an untrained network has a median "
        f"of {middles[_LETTERS, 'untrained']:.0%} there, and what training brings is "
        f"{middles[_LETTERS, 'trained']:.0%}. Such a tree proves nothing about learning. Each word "
        "has a code of its own, as unlike all others as any: untrained the six classes come to "
        f"{middles[_WORDS, 'untrained']:.0%}, where chance gives 50%"
    )
    if middles[_WORDS, "trained"] > middles[_WORDS, "untrained"]:
        words += (
            f", and trained to {middles[_WORDS, 'trained']:.0%}: that difference was learned, from "
            "which words follow which."
        )
    else:
        words += f", and trained to {middles[_WORDS, 'trained']:.0%}: nothing was learned here."
    return words + " So beside a tree belongs the tree of the same network before training."


TREE = Lab(
    name="tree",
    title="A tree without training",
    question="Does the tree of an untrained network show classes, too?",
    background=(
        "Take the mean hidden vector of each letter or word, and join what is nearest, again and "
        "again: that is a **tree**. Elman's tree of words shows nouns and verbs. The lab asks how "
        "often two of one class join before one of them joins one of another class: 50% by "
        "chance, 100% if each class is a branch. Letters have two classes, vowels and consonants; "
        f"words {SIX}. Each tree is made before training, too. Hidden states scores other "
        f"networks, and first by {TWO}, so its numbers differ."
    ),
    experiment=SENTENCES,
    conditions={_LETTERS: _settings(LETTERS), _WORDS: _settings(SENTENCES)},
    measure=tree_scores,
    values=("untrained", "trained"),
    rows=tuple(
        Row(f"{classes.capitalize()}, {when}", when, name)
        for name, classes in _CLASSES.items()
        for when in ("untrained", "trained")
    ),
    quantity=PERCENT._replace(title="Two of a class join first"),
    prediction=Choice(
        "Before training a tree shows the classes …",
        {
            "both": "of letters and of words",
            "letters": "of letters, not of words",
            "words": "of words, not of letters",
            "neither": "of neither",
        },
        _tree_decides,
        f"“Shows” means: two of a class join first at {SHOWN:.0%} or more.",
    ),
    answer=_tree_answer,
    why=_tree_why,
    pointers=(Pointer("states", "The tree, and beside it the untrained one.", {"view": "tree"}),),
)
