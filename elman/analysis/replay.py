"""A trained network on a sequence, no longer learning: what every view of it looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from elman.experiment import Experiment
from elman.settings import refuse
from elman.tasks import Sequence, Task, task_of
from elman.training import Run, predict

# How the context may be reset while testing, in words for a reader.
TEST_RESETS = {
    "as trained": "the policy of training",
    "once": "before the first step only",
    "never": "not at all: it goes on from where training ended",
    "group": "before each group",
    "step": "before every step",
}


@dataclass(frozen=True, eq=False)
class Answers:
    """What a predictor, whichever it is, answered (steps, n_out) to a sequence of a task.

    Raises ValueError unless there is one answer for each target of the sequence.
    """

    outputs: np.ndarray
    sequence: Sequence
    task: Task

    def __post_init__(self) -> None:
        if self.outputs.shape != self.sequence.targets.shape:
            raise refuse(
                "outputs",
                f"an array of shape {self.sequence.targets.shape}, that of the targets",
                words=f"one of shape {self.outputs.shape} was given",
            )


@dataclass(frozen=True, eq=False)
class Tested(Answers):
    """A run's network tested on a sequence.

    states   (steps, hidden)   its hidden layer at each step
    epoch                      after how many passes of training
    reset                      how the context was reset, one of `TEST_RESETS`
    pinned                     the answers of other runs to the same sequence, by their numbers
                               from 1, to stand beside these in the tables of `analysis.errors`
    """

    states: np.ndarray
    run: Run
    epoch: int
    reset: str
    pinned: Mapping[int, Answers] = field(default_factory=dict)

    @property
    def experiment(self) -> Experiment:
        """The experiment of the run."""
        return self.run.experiment

    @property
    def unlike_training(self) -> str:
        """How this test is set up otherwise than a new sequence tested as it was trained; as words
        that follow "tested", empty if it is not."""
        on = "on the sequence of training" if self.tested_on == "training" else ""
        as_trained = testing_policy(self.experiment, "as trained")
        same = testing_policy(self.experiment, self.reset) == as_trained
        words = "" if same else f"with the context reset {TEST_RESETS[self.reset]}"
        return ", ".join(filter(None, (on, words)))

    @property
    def tested_on(self) -> str:
        """ "training" if the sequence is the very one that was trained on, else "new"."""
        return "training" if self.sequence is self.run.sequence else "new"


def replay(
    run: Run, sequence: Sequence, epoch: int | None = None, reset: str = "as trained"
) -> Tested:
    """Test the network of a run on `sequence`.

    The network is as it was after `epoch`, by default the last. `reset` is one of `TEST_RESETS`;
    another name raises ValueError.
    """
    policy, every = testing_policy(run.experiment, reset)
    epoch = run.epochs_done if epoch is None else epoch
    outputs, states = predict(run.at(epoch), sequence, run.experiment, policy, every)
    return Tested(outputs, sequence, task_of(run.experiment), states, run, epoch, reset)


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
