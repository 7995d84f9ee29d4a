"""The results of a comparison: curves, successes, every run as a point, tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from elman import sweeps
from elman.analysis import comparison, outcomes
from elman.analysis.learned import MEANS as LEARNED_MEANS
from elman.analysis.references import Reference, decimals
from elman.charts import compare as charts
from elman.sweeps import Outcome
from elman.training import Run
from elman.training.batches import total_work
from elman.training.sizes import needed_bytes
from elman.ui import fields, jobs, page, prose, runs, server, state, tables
from elman.ui.views import comparison_form
from elman.ui.views.comparison_form import Comparison
from elman.ui.work import Work, stopped_after

# Curves of so many values of the second field stand beside each other.
ACROSS = 2

# A comparison of more multiplications waits for a press, so that a control that is moved past it
# begins nothing large.
AT_ONCE = 5e9

# A longer table scrolls.
SHOWN = tuple(tables.COLUMNS["settings compared"])
MOST_ROWS = 10


MEASURE = state.Control(
    f"{comparison_form.PREFIX}measure",
    "Up",
    st.segmented_control,
    tuple(charts.MEASURES),
    default="final loss",
)
# The key of the figure whose points open runs.
POINTS = "compare_points"


def outcomes_of(compared: Comparison, run: Run | None) -> list[Outcome] | None:
    """The runs of the comparison, or None while there are none; draws what to do or wait for.

    `run` is the one that the sidebar shows, if it is there: all there is before a press.
    """
    count = len(compared.experiments)
    size = sum(map(total_work, compared.experiments))
    # As many at a time as this server has room for.
    budget, largest = server.store().max_bytes, max(map(needed_bytes, compared.experiments))
    workers = min(jobs.sweep_workers(), budget // largest)
    work = Work(
        compared.experiments,
        "compare",
        partial(
            sweeps.sweep,
            compared.experiments,
            outcomes.scores,
            workers=workers,
            block_bytes=budget // 2 // workers,
        ),
        size,
        workers * largest,
        starts="at once" if size <= AT_ONCE else "on a press",
        part=list,
        progress=lambda found: runs.progress("train_lanes", found, "Under way"),
        stopped=lambda found: stopped_after(len(found), count, "trainings"),
        label=f"Run {count} trainings",
        again="Run all of them",
        advice="Fewer values or seeds, fewer epochs or a shorter sequence bring it down.",
    )
    return jobs.result(work, partial(_so_far, compared), partial(_one_run, compared, run))


def _so_far(compared: Comparison, found: list[Outcome]) -> None:
    prose.caption(f"{len(found)} of {len(compared.experiments)} trainings are done.")
    curves(compared, found)


def _one_run(compared: Comparison, run: Run | None) -> None:
    if run is None:
        return
    value = getattr(run.experiment, compared.first)
    outcome = sweeps.Outcome(run.experiment, run.losses, run.status, run.seconds, {})
    values = compared.varied[compared.first]
    # Its colour stays once there are more.
    _figure(compared, [outcome], compared.first, values if value in values else (value,))
    prose.say(
        f"**So far there is one run, that of the sidebar: with "
        f"{comparison.phrase({compared.first: value})} its loss ends at {run.final_loss:.4f}.** "
        "Would another start have done as well, and other settings better? One run cannot tell."
    )


def curves(compared: Comparison, found: Sequence[Outcome]) -> None:
    """Loss by epoch; one figure for each value of the second field."""
    if compared.second is None:
        _figure(compared, found, compared.first, compared.varied[compared.first])
        return
    values = [v for v in compared.varied[compared.second] if _having(found, compared.second, v)]
    losses = comparison.curves(found, list(compared.varied))
    # One scale in all figures.
    ends = [losses["low"].min(), losses["high"].max()] if len(losses) else []
    for start in range(0, len(values), ACROSS):
        for column, value in zip(st.columns(ACROSS), values[start : start + ACROSS], strict=False):
            with column:
                prose.say(f"**{fields.label(compared.second)}: {comparison.shown_value(value)}**")
                some = _having(found, compared.second, value)
                _figure(
                    compared,
                    some,
                    compared.first,
                    compared.varied[compared.first],
                    ends,
                    height=320,
                )


def _having(found: Sequence[Outcome], name: str, value: object) -> list[Outcome]:
    return [outcome for outcome in found if getattr(outcome.experiment, name) == value]


def _figure(
    compared: Comparison,
    found: Sequence[Outcome],
    field: str,
    values: tuple,
    losses: Sequence[float] = (),
    height: int = 280,
) -> None:
    table = comparison.curves(found, [field])
    if not len(table):
        st.info("No epoch was completed in any of these runs.")
        return
    label = fields.label(field)
    last = table.groupby(field, sort=False).tail(1)
    words = "; ".join(
        f"{comparison.shown_value(value)} {median:.4f}"
        for value, median in zip(last[field], last["median"], strict=True)
    )
    page.figure(
        partial(
            charts.curves,
            table,
            field,
            values,
            lines(compared),
            label=label,
            epochs=max(experiment.epochs for experiment in compared.experiments),
            losses=losses,
            height=height,
        ),
        f"Loss by epoch. Median at the end by {label.lower()}: {words}. "
        f"Chosen level: {decimals(compared.level)}.",
    )


def lines(compared: Comparison) -> tuple[Reference, ...]:
    """Lines across the curves: those of the sidebar's run, and the level."""
    level = Reference(f"chosen level {compared.level:g}", "level", compared.level, "target")
    return (*runs.references_of(compared.base), level)


