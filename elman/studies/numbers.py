"""Number sequences: windows of a row of numbers, and a network that learns the number after each.

    sequence   numbers                              (length,)
    windows    every run of window_size numbers     (samples, steps, features = 1)
    targets    the number after each window         (samples, 1)

The classic first exercise with recurrent layers: 0 to 9 in windows of three. It is no task of an
`Experiment`, which reads symbols; its settings are a `NumberExperiment`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from numbers import Real
from typing import Any, ClassVar, NamedTuple

import numpy as np

from elman.layers.dense import Dense
from elman.layers.members import SimpleRNN
from elman.layers.optimizers import Optimizer, adam, rmsprop, sgd
from elman.layers.sequential import Sequential, SummaryRow
from elman.layers.weights import keras_parameters
from elman.settings import Setting, refuse
from elman.studies.effort import update_work

MAX_NUMBERS = 300
LARGEST = 1_000_000
MAX_CHARACTERS = 10_000


# Keras's values of what the settings leave open.
OPTIMIZERS: dict[str, Callable[[float], Optimizer]] = {
    "adam": lambda rate: adam(rate, epsilon=1e-7),
    "rmsprop": lambda rate: rmsprop(rate, decay=0.9, epsilon=1e-7),
    "sgd": sgd,
}

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)

# What may be one number by itself: with a decimal comma, or with its thousands set apart.
_DECIMAL_COMMA = re.compile(r"\d+,\d+|\d{1,3}(\.\d{3})+,\d+", re.ASCII)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}([, ]\d{3})+(\.\d+)?", re.ASCII)
_COMMAS_INSIDE = re.compile(r"(?<![\d.])[1-9]\d{0,2}(,\d{3})+(?![\d.])", re.ASCII)
_SPACES_INSIDE = re.compile(r"(?<![\d.,])[1-9]\d{0,2}( \d{3})+(?![\d.,]*\d)", re.ASCII)


def read_numbers(name: str, given: str | Iterable[Any]) -> tuple[float, ...]:
    """Numbers from text, separated by commas, semicolons or spaces, or from an iterable.

    Brackets around them are allowed. Raises ValueError, naming the field `name`, for anything
    that is not a number from -1,000,000 to 1,000,000, and for text that can be read in two ways,
    such as "1,000 2,000" or "1,5; 2,5".
    """
    if isinstance(given, str):
        if len(given) > MAX_CHARACTERS:
            raise refuse(
                name,
                f"a text of at most {MAX_CHARACTERS:,} characters",
                words=f"{len(given):,} were given",
            )
        # Minus signs and dashes come along when numbers are copied from a page.
        plain = given.translate(str.maketrans("−–", "--")).strip().strip("[]()")
        _refuse_two_readings(name, plain)
        parts: list[Any] = [part for part in re.split(r"[,;\s]+", plain) if part]
        wrong = [part for part in parts if not _NUMBER.fullmatch(part)]
    else:
        parts = list(given) if isinstance(given, Iterable) else [given]
        wrong = [part for part in parts if isinstance(part, bool) or not isinstance(part, Real)]
    allowed = f"numbers from {-LARGEST:,} to {LARGEST:,}"
    if wrong:
        raise refuse(name, f"{allowed}, separated by commas or spaces", wrong[0], verb="are")
    # Written so that not-a-number is too large as well.
    large = [part for part in parts if not abs(_real(part)) <= LARGEST]
    if large:
        # Divided by a thousand or a million they are the same sequence to the network.
        advice = (
            " (count larger ones in thousands or millions)" if abs(_real(large[0])) < 1e300 else ""
        )
        raise refuse(name, allowed + advice, large[0], verb="are")
    return tuple(map(float, parts))


def _refuse_two_readings(name: str, text: str) -> None:
    """ValueError if a part of `text` may be one number as well as several.

    A comma without a space is a separator where it is the only one, as in 1,2,3; beside others
    it may be a decimal comma. Three digits after it that begin with 0 are no number by themselves.
    """
    # Narrow and fixed spaces are what sets thousands apart in print.
    text = re.sub(r"[^\S\n]", " ", text)
    tokens = [token for part in re.split(r"[;\s]+", text) if (token := part.strip(","))]
    found = [
        token
        for token in tokens
        if "," in token
        and len(tokens) > 1
        and any(kind.fullmatch(token.lstrip("+-")) for kind in (_DECIMAL_COMMA, _THOUSANDS))
    ]
    found += [match[0] for match in _COMMAS_INSIDE.finditer(text) if ",0" in match[0]]
    spaced = [match[0] for match in _SPACES_INSIDE.finditer(text)]
    found += [t for t in spaced if "," in text or ";" in text or " 0" in t]
    if not found:
        return
    token = found[0]
    parts = [part for part in re.split("[, ]", token) if part]
    one = []
    if _THOUSANDS.fullmatch(token.lstrip("+-")):
        one.append("".join(parts))
    if _DECIMAL_COMMA.fullmatch(token.lstrip("+-")):
        one.append(token.replace(".", "").replace(",", "."))
    count = {2: "two", 3: "three"}.get(len(parts), "several")
    raise refuse(
        name,
        "numbers that can be read in one way",
        verb="are",
        words=f"{token!r}, which may be one number (write {' or '.join(one)}) or {count} (write "
        f"{', '.join(f'{float(part):.10g}' for part in parts)}), was given",
    )


def _real(part: Any) -> Any:
    return float(part) if isinstance(part, str) else part


class Pattern(NamedTuple):
    """A built-in sequence: its first numbers, and how many of them make a good example."""

    numbers: Callable[[int, np.random.Generator], np.ndarray]
    length: int


def _fibonacci(length: int) -> np.ndarray:
    numbers = [0.0, 1.0]
    while len(numbers) < length:
        numbers.append(numbers[-1] + numbers[-2])
    return np.array(numbers[:length])


PATTERNS: dict[str, Pattern] = {
    "counting": Pattern(lambda n, rng: np.arange(n, dtype=float), 10),
    "even numbers": Pattern(lambda n, rng: 2.0 * np.arange(n), 10),
    "Fibonacci": Pattern(lambda n, rng: _fibonacci(n), 10),
    "sine": Pattern(lambda n, rng: np.sin(np.arange(n) % 12 * np.pi / 6).round(3) + 0.0, 30),
    "alternating": Pattern(lambda n, rng: np.arange(n) % 2.0, 12),
    "noisy line": Pattern(lambda n, rng: (np.arange(n) + rng.normal(0.0, 0.5, n)).round(2), 20),
}


def pattern(name: str, length: int | None = None, *, rng: np.random.Generator) -> tuple[float, ...]:
    """The first `length` numbers of a built-in sequence, by default as many as suit it.

    Raises ValueError, naming `sequence` or `length`, for another name or length; Fibonacci
    numbers pass the largest number allowed after 31.
    """
    name = Setting(str, "", choices=tuple(PATTERNS)).check("sequence", name)
    if length is None:
        length = PATTERNS[name].length
    most = 31 if name == "Fibonacci" else MAX_NUMBERS
    length = Setting(int, "numbers of a named sequence", low=2, high=most).check("length", length)
    return tuple(PATTERNS[name].numbers(length, rng).tolist())


def _setting(default: Any, kind: type, help: str, **limits: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(kind, help, **limits)})


@dataclass(frozen=True)
class NumberExperiment:
    """Every setting of a run on a number sequence; frozen, self-checking, hashable.

    `sequence` is text or an iterable of numbers and is kept as a tuple of floats, at least one
    longer than a window. Defaults are those of the exercise in Keras: 0 to 9, windows of 3,
    50 ReLU units, Adam, 200 epochs. A value that is not allowed raises ValueError naming the
    field, what is allowed and what was given.
    """

    task: ClassVar[str] = "numbers"

    sequence: tuple[float, ...] = tuple(map(float, range(10)))
    window_size: int = _setting(3, int, "numbers that the network sees at once", low=1, high=50)
    units: int = _setting(50, int, "hidden units of the SimpleRNN layer", low=1, high=500)
    activation: str = _setting(
        "relu", str, "activation function of the hidden units", choices=("relu", "tanh")
    )
    optimizer: str = _setting(
        "adam", str, "how the weights follow their gradients", choices=tuple(OPTIMIZERS)
    )
    learning_rate: float = _setting(0.001, float, "size of each step", low=1e-6, high=100)
    epochs: int = _setting(200, int, "passes through the windows", low=1, high=100_000)
    batch_size: int = _setting(32, int, "windows in each step of learning", low=1, high=MAX_NUMBERS)
    scaling: str = _setting(
        "none",
        str,
        "numbers as they are, brought to 0 to 1, or to mean 0 and standard deviation 1",
        choices=("none", "minmax", "standard"),
    )
    weight_init: str = _setting(
        "keras", str, "first weights as Keras or as PyTorch draws them", choices=("keras", "torch")
    )
    seed: int = _setting(0, int, "random seed of the first weights", low=0, high=2**32 - 1)

    def __post_init__(self) -> None:
        for name, setting in SETTINGS.items():
            object.__setattr__(self, name, setting.check(name, getattr(self, name)))
        numbers = read_numbers("sequence", self.sequence)
        least = self.window_size + 1
        if not least <= len(numbers) <= MAX_NUMBERS:
            given = {0: "none was", 1: "1 was"}.get(len(numbers), f"{len(numbers):,} were")
            advice = f"; of more, take {MAX_NUMBERS}" if len(numbers) > least else ""
            raise refuse(
                "sequence",
                f"{least} to {MAX_NUMBERS} numbers, for a window of {self.window_size} and the "
                f"number after it{advice}",
                verb="are",
                words=f"{given} given",
            )
        object.__setattr__(self, "sequence", numbers)

    def window(self, given: str | Iterable[Any] | None = None) -> tuple[float, ...]:
        """A window to ask for, from text or numbers; by default the last of the sequence.

        Raises ValueError, naming `window`, unless it has as many numbers as the windows.
        """
        numbers = () if given is None else read_numbers("window", given)
        if given is None or (isinstance(given, str) and not given.strip()):
            return self.sequence[-self.window_size :]
        if len(numbers) != self.window_size:
            plural = "" if self.window_size == 1 else "s"
            raise refuse(
                "window",
                f"a window of {self.window_size} number{plural}, like those it learns from",
                words=f"{len(numbers):,} {'was' if len(numbers) == 1 else 'were'} given",
            )
        return numbers


SETTINGS: dict[str, Setting] = {
    f.name: f.metadata["setting"] for f in fields(NumberExperiment) if f.metadata
}
DEFAULTS: dict[str, Any] = asdict(NumberExperiment())


def windows(sequence: Iterable[float], size: int) -> tuple[np.ndarray, np.ndarray]:
    """Windows (samples, size, 1) of a sequence longer than `size`, and what follows (samples, 1).

    Raises ValueError, naming `sequence`, if it is too short.
    """
    numbers = np.asarray(tuple(sequence), dtype=float)
    if len(numbers) <= size:
        raise refuse(
            "sequence", f"more than {size} numbers", verb="are", words=f"{len(numbers)} were given"
        )
    x = np.lib.stride_tricks.sliding_window_view(numbers[:-1], size)
    return x[:, :, None].copy(), numbers[size:, None]


class Scaling(NamedTuple):
    """Numbers n as the network sees them: (n - offset) / scale."""

    offset: float
    scale: float

    def scaled(self, numbers: np.ndarray) -> np.ndarray:
        """As the network sees them."""
        return (numbers - self.offset) / self.scale

    def raw(self, values: np.ndarray) -> np.ndarray:
        """Back in the units of the sequence."""
        return values * self.scale + self.offset


def scaling_of(experiment: NumberExperiment) -> Scaling:
    """What the experiment's scaling means for its sequence; one without spread is only moved."""
    numbers = np.array(experiment.sequence)
    if experiment.scaling == "none":
        return Scaling(0.0, 1.0)
    if experiment.scaling == "minmax":
        return Scaling(float(numbers.min()), float(np.ptp(numbers)) or 1.0)
    return Scaling(float(numbers.mean()), float(numbers.std()) or 1.0)


