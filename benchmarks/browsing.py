"""A server of the app and a browser on it, for the benchmarks that measure what a reader waits for.

Needs Playwright for Python and a Chromium on the path, or at the path that `CHROMIUM` names.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Error, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
APP = str(ROOT / "streamlit_app.py")

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

# `window.changed` is when a message came last, something of the page changed or a key was pressed;
# `window.rests()` tells whether the script is done and nothing is left to load or to draw, and is
# asked only where nothing has changed for a while: such a look at a whole page takes milliseconds.
# `window.received` has the bytes of each message since the last key, which `window.began` is the
# moment of: the state of the script that the page shows may never be drawn as "running" where all
# is done between two pictures. What a table holds for screen readers, within its picture, follows
# a while later and is left out.
WATCH = """
    window.received = [];
    window.began = window.changed = 0;
    const changes = () => { window.changed = performance.now(); };
    window.WebSocket = class extends WebSocket {
        constructor(...given) {
            super(...given);
            this.addEventListener("message", ({data}) => {
                window.received.push(data.byteLength ?? data.size);
                changes();
            });
        }
    };
    const seenBy = node => node.closest ? node : node.parentElement;
    const drawn = ({target}) => !seenBy(target)?.closest("canvas");
    new MutationObserver(found => { if (found.some(drawn)) changes(); }).observe(
        document, {subtree: true, childList: true, characterData: true, attributes: true});
    const seen = selector => [...document.querySelectorAll(selector)].filter(
        element => element.checkVisibility());
    window.rests = () => window.received.length > 0
        && document.querySelector("[data-test-script-state='notRunning']")
        && !document.querySelector("[data-stale='true']")
        && !seen("[data-testid='stSkeleton']").length
        && seen("[data-testid='stVegaLiteChart']").every(chart => chart.hasAttribute("role"));
    document.addEventListener("keydown", () => {
        changes();
        window.began = window.changed;
        window.received = [];
    }, true);
"""

# Long enough for the slowest gap between two of the messages of one run.
QUIET = 400


class Server(NamedTuple):
    """A server's address and the number of its process."""

    address: str
    process: int

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def processor_milliseconds(self) -> float:
        """What it has used of the processors so far; 0 where the system does not say."""
        file = Path(f"/proc/{self.process}/stat")
        if not file.exists():
            return 0.0
        after_name = file.read_text().rpartition(")")[2].split()
        return 1000 * (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def started(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server of `streamlit` with these arguments, a moment after its process has started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = [
        *(sys.executable, "-m", "streamlit", *arguments),
        *("--server.port", str(port), "--server.address", "127.0.0.1"),
        *("--server.headless", "true", "--server.fileWatcherType", "none"),
        *("--browser.gatherUsageStats", "false"),
    ]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield Server(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.kill()
            process.wait()
            log.seek(0)
            text = log.read().decode(errors="replace")
            if "Traceback" in text:
                print(text, file=sys.stderr)


@contextlib.contextmanager
def served(*arguments: str, **environment: str) -> Iterator[Server]:
    """A server of `streamlit run` with these arguments, once it answers."""
    with started(("run", *arguments), environment) as server:
        while True:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"{server.address}/_stcore/health", timeout=1),
            ):
                break
        yield server


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that asks no outside host."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Visit:
    """A page of a browser, with the steps of a reader.

    `counts` has the browser report each request, for `requests` and `bytes`; that takes time of
    its own.
    """

    def __init__(self, browser: Browser, server: Server, *, counts: bool = False) -> None:
        self._context = browser.new_context(viewport={"width": 1600, "height": 900})
        self.page = self._context.new_page()
        self.page.add_init_script(WATCH)
        self.server = server
        self.requests, self.bytes = 0, 0
        if counts:
            network = self._context.new_cdp_session(self.page)
            network.send("Network.enable")
            network.on("Network.loadingFinished", self._loaded)

    def _loaded(self, event: dict[str, Any]) -> None:
        self.requests += 1
        self.bytes += int(event["encodedDataLength"])

    @property
    def messages(self) -> list[int]:
        """Bytes of each message since the last key, or since the page was opened."""
        return self.page.evaluate("() => window.received")

    def open(self, path: str = "") -> None:
        """Open a page of the app and wait until it is drawn."""
        self.page.goto(f"{self.server.address}/{path}")
        self.settled()

    def settled(self) -> float:
        """Milliseconds from the last key to the moment from which on nothing moved."""
        self.page.wait_for_function(
            f"() => performance.now() - window.changed > {QUIET} && window.rests()",
            polling=50,
            timeout=120_000,
        )
        return self.page.evaluate("() => window.changed - window.began")

    def press(self, key: str, stroke: str) -> float:
        """Press a key on the slider with this key, as `settled`."""
        slider = self.page.locator(f".st-key-{key}").get_by_role("slider")
        slider.scroll_into_view_if_needed()
        while True:
            slider.focus()
            self.page.wait_for_timeout(100)
            self.page.keyboard.press(stroke)
            # A page that is just being drawn may lose the key.
            with contextlib.suppress(Error):
                self.page.wait_for_function(
                    "() => window.received.length > 0", polling=10, timeout=3000
                )
                return self.settled()

    def close(self) -> None:
        """Close the page."""
        self._context.close()
