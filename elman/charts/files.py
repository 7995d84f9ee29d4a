"""A tested run as files: its losses and errors as CSV, its figure as a picture."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from elman.training import Run

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from elman.analysis.replay import Tested

# What Altair is told for a file with this ending.
PICTURE_FORMATS: dict[str, dict[str, Any]] = {
    ".png": {"format": "png", "scale_factor": 2},
    ".svg": {"format": "svg"},
    ".html": {"format": "html", "inline": True},
}
PICTURE_PACKAGES = ("altair", "vl_convert")


def losses(run: Run) -> pd.DataFrame:
    """The loss of each pass; columns epoch (from 1) and loss."""
    import pandas as pd

    return pd.DataFrame({"epoch": range(1, run.epochs_done + 1), "loss": run.losses})


def errors(tested: Tested) -> pd.DataFrame:
    """All errors of a test in long form, one number a row.

    Columns: by ("position", "feature" where symbols have features, or "step"), at (which one),
    measure (one of `analysis.errors.MEASURES`), error, and the floor it cannot fall below.
    """
    import pandas as pd

    from elman.analysis import errors as measured

    tables = {
        "position": measured.by_position(tested),
        "feature": measured.by_feature(tested) if tested.task.has_features else None,
        "step": measured.by_step(tested, len(tested.sequence)),
    }
    parts = [
        pd.DataFrame(
            {
                "by": by,
                "at": table[by].astype(str),
                "measure": measure,
                "error": table[measure],
                "floor": table[f"{measure}_floor"],
            }
        )
        for by, table in tables.items()
        if table is not None
        for measure in measured.MEASURES
    ]
    return pd.concat(parts, ignore_index=True)


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose texts, names of columns among them, no spreadsheet takes for a formula.

    An apostrophe stands before one that begins as a formula does. For what strangers have written.
    """

    def plain(value: Any) -> Any:
        text = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        return f"'{value}" if text else value

    texts = [name for name, kind in table.dtypes.items() if kind.kind not in "biuf"]
    return table.assign(**{name: table[name].map(plain) for name in texts}).rename(columns=plain)


def csv(table: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8, with its column names."""
    return table.to_csv(index=False, lineterminator="\n").encode()


def picture(figure: alt.TopLevelMixin, ending: str) -> bytes:
    """The bytes of a file with this ending, one of `PICTURE_FORMATS`, with all that it needs."""
    settings = PICTURE_FORMATS[ending]
    if settings["format"] == "png":
        file = io.BytesIO()
        figure.save(file, **settings)
        return file.getvalue()
    text = io.StringIO()
    figure.save(text, **settings)
    return text.getvalue().encode()
