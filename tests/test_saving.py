"""A run saved as one file: what comes back, and what is refused."""

import io
import json
import tracemalloc
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from differences import assert_close
from same import assert_same, loaded, saved

from elman import Experiment, run, saving
from elman.tasks import TASKS
from elman.training.trainers import Snapshot

TINY = {"length": 24, "hidden": 3, "epochs": 9}

EXPERIMENTS = [
    *(Experiment(task=task, **TINY) for task in TASKS),
    Experiment(**TINY, momentum=0.9, depth=5, reset="every", reset_every=7, context_start=0.5),
    Experiment(task="letters", **TINY, depth=3, reset="growing", activation="tanh"),
    Experiment(task="own", **TINY, text="שלום, \U0001f600 \"'\\ שלום", boundary="space"),
]


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=range(len(EXPERIMENTS)))
def test_all_of_a_run_comes_back(experiment):
    trained = run(experiment)
    again = loaded(saved(trained))
    assert_same(again, trained)
    assert saved(again) == saved(trained)


@pytest.mark.usefixtures("pass_by_pass")
def test_stopped_and_diverged_runs_come_back(tmp_path):
    asked = iter([False, False, True])
    stopped = run(Experiment(**TINY), should_stop=lambda: next(asked))
    wild = {"activation": "relu", "learning_rate": 3, "momentum": 0.99}
    diverged = run(Experiment(task="letters", hidden=20, **wild))
    assert [stopped.status, diverged.status] == ["stopped", "diverged"]
    # A file has the name that was given.
    for trained, name in ((stopped, tmp_path / "my run"), (diverged, str(tmp_path / "run.npz"))):
        saving.save(trained, name)
        again = saving.load(name)
        assert_same(again, trained)
        assert again.message == trained.message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my run", "run.npz"]


SAVED_IN_NOVEMBER = {
    "xor-momentum-depth": ("0x1.fe91db5eafa8dp-3", {"length": 60, "hidden": 3, "epochs": 30,
        "reset": "never", "momentum": 0.5, "depth": 3}),
    "reber-embedded": ("0x1.ecd629bbe8340p-4", {"task": "reber", "length": 200, "hidden": 5,
        "epochs": 5, "grammar": "embedded"}),
    "own-text": ("0x1.0f907367f1fdap-4", {"task": "own", "hidden": 4, "epochs": 20,
        "boundary": "space", "text": "to be or not to be that is the question",
        "activation": "tanh"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SAVED_IN_NOVEMBER)
def test_a_file_saved_in_november_2026_opens(name):
    loss, settings = SAVED_IN_NOVEMBER[name]
    opened = saving.load(Path(__file__).parent / "data/saved_in_november" / f"{name}.npz")
    again = run(Experiment(**settings))
    assert opened.experiment == again.experiment
    assert opened.final_loss == float.fromhex(loss)
    assert opened.epochs_done == settings["epochs"]
    if name != "own-text":  # It was cut inside a group, and whole groups are learned since.
        np.testing.assert_allclose(opened.losses, again.losses, atol=1e-9)
        assert_close(dict(opened.final), dict(again.final), rtol=1e-7, atol=1e-9)


RUN = run(Experiment(**TINY, momentum=0.5, depth=4))
CONTENT = saved(RUN)
with np.load(io.BytesIO(CONTENT), allow_pickle=False) as file:
    ARRAYS = dict(file)


def changed(**arrays):
    """The file with other arrays; None leaves one out."""
    file = io.BytesIO()
    np.savez(file, **{k: v for k, v in (ARRAYS | arrays).items() if v is not None})
    return file.getvalue()


def with_setting(**settings):
    return changed(experiment=np.array(json.dumps(RUN.experiment.to_dict() | settings)))


def spoilt(name, value):
    array = ARRAYS[name].astype(float) if isinstance(value, float) else ARRAYS[name].copy()
    array.flat[-1] = value
    return changed(**{name: array})


REFUSED = {
    "half of it": (CONTENT[: len(CONTENT) // 2], "file: allowed is a run saved as .npz; another"),
    "version": (changed(format=np.array(2)), "format: allowed is version 1; 2 was given"),
    "experiment": (changed(experiment=np.array("[1]")), "experiment: .* JSON object.*'\\[1\\]'"),
    "no JSON": (changed(experiment=np.array("{")), "experiment: .* JSON object.*'{' was given"),
    "field": (with_setting(hidden=0), "hidden: allowed is a whole number from 1 to 500; 0 was"),
    "task": (with_setting(task="chess"), "task: allowed is one of xor, .*'chess' was given"),
    "name": (with_setting(layers=2), "experiment: allowed are the settings task, .*'layers' was"),
    "seed": (with_setting(data_seed=1), "sequence: allowed is the training sequence that"),
    "longer": (with_setting(length=27), "sequence: allowed is the training sequence that"),
    "units": (with_setting(hidden=4), "weights.W_ih: allowed is an array \\(9?.*, 4, 1\\).*, 3, 1"),
    "epochs": (with_setting(epochs=8), "losses: allowed are 8 epochs of a finished run; 9 were"),
    "stopped": (changed(status=np.array("stopped")), "losses: allowed are fewer than 9 epochs"),
    "status": (changed(status=np.array("won")), "status: allowed is one of finished, .*'won' was"),
    "seconds": (changed(seconds=np.array(np.nan)), "seconds: allowed is a number from 0 up; nan"),
    "loss": (spoilt("losses", np.inf), "losses: allowed are finite numbers from 0 up; inf was"),
    "negative": (spoilt("losses", -1.0), "losses: allowed are finite numbers from 0 up; -1.0 was"),
    "weight": (spoilt("weights.W_hh", np.nan), "weights.W_hh: allowed are finite numbers; nan"),
    "velocity": (spoilt("velocity.b_o", np.inf), "velocity.b_o: allowed are finite numbers; inf"),
    "lags": (spoilt("past.lags", 9), "past.lags: allowed are whole numbers from 0 to 3; 9 was"),
    "step": (spoilt("past.step", 24), "past.step: allowed are whole numbers from 0 to 23; 24 was"),
    "epoch": (spoilt("epoch", 10), "epoch: allowed are at most 64 rising whole numbers from 0 to"),
}


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_a_saved_run_is_refused(content, words):
    with pytest.raises(ValueError, match=words):
        loaded(content)


def test_a_file_too_large_or_with_a_missing_or_turned_array_is_refused_by_its_name():
    assert {field.name for field in fields(Snapshot)} <= {name.partition(".")[0] for name in ARRAYS}
    for name, array in ARRAYS.items():
        for other, words in ((None, "nothing of this name"), (array[np.newaxis], "one of shape")):
            with pytest.raises(ValueError, match=f"^{name}: allowed is .*; {words}"):
                loaded(changed(**{name: other}))
    with pytest.raises(ValueError, match="at most 2,000 bytes, unpacked"):
        loaded(CONTENT, max_bytes=2_000)


def test_a_small_file_that_speaks_of_a_large_run_costs_nothing(monkeypatch):
    monkeypatch.setattr(saving, "training_sequence", None)
    huge = with_setting(task="sentences", length=1_000_000)
    assert len(huge) < 20_000
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"length: allowed is .* 512 MB of"):
        loaded(huge)
    # Its arrays do not fit a run that is small enough, either.
    with pytest.raises(ValueError, match=r"weights.W_ih: allowed is an array \(10, 3, 31\)"):
        loaded(huge, max_memory=10**10)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2_000_000
