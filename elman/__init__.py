"""Simple recurrent networks as in Elman (1990), "Finding Structure in Time"."""

from elman import tasks
from elman.experiment import Experiment
from elman.layers import RNN
from elman.layers.gated import GRU, LSTM
from elman.network import ElmanNetwork
from elman.training import Run, run

__all__ = ["GRU", "LSTM", "RNN", "ElmanNetwork", "Experiment", "Run", "run", "tasks"]
