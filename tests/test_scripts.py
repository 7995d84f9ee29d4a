"""A script and a notebook of an experiment: run as they stand, they give the same numbers."""

import ast
import json
import re

import nbformat
import numpy as np
import pytest
from command import ROOT, ended, program
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient
from test_experiment import experiments

from elman import Experiment, run, scripts
from elman.analysis.errors import by_position
from elman.analysis.replay import replay
from elman.tasks import new_sequence, task_of

TEXT = 'quotes \' " """ and \\ back, {braces} and\nlines\n\n' + "שלום \u202e\u200f " * 20
EXPERIMENTS = [
    Experiment(epochs=5, length=300),
    Experiment(task="letters", epochs=3, length=100, momentum=0.5, depth=3, seed=7),
    Experiment(task="own", epochs=3, text=TEXT, boundary="space"),
]
IDS = [experiment.task for experiment in EXPERIMENTS]


def code_of(notebook):
    cells = json.loads(notebook)["cells"]
    return "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")


@given(experiments(), st.lists(st.floats(0, 1), max_size=3))
def test_script_and_notebook_of_any_experiment_hold_that_experiment(experiment, losses):
    source = scripts.script(experiment, np.array(losses))
    for text in (source, code_of(scripts.notebook(experiment, np.array(losses)))):
        compile(text, "script", "exec")
        assigned = [node for node in ast.parse(text).body if isinstance(node, ast.Assign)]
        (made,) = (node.value for node in assigned if node.targets[0].id == "experiment")
        assert made.func.id == "Experiment"
        # Literals alone, so that nothing of a text can be run.
        values = {keyword.arg: ast.literal_eval(keyword.value) for keyword in made.keywords}
        assert made.args == []
        assert Experiment(**values) == experiment
        if losses:
            assert f"It was {losses[-1]!r} " in text


def test_what_is_default_is_not_spelled_no_loss_stated_without_a_run_and_no_rule_of_an_own_text():
    spelled = scripts.expression(Experiment(hidden=7))
    assert spelled == "Experiment(\n    task='xor',\n    hidden=7,\n)"
    source = scripts.script(Experiment(epochs=5, length=300))
    assert "It was" not in source
    assert "trained.final_loss" in source
    made = {task: scripts.notebook(Experiment(task=task)) for task in ("xor", "own")}
    assert "new sequence of the same rule" in made["xor"]
    assert "same rule" not in made["own"]
    assert "the part of the text that training left unseen" in made["own"]


@pytest.mark.slow
@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=IDS)
def test_the_script_makes_the_run_again(experiment, tmp_path):
    trained = run(experiment)
    file = tmp_path / "run.py"
    file.write_text(scripts.script(experiment, trained.losses), encoding="utf-8")
    out, err = ended(program(file, cwd=tmp_path, PYTHONPATH=str(ROOT)))
    assert err == ""
    first, second, _, *rows = out.splitlines()
    epochs, loss = re.fullmatch(r"Loss after (\d+) epochs: (\S+)", first).groups()
    assert int(epochs) == experiment.epochs
    assert float(loss) == pytest.approx(trained.final_loss, abs=1e-12)
    (stated,) = re.findall(r"It was (\S+) in the run", second)
    assert float(stated) == trained.final_loss
    new = new_sequence(experiment)
    expected = by_position(replay(trained, new).outputs, new, task_of(experiment))
    assert len(rows) == len(expected)
    for row, squared in zip(rows, expected["squared"], strict=True):
        assert float(row.split()[-2]) == pytest.approx(squared, abs=1e-6)


@pytest.mark.slow
def test_the_notebook_makes_the_run_again(tmp_path):
    experiment = EXPERIMENTS[0]
    trained = run(experiment)
    notebook = nbformat.reads(scripts.notebook(experiment, trained.losses), as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    # As it is beside the app: `elman` lies in the notebook's folder.
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(ROOT)}}).execute()
    (printed,) = [out.text for cell in code for out in cell.outputs if out.output_type == "stream"]
    loss = re.search(r"Loss after 5 epochs: (\S+)", printed).group(1)
    assert float(loss) == pytest.approx(trained.final_loss, abs=1e-12)
    shown = [key for cell in code for out in cell.outputs for key in out.get("data", ())]
    assert shown.count("image/svg+xml") == 2
    assert shown.count("text/html") == 1  # the table of errors


@pytest.mark.parametrize("name", ["exported_run.py", "exported_run.ipynb"])
def test_programs_that_people_have_go_on_working(name, capsys):
    """As they were exported in November 2026: their calls and the numbers that they state."""
    source = (ROOT / "tests/data" / name).read_text(encoding="utf-8")
    source = code_of(source) if name.endswith(".ipynb") else source
    names = {}
    exec(compile(source, name, "exec"), names)
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert float(first.split()[-1]) == pytest.approx(float(second.split()[2]), abs=1e-12)
    assert names["errors"]["position"].tolist() == ["2nd bit", "XOR bit", "next 1st bit"]
