"""Labs on the memory: taking it away, setting it back, and teaching it what to keep."""

from __future__ import annotations

import math

import numpy as np

from elman.analysis.learned import ENOUGH
from elman.experiment import Experiment
from elman.labs.lab import Choice, Evidence, Guess, Lab, Pointer, Quantity, Row, spread
from elman.labs.measures import SAME, accuracies, learning, reset_before_testing, streams
from elman.labs.words import PERCENT, SQUARED, estimated, learned, of_seeds, over

XOR = Experiment()

# Differences that go on for longer than this share of a test are lasting.
LASTING = 0.05

_STEPS = Quantity("Steps", 0, 3000, 1, spec=",.0f")


def _testing_decides(e: Evidence, seed: int) -> str:
    last, steps = e.all("last step apart")[seed], e.all("steps")[seed]
    if last == 0:
        return "same"
    return "soon" if last <= LASTING * steps else "lasting"


def _testing_answer(e: Evidence) -> str:
    last = e.all("last step apart")
    low, middle, high = spread(_STEPS, last)
    own = (
        f"In your run the answers of the two tests differ by more than {SAME:g} up to step "
        f"{last[0]:,.0f} and never again"
        if last[0]
        else f"In your run no two answers differ by more than {SAME:g}"
    )
    if last[0] > LASTING * e.own("steps"):
        own = f"In your run the two tests still differ at step {last[0]:,.0f}"
    return (
        f"{own}; of the XOR bits {e.own('right reset'):.1%} are right with a reset and "
        f"{e.own('right not reset'):.1%} without. {over(e).capitalize()} the last difference "
        f"comes at step {low:.0f} to {high:.0f} (median {middle:.0f})."
    ) + (" Step 0 means that there is none." if low == 0 else "")


def _testing_why(e: Evidence) -> str:
    last = e.all("last step apart")
    soon = last <= LASTING * e.all("steps")
    words = (
        "At each step the context is mixed with the new input and squashed, and what was in it "
        "before counts for less. The first answers start from different memories (they differ by "
        f"{e.own('first difference'):.2f} in your run), and the same inputs then lead both to the "
        "same memory. "
    )
    if soon.all():
        words += (
            "So it went with every seed: a context left over does no lasting harm to a network "
            "that was trained on a long unbroken stream. One that was reset at every triple may be "
            "another matter: see the lab on group boundaries."
        )
    else:
        words += (
            f"So it went in {of_seeds(soon)} seeds. In the others both tests stay apart: there the "
            "network relies on a reset that does not come, or keeps a trace of its first memory."
        )
    return words


BEFORE_TESTING = Lab(
    name="before-testing",
    title="No reset before testing",
    question="What happens if the context is not reset before testing?",
    background=(
        "The context is the network's memory: a copy of its hidden layer from the step before. In "
        "training it is set back to zero before each pass. The lab plays a new sequence twice to "
        "the trained network: once after such a reset, and once starting from whatever the context "
        f"held when training ended. Answers within {SAME:g} of each other count as the same."
    ),
    experiment=XOR,
    measure=reset_before_testing,
    values=("right reset", "right not reset", "first difference", "last step apart", "steps"),
    rows=(
        Row("Reset before testing", "right reset"),
        Row("Not reset before testing", "right not reset"),
    ),
    quantity=PERCENT._replace(title="Right at the XOR bits"),
    prediction=Choice(
        "Without the reset …",
        {
            "lasting": "the answers differ all through the test",
            "soon": "the first answers differ, the later ones do not",
            "same": "no answer differs",
        },
        _testing_decides,
        f"“All through” means: beyond the first {LASTING:.0%} of the steps.",
    ),
    answer=_testing_answer,
    why=_testing_why,
    pointers=(
        Pointer("train", "The first rows of the table, without a reset.", {"test_reset": "never"}),
        Pointer("errors", "The three bars, without a reset.", {"test_reset": "never"}),
    ),
)

_NONE, _WITH = "no memory", "with memory"


def _no_memory_answer(e: Evidence) -> str:
    n = e.own("steps tested", _NONE)
    chance = 1.96 * math.sqrt(0.25 / max(n, 1.0))
    guessing = np.abs(e.all("certain", _NONE) - 0.5) <= chance
    return (
        f"Without memory your run is right at {e.own('certain', _NONE):.1%} of the XOR bits; with "
        f"memory it is at {e.own('certain', _WITH):.1%}. Pure guessing gives "
        f"{0.5 - chance:.1%} to {0.5 + chance:.1%} in 95% of such tests ({n:,.0f} bits). "
        f"{over(e).capitalize()} the network without memory lies in there in {of_seeds(guessing)}."
    )


