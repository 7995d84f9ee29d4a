"""The reader's errors beside those of the network, the bigram and the floor."""

from __future__ import annotations

import altair as alt
import pandas as pd

from elman.analysis.guessing import BIGRAM, FLOOR, NETWORK, YOU
from elman.charts.parts import by_name, layered, span, tips

LOOKS = {YOU: "target", NETWORK: "error", BIGRAM: "baseline", FLOOR: "floor"}
HEIGHT = 230


def errors_beside(table: pd.DataFrame) -> alt.LayerChart:
    """Bars in groups: at each position one for each predictor, with its number above.

    `table` from `analysis.guessing.beside`.
    """
    looks = {name: role for name, role in LOOKS.items() if name in set(table["predictor"])}
    top = max(0.6, float(table["squared"].max()) * 1.15)
    base = alt.Chart(table).encode(
        x=alt.X("position:N", sort=None, title=None, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("predictor:N", sort=list(looks)),
        y=alt.Y("squared:Q", title="Squared error", scale=span(0, top)),
        tooltip=tips(
            ("position:N", "Symbol"),
            ("predictor:N", "Predictor"),
            ("squared:Q", "Squared error", ".3f"),
            ("steps:Q", "Guesses"),
        ),
    )
    legend = alt.Legend(orient="top", title=None, symbolType="square")
    bars = base.mark_bar().encode(color=by_name(alt.Color, "predictor", looks, legend=legend))
    # A bar of height zero would not be seen.
    numbers = base.mark_text(dy=-8, fontSize=12).encode(
        text=alt.Text("squared:Q", format=".2f"), color=by_name(alt.Color, "predictor", looks)
    )
    return layered(bars, numbers, height=HEIGHT)
