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
TICK = 10

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

# `window.since` is the moment since which the script has rested, no message has come, nothing of
# the page has changed and nothing is left to load or to draw, looked at every `TICK` ms; undefined
# while there is something. A key sets it back, and `window.began` to its own moment. `window.heard`
# counts messages since then: the state of the script that the page shows may never be drawn as
# "running" where all is done between two pictures. What a table holds for screen readers, within
# its picture, follows a while later and is left out.
WATCH = """
    window.heard = 0;
    window.WebSocket = class extends WebSocket {
        constructor(...given) {
            super(...given);
            this.addEventListener(
                "message", () => { window.heard += 1; window.since = undefined; });
        }
    };
    const seenBy = node => node.closest ? node : node.parentElement;
    const drawn = ({target}) => !seenBy(target)?.closest("canvas");
    new MutationObserver(changes => { if (changes.some(drawn)) window.since = undefined; }).observe(
        document, {subtree: true, childList: true, characterData: true, attributes: true});
    const seen = selector => [...document.querySelectorAll(selector)].filter(
        element => element.checkVisibility());
    const rests = () => window.heard > 0
        && document.querySelector("[data-test-script-state='notRunning']")
        && !document.querySelector("[data-stale='true']")
        && !seen("[data-testid='stSkeleton']").length
        && seen("[data-testid='stVegaLiteChart']").every(chart => chart.hasAttribute("role"));
    setInterval(() => {
        if (!rests()) { window.since = undefined; } else { window.since ??= performance.now(); }
    }, TICK);
    window.began = 0;
    document.addEventListener(
        "keydown", () => { window.began = performance.now(); window.heard = 0;
                           window.since = undefined; }, true);
""".replace("TICK", str(TICK))

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
    """A page of a browser that counts what it receives, with the steps of a reader."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self._context = browser.new_context(viewport={"width": 1600, "height": 900})
        self.page = self._context.new_page()
        self.page.add_init_script(WATCH)
        self.server = server
        self.messages: list[int] = []
        self.requests, self.bytes = 0, 0
        network = self._context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.on("Network.webSocketFrameReceived", self._message)
        network.on("Network.loadingFinished", self._loaded)

    def _message(self, event: dict[str, Any]) -> None:
        # Binary frames come in base 64.
        self.messages.append(len(event["response"]["payloadData"]) * 3 // 4)

    def _loaded(self, event: dict[str, Any]) -> None:
        self.requests += 1
        self.bytes += int(event["encodedDataLength"])

    def open(self, path: str = "") -> None:
        """Open a page of the app and wait until it is drawn."""
        self.page.goto(f"{self.server.address}/{path}")
        self.settled()

    def settled(self) -> float:
        """Milliseconds from the last key to the moment from which on nothing moved."""
        self.page.wait_for_function(
            f"() => window.since !== undefined && performance.now() - window.since > {QUIET}",
            polling=50,
            timeout=120_000,
        )
        return self.page.evaluate("() => window.since - window.began")

    def press(self, key: str, stroke: str) -> float:
        """Press a key on the slider with this key, as `settled`; clears what was received."""
        slider = self.page.locator(f".st-key-{key}").get_by_role("slider")
        slider.scroll_into_view_if_needed()
        while True:
            slider.focus()
            self.page.wait_for_timeout(100)
            self.messages.clear()
            self.page.keyboard.press(stroke)
            # A page that is just being drawn may lose the key.
            with contextlib.suppress(Error):
                self.page.wait_for_function("() => window.heard > 0", polling=10, timeout=3000)
                return self.settled()

    def close(self) -> None:
        """Close the page."""
        self._context.close()
