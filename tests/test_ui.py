"""Behind the pages: jobs that train in threads, and the limits of a shared machine."""

import threading
from dataclasses import asdict

import numpy as np
import pytest
from visitor import wait_until

from elman import Experiment, run
from elman.ui import jobs
from elman.ui.jobs import JobBoard, TooManyJobs
from elman.ui.limits import Limits
from elman.ui.runs import spell_seconds

# Minutes on any machine; every test that starts one of these stops it.
LONG = Experiment(task="letters", epochs=50_000)


def short(seed):
    return Experiment(length=30, epochs=2, seed=seed)


@pytest.fixture
def make_board():
    """Make a JobBoard whose jobs end with the test."""
    started = []

    class Board(JobBoard):
        def start(self, experiment):
            started.append(super().start(experiment))
            return started[-1]

    yield Board
    for job in started:
        job.stop()
    for job in started:
        wait_until(lambda job=job: not job.alive)


def test_a_job_gives_the_run_that_the_library_gives(make_board):
    experiment = Experiment(length=300, epochs=20, seed=3)
    job = make_board(at_once=1, kept=3).start(experiment)
    result, own = job.result(), run(experiment)
    assert (result.status, result.experiment) == ("finished", experiment)
    np.testing.assert_array_equal(result.losses, own.losses)
    for name, weights in own.final.items():
        np.testing.assert_array_equal(result.final[name], weights)
    assert not job.alive
    assert job.share == 1.0
    np.testing.assert_array_equal(job.losses, own.losses)


def test_a_job_tells_how_far_it_is_and_stop_keeps_what_was_learned(make_board):
    job = make_board(at_once=1, kept=3).start(LONG)
    wait_until(lambda: len(job.losses) >= 3)
    assert job.alive
    assert 0.0 < job.share < 1.0
    assert job.seconds_left > 0.0
    seen = job.losses.copy()

    job.stop()
    stopped = job.result()
    assert stopped.status == "stopped"
    assert len(seen) <= stopped.epochs_done < LONG.epochs
    assert stopped.message == f"Stopped after {stopped.epochs_done} of 50000 epochs."
    np.testing.assert_array_equal(stopped.losses[: len(seen)], seen)
    whole = run(LONG.replace(epochs=stopped.epochs_done))
    np.testing.assert_array_equal(stopped.losses, whole.losses)
    for name, weights in whole.final.items():
        np.testing.assert_array_equal(stopped.final[name], weights)


def test_there_is_no_estimate_before_there_is_a_pace(make_board, monkeypatch):
    held = threading.Event()
    monkeypatch.setattr(jobs, "run", lambda *_: held.wait())
    job = make_board(at_once=1, kept=3).start(LONG)
    assert job.alive
    assert job.seconds_left is None
    assert len(job.losses) == 0
    held.set()


def test_all_who_ask_for_one_experiment_share_its_job(make_board):
    board = make_board(at_once=1, kept=3)
    together = threading.Barrier(8)
    answers = []

    def ask():
        together.wait()
        # An equal experiment, not the same object: what two visitors have.
        answers.append(board.start(Experiment(**LONG.to_dict())))

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(answers) == 8
    assert len(set(map(id, answers))) == 1
    assert board.get(LONG) is answers[0]
    assert board.get(LONG.replace(seed=1)) is None


def test_a_full_board_refuses_until_a_job_ends(make_board):
    board = make_board(at_once=2, kept=5)
    first, second = board.start(LONG), board.start(LONG.replace(seed=1))
    third = LONG.replace(seed=2)
    with pytest.raises(TooManyJobs, match=r"^As many long runs .* allows \(2\)"):
        board.start(third)
    assert board.get(third) is None
    assert board.start(LONG) is first

    second.stop()
    wait_until(lambda: not second.alive)
    assert board.start(third).alive


def test_a_stopped_or_finished_job_can_be_started_again(make_board):
    board = make_board(at_once=1, kept=3)
    first = board.start(LONG)
    first.stop()
    wait_until(lambda: not first.alive)
    assert board.get(LONG) is first
    again = board.start(LONG)
    assert again is not first
    assert again.alive
    assert board.get(LONG) is again


def test_only_the_latest_finished_jobs_are_kept_and_running_ones_always(make_board):
    board = make_board(at_once=2, kept=3)
    running = board.start(LONG)
    for seed in range(10):
        board.start(short(seed)).result()
    remembered = [seed for seed in range(10) if board.get(short(seed)) is not None]
    assert remembered == [7, 8, 9]
    assert board.get(LONG) is running


def test_a_failing_run_ends_its_job_and_says_why(make_board, monkeypatch):
    def fail(*_):
        raise MemoryError("no room for the sequence")

    board = make_board(at_once=1, kept=3)
    monkeypatch.setattr(jobs, "run", fail)
    job = board.start(LONG)
    with pytest.raises(MemoryError, match="no room for the sequence"):
        job.result()
    assert not job.alive
    monkeypatch.undo()
    assert board.start(short(0)).result().status == "finished"


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
@pytest.mark.parametrize("text", ["", "many", "0", "-1", "nan", "1,5"])
def test_a_bad_limit_names_its_variable(bare_environment, variable, text):
    bare_environment.setenv(variable, text)
    allowed = LIMITS[variable][-1]
    with pytest.raises(ValueError, match=f"^{variable}: allowed is {allowed}; '{text}' was given"):
        Limits.from_environment()


def test_a_limit_that_counts_takes_no_fraction(bare_environment):
    bare_environment.setenv("ELMAN_MAX_JOBS", "1.5")
    with pytest.raises(ValueError, match=r"^ELMAN_MAX_JOBS: .*whole number; '1.5' was given"):
        Limits.from_environment()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "about a second"),
        (2, "about 2 seconds"),
        (89, "about 89 seconds"),
        (90, "about 2 minutes"),
        (3600, "about 60 minutes"),
        (7200, "about 2 hours"),
        (86400, "about 24 hours"),
        (43_798_560, "about 507 days"),
    ],
)
def test_durations_are_told_in_a_fitting_unit(seconds, words):
    assert spell_seconds(seconds) == words
