"""Tables on a page: what every column is called, how its numbers are written, and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

import pandas as pd
import streamlit as st

from elman.analysis import likelihood, separation
from elman.analysis.errors import MEASURES
from elman.charts import PINNED
from elman.studies.table_experiment import ELMAN, LAYERS, NAIVE_WORDS
from elman.tasks import Task


class Column(NamedTuple):
    """The title of a column, how Streamlit is to write its numbers, and its explanation."""

    title: str
    format: str | None = None
    help: str | None = None
    width: Literal["small", "medium", "large"] | None = None


Height = int | Literal["content", "auto"]

# Words of at most so many characters stand in the title of a column.
SHORT_TITLE = 20

SHARE, LOSS = "percent", "%.4f"

# Of a table of this name its columns, by the names in the frame. A column that is named nowhere
# has its own name as a title.
COLUMNS: dict[str, dict[str, Column]] = {
    "errors": {
        "predictable": Column("Predictable"),
        "begins": Column("Begins a group"),
        "squared_predictable": Column("Squared error {certain}"),
        "squared_open": Column("Squared error {open}"),
        "squared_open_floor": Column("Squared error {open}: floor"),
        **{
            f"{name}{ending}": Column(f"{words}{beside}")
            for name, words in MEASURES.items()
            for ending, beside in {
                "": "",
                "_floor": ": floor",
                "_bigram": ": best bigram",
                **{f"_{kind}": f": pinned {n}" for n, kind in enumerate(PINNED, 1)},
            }.items()
        },
    },
    "pinned runs": {
        "run": Column("Run"),
        "differs": Column("What differs from this run"),
        "loss": Column("Loss at the end", LOSS),
        "squared": Column("Squared error on the test", "%.3f"),
        "right": Column("Right everywhere", SHARE),
        "certain": Column("Right where certain", SHARE),
    },
    "class scores": {name: Column(words) for name, words in separation.SCORES.items()},
    "predictions": {
        "answer": Column("Answer", help="The symbol with the largest output."),
        "answer_output": Column("Its output", "%.3f"),
        "expected_output": Column("Output of the expected", "%.3f", "How likely it seemed to be."),
        "rounded": Column("Rounded", help="The symbol of the rounded outputs; ? if none."),
        "match": Column("Match", help="Whether every rounded output matches."),
        "predictable": Column("Predictable", help="Whether the rule makes this symbol certain."),
    },
    "texts": {
        "writer": Column("Writer"),
        "texts": Column("Texts"),
        "whole": Column("{whole}", SHARE),
        "whole_low": Column("from", SHARE),
        "whole_high": Column("to", SHARE),
        "possible": Column("Allowed where they stand", SHARE),
        "possible_low": Column("from ", SHARE),
        "possible_high": Column("to ", SHARE),
    },
    "machines": {
        "agreement": Column(
            "Agrees",
            SHARE,
            "Share of the steps of new strings at which it expects what its own "
            "network expects; the rule's, what this network expects.",
        ),
        "agreement_low": Column("from", SHARE),
        "agreement_high": Column("to", SHARE),
        "as_rule": Column("As the rule", SHARE, "Steps at which it expects what the rule says."),
        "exactly": Column("Exactly the rule's"),
        "untrained_states": Column("States before training"),
        "error": Column("Squared error", LOSS),
    },
    "fixed points": {
        "x": Column("Across", "%.3f"),
        "y": Column("Up", "%.3f"),
        "kind": Column("It is"),
        "largest": Column("Largest size", "%.3g", "A difference this many times as large a step."),
        "off": Column("Off the plane", "%.3f", "Distance of the state from what is drawn."),
    },
    "arrows": {
        "x": Column("From, across", "%.3f"),
        "y": Column("From, up", "%.3f"),
        "x2": Column("To, across", "%.3f"),
        "y2": Column("To, up", "%.3f"),
    },
    "states of a machine": {
        "leads": Column("Symbols lead", width="large"),
        "visits": Column("Share of steps", SHARE),
    },
    "forecast": {
        "step": Column("Steps ahead"),
        "middle": Column("Median of the networks", "%.4g"),
        "low": Column("Lowest", "%.4g"),
        "high": Column("Highest", "%.4g"),
        "line": Column("Straight line", "%.4g"),
        "right": Column("Right", "%.4g"),
        "free_error": Column("Off on its own", "%.3g", "Median distance from the right number."),
        "one_step_error": Column("Off reading what comes", "%.3g", "The same, told what came."),
    },
    "next symbols": {
        "output": Column("Output", "%.3f"),
        "network": Column("As a likelihood", "%.3f", "The output as a share of the sum of all."),
        "rule": Column("True rule", "%.3f"),
    },
    "tried": {
        "output": Column("Output", "%.3f", "The network's output for it, after those before."),
        "chance": Column("Likelihood", "%.3f", "What the network gave it, after those before."),
        "accepted": Column(
            "Network accepts",
            help="Whether it is at least a third as likely there as the likeliest symbol.",
        ),
        "expected": Column("The rule allows"),
        "possible": Column("Possible"),
    },
    "strings": {
        "right": Column("Judged rightly", "%.2f %%"),
        "missed": Column("Missed", help="Grammatical, but not accepted."),
        "wrong": Column("Wrongly accepted", help="Accepted, but not grammatical."),
    },
    "likelihoods": {name: Column(words) for name, words in likelihood.MEASURES.items()},
    "paper's likelihoods": {"error": Column("Error as printed")},
    "settings compared": {
        "learned": Column("Learned", SHARE),
        "learned_low": Column("from", SHARE, "Beginning of the 95% interval."),
        "learned_high": Column("to", SHARE, "End of the 95% interval."),
        "epochs_median": Column("To {level}", "%d", "Epochs until half of the runs were there."),
        "loss_mean": Column("Loss", LOSS, "Mean of the runs, of the last epoch."),
        "loss_sd": Column("SD", LOSS, "Standard deviation of the loss."),
        "squared_mean": Column("New error", LOSS, "Squared error on new sequences, mean."),
        "squared_sd": Column("SD ", LOSS, "Standard deviation of that error."),
    },
    "runs compared": {
        "loss": Column("Loss at the end", LOSS),
        "passes": Column("Epochs until {level}", "%d"),
        "reached": Column("Reached it"),
        "right": Column("Right where certain", SHARE),
        "remembered": Column("Remembered", SHARE, "Right at the remembered letter."),
        "status": Column("Training"),
    },
    "gradient by lag": {
        "lag": Column("Lag", "%d"),
        "one_step": Column("One-step: norm", "%.3g"),
        "truncated": Column("Truncated: norm", "%.3g"),
        "full": Column("Full: norm", "%.3g"),
        "relative": Column("Full, relative to lag 0", "%.3g"),
        "low": Column("Lower tenth", "%.3g"),
        "high": Column("Upper tenth", "%.3g"),
        "steps": Column("Steps", "%d"),
    },
    "stretch by lag": {
        "lag": Column("Lag", "%d"),
        "norm": Column("Stretch, median", "%.3g"),
        "low": Column("Lowest", "%.3g"),
        "high": Column("Highest", "%.3g"),
        "limit": Column("Limit", "%.3g"),
        "steps": Column("Steps", "%d"),
    },
    "gradient by depth": {
        "depth": Column("Depth", "%d"),
        "angle": Column("Angle, degrees", "%.2f"),
        "cosine": Column("Cosine", "%.4f"),
        "share": Column("Length, relative to full", "%.3g"),
        "norm": Column("Norm", "%.3g"),
    },
    "gradient check": {
        "weight": Column("Weight"),
        "analytic": Column("Analytic", "%.8g"),
        "numeric": Column("Numeric", "%.8g"),
        "difference": Column("Relative difference", "%.1e"),
        "right": Column("Agrees"),
    },
    "clipping": {
        "seed": Column("Seed", "%d"),
        "way": Column("Training"),
        "ended": Column("Loss ended"),
        "updates": Column("Updates made", "%d"),
        "final": Column("Mean of the last 10 losses", "%.3g"),
        "largest": Column("Largest gradient norm", "%.3g"),
    },
    "memory": {
        "mean": Column("Mean", SHARE),
        "low": Column("Lowest", SHARE),
        "high": Column("Highest", SHARE),
        "solved": Column("Seeds that recall it"),
        "updates": Column("Updates, mean", "%.0f"),
    },
    "table errors": {
        "seeds": Column("Seeds", "%d"),
        "rmse_training": Column("RMSE, training", "%.4g"),
        "rmse": Column("RMSE, test", "%.4g"),
        "rmse_low": Column("Lowest seed", "%.4g"),
        "rmse_high": Column("Highest seed", "%.4g"),
        "mae": Column("MAE, test", "%.4g"),
        "steps": Column("Test steps", "%d"),
    },
    "table forecasts": {
        "row": Column("Row", "%d"),
        "value": Column("What came", "%.6g"),
        **{
            f"{kind}{ending}": Column(f"{kind}{words}", "%.4g")
            for kind in (ELMAN, *LAYERS)
            for ending, words in {"": "", "_low": ": lowest", "_high": ": highest"}.items()
        },
        **{name: Column(name.capitalize(), "%.4g") for name in NAIVE_WORDS},
    },
    "table scaling": {"from": Column("In the training rows", width="medium")},
    "numbers predicted": {
        "expected": Column("Expected", "%.4g"),
        "network": Column("Network", "%.4g"),
        "line": Column("Straight-line fit", "%.4g"),
        "last": Column("Last value", "%.4g", "The number before, said again."),
        "error": Column("Error", "%.4g", "Network minus expected."),
    },
    "kinds of networks": {
        "lowest": Column("Lowest", "%.4g"),
        "median": Column("Median", "%.4g"),
        "highest": Column("Highest", "%.4g"),
        "inside": Column("Error inside", "%.3g", "Median over the networks."),
        "beyond": Column("Error beyond", "%.3g", "Median over the networks."),
    },
    "weights of a step": {
        "before": Column("Before", "%.6f"),
        "gradient": Column("Gradient", "%.6f"),
        "by_rate": Column("−rate × gradient", "%.6f"),
        "by_momentum": Column("Momentum × change before", "%.6f"),
        "after": Column("After", "%.6f", "Before and what is added, in sum."),
    },
    "parameters": {
        "name": Column("Name", width="medium"),
        "direction": Column("Reads"),
        "meaning": Column("Rows × columns"),
        "count": Column("Count", "localized"),
    },
    "numbers of a layer": {"band": Column("Array")},
    "curve of the paper": {
        "paper": Column("Elman", "%.2f"),
        "ours": Column("Seed 0", "%.3f"),
        "low": Column("Lowest seed", "%.3f"),
        "high": Column("Highest seed", "%.3f"),
    },
    "grid of the paper": {
        "rate": Column("Learning rate", "%g"),
        "momentum": Column("Momentum", "%g"),
        "weights": Column("First weights"),
        "held": Column("Checks that hold"),
    },
    "errors of the paper": {
        "compared": Column("Error of the network"),
        "elman": Column("Elman: mean (SD)"),
        "squares": Column("Sum of squares"),
        "root": Column("Root of that sum"),
        "absolute": Column("Sum of absolute values"),
    },
    "answers of networks": {
        "whole": Column("Whole answers", SHARE),
        "symbols": Column("Single symbols", SHARE),
        "guess_whole": Column("Guessing: whole", SHARE),
        "guess_symbols": Column("Guessing: symbols", SHARE),
    },
}


def show_table(
    frame: pd.DataFrame,
    name: str = "",
    *,
    order: Iterable[str] | None = None,
    floats: str | None = None,
    height: Height = "content",
    columns: Mapping[str, Column] | None = None,
    **values: str,
) -> None:
    """A frame with the columns of the table `name`, one of `COLUMNS`.

    `order` names the columns to show, by default all; `columns` has those that only this frame
    has. Numbers with a fraction and no format of their own are written as `floats` says. `values`
    are put into titles: `level` for {level}.
    """
    known = COLUMNS.get(name, {}) | dict(columns or {})
    st.dataframe(
        frame,
        hide_index=True,
        height=height,
        column_order=None if order is None else tuple(order),
        column_config={
            column: _configured(known.get(column, Column(_titled(column))), dtype, floats, values)
            for column, dtype in frame.dtypes.items()
        },
    )


def _titled(name: str) -> str:
    """The name of a column as a title: "output_change" as "Output change"."""
    return (name[:1].upper() + name[1:]).replace("_", " ")


def _configured(column: Column, dtype: Any, floats: str | None, values: Mapping[str, str]) -> Any:
    title = column.title.format(**values) if values else column.title
    form = column.format
    if form is None and dtype.kind == "f":
        form = floats
    if form is not None:
        return st.column_config.NumberColumn(title, format=form, help=column.help)
    return st.column_config.Column(title, help=column.help, width=column.width)


class Kinds(NamedTuple):
    """Where the rule decides the next symbol and where it leaves it open, in a few words."""

    certain: str = "where the rule decides"
    open: str = "where the rule leaves it open"


def kinds_of(task: Task) -> Kinds:
    """The task's own words for both, if they fit into the title of a column."""
    if max(map(len, (task.predictable_words, task.open_words))) > SHORT_TITLE:
        return Kinds()
    return Kinds(f"at {task.predictable_words}", f"at {task.open_words}")


