"""One server, one Chromium, and a page that fails its test when it asks an outside host.

Without a browser these tests are skipped; with the environment variable CI set they fail, so that
a build never passes for want of one. `CHROMIUM` names the browser's path where it is not on PATH.
"""

import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from elman.ui import menu

ROOT = Path(__file__).resolve().parents[2]

# A busy machine with one slow core may need a while; where all is well nothing waits this long.
PATIENCE = 90_000

# A room for a desk, a small laptop's first screen, and a phone.
WIDE, LAPTOP, PHONE = (1600, 900), (1280, 800), (390, 844)

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-dev-shm-usage",
    # No outside host is found, so that none is asked even by a page that would.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
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
    return now - window.idleSince > 100;
}"""

# How many messages the server has sent, for what asks for a run only after a while. The state that
# the page shows of the script is no measure: drawn late, it may never have been "running".
COUNT_MESSAGES = """
    window.messages = 0;
    window.WebSocket = class extends WebSocket {
        constructor(...given) {
            super(...given);
            this.addEventListener("message", () => {
                window.messages += 1;
                window.idleSince = undefined;
            });
        }
    };
"""

# By how many pixels the page, its drawings and its texts are wider than the window; what stands in
# a box that scrolls by itself may be.
TOO_WIDE = """() => {
    const main = document.querySelector("[data-testid='stMain']");
    const scrolls = part => part !== main && (
        /auto|scroll/.test(getComputedStyle(part).overflowX) || scrolls(part.parentElement));
    return Math.max(
        document.documentElement.scrollWidth - innerWidth,
        main.scrollWidth - main.clientWidth,
        ...[...main.querySelectorAll("svg.marks, p, li, img")]
            .filter(part => !scrolls(part))
            .map(part => part.getBoundingClientRect().right - innerWidth));
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
def start_servers(tmp_path_factory):
    """Start the app on free ports, all at once: `[(address, process, log), …]`.

    Variables of the environment are given by their names.
    """
    processes = []

    def start(count, **environment):
        servers = []
        for _ in range(count):
            log = tmp_path_factory.mktemp("server") / "log.txt"
            command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
            options = {"port": (port := _free_port()), "address": "127.0.0.1", "headless": "true"}
            command += [f"--server.{name}={value}" for name, value in options.items()]
            # On the slowest and busiest machine, too, a run of minutes may go on.
            limits = {"ELMAN_MAX_RUN_SECONDS": "1e9", "ELMAN_LIVE_AFTER": "5"} | environment
            with log.open("w") as output:
                process = subprocess.Popen(
                    command, cwd=ROOT, env=os.environ | limits, stdout=output, stderr=output
                )
            processes.append(process)
            servers.append((f"http://127.0.0.1:{port}", process, log))
        for address, process, log in servers:
            while not _healthy(address):
                if process.poll() is not None:
                    pytest.fail(f"The server ended before it began:\n{log.read_text()}")
                time.sleep(0.05)
        return servers

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def server(start_servers):
    """Address of the one server that all tests share; its log must end without a traceback."""
    ((address, _, log),) = start_servers(1)
    yield address
    assert "Traceback" not in log.read_text(), log.read_text()


class App:
    """The app in one browser page, with the steps that every test takes."""

    def __init__(self, page, address):
        self.page = page
        self._address = address

    def open_page(self, path="", query=""):
        """Open a page by its path and query, and wait until it is drawn."""
        self.open_live(path, query)
        self.settle()

    def open_live(self, path="", query=""):
        """Open a page that shows work under way, so that it does not settle."""
        self.page.goto(f"{self._address}/{path}" + (f"?{query}" if query else ""))

    def settle(self):
        """Wait until the script has run and nothing stale is left; no traceback may show.

        A press may ask for its run a moment later: what it brings about is to be waited for first.
        """
        self.page.evaluate("() => { window.idleSince = undefined; }")
        self.page.wait_for_function(SETTLED, polling=50, timeout=PATIENCE)
        assert self.errors_on_page() == []

    def reload(self):
        """Load the page anew, and wait until it is drawn."""
        self.page.reload()
        self.settle()

    def enter(self, field, text, key="Enter"):
        """Write a text into a field, and give it to the app by this key."""
        field.fill(text)
        field.press(key)

    def eventually(self, holds, found=lambda: "not so"):
        """Wait until `holds()` is true; else fail and tell what was `found()`."""
        until = time.monotonic() + PATIENCE / 1000
        while not holds():
            assert time.monotonic() < until, found()
            self.page.wait_for_timeout(20)

    def errors_on_page(self):
        """Texts of the exceptions on the page."""
        return self.page.get_by_test_id("stException").all_inner_texts()

    def query(self):
        """The URL's parameters."""
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def expect_link(self, wanted):
        """Wait until these are the URL's parameters, all of them."""
        self.eventually(lambda: self.query() == wanted, self.query)

    def expect_in_link(self, **wanted):
        """Wait until these are among the URL's parameters."""
        self.eventually(lambda: wanted.items() <= self.query().items(), self.query)

    def go_to(self, title):
        """Choose a page by the navigation at the top of a wide window."""
        (section,) = (entry.section for entry in menu.PAGES if entry.title == title)
        if section:
            self.page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
        kind = "stTopNavDropdownLink" if section else "stTopNavLink"
        self.page.get_by_test_id(kind).filter(has_text=title).click()
        self.expect_page(title)

    def expect_page(self, title):
        """Wait until the page of this title is drawn."""
        expect(self.heading()).to_have_text(title)
        self.settle()

    def main(self):
        """The page without its sidebar."""
        return self.page.get_by_test_id("stMainBlockContainer")

    def heading(self):
        """The page's title."""
        return self.page.get_by_test_id("stHeading").first

    def metric(self, label):
        """Value of the first metric with `label` in its label: one that a run of the script leaves
        behind may stand below it until that run is over."""
        metric = self.page.get_by_test_id("stMetric").filter(has_text=label)
        return metric.get_by_test_id("stMetricValue").first

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
            before = self.page.evaluate("window.messages")
            self.page.keyboard.press(stroke)
            # A slider waits for a further stroke before it asks for a run.
            self.page.wait_for_function("before => window.messages > before", arg=before)
            self.settle()

    def button(self, name):
        """The button with these words on it."""
        return self.page.get_by_role("button", name=name, exact=True)

    def text(self, words):
        """The first place where these words, or words of this pattern, stand."""
        return self.page.get_by_text(words).first

    def charts(self):
        """All charts of the page."""
        return self.page.get_by_test_id("stVegaLiteChart")

    def assert_on_first_screen(self, words, below_figure=True):
        """The text that begins with `words` is seen without scrolling, under the first figure."""
        result = self.text(re.compile(f"^{words}"))
        expect(result).to_be_visible()

        # Figures may be drawn one after the other, in any order.
        def holds():
            box, figure = result.bounding_box(), self.charts().first.bounding_box()
            in_order = figure["y"] < box["y"] or not below_figure
            return in_order and box["y"] + box["height"] <= self.page.viewport_size["height"]

        self.eventually(holds)

    def assert_fits_a_phone_in_the_dark(self):
        """Nothing sticks out, all is dark, and every picture can be read aloud."""
        self.show(*PHONE, "dark")
        self.settle()
        self.eventually(lambda: self.page.evaluate(TOO_WIDE) <= 0, lambda: "it is too wide")
        self.assert_charts_can_be_read_aloud()
        assert self.lightness() < 200

    def assert_charts_can_be_read_aloud(self):
        """Every chart that is seen has its text alternative; how many there are."""
        charts = self.charts().filter(visible=True).all()
        for chart in charts:
            expect(chart).to_have_attribute("role", re.compile("graphics-document|img"))
            assert len(chart.get_attribute("aria-label")) > 20
        return len(charts)

    def lightness(self):
        """Of the page's ground, from 0, black, to 765, white."""
        ground = self.page.get_by_test_id("stApp").evaluate(
            "page => getComputedStyle(page).backgroundColor"
        )
        return sum(map(int, re.findall(r"\d+", ground)[:3]))

    def share_of_white(self):
        """How much of the first chart is white."""
        with Image.open(io.BytesIO(self.charts().first.screenshot())) as picture:
            return (np.asarray(picture.convert("RGB")).min(axis=2) > 230).mean()

    def widen(self):
        """Go back to the window at a desk, in light colours."""
        self.show(*WIDE, "light")

    def show(self, width, height, color_scheme):
        """Look through a window of this size, in light or dark colours."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=color_scheme)


@pytest.fixture(scope="session")
def context(browser):
    """One profile for all pages, which keeps what the app's pages have in common.

    Its attribute `outside` lists the addresses of outside hosts that were asked for.
    """
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    context.add_init_script(COUNT_MESSAGES)
    context.outside = []

    def note(request):
        place = urlsplit(request.url)
        if place.scheme in ("http", "https") and place.hostname != "127.0.0.1":
            context.outside.append(request.url)

    context.on("request", note)
    yield context
    context.close()


@pytest.fixture
def open_app(context, server):
    """Make an `App` of its own: `open_app(*PHONE, color_scheme="dark", address=...)`."""
    context.outside.clear()
    pages = []

    def make(width=WIDE[0], height=WIDE[1], color_scheme="light", address=server):
        pages.append(context.new_page())
        app = App(pages[-1], address)
        app.show(width, height, color_scheme)
        return app

    yield make
    broken = [words for page in pages for words in App(page, "").errors_on_page()]
    for page in pages:
        # What this reader has kept is nothing to the next.
        page.evaluate("() => { try { localStorage.clear(); } catch {} }")
        page.close()
    assert broken == [], "exceptions on the page"
    assert context.outside == [], "requests to outside hosts"


@pytest.fixture
def app(open_app):
    """The app in a window of usual size and light colours."""
    return open_app()


@pytest.fixture
def small_app(open_app):
    """The app on a small laptop."""
    return open_app(*LAPTOP)
