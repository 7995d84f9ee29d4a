"""A light viewer of a Streamlit app: its websocket protocol without a browser, on the loopback.

It does what the browser does for the server: keeps the page's widgets and their values, asks again
as often as a part of the page wants to be drawn anew, and keeps large messages that came before.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect

ROOT = Path(__file__).resolve().parents[1]

# Beyond this a viewer would have gone; it counts as an exception.
PATIENCE = 120.0


class Failed(RuntimeError):
    """The page shows an exception, or does not settle."""


class Server(NamedTuple):
    """A running app: where it is, its process, and the file of what it prints."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def errors(self) -> int:
        """How many tracebacks of the app it has printed.

        Streamlit itself prints some for viewers that leave while something is sent to them.
        """
        printed = self.log.read_text(errors="replace").split("Traceback (most recent call last)")
        ours = [
            f"{ROOT}/{part}" for part in ("elman/", "pages/", "streamlit_app.py", "benchmarks/")
        ]
        return sum(any(part in one for part in ours) for one in printed[1:])


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def health(port: int, timeout: float = 60.0) -> float:
    """Seconds until the server says that it is well; raises OSError if it does not."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", "/_stcore/health")
        if connection.getresponse().read() != b"ok":
            raise OSError("not healthy")
    finally:
        connection.close()
    return time.perf_counter() - began


def first_cookies(port: int) -> str:
    """The cookies that come with the page itself, as a request gives them back."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        given = answer.headers.get_all("Set-Cookie") or []
        return "; ".join(cookie.partition(";")[0] for cookie in given)
    finally:
        connection.close()


@contextlib.contextmanager
def serving(
    app: Path, folder: Path, env: Mapping[str, str] | None = None, before: tuple[str, ...] = ()
) -> Iterator[Server]:
    """Run the app of a file, with its log in a folder; `before` is put before the command."""
    port, log = free_port(), folder / f"{app.stem}.log"
    command = [*before, sys.executable, "-m", "streamlit", "run", str(app)]
    options = {"port": port, "address": "127.0.0.1", "headless": "true"}
    command += [f"--server.{name}={value}" for name, value in options.items()]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=output, env=os.environ | dict(env or {})
        )
    try:
        for _ in range(2400):
            with contextlib.suppress(OSError):
                health(port)
                break
            if process.poll() is not None:
                raise RuntimeError(log.read_text(errors="replace"))
            time.sleep(0.05)
        yield Server(port, process, log)
    finally:
        process.kill()
        process.wait()


