"""The page Generate: the controls of a text that a network writes, the text, and its rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from elman.analysis import generation, obedience
from elman.analysis.generation import HOW, SETTINGS, Written
from elman.analysis.states import principal_components
from elman.charts import SHORT_NAME
from elman.charts import generation as charts
from elman.tasks import Task, follow, new_sequence, task_of
from elman.training import Run, resets_of_pass
from elman.ui import jobs, kept_runs, page, prose, session, state, tables
from elman.ui.ends import PageEnds, fragment
from elman.ui.show import as_code, named
from elman.ui.work import Work

PROMPT = state.Control(
    "g_prompt",
    "Begin with",
    st.text_input,
    default="",
    help="Symbols that the network reads first. Empty: the beginning of a new sequence, up to the "
    "step beside.",
    of_task=True,
)
START = state.Control("g_start", "… or go on after step", st.number_input, default=12)
STEPS = state.Control("g_steps", "Symbols", st.select_slider, (30, 60, 120, 300), default=60)
METHOD = state.Control(
    "g_how",
    "The next symbol",
    st.segmented_control,
    tuple(HOW),
    default="draw",
    help="; ".join(f"**{name}**: {words}" for name, words in HOW.items()) + ".",
)
TEMPERATURE = state.Control(
    "g_temperature",
    "Temperature",
    st.select_slider,
    (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0),
    default=1.0,
    help=f"Of draws, {SETTINGS['temperature'].help}.",
)
SEED = state.Control("g_seed", "Seed of the draws", st.select_slider, tuple(range(20)), default=0)
PARTING = state.Control("g_parting", "Told, or left alone: where the two part", st.expander)
TRY = state.Control(
    "g_try",
    "A string of your own",
    st.text_input,
    default="",
    help="The network reads it symbol by symbol; at each it says how likely that one was.",
    of_task=True,
)

# The likeliest symbols, where there are more, beside all that the rule allows.
MOST_BARS = 12

# Of what was read so much is said again.
LAST_LETTERS, LAST_WORDS = 12, 5

# Characters of a text that is typed.
MOST_TYPED = 200

# A beginning of so few symbols is short, also where groups are shorter.
FEW_READ = 3

# Of what others would write so much is shown.
MOST_LETTERS = 300

SECONDS_A_SYMBOL = 0.12
# Of a text that is being written, how much is there; None for all of it.
_SHOWN: session.Kept[int | None] = session.Kept("generated_shown", None)


@dataclass(frozen=True)
class Request:
    """What is to be written: after which symbols, whether the reader typed these, how many, how,
    and by which network."""

    read: tuple[int, ...]
    typed: bool
    steps: int
    how: str
    temperature: float
    seed: int
    epoch: int


def choose(run: Run, further: Any) -> Request:
    """The controls, two rows of them, and in the container `further` that of the epoch."""
    task = task_of(run.experiment)
    left, middle, right = st.columns([2, 1, 1])
    prompt = state.type_in(PROMPT, left, max_chars=MOST_TYPED)
    most = len(new_sequence(run.experiment))
    start = state.choose(START, middle, options=range(1, most + 1), default=min(12, most))
    steps = state.choose(STEPS, right)
    left, middle, right = st.columns([2, 1, 1])
    how = state.choose(METHOD, left)
    temperature = state.choose(TEMPERATURE, middle, disabled=how != "draw")
    seed = state.choose(SEED, right, disabled=how != "draw")
    try:
        read = generation.prompt_symbols(task, prompt) if prompt.strip() else None
    except ValueError as error:
        st.error(named(str(error), {"prompt": PROMPT.label}.get))
        raise PageEnds from None
    typed = read is not None
    if read is None:
        read = generation.beginning(run, start).tolist()
    with further:
        epoch = page.choose_epoch(run)
    return Request(tuple(read), typed, steps, how, temperature, seed, epoch)


def _written(run: Run, request: Request) -> tuple[Written, pd.DataFrame] | tuple[None, None]:
    """The text, and many others beside those of other writers; nothing if the network overflows."""

    def write(*_: Any) -> tuple[Written, pd.DataFrame] | tuple[None, None]:
        how: dict[str, Any] = {
            "steps": request.steps,
            "how": request.how,
            "temperature": request.temperature,
            "epoch": request.epoch,
        }
        rng = np.random.default_rng([request.seed, 0])
        try:
            written = generation.generate(run, request.read, rng=rng, **how)
        except ValueError:
            return None, None
        return written, obedience.table_of_texts(run, request.read, seed=request.seed, **how)

    work = Work((kept_runs.cache_key(run), request), "texts", write, failed="Writing failed")
    return jobs.answer(work, "Writing many texts.")


def show(run: Run, request: Request) -> None:
    """The text, how far it obeys the rule, and who else would write what."""
    task = task_of(run.experiment)
    written, texts = _written(run, request)
    if written is None or texts is None:
        st.info("The activations of this network overflow: it has nothing to say.")
        raise PageEnds
    _text(run, task, request, written)
    prose.say(f"#### {obedience.describe_texts(texts, task)}")
    st.markdown(_explain(task, request))
    _whole_answer(run, task, request, written)
    ruled = task.source is not None
    whole = "Words of the text" if task.split is None else "Pairs of the text"
    whole = f"In whole {task.group}s" if ruled else whole
    for other in texts[1:].itertuples():
        prose.say(f"The {other.writer} would write {as_code(other.text, MOST_LETTERS)}")
    shares = texts.drop(columns="text").dropna(axis="columns", how="all")
    tables.show_table(shares, "texts", height="auto", whole=whole)
    prose.caption(_explain_table(task, whole, int(texts["texts"].max())))
    page.more(PARTING, lambda: _parting(run, task, request, written))


def _text(run: Run, task: Task, request: Request, written: Written) -> None:
    could: Any = True
    if task.source is not None:
        could = follow.possible(task.source, written.symbols.tolist(), request.read)
    table = pd.DataFrame(
        {
            "step": np.arange(1, len(written.symbols) + 1),
            "symbol": [task.symbols[symbol] for symbol in written.symbols],
            "chance": written.chances,
            "possible": could,
        }
    )
    writing = _SHOWN.get() is not None

    @fragment(run_every=SECONDS_A_SYMBOL if writing else None)
    def stage() -> None:
        count = _SHOWN.get()
        st.markdown(f"After {_last_read(task, request)} the network writes:")
        shown = table if count is None else table.head(max(count, 1))
        page.figure(
            charts.written_text(shown),
            f"The network writes: {generation.spell(task, written.symbols[: len(shown)])}.",
        )
        if count is None:
            st.button("Write it symbol by symbol", on_click=_SHOWN.set, args=(1,), key="write")
            return
        st.button("Show all of it", on_click=_SHOWN.set, args=(None,), key="write_all")
        if not writing or count >= len(table):
            if count >= len(table):
                _SHOWN.set(None)
            st.rerun()
        _SHOWN.set(count + 1)

    stage()


def _last_read(task: Task, request: Request) -> str:
    """The last symbols that the network has read, as code."""
    most = LAST_WORDS if max(map(len, task.symbols)) > SHORT_NAME else LAST_LETTERS
    left_out = "… " * (len(request.read) > most)
    return as_code(left_out + generation.spell(task, request.read[-most:]))


def _whole_answer(run: Run, task: Task, request: Request, written: Written) -> None:
    """All that the network expects after what it has read, before it has written anything."""
    table = generation.next_symbols(task, request.read, written.outputs[0])
    words = generation.describe_next(table)
    st.markdown(f"##### What it expects after {_last_read(task, request)}")
    if request.typed:
        # The answer to the last symbol of a long beginning is none of the first.
        whole = generation.whole_group(run)
        if len(request.read) <= max(len(whole), FEW_READ) and not _begins(request.read, whole):
            _say_of_first_answers(run, PROMPT, request.read)
    first = table.head(MOST_BARS)
    if "rule" in table:
        first = table[table["rule"].gt(0.0) | (table.index < MOST_BARS)]
    page.figure(partial(charts.next_symbols, first), words)
    st.text(words)
    if "rule" not in table:
        prose.caption(_unknown(task))
    if task.one_hot:
        with st.expander("Every output, as a table"):
            tables.show_table(table, "next symbols", height="auto")


def _say_of_first_answers(run: Run, typed: state.Control, read: Sequence[int]) -> None:
    """Why a network that training seldom let begin anew may do badly on a short string, and a
    press that puts a whole one before it, if it does not begin with that."""
    if resets_of_pass(run, 0)[1:].any():
        return
    task = task_of(run.experiment)
    prose.caption(
        "The network begins with a context that has seen nothing. In training it met that only "
        "where the sequence begins, so its first answers may be worse than later ones."
    )
    whole = generation.whole_group(run)
    longer = generation.spell(task, [*whole, *read])
    if len(whole) and not _begins(read, whole) and len(longer) <= MOST_TYPED:
        st.button(
            f"Begin with a whole {task.group} first",
            on_click=state.put,
            kwargs={typed.name: longer},
            key=f"whole_before_{typed.name}",
        )


def _begins(read: Sequence[int], whole: np.ndarray) -> bool:
    return len(whole) > 0 and np.array_equal(read[: len(whole)], whole)


def _unknown(task: Task) -> str:
    """Why the rule is not shown beside the network."""
    if task.source is None:
        return "Nobody states the rule of this text."
    return "What was read breaks the rule, which then says nothing of what comes."


def _explain(task: Task, request: Request) -> str:
    shown = "The fuller a box, the surer the network was. "
    if task.source is not None:
        shown += "Crossed out is what the rule does not allow there. "
    if task.one_hot:
        return shown + "Its outputs are the likelihoods of the next symbol, as shares of their sum."
    return shown + (
        "Its answer is a point among the codes of the symbols: a symbol counts the less the "
        "farther its code is from there (exp(−2 d²), d² the squared distance)."
    )


def _explain_table(task: Task, whole: str, draws: int) -> str:
    said = f"Shares over {draws} texts of each writer" if draws > 1 else "Shares of one text each"
    if draws > 1:
        said += ", from … to: their 95% interval"
    if task.source is None:
        units = "words" if task.split is None else "pairs of neighbouring words"
        return f"{said}. **{whole}**: of the {units} that it wrote, those that occur in the text."
    return (
        f"{said}. **Allowed where they stand**: symbols that the rule allows after those before "
        f"them. **{whole}**: symbols of {task.group}s without any fault; one wrong symbol spoils "
        f"the whole {task.group}, so this share is the lower one."
    )


def _parting(run: Run, task: Task, request: Request, written: Written) -> None:
    """Teacher forcing against free running."""
    sequence = new_sequence(run.experiment)
    if tuple(sequence.symbols[: len(request.read)].tolist()) != request.read:
        st.info("Nobody knows what comes after a beginning of your own: empty it to compare.")
        return
    told = generation.forced(run, np.array(request.read), request.steps, request.epoch)
    distances = generation.apart(written, told)
    if not len(distances):
        st.info("The sequence ends here: go on after an earlier step.")
        return
    page.figure(
        charts.states_apart(distances),
        f"Distance of the hidden states: {distances[0]:.2f} at the first step, "
        f"{distances[-1]:.2f} at the last.",
    )
    prose.say(f"**{generation.describe_parting(written, told, request.how)}**")
    both = np.vstack([written.states[: len(distances)], told.states])
    if both.shape[1] < 2:
        return
    plane = principal_components(both, 2).project(both)
    steps = len(distances)
    table = pd.DataFrame(
        {
            "way": np.repeat([charts.ALONE, charts.TOLD], steps),
            "step": np.tile(np.arange(1, steps + 1), 2),
            "symbol": [
                task.symbols[one] for one in (*written.symbols[:steps], *told.symbols[:steps])
            ],
            "x": plane[:, 0],
            "y": plane[:, 1],
        }
    )
    page.figure(
        charts.paths(table[table["step"] <= 40]),
        "The paths of both through the plane of the first two components of their hidden states.",
    )


def try_string(run: Run, epoch: int) -> None:
    """A string of the reader's own, symbol by symbol."""
    task = task_of(run.experiment)
    text = state.type_in(TRY, max_chars=MOST_TYPED)
    if not text.strip():
        return
    try:
        symbols = generation.prompt_symbols(task, text)
        rows = obedience.tried(run, symbols, epoch)
    except ValueError as error:
        st.error(named(str(error), {"prompt": TRY.label}.get))
        return
    prose.say(f"**{obedience.describe_tried(rows)}**")
    _say_of_first_answers(run, TRY, symbols)
    tables.show_table(obedience.tried_table(rows), "tried", height="auto")