def show_errors(frame: pd.DataFrame, measure: str, kinds: Kinds | None = None) -> None:
    """A table of `analysis.errors`, of whose measures it shows `measure` alone.

    With all of them it would be too wide. Columns that hold nothing are left out, too. `kinds` are
    put into the titles of errors of one kind of symbols.
    """
    kinds = kinds or Kinds()
    empty = [name for name in frame.select_dtypes("float") if frame[name].isna().all()]
    frame = frame.drop(columns=empty)
    others = tuple(name for name in MEASURES if name != measure)
    shown = [name for name in frame if not name.startswith(others)]
    show_table(frame, "errors", order=shown, floats="%.4f", certain=kinds.certain, open=kinds.open)


def show_predictions(frame: pd.DataFrame, task: Task) -> None:
    """The table of `analysis.errors.predictions`, with a mark at each match."""
    frame = frame.assign(match=frame["match"].map({True: "✓", False: "✗"}))
    if "predictable" in frame:
        frame["predictable"] = frame["predictable"].map({True: "yes", False: "no"})
    columns = {}
    if task.one_hot:
        order = ["step", "input", "answer", "answer_output", "expected", "expected_output", "match"]
        rule = "Whether the largest output is that of the expected symbol."
        columns["match"] = Column("Match", help=rule)
    else:
        outputs = ["output"] if task.one_bit else list(task.features)
        columns = {name: Column(name.capitalize(), "%.3f") for name in outputs}
        answers = ["rounded", "expected", "match"]
        # Six outputs would push the answers off a phone's screen; a single one reads first.
        parts = [*outputs, *answers] if task.one_bit else [*answers, "predictable", *outputs]
        order = ["step", "input", *parts]
    if "predictable" not in order:
        order.append("predictable")
    show_table(
        frame, "predictions", order=[name for name in order if name in frame], columns=columns
    )
