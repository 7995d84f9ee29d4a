"""A tested run as text, as plain values for JSON, and as a figure; tables as text."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from collections.abc import Sequence as SequenceOf
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from elman.experiment import Experiment
from elman.tasks import Sequence, Task, task_of
from elman.training import Run

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from elman.analysis.replay import Tested

WIDTH = 80

# Marks of a right and a wrong prediction, and what stands for them where they cannot be printed.
MARKS, PLAIN_MARKS = ("✓", "✗"), ("ok", "--")

# So many letters of a feature's name head its column of outputs.
FEATURE_HEADING = 5


def heading(experiment: Experiment, sequence: Sequence) -> str:
    """What is being trained, as the first line of the text says it, and what it goes on from."""
    from elman.analysis.comparison import lineage

    task = task_of(experiment)
    said = [f"{task.title}: {_settings(experiment, sequence)}."]
    if experiment.branch:
        said.append(f"It goes on {lineage(experiment)}.")
    if task.unseen is not None:
        # What a reader's own text was read as, and what of it counts as one.
        said.append(task.rule)
    return wrapped(" ".join(said))


def _settings(experiment: Experiment, sequence: Sequence) -> str:
    """Size, duration and reset policy, and every other setting off the task's default."""
    named = ("hidden", "epochs", "length", "reset", "reset_every", "branch")
    reset = experiment.reset
    if experiment.reset_every is not None:
        reset += f" {_count(experiment.reset_every, 'step')}"
    changed = experiment.differences(Experiment(task=experiment.task))
    parts = [
        _count(experiment.hidden, "hidden unit"),
        f"{_count(experiment.epochs, 'epoch')} of {_count(len(sequence), 'step')}",
        f"context reset: {reset}",
        *(_changed(name, changed[name][0]) for name in changed if name not in named),
    ]
    return ", ".join(parts)


def described(experiment: Any, named: Mapping[str, str], defaults: Mapping[str, Any]) -> list[str]:
    """Settings as the first line of a text says them: those in `named` by its words, which have a
    place for the value, and each other one that is not as in `defaults`."""
    values = {name: getattr(experiment, name) for name in (*named, *defaults)}
    return [
        *(words.format(values[name]) for name, words in named.items()),
        *(
            _changed(name, values[name])
            for name, usual in defaults.items()
            if name not in named and values[name] != usual
        ),
    ]


def _changed(name: str, value: Any) -> str:
    if name == "text":
        return f"text of {_count(len(value), 'character')}"
    return f"{name.replace('_', ' ')} {repr(value) if name == 'boundary' else value}"


def text(tested: Tested, steps: int, encoding: str = "utf-8") -> str:
    """The tables and sentences of a run, with the first `steps` predictions.

    `encoding` is that of the stream which will print it, and decides how matches are marked.
    """
    from elman.analysis import errors, verdicts

    run, task = tested.run, tested.task
    kind = "a new sequence" if tested.tested_on == "new" else "the training sequence"
    if task.unseen is not None and tested.tested_on == "new":
        kind = "what training left unseen"
    predictions = errors.predictions(tested, steps)
    by_position = errors.by_position_with_bigram(tested, run.sequence)
    ngrams = errors.against_ngrams(tested, run.sequence)
    blocks = [
        wrapped(
            f"Tested on {kind} of {_count(len(tested.sequence), 'step')}, "
            f"context reset: {tested.reset}."
        ),
        f"Predicted against expected, the first {_count(len(predictions), 'step')}\n"
        + _predictions(predictions, task, _marks(encoding)),
        _accuracy(errors.accuracy(tested), errors.remembered(tested), task),
        "Error by position\n" + _errors(by_position, "position"),
    ]
    if task.has_features:
        where = f"sure: squared error at {task.predictable_words}; open: at {task.open_words}"
        by_feature = wrapped(f"Error by feature ({where})")
        blocks.append(f"{by_feature}\n{_errors(errors.by_feature(tested), 'feature')}")
    blocks.append("Error beside n-grams counted in training\n" + _errors(ngrams, "predictor"))
    blocks += [f"{wrapped(part.heading)}\n{part.text}" for part in _task_tables(tested)]
    blocks += [wrapped(verdicts.describe_result(tested, run.sequence)), wrapped(_ending(run, task))]
    return "\n\n".join(blocks)


