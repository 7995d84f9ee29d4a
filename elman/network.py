"""The simple recurrent network of Elman (1990), readable first.

Symbols, as in the equations of the About page:

    x       input                         (n_input,)
    c       context: the previous h       (n_hidden,)
    h       hidden activation             (n_hidden,)
    y       output activation             (n_output,)
    d       target                        (n_output,)
    e       error d - y                   (n_output,)
    delta   share of the error that reaches a unit's net input, with the sign of d - y
    W_ih    input to hidden               (n_hidden, n_input)
    W_hh    context to hidden             (n_hidden, n_hidden)
    W_ho    hidden to output              (n_output, n_hidden)
    b_h     hidden bias                   (n_hidden,)
    b_o     output bias                   (n_output,)

    h = f(W_ih x + W_hh c + b_h)
    y = s(W_ho h + b_o)                   s is the logistic function

Each step follows the gradient of half the summed squared error, and the context counts as an
input: with depth 1 no gradient flows through it. `depth` k lets the gradient flow back through
the last k steps, whose activations are kept.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable

import numpy as np

from elman.experiment import SETTINGS
from elman.settings import (
    SIZE,
    Setting,
    checked_array,
    checked_finite,
    checked_numbers,
    checked_rng,
    checked_switch,
    refuse,
)

Weights = dict[str, np.ndarray]

# A rate of 0 leaves the weights as they are, which is good for looking at a network.
LEARNING_RATE = SETTINGS["learning_rate"]._replace(low=0)
EPOCHS = Setting(int, "passes through the sequence", low=1, high=10_000_000)

_FLOAT = np.dtype(float)


def logistic(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)), element by element; 0 where exp overflows."""
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-z))


def activate(name: str, z: np.ndarray) -> np.ndarray:
    """The hidden activation f(z): sigmoid, tanh or relu."""
    if name == "sigmoid":
        return logistic(z)
    return np.tanh(z) if name == "tanh" else np.maximum(z, 0.0)


def slope(name: str, h: np.ndarray) -> np.ndarray:
    """f'(z) written in terms of the activation h = f(z)."""
    if name == "sigmoid":
        return h * (1.0 - h)
    return 1.0 - h * h if name == "tanh" else (h > 0.0).astype(float)


def weight_shapes(n_input: int, n_hidden: int, n_output: int) -> dict[str, tuple[int, ...]]:
    """The shape of each array of weights."""
    return {
        "W_ih": (n_hidden, n_input),
        "W_hh": (n_hidden, n_hidden),
        "W_ho": (n_output, n_hidden),
        "b_h": (n_hidden,),
        "b_o": (n_output,),
    }


def initial_weights(
    n_input: int,
    n_hidden: int,
    n_output: int,
    *,
    rng: np.random.Generator,
    init: str = "normal",
    scale: float = 0.1,
) -> Weights:
    """Random first weights and zero biases.

    `init` is "normal" (standard deviation `scale`) or "uniform" (between -scale and scale).
    Elman (1990) does not state his.
    """

    def draw(*shape: int) -> np.ndarray:
        if init == "normal":
            return rng.normal(0.0, scale, shape)
        return rng.uniform(-scale, scale, shape)

    shapes = weight_shapes(n_input, n_hidden, n_output)
    return {
        name: draw(*shape) if len(shape) == 2 else np.zeros(shape) for name, shape in shapes.items()
    }


