"""A training step as a sequence of quantities: words, equation, numbers and source of each."""

from __future__ import annotations

import re
from collections.abc import Sequence as Order
from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.analysis.source_lines import Lines, body, statement
from elman.analysis.states import symbol_names
from elman.analysis.stepping import Step
from elman.experiment import Experiment
from elman.network import ElmanNetwork, activate, logistic, slope
from elman.tasks import Sequence, Task

STAGES = ("forward", "error", "backward", "update", "copy")

# What is shown of a layer with more units than this.
MOST_UNITS = 8

# Of a one-hot code with more symbols: the first few beside those that matter at this step.
FIRST_SYMBOLS = 3

ARRAYS = {
    "changes": "what this step adds to each weight",
    "gradients": "how the error would grow with each weight",
    "before": "the weights that this step used",
    "after": "the weights that the next step will use",
}
VELOCITY = {"velocity": "what the step before added to each weight"}

_ACTIVATIONS = {
    "sigmoid": r"h = s(z_h) \qquad s(z) = \frac{1}{1 + e^{-z}}",
    "tanh": r"h = \tanh(z_h)",
    "relu": r"h = \max(z_h,\ 0)",
}
_SLOPES = {
    "sigmoid": r"f'(h) = h\,(1 - h)",
    "tanh": r"f'(h) = 1 - h^2",
    "relu": r"f'(h) = 1 \text{ where } h > 0, \text{ else } 0",
}


class Units(NamedTuple):
    """Which units are shown (indices from 0), and the names of all inputs and outputs."""

    inputs: np.ndarray
    hidden: np.ndarray
    outputs: np.ndarray
    names: tuple[str, ...]

    @property
    def labels(self) -> dict[str, list[str]]:
        """A short name for each shown unit of a layer."""
        hidden = [f"h\u00a0{unit + 1}" for unit in self.hidden]
        return {
            "input": [plain(self.names[unit]) for unit in self.inputs],
            "hidden": hidden,
            "context": [name.replace("h", "c") for name in hidden],
            "output": [plain(self.names[unit]) for unit in self.outputs],
        }


class Table(NamedTuple):
    """Numbers, one row a unit (or a step back), with Markdown names.

    Without a title each column is a quantity of its own; with one all are of one kind.
    """

    frame: pd.DataFrame
    title: str = ""


class Quantity(NamedTuple):
    """One thing that a step computes: words and equation, its numbers, the source of them."""

    stage: str
    title: str
    words: str
    equation: str
    tables: tuple[Table, ...]
    lines: tuple[Lines, ...]


