"""The controls of the page on layers: widgets in, `LayerArguments` out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from elman.studies import layer_pass
from elman.studies.layer_pass import LayerArguments, LayerCall
from elman.ui import links

# Every widget's name in the link; other pages have some of the bare names.
PREFIX = "l_"

STOPS = {
    "input_size": (*range(1, 13), 16, 20, 26, 32, 50, 64, 100, 128, 256),
    "hidden_size": (*range(1, 13), 16, 20, 32, 50, 64, 100, 128, 200, 256),
    "num_layers": (1, 2, 3, 4),
    "steps": (*range(1, 13), 16, 20, 30, 50),
    "batch": (*range(1, 9), 10, 16, 32),
}

LABELS = {
    "input_size": "Inputs (input_size)",
    "hidden_size": "Hidden units (hidden_size)",
    "num_layers": "Layers (num_layers)",
    "steps": "Steps (seq)",
    "batch": "Sequences at once (batch)",
}

DEFAULTS: dict[str, Any] = {
    "kind": "RNN",
    "input_size": 3,
    "hidden_size": 4,
    "num_layers": 2,
    "direction": "forward",
    "steps": 5,
    "batch": 3,
    "lengths": "",
    "nonlinearity": "tanh",
    "bias": "True",
    "batch_first": "False",
    "dropout": 0.0,
    "mode": "evaluation",
    "sequence": 1,
    "state": "h",
}

MODES = ("evaluation", "training")


def apply(**changes: Any) -> None:
    """Set controls, by the names above; for buttons' callbacks."""
    for name, value in changes.items():
        st.session_state[PREFIX + name] = value


def sizes() -> dict[str, Any]:
    """Draw the controls that change shapes; what they choose, as fields of `LayerArguments`."""
    first, second = st.columns(4), st.columns(4)
    values: dict[str, Any] = {}
    with first[0]:
        values["kind"] = _choose(
            st.segmented_control,
            "Cell",
            tuple(layer_pass.KINDS),
            "kind",
            "**RNN**: the simple recurrent layer, Elman's. **LSTM** and **GRU** add gates that "
            "decide what is kept and what is written.",
        )
    for column, name in zip((*first[1:], second[1], second[2]), layer_pass.SIZES, strict=True):
        with column:
            words = f"{layer_pass.SIZES[name].help.capitalize()}."
            values[name] = _choose(st.select_slider, LABELS[name], STOPS[name], name, words)
    with second[0]:
        direction = _choose(
            st.segmented_control,
            "Reads",
            ("forward", "both directions"),
            "direction",
            "**both directions** (bidirectional=True): a second set of hidden units reads each "
            "sequence from its end.",
        )
    values["bidirectional"] = direction == "both directions"
    with second[3]:
        values["lengths"] = _lengths(values["steps"], values["batch"])
    return values


def arguments(chosen: dict[str, Any]) -> tuple[LayerArguments, bool]:
    """Draw the other arguments' controls; all of them with those of `sizes`, and whether dropout
    is at work."""
    with st.expander("More arguments: nonlinearity, bias, batch_first, dropout"):
        further, training = _further(chosen["kind"], chosen["num_layers"])
    return LayerArguments(**chosen, **further), training


def _further(kind: str, layers: int) -> tuple[dict[str, Any], bool]:
    columns = st.columns(4)
    values: dict[str, Any] = {}
    if kind == "RNN":
        with columns[0]:
            values["nonlinearity"] = _choose(
                st.segmented_control,
                "nonlinearity",
                ("tanh", "relu"),
                "nonlinearity",
                "What each hidden unit does with the sum that reaches it. LSTM and GRU have no "
                "choice here.",
            )
    words = {
        "bias": "Whether a constant is added to each sum; PyTorch has two, for input and state.",
        "batch_first": "Whether arrays have the sequences on their first axis, or the steps.",
    }
    for column, name in zip(columns[1:3], words, strict=True):
        with column:
            chosen = _choose(st.segmented_control, name, ("True", "False"), name, words[name])
            values[name] = chosen == "True"
    with columns[3]:
        values["dropout"] = _choose(
            st.select_slider,
            "dropout",
            (0.0, 0.1, 0.2, 0.3, 0.5, 0.8),
            "dropout",
            "The share of numbers set to zero on their way from one layer to the next, while "
            "training.",
        )
    if not values["dropout"]:
        return values, False
    if layers == 1:
        st.caption(
            "With one layer dropout does nothing, as there is nothing between layers; PyTorch "
            "warns about it."
        )
        return values, False
    mode = _choose(
        st.segmented_control,
        "Dropout is off in evaluation, at work in training",
        MODES,
        "mode",
        "layer.eval() and layer.train().",
    )
    return values, mode == "training"


def _lengths(steps: int, batch: int) -> tuple[int, ...] | None:
    text = st.text_input(
        "Length of each sequence",
        key=f"{PREFIX}lengths",
        bind="query-params",
        placeholder=f"all {steps} steps",
        max_chars=200,
        help=f"{batch} numbers from 1 to {steps}, such as "
        f"{', '.join(str(max(1, steps - k)) for k in range(batch))}. Shorter sequences are filled "
        "up with padding, which must not count.",
    )
    try:
        return layer_pass.parse_lengths(text, steps, batch)
    except ValueError as error:
        st.error(links.literal(f"{error} All sequences have {steps} steps for now."))
        return None


def sequence(made: LayerArguments) -> int:
    """Draw the choice of a sequence of the batch, counted from 1; its place, from 0."""
    if made.batch == 1:
        return 0
    words = "Pictures show one sequence of the batch; all are computed at once."
    options = tuple(range(1, made.batch + 1))
    # A smaller batch may leave a number that is no longer there.
    if st.session_state.get(PREFIX + "sequence", 1) not in options:
        st.session_state[PREFIX + "sequence"] = 1
    with st.columns([1, 3])[0]:
        return _choose(st.select_slider, "Sequence shown", options, "sequence", words) - 1


def state(made: LayerCall) -> str:
    """Draw the choice of a state, where there is one: "h" or "c"."""
    if len(made.layer.state_names) == 1:
        return "h"
    words = "**h**: what a layer passes on. **c**: what its gates keep inside."
    return _choose(st.segmented_control, "State shown", ("h", "c"), "state", words)


def _choose(widget: Any, label: str, options: tuple[Any, ...], name: str, words: str) -> Any:
    settings = {"required": True} if widget is st.segmented_control else {}
    return links.choose(
        widget,
        label,
        options,
        key=PREFIX + name,
        default=DEFAULTS[name],
        help=words,
        **settings,
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def run_layer(made: LayerArguments, training: bool) -> LayerCall:
    """The layer of these arguments, run once."""
    return layer_pass.run_layer(made, training=training)


@st.cache_data(max_entries=64, show_spinner=False)
def padding_effect(made: LayerArguments) -> float:
    """What a number written into the padding changes."""
    return layer_pass.padding_effect(run_layer(made, False))
