"""How inputs and answers line up in time, and how well small networks learn it, as pictures."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES, thinned
from elman.charts.layers import HALF_HEIGHT, HALF_WIDTH, Picture

MEASURES = {"whole": "whole answers", "symbols": "single symbols"}

_HEAD = 0.08


def form_picture(
    question: str, answer: str, answers_at: str, *, both_directions: bool = False
) -> alt.LayerChart:
    """One example on its way: what is read below, what is answered above.

    `answers_at` as in `studies.alignments.AlignmentTask`: with "each" there is an answer at every
    step, with "end" at the last one, with "after" when all is read.
    """
    read = list(question)
    if answers_at == "after":
        answers = [""] * len(read) + list(answer)
        read += [""] * len(answer)
    elif answers_at == "end":
        answers = [""] * (len(read) - 1) + [answer]
    else:
        answers = list(answer)
        read += [""] * (len(answers) - len(read))
    picture, steps = Picture(), len(read)
    rows = ["reads", "hidden →", "hidden ←", "answers"]
    if not both_directions:
        rows = ["reads", "hidden", "answers"]
    top = len(rows) - 1
    # The decoder stands apart from the encoder.
    places = [
        t + (0.5 if answers_at == "after" and t >= len(question) else 0.0) for t in range(steps)
    ]
    off, half = (0.2, 0.17) if both_directions else (0.0, HALF_WIDTH)
    for t, at in enumerate(places):
        for y, shift in ((1, -off), (2, off)) if both_directions else ((1, 0.0),):
            picture.box(at + shift, y, "hidden", f"hidden layer, step {t + 1}", half_width=half)
            if t:
                ends = [places[t - 1] + shift + half, at + shift - half]
                ends = [ends[0], ends[1] - 0.06] if y == 1 else [ends[1], ends[0] + 0.06]
                picture.arrow(ends[0], y, ends[1], y, "state")
            if read[t]:
                picture.arrow(at + shift, HALF_HEIGHT, at + shift, y - HALF_HEIGHT - _HEAD)
            if answers[t]:
                picture.arrow(at + shift, y + HALF_HEIGHT, at + shift, top - HALF_HEIGHT - _HEAD)
        if read[t]:
            picture.box(at, 0, "input", f"read at step {t + 1}: {read[t]}", text=read[t])
        if answers[t]:
            says = f"answered at step {t + 1}: {answers[t]}"
            picture.box(at, top, "output", says, text=answers[t])
    if answers_at == "after":
        picture.note(float(np.mean(places[: len(question)])), top, "encoder: reads")
        picture.note(float(np.mean(places[len(question) :])), 0, "decoder: writes")
    x = alt.X(
        "x:Q",
        title="Step",
        axis=alt.Axis(
            values=places,
            labelExpr="floor(datum.value) + 1",
            grid=False,
            ticks=False,
        ),
        # A single box would be as wide as the page.
        scale=alt.Scale(domain=[-0.6, max(places[-1], 4.0) + 0.6], nice=False),
    )
    names = ", ".join(f"'{row}'" for row in rows)
    y = alt.Y(
        "y:Q",
        title=None,
        axis=alt.Axis(
            values=list(range(len(rows))),
            labelExpr=f"[{names}][datum.value]",
            labelFontSize=12,
            grid=False,
            ticks=False,
            domain=False,
        ),
        scale=alt.Scale(domain=[-0.5, top + 0.5], nice=False),
    )
    return picture.chart(x, y, height=45 * len(rows) + 40, font_size=14)


def learning_curve(
    losses: np.ndarray, guess_loss: float | None = None, *, epochs: int | None = None
) -> alt.LayerChart:
    """Cross-entropy after each epoch, over the line of guessing by frequency.

    `epochs` fixes the axis for a run that goes on.
    """
    epochs = epochs or max(len(losses), 1)
    index = thinned(losses)
    frame = pd.DataFrame({"epoch": index + 1, "loss": np.asarray(losses)[index]})
    top = 1.08 * max(float(np.max(losses)), guess_loss or 0.0)
    x = alt.X(
        "epoch:Q",
        title="Epoch",
        axis=alt.Axis(tickCount=6),
        scale=alt.Scale(domain=[0, epochs], nice=False),
    )
    y = alt.Y("loss:Q", title="Cross-entropy (nats)", scale=alt.Scale(domain=[0, top], nice=False))
    curve = (
        alt.Chart(frame)
        .mark_line(color=ROLES["error"], strokeWidth=2.5, point=len(frame) == 1)
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("epoch:Q", title="Epoch"),
                alt.Tooltip("loss:Q", title="Loss", format=".4f"),
            ],
        )
    )
    layers = [curve]
    if guess_loss is not None:
        line = alt.Chart(
            pd.DataFrame({"x": [epochs], "y": [guess_loss], "label": ["guessing by frequency"]})
        )
        rule = line.mark_rule(color=ROLES["baseline"], strokeDash=[2, 3], strokeWidth=1.5)
        text = line.mark_text(align="right", dy=9, color=ROLES["baseline"])
        layers = [
            rule.encode(y=alt.Y("y:Q")),
            text.encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), text=alt.Text("label:N")),
            curve,
        ]
    return alt.layer(*layers).properties(height=260)


def seed_scores(table: pd.DataFrame) -> alt.LayerChart:
    """A point for each seed: share right, of whole answers and of symbols, beside guessing.

    Where an answer is one symbol the two are the same, and shown once. `table` as made by
    `analysis.shape_training.train_seeds`.
    """
    parts = []
    one_symbol = table["whole"].equals(table["symbols"])
    for measure, words in MEASURES.items():
        if one_symbol and measure == "symbols":
            continue
        part = table[["seed", measure, f"guess_{measure}"]].set_axis(
            ["seed", "right", "guess"], axis=1
        )
        parts.append(part.assign(measure=words))
    frame = pd.concat(parts, ignore_index=True)
    means = frame.groupby("measure", sort=False)[["right", "guess"]].mean().reset_index()
    x = alt.X(
        "right:Q",
        title="Right on unseen examples",
        axis=alt.Axis(format="%", tickCount=6),
        scale=alt.Scale(domain=[0, 1], nice=False),
    )
    y = alt.Y("measure:N", title=None, sort=None, axis=alt.Axis(labelFontSize=12))
    tick = {"thickness": 3, "height": alt.RelativeBandSize(0.7), "opacity": 1}
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=70, opacity=0.7, color=ROLES["output"])
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("seed:O", title="Seed"),
                alt.Tooltip("right:Q", title="Right", format=".1%"),
            ],
        )
    )
    base = alt.Chart(means)
    mean = base.mark_tick(color=ROLES["output"], **tick).encode(
        x=alt.X("right:Q"), y=y, tooltip=[alt.Tooltip("right:Q", title="Mean", format=".1%")]
    )
    guess = base.mark_tick(color=ROLES["baseline"], **tick).encode(
        x=alt.X("guess:Q"), y=y, tooltip=[alt.Tooltip("guess:Q", title="Guessing", format=".1%")]
    )
    return alt.layer(guess, mean, points).properties(height=55 * len(means) + 40)
