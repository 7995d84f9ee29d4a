"""From a moved slider to a settled page, beside an empty Streamlit app in the same run.

    python benchmarks/latency.py

All apps take turns, so that a busy machine slows them alike. Each page is opened, and its slider
moved several times: the first move after a page was opened takes longer, in the empty app, too.
An app that does nothing waits as well: a slider holds a key back for 200 ms before it asks for a
run. So do those with all elements of a page and the menu that compute nothing: what they take
longer is Streamlit and the browser.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browsing import APP, Visit, chromium, served
from viewers import look_at_once

from elman import Experiment, run

MIRROR = str(Path(__file__).with_name("mirror.py"))
ROUNDS = 10
MORE = 80

EMPTY = """
import streamlit as st

st.set_page_config(layout="wide")
value = st.sidebar.select_slider("Value", range(24), key="hidden")
st.write(f"The value is {value}.")
"""


class Case(NamedTuple):
    """What is moved: its name, the path that is opened first, the slider, and the key.

    `trains` tells that the change asks for a run that nobody has asked for; `of` is whose slider
    it is; `moves` how often it is moved each time that the page was opened.
    """

    name: str
    path: str
    slider: str
    stroke: str
    trains: bool = False
    of: Literal["ours", "empty", "train", "errors"] = "ours"
    moves: int = 6


CASES = (
    Case("empty app", "", "hidden", "ArrowRight", of="empty"),
    Case("Train, steps shown", "train?seed={seed}", "steps", "ArrowRight", moves=3),
    Case("Train, epoch", "train?seed={seed}", "epoch", "ArrowLeft"),
    Case("  its elements, no computing", "", "epoch", "ArrowRight", of="train"),
    Case("Errors, epoch", "errors?seed={seed}", "epoch", "ArrowLeft"),
    Case("  its elements, no computing", "", "epoch", "ArrowRight", of="errors"),
    Case("Hidden states, epoch", "states?seed={seed}", "epoch", "ArrowLeft"),
    Case(
        "Train, hidden units, a new run", "train?seed={seed}", "hidden", "ArrowLeft", True, moves=1
    ),
    Case("  its elements, no computing", "", "hidden", "ArrowRight", of="train", moves=1),
)

PAGES = ("", "train", "errors", "states", "watch", "step", "compare", "gradients", "paper", "about")


class Measured(NamedTuple):
    """Milliseconds to the settled page, those of the server's processor, and what was sent."""

    milliseconds: float
    processor: float
    messages: int
    bytes: int


def measured(visit: Visit, case: Case, seed: int) -> list[Measured]:
    """Each move of the slider, the first one first."""
    visit.open(case.path.format(seed=seed))
    moves = []
    for _ in range(case.moves):
        before = visit.server.processor_milliseconds()
        taken = visit.press(case.slider, case.stroke)
        processor = visit.server.processor_milliseconds() - before
        moves.append(Measured(taken, processor, len(visit.messages), sum(visit.messages)))
    return moves


def training_milliseconds(rounds: int = 7) -> float:
    """How long the new run takes by itself."""
    experiment = Experiment(hidden=3)
    return 1000 * min(run(experiment.replace(seed=1000 + seed)).seconds for seed in range(rounds))


def interactions(visit_of: Callable[[Case], Visit], rounds: int) -> None:
    found: dict[Case, list[list[Measured]]] = {case: [] for case in CASES}
    # The first round warms up what servers and browser keep.
    for seed in range(rounds + 1):
        for case in CASES:
            moves = measured(visit_of(case), case, 100 + seed)
            if seed:
                found[case].append(moves)
    training = training_milliseconds()
    print(
        f"{'slider to settled page':<32} {'first':>6} {'more':>6} {'later':>6} {'more':>6}"
        f" {'goal':>6} {'processor':>10} {'messages':>9} {'bytes':>8}"
    )
    empty = middles(found[CASES[0]])
    for case, many in found.items():
        columns = "".join(
            f" {ours:>6.0f} {ours - theirs:>6.0f}" if ours else f" {'':>6} {'':>6}"
            for ours, theirs in zip(middles(many), empty, strict=True)
        )
        goal = f"{MORE + (training if case.trains else 0):.0f}" if case.of == "ours" else ""
        every = [move for moves in many for move in moves]
        print(
            f"{case.name:<32}{columns} {goal:>6}"
            f" {statistics.fmean(move.processor for move in every):>10.0f}"
            f" {statistics.median(move.messages for move in every):>9.0f}"
            f" {statistics.median(move.bytes for move in every):>8,.0f}"
        )
    print(f"Training of the new run alone: {training:.0f} ms.\n")


def middles(many: list[list[Measured]]) -> tuple[float, float]:
    """The median of all first moves, and that of all later ones; 0 where there are none."""
    first = [moves[0].milliseconds for moves in many]
    later = [move.milliseconds for moves in many for move in moves[1:]]
    return statistics.median(first), statistics.median(later) if later else 0.0


def visits(new_visit: Callable[[], Visit]) -> None:
    """Each page opened in a browser that has nothing of the app yet, and then once more."""
    print(
        f"{'page, as the first of a visit':<34} {'ms':>6} {'again':>6} {'requests':>9}"
        f" {'bytes':>10} {'messages':>9} {'bytes':>8}"
    )
    for path in PAGES:
        visit = new_visit()
        taken = []
        for turn in range(2):
            began = time.perf_counter()
            visit.open(path)
            taken.append(1000 * (time.perf_counter() - began))
            if turn == 0:
                requests, received, messages = visit.requests, visit.bytes, visit.messages
        print(
            f"{path or 'the first':<34} {taken[0]:>6.0f} {taken[1]:>6.0f} {requests:>9}"
            f" {received:>10,} {len(messages):>9} {sum(messages):>8,}"
        )
        visit.close()


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.py"
        file.write_text(EMPTY, encoding="utf-8")
        elements = {page: Path(folder) / page for page in ("train", "errors")}
        with served(APP) as app:
            for page, place in elements.items():
                asyncio.run(look_at_once(app.port, page, place))
        with contextlib.ExitStack() as stack:
            browser = stack.enter_context(chromium())
            servers = {
                "empty": stack.enter_context(served(str(file))),
                "ours": stack.enter_context(served(APP)),
            } | {
                page: stack.enter_context(served(MIRROR, MIRRORED=str(place)))
                for page, place in elements.items()
            }
            open_visits = {name: Visit(browser, server) for name, server in servers.items()}
            interactions(lambda case: open_visits[case.of], rounds)
            visits(lambda: Visit(browser, servers["ours"], counts=True))


if __name__ == "__main__":
    main()
