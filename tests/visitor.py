"""A visitor of the app, without a browser: follows links, and reads what is shown."""

import json
import re
import time
from pathlib import Path

import altair as alt
import pytest
from streamlit.testing.v1 import AppTest

from elman import Experiment
from elman.training import compiling
from elman.ui import menu

# A server that has been up for a while.
compiling.prepare()

ROOT = Path(__file__).resolve().parents[1]

# The pages that have the sidebar's experiment, all there are, and those that show its one run.
EXPERIMENT_PAGES = tuple(entry.file for entry in menu.PAGES if entry.shows_experiment)
PAGES = tuple(sorted(path.stem for path in (ROOT / "pages").glob("*.py")))
RUN_PAGES = tuple(
    page
    for page in EXPERIMENT_PAGES
    if "require_run(" in (ROOT / f"pages/{page}.py").read_text(encoding="utf-8")
)

# Trains in no time at all.
SHORT = {"epochs": "5", "length": "300"}


class Visitor(AppTest):
    """One who looks at the app; no exception may show, whatever is done."""

    def _run(self, *arguments, **options):
        super()._run(*arguments, **options)
        assert [error.message for error in self.exception] == []
        return self

    def go(self, page):
        """Change to another page, or open it first of all."""
        return self.switch_page(f"pages/{page}.py").run()

    def choose(self, key, value):
        """Give the widget of this key another value."""
        return self.get_by_key(key).set_value(value).run()

    def press(self, label):
        """Press the button with this label."""
        (button,) = [button for button in self.button if button.label == label]
        return button.click().run()

    def upload(self, key, content, name=""):
        """Give a file to the uploader whose key begins so, or several as (name, content) pairs."""
        (uploader,) = [one for one in self.file_uploader if one.key.startswith(key)]
        if isinstance(content, list):
            return uploader.set_value([(name, data, "") for name, data in content]).run()
        return uploader.set_value((name or f"mine{uploader.proto.type[0]}", content, "")).run()

    def state(self, name):
        """What the session remembers under this name."""
        return self.session_state[name]

    @property
    def shown(self) -> Experiment:
        """The experiment that the sidebar shows."""
        return self.state("experiment")

    @property
    def notes(self) -> str:
        """All warnings on the page."""
        return "\n".join(warning.value for warning in self.warning)

    @property
    def refusal(self) -> str:
        """The one error that the page tells of."""
        (error,) = self.error
        return error.value

    @property
    def loss(self) -> str:
        """The loss of the run, as the page has it."""
        return next(metric.value for metric in self.metric if metric.label.startswith("Loss"))

    @property
    def labels(self) -> list[str]:
        """What is written on all buttons of the page."""
        return [button.label for button in self.button]

    @property
    def texts(self) -> list[str]:
        """Each running text and caption of the page."""
        return [part.value for part in (*self.markdown, *self.caption)]

    @property
    def words(self) -> str:
        """All running text and captions of the page."""
        return "\n".join(self.texts)

    @property
    def tables(self) -> list:
        """The frames of all tables that can be scrolled and sorted."""
        return [table.value for table in self.dataframe]

    @property
    def charts(self) -> list:
        """All charts of the page."""
        return self.get("vega_lite_chart")

    @property
    def alternatives(self) -> list[str]:
        """The text alternatives of all charts."""
        return [chart.proto.alt for chart in self.charts]

    def assert_sound(self, page):
        """What holds for every page that shows what its link asks for."""
        assert not self.error
        assert self.notes == ""
        assert len(self.header) == 1
        # The page's question, before anything else.
        assert self.markdown[0].value.rstrip().endswith("?")
        self.assert_drawn()
        # The page that makes links has no other menu of them.
        menus = [menu.proto.popover.label for menu in self.get("popover")]
        assert menus == ["Keep and share"] * (page in EXPERIMENT_PAGES and page != "teach")

    def assert_drawn(self):
        """Every chart follows the schema, and can be read aloud."""
        for chart, text in zip(self.charts, self.alternatives, strict=True):
            assert len(text) > 20
            assert not re.search(r"\bnan\b", text, re.IGNORECASE)
            spec = json.loads(chart.proto.spec)
            (alt.LayerChart if "layer" in spec else alt.Root).validate(spec)

    def look_until(self, condition):
        """Look at the page again until the condition is met, for a job in the background."""
        wait_until(lambda: condition(self.run()))
        return self


def visit(page="train", **link) -> Visitor:
    """Open a page, or with None the app itself, by a link with these parameters."""
    visitor = Visitor(ROOT / "streamlit_app.py", default_timeout=600)
    for name, value in link.items():
        visitor.query_params[name] = value
    return visitor.go(page) if page else visitor.run()


def drawn(part) -> set[str]:
    """The names of all controls in a part of the page."""
    kinds = ("selectbox", "select_slider", "number_input", "button_group", "text_area")
    return {one.key for kind in kinds for one in part.get(kind)}


def wait_until(condition):
    """Wait for what a working program brings about; only a broken one waits for minutes."""
    for _ in range(10_000):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("waited for minutes in vain")
