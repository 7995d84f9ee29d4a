"""Every shape and every number of a recurrent layer, read off arrays that the layer made.

    T, B    steps (seq) and sequences at once (batch)
    I, H    input_size, hidden_size
    G       gates: RNN 1, GRU 3, LSTM 4
    L, D    num_layers; directions, 1 or 2

Tables are pandas frames; steps, units and layers in them count from 1, as a reader does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from elman.layers import RNN
from elman.layers.gated import GRU, LSTM
from elman.layers.recurrent import NONLINEARITY, LayerRecord, RecurrentLayer, Timetable
from elman.settings import RATE, Setting, checked_lengths, checked_switch, refuse, refuse_memory

KINDS: dict[str, type[RecurrentLayer]] = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}

SIZES = {
    "input_size": Setting(int, "numbers that come in at each step", low=1, high=512),
    "hidden_size": Setting(int, "hidden units of each layer and direction", low=1, high=512),
    "num_layers": Setting(int, "layers, each reading the one below", low=1, high=8),
    "steps": Setting(int, "steps of the longest sequence", low=1, high=200),
    "batch": Setting(int, "sequences at once", low=1, high=64),
}

_KIND = Setting(str, "the cell", choices=tuple(KINDS))

# Written into the padding, it would show in any result that padding reaches.
LARGE = 100.0


@dataclass(frozen=True)
class LayerArguments:
    """A recurrent layer's arguments, under PyTorch's names, and the size of what it reads.

    `lengths` holds the steps of each sequence, None for all of `steps`. `nonlinearity` is for the
    RNN alone. A value that is not allowed raises ValueError naming the argument.
    """

    kind: str = "RNN"
    input_size: int = 3
    hidden_size: int = 4
    num_layers: int = 1
    nonlinearity: str = "tanh"
    bias: bool = True
    batch_first: bool = False
    dropout: float = 0.0
    bidirectional: bool = False
    steps: int = 5
    batch: int = 2
    lengths: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        checked = {name: size.check(name, getattr(self, name)) for name, size in SIZES.items()}
        checked["kind"] = _KIND.check("kind", self.kind)
        checked["nonlinearity"] = NONLINEARITY.check("nonlinearity", self.nonlinearity)
        if self.kind != "RNN" and self.nonlinearity != "tanh":
            raise refuse("nonlinearity", "tanh", self.nonlinearity, verb=f"with {self.kind} is")
        checked["dropout"] = RATE.check("dropout", self.dropout)
        for name in ("bias", "batch_first", "bidirectional"):
            checked[name] = checked_switch(name, getattr(self, name))
        if self.lengths is not None:
            lengths = checked_lengths(list(self.lengths), checked["steps"], checked["batch"])
            checked["lengths"] = tuple(lengths.tolist())
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def directions(self) -> int:
        """2 if bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def dropout_works(self) -> bool:
        """Whether dropout can do anything: it lies between layers, so one layer has none."""
        return self.dropout > 0.0 and self.num_layers > 1

    def settings(self) -> dict[str, Any]:
        """The arguments of PyTorch's layer, in its order."""
        names = ["input_size", "hidden_size", "num_layers", "nonlinearity"]
        names += ["bias", "batch_first", "dropout", "bidirectional"]
        if self.kind != "RNN":
            names.remove("nonlinearity")
        return {name: getattr(self, name) for name in names}

    def length_of(self, sequence: int) -> int:
        """Steps of a sequence, counted from 0."""
        return self.steps if self.lengths is None else self.lengths[sequence]


def parse_lengths(text: str, steps: int, batch: int) -> tuple[int, ...] | None:
    """Lengths as a reader types them, such as "5, 3"; None for an empty text.

    Raises ValueError for anything but `batch` whole numbers from 1 to `steps`.
    """
    parts = re.split(r"[\s,;]+", text.strip())
    if parts == [""]:
        return None
    # int() alone would accept "1_0", and a number of a thousand digits.
    lengths = tuple(int(part) if re.fullmatch(r"[0-9]{1,6}", part) else 0 for part in parts)
    if len(lengths) != batch or not all(1 <= n <= steps for n in lengths):
        allowed = f"{batch} whole numbers from 1 to {steps}, one a sequence"
        raise refuse("lengths", allowed, text.strip(), verb="are")
    return lengths


