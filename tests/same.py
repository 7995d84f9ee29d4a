"""Runs, snapshots and other values compared in all their parts, and runs as saved files."""

import io
from dataclasses import fields, is_dataclass

import numpy as np

from elman import saving

# How long a run took, and by which of two equal ways, is no part of what it learned.
NOT_LEARNED = ("seconds", "compiled")


def assert_same(ours, theirs, name="value", skip=(), **tolerance):
    """Equal in every part; arrays to the last bit unless there is a tolerance."""
    assert type(ours) is type(theirs), name
    if isinstance(ours, np.ndarray):
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape), name
        if tolerance:
            np.testing.assert_allclose(ours, theirs, **tolerance, err_msg=name)
        else:
            np.testing.assert_array_equal(ours, theirs, name)
    elif isinstance(ours, dict):
        assert list(ours) == list(theirs), name
        for key in ours:
            assert_same(ours[key], theirs[key], f"{name}.{key}", skip, **tolerance)
    elif isinstance(ours, tuple):
        assert len(ours) == len(theirs), name
        for index, pair in enumerate(zip(ours, theirs, strict=True)):
            assert_same(*pair, f"{name}.{index}", skip, **tolerance)
    elif is_dataclass(ours):
        assert_same(parts(ours, skip), parts(theirs, skip), name, skip, **tolerance)
    else:
        assert ours == theirs, name


def parts(value, skip):
    return {f.name: getattr(value, f.name) for f in fields(value) if f.name not in skip}


def assert_same_run(ours, theirs, **tolerance):
    """Two trainings of one experiment, whichever way, end alike."""
    assert ours.message == theirs.message
    assert_same(ours, theirs, str(theirs.experiment), NOT_LEARNED, **tolerance)


def saved(trained):
    """The content of a run's file."""
    file = io.BytesIO()
    saving.save(trained, file)
    return file.getvalue()


def loaded(content, **limits):
    """The run in a file of this content."""
    return saving.load(io.BytesIO(content), **limits)
