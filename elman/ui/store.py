"""What a server keeps of its answers, in at most so many bytes, whoever asked for them.

Runs, sequences, passes and opened files share one budget. What was not asked for lately goes
first, and an array that two of them hold, as runs of one sequence do, counts once.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from collections.abc import Set as AnySet
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np

# While more is kept than this share of the budget, what nobody asked for in so many seconds goes;
# looked for so often, it has gone within a minute.
LEVEL, IDLE_SECONDS, LOOK_SECONDS = 0.25, 45.0, 15.0


def parts_of(value: Any) -> dict[int, int]:
    """The bytes of each buffer that `value` holds, by the buffer's identity.

    Looked into are arrays, tables, containers, finished futures and objects of this project; of
    another object its own bytes count.
    """
    parts: dict[int, int] = {}
    seen: set[int] = set()
    rest = [value]
    while rest:
        one = rest.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, np.ndarray):
            while isinstance(one.base, np.ndarray):
                one = one.base
            parts[id(one)] = one.nbytes
        elif hasattr(one, "memory_usage"):
            parts[id(one)] = int(np.sum(one.memory_usage(deep=True)))
        else:
            parts[id(one)] = sys.getsizeof(one)
            rest.extend(_inside(one))
    return parts


def _inside(one: Any) -> Iterable[Any]:
    if isinstance(one, Mapping):
        return [*one.keys(), *one.values()]
    if isinstance(one, tuple | list | AnySet):
        return one
    if isinstance(one, Future):
        return [one.result()] if one.done() and one.exception() is None else []
    ours = type(one).__module__.partition(".")[0] == __name__.partition(".")[0]
    return vars(one).values() if ours and hasattr(one, "__dict__") else ()


def size_of(value: Any) -> int:
    """About how many bytes `value` takes; see `parts_of`."""
    return sum(parts_of(value).values())


@dataclass(eq=False)
class _Item:
    """`parts` as of `parts_of`; `used` in seconds; None is a value that is still being made."""

    value: Any | None
    parts: Mapping[int, int]
    used: float


def _timer(seconds: float, then: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, then)
    timer.daemon = True
    timer.start()


class Store:
    """Values by their keys, in at most `max_bytes`; any number of threads may ask.

    The latest that was put stays whatever its size, so that who made it gets it. `clock()` gives
    seconds, and `later(seconds, then)` calls `then()` after so many. `freed()` is called when what
    was idle has gone.
    """

    def __init__(
        self,
        max_bytes: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], None] = _timer,
        freed: Callable[[], None] = lambda: None,
    ) -> None:
        self.max_bytes = max_bytes
        self._clock, self._later, self._freed = clock, later, freed
        # Least recently used first.
        self._items: OrderedDict[Hashable, _Item] = OrderedDict()
        # How many items hold a part, and its bytes.
        self._holders: Counter[int] = Counter()
        self._sizes: dict[int, int] = {}
        self._bytes = 0
        self._waiting = False
        self._lock = threading.RLock()

    @property
    def nbytes(self) -> int:
        """Bytes of all that is kept and reserved."""
        return self._bytes

    def get(self, key: Hashable) -> Any | None:
        """The value of this key, which counts as used now; None if it is not kept."""
        with self._lock:
            item = self._items.get(key)
            if item is None:
                return None
            item.used = self._clock()
            self._items.move_to_end(key)
            return item.value

    def put(self, key: Hashable, value: Any) -> None:
        """Keep `value`, or look anew how large it is; what was used longest ago makes room."""
        self._add(key, _Item(value, parts_of(value), self._clock()))

    def reserve(self, key: Hashable, nbytes: int) -> None:
        """Keep so much room for a value that is being made, until it is put or dropped."""
        room = _Item(None, {}, self._clock())
        room.parts = {id(room): nbytes}
        self._add(key, room)

    def drop(self, key: Hashable) -> None:
        """Keep this no longer."""
        with self._lock:
            item = self._items.pop(key, None)
            if item is not None:
                self._forget(item)

    def made(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of this key, or what `make()` gives, which is kept from now on."""
        value = self.get(key)
        if value is None:
            value = make()
            self.put(key, value)
        return value

    def trim(self) -> None:
        """Let go of what was not used lately, until no more is kept than a level."""
        with self._lock:
            old = self._clock() - IDLE_SECONDS
            self._evict(LEVEL * self.max_bytes, lambda item: item.used <= old)

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            for key in list(self._items):
                self.drop(key)

    def _add(self, key: Hashable, item: _Item) -> None:
        with self._lock:
            self.drop(key)
            self._items[key] = item
            for part, nbytes in item.parts.items():
                self._holders[part] += 1
                if self._holders[part] == 1:
                    self._sizes[part] = nbytes
                    self._bytes += nbytes
            self._evict(self.max_bytes, lambda other: other is not item)
            self._trim_later()

    def _evict(self, most: float, may_go: Callable[[_Item], bool]) -> None:
        for key, item in list(self._items.items()):
            if self._bytes <= most:
                return
            if item.value is not None and may_go(item):
                self.drop(key)

    def _forget(self, item: _Item) -> None:
        for part in item.parts:
            self._holders[part] -= 1
            if not self._holders[part]:
                del self._holders[part]
                self._bytes -= self._sizes.pop(part)

    def _trim_later(self) -> None:
        if not self._waiting and self._bytes > LEVEL * self.max_bytes:
            self._waiting = True
            self._later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self.trim()
        self._freed()
        with self._lock:
            self._waiting = False
            self._trim_later()
