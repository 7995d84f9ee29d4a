"""Labs beyond Elman's network: what a layer gives back, and numbers that were never seen."""

from __future__ import annotations

import numpy as np

from elman.labs.inside_measures import (
    BATCH,
    FEATURES,
    LAYERS,
    LEARNED,
    STEPS,
    UNITS,
    WINDOWS,
    forecasts,
    last_states,
)
from elman.labs.lab import Choice, Evidence, Guess, Lab, Pointer, Quantity, Row, spread
from elman.labs.words import middle_and_range, of_seeds, over

_SHAPES = {
    "batch": (BATCH, LAYERS, UNITS),
    "layers": (LAYERS, BATCH, UNITS),
    "steps": (BATCH, STEPS, UNITS),
}


def _h_n_shape(e: Evidence, seed: int) -> tuple[int, ...]:
    sizes = [e.all(f"axis {place}")[seed] for place in range(3)]
    return tuple(int(size) if np.isfinite(size) else 0 for size in sizes)


def _h_n_decides(e: Evidence, seed: int) -> str:
    shape = _h_n_shape(e, seed)
    return next((name for name, one in _SHAPES.items() if one == shape), "layers")


def _h_n_answer(e: Evidence) -> str:
    padded = e.all("padded") > 0
    return (
        f"h_n has the shape {_h_n_shape(e, 0)}: layers first, whatever batch_first says. "
        f"{over(e).capitalize()} its last layer differs from the last step of the output by at "
        f"most {np.nanmax(e.all('full'), initial=0.0):.3f} where all sequences are full, and it "
        f"differs in {of_seeds(padded)} where some are shorter, in yours by up to "
        f"{e.own('padded'):.3f}."
    )


def _h_n_why(e: Evidence) -> str:
    return (
        "The output has the state of the last layer at every step; batch_first says which of its "
        "first two axes is which, for input and output alone. With it and without it the same "
        f"numbers come, axes exchanged: they differ by {e.own('exchanged'):.3f}. h_n has the state "
        "after the last step, but of every layer: the layers come first, so that h_n[-1] is the "
        "last one. A shorter sequence ends before the batch does: behind its end the output is "
        "zero, and h_n is the state at its own last step. So read a whole sequence from h_n[-1], "
        "not from the last step of the output. These are the rules of PyTorch."
    )


_DIFFERENCES = Quantity("Largest difference", 0.0, 1.0, 0.01, spec=".3f")

H_N = Lab(
    name="last-state",
    title="batch_first and h_n",
    question="What shape has the last state h_n of a layer that takes its batch first?",
    background=(
        f"`RNN({FEATURES}, {UNITS}, num_layers={LAYERS}, batch_first=True)` reads an input of "
        f"shape ({BATCH}, {STEPS}, {FEATURES}): {BATCH} sequences of {STEPS} steps with {FEATURES} "
        f"features. `output, h_n = layer(x)` gives an output of shape ({BATCH}, {STEPS}, "
        f"{UNITS}), and the last state **h_n**. The lab makes such layers with random weights and "
        "random input, compares h_n with the last step of the output, once with full sequences "
        "and once with shorter ones among them, and does all without batch_first, too."
    ),
    experiment=None,
    measure=last_states,
    values=("axis 0", "axis 1", "axis 2", "full", "padded", "exchanged"),
    rows=(
        Row("h_n and the last step of the output, all sequences full", "full"),
        Row("h_n and the last step of the output, some shorter", "padded"),
        Row("Output with and without batch_first", "exchanged"),
    ),
    quantity=_DIFFERENCES,
    prediction=Choice(
        "h_n has the shape …",
        {
            "batch": f"{_SHAPES['batch']}: sequences first, like the output",
            "layers": f"{_SHAPES['layers']}: layers first",
            "steps": f"{_SHAPES['steps']}: a state for each step",
        },
        _h_n_decides,
    ),
    answer=_h_n_answer,
    why=_h_n_why,
    pointers=(
        Pointer("layers", "A layer with its shapes; set batch_first, lengths and layers."),
        Pointer("shapes", "Which tasks read the whole output, and which the last state."),
    ),
)

_RELU, _TANH = "relu", "tanh"
_NUMBERS = Quantity("Predicted number", 0.0, 30.0, 0.5, spec=".1f")
_NUMBER_ROWS = tuple(
    Row(
        f"{' '.join(map(str, WINDOWS[place]))} … with {name} units",
        place,
        name,
        f"right {place}",
    )
    for name in (_RELU, _TANH)
    for place in ("inside", "next", "far")
)
# The further ones are what is asked.
_ASKED = tuple(row for row in _NUMBER_ROWS if row.value != "inside")
# An answer is right that rounds to the right number.
HALF = 0.5


def _numbers_right(e: Evidence, place: str, condition: str) -> np.ndarray:
    apart = np.abs(e.all(place, condition) - e.all(f"right {place}", condition))
    return apart < HALF


def _numbers_answer(e: Evidence) -> str:
    parts = []
    for place, words in (("inside", "within"), ("next", "just beyond"), ("far", "far beyond")):
        counts = [of_seeds(_numbers_right(e, place, name)) for name in (_RELU, _TANH)]
        parts.append(f"{words} what was learned in {counts[0]} with relu and {counts[1]} with tanh")
    said = [e.own("far", name) for name in (_RELU, _TANH)]
    return (
        f"After {', '.join(map(str, WINDOWS['far']))} your networks say {said[0]:.1f} with relu "
        f"and {said[1]:.1f} with tanh; {e.own('right far', _RELU):.0f} is right. "
        f"{over(e).capitalize()} the answer rounds to the right number {'; '.join(parts)}."
    )


def _numbers_why(e: Evidence) -> str:
    relu, tanh = (middle_and_range(_NUMBERS, e.all("far", name)) for name in (_RELU, _TANH))
    middles = [spread(_NUMBERS, e.all("far", name)).middle for name in (_RELU, _TANH)]
    words = (
        f"The network never learned to count. It fitted {len(LEARNED) - len(WINDOWS['far'])} "
        "windows, and outside them nothing in training says how it should go on: that is up to "
        f"the shape of its units. With relu {relu}: such a unit goes on in a straight line, so the "
        f"answer does, too, at about the right slope. With tanh {tanh}: "
    )
    words += (
        "such a unit flattens, and so does the answer."
        if middles[1] < e.own("right far", _TANH) - HALF
        else "here it went on as well."
    )
    return words + (
        " A straight line through the windows would be right everywhere. Test a forecast on what "
        "lies beyond the numbers it was made from."
    )


NUMBERS = Lab(
    name="numbers",
    title="Numbers never seen",
    question="When does a network that learned to count from 0 to 9 fail?",
    background=(
        "A network learns the numbers 0 to 9 in windows of three: after 0 1 2 comes 3, after 6 7 8 "
        "comes 9. Then it is asked what comes after 4 5 6, which it knows, after 7 8 9, which is "
        "new, and after 17 18 19, which is far from all it saw. One network has hidden units "
        "that grow without end (relu), the other units that stay between −1 and 1 (tanh)."
    ),
    experiment=None,
    conditions={_RELU: {}, _TANH: {}},
    measure=forecasts,
    values=tuple(f"{start}{place}" for place in WINDOWS for start in ("", "right ")),
    rows=_NUMBER_ROWS,
    quantity=_NUMBERS,
    prediction=Guess("Which number does each say comes next?", _ASKED, _NUMBERS),
    answer=_numbers_answer,
    why=_numbers_why,
    pointers=(Pointer("numbers", "The same network, with any sequence and window."),),
)
