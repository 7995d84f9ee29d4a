"""Simple recurrent networks as in Elman (1990), "Finding Structure in Time"."""

from elman import tasks
from elman.experiment import Experiment
from elman.network import ElmanNetwork
from elman.training import Run, run

__all__ = ["ElmanNetwork", "Experiment", "Run", "run", "tasks"]
