"""How memory that is free again goes back to the system, where the C library would keep it.

Measured on Linux, after twenty runs of 500 units in threads and after all of them were let go: of
220 MB on top of the server's own, 140 stayed in the process. With the first function none of arrays
of a megabyte and more stays, with both none at all. Elsewhere than with glibc nothing is done.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

# From malloc.h.
_M_MMAP_THRESHOLD = -3

# Allocations of so many bytes get pages of their own, which go back at once. glibc raises this to
# 32 MB by itself when such an array is freed, and from then on they share its heaps.
PAGES_OF_THEIR_OWN = 2**20


def large_arrays_go_back_at_once() -> None:
    """From now on memory of large arrays goes back to the system when they are freed."""
    _call("mallopt", _M_MMAP_THRESHOLD, PAGES_OF_THEIR_OWN)


def give_back() -> None:
    """Give what is free in the heaps of this process back to the system."""
    _call("malloc_trim", 0)


# So many modules bring enough objects to be worth a look at all of them.
SOME_MODULES = 20

_passed_over = 0


def pass_over_modules() -> None:
    """Let collections of garbage pass over what modules have brought since the last time.

    Streamlit collects all garbage after every run of a script, before its last messages reach the
    browser; with this app's modules, which never go, each time took sixty milliseconds and more.
    """
    global _passed_over
    if len(sys.modules) >= _passed_over + SOME_MODULES:
        _passed_over = len(sys.modules)
        gc.collect()
        gc.freeze()


def _call(name: str, *arguments: int) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            getattr(ctypes.CDLL(None), name)(*arguments)
