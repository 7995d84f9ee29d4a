"""From an `Experiment` to its `Run`: the training loop, and what trains one or many networks."""

from elman.training.loop import Run, resets_of_pass, resumed, run
from elman.training.reading import predict, stepper
from elman.training.sizes import check_bytes, snapshot_epochs
from elman.training.trainers import Snapshot, compiled_available

__all__ = [
    "Run",
    "Snapshot",
    "check_bytes",
    "compiled_available",
    "predict",
    "resets_of_pass",
    "resumed",
    "run",
    "snapshot_epochs",
    "stepper",
]
