"""Long runs that a killed server had under way are gone on with by the next one."""

import os

import pytest
from same import assert_same_run

from elman import Experiment, run, saving
from elman.training import loop
from elman.ui import unfinished
from elman.ui.unfinished import Unfinished

pytestmark = pytest.mark.usefixtures("pass_by_pass")

EXPERIMENT = Experiment(length=60, epochs=60)


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass as the test says; every epoch is handed out."""
    monkeypatch.setattr(loop, "PROGRESS_SECONDS", 0.0)
    return [0.0]


@pytest.fixture
def make(tmp_path, clock):
    """Makes what a server has that was started with this folder."""

    def start(max_bytes=10**7):
        return Unfinished(tmp_path, max_bytes, lambda: clock[0])

    return start


class Killed(BaseException):
    """The server is gone."""


def killed_after(folder, clock, epochs, seconds, experiment=EXPERIMENT):
    """Train in a server that is killed after so many epochs of so many seconds; what was done."""
    done = []

    def on_part(part):
        clock[0] += seconds
        done.append(part.epochs_done)
        if len(done) == epochs:
            raise Killed

    with pytest.raises(Killed):
        folder.train(experiment, on_part=on_part)
    return done


def begins(folder, experiment=EXPERIMENT):
    """The run to its end, and the epoch after which it was handed out first."""
    done = []
    ended = folder.train(experiment, on_part=lambda part: done.append(part.epochs_done))
    return ended, done[0]


@pytest.mark.parametrize("more", [{}, {"reset": "growing"}, {"depth": 3, "momentum": 0.5}])
def test_a_killed_server_s_run_goes_on_from_its_last_file_and_ends_alike(make, clock, more):
    experiment = EXPERIMENT.replace(**more)
    killed_after(make(), clock, 25, 2.0, experiment)
    # Saved after 10 and 20 epochs of two seconds, and after both killed servers once more.
    assert killed_after(make(), clock, 12, 2.0, experiment)[0] == 21
    ended, first = begins(make(), experiment)
    assert first == 31
    assert_same_run(ended, run(experiment))
    assert ended.fingerprint == run(experiment).fingerprint
    assert begins(make(), experiment)[1] == 1, "what is over is not kept"


def test_only_a_long_run_is_written_killed_or_stopped_and_none_that_is_too_large(
    make, clock, tmp_path, monkeypatch
):
    killed_after(make(), clock, 25, 0.1)
    killed_after(make(max_bytes=100), clock, 25, 20.0)
    make().train(EXPERIMENT, should_stop=lambda: True)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(unfinished, "SAVE_SECONDS", 0.0)
    make().train(EXPERIMENT, should_stop=lambda: True)
    assert begins(make())[1] == 2


def test_the_folder_stays_within_its_bytes_and_the_oldest_goes(make, tmp_path):
    stopped = [run(EXPERIMENT.replace(seed=k), should_stop=lambda: True) for k in range(4)]
    folder = make(max_bytes=int(2.5 * (saving.size(stopped[0]) + 6000)))
    for one in stopped:
        folder.save(one)
        for path in tmp_path.iterdir():
            os.utime(path, (path.stat().st_mtime - 10,) * 2)
    kept = [folder.load(one.experiment) is not None for one in stopped]
    assert kept == [False, False, True, True]


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_damaged_file_is_told_once_and_the_run_begins_anew(
    make, clock, tmp_path, caplog, content
):
    make().save(run(EXPERIMENT, should_stop=lambda: True))
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-200] if content is None else content)
    server = make()
    assert begins(server)[1] == 1
    assert begins(server)[1] == 1
    (record,) = caplog.records
    assert "cannot be gone on from" in record.getMessage()


def test_a_folder_that_is_gone_is_told_once_and_training_goes_on(make, clock, tmp_path, caplog):
    tmp_path.rmdir()
    trained = make().train(EXPERIMENT, on_part=lambda part: clock.__setitem__(0, clock[0] + 30))
    assert_same_run(trained, run(EXPERIMENT))
    (record,) = caplog.records
    assert "runs cannot be kept in" in record.getMessage()