def result(compared: Comparison, found: Sequence[Outcome]) -> None:
    """All that the finished runs tell."""
    if not found:
        st.info("No training was completed, so there is nothing to compare.")
        return
    varied = list(compared.varied)
    table = comparison.runs_table(found, varied, compared.level)
    summary = outcomes.summary(found, varied, compared.level)
    curves(compared, found)
    prose.say(f"**{comparison.describe_runs(table, varied, compared.level)}**")
    more = [
        comparison.describe_speed(table, varied, compared.level),
        comparison.describe_remembered(table, varied),
        comparison.describe_diverged(table, varied),
    ]
    prose.say(" ".join(filter(None, more)))
    prose.caption(
        f"Lines: the median of {_counts(summary)} at each epoch; bands: where nine of ten runs "
        "lie. " + _success_means(table, compared),
    )
    _below(compared, found, table)
    _tables(compared, found, table, summary)


def _counts(summary: pd.DataFrame) -> str:
    fewest, most = summary["runs"].min(), summary["runs"].max()
    runs = f"{most} run{'s' if most > 1 else ''}"
    return runs if fewest == most else f"{fewest} to {runs}"


def _success_means(table: pd.DataFrame, compared: Comparison) -> str:
    if comparison.success_column(table) == "learned":
        return f"A run has learned the rule if, on a new sequence, it is {LEARNED_MEANS}."
    return (
        "In this task no step is certain, so that nobody can say when its rule is learned: what "
        f"counts here is whether the loss reached {decimals(compared.level)}."
    )


def _below(compared: Comparison, found: Sequence[Outcome], table: pd.DataFrame) -> None:
    """Successes beside the runs as points."""
    varied = list(compared.varied)
    shares = comparison.successes(table, varied)
    learned = comparison.success_column(table) == "learned"
    title = "Runs that learned the rule" if learned else "Runs that reached the level"
    labels = {name: fields.label(name) for name in varied}
    words = "; ".join(
        f"{comparison.phrase({name: row[name] for name in varied})} {row['successes']} of "
        f"{row['runs']}"
        for row in shares.to_dict("records")
    )
    if varied == ["seed"]:
        # A share of one run each would say nothing.
        _points(compared, found, table)
        return
    left, right = st.columns(2)
    with left:
        prose.say(f"##### {title}")
        if compared.second is None:
            chart = charts.success_shares(
                shares,
                compared.first,
                compared.varied[compared.first],
                label=labels[compared.first],
                title=title,
            )
            caption = "Points: share of the runs; bars: where the true share lies, with 95%."
        else:
            chart = charts.success_grid(shares, compared.varied, labels, title)
            caption = "The fuller the ring, the more runs. Hover to see the 95% intervals."
        page.figure(chart, f"{title}: {words}.")
        prose.caption(caption)
    with right:
        _points(compared, found, table)


def _points(compared: Comparison, found: Sequence[Outcome], table: pd.DataFrame) -> None:
    prose.say("##### Every run is a point: click one to open it")
    shown = table
    if compared.second is not None:
        values = [
            v for v in compared.varied[compared.second] if (table[compared.second] == v).any()
        ]
        name = fields.label(compared.second)
        value = st.segmented_control(
            name,
            values,
            default=values[0],
            key="compare_second_value",
            format_func=comparison.shown_value,
            required=True,
        )
        shown = table[table[compared.second] == value]
    measure = state.choose(MEASURE, label_visibility="collapsed")
    column = charts.MEASURES[measure][0]
    page.figure(
        partial(
            charts.run_points,
            shown,
            compared.first,
            compared.varied[compared.first],
            measure,
            label=fields.label(compared.first),
            level=compared.level,
        ),
        f"{measure.capitalize()} of {len(shown)} runs, from {shown[column].min():.4g} to "
        f"{shown[column].max():.4g}.",
        key=POINTS,
        on_select=partial(_clicked, found, compared),
        selection_mode=charts.OPENED,
    )
    experiment = comparison_form.opened_run()
    if experiment is None:
        prose.caption("Short lines: medians. Crosses: runs that diverged or never got there.")
        return
    settings = {name: getattr(experiment, name) for name in compared.varied}
    st.success(
        f"Opened: {comparison.phrase(settings)}, seed {experiment.seed}. The sidebar and the other "
        "pages show this run now."
    )
    st.page_link("pages/train.py", label="Look at it on Train")


def _clicked(found: Sequence[Outcome], compared: Comparison) -> None:
    chosen = state.value(POINTS)["selection"][charts.OPENED]
    if chosen:
        comparison_form.open_run(found[int(chosen[0]["run"])].experiment, compared.base)


def _tables(
    compared: Comparison, found: Sequence[Outcome], table: pd.DataFrame, summary: pd.DataFrame
) -> None:
    level = decimals(compared.level)
    varied = {name: tables.Column(fields.label(name)) for name in compared.varied}
    together, alone = st.tabs(["Settings side by side", "Run by run"])
    with together:
        tables.show_table(
            summary.dropna(axis="columns", how="all"),
            "settings compared",
            # All in one line on a small laptop; the file has more.
            order=[name for name in (*varied, "runs", *SHOWN) if name in summary],
            height="content" if len(summary) <= MOST_ROWS else 400,
            columns=varied,
            level=level,
        )
    with alone:
        shown = table.drop(columns="run").dropna(axis="columns", how="all")
        tables.show_table(shown, "runs compared", height=300, columns=varied, level=level)
    with st.container(horizontal=True):
        _download("Settings as CSV", "settings.csv", lambda: summary)
        _download("Runs as CSV", "runs.csv", lambda: sweeps.table(found))


def _download(label: str, name: str, make: Callable[[], pd.DataFrame]) -> None:
    st.download_button(
        label,
        lambda: make().to_csv(index=False),
        file_name=name,
        mime="text/csv",
        on_click="ignore",
    )
