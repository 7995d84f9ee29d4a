"""A tested run as text, as plain values for JSON, and as a figure."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence as SequenceOf
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.experiment import Experiment
from elman.tasks import Sequence, Task, task_of
from elman.training import Run

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

WIDTH = 80

# Marks of a right and a wrong prediction, and what stands for them where they cannot be printed.
MARKS, PLAIN_MARKS = ("✓", "✗"), ("ok", "--")

FEATURE_HEADING = 5


class Result(NamedTuple):
    """A run and its outputs (steps, n_out) over the sequence that it was tested on.

    `tested_on` and `test_reset` say which sequence that is ("new" or "training") and how the
    context was reset there (one of `analysis.replay.TEST_RESETS`).
    """

    run: Run
    sequence: Sequence
    outputs: np.ndarray
    tested_on: str
    test_reset: str

    @property
    def task(self) -> Task:
        """The task of the run."""
        return task_of(self.run.experiment)


def heading(experiment: Experiment, sequence: Sequence) -> str:
    """What is being trained, as the first line of the text says it."""
    return _wrapped(f"{task_of(experiment).title}: {_settings(experiment, sequence)}.")


def _settings(experiment: Experiment, sequence: Sequence) -> str:
    """Size, duration and reset policy, and every other setting off the task's default."""
    named = ("hidden", "epochs", "length", "reset", "reset_every")
    reset = experiment.reset
    if experiment.reset_every is not None:
        reset += f" {_count(experiment.reset_every, 'step')}"
    changed = experiment.differences(Experiment(task=experiment.task))
    parts = [
        _count(experiment.hidden, "hidden unit"),
        f"{_count(experiment.epochs, 'epoch')} of {_count(len(sequence), 'step')}",
        f"context reset: {reset}",
        *(f"{name.replace('_', ' ')} {changed[name][0]}" for name in changed if name not in named),
    ]
    return ", ".join(parts)


def text(result: Result, steps: int, encoding: str = "utf-8") -> str:
    """The tables and sentences of a run, with the first `steps` predictions.

    `encoding` is that of the stream which will print it: marks outside of it are replaced.
    """
    from elman.analysis import errors, reading

    run, task = result.run, result.task
    tested = result.outputs, result.sequence
    kind = "a new sequence" if result.tested_on == "new" else "the training sequence"
    predictions = errors.predictions(*tested, task, steps)
    right = errors.accuracy(*tested)
    places = {"everywhere": right.everywhere, f"at {task.predictable}": right.predictable}
    longest = max(map(len, places))
    everywhere, sure = (f"{name:{longest}} {share:7.1%}" for name, share in places.items())
    blocks = [
        f"Tested on {kind} of {_count(len(result.sequence), 'step')}, "
        f"context reset: {result.test_reset}.",
        f"Predicted against expected, the first {_count(len(predictions), 'step')}\n"
        + _predictions(predictions, task, _marks(encoding)),
        f"Accuracy\n{everywhere} (at best {right.ceiling:.1%} on average)\n{sure}",
        "Error by position\n" + _errors(errors.by_position(*tested, task), "position"),
    ]
    if not task.one_bit:
        blocks.append(
            _wrapped(
                "Error by feature (sure: squared error at "
                f"{task.predictable}; open: at {task.open})"
            )
            + "\n"
            + _errors(errors.by_feature(*tested, task), "feature")
        )
    blocks.append(_wrapped(reading.result_in_words(*tested, task)))
    blocks.append(_wrapped(_ending(run)))
    return "\n\n".join(blocks)


