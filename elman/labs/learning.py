"""Labs on what is learned, how soon, and what nobody could learn."""

from __future__ import annotations

import numpy as np

from elman.analysis.learned import ENOUGH
from elman.experiment import Experiment
from elman.labs.lab import Evidence, Guess, Lab, Pointer, Quantity, Row, spread
from elman.labs.measures import EARLY, accuracies, consonants_and_vowels, position_errors, settling
from elman.labs.words import PERCENT, SQUARED, estimated, learned, middle_and_range, of_seeds, over
from elman.tasks import TASKS

XOR = Experiment()
LETTERS = Experiment(task="letters")

PASSES = Quantity("Passes", 10, XOR.epochs, 10, spec=",.0f", unit="passes", missing="never")


def _passes_answer(e: Evidence) -> str:
    settled = e.all("settled")
    soon = settled <= EARLY
    own = (
        f"In your run the loss has done 95% of its fall after {settled[0]:,.0f} passes."
        if np.isfinite(settled[0])
        else "In your run the loss hardly falls at all."
    )
    return (
        f"{own} {over(e).capitalize()} {middle_and_range(PASSES, settled)}; "
        f"{EARLY} passes are enough in {of_seeds(soon)}."
    )


def _passes_why(e: Evidence) -> str:
    early, end = e.all("loss early"), e.all("loss at the end")
    learned_early, learned_end = (learned(e, f"right {when}") for when in ("early", "at the end"))
    low, _, high = spread(PASSES, e.all("settled"))
    words = (
        "At first all weights are small, every answer is near 0.5, and the loss stays near 0.25: "
        "a plateau. It ends when some hidden unit begins to tell equal bits from unequal ones, "
        f"for then each step teaches more than the one before. In your run the loss is "
        f"{early[0]:.3f} after {EARLY} passes and {end[0]:.3f} at the end. The XOR bit is right at "
        f"more than {ENOUGH:.0%} in {of_seeds(learned_early)} after about {EARLY} passes, and in "
        f"{of_seeds(learned_end)} at the end. After a steep drop the loss goes on falling slowly, "
        "and that counts, too."
    )
    if low > 0 and high > 2 * low:
        words += " When the fall is over is up to the seed, so one curve tells little about others."
    return words


PASSES_LAB = Lab(
    name="passes",
    title="How many passes?",
    question="After how many passes does the loss stop falling? Are 100 enough?",
    background=(
        "The network reads bits: two at random, then their exclusive-or (XOR), which is 1 if "
        "exactly one of the two is 1; then two random ones again. It guesses the next bit at every "
        f"step. One **pass** (or epoch) leads once through all {XOR.length:,} bits, and the "
        "**loss** is the mean squared error of a pass. Always answering 0.5 gives a loss of 0.25."
    ),
    experiment=XOR,
    measure=settling,
    values=("settled", "loss early", "loss at the end", "right early", "right at the end"),
    rows=(Row("Passes until 95% of the fall is done", "settled"),),
    quantity=PASSES,
    prediction=Guess(
        f"Of {XOR.epochs} passes, after how many has the loss done 95% of its fall?",
        (Row("Passes until 95% of the fall is done", "settled"),),
        PASSES,
    ),
    answer=_passes_answer,
    why=_passes_why,
    pointers=(
        Pointer("train", "The loss curve: where does its plateau end?"),
        Pointer("watch", "Press Play: the three bars part when the plateau ends."),
    ),
)


def _xor_bit_answer(e: Evidence) -> str:
    return (
        f"Your run is right at {e.own('everywhere'):.0%} of all steps and at "
        f"{e.own('certain'):.0%} of the XOR bits. {over(e).capitalize()} the XOR bit is right at "
        f"more than {ENOUGH:.0%} in {estimated(learned(e, 'certain'))}."
    )


def _xor_bit_why(e: Evidence) -> str:
    return (
        "Two of three bits are coin flips. Whoever knows the rule is right at every XOR bit and at "
        f"half of the others: {e.own('best everywhere'):.1%} of all, and nobody can expect more. "
        f"Your run is right at {e.own('open'):.0%} of the coin flips. The share over all steps "
        "mixes what can be learned with what cannot; a network that is right at every XOR bit "
        f"looks poor there. Its median is {spread(PERCENT, e.all('everywhere')).middle:.0%}, that "
        f"at the XOR bit {spread(PERCENT, e.all('certain')).middle:.0%}."
    )


_XOR_BIT_ROWS = (
    Row("Right at all steps", "everywhere", best="best everywhere"),
    Row("Right at the XOR bits", "certain", best="best certain"),
)

