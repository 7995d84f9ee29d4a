"""What a network made of a number sequence: inside and beyond it, beside naive forecasts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from elman.studies.numbers import PATTERNS, NumberExperiment, NumberRun, pattern, run, windows

# Fixes the noise of the built-in noisy line, so that `rule` recognises it.
NOISE_SEED = 42

# A rule is only believed where numbers follow it up to rounding, relative to the largest.
EXACTLY = 1e-12


ACTIVATION_NAMES = {"relu": "ReLU", "tanh": "tanh"}
SCALING_NAMES = {"none": "raw", "minmax": "0-to-1", "standard": "standardised"}


def example(name: str, length: int | None = None) -> tuple[float, ...]:
    """A built-in sequence with the noise of this app; errors as in `numbers.pattern`."""
    return pattern(name, length, rng=np.random.default_rng(NOISE_SEED))


def rule(sequence: tuple[float, ...]) -> tuple[str, Callable[[list[float]], float] | None]:
    """The rule of a sequence in words, and the number after a list by it; None if none is known.

    Known are constant steps, sums of the two numbers before, constant factors, repetition (at
    least twice), and the built-in noisy line, whose rule is its line. A rule must fit everywhere
    and be confirmed by at least one number more than it takes to fix it.
    """
    s = np.array(sequence)
    largest = _largest(s)

    def same(a: np.ndarray, b: np.ndarray | float) -> bool:
        return bool(np.all(np.abs(a - b) <= EXACTLY * largest))

    if len(s) >= 3 and same(np.diff(s), s[1] - s[0]):
        step = _plain(s[1] - s[0], largest)
        return f"constant steps of {step:g}", lambda before: before[-1] + step
    if len(s) >= 5 and same(s[2:], s[1:-1] + s[:-2]):
        return "each number is the sum of the two before", lambda before: before[-1] + before[-2]
    with np.errstate(all="ignore"):
        factor = float(s[1] / s[0])
        # With factor 0 no number would tell anything of the next.
        constant = factor != 0.0 and len(s) >= 4 and same(s[1:], s[:-1] * factor)
    if constant:
        return f"each number is {factor:g} times the one before", lambda b: b[-1] * factor
    for period in range(2, len(s) // 2 + 1):
        if same(s[period:], s[:-period]):
            return f"the same {period} numbers again and again", _repeat(period)
    noisy = "noisy line"
    if len(s) >= PATTERNS[noisy].length // 2 and sequence == example(noisy, len(s)):
        return "a line that rises by 1, with noise", lambda before: float(len(before))
    return "no rule is known", None


def _repeat(period: int) -> Callable[[list[float]], float]:
    return lambda before: before[-period]


def _largest(numbers: Iterable[float]) -> float:
    return max(map(abs, numbers)) or 1.0


def _plain(numbers: np.ndarray | float, largest: float) -> Any:
    """`numbers` with zero for what is nothing but rounding beside `largest`."""
    return np.where(np.abs(numbers) <= EXACTLY * largest, 0.0, numbers)[()]


def beyond(sequence: tuple[float, ...]) -> np.ndarray:
    """How the sequence goes on by its rule, (count,); empty if none is known.

    At least three numbers, and more as long as they lie no further outside the sequence's range
    than the range is wide; at most as many as the sequence has.
    """
    _, follow = rule(sequence)
    if follow is None:
        return np.empty(0)
    s, reach = list(sequence), float(np.ptp(sequence))
    low, high = min(s) - reach, max(s) + reach
    for count in range(len(sequence)):
        number = follow(s)
        if count >= 3 and not low <= number <= high:
            break
        s.append(number)
    return _plain(np.array(s[len(sequence) :]), _largest(s))


def expected_after(experiment: NumberExperiment, window: tuple[float, ...]) -> float | None:
    """What comes after `window` where it stands in the sequence or its continuation.

    A constant step is a rule for every window that follows it, wherever it stands. None where
    nothing is known, or where a window is followed by different numbers.
    """
    words, follow = rule(experiment.sequence)
    near = 1e-9 * _largest((*window, *experiment.sequence))
    if follow is not None and words.startswith("constant steps"):
        step = experiment.sequence[1] - experiment.sequence[0]
        return float(follow(list(window))) if np.all(abs(np.diff(window) - step) <= near) else None
    x, y = windows((*experiment.sequence, *beyond(experiment.sequence)), experiment.window_size)
    after = y[np.all(np.abs(x[:, :, 0] - np.array(window)) <= near, axis=1), 0]
    return float(after[0]) if len(after) and np.ptp(after) <= near else None


def straight_line(experiment: NumberExperiment) -> np.ndarray:
    """Coefficients (window_size + 1,) of the least-squares fit of the next number on the window.

    The last is the constant. Where several fit equally well, the shortest vector is taken.
    """
    x, y = windows(experiment.sequence, experiment.window_size)
    ones = np.ones((len(x), 1))
    return np.linalg.lstsq(np.hstack([x[:, :, 0], ones]), y[:, 0], rcond=None)[0]


def asked_rows(trained: NumberRun, window: tuple[float, ...]) -> pd.DataFrame:
    """A window of one's own as rows of the series that charts draw; empty for the last window.

    Columns: place (from 1 in the window; the answers come after its last), by ("sequence" for the
    window and for what would be right, "straight line", "network") and number.
    """
    experiment = trained.experiment
    if window == experiment.window():
        return pd.DataFrame({"place": [], "by": [], "number": []})
    expected = expected_after(experiment, window)
    line = float(line_after(experiment, np.reshape(window, (1, -1, 1)))[0])
    after = {"sequence": expected, "straight line": line, "network": trained.next_after(window)}
    rows = [(place, "sequence", number) for place, number in enumerate(window, start=1)]
    rows += [(len(window) + 1, by, np.nan if n is None else n) for by, n in after.items()]
    return pd.DataFrame(rows, columns=["place", "by", "number"])


def line_after(experiment: NumberExperiment, x: np.ndarray) -> np.ndarray:
    """The straight-line fit's number after each window: (samples,) for x (samples, steps, 1).

    Not-a-number where the sequence leaves it open: where lines that fit it equally well disagree.
    """
    coefficients = straight_line(experiment)
    largest = _largest((*experiment.sequence, *x.ravel()))
    line = _plain(x[:, :, 0] @ coefficients[:-1] + coefficients[-1], largest)
    # A window's number is settled if, with the constant, it is made of those that were learned.
    learned, _ = windows(experiment.sequence, experiment.window_size)
    rows, asked = (np.hstack([a[:, :, 0], np.ones((len(a), 1))]) for a in (learned, x))
    _, values, directions = np.linalg.svd(rows, full_matrices=False)
    known = directions[values > values[0] * max(rows.shape) * np.finfo(float).eps]
    left = asked - asked @ known.T @ known
    settled = np.linalg.norm(left, axis=1) <= 1e-9 * np.linalg.norm(asked, axis=1)
    return np.where(settled, line, np.nan)


def predictions(trained: NumberRun) -> pd.DataFrame:
    """Every window of the sequence and of its continuation, with what was predicted after it.

    Columns: place (of the number, from 1), where ("training" or "beyond"), window (tuple),
    expected, network, line, last (the window's last number, a naive forecast), and error
    (network - expected).
    """
    experiment = trained.experiment
    known = np.append(experiment.sequence, beyond(experiment.sequence))
    x, y = windows(known, experiment.window_size)
    place = experiment.window_size + 1 + np.arange(len(x))
    network = trained.predict(x)
    largest = _largest(known)
    return pd.DataFrame(
        {
            "place": place,
            "where": np.where(place <= len(experiment.sequence), "training", "beyond"),
            "window": [tuple(window[:, 0].tolist()) for window in x],
            "expected": y[:, 0],
            "network": _plain(network, largest),
            "line": line_after(experiment, x),
            "last": x[:, -1, 0],
            "error": _plain(network - y[:, 0], largest),
        }
    )


def rms_errors(table: pd.DataFrame, column: str = "network") -> tuple[float, float | None]:
    """Root mean square error inside the training sequence and beyond it.

    Beyond it is None without a rule, or where there is no number to compare.
    """

    def rms(rows: pd.DataFrame) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            return float(np.sqrt(np.mean((rows[column] - rows["expected"]) ** 2)))

    beyond = table[table["where"] == "beyond"]
    if column == "line":
        beyond = beyond.dropna(subset=column)
    return rms(table[table["where"] == "training"]), None if beyond.empty else rms(beyond)


def variants(experiment: NumberExperiment, seeds: int) -> list[NumberExperiment]:
    """ReLU and tanh, each with raw and with scaled numbers, each from `seeds` first weights.

    Scaled as the experiment has it, or to mean 0 and standard deviation 1; seeds from its own on.
    """
    scaled = "standard" if experiment.scaling == "none" else experiment.scaling
    return [
        replace(
            experiment,
            activation=activation,
            scaling=scaling,
            seed=(experiment.seed + number) % 2**32,
        )
        for activation, scaling, number in product(("relu", "tanh"), ("none", scaled), range(seeds))
    ]


def compare(
    experiments: list[NumberExperiment],
    window: tuple[float, ...],
    on_progress: Callable[[float, np.ndarray], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """Train each experiment and ask it for the number after `window`.

    One row for each that finished before `should_stop`: activation, scaling, seed, prediction,
    loss, inside and beyond (root mean square errors; beyond is not-a-number without a rule), and
    status. `on_progress(share, predictions so far)` follows each.
    """
    rows: list[dict] = []
    for experiment in experiments:
        trained = run(experiment, should_stop=should_stop)
        if trained.status == "stopped":
            break
        inside, outside = rms_errors(predictions(trained))
        rows.append(
            {
                "activation": experiment.activation,
                "scaling": experiment.scaling,
                "seed": experiment.seed,
                "prediction": trained.next_after(window),
                "loss": trained.final_loss,
                "inside": inside,
                "beyond": np.nan if outside is None else outside,
                "status": trained.status,
            }
        )
        if on_progress is not None:
            on_progress(len(rows) / len(experiments), np.array([r["prediction"] for r in rows]))
    columns = ["activation", "scaling", "seed", "prediction", "loss", "inside", "beyond", "status"]
    return pd.DataFrame(rows, columns=columns)


def summary(compared: pd.DataFrame) -> pd.DataFrame:
    """One row for each activation and scaling of `compare`: median and range over the seeds."""
    return compared.groupby(["activation", "scaling"], sort=False, as_index=False).agg(
        networks=("seed", "size"),
        lowest=("prediction", "min"),
        median=("prediction", "median"),
        highest=("prediction", "max"),
        inside=("inside", "median"),
        beyond=("beyond", "median"),
    )


def describe_kinds(
    table: pd.DataFrame, experiment: NumberExperiment, window: tuple[float, ...]
) -> str:
    """The ranges of a `summary` in one sentence, beside what would be right."""
    largest = _largest((*experiment.sequence, *window))
    ranges = [
        f"{row.networks} {ACTIVATION_NAMES[row.activation]} "
        f"network{'' if row.networks == 1 else 's'} with {SCALING_NAMES[row.scaling]} numbers say "
        f"{shown(row.lowest, largest)} to {shown(row.highest, largest)}"
        for row in table.itertuples()
    ]
    expected = expected_after(experiment, window)
    right = "" if expected is None else f" Right is {shown(expected, largest)}."
    return f"After {spelled(window)}: " + "; ".join(ranges) + f".{right}"


def spelled(numbers: tuple[float, ...]) -> str:
    """Numbers as a reader writes them: 7, 8, 9."""
    return ", ".join(f"{number:.10g}" for number in numbers)


def describe_answer(trained: NumberRun, window: tuple[float, ...]) -> str:
    """What the network answers and how far to trust it, in sentences made from its numbers."""
    experiment = trained.experiment
    answer = trained.next_after(window)
    line = float(line_after(experiment, np.reshape(window, (1, -1, 1)))[0])
    expected = expected_after(experiment, window)
    largest = _largest((*experiment.sequence, *window))
    right = "" if expected is None else f"; {shown(expected, largest)} would be right"
    if expected is not None and np.isfinite(answer):
        right += f", so this answer is {_by(abs(answer - expected), largest)} off"
    table, width = predictions(trained), _largest(experiment.sequence)
    further = int((table["where"] == "beyond").sum())
    fit = (
        "No straight-line fit can be given: lines that fit all windows of the sequence equally "
        "well disagree about this one."
        if np.isnan(line)
        else f"A straight-line fit says {shown(line, largest)}; its typical error is "
        f"{_off(*rms_errors(table, 'line'), width, further)}."
    )
    return (
        f"After {spelled(window)} the network says {shown(answer, largest)}{right}. Its typical "
        f"error is {_off(*rms_errors(table), width, further)}. {fit} The last value said again, a "
        "naive forecast, has a typical error of "
        f"{_off(*rms_errors(table, 'last'), width, further)}."
    )


def _by(error: float, largest: float) -> str:
    if not np.isfinite(error):
        return "without bound"
    small = error < 1e-4 * largest
    rounded = float(f"{1e-4 * largest:.1g}" if small else f"{error:.2g}")
    # Written out up to nine digits, where :g would take an exponent.
    return f"less than {rounded:.9g}" if small else f"{rounded:.9g}"


def _off(inside: float, outside: float | None, largest: float, further: int) -> str:
    """Typical errors in words; the second is over the `further` numbers after the sequence."""
    none = _by(0.0, largest)
    errors = [_by(error, largest) for error in (inside, outside) if error is not None]
    if len(errors) == 1:
        return f"{errors[0]} inside the sequence"
    after = f"the {further} numbers after it" if further > 1 else "the number after it"
    if errors == [none, none]:
        return f"{none} inside the sequence and over {after}"
    return f"{errors[0]} inside the sequence and {errors[1]} over {after}"


def shown(number: float, largest: float) -> str:
    """A number to four digits, and none finer than a hundred-thousandth of `largest`."""
    if not np.isfinite(number):
        return "not finite"
    if abs(number) >= 1e4:
        # Four digits would need an exponent.
        return f"{number:.0f}" if abs(number) < 1e9 else f"{number:.4g}"
    # Adding zero turns -0.0 into 0.0.
    return f"{round(number, 4 - int(np.floor(np.log10(largest)))) + 0.0:.4g}"
