"""What a link asks of a server's memory: refused before it is made, or let go again."""

import gc

import pytest
from same import saved
from test_keep import ASKED, claimed, open_file, opened_menu
from visitor import (
    EXPERIMENT_PAGES,
    RUN_PAGES,
    SHORT,
    act,
    alternatives,
    choose,
    loss,
    press,
    refusal,
    shown,
    visit,
    words,
)

from elman import Experiment, run, tasks
from elman.analysis import replay
from elman.analysis.step import TrainingPass
from elman.training import Run
from elman.ui import fields, freeing, server

LENGTH = "Sequence length: allowed is a whole number from 4 to "


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
    varied = {"c_field": fields.label("length"), "c_length": "300, 1000000", "c_seeds": "1"}
    visitor = visit("compare", **varied, task="sentences", epochs="1", hidden="3")
    assert refusal(visitor).startswith(LENGTH)


def test_a_pinned_run_that_had_to_go_is_made_again_by_its_settings():
    visitor = press(visit(**SHORT, hidden="3"), "Pin this run")
    loss_of_pinned = run(shown(visitor)).final_loss
    server.store().clear()
    told = " ".join(alternatives(choose(visitor, "hidden", 5)))
    assert f"Pinned 1, hidden 3: ends at {loss_of_pinned:.4f}" in told


def test_an_opened_run_that_had_to_go_is_told_and_trained_by_its_settings():
    visitor = open_file(opened_menu(hidden="9"), saved(claimed(ASKED)))
    assert loss(visitor) == "0.1234"
    server.store().clear()
    act(visitor)
    assert "The run of the saved file `mine.npz` had to make room" in words(visitor)
    assert shown(visitor) == ASKED
    assert loss(visitor) == f"{run(ASKED).final_loss:.4f}"
    assert "saved file" not in words(press(visitor, "Close"))


@pytest.mark.parametrize("page", EXPERIMENT_PAGES)
def test_a_tab_that_stays_open_keeps_no_run(page, monkeypatch):
    # So that all there is can be looked at.
    monkeypatch.setattr(freeing, "collect_now_and_then", lambda: None)
    tab = visit(page, **SHORT, hidden="3", seed="77", pin="seed~78")
    tab.session_state["keep_open"] = True
    act(tab)
    assert page not in RUN_PAGES or any(type(held) is Run for held in gc.get_objects())
    server.store().clear()
    gc.collect()
    kinds = {Run, replay.Answers, replay.Tested, TrainingPass}
    held = [one for one in gc.get_objects() if type(one) in kinds]
    assert [one for one in held if type(one) is not Run or one.experiment.seed in (77, 78)] == []
