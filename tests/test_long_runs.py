"""Runs that take longer than a page waits for or more memory than there is, and slow machines."""

import gc
import re
import threading
import warnings

import pytest
import streamlit
from same import saved
from test_keep import ASKED, claimed, open_file, opened_menu
from visitor import EXPERIMENT_PAGES, RUN_PAGES, SHORT, visit

from elman import Experiment, run, tasks, training
from elman.analysis import replay
from elman.analysis.step import TrainingPass
from elman.training import Run, compiling
from elman.ui import fields, freeing, server

# Minutes on any machine; every test ends what it started.
LONG = {"task": "letters", "epochs": "50000"}


@pytest.fixture
def fresh(allow, monkeypatch):
    """A server that has just started, and shows everything live that is not there at once."""
    allow(live_after=0.05)
    return monkeypatch


def texts(visitor, kind):
    return "\n".join(element.value for element in visitor.get(kind))


def epoch(visitor):
    """The epoch that the progress of a run has reached."""
    return int(visitor.progress[0].text.split()[1])


def ended(visitor):
    """The visitor when nothing is under way any more."""
    return visitor.look_until(lambda page: not page.progress)


def stop(visitor):
    visitor.get_by_key("stop").click()
    return ended(visitor)


def test_a_long_run_is_shown_live_and_stop_shows_what_was_learned(fresh):
    visitor = visit(**LONG).look_until(lambda page: "left" in page.progress[0].text)
    other = visit(**LONG)
    assert "of 50000" in visitor.progress[0].text
    assert 0 <= visitor.progress[0].value < 100
    # The job goes on while the reader looks elsewhere.
    stop(visitor.go("about").go("errors").look_until(lambda page: epoch(page) >= 2))
    assert "Stopped after" in texts(visitor, "info")
    assert visitor.dataframe
    # Stop is personal: another reader's run goes on.
    before = epoch(other.run())
    other.look_until(lambda page: epoch(page) > before)
    assert not stop(other).error

    visitor.go("train")
    done = visitor.get_by_key("epoch").value
    same = run(visitor.shown.replace(epochs=done))
    assert visitor.metric[0].value == f"{same.final_loss:.4f}"
    visitor.press("Go on")
    assert epoch(visitor.look_until(lambda page: epoch(page) > done)) > done

    # What was done may have to make room; it is not begun again by itself for that.
    stop(visitor)
    streamlit.cache_resource.clear()
    assert "Stopped; nothing of it is here." in texts(visitor.run(), "info")
    assert "Go on" in visitor.labels


def test_a_run_whose_kernel_is_being_compiled_says_so(fresh):
    fresh.setattr(compiling, "ready", lambda name: False)
    visitor = visit(**LONG)
    while visitor.progress[0].text.startswith("Compiling, once on this machine"):
        visitor.run()
    assert epoch(visitor) >= 1
    stop(visitor)


@pytest.mark.usefixtures("fresh")
def test_a_change_of_a_control_ends_what_this_reader_alone_waited_for():
    def threads():
        return sum(thread.name == "job" for thread in threading.enumerate())

    visitor = visit(**LONG)
    visitor.choose("seed", 1)
    visitor.look_until(lambda page: threads() == 1)
    other = visit(**LONG, seed="1")
    visitor.choose("seed", 2)
    assert threads() == 2
    assert epoch(other.look_until(lambda page: epoch(page) >= 2)) >= 2


def test_a_run_beyond_the_limit_is_refused_with_what_to_change(allow):
    allow(max_work=1e9, live_after=600)
    visitor = visit(**LONG)
    assert "times the work that this server does for one request" in visitor.refusal
    assert "Fewer epochs" in visitor.refusal
    visitor.choose("epochs", 5)
    assert not visitor.error
    assert visitor.metric


def test_a_run_that_uses_up_its_time_shows_its_part_to_everybody(allow, hold):
    allow(max_run_seconds=0.5, live_after=600)
    hold(reports=1)
    for visitor in (visit(**LONG), visit(**LONG)):
        assert re.fullmatch(
            "Stopped after.* This server ends whatever has taken about a second.*", visitor.notes
        )
        assert visitor.metric
        assert "Go on" not in visitor.labels


