"""What the README promises works as it is written there."""

import re
import shlex

import numpy as np
import pytest
from command import ROOT, printed

from elman.studies.own_table import example

README = (ROOT / "README.md").read_text(encoding="utf-8")


EXAMPLES = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_the_library_example_runs_and_prints_errors_by_position(capsys):
    example, _ = EXAMPLES
    assert len([line for line in example.splitlines() if line]) == 6
    exec(example, {})
    printed = capsys.readouterr().out
    assert "XOR bit" in printed
    assert "rate_floor" in printed
    assert "..." not in printed


def test_the_layers_of_the_other_example_learn_sequences_of_any_length():
    made = {}
    exec(EXAMPLES[1], made)
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
