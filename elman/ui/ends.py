"""How a page, or a part of one that runs by itself, ends where it has nothing more to show."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

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

    `run_every` is in seconds; without it the part runs when one of its controls changes.
    """

    def as_part(draw: Callable[P, object]) -> Callable[P, None]:
        @st.fragment(run_every=run_every)
        @functools.wraps(draw)
        def part(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                draw(*args, **kwargs)
            except PageEnds:
                return

        return part

    return as_part
