"""Arrays of an `.npz` file that may come from anywhere: each is looked at before it is read.

Nothing is unpickled, and no array is unpacked before its size is known and its header has been
checked, so that a small file cannot fill the memory.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from elman.settings import refuse

# The most that an .npy file inside an .npz has before its numbers.
HEADER_BYTES = 1024
MAX_TEXT_BYTES = 1_000_000

# The most that is read of an archive's list of contents: that of a saved run has 2 kB.
MAX_DIRECTORY_BYTES = 200_000

_KINDS = {"f": "float64", "i": "whole", "b": "true or false", "U": "text"}


class Form(NamedTuple):
    """What an array must be: NumPy's letter for the kind of its values, and shape; -1 is any."""

    kind: str
    shape: tuple[int, ...]

    @property
    def words(self) -> str:
        """As error messages print it."""
        if not self.shape:
            return f"a single value ({_KINDS[self.kind]})"
        lengths = ", ".join("any" if n < 0 else str(n) for n in self.shape)
        comma = "," if len(self.shape) == 1 else ""
        return f"an array ({lengths}{comma}) of {_KINDS[self.kind]} values"

    def fits(self, shape: tuple[int, ...], dtype: np.dtype) -> bool:
        """Whether an array of this shape and type has this form."""
        size = dtype.itemsize
        return (
            dtype.kind == self.kind
            and (size <= MAX_TEXT_BYTES if self.kind == "U" else size in (1, 8))
            and len(shape) == len(self.shape)
            and all(wanted in (-1, n) for n, wanted in zip(shape, self.shape, strict=True))
        )


class Archive:
    """The arrays of an open `.npz` file; raises ValueError if they unpack to over `max_bytes`."""

    def __init__(self, archive: zipfile.ZipFile, max_bytes: int) -> None:
        self._archive = archive
        size = sum(member.file_size for member in archive.infolist())
        if size > max_bytes:
            allowed = f"at most {max_bytes:,} bytes, unpacked"
            raise refuse("file", allowed, verb="are", words=f"{size:,} were given")

    def array(self, name: str, form: Form) -> np.ndarray:
        """The array of this name; ValueError if there is none, or one of another form."""
        if f"{name}.npy" not in self._archive.namelist():
            raise refuse(name, form.words, words="nothing of this name was given")
        # The header first: it may promise more than there is, in the file or in memory.
        with _readable(name), self._archive.open(f"{name}.npy") as member:
            version = np.lib.format.read_magic(member)
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, _, dtype = read(member)
            if math.prod(shape) * dtype.itemsize > self._archive.getinfo(f"{name}.npy").file_size:
                raise EOFError
        if not form.fits(shape, dtype):
            words = f"one of shape {shape} and type {str(dtype)[:40]} was given"
            raise refuse(name, form.words, words=words)
        with _readable(name), self._archive.open(f"{name}.npy") as member:
            array = np.lib.format.read_array(member, allow_pickle=False)
        plain = np.ascontiguousarray(array).astype(dtype.newbyteorder("="), copy=False)
        return plain.reshape(shape)

    def check_names(self, allowed: Iterable[str]) -> None:
        """ValueError if there is anything but the `allowed` names, or one of them twice."""
        allowed = sorted(allowed)
        names = sorted(self._archive.namelist())
        if names != sorted(f"{name}.npy" for name in allowed):
            others = sorted({*names} - {f"{name}.npy" for name in allowed})
            given = repr(others[0][:40]) if others else "one of them twice"
            arrays = f"the arrays {', '.join(allowed)}, each once"
            raise refuse("file", arrays, verb="are", words=f"{given} was given")


class _Directory(io.BufferedIOBase):
    """A file whose list of contents is not read if it is longer than that of any honest one.

    `zipfile` reads all of that list at once, and a few megabytes of it become hundreds in memory.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.whole = False

    def read(self, size: int | None = -1) -> bytes:
        if not self.whole and (size is None or size > MAX_DIRECTORY_BYTES):
            raise EOFError
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


@contextmanager
def opened(file: str | Path | IO[bytes], allowed: str, max_bytes: int) -> Iterator[Archive]:
    """The archive in a file, given by its name or open for reading bytes.

    Raises ValueError, saying that `allowed` is what it should be, if it is no archive, and
    OSError if there is no such file.
    """
    if isinstance(file, str | Path):
        with Path(file).open("rb") as stream, opened(stream, allowed, max_bytes) as archive:
            yield archive
        return
    guarded = _Directory(file)
    try:
        found = zipfile.ZipFile(guarded)
    except Exception:
        words = "another kind of file, or only a part of one, was given"
        raise refuse("file", allowed, words=words) from None
    guarded.whole = True
    with found:
        yield Archive(found, max_bytes)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    # What zipfile, zlib and NumPy raise for a damaged, encrypted or hostile array has no end:
    # NumPy gives its header to Python's own parser.
    try:
        yield
    except Exception as error:
        words = f"a damaged one was given ({type(error).__name__})"
        raise refuse(name, "a whole array", words=words) from None