def values(result: Result, steps: int) -> dict[str, Any]:
    """The same as plain values for JSON: no arrays, and None for what is not a finite number."""
    from elman.analysis import errors, reading

    run, task = result.run, result.task
    tested = result.outputs, result.sequence
    # A position that a short sequence never reaches has no error, but keeps its place.
    by_position = errors.by_position(*tested, task).set_index("position").reindex(task.positions)
    answer = {
        "experiment": asdict(run.experiment),
        "status": run.status,
        "message": run.message,
        "compiled": run.compiled,
        "seconds": run.seconds,
        "final_loss": run.final_loss,
        "floor": float(run.sequence.floor.mean()),
        "tested_on": result.tested_on,
        "test_reset": result.test_reset,
        "accuracy": errors.accuracy(*tested)._asdict(),
        "positions": list(task.positions),
        "errors_by_position": by_position["squared"].tolist(),
        "floors_by_position": by_position["squared_floor"].tolist(),
    }
    if not task.one_bit:
        by_feature = errors.by_feature(*tested, task).set_index("feature")
        answer["errors_by_feature"] = by_feature["squared"].to_dict()
        answer["floors_by_feature"] = by_feature["squared_floor"].to_dict()
    answer["result"] = reading.result_in_words(*tested, task)
    answer["predictions"] = errors.predictions(*tested, task, steps).to_dict("records")
    answer["losses"] = run.losses.tolist()
    return _finite(answer)


def figure(results: SequenceOf[Result]) -> alt.HConcatChart:
    """Side by side for each run: the loss curve, and below it the error by position."""
    import altair as alt

    from elman import charts
    from elman.analysis import errors

    columns = []
    for result in results:
        run, task = result.run, result.task
        floor = float(run.sequence.floor.mean())
        table = errors.by_position(result.outputs, result.sequence, task)
        above = charts.loss_curve(run.losses, floor, epochs=run.experiment.epochs)
        below = charts.errors_by_position(table, "squared", errors.MEASURES["squared"])
        settings = textwrap.wrap(_settings(run.experiment, run.sequence), WIDTH)
        title = alt.Title(task.title, subtitle=settings)
        columns.append(
            alt.vconcat(*(part.properties(width=480) for part in (above, below)), title=title)
        )
    return alt.hconcat(*columns, spacing=40)


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}" + ("" if number == 1 else "s")


def _wrapped(words: str) -> str:
    return textwrap.fill(words, WIDTH)


def _ending(run: Run) -> str:
    floor = float(run.sequence.floor.mean())
    how = "" if run.compiled else " on the NumPy reference"
    loss = f"Final loss {run.final_loss:.4f}" if run.epochs_done else "No epoch was completed"
    return f"{loss}, floor {floor:.4f}. Trained in {run.seconds:.2f} seconds{how}."


def _marks(encoding: str) -> tuple[str, str]:
    try:
        "".join(MARKS).encode(encoding)
    except UnicodeEncodeError:
        return PLAIN_MARKS
    return MARKS


def _predictions(table: pd.DataFrame, task: Task, marks: tuple[str, str]) -> str:
    """Without the outputs of the features if they would make the lines too long."""
    outputs = ["output"] if task.one_bit else list(task.features)
    number = ("{:.3f}" if task.one_bit else "{:.2f}").format
    right, wrong = marks
    table = table.assign(
        **{name: table[name].map(number) for name in outputs},
        match=np.where(table["match"], right, wrong),
        predictable=np.where(table["predictable"], "yes", "no"),
    ).rename(columns={"predictable": "foretold"})
    if not task.one_bit:
        shorter = table.rename(columns={name: name[:FEATURE_HEADING] for name in outputs})
        lines = shorter.to_string(index=False)
        if len(lines.partition("\n")[0]) <= WIDTH:
            return lines
        table = table.drop(columns=outputs)
    return table.to_string(index=False)


def _errors(table: pd.DataFrame, rows: str) -> str:
    """A table of `analysis.errors` under headings short enough for one line."""
    words = {"rms": "RMS", "squared_predictable": "sure", "squared_open": "open"}
    names = [name for name in table.columns if name != rows]
    short = ["floor" if n.endswith("_floor") else words.get(n, n) for n in names]
    return (
        table[names]
        .set_axis(table[rows].tolist())
        .to_string(header=short, float_format="{:.4f}".format)
    )


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