def _accuracy(right: Any, remembered: float | None, task: Task) -> str:
    best = "" if right.ceiling is None else f" (at best {right.ceiling:.1%} on average)"
    places = {"everywhere": right.everywhere}
    if right.where_certain is not None:
        places[f"at {task.predictable_words}"] = right.where_certain
    if remembered is not None:
        places[f"at {task.remembered}, remembered"] = remembered
    longest = max(map(len, places))
    first, *rest = (f"{name:{longest}} {share:7.1%}" for name, share in places.items())
    lines = ["Accuracy", first + best, *rest]
    if task.one_hot:
        lines.append("Right is a step whose largest output is that of the next symbol.")
    return "\n".join(lines)


class _TaskTable(NamedTuple):
    """A table that only one task has: its key in JSON, its heading, the table and its text."""

    key: str
    heading: str
    table: pd.DataFrame
    text: str


def _task_tables(tested: Tested) -> list[_TaskTable]:
    makers = {
        "word boundaries": _word_places,
        "likelihoods": _likelihoods,
        "accepted strings": _acceptance,
    }
    return [makers[name](tested) for name in tested.task.own_analyses if name in makers]


def _word_places(tested: Tested) -> _TaskTable:
    from elman.analysis import errors, segmentation

    measured = errors.by_place_in_word(tested)
    whole = errors.by_step(tested, len(tested.sequence))
    best = segmentation.best_cuts(whole["squared"].to_numpy(), whole["begins"].to_numpy())
    text = f"{_errors(measured, 'part')}\n\n{wrapped(segmentation.describe_cuts(best))}"
    return _TaskTable("errors_by_place_in_word", "Error by place in the word", measured, text)


def _likelihoods(tested: Tested) -> _TaskTable:
    from elman.analysis import likelihood

    measured = likelihood.table(tested)
    short = {
        "exact likelihoods: ": "ideal: ",
        likelihood.EXPECTED[0]: "word",
        " likelihoods": "",
    }
    rows = (measured["answer"] + ": " + measured["against"]).replace(short, regex=True)
    means = measured[list(likelihood.MEASURES)].map("{:.3f}".format)
    spreads = measured[[f"{name}_sd" for name in means]].map(" ({:.3f})".format)
    heading = (
        "Difference between answer and what can be expected, mean (standard deviation): sum of "
        "squares, its root, sum of absolute values, and the cosine. The paper has 0.88 against "
        "the word, 0.053 (0.100) and a cosine of 0.916 (0.123) against counted likelihoods."
    )
    text = table((means + spreads.to_numpy()).assign(row=rows), rows="row")
    return _TaskTable("likelihoods", heading, measured, text)


def _acceptance(tested: Tested) -> _TaskTable:
    from elman.analysis import acceptance

    strings = acceptance.strings(tested.run.experiment)
    measured = acceptance.table(acceptance.judged(tested.run, strings))
    heading = "Strings accepted: every letter's output above 0.3 just before it came"
    return _TaskTable("acceptance", heading, measured, table(measured, "{:.2%}"))


def values(tested: Tested, steps: int) -> dict[str, Any]:
    """The same as plain values for JSON: no arrays, and None for what is not a finite number."""
    from elman.analysis import errors, learned, references, verdicts

    run, task = tested.run, tested.task
    right, kept = errors.accuracy(tested), errors.remembered(tested)
    last_symbol = learned.by_last_symbol(tested, run.sequence)
    # A position that a short sequence never reaches has no error, but keeps its place.
    by_position = errors.by_position(tested).set_index("position").reindex(task.positions)
    lines = references.references(run.sequence, task)
    answer = {
        "experiment": run.experiment.to_dict(),
        "status": run.status,
        "message": run.message,
        "compiled": run.compiled,
        "seconds": run.seconds,
        "final_loss": run.final_loss,
        "floor": float(run.sequence.floor.mean()),
        "baselines": {line.short: line.value for line in lines if line.role == "baseline"},
        "tested_on": tested.tested_on,
        "test_reset": tested.reset,
        "accuracy": {
            "everywhere": right.everywhere,
            "predictable": right.where_certain,
            "predictable_by_last_symbol": last_symbol,
            "ceiling": right.ceiling,
        }
        | ({} if kept is None else {"remembered": kept}),
        # None where no step is certain, so that nobody can say.
        "learned": None
        if right.where_certain is None
        else learned.is_learned(right.where_certain, last_symbol),
        "positions": list(task.positions),
        "errors_by_position": by_position["squared"].tolist(),
        "floors_by_position": by_position["squared_floor"].tolist(),
    }
    if task.has_features:
        by_feature = errors.by_feature(tested).set_index("feature")
        answer["errors_by_feature"] = by_feature["squared"].to_dict()
        answer["floors_by_feature"] = by_feature["squared_floor"].to_dict()
    answer |= {part.key: part.table.to_dict("records") for part in _task_tables(tested)}
    answer["result"] = verdicts.describe_result(tested, run.sequence)
    answer["predictions"] = errors.predictions(tested, steps).to_dict("records")
    answer["losses"] = run.losses.tolist()
    return finite(answer)


