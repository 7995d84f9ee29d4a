"""The first symbols of a sequence in a row, coloured by what can be predicted."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES, SHORT_NAME

STRIP_HEIGHT = 42


def symbol_strip(
    names: Sequence[str],
    group_starts: np.ndarray,
    expected_certain: np.ndarray | None,
    *,
    columns: int | None = None,
) -> alt.LayerChart:
    """The first symbols of a sequence in rows of `columns`, with a gap before each group.

    `expected_certain` marks symbols that someone who knows the rule could have foretold; None
    where nobody knows the rule. By default all symbols stand in one row.
    """
    columns = columns or len(names)
    steps = np.arange(len(names))
    rows, places = steps // columns, steps % columns
    gaps = np.array(
        [
            np.count_nonzero(group_starts[step - place + 1 : step + 1])
            for step, place in zip(steps, places, strict=True)
        ]
    )
    place = places + 0.6 * gaps
    kind = np.full(len(names), "not known")
    if expected_certain is not None:
        kind = np.where(expected_certain, "can be predicted", "is open")
    frame = pd.DataFrame(
        {"place": place, "end": place + 0.92, "middle": place + 0.46, "symbol": names, "kind": kind}
    )
    # Rows go downward.
    frame = frame.assign(step=steps + 1, bottom=0.04 - rows, center=0.5 - rows, top=0.96 - rows)
    x = alt.X("place:Q", axis=None, scale=alt.Scale(domain=[0, float(place.max()) + 1], nice=False))
    colour = alt.Color(
        "kind:N",
        legend=None,
        scale=alt.Scale(
            domain=["can be predicted", "is open", "not known"],
            range=[ROLES["hidden"], ROLES["floor"], ROLES["input"]],
        ),
    )
    tooltip = [
        alt.Tooltip("step:Q", title="Step"),
        alt.Tooltip("symbol:N"),
        alt.Tooltip("kind:N", title="It"),
    ]
    base = alt.Chart()
    lowest = -float(rows.max())
    boxes = base.mark_rect(cornerRadius=3, fillOpacity=0.18, strokeWidth=1.5).encode(
        x=x,
        x2=alt.X2("end:Q"),
        y=alt.Y("bottom:Q", axis=None, scale=alt.Scale(domain=[lowest, 1], nice=False)),
        y2=alt.Y2("top:Q"),
        color=colour,
        stroke=colour,
        tooltip=tooltip,
    )
    size = 15 if max(map(len, names)) <= SHORT_NAME else 12
    text = base.mark_text(fontSize=size, fontWeight="bold").encode(
        x=alt.X("middle:Q"), y=alt.Y("center:Q"), text=alt.Text("symbol:N"), color=colour
    )
    height = STRIP_HEIGHT * (1 + int(rows.max()))
    return alt.layer(boxes, text, data=frame, height=height)
