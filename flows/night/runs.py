"""Runs: one at a time over a warehouse, each entered when it begins and when it ends; and what Prefect is told beforehand."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import duckdb

import flows
from flows import collect, warehouse
from flows.night import mending, trouble
from flows.night.plan import NightFailed, Plan
from flows.sql import transaction

PREFECT = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    # Of what fails a night the log tells in a line, and its file how it came about; Prefect would add its own account of every task.
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    # In memory, as is usual, a server's end while a night runs would leave the night's place taken for ever.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
}
"""How Prefect is set where the user has not: its home comes beside the warehouse, a first start takes longer than it allows."""


def opened(path: Path, read_only: bool = False) -> warehouse.Connection:
    """The warehouse. Raises `NightFailed` when another process holds it, the disk refuses, or it is no warehouse."""
    try:
        return warehouse.connect(path, read_only)
    except duckdb.Error as error:
        raise trouble.unopened(path, error) from error


@contextmanager
def alone(plan: Plan) -> Iterator[None]:
    """No other night runs over this warehouse meanwhile. Raises `NightFailed` when one does."""
    plan.kept.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows: DuckDB's own lock is all there is
        yield
        return
    with _lock_file(plan) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NightFailed(
                f"另一次运行（PID {_who(plan)}）正在使用仓库 {plan.warehouse}，本次不运行；请等它结束。",
                f"another run (PID {_who(plan)}) is using the warehouse {plan.warehouse}, this one does nothing; wait until it "
                "has ended",
            ) from error
        except OSError as error:
            raise NightFailed(
                f"{plan.kept} 所在的文件系统不能加锁（{error.strerror}），无法保证同时只有一次运行；请把仓库放在本机磁盘上。",
                f"the file system of {plan.kept} cannot lock files ({error.strerror}), so that two runs might meet; keep the "
                "warehouse on a disk of this machine",
            ) from error
        lock.seek(0)
        lock.truncate()
        print(os.getpid(), file=lock, flush=True)
        yield


def _lock_file(plan: Plan) -> IO[str]:
    """The file that one night at a time locks: never deleted, so that all lock the same one. The system unlocks it when the
    process ends, however it does."""
    try:
        return Path(f"{plan.warehouse}.lock").open("a+")
    except OSError as error:
        raise trouble.failure(error, plan) from error


def _who(plan: Plan) -> str:
    """The process that has locked the file."""
    try:
        return Path(f"{plan.warehouse}.lock").read_text().strip() or "?"
    except OSError:
        return "?"


def begin(plan: Plan) -> str:
    """A run is entered in the warehouse as running; returns its id, the time in UTC. What one that was cut off has left is mended.

    Runs follow each other in the order of their times whatever the clock does: one that would begin before an earlier one
    begins right after it.
    """
    with opened(plan.warehouse) as connection:
        now = datetime.now(UTC).replace(tzinfo=None)
        mending.mend(plan, connection, now)
        (last,) = connection.execute("SELECT max(started) FROM run").fetchone() or (None,)
        if last and now <= last:
            now = last + timedelta(microseconds=1)
        taken = {run for (run,) in connection.execute("SELECT run FROM run").fetchall()}
        second = f"{now:%Y%m%d-%H%M%S}"
        names = (second if number == 1 else f"{second}-{number}" for number in itertools.count(1))
        run = next(name for name in names if name not in taken)
        values = [run, now, flows.__version__, collect.reader_version()]
        connection.execute(
            "INSERT INTO run (run, started, status, hedui, reader) VALUES (?, ?, 'running', ?, ?)", values
        )
    return run


def clock_notes(plan: Plan) -> tuple[dict[str, str], ...]:
    """What to tell when the last run began later than it is now by this machine's clock: one of the two is wrong."""
    with opened(plan.warehouse) as connection:
        (last,) = connection.execute("SELECT max(started) FROM run").fetchone() or (None,)
    now = datetime.now(UTC).replace(tzinfo=None)
    if not last or last - now < timedelta(minutes=1):
        return ()
    told = {
        "zh": f"时钟有误：最近一次运行记录于 {last:%Y-%m-%d %H:%M} UTC，而本机现在是 {now:%Y-%m-%d %H:%M} UTC；请校准时钟。各次运行的先后不受影响。",
        "en": f"the clock is wrong: the last run is recorded at {last:%Y-%m-%d %H:%M} UTC, now it is {now:%Y-%m-%d %H:%M} UTC here; put "
        "the clock right. The order of runs is not affected",
    }
    return (told,)


def end(plan: Plan, run: str, status: str, **numbers: int) -> None:
    """The run is completed or failed, with its numbers (columns of the table `run`); of one that failed no verdict is left."""
    columns = "".join(f", {name} = ?" for name in numbers)
    with opened(plan.warehouse) as connection, transaction(connection):
        now = datetime.now(UTC).replace(tzinfo=None)
        values = [status, now, *numbers.values(), run]
        connection.execute(f"UPDATE run SET status = ?, finished = greatest(?, started){columns} WHERE run = ?", values)
        if status != "completed":
            mending.forget(connection, run)


def settle(plan: Plan) -> None:
    """Prefect, once imported, keeps to this project: its home beside the warehouse, no telemetry, few words.

    What the user has set stays. A first start migrates Prefect's database, which takes longer than Prefect itself allows.
    Raises `NightFailed` when the warehouse's folder cannot be made, or nothing can be written there or where the site stands: said
    now, for Prefect's own server would go on trying for minutes and then fail in words of its own.
    """
    try:
        (plan.kept / ".prefect").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NightFailed(
            f"无法建立仓库所在的文件夹 {plan.kept}（{error.strerror}）；请换一个可写的位置。",
            f"the warehouse's folder {plan.kept} cannot be made ({error.strerror}); choose a place that can be written",
            2,
        ) from error
    for folder in (plan.kept, plan.site.absolute().parent):
        _try(next(one for one in (folder, *folder.parents) if one.exists()), plan)
    for name, value in {"PREFECT_HOME": str(plan.kept / ".prefect"), **PREFECT}.items():
        os.environ.setdefault(name, value)


def _try(folder: Path, plan: Plan) -> None:
    """Something can be written into `folder`. Raises `NightFailed` when it cannot."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"0")
    except OSError as error:
        raise trouble.failure(OSError(error.errno, error.strerror, str(folder)), plan) from error
