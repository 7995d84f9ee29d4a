"""Keep and share: the menu beside the title of every page that shows an experiment."""

from __future__ import annotations

import io
import weakref
from collections.abc import Callable
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from elman import report, saving, scripts
from elman.analysis.replay import Tested, replay
from elman.charts import files
from elman.experiment import Experiment
from elman.tasks import new_sequence
from elman.training import Run, handing_on
from elman.ui import kept_runs, lessons, own_text, prose, runs, session, sidebar, state
from elman.ui.ends import fragment
from elman.ui.show import as_code, literal

OPEN = "keep_open"

_WAS_OPENED = session.Kept("run_was_opened", False)
_FILES = session.Kept("run_files", 0)
_PROBLEM = session.Kept("run_file_problem", "")
_LESSON_PROBLEM = session.Kept("keep_lesson_problem", "")


class File(NamedTuple):
    """A file to download: what it is called, and the function that makes its content."""

    label: str
    name: str
    mime: str
    make: Callable[[], bytes | str]


def programs(experiment: Experiment, run: Run | None) -> tuple[File, ...]:
    """Script and notebook, which need no trained network; they state the loss of one there is."""
    losses = None if run is None else run.losses
    name = _name(experiment)
    return (
        File(
            "Script, PY",
            f"{name}.py",
            "text/x-python",
            partial(scripts.script, experiment, losses),
        ),
        File(
            "Notebook, IPYNB",
            f"{name}.ipynb",
            "application/x-ipynb+json",
            partial(scripts.notebook, experiment, losses),
        ),
    )


def results(run: Run) -> tuple[File, ...]:
    """Numbers, weights and chart of a run; the files do not keep it alive."""
    name, held = _name(run.experiment), weakref.ref(run)

    def whole() -> Run:
        found = held()
        if found is None:
            raise RuntimeError("The run had to make room for others; the page shows it anew.")
        return found

    def weights() -> bytes:
        file = io.BytesIO()
        saving.save(whole(), file)
        return file.getvalue()

    def picture(ending: str) -> bytes:
        return files.picture(report.figure([_tested(whole())]), ending)

    return (
        File(
            "Losses, CSV",
            f"{name}-losses.csv",
            "text/csv",
            lambda: files.csv(files.losses(whole())),
        ),
        File(
            "Errors, CSV",
            f"{name}-errors.csv",
            "text/csv",
            lambda: files.csv(files.errors(_tested(whole()))),
        ),
        File("Loss and errors, PNG", f"{name}.png", "image/png", partial(picture, ".png")),
        File("Loss and errors, SVG", f"{name}.svg", "image/svg+xml", partial(picture, ".svg")),
        File("Weights, NPZ", f"{name}.npz", "application/octet-stream", weights),
        File(
            "Weights, JSON",
            f"{name}.json",
            "application/json",
            lambda: handing_on.weights_json(whole()),
        ),
        File(
            "Weights, CSV",
            f"{name}-weights.csv",
            "text/csv",
            lambda: handing_on.weights_csv(whole()),
        ),
        File(
            "PyTorch, PY",
            f"{name}-torch.py",
            "text/x-python",
            lambda: handing_on.torch_program(whole(), file=f"{name}.json"),
        ),
        File(
            "Keras, PY",
            f"{name}-keras.py",
            "text/x-python",
            lambda: handing_on.keras_program(whole(), file=f"{name}.json"),
        ),
    )


def _name(experiment: Experiment) -> str:
    return f"elman-{experiment.task}-{experiment.hidden}-units-seed-{experiment.seed}"


def _tested(run: Run) -> Tested:
    """The trained network on a new sequence, as the command line tests it."""
    return replay(run, new_sequence(run.experiment))


def link() -> str:
    """The address of what is shown, made of what is set and not of the browser's address."""
    parts = urlsplit(st.context.url or "")
    query = urlencode(sidebar.link(), doseq=True)
    return urlunsplit(parts._replace(query=query, fragment=""))


