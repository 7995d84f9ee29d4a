"""Long runs, trained in threads that outlive a script run, a page change or a closed tab."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from concurrent.futures import Future

import numpy as np

from elman.experiment import Experiment
from elman.training import Run, run


class TooManyJobs(RuntimeError):
    """As many runs are training as this machine allows."""


class Job:
    """One run under way: its losses so far, how much is done, and in the end its `Run`."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.losses = np.empty(0)
        self.share = 0.0
        self._stop = threading.Event()
        self._began = time.monotonic()
        self._future: Future[Run] = Future()
        # Python waits at its end for the threads of an executor, so a server that is told to stop
        # would go on until the run is over; it does not wait for a daemon.
        threading.Thread(target=self._train, name="training", daemon=True).start()

    def _train(self) -> None:
        try:
            self._future.set_result(run(self.experiment, self._progress, self._stop.is_set))
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

    def result(self) -> Run:
        """The run, waiting for it if need be; raises what training raised."""
        return self._future.result()


class JobBoard:
    """The jobs of one server process, shared by all its visitors.

    Two visitors who ask for the same experiment watch the same job. At most `at_once` jobs train
    at a time, and the latest `kept` finished ones are remembered.
    """

    def __init__(self, at_once: int, kept: int) -> None:
        self._at_once = at_once
        self._kept = kept
        self._jobs: OrderedDict[Experiment, Job] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, experiment: Experiment) -> Job | None:
        """The job of this experiment, if it was started here."""
        return self._jobs.get(experiment)

    def start(self, experiment: Experiment) -> Job:
        """Start training, or join the job that does so already.

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
            self._jobs[experiment] = job = Job(experiment)
            self._jobs.move_to_end(experiment)
            for other in list(self._jobs)[: -self._kept]:
                if not self._jobs[other].alive:
                    del self._jobs[other]
            return job
