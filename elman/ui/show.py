"""A chart on a page, and a message with what somebody typed."""

from __future__ import annotations

import hashlib
import pickle
import re
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any, TypeAlias

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.dataframe_util import convert_anything_to_arrow_bytes

from elman.ui import server

# A function that makes a chart, or what one is made of, with its arguments.
ToMake: TypeAlias = "partial[Any]"


class _Drawn:
    """What Streamlit asks of a chart: its specification, with each table as Arrow bytes.

    `moving` are the tables for the places that the chart has for them.
    """

    def __init__(self, packed: bytes, moving: Sequence[pd.DataFrame] = ()) -> None:
        self._packed = packed
        self._moving = moving

    def to_dict(self) -> dict[str, Any]:
        # Each time another, for Streamlit writes into it.
        spec: dict[str, Any] = pickle.loads(self._packed)
        for place, table in enumerate(self._moving):
            spec["datasets"][_place(place)] = convert_anything_to_arrow_bytes(table)
        return spec


def figure(
    chart: alt.TopLevelMixin | ToMake,
    alt_text: str,
    *,
    moving: Sequence[pd.DataFrame] = (),
    **settings: Any,
) -> Any:
    """A chart as wide as its column, with its text alternative.

    Given as a `partial`, a function with its arguments, it is made once for all who see the same.
    `moving` are tables that such a function takes last and draws as they are, and of which
    nothing else in the chart depends: it is made once for all that they may hold.
    """
    if isinstance(chart, partial):
        packed = _once("packed", chart, lambda: _packed(chart(*moving), moving))
    else:
        packed = _packed(chart)
    drawn: Any = _Drawn(packed, moving)
    return st.altair_chart(drawn, alt=alt_text, width="stretch", **settings)


def made(call: ToMake) -> Any:
    """What a function gives for its arguments, made once for all who ask for the same."""
    return _once("made", call, call)


def _once(what: str, call: ToMake, make: Callable[[], Any]) -> Any:
    """What `make()` gives, kept as this of a call, unless its arguments cannot be compared."""
    digest = _digest(call)
    return make() if digest is None else server.store().made((what, digest), make)


def _digest(call: ToMake) -> Hashable:
    """What tells a call from all others; None where its arguments cannot be compared."""
    try:
        given = pickle.dumps((call.args, call.keywords), protocol=pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
    made_by = call.func
    return made_by.__module__, made_by.__qualname__, hashlib.sha256(given).digest()


def _packed(chart: alt.TopLevelMixin, moving: Sequence[pd.DataFrame] = ()) -> bytes:
    """The specification of a chart, with its tables but those that are moving, as bytes.

    Without a check against the schema, which is half the work of drawing; the charts' tests make
    it, for every kind of chart.
    """
    tables: dict[str, bytes] = {}
    # As a part of something larger, for which Altair has no theme of its own.
    named = _named(chart, tables, moving)
    spec = named.to_dict(validate=False, context={"top_level": False})
    whole = spec | {"$schema": alt.SCHEMA_URL, "datasets": tables}
    return pickle.dumps(whole, protocol=pickle.HIGHEST_PROTOCOL)


def _place(number: int) -> str:
    return f"moving {number}"


def _named(chart: Any, tables: dict[str, bytes], moving: Sequence[pd.DataFrame]) -> Any:
    """The chart with a name in the place of each of its tables, which are put into `tables`.

    Altair would look up what to do with a table in a setting of the whole process.
    """
    named = chart.copy(deep=False)
    data = chart.data
    places = [number for number, table in enumerate(moving) if table is data]
    if places:
        named.data = alt.NamedData(_place(places[0]))
    elif isinstance(data, pd.DataFrame):
        content = convert_anything_to_arrow_bytes(data)
        name = hashlib.sha256(content).hexdigest()[:20]
        tables[name] = content
        named.data = alt.NamedData(name)
    if isinstance(chart, alt.LayerChart):
        named.layer = [_named(layer, tables, moving) for layer in chart.layer]
    return named


def named(problem: str, label: Callable[[str], str | None], *, in_link: bool = False) -> str:
    """A sentence about a bad value with the control called as the reader sees it.

    `label` gives that by the name that the sentence begins with, and None where there is no
    control. `in_link` adds the name, which the reader sees in the address.
    """
    name, colon, rest = problem.partition(":")
    called = label(name)
    if not called or not colon:
        return problem
    beside = f", in the link {name}" if in_link else ""
    return f"{called}{beside}:{rest}"


def literal(problem: str) -> str:
    """A sentence about a bad value, with the value as code, so that none of it is Markdown."""
    rule, _, rest = problem.partition("; ")
    given, was, where = rest.rpartition(" was given")
    if not given.startswith(("'", '"', "[", "{", "(")):
        return problem
    longest = max(map(len, re.findall("`+", given)), default=0)
    fence = "`" * (longest + 1)
    return f"{rule}; {fence}{given}{fence}{was}{where}"


def as_code(text: str, longest: int = 60) -> str:
    """A name that a stranger may have chosen, as code, so that none of it is Markdown."""
    text = " ".join(text.replace("`", "'").split())
    return f"`{text if len(text) <= longest else text[: longest - 1] + '…'}`"
