"""What a link asks of a server's memory: refused before it is made, or let go again."""

from visitor import refusal, shown, visit

from elman import Experiment, tasks
from elman.ui import fields

LENGTH = r"length: allowed is a whole number from 4 to "


def test_a_link_to_more_than_the_server_can_hold_names_what_it_allows(monkeypatch):
    lengths = []
    real = tasks.training_sequence
    monkeypatch.setattr(tasks, "training_sequence", lambda e: lengths.append(e.length) or real(e))
    visitor = visit(task="sentences", length="1000000", epochs="1")
    said = refusal(visitor)
    assert said.startswith(LENGTH)
    assert "128 MB of memory; 1000000 was given. The last setting that works stays." in said
    assert shown(visitor) == Experiment(task="sentences")
    assert max(lengths) < 100_000


def test_so_does_a_comparison():
    varied = {"c_field": fields.label("length"), "c_length": "300, 1000000", "c_seeds": "1"}
    visitor = visit("compare", **varied, task="sentences", epochs="1", hidden="3")
    assert refusal(visitor).startswith(LENGTH)
