"""Batched recurrent layers with full backpropagation through time, equal to PyTorch's numbers."""

from elman.layers.gated import GRU, LSTM
from elman.layers.recurrent import RNN, RecurrentLayer

__all__ = ["GRU", "LSTM", "RNN", "RecurrentLayer"]
