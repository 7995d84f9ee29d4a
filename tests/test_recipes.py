"""The recipes of CONTRIBUTING.md: a task that is added as it says is found everywhere."""

import contextlib
import io
import re
from pathlib import Path

import pytest
from command import as_json, printed, refused
from visitor import choose, notes, shown, visit

from elman import Experiment, experiment, run, scripts, tasks

ROOT = Path(__file__).parents[1]
RECIPES = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture
def echo():
    """The task of the recipe, in the catalogue while a test lasts."""
    (module,) = re.findall(r"## Add a task\n.*?```python\n(.*?)```", RECIPES, flags=re.DOTALL)
    names = {}
    exec(module, names)
    task = names["TASK"]
    tasks.add(task)
    yield task
    experiment.unregister(task.name)
    del tasks.TASKS[task.name]


def test_every_file_that_a_recipe_names_exists():
    named = re.findall(r"`((?:elman|pages|tests)/[\w/]+\.py)`", RECIPES)
    assert len(named) > 10
    assert [name for name in named if "NAME" not in name and not (ROOT / name).is_file()] == []


def test_the_catalogue_makes_the_tasks():
    assert tuple(tasks.TASKS) == tasks.CATALOGUE


def test_the_command_line_has_the_task(echo):
    assert echo.name in refused("nothing")
    assert printed(echo.name, "--epochs", "5").startswith("Echo: 3 hidden units, 5 epochs of 600")
    assert as_json(echo.name, "--preset", "textbook")["floors_by_position"] == [0, 0.25]
    swept = printed("sweep", echo.name, "--vary", "hidden=2,3", "--seeds", "2", "--epochs", "2")
    assert "Echo: 2 combinations of hidden, 4 runs" in swept
    assert "--codes" in refused(echo.name, "--codes", "random")


def test_the_exported_script_makes_its_run_again(echo):
    chosen = Experiment(task=echo.name, epochs=5)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(scripts.script(chosen), {})
    first, _, *rows = out.getvalue().splitlines()
    assert first == f"Loss after 5 epochs: {run(chosen).final_loss!r}"
    assert [row.split("0")[0].strip() for row in rows] == list(echo.positions)


def test_sidebar_and_errors_have_it(echo):
    visitor = visit("errors")
    assert echo.name in visitor.get_by_key("task").options
    choose(visitor, "task", echo.name)
    assert shown(visitor) == Experiment(task=echo.name)
    assert visitor.dataframe[0].value.iloc[:, 0].tolist() == list(echo.positions)


@pytest.mark.parametrize("page", ["train", "states", "watch", "step", "compare", "gradients"])
def test_a_link_to_any_page_shows_it(echo, page):
    visitor = visit(page, task=echo.name, hidden="2")
    assert shown(visitor) == Experiment(task=echo.name, hidden=2)
    assert notes(visitor) == ""
    assert visitor.get("vega_lite_chart") or page == "compare"
