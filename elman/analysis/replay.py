"""A trained network on a sequence, no longer learning: what every lens looks at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from elman.experiment import Experiment
from elman.settings import refuse
from elman.tasks import Sequence
from elman.training import Run, predict

# How the context may be reset while testing, in words for a reader.
TEST_RESETS = {
    "as trained": "the policy of training",
    "once": "before the first step only",
    "never": "not at all: it goes on from where training ended",
    "group": "before each group",
    "step": "before every step",
}


class Replay(NamedTuple):
    """What the network answered (steps, n_out) and held (steps, hidden) at each step."""

    outputs: np.ndarray
    states: np.ndarray


def replay(
    run: Run, sequence: Sequence, epoch: int | None = None, reset: str = "as trained"
) -> Replay:
    """Outputs and hidden states of a run's network over `sequence`.

    The network is as it was after `epoch`, by default the last. `reset` is one of `TEST_RESETS`;
    another name raises ValueError.
    """
    policy, every = testing_policy(run.experiment, reset)
    snapshot = run.at(run.epochs_done if epoch is None else epoch)
    return Replay(*predict(snapshot, sequence, run.experiment, policy, every))


def testing_policy(experiment: Experiment, reset: str) -> tuple[str, int | None]:
    """The reset policy and its number of steps that one of `TEST_RESETS` stands for.

    Another name raises ValueError.
    """
    if reset not in TEST_RESETS:
        allowed = ", ".join(TEST_RESETS)
        raise refuse("reset", f"one of {allowed}", reset)
    if reset == "once":
        return "epoch", None
    if reset == "as trained":
        # Growing windows end with no reset at all.
        policy = "never" if experiment.reset == "growing" else experiment.reset
        return policy, experiment.reset_every
    return reset, None
