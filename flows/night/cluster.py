"""Reading on a Dask cluster: who may take part, what runs in a worker of it, and what is said when it fails.

A document's bytes travel to the worker, not its address: they lie on this machine already, fetched politely and once, and a worker
may see neither this disk nor the web. They go by way of the scheduler, which keeps them until the outcome is here: when a worker is
killed, another gets what that one had. A worker reads as this machine does, in processes bounded in time and memory.
Whoever reaches the scheduler can run code on every worker, and what workers answer is unpickled here: Dask's own TLS, or a network
that nobody else is in.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import flows
from flows import collect, logs, warehouse
from flows.night.plan import Found, NightFailed, Outcome, Plan
from flows.night.windows import WINDOW, Promise
from flows.serving import loopback
from flows.workers.limits import Limits, refusal
from flows.workers.pool import Worker

HERE, DASK = "here", "dask"
SECONDS = 20
"""For the scheduler to answer."""
COMING = 60
"""Seconds for the first worker to come."""
CODE = "flows.nightly"
"""What a task of reading needs imported: Prefect, and what reads."""
ALONE = 120.0
"""Seconds without a worker after which no more are waited for."""
ROOM = 256 * 2**20
"""Bytes of documents on their way at once: the scheduler holds them."""

_REACHED = 3.0


def foresee(plan: Plan) -> None:
    """Reading where `plan` says is possible as far as can be told before. Raises `NightFailed`."""
    if plan.reading not in (HERE, DASK):
        raise NightFailed(
            f"读取方式 {plan.reading} 不可用；请用 {HERE} 或 {DASK}。",
            f"documents cannot be read {plan.reading}; choose {HERE} or {DASK}", 2,
        )  # fmt: skip
    if plan.dask_address and plan.reading != DASK:
        raise NightFailed(
            "--dask-address 只能与 --reading dask 同用", "--dask-address goes with --reading dask only", 2
        )
    if plan.reading == DASK and not importlib.util.find_spec("prefect_dask"):
        raise NightFailed(
            "在集群上读取需要附加组件 dask；请运行 make cluster，或 pip install 'hedui[dask]'。",
            "reading on a cluster needs the extra dask; run make cluster or pip install 'hedui[dask]'", 2,
        )  # fmt: skip
    if plan.dask_address and not _is_address(plan.dask_address):
        raise NightFailed(
            f"{plan.dask_address} 不是 Dask 调度器的地址；写法如 tcp://10.0.0.5:8786。",
            f"{plan.dask_address} is no address of a Dask scheduler; write for example tcp://10.0.0.5:8786", 2,
        )  # fmt: skip


def _is_address(text: str) -> bool:
    with suppress(ValueError):
        parts = urlsplit(text)
        return parts.scheme in ("tcp", "tls", "ucx", "ws", "wss") and bool(parts.hostname and parts.port)
    return False


def settings(plan: Plan, documents: int) -> dict[str, Any]:
    """What a `DaskTaskRunner` is made with: the address of the cluster, or how one is made on this machine for so many documents."""
    if plan.dask_address:
        return {"address": plan.dask_address, "client_kwargs": {"timeout": SECONDS}}
    own = {
        "n_workers": max(1, min(plan.limits.workers, documents)),
        "threads_per_worker": 1,
        "memory_limit": 0,  # what reads is bounded by itself
        "dashboard_address": "127.0.0.1:0",
    }
    return {"cluster_kwargs": own}


def version() -> str:
    """Of all that decides what is read of a document, and of what carries it."""
    return f"Hedui {flows.__version__} ({collect.reader_version()}), Python {sys.version_info[0]}.{sys.version_info[1]}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that reads for this night: `elsewhere` is what stands for its processes in what is sent to it."""

    client: Any
    elsewhere: Elsewhere
    threads: int

    @property
    def ahead(self) -> int:
        """Documents begun and not loaded: enough for every worker, and for the time in which a window is loaded."""
        return max(WINDOW, 4 * self.threads) + WINDOW

    def look(self) -> None:
        """Somebody can still read. Raises `NightFailed`."""
        deadline = time.monotonic() + ALONE
        while self.client.status != "closed":
            with suppress(OSError, RuntimeError, TimeoutError, ValueError):
                if self.client.scheduler_info(n_workers=-1)["workers"]:
                    return
            if time.monotonic() > deadline:
                raise NightFailed(
                    f"Dask 集群已有 {ALONE:.0f} 秒没有工作进程；已读的已入库，请恢复集群后重新运行。",
                    f"for {ALONE:.0f} seconds the Dask cluster has had no worker; what was read is loaded, restore it and run again",
                )
            time.sleep(1)
        raise lost()


def lost() -> NightFailed:
    """The scheduler is gone."""
    return NightFailed(
        "与 Dask 调度器的连接已断；已读的已入库，请恢复集群后重新运行。",
        "the connection to the Dask scheduler is lost; what was read is loaded, restore the cluster and run again",
    )


