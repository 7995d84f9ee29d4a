"""Batched recurrent layers with full backpropagation through time, and the simplest one, `RNN`.

Symbols and shapes, for T steps, B sequences at once, I inputs, H hidden units and G gates (the
parts of a cell that have weights of their own: RNN 1, GRU 3, LSTM 4):

    x_t         input                                     (B, I)
    h_t         hidden state, h_0 the initial one         (B, H)
    a_t         W_ih x_t and biases, then the gates       (B, G·H)
    W_ih        weight_ih, input to gates                 (G·H, I)
    W_hh        weight_hh, hidden state to gates          (G·H, H)
    b_ih, b_hh  bias_ih and bias_hh                       (G·H,)
    dh          gradient of the loss for h_t              (B, H)
    da_t        its gradient for W_ih x_t                 (B, G·H)

    RNN:  h_t = f(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)

Every cell is written as one step forward and one step backward. What all cells share is written
once, in `RecurrentLayer`: the stack of layers, the two directions, sequences of different
lengths, and the products that need no recurrence and are taken for all steps at once.

Sources: Elman (1990), Cognitive Science 14:179-211; Rumelhart, Hinton and Williams (1986),
Parallel Distributed Processing 1, for backpropagation through time; Schuster and Paliwal (1997),
IEEE Transactions on Signal Processing 45:2673-2681, for two directions.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any, Self

import numpy as np

from elman.settings import (
    RATE,
    SIZE,
    Setting,
    checked_array,
    checked_lengths,
    checked_rng,
    checked_switch,
    refuse,
)

NONLINEARITY = Setting(str, "f of the simple recurrent layer", choices=("tanh", "relu"))

Parameters = dict[str, np.ndarray]
# A hidden state; for the LSTM the pair of hidden and cell state.
State = np.ndarray | tuple[np.ndarray, ...]


class LayerRecord(SimpleNamespace):
    """What one layer computed in one direction, kept for backpropagation and for looking at.

    x (T, B, I)         input
    a (T, B, G·H)       W_ih x_t with biases; a cell may turn it into activations in place
    h (T + 1, B, H)     the initial and all later hidden states, in the order of the sequence
    h_before, h_after   views of h (T, B, H): the state before and after each step
    w_ih, w_hh, b_hh    the parameters that this pass used
    to_gates (H, G·H)   a copy of W_hh transposed, for the product of every step
    da, ds              gradients (T, B, G·H) for W_ih x_t and for W_hh h_{t-1}
    steps               as `Timetable` lists them
    new                 np.zeros where there is padding, which no step writes; else np.empty

    Cells add what they need besides.
    """


class Timetable:
    """Which sequences take part in which step.

    Sequences of different `lengths` are sorted from the longest to the shortest, so that those
    still running are the first rows of every array. `forward` and `reverse` list the steps in
    the order of computing, as indices (now, before, after, rows): into arrays over the steps,
    into the states before and after the step, and into the batch. `end` is the index into the
    states of each sequence's end.
    """

    def __init__(self, steps: int, batch: int, lengths: np.ndarray | None) -> None:
        self.order = self.padding = None
        self.end: Any = steps
        running = [batch] * steps
        if lengths is not None:
            self.order = np.argsort(-lengths, kind="stable")
            lengths = lengths[self.order]
            self.padding = np.arange(steps)[:, np.newaxis] >= lengths
            self.end = (lengths, np.arange(batch))
            running = [n for n in np.count_nonzero(~self.padding, axis=1).tolist() if n]
        rows = [slice(0, n) for n in running]
        self.forward = [((t, r), (t, r), (t + 1, r), r) for t, r in enumerate(rows)]
        self.reverse = [((t, r), (t + 1, r), (t, r), r) for t, r in enumerate(rows)][::-1]

    def sort(self, a: np.ndarray) -> np.ndarray:
        """`a`, with sequences along its axis 1, as the steps need it."""
        return a if self.order is None else a[:, self.order]

    def clear(self, a: np.ndarray) -> np.ndarray:
        """`a` (T, B, ..), its padding set to zero in place."""
        if self.padding is not None:
            a[self.padding] = 0.0
        return a

    def unsort(self, a: np.ndarray) -> np.ndarray:
        """Undo `sort`."""
        if self.order is None:
            return a
        unsorted = np.empty_like(a)
        unsorted[:, self.order] = a
        return unsorted


def dropout_mask(rate: float, shape: tuple[int, ...], *, rng: np.random.Generator) -> np.ndarray:
    """Zero with probability `rate`, else 1 / (1 - rate), so that the mean stays 1.

    Source: Srivastava et al. (2014), Journal of Machine Learning Research 15:1929-1958.
    """
    if rate == 1.0:
        return np.zeros(shape)
    return (rng.random(shape) >= rate) / (1.0 - rate)


class RecurrentLayer:
    """What `RNN`, `LSTM` and `GRU` share; each cell adds `step_forward` and `step_backward`.

    `parameters` and `gradients` map PyTorch's names, such as "weight_ih_l0" or
    "bias_hh_l1_reverse", to arrays; first weights are uniform within ±sqrt(1/hidden_size).
    `training` says whether dropout is at work; `train()` and `eval()` switch it. `records` holds
    what the last call computed, for each layer and direction.
    """

    gates = 1
    state_names: tuple[str, ...] = ("h",)
    biases: tuple[str, ...] = ("bias_ih", "bias_hh")
    # False for a cell that needs W_hh h_{t-1} + b_hh by itself.
    adds_biases_first = True

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator,
    ) -> None:
        self.input_size = SIZE.check("input_size", input_size)
        self.hidden_size = SIZE.check("hidden_size", hidden_size)
        self.num_layers = SIZE.check("num_layers", num_layers)
        self.bias = checked_switch("bias", bias)
        self.batch_first = checked_switch("batch_first", batch_first)
        self.dropout = RATE.check("dropout", dropout)
        self.bidirectional = checked_switch("bidirectional", bidirectional)
        self.rng = checked_rng(rng)
        self.training = True
        self.num_directions = 2 if self.bidirectional else 1
        self.output_size = self.num_directions * self.hidden_size
        self.parameters: Parameters = {}
        self.gradients: Parameters = {}
        self.records: list[LayerRecord] = []
        self._last_call: tuple[Any, ...] | None = None
        bound, rows = math.sqrt(1.0 / self.hidden_size), self.gates * self.hidden_size
        for number, suffix in enumerate(self._suffixes()):
            inputs = self.input_size if number < self.num_directions else self.output_size
            shapes: dict[str, tuple[int, ...]] = {
                "weight_ih": (rows, inputs),
                "weight_hh": (rows, self.hidden_size),
            }
            if self.bias:
                shapes |= dict.fromkeys(self.biases, (rows,))
            for name, shape in shapes.items():
                self.parameters[name + suffix] = rng.uniform(-bound, bound, shape)

    def train(self, mode: bool = True) -> Self:
        """Turn dropout on (or, with mode False, off); returns the layer."""
        self.training = mode
        return self

    def eval(self) -> Self:
        """Turn dropout off; returns the layer."""
        return self.train(False)

    def __call__(
        self, x: np.ndarray, h0: State | None = None, lengths: np.ndarray | None = None
    ) -> tuple[np.ndarray, State]:
        """Run over whole sequences; returns `output, h_n`.

        x        (seq, batch, input_size), or (batch, seq, input_size) if batch_first
        h0       (num_layers · directions, batch, hidden_size), zeros if None; the LSTM takes a
                 pair (h0, c0)
        lengths  (batch,) steps of each sequence, from 1 to seq, in any order; all of them if None
        output   like x with directions · hidden_size features; zero in the padding
        h_n      like h0: the state at each sequence's own end, which for the reverse direction
                 is its first step

        Raises ValueError for an array of another shape and for a length out of range.
        """
        x = checked_array("x", x, self._shape("seq", "batch", self.input_size))
        x = x.swapaxes(0, 1) if self.batch_first else x
        steps, batch, _ = x.shape
        if lengths is not None:
            lengths = checked_lengths(lengths, steps, batch)
        table = Timetable(steps, batch, lengths)
        starts = [table.sort(h) for h in self._checked_states("h0", h0, batch)]
        ends = [np.empty_like(h) for h in starts]
        # A copy: backpropagation must find its input as it was, whatever the caller does with x.
        # Not-a-number in the padding would reach the gradients as 0 · nan.
        x = table.clear(table.sort(x).copy())
        self.records, masks = [], []
        for layer in range(self.num_layers):
            if layer and self.dropout and self.training:
                masks.append(dropout_mask(self.dropout, x.shape, rng=self.rng))
                x = x * masks[-1]
            halves = []
            for direction in range(self.num_directions):
                number = layer * self.num_directions + direction
                record = LayerRecord(x=x, suffix=self._suffixes()[number])
                self._go_forward(record, [h[number] for h in starts], table)
                for end, name in zip(ends, self.state_names, strict=True):
                    end[number] = getattr(record, name)[0 if direction else table.end]
                halves.append(record.h_after)
                self.records.append(record)
            x = table.clear(np.concatenate(halves, axis=-1))
        self._last_call = table, masks, (steps, batch)
        output = table.unsort(x)
        output = output.swapaxes(0, 1) if self.batch_first else output
        return output, self._packed([table.unsort(end) for end in ends])

    def backward(
        self, grad_output: np.ndarray | None, grad_h_n: State | None = None
    ) -> tuple[np.ndarray, State]:
        """Backpropagate through every step of the last call; returns `grad_x, grad_h0`.

        `grad_output` and `grad_h_n` are the loss's gradients for that call's results, in their
        shapes; None stands for zeros. What is returned has the shapes of x and h0. `gradients`
        is replaced by the parameters' gradients, summed over steps and sequences.

        Raises ValueError for an array of another shape, RuntimeError before the first call.
        """
        if self._last_call is None:
            raise RuntimeError("backward: call the layer on an input first.")
        table, masks, (steps, batch) = self._last_call
        if grad_output is not None:
            shape = self._shape(steps, batch, self.output_size)
            grad_output = checked_array("grad_output", grad_output, shape)
            grad_output = grad_output.swapaxes(0, 1) if self.batch_first else grad_output
            grad_output = table.sort(grad_output)
        grads = [table.sort(g).copy() for g in self._checked_states("grad_h_n", grad_h_n, batch)]
        gradients: Parameters = {}
        for layer in reversed(range(self.num_layers)):
            halves = []
            for direction in range(self.num_directions):
                number = layer * self.num_directions + direction
                half = slice(direction * self.hidden_size, (direction + 1) * self.hidden_size)
                above = None if grad_output is None else grad_output[..., half]
                record = self.records[number]
                halves.append(self._go_backward(record, above, [g[number] for g in grads]))
                gradients |= self._parameter_gradients(record)
            grad_output = sum(halves[1:], start=halves[0])
            if layer and masks:
                grad_output *= masks[layer - 1]
        self.gradients = {name: gradients[name] for name in self.parameters}
        grad_x = table.unsort(grad_output)
        grad_x = grad_x.swapaxes(0, 1) if self.batch_first else grad_x
        return grad_x, self._packed([table.unsort(g) for g in grads])

    def _go_forward(self, record: LayerRecord, starts: list[np.ndarray], table: Timetable) -> None:
        """One layer in one direction: the input's product for all steps, then step by step."""
        record.w_ih, record.w_hh, b_ih, record.b_hh = (
            self.parameters.get(name + record.suffix)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        steps, batch, inputs = record.x.shape
        a = record.x.reshape(steps * batch, inputs) @ record.w_ih.T
        if b_ih is not None:
            a += b_ih
        if record.b_hh is not None and self.adds_biases_first:
            a += record.b_hh
        record.a = a.reshape(steps, batch, -1)
        record.to_gates = record.w_hh.T.copy()
        reverse = record.suffix.endswith("_reverse")
        record.steps = table.reverse if reverse else table.forward
        # Where no step writes there must be numbers, for the gradients' products.
        record.new = np.empty if table.padding is None else np.zeros
        for name, h0 in zip(self.state_names, starts, strict=True):
            states = record.new((steps + 1, batch, self.hidden_size))
            states[table.end if reverse else 0] = h0
            setattr(record, name, states)
        first, second = record.h[:-1], record.h[1:]
        record.h_before, record.h_after = (second, first) if reverse else (first, second)
        self.before_forward(record)
        for now, before, after, _ in record.steps:
            self.step_forward(record, now, before, after)

    def _go_backward(
        self, record: LayerRecord, grad_output: np.ndarray | None, grads: list[np.ndarray]
    ) -> np.ndarray:
        """The same way back: turns `grads` of the ends into those of the starts; grad_x."""
        record.da = record.ds = record.new(record.a.shape)
        self.before_backward(record)
        for now, before, after, rows in reversed(record.steps):
            running = [g[rows] for g in grads]
            if grad_output is not None:
                running[0] += grad_output[now]
            self.step_backward(record, now, before, after, running)
        da = record.da.reshape(-1, record.da.shape[-1])
        return (da @ record.w_ih).reshape(record.x.shape)

    def _parameter_gradients(self, record: LayerRecord) -> Parameters:
        """One product over all steps and sequences for each weight."""
        gradients = {}
        for side, grad, source in (("ih", record.da, record.x), ("hh", record.ds, record.h_before)):
            grad = grad.reshape(-1, grad.shape[-1])
            source = source.reshape(len(grad), -1)
            gradients[f"weight_{side}{record.suffix}"] = grad.T @ source
            gradients[f"bias_{side}{record.suffix}"] = grad.sum(axis=0)
        return gradients

    def before_forward(self, record: LayerRecord) -> None:
        """What a cell prepares for all steps before going forward."""

    def before_backward(self, record: LayerRecord) -> None:
        """What a cell prepares for all steps before going backward."""

    def step_forward(self, record: LayerRecord, now: Any, before: Any, after: Any) -> None:
        """Write the state `after` this step from the one `before` it."""
        raise NotImplementedError

    def step_backward(
        self, record: LayerRecord, now: Any, before: Any, after: Any, grads: list[np.ndarray]
    ) -> None:
        """Write da_t; turn `grads`, for the state after, in place into those for the one before."""
        raise NotImplementedError

    def _suffixes(self) -> list[str]:
        directions = ("", "_reverse")[: self.num_directions]
        return [f"_l{layer}{d}" for layer in range(self.num_layers) for d in directions]

    def _shape(self, steps: Any, batch: Any, features: int) -> tuple[Any, ...]:
        return (batch, steps, features) if self.batch_first else (steps, batch, features)

    def _checked_states(self, name: str, given: State | None, batch: int) -> list[np.ndarray]:
        shape = (self.num_layers * self.num_directions, batch, self.hidden_size)
        count = len(self.state_names)
        values: Any = [given] if count == 1 else given
        if given is None:
            values = [None] * count
        if not isinstance(values, list | tuple) or len(values) != count:
            words = f"{type(given).__name__} was given"
            raise refuse(name, f"a pair of arrays {shape}", words=words)
        return [np.zeros(shape) if v is None else checked_array(name, v, shape) for v in values]

    @staticmethod
    def _packed(states: list[np.ndarray]) -> State:
        return states[0] if len(states) == 1 else tuple(states)


class RNN(RecurrentLayer):
    """The simple recurrent layer: h_t = f(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh).

    `nonlinearity` f is "tanh", which None stands for, too, or "relu"; `dropout` is the share of
    units dropped between layers while training (nothing with one layer); `rng` draws first
    weights and dropout. With `single_bias` there is no b_hh, which teaches the layer nothing
    more: so Keras has it. A value that is not allowed raises ValueError.

    Sources: Elman (1990), Cognitive Science 14:179-211; argument names are those of PyTorch.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str | None = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator,
        single_bias: bool = False,
    ) -> None:
        # R's interfaces pass NULL for the default.
        given = "tanh" if nonlinearity is None else nonlinearity
        self.nonlinearity = NONLINEARITY.check("nonlinearity", given)
        if checked_switch("single_bias", single_bias):
            self.biases = ("bias_ih",)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng=rng
        )

    def step_forward(self, record: LayerRecord, now: Any, before: Any, after: Any) -> None:
        """h_t = f(a_t + W_hh h_{t-1})."""
        h = np.dot(record.h[before], record.to_gates, out=record.h[after])
        h += record.a[now]
        if self.nonlinearity == "tanh":
            np.tanh(h, out=h)
        else:
            np.maximum(h, 0.0, out=h)

    def before_backward(self, record: LayerRecord) -> None:
        """f' in terms of h_t = f(..), for all steps."""
        h = record.h_after
        record.slope = 1.0 - h * h if self.nonlinearity == "tanh" else (h > 0.0).astype(float)

    def step_backward(
        self, record: LayerRecord, now: Any, before: Any, after: Any, grads: list[np.ndarray]
    ) -> None:
        """da_t = dh · f'; for the step before, dh = da_t W_hh."""
        (dh,) = grads
        da = np.multiply(dh, record.slope[now], out=record.da[now])
        np.dot(da, record.w_hh, out=dh)
