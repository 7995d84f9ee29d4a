"""Reading a whole sequence before answering with another: `EncoderDecoder`, part of a `Sequential`.

    x   inputs    (samples, steps, features); steps of zeros at the end are padding, unless
                  lengths are given
    s   summary   (samples, hidden_size), the encoder's last hidden state
    y   states of the decoder, one for each step of the answer  (samples, answer_steps, hidden_size)

Sources: Cho et al. (2014), EMNLP, 1724-1734: the decoder sees the summary at every step;
Sutskever, Vinyals and Le (2014), NIPS, 3104-3112: it also starts from the encoder's state.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from elman.layers.recurrent import Parameters, RecurrentLayer
from elman.settings import SIZE, checked_array, refuse


class EncoderDecoder:
    """Reads x with `encoder`, then runs `decoder` for `answer_steps` steps from what it learned.

    Both layers must be of one kind, have the same hidden_size, one layer and one direction, and
    batch_first=True; the decoder's input_size is that hidden_size. Otherwise ValueError.
    `parameters` are named "encoder.weight_ih_l0", "decoder.bias_hh_l0" and so on.
    """

    name = "EncoderDecoder"
    keeps_steps = False

    def __init__(self, encoder: RecurrentLayer, decoder: RecurrentLayer, answer_steps: int) -> None:
        self.answer_steps = SIZE.check("answer_steps", answer_steps)
        if type(encoder) is not type(decoder):
            raise refuse(
                "decoder",
                f"the encoder's kind, {type(encoder).__name__}",
                words=f"{type(decoder).__name__} was given",
            )
        hidden = encoder.hidden_size
        for role, layer, inputs in (
            ("encoder", encoder, encoder.input_size),
            ("decoder", decoder, hidden),
        ):
            given = (layer.input_size, layer.hidden_size, layer.num_layers, layer.num_directions)
            if given != (inputs, hidden, 1, 1) or not layer.batch_first:
                raise refuse(
                    role,
                    f"a layer with input_size {inputs}, hidden_size {hidden}, one layer, one "
                    "direction and batch_first=True",
                    words=f"one with input_size, hidden_size, num_layers, directions {given} and "
                    f"batch_first={layer.batch_first} was given",
                )
        self._layers = {"encoder": encoder, "decoder": decoder}
        self.parameters: Parameters = {
            f"{role}.{name}": p
            for role, layer in self._layers.items()
            for name, p in layer.parameters.items()
        }
        self.training = True

    @property
    def gradients(self) -> Parameters:
        """Both layers' gradients, named as the parameters."""
        return {
            f"{role}.{name}": g
            for role, layer in self._layers.items()
            for name, g in layer.gradients.items()
        }

    def train(self, mode: bool = True) -> Self:
        """Pass the mode on to both layers; returns this."""
        self.training = mode
        for layer in self._layers.values():
            layer.train(mode)
        return self

    def output_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """The shape that an input of `shape` leads to; ValueError if the input does not fit."""
        encoder = self._layers["encoder"]
        if len(shape) != 3 or shape[-1] != encoder.input_size:
            raise refuse(
                "input_size",
                f"(samples, steps, features) {shape}",
                encoder.input_size,
                verb="after what comes before is",
            )
        return (shape[0], self.answer_steps, encoder.hidden_size)

    def __call__(self, x: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """The decoder's states for x, (samples, steps, input_size).

        A sequence ends by `lengths` (samples,), or at its last step that is not all zeros.
        """
        encoder, decoder = self._layers["encoder"], self._layers["decoder"]
        x = checked_array("x", x, ("samples", "steps", encoder.input_size))
        for name, p in self.parameters.items():
            role, _, own = name.partition(".")
            self._layers[role].parameters[own] = p
        if lengths is None:
            steps = np.arange(1, x.shape[1] + 1)
            lengths = np.maximum((x.any(axis=-1) * steps).max(axis=1), 1)
        _, end = encoder(x, lengths=lengths)
        summary = (end[0] if isinstance(end, tuple) else end)[0]
        output, _ = decoder(np.repeat(summary[:, np.newaxis], self.answer_steps, axis=1), end)
        return output

    def backward(self, grad_output: np.ndarray) -> np.ndarray:
        """Back through the answer, then through what was read; the gradient for x."""
        grad_inputs, grad_start = self._layers["decoder"].backward(grad_output)
        pair = isinstance(grad_start, tuple)
        # The summary went in twice: as the first state and as every step's input.
        grad_h = (grad_start[0] if pair else grad_start) + grad_inputs.sum(axis=1)[np.newaxis]
        grad_end = (grad_h, grad_start[1]) if pair else grad_h
        return self._layers["encoder"].backward(None, grad_end)[0]