def end_in_order() -> None:
    """Let a program that is told to stop end what it has started; call it first."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


class Viewer:
    """One session: `async with Viewer(port) as viewer: await viewer.open("errors?seed=3")`.

    elements    what the last whole run of the script has drawn, each with its path in the page
    messages, received_bytes
                what came over the wire since the last request
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._query = ""
        self._page = ""
        self._pages: dict[str, str] = {}
        self._values: dict[str, WidgetState] = {}
        self._widgets: dict[str, Any] = {}
        self._fragments: dict[str, str] = {}
        self._cached: dict[str, ForwardMsg] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._settled = asyncio.Event()
        self._shown = asyncio.Event()
        self._whole_run = True
        self._working = False
        self._lost: BaseException | None = None
        self.elements: list[tuple[tuple[int, ...], ForwardMsg]] = []
        self.exceptions = 0
        self.messages = self.received_bytes = 0

    async def __aenter__(self) -> Viewer:
        # A proxy keeps a viewer at one server by a cookie of the first answer.
        cookies = await asyncio.to_thread(first_cookies, self._port)
        self._socket = await connect(
            f"ws://127.0.0.1:{self._port}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": cookies} if cookies else {},
            max_size=None,
            compression=None,
            open_timeout=PATIENCE,
            ping_interval=None,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in (*self._timers.values(), self._reader):
            task.cancel()
        await self._socket.close()

    async def open(self, link: str = "") -> float:
        """Open a page by its path and query; the seconds until it has settled."""
        await self.ask_for(link)
        return await self.settled()

    async def ask_for(self, link: str = "") -> None:
        """Ask for a page by its path and query, without waiting for it."""
        parts = urlsplit(link)
        self._query, self._page = parts.query, ""
        await self._ask(page_name=parts.path)

    async def go(self, path: str) -> float:
        """Change to another page by the menu; the seconds until it has settled."""
        self._page = self._pages[path]
        await self._ask()
        return await self.settled()

    async def choose(self, key: str, value: Any) -> float:
        """Give a widget another value, a slider the place of a stop; the seconds to settle."""
        await self.change(key, value)
        return await self.settled()

    async def change(self, key: str, value: Any) -> None:
        """The same without waiting for the page."""
        kind, widget = self._widgets[key]
        state = WidgetState(id=widget.id)
        if kind == "slider":
            value = widget.options[value]
            state.string_array_value.data.append(value)
        elif kind == "number_input":
            state.double_value = value
        else:
            state.string_value = value
        self._values[key] = state
        self._query = urlencode(dict(parse_qsl(self._query)) | {key: str(value)})
        await self._ask(fragment=self._fragments[key])

    async def press(self, key: str) -> float:
        """Press a button; the seconds until the script has ended, with work or without."""
        pressed = WidgetState(id=self._widgets[key][1].id, trigger_value=True)
        await self._ask(pressed, fragment=self._fragments[key])
        return await self.shown()

    def offers(self, key: str) -> int:
        """How many stops a slider has; 0 if there is none on the page."""
        kind, widget = self._widgets.get(key, ("", None))
        return len(widget.options) if kind == "slider" else 0

    @property
    def pages(self) -> list[str]:
        """The paths of the app's pages."""
        return list(self._pages)

    def has(self, key: str) -> bool:
        """Whether a widget of this key was drawn."""
        return key in self._widgets

    async def shown(self, patience: float = PATIENCE) -> float:
        """Wait until the script has ended once since the last request, with work or without; the
        seconds since then."""
        await self._wait(self._shown, patience)
        return time.perf_counter() - self._began

    async def settled(self, patience: float = PATIENCE) -> float:
        """Wait until the page has its result; the seconds since the last request."""
        await self._wait(self._settled, patience)
        return time.perf_counter() - self._began

    async def _ask(
        self, pressed: WidgetState | None = None, page_name: str = "", fragment: str = ""
    ) -> None:
        self._began = time.perf_counter()
        self.messages = self.received_bytes = 0
        self._settled.clear()
        self._shown.clear()
        await self._send(page_name, pressed, fragment)

    async def _wait(self, event: asyncio.Event, patience: float) -> None:
        waiting = asyncio.create_task(event.wait())
        done, _ = await asyncio.wait(
            {waiting, self._reader}, timeout=patience, return_when=asyncio.FIRST_COMPLETED
        )
        if waiting not in done:
            waiting.cancel()
            raise Failed(f"nothing within {patience:.0f} s" if not done else repr(self._lost))

    async def _send(
        self,
        page_name: str = "",
        pressed: WidgetState | None = None,
        fragment: str = "",
        by_clock: bool = False,
    ) -> None:
        message = BackMsg()
        ask = message.rerun_script
        ask.query_string, ask.page_script_hash, ask.page_name = self._query, self._page, page_name
        ask.fragment_id, ask.is_auto_rerun = fragment, by_clock
        ask.widget_states.widgets.extend(self._values.values())
        if pressed is not None:
            ask.widget_states.widgets.append(pressed)
        ask.cached_message_hashes.extend(self._cached)
        ask.context_info.timezone, ask.context_info.locale = "UTC", "en"
        ask.context_info.url = f"http://127.0.0.1:{self._port}/{page_name}"
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                message = ForwardMsg.FromString(bytes(data))  # type: ignore[arg-type]
                self.messages += 1
                self.received_bytes += len(data)
                self._take(message)
        except BaseException as error:
            self._lost = error
            raise

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            metadata = message.metadata
            message = ForwardMsg.FromString(self._cached[message.ref_hash].SerializeToString())
            message.metadata.CopyFrom(metadata)
            kind = "delta"
        elif message.metadata.cacheable:
            self._cached[message.hash] = message
        if kind == "new_session":
            self._begin(message)
        elif kind == "delta":
            self._draw(message)
        elif kind == "navigation":
            self._pages = {
                page.url_pathname: page.page_script_hash for page in message.navigation.app_pages
            }
            self._page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "script_finished":
            self._end(message.script_finished)

    def _begin(self, message: ForwardMsg) -> None:
        self._whole_run = not message.metadata.run.fragment_ids
        if self._whole_run:
            self._working = False
            self.elements = []
            for timer in self._timers.values():
                timer.cancel()
            self._timers = {}

    def _draw(self, message: ForwardMsg) -> None:
        if message.delta.WhichOneof("type") == "new_element":
            kind = message.delta.new_element.WhichOneof("type")
            self.exceptions += kind == "exception"
            widget = getattr(message.delta.new_element, kind or "empty")
            # Streamlit's names of widgets end with the key that the app gave them.
            if key := _key(getattr(widget, "id", "")):
                self._widgets[key] = kind, widget
                self._fragments[key] = message.delta.fragment_id
        if self._whole_run:
            self.elements.append((tuple(message.metadata.delta_path), message))

    def _repeat(self, fragment: str, interval: float) -> None:
        self._working = True

        async def ask() -> None:
            while True:
                await asyncio.sleep(interval)
                await self._send(fragment=fragment, by_clock=True)

        if fragment not in self._timers:
            self._timers[fragment] = asyncio.create_task(ask())

    def _end(self, status: int) -> None:
        ended = ForwardMsg.ScriptFinishedStatus
        if status in (ended.FINISHED_SUCCESSFULLY, ended.FINISHED_FRAGMENT_RUN_SUCCESSFULLY):
            self._shown.set()
            if not self._working:
                self._settled.set()
        elif status == ended.FINISHED_WITH_COMPILE_ERROR:
            self.exceptions += 1


def _key(name: str) -> str:
    """The key in a widget's name: "$$ID-<hash>-<key>"; empty if the app gave none."""
    _, _, rest = name.partition("$$ID-")
    key = rest.partition("-")[2]
    return "" if key == "None" else key
