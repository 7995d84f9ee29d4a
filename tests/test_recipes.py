"""The recipes of CONTRIBUTING.md: a task that is added as it says is found everywhere."""

import re

import pytest
from command import ROOT, as_json, printed, refused
from visitor import visit

from elman import Experiment, experiment, run, scripts, tasks


@pytest.fixture
def echo():
    """The task of the recipe, in the catalogue while a test lasts."""
    assert tuple(tasks.TASKS) == tasks.CATALOGUE
    recipes = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (module,) = re.findall(r"## Add a task\n.*?```python\n(.*?)```", recipes, flags=re.DOTALL)
    names = {}
    exec(module, names)
    task = names["TASK"]
    tasks.add(task)
    yield task
    experiment.unregister(task.name)
    del tasks.TASKS[task.name]


def test_the_command_line_has_the_task_and_the_exported_script_makes_its_run_again(echo, capsys):
    assert echo.name in refused("nothing")
    assert printed(echo.name, "--epochs", "5").startswith("Echo: 3 hidden units, 5 epochs of 600")
    assert as_json(echo.name, "--preset", "textbook")["floors_by_position"] == [0, 0.25]
    swept = printed("sweep", echo.name, "--vary", "hidden=2,3", "--seeds", "2", "--epochs", "2")
    assert "Echo: 2 combinations of hidden, 4 runs" in swept
    assert "--codes" in refused(echo.name, "--codes", "random")

    chosen = Experiment(task=echo.name, epochs=5)
    exec(scripts.script(chosen), {})
    first, _, *rows = capsys.readouterr().out.splitlines()
    assert first == f"Loss after 5 epochs: {run(chosen).final_loss!r}"
    assert [row.split("0")[0].strip() for row in rows] == list(echo.positions)


def test_sidebar_and_every_page_have_the_task(echo):
    visitor = visit("errors")
    assert echo.name in visitor.get_by_key("task").options
    visitor.choose("task", echo.name)
    assert visitor.shown == Experiment(task=echo.name)
    assert visitor.tables[0].iloc[:, 0].tolist() == list(echo.positions)
    visitor = visit(task=echo.name, hidden="2")
    for page in ("train", "states", "watch", "step", "compare", "gradients"):
        visitor.go(page)
        assert visitor.shown == Experiment(task=echo.name, hidden=2)
        assert visitor.notes == ""
        assert visitor.get("vega_lite_chart") or page == "compare"
