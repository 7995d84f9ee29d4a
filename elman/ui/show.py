"""A chart on a page, and a message with what somebody typed."""

from __future__ import annotations

import re
from typing import Any

import altair as alt
import streamlit as st


class _Drawn:
    """What Streamlit needs of a chart, without a check against the schema.

    That check is half the work of drawing. The charts' tests make it, for every kind of chart.
    """

    def __init__(self, chart: alt.TopLevelMixin) -> None:
        self._chart = chart

    def to_dict(self) -> dict[str, Any]:
        return self._chart.to_dict(validate=False)


def figure(chart: alt.TopLevelMixin, alt_text: str, **settings: Any) -> Any:
    """A chart as wide as its column, with its text alternative."""
    drawn: Any = _Drawn(chart)
    return st.altair_chart(drawn, alt=alt_text, width="stretch", **settings)


def literal(problem: str) -> str:
    """A sentence about a bad value, with the value as code, so that none of it is Markdown."""
    rule, _, rest = problem.partition("; ")
    given, was, where = rest.rpartition(" was given")
    if not given.startswith(("'", '"')):
        return problem
    longest = max(map(len, re.findall("`+", given)), default=0)
    fence = "`" * (longest + 1)
    return f"{rule}; {fence}{given}{fence}{was}{where}"


def as_code(text: str, longest: int = 60) -> str:
    """A name that a stranger may have chosen, as code, so that none of it is Markdown."""
    text = " ".join(text.replace("`", "'").split())
    return f"`{text if len(text) <= longest else text[: longest - 1] + '…'}`"
