"""Runs: one at a time over a warehouse, each entered when it begins and when it ends; and what Prefect is told beforehand."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

import flows
from flows import collect, warehouse
from flows.night.plan import NightFailed, Plan

PREFECT = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    # In memory, as is usual, a server's end while a night runs would leave the night's place taken for ever.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
}
"""How Prefect is set where the user has not: its home comes beside the warehouse, a first start takes longer than it allows."""


def opened(path: Path, read_only: bool = False) -> warehouse.Connection:
    """The warehouse. Raises `NightFailed` when another process holds it or it is no warehouse."""
    try:
        return warehouse.connect(path, read_only)
    except duckdb.Error as error:
        cause = str(error).splitlines()[0]
        raise NightFailed(
            f"打不开仓库 {path}（{cause}）；请确认没有别的运行正在使用它。",
            f"the warehouse {path} cannot be opened ({cause}); check that no other run is using it",
        ) from error


@contextmanager
def alone(plan: Plan) -> Iterator[None]:
    """No other night runs over this warehouse meanwhile. Raises `NightFailed` when one does."""
    plan.kept.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows: DuckDB's own lock is all there is
        yield
        return
    with Path(f"{plan.warehouse}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NightFailed(
                f"另一次运行正在使用仓库 {plan.warehouse}；请等它结束。",
                f"another run is using the warehouse {plan.warehouse}; wait until it has ended",
            ) from error
        yield


def begin(plan: Plan) -> str:
    """A run is entered in the warehouse as running; returns its id, the time in UTC. One still running was cut off: it failed."""
    with opened(plan.warehouse) as connection:
        now = datetime.now(UTC).replace(tzinfo=None)
        connection.execute("UPDATE run SET status = 'failed', finished = ? WHERE status = 'running'", [now])
        taken = {run for (run,) in connection.execute("SELECT run FROM run").fetchall()}
        second = f"{now:%Y%m%d-%H%M%S}"
        names = (second if number == 1 else f"{second}-{number}" for number in itertools.count(1))
        run = next(name for name in names if name not in taken)
        values = [run, now, flows.__version__, collect.reader_version()]
        connection.execute(
            "INSERT INTO run (run, started, status, hedui, reader) VALUES (?, ?, 'running', ?, ?)", values
        )
    return run


def end(plan: Plan, run: str, status: str, **numbers: int) -> None:
    """The run is completed or failed, with its numbers (columns of the table `run`)."""
    columns = "".join(f", {name} = ?" for name in numbers)
    with opened(plan.warehouse) as connection:
        now = datetime.now(UTC).replace(tzinfo=None)
        values = [status, now, *numbers.values(), run]
        connection.execute(f"UPDATE run SET status = ?, finished = ?{columns} WHERE run = ?", values)


def settle(plan: Plan) -> None:
    """Prefect, once imported, keeps to this project: its home beside the warehouse, no telemetry, few words.

    What the user has set stays. A first start migrates Prefect's database, which takes longer than Prefect itself allows.
    Raises `NightFailed` when the warehouse's folder cannot be made.
    """
    try:
        (plan.kept / ".prefect").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NightFailed(
            f"无法建立仓库所在的文件夹 {plan.kept}（{error.strerror}）；请换一个可写的位置。",
            f"the warehouse's folder {plan.kept} cannot be made ({error.strerror}); choose a place that can be written",
            2,
        ) from error
    for name, value in {"PREFECT_HOME": str(plan.kept / ".prefect"), **PREFECT}.items():
        os.environ.setdefault(name, value)