class ElmanNetwork:
    """A network with a context layer, trained one step at a time.

    Parameters: layer sizes, `learning_rate` (default 0.1), and by keyword `rng` for the first
    weights, `activation` of the hidden units ("sigmoid", "tanh" or "relu"), `momentum` (0),
    `depth` of the gradient in steps (1), `context_start` written by a reset (0.0; Elman used
    0.5), `weight_init` and `weight_scale`. A value or an array that is not allowed raises
    ValueError naming it, what is allowed and what was given. Single steps check shapes alone;
    `train_sequence` and `predict_sequence` look at every number, once.

    Source: Elman (1990), Cognitive Science 14:179-211; for `depth` above 1, Williams and Peng
    (1990), Neural Computation 2:490-501.
    """

    def __init__(
        self,
        n_input: int,
        n_hidden: int,
        n_output: int,
        learning_rate: float = 0.1,
        *,
        rng: np.random.Generator,
        activation: str = "sigmoid",
        momentum: float = 0.0,
        depth: int = 1,
        context_start: float = 0.0,
        weight_init: str = "normal",
        weight_scale: float = 0.1,
    ) -> None:
        self.n_input = SIZE.check("n_input", n_input)
        self.n_hidden = SIZE.check("n_hidden", n_hidden)
        self.n_output = SIZE.check("n_output", n_output)
        self.learning_rate = LEARNING_RATE.check("learning_rate", learning_rate)
        self.activation = SETTINGS["activation"].check("activation", activation)
        self.momentum = SETTINGS["momentum"].check("momentum", momentum)
        self.depth = SETTINGS["depth"].check("depth", depth)
        self.context_start = SETTINGS["context_start"].check("context_start", context_start)
        self.weights = initial_weights(
            self.n_input,
            self.n_hidden,
            self.n_output,
            rng=checked_rng(rng),
            init=SETTINGS["weight_init"].check("weight_init", weight_init),
            scale=SETTINGS["weight_scale"].check("weight_scale", weight_scale),
        )
        self.velocity = {name: np.zeros_like(w) for name, w in self.weights.items()}
        self.reset_context()

    def reset_context(self) -> None:
        """Write the start value into every context unit and forget the steps before."""
        self.context = np.full(self.n_hidden, self.context_start)
        # What earlier steps saw, newest first: (input, context, hidden).
        self.history: deque[tuple[np.ndarray, ...]] = deque(maxlen=self.depth - 1)

    def hidden_net_input(self, x: np.ndarray) -> np.ndarray:
        """What reaches each hidden unit (n_hidden,) from input x, context and bias together."""
        w = self.weights
        return w["W_ih"] @ x + w["W_hh"] @ self.context + w["b_h"]

    def output_net_input(self, hidden: np.ndarray) -> np.ndarray:
        """What reaches each output unit (n_output,) from the hidden layer and its bias."""
        w = self.weights
        return w["W_ho"] @ hidden + w["b_o"]

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Output (n_output,) and hidden (n_hidden,) for input x; the context stays as it is."""
        x = _vector("x", x, self.n_input)
        hidden = activate(self.activation, self.hidden_net_input(x))
        output = logistic(self.output_net_input(hidden))
        return output, hidden

    def deltas(
        self, hidden: np.ndarray, output: np.ndarray, target: np.ndarray
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """How far up each net input should go: the share of the error that reaches its unit.

        The output delta (n_output,), and the hidden delta (n_hidden,) of this step and of each
        step before it that the gradient still reaches, newest first.
        """
        w = self.weights
        output_delta = (target - output) * output * (1.0 - output)
        hidden_delta = slope(self.activation, hidden) * (w["W_ho"].T @ output_delta)
        hidden_deltas = [hidden_delta]
        for _, _, past_hidden in self.history:
            hidden_delta = slope(self.activation, past_hidden) * (w["W_hh"].T @ hidden_delta)
            hidden_deltas.append(hidden_delta)
        return output_delta, hidden_deltas

    def gradients(
        self, x: np.ndarray, hidden: np.ndarray, output: np.ndarray, target: np.ndarray
    ) -> Weights:
        """Gradient of half the summed squared error of this step, for every weight.

        It flows back through `depth` steps at most and stops where the context was reset.
        """
        output_delta, (hidden_delta, *past_deltas) = self.deltas(hidden, output, target)
        gradient = {
            "W_ih": -np.outer(hidden_delta, x),
            "W_hh": -np.outer(hidden_delta, self.context),
            "W_ho": -np.outer(output_delta, hidden),
            "b_h": -hidden_delta,
            "b_o": -output_delta,
        }
        for past_delta, (past_x, past_context, _) in zip(past_deltas, self.history, strict=True):
            gradient["W_ih"] -= np.outer(past_delta, past_x)
            gradient["W_hh"] -= np.outer(past_delta, past_context)
            gradient["b_h"] -= past_delta
        return gradient

    def backward(
        self, x: np.ndarray, hidden: np.ndarray, output: np.ndarray, target: np.ndarray
    ) -> np.ndarray:
        """Change every weight one step downhill; return the error d - y (n_output,).

        Needs the context that `forward` used: call it before `update_context`.
        """
        target = _vector("target", target, self.n_output)
        for name, gradient in self.gradients(x, hidden, output, target).items():
            velocity = self.momentum * self.velocity[name] - self.learning_rate * gradient
            self.velocity[name] = velocity
            self.weights[name] += velocity
        if self.depth > 1:
            self.history.appendleft((x, self.context, hidden))
        return target - output

    def update_context(self, hidden: np.ndarray) -> None:
        """Copy the hidden layer into the context, for the next step."""
        self.context = _vector("hidden", hidden, self.n_hidden).copy()

    def train_step(self, x: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """One step of Elman's cycle: predict, change the weights, then copy the hidden layer.

        Returns output and error, both (n_output,).
        """
        output, hidden = self.forward(x)
        error = self.backward(x, hidden, output, target)
        self.update_context(hidden)
        return output, error

    def train_sequence(self, sequence: np.ndarray, num_epochs: int) -> np.ndarray:
        """Learn to predict each element from the one before; mean squared errors (num_epochs,).

        `sequence` is (steps + 1, n) or (steps + 1,), of numbers from 0 to 1 where it is a target;
        the context is reset before each pass.
        """
        num_epochs = EPOCHS.check("num_epochs", num_epochs)
        if self.n_output != self.n_input:
            allowed = (
                f"{self.n_input}, as many as inputs, to predict the next element of a sequence"
            )
            raise refuse("n_output", allowed, self.n_output)
        sequence = self._as_columns(sequence, at_least=2)
        outside = (sequence[1:] < 0.0) | (sequence[1:] > 1.0)
        if outside.any():
            allowed = (
                "numbers from 0 to 1, as the outputs are, in all that is to be predicted: scale "
                "yours, as by (sequence - sequence.min()) / np.ptp(sequence)"
            )
            raise refuse("sequence", allowed, sequence[1:][outside][0], verb="are")
        losses = np.empty(num_epochs)
        for epoch in range(num_epochs):
            self.reset_context()
            squared = 0.0
            for x, target in itertools.pairwise(sequence):
                _, error = self.train_step(x, target)
                squared += float(error @ error)
            losses[epoch] = squared / sequence[1:].size
        return losses

    def predict_sequence(self, sequence: np.ndarray, *, reset: bool = True) -> np.ndarray:
        """The outputs (steps, n_output) after each element, without learning.

        `reset=False` goes on from the context that training or an earlier sequence left.
        """
        sequence = self._as_columns(sequence)
        if checked_switch("reset", reset):
            self.reset_context()
        outputs = []
        for x in sequence:
            output, hidden = self.forward(x)
            self.update_context(hidden)
            outputs.append(output)
        # Earlier steps were not part of training; no later gradient may flow into them.
        self.history.clear()
        return np.array(outputs)

    def generate(
        self,
        beginning: np.ndarray,
        steps: int,
        answer: Callable[[np.ndarray], np.ndarray] | None = None,
        *,
        reset: bool = True,
    ) -> np.ndarray:
        """Read `beginning`, then go on alone: each output becomes the next input.

        `beginning` is (n, n_input) or (n,), at least one element; the outputs (steps, n_output)
        that follow it are returned, the first of them the answer to its last element. What the
        network reads next is `answer(output)`, by default the output itself. Nothing is learned;
        `reset=False` goes on from the context that an earlier sequence left.
        """
        steps = EPOCHS.check("steps", steps)
        if self.n_output != self.n_input:
            allowed = f"{self.n_input}, as many as inputs, to read its own answers"
            raise refuse("n_output", allowed, self.n_output)
        output = self.predict_sequence(beginning, reset=reset)[-1]
        outputs = [output]
        while len(outputs) < steps:
            output, hidden = self.forward(output if answer is None else answer(output))
            self.update_context(hidden)
            outputs.append(output)
        self.history.clear()
        return np.array(outputs)

    def _as_columns(self, sequence: np.ndarray, at_least: int = 1) -> np.ndarray:
        """`sequence` as finite floats (steps, n_input)."""
        given = checked_numbers("sequence", sequence)
        columns = given[:, np.newaxis] if given.ndim == 1 else given
        if columns.ndim != 2 or columns.shape[1] != self.n_input or len(columns) < at_least:
            flat = "(steps,) or " if self.n_input == 1 else ""
            raise refuse(
                "sequence",
                f"an array {flat}(steps, {self.n_input}) of at least {at_least} "
                f"step{'s' if at_least > 1 else ''}",
                words=f"shape {given.shape} was given",
            )
        return checked_finite("sequence", columns)


def _vector(name: str, value: np.ndarray, size: int) -> np.ndarray:
    """`value` as floats (size,); of every step, so what is right already passes at once."""
    if type(value) is np.ndarray and value.dtype is _FLOAT and value.shape == (size,):
        return value
    return checked_array(name, value, (size,))
