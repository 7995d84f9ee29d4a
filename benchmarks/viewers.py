"""How the app serves a room of viewers: time from a change to the settled page, and the server.

    python benchmarks/viewers.py                      # 10 and 30 viewers, 5 minutes each
    python benchmarks/viewers.py --minutes 0.5 --viewers 10
    python benchmarks/viewers.py --port 8080 --viewers 30     # a server that runs already

Viewers change something every 5 to 8 seconds: the epoch they look at, a seed or the number of
hidden units, which trains a network, or the page. Three of them watch long work instead. In the
same run an empty app and an app with the elements of Train and no computing get the same load, and
then each app as many changes as it can take, which says how much of a rerun is ours.

All traffic goes to the loopback address. Needs psutil, which comes with requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import pickle
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent))

from client import ROOT, Failed, Server, Viewer, end_in_order, health, serving

HERE = Path(__file__).resolve().parent

# Where viewers begin, the seconds between their changes, and what those of long work look at.
PAGE = "train"
PAUSE = (5.0, 8.0)
LONG = f"{PAGE}?task=letters&epochs=40000&seed={{seed}}"
LONG_VIEWERS = 3

# Seconds and viewers of the measurement without pauses, and the seconds after which a server has
# what it prepares once, behind its first page.
FULL_SECONDS, FULL_VIEWERS, PREPARED = 20.0, 8, 8.0

# The goals on two otherwise idle cores.
GOAL_P95, GOAL_HEALTH, GOAL_MEGABYTES, GOAL_SHARE = 3.0, 1.0, 700.0, 0.8


@dataclass
class Load:
    """What was measured while an app was under load; times since the beginning, in seconds.

    page      where viewers begin
    changes   when each was made, what it was, and how long until the page had settled
    shown     for work that takes long: how long until the page showed its beginning
    samples   when; megabytes, threads and processor seconds of the server; answer of its health
    """

    name: str
    viewers: int
    seconds: float
    changes: list[tuple[float, str, float]] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    samples: list[tuple[float, float, int, float, float]] = field(default_factory=list)
    page: str = PAGE
    exceptions: int = 0
    told: list[str] = field(default_factory=list)
    own_cpu: float = 0.0

    def took(self, kind: str = "", since: float = 0.0, until: float = np.inf) -> np.ndarray:
        """The seconds of what was done in a span of time: of one kind, or all but first visits."""
        kept = [
            took
            for at, one, took in self.changes
            if (one == kind if kind else one != "open") and since <= at < until
        ]
        return np.array(kept or [np.nan])

    @property
    def rate(self) -> float:
        """Changes that were answered, a second."""
        return len(self.took()) / self.seconds

    @property
    def server_cpu(self) -> float:
        """How much of a core the server used."""
        cpu, at = self.sampled(3), self.sampled(0)
        return float((cpu[-1] - cpu[0]) / max(at[-1] - at[0], 1e-9))

    def sampled(self, column: int) -> np.ndarray:
        """One column of the samples, not-a-number where there are none."""
        return np.array([sample[column] for sample in self.samples] or [np.nan])


Action = Callable[[Viewer, random.Random], Awaitable[tuple[str, float]]]


async def change_the_app(viewer: Viewer, draw: random.Random) -> tuple[str, float]:
    """What a viewer does next in our app: what it was, and the seconds until the page settled."""
    kind = draw.choices(("epoch", "seed", "hidden", "page"), (4, 3, 2, 1))[0]
    if kind == "page":
        return kind, await viewer.go(draw.choice(("errors", "states", PAGE)))
    if kind == "epoch" and viewer.offers("epoch"):
        return kind, await viewer.choose("epoch", draw.randrange(viewer.offers("epoch")))
    if kind == "hidden":
        return kind, await viewer.choose("hidden", draw.randrange(12))
    return "seed", await new_seed(viewer, draw)


async def new_seed(viewer: Viewer, draw: random.Random) -> float:
    """Ask for a seed that nobody had; the seconds until the page settled."""
    return await viewer.choose("seed", draw.randrange(10**9))


async def change_a_seed(viewer: Viewer, draw: random.Random) -> tuple[str, float]:
    """The only change that every app has."""
    return "seed", await new_seed(viewer, draw)


async def look_back(viewer: Viewer, draw: random.Random) -> tuple[str, float]:
    """A change that trains nothing."""
    return "epoch", await viewer.choose("epoch", draw.randrange(viewer.offers("epoch")))


async def visit(
    port: int, load: Load, began: float, seed: int, act: Action, pause: tuple[float, float]
) -> None:
    """One viewer, until the time is over."""
    draw = random.Random(seed)
    await asyncio.sleep(draw.uniform(0, pause[1]))
    async with Viewer(port) as viewer:
        try:
            load.changes.append((time.monotonic() - began, "open", await viewer.open(load.page)))
            while time.monotonic() - began < load.seconds:
                await asyncio.sleep(draw.uniform(*pause))
                at = time.monotonic() - began
                kind, took = await act(viewer, draw)
                load.changes.append((at, kind, took))
        except Failed as error:
            load.exceptions += 1
            load.told.append(str(error))
        finally:
            load.exceptions += viewer.exceptions


async def watch_long_work(port: int, load: Load, began: float, seed: int) -> None:
    """A viewer who asks for one long run after the other and watches each."""
    async with Viewer(port) as viewer:
        try:
            await viewer.ask_for(LONG.format(seed=seed))
            while True:
                load.shown.append(await viewer.shown())
                await viewer.settled(patience=load.seconds + 600)
                await asyncio.sleep(PAUSE[0])
                seed += 1000
                await viewer.change("seed", seed)
        except Failed as error:
            load.exceptions += 1
            load.told.append(str(error))
        finally:
            load.exceptions += viewer.exceptions


async def observe(port: int, load: Load, began: float, server: Server | None) -> None:
    """Ask for the server's health and weigh its process, every second."""
    process = None if server is None else psutil.Process(server.process.pid)
    while True:
        try:
            answered = await asyncio.to_thread(health, port)
        except OSError as error:
            answered = np.inf
            load.told.append(f"health: {error}")
        megabytes, threads, cpu = np.nan, 0, np.nan
        if process is not None:
            with process.oneshot():
                megabytes = process.memory_info().rss / 2**20
                threads, cpu = process.num_threads(), sum(process.cpu_times()[:2])
        load.samples.append((time.monotonic() - began, megabytes, threads, cpu, answered))
        await asyncio.sleep(1.0)