XOR_BIT = Lab(
    name="xor-bit",
    title="Right at the XOR bits",
    question="How often is the network right: at all steps, and at the XOR bits alone?",
    background=(
        "Of every three bits two are random and the third is their exclusive-or. The network's "
        "answer is a number from 0 to 1; it counts as right if, rounded, it is the next bit. It is "
        "tested on a new sequence of the same rule."
    ),
    experiment=XOR,
    measure=accuracies,
    values=("everywhere", "certain", "open", "best everywhere", "best certain"),
    rows=_XOR_BIT_ROWS,
    quantity=PERCENT,
    prediction=Guess("How often is it right?", _XOR_BIT_ROWS, PERCENT),
    answer=_xor_bit_answer,
    why=_xor_bit_why,
    pointers=(
        Pointer("train", "The marks in the table, at the steps that can be predicted."),
        Pointer("errors", "The error rate at each position.", {"measure": "rate"}),
    ),
)

_POSITIONS = TASKS["xor"].positions


def _positions_answer(e: Evidence) -> str:
    errors = np.array([e.all(name) for name in _POSITIONS])
    parts = [
        f"{values[0]:.3f} at the {name}" for name, values in zip(_POSITIONS, errors, strict=True)
    ]
    least = errors.argmin(axis=0) == _POSITIONS.index("XOR bit")
    return (
        f"The squared error of your run is {', '.join(parts[:-1])} and {parts[-1]}. "
        f"{over(e).capitalize()} the XOR bit has the smallest error in {of_seeds(least)}; there "
        f"{middle_and_range(SQUARED, e.all('XOR bit'))}."
    )


def _positions_why(e: Evidence) -> str:
    excess = [e.own(name) - e.own(f"floor at {name}") for name in (_POSITIONS[0], _POSITIONS[2])]
    words = (
        "The second bit and the next first bit are coin flips. Answer p to a coin flip, and the "
        "squared error is on average 0.25 + (p − 0.5)²: 0.25 at the least, with p = 0.5. No "
        "training brings it lower; only the XOR bit follows from what came before. "
    )
    if max(excess) > 0.01:
        words += (
            f"Your run is above that floor by {excess[0]:.3f} and {excess[1]:.3f}: it gives "
            "answers away from 0.5 where nothing can be known, as if an XOR bit came there too. "
            "Nothing in the stream marks where a triple begins; Elman's network answered like this "
            "as well (1990, p. 186)."
        )
    else:
        words += "Your run is near that floor: it answers about 0.5 where nothing can be known."
    return words


_POSITION_ROWS = tuple(
    Row(f"Error at the {name}", name, best=f"floor at {name}") for name in _POSITIONS
)

POSITIONS = Lab(
    name="positions",
    title="Three positions",
    question="How large is the error at each of the three positions, and why?",
    background=(
        "In each triple the network predicts three bits: the second, the XOR bit, and the first "
        "one of the next triple. The squared error of an answer is its squared distance from the "
        "bit that comes: 0 is perfect, 0.25 is what the answer 0.5 always costs, 1 is certain and "
        "wrong."
    ),
    experiment=XOR,
    measure=position_errors,
    values=(*_POSITIONS, *(f"floor at {name}" for name in _POSITIONS)),
    rows=_POSITION_ROWS,
    quantity=SQUARED,
    prediction=Guess("How large is the mean squared error?", _POSITION_ROWS, SQUARED),
    answer=_positions_answer,
    why=_positions_why,
    pointers=(
        Pointer("errors", "The three bars, and the grey marks that nobody can get below."),
        Pointer("states", "Which units tell the positions apart?"),
    ),
)

_FEATURES = TASKS["letters"].features


def _hard(e: Evidence, seed: int = 0) -> list[str]:
    """The features that a seed gets clearly worse at consonants than at vowels."""
    return [
        name
        for name in _FEATURES
        if e.all(name)[seed] > 0.05 and e.all(name)[seed] > 2 * e.all(f"vowel {name}")[seed]
    ]


def _consonants_answer(e: Evidence) -> str:
    hard = _hard(e)
    same = np.array([_hard(e, seed) == hard for seed in range(e.seeds)])
    vowel = max(e.own(f"vowel {name}") for name in _FEATURES)
    named = " and ".join(f"{name} ({e.own(name):.3f})" for name in hard) or "no feature"
    return (
        f"Where a consonant comes, your run errs in {named}; where a vowel comes its largest error "
        f"is {vowel:.3f}. {over(e).capitalize()} it is the same features in {of_seeds(same)}. Your "
        f"run is right at {e.own('right vowels'):.0%} of the vowels and at "
        f"{e.own('right consonants'):.0%} of the consonants."
    )


