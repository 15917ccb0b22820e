"""What a worker of a Dask cluster gets when it begins to read for a night: imported there, and where a night reads on a cluster."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from distributed import WorkerPlugin

from flows.night.cluster import version
from flows.workers.limits import Limits
from flows.workers.pool import Worker, Workers

IDLE = 60.0
"""Seconds after which processes that read wait no longer, should the night that needed them have been killed."""


class Reading(WorkerPlugin):
    """Processes that read, one for each thread of the worker, by `limits`, for as long as the night is there.

    A worker of another version than `wanted` does not get to start; `prepare` is called in each that does.
    """

    def __init__(self, limits: Limits, wanted: str, prepare: Callable[[], None]) -> None:
        self._limits, self._wanted, self._prepare = limits, wanted, prepare

    def setup(self, worker: Any) -> None:
        """The worker can read. Raises RuntimeError for one of another version."""
        if version() != self._wanted:
            raise RuntimeError(f"this worker has {version()}, the night wants {self._wanted}")
        self._prepare()
        self._workers = Workers(replace(self._limits, workers=worker.state.nthreads))
        self._resting: threading.Timer | None = None
        self._lock = threading.Lock()

    def teardown(self, worker: Any) -> None:
        """Nothing of it is left in the worker."""
        self._rest_after(None)
        self._workers.close()

    @contextmanager
    def turn(self) -> Iterator[Worker]:
        """A process for the caller alone, as soon as one is free."""
        try:
            with self._workers.turn() as worker:
                yield worker
        finally:
            self._rest_after(IDLE)

    def _rest_after(self, seconds: float | None) -> None:
        with self._lock:
            if self._resting:
                self._resting.cancel()
            if seconds is not None:
                self._resting = threading.Timer(seconds, self._workers.rest)
                self._resting.daemon = True
                self._resting.start()
