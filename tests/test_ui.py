"""Behind the pages: jobs that are done in threads, and the limits of a shared machine."""

import threading
from dataclasses import asdict
from functools import partial

import numpy as np
import pytest
from differences import assert_close
from same import assert_same_run
from visitor import wait_until

from elman import Experiment, run
from elman.ui.jobs import JobBoard, TooManyJobs, Work, spell_seconds
from elman.ui.limits import Limits
from elman.ui.store import Store, size_of

# Minutes on any machine; every test that starts one of these stops it.
LONG = Experiment(task="letters", epochs=50_000)
OTHER = LONG.replace(seed=1)


def training(experiment, do=run):
    return Work(experiment, "", lambda: 1.0, partial(do, experiment))


@pytest.fixture
def make_board():
    """Make a JobBoard that starts experiments and whose jobs end with the test."""
    started = []

    class Board(JobBoard):
        def __init__(self, at_once=1, store=None):
            super().__init__(at_once, store or Store(10**8))

        def start(self, experiment, do=run):
            started.append(super().start(training(experiment, do)))
            return started[-1]

        def get(self, experiment):
            return super().get(("", experiment))

    yield Board
    [job.stop() for job in started]
    wait_until(lambda: not any(job.alive for job in started))


def test_a_job_gives_what_the_library_gives_and_tells_how_far_it_is(make_board):
    experiment = Experiment(length=300, epochs=20, seed=3)
    job = make_board().start(experiment)
    result = job.result()
    assert_same_run(result, run(experiment))
    assert (job.alive, job.share) == (False, 1.0)
    np.testing.assert_array_equal(job.so_far, result.losses)


def test_stop_keeps_what_was_learned(make_board):
    job = make_board().start(LONG)
    wait_until(lambda: len(job.so_far) >= 3)
    assert job.alive
    assert 0.0 < job.share < 1.0
    assert job.seconds_left > 0.0
    seen = job.so_far.copy()
    job.stop()
    stopped = job.result()
    assert stopped.status == "stopped"
    assert len(seen) <= stopped.epochs_done < LONG.epochs
    assert stopped.message == f"Stopped after {stopped.epochs_done} of 50000 epochs."
    np.testing.assert_array_equal(stopped.losses[: len(seen)], seen)
    shorter = run(LONG.replace(epochs=stopped.epochs_done))
    np.testing.assert_array_equal(stopped.losses, shorter.losses)
    assert_close(stopped.final, shorter.final)


def together(ask, askers=8):
    """What so many threads get that ask at the same time."""
    ready, answers = threading.Barrier(askers), []

    def wait_and_ask():
        ready.wait()
        answers.append(ask())

    threads = [threading.Thread(target=wait_and_ask) for _ in range(askers)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(answers) == askers
    return answers


def test_all_who_ask_for_one_experiment_share_its_job(make_board):
    board = make_board()
    # An equal experiment, not the same object: what two visitors have.
    (job,) = set(together(lambda: board.start(Experiment(**LONG.to_dict()))))
    assert board.get(LONG) is job
    assert board.get(OTHER) is None


def test_short_work_is_done_once_by_whoever_comes_first_and_again_if_it_failed(make_board):
    board, calls = make_board(), []

    def do(*_):
        calls.append(threading.current_thread())
        if len(calls) == 1:
            raise OSError("disk full")
        return "done"

    work = training(LONG, do)
    with pytest.raises(OSError, match="disk full"):
        board.do_here(work).result()
    (job,) = set(together(lambda: board.do_here(work)))
    assert job.result() == "done"
    assert len(calls) == 2
    assert board.get(LONG) is None, "it is no job for the others to wait for"


def test_a_prediction_is_made_once_for_each_request(make_board):
    board, calls = make_board(), []

    def measure(*request):
        calls.append(request)
        return 2.0

    for request in ((LONG,), (LONG,), (OTHER,), (LONG, 5), (OTHER,)):
        assert board.timed(measure, *request) == 2.0
    assert calls == [(LONG,), (OTHER,), (LONG, 5)]


def test_a_full_board_refuses_until_a_job_ends_and_a_stopped_one_starts_again(make_board):
    board = make_board(at_once=2)
    first, second = board.start(LONG), board.start(OTHER)
    third = LONG.replace(seed=2)
    with pytest.raises(TooManyJobs, match=r"^As many long runs .* allows \(2\)"):
        board.start(third)
    assert board.get(third) is None
    assert board.start(LONG) is first
    second.stop()
    wait_until(lambda: not second.alive)
    assert board.get(OTHER) is second
    again = board.start(OTHER)
    assert again is not second
    assert board.get(OTHER) is again
    assert again.alive


def test_only_the_latest_finished_jobs_are_kept_and_running_ones_always(make_board):
    sized = Experiment(task="own", length=64, hidden=500, epochs=1)
    board = make_board(at_once=2, store=Store(3 * size_of(run(sized)) + 10**5))
    running = board.start(LONG)
    short = [sized.replace(seed=seed) for seed in range(6)]
    for experiment in short:
        board.start(experiment).result()
        wait_until(lambda experiment=experiment: board.get(experiment) is not None)
    assert [board.get(experiment) is not None for experiment in short] == [False] * 3 + [True] * 3
    assert board.get(LONG) is running


def test_a_failing_job_says_why_and_of_one_without_a_pace_no_time_is_told(make_board):
    held = threading.Event()

    def fail(*_):
        held.wait()
        raise MemoryError("no room for the sequence")

    board = make_board()
    job = board.start(LONG, fail)
    assert job.alive
    assert job.seconds_left is None
    assert len(job.so_far) == 0
    held.set()
    with pytest.raises(MemoryError, match="no room for the sequence"):
        job.result()
    assert not job.alive
    assert board.start(LONG, lambda *_: "done").result() == "done"


LIMITS = {
    "ELMAN_MAX_RUN_SECONDS": ("max_run_seconds", "2.5", 2.5, "a positive number"),
    "ELMAN_MAX_JOBS": ("max_jobs", "3", 3, "a positive whole number"),
    "ELMAN_KEPT_MB": ("kept_mb", "7", 7, "a positive whole number"),
    "ELMAN_INSTANT_SECONDS": ("instant_seconds", "0.5", 0.5, "a positive number"),
}


def test_limits_have_defaults_and_every_one_can_be_set_to_what_is_allowed(monkeypatch):
    for variable in LIMITS:
        monkeypatch.delenv(variable, raising=False)
    assert Limits.from_environment() == Limits()
    assert {field for field, *_ in LIMITS.values()} == set(asdict(Limits()))
    for variable, (field, text, value, allowed) in LIMITS.items():
        monkeypatch.setenv(variable, text)
        limits = asdict(Limits.from_environment())
        assert limits == asdict(Limits()) | {field: value}
        assert type(limits[field]) is type(value)
        for bad in ["", "many", "0", "-1", "nan", "1,5", *["1.5"] * ("whole" in allowed)]:
            monkeypatch.setenv(variable, bad)
            words = f"^{variable}: allowed is {allowed}; '{bad}' was "
            with pytest.raises(ValueError, match=words):
                Limits.from_environment()
        monkeypatch.delenv(variable)


def test_durations_are_told_in_a_fitting_unit():
    told = {
        0.2: "a second", 2: "2 seconds", 89: "89 seconds", 90: "2 minutes", 3600: "60 minutes",
        7200: "2 hours", 86400: "24 hours", 43_798_560: "507 days",
    }  # fmt: skip
    assert {seconds: spell_seconds(seconds).removeprefix("about ") for seconds in told} == told
    assert all(spell_seconds(seconds).startswith("about ") for seconds in told)
