"""Runs that are too long to start by themselves, and machines that cannot run them quickly."""

import threading
import warnings

import pytest
import streamlit as st
from visitor import (
    ROOT,
    SHORT,
    act,
    choose,
    go,
    labels,
    look_until,
    notes,
    press,
    shown,
    visit,
    wait_until,
)  # fmt: skip

from elman import Experiment, run, training
from elman.training import compiling, trainers
from elman.ui import jobs

# Minutes on any machine; every test that starts one of these stops it.
LONG = {"task": "letters", "epochs": "50000"}


@pytest.fixture
def started():
    """The jobs that were started on the server, in turn."""
    return []


@pytest.fixture
def server(monkeypatch, started):
    """A server that has just started and allows runs of any length; its jobs end with it."""

    class Job(jobs.Job):
        def start(self):
            started.append(self)
            super().start()

    monkeypatch.setattr(jobs, "Job", Job)
    monkeypatch.setenv("ELMAN_MAX_RUN_SECONDS", "1e9")
    monkeypatch.setenv("ELMAN_INSTANT_SECONDS", "1.5")
    forget = (st.cache_resource.clear, st.cache_data.clear)
    [clear() for clear in forget]
    yield monkeypatch
    [job.stop() for job in started]
    wait_until(lambda: not any(job.alive for job in started))
    # The next server has the usual limits again.
    [clear() for clear in forget]


def texts(visitor, kind):
    return "\n".join(element.value for element in visitor.get(kind))


def ended(visitor):
    """The visitor when nothing is under way any more."""
    return look_until(visitor, lambda page: not page.progress)


def test_a_long_run_waits_for_train_and_tells_how_long_it_will_take(server):
    visitor = visit(**LONG)
    assert "Train" in labels(visitor)
    assert "Stop" not in labels(visitor)
    (words,) = [text.value for text in visitor.markdown if "This run takes" in text.value]
    assert any(unit in words for unit in ("seconds", "minutes", "hours"))
    assert not visitor.metric
    # What is known without training is there: the sequence.
    assert visitor.get("vega_lite_chart")


def test_train_shows_progress_and_stop_shows_what_was_learned(server, started):
    visitor = press(visit(**LONG), "Train")
    assert "Train" not in labels(visitor)
    (progress,) = visitor.progress
    assert "of 50000" in progress.text
    assert 0 <= progress.value < 100

    # The job goes on while the reader looks elsewhere.
    go(go(visitor, "about"), "errors")
    assert "Stop" in labels(visitor)
    assert "Stop" in labels(visit(**LONG)), "another visitor of the same run watches the same job"
    look_until(visitor, lambda page: int(page.progress[0].text.split()[1]) >= 2)
    (job,) = started
    visitor.get_by_key("stop").click()
    ended(visitor)
    stopped = job.result()
    assert stopped.message in texts(visitor, "info")
    assert visitor.dataframe

    go(visitor, "train")
    assert visitor.metric[0].value == f"{stopped.final_loss:.4f}"
    assert visitor.get_by_key("epoch").value == stopped.epochs_done
    same = run(shown(visitor).replace(epochs=stopped.epochs_done))
    assert stopped.final_loss == same.final_loss
    assert "Stop" in labels(press(visitor, "Train again"))


def test_a_run_beyond_the_limit_is_refused_with_what_to_change(server):
    server.setenv("ELMAN_MAX_RUN_SECONDS", "2")
    visitor = visit(**LONG)
    (error,) = visitor.error
    assert "this server allows" in error.value
    assert "Fewer epochs" in error.value
    assert "Train" not in labels(visitor)
    choose(visitor, "epochs", 5)
    assert not visitor.error
    assert visitor.metric


def test_a_server_that_is_busy_says_so_and_takes_the_run_later(server):
    server.setenv("ELMAN_MAX_JOBS", "1")
    first = press(visit(**LONG), "Train")
    second = press(visit(**LONG, seed="1"), "Train")
    assert "(1)" in notes(second)
    assert "Wait until" in notes(second)
    assert "Train" in labels(second)
    assert notes(act(second)) == "", "said once, when it was asked for"
    first.get_by_key("stop").click()
    ended(first)
    assert "Stop" in labels(press(second, "Train"))


def test_no_page_ends_by_st_stop():
    """It drops what is pressed while the script still runs; in a browser that was Stop."""
    sources = [*(ROOT / "pages").glob("*.py"), *(ROOT / "elman/ui").rglob("*.py")]
    assert len(sources) > 5
    assert [path.name for path in sources if "st.stop()" in path.read_text()] == []


def test_a_run_that_finishes_shows_as_any_other(server):
    server.setenv("ELMAN_INSTANT_SECONDS", "1e-9")
    visitor = ended(press(visit(**SHORT), "Train"))
    own = run(Experiment(epochs=5, length=300))
    assert visitor.metric[0].value == f"{own.final_loss:.4f}"
    assert not visitor.info
    assert not visitor.error


@pytest.mark.parametrize("link", [SHORT, LONG])
def test_a_run_that_fails_says_why(server, link):
    def fail(*_, **__):
        raise MemoryError("no room for the sequence")

    visitor = visit(**link)
    server.setattr(training, "run", fail)
    choose(visitor, "seed", 1)
    if link is LONG:
        look_until(press(visitor, "Train"), lambda page: page.error)
    (error,) = visitor.error
    assert error.value == "Training failed: no room for the sequence. Try other settings."
    assert not visitor.metric


def test_a_job_that_has_no_epoch_yet_can_be_watched_and_stopped(server):
    held = threading.Event()

    def slow(experiment, on_progress, should_stop):
        held.wait()
        return run(experiment, should_stop=lambda: True)

    visitor = visit(**LONG)
    server.setattr(training, "run", slow)
    visitor = press(act(visitor), "Train")
    assert visitor.progress[0].value == 0
    visitor.get_by_key("stop").click()
    act(visitor)
    held.set()
    assert "Stopped after" in texts(ended(visitor), "info")


@pytest.fixture
def without_numba(server):
    server.setattr(compiling, "installed", lambda: False)
    # The reference is slow, and the slower the busier the machine is.
    server.setenv("ELMAN_INSTANT_SECONDS", "600")
    trainers.compiled_available.cache_clear()
    yield
    trainers.compiled_available.cache_clear()


@pytest.mark.usefixtures("without_numba")
def test_without_numba_the_app_runs_and_says_so_once():
    tiny = {"epochs": "3", "length": "60"}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        visitor = visit(**tiny)
        go(visitor, "errors")
        visit(**tiny, seed="1")
    said = [str(warning.message) for warning in caught if "Numba" in str(warning.message)]
    assert len(said) == 1
    assert texts(go(visitor, "train"), "caption").count("Numba is not installed") == 1
    reference = run(shown(visitor), compiled=False)
    assert visitor.metric[0].value == f"{reference.final_loss:.4f}"
