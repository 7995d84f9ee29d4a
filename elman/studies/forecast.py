"""A network on numbers continues a sequence on its own output, and how far that can be trusted.

Free running: each number that the network gives becomes the last of its next window, so that an
error is read again with every step. One step ahead: the network reads what really came.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from elman.settings import Setting
from elman.studies.number_answers import line_after, rule
from elman.studies.numbers import LARGEST, NumberExperiment, NumberRun, run

STEPS = Setting(int, "numbers to continue by", low=1, high=100, default=20)


def free_running(
    after: Callable[[np.ndarray], np.ndarray], experiment: NumberExperiment, steps: int
) -> np.ndarray:
    """The next `steps` numbers, each after a window that ends with those before: (steps,).

    `after(x)` gives the number after windows x (samples, window, 1). From a number on that is no
    longer finite or a thousand times beyond what is allowed, all are not-a-number.
    """
    steps = STEPS.check("steps", steps)
    window = list(experiment.window())
    found = np.full(steps, np.nan)
    for step in range(steps):
        number = float(after(np.reshape(window, (1, -1, 1)))[0])
        if not abs(number) <= 1000.0 * LARGEST:
            break
        found[step] = number
        window = [*window[1:], number]
    return found


def right_numbers(experiment: NumberExperiment, steps: int) -> np.ndarray:
    """How the sequence goes on by its rule: (steps,); not-a-number where none is known."""
    _, follow = rule(experiment.sequence)
    numbers = list(experiment.sequence)
    if follow is None:
        return np.full(steps, np.nan)
    for _ in range(steps):
        numbers.append(float(follow(numbers)))
    return np.array(numbers[len(experiment.sequence) :])


def one_step_ahead(trained: NumberRun, steps: int) -> np.ndarray:
    """What the network answers where it reads the right numbers: (steps,).

    Not-a-number where no rule is known, but for the first, which needs none.
    """
    experiment = trained.experiment
    size = experiment.window_size
    known = np.append(experiment.sequence[-size:], right_numbers(experiment, steps))
    windows = np.lib.stride_tricks.sliding_window_view(known, size)[:steps]
    answers = np.full(steps, np.nan)
    finite = np.isfinite(windows).all(axis=1)
    answers[finite] = trained.predict(windows[finite][:, :, np.newaxis])
    return answers


def networks(experiment: NumberExperiment, seeds: int) -> list[NumberExperiment]:
    """The experiment from so many first weights, its own first."""
    return [replace(experiment, seed=(experiment.seed + k) % 2**32) for k in range(seeds)]


def continued(trained: NumberRun, steps: int) -> pd.DataFrame:
    """How one network continues its sequence: a row for each step, columns as of `forecast`."""
    experiment = trained.experiment
    return pd.DataFrame(
        {
            "seed": experiment.seed,
            "step": np.arange(1, steps + 1),
            "free": free_running(trained.predict, experiment, steps),
            "one_step": one_step_ahead(trained, steps),
            "line": free_running(lambda x: line_after(experiment, x), experiment, steps),
            "right": right_numbers(experiment, steps),
        }
    )


def forecast(
    experiments: list[NumberExperiment],
    steps: int,
    on_progress: Callable[[float, pd.DataFrame], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """Train each network and let it continue the sequence; a row for each and each step.

    Columns: seed, step (from 1), free, one_step, line (the straight-line fit, read again likewise)
    and right (not-a-number where no rule is known). Stopped, it has the networks that were done.
    """
    parts: list[pd.DataFrame] = []
    for experiment in experiments:
        trained = run(experiment, should_stop=should_stop)
        if trained.status == "stopped":
            break
        parts.append(continued(trained, steps))
        if on_progress is not None:
            on_progress(len(parts) / len(experiments), pd.concat(parts, ignore_index=True))
    columns = ["seed", "step", "free", "one_step", "line", "right"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def by_horizon(table: pd.DataFrame) -> pd.DataFrame:
    """What all networks say at each step, and how far off they are: one row a step.

    Columns: step, middle, low and high (median, lowest and highest of `free`), line, right, and
    free_error and one_step_error (medians of the distance from `right`; not-a-number without).
    """
    rows = []
    for step, part in table.groupby("step"):
        right = float(part["right"].iloc[0])
        rows.append(
            {
                "step": step,
                "middle": _median(part["free"]),
                "low": float(part["free"].min()),
                "high": float(part["free"].max()),
                "line": float(part["line"].iloc[0]),
                "right": right,
                "free_error": _median((part["free"] - right).abs()),
                "one_step_error": _median((part["one_step"] - right).abs()),
            }
        )
    return pd.DataFrame(rows)


def _median(values: pd.Series) -> float:
    # A network that ran off to infinity counts as the farthest.
    numbers = np.sort(values.fillna(math.inf).to_numpy(dtype=float))
    middle = float(numbers[(len(numbers) - 1) // 2])
    return middle if math.isfinite(middle) else math.nan


def describe_forecast(horizon: pd.DataFrame, networks: int) -> str:
    """What a `by_horizon` of so many networks says, in a sentence or two."""
    last = horizon.iloc[-1]
    many = "the network" if networks == 1 else f"the median of {networks} networks"
    words = f"After {int(last['step'])} numbers on its own {many} is at {last['middle']:.4g}"
    if networks > 1:
        words += f", the networks between {last['low']:.4g} and {last['high']:.4g}"
    words += f"; the straight line at {last['line']:.4g}."
    if math.isfinite(last["right"]):
        one = horizon["one_step_error"].iloc[-1]
        words += (
            f" Right is {last['right']:.4g}: off by {last['free_error']:.3g} on its own, by "
            f"{one:.3g} where it reads what really comes."
        )
    return words.replace("nan", "no number any more")
