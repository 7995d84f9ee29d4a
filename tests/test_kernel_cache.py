"""Compiled functions on disk: compiled once, and never in the way when the disk fails."""

import os
import types
from pathlib import Path
from unittest.mock import Mock

import pytest

numba = pytest.importorskip("numba")
kernel_cache = pytest.importorskip("elman.training.kernel_cache")


def double(number):
    return 2.0 * number


def compiles():
    """Whether a new process has to compile; what it computes must be right."""
    function = types.FunctionType(double.__code__, globals(), "double")
    kernel = kernel_cache.compiled(function, (kernel_cache.NUMBER,))
    assert kernel(21.0) == kernel(21.0) == 42.0
    return not kernel._cache_hits


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The files of a cache that was empty."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return lambda: list(tmp_path.rglob("*.*"))


def test_the_next_process_loads_what_was_compiled_of_the_same_source(cache, monkeypatch):
    assert (compiles(), compiles(), len(cache())) == (True, False, 1)
    monkeypatch.setattr(kernel_cache, "_sources", lambda: "another")
    assert compiles()
    monkeypatch.setattr(numba, "__version__", "another")
    assert (compiles(), compiles(), len(cache())) == (True, False, 3)
    # A sound file that cannot be loaded.
    monkeypatch.setattr(kernel_cache.pickle, "loads", lambda data: 1 / 0)
    assert compiles()


def test_a_damaged_file_is_compiled_anew_and_mended(cache):
    compiles()
    (file,) = cache()
    data = file.read_bytes()
    damaged = [b"", data[:-50], os.urandom(len(data)), b"not a kernel"]
    for place in (3, 40, 1000, 5000, len(data) - 100):
        damaged.append(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    for content in damaged:
        file.write_bytes(content)
        assert (compiles(), compiles()) == (True, False)


@pytest.mark.parametrize(("owner", "name"), [(Path, "write_bytes"), (os, "replace")])
def test_where_writing_fails_nothing_is_left_behind(cache, monkeypatch, owner, name):
    monkeypatch.setattr(owner, name, Mock(side_effect=OSError("No space left on device")))
    assert (compiles(), compiles()) == (True, True)
    assert cache() == []


def test_a_folder_that_can_only_be_read_still_serves(tmp_path, monkeypatch):
    """As in an image whose kernels were compiled when it was made."""
    places = [tmp_path / "theirs"]
    (tmp_path / "no folder").touch()
    monkeypatch.setattr(kernel_cache, "folders", lambda: iter(places))
    assert compiles()
    places.insert(0, tmp_path / "no folder")
    assert not compiles()
    places.pop()
    assert compiles()