@contextmanager
def joined(connect: Callable[[], Any], plan: Plan, prepare: Callable[[], None]) -> Iterator[Cluster]:
    """The cluster behind the client that `connect` gives reads by the limits of `plan` until this is left; nothing of it is left
    there. `prepare` is called in each of its workers first. Raises `NightFailed` when it cannot."""
    place = plan.dask_address or "local"
    import dask

    # Of every worker that comes and goes Dask would tell; what matters is told in `NightFailed`.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    # Documents are sent one by one, and what they weigh is known; a scheduler that is busy for a minute is not gone.
    with dask.config.set(
        {"distributed.admin.large-graph-warning-threshold": "1 GB", "distributed.comm.timeouts.tcp": "180 s"}
    ):
        try:
            client = connect()
            client.wait_for_workers(1, timeout=COMING)
        except (OSError, TimeoutError, ValueError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise NightFailed(
                f"Dask 集群 {place} 无法使用（{said}）；请检查地址，并确认调度器和工作进程在运行。",
                f"the Dask cluster {place} cannot be used ({said}); look at the address, and whether scheduler and workers run",
            ) from error
        _refuse_others(client)
        # What every task needs takes seconds to import: now, in a thread of each, and not while somebody waits for their answer.
        client.run_on_scheduler(imported, CODE)
        client.run(imported, CODE)
        name = f"hedui-reading-{time.time_ns():x}"
        client.register_plugin(_reading(plan.limits, prepare), name=name)
        try:
            threads = sum(client.nthreads().values())
            logs.say(logging.DEBUG, "cluster_joined", place, workers=len(client.nthreads()), threads=threads)
            yield Cluster(client, Elsewhere(name), threads)
        finally:
            # Should the cluster be gone, what it has left ends by itself.
            with suppress(Exception):
                client.unregister_worker_plugin(name)


def _refuse_others(client: Any) -> None:
    """Every worker is of this version. Raises `NightFailed` with the address of one that is not."""
    own = version()
    found = client.run(version, on_error="return") | {client.scheduler.address: _of_scheduler(client)}
    for address, theirs in sorted(found.items()):
        if theirs != own:
            has = theirs if isinstance(theirs, str) else f"{type(theirs).__name__}: {theirs}"
            raise NightFailed(
                f"Dask 集群的 {address} 上是 {has}，这里是 {own}；请各处安装同一版本。",
                f"{address} of the Dask cluster has {has}, here it is {own}; install the same version everywhere",
            )


def _of_scheduler(client: Any) -> str | Exception:
    try:
        return str(client.run_on_scheduler(version))
    except Exception as error:
        return error


def ended(found: Found, promise: Promise, limits: Limits) -> Outcome:
    """What became of a document that was sent to the cluster. Raises `NightFailed` when the cluster is gone."""
    from distributed import CancelledError, KilledWorker

    try:
        outcome = promise.result()
    except KilledWorker:
        # Whatever document it is, others must be read: this one is told as unreadable.
        return Outcome(found, None, warehouse.Refusal("crashed", refusal("crashed", limits, "Dask")))
    except CancelledError as error:
        raise lost() from error
    with logs.about(document=found.sha256, name=found.name):
        reason = outcome.refusal.reason if outcome.refusal else None
        logs.say(logging.DEBUG, "document_read", found.address, bytes=found.size, refused=reason)
    return outcome


def bytes_of(found: Found) -> bytes | None:
    """The document's bytes, tried again when it cannot be opened; None for one that is refused already. Raises OSError."""
    if found.refusal:
        return None
    for seconds in (1, 10):
        with suppress(OSError):
            return found.source.data()
        time.sleep(seconds)
    return found.source.data()


# ---- in a worker of the cluster -----------------------------------------------------------------------------------------


async def imported(module: str) -> None:
    """The module has been imported, and whoever waited for an answer meanwhile had it."""
    await asyncio.to_thread(importlib.import_module, module)


def reaches(api: str, host: str) -> bool:
    """Whether the server at `api`, an address as the machine `host` has it, can be reached from here."""
    address = urlsplit(api)
    name, port = address.hostname or "", address.port or (443 if address.scheme == "https" else 80)
    if loopback(name) and socket.gethostname() != host:
        return False
    try:
        socket.create_connection((name, port), _REACHED).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Stands for `Workers` in what is sent to a worker of the cluster: there it gives turns at that worker's own processes."""

    name: str

    @contextmanager
    def turn(self) -> Iterator[Worker]:
        """As of `Workers`."""
        from distributed import get_worker

        with get_worker().plugins[self.name].turn() as worker:
            yield worker


def _reading(limits: Limits, prepare: Callable[[], None]) -> Any:
    """What every worker of the cluster gets, those too that join later."""
    from flows.night.joining import Reading

    return Reading(limits, version(), prepare)
