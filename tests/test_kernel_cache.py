"""Compiled functions on disk: compiled once, and never in the way when the disk fails."""

import errno
import tempfile
import types

import pytest

from elman.training import kernels

numba = pytest.importorskip("numba")


def double(number):
    return 2.0 * number


def fresh():
    """What a new process gets: a kernel that has compiled nothing itself."""
    return kernels.compiled(types.FunctionType(double.__code__, globals(), "double"))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return lambda ending: {file: file.stat().st_mtime_ns for file in tmp_path.rglob(ending)}


def test_what_one_process_compiled_the_next_one_loads(cache):
    assert fresh()(21.0) == 42.0
    written = cache("*.nbc")
    assert len(written) == 1
    assert fresh()(1.5) == 3.0
    assert cache("*.nbc") == written


def test_a_changed_source_is_compiled_anew(cache, monkeypatch):
    """Numba's cache looks at the file of a function, not at those it imports."""
    assert fresh()(21.0) == 42.0
    monkeypatch.setattr(kernels, "_sources", lambda: 1)
    assert fresh()(21.0) == 42.0
    assert len(cache("*.nbc")) == 2


def test_without_a_folder_to_write_to_it_compiles_for_itself(cache, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    assert fresh()(21.0) == 42.0
    assert not cache("*.nb?")


def test_a_full_disk_does_not_stop_it(cache, monkeypatch):
    attempts = []

    def full(*_):
        attempts.append(1)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(numba.core.caching.IndexDataCacheFile, "_save_data", full)
    function = fresh()
    assert function(21.0) == function(21.0) == 42.0
    assert attempts == [1]


@pytest.mark.parametrize("ending", ["*.nbc", "*.nbi"])
@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-50]])
def test_a_damaged_file_does_not_stop_it(cache, ending, damage):
    assert fresh()(21.0) == 42.0
    (file,) = cache(ending)
    file.write_bytes(damage(file.read_bytes()))
    function = fresh()
    assert function(21.0) == function(21.0) == 42.0