@fragment()
def menu() -> None:
    """The button that opens the menu; nothing is made before it is opened and a file chosen."""
    popover = st.popover("Keep and share", key=OPEN, on_change="rerun")
    if _WAS_OPENED.pop():
        # The whole page follows the run, not this menu alone.
        st.rerun()
    if not popover.open:
        _PROBLEM.set("")
        return
    experiment = sidebar.current()
    run = runs.run_if_ready(experiment)
    with popover:
        prose.say("**Link to this page and its settings**")
        st.code(link(), language=None, wrap_lines=True)
        if words := own_text.too_long(experiment.text):
            st.warning(words)
        _add_to_lesson()
        if run is not None:
            prose.say("**Results**")
            _buttons(results(run))
            prose.caption(
                "Errors and chart: the trained network on a new sequence. Weights: the whole run, "
                "at every epoch that was kept, as NPZ; the last one as JSON, CSV and a PyTorch "
                f"program that loads the JSON. {_opening_words(run)}",
            )
        prose.say("**Program that makes this run again**")
        _buttons(programs(experiment, run))
        prose.caption(
            "A Python script and a Jupyter notebook; they need only this app's library, `elman`.",
        )
        if run is None:
            prose.caption("Losses, errors, chart and weights are offered here after training.")
        prose.say("**Open a saved run**")
        _open_file()


def _add_to_lesson() -> None:
    """For who makes a lesson: a button that makes what is shown a station of it."""
    draft = lessons.DRAFT.get()
    if draft is None:
        return
    st.button("Add this to my lesson", on_click=_add, key="keep_add_station")
    if problem := _LESSON_PROBLEM.pop():
        st.error(literal(problem))
    count = len(draft["stations"])
    prose.caption(f"It has {count} station{'' if count == 1 else 's'}, on For teachers.")


def _add() -> None:
    # Who makes no lesson does not wait for this.
    from elman.ui import addresses
    from elman.ui.views import lesson_form

    _LESSON_PROBLEM.set(lesson_form.add_station(addresses.shown()))


def _buttons(files: tuple[File, ...]) -> None:
    with st.container(horizontal=True):
        for file in files:
            st.download_button(
                file.label,
                file.make,
                file_name=file.name,
                mime=file.mime,
                on_click="ignore",
                key="keep_" + file.label.replace(", ", "_").lower(),
            )


def _opening_words(run: Run) -> str:
    size, most = saving.size(run), kept_runs.largest_bytes()
    if size > most:
        return (
            f"That file has {size / 2**20:.0f} MB, and this server opens files of at most "
            f"{most / 2**20:.0f} MB; `elman.saving.load` opens it."
        )
    return "That file can be opened below, and by `elman.saving.load`."


def _open_file() -> None:
    key = f"run_file_{_FILES.get()}"
    st.file_uploader(
        f"A file `{saving.ENDING}` from this menu, at most {kept_runs.largest_bytes() // 2**20} MB",
        type=[saving.ENDING.removeprefix(".")],
        key=key,
        on_change=_read_file,
        args=(key,),
    )
    if problem := _PROBLEM.get():
        st.error(problem)


def _read_file(key: str) -> None:
    uploaded = state.value(key)
    _PROBLEM.set("")
    if uploaded is None:
        return
    # An empty uploader next time: a server keeps what is in one as long as its tab is open.
    _FILES.set(_FILES.get() + 1)
    try:
        run = kept_runs.open_file(uploaded.name, uploaded.getvalue())
    except ValueError as error:
        _PROBLEM.set(
            f"{as_code(uploaded.name)} cannot be opened, and what was shown stays. "
            f"{literal(str(error))}"
        )
        return
    sidebar.show(run.experiment)
    # The menu closed.
    state.put(**{OPEN: False})
    _WAS_OPENED.set(True)
