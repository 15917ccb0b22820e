"""The warehouse's file: one process writes to it, or several read it. Whoever finds it held waits a little, then says by whom."""

from __future__ import annotations

import glob
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows.sql import literal

PATIENCE = 20.0
"""Seconds that a night waits for its file: a query of somebody who has opened it, a process of a killed run that is about to end."""
BRIEFLY = 2.0
"""Seconds that everybody else waits."""
_PAUSE = 0.25
_HELD = re.compile(r"held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has the file open, as far as DuckDB knows it; "" and 0 where it does not."""

    program: str
    pid: int

    def __str__(self) -> str:
        return f"{Path(self.program).name or '?'}, PID {self.pid or '?'}"


def connect(path: Path, read_only: bool = False, patience: float | None = None) -> duckdb.DuckDBPyConnection:
    """The file, opened; while another process holds it, after at most `patience` seconds (as a rule `PATIENCE`, `BRIEFLY` for
    reading). Raises duckdb.Error."""
    wait = patience if patience is not None else BRIEFLY if read_only else PATIENCE
    deadline = time.monotonic() + wait
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only)
        except duckdb.IOException as error:
            if holder(error) is None or time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE)


def put_aside(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """What DuckDB puts on disk when memory is short goes into a folder of this process alone, beside the file at `path`.

    Of itself it writes to the same names beside the file from every process that reads it, each over what the others have put there:
    what comes back is wrong, ends the query or the process.
    """
    connection.execute(f"SET temp_directory = {literal(f'{path}.tmp-{os.getpid()}')}")


def left_aside(path: Path) -> list[Path]:
    """The folders of what was put aside beside the file at `path`: a process that ends takes its own away, unless it is killed."""
    name = glob.escape(path.name)
    return [*path.parent.glob(f"{name}.tmp"), *path.parent.glob(f"{name}.tmp-*")]


def holder(error: BaseException) -> Holder | None:
    """Who holds the file, when `error` is DuckDB's that somebody does."""
    if not isinstance(error, duckdb.IOException) or "Could not set lock" not in str(error):
        return None
    found = _HELD.search(str(error))
    return Holder(found["program"], int(found["pid"])) if found else Holder("", 0)
