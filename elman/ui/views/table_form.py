"""The controls of the page on the reader's own table: what is brought, columns, networks."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from elman.settings import refuse
from elman.studies import own_table, table_training
from elman.studies.table_columns import COUNTS, NOT_CHOSEN, not_used
from elman.studies.table_experiment import (
    DEFAULTS,
    GAP_WORDS,
    READING,
    SETTINGS,
    TEST_WORDS,
    TableExperiment,
)
from elman.studies.table_frame import GAPS, MAX_BYTES, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Table
from elman.studies.table_rows import Rows, prepare
from elman.studies.table_training import Curve, TableRun
from elman.ui import prose, server, session, state
from elman.ui.ends import PageEnds
from elman.ui.show import as_code, literal, named
from elman.ui.work import Work

# In links every name begins so; the sidebar's experiment has some of the bare names.
PREFIX = "t_"

ONE = "(none: all rows are one)"

READING_LABELS = {
    "separator": "Separator",
    "decimal": "Decimal mark",
    "encoding": "Encoding",
}
LABELS = {
    "gaps": "Gaps",
    "test": "Kept for the test",
    "layer": "Beside Elman's network",
    "hidden": "Hidden units",
    "epochs": "Epochs",
    "seeds": "Seeds",
    "share": "Share kept",
    "period": "Period of the seasonal forecast",
    "learning_rate": "Learning rate of Elman's network",
    "layer_rate": "Learning rate of the layer",
    "piece": "Rows of a piece",
    "batch_size": "Pieces in a batch",
    "seed": "First seed",
}
# Beside the column that names sequences, a line of two and two.
MORE = ("gaps", "test", "share", "layer", "period", "learning_rate", "layer_rate", "piece",
        "batch_size", "seeds", "seed")  # fmt: skip


def _control(name: str, label: str) -> state.Control:
    setting = SETTINGS.get(name) or READING[name]
    words = f"{setting.help[:1].upper()}{setting.help[1:]}."
    for listed in ({"gaps": GAP_WORDS, "test": TEST_WORDS}.get(name, {}),):
        words += "".join(f" **{choice}**: {told}." for choice, told in listed.items())
    if name == "gaps":
        words += f" Gaps are empty cells and {', '.join(GAPS[1:])}."
    default = setting.default if name in READING else DEFAULTS[name]
    if not setting.choices:
        return state.Control(PREFIX + name, label, st.number_input, setting, default, words)
    given = (setting.choices, default, words)
    if name in ("test", "layer"):
        return state.Control(PREFIX + name, label, st.segmented_control, *given)
    return state.Control(PREFIX + name, label, st.selectbox, *given)


CONTROLS = {name: _control(name, label) for name, label in (READING_LABELS | LABELS).items()}
READ = state.Control(f"{PREFIX}read", "Read at each row", st.multiselect)
PREDICT = state.Control(f"{PREFIX}predict", "Predicted of the next row", st.multiselect)
for _control_of in (READ, PREDICT):
    session.declare(_control_of.name, _control_of.label, several=True)
SEQUENCE = state.Control(
    f"{PREFIX}sequence",
    "Names the sequence",
    st.selectbox,
    help="A column that says which sequence a row belongs to. No step leads from one to another.",
)
SHOWN = state.Control(f"{PREFIX}shown", "Column shown", st.selectbox)
PART = state.Control(f"{PREFIX}part", "Sequence shown", st.selectbox)

# Of which table a link speaks, whose rows it cannot carry: rows, columns and a digest.
DATA = session.declare(f"{PREFIX}data", "Your table")
_DATA = re.compile(r"([1-9]\d{0,4})x([1-9]\d?)-([0-9a-f]{12})", re.ASCII)


PASTED = "What you pasted"


class Source(NamedTuple):
    """What the reader brought: the content of a file, or what was pasted, and its name."""

    data: bytes
    name: str


# What was brought last, what of it could be read last, and how; tables are in the server's store.
_SOURCE: session.Kept[Source | None] = session.Kept("table_source", None)
_GOOD: session.Kept[tuple[Source, dict[str, str]] | None] = session.Kept("table_read", None)
# The table that a link speaks of.
_ASKED: session.Kept[str] = session.Kept("table_asked", "")
_LAST: session.Kept[TableExperiment | None] = session.Kept("table_experiment", None)


def table() -> Table:
    """Draw where a table is brought; the one to learn, the last that could be read.

    Ends the page where a link speaks of a table that nobody has brought yet.
    """
    _read_link()
    note, missing = st.container(), bool(_ASKED.get()) and _GOOD.get() is None
    with st.expander("Bring your own table", expanded=missing, key="table_bring"):
        reading = _bring()
    source = _SOURCE.get()
    if source is not None:
        try:
            _read(source, reading)
            _GOOD.set((source, reading))
        except ValueError as error:
            stays = "" if missing else " The built-in one is shown."
            stays = " The table before stays." if _GOOD.get() else stays
            st.error(f"{as_code(source.name)} cannot be used so. {_said(str(error))}{stays}")
    good = _GOOD.get()
    if good is None:
        if not missing:
            return example()
        with note:
            _say_missing()
        raise PageEnds
    found = _read(*good)
    described = _described(found)
    session.write(DATA, described)
    if _ASKED.get() == described:
        _ASKED.set("")
    if _ASKED.get():
        st.info("This is another table than the link was made with, or one read in another way.")
    return found


def example() -> Table:
    """The built-in table."""
    make = partial(own_table.example, rng=np.random.default_rng(0))
    return server.store().made("built-in table", make)


def _described(found: Table) -> str:
    return f"{len(found)}x{len(found.names)}-{found.digest}"


def _read_link() -> None:
    asked = session.take(DATA)
    if asked is None:
        if _ASKED.get():
            session.write(DATA, _ASKED.get())
        return
    if _DATA.fullmatch(asked):
        _ASKED.set(asked)
        session.write(DATA, asked)
        return
    session.write(DATA, None)
    session.report(str(refuse(DATA, "rows, columns and digest of a table", asked, verb="are")))
    session.show_problems()


def _say_missing() -> None:
    match = _DATA.fullmatch(_ASKED.get())
    assert match is not None
    st.warning(
        f"**The table of this link is missing.** It has {int(match[1]):,} rows and {match[2]} "
        "columns, and no link carries a table: whoever sent you the link has it, or you, if the "
        "link is your own. Bring it here; the settings are those of the link. Nothing is trained "
        "before."
    )
    st.button("Go on with the built-in table", on_click=_forget, key="table_without")


def _forget() -> None:
    """The built-in table again."""
    _SOURCE.set(None)
    _GOOD.set(None)
    _ASKED.set("")
    session.write(DATA, None)
    state.put(t_paste="", **{SEQUENCE.name: example().sequence})


def _bring() -> dict[str, str]:
    """Draw the ways to bring a table; how it is to be read."""
    st.file_uploader(
        f"A file, CSV or Parquet, at most {MAX_BYTES // 1_000_000} MB",
        type=["csv", "tsv", "txt", "parquet"],
        max_upload_size=MAX_BYTES // 1_000_000,
        key="table_file",
        on_change=_read_upload,
        help=f"At most {MAX_ROWS:,} rows, {MAX_COLUMNS} columns and {MAX_CELLS:,} cells; the first "
        "line has the names of the columns. It stays on this server as long as your tab is open.",
    )
    st.text_area(
        "Or paste it, with the names in the first line",
        key="t_paste",
        persist_state="session",
        height=100,
        placeholder="hour,load\n0,12.5\n1,13.1",
        on_change=_read_paste,
    )
    reading = {
        name: state.choose(CONTROLS[name], column)
        for name, column in zip(READING_LABELS, st.columns(3), strict=True)
    }
    if _SOURCE.get() is not None:
        st.button("Back to the built-in table", on_click=_forget, key="table_back")
    return reading


def _read_upload() -> None:
    uploaded = state.value("table_file")
    if uploaded is not None:
        _SOURCE.set(Source(uploaded.getvalue(), uploaded.name))


def _read_paste() -> None:
    text = state.value("t_paste") or ""
    if text.strip():
        _SOURCE.set(Source(text.encode("utf-8", "replace"), PASTED))


def _read(source: Source, reading: dict[str, str]) -> Table:
    if source.name == PASTED:
        reading = reading | {"encoding": "utf-8"}
    read = partial(own_table.read_bytes, source.data, source.name, **reading)
    digest = hashlib.sha256(source.data).hexdigest()
    return server.store().made(("table", digest, source.name, *reading.values()), read)


def _said(problem: str) -> str:
    """A sentence about a table; as code where words of the table may stand in it."""
    name, _, rest = problem.partition(": ")
    ours = name in ("table", *READING) and not set(rest) & set("'\"(")
    return f"{_called(name) or 'Table'}: {rest if ours else as_code(rest, 400)}"


def _called(name: str) -> str | None:
    """How the page calls what the library calls so."""
    others = {"read": READ, "predict": PREDICT, "sequence": SEQUENCE}
    if name == "table":
        return "Your table"
    control = others.get(name) or CONTROLS.get(name)
    return None if control is None else state.label(control.name)


def experiment(found: Table) -> tuple[TableExperiment, Rows]:
    """Draw the controls; the experiment that they describe and the steps of the table.

    Where they describe none the last that worked on this table stays; ends the page without one.
    """
    values: dict[str, Any] = {
        "predict": _columns(PREDICT, found, "the last column of numbers"),
        "read": _columns(READ, found, "all numbers that do not just count rows"),
    }
    with st.container(horizontal=True):
        for name in ("hidden", "epochs"):
            values[name] = _choose(name, st.container(width="stretch"))
    # Open where the table asks for a choice: how its rows belong together, what its gaps are.
    asks = any(found.gaps.values()) or bool(found.problems and not found.sequence)
    with st.expander("More settings", expanded=asks):
        pair = st.columns(2)
        chosen = choose_name(SEQUENCE, (ONE, *found.names), found.sequence or ONE, pair[0])
        values["sequence"] = "" if chosen == ONE else chosen
        for place, name in enumerate(MORE, 1):
            values[name] = _choose(name, pair[place % 2])
    problem = ""
    try:
        wanted = TableExperiment(**values)
        rows = _rows(wanted, found)
        # Several may be trained at a time.
        table_training.check_bytes(wanted, rows, server.store().max_bytes / 2)
        _LAST.set(wanted)
        return wanted, rows
    except ValueError as error:
        problem = str(error)
    name = problem.partition(":")[0]
    typed = name in ("table", "read", "predict", "sequence", "gaps")
    said = _said(problem) if typed else literal(named(problem, _called))
    last = _LAST.get()
    try:
        kept = None if last is None else (last, _rows(last, found))
    except ValueError:
        kept = None
    st.error(f"{said} The last settings that work stay." if kept else said)
    if kept is None:
        raise PageEnds
    return kept


def _rows(wanted: TableExperiment, found: Table) -> Rows:
    key = ("rows of a table", found.digest, wanted)
    return server.store().made(key, partial(prepare, wanted, found))


def choose_name(control: state.Control, options: tuple[str, ...], default: str, where: Any) -> str:
    """Draw a choice among names of the table.

    What a link asks for and the table has not got is told without those names, which may be
    anything.
    """
    asked = session.pending(control.name)
    if asked is not None and asked not in options:
        session.take(control.name)
        session.report(str(refuse(control.name, "a name in this table", asked)))
        session.write(control.name, None)
        session.show_problems()
    return state.choose(control, where, options=options, default=default)


def _columns(control: state.Control, found: Table, default: str) -> tuple[str, ...]:
    """The chosen columns of numbers, in their order; none for the default."""
    offered = found.numbers
    asked = session.pending(control.name)
    wrong = [name for name in asked or () if name not in offered]
    for name in wrong:
        told = refuse(control.name, "columns of numbers in this table", name, verb="are")
        session.report(str(told))
    if wrong:
        session.take(control.name)
        session.write(control.name, [name for name in asked if name in offered] or None)
        session.show_problems()
        state.put(**{control.name: [name for name in asked if name in offered]})
    held = state.value(control.name)
    if held and not {*held} <= {*offered}:
        # Another table was brought.
        state.put(**{control.name: [name for name in held if name in offered]})
    chosen = state.enter(control, first=[], options=offered, placeholder=default)
    return tuple(name for name in offered if name in chosen)


def _choose(name: str, where: Any) -> Any:
    control = CONTROLS[name]
    if control.widget is not st.number_input:
        return state.choose(control, where)
    setting = SETTINGS[name]
    step = 1 if setting.kind is int else {"share": 0.05, "layer_rate": 0.001}.get(name, 0.1)
    return state.choose_number(control, where, step=step)


def training_of(wanted: TableExperiment, found: Table, rows: Rows) -> Work[TableRun]:
    """The work that trains all networks of an experiment on a table."""
    total = len(wanted.networks)

    def progress(curves: list[Curve]) -> str:
        done = len(curves[-1].losses) if curves else 0
        return f"Network {max(1, len(curves))} of {total}, epoch {done:,} of {wanted.epochs:,}"

    return Work(
        (wanted, found.digest),
        "t_train",
        partial(table_training.run, wanted, found),
        table_training.work(wanted, rows),
        nbytes=table_training.needed_bytes(wanted, rows),
        stopped=lambda run: "" if run.finished else run.message,
        progress=progress,
        advice="Fewer epochs, hidden units, seeds or rows bring it down.",
    )


def say_rows(wanted: TableExperiment, found: Table, rows: Rows) -> None:
    """What of the table is used, what is not and why, and what was done with its rows."""
    for note in rows.notes:
        prose.say(note.said(as_code))
    told = [
        f"{as_code(name)} ({why if why in (NOT_CHOSEN, COUNTS) else as_code(why)})"
        for name, why in not_used(wanted, found, rows.columns).items()
    ]
    if told:
        shown = ", ".join(told[:12]) + (f" and {len(told) - 12} more" if len(told) > 12 else "")
        prose.say(f"Not used: {shown}.")