async def put_under(
    load: Load,
    port: int,
    server: Server | None,
    act: Action,
    long_viewers: int = 0,
    pause: tuple[float, float] = PAUSE,
    after: float = 0.0,
) -> Load:
    """Let viewers come and change things until the time is over, so many seconds after a first."""
    await look_at_once(port, load.page)
    await asyncio.sleep(after)
    began, cpu = time.monotonic(), time.process_time()
    observer = asyncio.create_task(observe(port, load, began, server))
    watching = [
        asyncio.create_task(watch_long_work(port, load, began, seed))
        for seed in range(long_viewers)
    ]
    async with asyncio.timeout(load.seconds + 300):
        await asyncio.gather(
            *(
                visit(port, load, began, seed, act, pause)
                for seed in range(load.viewers - long_viewers)
            )
        )
    for task in (observer, *watching):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    load.own_cpu = (time.process_time() - cpu) / (time.monotonic() - began)
    if server is not None:
        load.exceptions += server.errors
    return load


async def look_at_once(port: int, page: str, file: Path | None = None) -> None:
    """Visit a page, so that all is loaded; its elements go into a file."""
    async with Viewer(port) as viewer:
        await viewer.open(page)
        elements = [(path, one.delta.SerializeToString()) for path, one in viewer.elements]
        if file is not None:
            file.write_bytes(pickle.dumps(elements))


# Of the table: title, width, format, and what stands there.
COLUMNS: tuple[tuple[str, int, str, Callable[[Load], Any]], ...] = (
    ("viewers", 8, "d", lambda load: load.viewers),
    ("changes", 8, "d", lambda load: len(load.took())),
    ("p50 s", 7, ".2f", lambda load: np.percentile(load.took(), 50)),
    ("p95 s", 7, ".2f", lambda load: np.percentile(load.took(), 95)),
    ("p99 s", 7, ".2f", lambda load: np.percentile(load.took(), 99)),
    ("per s", 7, ".1f", lambda load: load.rate),
    ("exc.", 5, "d", lambda load: load.exceptions),
    ("health s", 9, ".3f", lambda load: np.median(load.sampled(4))),
    ("most s", 7, ".2f", lambda load: load.sampled(4).max()),
    ("MB first", 9, ".0f", lambda load: load.sampled(1)[0]),
    ("last", 5, ".0f", lambda load: load.sampled(1)[-1]),
    ("most", 5, ".0f", lambda load: load.sampled(1).max()),
    ("threads", 8, ".0f", lambda load: load.sampled(2).max()),
    # Of a core: the server's, and that of all viewers together.
    ("server", 7, ".2f", lambda load: load.server_cpu),
    ("viewers", 8, ".2f", lambda load: load.own_cpu),
)
HEAD = f"{'':<37}" + "".join(f"{title:>{width}}" for title, width, _, _ in COLUMNS)


def row(load: Load) -> str:
    """A line of the table."""
    cells = (f"{what(load):>{width}{form}}" for _, width, form, what in COLUMNS)
    return f"{load.name:<37}" + "".join(cells)


