"""Compiled kernels on disk, a file each, checked by its digest before it is used.

Numba's own cache trusts its files: one flipped byte of machine code ends the process. Here
whatever cannot be read, is damaged, or belongs to another source, Numba or processor is not there,
and the kernel is compiled again. Importing this module needs Numba.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pickle
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
from numba import types
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.misc.appdirs import AppDirs

ENDING = ".kernel"
_DIGEST = hashlib.sha256


def _array(kind: Any, axes: int, read_only: bool = False) -> Any:
    return types.Array(kind, axes, "C", readonly=read_only)


# What kernels are given. Each is compiled once, for these types, and not anew for an array that
# may be written to.
COUNT, NUMBER = types.int64, types.float64
ROW, TABLE, CUBE = (_array(NUMBER, axes) for axes in (1, 2, 3))
WHOLES, BITS = _array(COUNT, 1), _array(types.uint8, 3)
READ_TABLE, FLAGS = _array(NUMBER, 2, True), _array(types.boolean, 1, True)
LANE_FLAGS = _array(types.boolean, 2)


def folders() -> Iterator[Path]:
    """Where kernels may lie: as Numba is told, beside this module, among the user's caches."""
    if numba.config.CACHE_DIR:
        yield Path(numba.config.CACHE_DIR) / "elman"
        return
    yield Path(__file__).parent / "__pycache__"
    yield Path(AppDirs(appname="elman", appauthor=False).user_cache_dir)


@functools.cache
def _sources() -> str:
    """A text that changes with the source of the kernels."""
    folder = Path(__file__).parent
    files = [folder / f"{name}.py" for name in ("kernels", "lanes", "vectors", "kernel_cache")]
    return _DIGEST(b"".join(file.read_bytes() for file in files)).hexdigest()


def compiled(function: Callable, given: tuple[Any, ...]) -> Callable:
    """`function` compiled for arguments of these types, without the GIL, or loaded from the disk.

    There is no fast mathematics: it would leave the order of sums, and so the last bits, to the
    processor.
    """
    kernel = numba.njit(nogil=True, error_model="numpy")(function)
    kernel._cache = KernelCache(function.__name__.strip("_"), _sources())
    kernel.compile(given)
    kernel.disable_compile()
    return kernel


class KernelCache(NullCache):
    """What Numba asks for the compiled form of a function, and gives it to.

    Its own cache knows a function by its file, but not what that file imports; `source` changes
    with all that the function is made of.
    """

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._source = source

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """The compiled form for arguments of these types; None if there is no sound one."""
        target_context.refresh()
        stamp = self._stamp(sig, target_context.codegen())
        for folder in folders():
            # A damaged file raises what it likes; the next folder may have a sound one.
            with contextlib.suppress(Exception):
                content = (folder / self._file(stamp)).read_bytes()
                size = _DIGEST().digest_size
                digest, data = content[:size], content[size:]
                if digest == _DIGEST(stamp + data).digest():
                    return CompileResult._rebuild(target_context, *pickle.loads(data))
        return None

    def save_overload(self, sig: Any, data: CompileResult) -> None:
        """Keep the compiled form in the first folder that takes it, if any does."""
        stamp = self._stamp(sig, data.codegen)
        packed = dumps(data._reduce())
        content = _DIGEST(stamp + packed).digest() + packed
        for folder in folders():
            with contextlib.suppress(OSError):
                _write(folder / self._file(stamp), content)
                return

    def _file(self, stamp: bytes) -> str:
        return f"{self._name}-{_DIGEST(stamp).hexdigest()[:16]}{ENDING}"

    def _stamp(self, sig: Any, codegen: Any) -> bytes:
        """All that the machine code depends on."""
        parts = (self._source, sig, codegen.magic_tuple(), numba.__version__, sys.version)
        return repr(parts).encode()


def _write(file: Path, content: bytes) -> None:
    """Write a file that others see whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(f".{uuid.uuid4().hex}")
    try:
        new.write_bytes(content)
        os.replace(new, file)
    except OSError:
        new.unlink(missing_ok=True)
        raise
