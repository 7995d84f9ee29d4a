"""What a long run on the command line needs: Ctrl-C that keeps what was learned, and progress."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from elman.experiment import Experiment

# After this time a run is a long one, and from then on its progress is drawn this often.
LONG_SECONDS, DRAW_SECONDS = 1.0, 0.2


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Inside, a first Ctrl-C only makes the yielded function say True; a second one interrupts."""
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed.is_set
        return

    def press(*_: Any) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


class Line:
    """One line on a terminal's stderr that follows work once it has become long."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._due = time.monotonic() + LONG_SECONDS
        self._first: tuple[float, float] | None = None
        self._preparing = threading.Timer(
            LONG_SECONDS, self._draw, ("preparing the compiled trainer, once on this machine",)
        )
        self._preparing.daemon = True

    def __enter__(self) -> Self | None:
        if not sys.stderr.isatty():
            return None
        self._preparing.start()
        return self

    def __exit__(self, *_: Any) -> None:
        if self._preparing.ident is not None:
            self._preparing.cancel()
            self._preparing.join()
            self._draw("")

    def advance(self, share: float, words: str) -> None:
        """Draw `words` and the time left when `share` of the work is done, now and then."""
        self._preparing.cancel()
        now = time.monotonic()
        if self._first is None:
            # Preparing has taken its time before, and is no measure of what is to come.
            self._first = now, share
        began, done = self._first
        if now < self._due or share <= done:
            return
        self._due = now + DRAW_SECONDS
        left = (now - began) / (share - done) * (1 - share)
        self._draw(f"{words}, about {left:.0f} s left")

    def _draw(self, words: str) -> None:
        line = f"{self._name}: {words}" if words else ""
        sys.stderr.write(f"\r{line[:79]:79}\r")
        sys.stderr.flush()


class Progress(Line):
    """The line of a single run."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(experiment.task)
        self._epochs = experiment.epochs

    def __call__(self, share: float, losses: np.ndarray) -> None:
        """Draw the state of the run, now and then; for `training.run(on_progress=...)`."""
        loss = f", loss {losses[-1]:.4f}" if len(losses) else ""
        self.advance(share, f"epoch {len(losses)} of {self._epochs}{loss}")
