"""From the start of the server's process to its first chart, beside `streamlit hello`.

    python benchmarks/cold_start.py

Each round starts a server of each kind and opens its first page in a browser that has nothing of
it yet. "Empty" and "warm" are the kernels on disk.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import NamedTuple

from browsing import APP, QUIET, ROOT, Visit, chromium, started
from playwright.sync_api import Browser, Error

ROUNDS = 5
GOAL = 1.5

CHART = "() => document.querySelector(\"[data-testid='stVegaLiteChart'][role]\")"
HELLO = "() => document.body && document.body.innerText.includes('Welcome to Streamlit')"


class Start(NamedTuple):
    """Seconds to the first sign and to a page at rest, and processor seconds of the server."""

    shown: float
    settled: float
    processor: float


def start(browser: Browser, arguments: Sequence[str], sign: str, folder: str) -> Start:
    """Start a server, and look at its first page until it rests."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with started(arguments, {"NUMBA_CACHE_DIR": folder}) as server:
        visit = Visit(browser, server)
        while True:
            try:
                visit.page.goto(server.address, wait_until="commit")
                break
            except Error:
                time.sleep(0.01)
        visit.page.wait_for_function(sign, polling=10, timeout=120_000)
        shown = time.perf_counter() - began
        visit.settled()
        settled = time.perf_counter() - began - QUIET / 1000
    visit.close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Start(shown, settled, processor)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    found: dict[str, list[Start]] = {"hello": [], "empty": [], "warm": []}
    with chromium() as browser, tempfile.TemporaryDirectory() as warm:
        app = ("run", APP)
        # Fills the cache, and what Python keeps of the sources.
        prepare = "from elman.training import compiling; compiling.prepare()"
        environment = {**os.environ, "NUMBA_CACHE_DIR": warm, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", prepare], env=environment, check=True)
        start(browser, app, CHART, warm)
        for _ in range(rounds):
            found["hello"].append(start(browser, ("hello",), HELLO, warm))
            with tempfile.TemporaryDirectory() as empty:
                found["empty"].append(start(browser, app, CHART, empty))
            found["warm"].append(start(browser, app, CHART, warm))
    hello = statistics.median(one.shown for one in found["hello"])
    print("hello: its first words; empty, warm: our first chart, by the kernels on disk")
    print(f"{'':<8} {'shown':>8} {'after hello':>12} {'goal':>6} {'settled':>9} {'processor':>10}")
    for kind, kept in found.items():
        shown, settled, processor = (
            statistics.median(column) for column in zip(*kept, strict=True)
        )
        goal = "" if kind == "hello" else f"{GOAL:.1f} s"
        print(
            f"{kind:<8} {shown:>6.2f} s {shown - hello:>10.2f} s {goal:>6} {settled:>7.2f} s"
            f" {processor:>8.2f} s"
        )


if __name__ == "__main__":
    main()
