"""Runs that are too long to start by themselves, and machines that cannot run them quickly."""

import threading
import warnings

import pytest
import streamlit as st
from visitor import ROOT, SHORT, act, choose, go, notes, press, shown, visit, wait_until

from elman import Experiment, run, training
from elman.training import kernels, trainers
from elman.ui import jobs

# Minutes on any machine; every test that starts one of these stops it.
LONG = {"task": "letters", "epochs": "50000"}


@pytest.fixture
def started():
    """The jobs that were started on the server, in turn."""
    return []


@pytest.fixture
def server(monkeypatch, started):
    """A server that has just started, as far as its visitors can tell; its jobs end with it."""

    class Job(jobs.Job):
        def __init__(self, experiment, work=None):
            started.append(self)
            super().__init__(experiment, work)

    monkeypatch.setattr(jobs, "Job", Job)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield monkeypatch
    for job in started:
        job.stop()
    for job in started:
        wait_until(lambda job=job: not job.alive)
    # The next server has the usual limits again.
    st.cache_resource.clear()
    st.cache_data.clear()


def labels(visitor):
    return [button.label for button in visitor.button]


def texts(visitor, kind):
    return "\n".join(element.value for element in visitor.get(kind))


def test_a_long_run_waits_for_train_and_tells_how_long_it_will_take(server):
    server.setenv("ELMAN_MAX_RUN_SECONDS", "1e9")
    visitor = visit(**LONG)
    assert "Train" in labels(visitor)
    assert "Stop" not in labels(visitor)
    predicted = training.predicted_seconds(shown(visitor))
    assert predicted > 10
    (words,) = [text.value for text in visitor.markdown if "This run takes" in text.value]
    assert ("seconds" in words) or ("minutes" in words) or ("hours" in words)
    assert not visitor.metric
    # What is known without training is there: the sequence.
    assert visitor.get("vega_lite_chart")


def test_train_shows_progress_and_stop_shows_what_was_learned(server, started):
    server.setenv("ELMAN_MAX_RUN_SECONDS", "1e9")
    visitor = press(visit(**LONG), "Train")
    assert "Train" not in labels(visitor)
    (progress,) = visitor.progress
    assert "of 50000" in progress.text
    assert 0 <= progress.value < 100

    # The job goes on while the reader looks elsewhere.
    go(visitor, "about")
    go(visitor, "errors")
    assert "Stop" in labels(visitor)
    watched = visit(**LONG)
    assert "Stop" in labels(watched), "another visitor of the same run watches the same job"

    def some_epochs():
        return int(act(visitor).progress[0].text.split()[1]) >= 2

    wait_until(some_epochs)
    (job,) = started
    visitor.get_by_key("stop").click()
    wait_until(lambda: not act(visitor).progress)
    stopped = job.result()
    assert stopped.message in texts(visitor, "info")
    assert visitor.dataframe

    go(visitor, "train")
    assert visitor.metric[0].value == f"{stopped.final_loss:.4f}"
    assert visitor.get_by_key("epoch").value == stopped.epochs_done
    same = run(shown(visitor).replace(epochs=stopped.epochs_done))
    assert stopped.final_loss == same.final_loss

    press(visitor, "Train again")
    assert "Stop" in labels(visitor)


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
    server.setenv("ELMAN_MAX_RUN_SECONDS", "1e9")
    server.setenv("ELMAN_MAX_JOBS", "1")
    first = press(visit(**LONG), "Train")
    second = press(visit(**LONG, seed="1"), "Train")
    assert "(1)" in notes(second)
    assert "Wait until" in notes(second)
    assert "Train" in labels(second)
    # Said once, when it was asked for.
    assert notes(act(second)) == ""

    first.get_by_key("stop").click()
    wait_until(lambda: not act(first).progress)
    press(second, "Train")
    assert "Stop" in labels(second)


def test_no_page_ends_by_st_stop():
    """It drops what is pressed while the script still runs; in a browser that was Stop."""
    sources = [*(ROOT / "pages").glob("*.py"), *(ROOT / "elman/ui").rglob("*.py")]
    assert len(sources) > 5
    assert [path.name for path in sources if "st.stop()" in path.read_text()] == []


def test_a_run_that_finishes_shows_as_any_other(server):
    server.setenv("ELMAN_INSTANT_SECONDS", "1e-9")
    visitor = press(visit(**SHORT), "Train")
    wait_until(lambda: not act(visitor).progress)
    own = run(Experiment(epochs=5, length=300))
    assert visitor.metric[0].value == f"{own.final_loss:.4f}"
    assert not visitor.info
    assert not visitor.error


def fail(*_, **__):
    raise MemoryError("no room for the sequence")


def test_a_short_run_that_fails_says_why(server):
    visitor = visit(**SHORT)
    server.setattr(training, "run", fail)
    choose(visitor, "seed", 1)
    (error,) = visitor.error
    assert "no room for the sequence" in error.value
    assert not visitor.metric


def test_a_long_run_that_fails_says_why(server):
    server.setenv("ELMAN_MAX_RUN_SECONDS", "1e9")
    visitor = visit(**LONG)
    server.setattr(jobs, "run", fail)
    press(visitor, "Train")
    wait_until(lambda: bool(act(visitor).error))
    (error,) = visitor.error
    assert "no room for the sequence" in error.value
    assert "Traceback" not in error.value


def test_a_job_that_has_no_epoch_yet_can_be_watched_and_stopped(server):
    server.setenv("ELMAN_MAX_RUN_SECONDS", "1e9")
    held = threading.Event()

    def slow(experiment, on_progress, should_stop):
        held.wait()
        return run(experiment, should_stop=lambda: True)

    server.setattr(jobs, "run", slow)
    visitor = press(visit(**LONG), "Train")
    assert visitor.progress[0].value == 0
    visitor.get_by_key("stop").click()
    act(visitor)
    held.set()
    wait_until(lambda: not act(visitor).progress)
    assert "Stopped after" in texts(visitor, "info")


@pytest.fixture
def without_numba(server):
    server.setattr(kernels, "numba", None)
    trainers.compiled_available.cache_clear()
    yield server
    trainers.compiled_available.cache_clear()


def test_without_numba_the_app_runs_and_says_so_once(without_numba):
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
