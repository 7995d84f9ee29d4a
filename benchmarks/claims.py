"""What the app says of networks in general, sentence by sentence, and how many seeds bear it out.

python benchmarks/claims.py            all claims, many minutes; the table is benchmarks/claims.md
python benchmarks/claims.py memory     only those of the files with "memory" in their path

A sentence that is made from the run on the screen needs no list: its numbers are that run's. Here
are those that are printed whatever the run is. Each must still stand where the list says, word for
word, and at least `NEEDED` of the cases must agree.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from claims_elman import (
    blind_at_first,
    clipping_tames,
    first_letters_err,
    large_rate_drags,
    learning_opens_a_way,
    more_units_sooner,
    no_memory_is_chance,
    overwritten_still_learns,
    plateau_first,
    relu_needs_more,
    sigmoid_shrinks_at_eight,
    step_by_step,
    tanh_grows_above_one,
    unit_ends_the_plateau,
)
from claims_studies import (
    LAGS,
    all_right_at_lag_one,
    asked_at_every_step,
    both_ways_help,
    bottleneck,
    close_not_right,
    half_open_gates,
    in_order,
    kinds_alike,
    line_is_hard_to_beat,
    more_than_a_letter,
    more_updates_further,
    naive_is_hard_to_beat,
    near_best,
    older_is_squashed,
    one_unit_is_too_few,
    seeds_differ_at_the_edge,
    shape,
    slope_beyond,
    tanh_stays_behind,
    weights_keep_likeness,
    worse_outside,
    worth_where_earlier_rows_count,
)
from claims_support import NEEDED, SEEDS, Support

PROJECT = Path(__file__).resolve().parents[1]


class Claim(NamedTuple):
    """A sentence of the app: its file, its beginning as it stands there, and what measures it."""

    file: str
    words: str
    measure: Callable[[], Support]


GRADIENTS, MEMORY, NUMBERS = "pages/gradients.py", "pages/memory.py", "pages/numbers.py"
TABLE = "pages/table.py"
SHAPES, LEARNING, SIZES = "pages/shapes.py", "elman/labs/learning.py", "elman/labs/sizes.py"

CLAIMS = (
    Claim(
        "elman/ui/views/errors.py",
        "of 20 networks with the default settings 4 err there by more than 0.5",
        first_letters_err,
    ),
    Claim(GRADIENTS, "begins almost blind to what lies three steps back", blind_at_first),
    Claim(GRADIENTS, "about a twentieth with 4 units, a quarter with 150", step_by_step),
    Claim(
        GRADIENTS, "Learning makes the context weights larger and so opens a", learning_opens_a_way
    ),
    Claim(GRADIENTS, "With tanh units gradients grow above a", tanh_grows_above_one),
    Claim(GRADIENTS, "Rectified units need more", relu_needs_more),
    Claim(GRADIENTS, "sigmoid units gradients still shrink at 8.", sigmoid_shrinks_at_eight),
    Claim(GRADIENTS, "Clipping tames a gradient that explodes.", clipping_tames),
    Claim(GRADIENTS, "leave a network that still learns, only worse.", overwritten_still_learns),
    Claim(LEARNING, "every answer is near 0.5, and the loss stays near 0.25: ", plateau_first),
    Claim(LEARNING, "begins to tell equal bits from unequal ones", unit_ends_the_plateau),
    Claim(LEARNING, "every single bit moves the weights far.", large_rate_drags),
    Claim(SIZES, "so the plateau tends to end sooner.", more_units_sooner),
    Claim("elman/labs/memory.py", "No weights can help, and no training.", no_memory_is_chance),
    Claim("elman/labs/inside.py", "what is older is squashed at every", older_is_squashed),
    Claim("elman/labs/inside.py", "random weights keep likeness", weights_keep_likeness),
    Claim(
        "elman/labs/beyond.py",
        "at about the right slope.",
        partial(slope_beyond, "relu", 0.5, 1.5),
    ),
    Claim(
        "elman/labs/beyond.py",
        "such a unit flattens, and so does the answer.",
        partial(slope_beyond, "tanh", -0.5, 0.5),
    ),
    Claim(MEMORY, "At lag 1 all four are right, or nearly", all_right_at_lag_one),
    Claim(
        MEMORY,
        "The one-step gradient fails first.",
        partial(in_order, "one-step", "full", strictly=True),
    ),
    Claim(
        MEMORY,
        "Gates that start nearly open reach furthest",
        partial(in_order, "full", "gru", strictly=False),
    ),
    Claim(
        MEMORY,
        "the GRU's by far",
        partial(in_order, "lstm", "gru", strictly=True, lags=(*LAGS, 32)),
    ),
    Claim(MEMORY, "Half-open gates halve", half_open_gates),
    Claim(MEMORY, "More updates bring them and the full gradient", more_updates_further),
    Claim(MEMORY, "Learners reach further than when asked at the end", asked_at_every_step),
    Claim(
        MEMORY,
        "Still further out the order is the same",
        partial(in_order, "one-step", "full", "gru", strictly=True, lags=(*LAGS, 32), ask="every"),
    ),
    Claim(MEMORY, "most where a learner is about to fail", seeds_differ_at_the_edge),
    Claim(NUMBERS, "Close to right, not right.", close_not_right),
    Claim(NUMBERS, "Outside the range that it saw it gets worse", worse_outside),
    Claim(NUMBERS, "tanh units flatten and stay behind", tanh_stays_behind),
    Claim(NUMBERS, "In each sequence above but the noisy line the next", line_is_hard_to_beat),
    Claim(
        SHAPES,
        "Expect about as many right answers as anybody could give",
        partial(near_best, "one-to-one"),
    ),
    Claim(SHAPES, "RNN, LSTM and GRU do ", kinds_alike),
    Claim(
        SHAPES,
        "Expect nearly as many right answers as the blurred consonant",
        partial(near_best, "one-to-many"),
    ),
    Claim(SHAPES, "One hidden unit cannot hold both.", one_unit_is_too_few),
    Claim(SHAPES, "Expect nearly all right, on strings", partial(shape, "many-to-one", 0.9)),
    Claim(SHAPES, "Expect more right answers than any single letter allows.", more_than_a_letter),
    Claim(SHAPES, "a letter is also explained by what comes after it.", both_ways_help),
    Claim(
        SHAPES,
        "Expect nearly all right with enough hidden units.",
        partial(shape, "many-to-many, unequal", 0.9),
    ),
    Claim(SHAPES, "so a small state is a bottleneck", bottleneck),
    Claim(
        TABLE,
        "**The last value is hard to beat** where a column changes slowly",
        partial(naive_is_hard_to_beat, 1.0, "last value"),
    ),
    Claim(
        TABLE,
        "and a straight line where the next row is a weighted sum of this one",
        partial(naive_is_hard_to_beat, 0.6, "straight line"),
    ),
    Claim(
        TABLE,
        "A network is worth its trouble where the next row depends on earlier ones",
        worth_where_earlier_rows_count,
    ),
)


def main(part: str = "") -> int:
    chosen = [claim for claim in CLAIMS if part in claim.file]
    lines, failed = [], 0
    for claim in chosen:
        if " ".join(claim.words.split()) not in told(claim.file):
            raise SystemExit(f"{claim.file} no longer says: {claim.words}")
        support = claim.measure()
        failed += not support.holds
        lines.append(
            f"| {claim.file} | {claim.words.strip()} | {support.agree} of {support.of} "
            f"| {'yes' if support.holds else '**no**'} | {support.numbers} |"
        )
        print(lines[-1], flush=True)
    if not part:
        head = (
            "# What the app says of networks in general, and what bears it out\n\n"
            f"From `python benchmarks/claims.py`: {SEEDS} seeds each; at least {NEEDED:.0%} of the "
            "cases must agree. Numbers are the median, in brackets lowest and highest.\n\n"
            "| where | what it says | agree | holds | numbers |\n|---|---|---|---|---|\n"
        )
        Path(__file__).with_suffix(".md").write_text(head + "\n".join(lines) + "\n")
    return failed


def told(file: str) -> str:
    """All that is printed by a file: its literal texts, one after the other, spaces folded."""
    literals = (
        node.value
        for node in ast.walk(ast.parse((PROJECT / file).read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return " ".join(" ".join(literals).split())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