def _no_memory_why(e: Evidence) -> str:
    none, memory = (spread(PERCENT, e.all("certain", name)) for name in (_NONE, _WITH))
    words = (
        "To know the XOR bit one needs both bits before it. Set back before every step, the "
        "context is always the same, so the network sees the latest bit alone; and after a 0 as "
        "after a 1, the XOR bit is 0 or 1 equally often. No weights can help, and no training. "
        f"Its median is {none.middle:.0%}"
    )
    if memory.middle > none.middle:
        words += f", against {memory.middle:.0%} with memory: that difference is what memory does."
    else:
        words += f", and with memory {memory.middle:.0%}: here the memory was not put to use."
    return words


_MEMORY_ROW = Row("No memory", "certain", _NONE)

NO_MEMORY = Lab(
    name="no-memory",
    title="No memory at all",
    question="How often is a network without memory right at the XOR bits?",
    background=(
        "If the context is set back to zero before every step, nothing of earlier steps reaches "
        "the network: it sees one bit and must guess the next. It is trained for as many passes as "
        "a network with memory, and tested in the same way."
    ),
    experiment=XOR.replace(reset="step"),
    conditions={_NONE: {"reset": "step"}, _WITH: {"reset": "epoch"}},
    measure=accuracies,
    values=("certain", "best certain", "steps tested"),
    rows=(_MEMORY_ROW, Row("With memory", "certain", _WITH)),
    quantity=PERCENT._replace(title="Right at the XOR bits"),
    prediction=Guess("How often is it right at the XOR bits?", (_MEMORY_ROW,), PERCENT),
    answer=_no_memory_answer,
    why=_no_memory_why,
    pointers=(
        Pointer("errors", "All three bars, near 0.25."),
        Pointer("train", "The loss curve beside the line of the best memoryless guess."),
    ),
)

_NEVER, _GROUP = "never reset", "reset at each triple"


def _groups_answer(e: Evidence) -> str:
    counts = [
        of_seeds(learned(e, value, condition))
        for value, condition in (
            ("as trained", _NEVER),
            ("as trained", _GROUP),
            ("unbroken", _GROUP),
        )
    ]
    return (
        f"Your run is right at {e.own('as trained', _NEVER):.0%} of the XOR bits if it is never "
        f"reset, and at {e.own('as trained', _GROUP):.0%} if it is reset at each triple; but that "
        f"network gets {e.own('unbroken', _GROUP):.0%} of a stream without resets. "
        f"{over(e).capitalize()} these learn the rule in {counts[0]}, {counts[1]} and {counts[2]}."
    )


def _groups_why(e: Evidence) -> str:
    errors = [spread(SQUARED, e.all("error", name)).middle for name in (_NEVER, _GROUP)]
    lost = e.all("unbroken", _GROUP) < e.all("as trained", _GROUP) - 0.05
    words = (
        "A reset before each triple tells the network where it is: a context at its start value "
        "means that a first bit has come. Without resets it has to find that out, and nothing in "
        f"the stream marks it. The squared error at the XOR bit (median) is {errors[0]:.3f} "
        f"without resets and {errors[1]:.3f} with them. "
    )
    if lost.any():
        words += (
            f"The help has its price: in {of_seeds(lost)} seeds the network that was always told "
            "loses more than 5 points as soon as nobody tells it. A mark of the boundaries is part "
            "of the task, and a network that had it has solved an easier one. Elman's stream has "
            "no such mark."
        )
    else:
        words += "Here the network that was told the boundaries did not lose without them."
    return words


_GROUP_ROWS = (
    Row("Never reset", "as trained", _NEVER),
    Row("Reset at each triple, in training and test", "as trained", _GROUP),
    Row("Reset at each triple in training, not in the test", "unbroken", _GROUP),
)

GROUPS = Lab(
    name="groups",
    title="Resets at group boundaries",
    question="Does it help to reset the context before each triple, and what if the help ends?",
    background=(
        "The stream has no marks: a network must find out by itself which bit begins a triple. A "
        "reset of the context before each triple is such a mark. One network is never reset, one "
        "before each triple, in training and in the test. The latter is then tested once more, "
        "with a single reset at the beginning."
    ),
    experiment=XOR.replace(reset="group"),
    conditions={_NEVER: {"reset": "never"}, _GROUP: {"reset": "group"}},
    measure=streams,
    values=("as trained", "unbroken", "error"),
    rows=_GROUP_ROWS,
    quantity=PERCENT._replace(title="Right at the XOR bits"),
    prediction=Guess("How often is each right at the XOR bits?", _GROUP_ROWS, PERCENT),
    answer=_groups_answer,
    why=_groups_why,
    pointers=(
        Pointer(
            "errors", "The bars with resets as trained; then choose other resets for the test."
        ),
        Pointer("states", "Do the three positions lie apart?", {"view": "components"}),
    ),
)

