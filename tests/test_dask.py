"""A sweep on a Dask cluster of two worker processes gives what it gives here, even if one dies."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from same import NOT_LEARNED, assert_same

from elman import Experiment
from elman.analysis.outcomes import scores
from elman.sweeps import cluster, sweep, variations

ROOT = Path(__file__).parent.parent

if importlib.util.find_spec("distributed") is None:
    if os.environ.get("CI"):
        raise RuntimeError("distributed is not installed: these tests must not be left out here")
    pytest.skip("distributed is not installed", allow_module_level=True)

pytestmark = pytest.mark.slow

# Shorter than this the killed worker might have nothing to do.
EXPERIMENTS = variations(Experiment(length=600, epochs=150), {"hidden": [4, 5, 6, 7]}, seeds=12)


@pytest.fixture(scope="module")
def local_cluster(tmp_path_factory):
    """The address of a scheduler on this machine, and its two worker processes."""
    folder, processes = tmp_path_factory.mktemp("cluster"), []
    file = folder / "scheduler.json"

    def start(*arguments):
        with (folder / f"{len(processes)}.log").open("w") as log:
            processes.append(subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments],
                stdout=log, stderr=log, env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=folder,
            ))  # fmt: skip

    try:
        start("scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--no-show",
              "--scheduler-file", str(file))  # fmt: skip
        while not file.exists() or not file.read_text().strip().endswith("}"):
            assert processes[0].poll() is None, "the scheduler did not start"
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        for _ in range(2):
            start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        client = cluster.connect(address)
        client.wait_for_workers(2, timeout=600)
        client.close()
        yield address, processes[1:]
        for thread in threading.enumerate():
            if thread.name == cluster.THREAD:
                thread.join(60)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_a_worker_killed_midway_costs_nothing_and_nothing_is_counted_twice(local_cluster):
    address, workers = local_cluster
    reports = []

    def report(share, outcomes):
        if not reports:
            workers[0].send_signal(signal.SIGKILL)
        reports.append((share, [outcome.experiment for outcome in outcomes]))

    ours = sweep(EXPERIMENTS, scores, report, dask=address)

    assert workers[0].wait() == -signal.SIGKILL
    assert workers[1].poll() is None
    assert len(reports[0][1]) < len(EXPERIMENTS), "it was killed midway"
    assert reports[-1][0] == 1.0
    assert all(len(set(so_far)) == len(so_far) for _, so_far in reports)
    assert [share for share, _ in reports] == sorted(share for share, _ in reports)
    assert_same(tuple(ours), tuple(sweep(EXPERIMENTS, scores)), skip=NOT_LEARNED)


def fails(run):
    raise ZeroDivisionError("of measure")


def test_errors_and_stop_reach_whoever_asked(local_cluster):
    address, _ = local_cluster
    with pytest.raises(ZeroDivisionError, match="of measure"):
        sweep(EXPERIMENTS[:3], fails, dask=address)
    assert sweep(EXPERIMENTS, scores, should_stop=lambda: True, dask=address) == []
    reports = []
    settings = {"should_stop": lambda: bool(reports), "dask": address}
    stopped = sweep(EXPERIMENTS, scores, lambda *report: reports.append(report), **settings)
    assert 0 < len(stopped) < len(EXPERIMENTS)


def test_an_address_without_a_scheduler_and_a_missing_package_are_said_plainly(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.3)
    for address in ("tcp://127.0.0.1:9", "nowhere", ""):
        with pytest.raises(ValueError, match="dask: allowed is the address of a running scheduler"):
            sweep(EXPERIMENTS[:1], scores, dask=address)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="dask: needs the Python package distributed"):
        sweep(EXPERIMENTS[:1], scores, dask="tcp://127.0.0.1:8786")
