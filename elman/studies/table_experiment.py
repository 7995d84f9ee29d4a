"""Every setting of networks that predict the next row of a table, as one value.

The table itself is no setting: it is read by `studies.own_table` and given beside this.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar

from elman.experiment import SETTINGS as OF_NETWORKS
from elman.settings import Setting, refuse

# The network of 1990 and the layers that may stand beside it, by the names of results.
ELMAN = "Elman"
LAYERS = ("RNN", "LSTM", "GRU")

# Forecasts that need no network.
LAST, MEAN, SEASONAL, LINE = "last value", "mean", "seasonal", "straight line"
NAIVE_WORDS = {
    LAST: "the next row is as this one",
    MEAN: "always the mean of the training rows",
    SEASONAL: "what was there a period before the next row; in the first period of a sequence the "
    "last value",
    LINE: "a weighted sum of what is read at this row, and a constant, chosen by least squares on "
    "the training rows",
}

MAX_NAME = 60
MAX_COLUMNS = 60

GAP_WORDS = {
    "refuse": "a row with a gap is refused",
    "drop": "rows with a gap are left out, and the row after counts as the next step, so there the "
    "time between two steps is longer",
    "carry": "a gap takes the last value before it, in its own sequence",
    "interpolate": "a gap lies on the line between its neighbours; where that would look ahead, in "
    "the rows kept for the test, it takes the last value before it",
}
TEST_WORDS = {
    "later": "the last rows of each sequence",
    "sequences": "the last sequences, as wholes",
}


SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " "}
DECIMALS = {"point": ".", "comma": ","}
ENCODINGS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "windows-1252": "cp1252"}

# How a CSV file is to be read.
READING = {
    "separator": Setting(
        str, "what stands between the cells", choices=tuple(SEPARATORS), default="comma"
    ),
    "decimal": Setting(
        str, "decimal mark of the numbers", choices=tuple(DECIMALS), default="point"
    ),
    "encoding": Setting(
        str, "how characters are written", choices=tuple(ENCODINGS), default="utf-8"
    ),
}


def _setting(default: Any, kind: type, help: str, **limits: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(kind, help, **limits)})


@dataclass(frozen=True)
class TableExperiment:
    """Every setting of a run on a table; frozen, self-checking, hashable.

    `read` and `predict` are names of columns: what the networks read at each row, by default all
    columns of numbers that do not only count the rows, and what of the next row they predict, by
    default the last column of numbers.
    `sequence` names the column that says which sequence a row belongs to; empty, all rows are one.
    A value that is not allowed raises ValueError naming the field, what is allowed and what was
    given; whether there are such columns shows with the table (`studies.table_rows.prepare`).
    """

    task: ClassVar[str] = "table"

    read: tuple[str, ...] = ()
    predict: tuple[str, ...] = ()
    sequence: str = _setting(
        "", str, "column that names the sequence a row belongs to", high=MAX_NAME
    )
    gaps: str = _setting("refuse", str, "what to do with gaps", choices=tuple(GAP_WORDS))
    test: str = _setting(
        "later",
        str,
        "what is kept for the test: the last rows of each sequence, or the last sequences",
        choices=tuple(TEST_WORDS),
    )
    share: float = _setting(0.2, float, "share that is kept for the test", low=0.05, high=0.5)
    period: int = _setting(
        24, int, "rows after which the seasonal forecast repeats", low=2, high=10_000
    )
    layer: str = _setting(
        "LSTM", str, "layer with full backpropagation beside Elman's network", choices=LAYERS
    )
    hidden: int = _setting(10, int, "hidden units of each network", low=1, high=200)
    epochs: int = _setting(60, int, "passes through the training rows", low=1, high=5_000)
    learning_rate: float = _setting(
        0.2,
        float,
        "size of each step of Elman's network",
        low=OF_NETWORKS["learning_rate"].low,
        high=OF_NETWORKS["learning_rate"].high,
    )
    layer_rate: float = _setting(
        0.01, float, "size of each step of the layer, by Adam", low=1e-6, high=1
    )
    piece: int = _setting(
        50, int, "rows of a piece, as far as the layer's gradient goes back", low=2, high=1_000
    )
    batch_size: int = _setting(
        8, int, "pieces in each step of the layer's learning", low=1, high=256
    )
    seeds: int = _setting(
        3, int, "networks of each kind, each from other first weights", low=3, high=20
    )
    seed: int = _setting(0, int, "random seed of the first of them", low=0, high=2**32 - 1)

    def __post_init__(self) -> None:
        for name, setting in SETTINGS.items():
            object.__setattr__(self, name, setting.check(name, getattr(self, name)))
        for name in ("read", "predict"):
            object.__setattr__(self, name, _names(name, getattr(self, name)))

    @property
    def networks(self) -> tuple[tuple[str, int], ...]:
        """What is trained, in order: the name of a network, and its seed."""
        return tuple(
            (name, (self.seed + k) % 2**32)
            for k in range(self.seeds)
            for name in (ELMAN, self.layer)
        )


def _names(name: str, given: Iterable[Any]) -> tuple[str, ...]:
    names = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    allowed = f"up to {MAX_COLUMNS} names of columns, each once"
    if len(names) > MAX_COLUMNS:
        raise refuse(name, allowed, verb="are", words=f"{len(names):,} were given")
    for place, one in enumerate(names):
        if not isinstance(one, str) or not one or one in names[:place]:
            raise refuse(name, allowed, one, verb="are")
    return names


SETTINGS: dict[str, Setting] = {
    f.name: f.metadata["setting"] for f in fields(TableExperiment) if f.metadata
}
DEFAULTS: dict[str, Any] = asdict(TableExperiment())
