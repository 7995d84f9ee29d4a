"""Layers: the arguments of a recurrent layer, its shapes, its parameters and its numbers."""

from functools import partial

import streamlit as st

from elman.charts import layers as charts
from elman.studies import layer_code, layer_pass
from elman.ui import menu, page, prose, tables
from elman.ui.views import layer_form

menu.hand_over()

page.header(
    "Layers",
    "What goes into a recurrent layer, what comes out, and how many numbers does it learn?",
)
prose.say(
    "A recurrent layer reads a sequence step by step. After each step its **hidden state** holds "
    "what it made of everything so far, and the next step starts from it. Libraries do this for "
    "several sequences at once (a **batch**) and let layers stand on top of each other. Change an "
    "argument and see what changes with it; the names are PyTorch's."
)

sizes = layer_form.sizes()
figures = st.container()
arguments, training = layer_form.arguments(sizes)
made = layer_form.run_layer(arguments, training)
sequence = layer_form.sequence(arguments)
length = arguments.length_of(sequence)

folded, unrolled = figures.columns([1, 4])
with folded:
    page.figure(
        partial(charts.folded_stack, arguments),
        f"{arguments.input_size} inputs, {arguments.num_layers} layers of {arguments.kind} with "
        f"{arguments.directions} times {arguments.hidden_size} hidden units, "
        f"{made.layer.output_size} outputs at each step.",
    )
with unrolled:
    page.figure(
        partial(charts.unrolled_stack, arguments, sequence),
        f"Sequence {sequence + 1} of the batch: {length} of {arguments.steps} steps are read, the "
        f"rest is padding. {len(made.layer.records)} rows of states, from their initial states "
        "h0 to their final states h_n.",
    )
total = sum(p.size for p in made.layer.parameters.values())
ends = " and ".join(f"{letter}_n" for letter in made.layer.state_names)
prose.say(
    f"**This {arguments.kind} learns {total:,} numbers. It turns an input of shape "
    f"{made.x.shape} into an output of shape {made.output.shape}, and ends with {ends} of shape "
    f"{made.ends[0].shape}{' each' if len(made.ends) > 1 else ''}.**",
    figures,
)
prose.caption(
    "First the stack, then the same layers unrolled, once for each step. Pink: states, carried "
    "from step to step; h_n[k] is row k of the array h_n. Green: hidden units. The dashed loop of "
    "the stack is the pink row of the unrolled layers."
    + (" Beside each h an LSTM has a cell state: c0[k], c_n[k]." if len(made.ends) > 1 else "")
    + (" Pale boxes are padding: nothing passes through them." if length < arguments.steps else ""),
    figures,
)

st.subheader("Every shape")
st.table(
    layer_pass.shape_table(made).rename(
        columns={
            "array": "Array",
            "role": "What it is",
            "shape": "Shape",
            "axes": "Its axes",
            "numbers": "Numbers",
        }
    ),
    hide_index=True,
)
notes = [
    "**output** has the last layer's hidden state at every step; **h_n** has every layer's state "
    "at the end."
]
if arguments.batch_first:
    notes.append("batch_first moves the axes of x and output, **not** those of h0 and h_n.")
if arguments.bidirectional:
    notes.append(
        "The first half of output's features reads forward, the second half backward; backward, "
        "the end of a sequence is its first step."
    )
prose.caption(" ".join(notes))

st.subheader("Every parameter")
learned, counted = st.columns([3, 2])
with learned:
    tables.show_table(
        layer_pass.parameter_table(made.layer),
        "parameters",
        height="content" if len(made.layer.parameters) <= 16 else 500,
    )
with counted:
    gates = f"{made.layer.gates} gates · " if made.layer.gates > 1 else ""
    biases = " + 2 biases" if arguments.bias else ""
    each = " in each direction" if arguments.bidirectional else ""
    prose.say(f"A layer has {gates}hidden units · (inputs + hidden units{biases}) numbers{each}:")
    sums = enumerate(layer_pass.describe_counts(arguments), 1)
    prose.say("\n".join(f"- layer {number}: {sentence}" for number, sentence in sums))
    prose.say(f"Together **{total:,}**, however long the sequences are: every step uses the same.")

st.subheader("The numbers on their way")
state = layer_form.shown_state(made)
flow = layer_pass.flow_table(made, sequence, state)
page.figure(
    partial(charts.flow_map, flow),
    f"Heat map of sequence {sequence + 1}: " + ", ".join(flow["band"].unique()) + ", by step.",
)
words = (
    "Read it from the bottom up: random numbers come in as x, and each row of a band is one unit. "
    f"Pink frames mark what {state}_n keeps. Colours are scaled to the hidden states; larger "
    "inputs are as dark as the scale goes. "
)
words += "Forward states grow from left to right"
words += ", backward states from right to left." if arguments.bidirectional else "."
if arguments.lengths is not None:
    effect = layer_form.padding_effect(arguments)
    words += (
        f" Dashed cells are padding. With {layer_pass.LARGE:g} written into the padding of x, the "
        f"results change by {effect:g}: it does not count."
    )
prose.caption(words)
with st.expander("As a table"):
    wide = flow.pivot_table(
        index=["band", "unit"], columns="step", values="value", sort=False, dropna=False
    ).reset_index()
    wide.columns = [str(name) for name in wide.columns]
    tables.show_table(wide, "numbers of a layer", height="auto")

st.subheader("The same layer elsewhere")
python, r = st.tabs(["Python: PyTorch", "R: torch"])
with python:
    st.code(layer_code.python_code(made), language="python")
with r:
    st.code(layer_code.r_code(made), language="r")
    prose.caption(
        "In R layers count from 1: weight_ih_l0 of PyTorch is weight_ih_l1 there. Written for "
        "torch 0.13 after its manual, and not run here.",
    )

page.try_next(
    (
        "Read in both directions",
        "Which shapes double, and where does h_n of the backward row come from?",
        {"l_direction": "both directions"},
    ),
    (
        "Three lengths",
        "Look at sequence 3: its end is not the last step.",
        {"l_steps": 5, "l_batch": 3, "l_lengths": "5, 3, 1", "l_sequence": 3},
    ),
    (
        "Change the cell to RNN" if arguments.kind == "LSTM" else "Change the cell to LSTM",
        "An LSTM has four times the numbers of an RNN, and a second state.",
        {"l_kind": "RNN" if arguments.kind == "LSTM" else "LSTM"},
    ),
)
prose.say(
    """
##### What to expect, and why

- **More steps or sequences change no parameter.** The same weights are used at every step: that is
  what makes a layer recurrent, and why it can read sequences of any length.
- **More inputs change only the first layer.** Every other layer reads the hidden states of the one
  below it, twice as many if that one reads in both directions.
- **Twice the hidden units mean about four times the numbers to learn**, once there are more hidden
  units than inputs: each hidden unit listens to every other.
- **LSTM has four times, GRU three times the numbers of an RNN**, because it has a set of weights
  for each gate.
- **Padding only makes arrays rectangular.** A layer that is told the lengths stops each sequence at
  its own end; one that is not goes on through the zeros, and its h_n is the state after them.
"""
)
