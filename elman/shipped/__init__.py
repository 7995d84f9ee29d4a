"""Runs that come with the package: those of all presets, so that a first visitor waits for none.

    python -m elman.shipped

trains them anew. Each is the very run that training gives, with the same bits, in a file as
`elman.saving` writes it.
"""

from __future__ import annotations

import functools
from pathlib import Path

from elman import saving
from elman.experiment import Experiment
from elman.tasks import TASKS, preset
from elman.training import Run

FOLDER = Path(__file__).parent

# Two sizes of sequences in use at a time; the runs of all presets have some six megabytes.
KEPT = 4


def file_of(task: str, name: str) -> Path:
    """Where the run of a preset lies."""
    return FOLDER / f"{task}-{name}{saving.ENDING}"


def _file(experiment: Experiment) -> Path | None:
    for name in TASKS[experiment.task].presets:
        if preset(experiment.task, name) == experiment:
            return file_of(experiment.task, name)
    return None


def run_of(experiment: Experiment) -> Run | None:
    """The run of an experiment, if it is that of a preset and comes with the package.

    A file that is missing, damaged, or of something else is as none.
    """
    file = _file(experiment)
    run = None if file is None else _loaded(file)
    return run if run is not None and run.experiment == experiment else None


@functools.lru_cache(maxsize=KEPT)
def _loaded(file: Path) -> Run | None:
    try:
        return saving.load(file)
    except (OSError, ValueError):
        return None
