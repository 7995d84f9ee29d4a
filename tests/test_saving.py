"""Files of arrays: a saved run, arrays that nobody vouches for, and what of them is refused."""

import io
import json
import struct
import tracemalloc
import zipfile
from dataclasses import fields
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from differences import assert_close
from same import assert_same, loaded, saved

from elman import Experiment, run, saving
from elman.layers.archive import Form, opened
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


def changed(arrays=ARRAYS, **changes):
    """A file of these arrays with some changed; None leaves one out."""
    file = io.BytesIO()
    np.savez(file, **{name: a for name, a in (arrays | changes).items() if a is not None})
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


FORMS = {"many": Form("f", (-1,)), "table": Form("f", (2, 3)), "count": Form("i", ()),
         "yes": Form("b", ()), "name": Form("U", ())}  # fmt: skip
KNOWN = {"many": np.arange(4.0), "table": np.arange(6.0).reshape(2, 3).T.copy().T,
         "count": np.array(7), "yes": np.array(True), "name": np.array("שלום")}  # fmt: skip
npz = partial(changed, KNOWN)


def read(content, max_bytes=10_000):
    with opened(io.BytesIO(content), "a file of this test", max_bytes) as archive:
        arrays = {name: archive.array(name, form) for name, form in FORMS.items()}
        archive.check_names(FORMS)
    return arrays


def zipped(names, *, content=b"not an array"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def with_twice():
    file = io.BytesIO(npz())
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("yes.npy", archive.read("yes.npy"))
    return file.getvalue()


def headed(header, version=1):
    """An array that has this header and nothing after it."""
    length = struct.pack("<H" if version == 1 else "<I", len(header) + 1)
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode() + b"\n"


# It speaks of more numbers than there is memory for.
PROMISE = "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000,), }".ljust(117)


class Bomb:
    """Would be called by an unpickler."""

    def __reduce__(self):
        return pytest.fail, ("something was unpickled",)


GOOD = npz()


def test_arrays_come_back_to_the_last_bit_and_no_file_raises_as_open_does(tmp_path):
    for name, array in read(npz(many=KNOWN["many"].astype(">f8"))).items():
        assert array.dtype == KNOWN[name].dtype
        np.testing.assert_array_equal(array, KNOWN[name])
    with pytest.raises(FileNotFoundError), opened(tmp_path / "none.npz", "any", 100):
        pass


KIND = r"^file: allowed is a file of this test; another kind of file, or only a part"
UNREAD = {
    "no archive": (b"not a file of arrays", KIND),
    "nothing": (b"", KIND),
    "half of it": (GOOD[: len(GOOD) // 2], KIND),
    "missing": (npz(table=None), r"^table: allowed is an array \(2, 3\) of float64 .*; nothing"),
    "turned": (npz(table=np.ones((3, 2))), r"^table: .*; one of shape \(3, 2\) and type float64 w"),
    "axes": (npz(many=np.array(1.0)), r"^many: allowed is an array \(any,\) .*; one of shape \(\)"),
    "kind": (npz(count=np.array(7.0)), r"^count: allowed is a single value \(whole\); .*float64"),
    "single": (npz(many=np.ones(3, np.float32)), "^many: .*float64 values; one of .*float32 was"),
    "objects": (npz(many=np.array([Bomb()], dtype=object)), r"^many: .* type object was given"),
    "extra": (npz(more=np.ones(3)), "^file: allowed are the arrays count, .*'more.npy' was given"),
    "no array": (zipped(FORMS), r"^many: allowed is a whole array; a damaged one was given"),
    "promise": (zipped(["many"], content=headed(PROMISE)), "^many: .* whole array; a damaged one"),
    "header": (zipped(["many"], content=headed("{'descr': (", 2)), r"^many: .* \(TokenError\)"),
    "list": (zipped(map(str, range(5000))), KIND),
    "twice": (with_twice(), "^file: .*, each once; one of them twice was given"),
    "bomb": (zipped(["many"], content=bytes(3_000_000)), "^file: .* at most 10,000 bytes.*; 3,"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "words"), UNREAD.values(), ids=UNREAD)
def test_what_does_not_fit_is_refused(content, words):
    with pytest.raises(ValueError, match=words):
        read(content)
