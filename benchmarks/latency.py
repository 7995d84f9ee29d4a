"""From a moved slider to a settled page, beside an empty Streamlit app in the same run.

    python benchmarks/latency.py

The browser looks every 10 ms whether anything is still under way. All apps take turns, so that a
busy machine slows them alike; medians over the rounds stand beside the lowest. An app that does
nothing waits, too: a slider holds a key back for 200 ms before it asks for a run. So does one with
all elements of Train that computes nothing: what it takes longer is Streamlit and the browser.
"""

from __future__ import annotations

import asyncio
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
ROUNDS = 12
MORE = 80

EMPTY = """
import streamlit as st

st.set_page_config(layout="wide")
value = st.sidebar.select_slider("Value", range(12), key="hidden")
st.write(f"The value is {value}.")
"""


class Case(NamedTuple):
    """What is moved: its name, the path that is opened first, the slider, and the key.

    `trains` tells that the change asks for a run that nobody has asked for; `of` is whose slider
    it is.
    """

    name: str
    path: str
    slider: str
    stroke: str
    trains: bool = False
    of: Literal["ours", "empty", "mirror"] = "ours"


CASES = (
    Case("empty app", "", "hidden", "ArrowRight", of="empty"),
    Case("Train's elements, no computing", "", "hidden", "ArrowRight", of="mirror"),
    Case("the same, those of its epoch slider", "", "epoch", "ArrowRight", of="mirror"),
    Case("Train, steps shown", "train?seed={seed}", "steps", "ArrowRight"),
    Case("Train, epoch slider", "train?seed={seed}", "epoch", "ArrowLeft"),
    Case("Train, hidden units, a new run", "train?seed={seed}", "hidden", "ArrowLeft", True),
    Case("Errors, epoch slider", "errors?seed={seed}", "epoch", "ArrowLeft"),
    Case("Hidden states, epoch slider", "states?seed={seed}", "epoch", "ArrowLeft"),
)

PAGES = ("", "train", "errors", "states", "watch", "step", "compare", "gradients", "paper", "about")


class Measured(NamedTuple):
    """Milliseconds to the settled page, those of the server's processor, and what was sent."""

    milliseconds: float
    processor: float
    messages: int
    bytes: int


def measured(visit: Visit, case: Case, seed: int) -> Measured:
    visit.open(case.path.format(seed=seed))
    before = visit.server.processor_milliseconds()
    taken = visit.press(case.slider, case.stroke)
    processor = visit.server.processor_milliseconds() - before
    return Measured(taken, processor, len(visit.messages), sum(visit.messages))


def training_milliseconds(rounds: int = 7) -> float:
    """How long the new run takes by itself."""
    experiment = Experiment(hidden=3)
    return 1000 * min(run(experiment.replace(seed=1000 + seed)).seconds for seed in range(rounds))


def interactions(visit_of: Callable[[Case], Visit], rounds: int) -> None:
    found: dict[Case, list[Measured]] = {case: [] for case in CASES}
    # The first round warms up what servers and browser keep.
    for seed in range(rounds + 1):
        for case in CASES:
            one = measured(visit_of(case), case, 100 + seed)
            if seed:
                found[case].append(one)
    training = training_milliseconds()
    empty = statistics.median(one.milliseconds for one in found[CASES[0]])
    print(
        f"{'slider to settled page':<34} {'min':>6} {'median':>7} {'more':>6} {'goal':>6}"
        f" {'processor':>10} {'messages':>9} {'bytes':>8}"
    )
    for case, many in found.items():
        times = [one.milliseconds for one in many]
        middle = statistics.median(times)
        goal = "" if case is CASES[0] else f"{MORE + (training if case.trains else 0):.0f}"
        print(
            f"{case.name:<34} {min(times):>6.0f} {middle:>7.0f} {middle - empty:>6.0f} {goal:>6}"
            f" {statistics.fmean(one.processor for one in many):>10.0f}"
            f" {statistics.median(one.messages for one in many):>9.0f}"
            f" {statistics.median(one.bytes for one in many):>8,.0f}"
        )
    print(f"Training of the new run alone: {training:.0f} ms.\n")


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
            visit.messages.clear()
            if turn == 0:
                before = visit.requests, visit.bytes
            began = time.perf_counter()
            visit.open(path)
            taken.append(1000 * (time.perf_counter() - began))
            if turn == 0:
                requests, received = visit.requests - before[0], visit.bytes - before[1]
                messages = visit.messages.copy()
        print(
            f"{path or 'the first':<34} {taken[0]:>6.0f} {taken[1]:>6.0f} {requests:>9}"
            f" {received:>10,} {len(messages):>9} {sum(messages):>8,}"
        )
        visit.close()


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        file, elements = Path(folder) / "empty.py", Path(folder) / "train"
        file.write_text(EMPTY, encoding="utf-8")
        with served(APP) as app:
            asyncio.run(look_at_once(app.port, "train", elements))
        with (
            chromium() as browser,
            served(str(file)) as empty,
            served(MIRROR, MIRRORED=str(elements)) as mirror,
            served(APP) as app,
        ):
            servers = {"ours": app, "empty": empty, "mirror": mirror}
            open_visits = {name: Visit(browser, server) for name, server in servers.items()}
            interactions(lambda case: open_visits[case.of], rounds)
            visits(lambda: Visit(browser, app))


if __name__ == "__main__":
    main()