def over_time(load: Load) -> str:
    """The same in ten parts, and by kind of change."""
    titles = ("changes", "p50 s", "p95 s", "health s", "MB", "threads")
    lines = [f"{'from minute':<14}" + "".join(f"{title:>9}" for title in titles)]
    at = load.sampled(0)
    for part in range(10):
        low, high = part * load.seconds / 10, (part + 1) * load.seconds / 10
        here = (at >= low) & (at < high)
        if here.any():
            lines.append(
                f"{low / 60:<14.1f}{spread(load.took(since=low, until=high))}"
                f"{load.sampled(4)[here].max():>9.3f}"
                f"{load.sampled(1)[here][-1]:>9.0f}{load.sampled(2)[here][-1]:>9.0f}"
            )
    for kind in dict.fromkeys(one for _, one, _ in load.changes):
        lines.append(f"  {kind:<12}{spread(load.took(kind))}")
    if load.shown:
        words = "until its beginning is shown"
        lines.append(f"  {'long work':<12}{spread(np.array(load.shown))}  {words}")
    return "\n".join([*lines, *dict.fromkeys(load.told)])


def spread(took: np.ndarray) -> str:
    """How many there are, their median and their 95th percentile."""
    count = np.isfinite(took).sum()
    return f"{count:>9}{np.median(took):>9.2f}{np.percentile(took, 95):>9.2f}"


APPS = {
    "empty app": (HERE / "blank.py", change_a_seed),
    "same elements, no computing": (HERE / "mirror.py", change_a_seed),
    "our app": (ROOT / "streamlit_app.py", change_the_app),
}


def measure(minutes: float, counts: list[int], full_seconds: float) -> None:
    """The whole measurement, one server at a time; prints its tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mirrored = {"MIRRORED": str(folder / "train")}
        with serving(ROOT / "streamlit_app.py", folder) as server:
            asyncio.run(look_at_once(server.port, PAGE, folder / "train"))
        print(f"load before: {', '.join(f'{one:.2f}' for one in os.getloadavg())}\n\n{HEAD}")
        details: list[Load] = []
        for title, (app, act) in APPS.items():
            ours = title == "our app"
            for viewers in counts:
                seconds = 60.0 * minutes * (1.0 if ours else 0.2)
                with serving(app, folder, mirrored) as server:
                    load = Load(title, viewers, seconds, page=PAGE if ours else "")
                    several = LONG_VIEWERS if ours else 0
                    asyncio.run(put_under(load, server.port, server, act, several))
                print(row(load), flush=True)
                details += [load] * ours
        print("\nwithout pauses")
        rates: dict[str, float] = {}
        for title, (app, _) in APPS.items():
            for words, act in {"look back": look_back, "new seed": change_a_seed}.items():
                if title == "empty app" and words == "look back":
                    continue
                with serving(app, folder, mirrored) as server:
                    page = PAGE if title == "our app" else ""
                    load = Load(f"{title}, {words}", FULL_VIEWERS, full_seconds, page=page)
                    acting = put_under(
                        load, server.port, server, act, pause=(0.0, 0.0), after=PREPARED
                    )
                    asyncio.run(acting)
                print(row(load), flush=True)
                rates[load.name] = load.rate
    for load in details:
        print(f"\n{load.name}, {load.viewers} viewers, {LONG_VIEWERS} of them with long work")
        print(over_time(load))
    if details:
        share = rates["our app, look back"] / rates["same elements, no computing, look back"]
        print("\n" + verdict(details[-1], share))


def verdict(load: Load, share: float) -> str:
    """Whether the goals were met, one line each."""
    p95 = float(np.percentile(load.took(), 95))
    answered, megabytes = load.sampled(4).max(), load.sampled(1)
    half = len(megabytes) // 2
    growth = megabytes[half:].max() - megabytes[: half + 1].max()
    goals: list[tuple[str, Any, bool]] = [
        (f"p95 of {load.viewers} viewers under {GOAL_P95} s", f"{p95:.2f} s", p95 < GOAL_P95),
        ("no exception", load.exceptions, load.exceptions == 0),
        (f"health under {GOAL_HEALTH} s", f"{answered:.2f} s", bool(answered < GOAL_HEALTH)),
        (
            f"memory under {GOAL_MEGABYTES:.0f} MB and level",
            f"{megabytes.max():.0f} MB, {growth:+.0f} MB in the second half",
            bool(megabytes.max() < GOAL_MEGABYTES and growth < 0.1 * megabytes.max()),
        ),
        (
            f"{GOAL_SHARE:.0%} of the reruns of an app of the same elements",
            f"{share:.0%}",
            share >= GOAL_SHARE,
        ),
    ]
    return "\n".join(f"{'met' if met else 'NOT':<5}{goal}: {found}" for goal, found, met in goals)


def main() -> None:
    """Read the command line and measure."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="of our app, each count")
    parser.add_argument("--viewers", type=int, nargs="+", default=[10, 30])
    parser.add_argument("--full-seconds", type=float, default=FULL_SECONDS, help="without pauses")
    parser.add_argument("--port", type=int, help="of the loopback address, where a server runs")
    given = parser.parse_args()
    if given.port is None:
        measure(given.minutes, given.viewers, given.full_seconds)
        return
    print(HEAD)
    for viewers in given.viewers:
        load = Load(f"port {given.port}", viewers, 60.0 * given.minutes)
        asyncio.run(put_under(load, given.port, None, change_the_app, LONG_VIEWERS))
        print(row(load))
        print(over_time(load))


if __name__ == "__main__":
    main()
