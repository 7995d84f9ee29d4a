"""Long runs that are under way, kept in a folder: a server that is started again goes on with them.

`Unfinished(folder, max_bytes).train(experiment, ...)` is `training.run` that begins where the last
server was. A file there is only ever a help: one that cannot be read or written is told of in the
log, and the run begins anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from elman import saving, training
from elman.experiment import Experiment
from elman.training import Run

# A run that has trained so long is written to the folder, and again as often; but writing shall
# not take a larger share of the time than this.
SAVE_SECONDS = 20.0
MOST_SHARE = 0.02

_LOG = logging.getLogger("elman")


class Unfinished:
    """The folder of unfinished runs, of at most `max_bytes`; those saved longest ago make room."""

    def __init__(
        self, folder: Path, max_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._told: set[str] = set()

    def train(
        self,
        experiment: Experiment,
        on_progress: Callable[[float, np.ndarray], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        *,
        begun: Run | None = None,
        on_part: Callable[[Run], None] = lambda part: None,
        parent: Run | None = None,
    ) -> Run:
        """As `training.run`; without a run that is begun it goes on from the folder's."""
        last, cost = self._clock(), 0.0

        def part(run: Run) -> None:
            nonlocal last, cost
            on_part(run)
            began = self._clock()
            if began - last >= max(SAVE_SECONDS, cost / MOST_SHARE):
                self.save(run)
                last = self._clock()
                cost = last - began

        run = training.run(
            experiment,
            on_progress,
            should_stop,
            begun=begun or self.load(experiment),
            on_part=part,
            parent=parent,
        )
        if run.status != "stopped":
            self._path(experiment).unlink(missing_ok=True)
        elif run.seconds >= SAVE_SECONDS:
            self.save(run)
        return run

    def load(self, experiment: Experiment) -> Run | None:
        """The run of an experiment that is kept here; None if there is none that can be used."""
        path = self._path(experiment)
        try:
            run = saving.load(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            self._tell(f"{path.name} cannot be gone on from: {error}")
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        # The reference could not go on with the bits of the kernel.
        usable = run.experiment == experiment and run.compiled == training.compiled_available()
        return run if usable and run.status == "stopped" else None

    def save(self, run: Run) -> None:
        """Keep a run here, in the place of what was kept of its experiment."""
        if saving.size(run) > self._max_bytes:
            return
        path = self._path(run.experiment)
        unready = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
        try:
            # Whatever ends the server meanwhile, a file is there as a whole or not at all.
            with unready.open("wb") as file:
                saving.save(run, file)
                file.flush()
                os.fsync(file.fileno())
            unready.replace(path)
            self._make_room(path)
        except OSError as error:
            self._tell(f"runs cannot be kept in {self._folder}: {error.strerror or error}")
            with contextlib.suppress(OSError):
                unready.unlink(missing_ok=True)

    def _make_room(self, latest: Path) -> None:
        with self._lock:
            found = [(path.stat(), path) for path in self._folder.glob("run-*")]
            total = sum(about.st_size for about, _ in found)
            for about, path in sorted(found, key=lambda one: one[0].st_mtime):
                if total > self._max_bytes and path != latest:
                    path.unlink(missing_ok=True)
                    total -= about.st_size

    def _path(self, experiment: Experiment) -> Path:
        described: dict[str, Any] = {"format": saving.FORMAT, **experiment.to_dict()}
        text = json.dumps(described, sort_keys=True)
        return self._folder / f"run-{hashlib.sha256(text.encode()).hexdigest()[:32]}.npz"

    def _tell(self, words: str) -> None:
        if words not in self._told:
            self._told.add(words)
            _LOG.warning("%s", words)
