"""The package works outside the checkout and where life is hard, and as the README promises."""

import importlib.metadata
import re
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from command import ROOT, ended, printed, program
from packaging.requirements import Requirement

from elman import Experiment, scripts
from elman.studies.own_table import example

sys.path.insert(0, str(ROOT / "benchmarks"))

import hardship

PAGES = ["", "errors"]


@pytest.mark.slow
def test_the_installed_package_works_in_any_folder_and_needs_what_the_app_needs(tmp_path):
    sources, target = tmp_path / "sources", tmp_path / "target"
    sources.mkdir()
    shutil.copytree(ROOT / "elman", sources / "elman", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    # What pip needs is here already, so that nothing is downloaded.
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    subprocess.run([*pip, "install", *offline, "--target", target, sources], check=True)
    # Training a little on the reference is quicker than compiling in a new place.
    (target / "numba.py").write_text("raise ImportError")

    def told(*argv):
        return ended(program(*argv, cwd=tmp_path, PYTHONPATH=str(target)))[0]

    short = ("xor", "--epochs", "5", "--json")
    command = told(target / "bin" / "elman", *short)
    seconds = re.compile(r'"seconds": [^,]+')
    assert seconds.sub("", command) == seconds.sub("", told("-m", "elman", *short))
    assert '"task": "xor"' in command

    file = tmp_path / "run.py"
    file.write_text(scripts.script(Experiment(epochs=5, length=300)), encoding="utf-8")
    assert told(file).startswith("Loss after 5 epochs: ")

    where = told("-c", "import elman.reproduction as r; r.load(); print(r.__file__)")
    assert Path(where.strip()).is_relative_to(target)

    # No other package comes with it.
    (distribution,) = importlib.metadata.distributions(path=[str(target)])
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    wanted = {Requirement(line) for line in lines if line and not line.startswith("#")}
    assert set(map(Requirement, distribution.requires)) == wanted
    folders = {file.parts[0] for file in distribution.files}
    assert {name for name in folders if "dist-info" not in name} <= {"elman", "bin", ".."}


def pages_under(condition, folder):
    # In a thread of its own: that of the tests may have a browser's event loop.
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(hardship.pages_under, condition, folder, PAGES).result()


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    found, errors = pages_under("alone", tmp_path_factory.mktemp("alone") / "here")
    assert errors == 0
    return found


@pytest.mark.slow
@pytest.mark.parametrize("condition", [
    "at 0.3 of a core", "home and checkout read-only", "disk full, empty caches",
])  # fmt: skip
def test_pages_are_the_same_where_it_is_hard_to_live(condition, usual, tmp_path):
    try:
        found, errors = pages_under(condition, tmp_path / "here")
    except hardship.NotHere as reason:
        pytest.skip(f"this machine does not allow it: {reason}")
    assert errors == 0
    for path, seen in found.items():
        assert seen.exceptions == 0
        assert seen.content == usual[path].content


README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_the_library_s_examples_run(capsys):
    first, second = EXAMPLES
    assert len([line for line in first.splitlines() if line]) == 6
    exec(first, {})
    out = capsys.readouterr().out
    assert "XOR bit" in out
    assert "rate_floor" in out
    assert "..." not in out
    # The layers of the other one learn sequences of any length.
    made = {}
    exec(second, made)
    answers = made["model"].predict(made["x"], made["lengths"])
    assert answers.round(1).tolist() == [[3.0], [4.0]]


@pytest.mark.parametrize("line", re.findall(r"python -m elman ([^#\n]+)", README))
def test_every_command_line_runs(line, tmp_path, monkeypatch):
    """Each is run with few epochs added; that changes no flag it shows."""
    monkeypatch.chdir(tmp_path)
    short = ["--epochs", "2", "--length", "60"]
    command, *rest = shlex.split(line)
    if command == "show":
        assert printed("xor", *short, "--save", rest[0])
        short = []
    if "--from" in rest:
        assert printed(command, "--epochs", "1", "--length", "60", "--save", "run.npz")
    if command == "table":
        example(60, rng=np.random.default_rng(0)).frame.to_csv(rest[0], index=False)
        short = ["--epochs", "2"]
    if command == "lesson":
        rest, short = [str(ROOT / rest[0])], []
    assert printed(command, *rest, *short)


DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_links_to_exists(document):
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (document.parent / target).is_file(), target
