"""What the views of errors and of hidden states look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from elman.analysis import separation
from elman.analysis.replay import Replay
from elman.tasks import Sequence, Task
from elman.training import Run


class Seen(NamedTuple):
    """What a view looks at: a run's network after `epoch`, played over a sequence."""

    run: Run
    task: Task
    sequence: Sequence
    epoch: int
    reset: str
    played: Replay


def classes_of(task: Task) -> Mapping[str, str] | None:
    """Classes that the task gives its symbols, to colour them by."""
    if task.name == "sentences":
        return separation.sentence_groupings()["branch of Figure 7"]
    if task.name == "letters":
        return {letter: "consonant" if letter in "bdg" else "vowel" for letter in task.symbols}
    return None
