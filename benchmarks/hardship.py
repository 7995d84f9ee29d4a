"""The app where it is hard to live: busy neighbours, a third of a core, nowhere to write.

    python benchmarks/hardship.py                  # all conditions, every page
    python benchmarks/hardship.py --pages errors memory

Each condition has a fresh server, and every page is opened on it by a viewer of its own: the pages
must have the same elements and numbers as on a server that is alone, only later; work that is still
under way after half a minute is counted. What this machine
does not allow, such as a quota without root, is said and left out, or done in another way.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))

from client import ROOT, Failed, Server, Viewer, end_in_order, serving

QUOTA = 0.3
PERIOD = 0.1
# Until a page shows something, and until work that it shows has ended; beside busy neighbours
# training, which yields to them, may go on much longer.
PATIENCE, WORK_PATIENCE = 300.0, 30.0


class NotHere(RuntimeError):
    """This machine does not allow a condition."""


class Place(NamedTuple):
    """How a server is started: what is put before its command, and variables."""

    before: tuple[str, ...] = ()
    env: dict[str, str] = {}  # noqa: RUF012


class Seen(NamedTuple):
    """What a viewer found on a page, None if it was still at work; seconds until it was drawn with
    its result or with the work under way; and how many exceptions."""

    content: tuple[str, ...] | None
    seconds: float
    exceptions: int


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[Place]:
    """Nothing else."""
    yield Place()


@contextlib.contextmanager
def busy_loops(folder: Path) -> Iterator[Place]:
    """Four processes that never rest."""
    # Each ends by itself, too.
    loop = f"import time; end = time.time() + {PATIENCE}\nwhile time.time() < end: pass"
    loops = [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(4)]
    try:
        yield Place()
    finally:
        for one in loops:
            one.kill()
            one.wait()


@contextlib.contextmanager
def quota(folder: Path) -> Iterator[Place]:
    """0.3 of a core: the quota of a control group, or stopped for 0.7 of the time."""
    group = _control_group()
    if group is None:
        yield Place((sys.executable, __file__, "--duty"))
        return
    try:
        enter = f'echo $$ > {group}/cgroup.procs && exec "$@"'
        yield Place(("sh", "-c", enter, "sh"))
    finally:
        for _ in range(100):
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.05)


def _control_group() -> Path | None:
    """A new control group with the quota; None where none can be made."""
    micro = 1_000_000
    for parent, settings in (
        (Path("/sys/fs/cgroup/cpu"), {"cpu.cfs_period_us": PERIOD * micro,
                                      "cpu.cfs_quota_us": QUOTA * PERIOD * micro}),
        (Path("/sys/fs/cgroup"), {"cpu.max": ()}),
    ):  # fmt: skip
        group = parent / f"elman-{os.getpid()}"
        try:
            group.mkdir()
            for name, value in settings.items():
                words = (
                    f"{value:.0f}"
                    if value
                    else f"{QUOTA * PERIOD * micro:.0f} {PERIOD * micro:.0f}"
                )
                if not (group / name).exists():
                    raise OSError(name)
                (group / name).write_text(words)
            return group
        except OSError:
            with contextlib.suppress(OSError):
                group.rmdir()
    return None


def duty_cycle(command: list[str]) -> int:
    """Run a command that is stopped for 0.7 of the time; its exit code."""
    process = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda *_: process.kill())

    def parent_is_gone() -> None:
        while os.getppid() != 1:
            time.sleep(0.5)
        process.kill()

    threading.Thread(target=parent_is_gone, daemon=True).start()
    while process.poll() is None:
        time.sleep(QUOTA * PERIOD)
        process.send_signal(signal.SIGSTOP)
        time.sleep((1 - QUOTA) * PERIOD)
        process.send_signal(signal.SIGCONT)
    return process.returncode


@contextlib.contextmanager
def quota_and_empty_caches(folder: Path) -> Iterator[Place]:
    """0.3 of a core, and no kernel was ever compiled."""
    with quota(folder) as place:
        yield place._replace(env={"NUMBA_CACHE_DIR": str(folder / "kernels")})


def _mounted(script: str) -> Place:
    """A server that sees other file systems, mounted for it alone."""
    if shutil.which("unshare") is None or os.geteuid() != 0:
        raise NotHere("mounting needs root and unshare")
    enter = f'set -e; {script}\nexec "$@"'
    place = Place(("unshare", "--mount", "sh", "-c", enter, "sh"))
    found = subprocess.run([*place.before, "true"], capture_output=True, text=True)
    if found.returncode:
        raise NotHere(found.stderr.strip())
    return place


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[Place]:
    """Home, checkout and temporary files can only be read."""
    home = folder / "home"
    home.mkdir()
    yield _mounted(
        f"mount --bind {ROOT} {ROOT}; mount -o remount,bind,ro {ROOT}; "
        f"mount -t tmpfs -o ro none {home}; cd {ROOT}"
    )._replace(env=dict.fromkeys(("HOME", "XDG_CACHE_HOME", "TMPDIR"), str(home)))


@contextlib.contextmanager
def full_disk(folder: Path) -> Iterator[Place]:
    """Home, the folder of compiled kernels and that of temporary files are full."""
    full = folder / "full"
    full.mkdir()
    yield _mounted(
        f"mount -t tmpfs -o size=64k none {full}; "
        f"dd if=/dev/zero of={full}/all bs=1k 2>/dev/null || true"
    )._replace(
        env={
            "HOME": str(full),
            "XDG_CACHE_HOME": str(full),
            "TMPDIR": str(full),
            "NUMBA_CACHE_DIR": str(full / "kernels"),
        }
    )


CONDITIONS: dict[str, Callable[[Path], contextlib.AbstractContextManager[Place]]] = {
    "alone": alone,
    "beside four busy loops": busy_loops,
    "at 0.3 of a core": quota,
    "at 0.3 of a core, empty caches": quota_and_empty_caches,
    "home and checkout read-only": read_only,
    "disk full, empty caches": full_disk,
}


def content(viewer: Viewer) -> tuple[str, ...]:
    """What a page has: the kinds of its elements, and its numbers in words."""
    found = []
    for _, message in viewer.elements:
        if message.delta.WhichOneof("type") != "new_element":
            continue
        kind = message.delta.new_element.WhichOneof("type") or ""
        body = getattr(getattr(message.delta.new_element, kind), "body", "") if kind else ""
        # Times, and words about caches, may differ.
        said = kind in ("metric", "markdown") and not re.search("second|minute|Preparing", body)
        found.append(f"{kind}: {body}" if said else kind)
    return tuple(sorted(one for one in found if one not in ("empty", "spinner", "")))


async def look(server: Server, path: str) -> Seen:
    """Open a page by a viewer of its own, and wait until it has its results."""
    async with Viewer(server.port) as viewer:
        await viewer.ask_for(path)
        seconds = await viewer.shown(patience=PATIENCE)
        try:
            await viewer.settled(patience=WORK_PATIENCE)
        except Failed:
            return Seen(None, seconds, viewer.exceptions)
        return Seen(content(viewer), seconds, viewer.exceptions)


async def paths(server: Server) -> list[str]:
    """The paths of all pages; the first is that of the first page."""
    async with Viewer(server.port) as viewer:
        await viewer.ask_for()
        await viewer.shown(patience=PATIENCE)
        return viewer.pages


def pages_under(name: str, folder: Path, wanted: list[str]) -> tuple[dict[str, Seen], int]:
    """What every page has on a fresh server under a condition, and tracebacks of the server.

    Raises NotHere where this machine does not allow it, and Failed where a page has no result.
    """
    folder.mkdir()
    with (
        CONDITIONS[name](folder) as place,
        serving(ROOT / "streamlit_app.py", folder, place.env, place.before) as server,
    ):
        found = {}
        for path in wanted or asyncio.run(paths(server)):
            found[path] = asyncio.run(look(server, path))
        return found, server.errors


def main() -> None:
    """Read the command line, go through the conditions and print the table."""
    if sys.argv[1:2] == ["--duty"]:
        sys.exit(duty_cycle(sys.argv[2:]))
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", nargs="*", default=[], help="paths; all unless given")
    parser.add_argument("--only", default="", help="conditions with this in their names")
    given = parser.parse_args()
    print(f"load before: {', '.join(f'{one:.2f}' for one in os.getloadavg())}\n")
    print(
        f"{'seconds until it is drawn':<34}{'first page':>11}{'median':>8}{'slowest page':>21}"
        f"{'same':>5}{'at work':>9}{'pages':>7}{'exceptions':>12}"
    )
    usual: dict[str, Seen] = {}
    with tempfile.TemporaryDirectory() as temporary:
        chosen = [name for name in CONDITIONS if given.only in name or name == "alone"]
        for number, name in enumerate(chosen):
            try:
                found, errors = pages_under(name, Path(temporary) / str(number), given.pages)
            except (NotHere, Failed) as reason:
                print(f"{name:<34} {type(reason).__name__}: {reason}")
                continue
            usual = usual or found
            times = sorted((seen.seconds, path or "train") for path, seen in found.items())
            both = {path: (seen.content, usual[path].content) for path, seen in found.items()}
            same = sum(ours == theirs and ours is not None for ours, theirs in both.values())
            at_work = sum(None in pair for pair in both.values())
            errors += sum(seen.exceptions for seen in found.values())
            print(
                f"{name:<34}{next(iter(found.values())).seconds:>9.2f} s"
                f"{times[len(times) // 2][0]:>6.2f} s{times[-1][0]:>8.2f} s {times[-1][1]:<10}"
                f"{same:>5}{at_work:>9}{len(found):>7}{errors:>12}",
                flush=True,
            )
            for path, (ours, theirs) in both.items():
                if ours is not None and theirs is not None:
                    for line in {*ours} ^ {*theirs}:
                        print(f"    {path or 'train'}: {line[:120]}")


if __name__ == "__main__":
    main()
