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


def visit(page="train", **link) -> AppTest:
    """Open a page by a link with these parameters; it must open without an exception."""
    visitor = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=600)
    for name, value in link.items():
        visitor.query_params[name] = value
    return go(visitor, page)


def go(visitor, page) -> AppTest:
    """Change to another page, or open it first of all."""
    return act(visitor.switch_page(f"pages/{page}.py"))


def act(widget) -> AppTest:
    """Run the app after a change of `widget`, or anew; no exception may show."""
    visitor = widget.run()
    assert [error.message for error in visitor.exception] == []
    return visitor


def choose(visitor, key, value) -> AppTest:
    """Give the widget of this key another value."""
    return act(visitor.get_by_key(key).set_value(value))


def press(visitor, label) -> AppTest:
    """Press the button with this label."""
    (button,) = [button for button in visitor.button if button.label == label]
    return act(button.click())


def upload(visitor, key, content, name="") -> AppTest:
    """Give a file to the uploader whose key begins so, or several as (name, content) pairs."""
    (uploader,) = [one for one in visitor.file_uploader if one.key.startswith(key)]
    if isinstance(content, list):
        return act(uploader.set_value([(name, data, "") for name, data in content]))
    return act(uploader.set_value((name or f"mine{uploader.proto.type[0]}", content, "")))


def state(visitor, name):
    """What the session remembers under this name."""
    return visitor.session_state[name]


def shown(visitor) -> Experiment:
    """The experiment that the sidebar shows."""
    return state(visitor, "experiment")


def drawn(part) -> set[str]:
    """The names of all controls in a part of the page."""
    kinds = ("selectbox", "select_slider", "number_input", "button_group", "text_area")
    return {one.key for kind in kinds for one in part.get(kind)}


def notes(visitor) -> str:
    """All warnings on the page."""
    return "\n".join(warning.value for warning in visitor.warning)


def refusal(visitor) -> str:
    """The one error that the page tells of."""
    (error,) = visitor.error
    return error.value


def loss(visitor) -> str:
    """The loss of the run, as the page has it."""
    return next(metric.value for metric in visitor.metric if metric.label.startswith("Loss"))


def labels(visitor) -> list[str]:
    """What is written on all buttons of the page."""
    return [button.label for button in visitor.button]


def texts(visitor) -> list[str]:
    """Each running text and caption of the page."""
    return [part.value for part in (*visitor.markdown, *visitor.caption)]


def words(visitor) -> str:
    """All running text and captions of the page."""
    return "\n".join(texts(visitor))


def tables(visitor) -> list:
    """The frames of all tables that can be scrolled and sorted."""
    return [table.value for table in visitor.dataframe]


def charts(visitor) -> list:
    """All charts of the page."""
    return visitor.get("vega_lite_chart")


def alternatives(visitor) -> list[str]:
    """The text alternatives of all charts."""
    return [chart.proto.alt for chart in charts(visitor)]


def assert_sound(visitor, page):
    """What holds for every page that shows what its link asks for."""
    assert not visitor.error
    assert notes(visitor) == ""
    assert len(visitor.header) == 1
    # The page's question, before anything else.
    assert visitor.markdown[0].value.rstrip().endswith("?")
    assert_drawn(visitor)
    # The page that makes links has no other menu of them.
    menus = [menu.proto.popover.label for menu in visitor.get("popover")]
    assert menus == ["Keep and share"] * (page in EXPERIMENT_PAGES and page != "teach")


def assert_drawn(visitor):
    """Every chart follows the schema, and can be read aloud."""
    for chart, text in zip(charts(visitor), alternatives(visitor), strict=True):
        assert len(text) > 20
        assert not re.search(r"\bnan\b", text, re.IGNORECASE)
        spec = json.loads(chart.proto.spec)
        (alt.LayerChart if "layer" in spec else alt.Root).validate(spec)


def look_until(visitor, condition) -> AppTest:
    """Look at the page again until the condition is met, for a job in the background."""
    wait_until(lambda: condition(act(visitor)))
    return visitor


def wait_until(condition):
    """Wait for what a working program brings about; only a broken one waits for minutes."""
    for _ in range(10_000):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("waited for minutes in vain")
