"""Compiled functions on disk: compiled once, and never in the way when the disk fails."""

import errno
import os
import types
from pathlib import Path

import pytest

numba = pytest.importorskip("numba")
kernel_cache = pytest.importorskip("elman.training.kernel_cache")


def double(number):
    return 2.0 * number


def fresh():
    """What a new process gets: a kernel that has compiled nothing itself."""
    function = types.FunctionType(double.__code__, globals(), "double")
    return kernel_cache.compiled(function, (kernel_cache.NUMBER,))


def compiles():
    """Whether a new process has to compile; what it computes must be right."""
    kernel = fresh()
    assert kernel(21.0) == kernel(21.0) == 42.0
    return not kernel._cache_hits


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The files of a cache that was empty."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return lambda: list(tmp_path.rglob("*.*"))


def test_what_one_process_compiled_the_next_one_loads(cache):
    assert compiles()
    assert not compiles()
    assert len(cache()) == 1


def test_a_changed_source_or_numba_is_compiled_anew(cache, monkeypatch):
    assert compiles()
    monkeypatch.setattr(kernel_cache, "_sources", lambda: "another")
    assert compiles()
    monkeypatch.setattr(numba, "__version__", "another")
    assert compiles()
    assert len(cache()) == 3


def flipped(place):
    return lambda data: data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


DAMAGE = {
    "emptied": lambda data: b"",
    "cut": lambda data: data[:-50],
    "garbage": lambda data: os.urandom(len(data)),
    "text": lambda data: b"not a kernel",
    **{f"a bit at {place}": flipped(place) for place in (3, 40, 1000, 5000, -100)},
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_compiled_anew_and_mended(cache, damage):
    compiles()
    (file,) = cache()
    file.write_bytes(damage(file.read_bytes()))
    assert compiles()
    assert not compiles()


def test_a_sound_file_that_cannot_be_loaded_is_compiled_anew(cache, monkeypatch):
    compiles()
    monkeypatch.setattr(kernel_cache.pickle, "loads", lambda data: 1 / 0)
    assert compiles()


def test_where_nothing_can_be_written_each_process_compiles_for_itself(cache, monkeypatch):
    def refused(self, data):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "write_bytes", refused)
    assert compiles()
    assert compiles()
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


def test_an_interrupted_write_leaves_nothing_behind(cache, monkeypatch):
    def full(old, new):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert compiles()
    assert cache() == []
