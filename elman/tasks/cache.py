"""Sequences that are kept, so that each is made once however many parts of a program need it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields
from weakref import WeakValueDictionary

from elman.tasks.sequence import Sequence


class SequenceCache:
    """The latest sequences up to `max_bytes`, and every other that is still in use.

    Any number of threads may ask. A sequence is shared by all who get it, so its arrays are
    read-only; two threads that ask for a new one at the same time may both make it.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._in_use: WeakValueDictionary[Hashable, Sequence] = WeakValueDictionary()
        self._latest: OrderedDict[Hashable, Sequence] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Sequence]) -> Sequence:
        """The sequence known by `key`, or what `make()` gives, which is kept from now on."""
        with self._lock:
            sequence = self._in_use.get(key)
        if sequence is None:
            sequence = _read_only(make())
        with self._lock:
            sequence = self._in_use.setdefault(key, sequence)
            if size(sequence) <= self._max_bytes:
                self._latest[key] = sequence
                self._latest.move_to_end(key)
            while sum(map(size, self._latest.values())) > self._max_bytes:
                self._latest.popitem(last=False)
        return sequence

    def clear(self) -> None:
        """Forget all sequences."""
        with self._lock:
            self._in_use.clear()
            self._latest.clear()


def size(sequence: Sequence) -> int:
    """Bytes of all arrays of a sequence."""
    return sum(getattr(sequence, field.name).nbytes for field in fields(sequence))


def _read_only(sequence: Sequence) -> Sequence:
    for field in fields(sequence):
        getattr(sequence, field.name).flags.writeable = False
    return sequence