def needed_bytes(arguments: LayerArguments) -> int:
    """About how much memory one call takes: parameters, and what each layer keeps of each step."""
    gates, hidden, both = KINDS[arguments.kind].gates, arguments.hidden_size, arguments.directions
    parameters = 0
    for layer in range(arguments.num_layers):
        inputs = both * hidden if layer else arguments.input_size
        parameters += both * gates * hidden * (inputs + hidden + 2)
    # What a layer reads is what the one below gave.
    states = arguments.num_layers * both * hidden * (3 if gates == 1 else 8)
    steps = arguments.steps * arguments.batch
    # Beside the parameters stand copies in the order in which a step reads them.
    return 8 * (parameters * 3 // 2 + steps * (2 * arguments.input_size + states))


def check_bytes(arguments: LayerArguments, max_bytes: float) -> None:
    """Raise ValueError, which names `batch` or `hidden_size`, if a call needs more memory."""
    if needed_bytes(arguments) <= max_bytes:
        return
    # A number of units that is small enough there always is.
    for name in ("batch", "hidden_size"):

        def with_value(value: int, name: str = name) -> int:
            changes: dict[str, Any] = {"lengths": None, name: value}
            return needed_bytes(replace(arguments, **changes))

        error = refuse_memory(name, 1, getattr(arguments, name), with_value, max_bytes)
        if error is not None:
            raise error


@dataclass(frozen=True)
class LayerCall:
    """One call of a layer: what went in, what came out, and the layer with its records.

    starts, ends    initial and final states: (h0,) and (h_n,), for the LSTM (h0, c0), (h_n, c_n)
    """

    arguments: LayerArguments
    layer: RecurrentLayer
    x: np.ndarray
    starts: tuple[np.ndarray, ...]
    output: np.ndarray
    ends: tuple[np.ndarray, ...]

    def per_sequence(self, array: np.ndarray) -> np.ndarray:
        """An array of a record (T, B, ..) with its sequences in the order they were given in."""
        lengths = self.arguments.lengths
        table = Timetable(
            len(array), array.shape[1], None if lengths is None else np.array(lengths)
        )
        return table.unsort(array)

    def steps_first(self, array: np.ndarray) -> np.ndarray:
        """x or output as (T, B, features), whatever batch_first says."""
        return array.swapaxes(0, 1) if self.arguments.batch_first else array


def run_layer(arguments: LayerArguments, *, seed: int = 0, training: bool = False) -> LayerCall:
    """Make the layer and run it once, from zero states, on normal random numbers.

    Padding of shorter sequences is zero in x. With `training` dropout is at work.
    """
    weights, numbers, drops = (np.random.default_rng(s) for s in
                               np.random.SeedSequence(seed).spawn(3))  # fmt: skip
    layer = KINDS[arguments.kind](**arguments.settings(), rng=weights)
    # Dropout draws from a stream of its own, so that it alone differs between the modes.
    layer.rng = drops
    layer.train(training)
    x = numbers.normal(size=(arguments.steps, arguments.batch, arguments.input_size))
    lengths = None
    if arguments.lengths is not None:
        lengths = np.array(arguments.lengths)
        x[_padding(lengths, arguments.steps)] = 0.0
    if arguments.batch_first:
        x = x.swapaxes(0, 1).copy()
    output, end = layer(x, lengths=lengths)
    ends = end if isinstance(end, tuple) else (end,)
    return LayerCall(arguments, layer, x, tuple(np.zeros_like(h) for h in ends), output, ends)


def _padding(lengths: np.ndarray, steps: int) -> np.ndarray:
    return np.arange(steps)[:, np.newaxis] >= lengths


def padding_effect(call: LayerCall) -> float:
    """Largest change of any result when every padded input is 100 instead of 0."""
    lengths = np.array([call.arguments.length_of(b) for b in range(call.arguments.batch)])
    filled = call.steps_first(call.x).copy()
    filled[_padding(lengths, call.arguments.steps)] = LARGE
    rng = np.random.default_rng(0)
    twin = KINDS[call.arguments.kind](**call.arguments.settings(), rng=rng).eval()
    twin.parameters = call.layer.parameters
    results = []
    for x in (call.x, call.steps_first(filled)):
        output, end = twin(x, lengths=lengths)
        results.append([output, *(end if isinstance(end, tuple) else (end,))])
    return max(float(np.abs(a - b).max()) for a, b in zip(*results, strict=True))


def shape_table(call: LayerCall) -> pd.DataFrame:
    """A row for each array that goes in or out: array, role, shape, axes, numbers."""
    sequence = "batch, seq" if call.arguments.batch_first else "seq, batch"
    stacked = "num_layers · directions, batch, hidden_size"
    letters = call.layer.state_names
    rows = [("x", "input", call.x, f"{sequence}, input_size")]
    rows += [
        (f"{letter}0", f"initial {_state_word(letter)}", array, stacked)
        for letter, array in zip(letters, call.starts, strict=True)
    ]
    rows.append(("output", "output", call.output, f"{sequence}, directions · hidden_size"))
    rows += [
        (f"{letter}_n", f"final {_state_word(letter)}", array, stacked)
        for letter, array in zip(letters, call.ends, strict=True)
    ]
    return pd.DataFrame(
        [
            {"array": name, "role": role, "shape": str(a.shape), "axes": axes, "numbers": a.size}
            for name, role, a, axes in rows
        ]
    )


def _state_word(letter: str) -> str:
    return {"h": "hidden state", "c": "cell state"}[letter]


def parameter_table(layer: RecurrentLayer) -> pd.DataFrame:
    """A row for each parameter: name, layer, direction, shape, rows and columns in words, count."""
    rows = []
    for name, array in layer.parameters.items():
        _, _, place = name.rpartition("_l")
        number, reverse = place.removesuffix("_reverse"), place.endswith("_reverse")
        gates = "hidden_size" if layer.gates == 1 else f"{layer.gates} · hidden_size"
        below = "input_size" if number == "0" else "what layer " + number + " gives"
        columns = {"weight_ih": f" × {below}", "weight_hh": " × hidden_size"}
        rows.append(
            {
                "name": name,
                "layer": int(number) + 1,
                "direction": "backward" if reverse else "forward",
                "shape": str(array.shape),
                "meaning": gates + columns.get(name[:9], ""),
                "count": array.size,
            }
        )
    return pd.DataFrame(rows)


def describe_counts(arguments: LayerArguments) -> list[str]:
    """How each layer's parameters in one direction add up, such as "4 · 5 · (3 + 5 + 2) = 200"."""
    gates, hidden = KINDS[arguments.kind].gates, arguments.hidden_size
    sentences = []
    for layer in range(arguments.num_layers):
        inputs = arguments.directions * hidden if layer else arguments.input_size
        terms = [inputs, hidden, 2] if arguments.bias else [inputs, hidden]
        sentences.append(
            (f"{gates} · " if gates > 1 else "")
            + f"{hidden} · ({' + '.join(map(str, terms))}) = {gates * hidden * sum(terms):,}"
        )
    return sentences


def flow_table(call: LayerCall, sequence: int, state: str = "h") -> pd.DataFrame:
    """Every number of one sequence on its way through the stack, one a row.

    sequence    counted from 0; ValueError if there is none
    state       "h" or, for the LSTM, "c": which state of the layers to show

    Columns: band (such as "layer 1, forward"), role (input, hidden or output), step, unit, value
    (not a number in the padding) and end: whether this is the state that `h_n` keeps. With dropout
    at work a band "layer 2 reads" shows what is left of the band below.
    """
    arguments = call.arguments
    if not 0 <= sequence < arguments.batch:
        raise refuse("sequence", f"a whole number from 0 to {arguments.batch - 1}", sequence)
    if state not in call.layer.state_names:
        allowed = " or ".join(call.layer.state_names)
        raise refuse("state", allowed, state)
    length = arguments.length_of(sequence)
    frames = [_band("x", "input", call.steps_first(call.x)[:, sequence], length)]
    for record, number in zip(call.layer.records, range(len(call.layer.records)), strict=True):
        layer, direction = divmod(number, arguments.directions)
        if layer and not direction and arguments.dropout_works and call.layer.training:
            read = call.per_sequence(record.x)[:, sequence]
            frames.append(_band(f"layer {layer + 1} reads", "input", read, length))
        values = call.per_sequence(_states(record, state, backward=bool(direction)))[:, sequence]
        name = f"layer {layer + 1}, {'backward' if direction else 'forward'}"
        frames.append(_band(name, "hidden", values, length, end=1 if direction else length))
    if state == "h":
        output = call.steps_first(call.output)[:, sequence]
        frames.append(_band("output", "output", output, length))
    return pd.concat(frames, ignore_index=True)


def _states(record: LayerRecord, state: str, *, backward: bool) -> np.ndarray:
    states = getattr(record, state)
    return states[:-1] if backward else states[1:]


def _band(
    name: str, role: str, values: np.ndarray, length: int, end: int | None = None
) -> pd.DataFrame:
    steps, units = values.shape
    step = np.repeat(np.arange(1, steps + 1), units)
    shown = np.where(step <= length, values.ravel(), np.nan)
    return pd.DataFrame(
        {
            "band": name,
            "role": role,
            "step": step,
            "unit": np.tile(np.arange(1, units + 1), steps),
            "value": shown,
            "end": step == end if end else False,
        }
    )