_DEPTHS = {f"gradient depth {depth}": {"depth": depth} for depth in (1, 2, 4)}
_ONE, _TWO, _DEEP = _DEPTHS
# Errors closer than this share are about the same.
_ALIKE = 0.9


def _depth_decides(e: Evidence, seed: int) -> str:
    one, deep = (e.all("error", name)[seed] for name in (_ONE, _DEEP))
    if deep < _ALIKE * one:
        return "smaller"
    return "larger" if one < _ALIKE * deep else "same"


def _depth_answer(e: Evidence) -> str:
    smaller = np.array([_depth_decides(e, seed) == "smaller" for seed in range(e.seeds)])
    own = ", ".join(f"{e.own('error', name):.3f} with depth {name.split()[-1]}" for name in _DEPTHS)
    counts = ", ".join(of_seeds(learned(e, "certain", name)) for name in _DEPTHS)
    return (
        f"At the XOR bit your runs have a squared error of {own}. {over(e).capitalize()} depth 4 "
        f"has a clearly smaller one than depth 1 in {estimated(smaller)}; "
        f"the bit is right at more than {ENOUGH:.0%} in {counts}."
    )


def _depth_why(e: Evidence) -> str:
    middles = [spread(SQUARED, e.all("error", name)).middle for name in _DEPTHS]
    passes = [spread(_DEPTH_PASSES, e.all("learned after", name)).middle for name in (_ONE, _DEEP)]
    parts = [
        "Elman's gradient takes the context as given: it teaches a unit to use what the memory "
        "happens to hold, but never the step before what it should have kept. A deeper gradient "
        "carries the error back through the context, so that it also teaches what to keep.",
        f"The medians of the error are {middles[0]:.3f}, {middles[1]:.3f} and {middles[2]:.3f} "
        "with depth 1, 2 and 4.",
    ]
    if middles[2] < _ALIKE * middles[0]:
        parts.append("So it pays here, though a step costs more work with each further depth.")
    else:
        parts.append("So it does not pay here, and each further depth costs more work.")
    parts.append(
        "It is no quick way off the plateau, however"
        if not passes[1] * 1.2 < passes[0]
        else "The rule is also learned sooner"
    )
    parts[-1] += (
        f": half of the networks are right at more than {ENOUGH:.0%} of the XOR bits after "
        f"{_DEPTH_PASSES.spell(passes[0])} with depth 1 and {_DEPTH_PASSES.spell(passes[1])} with "
        "depth 4."
    )
    if learned(e, "certain", _ONE).mean() > 0.5:
        parts.append(
            "Where one step of memory is all that is needed, as here, a gradient of one step often "
            "is enough to get the answers right."
        )
    return " ".join(parts)


_DEPTH_PASSES = Quantity("Passes", 1, XOR.epochs, 10, spec=",.0f", unit="passes", missing="never")
_DEPTH_ROWS = tuple(Row(name.capitalize(), "error", name) for name in _DEPTHS)

DEPTH = Lab(
    name="depth",
    title="Deeper gradients",
    question="Does a deeper gradient learn XOR better than Elman's one-step gradient?",
    background=(
        "To learn, the network asks how each weight affects the error at this step. Elman's answer "
        "stops at the context, as if it were an input: **depth 1**. A gradient of depth 4 follows "
        "the error three steps further back, through the copies of the hidden layer "
        "(backpropagation through time). The lab compares depths 1, 2 and 4."
    ),
    experiment=XOR.replace(depth=4),
    conditions=_DEPTHS,
    measure=learning,
    values=("certain", "error", "learned after"),
    rows=_DEPTH_ROWS,
    quantity=SQUARED._replace(title="Squared error at the XOR bit"),
    prediction=Choice(
        "At the XOR bit, depth 4 has …",
        {
            "smaller": "a clearly smaller error than depth 1",
            "same": "about the same error",
            "larger": "a clearly larger error",
        },
        _depth_decides,
        f"“Clearly” means: less than {_ALIKE:.0%} of the other error.",
    ),
    answer=_depth_answer,
    why=_depth_why,
    pointers=(
        Pointer("gradients", "How far back the error reaches."),
        Pointer("train", "The loss curve; then set the depth back to 1 under More settings."),
    ),
)
