"""Behind the pages: jobs that are done in threads, and the limits of a shared machine."""

import threading
from dataclasses import asdict
from functools import partial

import numpy as np
import pytest
from visitor import wait_until

from elman import Experiment, run
from elman.ui.jobs import JobBoard, TooManyJobs, Work, spell_seconds
from elman.ui.limits import Limits

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
        def start(self, experiment, do=run):
            started.append(super().start(training(experiment, do)))
            return started[-1]

        def get(self, experiment):
            return super().get(("", experiment))

    yield Board
    for job in started:
        job.stop()
    for job in started:
        wait_until(lambda job=job: not job.alive)


def assert_same(ours, theirs):
    np.testing.assert_array_equal(ours.losses, theirs.losses)
    for name, weights in theirs.final.items():
        np.testing.assert_array_equal(ours.final[name], weights)


def test_a_job_gives_what_the_library_gives_and_tells_how_far_it_is(make_board):
    experiment = Experiment(length=300, epochs=20, seed=3)
    job = make_board(at_once=1, kept=3).start(experiment)
    result = job.result()
    assert (result.status, result.experiment) == ("finished", experiment)
    assert_same(result, run(experiment))
    assert (job.alive, job.share) == (False, 1.0)
    np.testing.assert_array_equal(job.so_far, result.losses)


def test_stop_keeps_what_was_learned(make_board):
    job = make_board(at_once=1, kept=3).start(LONG)
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
    assert_same(stopped, run(LONG.replace(epochs=stopped.epochs_done)))


def test_before_there_is_a_pace_nothing_is_said_of_the_time_left(make_board):
    held = threading.Event()
    job = make_board(at_once=1, kept=3).start(LONG, lambda *_: held.wait())
    assert job.alive
    assert job.seconds_left is None
    assert len(job.so_far) == 0
    held.set()


def together(ask, askers=8):
    """What so many threads get that ask at the same time."""
    ready, answers = threading.Barrier(askers), []

    def wait_and_ask():
        ready.wait()
        answers.append(ask())

    threads = [threading.Thread(target=wait_and_ask) for _ in range(askers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == askers
    return answers


def test_all_who_ask_for_one_experiment_share_its_job(make_board):
    board = make_board(at_once=1, kept=3)
    # An equal experiment, not the same object: what two visitors have.
    (job,) = set(together(lambda: board.start(Experiment(**LONG.to_dict()))))
    assert board.get(LONG) is job
    assert board.get(OTHER) is None


def test_short_work_is_done_once_by_whoever_comes_first(make_board):
    board, calls = make_board(at_once=1, kept=3), []
    work = training(LONG, lambda *_: calls.append(threading.current_thread()) or "done")
    (job,) = set(together(lambda: board.do_here(work)))
    assert job.result() == "done"
    assert len(calls) == 1
    assert board.get(LONG) is None, "it is no job for the others to wait for"


def test_short_work_that_fails_is_tried_again_by_who_asks_next(make_board):
    board, answers = make_board(at_once=1, kept=3), iter([OSError("disk full"), "done"])

    def do(*_):
        if isinstance(answer := next(answers), OSError):
            raise answer
        return answer

    with pytest.raises(OSError, match="disk full"):
        board.do_here(training(LONG, do)).result()
    assert board.do_here(training(LONG, do)).result() == "done"


def test_a_prediction_is_made_once_for_each_request(make_board):
    board, calls = make_board(at_once=1, kept=3), []

    def measure(*request):
        calls.append(request)
        return 2.0

    for request in ((LONG,), (LONG,), (OTHER,), (LONG, 5), (OTHER,)):
        assert board.timed(measure, *request) == 2.0
    assert calls == [(LONG,), (OTHER,), (LONG, 5)]


def test_a_full_board_refuses_until_a_job_ends_and_a_stopped_one_starts_again(make_board):
    board = make_board(at_once=2, kept=5)
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
    board = make_board(at_once=2, kept=3)
    running = board.start(LONG)
    short = [Experiment(length=30, epochs=2, seed=seed) for seed in range(10)]
    for experiment in short:
        board.start(experiment).result()
    assert [board.get(experiment) is not None for experiment in short] == [False] * 7 + [True] * 3
    assert board.get(LONG) is running


def test_a_failing_job_ends_and_says_why(make_board):
    def fail(*_):
        raise MemoryError("no room for the sequence")

    board = make_board(at_once=1, kept=3)
    job = board.start(LONG, fail)
    with pytest.raises(MemoryError, match="no room for the sequence"):
        job.result()
    assert not job.alive
    assert board.start(LONG, lambda *_: "done").result() == "done"


LIMITS = {
    "ELMAN_MAX_RUN_SECONDS": ("max_run_seconds", "2.5", 2.5, "a positive number"),
    "ELMAN_MAX_JOBS": ("max_jobs", "3", 3, "a positive whole number"),
    "ELMAN_KEPT_RUNS": ("kept_runs", "7", 7, "a positive whole number"),
    "ELMAN_INSTANT_SECONDS": ("instant_seconds", "0.5", 0.5, "a positive number"),
}


@pytest.fixture
def bare_environment(monkeypatch):
    for variable in LIMITS:
        monkeypatch.delenv(variable, raising=False)
    return monkeypatch


def test_limits_have_defaults_and_every_one_can_be_set(bare_environment):
    assert Limits.from_environment() == Limits()
    assert {field for field, *_ in LIMITS.values()} == set(asdict(Limits()))
    for variable, (field, text, value, _) in LIMITS.items():
        bare_environment.setenv(variable, text)
        limits = asdict(Limits.from_environment())
        assert limits == asdict(Limits()) | {field: value}
        assert type(limits[field]) is type(value)
        bare_environment.delenv(variable)


@pytest.mark.parametrize("variable", LIMITS)
def test_a_bad_limit_names_its_variable(bare_environment, variable):
    allowed = LIMITS[variable][-1]
    fractions = ["1.5"] if "whole" in allowed else []
    for text in ["", "many", "0", "-1", "nan", "1,5", *fractions]:
        bare_environment.setenv(variable, text)
        with pytest.raises(ValueError, match=f"^{variable}: allowed is {allowed}; '{text}' was "):
            Limits.from_environment()


def test_durations_are_told_in_a_fitting_unit():
    assert [spell_seconds(s) for s in (0.2, 2, 89, 90, 3600, 7200, 86400, 43_798_560)] == [
        f"about {words}"
        for words in (
            "a second", "2 seconds", "89 seconds", "2 minutes", "60 minutes", "2 hours",
            "24 hours", "507 days",
        )
    ]  # fmt: skip
