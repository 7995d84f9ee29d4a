"""What the README promises works as it is written there."""

import re
import shlex

import pytest
from command import ROOT, printed

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_library_example_runs_and_prints_errors_by_position(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len([line for line in example.splitlines() if line]) == 6
    exec(example, {})
    printed = capsys.readouterr().out
    assert "XOR bit" in printed
    assert "rate_floor" in printed
    assert "..." not in printed


@pytest.mark.parametrize("line", re.findall(r"python -m elman ([^#\n]+)", README))
def test_every_command_line_runs(line, tmp_path, monkeypatch):
    """Each is run with few epochs added; that changes no flag it shows."""
    monkeypatch.chdir(tmp_path)
    short = ["--epochs", "2", "--length", "60"]
    command, *rest = shlex.split(line)
    if command == "show":
        assert printed("xor", *short, "--save", rest[0])
        short = []
    if command == "lesson":
        rest, short = [str(ROOT / rest[0])], []
    assert printed(command, *rest, *short)


@pytest.mark.parametrize("document", sorted(path.name for path in ROOT.glob("*.md")))
def test_what_a_document_links_to_exists(document):
    for target in re.findall(r"\]\(([^)]*)\)", (ROOT / document).read_text(encoding="utf-8")):
        assert target.startswith("https://") or (ROOT / target).is_file(), target
