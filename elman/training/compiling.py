"""Compiled kernels, and when they are compiled or loaded: when one is asked for, or ahead of that.

Importing Numba takes a third of a second, and compiling a kernel seconds, once on a machine. So
nothing here happens before somebody needs it, and a server does it in the background.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.util import find_spec

# In the order in which a visitor of the app may need them.
KERNELS = ("train_elman", "predict", "train_through_time", "train_lanes")

_found: dict[str, Callable] = {}
_one_at_a_time = threading.Lock()
_once = threading.Lock()


class _Background:
    """Whether kernels are to be prepared in the background, and the thread that does it."""

    def __init__(self) -> None:
        self.announced = False
        self.thread: threading.Thread | None = None


_background = _Background()


def installed() -> bool:
    """Whether Numba seems to be there, by a look that does not import it."""
    return find_spec("numba") is not None


def available() -> bool:
    """Whether Numba can be imported."""
    if not installed():
        return False
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


def kernel(name: str) -> Callable:
    """The kernel of this name, one of `KERNELS`; the first call compiles it or loads it."""
    if name not in _found:
        with _one_at_a_time:
            from elman.training import kernels, lanes

            if name not in _found:
                _found[name] = getattr(lanes if name == "train_lanes" else kernels, name)()
    return _found[name]


def ready(name: str) -> bool:
    """Whether this kernel can be had without waiting."""
    return name in _found


def prepare() -> None:
    """Compile or load all kernels that there can be."""
    if available():
        for name in KERNELS:
            kernel(name)


def announce() -> None:
    """Say that kernels will be prepared in the background.

    Until that is done, `training.predict` uses the reference unless told otherwise.
    """
    _background.announced = True


def prepare_in_background(after: float = 0.0) -> None:
    """Let a thread `prepare`, once in a process; what is needed sooner is compiled by who needs it.

    A server calls it when the first page is drawn, which it would hold up, and gives the browser
    so many seconds more to ask for what the page is made of.
    """
    announce()
    with _once:
        if _background.thread is None:
            _background.thread = threading.Timer(after, prepare)
            _background.thread.daemon = True
            _background.thread.start()


def under_way() -> bool:
    """Whether kernels are being prepared in the background, or soon will be."""
    thread = _background.thread
    return _background.announced and (thread is None or thread.is_alive())
