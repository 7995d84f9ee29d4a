"""Blocks of a sweep on a Dask cluster, by joblib's Dask backend.

A worker that dies costs only the blocks it was training: the scheduler gives them to another one,
and a block's result is taken once.
"""

from __future__ import annotations

import importlib.util
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from elman.settings import refuse

# A scheduler that is there answers at once.
CONNECT_SECONDS = 5.0

# The thread that goes on until the workers have ended what they were doing.
THREAD = "sweep on a cluster"

# How often a sweep asks whether to stop while it waits.
POLL_SECONDS = 0.1


def connect(address: str) -> Any:
    """A client of the scheduler at `address`; ValueError if there is none, or no Dask here."""
    if importlib.util.find_spec("distributed") is None:
        raise ValueError(
            "dask: needs the Python package distributed, which is missing; "
            "pip install -r requirements-dask.txt brings it."
        )
    from distributed import Client

    try:
        if "://" not in address:
            # Without an address the client would start a cluster of its own.
            raise ValueError("it has no protocol")
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise refuse(
            "dask",
            "the address of a running scheduler, such as tcp://127.0.0.1:8786",
            words=f"{address!r} was given ({reason.rstrip('.')})",
        ) from None


def results(
    address: str,
    work: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[tuple[int, Any]]:
    """(index, work(*task)) of each of `tasks` as it is done by a worker of the cluster.

    An error of a task is raised here. When `should_stop()` returns True there are no more results,
    and what the workers are computing at that moment is lost. Tasks must be small: what they refer
    to is kept by one worker, and would be lost with it.
    """
    import joblib

    client = connect(address)
    arrived: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
    left = threading.Event()

    # joblib's generator blocks until the next result, so it gets a thread of its own.
    def collect() -> None:
        try:
            with joblib.parallel_config(backend="dask", client=client):
                parallel = joblib.Parallel(batch_size=1, return_as="generator_unordered")
                numbered = (
                    joblib.delayed(_numbered)(i, work, task) for i, task in enumerate(tasks)
                )
                for result in parallel(numbered):
                    arrived.put((result, None))
                    if left.is_set():
                        break
            arrived.put((None, None))
        except BaseException as error:
            arrived.put((None, error))
        finally:
            client.close()

    threading.Thread(target=collect, name=THREAD, daemon=True).start()
    try:
        while should_stop is None or not should_stop():
            try:
                result, error = arrived.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if error is not None:
                raise error
            if result is None:
                return
            yield result
    finally:
        left.set()


def _numbered(index: int, work: Callable[..., Any], task: tuple[Any, ...]) -> tuple[int, Any]:
    return index, work(*task)
