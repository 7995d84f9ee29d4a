"""The first visit of a server that has compiled nothing, or cannot."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT
from playwright.sync_api import expect

from elman import Experiment, shipped
from elman.training import compiling


def test_without_numba_the_run_of_a_preset_stands_there_at_once(start_servers, open_app, tmp_path):
    (tmp_path / "numba.py").write_text("raise ImportError")
    ((address, _, _),) = start_servers(1, PYTHONPATH=str(tmp_path))
    app = open_app(address=address)
    app.open_page("train")
    wanted = shipped.run_of(Experiment())
    expect(app.metric("Loss")).to_have_text(f"{wanted.final_loss:.4f}")
    # Another run goes on as a slow job, with its curve and Stop.
    app.open_page("train", "seed=1&epochs=100000")
    expect(app.button("Stop")).to_be_visible()
    app.button("Stop").click()
    app.settle()


@pytest.mark.skipif(not compiling.available(), reason="Numba is not installed")
def test_a_flipped_byte_in_every_kernel_on_disk_is_never_noticed(start_servers, open_app, tmp_path):
    environment = {"NUMBA_CACHE_DIR": str(tmp_path)}
    prepare = "from elman.training import compiling; compiling.prepare()"
    subprocess.run(
        [sys.executable, "-c", prepare],
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    files = list(tmp_path.rglob("*.kernel"))
    assert len(files) == len(compiling.KERNELS)
    for file in files:
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 0xFF
        file.write_bytes(content)
    damaged = {file: file.read_bytes() for file in files}
    ((address, process, log),) = start_servers(1, **environment)
    app = open_app(address=address)
    app.open_page("train", "seed=1")
    expect(app.metric("Loss")).to_be_visible()
    assert process.poll() is None
    assert "Traceback" not in log.read_text()
    assert app.page.get_by_text("damaged").count() == 0
    app.eventually(lambda: damaged.items().isdisjoint({f: f.read_bytes() for f in files}.items()))
