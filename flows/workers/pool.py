"""Documents are read in processes of their own, bounded in time and memory: whatever a file does to its reader, only that ends.

`Workers` keeps a number of such processes; what runs in each is `flows.workers.process`. A process serves one reader at a time over
its own pipes, so that one that dies takes nothing with it that another waits for. It ends by itself when this process is gone.

pebble was tried first: a process of its that holds the interpreter outlives a killed parent, one that is killed fails the
documents of all others, and none is bounded in memory.

Memory is watched from outside (resident pages, which is what runs out) and bounded by the system a little above that, for
leaps between two looks. Where the system tells nothing of a process's memory (no /proc), only the limit of time holds.
"""

from __future__ import annotations

import logging
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from flows.read.document import Unreadable
from flows.workers.limits import LIMITED, Limits, refusal
from flows.workers.process import READY, receive, send

_DOCUMENTS = 200
"""Documents after which a process is replaced, so that what libraries never give back does not add up over a night."""
_GROWN = 512 * 2**20
"""Resident bytes after a document from which its process is not used again."""
_STARTING = 60.0
_GRACE = 2.0
_LOOK = 0.05
"""Seconds between two looks at a process: it can take some hundred MiB meanwhile."""
_OUT_OF_MEMORY = (b"memory allocation of", b"bad_alloc", b"MemoryError", b"ut of memory")
"""What libraries say before they end their process for want of memory."""


class Closed(Exception):
    """The workers were closed before the document was read: the run is ending."""


class Workers:
    """As many processes as `limits` says, but not more than `most`; each is started when first needed, or by `start`.

    `runs` names the function that they run on a document's bytes and name, as module:function.
    """

    def __init__(self, limits: Limits, most: int | None = None, runs: str = "flows.collect:understand") -> None:
        self.limits, self.runs = limits, runs
        count = max(1, limits.workers if most is None else min(limits.workers, most))
        self._workers = [Worker(limits, self) for _ in range(count)]
        self._free: queue.LifoQueue[Worker] = queue.LifoQueue()
        self.lock = threading.Lock()
        self.closed = False
        for worker in self._workers:
            self._free.put(worker)

    def __len__(self) -> int:
        return len(self._workers)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """Every process is on its way; this does not wait for them."""
        for worker in self._workers:
            worker.start()

    @contextmanager
    def turn(self) -> Iterator[Worker]:
        """A worker for the caller alone, as soon as one is free."""
        worker = self._free.get()
        try:
            yield worker
        finally:
            self._free.put(worker)

    def rest(self) -> None:
        """No process waits for a document; the next one starts another."""
        idle = []
        with suppress(queue.Empty):
            while True:
                idle.append(self._free.get_nowait())
        for worker in idle:
            worker.rest()
            self._free.put(worker)

    def close(self) -> None:
        """Every process has ended. A document that is being read meanwhile raises `Closed` where it was asked for."""
        with self.lock:
            self.closed = True
            running = [worker.process for worker in self._workers if worker.process]
        for process in running:
            _ask_to_end(process)
        deadline = time.monotonic() + _GRACE
        for process in running:
            _end(process, max(0.0, deadline - time.monotonic()))


