"""A training step as a sequence of quantities: words, equation, numbers and source of each.

The lines of source are found by what they compute, so that none is ever copied.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.analysis.states import symbol_names
from elman.analysis.step import Step, Units, decimals_of_change, verbatim
from elman.experiment import Experiment
from elman.network import ElmanNetwork, Weights, activate, logistic, slope
from elman.settings import refuse
from elman.tasks import Sequence, Task

STAGES = ("forward", "error", "backward", "update", "copy")

ARRAYS = {
    "changes": "what this step adds to each weight",
    "gradients": "how the error would grow with each weight",
    "before": "the weights that this step used",
    "after": "the weights that the next step will use",
}
VELOCITY = {"velocity": "what the step before added to each weight"}

# Of a number in a table.
LEAST_DECIMALS = 3

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


class Table(NamedTuple):
    """Numbers, one row a unit (or a step back), with Markdown names.

    Without a title each column is a quantity of its own; with one all are of one kind. At least so
    many `decimals` are written.
    """

    frame: pd.DataFrame
    title: str = ""
    decimals: int = LEAST_DECIMALS


class Lines(NamedTuple):
    """Some lines of a file as they stand there: function, number of the first line, text."""

    function: str
    first: int
    text: str


class Quantity(NamedTuple):
    """One thing that a step computes: words and equation, its numbers, the source of them."""

    stage: str
    title: str
    words: str
    equation: str
    tables: tuple[Table, ...]
    lines: tuple[Lines, ...]


def quantities(
    step: Step, experiment: Experiment, sequence: Sequence, task: Task, units: Units
) -> list[Quantity]:
    """Everything that a step computes, in order, for the units shown."""
    # A run that diverges overflows on its way.
    with np.errstate(over="ignore", invalid="ignore"):
        return [
            *_forward(step, experiment, sequence, task, units),
            _error(step, units),
            *_backward(step, experiment, sequence, task, units),
            _update(step, experiment, units),
            _copy(step, units),
        ]


def weight_tables(step: Step, units: Units, array: str = "changes") -> tuple[Table, ...]:
    """One of `ARRAYS`, or "velocity", for the weights between the units shown.

    Weights before and after have decimals enough to show what the step changes.
    """
    shown = _weight_frames(getattr(step, array), units)
    decimals = [LEAST_DECIMALS] * len(shown)
    if array in ("before", "after"):
        both = (_weight_frames(weights, units) for weights in (step.before, step.after))
        decimals = [
            decimals_of_change(before, after, LEAST_DECIMALS)
            for before, after in zip(*both, strict=True)
        ]
    titles = (
        r"$W_{ih}$ and $b_h$: from each input (column) to each hidden unit (row)",
        r"$W_{hh}$: from each context unit to each hidden unit",
        r"$W_{ho}$ and $b_o$: from each hidden unit to each output",
    )
    return tuple(map(Table, shown, titles, decimals))


def _weight_frames(w: Weights, units: Units) -> list[pd.DataFrame]:
    labels = units.labels
    hidden = pd.Index(labels["hidden"])
    to_hidden = pd.DataFrame(w["W_ih"][np.ix_(units.hidden, units.inputs)], hidden, labels["input"])
    from_context = pd.DataFrame(
        w["W_hh"][np.ix_(units.hidden, units.hidden)], hidden, labels["context"]
    )
    to_output = pd.DataFrame(
        w["W_ho"][np.ix_(units.outputs, units.hidden)], labels["output"], hidden
    )
    to_hidden["$b_h$"] = w["b_h"][units.hidden]
    to_output["$b_o$"] = w["b_o"][units.outputs]
    return [to_hidden, from_context, to_output]


def _rows(labels: list[str], chosen: np.ndarray, columns: dict[str, np.ndarray]) -> tuple[Table]:
    """One table, a row for each chosen unit."""
    values = {name: column[chosen] for name, column in columns.items()}
    return (Table(pd.DataFrame(values, labels)),)


def _forward(
    step: Step, experiment: Experiment, sequence: Sequence, task: Task, units: Units
) -> list[Quantity]:
    w, labels = step.before, units.labels
    read = verbatim(task.symbols[sequence.symbols[step.step]])
    context_words = "The network's memory: its hidden activations at the step before."
    context_equation = r"c = h_{t-1}"
    context_from: Callable = ElmanNetwork.update_context
    if step.reset:
        context_words = (
            f"The context was set back to {experiment.context_start:g} before this step: the "
            "network knows nothing of what came before."
        )
        context_equation = r"c = c_{\text{start}}"
        context_from = ElmanNetwork.reset_context
    hidden_terms = {
        r"$W_{ih}\,x$": w["W_ih"] @ step.x,
        r"$W_{hh}\,c$": w["W_hh"] @ step.context,
        "$b_h$": w["b_h"],
        "$z_h$": step.hidden_net_input,
    }
    output_terms = {
        r"$W_{ho}\,h$": w["W_ho"] @ step.hidden,
        "$b_o$": w["b_o"],
        "$z_o$": step.output_net_input,
    }
    hidden_columns = {"$z_h$": step.hidden_net_input, "$h$": step.hidden}
    output_columns = {"$z_o$": step.output_net_input, "$y$": step.output}
    squash = [body(activate)] + [body(logistic)] * (experiment.activation == "sigmoid")
    return [
        Quantity(
            "forward", "Input",
            f"The network reads **{read}**, as numbers.",
            "x = x_t",
            _rows(labels["input"], units.inputs, {"$x$": step.x}),
            (statement(ElmanNetwork.train_step, "(output, hidden)"),),
        ),
        Quantity(
            "forward", "Context", context_words, context_equation,
            _rows(labels["context"], units.hidden, {"$c$": step.context}),
            (statement(context_from, "self.context"),),
        ),
        Quantity(
            "forward", "Net input of the hidden units",
            "Each hidden unit adds up what reaches it: inputs and contexts, each times its weight, "
            "and its bias, a constant of its own.",
            r"z_h = W_{ih}\,x + W_{hh}\,c + b_h",
            _rows(labels["hidden"], units.hidden, hidden_terms),
            (statement(ElmanNetwork.hidden_net_input, "return"),),
        ),
        Quantity(
            "forward", "Hidden activation",
            "The sum goes through the activation function.",
            _ACTIVATIONS[experiment.activation],
            _rows(labels["hidden"], units.hidden, hidden_columns),
            (statement(ElmanNetwork.forward, "hidden"), *squash),
        ),
        Quantity(
            "forward", "Net input of the output units",
            "Each output unit adds up the hidden activations, each times its weight, and its bias.",
            r"z_o = W_{ho}\,h + b_o",
            _rows(labels["output"], units.outputs, output_terms),
            (statement(ElmanNetwork.output_net_input, "return"),),
        ),
        Quantity(
            "forward", "Output",
            "The network's answer, pressed between 0 and 1 by the logistic function.",
            r"y = s(z_o) \qquad s(z) = \frac{1}{1 + e^{-z}}",
            _rows(labels["output"], units.outputs, output_columns),
            (statement(ElmanNetwork.forward, "output"), body(logistic)),
        ),
    ]  # fmt: skip


def _error(step: Step, units: Units) -> Quantity:
    columns = {"$d$": step.target, "$y$": step.output, "$e$": step.error}
    return Quantity(
        "error",
        "Error",
        "What came, minus what was answered: above zero where the output was too small.",
        r"e = d - y",
        _rows(units.labels["output"], units.outputs, columns),
        (statement(ElmanNetwork.backward, "return"),),
    )


def _backward(
    step: Step, experiment: Experiment, sequence: Sequence, task: Task, units: Units
) -> list[Quantity]:
    output_columns = {
        "$e$": step.error,
        r"$y\,(1-y)$": step.output * (1.0 - step.output),
        r"$\delta_o$": step.output_delta,
    }
    hidden_columns = {
        r"$W_{ho}^{\top}\delta_o$": step.before["W_ho"].T @ step.output_delta,
        "$f'(h)$": slope(experiment.activation, step.hidden),
        r"$\delta_h$": step.hidden_deltas[0],
    }
    found = [
        Quantity(
            "backward", "Output delta",
            "How far, and which way, each output's net input should go: the error times the slope "
            "of the logistic function there, which is small where the output is near 0 or 1.",
            r"\delta_o = e\; y\,(1 - y)",
            _rows(units.labels["output"], units.outputs, output_columns),
            (statement(ElmanNetwork.deltas, "output_delta"),),
        ),
        Quantity(
            "backward", "Hidden delta",
            "How far each hidden unit's net input should go: the output deltas flow back through "
            "the weights, times the slope of the activation function there.",
            rf"\delta_h = f'(h)\; W_{{ho}}^{{\top}}\,\delta_o \qquad "
            rf"{_SLOPES[experiment.activation]}",
            _rows(units.labels["hidden"], units.hidden, hidden_columns),
            (statement(ElmanNetwork.deltas, "hidden_delta"), body(slope)),
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
    rows = [f"{lag} back, {verbatim(name)}" for lag, name in enumerate(read, 1)]
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
        words,
        r"\delta_h^{(k)} = f'(h_{t-k})\; W_{hh}^{\top}\,\delta_h^{(k-1)}",
        (
            Table(deltas, "The hidden deltas of each step back"),
            Table(adds, "The largest change that each adds, by its size"),
        )
        if lags
        else (),
        (statement(ElmanNetwork.deltas, "for"), statement(ElmanNetwork.gradients, "for")),
    )


def _update(step: Step, experiment: Experiment, units: Units) -> Quantity:
    momentum = r" + \mu\,\Delta W_{\text{before}}" if experiment.momentum else ""
    deep = experiment.depth > 1
    share = r"\textstyle\sum_k \delta_h^{(k)}" if deep else r"\delta_h"
    back = "_{t-k}" if deep else ""
    equation = (
        r"\begin{aligned}"
        rf"\Delta W_{{ih}} &= \eta\, {share}\, x{back}^{{\top}}{momentum} \\"
        rf"\Delta W_{{hh}} &= \eta\, {share}\, c{back}^{{\top}}{momentum} \\"
        rf"\Delta b_h &= \eta\, {share}{momentum.replace('W', 'b')} \\"
        rf"\Delta W_{{ho}} &= \eta\, \delta_o\, h^{{\top}}{momentum} \\"
        rf"\Delta b_o &= \eta\, \delta_o{momentum.replace('W', 'b')}"
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
    lines = [statement(ElmanNetwork.gradients, "gradient")]
    if deep:
        lines.append(statement(ElmanNetwork.gradients, "for"))
    lines.append(statement(ElmanNetwork.backward, "for"))
    return Quantity("update", "Weights", words, equation, weight_tables(step, units), tuple(lines))


def _copy(step: Step, units: Units) -> Quantity:
    columns = {"$c$ of this step": step.context, "new $c$": step.new_context}
    return Quantity(
        "copy",
        "New context",
        "Only now is the hidden layer copied into the context: the weight changes above needed the "
        "old one.",
        r"c \leftarrow h",
        _rows(units.labels["context"], units.hidden, columns),
        (statement(ElmanNetwork.update_context, "self.context"),),
    )


def statement(function: Callable, name: str) -> Lines:
    """The one statement of `function`, outside of loops, that computes `name`.

    `name` is the target of an assignment as written ("hidden", "self.context"), or "return",
    "for" or "if" for such a statement. ValueError where there is none, or more than one.
    """
    found = [node for node in _function(function).body if _computes(node) == name]
    if len(found) != 1:
        raise refuse("name", f"what one statement of {function.__qualname__} computes", name)
    return _lines(function, found)


def body(function: Callable) -> Lines:
    """What `function` does, without its first line and docstring."""
    statements = _function(function).body
    if ast.get_docstring(_function(function)) is not None:
        statements = statements[1:]
    return _lines(function, statements)


@functools.cache
def _source(function: Callable) -> tuple[list[str], int]:
    return inspect.getsourcelines(function)


@functools.cache
def _function(function: Callable) -> ast.FunctionDef:
    lines, _ = _source(function)
    node = ast.parse(textwrap.dedent("".join(lines))).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


def _lines(function: Callable, statements: list[ast.stmt]) -> Lines:
    lines, top = _source(function)
    first, last = statements[0].lineno, statements[-1].end_lineno
    text = textwrap.dedent("".join(lines[first - 1 : last])).rstrip()
    return Lines(function.__qualname__, top + first - 1, text)


def _computes(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return {ast.Return: "return", ast.For: "for", ast.If: "if"}.get(type(node), "")
