"""What a `Sequential` is made of: the protocol of its layers, and recurrent layers as such."""

from __future__ import annotations

from typing import Any, Protocol, Self

import numpy as np

from elman.layers.recurrent import NONLINEARITY, RNN, Parameters, RecurrentLayer
from elman.settings import checked_switch, refuse


class Layer(Protocol):
    """What a layer of a `Sequential` has and does: `Recurrent`, `Dense`, `Dropout` and others."""

    @property
    def parameters(self) -> Parameters:
        """Its parameters by name; the dict is its own."""

    @property
    def gradients(self) -> Parameters:
        """Their gradients, as the last `backward` left them."""

    @property
    def training(self) -> bool:
        """Whether dropout is at work."""

    def train(self, mode: bool = True) -> Self:
        """Turn dropout on (or, with mode False, off); returns the layer."""

    def output_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """The shape that an input of `shape` leads to; ValueError if the input does not fit."""

    @property
    def keeps_steps(self) -> bool:
        """Whether its output has the steps of its input, each at its place."""

    def __call__(self, x: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """Go forward, over sequences of these lengths where x has steps."""

    def backward(self, grad_output: np.ndarray) -> np.ndarray:
        """The gradient for the last call's x; replaces `gradients`."""


class Recurrent:
    """A recurrent layer as part of a `Sequential`.

    Gives the state at the end of every sequence (samples, directions · hidden_size), or with
    `return_sequences` the states of all steps (samples, steps, ..). The layer must have been made
    with batch_first=True, else ValueError.
    """

    def __init__(self, layer: RecurrentLayer, return_sequences: bool = False) -> None:
        if not layer.batch_first:
            raise refuse("batch_first", "True", False, verb="in a model is")
        self.layer = layer
        self.return_sequences = checked_switch("return_sequences", return_sequences)

    @property
    def name(self) -> str:
        """What the summary calls it."""
        return type(self.layer).__name__

    @property
    def keeps_steps(self) -> bool:
        """Whether it gives the states of all steps."""
        return self.return_sequences

    @property
    def parameters(self) -> Parameters:
        """The layer's own."""
        return self.layer.parameters

    @property
    def gradients(self) -> Parameters:
        """The layer's own."""
        return self.layer.gradients

    @property
    def training(self) -> bool:
        """The layer's own."""
        return self.layer.training

    def train(self, mode: bool = True) -> Self:
        """Turn the layer's dropout on (or, with mode False, off); returns this."""
        self.layer.train(mode)
        return self

    def output_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """The shape that an input of `shape` leads to; ValueError if the input does not fit."""
        if len(shape) != 3 or shape[-1] != self.layer.input_size:
            raise refuse(
                "input_size",
                f"(samples, steps, features) {shape}",
                self.layer.input_size,
                verb="after what comes before is",
            )
        return (*shape[: 2 if self.return_sequences else 1], self.layer.output_size)

    def __call__(self, x: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """States of all steps or of each sequence's own end, for x (samples, steps, input_size).

        With `lengths` (samples,) a reverse direction begins at each sequence's own last step.
        """
        output, end = self.layer(x, lengths=lengths)
        if self.return_sequences:
            return output
        h_n = end[0] if isinstance(end, tuple) else end
        last = h_n[-self.layer.num_directions :]
        return last.swapaxes(0, 1).reshape(len(output), -1)

    def backward(self, grad_output: np.ndarray) -> np.ndarray:
        """The gradient for x."""
        if self.return_sequences:
            return self.layer.backward(grad_output)[0]
        layer = self.layer
        samples, directions = len(grad_output), layer.num_directions
        grad_end = np.zeros((layer.num_layers * directions, samples, layer.hidden_size))
        halves = np.reshape(grad_output, (samples, directions, layer.hidden_size))
        grad_end[-directions:] = halves.swapaxes(0, 1)
        pair = len(layer.state_names) == 2
        return layer.backward(None, (grad_end, np.zeros_like(grad_end)) if pair else grad_end)[0]


class SimpleRNN(Recurrent):
    """Keras's simple recurrent layer: an `RNN` with a single bias vector.

    `units` hidden units with `activation` "tanh" or "relu": units · (input_size + units + 1)
    parameters. `layers.weights.keras_parameters` draws Keras's first weights.
    """

    name = "SimpleRNN"

    def __init__(
        self,
        input_size: int,
        units: int,
        activation: str = "tanh",
        return_sequences: bool = False,
        *,
        rng: np.random.Generator,
    ) -> None:
        # Keras's None would be no activation at all.
        activation = NONLINEARITY.check("activation", activation)
        layer = RNN(
            input_size, units, nonlinearity=activation, batch_first=True, single_bias=True, rng=rng
        )
        super().__init__(layer, return_sequences)