class Worker:
    """One process, replaced by another whenever a document ended it or it is worn out."""

    def __init__(self, limits: Limits, of: Workers) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._limits, self._of = limits, of
        self._said: IO[bytes] | None = None  # what the process writes to its error stream
        self._ready = False
        self._documents = 0

    def start(self) -> None:
        """A process is running, or on its way. Raises `Closed`."""
        with self._of.lock:
            if self._of.closed:
                raise Closed
            if self.process is None:
                self._said = tempfile.TemporaryFile()  # noqa: SIM115  # closed in `_dismiss`
                self.process = _launch(self._limits, self._of.runs, self._said)
                self._ready, self._documents = False, 0

    def rest(self) -> None:
        """Its process has ended."""
        self._dismiss()

    def read(self, data: bytes, name: str) -> bytes:
        """The document as a disclosure, pickled. Raises `Unreadable`, `Closed`, and RuntimeError if no process can be started."""
        used = self.process is not None and self._documents > 0
        try:
            return self._attempt(data, name)
        except Unreadable as error:
            # What the documents before it left behind must not decide: results do not depend on their order.
            if not used or error.reason not in ("too_much_memory", "crashed"):
                raise
        return self._attempt(data, name)

    def _attempt(self, data: bytes, name: str) -> bytes:
        self._await_ready()
        process, self._documents = self.process, self._documents + 1
        assert process is not None
        with _Watch(process, self._limits.seconds, self._limits.memory) as watch:
            try:
                send(process.stdin, pickle.dumps((data, name), 5))
                answer = receive(process.stdout)
            except (OSError, ValueError):  # its end of a pipe is closed, or ours
                answer = None
        if answer is None:
            raise self._ended(watch, name)
        reason, message, disclosure = pickle.loads(answer)
        worn = watch.reason or reason in LIMITED or _grown(process.pid, self._limits.memory)
        if worn or self._documents >= _DOCUMENTS:
            self._dismiss()
        else:
            self._forget_said()
        if reason:
            raise Unreadable(reason, message or refusal(reason, self._limits))
        return bytes(disclosure)

    def _await_ready(self) -> None:
        self.start()
        process = self.process
        assert process is not None
        if self._ready and process.poll() is None:
            return
        if not self._ready:
            with _Watch(process, _STARTING, self._limits.memory):
                self._ready = receive(process.stdout) == READY
            if self._ready:
                return
            said = self._dismiss()
            if self._of.closed:
                raise Closed
            cause = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["?"]
            raise RuntimeError(f"no process to read documents in can be started: {cause[0]}")
        self._dismiss()  # ended while it had nothing to do
        self._await_ready()

    def _ended(self, watch: _Watch, name: str) -> Exception:
        """Why the process ended while it read: as a refusal of the document, or because the run is ending."""
        process = self.process
        said = self._dismiss()
        if self._of.closed:
            return Closed()
        logging.getLogger("hedui").debug("the process that read %s ended: %s", name, said.decode("utf-8", "replace"))
        reason = watch.reason or ("too_much_memory" if any(one in said for one in _OUT_OF_MEMORY) else "crashed")
        return Unreadable(reason, refusal(reason, self._limits, _how(process.returncode if process else None)))

    def _dismiss(self) -> bytes:
        """The process has ended, and the next document gets another one; returns the end of what it said."""
        process, said = self.process, self._said
        if process is None or said is None:
            return b""
        _end(process, 0)
        with self._of.lock:
            self.process = self._said = None
        with said:
            said.seek(max(0, said.seek(0, os.SEEK_END) - 20_000))
            return said.read()

    def _forget_said(self) -> None:
        """What libraries write about each document does not fill the disk."""
        if self._said is not None:
            os.ftruncate(self._said.fileno(), 0)
            os.lseek(self._said.fileno(), 0, os.SEEK_SET)  # the process writes from where this stands


class _Watch:
    """While it is entered, a process that takes too long or too much memory is ended; `reason` says then which it was."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, memory: int) -> None:
        self._process, self._seconds, self._memory = process, seconds, memory * 2**20
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="hedui-watch", daemon=True)
        self.reason = ""

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        deadline = time.monotonic() + self._seconds
        while not self._done.wait(_LOOK):
            if time.monotonic() > deadline:
                self.reason = "too_slow"
                _ask_to_end(self._process)
                self._done.wait(_GRACE)
                _kill(self._process)
                return
            if _resident(self._process.pid) > self._memory:
                self.reason = "too_much_memory"
                _kill(self._process)
                return


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit {code}"


# ---- processes ---------------------------------------------------------------------------------------------------------


def _launch(limits: Limits, runs: str, said: IO[bytes]) -> subprocess.Popen[bytes]:
    """A process of `flows.workers.process`, in a session of its own: Ctrl-C reaches this process only, which then ends it."""
    # Python's -P: the working folder, where disclosures may lie, holds no code. So this package's place is told.
    package = str(Path(__file__).resolve().parents[2])
    before = os.environ.get("PYTHONPATH")
    paths = [package, *(path for path in (before or "").split(os.pathsep) if path)]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "flows.workers.process", runs, str(limits.seconds), str(limits.memory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=True,
    )


def _ask_to_end(process: subprocess.Popen[bytes]) -> None:
    """The process is told to end and to end what it has started (LibreOffice runs in a session of its own)."""
    with suppress(OSError):
        process.terminate()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The process and its group are killed."""
    if process.returncode is not None:  # waited for already: its number may be another's by now
        return
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _end(process: subprocess.Popen[bytes], grace: float) -> None:
    """The process has ended, of itself within `grace` seconds or killed, and nothing of it is left."""
    if grace:
        with suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    _kill(process)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            if pipe:
                pipe.close()


def _grown(pid: int, memory: int) -> bool:
    """Whether a process holds so much after a document that the next one had better begin with another."""
    return _resident(pid) > min(_GROWN, memory * 2**20 // 2)


def _resident(pid: int) -> int:
    """Bytes of memory that a process holds; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
