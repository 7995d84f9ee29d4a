"""The file of a student's progress: what goes in comes out, and a bad one is explained."""

import contextlib
import json
import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_labs import measured

from elman.labs import LABS, Choice, Evidence
from elman.labs.progress import MAX_BYTES, Entry, done, from_json, merged, to_json

finite = st.floats(-1e6, 1e6)


@st.composite
def entries(draw, lab):
    if isinstance(lab.prediction, Choice):
        predictions = st.sampled_from(list(lab.prediction.options))
    else:
        quantity, count = lab.prediction.quantity, len(lab.prediction.rows)
        predictions = st.tuples(*[st.floats(quantity.low, quantity.high)] * count)
    evidence, studied = None, lab.experiment
    if draw(st.booleans()):
        if studied is not None:
            seed, momentum = draw(st.integers(0, 2**32 - 1)), draw(st.floats(0, 0.999))
            activation = draw(st.sampled_from(["sigmoid", "tanh", "relu"]))
            changed = studied.replace(seed=seed, momentum=momentum, activation=activation)
            studied = lab.studied(changed)
        numbers = st.tuples(*[finite | st.just(math.nan)] * draw(st.integers(1, 4)))
        evidence = Evidence(
            studied, {name: {v: draw(numbers) for v in lab.values} for name in lab.conditions}
        )
    return Entry(draw(st.none() | predictions), draw(st.booleans()), evidence)


@st.composite
def progresses(draw):
    names = draw(st.lists(st.sampled_from(list(LABS)), unique=True, max_size=3))
    return {name: draw(entries(LABS[name])) for name in names}


def same(a, b):
    """Equal, where not-a-number equals itself."""
    assert [e.prediction for e in a.values()] == [b[name].prediction for name in a]
    np.testing.assert_equal(*({name: asdict(entry) for name, entry in p.items()} for p in (a, b)))


@given(progresses())
def test_what_is_written_is_read(progress):
    same(from_json(to_json(progress)), progress)
    same(from_json(to_json(progress).encode()), progress)


@given(progresses(), progresses())
def test_restoring_never_loses_a_lab_that_is_done(mine, other):
    both = merged(mine, other)
    assert {name for name in both if both[name].done} == {
        name for progress in (mine, other) for name in progress if progress[name].done
    }
    assert done(both) >= max(done(mine), done(other))
    same(merged(mine, {}), mine)
    same(merged({}, other), other)


def test_a_lab_is_done_when_its_result_could_be_seen():
    found = measured(LABS["no-memory"], (0.5,))
    for entry in (Entry(), Entry(prediction=(0.5,)), Entry(evidence=found)):
        assert not entry.done
    assert Entry(prediction=(0.5,), evidence=found).done
    assert Entry(skipped=True, evidence=found).done


def complete():
    """A good file with one lab, as an object that can be spoiled."""
    entry = Entry((0.5,), False, measured(LABS["no-memory"], (0.5, 0.4)))
    return json.loads(to_json({"no-memory": entry}))


def certain(numbers):
    return lambda file, entry: entry["results"]["no memory"].update(certain=numbers)


BAD = [
    (lambda file, entry: file.pop("format"), "format: allowed is 'elman labs'; None was given"),
    (lambda file, entry: file.update(version=2), "version: allowed is 1; 2 was given"),
    (lambda file, entry: file.update(labs=[]), r"labs: allowed is an object with names; \[\] was"),
    (lambda file, entry: file["labs"].update(x={}), "labs: allowed are passes, .*; 'x' was given"),
    (lambda file, entry: file["labs"].update({"no-memory": 3}), "no-memory, entry: .* 3 was"),
    (lambda file, entry: entry.update(skipped=1), "no-memory, skipped: .* true or false; 1 was"),
    (lambda file, entry: entry.update(prediction="half"), "no-memory, prediction: .*'half' was"),
    (lambda file, entry: entry.update(prediction=[7]), r"no-memory, prediction: .*\[7\] was"),
    (lambda file, entry: entry.pop("experiment"), "no-memory, experiment: .* None was given"),
    (lambda file, entry: entry["experiment"].update(hidden=0), "no-memory, hidden: .* 0 was"),
    (lambda file, entry: entry["experiment"].update(layers=2), "there is no field 'layers'"),
    (lambda file, entry: entry.update(experiment={"task": "letters"}),
     "no-memory, task: allowed is xor in this lab; 'letters' was given"),
    (lambda file, entry: entry.update(results=[]), "no-memory, results: allowed are|allowed is"),
    (lambda file, entry: entry["results"].pop("no memory"), "allowed are exactly the names"),
    (lambda file, entry: entry["results"]["no memory"].update(x=[1]), "allowed are exactly the"),
    (certain([0.5]), "no-memory, results: allowed are equally many numbers"),
    *[(certain(bad), "no-memory, certain: allowed is a list of 1 to 200 numbers or null") for bad in
      ([], ["0.5", 1], [True, 1], 0.5, None, [0.5] * 201, [1e300, 1], [10**400, 1])],
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), BAD)
def test_what_is_wrong_with_a_file_is_named(change, message):
    from_json(json.dumps(file := complete()))
    change(file, file["labs"]["no-memory"])
    with pytest.raises(ValueError, match=message):
        from_json(json.dumps(file))


NO_JSON, NO_OBJECT = "file: this is not a JSON file", "file: allowed is an object with names"


@pytest.mark.parametrize(("data", "message"), [
    (b"", NO_JSON), (b"\x89PNG\r\n\x1a\n\xff", NO_JSON), ("[" * 100_000, NO_JSON),
    (json.dumps(complete())[:-20], NO_JSON), ("[]", NO_OBJECT), ("3", NO_OBJECT),
    (b" " * (MAX_BYTES + 1), "file: allowed are 500,000 bytes at most; 500,001 were given"),
])  # fmt: skip
def test_what_is_no_file_of_labs_is_refused(data, message):
    with pytest.raises(ValueError, match=message):
        from_json(data)


@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["format", "labs", "prediction", "results", "experiment", "passes"]),
        inner, max_size=3,
    ),
    max_leaves=10,
))  # fmt: skip
def test_any_object_in_place_of_a_part_is_read_or_explained(part):
    for place in ("labs", "experiment", "results", "prediction", "skipped"):
        file = complete()
        (file if place == "labs" else file["labs"]["no-memory"])[place] = part
        # Any other exception, and the test fails.
        with contextlib.suppress(ValueError):
            from_json(json.dumps(file))


def test_all_labs_together_fit_the_limit():
    numbers = (0.12345678901234567,) * 20
    progress = {name: Entry(None, True, measured(lab, numbers)) for name, lab in LABS.items()}
    assert len(to_json(progress)) < MAX_BYTES / 2
    assert done(from_json(to_json(progress))) == len(LABS)
