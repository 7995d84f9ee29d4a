"""How inputs and answers line up in time, and how well small networks learn it, as pictures."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from elman.charts import ROLES
from elman.charts.layers import HALF_HEIGHT, HALF_WIDTH, HEAD, Boxes, row_axis
from elman.charts.loss import epoch_axis, loss_line, loss_points
from elman.charts.parts import Picture, layered, named_ticks, rule, span, tips

MEASURES = {"whole": "whole answers", "symbols": "single symbols"}


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
    boxes, steps = Boxes(), len(read)
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
            boxes.box(at + shift, y, "hidden", f"hidden layer, step {t + 1}", half_width=half)
            if t:
                ends = [places[t - 1] + shift + half, at + shift - half]
                ends = [ends[0], ends[1] - 0.06] if y == 1 else [ends[1], ends[0] + 0.06]
                boxes.arrow(ends[0], y, ends[1], y, "context")
            if read[t]:
                boxes.arrow(at + shift, HALF_HEIGHT, at + shift, y - HALF_HEIGHT - HEAD)
            if answers[t]:
                boxes.arrow(at + shift, y + HALF_HEIGHT, at + shift, top - HALF_HEIGHT - HEAD)
        if read[t]:
            boxes.box(at, 0, "input", f"read at step {t + 1}: {read[t]}", text=read[t])
        if answers[t]:
            says = f"answered at step {t + 1}: {answers[t]}"
            boxes.box(at, top, "output", says, text=answers[t])
    if answers_at == "after":
        boxes.note(float(np.mean(places[: len(question)])), top, "encoder: reads")
        boxes.note(float(np.mean(places[len(question) :])), 0, "decoder: writes")
    x = alt.X(
        "x:Q",
        title="Step",
        axis=named_ticks({at: str(t + 1) for t, at in enumerate(places)}, ticks=False),
        # A single box would be as wide as the page.
        scale=span(-0.6, max(places[-1], 4.0) + 0.6),
    )
    picture = Picture(x, row_axis(rows))
    boxes.draw_on(picture, font_size=14)
    return picture.chart(45 * len(rows) + 40)


def learning_curve(
    losses: np.ndarray, guess_loss: float | None = None, *, epochs: int | None = None
) -> alt.LayerChart:
    """Cross-entropy after each epoch, over the line of guessing by frequency.

    `epochs` fixes the axis for a run that goes on.
    """
    epochs = epochs or max(len(losses), 1)
    top = 1.08 * max(float(np.max(losses)), guess_loss or 0.0)
    y = alt.Y("loss:Q", title="Cross-entropy (nats)", scale=span(0, top))
    curve = loss_line(loss_points(losses), epoch_axis(epochs), y)
    if guess_loss is None:
        line = []
    else:
        line = rule(guess_loss, "baseline", "guessing by frequency", at="width", dy=9)
    return layered(*line, curve, height=260)


def seed_scores(table: pd.DataFrame) -> alt.LayerChart:
    """A point for each seed: share right, of whole answers and of symbols, beside guessing.

    Where an answer is one symbol the two are the same, and shown once. `table` as made by
    `studies.alignment_training.train_seeds`.
    """
    one_symbol = table["whole"].equals(table["symbols"])
    frame = pd.concat(
        [
            table[["seed", measure, f"guess_{measure}"]]
            .set_axis(["seed", "right", "guess"], axis=1)
            .assign(measure=words)
            for measure, words in MEASURES.items()
            if not (one_symbol and measure == "symbols")
        ],
        ignore_index=True,
    )
    means = frame.groupby("measure", sort=False)[["right", "guess"]].mean().reset_index()
    x = alt.X(
        "right:Q",
        title="Right on unseen examples",
        axis=alt.Axis(format="%", tickCount=6),
        scale=span(0, 1),
    )
    y = alt.Y("measure:N", title=None, sort=None, axis=alt.Axis(labelFontSize=12))
    points = alt.Chart(frame).mark_point(filled=True, size=70, opacity=0.7, color=ROLES["output"])
    ticks = [
        alt.Chart(means)
        .mark_tick(thickness=3, height=alt.RelativeBandSize(0.7), opacity=1, color=ROLES[role])
        .encode(x=alt.X(f"{column}:Q"), y=y, tooltip=tips((f"{column}:Q", title, ".1%")))
        for column, role, title in (
            ("guess", "baseline", "Guessing"),
            ("right", "output", "Mean"),
        )
    ]
    tooltip = tips(("seed:O", "Seed"), ("right:Q", "Right", ".1%"))
    return layered(*ticks, points.encode(x=x, y=y, tooltip=tooltip), height=55 * len(means) + 40)
