"""A network for a command: trained here as flags say, or read from a file."""

from __future__ import annotations

import argparse

from elman import saving, training
from elman.cli import shell
from elman.cli.shell import CommandError
from elman.settings import Setting, refuse
from elman.tasks import TASKS

# The word on the command line that says where the network comes from.
NETWORK = {"run": "TASK|FILE"}

EPOCH = Setting(int, "the network after so many epochs", low=0, high=100_000_000, default=None)


def add_source(parser: argparse.ArgumentParser) -> None:
    """The word that names a task or a file, and the settings of training."""
    parser.add_argument(
        "source", metavar="TASK|FILE", help=f"{', '.join(TASKS)}, or a run saved as .npz"
    )
    shell.add_settings(tuple(TASKS), parser)


def run_of(args: argparse.Namespace, max_mb: int) -> training.Run:
    """The run that `args.source` names."""
    source = args.source
    if source not in TASKS:
        if not source.endswith(saving.ENDING):
            allowed = f"{', '.join(TASKS)}, or a file ending in {saving.ENDING}"
            raise CommandError(f"TASK: allowed is one of {allowed}; {source!r} was given")
        shell.compiled_or_note()
        return shell.saved_run(source, min(max_mb, shell.MAX_FILE_MB.default))
    experiment = shell.experiment_of(args, source)
    shell.check_memory([experiment], max_mb)
    shell.checked_sequences([experiment])
    compiled = shell.compiled_or_note()
    with (
        shell.interruptible() as should_stop,
        shell.training_progress(experiment.task, experiment.epochs) as progress,
    ):
        run = training.run(experiment, progress, should_stop, compiled=compiled)
    if run.message:
        shell.note(f"{experiment.task}: {run.message}")
    return run


def checked_epoch(run: training.Run, epoch: int | None) -> int:
    """The epoch to look at, by default the last; ValueError if there is no network of it."""
    first = run.experiment.branch_epoch or 0
    if epoch is not None and 0 < epoch < first:
        allowed = f"0 or a whole number from {first} on, where this branch begins"
        raise refuse("epoch", allowed, epoch)
    if epoch is not None and epoch > run.epochs_done:
        raise ValueError(
            f"epoch: allowed is a whole number from 0 to {run.epochs_done}; {epoch} was given."
        )
    return run.epochs_done if epoch is None else epoch


def exit_code(args: argparse.Namespace, run: training.Run) -> int:
    """A saved run is what it is; one that was trained here may have been stopped."""
    return shell.exit_code([run.status]) if args.source in TASKS else 0
