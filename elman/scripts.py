"""An experiment as a program: a Python script or a Jupyter notebook that makes the run again."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from elman.experiment import Experiment
from elman.tasks import TASKS

# Longer texts are written in pieces, as lines that can be read.
PIECE = 72

WHERE = (
    "It needs the library `elman` of this app: `pip install .` in the folder of the app",
    "installs it; or put this file into that folder, beside `streamlit_app.py`.",
)

IMPORTS = """\
from elman import Experiment, run, tasks
from elman.analysis.errors import by_position
from elman.analysis.replay import replay"""

ERRORS = """\
new = tasks.new_sequence(experiment)
outputs = replay(trained, new).outputs
errors = by_position(outputs, new, tasks.task_of(experiment))"""

# As pictures, which every viewer shows; Altair's usual way loads a program from the internet.
CHART_IMPORTS = """\
import altair as alt
from elman.analysis.references import references
from elman.charts.errors import errors_by_position
from elman.charts.loss import loss_curve

alt.renderers.enable("svg");"""

LOSS_CHART = """\
lines = references(trained.sequence, tasks.task_of(experiment))
loss_curve(trained.losses, lines)"""

ERROR_CHART = 'errors_by_position(errors, "squared", "Squared error")'


def expression(experiment: Experiment) -> str:
    """The Python expression that makes an equal experiment: its task and what is off its default.

    Every value stands there as a literal, so that a reader's own text stays text.
    """
    changed = experiment.differences(Experiment(task=experiment.task))
    values = {"task": experiment.task} | {name: value for name, (value, _) in changed.items()}
    lines = [f"    {name}={_literal(value)},\n" for name, value in values.items()]
    return f"Experiment(\n{''.join(lines)})"


def _literal(value: Any) -> str:
    if not isinstance(value, str) or len(value) <= PIECE:
        return repr(value)
    pieces = [repr(value[first : first + PIECE]) for first in range(0, len(value), PIECE)]
    return "(\n" + "".join(f"        {piece}\n" for piece in pieces) + "    )"


def _training(experiment: Experiment, losses: np.ndarray | None) -> str:
    """Train, print the loss, and say beside it which loss to expect."""
    epochs = experiment.epochs if losses is None else len(losses)
    lines = [f"experiment = {expression(experiment)}", "", "trained = run(experiment)"]
    if losses is None or epochs == 0:
        lines.append('print(f"Loss after {trained.epochs_done} epochs: {trained.final_loss!r}")')
    else:
        lines += [
            f'print(f"Loss after {epochs} epochs: {{float(trained.losses[{epochs - 1}])!r}}")',
            f'print("It was {float(losses[-1])!r} in the run that this was saved from.")',
        ]
    return "\n".join(lines)


def script(experiment: Experiment, losses: np.ndarray | None = None) -> str:
    """A Python script that trains `experiment` and prints its loss and its errors by position.

    `losses` (epochs done,) of a run that was made are stated for comparison.
    """
    title, where = TASKS[experiment.task].title, "\n".join(WHERE)
    return f'''"""{title}: one run of "Finding Structure in Time, the interactive edition".

{where}
"""

{IMPORTS}

{_training(experiment, losses)}

{ERRORS}
print(errors[["position", "squared", "squared_floor"]].to_string(index=False))
'''


def notebook(experiment: Experiment, losses: np.ndarray | None = None) -> str:
    """The same as a Jupyter notebook, in its JSON, with the charts of both results."""
    title = TASKS[experiment.task].title
    cells = [
        ("markdown", f"# {title}\n\nOne run of *Finding Structure in Time*. {' '.join(WHERE)}"),
        ("code", f"{IMPORTS}\n{CHART_IMPORTS}"),
        ("markdown", "## Train\n\nAll settings that differ from the task's defaults:"),
        ("code", _training(experiment, losses)),
        ("code", LOSS_CHART),
        ("markdown", f"## Test\n\nErrors by position, on {_tested_on(experiment)}:"),
        ("code", f"{ERRORS}\nerrors"),
        ("code", ERROR_CHART),
    ]
    return json.dumps(
        {
            "cells": [_cell(kind, text, f"cell-{i}") for i, (kind, text) in enumerate(cells)],
            "metadata": {
                "kernelspec": {
                    "display_name": "Python 3",
                    "language": "python",
                    "name": "python3",
                },
                "language_info": {"name": "python"},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        indent=1,
        ensure_ascii=False,
    )


def _tested_on(experiment: Experiment) -> str:
    if TASKS[experiment.task].unseen is None:
        return "a new sequence of the same rule"
    return "the part of the text that training left unseen"


def _cell(kind: str, text: str, name: str) -> dict[str, Any]:
    cell = {"cell_type": kind, "id": name, "metadata": {}, "source": text}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
