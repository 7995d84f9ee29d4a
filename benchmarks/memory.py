"""Memory of a server whose visitors open the links that ask for most, in tabs that stay open.

python benchmarks/memory.py [--seeds 20]

For each link: before, at most, after the last visit, and a minute later, in megabytes of resident
memory. A link must leave the server under 700 MB, and about where it was a minute later.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from client import ROOT, Failed, Server, Viewer, serving

LINKS = {
    "wide, deep, with momentum": "?hidden=500&length=4&epochs=100&momentum=0.5&depth=2&seed={}",
    "a million words": "?task=sentences&length=1000000&data_seed={}",
    "wide on sentences": "?task=sentences&hidden=500&length=2000&epochs=1&seed={}",
    "step by step, wide": "step?hidden=500&length=300&epochs=1&step=299&seed={}",
    "many sentences": "?task=sentences&length=27000&hidden=5&epochs=1&data_seed={}",
    "a long xor": "errors?length=300000&epochs=1&data_seed={}",
}
MINUTE = 60.0


class Watch:
    """Resident megabytes of a server, looked at all the time."""

    def __init__(self, server: Server) -> None:
        self._file = Path(f"/proc/{server.process.pid}/statm")
        self.most = 0.0

    def now(self) -> float:
        """Resident megabytes now."""
        pages = int(self._file.read_text().split()[1])
        megabytes = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        self.most = max(self.most, megabytes)
        return megabytes

    async def look(self) -> None:
        """Look ten times a second until cancelled."""
        while True:
            self.now()
            await asyncio.sleep(0.1)


async def measure(server: Server, links: dict[str, str], seeds: int) -> None:
    """Print a row for each link."""
    watch = Watch(server)
    looking = asyncio.create_task(watch.look())
    async with Viewer(server.port) as first:
        # What is there once and for all: the compiled trainer, and modules that views need.
        for page in ("", "?length=30&epochs=1", "step", "errors", "states"):
            await first.open(page)
        print(f"{'megabytes':<28}{'before':>8}{'most':>8}{'after':>8}{'a minute':>9}  seconds")
        for name, link in links.items():
            before, watch.most, began = watch.now(), 0.0, time.perf_counter()
            failed = 0
            async with AsyncExitStack() as tabs:
                for seed in range(seeds):
                    viewer = await tabs.enter_async_context(Viewer(server.port))
                    try:
                        await viewer.open(link.format(seed))
                    except Failed:
                        failed += 1
                after, seconds = watch.now(), time.perf_counter() - began
                await asyncio.sleep(MINUTE)
                later = watch.now()
            row = f"{name:<28}{before:8.0f}{watch.most:8.0f}{after:8.0f}{later:9.0f}{seconds:9.0f}"
            print(row + (f"  {failed} did not settle" if failed else ""), flush=True)
    looking.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="visits of each link")
    parser.add_argument("--only", nargs="*", default=[*LINKS], help="names of links")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(ROOT / "streamlit_app.py", Path(folder)) as server,
    ):
        asyncio.run(measure(server, {name: LINKS[name] for name in asked.only}, asked.seeds))
        print(f"{server.errors} tracebacks in the log")


if __name__ == "__main__":
    main()
