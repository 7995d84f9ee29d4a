"""The first visit of a server: whatever link it is by, with nothing compiled, and without Numba."""

import re
import signal
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import expect

from elman import Experiment, shipped
from elman.training import compiling

# Minutes on any machine; the tests stop it.
LONG = "epochs=100000"


def follow_as_first_request(app, page, title, view, chosen):
    """Open a view of a page whose link no page before has read."""
    query = f"epochs=30&length=300&hidden=3&{view}={chosen.replace(' ', '+')}"
    app.open_page(page, query)
    expect(app.heading()).to_have_text(title)
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")
    expect(app.page.get_by_role("radio", name=chosen)).to_be_checked()
    app.expect_link(dict(parse_qsl(query)))


def test_a_server_opens_any_link_as_its_very_first_request_and_ends_when_told(
    start_servers, open_app
):
    ((address, process, log),) = start_servers(1)
    app = open_app(address=address)
    follow_as_first_request(app, "gradients", "Gradients", "closer", "jacobians")
    # Well before a run of minutes would be over.
    app.open_live("errors", f"task=letters&{LONG}")
    expect(app.page.get_by_test_id("stProgress")).to_contain_text(re.compile(r"Epoch [1-9]"))
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    assert "Traceback" not in log.read_text()


def test_without_numba_the_run_of_a_preset_stands_there_at_once(start_servers, open_app, tmp_path):
    (tmp_path / "numba.py").write_text("raise ImportError")
    ((address, _, log),) = start_servers(1, PYTHONPATH=str(tmp_path))
    app = open_app(address=address)
    follow_as_first_request(app, "states", "Hidden states", "view", "tree")
    app.open_page("train")
    wanted = shipped.run_of(Experiment())
    expect(app.metric("Loss")).to_have_text(f"{wanted.final_loss:.4f}")
    # Another run goes on as a slow job, with its curve and Stop.
    app.open_live("train", f"seed=1&{LONG}")
    app.button("Stop").click()
    app.settle()
    assert "Traceback" not in log.read_text()


def kernels_on_disk():
    """The files that hold the kernels of this program, by its own names for them."""
    from elman.training import kernel_cache

    for name in compiling.KERNELS:
        kernel = compiling.kernel(name)
        stamp = kernel._cache._stamp(*kernel.overloads, kernel.targetctx.codegen())
        places = [folder / kernel._cache._file(stamp) for folder in kernel_cache.folders()]
        yield next(place for place in places if place.exists())


@pytest.mark.skipif(not compiling.available(), reason="Numba is not installed")
def test_a_flipped_byte_in_every_kernel_on_disk_is_never_noticed(start_servers, open_app, tmp_path):
    (folder := tmp_path / "elman").mkdir()
    damaged = {}
    for file in kernels_on_disk():
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 0xFF
        damaged[folder / file.name] = bytes(content)
        (folder / file.name).write_bytes(content)
    ((address, process, log),) = start_servers(1, NUMBA_CACHE_DIR=str(tmp_path))
    app = open_app(address=address)
    follow_as_first_request(app, "errors", "Errors", "error_view", "step by step")
    assert process.poll() is None
    assert "Traceback" not in log.read_text()
    assert app.page.get_by_text("damaged").count() == 0
    app.eventually(lambda: damaged.items().isdisjoint({f: f.read_bytes() for f in damaged}.items()))