def figure(tests: SequenceOf[Tested]) -> alt.HConcatChart:
    """Side by side for each run: the loss curve, and below it the error by position."""
    import altair as alt

    from elman.analysis import errors, references
    from elman.charts.errors import errors_by_position
    from elman.charts.loss import loss_curve

    columns = []
    for tested in tests:
        run, task = tested.run, tested.task
        table = errors.by_position_with_bigram(tested, run.sequence)
        lines = references.references(run.sequence, task)
        above = loss_curve(run.losses, lines, epochs=run.experiment.epochs)
        below = errors_by_position(table, "squared", errors.MEASURES["squared"])
        settings = textwrap.wrap(_settings(run.experiment, run.sequence), WIDTH)
        title = alt.Title(task.title, subtitle=settings)
        columns.append(
            alt.vconcat(*(part.properties(width=480) for part in (above, below)), title=title)
        )
    return alt.hconcat(*columns, spacing=40)


def _ending(run: Run, task: Task) -> str:
    from elman.analysis import references

    lines = {line.short: line.value for line in references.references(run.sequence, task)}
    beside = "floor" if "floor" in lines else "bigram"
    how = "" if run.compiled else " on the NumPy reference"
    loss = f"Final loss {run.final_loss:.4f}" if run.epochs_done else "No epoch was completed"
    return f"{loss}, {beside} {lines[beside]:.4f}. Trained in {run.seconds:.2f} seconds{how}."


def _marks(encoding: str) -> tuple[str, str]:
    try:
        "".join(MARKS).encode(encoding)
    except UnicodeEncodeError:
        return PLAIN_MARKS
    return MARKS


def _predictions(predicted: pd.DataFrame, task: Task, marks: tuple[str, str]) -> str:
    """Without the outputs of the features if they would make the lines too long."""
    right, wrong = marks
    short = {
        "predictable": "certain",
        "answer_output": "output",
        "expected_output": "its output",
    }
    outputs = [name for name, kind in predicted.dtypes.items() if kind.kind == "f"]
    predicted = predicted.assign(match=np.where(predicted["match"], right, wrong))
    if "predictable" in predicted:
        predicted["predictable"] = np.where(predicted["predictable"], "yes", "no")
    number = ("{:.2f}" if task.has_features else "{:.3f}").format
    # As texts they are no wider than their digits.
    predicted = predicted.assign(**{name: predicted[name].map(number) for name in outputs})
    if task.has_features:
        short |= {name: name[:FEATURE_HEADING] for name in outputs}
        lines = table(predicted.rename(columns=short))
        if len(lines.partition("\n")[0]) <= WIDTH:
            return lines
        predicted = predicted.drop(columns=outputs)
    return table(predicted.rename(columns=short))


def _errors(measured: pd.DataFrame, rows: str) -> str:
    """A table of `analysis.errors` under headings short enough for one line."""
    words = {
        "rms": "RMS",
        "squared_predictable": "sure",
        "squared_open": "open",
        "squared_bigram": "bigram",
    }
    left_out = (rows, "rms_bigram", "rate_bigram")
    names = [n for n in measured if n not in left_out and measured[n].notna().any()]
    short = ["floor" if n.endswith("_floor") else words.get(n, n) for n in names]
    return table(measured[[rows, *names]], "{:.4f}", rows=rows, headings=short)


def wrapped(words: str) -> str:
    """Words in lines that fit a terminal."""
    return textwrap.fill(words, WIDTH)


def table(
    frame: pd.DataFrame,
    number: str | None = None,
    *,
    rows: str | None = None,
    headings: SequenceOf[str] | None = None,
) -> str:
    """A frame as lines of text, its numbers with a fraction written as `number` says.

    The column `rows` names the rows, which else have no names; `headings` are those of the others.
    """
    if rows is not None:
        frame = frame.set_index(rows).rename_axis(None)
    return frame.to_string(
        index=rows is not None,
        header=True if headings is None else list(headings),
        float_format=None if number is None else number.format,
    )


def finite(value: Any) -> Any:
    """`value` with None for every number in it that is not finite, as JSON needs it."""
    if isinstance(value, dict):
        return {key: finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [finite(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _count(number: int, unit: str) -> str:
    return f"{number:,} {unit}" + ("" if number == 1 else "s")
