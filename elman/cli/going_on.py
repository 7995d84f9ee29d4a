"""Going on from a saved run: `--from FILE`, `--from-epoch N`, and flags for what changes."""

from __future__ import annotations

import argparse

from elman import saving
from elman.cli import shell
from elman.experiment import BRANCHED, SETTINGS, Experiment
from elman.settings import Setting
from elman.training import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags that name a saved run to go on from."""
    group = parser.add_argument_group("going on from a saved run")
    group.add_argument(
        "--from",
        dest="from_file",
        metavar="FILE",
        help=f"a run saved as {saving.ENDING}: train on from its network, with its settings where "
        f"no flag gives others. May change: {', '.join(map(shell.flag, BRANCHED))}. The epochs "
        "count those before, too (default: twice as many from where it ended, else as many as it "
        "has). Without changes this is the longer run, bit for bit; with reset growing, whose "
        "stages are shares of all epochs, only with as many epochs",
    )
    group.add_argument(
        "--from-epoch",
        metavar="N",
        help="from the network as it was after so many of its epochs (default: all it has done)",
    )


def parent_of(args: argparse.Namespace, max_mb: int) -> Run | None:
    """The saved run that a command goes on from; None if none is named."""
    file = getattr(args, "from_file", None)
    if file is None:
        if getattr(args, "from_epoch", None) is not None:
            raise shell.CommandError("--from-epoch: allowed is none without --from; one was given")
        return None
    return shell.saved_run(file, min(max_mb, shell.MAX_FILE_MB.default), named="--from")


def branch_of(parent: Run, args: argparse.Namespace, task: str) -> Experiment:
    """The branch that goes on from `parent` as the flags say."""
    before = parent.experiment
    if before.task != task:
        words = f"allowed is a run of {task}; one of {before.task} was given"
        raise shell.CommandError(f"--from: {words}")
    for name in ("preset", "text_file", "branch"):
        if getattr(args, name, None) is not None:
            words = "allowed is none with --from; one was given"
            raise shell.CommandError(f"{shell.flag(name)}: {words}")
    changes = shell.given(args, [name for name in SETTINGS if name != "task"])
    first, done = before.branch_epoch or 0, parent.epochs_done
    with shell.input_errors({"branch": "from_epoch"}):
        epoch = done
        if args.from_epoch is not None:
            setting = Setting(int, "", low=first, high=done)
            epoch = setting.check("from_epoch", args.from_epoch)
        if "epochs" not in changes and epoch == before.epochs:
            changes["epochs"] = min(2 * epoch, int(SETTINGS["epochs"].high))
        return before.branched(epoch, **changes)
