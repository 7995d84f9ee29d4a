"""One and two processes of the app behind a proxy: what a room of viewers waits for.

    python benchmarks/processes.py --viewers 30 --minutes 1

Needs HAProxy, which is started with docs/haproxy.cfg on free ports of the loopback address.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from client import ROOT, end_in_order, free_port, health, serving
from viewers import FULL_SECONDS, HEAD, LONG_VIEWERS, PAUSE, Load, change_the_app, put_under, row


@contextlib.contextmanager
def proxy(ports: list[int], folder: Path) -> Iterator[int]:
    """HAProxy in front of servers on these ports; the port that it listens on."""
    front = free_port()
    lines = (ROOT / "docs/haproxy.cfg").read_text().splitlines()
    servers = [line for line in lines if line.strip().startswith("server ")]
    text = "\n".join(line for line in lines if line not in servers).replace("8080", str(front))
    for line, port in zip(servers, ports, strict=False):
        text += "\n" + re.sub(r":\d+", f":{port}", line)
    file = folder / "haproxy.cfg"
    file.write_text(text + "\n")
    process = subprocess.Popen(["haproxy", "-q", "-f", str(file)])
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                health(front)
                break
            time.sleep(0.05)
        yield front
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Read the command line and measure with one and with two processes."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--viewers", type=int, default=30)
    parser.add_argument("--full-seconds", type=float, default=FULL_SECONDS)
    given = parser.parse_args()
    if shutil.which("haproxy") is None:
        sys.exit("HAProxy is not installed.")
    print(f"load before: {', '.join(f'{one:.2f}' for one in os.getloadavg())}\n\n{HEAD}")
    for count in (1, 2):
        for words, seconds, pause in (
            ("", 60.0 * given.minutes, PAUSE),
            (", without pauses", given.full_seconds, (0.0, 0.0)),
        ):
            with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
                servers = []
                for number in range(count):
                    folder = Path(name) / str(number)
                    folder.mkdir()
                    app = ROOT / "streamlit_app.py"
                    servers.append(stack.enter_context(serving(app, folder)))
                front = stack.enter_context(proxy([one.port for one in servers], Path(name)))
                plural = "" if count == 1 else "es"
                load = Load(f"{count} process{plural}{words}", given.viewers, seconds)
                long_viewers = 0 if words else LONG_VIEWERS
                asyncio.run(put_under(load, front, None, change_the_app, long_viewers, pause))
                load.exceptions += sum(one.errors for one in servers)
                print(row(load), flush=True)


if __name__ == "__main__":
    main()
