"""Runs that come with the package: the very ones that training gives."""

import json

import bits
import pytest

from elman import Experiment, run, saving, shipped
from elman.tasks import TASKS, preset

PRESETS = [(task, name) for task in TASKS for name in TASKS[task].presets]


@pytest.mark.parametrize(("task", "name"), PRESETS)
def test_every_preset_is_shipped_with_the_bits_that_links_mean(task, name):
    """Those that a fresh training gives, as the tests of bits say."""
    wanted = json.loads(bits.PRESETS.read_text(encoding="utf-8"))
    found = shipped.run_of(preset(task, name))
    assert found.fingerprint == wanted[f"{task} {name}"]
    assert (found.status, found.compiled) == ("finished", True)
    assert found.experiment == preset(task, name)


@pytest.mark.parametrize("content", [None, b"", b"not a run", "another"])
def test_others_have_none_nor_has_a_missing_or_damaged_file(tmp_path, monkeypatch, content):
    for other in (Experiment(seed=1), Experiment(task="own", text="abcabcabc")):
        assert shipped.run_of(other) is None
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    if content == "another":
        saving.save(run(Experiment(epochs=2, length=30)), shipped.file_of("xor", "textbook"))
    elif content is not None:
        shipped.file_of("xor", "textbook").write_bytes(content)
    assert shipped.run_of(Experiment()) is None
