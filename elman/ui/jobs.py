"""Long work, done in threads that outlive a script run, a page change or a closed tab."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent import futures
from concurrent.futures import Future
from typing import Any

import numpy as np

from elman.experiment import Experiment
from elman.training import run

# Told `on_progress(share, losses)` and `should_stop()`, does the work and returns its result.
Work = Callable[[Callable[[float, np.ndarray], None], Callable[[], bool]], Any]


class TooManyJobs(RuntimeError):
    """As many runs are training as this machine allows."""


class Job:
    """Work under way: its losses so far, how much is done, and in the end its result.

    Training an `Experiment` is known here and results in its `Run`; other work comes as `work`,
    with a key of its own in place of the experiment.
    """

    def __init__(self, experiment: Experiment | Hashable, work: Work | None = None) -> None:
        self.experiment = experiment
        self._work = work
        self.losses = np.empty(0)
        self.share = 0.0
        self._stop = threading.Event()
        self._began = time.monotonic()
        self._future: Future[Any] = Future()
        # Python waits at its end for the threads of an executor, so a server that is told to stop
        # would go on until the run is over; it does not wait for a daemon.
        threading.Thread(target=self._train, name="training", daemon=True).start()

    def _train(self) -> None:
        try:
            if self._work is None:
                result = run(self.experiment, self._progress, self._stop.is_set)
            else:
                result = self._work(self._progress, self._stop.is_set)
            self._future.set_result(result)
        except BaseException as error:
            self._future.set_exception(error)

    def _progress(self, share: float, losses: np.ndarray) -> None:
        self.losses = losses
        self.share = share

    def stop(self) -> None:
        """End training soon; what the completed epochs taught stays."""
        self._stop.set()

    @property
    def alive(self) -> bool:
        """Whether it still trains."""
        return not self._future.done()

    @property
    def seconds_left(self) -> float | None:
        """Estimated from the pace so far; None before there is one."""
        if self.share <= 0.0:
            return None
        return (time.monotonic() - self._began) * (1.0 - self.share) / self.share

    def wait(self, seconds: float) -> None:
        """Until it is done, or so many seconds have passed."""
        futures.wait([self._future], timeout=seconds)

    def result(self) -> Any:
        """The result, waiting for it if need be; raises what the work raised."""
        return self._future.result()


class JobBoard:
    """The jobs of one server process, shared by all its visitors.

    Two visitors who ask for the same experiment watch the same job. At most `at_once` jobs train
    at a time, and the latest `kept` finished ones are remembered.
    """

    def __init__(self, at_once: int, kept: int) -> None:
        self._at_once = at_once
        self._kept = kept
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, experiment: Experiment | Hashable) -> Job | None:
        """The job of this experiment, if it was started here."""
        return self._jobs.get(experiment)

    def start(self, experiment: Experiment | Hashable, work: Work | None = None) -> Job:
        """Start training, or `work` if it is given, or join the job that does so already.

        Raises TooManyJobs when none can start now.
        """
        with self._lock:
            job = self._jobs.get(experiment)
            if job is not None and job.alive:
                return job
            alive = [other for other in self._jobs.values() if other.alive]
            if len(alive) >= self._at_once:
                raise TooManyJobs(
                    f"As many long runs are training as this machine allows ({self._at_once}). "
                    "Wait until one of them ends, or stop yours."
                )
            self._jobs[experiment] = job = Job(experiment, work)
            self._jobs.move_to_end(experiment)
            for other in list(self._jobs)[: -self._kept]:
                if not self._jobs[other].alive:
                    del self._jobs[other]
            return job