def test_who_waits_in_the_queue_is_told_how_many_are_before(allow, hold):
    allow(max_jobs=1, live_after=1e-9)
    go_on = hold()
    visitors = [visit(**SHORT, seed=str(seed)) for seed in range(3)]
    told = [visitor.progress[0].text for visitor in visitors]
    assert told == [
        "Epoch 0 of 5", "Waiting: 1 other is before you", "Waiting: 2 others are before you",
    ]  # fmt: skip
    go_on()
    # Each run that finishes shows as any other.
    for seed, visitor in enumerate(visitors):
        own = run(Experiment(epochs=5, length=300, seed=seed))
        assert ended(visitor).metric[0].value == f"{own.final_loss:.4f}"
        assert not visitor.info
        assert not visitor.error


@pytest.mark.parametrize("live_after", [1e-9, 600])
def test_a_run_that_fails_says_why_and_can_be_tried_again(allow, monkeypatch, live_after):
    def fail(*_, **__):
        raise MemoryError("no room for the sequence")

    allow(live_after=live_after)
    visitor = visit(**SHORT)
    with monkeypatch.context() as patched:
        patched.setattr(training, "run", fail)
        visitor.choose("seed", 1).look_until(lambda page: page.error)
    why = "Training failed: no room for the sequence. Try other settings."
    assert visitor.refusal == why
    assert not visitor.metric
    assert visitor.press("Try again").look_until(lambda page: page.metric)


@pytest.mark.usefixtures("without_numba")
def test_without_numba_the_app_runs_and_says_so_once(allow):
    # A server whose users have been told nothing yet.
    allow()
    tiny = {"epochs": "3", "length": "60"}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        visitor = visit(**tiny)
        visitor.go("errors")
        visit(**tiny, seed="1")
    said = [str(warning.message) for warning in caught if "Numba" in str(warning.message)]
    assert len(said) == 1
    assert texts(visitor.go("train"), "caption").count("Numba is not installed") == 1
    reference = run(visitor.shown, compiled=False)
    assert visitor.metric[0].value == f"{reference.final_loss:.4f}"


LENGTH = "Sequence length: allowed is a whole number from 4 to "


def test_a_link_to_more_than_the_server_can_hold_names_what_it_allows(monkeypatch):
    lengths = []
    real = tasks.training_sequence
    monkeypatch.setattr(tasks, "training_sequence", lambda e: lengths.append(e.length) or real(e))
    visitor = visit(task="sentences", length="1000000", epochs="1")
    said = visitor.refusal
    assert said.startswith(LENGTH)
    assert "128 MB of memory; 1000000 was given. The last setting that works stays." in said
    assert visitor.shown == Experiment(task="sentences")
    assert max(lengths) < 100_000
    varied = {"c_field": fields.label("length"), "c_length": "300, 1000000", "c_seeds": "1"}
    visitor = visit("compare", **varied, task="sentences", epochs="1", hidden="3")
    assert visitor.refusal.startswith(LENGTH)


def test_a_pinned_run_that_had_to_go_is_made_again_by_its_settings():
    visitor = visit(**SHORT, hidden="3").press("Pin this run")
    loss_of_pinned = run(visitor.shown).final_loss
    server.store().clear()
    told = " ".join(visitor.choose("hidden", 5).alternatives)
    assert f"Pinned 1, hidden 3: ends at {loss_of_pinned:.4f}" in told


def test_an_opened_run_that_had_to_go_is_told_and_trained_by_its_settings():
    visitor = open_file(opened_menu(hidden="9"), saved(claimed(ASKED)))
    assert visitor.loss == "0.1234"
    server.store().clear()
    visitor.run()
    assert "The run of the saved file `mine.npz` had to make room" in visitor.words
    assert visitor.shown == ASKED
    assert visitor.loss == f"{run(ASKED).final_loss:.4f}"
    assert "saved file" not in visitor.press("Close").words


@pytest.mark.parametrize("page", EXPERIMENT_PAGES)
def test_a_tab_that_stays_open_keeps_no_run(page, monkeypatch):
    # So that all there is can be looked at.
    monkeypatch.setattr(freeing, "collect_now_and_then", lambda: None)
    # What other tests hold.
    server.store().clear()
    gc.collect()
    earlier = held_of_runs()
    tab = visit(page, **SHORT, hidden="3", seed="77", pin="seed~78")
    tab.session_state["keep_open"] = True
    tab.run()
    assert page not in RUN_PAGES or any(type(held) is Run for held in gc.get_objects())
    server.store().clear()
    gc.collect()
    held = [one for one in held_of_runs() if not any(one is other for other in earlier)]
    assert [one for one in held if type(one) is not Run or one.experiment.seed in (77, 78)] == []


def held_of_runs():
    """All runs, and what is shown of them, that this process holds."""
    kinds = {Run, replay.Answers, replay.Tested, TrainingPass}
    return [one for one in gc.get_objects() if type(one) in kinds]
