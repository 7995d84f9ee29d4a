"""What the README promises works as it is written there."""

import re
import shlex
from pathlib import Path

import pytest

from elman.cli import main

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_library_example_runs_and_prints_errors_by_position(capsys):
    """The six lines print three positions, the XOR bit with a floor of zero among them."""
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len([line for line in example.splitlines() if line]) == 6

    exec(example, {})

    printed = capsys.readouterr().out
    assert "XOR bit" in printed
    # How many columns fit depends on the terminal; the last always does.
    assert "rate_floor" in printed


@pytest.mark.parametrize("line", re.findall(r"python -m elman ([^#\n]+)", README))
def test_every_command_line_runs(line, tmp_path, monkeypatch, capsys):
    """Each is run with few epochs added; that changes no flag it shows."""
    monkeypatch.chdir(tmp_path)
    short = ["--epochs", "2", "--length", "60"]
    argv = shlex.split(line)
    if argv[0] == "show":
        assert main.main(["xor", *short, "--save", argv[1]]) == 0
        short = []

    assert main.main([*argv, *short]) == 0

    assert capsys.readouterr().out


def test_pictures_of_the_readme_exist():
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (Path(__file__).parents[1] / picture).is_file()