@dataclass(frozen=True)
class NumberRun:
    """A trained network and how its training went.

    losses       (epochs done,) mean squared error of each epoch, in units of the sequence
    status       "finished", "stopped" or "diverged"
    seconds      training time
    parameters   name -> array, as in `layers.sequential.Sequential`
    """

    experiment: NumberExperiment
    losses: np.ndarray
    status: str
    seconds: float
    parameters: dict[str, np.ndarray]

    @property
    def final_loss(self) -> float:
        """The last epoch's loss; not-a-number if none was completed."""
        return float(self.losses[-1]) if len(self.losses) else float("nan")

    @property
    def summary(self) -> list[SummaryRow]:
        """Layer, output shape and number of parameters, for each layer."""
        experiment = self.experiment
        model = network(experiment, rng=np.random.default_rng(0))
        return model.summary((experiment.window_size, 1))

    @property
    def parameter_count(self) -> int:
        """All weights and biases."""
        return sum(p.size for p in self.parameters.values())

    @property
    def message(self) -> str:
        """What to know about a run that did not finish, and what to do; else empty."""
        done = f"{len(self.losses):,} of {self.experiment.epochs:,} epochs"
        if self.status == "stopped":
            return f"Stopped after {done}."
        if self.status == "diverged":
            return (
                f"The weights grew without bound after {done}. Use a smaller learning rate, Adam, "
                "or scaled numbers."
            )
        return ""

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The number after each window: (samples,) for x (samples, steps, 1) in raw units."""
        # A model of its own for every call: several threads may use one run at once.
        model = network(self.experiment, rng=np.random.default_rng(0))
        model.set_parameters(self.parameters)
        scaling = scaling_of(self.experiment)
        with np.errstate(over="ignore", invalid="ignore"):
            return scaling.raw(model.predict(scaling.scaled(np.asarray(x, dtype=float))))[:, 0]

    def next_after(self, window: str | Iterable[Any] | None = None) -> float:
        """The number predicted after one window; ValueError if it is none, see `window`."""
        numbers = self.experiment.window(window)
        return float(self.predict(np.reshape(numbers, (1, -1, 1)))[0])


def network(experiment: NumberExperiment, *, rng: np.random.Generator) -> Sequential:
    """The untrained network: a SimpleRNN layer and a dense output of one unit."""
    model = Sequential(
        [
            SimpleRNN(1, experiment.units, experiment.activation, rng=rng),
            Dense(experiment.units, 1, rng=rng),
        ]
    )
    if experiment.weight_init == "keras":
        model.set_parameters(keras_parameters(model.parameters, rng=rng))
    return model


def run(
    experiment: NumberExperiment,
    on_progress: Callable[[float, np.ndarray], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> NumberRun:
    """Train the experiment's network; the arguments are those of `Sequential.fit`."""
    rng = np.random.default_rng(experiment.seed)
    model = network(experiment, rng=rng)
    scaling = scaling_of(experiment)
    x, y = windows(scaling.scaled(np.array(experiment.sequence)), experiment.window_size)
    history = model.fit(
        x,
        y,
        epochs=experiment.epochs,
        batch_size=experiment.batch_size,
        optimizer=OPTIMIZERS[experiment.optimizer](experiment.learning_rate),
        rng=rng,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    return NumberRun(
        experiment,
        history.losses * scaling.scale**2,
        history.status,
        history.seconds,
        {name: p.copy() for name, p in model.parameters.items()},
    )


def work(experiment: NumberExperiment) -> int:
    """Multiplications of `run(experiment)`, roughly."""
    samples = len(experiment.sequence) - experiment.window_size
    batch = min(samples, experiment.batch_size)
    parameters = experiment.units * (experiment.units + 3) + 1
    updates = experiment.epochs * -(-samples // batch)
    return updates * update_work(experiment.window_size, batch, parameters)
