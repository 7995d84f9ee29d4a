"""The controls of the page on layers: widgets in, `LayerArguments` out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from elman.studies import layer_pass
from elman.studies.layer_pass import LayerArguments, LayerCall
from elman.ui import jobs, prose, server, state
from elman.ui.ends import PageEnds
from elman.ui.show import literal, named
from elman.ui.work import Work

# In links every name begins so; other pages have some of the bare names.
PREFIX = "l_"

SIZES = {
    "input_size": (
        "Inputs (input_size)",
        (*range(1, 13), 16, 20, 26, 32, 50, 64, 100, 128, 256),
        3,
    ),
    "hidden_size": (
        "Hidden units (hidden_size)",
        (*range(1, 13), 16, 20, 32, 50, 64, 100, 128, 200, 256),
        4,
    ),
    "num_layers": ("Layers (num_layers)", (1, 2, 3, 4), 2),
    "steps": ("Steps (seq)", (*range(1, 13), 16, 20, 30, 50), 5),
    "batch": ("Sequences at once (batch)", (*range(1, 9), 10, 16, 32), 3),
}
MODES = ("evaluation", "training")

KIND = state.Control(
    f"{PREFIX}kind",
    "Cell",
    st.segmented_control,
    tuple(layer_pass.KINDS),
    default="RNN",
    help="**RNN**: the simple recurrent layer, Elman's. **LSTM** and **GRU** add gates that "
    "decide what is kept and what is written.",
)
DIRECTION = state.Control(
    f"{PREFIX}direction",
    "Reads",
    st.segmented_control,
    ("forward", "both directions"),
    default="forward",
    help="**both directions** (bidirectional=True): a second set of hidden units reads each "
    "sequence from its end.",
)
SIZE_CONTROLS = {
    name: state.Control(
        PREFIX + name,
        label,
        st.select_slider,
        stops,
        default=default,
        help=f"{layer_pass.SIZES[name].help.capitalize()}.",
    )
    for name, (label, stops, default) in SIZES.items()
}
LENGTHS = state.Control(f"{PREFIX}lengths", "Length of each sequence", st.text_input)
NONLINEARITY = state.Control(
    f"{PREFIX}nonlinearity",
    "nonlinearity",
    st.segmented_control,
    ("tanh", "relu"),
    default="tanh",
    help="What each hidden unit does with the sum that reaches it. LSTM and GRU have no choice "
    "here.",
)
BIAS = state.Control(
    f"{PREFIX}bias",
    "bias",
    st.segmented_control,
    ("True", "False"),
    default="True",
    help="Whether a constant is added to each sum; PyTorch has two, for input and state.",
)
BATCH_FIRST = state.Control(
    f"{PREFIX}batch_first",
    "batch_first",
    st.segmented_control,
    ("True", "False"),
    default="False",
    help="Whether arrays have the sequences on their first axis, or the steps.",
)
DROPOUT = state.Control(
    f"{PREFIX}dropout",
    "dropout",
    st.select_slider,
    (0.0, 0.1, 0.2, 0.3, 0.5, 0.8),
    default=0.0,
    help="The share of numbers set to zero on their way from one layer to the next, while "
    "training.",
)
MODE = state.Control(
    f"{PREFIX}mode",
    "Dropout is off in evaluation, at work in training",
    st.segmented_control,
    MODES,
    default="evaluation",
    help="layer.eval() and layer.train().",
)
SEQUENCE = state.Control(
    f"{PREFIX}sequence",
    "Sequence shown",
    st.select_slider,
    default=1,
    help="Pictures show one sequence of the batch; all are computed at once.",
)
STATE = state.Control(
    f"{PREFIX}state",
    "State shown",
    st.segmented_control,
    ("h", "c"),
    default="h",
    help="**h**: what a layer passes on. **c**: what its gates keep inside.",
)


def sizes() -> dict[str, Any]:
    """Draw the controls that change shapes; what they choose, as fields of `LayerArguments`."""
    first, second = st.columns(4), st.columns([6, 4, 4, 4, 4])
    values: dict[str, Any] = {"kind": state.choose(KIND, first[0])}
    places = (*first[1:], second[1], second[2])
    for column, (name, control) in zip(places, SIZE_CONTROLS.items(), strict=True):
        values[name] = state.choose(control, column)
    values["bidirectional"] = state.choose(DIRECTION, second[0]) == "both directions"
    values["batch_first"] = state.choose(BATCH_FIRST, second[3]) == "True"
    with second[4]:
        values["lengths"] = _lengths(values["steps"], values["batch"])
    return values


def arguments(chosen: dict[str, Any]) -> tuple[LayerArguments, bool]:
    """Draw the other arguments' controls; all of them with those of `sizes`, and whether dropout
    is at work."""
    with st.expander("More arguments: nonlinearity, bias, dropout"):
        further, training = _further(chosen["kind"], chosen["num_layers"])
    return LayerArguments(**chosen, **further), training


def _further(kind: str, layers: int) -> tuple[dict[str, Any], bool]:
    columns = st.columns(3)
    values: dict[str, Any] = {}
    if kind == "RNN":
        values["nonlinearity"] = state.choose(NONLINEARITY, columns[0])
    values["bias"] = state.choose(BIAS, columns[1]) == "True"
    values["dropout"] = state.choose(DROPOUT, columns[2])
    if not values["dropout"]:
        return values, False
    if layers == 1:
        prose.caption(
            "With one layer dropout does nothing, as there is nothing between layers; PyTorch "
            "warns about it.",
        )
        return values, False
    return values, state.choose(MODE) == "training"


def _lengths(steps: int, batch: int) -> tuple[int, ...] | None:
    text = state.type_in(
        LENGTHS,
        placeholder=f"all {steps} steps",
        max_chars=200,
        help=f"{batch} numbers from 1 to {steps}, such as "
        f"{', '.join(str(max(1, steps - k)) for k in range(batch))}. Shorter sequences are filled "
        "up with padding, which must not count.",
    )
    try:
        return layer_pass.parse_lengths(text, steps, batch)
    except ValueError as error:
        words = f"{error} All sequences have {steps} steps for now."
        st.error(literal(named(words, _called)))
        return None


def _called(name: str) -> str | None:
    """How the page calls what the library calls so."""
    return LENGTHS.label if name == "lengths" else SIZES.get(name, (None,))[0]


def sequence(made: LayerArguments) -> int:
    """Draw the choice of a sequence of the batch, counted from 1; its place, from 0."""
    if made.batch == 1:
        return 0
    options = tuple(range(1, made.batch + 1))
    return state.choose(SEQUENCE, st.columns([1, 3])[0], options=options) - 1


def shown_state(made: LayerCall) -> str:
    """Draw the choice of a state, where there is one: "h" or "c"."""
    return "h" if len(made.layer.state_names) == 1 else state.choose(STATE)


def run_layer(made: LayerArguments, training: bool) -> LayerCall:
    """The layer of these arguments, run once. Ends the page if this server cannot hold it."""
    try:
        layer_pass.check_bytes(made, server.store().max_bytes)
    except ValueError as error:
        st.error(literal(named(str(error), _called)))
        raise PageEnds from None
    work = Work((made, training), "layer", lambda *_: layer_pass.run_layer(made, training=training))
    return jobs.answer(work, "Running this layer.")


def padding_effect(made: LayerArguments) -> float:
    """What a number written into the padding changes."""
    work = Work(made, "padding", lambda *_: layer_pass.padding_effect(layer_pass.run_layer(made)))
    return jobs.answer(work, "Running this layer with other padding.")
