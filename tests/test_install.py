"""`pip install .`: library, command line and exported scripts work outside the checkout."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from elman import Experiment, scripts

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder of its own that the package was installed into, from a copy of the sources."""
    sources, target = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("target")
    shutil.copytree(ROOT / "elman", sources / "elman", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    # What pip needs is here already, so that nothing is downloaded.
    offline = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    subprocess.run([*pip, "install", *offline, "--target", target, sources], check=True)
    # Training a little on the reference is quicker than compiling in a new place.
    (target / "numba.py").write_text("raise ImportError")
    return target


@pytest.fixture
def printed(installed, tmp_path):
    """Run a program that finds the installed package alone; what it prints."""

    def go(*argv):
        done = subprocess.run(
            argv,
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(installed), "PYTHONIOENCODING": "utf-8"},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return go


@pytest.mark.slow
def test_the_console_command_is_the_module(installed, printed):
    short = ("xor", "--epochs", "5", "--json")
    command = printed(sys.executable, installed / "bin" / "elman", *short)
    module = printed(sys.executable, "-m", "elman", *short)
    seconds = re.compile(r'"seconds": [^,]+')
    assert seconds.sub("", command) == seconds.sub("", module)
    assert '"task": "xor"' in command


@pytest.mark.slow
def test_an_exported_script_runs_in_any_folder(printed, tmp_path):
    file = tmp_path / "run.py"
    file.write_text(scripts.script(Experiment(epochs=5, length=300)), encoding="utf-8")
    assert printed(sys.executable, file).startswith("Loss after 5 epochs: ")


@pytest.mark.slow
def test_the_package_has_its_data_and_says_what_it_needs(installed, printed):
    """Every requirement of the app is one of the package, and no other package is installed."""
    where = printed(
        sys.executable,
        "-c",
        "import elman.reproduction as r; r.load(); print(r.__file__)",
    )
    assert Path(where.strip()).is_relative_to(installed)
    (distribution,) = importlib.metadata.distributions(path=[str(installed)])
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    wanted = {Requirement(line) for line in lines if line and not line.startswith("#")}
    assert set(map(Requirement, distribution.requires)) == wanted
    folders = {file.parts[0] for file in distribution.files}
    assert {name for name in folders if "dist-info" not in name} <= {"elman", "bin", ".."}
