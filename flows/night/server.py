"""A Prefect server of our own, for people who have none: a schedule needs one that runs for itself.

The server that Prefect starts along with a flow has neither a scheduler nor anybody who frees the place of a run that was killed.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flows.night.plan import NightFailed, Plan

HOST, PORT = "127.0.0.1", 4200
"""Where Prefect's own commands look for a server; another port is taken when this one is."""
_STARTING = 300
"""Seconds: the first start makes Prefect's database, which takes half a minute on a quiet machine."""
_LOOK = 0.5
_GRACE = 20


@contextmanager
def scheduling(plan: Plan) -> Iterator[str]:
    """PREFECT_API_URL names a server that runs schedules: the user's own, else one that runs while this is entered.

    Its records are in Prefect's home beside the warehouse, what it says in `logs`; it listens on loopback. Yields its address.
    Raises `NightFailed` when it does not start.
    """
    if named := os.environ.get("PREFECT_API_URL"):
        yield named
        return
    said = plan.kept / "logs" / "prefect-server.log"
    said.parent.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    call = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    with said.open("wb") as log:
        process = subprocess.Popen(
            call, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_end_with_us if os.name == "posix" else None
        )  # fmt: skip
    try:
        address = f"http://{HOST}:{port}/api"
        _await(process, address, said)
        os.environ["PREFECT_API_URL"] = address
        yield address
    finally:
        os.environ.pop("PREFECT_API_URL", None)
        _end(process)


def _await(process: subprocess.Popen[bytes], address: str, said: Path) -> None:
    deadline = time.monotonic() + _STARTING
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=_LOOK * 4):
            return
        time.sleep(_LOOK)
    raise NightFailed(f"Prefect 服务器没有启动；原因见 {said}。", f"Prefect's server did not start; {said} says why")


def _free_port() -> int:
    for port in (PORT, 0):
        with suppress(OSError), socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind((HOST, port))
            return int(one.getsockname()[1])
    return PORT


def _end_with_us() -> None:
    """In the server's process, before it begins: Linux ends it when this process is killed and cannot."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