def _consonants_why(e: Evidence) -> str:
    open_ = [name for name in _FEATURES if e.own(f"floor of {name}") > 0]
    shut = [name for name in _FEATURES if name not in open_]
    floors = spread(SQUARED, [e.own(f"floor of {name}") for name in open_])
    return (
        "After a consonant its vowels are settled: b is followed by a, d by ii, g by uuu, so the "
        "whole next letter can be known. After the last vowel a consonant must come, but b, d and "
        f"g are equally likely. They agree in {', '.join(shut)}, which can be known, and differ in "
        f"{' and '.join(open_)}: each of these is 1 for one of the three, so the best answer is "
        f"1/3, at a squared error of {floors.middle:.3f}. A consonant is not one hard thing: most "
        "of its features are easy, and the error tells which are not."
    )


_FEATURE_ROWS = tuple(Row(name, name, best=f"floor of {name}") for name in _FEATURES)

CONSONANTS = Lab(
    name="consonants",
    title="Consonants and vowels",
    question="Which features of a coming consonant are hard to predict, and why?",
    background=(
        "The letters b, d and g come at random, each followed by its own vowels: ba, dii, guuu. "
        "A letter is coded by six features that are 0 or 1. The three consonants: b is neither "
        "High nor Back, d is High, g is Back; all are Consonant, Interrupted and Voiced, and none "
        "is a Vowel. The network guesses all six features of the next letter."
    ),
    experiment=LETTERS,
    measure=consonants_and_vowels,
    values=(
        "right vowels",
        "right consonants",
        *(f"{start}{name}" for name in _FEATURES for start in ("", "floor of ", "vowel ")),
    ),
    rows=_FEATURE_ROWS,
    quantity=SQUARED,
    prediction=Guess(
        "How large is the squared error of each feature, where a consonant comes?",
        _FEATURE_ROWS,
        SQUARED,
    ),
    answer=_consonants_answer,
    why=_consonants_why,
    pointers=(
        Pointer("errors", "Each feature at every step.", {"error_view": "features"}),
        Pointer("states", "Do consonants and vowels lie apart?", {"view": "components"}),
    ),
)


_RATES = {"0.01": 0.01, "0.1": 0.1, "1": 1.0}
_RATE_ROWS = tuple(
    Row(f"Learning rate {name}", "certain", f"rate {name}", "best certain") for name in _RATES
)


def _rate_answer(e: Evidence) -> str:
    rights = [f"{e.own('certain', f'rate {name}'):.0%} with {name}" for name in _RATES]
    counts = [f"{of_seeds(learned(e, 'certain', f'rate {name}'))} with {name}" for name in _RATES]
    return (
        f"Of the XOR bits your runs get right {', '.join(rights)}. {over(e).capitalize()} the bit "
        f"is right at more than {ENOUGH:.0%} in {', '.join(counts)}."
    )


def _rate_why(e: Evidence) -> str:
    slow, middle, fast = (
        spread(PERCENT, e.all("certain", f"rate {name}")).middle for name in _RATES
    )
    parts = ["Each step moves the weights against the gradient; the learning rate says how far."]
    if slow < middle:
        parts.append(
            f"With 0.01 (median {slow:.0%}) each step is a tenth as long as with 0.1, and after "
            "equally many passes a network may still sit on the plateau where all answers are "
            "near 0.5."
        )
    else:
        parts.append(f"With 0.01 it did as well as with 0.1 (medians {slow:.0%}, {middle:.0%}).")
    if fast < middle:
        parts.append(
            f"With 1 (median {fast:.0%}) every single bit moves the weights far. Two of three bits "
            "are coin flips, and each of them drags the weights away from what the XOR bits taught."
        )
    else:
        parts.append(f"With 1 it did no worse than with 0.1 (medians {fast:.0%}, {middle:.0%}).")
    parts.append("Elman does not state his learning rate.")
    return " ".join(parts)


LEARNING_RATE = Lab(
    name="learning-rate",
    title="Too small, too large",
    question="What does a learning rate that is too small do, and one that is too large?",
    background=(
        "After every bit each weight moves a little, so that the error at this bit would have been "
        "smaller. The **learning rate** sets how little. The lab trains three networks for equally "
        "many passes: with 0.01, 0.1 and 1. Guessing is right at half of the XOR bits."
    ),
    experiment=XOR,
    conditions={f"rate {name}": {"learning_rate": rate} for name, rate in _RATES.items()},
    measure=accuracies,
    values=("certain", "best certain"),
    rows=_RATE_ROWS,
    quantity=PERCENT,
    prediction=Guess("How often is each right at the XOR bits?", _RATE_ROWS, PERCENT),
    answer=_rate_answer,
    why=_rate_why,
    pointers=(
        Pointer("train", "The loss curve; then move the learning rate under More settings."),
        Pointer("watch", "How the errors move from pass to pass."),
    ),
)
