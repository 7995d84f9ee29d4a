"""A run as one file, and back again without training: `save(run, file)`, `load(file) -> Run`.

The file is an `.npz` of plain arrays, read without pickle. The training sequence is not in it: the
experiment makes it again, and a digest tells whether it is still the same.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from elman.experiment import SETTINGS, Experiment
from elman.layers.archive import Archive, Form, opened
from elman.network import weight_shapes
from elman.settings import checked_finite, refuse
from elman.tasks import Sequence, task_of, training_sequence
from elman.training import Run
from elman.training.sizes import MAX_SNAPSHOTS, check_bytes
from elman.training.trainers import Past, Snapshot

ENDING = ".npz"
FORMAT = 1
STATUSES = ("finished", "stopped", "diverged")

# Unpacked, the largest run there ever was has 64 snapshots of 500 hidden units: about 150 MB. The
# sequence is made anew for any file that speaks of one, however small the file is.
MAX_BYTES, MAX_MEMORY = 500_000_000, 512 * 2**20


# Read first; they say what the other arrays must be.
_HEAD = {
    "format": Form("i", ()),
    "experiment": Form("U", ()),
    "sequence": Form("U", ()),
    "status": Form("U", ()),
    "seconds": Form("f", ()),
    "compiled": Form("b", ()),
    "losses": Form("f", (-1,)),
    "epoch": Form("i", (-1,)),
}

# The part of a snapshot whose arrays hold a row for each step that the gradient still reaches, so
# that their length differs from one snapshot to the next; and the array of these lengths.
_PAST, _LAGS = "past", "past.lags"


def _forms(experiment: Experiment) -> dict[str, Form]:
    """What one snapshot consists of, by name; -1 stands for its lags."""
    width = task_of(experiment).codes.shape[1]
    weights = weight_shapes(width, experiment.hidden, width)
    shapes = {f"weights.{name}": Form("f", shape) for name, shape in weights.items()}
    shapes["context"] = Form("f", (experiment.hidden,))
    if experiment.momentum:
        shapes |= {f"velocity.{name}": Form("f", shape) for name, shape in weights.items()}
    if experiment.depth > 1:
        shapes["past.step"] = Form("i", (-1,))
        shapes["past.context"] = shapes["past.hidden"] = Form("f", (-1, experiment.hidden))
    return shapes


def _flat(snapshot: Snapshot) -> dict[str, Any]:
    """The arrays of a snapshot by name; those of a part after its name and a dot."""
    arrays: dict[str, Any] = {}
    for name, value in vars(snapshot).items():
        if isinstance(value, Past):
            value = vars(value)
        if isinstance(value, Mapping):
            arrays |= {f"{name}.{part}": array for part, array in value.items()}
        elif value is not None:
            arrays[name] = value
    return arrays


def _snapshot(arrays: Mapping[str, Any]) -> Snapshot:
    """The snapshot that `_flat` made these arrays of."""
    values: dict[str, Any] = {}
    for name, value in arrays.items():
        field, dot, part = name.partition(".")
        if dot:
            values.setdefault(field, {})[part] = value
        else:
            values[field] = value
    if _PAST in values:
        values[_PAST] = Past(**values[_PAST])
    return Snapshot(**values | {"epoch": int(values["epoch"])})


def _joined(snapshots: tuple[Snapshot, ...]) -> dict[str, np.ndarray]:
    """Each array of all snapshots as one array."""
    flat = [_flat(snapshot) for snapshot in snapshots]
    arrays = {}
    for name in flat[0]:
        if name.startswith(_PAST):
            arrays[name] = np.concatenate([one[name] for one in flat])
            arrays[_LAGS] = np.array([len(one[name]) for one in flat])
        else:
            arrays[name] = np.stack([one[name] for one in flat])
    return arrays


def _parted(arrays: Mapping[str, np.ndarray]) -> tuple[Snapshot, ...]:
    """The snapshots that `_joined` made these arrays of."""
    arrays = dict(arrays)
    ends = np.cumsum(arrays.pop(_LAGS, 0))
    columns = {
        name: np.split(array, ends[:-1]) if name.startswith(_PAST) else list(array)
        for name, array in arrays.items()
    }
    rows = zip(*columns.values(), strict=True)
    return tuple(_snapshot(dict(zip(columns, row, strict=True))) for row in rows)


def _digest(sequence: Sequence) -> str:
    digest = hashlib.sha256()
    for codes in (sequence.inputs, sequence.targets):
        digest.update(np.ascontiguousarray(codes, dtype="<f8").data)
    digest.update(np.ascontiguousarray(sequence.group_starts).data)
    return digest.hexdigest()


def save(run: Run, file: str | Path | BinaryIO) -> None:
    """Write `run` to a file, given by its name or open for writing bytes.

    Raises OSError where it cannot be written.
    """
    if isinstance(file, str | Path):
        # NumPy would add an ending to the name.
        with Path(file).open("wb") as stream:
            save(run, stream)
        return
    # Trained weights hardly shrink, and packing them takes longer than writing them.
    head = {
        "format": np.array(FORMAT),
        "experiment": np.array(json.dumps(run.experiment.to_dict(), ensure_ascii=False)),
        "sequence": np.array(_digest(run.sequence)),
        "status": np.array(run.status),
        "seconds": np.array(run.seconds),
        "compiled": np.array(run.compiled),
        "losses": run.losses,
    }
    np.savez(file, allow_pickle=False, **head, **_joined(run.snapshots))


def size(run: Run) -> int:
    """About how many bytes its file has."""
    arrays = _joined(run.snapshots)
    return sum(array.nbytes for array in arrays.values()) + run.losses.nbytes


def load(
    file: str | Path | BinaryIO, *, max_bytes: int = MAX_BYTES, max_memory: float = MAX_MEMORY
) -> Run:
    """The run of a file that `save` wrote, given by its name or open for reading bytes.

    Nothing in the file is trusted: whatever is missing, of another shape or type, not finite, of
    another version, made from another sequence, or larger than `max_bytes` unpacked, raises
    ValueError naming it, what is allowed and what was given. So does a run that needs more than
    `max_memory` bytes, before anything of that size is made. A file that cannot be opened raises
    OSError.
    """
    with opened(file, f"a run saved as {ENDING}", max_bytes) as archive:
        version = int(archive.array("format", _HEAD["format"]))
        if version != FORMAT:
            raise refuse("format", f"version {FORMAT}", version)
        head = {name: archive.array(name, form) for name, form in _HEAD.items()}
        experiment = _experiment(str(head["experiment"]))
        _check_head(head, experiment)
        check_bytes(experiment, max_memory)
        # One that was stopped before its branch begins has the network of the run before.
        trained = experiment.trained_by(len(head["losses"]))
        arrays = _snapshot_arrays(archive, head["epoch"], trained)
        archive.check_names({*_HEAD, *arrays})
    sequence = _sequence(trained, str(head["sequence"]))
    if trained.depth > 1:
        _check_range("past.step", arrays["past.step"], len(sequence) - 1)
    return Run(
        experiment=experiment,
        sequence=sequence,
        losses=head["losses"],
        snapshots=_parted(arrays),
        status=str(head["status"]),
        seconds=float(head["seconds"]),
        compiled=bool(head["compiled"]),
    )


def _snapshot_arrays(
    archive: Archive, epochs: np.ndarray, experiment: Experiment
) -> dict[str, np.ndarray]:
    """All that `_joined` wrote, for snapshots after `epochs` passes."""
    arrays, kept, total = {"epoch": epochs}, len(epochs), 0
    if experiment.depth > 1:
        lags = archive.array(_LAGS, Form("i", (kept,)))
        _check_range(_LAGS, lags, experiment.depth - 1)
        arrays[_LAGS], total = lags, int(lags.sum())
    for name, (kind, shape) in _forms(experiment).items():
        rows = (total, *shape[1:]) if name.startswith(_PAST) else (kept, *shape)
        arrays[name] = checked_finite(name, archive.array(name, Form(kind, rows)))
    return arrays


def _check_range(name: str, values: np.ndarray, largest: int) -> None:
    wrong = values[(values < 0) | (values > largest)]
    if len(wrong):
        raise refuse(name, f"whole numbers from 0 to {largest}", wrong[0], verb="are")


def _experiment(text: str) -> Experiment:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise refuse("experiment", "a JSON object of settings", text)
    for name in given:
        if name not in SETTINGS:
            raise refuse("experiment", f"the settings {', '.join(SETTINGS)}", name, verb="are")
    return Experiment(**given)


def _sequence(experiment: Experiment, digest: str) -> Sequence:
    """The training sequence of the experiment, if that is the one with this digest."""
    sequence, task = training_sequence(experiment), task_of(experiment)
    if digest != _digest(sequence) and task.formerly is not None:
        sequence = task.formerly(experiment.length)
    if digest != _digest(sequence):
        raise refuse(
            "sequence",
            "the training sequence that this version makes of the file's experiment",
            words="another one was given, so the weights would not fit it",
        )
    return sequence


def _check_head(head: Mapping[str, np.ndarray], experiment: Experiment) -> None:
    status, losses, epochs = str(head["status"]), head["losses"], head["epoch"]
    if status not in STATUSES:
        raise refuse("status", f"one of {', '.join(STATUSES)}", status)
    seconds = float(head["seconds"])
    if not (math.isfinite(seconds) and seconds >= 0.0):
        raise refuse("seconds", "a number from 0 up", seconds)
    done = experiment.epochs
    if len(losses) != done if status == "finished" else len(losses) >= done:
        allowed = f"{done}" if status == "finished" else f"fewer than {done}"
        raise refuse(
            "losses",
            f"{allowed} epochs of a {status} run",
            verb="are",
            words=f"{len(losses)} were given",
        )
    if not (np.isfinite(losses).all() and (losses >= 0.0).all()):
        wrong = losses[~(losses >= 0.0) | ~np.isfinite(losses)][0]
        raise refuse("losses", "finite numbers from 0 up", wrong, verb="are")
    first = min(experiment.branch_epoch or 0, len(losses))
    if not (
        1 <= len(epochs) <= MAX_SNAPSHOTS
        and epochs[0] == first
        and epochs[-1] == len(losses)
        and (np.diff(epochs) > 0).all()
    ):
        raise refuse(
            "epoch",
            f"at most {MAX_SNAPSHOTS} rising whole numbers from {first} to {len(losses)}",
            epochs.tolist(),
            verb="are",
        )