def plain(text: str) -> str:
    """A text as Markdown that shows it as it is, whatever signs it has."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def hidden_ranges(n_hidden: int) -> list[str]:
    """The stretches of hidden units that are shown at a time, as "9 to 16"."""
    return [
        f"{first + 1} to {min(first + MOST_UNITS, n_hidden)}"
        for first in range(0, n_hidden, MOST_UNITS)
    ]


def choose_units(step: Step, task: Task, hidden_range: str = "", further: Order[str] = ()) -> Units:
    """All units of narrow layers; of wide ones a stretch, or the symbols that matter most.

    Of many one-hot symbols these are the first few, the one that is read, the one that comes, the
    three with the largest outputs, and `further` ones by name.
    """
    first, _, last = (hidden_range or hidden_ranges(len(step.hidden))[0]).partition(" to ")
    hidden = np.arange(int(first) - 1, int(last))
    n_input, n_output = len(step.x), len(step.output)
    asked = {task.features.index(name) for name in further}
    inputs, outputs = (set(range(n)) for n in (n_input, n_output))
    if n_input > MOST_UNITS:
        inputs = {*range(FIRST_SYMBOLS), *np.flatnonzero(step.x).tolist(), *asked}
    if n_output > MOST_UNITS:
        largest = np.argsort(-step.output, kind="stable")[:3].tolist()
        outputs = {*range(FIRST_SYMBOLS), *np.flatnonzero(step.target).tolist(), *largest, *asked}
    return Units(
        *(np.array(sorted(s), dtype=int) for s in (inputs, hidden, outputs)), task.features
    )


def quantities(
    step: Step,
    experiment: Experiment,
    sequence: Sequence,
    task: Task,
    units: Units,
    array: str = "changes",
) -> list[Quantity]:
    """Everything that a step computes, in order; `array` is which weights the update shows."""
    return [
        *_forward(step, experiment, sequence, task, units),
        *_error(step, units),
        *_backward(step, experiment, sequence, task, units),
        _update(step, experiment, units, array),
        _copy(step, units),
    ]


def _forward(
    step: Step, experiment: Experiment, sequence: Sequence, task: Task, units: Units
) -> list[Quantity]:
    w, labels = step.before, units.labels
    read = plain(task.symbols[sequence.symbols[step.step]])
    context_from = ElmanNetwork.update_context
    if step.reset:
        context_words = (
            f"The context was set back to {experiment.context_start:g} before this step: the "
            "network knows nothing of what came before."
        )
        context_equation = r"c = c_{\text{start}}"
        context_from = ElmanNetwork.reset_context
    else:
        context_words = "The network's memory: its hidden activations at the step before."
        context_equation = r"c = h_{t-1}"
    hidden_net = pd.DataFrame(
        {
            r"$W_{ih}\,x$": (w["W_ih"] @ step.x)[units.hidden],
            r"$W_{hh}\,c$": (w["W_hh"] @ step.context)[units.hidden],
            "$b_h$": w["b_h"][units.hidden],
            "$z_h$": step.hidden_net_input[units.hidden],
        },
        index=labels["hidden"],
    )
    output_net = pd.DataFrame(
        {
            r"$W_{ho}\,h$": (w["W_ho"] @ step.hidden)[units.outputs],
            "$b_o$": w["b_o"][units.outputs],
            "$z_o$": step.output_net_input[units.outputs],
        },
        index=labels["output"],
    )
    inputs = pd.DataFrame({"$x$": step.x[units.inputs]}, index=labels["input"])
    contexts = pd.DataFrame({"$c$": step.context[units.hidden]}, index=labels["context"])
    hidden = pd.DataFrame(
        {"$z_h$": step.hidden_net_input[units.hidden], "$h$": step.hidden[units.hidden]},
        index=labels["hidden"],
    )
    outputs = pd.DataFrame(
        {"$z_o$": step.output_net_input[units.outputs], "$y$": step.output[units.outputs]},
        index=labels["output"],
    )
    squash = [body(activate)] + [body(logistic)] * (experiment.activation == "sigmoid")
    return [
        Quantity(
            "forward", "Input",
            f"The network reads **{read}**, as numbers.",
            "x = x_t",
            (Table(inputs),), (statement(ElmanNetwork.train_step, "(output, hidden)"),),
        ),
        Quantity(
            "forward", "Context", context_words, context_equation,
            (Table(contexts),), (statement(context_from, "self.context"),),
        ),
        Quantity(
            "forward", "Net input of the hidden units",
            "Each hidden unit adds up what reaches it: inputs and contexts, each times its weight, "
            "and its bias.",
            r"z_h = W_{ih}\,x + W_{hh}\,c + b_h",
            (Table(hidden_net),), (statement(ElmanNetwork.hidden_net_input, "return"),),
        ),
        Quantity(
            "forward", "Hidden activation",
            "The sum goes through the activation function.",
            _ACTIVATIONS[experiment.activation],
            (Table(hidden),), (statement(ElmanNetwork.forward, "hidden"), *squash),
        ),
        Quantity(
            "forward", "Net input of the output units",
            "Each output unit adds up the hidden activations, each times its weight, and its bias.",
            r"z_o = W_{ho}\,h + b_o",
            (Table(output_net),), (statement(ElmanNetwork.output_net_input, "return"),),
        ),
        Quantity(
            "forward", "Output",
            "The network's answer, pressed between 0 and 1 by the logistic function.",
            r"y = s(z_o) \qquad s(z) = \frac{1}{1 + e^{-z}}",
            (Table(outputs),), (statement(ElmanNetwork.forward, "output"), body(logistic)),
        ),
    ]  # fmt: skip


def _error(step: Step, units: Units) -> list[Quantity]:
    frame = pd.DataFrame(
        {"$d$": step.target[units.outputs], "$y$": step.output[units.outputs],
         "$e$": step.error[units.outputs]},
        index=units.labels["output"],
    )  # fmt: skip
    return [
        Quantity(
            "error", "Error",
            "What came, minus what was answered: above zero where the output was too small.",
            r"e = d - y",
            (Table(frame),), (statement(ElmanNetwork.backward, "return"),),
        )
    ]  # fmt: skip


def _backward(
    step: Step, experiment: Experiment, sequence: Sequence, task: Task, units: Units
) -> list[Quantity]:
    labels = units.labels
    outputs, hidden = units.outputs, units.hidden
    arrives = step.before["W_ho"].T @ step.output_delta
    slopes = slope(experiment.activation, step.hidden)
    output_delta = pd.DataFrame(
        {
            "$e$": step.error[outputs],
            r"$y\,(1-y)$": (step.output * (1.0 - step.output))[outputs],
            r"$\delta_o$": step.output_delta[outputs],
        },
        index=labels["output"],
    )
    hidden_delta = pd.DataFrame(
        {
            r"$W_{ho}^{\top}\delta_o$": arrives[hidden],
            "$f'(h)$": slopes[hidden],
            r"$\delta_h$": step.hidden_deltas[0][hidden],
        },
        index=labels["hidden"],
    )
    found = [
        Quantity(
            "backward", "Output delta",
            "How far, and which way, each output's net input should go. Where the output is near "
            "0 or 1 its slope is small, and so is the delta.",
            r"\delta_o = e\; y\,(1 - y)",
            (Table(output_delta),), (statement(ElmanNetwork.deltas, "output_delta"),),
        ),
        Quantity(
            "backward", "Hidden delta",
            "The output deltas flow back through the weights they came by, times the slope of each "
            "hidden unit.",
            rf"\delta_h = f'(h)\; W_{{ho}}^{{\top}}\,\delta_o \qquad "
            rf"{_SLOPES[experiment.activation]}",
            (Table(hidden_delta),), (statement(ElmanNetwork.deltas, "hidden_delta"), body(slope)),
        ),
    ]  # fmt: skip
    if experiment.depth > 1:
        found.append(_further_back(step, experiment, sequence, task, units))
    return found


def _further_back(
    step: Step, experiment: Experiment, sequence: Sequence, task: Task, units: Units
) -> Quantity:
    lags = len(step.past_steps)
    read = symbol_names(task, sequence.symbols[step.past_steps])
    rows = [f"{lag} back, {plain(name)}" for lag, name in enumerate(read, 1)]
    words = (
        f"The gradient depth is {experiment.depth}: the deltas flow on through the context to the "
        "hidden units of earlier steps."
    )
    if lags < experiment.depth - 1:
        words += f" The last reset, or the beginning, lets them go back {lags} steps."
    deltas = pd.DataFrame(
        step.hidden_deltas[1:, units.hidden], index=rows, columns=units.labels["hidden"]
    )
    rate = experiment.learning_rate
    adds = pd.DataFrame(
        [
            {
                r"$\Delta W_{ih}$": rate * np.abs(np.outer(delta, x)).max(),
                r"$\Delta W_{hh}$": rate * np.abs(np.outer(delta, context)).max(),
                r"$\Delta b_h$": rate * np.abs(delta).max(),
            }
            for delta, x, context in zip(
                step.hidden_deltas[1:], step.past_x, step.past_context, strict=True
            )
        ],
        index=rows,
    )
    return Quantity(
        "backward",
        "Hidden deltas further back",
        words + (" The second table has the largest change that each adds." if lags else ""),
        r"\delta_h^{(k)} = f'(h_{t-k})\; W_{hh}^{\top}\,\delta_h^{(k-1)}",
        (Table(deltas, "Deltas of the hidden units"), Table(adds)) if lags else (),
        (statement(ElmanNetwork.deltas, "for"), statement(ElmanNetwork.gradients, "for")),
    )


def _update(step: Step, experiment: Experiment, units: Units, array: str) -> Quantity:
    w, labels = getattr(step, array), units.labels
    to_hidden = pd.DataFrame(
        w["W_ih"][np.ix_(units.hidden, units.inputs)],
        index=labels["hidden"],
        columns=labels["input"],
    )
    from_context = pd.DataFrame(
        w["W_hh"][np.ix_(units.hidden, units.hidden)],
        index=labels["hidden"],
        columns=labels["context"],
    )
    to_output = pd.DataFrame(
        w["W_ho"][np.ix_(units.outputs, units.hidden)],
        index=labels["output"],
        columns=labels["hidden"],
    )
    to_hidden["$b_h$"] = w["b_h"][units.hidden]
    to_output["$b_o$"] = w["b_o"][units.outputs]
    momentum = r" + \mu\,\Delta W_{\text{before}}" if experiment.momentum else ""
    deep = experiment.depth > 1
    share = r"\textstyle\sum_k \delta_h^{(k)}" if deep else r"\delta_h"
    back = "_{t-k}" if deep else ""
    equation = (
        r"\begin{aligned}"
        rf"\Delta W_{{ih}} &= \eta\, {share}\, x{back}^{{\top}}{momentum} \\"
        rf"\Delta W_{{hh}} &= \eta\, {share}\, c{back}^{{\top}}{momentum} \\"
        rf"\Delta W_{{ho}} &= \eta\, \delta_o\, h^{{\top}}{momentum}"
        r"\end{aligned}"
    )
    words = (
        "Each weight changes by the learning rate times the delta of the unit it leads to, times "
        "the activation it comes from; a bias by the learning rate times the delta alone. Here "
        rf"$\eta = {experiment.learning_rate:g}$."
    )
    if experiment.momentum:
        words += (
            rf" With momentum, $\mu = {experiment.momentum:g}$ of the change that the step before "
            "made is added."
        )
    tables = (
        Table(to_hidden, r"$W_{ih}$ and $b_h$: from each input (column) to each hidden unit (row)"),
        Table(from_context, r"$W_{hh}$: from each context unit to each hidden unit"),
        Table(to_output, r"$W_{ho}$ and $b_o$: from each hidden unit to each output"),
    )
    lines = [statement(ElmanNetwork.gradients, "gradient")]
    if deep:
        lines.append(statement(ElmanNetwork.gradients, "for"))
    lines.append(statement(ElmanNetwork.backward, "for"))
    return Quantity("update", "Weights", words, equation, tables, tuple(lines))


def _copy(step: Step, units: Units) -> Quantity:
    frame = pd.DataFrame(
        {
            "$c$ of this step": step.context[units.hidden],
            "new $c$": step.new_context[units.hidden],
        },
        index=units.labels["context"],
    )
    return Quantity(
        "copy",
        "New context",
        "Only now is the hidden layer copied into the context: the weight changes above needed the "
        "old one.",
        r"c \leftarrow h",
        (Table(frame),),
        (statement(ElmanNetwork.update_context, "self.context"),),
    )
