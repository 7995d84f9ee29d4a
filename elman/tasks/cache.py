"""Sequences that are kept, so that each is made once however many parts of a program need it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields
from typing import Any, Protocol
from weakref import WeakValueDictionary

from elman.tasks.sequence import Sequence


class Keeper(Protocol):
    """What keeps things by their keys for a while, as long as there is room."""

    def get(self, key: Hashable) -> Any | None:
        """What is kept by this key; it counts as used now."""

    def put(self, key: Hashable, value: Any) -> None:
        """Keep this."""


class Latest:
    """A `Keeper` of the latest sequences, up to `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, Sequence] = OrderedDict()

    def get(self, key: Hashable) -> Sequence | None:
        """The sequence of this key, which is the latest now; None if it is not kept."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: Hashable, value: Sequence) -> None:
        """Keep a sequence that is not too large by itself."""
        if size(value) <= self._max_bytes:
            self._kept[key] = value
        while sum(map(size, self._kept.values())) > self._max_bytes:
            self._kept.popitem(last=False)


class SequenceCache:
    """The sequences that `keeper` keeps, and every other that is still in use.

    Any number of threads may ask. A sequence is shared by all who get it, so its arrays are
    read-only; two threads that ask for a new one at the same time may both make it.
    """

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self._in_use: WeakValueDictionary[Hashable, Sequence] = WeakValueDictionary()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Sequence]) -> Sequence:
        """The sequence known by `key`, or what `make()` gives, which is kept from now on."""
        with self._lock:
            sequence = self._in_use.get(key)
        made = _read_only(make()) if sequence is None else sequence
        with self._lock:
            # Another thread may have been quicker.
            found = self._in_use.get(key, made)
            self._in_use[key] = found
            if self.keeper.get(key) is not found:
                self.keeper.put(key, found)
        return found

    def clear(self) -> None:
        """Forget all sequences; those that are still kept are not found any more."""
        with self._lock:
            self._in_use.clear()


def size(sequence: Sequence) -> int:
    """Bytes of all arrays of a sequence."""
    return sum(getattr(sequence, field.name).nbytes for field in fields(sequence))


def _read_only(sequence: Sequence) -> Sequence:
    for field in fields(sequence):
        getattr(sequence, field.name).flags.writeable = False
    return sequence
