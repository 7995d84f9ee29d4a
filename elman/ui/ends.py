"""How a page, or a part of one that runs by itself, ends where it has nothing more to show."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any, ParamSpec, cast

import streamlit as st

from elman.training import Run

P = ParamSpec("P")


class PageEnds(Exception):
    """Raised where a page has nothing more to show; the entry file ends it there.

    Not `st.stop`, which drops what the reader presses while the script still runs: Stop, say.
    Raised in a `fragment` it ends that part alone.
    """


def fragment(
    run_every: float | None = None,
) -> Callable[[Callable[P, object]], Callable[P, None]]:
    """A part of a page that runs by itself; `st.fragment` would show `PageEnds` as an error.

    `run_every` is in seconds; without it the part runs when one of its controls changes. A session
    keeps the arguments of a part as long as its tab is open. So a run among them is not kept by
    it: where the server had to let it go, the whole page runs anew. `draw` must not bring one in
    any other way.
    """

    def as_part(draw: Callable[P, object]) -> Callable[P, None]:
        @st.fragment(run_every=run_every)
        @functools.wraps(draw)
        def part(given: list[Any], named: dict[str, Any]) -> None:
            try:
                cast(Any, draw)(
                    *map(_present, given),
                    **{name: _present(value) for name, value in named.items()},
                )
            except PageEnds:
                return

        def begin(*args: P.args, **kwargs: P.kwargs) -> None:
            part(
                [_held(value) for value in args],
                {name: _held(value) for name, value in kwargs.items()},
            )

        return begin

    return as_part


def _held(value: Any) -> Any:
    return weakref.ref(value) if isinstance(value, Run) else value


def _present(held: Any) -> Any:
    if not isinstance(held, weakref.ref):
        return held
    found = held()
    if found is None:
        st.rerun()
    return found
