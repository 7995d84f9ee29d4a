"""The memory that an experiment takes is known before anything of it is made."""

import math

import pytest

from elman import Experiment, run, saving
from elman.tasks import TASKS, cache, sequence_bytes, training_sequence
from elman.training import check_bytes, loop, sizes
from elman.ui.store import size_of

MB = 2**20
WIDE = Experiment(hidden=500, length=4, epochs=100, momentum=0.5, depth=2)
LONG = Experiment(task="sentences", length=1_000_000)
TEXT = "".join(map(chr, range(0x4E00, 0x4E00 + 100))) * 200
LARGEST = Experiment(task="own", text=TEXT, hidden=500, length=4, epochs=3, momentum=0.5, depth=100)


@pytest.mark.parametrize("task", TASKS)
def test_the_size_of_a_sequence_is_known_without_making_it(task):
    for options in ({}, {"text": "to be or not to be"} if task == "own" else {"length": 999}):
        experiment = Experiment(task=task, **options)
        made = training_sequence(experiment)
        unknown = 0 if made.has_rule else made.ideal.nbytes + made.rate_floor.nbytes
        assert cache.size(made) <= sequence_bytes(experiment) <= 1.5 * cache.size(made) + unknown


def test_the_size_of_a_run_is_known_without_training_it():
    for changes in ({}, {"momentum": 0.9}, {"depth": 7}, {"hidden": 500, "length": 30}):
        experiment = Experiment(**{"task": "letters", "length": 300, "epochs": 99} | changes)
        trained = run(experiment)
        assert saving.size(trained) == pytest.approx(sizes.run_bytes(experiment), rel=0.02)
        assert size_of(trained) <= 1.2 * sizes.needed_bytes(experiment)


@pytest.mark.parametrize("experiment", [WIDE, LARGEST])
def test_wide_networks_are_kept_at_fewer_epochs_of_the_same_row(experiment):
    kept = sizes.snapshot_epochs(experiment).tolist()
    assert (kept[0], kept[-1]) == (0, experiment.epochs)
    assert 3 <= len(kept) < 64
    assert {*kept} <= {*sizes.snapshot_epochs(experiment.replace(hidden=1)).tolist()}
    # The app opens the file of any run.
    assert sizes.run_bytes(experiment) < 20 * MB - 10_000


REFUSED = [
    (LONG, 128 * MB, "length: allowed is a whole number from 4 to .* 128 MB of memory; 1"),
    (WIDE, 4 * MB, "hidden: allowed is a whole number from 1 to .* 4 MB of memory; 500"),
    (WIDE, 300, "max_bytes: allowed is at least .* for this experiment; 300 was"),
]


@pytest.mark.parametrize(("experiment", "most", "words"), REFUSED)
def test_what_needs_too_much_is_refused_before_it_is_made(monkeypatch, experiment, most, words):
    monkeypatch.setattr(loop, "training_sequence", None)
    with pytest.raises(ValueError, match=words) as refused:
        run(experiment, max_bytes=most)
    name, _, rest = str(refused.value).partition(":")
    if name != "max_bytes":
        largest = int(rest.split(" to ")[1].split(", with")[0].replace(",", ""))
        check_bytes(experiment.replace(**{name: largest}), most)
        with pytest.raises(ValueError, match=name):
            check_bytes(experiment.replace(**{name: largest + 1}), most)
    check_bytes(experiment, math.inf)
