"""One server, one Chromium, and a page that fails its test when it asks an outside host.

Without a browser these tests are skipped; with the environment variable CI set they fail, so that
a build never passes for want of one. `CHROMIUM` names the browser's path where it is not on PATH.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from elman.ui import menu

ROOT = Path(__file__).resolve().parents[2]

# A machine with one slow core may need a while; nothing waits this long where all is well.
PATIENCE = 30_000

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-dev-shm-usage",
)

# Idle for a moment, not just between two runs of the script, and with nothing left to load or draw:
# the script is over well before the browser has the code of its tables and charts.
SETTLED = """() => {
    const seen = selector => [...document.querySelectorAll(selector)].filter(
        element => element.checkVisibility());
    const idle = document.querySelector("[data-test-script-state='notRunning']")
        && !document.querySelector("[data-stale='true']")
        && !seen("[data-testid='stSkeleton']").length
        && seen("[data-testid='stVegaLiteChart']").every(chart => chart.hasAttribute("role"));
    const now = performance.now();
    if (!idle) { window.idleSince = undefined; return false; }
    window.idleSince ??= now;
    return now - window.idleSince > 250;
}"""


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None or not Path(path).exists():
        words = "No Chromium: install it, or set CHROMIUM to its path."
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _healthy(address):
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health") as answer:
            return answer.read() == b"ok"
    except OSError:
        return False


@pytest.fixture(scope="session")
def start_server(tmp_path_factory):
    """Start the app on a free port: `address, process, log = start_server()`."""
    processes = []

    def start():
        address = f"http://127.0.0.1:{(port := _free_port())}"
        log = tmp_path_factory.mktemp("server") / "log.txt"
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
        options = {"port": port, "address": "127.0.0.1", "headless": "true"}
        command += [f"--server.{name}={value}" for name, value in options.items()]
        # On the slowest and busiest machine, too, a run of minutes may start and a short one starts
        # by itself.
        limits = {"ELMAN_MAX_RUN_SECONDS": "1e9", "ELMAN_INSTANT_SECONDS": "15"}
        environment = os.environ | limits
        with log.open("w") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=output
            )
        processes.append(process)
        while not _healthy(address):
            if process.poll() is not None:
                pytest.fail(f"The server ended before it began:\n{log.read_text()}")
            time.sleep(0.05)
        return address, process, log

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def server(start_server):
    """Address of the one server that all tests share; its log must end without a traceback."""
    address, _, log = start_server()
    yield address
    assert "Traceback" not in log.read_text(), log.read_text()


class App:
    """The app in one browser page, with the steps that every test takes."""

    def __init__(self, page, address):
        self.page = page
        self._address = address

    def open_page(self, path="", query=""):
        """Open a page by its path and query, and wait until it is drawn."""
        self.page.goto(f"{self._address}/{path}" + (f"?{query}" if query else ""))
        self.settle()

    def settle(self):
        """Wait until the script has run and nothing stale is left; no traceback may show."""
        self.page.evaluate("() => { window.idleSince = undefined; }")
        self.page.wait_for_function(SETTLED, polling=50, timeout=PATIENCE)
        assert self.errors_on_page() == []

    def eventually(self, holds):
        """Wait until `holds()` is true."""
        until = time.monotonic() + PATIENCE / 1000
        while not holds():
            assert time.monotonic() < until
            self.page.wait_for_timeout(50)

    def errors_on_page(self):
        """Texts of the exceptions on the page."""
        return self.page.get_by_test_id("stException").all_inner_texts()

    def query(self):
        """The URL's parameters."""
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def go_to(self, title):
        """Choose a page by the navigation at the top of a wide window."""
        (section,) = (entry.section for entry in menu.PAGES if entry.title == title)
        if section:
            self.page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
        kind = "stTopNavDropdownLink" if section else "stTopNavLink"
        self.page.get_by_test_id(kind).filter(has_text=title).click()
        expect(self.heading()).to_have_text(title)
        self.settle()

    def main(self):
        """The page without its sidebar."""
        return self.page.get_by_test_id("stMainBlockContainer")

    def heading(self):
        """The page's title."""
        return self.page.get_by_test_id("stHeading").first

    def metric(self, label):
        """Value of the metric with `label` in its label."""
        metric = self.page.get_by_test_id("stMetric").filter(has_text=label)
        return metric.get_by_test_id("stMetricValue")

    def keyed(self, key):
        """The element that the app gave this key."""
        return self.page.locator(f".st-key-{key}")

    def slider(self, key):
        """The thumb of a slider; its `aria-valuetext` is the chosen value."""
        return self.keyed(key).get_by_role("slider")

    def press(self, key, *strokes):
        """Focus a slider and press keys, each as a reader would: after the one before took hold."""
        for stroke in strokes:
            self.slider(key).focus()
            self.page.keyboard.press(stroke)
            self.settle()

    def charts(self):
        """All charts of the page."""
        return self.page.get_by_test_id("stVegaLiteChart")


@pytest.fixture
def open_app(browser, server):
    """Make an `App` of its own: `open_app(width=390, color_scheme="dark", address=...)`."""
    contexts, outside = [], []

    def guard(route):
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    def make(width=1600, height=900, color_scheme="light", address=server):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=color_scheme
        )
        context.set_default_timeout(PATIENCE)
        context.route("**/*", guard)
        contexts.append(context)
        return App(context.new_page(), address)

    yield make
    for context in contexts:
        context.close()
    assert outside == [], "requests to outside hosts"


@pytest.fixture
def app(open_app):
    """The app in a window of usual size and light colours."""
    return open_app()
