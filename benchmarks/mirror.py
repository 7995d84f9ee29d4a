"""An app with the elements of another one's page and no computing; viewers.py starts it.

The file that MIRRORED names has the elements, recorded over the wire. Those of a fragment are
drawn by a fragment. The menu is there, too, and what a slider chooses stands in the link.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import streamlit as st
from streamlit.proto.Delta_pb2 import Delta

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from elman.ui.menu import LISTED, PAGES

Place = tuple[int, ...]

# The settings that the benchmarks change, which keep the key that the page gives them.
CHANGED = ("seed", "hidden", "epoch")


def table(data: bytes) -> Any:
    """The frame of some Arrow bytes."""
    return pa.ipc.open_stream(data).read_pandas()


def moved(frame: pd.DataFrame, by: float) -> pd.DataFrame:
    """A table with all its fractions times a number."""
    fractions = frame.select_dtypes("float").columns
    return frame.assign(**{name: frame[name] * by for name in fractions})


def chart(element: Any) -> Callable[[Any], Any]:
    """A chart with its data, as the page has it."""
    spec = json.loads(element.spec)
    tables = {one.name: table(one.data.data) for one in element.datasets}

    def draw(where: Any) -> Any:
        # A changed setting has other data, so that the chart is sent again, and drawn as it was.
        changed = 1.0 + 1e-6 * hash(tuple(st.session_state.get(name) for name in CHANGED)) / 2**63
        spec["datasets"] = {name: moved(one, changed) for name, one in tables.items()}
        return where.vega_lite_chart(spec, width="stretch")

    return draw


def frame(element: Any) -> Callable[[Any], Any]:
    """A table as the page has it."""
    found, looks = table(element.arrow_data.data), json.loads(element.columns)
    order = list(element.column_order) or None
    return lambda where: where.dataframe(found, column_config=looks, column_order=order)


def drawer(kind: str, e: Any, key: str) -> Callable[[Any], Any]:
    """What draws an element of this kind with the words and values of `e`."""
    if kind == "vega_lite_chart":
        return chart(e)
    if kind == "dataframe":
        return frame(e)
    key = next((name for name in CHANGED if getattr(e, "id", "").endswith(f"-{name}")), key)
    if kind == "number_input":
        whole = e.data_type == e.DataType.INT
        value = int(e.default) if whole else float(e.default)
        return lambda where: where.number_input(e.label, value=value, help=e.help, key=key)
    options = list(getattr(e, "options", ()))
    words = [getattr(option, "content", option) for option in options]
    plain: dict[str, Callable[[Any], Any]] = {
        "markdown": lambda where: (
            where.caption if e.element_type == e.CAPTION else where.markdown
        )(e.body, help=e.help or None),
        "heading": lambda where: where.header(e.body),
        "metric": lambda where: where.metric(e.label, e.body, e.delta, help=e.help),
        "selectbox": lambda where: where.selectbox(e.label, words, help=e.help, key=key),
        "slider": lambda where: where.select_slider(
            e.label, words, help=e.help, key=key, bind="query-params"
        ),
        "button_group": lambda where: where.segmented_control(e.label, words, key=key),
        "button": lambda where: where.button(e.label, help=e.help, key=key),
    }
    return plain.get(kind, lambda where: where.empty())


def container(block: Any, children: int) -> Callable[[Any], Any]:
    """What draws a block of this kind; columns are drawn together by the block around them."""
    kind = block.WhichOneof("type")
    if kind == "expandable":
        return lambda where: where.expander(block.expandable.label)
    if kind == "popover":
        return lambda where: where.popover(block.popover.label)
    if children:
        return lambda where: where.columns(children)
    return lambda where: where.container()


class Step(NamedTuple):
    """What to draw, with its path in the page, and whether a fragment draws it."""

    path: Place
    draw: Callable[[Any], Any]
    in_fragment: bool


@st.cache_resource
def recorded() -> list[Step]:
    """What to draw, in order."""
    last: dict[Place, Delta] = {
        path: Delta.FromString(delta)
        for path, delta in pickle.loads(Path(os.environ["MIRRORED"]).read_bytes())
    }
    columns: dict[Place, int] = {}
    for path, delta in last.items():
        if delta.add_block.WhichOneof("type") == "column":
            columns[path[:-1]] = columns.get(path[:-1], 0) + 1
    steps = []
    for path, delta in sorted(last.items()):
        if delta.WhichOneof("type") == "add_block":
            if delta.add_block.WhichOneof("type") == "column":
                continue
            draw = container(delta.add_block, columns.get(path, 0))
        else:
            kind = delta.new_element.WhichOneof("type") or "empty"
            key = "-".join(map(str, path))
            draw = drawer(kind, getattr(delta.new_element, kind), key)
        steps.append(Step(path, draw, bool(delta.fragment_id)))
    return steps


def draw_all(steps: Iterable[Step], places: dict[Place, Any]) -> None:
    """Draw each where the block around it is."""
    for path, draw, _ in steps:
        drawn = draw(places.get(path[:-1], st))
        if isinstance(drawn, list):
            places |= {(*path, place): column for place, column in enumerate(drawn)}
        places[path] = drawn


def draw() -> None:
    """The whole page."""
    places: dict[Place, Any] = {(0,): st, (1,): st.sidebar}
    for in_fragment, group in groupby(recorded(), lambda step: step.in_fragment):
        steps = list(group)
        if in_fragment:
            # The block of the fragment itself is drawn by Streamlit.
            path = steps[0].path
            with places[path[:-1]]:
                st.fragment(draw_all)(steps[1:], {path: st})
        else:
            draw_all(steps, places)


def pages() -> dict[str, list[Any]]:
    """As many pages in the menu as the app has, in its sections; each would draw the same."""
    sections: dict[str, list[Any]] = {}
    for entry in PAGES:
        first = entry is PAGES[0]
        shown: Any = "visible" if entry.file in LISTED else "hidden"
        page = st.Page(
            draw, title=entry.title, url_path=entry.file, default=first, visibility=shown
        )
        sections.setdefault(entry.section, []).append(page)
    return sections


st.set_page_config(layout="wide")
st.navigation(pages(), position="top").run()
