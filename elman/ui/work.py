"""A piece of work that pages ask for: what it is, how it is done, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

R = TypeVar("R")


@dataclass(frozen=True)
class Work(Generic[R]):
    """A frozen request, how to do it, and what a page says of it.

    Work of one kind with equal requests is the same work and has one result.

    request   what is asked for; hashable
    kind      tells equal requests apart, and begins the keys of the buttons; empty for the run
              that a whole page is about. A viewer waits for one request of a kind at a time
    run       `run(on_progress, should_stop)` does it and gives the result. It draws nothing, and
              reports `on_progress(share, so_far)`, where `so_far` is losses, results or the like
    size      its multiplications, roughly, against the limit of a server
    nbytes    the memory that it takes while it is under way, where that is not little
    starts    by itself, or on the press of a button
    goes_on   whether `run` also takes `begun`, a stopped result that it goes on from, and
              `on_part`, which it calls now and then with the result as if it stopped there
    part      for what does not: the result as if it stopped at `so_far`
    stopped   what to say of a result that is not whole; empty for one that is
    """

    request: Hashable
    kind: str
    run: Callable[..., R]
    size: float = 0.0
    nbytes: int = 0
    starts: Literal["at once", "on a press"] = "at once"
    goes_on: bool = False
    part: Callable[[Any], R] | None = None
    stopped: Callable[[R], str] = lambda result: ""
    label: str = "Train"
    again: str = "Train again"
    subject: str = "This"
    failed: str = "This failed"
    advice: str = "Fewer epochs or units, or a shorter sequence, bring it down."
    progress: Callable[[Any], str] = lambda so_far: "Under way"
    stop_keeps: str = "What is done so far is kept for you."

    @property
    def key(self) -> Hashable:
        """The same for all that has one result."""
        return self.kind, self.request


def stopped_after(done: int, of: int, things: str) -> str:
    """What to say of a result that has only so many of its things; empty if it has all."""
    return f"Stopped after {done} of {of} {things}." if done < of else ""
